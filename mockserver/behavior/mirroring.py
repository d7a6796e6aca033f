"""
One list in two places, where the second is a single thing around it.

`PUT /repos/{id}/topics` takes `{"names": [...]}`, and the repository shows `topics`. The two are one where
the single thing has one list only, what is in it is of the same kind, and the thing above calls its list as
the path does. Either may be set; the other shows it.
"""

from __future__ import annotations

from mockserver.behavior.act import GONE, Act
from mockserver.behavior.embedding import lists_like
from mockserver.behavior.looks import visible
from mockserver.behavior.resources import Resource
from mockserver.behavior.single import put_changed
from mockserver.behavior.store import Row
from mockserver.behavior.within import Within

Pair = tuple[str, str]
"""The property of the single thing, and that of the thing above it."""


class Mirroring:
    """
    The single things of one contract that show a list of the thing above them.

    Args:
        within: Finds the thing above.
    """

    def __init__(self, within: Within) -> None:
        self._within = within
        self._pairs: dict[str, Pair | None] = {}

    def pair(self, resource: Resource) -> Pair | None:
        """Return which properties of *resource* and of what stands above it are one list; None if none."""
        if resource.path not in self._pairs:
            found = self._pairs[resource.path] = _pair(resource)
            if found is not None and resource.above is not None:
                resource.why.append(f"its {found[0]} are the {found[1]} of {resource.above.path}")
        return self._pairs[resource.path]

    def reflect(self, act: Act) -> None:
        """Show in the thing above what has become of the single thing of *act*."""
        pair, row = self.pair(act.resource), act.row()
        if pair is None or row is None or GONE in row or not isinstance(row.get(pair[0]), list):
            return
        whole = self._within.whole(act)
        live, before = whole.row(), self._within.current(whole)
        if before.get(pair[1]) != row[pair[0]]:
            put_changed(whole, {**visible(before), pair[1]: row[pair[0]]}, before, live)

    def seen(self, act: Act) -> Row:
        """Return what the thing above, if a client has changed it, says of the single thing of *act*."""
        pair = self.pair(act.resource)
        row = self._within.whole(act).row() if pair is not None else None
        if pair is None or row is None or GONE in row or not isinstance(row.get(pair[1]), list):
            return {}
        return {pair[0]: row[pair[1]]}


def _pair(resource: Resource) -> Pair | None:
    above, own = resource.above, resource.row
    whole = above.row if above is not None and resource.single else None
    if own is None or whole is None:
        return None
    steps = lists_like(whole, resource.path)
    outer = steps[0] if len(steps) == 1 else ""
    lists = [name for name in own.names if own.named(name).kinds <= {"array", "null"}]
    if not outer or len(lists) != 1 or lists[0] not in resource.sent_names:
        return None
    inside, there = own.named(lists[0]).item(0), whole.named(outer).item(0)
    same = set(inside.names) == set(there.names) and inside.typed and inside.kinds == there.kinds
    return (lists[0], outer) if same else None
