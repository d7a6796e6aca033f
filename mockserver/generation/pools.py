"""
Names and words by Faker, drawn once a process and then only chosen from.

Faker costs 200 ms to import and some 20 microseconds a value. It is asked when the
first value needs a name, for a hundred at a time, each pool from a seed of its own,
so that no pool depends on which others were made.
"""

from __future__ import annotations

import re
from functools import lru_cache
from threading import Lock
from typing import Any

from mockserver.exchange import Json

SIZE = 120
"""Values in a pool."""

_LOCK = Lock()


@lru_cache(maxsize=32)
def _faker(locale: str) -> Any:
    from faker import Faker  # here: most processes never need it, and it is the dearest import there is

    try:
        return Faker(locale)
    except AttributeError:  # Faker's word for a locale it does not have
        return Faker("en_US")


@lru_cache(maxsize=1024)
def _pool(locale: str, method: str, arguments: str) -> tuple[Json, ...]:
    with _LOCK:
        faker = _faker(locale)
        faker.seed_instance(f"{locale}.{method}.{arguments}")
        make = getattr(faker, method)
        given: Any = _ARGUMENTS.get(arguments, ((), {}))
        return tuple(_json(make(*given[0], **given[1])) for _ in range(SIZE))


_ARGUMENTS: dict[str, tuple[tuple[Json, ...], dict[str, Json]]] = {}


def pool(locale: str, method: str, *arguments: Json, **named: Json) -> tuple[Json, ...]:
    """
    Return `SIZE` values of Faker's *method*, always the same ones.

    Raises:
        AttributeError, TypeError, ValueError: Faker has no such method, or not with these arguments.
    """
    key = repr((arguments, sorted(named.items()))) if arguments or named else ""
    if key:
        _ARGUMENTS.setdefault(key, (arguments, named))
    return _pool(locale, method, key)


def texts(locale: str, method: str, otherwise: str = "") -> tuple[str, ...]:
    """
    Return a pool of strings; where the locale has no *method*, that of en_US, or of the method *otherwise*.
    """
    for place, name in ((locale, method), (locale, otherwise or method), ("en_US", method)):
        try:
            return tuple(str(value) for value in pool(place, name))
        except (AttributeError, TypeError, ValueError):
            continue
    raise AttributeError(f"Faker has no {method!r}")


@lru_cache(maxsize=64)
def listed_by(locale: str, attribute: str) -> frozenset[str]:
    """Return all that a provider of Faker's lists under *attribute*; nothing where none has it."""
    providers = _faker(locale).get_providers()
    found = next((lists for one in providers if (lists := getattr(one, attribute, None))), ())
    return frozenset(str(each) for each in found)


def _json(value: Any) -> Json:
    """Return what Faker made as JSON: dates as text, decimals as numbers, tuples as arrays."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple, set)):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _json(item) for name, item in value.items()}
    if hasattr(value, "isoformat"):
        return (
            re.sub(r"(\d)$", r"\1Z", value.isoformat())
            if hasattr(value, "hour") and hasattr(value, "year")
            else value.isoformat()
        )
    if hasattr(value, "as_tuple"):
        return float(value)
    return str(value)
