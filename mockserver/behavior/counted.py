"""
Counts of what stands below a thing: a campaign with two posts says `posts_count: 2`.

A count is plainly called so: by the last word of the list's path, alone (`comments: 2`) or with words that
leave nothing out. What clients made is counted; to the number that was made up for a thing that nobody
made, theirs are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from mockserver.behavior.act import MADE, Act, scope_of
from mockserver.behavior.engine import Outcome
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.resources import Resource
from mockserver.behavior.wording import last_word, plain, singular, words_of
from mockserver.exchange import Json

COUNTS = frozenset({"count", "number", "num", "total", "nb", "n", "size", "counter", "of"})
"""Words that make a number a count."""
_ALL = frozenset({"tracked", "all", "total", "current", "overall"})
"""Words beside a count that leave out nothing."""


def counts(name: Sequence[str], path: str) -> bool:
    """Return whether what is called by the words *name* counts the rows of the list at *path*."""
    own = singular(plain(last_word(path)))
    rest = {word for word in name if singular(word) != own}
    return 0 < len(rest) < len(name) and rest <= COUNTS | _ALL and bool(rest & COUNTS)


class Counted:
    """
    The counts of a contract's collections.

    Args:
        known: What was concluded about it.
    """

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._found: dict[str, tuple[tuple[str, Resource], ...]] = {}

    def tell(self, act: Act, outcome: Outcome) -> None:
        """Put the counts into the rows that *outcome* shows."""
        resource = act.resource
        found = self._of(resource)
        shown = resource.shown(act.operation) if found else None
        if shown is None or outcome.refused or not resource.key:
            return
        rows = shown.found_in(outcome.body)
        for row in rows if isinstance(rows, list) else [rows]:
            if not isinstance(row, dict) or row.get(resource.key) is None:
                continue
            for name, child in found:
                inside = self._known.within.size(act, row[resource.key], child)
                if inside is not None and isinstance(row.get(name), int):
                    row[name] = inside
                    continue
                number = self._number(act, row[resource.key], child)
                if isinstance(row.get(name), int) and not isinstance(row[name], bool):
                    row[name] = number if self._was_made(act, row[resource.key]) else row[name] + number

    def numbers(self, act: Act) -> list[int]:
        """Return how many a client made below the thing of *act*, of each list that is counted."""
        return [self._number(act, act.key, child) for _, child in self._of(act.resource)]

    def _of(self, resource: Resource) -> tuple[tuple[str, Resource], ...]:
        """Return (property, list below) of each count in the rows of *resource*."""
        found = self._found.get(resource.path)
        if found is None:
            lists = [
                one
                for one in self._known.below(resource)
                if one.listed and one.above is resource and not one.single
            ]
            names = resource.row.names if resource.row is not None and lists else ()
            found = self._found[resource.path] = tuple(
                (name, child)
                for name in names
                for child in lists
                if (counts(words_of(name), child.path) or plain(name) == plain(last_word(child.path)))
                and resource.row is not None
                and "integer" in resource.row.named(name).kinds
            )
        return found

    def _number(self, act: Act, key: Json, child: Resource) -> int:
        stand, transaction = self._known.stand(child), act.transaction
        table = stand.home.path
        if not transaction.any(table):
            return 0
        last = quote(str(key), safe="")
        above = scope_of(act.resource, act.arguments)
        owner: Json = f"{above}|{last}" if act.resource.parents else last
        if stand.home is child:
            return transaction.count(table, MADE, owner)
        if stand.linked:
            values = {**act.arguments.path, child.parents[-1]: key}
            owner = stand.entities.parents(child.path, values).get(stand.link)
        rows = (transaction.get(table, name) for name in transaction.keys(table, stand.link, owner) or ())
        return sum(row is not None and MADE in row for row in rows)

    @staticmethod
    def _was_made(act: Act, key: Json) -> bool:
        row = act.row(key)
        return row is not None and MADE in row
