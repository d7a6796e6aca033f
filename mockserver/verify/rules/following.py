"""
A walk as far as it was gone, followed by the models: what an answer is not, and what it says of what is free.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Arguments
from mockserver.server.api import Api
from mockserver.verify.laws.asking import Asker, Reply
from mockserver.verify.rules.adopting import NOTHING, adopt
from mockserver.verify.rules.answered import Answered, Wrong
from mockserver.verify.rules.comparing import Difference, Known, differences, generic, shape_of
from mockserver.verify.rules.model import Model, Models, Said, Undecided
from mockserver.verify.rules.moments import Moments
from mockserver.verify.rules.opening import given
from mockserver.verify.rules.ordering import disordered, gone_back, made_at
from mockserver.verify.rules.planning import Drawn, Step
from mockserver.verify.verdicts import refusal_in


class Walker(Protocol):
    """What is asked of who goes the walk (`walking.Walker`)."""

    @property
    def api(self) -> Api:
        """The rules."""

    @property
    def asker(self) -> Asker:
        """Asks the server."""

    @property
    def shares(self) -> bool:
        """Whether figures over everything may hang on what others have put there."""

    @property
    def known_kinds(self) -> Mapping[str, frozenset[str]]:
        """Key (as text) -> the collections of all rows that are surely in the server."""

    def way(self, step: Step) -> Drawn:
        """Return how the operation of *step* is asked."""

    def known(
        self, answered: Answered, own: frozenset[str], kinds: Mapping[str, frozenset[str]], room: int
    ) -> Known:
        """Return what the comparison of a step's answer knows."""


class Gone:
    """A walk as far as it was gone, with both models as they are then."""

    def __init__(self, walker: Walker, models: Models, known: Mapping[str, frozenset[str]]) -> None:
        self._walker = walker
        self.models = models
        self.ended = False
        self.own = frozenset(known)
        self._deleted: set[str] = set()
        self._latest = 0.0
        """The latest time that the server has told of what this walk has made."""
        self._moments = Moments()
        self.last: Said | None = None
        self.kept: list[Said] = []
        self._kinds = dict(known)

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
        if one.refused and reply.good and self._deletes_again(answered, one):
            return None  # it changes nothing (RFC 9110, 9.2.2): who says so once more is no liar
        if reply.good and (key := self._deleting(answered)) is not None:
            self._deleted.add(key)
        if wrong := self._status(answered, one):
            free = self._walker.api.behavior.free.get(step.operation.id, ())
            if "status" not in free or (reply.good and not self._is_there(answered, account)):
                return wrong
            self.ended = True
            return None
        adopted = adopt(one, said[1], reply.body) if not one.refused else NOTHING
        if gone_back(adopted.rehearsal.now, self._latest):
            detail = Difference("", "the time at which it is done", adopted.rehearsal.now)
            return Wrong(answered, detail, one.status, one.rule)
        try:
            kept, given = said, answered.arguments
            if any(each.changes for each in said):
                kept = [model.keep(step.operation, given, account, adopted.rehearsal) for model in every]
        except Undecided:
            self.ended = True
            return None
        self._open(step.operation, kept, reply)
        self.last, self.kept = kept[0], kept
        self._latest = max([self._latest, *made_at(reply.body, self.own - self._walker.known_kinds.keys())])
        for collection, keys in adopted.rehearsal.keys.items():
            for key in map(str, keys):
                self._kinds[key] = self._kinds.get(key, frozenset()) | {collection}
        self.own |= frozenset(self._kinds)
        way = self._walker.way(step)
        if way.makes and way.makes in adopted.unnamed:
            self.ended = True  # nobody can speak of it any more
        if reply.good and not one.refused:
            self._moments.note(reply, kept, self._kinds)
        if one.refused or reply.body is MISSING or kept[0].body is MISSING:
            return None
        return self._body(answered, kept) or self._standing(answered)

    def _standing(self, answered: Answered) -> Wrong | None:
        """Return a time of a change that has not moved with it, as who only looks is told."""
        if not self._walker.way(answered.step).rule.reads:
            return None
        stands = self._moments.stands(answered.reply, self.own - self._walker.known_kinds.keys())
        return Wrong(answered, stands[0], answered.reply.status, stands[1]) if stands is not None else None

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

    def _deletes_again(self, answered: Answered, said: Said) -> bool:
        """Return whether a step deletes what the models take for gone, or what it has deleted before."""
        deletes = self._walker.way(answered.step).deletes
        return deletes and (said.status == 404 or self._deleting(answered) in self._deleted)

    def _is_there(self, answered: Answered, account: str) -> bool:
        """Return whether what a step acts on may be there for *account*: no other can be acted on."""
        way = self._walker.way(answered.step)
        where, name = way.place
        found = getattr(answered.arguments, where, None) if way.item else None
        if not isinstance(found, Mapping) or name not in found:
            return True
        collection = self._walker.api.behavior.collections[way.item]
        rows = (
            model.world.tables[way.item].rows.get(found[name])
            for model in (self.models.one, *self.models.others)
        )
        return any(
            row is not None and (not collection.per_account or row.get("_account") == account) for row in rows
        )

    def _deleting(self, answered: Answered) -> str | None:
        """Return the key (as text) of what a step deletes; None where it deletes nothing."""
        way = self._walker.way(answered.step)
        if not way.deletes or way.operation.method != "DELETE":
            return None
        where, name = way.place
        found = getattr(answered.arguments, where, {}) if where else {}
        return str(found[name]) if isinstance(found, Mapping) and name in found else None

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
        spec = self.models.one.order(step.operation, answered.arguments, self.models.account(step.other))
        disorder = disordered(spec, body, self.own) if spec else None
        if disorder is not None and generic(disorder.pointer) not in known.free:
            return Wrong(answered, disorder, one.status, one.rule)
        return None

    def _status(self, answered: Answered, said: Said) -> Wrong | None:
        """Return what is wrong with a status: a success where a rule refuses, or the reverse."""
        reply = answered.reply
        if not said.refused and said.status < 300:
            return None if reply.good else Wrong(answered, None, said.status, said.rule)
        if said.refused and said.status < 300 and reply.good:  # an error said as a success is still an error
            operation = self._walker.asker.contract.operations[reply.operation.id]
            expected = refusal_in(operation, reply.exchanged)
            return Wrong(answered, None, expected, said.rule) if expected else None
        if said.refused and reply.status != said.status:
            malformed = {"400", "422"}  # either says it: see `permitted.refusing`
            known = set(reply.operation.responses)
            documented = str(reply.status) in (known | malformed if known & malformed else known)
            refuses = 400 <= reply.status < 500 and reply.status != 401
            if not (refuses and documented):
                return Wrong(answered, None, said.status, said.rule)
        return None
