"""
What a document leaves open, done to models: where they must agree on nothing, they are made to differ.

`free` of behavior.yaml names what no rule determines in an answer. What such an
answer shows of a row that was changed is the server's choice: every model takes it
over, and it has to stay. Where the whole answer is open, so is what else the
operation did: the models beside the first are made to differ from it in just that,
so that whatever hangs on it later (a list, a count, a sum) is open by itself.

The accounts of a fixture are documents' own data too: what they say beside their
credentials is nothing that another server has to know.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from mockserver.behavior.functions import epoch
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Json

Row = Mapping[str, Any]
Change = tuple[Row | None, Row | None]
"""A row before and after; None where it was not there."""

Given = Mapping[tuple[str, Any], Mapping[tuple[str, ...], Json]]
"""Collection and key -> path in the row -> what a server shows there; `MISSING` where it shows nothing."""


def others(value: Json, shift: int, now: str) -> Json:
    """Return a value like *value* that differs from it, and from that of another *shift* where it can."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + shift
    if isinstance(value, str):
        try:
            epoch(value)
        except (BehaviorError, ValueError):
            return f"{value} {shift}"
        return now
    if isinstance(value, list):
        return [others(one, shift, now) for one in value]
    if isinstance(value, dict):
        return {name: others(one, shift, now) for name, one in value.items()}
    return value


def unlike(row: Row, key: str, shift: int, now: str) -> Row:
    """
    Return a row of which nothing but its *key* is known, as the model of *shift* has it; the first as it is.

    Smaller in some models and larger in others, or what is bounded by it would be the same in all.
    """
    if shift == 1:
        return row
    return {
        name: value if name == key or name.startswith("_") else _unlike(value, shift, now)
        for name, value in row.items()
    }


def _unlike(value: Json, shift: int, now: str) -> Json:
    if isinstance(value, bool):
        return value if shift % 2 else not value
    if isinstance(value, int):
        return value * 8 + shift if shift % 2 else value // 8
    if isinstance(value, float):
        return value * 8 + shift if shift % 2 else value / 8
    if isinstance(value, list):
        return [_unlike(one, shift, now) for one in value] if value else [f"{shift}"]
    if isinstance(value, dict):
        return {name: _unlike(one, shift, now) for name, one in value.items()} or {f"{shift}": shift}
    return f"{shift}" if value is None else others(value, shift, now)


def given(
    free: Collection[str],
    changes: Mapping[tuple[str, Any], Change],
    keys: Mapping[str, str],
    model: Json,
    server: Json,
) -> Given:
    """
    Return what an answer shows of the rows that it is about, at the places that are *free*.

    Args:
        free: Pointers into the answer; those with "*" are of lists, and say nothing of one row.
        changes: What the operation changed.
        keys: Collection -> the field that names its rows.
        model: The answer of a model that has the server's keys by now.
        server: The server's.
    """
    found: dict[tuple[str, Any], dict[tuple[str, ...], Json]] = {}
    for pointer in sorted(free):
        if pointer and (pointer[0] != "/" or "*" in pointer):
            continue
        steps = tuple(pointer.split("/")[1:])
        for (name, key), change in changes.items():
            row = change[1]
            if row is None:
                continue
            for place, path in _rows(steps, model, keys[name], key):
                mine, theirs = _at(model, place), _at(server, place)
                for inner in [path] if path else [(one,) for one in _changed(change)]:
                    shown = _at(row, inner)
                    if inner != (keys[name],) and shown is not MISSING and shown == _at(mine, inner):
                        found.setdefault((name, key), {})[inner] = _at(theirs, inner)
    return found


def _rows(
    steps: tuple[str, ...], answer: Json, named: str, key: Any
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield (where the row of *key* stands in *answer*, the rest of *steps* inside of it)."""
    for length in range(len(steps), -1, -1):
        if _names(_at(answer, steps[:length]), named, key):
            yield steps[:length], steps[length:]
            return
    if not steps and isinstance(answer, dict):  # in an envelope
        yield from (((name,), ()) for name, value in answer.items() if _names(value, named, key))


def _names(value: Json, named: str, key: Any) -> bool:
    return isinstance(value, dict) and named in value and value[named] == key


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if not isinstance(value, Mapping) or step not in value:
            return MISSING
        value = value[step]
    return value


def opened(
    change: Change, shown: Mapping[tuple[str, ...], Json], whole: bool, shift: int, now: str
) -> Row | None:
    """
    Return the row that a model has after an open change; None where it has none.

    Args:
        change: Of the row, by the rules.
        shown: What the server shows of it.
        whole: Whether all that was changed is open.
        shift: Of the model; 1 is the first, which keeps to the rules.
        now: The model's time.
    """
    before, after = change
    if whole and shift > 1 and (before is None or after is None):
        return before if not shown else _laid(after or {}, shown, shift, now)
    if after is None:
        return None
    row = dict(after)
    if whole and shift > 1:
        row.update({name: others(row[name], shift, now) for name in _changed(change) if (name,) not in shown})
    return _laid(row, shown, shift, now)


def _changed(change: Change) -> list[str]:
    """Return the fields that a change gave another value; whose a row is and the like is not open."""
    before, after = change
    return [
        name
        for name, value in (after or {}).items()
        if not name.startswith("_") and (before is None or value != before.get(name, MISSING))
    ]


def _laid(row: Row, shown: Mapping[tuple[str, ...], Json], shift: int, now: str) -> Row:
    made = copy.deepcopy(dict(row))
    for path, value in shown.items():
        holder = made
        for step in path[:-1]:
            holder = holder[step]
        last = path[-1]
        if value is not MISSING:
            holder[last] = copy.deepcopy(value)
        elif shift > 1:
            holder[last] = others(holder[last], shift, now)
    return made
