"""
Draw a walk: operations in a random order on what the walk itself has made, allowed and refused ones.

A step names what it acts on by the step that made it, so that a walk can be gone
again with other keys, and with steps left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mockserver.behavior.model import Behavior, Rule
from mockserver.behavior.scope import Scope
from mockserver.behavior.wording import plain
from mockserver.contract.model import Contract, Operation
from mockserver.contract.shapes import Shape
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Arguments, Json
from mockserver.verify.laws.asking import Unsupported, media_of
from mockserver.verify.laws.bodies import DEEP, EXAMPLE, FULL, LEAST, Bodies
from mockserver.verify.laws.varied import varied
from mockserver.verify.requests import Key
from mockserver.verify.rules.looking import Of
from mockserver.verify.rules.model import Model, There

HOW = (FULL, FULL, EXAMPLE, EXAMPLE, LEAST)
AGAIN = 0.25
"""How often something is made with the body of one that was made before: what is unique, and until when."""

STRANGE = -1
"""In place of the step that made something: a key that nothing has."""


@dataclass(frozen=True)
class Step:
    """
    One step of a walk.

    Attributes:
        operation: What is asked.
        target: The number of the step that made what it acts on; `STRANGE`, or None for nothing.
        how: How much its body says.
        draw: Seeds what is made up.
        part: Properties of the body that are sent, where it changes a part; () for all.
        other: Whether the second identity asks.
        given: Properties of the body whose values are decided.
        asked: The optional parameters that are said; None leaves them to chance.
        printed: The key of a row that it acts on and that the server has already; `MISSING` for none.
        again: The number of the step whose body is sent once more; None for a body of its own.
        late: Whether clocks must have moved since the steps before it.

    A value of *given* and *asked* may be an `Of`: what the row has that the step is about.
    """

    operation: Operation
    target: int | None
    how: str
    draw: int
    part: tuple[str, ...] = ()
    other: bool = False
    given: tuple[tuple[str, Json], ...] = ()
    asked: tuple[tuple[str, Json], ...] | None = None
    printed: Json = MISSING
    again: int | None = None
    late: bool = False


@dataclass(frozen=True, eq=False)
class Drawn:
    """
    How an operation is asked.

    Attributes:
        item: The collection whose row it acts on, "" for none.
        place: ("path"|"query"|"body", name) of what names the row.
        makes: The collection that it makes rows of, "" for none.
        changes: Whether it lays a part of its body over the row.
    """

    operation: Operation
    rule: Rule
    item: str = ""
    place: Key = ("", "")
    makes: str = ""
    changes: bool = False
    deletes: bool = False

    @property
    def adds(self) -> bool:
        """Whether it makes rows below the one that it acts on, and leaves that as it is."""
        changes = self.rule.merge or self.rule.merge_deep or self.rule.fields or self.rule.delete
        steps = all(step.kind in ("let", "refuse", "emit", "create") for step in self.rule.steps)
        return bool(self.makes) and self.makes != self.item and not changes and steps

    @property
    def touches(self) -> set[str]:
        """The collections that it changes."""
        steps = {step.collection for step in self.rule.steps if step.kind not in ("let", "refuse", "emit")}
        return {self.makes, self.item, *steps} - {""}

    @property
    def tells(self) -> set[str]:
        """The names, of collections among them, that its answer is reckoned from."""
        steps = (self.rule.lets, *(step.lets for step in self.rule.steps))
        said = [value for lets in steps for _, value in lets]
        said += [answer.body for answer in self.rule.answers if answer.body is not None]
        return {name for value in said for name in value.names}


def drawn(contract: Contract, behavior: Behavior, model: Model) -> Iterator[Drawn]:
    """Yield how each operation that has a rule is asked; without those that change a row nobody can name."""
    for operation in contract.operations.values():
        rule = behavior.rules.get(operation.id)
        if rule is None:
            continue
        makes = rule.create.collection if rule.create is not None and rule.create.over is None else ""
        if rule.item is None:
            yield Drawn(operation, rule, makes=makes)
            continue
        place = _named_by(operation, rule, model)
        if place is not None:
            changes = rule.merge is not None
            removes = rule.delete or (
                operation.method == "DELETE"
                and any(one.kind == "delete" and one.collection == rule.item.collection for one in rule.steps)
            )
            yield Drawn(operation, rule, rule.item.collection, place, makes, changes, removes)
        elif rule.reads:
            yield Drawn(operation, rule)  # it looks for a row, by what that has


def _named_by(operation: Operation, rule: Rule, model: Model) -> Key | None:
    """Return what in a request names the row: the parameter whose value the rule takes for the key."""
    assert rule.item is not None
    arguments = Arguments()
    for parameter in operation.parameters:
        if parameter.location in ("path", "query", "header"):
            getattr(arguments, parameter.location)[parameter.name] = f"{parameter.location}|{parameter.name}"
    media = media_of(operation)
    names = (
        Shape(media.schema.json("request")).names if media is not None and media.schema is not None else ()
    )
    if names:
        arguments.body = {name: f"body|{name}" for name in names}
    scope = Scope(model.world, model.world.begin(), model.accounts[0], operation.id, arguments, {})
    try:
        found = rule.item.key(scope)
    except BehaviorError:  # a rule may do arithmetic with the key: then no text stands for it
        return None
    where, bar, name = str(found).partition("|")
    return (where, name) if bar and where in ("path", "query", "header", "body") else None


@dataclass
class Planner:
    """
    Draws walks.

    Args:
        ways: How the operations are asked.
        seed: Of all that is drawn.
        second: Whether there is a second identity.
        there: Rows that the server has already, to look at and to make others below.
    """

    ways: list[Drawn]
    seed: str
    second: bool
    there: There = field(default_factory=dict)
    _made: dict[str, list[int]] = field(default_factory=dict)
    _sent: dict[str, list[int]] = field(default_factory=dict)

    def walk(self, number: int, length: int) -> list[Step]:
        """Return walk *number*, of about *length* steps; it begins by making something to act on."""
        random = Random(f"{self.seed}/{number}")
        makers = [way for way in self.ways if way.makes]
        acting = [way for way in self.ways if way.item]
        steps: list[Step] = []
        self._made, self._sent = {}, {}
        wanted = {way.item for way in acting}
        useful = [way for way in makers if way.makes in wanted and self._is_ready(way)] or makers
        for count in range(length):
            if useful and (count == 0 or (count < 3 and random.random() < 0.3)):
                way = random.choice(useful)
            else:
                way = random.choices(self.ways, [self._weight(one) for one in self.ways])[0]
            steps.append(self._step(random, way, len(steps)))
            steps += self._look(random, way, steps[-1], len(steps))
        return steps

    def _is_ready(self, way: Drawn) -> bool:
        """Return whether there is something to make rows below, or nothing needed for that."""
        return not way.item or (way.item in self.there and way.adds)

    def _look(self, random: Random, way: Drawn, step: Step, number: int) -> list[Step]:
        """Look, as a rule, at what a step has made or changed: a change that nobody reads is never wrong."""
        collection = way.makes or way.item
        target = number - 1 if way.makes else step.target
        readers = [
            one for one in self.ways if one.item == collection and one.rule.reads and one.rule.listing is None
        ]
        if way.rule.reads or target in (None, STRANGE) or not readers or random.random() < 0.25:
            return []
        return [
            Step(
                readers[0 if random.random() < 0.7 else -1].operation, target, LEAST, random.randrange(10**6)
            )
        ]

    def _weight(self, way: Drawn) -> float:
        if way.item:
            made = bool(self._made.get(way.item)) or (way.item in self.there and way.rule.reads)
            return (0.5 if way.deletes else 3.0) if made else 0.2
        return 0.7 if way.makes else 1.2

    def _step(self, random: Random, way: Drawn, number: int) -> Step:
        target = None
        printed: Json = MISSING
        there = list(self.there.get(way.item, ())) if way.rule.reads or way.adds else []
        if way.item and there and random.random() < 0.9:
            printed = random.choice(there)
        elif way.item:
            made = self._made.get(way.item, [])
            strange = not made or random.random() < 0.06
            target = STRANGE if strange else random.choice(made)
        part: tuple[str, ...] = ()
        if way.changes and random.random() < 0.7:
            names = _parts(way.operation)
            if names:
                part = tuple(sorted(random.sample(names, min(len(names), random.choice((1, 1, 2, 3))))))
        again = None
        if way.makes:
            before = self._sent.setdefault(way.operation.id, [])
            again = random.choice(before) if before and random.random() < AGAIN else None
            before.append(number)
            self._made.setdefault(way.makes, []).append(number)
        other = self.second and bool(way.item) and random.random() < 0.05
        return Step(
            *(way.operation, target, random.choice(HOW), random.randrange(10**6), part, other),
            printed=printed,
            again=again,
        )


def _parts(operation: Operation) -> list[str]:
    """Return the properties of a body that may be sent without the others."""
    media = media_of(operation)
    if media is None or media.schema is None:
        return []
    shape = Shape(media.schema.json("request"))
    required = shape.required
    return sorted(name for name in shape.names if name not in required)


def enumerated(operation: Operation) -> dict[str, list[Json]]:
    """Return the properties of a body of *operation* that have one of a few values, with those."""
    media = media_of(operation)
    if media is None or media.schema is None:
        return {}
    shape = Shape(media.schema.json("request"))
    found: dict[str, list[Json]] = {}
    for name in shape.names:
        values = shape.named(name).enum or []
        if len(values) > 1:
            found[name] = values
    return found


def _varied(bodies: Bodies, made: dict[str, Json], random: Random) -> dict[str, Json]:
    """Return *made* with any of the values that enumerated properties have, not only the example's."""
    for name, values in enumerated(bodies.operation).items():
        if name in made:
            said = {**made, name: random.choice(values)}
            made = said if bodies.fits(said) else made
    return made


class Speaker:
    """Says the steps of walks: parameters and bodies, with keys as they are now."""

    def __init__(self, ways: list[Drawn]) -> None:
        self._ways = {way.operation.id: way for way in ways}
        self._bodies: dict[str, Bodies] = {}

    def say(self, step: Step, key: Any, token: str, rows: dict[str, Json]) -> tuple[dict[Key, Json], Json]:
        """
        Return (parameters, body) of *step*.

        Args:
            step: What is said.
            key: Of what it acts on.
            token: A word that nobody else uses.
            rows: A row of what it acts on, for values that a filter may be asked for.

        Raises:
            Unsupported: It cannot be said.
        """
        way, operation = self._ways[step.operation.id], step.operation
        parameters = self._parameters(step, rows)
        body: Json = MISSING
        if media_of(operation) is not None and operation.body is not None:
            body = self._body(step, token, rows)
        where, name = way.place
        if where == "body":
            if not isinstance(body, dict):
                raise Unsupported(f"{operation.id} has no body to name a row in")
            body[name] = key
        elif where:
            parameters[where, name] = key
        return parameters, body

    def bodies(self, operation: Operation) -> Bodies | None:
        """Return the bodies of *operation*; None where it has none."""
        media = media_of(operation)
        if media is None or operation.body is None:
            return None
        bodies = self._bodies.get(operation.id)
        if bodies is None:
            shape = Shape(media.schema.json("request") if media.schema is not None else {})
            bodies = self._bodies[operation.id] = Bodies(operation, (), shape)
        return bodies

    def _body(self, step: Step, token: str, rows: Mapping[str, Json]) -> Json:
        operation = step.operation
        bodies = self.bodies(operation)
        if bodies is None:
            raise Unsupported(f"{operation.id} has no body")
        made = bodies.make(step.how, token, seed=f"{step.draw}")
        made = varied(bodies, made, Random(step.draw))
        if step.part:
            whole = {**bodies.make(FULL, token, seed=f"{step.draw}"), **made}
            required = bodies.shape.required
            made = {name: value for name, value in whole.items() if name in step.part or name in required}
        if step.part or step.how in (FULL, DEEP):
            made = _varied(bodies, made, Random(step.draw))
        made.update(_decided(step.operation, step.given, rows))
        return made

    def _parameters(self, step: Step, rows: dict[str, Json]) -> dict[Key, Json]:
        """Return the optional parameters that are said: some of the list's filters, orders and sizes."""
        if step.asked is not None:
            decided = _decided(step.operation, step.asked, rows)
            return {("query", name): value for name, value in decided.items()}
        random = Random(step.draw)
        said: dict[Key, Json] = {}
        for parameter in step.operation.parameters:
            if parameter.location != "query" or parameter.required or random.random() < 0.65:
                continue
            shape = Shape(parameter.schema.json("request")) if parameter.schema is not None else Shape({})
            enum = shape.enum
            named = next((name for name in rows if plain(name) == plain(parameter.name)), "")
            if enum:
                said["query", parameter.name] = random.choice(enum)
            elif named and isinstance(rows[named], (str, int)):
                said["query", parameter.name] = rows[named]
            elif shape.kinds <= {"boolean"}:
                said["query", parameter.name] = random.random() < 0.5
        return said


def _decided(
    operation: Operation, given: Iterable[tuple[str, Json]], row: Mapping[str, Json]
) -> dict[str, Json]:
    """
    Return the values of *given*, those of a *row* looked up.

    Raises:
        Unsupported: The row has none.
    """
    found = {name: value.value(row) if isinstance(value, Of) else value for name, value in given}
    for name, value in found.items():
        if value is MISSING:
            raise Unsupported(f"nothing is known to say as {name} of {operation.id}")
    return found
