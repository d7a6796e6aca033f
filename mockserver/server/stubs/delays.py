"""
How long a stub takes: fixed, drawn from a distribution, or piece by piece.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from mockserver.server.latency import LONGEST, Delay
from mockserver.server.stubs.reading import Doc


@dataclass(frozen=True)
class Dribble:
    """A body in so many pieces, spread over so many milliseconds."""

    pieces: int
    duration: float


@dataclass(frozen=True)
class Delays:
    """A fixed delay and one that is drawn, either of which may be missing; both are waited for."""

    fixed: Delay | None = None
    random: Delay | None = None

    def __bool__(self) -> bool:
        return self.fixed is not None or self.random is not None

    def over(self, others: Delays) -> Delays:
        """Return these, and where one is missing that of *others*."""
        return Delays(self.fixed or others.fixed, self.random or others.random)

    def drawn(self, seed: str) -> float:
        """Return seconds; what is drawn by chance depends on *seed* alone."""
        random = Random(seed)
        return sum(each.drawn(random) for each in (self.fixed, self.random) if each is not None)


def delays(doc: Doc, fixed: str) -> Delays:
    """Return the delays that *doc* asks for under *fixed* and "delayDistribution". Raises Unfit."""
    milliseconds = doc.number(fixed)
    within = doc.doc("delayDistribution")
    return Delays(
        Delay("fixed", _checked(doc, fixed, milliseconds)) if milliseconds is not None else None,
        distribution(within) if within is not None else None,
    )


def distribution(doc: Doc) -> Delay:
    """Return the delay that *doc* describes: fixed, uniform or lognormal. Raises Unfit."""
    doc.only(("type", "median", "sigma", "maxValue", "lower", "upper", "milliseconds"))
    kind = doc.text("type") or ""
    if kind not in _NEEDS:
        raise doc.unfit("type", f"{kind!r}: expected one of {', '.join(_NEEDS)}")
    for name in _NEEDS[kind]:
        if doc.number(name) is None:
            raise doc.unfit(name, f"a {kind} distribution needs {' and '.join(_NEEDS[kind])}")
    numbers = [_checked(doc, name, doc.number(name) or 0.0) for name in _NEEDS[kind]]
    if kind == "uniform" and numbers[1] < numbers[0]:
        raise doc.unfit("upper", f"{numbers[1]:g} is below lower={numbers[0]:g}")
    most = doc.number("maxValue")
    longest = min(LONGEST, most) if most is not None else LONGEST
    return Delay(kind, numbers[0], numbers[1] if len(numbers) > 1 else 0.0, longest)


_NEEDS = {"lognormal": ("median", "sigma"), "uniform": ("lower", "upper"), "fixed": ("milliseconds",)}


def dribble(doc: Doc) -> Dribble | None:
    """Return what "chunkedDribbleDelay" asks for, or None. Raises Unfit."""
    within = doc.doc("chunkedDribbleDelay")
    if within is None:
        return None
    within.only(("numberOfChunks", "totalDuration"))
    pieces, duration = within.whole("numberOfChunks"), within.number("totalDuration")
    if pieces is None or duration is None:
        raise within.unfit("numberOfChunks", "numberOfChunks and totalDuration are needed")
    if not 1 <= pieces <= 10_000:
        raise within.unfit("numberOfChunks", f"{pieces}: expected 1 to 10000")
    return Dribble(pieces, _checked(within, "totalDuration", duration))


def _checked(doc: Doc, key: str, milliseconds: float) -> float:
    if not 0 <= milliseconds <= LONGEST:
        raise doc.unfit(key, f"{milliseconds:g}: expected 0 to {LONGEST:g}")
    return milliseconds
