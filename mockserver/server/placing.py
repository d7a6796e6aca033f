"""
Give a made-up thing the keys under which it was asked for, and what was sent of it.

What is remembered knows its own. But an answer that is only made up (`--stateless`,
`dynamic=true`, an operation that no collection stands behind) would tell of thing
3923 who asks for /things/7, and of another day than the one a ticket was booked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from mockserver.contract.shapes import Shape
from mockserver.exchange import Json

KEYS = frozenset(("id", "uuid", "guid", "key", "slug", "name"))
"""What the key of anything is called: in a list each has its own, whatever is asked for by that name."""
SHOWING = frozenset(("example", "examples", "default", "const", "enum"))
"""Keywords by which the contract itself says what stands in a member."""


def placed(value: Json, path: Mapping[str, Json], shape: Shape, accepts: Callable[[Json], bool]) -> Json:
    """
    Return *value* with the members that are called as the parameters of the path set to what was asked for.

    Args:
        value: A made-up body: an object, a list of them, or an object around one.
        path: The parameters, in their order: the last one is the `id` of an object that has no such member.
        shape: Of the body's schema. A member that it has examples of stays as it is.
        accepts: Tells whether a whole body is valid.
    """
    if not path:
        return value
    changed = _placed(value, path, shape, deep=True)
    return changed if changed is not value and accepts(changed) else value


def echoed(value: Json, sent: Json, shape: Shape, accepts: Callable[[Json], bool]) -> Json:
    """
    Return *value*, the made-up answer to a request, with what was *sent* under the same names.

    Args:
        value: A made-up body: an object, or an object around one.
        sent: The body of the request; only an object is told again.
        shape: Of the answer's schema. A member that it has examples of stays as it is.
        accepts: Tells whether a whole answer is valid.
    """
    if not isinstance(value, dict) or not isinstance(sent, dict):
        return value
    names = [name for name in value if name in sent and type(sent[name]) is type(value[name])]
    found = {name: sent[name] for name in names if not _shown(shape.named(name))}
    inside = [name for name, part in value.items() if isinstance(part, dict)]
    if not names and len(inside) == 1:
        name, inner = inside[0], shape.named(inside[0])
        part = echoed(value[name], sent, inner, lambda part: accepts({**value, name: part}))
        return {**value, name: part}
    if accepts({**value, **found}):
        return {**value, **found}
    for name, one in found.items():
        if accepts({**value, name: one}):
            value = {**value, name: one}
    return value


def _shown(shape: Shape) -> bool:
    return any(SHOWING - {"enum", "default"} & face.keys() for face in shape.faces)


def _placed(value: Json, path: Mapping[str, Json], shape: Shape, *, deep: bool) -> Json:
    if isinstance(value, list):
        parents = {name: one for name, one in path.items() if bare(name) not in KEYS}  # these are its items'
        changed = [_set(one, parents, shape.item(at), own="") for at, one in enumerate(value)]
        return changed if any(new is not one for new, one in zip(changed, value, strict=True)) else value
    if not isinstance(value, dict):
        return value
    changed_here = _set(value, path, shape, own=list(path)[-1])
    if changed_here is not value or not deep or "id" in value:
        return changed_here
    inside = [name for name, part in value.items() if isinstance(part, (dict, list))]
    if len(inside) == 1:
        name = inside[0]
        part = _placed(value[name], path, shape.named(name), deep=False)
        return value if part is value[name] else {**value, name: part}
    return changed_here


def _set(value: Json, path: Mapping[str, Json], shape: Shape, *, own: str) -> Json:
    """Return *value*, an object, with its members set; *own* is the parameter that is its `id`."""
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for parameter, name in _members(tuple(value), tuple(path), own):
        if any(SHOWING & face.keys() for face in shape.named(name).faces):
            continue
        asked, there = path[parameter], value[name]
        new = str(asked) if isinstance(there, str) and isinstance(asked, int) else asked
        if type(new) is type(there) and isinstance(new, (str, int)):
            found[name] = new
    return {**value, **found} if any(value[name] != new for name, new in found.items()) else value


@lru_cache(maxsize=1_024)
def _members(names: tuple[str, ...], parameters: tuple[str, ...], own: str) -> list[tuple[str, str]]:
    """Return the parameters of a path, each with that of *names* that is called as it is."""
    spoken = {bare(name): name for name in names}
    found = []
    for parameter in parameters:
        name = spoken.get(bare(parameter))
        if name is None and parameter == own and "id" in names and bare(parameter).endswith("id"):
            name = "id"
        if name is not None:
            found.append((parameter, name))
    return found


@lru_cache(maxsize=4_096)
def bare(name: str) -> str:
    """Return *name* in lower case, without what stands between words, in any script."""
    return "".join(char for char in name.lower() if char.isalnum())
