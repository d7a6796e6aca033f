"""
Fit what a client sends to what a thing is shown as.

Requests and answers have schemas of their own: who sends `"labels": ["bug"]` may read
`"labels": [{"id": 7, "name": "bug"}]`, and who sends `"owner": "ann"` an object with
that login. What says the same is kept; what says nothing there is left out.
"""

from __future__ import annotations

from mockserver.behavior.envelopes import LISTS, is_list
from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

_NAMING = ("login", "username", "name", "slug", "code", "title", "label", "value", "key", "id", "uuid")
_DEPTH = 6


def adapted(shape: Shape, value: Json, depth: int = _DEPTH) -> Json:
    """Return *value* as *shape* would have it, as kinds tell; `MISSING` where it says nothing there."""
    kinds, kind = shape.kinds, _kind(value)
    if not depth or not shape.typed:
        return value
    if kind in kinds or (kind == "integer" and "number" in kinds):
        return _inside(shape, value, depth)
    if "array" in kinds and value is not None:
        inner = adapted(shape.item(0), value, depth - 1)
        return MISSING if inner is MISSING else [inner]
    if "object" in kinds and kind in ("string", "integer"):
        return _named(shape, value, kind)
    if "object" in kinds and kind == "array":
        return _paged(shape, value, depth)
    if kind == "object":
        name = next((name for name in _NAMING if _kind(value.get(name)) in kinds), "")
        return value[name] if name else MISSING
    if "string" in kinds and kind in ("integer", "number"):
        return str(value)
    if kind == "string" and "integer" in kinds and value.isascii() and value.removeprefix("-").isdecimal():
        return int(value)
    return MISSING


def _inside(shape: Shape, value: Json, depth: int) -> Json:
    if isinstance(value, dict):
        known = set(shape.names)
        parts = {
            name: adapted(shape.named(name), child, depth - 1) if name in known else child
            for name, child in value.items()
        }
        return {name: child for name, child in parts.items() if child is not MISSING}
    if isinstance(value, list):
        items = (adapted(shape.item(at), child, depth - 1) for at, child in enumerate(value))
        return [child for child in items if child is not MISSING]
    return value


def _paged(shape: Shape, value: Json, depth: int) -> Json:
    """Return the page of *shape* that shows the list *value*: `{"data": [...]}`."""
    lists = [name for name in shape.names if is_list(shape.named(name)) and plain(name) in LISTS]
    if len(lists) != 1:
        return MISSING
    return {lists[0]: _inside(shape.named(lists[0]), value, depth - 1)}


def _named(shape: Shape, value: Json, kind: str) -> Json:
    """Return the object of *shape* that *value* is the name or key of."""
    wanted = reversed(_NAMING) if kind == "integer" else _NAMING
    names = set(shape.names)
    name = next((one for one in wanted if one in names and kind in shape.named(one).kinds), "")
    return {name: value} if name else MISSING


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "integer" if isinstance(value, int) else "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
