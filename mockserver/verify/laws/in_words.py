"""
What words say of two properties of one thing: "`endsAt` must be after `startsAt`".

No schema can say it. So a body that is drawn is put in order before it is sent, and a law (`inequalities`)
sends one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from mockserver.behavior.wording import plain, words_of
from mockserver.contract.model import Operation
from mockserver.exchange import Json
from mockserver.verify.laws.alike import instant
from mockserver.verify.laws.asking import Inconclusive
from mockserver.verify.laws.bodies import Bodies
from mockserver.verify.laws.measuring import measured

_MORE = r"after|later than|(greater|larger|higher|more|bigger) than|above|at least"
_LESS = r"before|earlier than|(less|smaller|lower|fewer) than|below|at most"
_HAS_TO = (
    r"\b(must|has to|have to)( always)?( (?P<not>not))? be"
    r"|\b(?P<never>cannot|can not|can't|may not|mustn't) be"
)
_HELD = re.compile(
    rf"(?P<one>[\w`' -]{{1,40}}?) ({_HAS_TO}) (on or |equal to or )?((?P<more>{_MORE})|(?P<less>{_LESS}))"
    r"( or (equal( to)?|on|the same as))? (?P<other>[\w`' -]{1,40})",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Inequality:
    """
    What is said of two properties.

    Attributes:
        high: The one that must be more, or later.
        low: The other.
        words: How it is said.
    """

    high: str
    low: str
    words: str


def said_of(bodies: Bodies, text: str) -> Iterator[Inequality]:
    """Yield what *text* says of two properties of the same kind."""
    names = {plain(name): name for name in bodies.shape.names}
    names |= {"".join(words_of(name)): name for name in bodies.shape.names}
    for found in _HELD.finditer(text):
        one, other = _named(found["one"], names, last=True), _named(found["other"], names, last=False)
        if one is None or other is None or one == other or kind_of(bodies, one) != kind_of(bodies, other):
            continue
        if not kind_of(bodies, one):
            continue
        up = bool(found["more"]) is not bool(found["not"] or found["never"])
        yield Inequality(*((one, other) if up else (other, one)), found[0].strip())


def _named(said: str, names: dict[str, str], *, last: bool) -> str | None:
    """Return the property that the *last* words of *said* name, or the first ones."""
    words = said.replace("`", "").replace("'", "").split()
    for count in (3, 2, 1):
        part = words[-count:] if last else words[:count]
        if not last and part and part[0].lower() in ("the", "its", "their", "a", "an"):
            part = words[1 : count + 1]
        if len(part) == count and (found := names.get(plain("".join(part)))) is not None:
            return found
    return None


def kind_of(bodies: Bodies, name: str) -> str:
    """Return what *name* is, as far as it can be more or less: "number", "time"; "" else."""
    shape = bodies.shape.named(name)
    formats = {str(face["format"]) for face in shape.faces if "format" in face}
    if any("enum" in face or "const" in face for face in shape.faces):
        return ""
    if formats & {"date", "date-time"}:
        return next(iter(formats))
    return "number" if shape.typed and shape.kinds & {"integer", "number"} else ""


def words_about(operation: Operation, bodies: Bodies) -> str:
    """Return what the contract says of *operation*, of its refusals and of what it is sent."""
    refusals = [one.description for status, one in operation.responses.items() if status in ("400", "422")]
    told = [bodies.shape.named(name).described for name in bodies.shape.names]
    return ". ".join([operation.summary, operation.description, *refusals, *told])


@lru_cache(maxsize=512)
def _known(bodies: Bodies) -> tuple[Inequality, ...]:
    return tuple(said_of(bodies, words_about(bodies.operation, bodies)))


def put_in_order(bodies: Bodies, made: MutableMapping[str, Json], given: Mapping[str, Json]) -> None:
    """Change what is not *given* of *made* where two values are the wrong way round."""
    for one in _known(bodies):
        low, high = (_measure(made.get(name)) for name in (one.low, one.high))
        if low is None or high is None or low < high or {one.low, one.high} <= given.keys():
            continue
        changed = dict(made)
        if one.low in given or low == high:
            changed[one.high] = _moved(made[one.low], 1)
        elif one.high in given:
            changed[one.low] = _moved(made[one.high], -1)
        else:
            changed[one.low], changed[one.high] = made[one.high], made[one.low]
        if bodies.fits(changed):
            made.update(changed)


def _measure(value: Json) -> float | None:
    with suppress(Inconclusive):
        return measured(value)
    return None


def _moved(value: Json, step: int) -> Json:
    """Return what is a little more than *value*, or less: by a number, or by days."""
    at = instant(value) if isinstance(value, str) else None
    if at is None:
        return value + step if isinstance(value, (int, float)) else value
    moved = datetime.fromtimestamp(at, UTC) + timedelta(days=2 * step)
    return moved.strftime("%Y-%m-%d" if len(str(value)) == 10 else "%Y-%m-%dT%H:%M:%SZ")
