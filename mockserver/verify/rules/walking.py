"""
Go a walk beside the server: each step is asked of the server and of both models.

Where an answer is not what the models agree on, other options of the choices that
were asked for are tried over all that was answered so far: only what no permitted
option explains is a finding. What was learned stays for the rest of the run.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from mockserver.behavior.expressions import Expression
from mockserver.behavior.model import Listing
from mockserver.contract.model import Operation
from mockserver.contract.routes import Match
from mockserver.exchange import MISSING, Arguments, Json, Request
from mockserver.server.api import Api
from mockserver.validation.requests import RequestReader
from mockserver.verify.laws.asking import Asker, Reply, Unjudged, Unsupported
from mockserver.verify.laws.gone import strange_key
from mockserver.verify.requests import Key
from mockserver.verify.rules.answered import Answered, Hear, Wrong
from mockserver.verify.rules.comparing import Difference, Known, differences, scalars, shape_of
from mockserver.verify.rules.model import CERTAIN, NOTHING, Model, Models, Said, Undecided, adopt
from mockserver.verify.rules.opening import given
from mockserver.verify.rules.planning import STRANGE, Drawn, Speaker, Step
from mockserver.verify.rules.probing import Probes

Words = tuple[dict[Key, Json], Json]
"""The parameters and the body of a request."""

Made = tuple[str, Any, dict[str, Json]]
"""(collection, key, row) of what a step has made."""

MOST_OPTIONS = 40
"""Combinations of options that are tried for one answer."""


@dataclass
class Learned:
    """What a run has learned of a server: the options that it takes, and what it was told by."""

    taken: dict[str, Json] = field(default_factory=dict)
    walks: list[list[Answered]] = field(default_factory=list)
    probes: Probes = field(default_factory=Probes)


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
        hear: Hear | None = None,
    ) -> None:
        self.api = api
        self.asker = asker
        self.learned = learned
        self._ways = {way.operation.id: way for way in ways}
        self.speaker = Speaker(ways)
        self._printed = printed
        self._alone = alone
        self._hear = hear
        self._readers: dict[str, RequestReader] = {}
        self.probes = learned.probes
        self.searching = True
        """Whether other options are tried; a walk that is gone again was looked into before."""

    def go(self, steps: list[Step]) -> tuple[Wrong | None, list[Answered]]:
        """Go *steps* to the end, or to the first answer that no options explain; return that, and the way."""
        log: list[Answered] = []
        made: dict[int, Made] = {}
        gone = _Gone(self, Models(self.api, self.learned.taken, self._printed))
        try:
            for number, step in enumerate(steps):
                said = self._said(step, made)
                if said is None:
                    continue
                if taken := self._probed(step, said, gone):
                    return taken, [*log, taken.answered]
                answered = self._ask(step, said, gone.own)
                if answered is None:
                    continue
                log.append(answered)
                found = gone.take(answered)
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
        self.learned.walks.append(log)
        return None, log

    def _note(self, number: int, step: Step, gone: _Gone, made: dict[int, Made]) -> None:
        way = self._ways[step.operation.id]
        keys = gone.last.made.get(way.makes, ()) if way.makes and gone.last is not None else ()
        if keys and gone.last is not None:
            key = keys[0]
            made[number] = (way.makes, key, dict(gone.last.rows.get((way.makes, key), {})))

    def _said(self, step: Step, made: dict[int, Made]) -> Words | None:
        """Return the parameters and the body of a step; None where it cannot be said."""
        key: Any = None
        row: dict[str, Json] = {}
        if step.target == STRANGE:
            way = self._ways[step.operation.id]
            known = next((key for collection, key, _ in made.values() if collection == way.item), None)
            key = strange_key(known)
            if key is None:
                return None
        elif step.target is not None:
            if step.target not in made:
                return None
            _, key, row = made[step.target]
        elif made:
            row = next(iter(made.values()))[2]
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
        arguments = self._read(step.operation, reply.exchanged.request)
        return Answered(step, arguments, reply, own) if arguments is not None else None

    def _probed(self, step: Step, said: Words, gone: _Gone) -> Wrong | None:
        """Ask wrongly first where the rules let the step pass; return what was taken all the same."""
        operation = step.operation
        arguments = self.reading(operation, *said)
        if arguments is None or not gone.passes(step, arguments):
            return None
        bodies = self.speaker.bodies(operation)
        taken = self.probes.ask(self.asker, operation, bodies, *said, other=step.other)
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

    def reading(self, operation: Operation, parameters: dict[Key, Json], body: Json) -> Arguments | None:
        """Return a request as the contract reads it; None where it cannot be said, or breaks the contract."""
        try:
            return self._read(operation, self.asker.request(operation, parameters, body))
        except Unsupported:
            return None

    def _read(self, operation: Operation, request: Request) -> Arguments | None:
        """Return the request as the contract reads it; None where it breaks the contract."""
        reader = self._readers.get(operation.id)
        if reader is None:
            reader = self._readers[operation.id] = RequestReader(operation)
        match = self.api.routes.match(request.method, request.path, request.query)
        if not isinstance(match, Match) or match.route.id != operation.id:
            return None
        arguments, violations = reader.read(match.captured, request)
        return arguments if not violations else None

    def _explained(self, log: list[Answered], gone: _Gone) -> _Gone | None:
        """Return the walk as other options explain it, and learn them; None where none does."""
        asked = sorted(gone.models.consulted.asked)
        for chosen in itertools.islice(_others(self.api, asked), MOST_OPTIONS):
            taken = {**self.learned.taken, **chosen}
            again = self._again(log, taken)
            if again is not None and all(self._again(walk, taken) is not None for walk in self.learned.walks):
                self.learned.taken = taken
                return again
        return None

    def _again(self, log: Iterable[Answered], taken: Mapping[str, Json], count: int = 1) -> _Gone | None:
        """Return the walk as *count* models beside the first go it anew; None where an answer is wrong."""
        gone = _Gone(self, Models(self.api, taken, self._printed, count))
        for answered in log:
            if gone.take(answered) is not None:
                return None
            if gone.ended:
                break
        return gone

    def _clean(self, made: dict[int, Made]) -> None:
        """Delete what the walk has made, where a rule deletes; what is refused stays."""
        if self._alone:
            return
        for way in self._ways.values():
            for number in sorted(made, reverse=True) if way.deletes else ():
                collection, key, _ = made[number]
                if collection == way.item:
                    step = Step(way.operation, number, "least", 0)
                    with suppress(Unjudged):
                        parameters, body = self.speaker.say(step, key, "q", {})
                        self.asker.ask(way.operation, parameters, body)

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
        whole = not paged or (self._alone and self._printed)
        listed = _listed(self.api, rule.listing) if rule.listing is not None else ""
        return Known(own, whole=whole, free=free, sent=sent, kinds=kinds, listed=listed, room=room)

    @property
    def shares(self) -> bool:
        """Whether figures over everything may hang on what others have put there."""
        return not (self._alone and self._printed)

    def way(self, step: Step) -> Drawn:
        """Return how the operation of *step* is asked."""
        return self._ways[step.operation.id]


def _listed(api: Api, listing: Listing) -> str:
    """Return the collection whose rows are listed, "" where that is no matter of one."""
    if listing.collection:
        return listing.collection
    named = re.match(r"\w+", listing.of.text) if isinstance(listing.of, Expression) else None
    return named[0] if named is not None and named[0] in api.behavior.collections else ""


def _others(api: Api, asked: Iterable[str]) -> Iterator[dict[str, Json]]:
    """Yield other options of the choices *asked* for: of one of them, then of two at once."""
    options = [[{name: one} for one in api.behavior.choices[name].options] for name in asked]
    for each in options:
        yield from each
    for one, other in itertools.combinations(options, 2):
        yield from ({**left, **right} for left in one for right in other)


class _Gone:
    """A walk as far as it was gone, with both models as they are then."""

    def __init__(self, walker: Walker, models: Models) -> None:
        self._walker = walker
        self.models = models
        self.ended = False
        self.own: frozenset[str] = frozenset()
        self.last: Said | None = None
        self.kept: list[Said] = []
        self._kinds: dict[str, frozenset[str]] = {}

    def passes(self, step: Step, arguments: Arguments) -> bool:
        """Return whether all models let a step pass."""
        models = self.models
        account = models.account(step.other)
        try:
            said = [model.plan(step.operation, arguments, account) for model in (models.one, *models.others)]
        except Undecided:
            return False
        return not any(one.refused or one.status >= 300 for one in said)

    def take(self, answered: Answered) -> Wrong | None:
        """Let both models do a step that was answered, and return what the answer is not."""
        step, reply, models = answered.step, answered.reply, self.models
        account = models.account(step.other)
        self.last, self.kept = None, []
        try:
            every = (models.one, *models.others)
            said = [model.plan(step.operation, answered.arguments, account) for model in every]
        except Undecided:
            self.ended = True
            return None
        if any(other.refused != said[0].refused for other in said):
            every, said = self._like_here(every, said, refused=not reply.good)
        one = said[0]
        if len(said) < 2 or any(other.status != one.status for other in said):
            self.ended = True  # it hangs on what is free: the server goes its own way from here
            return None
        if wrong := self._status(answered, one):
            if "status" not in self._walker.api.behavior.free.get(step.operation.id, ()):
                return wrong
            self.ended = True
            return None
        adopted = adopt(one, said[1], reply.body) if not one.refused else NOTHING
        try:
            kept, given = said, answered.arguments
            if any(each.changes for each in said):
                kept = [model.keep(step.operation, given, account, adopted.rehearsal) for model in every]
        except Undecided:
            self.ended = True
            return None
        self._open(step.operation, kept, reply)
        self.last, self.kept = kept[0], kept
        for collection, keys in adopted.rehearsal.keys.items():
            for key in map(str, keys):
                self._kinds[key] = self._kinds.get(key, frozenset()) | {collection}
        self.own |= self._kinds.keys()
        way = self._walker.way(step)
        if way.makes and way.makes in adopted.unnamed:
            self.ended = True  # nobody can speak of it any more
        if one.refused or reply.body is MISSING or kept[0].body is MISSING:
            return None
        return self._body(answered, kept)

    def _like_here(
        self, every: tuple[Model, ...], said: list[Said], *, refused: bool
    ) -> tuple[tuple[Model, ...], list[Said]]:
        """
        Go on with the models whose world is like this server's: it has the bot, or it has not.

        Of several there must be two beside the first, or what one alone says would pass for determined.
        """
        fit = [(model, one) for model, one in zip(every, said, strict=True) if one.refused == refused]
        if not fit or fit[0][0] is not self.models.one or len(fit) < min(3, len(every)):
            return every, said[:1]
        self.models.others = [model for model, _ in fit[1:]]
        return tuple(model for model, _ in fit), [one for _, one in fit]

    def _open(self, operation: Operation, kept: list[Said], reply: Reply) -> None:
        """Take over what the document leaves open, and let the models differ in what it does not show."""
        api = self._walker.api
        free = api.behavior.free.get(operation.id, frozenset()) - {"status"}
        if not free or not reply.good:
            return
        keys = {name: collection.key for name, collection in api.behavior.collections.items()}
        for model, said in zip((self.models.one, *self.models.others), kept, strict=True):
            if said.changes:
                shown = given(free, said.changes, keys, said.body, reply.body)
                model.open(said, shown, whole="" in free)

    def _body(self, answered: Answered, kept: list[Said]) -> Wrong | None:
        """Return the first difference that stands against all models."""
        step, walker = answered.step, self._walker
        way = walker.way(step)
        general = way.rule.item is None and not way.makes
        if general and way.rule.listing is None and walker.shares:
            return None
        shape = shape_of(step.operation, answered.reply)
        known = walker.known(answered, self.own, self._kinds, kept[0].room)
        one, body = kept[0], answered.reply.body
        found = [list(differences(one.body, other.body, body, shape, known)) for other in kept[1:]]
        everywhere = set.intersection(*({each.pointer for each in model} for model in found))
        for difference in found[0]:
            if difference.pointer not in everywhere:
                continue
            if general and walker.shares and "/*" not in difference.pointer:
                continue  # totals over what others have, too
            return Wrong(answered, difference, one.status, one.rule)
        return None

    def _status(self, answered: Answered, said: Said) -> Wrong | None:
        """Return what is wrong with a status: a success where a rule refuses, or the reverse."""
        reply = answered.reply
        if not said.refused and said.status < 300:
            return None if reply.good else Wrong(answered, None, said.status, said.rule)
        if said.refused and reply.status != said.status:
            if reply.good and said.status == 404 and self._walker.way(answered.step).deletes:
                return None  # what is gone may be deleted again, as often as one likes (RFC 9110, 9.2.2)
            documented = str(reply.status) in reply.operation.responses
            refuses = 400 <= reply.status < 500 and reply.status != 401
            if not (refuses and documented):
                return Wrong(answered, None, said.status, said.rule)
        return None
