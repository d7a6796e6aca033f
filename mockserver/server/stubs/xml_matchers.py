"""
Matchers for XML: equal but for spelling (XMLUnit), and by XPath.

Read with defusedxml: a request must not make us fetch an entity, or expand a billion.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from mockserver.exchange import Json
from mockserver.server.stubs import moments
from mockserver.server.stubs.matchers import Absent, Matcher, Now, operand, said
from mockserver.server.stubs.reading import Doc, Unfit
from mockserver.server.stubs.regexes import Pattern

COMPARISONS = (
    *("ELEMENT_TAG_NAME", "SCHEMA_LOCATION", "NO_NAMESPACE_SCHEMA_LOCATION", "NODE_TYPE", "NAMESPACE_URI"),
    *("TEXT_VALUE", "PROCESSING_INSTRUCTION_TARGET", "PROCESSING_INSTRUCTION_DATA", "NAMESPACE_PREFIX"),
    *("ELEMENT_NUM_ATTRIBUTES", "ATTR_VALUE", "CHILD_NODELIST_LENGTH", "CHILD_LOOKUP", "ATTR_NAME_LOOKUP"),
    *("ATTR_VALUE_EXPLICITLY_SPECIFIED", "CHILD_NODELIST_SEQUENCE", "XML_VERSION", "XML_STANDALONE"),
    *("XML_ENCODING", "HAS_DOCTYPE_DECLARATION", "DOCTYPE_NAME", "DOCTYPE_PUBLIC_ID", "DOCTYPE_SYSTEM_ID"),
)
"""What `exemptedComparisons` may name."""


def parsed(text: str) -> Element | None:
    """Return the root of an XML document, None where it is none or not to be trusted."""
    try:
        return fromstring(text.encode("utf-8", "surrogateescape"), forbid_dtd=False)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        return None


class EqualToXml(Matcher):
    """
    The same XML, whatever its spelling, prefixes, order of attributes and of differently named elements.

    Raises:
        Unfit: What is expected is no XML, or an option says what nobody knows.
    """

    def __init__(self, doc: Doc, name: str) -> None:
        text = operand(doc, name)
        super().__init__(name, text)
        root = parsed(text)
        if root is None:
            raise doc.unfit(name, "the text is not XML")
        self._root = root
        self._exempt = frozenset(str(item) for item, _ in doc.list("exemptedComparisons"))
        if unknown := sorted(self._exempt - set(COMPARISONS)):
            known = ", ".join(COMPARISONS)
            raise doc.unfit("exemptedComparisons", f"{unknown[0]!r} is no comparison; there are {known}")
        self._by_text = doc.flag("ignoreOrderOfSameNode")
        awareness = doc.text("namespaceAwareness") or "STRICT"
        if awareness not in ("STRICT", "LEGACY", "NONE"):
            raise doc.unfit("namespaceAwareness", f"{awareness!r}: expected STRICT, LEGACY or NONE")
        self._spaces = awareness == "STRICT" and "NAMESPACE_URI" not in self._exempt
        self._placeholder: Pattern | None = None
        if doc.flag("enablePlaceholders"):
            opening = doc.text("placeholderOpeningDelimiterRegex") or r"\$\{"
            closing = doc.text("placeholderClosingDelimiterRegex") or r"\}"
            whole = rf"\s*{opening}\s*xmlunit\.(\w+)(?:\((.*)\))?\s*{closing}\s*"
            self._placeholder = Pattern(whole, doc.at("placeholderOpeningDelimiterRegex"))

    def fits(self, value: str | None, _now: Now, /) -> bool:
        """See Matcher."""
        root = parsed(value) if value else None
        return root is not None and self._counted(self._root, root)[1] == 0

    def distance(self, value: str | None, _now: Now, /) -> float:
        """Differing places by all places."""
        root = parsed(value) if value else None
        if root is None:
            return 1.0
        places, differing = self._counted(self._root, root)
        return min(1.0, differing / places)

    def _counted(self, wanted: Element, found: Element) -> tuple[int, int]:
        """Return how many places were compared, and how many differ."""
        places, differing = 1, 0
        if self._named(wanted) != self._named(found) and "ELEMENT_TAG_NAME" not in self._exempt:
            differing += 1
        keys = wanted.attrib.keys() | found.attrib.keys()
        for key in keys:
            places += 1
            if key not in wanted.attrib or key not in found.attrib:
                differing += "ATTR_NAME_LOOKUP" not in self._exempt
            elif "ATTR_VALUE" not in self._exempt:
                differing += not self._text_fits(wanted.attrib[key], found.attrib[key])
        places += 1
        if "TEXT_VALUE" not in self._exempt:
            differing += not self._text_fits(_own_text(wanted), _own_text(found))
        ours, theirs = self._sorted(wanted), self._sorted(found)
        if len(ours) != len(theirs) and not {"CHILD_NODELIST_LENGTH", "CHILD_LOOKUP"} <= self._exempt:
            differing += abs(len(ours) - len(theirs))
            places += abs(len(ours) - len(theirs))
        for one, other in zip(ours, theirs, strict=False):
            more, worse = self._counted(one, other)
            places, differing = places + more, differing + worse
        return places, differing

    def _named(self, element: Element) -> str:
        return element.tag if self._spaces else _local(element)

    def _sorted(self, element: Element) -> list[Element]:
        if self._by_text:
            return sorted(element, key=lambda child: (_local(child), "".join(child.itertext())))
        return sorted(element, key=_local)

    def _text_fits(self, wanted: str, found: str) -> bool:
        if self._placeholder is not None and self._placeholder.fits(wanted):
            _, (kind, rest) = self._placeholder.found(wanted) or ("", ("", ""))
            return _holds(kind, rest, found)
        return wanted.strip() == found.strip()


def _holds(kind: str, rest: str, found: str) -> bool:
    """Whether a text is what XMLUnit's placeholder stands for."""
    if kind == "ignore":
        return True
    if kind == "isNumber":
        return re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", found) is not None
    if kind == "isDateTime":
        return moments.read(found.strip(), rest) is not None
    return kind == "matchesRegex" and Pattern(rest).fits(found)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _own_text(element: Element) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)


class MatchesXPath(Matcher):
    """
    Something stands at a path; with *inner*, what stands there fits it.

    Raises:
        Unfit: The path cannot be read.
    """

    def __init__(self, expression: str, pointer: str, spaces: dict[str, str], inner: Matcher | None) -> None:
        beside = f" {said(inner)}" if inner is not None else ""
        super().__init__("matchesXPath", expression + beside)
        self._expression = expression
        self._spaces = spaces
        self.inner = inner
        try:
            _selector(expression, spaces)
        except (SyntaxError, TypeError, ValueError, KeyError) as error:
            raise Unfit(pointer, f"{expression!r} is no XPath: {error}") from error

    def fits(self, value: str | None, now: Now, /) -> bool:
        """See Matcher."""
        if self.inner is None:
            return bool(texts_at(value, self._expression, self._spaces))
        return any(self.inner.fits(text, now) for text in self.texts(value))

    def distance(self, value: str | None, now: Now, /) -> float:
        """The least of what stands there."""
        if self.inner is None:
            return super().distance(value, now)
        return min((self.inner.distance(text, now) for text in self.texts(value)), default=1.0)

    def texts(self, value: str | None) -> list[str | None]:
        """Return what stands there, as texts for *inner*."""
        texts: list[str | None] = [*texts_at(value, self._expression, self._spaces)]
        return texts or ([None] if isinstance(self.inner, Absent) else [])


def texts_at(value: str | None, expression: str, spaces: dict[str, str] | None = None) -> list[str]:
    """
    Return what stands at an XPath in an XML text: elements as XML, attributes and text as text.

    Where no namespaces are given and nothing is found, names are taken without their namespaces: a person
    who writes /order/id does not think of an xmlns at the root.
    """
    root = parsed(value) if value else None
    if root is None:
        return []
    try:
        select = _selector(expression, spaces or {})
        found = _listed(select(ElementTree.ElementTree(root)))
        if not found and not spaces:
            found = _listed(select(ElementTree.ElementTree(_bare(root))))
    except (SyntaxError, TypeError, ValueError, KeyError, ArithmeticError):
        return []
    return found


def _selector(expression: str, spaces: dict[str, str]) -> Callable[[Any], Any]:
    from elementpath import Selector, XPath2Parser

    # XPath 1.0 as its successor understands it: the library's own has "total=3" false of <total>3</total>.
    chosen = Selector(expression, namespaces=spaces or None, parser=XPath2Parser, compatibility_mode=True)
    return chosen.select


def _listed(found: Any) -> list[str]:
    if found is False or found is None:
        return []
    items = found if isinstance(found, list) else [found]
    return [_text(item) for item in items]


def _text(item: Any) -> str:
    if isinstance(item, Element):
        return ElementTree.tostring(_untailed(item), encoding="unicode")
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, float) and item.is_integer():
        return str(int(item))
    return str(item)


def _untailed(element: Element) -> Element:
    made = Element(element.tag, element.attrib)
    made.text = element.text
    made.extend(element)
    return made


def _bare(element: Element) -> Element:
    made = Element(_local(element), {key.rpartition("}")[2]: text for key, text in element.attrib.items()})
    made.text, made.tail = element.text, element.tail
    made.extend([_bare(child) for child in element])
    return made


def equal_to_xml(doc: Doc, name: str) -> Matcher:
    """Read equalToXml."""
    return EqualToXml(doc, name)


def matches_xpath(doc: Doc, name: str, inner: Callable[[Json, str], Matcher]) -> Matcher:
    """Read matchesXPath, plain or {"expression": ..., and a matcher that *inner* reads}."""
    spaces = doc.members("xPathNamespaces", lambda uri, _: str(uri))
    given = doc.value[name]
    if isinstance(given, str):
        return MatchesXPath(given, doc.at(name), spaces, None)
    within = Doc(given, doc.at(name))
    expression = within.text("expression")
    if expression is None:
        raise Unfit(doc.at(name), "expression is required in the advanced matchesXPath form")
    rest = {key: value for key, value in within.value.items() if key != "expression"}
    return MatchesXPath(expression, within.at("expression"), spaces, inner(rest, within.pointer))
