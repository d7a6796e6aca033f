"""
Helpers that draw on the surroundings: the session's time, and chance that repeats.

Everything here comes from the session's clock and from a generator seeded with
the session's seed and the request's number, so that a test run gives the same
answers each time. The environment is not read: a template comes with a stub, a
stub comes over HTTP.
"""

from __future__ import annotations

import string
import uuid
from collections.abc import Mapping

from mockserver.server.stubs import moments
from mockserver.server.stubs.templates.render import Asked, Failed, Helper
from mockserver.server.stubs.templates.values import Listed, Many, When, items_of, plain, text_of, truthy

LONGEST = 100_000
"""Characters of a random text."""


def _when(asked: Asked, given: object) -> When:
    when = given if isinstance(given, When) else None
    moment = when.moment if when is not None else asked.around.now()
    if "offset" in asked.hash:
        offset = moments.offset(text_of(asked.hash["offset"]))
        if offset is None:
            raise Failed(f"offset: {text_of(asked.hash['offset'])!r}: expected e.g. '3 days'")
        moment = moments.shifted(moment, *offset)
    if "timezone" in asked.hash:
        moment = moment.astimezone(moments.zone(text_of(asked.hash["timezone"])))
    pattern = text_of(asked.hash["format"]) if "format" in asked.hash else when.pattern if when else ""
    made = When(moment, pattern)
    assert made.text is not None  # a format that cannot be written is said here, with the helper's name
    return made


def _now(asked: Asked) -> object:
    return _when(asked, None)


def _date(asked: Asked) -> object:
    given = asked.first
    if given is not None and not isinstance(given, (When, Mapping)):
        found = moments.read(text_of(given))
        given = When(found) if found is not None else None
    return _when(asked, given)


def _parse_date(asked: Asked) -> object:
    pattern = text_of(asked.hash.get("format", ""))
    found = moments.read(asked.text(0), pattern)
    if found is None:
        raise Failed(f"parseDate: {asked.text(0)!r} is no date" + (f" like {pattern}" if pattern else ""))
    return When(found)


def _truncate_date(asked: Asked) -> object:
    given = asked.first
    if not isinstance(given, When):
        raise Failed("truncateDate: expected a date, as parseDate and now give one")
    return When(moments.truncated(given.moment, asked.text(1)))


_ALPHABETS = {
    "ALPHANUMERIC": string.ascii_lowercase + string.digits,
    "ALPHABETIC": string.ascii_lowercase,
    "NUMERIC": string.digits,
    "ALPHANUMERIC_AND_SYMBOLS": string.ascii_lowercase + string.digits + "!#$%&()*+,-./:;<=>?@[]^_{|}~",
    "HEXADECIMAL": "0123456789abcdef",
}


def _random_value(asked: Asked) -> object:
    kind = text_of(asked.hash.get("type", "ALPHANUMERIC"))
    if kind == "UUID":
        made = str(uuid.UUID(int=asked.around.random.getrandbits(128), version=4))
    elif kind in _ALPHABETS:
        length = min(int(text_of(asked.hash.get("length", 36))), LONGEST)
        made = "".join(asked.around.random.choices(_ALPHABETS[kind], k=length))
    else:
        raise Failed(f"randomValue: type is one of {', '.join([*_ALPHABETS, 'UUID'])}; found {kind}")
    return made.upper() if truthy(asked.hash.get("uppercase")) else made


def _pick_random(asked: Asked) -> object:
    given = asked.params
    first = items_of(given[0]) if given and (len(given) == 1 or isinstance(given[0], Many)) else None
    items = list(first if first is not None else given)
    if not items:
        raise Failed("pickRandom: there is nothing to pick from")
    if "count" not in asked.hash:
        return asked.around.random.choice(items)
    return Listed(asked.around.random.sample(items, min(int(text_of(asked.hash["count"])), len(items))))


def _bound(asked: Asked, name: str) -> float | None:
    return float(text_of(asked.hash[name])) if name in asked.hash else None


def _random_int(asked: Asked) -> object:
    lower, upper = _bound(asked, "lower"), _bound(asked, "upper")
    least = int(lower) if lower is not None else min(-(2**31), int(upper or 0))
    most = int(upper) if upper is not None else max(2**31 - 1, least)
    if most < least:
        raise Failed(f"randomInt: lower={least} is above upper={most}")
    return asked.around.random.randint(least, most)


def _random_decimal(asked: Asked) -> object:
    lower, upper = _bound(asked, "lower"), _bound(asked, "upper")
    return asked.around.random.uniform(
        lower if lower is not None else -1e9, upper if upper is not None else 1e9
    )


def _hostname(_asked: Asked) -> object:
    return "localhost"


def _system_value(asked: Asked) -> object:
    key = text_of(plain(asked.hash.get("key", "")))
    if not key:
        return "[ERROR: The key cannot be empty]"
    return f"[ERROR: Access to {key} is denied]"


SURROUNDINGS: Mapping[str, Helper] = {
    "now": _now,
    "date": _date,
    "parseDate": _parse_date,
    "truncateDate": _truncate_date,
    "dateFormat": _date,
    "randomValue": _random_value,
    "pickRandom": _pick_random,
    "randomInt": _random_int,
    "randomDecimal": _random_decimal,
    "hostname": _hostname,
    "systemValue": _system_value,
}
