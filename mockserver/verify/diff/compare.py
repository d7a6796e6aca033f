"""
Find which operations of two contracts are the same one, and compare them.

Operations are the same when method and path are, whatever the path's parameters are called (they are no part
of a URL) and however the path is divided between a server's base path and its template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mockserver.contract.model import Contract, Operation, Route
from mockserver.exchange import MISSING, Place
from mockserver.verify.diff.changes import Change, Difference, Notes
from mockserver.verify.diff.operations import Operations, sunset_of, today
from mockserver.verify.diff.security import schemes

Key = tuple[str, str]
"""Method, and the path with "{}" for each parameter."""


def compare(old: Contract, new: Contract) -> Difference:
    """
    Return what changed from *old* to *new*, the gravest first, in the order of the contracts.

    Lines are not looked up: `Contract.located` does that for the changes that are shown.
    """
    difference = Difference(old, new)
    operations = Operations(old, new)
    whole = Notes("", "")
    pairs, moved = _paired(old, new)
    if moved:
        _bases(whole, old, new)
    schemes(whole, old, new)
    difference.changes.extend(whole.changes)
    shapes = {_shape(route.template) for route in new.routes}
    matched = {id(one) for pair in pairs for one in pair}
    for route in old.routes:
        if id(route) not in matched:
            difference.changes.extend(_removed(old, new, route, shapes))
    for before, after in pairs:
        notes = _notes(old.operations[before.id], after)
        operations.operation(notes, old.operations[before.id], new.operations[after.id])
        difference.changes.extend(notes.changes)
    for route in new.routes:
        if id(route) not in matched:
            notes = Notes(route.id, _title(route))
            notes.about("operation-added", "it is new", _paths(old), route.place)
            difference.changes.extend(notes.changes)
    difference.changes.extend(_webhooks(old, new, operations))
    difference.sort()
    return difference


def _title(route: Route) -> str:
    return f"{route.method} {route.template}"


def _notes(before: Operation, after: Route) -> Notes:
    return Notes(before.id, _title(after))


def _shape(template: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", template)


def _paths(contract: Contract) -> Place:
    place = Place(contract.file, "/paths")
    return Place(contract.file, "") if contract.schemas.documents.at(place) is MISSING else place


# ---------------------------------------------------------------------------------------------------- paths


def _paired(old: Contract, new: Contract) -> tuple[list[tuple[Route, Route]], bool]:
    """Return the routes that are the same, and whether the base paths are others for any of them."""
    whole = len(old.bases) <= 1 and len(new.bases) <= 1
    bases = (next(iter(old.bases), ""), next(iter(new.bases), "")) if whole else ("", "")
    if old.bases == new.bases:
        bases = ("", "")
    pairs = _by_key(old.routes, new.routes, *bases)
    moved = not whole and set(old.bases) != set(new.bases)
    if bases != ("", ""):
        done = {id(one) for pair in pairs for one in pair}
        rest = [[route for route in side.routes if id(route) not in done] for side in (old, new)]
        more = _by_key(rest[0], rest[1], "", "")
        moved = bool(more)
        pairs += more
    order = {id(route): index for index, route in enumerate(old.routes)}
    return sorted(pairs, key=lambda pair: order[id(pair[0])]), moved


def _by_key(old: Iterable[Route], new: Iterable[Route], before: str, after: str) -> list[tuple[Route, Route]]:
    """Match routes by method and shape below the base paths; of several with one shape, by name first."""
    offered: dict[Key, list[Route]] = {}
    for route in new:
        offered.setdefault((route.method, _shape(after + route.template)), []).append(route)
    pairs: list[tuple[Route, Route]] = []
    for exact in (True, False):
        found = {id(one) for one, _ in pairs}
        for route in old:
            if id(route) in found:
                continue
            here = offered.get((route.method, _shape(before + route.template)), [])
            names = before + route.template
            twin = next((one for one in here if not exact or after + one.template == names), None)
            if twin is not None:
                here.remove(twin)
                pairs.append((route, twin))
    return pairs


def _removed(old: Contract, new: Contract, route: Route, shapes: set[str]) -> Iterable[Change]:
    operation = old.operations[route.id]
    notes = Notes(route.id, _title(route))
    ends = sunset_of(operation)
    if operation.deprecated and ends is not None and ends <= today():
        said = f"it was removed, as was announced for {ends}"
        notes.about("operation-removed-after-sunset", said, route.place, _paths(new))
    elif _shape(route.template) in shapes:
        beside = next(one for one in new.routes if _shape(one.template) == _shape(route.template))
        notes.about("operation-removed", "it was removed", route.place, beside.place)
    else:
        notes.about("path-removed", "its path was removed", route.place, _paths(new))
    return notes.changes


def _bases(notes: Notes, old: Contract, new: Contract) -> None:
    """Note which base paths the servers lost and gained."""
    before, after = old.bases or ("/",), new.bases or ("/",)
    places = (_servers(old), _servers(new))
    for base in before:
        if base not in after:
            notes.about("server-base-path-removed", f"no server has the base path {base} any more", *places)
    for base in after:
        if base not in before:
            notes.about("server-base-path-added", f"a server has the base path {base} now", *places)


def _servers(contract: Contract) -> Place:
    for pointer in ("/servers", "/basePath"):
        place = Place(contract.file, pointer)
        if contract.schemas.documents.at(place) is not MISSING:
            return place
    return Place(contract.file, "")


# ------------------------------------------------------------------------------------------------- webhooks


def _webhooks(old: Contract, new: Contract, operations: Operations) -> Iterable[Change]:
    before, after = _hooks(old), _hooks(new)
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        title = f"webhook {key[1]}"
        if one is not None and other is not None:
            notes = Notes(one.id, title)
            operations.webhook(notes, one, other)
        elif one is not None:
            notes = Notes(one.id, title)
            notes.about("webhook-removed", "it is no longer sent", one.place, _hooks_place(new))
        else:
            assert other is not None
            notes = Notes(other.id, title)
            notes.about("webhook-added", "it is new", _hooks_place(old), other.place)
        yield from notes.changes


def _hooks(contract: Contract) -> Mapping[Key, Operation]:
    found = (contract.webhooks[name] for name in contract.webhooks)
    return {(hook.method, hook.route.template): hook for hook in found}


def _hooks_place(contract: Contract) -> Place:
    place = Place(contract.file, "/webhooks")
    return Place(contract.file, "") if contract.schemas.documents.at(place) is MISSING else place
