"""
What a request asks of the mock itself: `Prefer` (RFC 7240), and its twins in the query.

The names are Prism's (`code`, `example`, `dynamic`, `seed`), so that its users
can move; the rest is ours. A token that nobody knows is ignored (RFC 7240, 2);
a known one with a value that means nothing is refused, since a typing error in
`code=4O4` should not pass for an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import unquote_plus

from mockserver.errors import nearest
from mockserver.exchange import Request
from mockserver.server.faults import FAULTS

LONGEST_DELAY = 600_000
"""Milliseconds."""
MOST_ITEMS = 10_000
OF_ANSWERS = ("media", "429", "503")
"""What a fault may be beside those of the wire: server/failing.py."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PREFERENCE = re.compile(rf'\s*({_TOKEN})(?:\s*=\s*("(?:[^"\\]|\\.)*"|[^,;\s]*))?\s*(?:[,;]|$)')
_SEPARATOR = re.compile("[,;]")


class BadPreference(Exception):
    """A known preference has a value that means nothing. Its text says what is allowed."""


@dataclass(frozen=True)
class Preferences:
    """
    What one request prefers; "" and None where it says nothing.

    `said` holds name -> text as it was given, for `Preference-Applied`.
    """

    case: str = ""
    code: str = ""
    example: str = ""
    dynamic: bool | None = None
    seed: str = ""
    locale: str = ""
    variant: str = ""
    items: int | None = None
    delay: int = 0
    fault: str = ""
    validate: str = ""
    replay: str = ""
    said: dict[str, str] = field(default_factory=dict)

    @cached_property
    def forced(self) -> bool:
        """Whether a documented answer is asked for, whatever the rules would do."""
        return bool(self.code or self.example or self.variant or self.dynamic or self.items is not None)

    @cached_property
    def overrides(self) -> bool:
        """Whether anything is asked of what stands before the contract, or of the wire."""
        return bool(self.case or self.fault or self.delay)

    @property
    def only_items(self) -> bool:
        """Whether nothing but the length of a list is asked for."""
        return self.items is not None and not (self.code or self.example or self.variant or self.dynamic)


NONE = Preferences()


def read(request: Request) -> Preferences:
    """
    Return what *request* prefers. The header wins over the query.

    Raises:
        BadPreference: A known name with a value that means nothing.
    """
    header = request.header("prefer")
    twins = request.query if "__" in request.query else ""
    return _read(header, twins) if header or twins else NONE


def over(own: Preferences, header: str) -> Preferences:
    """
    Return what *own* says, and for the rest what somebody else says in a field *header*.

    Raises:
        BadPreference: As `read`.
    """
    said = {**_read(header, "").said, **own.said}
    return Preferences(said=said, **{name: _READ[name](name, value) for name, value in said.items()})


@lru_cache(maxsize=1024)
def _read(header: str, query: str) -> Preferences:
    said: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if name.startswith("__") and name[2:] in _READ:
            said.setdefault(name[2:], unquote_plus(value))
    named: dict[str, str] = {}
    for name, text in _tokens(header):
        if name.lower() in _READ:
            named.setdefault(name.lower(), text)  # RFC 7240, 2: the first of a repeated preference counts
    said.update(named)
    values = {name: _READ[name](name, value) for name, value in said.items()}
    if "locale" in values:
        values.setdefault("dynamic", True)  # what is remembered or documented has a language of its own
    return Preferences(said=said, **values)


def _tokens(header: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of each preference; what is none is passed over, up to the next separator."""
    at = 0
    while at < len(header):
        found = _PREFERENCE.match(header, at)
        if found is not None:
            name, value = found[1], found[2] or ""
            yield name, re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        after = found or _SEPARATOR.search(header, at)
        if after is None:
            return
        at = after.end()


def _status(name: str, value: str) -> str:
    if not re.fullmatch(r"[1-5]([0-9]{2}|[xX]{2})|default", value):
        raise BadPreference(f"{name}={value}: expected a status like 404, a range like 4XX, or default")
    return value.upper() if value != "default" else value


def _text(name: str, value: str) -> str:
    if not value:
        raise BadPreference(f"{name}: expected a name after '='")
    return value


def _locale(name: str, value: str) -> str:
    from mockserver.generation.locales import known, locale_of  # they take Faker to know

    found = locale_of(value)
    if found is None:
        raise BadPreference(f"{name}={value}: expected a locale like de or fr-CA.{nearest(value, known())}")
    return found


def _flag(name: str, value: str) -> bool:
    known = {"": True, "true": True, "1": True, "false": False, "0": False}
    if value.lower() not in known:
        raise BadPreference(f"{name}={value}: expected true or false")
    return known[value.lower()]


def _number(most: int) -> Callable[[str, str], int]:
    def read(name: str, value: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", value) or int(value) > most:
            raise BadPreference(f"{name}={value}: expected a whole number from 0 to {most}")
        return int(value)

    return read


def _one_of(*words: str) -> Callable[[str, str], str]:
    def read(name: str, value: str) -> str:
        if value not in words:
            raise BadPreference(f"{name}={value}: expected one of {', '.join(words)}.{nearest(value, words)}")
        return value

    return read


_READ: Mapping[str, Callable[[str, str], Any]] = {
    "case": _text,
    "code": _status,
    "example": _text,
    "dynamic": _flag,
    "seed": _text,
    "locale": _locale,
    "variant": _text,
    "items": _number(MOST_ITEMS),
    "delay": _number(LONGEST_DELAY),
    "fault": _one_of(*FAULTS, *OF_ANSWERS),
    "validate": _one_of("enforce", "warn", "off"),
    "replay": _text,
}

NAMES = tuple(_READ)
"""All preferences."""


def applied(preferences: Preferences, names: tuple[str, ...]) -> str:
    """Return the `Preference-Applied` value (RFC 7240, 3) for those of *names* that were asked for."""
    said = preferences.said
    return ", ".join(written(name, said[name]) for name in dict.fromkeys(names) if name in said)


@lru_cache(maxsize=256)
def written(name: str, value: str) -> str:
    """Return a preference as the field has it: its value is a token, or quoted, or left out."""
    if re.fullmatch(_TOKEN, value):
        return f"{name}={value}"
    if re.fullmatch("[ -~]+", value):
        return f'{name}="' + re.sub(r'(["\\])', r"\\\1", value) + '"'
    return name  # a line break from the query must not begin another header
