"""
Ask wrongly where asking rightly would go well.

A body that is wrong in one way says something of a server only where the rules let
the rest of it pass: resuming with a strategy that there is not is refused for the
campaign, not for the strategy, unless the campaign is paused. So before a step that
the rules allow, what is wrong with one like it is asked first; each wrong way once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.generation import choose
from mockserver.verify.laws.asking import Asker, Reply, Unsupported
from mockserver.verify.laws.bodies import Bodies
from mockserver.verify.laws.refusing import wrong_bodies, wrong_values
from mockserver.verify.requests import Key

MOST = 8
"""Wrong requests before one step."""

IN_QUERIES = frozenset({"enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
"""What a query parameter may be asked to break: how else it is read is up to many a framework."""


@dataclass(frozen=True)
class Probe:
    """One wrong request: where and by which keyword it is wrong, and what it says."""

    place: str
    value: Json
    parameters: Mapping[Key, Json]
    body: Json


@dataclass
class Probes:
    """
    Those of one run.

    Attributes:
        only: Where one is asked for once more: its operation and place; None for all that were not asked.
    """

    asked: set[tuple[str, str]] = field(default_factory=set)
    only: tuple[str, str] | None = None

    def ask(
        self,
        asker: Asker,
        operation: Operation,
        bodies: Bodies | None,
        parameters: Mapping[Key, Json],
        body: Json,
        *,
        other: bool,
        passes: Callable[[], bool],
    ) -> tuple[Probe, Reply] | None:
        """
        Ask wrongly; return what was taken all the same, None where all was refused.

        *passes* says whether the rules let the same pass where it is said rightly; it is asked at most once.
        """
        if choose.fitting(operation, "invalid") is None:
            return None
        count = 0
        sound = False
        for probe in wrong_ways(operation, bodies, parameters, body):
            named = (operation.id, probe.place)
            if named in self.asked if self.only is None else named != self.only:
                continue
            sound = sound or passes()
            if not sound:
                return None
            self.asked.add(named)
            try:
                if not asker.excluded(operation, probe.parameters, probe.body):
                    continue
                reply = asker.ask(operation, probe.parameters, probe.body, other=other)
            except Unsupported:
                continue
            count += 1
            if reply.good:
                return probe, reply
            if count == MOST:
                break
        return None


def wrong_ways(
    operation: Operation, bodies: Bodies | None, parameters: Mapping[Key, Json], body: Json
) -> Iterator[Probe]:
    """Yield requests that are wrong in one way, and otherwise as *parameters* and *body* say."""
    if bodies is not None and isinstance(body, dict) and bodies.fits(body):
        for name, keyword, wrong in wrong_bodies(bodies, body):
            place = f"body/{name}/{keyword}" if name else f"body/{keyword}"
            yield Probe(place, wrong.get(name, MISSING), parameters, wrong)
        for place, wrong in _incomplete(bodies, body):
            yield Probe(place, MISSING, parameters, wrong)
    for parameter in operation.parameters:
        if parameter.location != "query" or parameter.schema is None:
            continue
        shape = Shape(parameter.schema.json("request"))
        many = "array" in shape.kinds and "string" not in shape.kinds
        for keyword, value in wrong_values(shape.item(0) if many else shape, MISSING):
            if keyword in IN_QUERIES:
                said = {**parameters, ("query", parameter.name): [value] if many else value}
                yield Probe(f"query/{parameter.name}/{keyword}", value, said, body)


def _incomplete(bodies: Bodies, body: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield bodies without something that is needed, be it only beside one of the enumerated values."""
    for name in body:
        left = {one: value for one, value in body.items() if one != name}
        if not bodies.fits(left):
            yield f"body/{name}/required", left
    for name in bodies.shape.names:
        for value in bodies.shape.named(name).enum or ():
            said = {**body, name: value}
            for other in bodies.shape.names:
                left = {one: two for one, two in said.items() if one != other}
                known = other in body and not bodies.fits({one: body[one] for one in body if one != other})
                if other != name and not known and not bodies.fits(left) and _would_fit(bodies, said, other):
                    yield f"body/{other}/required beside {name}={value}", left


def _would_fit(bodies: Bodies, said: dict[str, Json], other: str) -> bool:
    """Return whether *said* is good with *other* in it."""
    whole = {**bodies.make("full", "q", seed="1"), **said}
    return other in whole and bodies.fits({**said, other: whole[other]})
