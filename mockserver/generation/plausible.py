"""
A quick look whether some schemas can hold together.

Asked for each alternative where several choices meet, so that a branch that
contradicts its surroundings is not tried in every combination with all the others.
"Yes" means only that no contradiction lies near the surface.
"""

from __future__ import annotations

import math

from mockserver.errors import Ungeneratable
from mockserver.generation.holds import holds, matcher
from mockserver.generation.implied import implied
from mockserver.generation.shape import merge
from mockserver.generation.sources import Source, flatten

DEPTH = 2
"""Properties within properties that are looked at."""


def plausible(sources: tuple[Source, ...], depth: int = DEPTH) -> bool:
    """Whether no contradiction between *sources* is seen."""
    try:
        flat = flatten(sources)
        shape = merge(flat)
    except Ungeneratable:
        return False
    if _denied(flat):
        return False
    if shape.values is not None:
        return any(all(holds(source, value) for source in sources) for value in shape.values)
    if shape.types == ("array",):
        return _room(flat)
    if shape.types != ("object",) or depth == 0:
        return True
    required = {name for source in flat for name in source.schema.get("required") or ()}  # type: ignore[union-attr]
    return all(_property(flat, name, depth) for name in required)


def _denied(flat: list[Source]) -> bool:
    """Whether a schema denies what follows from the others: what two branches share tells them from none."""
    return any(
        isinstance(each.schema, dict)
        and "not" in each.schema
        and implied(each.child(each.schema["not"], "not"), flat)
        for each in flat
    )


def _room(flat: list[Source]) -> bool:
    """Whether an array may be as long as it must be."""
    least, most = 0.0, math.inf
    for source in flat:
        schema = source.schema
        assert isinstance(schema, dict)
        least = max(least, schema.get("minItems", 0))
        most = min(most, schema.get("maxItems", math.inf))
        if "contains" in schema:
            least = max(least, schema.get("minContains", 1))
        if schema.get("items") is False:
            most = min(most, len(schema.get("prefixItems") or ()))
    return least <= most


def _property(flat: list[Source], name: str, depth: int) -> bool:
    """Whether property *name* can be there, as far as its declarations say."""
    parts = []
    for source in flat:
        schema = source.schema
        assert isinstance(schema, dict)
        declared = schema.get("properties") or {}
        patterns = schema.get("patternProperties") or {}
        named = [part for pattern, part in patterns.items() if matcher(pattern)(name)]
        named += [declared[name]] if name in declared else []
        parts += [source.child(part, name) for part in named]
        if not named and "additionalProperties" in schema:
            parts.append(source.child(schema["additionalProperties"], "additionalProperties"))
    return plausible(tuple(parts), depth - 1)
