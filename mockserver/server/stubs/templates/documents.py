"""
Helpers for JSON and XML, and for lists.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from xml.etree import ElementTree

import orjson

from mockserver.exchange import MISSING, Json, dumps
from mockserver.server.stubs import xml_matchers
from mockserver.server.stubs.json_paths import Path, places
from mockserver.server.stubs.reading import Unfit
from mockserver.server.stubs.templates.render import Asked, Failed, Helper
from mockserver.server.stubs.templates.texts import subject
from mockserver.server.stubs.templates.values import Listed, XmlNode, items_of, plain, text_of, truthy

MOST_ITEMS = 10_000
"""Of a list that a template makes."""


def _json(value: object, helper: str) -> Json:
    """Return *value* as JSON that may be changed: parsed where it is text. Raises Failed."""
    value = plain(value)
    if not isinstance(value, str):
        return copy.deepcopy(value)
    try:
        return orjson.loads(value.encode("utf-8", "surrogateescape"))
    except ValueError as error:
        raise Failed(f"{helper}: the text is not JSON: {error}") from error


def _json_path(asked: Asked) -> object:
    value = plain(asked.first)
    if value is None or value == "":
        return asked.hash.get("default", "")
    if isinstance(value, str):
        value = _json(value, "jsonPath")
    try:
        found = Path(asked.text(1)).read(value)
    except Unfit as error:
        raise Failed(f"jsonPath: {error.detail}") from error
    return asked.hash.get("default") if found is MISSING or found is None else found


def _parse_json(asked: Asked) -> object:
    if asked.block:
        value, name = _json(asked.body(), "parseJson"), asked.param(0)
    else:
        value, name = _json(asked.first, "parseJson"), asked.param(1)
    if name is None:
        return value
    asked.assign(text_of(name), value)
    return None


def pretty(value: Json, indent: str = "") -> str:
    """Return JSON as Jackson's default printer has it, which is what WireMock's helpers print."""
    inner = indent + "  "
    if isinstance(value, dict):
        lines = [f"{inner}{dumps(str(key)).decode()} : {pretty(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}" if lines else "{ }"
    if isinstance(value, list):
        return f"[ {', '.join(pretty(item, indent) for item in value)} ]" if value else "[ ]"
    return dumps(value).decode()


def _to_json(asked: Asked) -> object:
    return pretty(plain(asked.first))


def _format_json(asked: Asked) -> object:
    value = _json(subject(asked), "formatJson")
    return dumps(value).decode() if asked.hash.get("format") == "compact" else pretty(value)


def _second(asked: Asked, helper: str) -> Json:
    return _json(asked.body() if asked.block else asked.param(1), helper)


def _json_merge(asked: Asked) -> object:
    one, other = _json(asked.first, "jsonMerge"), _second(asked, "jsonMerge")
    if not isinstance(one, dict) or not isinstance(other, dict):
        raise Failed("jsonMerge: expected two JSON objects")
    return _merged(one, other, truthy(asked.hash.get("removeNulls")))


def _merged(one: dict[str, Json], other: dict[str, Json], drop: bool) -> dict[str, Json]:
    made = dict(one)
    for key, value in other.items():
        if drop and value is None:
            made.pop(key, None)
        elif isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = _merged(made[key], value, drop)
        else:
            made[key] = value
    return made


def _json_array_add(asked: Asked) -> object:
    items, item = _json(asked.first, "jsonArrayAdd"), _second(asked, "jsonArrayAdd")
    where = items
    if "jsonPath" in asked.hash:
        where = Path(text_of(asked.hash["jsonPath"])).read(items)
    if not isinstance(where, list):
        raise Failed("jsonArrayAdd: expected a JSON array")
    where.extend(item if truthy(asked.hash.get("flatten")) and isinstance(item, list) else [item])
    if "maxItems" in asked.hash:
        del where[: max(len(where) - int(text_of(asked.hash["maxItems"])), 0)]
    return items


def _json_remove(asked: Asked) -> object:
    value = _json(asked.first, "jsonRemove")
    found = places(asked.text(1), value)
    for parts in sorted(found, key=lambda parts: [str(part) for part in parts], reverse=True):
        within = value
        for part in parts[:-1]:
            within = within[part]
        if parts:
            del within[parts[-1]]
    return value


def _json_sort(asked: Asked) -> object:
    items = _json(asked.first, "jsonSort")
    path = Path(asked.text(1).replace("$[*]", "$", 1) if len(asked.params) > 1 else "$")

    def key(item: Json) -> tuple[str, Json]:
        found = path.read(item)
        return type(found).__name__.replace("float", "int"), found if isinstance(
            found, (int, float, str)
        ) else 0

    if not isinstance(items, list):
        raise Failed("jsonSort: expected a JSON array")
    return sorted(items, key=key, reverse=asked.hash.get("order") == "desc")


def _xpath(asked: Asked) -> object:
    return _nodes(asked.text(0), asked.text(1))


def _soap_xpath(asked: Asked) -> object:
    return _nodes(asked.text(0), "/Envelope/Body" + asked.text(1))


def _nodes(text: str, expression: str) -> object:
    found = xml_matchers.texts_at(text, expression)
    if len(found) == 1 and not found[0].startswith("<"):
        return found[0]
    nodes = [_node(item) for item in found]
    return nodes[0] if len(nodes) == 1 else nodes or None


def _node(item: str) -> object:
    root = xml_matchers.parsed(item) if item.startswith("<") else None
    if root is None:
        return item
    return XmlNode(item, root.tag, "".join(root.itertext()), dict(root.attrib))


def _format_xml(asked: Asked) -> object:
    root = xml_matchers.parsed(subject(asked).strip())
    if root is None:
        raise Failed("formatXml: the text is not XML")
    for element in root.iter():
        element.text = (element.text or "").strip() or None
        element.tail = (element.tail or "").strip() or None
    if asked.hash.get("format") != "compact":
        ElementTree.indent(root, "    ")
    return ElementTree.tostring(root, encoding="unicode")


# ------------------------------------------------------------------ lists


def _array(asked: Asked) -> object:
    return Listed(asked.params)


def _range(asked: Asked) -> object:
    start, end = int(text_of(asked.param(0, 0))), int(text_of(asked.param(1, 0)))
    if end - start >= MOST_ITEMS:
        raise Failed(f"range: more than {MOST_ITEMS} numbers")
    return Listed(range(start, end + 1))


def _list(asked: Asked) -> list[object]:
    items = items_of(asked.first)
    if items is None:
        raise Failed("expected a list as the first parameter")
    return list(items)


def _position(asked: Asked, end: int) -> int:
    where = asked.hash.get("position", "end")
    if where in ("start", "end"):
        return 0 if where == "start" else end
    index = int(text_of(where))
    if not 0 <= index <= end:
        raise Failed(f"position {index} is not within the list")
    return index


def _array_add(asked: Asked) -> object:
    items = _list(asked)
    items.insert(_position(asked, len(items)), asked.param(1))
    return Listed(items)


def _array_remove(asked: Asked) -> object:
    items = _list(asked)
    if items:
        del items[_position(asked, len(items) - 1)]
    return Listed(items)


def _array_join(asked: Asked) -> object:
    given = asked.params[1:]
    first = items_of(given[0]) if len(given) == 1 and not isinstance(given[0], str) else None
    items = first if first is not None else given
    texts = [asked.body(item, same=False) if asked.block else text_of(item) for item in items]
    made = asked.text(0).join(texts)
    return f"{text_of(asked.hash.get('prefix', ''))}{made}{text_of(asked.hash.get('suffix', ''))}"


DOCUMENTS: Mapping[str, Helper] = {
    "jsonPath": _json_path,
    "parseJson": _parse_json,
    "toJson": _to_json,
    "formatJson": _format_json,
    "jsonMerge": _json_merge,
    "jsonArrayAdd": _json_array_add,
    "jsonRemove": _json_remove,
    "jsonSort": _json_sort,
    "xPath": _xpath,
    "soapXPath": _soap_xpath,
    "formatXml": _format_xml,
    "array": _array,
    "range": _range,
    "arrayAdd": _array_add,
    "arrayRemove": _array_remove,
    "arrayJoin": _array_join,
}
