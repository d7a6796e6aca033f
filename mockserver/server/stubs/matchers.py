"""
What a text may be held against: WireMock's string matchers, and their registry.

A matcher says whether a value fits, and else how far it is from fitting (0 to 1),
from which near misses are sorted (WireMock's MatchResult). None is the value that
is not there; what a matcher makes of it is WireMock's doing and not always
obvious: "doesNotMatch" and "doesNotContain" accept it, "equalTo" does not.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from rapidfuzz.distance import Levenshtein

from mockserver.errors import nearest
from mockserver.exchange import Json, dumps
from mockserver.server.stubs import moments
from mockserver.server.stubs.reading import Doc, Unfit, shown
from mockserver.server.stubs.regexes import Pattern

Now = Callable[[], datetime]
LONGEST = 4000
"""Characters of a text from which a distance is taken: it costs their product."""


class Matcher:
    """
    Args:
        name: As in JSON, e.g. "equalTo".
        expected: What it asks for, as a text for people.
    """

    def __init__(self, name: str, expected: str) -> None:
        self.name = name
        self.expected = expected

    def fits(self, value: str | None, now: Now, /) -> bool:
        """Whether *value* is what is asked for; None is one that is not there."""
        raise NotImplementedError

    def distance(self, value: str | None, now: Now, /) -> float:
        """How far *value* is from fitting: 0 fits, 1 has nothing to do with it."""
        return 0.0 if self.fits(value, now) else 1.0


class Simple(Matcher):
    """A matcher that is one condition; *absent* is what it says of a value that is not there."""

    def __init__(
        self, name: str, expected: str, condition: Callable[[str], bool], absent: bool = False
    ) -> None:
        super().__init__(name, expected)
        self._condition = condition
        self._absent = absent

    def fits(self, value: str | None, _now: Now, /) -> bool:
        """See Matcher."""
        return self._absent if value is None else self._condition(value)


class EqualTo(Matcher):
    """The same text; distances are Levenshtein's, as a share of the longer text."""

    def __init__(self, expected: str, caseless: bool) -> None:
        super().__init__("equalTo", expected)
        self.caseless = caseless
        self._plain = expected.casefold() if caseless else expected

    def fits(self, value: str | None, _now: Now, /) -> bool:
        """See Matcher."""
        if value is None:
            return False
        return (value.casefold() if self.caseless else value) == self._plain

    def distance(self, value: str | None, now: Now, /) -> float:
        """See Matcher."""
        return 0.0 if self.fits(value, now) else text_distance(self.expected, value)


def text_distance(expected: str, value: str | None) -> float:
    """How unlike two texts are, from 0 to 1."""
    if value is None:
        return 1.0
    return float(Levenshtein.normalized_distance(expected[:LONGEST], value[:LONGEST])) or 0.01


class Absent(Matcher):
    """Nothing may be there; with false: something must."""

    def __init__(self, wanted: bool) -> None:
        super().__init__("absent", "(absent)" if wanted else "(present)")
        self.wanted = wanted

    def fits(self, value: str | None, _now: Now, /) -> bool:
        """See Matcher."""
        return (value is None) is self.wanted


class Every(Matcher):
    """All of several must fit."""

    def __init__(self, parts: list[Matcher]) -> None:
        super().__init__("and", " AND ".join(said(part) for part in parts))
        self._parts = parts

    def fits(self, value: str | None, now: Now, /) -> bool:
        """See Matcher."""
        return all(part.fits(value, now) for part in self._parts)

    def distance(self, value: str | None, now: Now, /) -> float:
        """The mean of its parts'."""
        return sum(part.distance(value, now) for part in self._parts) / len(self._parts)


class Some(Matcher):
    """One of several must fit."""

    def __init__(self, parts: list[Matcher]) -> None:
        super().__init__("or", " OR ".join(said(part) for part in parts))
        self._parts = parts

    def fits(self, value: str | None, now: Now, /) -> bool:
        """See Matcher."""
        return any(part.fits(value, now) for part in self._parts)

    def distance(self, value: str | None, now: Now, /) -> float:
        """The least of its parts'."""
        return min(part.distance(value, now) for part in self._parts)


class Moment(Matcher):
    """A time before, after or equal to one that is named, or to the session's now with an offset."""

    def __init__(self, name: str, doc: Doc) -> None:
        text = doc.text(name) or ""
        super().__init__(name, text)
        self._format = doc.text("actualFormat") or ""
        self._cuts = (doc.text("truncateExpected") or "", doc.text("truncateActual") or "")
        self._late = doc.flag("applyTruncationLast")
        amount, unit = doc.whole("expectedOffset"), doc.text("expectedOffsetUnit")
        self._offset = (amount, unit) if amount is not None and unit else moments.offset(text)
        self._fixed = None if self._offset else moments.read(text)
        if self._offset is None and self._fixed is None:
            raise doc.unfit(name, f"{text!r} is no ISO 8601 date, and no offset like 'now +3 days'")
        try:
            self._wanted(lambda: datetime(2026, 1, 1, tzinfo=UTC))
            if self._cuts[1]:
                moments.truncated(datetime(2026, 1, 1, tzinfo=UTC), self._cuts[1])
        except ValueError as error:
            raise doc.unfit(name, str(error)) from error

    def fits(self, value: str | None, now: Now, /) -> bool:
        """See Matcher."""
        found = moments.read(value, self._format) if value is not None else None
        if found is None:
            return False
        try:
            if self._cuts[1]:
                found = moments.truncated(found, self._cuts[1])
            wanted = self._wanted(now)
        except ValueError:  # the day after the last of the calendar's
            return False
        if self.name == "before":
            return found < wanted
        return found > wanted if self.name == "after" else found == wanted

    def _wanted(self, now: Now) -> datetime:
        cut = self._cuts[0]
        if self._fixed is not None:
            return moments.truncated(self._fixed, cut) if cut else self._fixed
        amount, unit = self._offset or (0, "seconds")
        when = now()
        if cut and not self._late:
            when = moments.truncated(when, cut)
        when = moments.shifted(when, amount, unit)
        return moments.truncated(when, cut) if cut and self._late else when


def said(matcher: Matcher) -> str:
    """Return a matcher as WireMock prints it beside a value: "[contains] x", or the text alone."""
    if matcher.name in ("equalTo", "and", "or", "absent"):
        return matcher.expected
    return f"[{matcher.name}] {matcher.expected}"


# ------------------------------------------------------------------ reading

Make = Callable[[Doc, str], Matcher]


def read(value: Json, pointer: str, known: Mapping[str, tuple[Make, Collection[str]]]) -> Matcher:
    """
    Return the matcher that *value* describes.

    Args:
        value: e.g. {"equalTo": "x", "caseInsensitive": true}.
        pointer: Where it stands.
        known: The registry: name -> what makes it, and the options that go with it.

    Raises:
        Unfit: It describes none, or more than one, or has keys that do not belong to it.
    """
    doc = Doc(value, pointer)
    names = [name for name in doc.value if name in known]
    if not names:
        near = next((hint for key in doc.value if (hint := nearest(key, known))), "")
        raise Unfit(pointer, f"{shown(value)} is not a valid match operation.{near}")
    if len(names) > 1:
        raise Unfit(pointer, f'{" and ".join(names)} in one object: put them into "and": [...]')
    make, options = known[names[0]]
    doc.only({names[0], *options})
    return make(doc, names[0])


def operand(doc: Doc, name: str) -> str:
    """Return the text that a matcher compares with. Raises Unfit."""
    found = doc.value[name]
    if not isinstance(found, str):
        raise doc.unfit(name, f"{name} operand must be a non-null string, found {shown(found)}")
    return found


def _equal(doc: Doc, name: str) -> Matcher:
    return EqualTo(operand(doc, name), doc.flag("caseInsensitive"))


def _contains(doc: Doc, name: str) -> Matcher:
    text = operand(doc, name)
    return Simple(name, text, lambda value: text in value)


def _lacks(doc: Doc, name: str) -> Matcher:
    text = operand(doc, name)
    return Simple(name, text, lambda value: text not in value, absent=True)


def _matches(doc: Doc, name: str) -> Matcher:
    pattern = Pattern(operand(doc, name), doc.at(name))
    return Simple(name, pattern.text, pattern.fits)


def _differs(doc: Doc, name: str) -> Matcher:
    pattern = Pattern(operand(doc, name), doc.at(name))
    return Simple(name, pattern.text, lambda value: not pattern.fits(value), absent=True)


def _binary(doc: Doc, name: str) -> Matcher:
    text = operand(doc, name)
    try:
        wanted = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise doc.unfit(name, f"expected base64: {error}") from error
    return Simple(name, text, lambda value: value.encode("utf-8", "surrogateescape") == wanted)


def _number(doc: Doc, name: str) -> Matcher:
    wanted = doc.number(name)
    if wanted is None:
        raise doc.unfit(name, f"{name} operand must be a number")
    limit = wanted
    compare: Mapping[str, Callable[[float], bool]] = {
        "equalToNumber": lambda found: found == limit,
        "greaterThanNumber": lambda found: found > limit,
        "greaterThanEqualNumber": lambda found: found >= limit,
        "lessThanNumber": lambda found: found < limit,
        "lessThanEqualNumber": lambda found: found <= limit,
    }
    check = compare[name]

    def condition(value: str) -> bool:
        try:
            return check(float(value))
        except ValueError:
            return False

    return Simple(name, dumps(doc.value[name]).decode(), condition)


def _absent(doc: Doc, name: str) -> Matcher:
    wanted = doc.value[name]
    return Absent(wanted is not False and str(wanted).lower() != "false")


def _anything(_doc: Doc, name: str) -> Matcher:
    return Simple(name, "(always)", lambda _: True, absent=True)


def _moment(doc: Doc, name: str) -> Matcher:
    operand(doc, name)
    return Moment(name, doc)


_WHEN = (
    *("actualFormat", "truncateExpected", "truncateActual", "applyTruncationLast"),
    *("expectedOffset", "expectedOffsetUnit"),
)
_NUMBERS = (
    *("equalToNumber", "greaterThanNumber", "greaterThanEqualNumber"),
    *("lessThanNumber", "lessThanEqualNumber"),
)

TEXTS: Mapping[str, tuple[Make, Collection[str]]] = {
    "equalTo": (_equal, ("caseInsensitive",)),
    "contains": (_contains, ()),
    "doesNotContain": (_lacks, ()),
    "matches": (_matches, ()),
    "doesNotMatch": (_differs, ()),
    "binaryEqualTo": (_binary, ()),
    "absent": (_absent, ()),
    "anything": (_anything, ()),
    **dict.fromkeys(("before", "after", "equalToDateTime"), (_moment, _WHEN)),
    **dict.fromkeys(_NUMBERS, (_number, ())),
}
"""The matchers that need no other matchers and no document inside the text."""
