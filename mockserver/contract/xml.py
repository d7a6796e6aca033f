"""
JSON values as XML, both ways, by the `xml` keywords of a schema.

The rules are those of OpenAPI's XML Object: 3.1.1 for `name`, `attribute`,
`wrapped`, `namespace` and `prefix`; 3.2.0 for `nodeType`, which says the same
and more. Reading is by local name: a client that leaves a namespace out meant
the same thing, and validation is about the values.

Documents with a DTD are refused before they are read: entities that expand to
gigabytes, or to a local file, come in one (defusedxml).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mockserver.contract.encoded import Misread
from mockserver.contract.shapes import Judge, Shape, scalar
from mockserver.exchange import MISSING, Json

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_DEEPEST = 200


# --------------------------------------------------------------------------------------- the XML Object


@lru_cache(maxsize=2048)
def _words(shape: Shape) -> dict[str, Any]:
    """The XML Object of a schema: its own before a referenced one's."""
    for face in shape.faces:
        if isinstance(face.get("xml"), dict):
            return dict(face["xml"])
    return {}


@lru_cache(maxsize=2048)
def _node_type(shape: Shape) -> str:
    """OpenAPI 3.2.0, `nodeType`, also where it is said in 3.1's words."""
    words = _words(shape)
    if isinstance(words.get("nodeType"), str):
        return str(words["nodeType"])
    if words.get("attribute") is True:
        return "attribute"
    if _is_array(shape):
        return "element" if words.get("wrapped") is True else "none"
    return "element"


def _is_array(shape: Shape) -> bool:
    return shape.typed and "array" in shape.kinds and "object" not in shape.kinds


def _name(shape: Shape, fallback: str) -> str:
    name = _words(shape).get("name")
    return name if isinstance(name, str) and name else fallback


def root_name(shape: Shape, fallback: str = "root") -> str:
    """Return what the root element is called: `xml.name`, the component's name, or *fallback*."""
    reference = shape.node.get("$ref") if isinstance(shape.node, dict) else None
    component = reference.rpartition("/")[2] if isinstance(reference, str) else ""
    return _name(shape, component or fallback)


# ------------------------------------------------------------------------------------------------ reading


def read_xml(raw: bytes, shape: Shape, judge: Judge | None = None, most: int | None = None) -> Json:
    """
    Return the JSON value that the XML document *raw* is, typed by *shape*.

    Elements and attributes that the schema does not name are kept, for it to refuse or to take. An array of
    which no element is there is absent, unless it is required: then it is empty. Where only text is
    described, and not as XML, what is no element with a text in it is that text, tags and all.

    Raises:
        Misread: It is not well-formed, has a DTD, is nested too deeply, holds over *most* elements and
            attributes, or its root has another name than the schema's `xml.name`.
    """
    plain = shape.typed and shape.kinds <= {"string", "null"} and not _words(shape)
    try:
        element = fromstring(raw, forbid_dtd=True)
    except DefusedXmlException:
        raise Misread("The body has a document type declaration, which is not read.") from None
    except (ParseError, ValueError, LookupError) as error:
        with suppress(UnicodeDecodeError):
            if plain:
                return raw.decode()
        raise Misread(f"The body is not XML: {error}.") from None
    if plain and len(element):
        return raw.decode(errors="replace")
    if most is not None and sum(1 + len(one.attrib) for one in element.iter()) > most:
        raise Misread(f"The body holds over {most} elements and attributes (--max-values).", "maxValues")
    wanted = _words(shape).get("name")
    if isinstance(wanted, str) and wanted and _local(element.tag) != wanted:
        raise Misread(f"The root element is <{_local(element.tag)}>; <{wanted}> is expected.", "xml")
    return _Reading(judge).value(element, shape, 0)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


class _Reading:
    def __init__(self, judge: Judge | None) -> None:
        self._judge = judge

    def value(self, element: Element, shape: Shape, depth: int) -> Json:
        if depth > _DEEPEST:
            raise Misread(f"The XML is nested more than {_DEEPEST} levels deep.", "depth")
        if element.get(f"{{{_XSI}}}nil") in ("true", "1"):
            return None
        if not shape.typed:
            return self._loose(element, depth)
        if _is_array(shape):
            return [self.value(child, shape.item(index), depth + 1) for index, child in enumerate(element)]
        if "object" in shape.kinds and (len(element) or element.attrib or shape.kinds <= {"object", "null"}):
            return self._object(element, shape, depth)
        return self._text(element.text or "", shape)

    def _text(self, text: str, shape: Shape) -> Json:
        read = scalar(shape, self._judge)
        return read(text if "string" in shape.kinds else text.strip())

    def _object(self, element: Element, shape: Shape, depth: int) -> dict[str, Json]:
        children: dict[str, list[Element]] = {}
        for child in element:
            children.setdefault(_local(child.tag), []).append(child)
        attributes = {
            _local(name): text for name, text in element.attrib.items() if not name.startswith(f"{{{_XSI}}}")
        }
        found: dict[str, Json] = {}
        for name in shape.names:
            inner = shape.named(name)
            value = self._property(name, inner, element, children, attributes, depth)
            if (
                value is MISSING
                and _node_type(inner) == "none"
                and _is_array(inner)
                and _requires(shape, name)
            ):
                value = []
            if value is not MISSING:
                found[name] = value
        for name, text in attributes.items():
            found.setdefault(name, self._text(text, shape.named(name)))
        for name, several in children.items():
            values = [self.value(child, shape.named(name), depth + 1) for child in several]
            found.setdefault(name, values[0] if len(values) == 1 else values)
        return found

    def _property(
        self,
        name: str,
        shape: Shape,
        element: Element,
        children: dict[str, list[Element]],
        attributes: dict[str, str],
        depth: int,
    ) -> Json:
        """Read one declared property, taking what it is read from out of *children* and *attributes*."""
        kind = _node_type(shape)
        if kind == "attribute":
            text = attributes.pop(_name(shape, name), None)
            return MISSING if text is None else self._text(text, shape)
        if kind in ("text", "cdata"):
            return self._text(element.text or "", shape)
        if _is_array(shape) and kind == "none":
            several = children.pop(_name(shape.item(0), name), None)
            if several is None:
                return MISSING
            return [self.value(child, shape.item(index), depth + 1) for index, child in enumerate(several)]
        if kind == "none":
            return self._object_without_element(shape, element, children, attributes, depth)
        several = children.pop(_name(shape, name), None)
        if several is None:
            return MISSING
        values = [self.value(child, shape, depth + 1) for child in several]
        return values[0] if len(values) == 1 else values

    def _object_without_element(
        self,
        shape: Shape,
        element: Element,
        children: dict[str, list[Element]],
        attributes: dict[str, str],
        depth: int,
    ) -> Json:
        """nodeType "none": the properties stand directly under the parent."""
        found = {}
        for name in shape.names:
            value = self._property(name, shape.named(name), element, children, attributes, depth)
            if value is not MISSING:
                found[name] = value
        return found or MISSING

    def _loose(self, element: Element, depth: int) -> Json:
        """An element that no schema describes: an object of what is in it, or its text."""
        if not len(element):
            return element.text or ""
        found: dict[str, Json] = {}
        for child in element:
            name, value = _local(child.tag), self.value(child, Shape({}), depth + 1)
            if name in found:
                before = found[name]
                found[name] = [*before, value] if isinstance(before, list) else [before, value]
            else:
                found[name] = value
        return found


def _requires(shape: Shape, name: str) -> bool:
    return any(name in (face.get("required") or ()) for face in shape.faces)


# ------------------------------------------------------------------------------------------------ writing


def escape(text: str) -> str:
    """Return *text* as content of an element (XML 1.0, 2.4). xml.sax.saxutils imports urllib for that."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def quoteattr(text: str) -> str:
    """Return *text* as an attribute's value in quotes (XML 1.0, 3.3.3: line ends and tabs need escaping)."""
    made = escape(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return f'"{made}"'


def write_xml(value: Json, shape: Shape, name: str = "root") -> bytes:
    """
    Return *value* as an XML document in UTF-8; *name* is the root element's where the schema gives none.

    Null is written as an empty element with xsi:nil="true" (XML Schema Part 1, 2.6.2). In names
    that are no XML names (a map's keys may be anything) the bad characters are replaced by "_".
    """
    out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    root = root_name(shape, name)
    if _is_array(shape):
        item = shape.item(0)
        inner = "".join(
            _element(one, shape.item(index), _name(item, "item")) for index, one in enumerate(value or ())
        )
        out.append(_wrapped(root, inner, _namespace(shape)))
    else:
        out.append(_element(value, shape, root))
    return "".join(out).encode("utf-8", "replace")


def _namespace(shape: Shape) -> tuple[str, str]:
    """(prefix, uri), each "" where the schema does not say."""
    words = _words(shape)
    prefix, uri = words.get("prefix"), words.get("namespace")
    return prefix if isinstance(prefix, str) else "", uri if isinstance(uri, str) else ""


def _qualified(name: str, namespace: tuple[str, str]) -> tuple[str, str]:
    """The qualified name and the declaration that it needs."""
    prefix, uri = namespace
    name = _clean(name)
    if prefix:
        return f"{prefix}:{name}", f" xmlns:{prefix}={quoteattr(uri)}" if uri else ""
    return name, f" xmlns={quoteattr(uri)}" if uri else ""


def _clean(name: str) -> str:
    made = "".join(char if char.isalnum() or char in "_-.:" else "_" for char in name)
    return made if made[:1].isalpha() or made[:1] == "_" else f"_{made}"


def _wrapped(name: str, inner: str, namespace: tuple[str, str], attributes: str = "") -> str:
    tag, declaration = _qualified(name, namespace)
    return (
        f"<{tag}{declaration}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{declaration}{attributes}/>"
    )


def _element(value: Json, shape: Shape, name: str) -> str:
    namespace = _namespace(shape)
    if value is None:
        return _wrapped(name, "", namespace, f' xmlns:xsi="{_XSI}" xsi:nil="true"')
    if isinstance(value, list):
        return "".join(
            _element(item, shape.item(index), _name(shape.item(index), name))
            for index, item in enumerate(value)
        )
    if not isinstance(value, dict):
        return _wrapped(name, escape(_text(value)), namespace)
    attributes: list[str] = []
    inner: list[str] = []
    for key, item in value.items():
        for kind, text in _member(key, item, shape.named(key)):
            (attributes if kind == "attribute" else inner).append(text)
    return _wrapped(name, "".join(inner), namespace, "".join(attributes))


def _member(key: str, value: Json, shape: Shape) -> Iterator[tuple[str, str]]:
    """The pieces that one property adds to its parent: ("attribute" or "content", text)."""
    kind = _node_type(shape)
    if kind == "attribute":
        if value is not None:
            tag, declaration = _qualified(_name(shape, key), _namespace(shape))
            yield (
                "attribute",
                f"{declaration if _namespace(shape)[0] else ''} {tag}={quoteattr(_text(value))}",
            )
    elif kind in ("text", "cdata"):
        text = _text(value)
        yield (
            "content",
            escape(text) if kind == "text" else f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>",
        )
    elif isinstance(value, list):
        # Without a name of their own the items of a wrapped array are called as the array is (3.1.1).
        fallback = key if kind == "none" else _name(shape, key)
        items = [(item, shape.item(index)) for index, item in enumerate(value)]
        inner = "".join(
            _element(item, inner_shape, _name(inner_shape, fallback)) for item, inner_shape in items
        )
        yield "content", inner if kind == "none" else _wrapped(_name(shape, key), inner, _namespace(shape))
    elif kind == "none" and isinstance(value, dict):
        for name, item_value in value.items():
            yield from _member(name, item_value, shape.named(name))
    else:
        yield "content", _element(value, shape, _name(shape, key))


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    # XML 1.0, 2.2: most control characters cannot be written at all, not even escaped.
    return "".join(char for char in str(value) if char in "\t\n\r" or char >= " ")
