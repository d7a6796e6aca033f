"""
Several models of one server, made of the same rules: what they agree on is determined.

They differ in seed, clock, counters and (where the server does not hold the
documents' own data) in the rows that they start with. So whatever hangs on
chance, on time or on what others have put there differs between them, and is
free; what they agree on, the server must agree with.

What a server has chosen freely is adopted: the keys and made-up fields of what it
made, and its time, are the models' from then on, and have to stay.
"""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from mockserver.behavior.changes import Changes, Happened
from mockserver.behavior.clock import Clock
from mockserver.behavior.engine import Engine, Outcome
from mockserver.behavior.functions import moment
from mockserver.behavior.model import Behavior
from mockserver.behavior.scope import Scope
from mockserver.behavior.store import Row
from mockserver.behavior.wording import plain, singular
from mockserver.behavior.world import Fixture, Rehearsal, World
from mockserver.contract.model import Operation
from mockserver.errors import BehaviorError, Ungeneratable
from mockserver.exchange import Arguments, Json
from mockserver.generation import choose
from mockserver.server.api import Api
from mockserver.verify.rules.opening import Change, Given, opened, others, unlike

CERTAIN = 5
"""Models beside the first before an answer is called wrong: one alone may agree with it by chance."""

Start = Literal["documents", "referred", "elsewhere", "nothing"]

STARTS: tuple[Start, ...] = ("referred", "elsewhere", "documents", "nothing", "elsewhere", "elsewhere")
"""What the models start with, where the server does not hold the documents' data."""

There = Mapping[str, Mapping[Any, Mapping[str, Json]]]
"""Collection -> keys of rows that a server has already -> those of their fields that are known."""

Made = Mapping[str, tuple[Any, ...]]
"""Collection -> keys of the rows that a step has made, in order."""


class Consulted(Mapping[str, Json]):
    """The options that are taken, which remembers those that were asked for."""

    def __init__(self, taken: Mapping[str, Json]) -> None:
        self.taken = dict(taken)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Json:
        self.asked.add(key)
        return self.taken[key]

    def get(self, key: str, default: Json = None) -> Json:
        """Return the option, and remember that it was asked for."""
        self.asked.add(key)
        return self.taken.get(key, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.taken)

    def __len__(self) -> int:
        return len(self.taken)

    def __bool__(self) -> bool:
        return True  # empty as it may be, it is there to be asked


class _Engine(Engine):
    """The engine, without what a document prints: an example's values are nobody's rules."""

    adopting: Rehearsal | None = None

    def _rehearse(
        self, world: World, operation: Operation, arguments: Arguments, changes: Changes, outcome: Outcome
    ) -> None:
        del world, operation, arguments, outcome
        if self.adopting is not None:
            changes.rehearsal = self.adopting
            changes.made_keys = {name: list(keys) for name, keys in self.adopting.keys.items()}
            if self.adopting.now:
                changes.scope.now = self.adopting.now

    def _lay_over(self, name: str, operation: Operation, outcome: Outcome) -> None:
        del operation
        outcome.example = name


@dataclass(frozen=True, eq=False)
class Said:
    """
    What one model says of one request.

    Attributes:
        status: What is answered.
        refused: Whether a rule refuses.
        body: `MISSING` where the rules say nothing of it.
        made: Keys of the rows that it makes.
        rows: Those rows, as they are shown.
        now: The model's time.
        rule: The rule that decided.
        changes: Rows before and after, by collection and key.
        room: How many rows a list that begins with the first one was asked for; 0 where nobody said.
        events: What subscribers are told of it.
    """

    status: int
    refused: bool
    body: Json
    made: Made
    rows: Mapping[tuple[str, Any], Mapping[str, Json]]
    now: str
    rule: str
    changes: Mapping[tuple[str, Any], Change]
    room: int = 0
    events: tuple[Happened, ...] = ()


class Undecided(Exception):
    """The rules cannot be carried out on this request: nothing is determined."""


def keeps_apart(api: Api) -> bool:
    """
    Return whether the rules say whose things are.

    Where no collection is an account's and data.yaml says nothing of two accounts, a server may well keep
    them apart: that is written nowhere.
    """
    accounts = api.fixture.accounts
    told = any(one.per_account for one in api.behavior.collections.values()) or any(accounts.values())
    return told and len(accounts) > 1


class Model:
    """
    One model.

    Args:
        api: Whose rules.
        taken: Options of `choices`.
        start: "documents" for the documents' own rows; "referred" for those that no operation makes (the bots
            of campaigns); "elsewhere" for these in other words, for every server calls its own; "nothing".
        shift: Makes its seed, its counters and its clock other than those of another shift.
        there: Rows that the server has, whatever it starts with; what is not known of them differs with the
            shift.
    """

    def __init__(
        self, api: Api, taken: Consulted, *, start: Start, shift: int, there: There | None = None
    ) -> None:
        self.engine = _Engine(api.contract, api.behavior, taken)
        made = api.world()
        fixture = replace(api.fixture, rehearsals={})
        if start != "documents":
            accounts = {
                name: {one: others(value, shift, fixture.now) for one, value in said.items()}
                for name, said in fixture.accounts.items()
            }
            rows = {} if start == "nothing" else dict(_referred(api.behavior, fixture))
            if start == "elsewhere":
                rows = {
                    name: _told(rows[name], api.behavior.collections[name].key, shift, fixture)
                    for name in rows
                }
            fixture = Fixture(now=fixture.now, seed=fixture.seed, accounts=accounts, rows=rows)
        self._seconds = 0.0
        clock = Clock(fixture.now, lambda: self._seconds)
        if shift > 1:  # a server's own time, or the documents': what hangs on which of them it is is free
            clock.set(moment(time.time() + (shift - 2) * 86_400.0))
            clock.by_hand = False
        self._shift = shift
        self.still = False
        """Whether nothing falls due: a plan is tried at one moment."""
        self.world = World(
            api.behavior, fixture, seed=f"lockstep{shift}", text=made.text, value=made.value, clock=clock
        )
        for table in self.world.tables.values():
            table.number += 7_000 * shift
        for name, seen in (there or {}).items():
            documents = made.tables[name].rows
            for key, known in seen.items():
                keyed = api.behavior.collections[name].key
                sample = documents.get(key) or next(iter(documents.values()), {})
                row = {**unlike({**sample, keyed: key}, keyed, shift, fixture.now), **copy.deepcopy(known)}
                self.world.tables[name].put(key, row)
                if shift > 1 and start != "nothing":
                    self._put_below(made, name, key)
        self.accounts = list(self.world.accounts)

    def _put_below(self, documents: World, name: str, key: Any) -> None:
        """Let rows of every kind belong to a row that the server has: nobody knows what does there."""
        for other, place in referring(documents, name):
            rows = documents.tables[other].rows
            keyed = documents.behavior.collections[other].key
            for number, (old, row) in enumerate(itertools.islice(rows.items(), self._shift)):
                new = 10**8 * self._shift + number if isinstance(old, int) else f"{old}-{self._shift}{number}"
                self.world.tables[other].put(new, {**row, keyed: new, place: key})

    @property
    def account(self) -> str:
        """The first account."""
        return self.accounts[0] if self.accounts else "first"

    def plan(self, operation: Operation, arguments: Arguments, account: str) -> Said:
        """Say what is answered; nothing is kept."""
        return self._carry_out(operation, arguments, account, None, keep=False)

    def keep(self, operation: Operation, arguments: Arguments, account: str, adopted: Rehearsal) -> Said:
        """Do it, with what was *adopted* from the server."""
        return self._carry_out(operation, arguments, account, adopted, keep=True)

    def _carry_out(
        self,
        operation: Operation,
        arguments: Arguments,
        account: str,
        adopted: Rehearsal | None,
        *,
        keep: bool,
    ) -> Said:
        world, engine = self.world, self.engine
        before = {name: dict(table.rows) for name, table in world.tables.items()}
        engine.adopting = adopted
        try:
            if not keep and not self.still:
                engine.pass_time(world)
            outcome = engine.plan(world, operation, _apart(arguments), account)
        except (BehaviorError, Ungeneratable) as error:
            raise Undecided(str(error)) from error
        now = outcome.scope.now if outcome.scope is not None else world.clock.now
        made: dict[str, tuple[Any, ...]] = {}
        rows: dict[tuple[str, Any], Mapping[str, Json]] = {}
        for name, table in world.tables.items():
            fresh = tuple(key for key in table.rows if key not in before[name])
            if fresh and not outcome.refused:
                made[name] = fresh
                collection = world.behavior.collections[name]
                for key in fresh:
                    row = table.rows[key]
                    rows[name, key] = (
                        outcome.scope.show(collection, key, row) if outcome.scope is not None else row
                    )
        body, events = _copied(outcome.body), tuple(copy.deepcopy(outcome.events))
        written = tuple(outcome.transaction.written)
        status = _status(operation, outcome)
        if keep:
            engine.commit(world, outcome)
            self._seconds += 13.0 * (self._shift - 1)  # time flows in the others, and stands in the first
        changes = {
            (name, key): (before[name].get(key), world.tables[name].rows.get(key)) for name, key in written
        }
        if not keep:
            engine.rollback(world, outcome)
        told = outcome.scope.values if outcome.scope is not None else {}
        room = told["limit"] if "rows" in told and told.get("offset") == 0 else 0
        return Said(status, outcome.refused, body, made, rows, now, outcome.rule, changes, room, events)

    def open(self, said: Said, shown: Given, *, whole: bool) -> None:
        """Let what the document leaves open of *said* be as the server shows it, or as nobody else has it."""
        for (name, key), change in said.changes.items():
            row = opened(change, shown.get((name, key), {}), whole, self._shift, said.now)
            table = self.world.tables[name]
            if row is None:
                table.remove(key)
            else:
                table.put(key, dict(row))
        self.world.version += 1

    def order(self, operation: Operation, arguments: Arguments, account: str) -> str:
        """Return the order that a request asks a list for, "" where it asks for none."""
        rule = self.engine.behavior.rules[operation.id]
        if rule.listing is None or rule.listing.sort is None:
            return ""
        world = self.world
        try:
            asked = rule.listing.sort(Scope(world, world.begin(), account, operation.id, arguments, {}))
        except BehaviorError:  # it hangs on what is not there: then the list has its own order
            return ""
        return asked.strip() if isinstance(asked, str) else ""

    def keys(self, collection: str) -> list[Any]:
        """Return the keys of the rows that there are."""
        return list(self.world.tables[collection].rows)


def _apart(arguments: Arguments) -> Arguments:
    """Return the same in lists and objects of its own: rules may change what they were given."""
    parts = (arguments.path, arguments.query, arguments.header, arguments.cookie, arguments.body)
    path, query, header, cookie, body = map(_copied, parts)
    return replace(arguments, path=path, query=query, header=header, cookie=cookie, body=body)


def _copied(value: Any) -> Any:
    """Return JSON in lists and objects of its own; what is neither is shared, for nobody changes it."""
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _referred(behavior: Behavior, fixture: Fixture) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Yield the rows of each collection that no operation makes rows of."""
    made = {
        step.collection
        for rule in behavior.rules.values()
        for step in (rule.create, *rule.steps)
        if step is not None and step.kind in ("create", "copy")
    }
    for name, rows in fixture.rows.items():
        if name not in made and not behavior.collections[name].parents:
            yield name, rows


def _told(rows: Iterable[Row], key: str, shift: int, fixture: Fixture) -> tuple[Row, ...]:
    """Return *rows* in other words, under their keys."""
    return tuple(
        {name: value if name == key else others(value, shift, fixture.now) for name, value in row.items()}
        for row in rows
    )


def referring(documents: World, name: str) -> Iterator[tuple[str, str]]:
    """Yield (collection, field) of rows that belong to one of the collection *name*, as far as names tell."""
    word = singular(plain(name))
    for other, table in documents.tables.items():
        parents = documents.behavior.collections[other].parents
        fields = [one for one, above in parents.items() if above == name]
        row = next(iter(table.rows.values()), {})
        fields += [one for one in row if plain(one) in (word, f"{word}id", f"{word}key")]
        if other != name and fields:
            yield other, fields[0]


def _status(operation: Operation, outcome: Outcome) -> int:
    if outcome.status is not None:
        return outcome.status
    found = choose.success(operation)
    return found.status if found is not None else 200


@dataclass
class Models:
    """
    The models, and the options that they take.

    Args:
        api: Whose rules.
        taken: Options of `choices`.
        printed: Whether the server holds the documents' own data.
        count: Models beside the first.
        there: Rows that the server has already.
    """

    api: Api
    taken: Mapping[str, Json]
    printed: bool
    count: int = 1
    there: There | None = None
    consulted: Consulted = field(init=False)
    one: Model = field(init=False)
    others: list[Model] = field(init=False)

    def __post_init__(self) -> None:
        starts: Iterator[Start]
        self.consulted = Consulted(self.taken)
        starts = itertools.cycle(("documents",) if self.printed else STARTS)
        self.one, *self.others = (
            Model(self.api, self.consulted, start=start, shift=1 + number, there=self.there)
            for number, start in enumerate(itertools.islice(starts, 1 + self.count))
        )

    def account(self, second: bool) -> str:
        """Return the account of the first or the second identity."""
        names = self.one.accounts or ["first"]
        return names[1] if second and len(names) > 1 else names[0]
