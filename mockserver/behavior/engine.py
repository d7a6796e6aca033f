"""
What an operation does to its world: planned, and only then kept.

`Engine.plan` carries out a rule inside a transaction and says what is to be
answered. The caller makes the answer, holds it against the contract, and only
then commits; on anything wrong it rolls back, and nothing has happened.

The same engine is the judge's model: give it another seed, another clock or
other `choices`, and what differs between two runs is what the rules leave free.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.behavior.changes import Changes, Happened, Refused
from mockserver.behavior.functions import deep_merge
from mockserver.behavior.lists import listed
from mockserver.behavior.model import Behavior, Collection, Refusal, Rule, Trigger
from mockserver.behavior.scope import Bound, Scope
from mockserver.behavior.store import Row, Transaction
from mockserver.behavior.world import Rehearsal, World
from mockserver.contract.model import Contract, Operation, Promise
from mockserver.contract.pairs import is_example
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Arguments, Json, Place


@dataclass(slots=True)
class Outcome:
    """
    What an operation would answer, and what it has changed on the way.

    Attributes:
        status: None: the lowest documented success.
        body: `MISSING` where the rules say nothing of it.
        refused: Whether a rule refused.
        events: What subscribers are to be told once this is committed.
        transaction: To be committed or rolled back by the caller.
        place: The rule that decided, for the journal.
        source: What a body of the rules is: "state", "generated" or "example".
        proposed: Whether nobody wrote the rule: where the answer does not fit, the contract alone answers.
        example: The name of the documented example that the body started from, or "".
    """

    transaction: Transaction
    status: int | None = None
    body: Json = MISSING
    headers: Mapping[str, Json] = field(default_factory=dict)
    refused: bool = False
    events: list[Happened] = field(default_factory=list)
    rule: str = ""
    example: str = ""
    rehearsed: str = ""
    scope: Scope | None = None
    source: str = "state"
    proposed: bool = False


class Engine:
    """
    Args:
        contract: Whose operations are planned.
        behavior: What they do.
        taken: Options taken of `choices`; the first where nothing is said.
    """

    def __init__(
        self, contract: Contract, behavior: Behavior, taken: Mapping[str, Json] | None = None
    ) -> None:
        self.contract = contract
        self.behavior = behavior
        self.taken: Mapping[str, Json] = taken or {}
        self._timed = [collection for collection in behavior.collections.values() if collection.due]
        self._due_by_row = all(collection.waits_by_row for collection in self._timed)

    proposes = False
    """Whether nobody wrote the rules: what is planned gives way to what the contract documents."""

    def lists(self, operation: Operation) -> bool:
        """Return whether *operation* lists as many rows as one asks for."""
        del operation
        return False

    def covers(self, operation: Operation) -> bool:
        """Return whether a rule says what *operation* does."""
        return operation.id in self.behavior.rules

    def plan(
        self,
        world: World,
        operation: Operation,
        arguments: Arguments,
        account: str,
        items: int | None = None,  # noqa: ARG002 - a list of rules has the rows that there are
        seed: str = "",  # noqa: ARG002 - what rules draw belongs to the world
    ) -> Outcome:
        """
        Carry out the rule of *operation* in a transaction of *world*, and return what is to be answered.

        Whatever is raised, everything was rolled back.

        Raises:
            BehaviorError: An expression cannot be computed.
            Ungeneratable: It draws a value that cannot be made.
        """
        rule = self.behavior.rules.get(operation.id)
        if rule is None:
            return Outcome(world.begin())
        return self._planned(rule, world, operation, arguments, account)

    def pull(self, world: World, trigger: Trigger, data: Json, account: str = "") -> Outcome:
        """Carry out *trigger* with *data* as `plan` does an operation; nobody is answered."""
        operation = self.contract.told_by(trigger.event)
        assert operation is not None, "the trigger was compiled with it"
        arguments = Arguments(body=data)
        return self._planned(trigger.rule, world, operation, arguments, account or world.account)

    def _planned(
        self, rule: Rule, world: World, operation: Operation, arguments: Arguments, account: str
    ) -> Outcome:
        transaction = world.begin()
        outcome = Outcome(transaction)
        scope = outcome.scope = Scope(world, transaction, account, operation.id, arguments, self.taken)
        changes = Changes(self.behavior, scope, outcome.events)
        try:
            self._rehearse(world, operation, arguments, changes, outcome)
            self._carry_out(rule, scope, changes)
            self._answer(rule, operation, scope, outcome)
        except Refused as refused:
            self._undo(world, outcome)
            self._refuse(refused.refusal, operation, scope, outcome)
        except BaseException:
            self._undo(world, outcome)
            raise
        return outcome

    def looking(self, world: World, account: str = "") -> Scope:
        """Return a scope that shows the rows of *world* as *account* (by default the first) sees them."""
        return self.scope(world, world.begin(), account)

    def scope(self, world: World, transaction: Transaction, account: str | None = None) -> Scope:
        """Return a scope that shows the rows of *world* as they are in *transaction*."""
        return Scope(world, transaction, account or world.account, "look", None, self.taken)

    def commit(self, world: World, outcome: Outcome) -> None:
        """Keep what *outcome* has changed."""
        world.commit(outcome.transaction)

    def rollback(self, world: World, outcome: Outcome) -> None:
        """Take back what *outcome* has changed."""
        self._undo(world, outcome)

    def refusal(
        self,
        kind: str,
        operation: Operation,
        world: World,
        account: str,
        problem: Json,
        arguments: Arguments | None = None,
    ) -> Outcome | None:
        """
        Return how this API words a refusal of the server's own, or None where behavior.yaml does not say.

        *kind* is "invalid", "unauthenticated" or "forbidden".
        """
        said = self.behavior.refusals.get(kind)
        if said is None:
            return None
        transaction = world.begin()
        scope = Scope(world, transaction, account, operation.id, arguments, self.taken)
        scope.values["problem"] = problem
        outcome = Outcome(transaction, scope=scope)
        self._refuse(said, operation, scope, outcome)
        return outcome

    # -------------------------------------------------------------------- time

    def idle(self, world: World) -> bool:
        """Return whether nothing is due in *world*; False where that has to be looked into."""
        if not self._timed:
            return True
        due = world.next_due
        return due is not None and due[0] == self._due_from(world) and world.clock.instant < due[1]

    def _due_from(self, world: World) -> tuple[object, ...]:
        """
        Return what is another one whenever something else may be due.

        What is due of a row that depends on nothing but the row stands until rows of these tables change;
        else any change may move it. (A table is another object where all that it holds was exchanged.)
        """
        if not self._due_by_row:
            return (world.version,)
        tables = world.tables
        return tuple((id(tables[one.name]), tables[one.name].changes) for one in self._timed)

    def pass_time(self, world: World) -> list[Happened]:
        """
        Let what is due happen; return the events. Cheap when nothing is.

        Raises:
            BehaviorError: An expression cannot be computed, or two rows would be one. Nothing has happened.
        """
        events: list[Happened] = []
        for _ in range(100):  # one transition may make another due
            if self.idle(world):
                break
            transaction = world.begin()
            changes = Changes(
                self.behavior, Scope(world, transaction, world.account, "due", None, self.taken), events
            )
            try:
                earliest = min(self._fall_due(world, collection, changes) for collection in self._timed)
                changed = world.commit(transaction, by_client=False)
            except BaseException:
                world.version += 1
                transaction.rollback()
                raise
            if not changed:
                world.next_due = (self._due_from(world), earliest)
                break
        return events

    def _fall_due(self, world: World, collection: Collection, changes: Changes) -> float:
        """Let happen in every row the first thing that is due; return when the next will be."""
        scope = changes.scope
        if collection.waits_by_row:
            waiting = world.waiting(collection.name)
            waiting.update(lambda row: self._dues(collection, scope, row))
            for key, row, index in waiting.due(world.clock.instant):
                scope.account = self._owner(collection, row, world)
                changes.fall_due(collection, key, collection.due[index])
            return waiting.next
        earliest = float("inf")
        for key, row in list(scope.transaction.scan(collection.name)):
            scope.account = self._owner(collection, row, world)
            for index, at in self._dues(collection, scope, row):
                if at <= world.clock.instant:
                    changes.fall_due(collection, key, collection.due[index])
                    break  # the row is another now: the next pass looks at it again
                earliest = min(earliest, at)
        return earliest

    @staticmethod
    def _owner(collection: Collection, row: Row, world: World) -> str:
        """Return the account that what happens to *row* happens to."""
        return (row.get("_account") if collection.per_account else None) or world.account

    @staticmethod
    def _dues(collection: Collection, scope: Scope, row: Row) -> list[tuple[int, float]]:
        """Return what waits in one row: the index of each `due` that applies, and its instant."""
        if not collection.due_as_kept:
            row = scope.show(collection, row[collection.key], row)
        within, waiting = scope.child(row=row), []
        for index, due in enumerate(collection.due):
            if due.when is None or due.when(within):
                at = due.at(within)
                if isinstance(at, (int, float)):
                    waiting.append((index, at))
        return waiting

    # ------------------------------------------------------------------- parts

    def _undo(self, world: World, outcome: Outcome) -> None:
        if outcome.transaction.changes:
            world.version += 1
        outcome.transaction.rollback()
        outcome.events.clear()

    def _rehearse(
        self, world: World, operation: Operation, arguments: Arguments, changes: Changes, outcome: Outcome
    ) -> None:
        for rehearsal in world.fixture.rehearsals.get(operation.id, ()):
            if world.clock.by_hand or not self._fits(rehearsal, operation, arguments, outcome.transaction):
                continue
            for name, keys in rehearsal.instead.items():
                for key in keys:
                    changes.delete(self.behavior.collections[name], key)
            changes.rehearsal = rehearsal
            changes.made_keys = {name: list(keys) for name, keys in rehearsal.keys.items()}
            if rehearsal.now:
                changes.scope.now = rehearsal.now
            outcome.rehearsed = rehearsal.example
            return

    @staticmethod
    def _fits(
        rehearsal: Rehearsal, operation: Operation, arguments: Arguments, transaction: Transaction
    ) -> bool:
        if not is_example(operation, rehearsal.example, arguments):
            return False
        keys = [(name, key) for name, made in rehearsal.keys.items() for key in made]
        if any(transaction.get(*key) is not None and transaction.touched(*key) for key in keys):
            return False  # this is not the first such call
        return not any(
            transaction.touched(name, key) for name, keys in rehearsal.instead.items() for key in keys
        )

    def _carry_out(self, rule: Rule, scope: Scope, changes: Changes) -> None:
        values = scope.values
        if rule.item is not None:
            self._bind(rule, scope)
        for name, value in rule.lets:
            if (found := value(scope)) is not MISSING:
                values[name] = found
        for condition, refusal in rule.refusals:
            if condition(scope):
                raise Refused(refusal)
        if rule.listing is not None:
            values.update(listed(rule.listing, scope, scope.world))
        if rule.create is not None:
            changes.step(rule.create)
        bound = values.get("item")
        if isinstance(bound, Bound):
            if rule.merge is not None or rule.fields is not None:
                changes.merge(bound, rule)
            if rule.delete:
                scope.look(bound)
                changes.delete(bound.collection, bound.key)
        changes.steps(rule.steps)
        changes.emit(rule.events)

    def _bind(self, rule: Rule, scope: Scope) -> None:
        item = rule.item
        assert item is not None
        collection = self.behavior.collections[item.collection]
        key = item.key(scope)
        found = scope.find(collection, key) if key is not MISSING else MISSING
        named = scope.child(row=found, item=found)
        if found is not MISSING and item.when is not None and not item.when(named):
            found = MISSING
        if found is MISSING:
            if not item.optional:
                raise Refused(item.unknown or self.behavior.refusals.get("unknown"))
            return
        bound = scope.values["item"] = Bound(collection, key)
        bound.last = found

    def _answer(self, rule: Rule, operation: Operation, scope: Scope, outcome: Outcome) -> None:
        answer = rule.answer(scope)
        outcome.rule = answer.told
        if answer.status is not None:
            outcome.status = _status(answer.status(scope), answer.place)
        if answer.body is not None:
            outcome.body = answer.body(scope)
        elif not answer.example:
            for name in ("rows", "new", "item"):
                if (found := scope(name)) is not MISSING and not (name == "item" and rule.delete):
                    outcome.body = found
                    break
        if answer.headers is not None:
            outcome.headers = answer.headers(scope)
        if answer.example:
            self._lay_over(answer.example, operation, outcome)

    def _refuse(self, refusal: Refusal | None, operation: Operation, scope: Scope, outcome: Outcome) -> None:
        outcome.refused = True
        if refusal is None:
            outcome.status = 404
            return
        outcome.rule = refusal.told
        outcome.status = _status(refusal.status(scope), refusal.place)
        if refusal.body is not None:
            outcome.body = refusal.body(scope)
        if refusal.headers is not None:
            outcome.headers = refusal.headers(scope)
        if refusal.example:
            self._lay_over(refusal.example, operation, outcome)

    def _lay_over(self, name: str, operation: Operation, outcome: Outcome) -> None:
        promises: list[Promise | None] = (
            list(operation.responses.values())
            if outcome.status is None
            else [
                operation.refusal(outcome.status, name)
                if outcome.refused
                else operation.promise(outcome.status)
            ]
        )
        for promise in promises:
            for media in promise.content.values() if promise is not None else ():
                if name in media.examples:
                    base = media.examples[name].value
                    outcome.body = base if outcome.body is MISSING else deep_merge(base, outcome.body)
                    outcome.example = name
                    return


def _status(value: Json, place: Place) -> int:
    """Return a computed status. Raises BehaviorError where it is none."""
    if type(value) is int and 100 <= value < 600:
        return value
    text = str(value)
    if not re.fullmatch("[1-5][0-9][0-9]", text):
        raise BehaviorError(place.file, place.line, place.pointer, f"{value!r:.40} is no status")
    return int(text)
