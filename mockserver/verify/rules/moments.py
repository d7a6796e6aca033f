"""
When things were last changed, as a server tells it: a change of one moves that on.

No model knows what the hour is, so that what it says of the time of a change is nobody's
to compare. But a server that tells the same time after a change as a while before it
has not noted the change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.exchange import MISSING, Json
from mockserver.verify.laws.alike import instant
from mockserver.verify.laws.asking import Reply
from mockserver.verify.laws.naming import is_updated
from mockserver.verify.laws.trial import TICK
from mockserver.verify.rules.comparing import Difference
from mockserver.verify.rules.model import Said

Told = tuple[str, str]
"""(key of a row as text, property)."""


@dataclass
class Moments:
    """
    What a walk knows of the times of last changes.

    Attributes:
        changed: Row -> when the server was last asked for a change that the rules date, and by which rule.
        told: Row and property -> (what the server says, since when it says so).
    """

    changed: dict[str, tuple[float, str]] = field(default_factory=dict)
    told: dict[Told, tuple[str, float]] = field(default_factory=dict)

    def note(self, reply: Reply, every: list[Said], kinds: Mapping[str, frozenset[str]]) -> None:
        """Note which rows a step has changed by all models, of those that no other is called like."""
        dated = [{at for at in said.changes if _dated(said, at)} for said in every]
        for collection, key in set.intersection(*dated) if dated else ():
            if kinds.get(str(key)) == frozenset({collection}):
                self.changed[str(key)] = (reply.exchanged.at, every[0].rule)

    def stands(self, reply: Reply, own: Collection[str]) -> tuple[Difference, str] | None:
        """Return the first time of a change that has not moved with it, and the rule that it breaks."""
        found: tuple[Difference, str] | None = None
        for key, pointer, value in _times(reply.body, own):
            name = pointer.rpartition("/")[2]
            before, since = self.told.get((key, name), ("", 0.0))
            at, rule = self.changed.get(key, (0.0, ""))
            if value != before:
                self.told[key, name] = (value, reply.exchanged.at)
            elif at - since >= TICK and found is None:
                found = Difference(pointer, f"later than {value}", value), rule
        return found


def _dated(said: Said, at: tuple[str, object]) -> bool:
    """Return whether a change moves something of a row, and says by its time that it did."""
    before, after = said.changes[at]
    if before is None or after is None:
        return False
    moved = {name for name, value in after.items() if value != before.get(name, MISSING)}
    dates = {name for name in moved if is_updated(name) and after[name] == said.now}
    return bool(dates) and any(not name.startswith("_") for name in moved - dates)


def _times(body: Json, own: Collection[str], pointer: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (key, pointer, time) of the last changes of rows of *own* keys that *body* shows."""
    if isinstance(body, list):
        for one in body:
            yield from _times(one, own, f"{pointer}/*")
    if not isinstance(body, dict):
        return
    key = next((str(body[name]) for name in ("id", "uuid", "key") if str(body.get(name)) in own), "")
    for name, value in body.items():
        if key and is_updated(name) and instant(value) is not None and len(str(value)) > len("2026-01-01"):
            yield key, f"{pointer}/{name}", value
        if isinstance(value, (dict, list)):
            yield from _times(value, own, f"{pointer}/{name}")
