"""
Go a walk beside the server: each step is asked of the server and of both models.

Where an answer is not what the models agree on, other options of the choices that
were asked for are tried over all that was answered so far: only what no permitted
option explains is a finding. What was learned stays for the rest of the run.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

from mockserver.behavior.paging import role_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.server.api import Api
from mockserver.verify.laws.asking import Asker, Unjudged, Unsupported
from mockserver.verify.laws.gone import strange_key
from mockserver.verify.laws.trial import TICK
from mockserver.verify.requests import Key, other_scheme
from mockserver.verify.rules.answered import Answered, Hear, Learned, Wrong
from mockserver.verify.rules.comparing import CLOCKS, ROWS, Difference, Known, scalars
from mockserver.verify.rules.following import Gone
from mockserver.verify.rules.model import CERTAIN, Models, There, keeps_apart
from mockserver.verify.rules.options import listed_in, others
from mockserver.verify.rules.planning import STRANGE, Drawn, Speaker, Step
from mockserver.verify.rules.reading import Reading

Words = tuple[dict[Key, Json], Json]
"""The parameters and the body of a request."""

Made = tuple[str, Any, dict[str, Json]]
"""(collection, key, row) of what a step has made."""

_PAGES = ("limit", "page", "offset")

MOVED = CLOCKS + TICK
"""Seconds after which a time is surely another one, for who counts whole ones, too."""

Went = tuple[Wrong | None, list[Answered]]
"""What no options explain, and the way there."""

Going = Generator[None, None, Went]
"""A walk that is gone; it stops where clocks have to move before it goes on."""

MOST_WALKS = 40
"""Walks that hang on a choice and are gone anew with each option that would explain another one."""

MOST_OPTIONS = 40
"""Combinations of options that are tried for one answer."""


class Walker:
    """
    Goes walks.

    Args:
        api: The rules.
        asker: Asks the server.
        ways: How operations are asked.
        learned: Shared by all walks of a run.
        printed: Whether the server holds the documents' own data.
        alone: Whether nobody else's rows are in the server, for its world was put back to its start.
        there: Rows that the server has already, and may be stood below and looked at.
        hear: Is told of each step that was right, with what the models say of it; False ends the walk.
    """

    def __init__(
        self,
        api: Api,
        asker: Asker,
        ways: list[Drawn],
        learned: Learned,
        *,
        printed: bool,
        alone: bool,
        there: There | None = None,
        hear: Hear | None = None,
    ) -> None:
        self.api = api
        self.asker = asker
        self.learned = learned
        self._ways = {way.operation.id: way for way in ways}
        self.speaker = Speaker(ways)
        self._printed = printed
        self.alone = alone
        self._there = there
        self._hear = hear
        self.reading = Reading(api, asker)
        self._apart: dict[str, bool] = {}
        self.probes = learned.probes
        self.searching = True
        """Whether other options are tried; a walk that is gone again was looked into before."""

    def go(self, steps: list[Step]) -> Went:
        """Go *steps* to the end, or to the first answer that no options explain; return that, and the way."""
        came = together([self.going(steps)])[0]
        if isinstance(came, Unjudged):
            raise came
        return came

    def going(self, steps: list[Step]) -> Going:
        """Go *steps* as `go` does, but stop before the first that is to be late."""
        log: list[Answered] = []
        made: dict[int, Made] = {}
        words: dict[int, Words] = {}
        late = False
        models = Models(self.api, self.learned.taken, self._printed, there=self._there)
        gone = Gone(self, models, self.known_kinds)
        try:
            for number, step in enumerate(steps):
                if step.late and not late:
                    late = True
                    yield
                said = self._said(step, made, gone)
                if said is not None and step.again is not None:
                    said = (said[0], words[step.again][1]) if step.again in words else None
                if said is None:
                    continue
                words[number] = said
                if taken := self._probed(step, said, gone):
                    return taken, [*log, taken.answered]
                answered = self._ask(step, said, gone.own)
                if answered is None:
                    continue
                log.append(answered)
                found = gone.take(answered)
                if found is not None and self._is_known(found):
                    return found, log
                if found is not None:
                    explained = self._again(log, self.learned.taken, CERTAIN)
                    if explained is None and self.searching:
                        explained = self._explained(log, gone)
                    if explained is None:
                        return found, log
                    gone = explained
                if gone.ended or (self._hear is not None and not self._hear(answered, gone.kept)):
                    break
                self._note(number, step, gone, made)
        finally:
            self._clean(made)
        if gone.models.consulted.asked and len(self.learned.walks) < MOST_WALKS:
            self.learned.walks.append(log)
        return None, log

    def _is_known(self, found: Wrong) -> bool:
        """Return whether no option explained the same before: it is not looked into again."""
        return self.searching and (found.answered.step.operation.id, found.pointer) in self.learned.wrong

    def _note(self, number: int, step: Step, gone: Gone, made: dict[int, Made]) -> None:
        way = self._ways[step.operation.id]
        keys = gone.last.made.get(way.makes, ()) if way.makes and gone.last is not None else ()
        if keys and gone.last is not None:
            key = keys[0]
            made[number] = (way.makes, key, dict(gone.last.rows.get((way.makes, key), {})))

    def _said(self, step: Step, made: dict[int, Made], gone: Gone) -> Words | None:
        """Return the parameters and the body of a step; None where it cannot be said."""
        key: Any = None
        row: dict[str, Json] = {}
        collection = self._ways[step.operation.id].item
        if step.printed is not MISSING:
            key = step.printed
        elif step.target not in (STRANGE, None):
            if step.target not in made:
                return None
            collection, key, row = made[step.target]
        elif step.target is None and made:
            collection, key, row = next(iter(made.values()))
        if step.target == STRANGE:
            known = next(
                (
                    key
                    for collection, key, _ in made.values()
                    if collection == self._ways[step.operation.id].item
                ),
                None,
            )
            key = strange_key(known if key is None else key)
            if key is None:
                return None
        elif collection:
            row = {**row, **gone.models.one.world.tables[collection].rows.get(key, {})}
        if step.other and not self._told_apart(step.operation):
            return None
        token = "q" + self.asker.context.unique("").strip()
        try:
            return self.speaker.say(step, key, token, row)
        except Unsupported:
            return None

    def _ask(self, step: Step, said: Words, own: frozenset[str]) -> Answered | None:
        """Ask the server; None where that is no valid request."""
        try:
            reply = self.asker.ask(step.operation, *said, other=step.other)
        except Unsupported:
            return None
        arguments = self.reading.arguments(step.operation, reply.exchanged.request)
        return Answered(step, arguments, reply, own) if arguments is not None else None

    def _probed(self, step: Step, said: Words, gone: Gone) -> Wrong | None:
        """Ask wrongly first where the rules let the step pass; return what was taken all the same."""
        operation = step.operation
        arguments = self.reading.said(operation, *said)
        if arguments is None:
            return None
        taken = self.probes.ask(
            *(self.asker, operation, self.speaker.bodies(operation), *said),
            other=step.other,
            passes=lambda: gone.passes(step, arguments),
        )
        if taken is None:
            return None
        probe, reply = taken
        return Wrong(
            Answered(step, arguments, reply, gone.own),
            Difference(probe.place, "a refusal", probe.value),
            400,
            "",
            probe=probe.place,
        )

    def _told_apart(self, operation: Operation) -> bool:
        """Return whether the second identity shows other credentials, of the kind that is asked for."""
        known = self._apart.get(operation.id)
        if known is None:
            context = self.asker.context
            first, second = (context.shown([operation], one) for one in (context.first, context.second))
            who = context.second
            shown = who.fields(self.asker.contract, operation) if who is not None else {}
            known = (
                keeps_apart(context.api)
                and first != second
                and not other_scheme(self.asker.contract, operation, shown)
            )
            self._apart[operation.id] = known
        return known

    def _explained(self, log: list[Answered], gone: Gone) -> Gone | None:
        """Return the walk as other options explain it, and learn them; None where none does."""
        asked = sorted(gone.models.consulted.asked)
        for chosen in itertools.islice(others(self.api, asked), MOST_OPTIONS):
            taken = {**self.learned.taken, **chosen}
            again = self._again(log, taken)
            if again is not None and all(self._agrees(walk, taken) for walk in self.learned.walks):
                self.learned.taken = taken
                return again
        return None

    def _agrees(self, log: Iterable[Answered], taken: Mapping[str, Json]) -> bool:
        """Return whether nothing of a walk is certainly wrong, as it was found to be when it was gone."""
        return any(self._again(log, taken, count) is not None for count in (1, CERTAIN))

    def _again(self, log: Iterable[Answered], taken: Mapping[str, Json], count: int = 1) -> Gone | None:
        """Return the walk as *count* models beside the first go it anew; None where an answer is wrong."""
        gone = Gone(self, Models(self.api, taken, self._printed, count, self._there), self.known_kinds)
        for answered in log:
            if gone.take(answered) is not None:
                return None
            if gone.ended:
                break
        return gone

    def _clean(self, made: dict[int, Made]) -> None:
        """Delete what the walk has made, where a rule deletes; what is refused stays, and is said."""
        if self.alone:
            return
        left = set(made)
        for way in self._ways.values():
            for number in sorted(made, reverse=True) if way.deletes else ():
                collection, key, _ = made[number]
                if collection == way.item:
                    step = Step(way.operation, number, "least", 0, asked=())
                    with suppress(Unjudged):
                        parameters, body = self.speaker.say(step, key, "q", {})
                        reply = self.asker.ask(way.operation, parameters, body)
                        left -= {number} if reply.good or reply.status in (404, 410) else set()
        told = {way.item for way in self._ways.values() if way.place[0] not in ("", "path")}
        self.asker.context.created.left += [
            f"{collection} {key}"
            for number, (collection, key, _) in made.items()
            if number in left and collection in told  # what a path names is known to have been made here
        ]

    # -------------------------------------------------------------- comparing

    def known(
        self, answered: Answered, own: frozenset[str], kinds: Mapping[str, frozenset[str]], room: int
    ) -> Known:
        """Return what the comparison of a step's answer knows."""
        operation = answered.step.operation
        rule = self._ways[operation.id].rule
        paged = rule.listing is not None and rule.listing.limit is not None
        free = frozenset(self.api.behavior.free.get(operation.id, ()))
        sent = frozenset(one for one in scalars(answered.reply.said.body) if isinstance(one, str))
        whole = not paged or not self.shares
        said = {name for name, _ in answered.step.asked or ()}
        turned = any(role_of((name,), Shape({"type": "integer"})) in _PAGES for name in said)
        members = not (turned and self.shares)
        listed = listed_in(self.api, rule.listing) if rule.listing is not None else ""
        return Known(
            *(own, whole, members),
            free=free,
            sent=sent,
            kinds=kinds,
            listed=listed,
            room=room,
            alone=not self.shares,
        )

    @cached_property
    def known_kinds(self) -> Mapping[str, frozenset[str]]:
        """Key (as text), or what a row shows as one -> the collections of the documents' rows."""
        found: dict[str, frozenset[str]] = {}
        if not self.shares:
            for name, table in self.api.world().tables.items():
                shown = {
                    row[one]
                    for row in table.rows.values()
                    for one in ROWS
                    if isinstance(row.get(one), (str, int))
                }
                for key in map(str, {*table.rows, *shown}):
                    found[key] = found.get(key, frozenset()) | {name}
        return found

    @property
    def shares(self) -> bool:
        """Whether figures over everything may hang on what others have put there."""
        return not (self.alone and self._printed)

    def way(self, step: Step) -> Drawn:
        """Return how the operation of *step* is asked."""
        return self._ways[step.operation.id]


def together(walks: Iterable[Going]) -> list[Went | Unjudged]:
    """Go several walks beside each other, so that they wait only once; return what came of each, in order."""
    came: dict[int, Went | Unjudged] = {}
    going = dict(enumerate(walks))
    while going:
        for number, walk in list(going.items()):
            try:
                next(walk)
                continue
            except StopIteration as end:
                came[number] = end.value
            except Unjudged as why:
                came[number] = why
            del going[number]
        if going:
            time.sleep(MOVED)  # rules about times: the implementation's clock has to move
    return [came[number] for number in sorted(came)]
