"""
Which requests an operation accepted, to tell why one like them was refused.

That valid data was refused says little alone: dates may be in the wrong order,
an id may name nothing. It says something where the same request with another
value of one property was accepted, and that value stands for itself: a text, a
number, a flag, but no date, no id, nothing that another value may contradict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import orjson

from mockserver.contract.media import is_json
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Json
from mockserver.verify.findings import Exchanged
from mockserver.verify.properties.magnitudes import LARGEST

MOST_KEPT = 40
"""Accepted requests that are remembered of each operation."""

_BOUND = re.compile(
    r"(^|[_-])(id|ids|uuid|key|ref|code|slug|token|start|end|from|to|until|since|before|after|min|max|date|"
    r"time|at|on|url|uri|link|email|phone|currency|country|locale|timezone|cursor|type|kind|mode)([_-]|$)|"
    r"([a-z])(Id|Ids|At|On|Date|Time|Url|Key|Code|From|To|Start|End|Min|Max|Type|Kind|Mode)$",
)
"""Names of values that may have to agree with something else."""


@dataclass
class Accepted:
    """The accepted requests of some operations, with their values flat: by place, e.g. {"body/name": "x"}."""

    _kept: dict[str, list[tuple[dict[str, Json], Exchanged]]] = field(default_factory=dict)

    def note(self, operation: Operation, call: Exchanged) -> None:
        """Remember *call* where it was accepted."""
        kept = self._kept.setdefault(operation.id, [])
        if call.response is not None and 200 <= call.response.status < 300 and len(kept) < MOST_KEPT:
            flat = _flat(operation, call)
            if flat is not None:
                kept.append((flat, call))

    def only_difference(self, operation: Operation, call: Exchanged) -> tuple[str, Exchanged] | None:
        """Return the place of the only value that tells *call* from an accepted one, and that; or None."""
        refused = _flat(operation, call)
        if refused is None:
            return None
        for accepted, before in self._kept.get(operation.id, ()):
            places = [
                place
                for place in refused.keys() | accepted.keys()
                if refused.get(place, MISSING) != accepted.get(place, MISSING)
            ]
            if len(places) == 1 and _stands_alone(places[0], refused, accepted):
                return places[0], before
        return None


def _stands_alone(place: str, refused: dict[str, Json], accepted: dict[str, Json]) -> bool:
    if place not in refused or place not in accepted:
        return False  # what is left out may be needed by a rule in prose
    if place == "path":
        return False  # another thing, with a state of its own
    name = place.rpartition("/")[2]
    if _beyond(refused[place]):
        return False  # not every reader of JSON holds it (RFC 8259, 6)
    return not _BOUND.search(name) and not any(map(_dated, (refused[place], accepted[place])))


def _beyond(value: Json) -> bool:
    """Return whether a number, or a text of one, is larger than those that interoperate."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{16,400}", value):
        value = int(value)
    return isinstance(value, (int, float)) and abs(value) > LARGEST


def _dated(value: Json) -> bool:
    return isinstance(value, str) and re.match(r"\d{4}-\d{2}", value) is not None


def _flat(operation: Operation, call: Exchanged) -> dict[str, Json] | None:
    """Return a request's values by place; None where the body is in no form that can be taken apart."""
    request = call.request
    flat: dict[str, Json] = {"path": request.path}
    named = {one.name.lower(): one.name for one in operation.parameters if one.location == "header"}
    flat.update({f"header/{named[name]}": value for name, value in request.headers if name in named})
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        flat[f"query/{name}"] = value
    media = request.header("content-type").partition(";")[0].strip().lower()
    if not request.body:
        return flat
    if is_json(media):
        try:
            flat.update(_leaves(orjson.loads(request.body), "body"))
        except orjson.JSONDecodeError:
            return None
        return flat
    if media == "application/x-www-form-urlencoded":
        for name, value in parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True):
            flat[f"body/{name}"] = value
        return flat
    return None


def _leaves(value: Json, place: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}/{name}")
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{place}/{index}")
    else:
        yield place, value
