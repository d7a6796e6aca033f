"""
Can two branches of a `oneOf` hold for one value?

Where it is plain that they cannot (other types, a tag with other constants, a
property that one requires and the other forbids), what is made for one needs no
check against the others. Saying "perhaps" is always right, and costs a check.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

from mockserver.errors import Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.holds import identity
from mockserver.generation.sources import Source, flatten

ALL = frozenset(("null", "boolean", "integer", "fraction", "string", "array", "object"))
"""The types, with numbers told apart into whole and not."""


@dataclass(slots=True)
class Signature:
    """
    What can be seen of a branch at a glance.

    Attributes:
        types: Of `ALL`.
        values: Identities of the enumerated values; None when they are not enumerated.
        required: Properties it requires.
        tags: Of required properties: the identities of the values they may have.
        limits: As `tags`, required or not.
        closed: All property names it allows; None when others are allowed.
    """

    types: frozenset[str] = ALL
    values: frozenset[object] | None = None
    required: set[str] = field(default_factory=set)
    limits: dict[str, frozenset[object]] = field(default_factory=dict)
    closed: frozenset[str] | None = None


def disjoint(branches: list[Source]) -> bool:
    """Whether no value holds to two of *branches*, as far as can be seen."""
    signatures = [_signature(branch) for branch in branches]
    return all(_apart(left, right) or _apart(right, left) for left, right in combinations(signatures, 2))


def _apart(left: Signature, right: Signature) -> bool:
    if not left.types & right.types:
        return True
    if left.values is not None and right.values is not None and not left.values & right.values:
        return True
    if left.types & right.types != {"object"}:
        return False
    if right.closed is not None and left.required - right.closed:
        return True
    return any(
        name in right.limits and name in left.limits and not left.limits[name] & right.limits[name]
        for name in left.required
    )


def _signature(branch: Source) -> Signature:
    found = Signature()
    try:
        flat = flatten((branch,))
    except Ungeneratable:
        return Signature(types=frozenset())
    for source in flat:
        schema = source.schema
        assert isinstance(schema, dict)
        if "type" in schema:
            found.types &= _types(schema["type"])
        values = _values(schema)
        if values is not None:
            found.values = values if found.values is None else found.values & values
        found.required.update(schema.get("required") or ())
        for name, part in (schema.get("properties") or {}).items():
            limits = _limits(source.child(part, name))
            if limits is not None:
                found.limits[name] = found.limits.get(name, limits) & limits
        if schema.get("additionalProperties") is False and not schema.get("patternProperties"):
            names = frozenset(schema.get("properties") or {})
            found.closed = names if found.closed is None else found.closed & names
    return found


def _types(names: Json) -> frozenset[str]:
    listed = {names} if isinstance(names, str) else set(names)
    if "number" in listed:
        listed |= {"integer", "fraction"}
    return frozenset(listed) & ALL


def _values(schema: dict[str, Json]) -> frozenset[object] | None:
    if "const" in schema:
        return frozenset((identity(schema["const"]),))
    if isinstance(schema.get("enum"), list):
        return frozenset(identity(value) for value in schema["enum"])
    return None


def _limits(source: Source) -> frozenset[object] | None:
    """
    Return the enumerated values of a property, its references followed; None when they are not enumerated.
    """
    try:
        flat = flatten((source,))
    except Ungeneratable:
        return frozenset()
    for part in flat:
        assert isinstance(part.schema, dict)
        values = _values(part.schema)
        if values is not None:
            return values
    return None
