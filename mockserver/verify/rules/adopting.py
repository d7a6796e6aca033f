"""
What a server has chosen freely, as its answer shows it: taken over by the models, to stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.behavior.world import Rehearsal
from mockserver.exchange import MISSING, Json
from mockserver.verify.rules.model import Said


@dataclass(frozen=True)
class Adopted:
    """What was taken over of an answer: what a rehearsal gives, and the keys that could not be found."""

    rehearsal: Rehearsal
    unnamed: tuple[str, ...] = ()


NOTHING = Adopted(Rehearsal(""))


def adopt(one: Said, other: Said, body: Json) -> Adopted:
    """
    Return what the server's answer *body* says of what the two models leave free.

    A row is found where a model's answer shows its key; what stands beside that is the row's own.
    """
    keys: dict[str, tuple[Any, ...]] = {}
    fields: dict[str, dict[str, Json]] = {}
    unnamed: list[str] = []
    for name, made in one.made.items():
        twins = other.made.get(name, ())
        found: list[Any] = []
        for index, key in enumerate(made):
            twin = twins[index] if index < len(twins) else MISSING
            spot = _spot(one.body, other.body, body, key, twin)
            if spot is None:
                unnamed.append(name)  # each model goes on with a key of its own, so that it stays free
                break
            mine, theirs, server, value = spot
            found.append(value)
            row = one.rows[name, key]
            if len(made) == 1 and isinstance(server, dict):
                fields[name] = {
                    field: _chosen(own, theirs[field], server[field])
                    for field, own in row.items()
                    if field in server
                    and mine.get(field, MISSING) == own != key
                    and theirs.get(field, own) != own
                }
        else:
            keys[name] = tuple(found)
    now = _time(one, other, body)
    return Adopted(Rehearsal("", now=now, keys=keys, fields=fields), tuple(unnamed))


def _chosen(one: Json, other: Json, server: Json) -> Json:
    """Return *one* with what a server has chosen, where the models do not agree."""
    if isinstance(one, dict) and isinstance(other, dict) and isinstance(server, dict):
        return {name: _chosen(value, other.get(name), server.get(name)) for name, value in one.items()}
    return one if one == other else server


def _spot(
    one: Json, other: Json, server: Json, key: Any, twin: Any
) -> tuple[dict[str, Json], dict[str, Json], Json, Any] | None:
    """Return (the object that shows *key*, its twin, the server's, the server's key)."""
    if isinstance(one, dict) and isinstance(other, dict) and isinstance(server, dict):
        for name, value in one.items():
            named = not isinstance(value, (dict, list)) and value == key and other.get(name, MISSING) == twin
            if named and isinstance(server.get(name), (str, int)):
                return one, other, server, server[name]
        for name, value in one.items():
            found = _spot(value, other.get(name), server.get(name), key, twin)
            if found is not None:
                return found
    if isinstance(one, list) and isinstance(other, list) and isinstance(server, list):
        for mine, theirs, own in zip(one, other, server, strict=False):
            found = _spot(mine, theirs, own, key, twin)
            if found is not None:
                return found
    return None


def _time(one: Said, other: Said, body: Json) -> str:
    """Return the server's time, where an answer shows the models'; "" where none does."""
    found = _shown_time(one.body, other.body, body, one.now, other.now)
    return found if isinstance(found, str) else ""


def _shown_time(one: Json, other: Json, server: Json, now: str, then: str) -> Json:
    if isinstance(one, dict) and isinstance(other, dict) and isinstance(server, dict):
        for name, value in one.items():
            if value == now and other.get(name) == then and isinstance(server.get(name), str):
                return server[name]
            found = _shown_time(value, other.get(name), server.get(name), now, then)
            if found is not None:
                return found
    return None
