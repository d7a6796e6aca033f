"""
Times of a request, moved to where they are still to come.

A document's example was in the future when it was written. Where a server takes no end that is over, the same
request with its times some whole years later says all that it said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from mockserver.contract.shapes import Shape
from mockserver.exchange import Json

_YEAR = re.compile(r"(\d{4})(-\d\d-\d\d)(?=$|[Tt ])")


def ahead(thing: dict[str, Json], shape: Shape, now: datetime | None = None) -> dict[str, Json]:
    """Return *thing*, of *shape*, with its times moved alike, so that all are in the next year or later."""
    years = [int(found[1]) for text in _times(thing, shape) if (found := _YEAR.match(text))]
    next_year = (now or datetime.now(UTC)).year + 1
    if not years or min(years) >= next_year:
        return thing
    return {name: _moved(value, shape.named(name), next_year - min(years)) for name, value in thing.items()}


def _times(value: Json, shape: Shape) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _times(one, shape.named(name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _times(one, shape.item(index))
    elif isinstance(value, str) and shape.is_time:
        yield value


def _moved(value: Json, shape: Shape, years: int) -> Json:
    if isinstance(value, dict):
        return {name: _moved(one, shape.named(name), years) for name, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, shape.item(index), years) for index, one in enumerate(value)]
    if not isinstance(value, str) or not shape.is_time:
        return value
    return _YEAR.sub(
        lambda found: f"{int(found[1]) + years:04d}{found[2].replace('-02-29', '-02-28')}", value, 1
    )
