"""
The order of a list that was asked for one, and the time of what is done now: both held against what is shown.

The models cannot say either: which of two rows made in the same second comes first is
anybody's choice, and so is the hour. But a server's own answer shows what it was
sorted by, and its own answers before say what the hour was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

from mockserver.behavior.rows import field
from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import instant
from mockserver.verify.laws.naming import is_created
from mockserver.verify.laws.ordering import surely_after
from mockserver.verify.rules.comparing import Difference, key_of

SKEW = 2.0
"""Seconds by which a server's times may go back: not all of its parts read one clock."""


def disordered(spec: str, body: Json, own: Collection[str], pointer: str = "") -> Difference | None:
    """
    Return the first two rows in *body* that do not stand as *spec* ("name", "-name") has it; None for none.

    Only rows of *own* keys are looked at, and texts only where both common collations agree: who sorts
    others' texts may know their language.
    """
    if "," in spec or not isinstance(body, (dict, list)):
        return None
    if isinstance(body, dict):
        inner = (disordered(spec, value, own, f"{pointer}/{name}") for name, value in body.items())
        return next((one for one in inner if one is not None), None)
    path, down = spec.lstrip("+-"), spec.startswith("-")
    key = key_of(body)
    rows = [row for row in body if key and str(row[key]) in own]
    shown = [value for row in rows if (value := field(row, path)) not in (None, MISSING)]
    for first, second in pairwise(shown):
        before, after = (second, first) if down else (first, second)
        if surely_after(before, after):
            return Difference(f"{pointer}/*/{path.replace('.', '/')}", [second, first], [first, second])
    return None


def made_at(body: Json, own: Collection[str]) -> Iterator[float]:
    """Yield the times at which rows of *own* keys were made, as an answer shows them."""
    if isinstance(body, list):
        for one in body:
            yield from made_at(one, own)
    if not isinstance(body, dict):
        return
    named: list[Any] = [body.get(name) for name in ("id", "uuid", "key")]
    mine = any(value is not None and str(value) in own for value in named)
    for name, value in body.items():
        if mine and is_created(name) and (moment := instant(value)) is not None:
            yield moment
        if isinstance(value, (dict, list)):
            yield from made_at(value, own)


def gone_back(now: str, before: float) -> bool:
    """Return whether *now*, the time of what was just done, is before a time that was told earlier."""
    moment = instant(now)
    return moment is not None and moment < before - SKEW
