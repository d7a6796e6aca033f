"""
How many values are in the smallest value of a schema?

Twenty levels of objects that require two of the next are a million of them, a
thousand rows of a thousand cells are as many: drawn, they cost minutes and all
memory, and nobody wants them. This looks at what must be there only, and says no
before anything is made.
"""

from __future__ import annotations

import math

from mockserver.errors import TooLarge
from mockserver.generation.shape import SPEAKING
from mockserver.generation.sources import Source

MOST = 500_000
"""Objects, arrays and plain values in one value that are made."""

DEEPEST = 100
"""Levels looked at; what is deeper is not counted."""


class Sizes:
    """Lower bounds for one document, kept."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], int] = {}

    def hold(self, root: Source) -> None:
        """
        Look whether values of *root* are of a size that is made.

        Raises:
            TooLarge: The smallest has more than `MOST` values in it. Names the keyword that makes it so.
        """
        size = self._of(root, 0)
        if size <= MOST:
            return
        place, keyword = self._cause(root)
        about = f"{size:.1e}" if size < 1e300 else "1e300"
        detail = f"{keyword}: the smallest value has {about} values in it, more than is made here"
        raise TooLarge(place.pointer, detail)

    def _of(self, source: Source, depth: int) -> int:
        schema = source.schema
        if isinstance(schema, bool) or depth > DEEPEST:
            return 1
        key = (id(schema), id(source.scope))
        known = self._known.get(key)
        if known is None:
            self._known[key] = 1  # while we are on it
            known = self._known[key] = self._look(source, depth)
        return known

    def _look(self, source: Source, depth: int) -> int:
        schema = source.schema
        assert isinstance(schema, dict)
        if "const" in schema or "enum" in schema:
            return 1
        sizes = [self._of(target, depth + 1) for target in source.references()]
        for keyword, extreme in (("allOf", max), ("anyOf", min), ("oneOf", min)):
            members = schema.get(keyword)
            if isinstance(members, list) and members:
                sizes.append(extreme(self._of(source.beside(each, keyword), depth + 1) for each in members))
        names = schema.get("type") or sorted({SPEAKING[each] for each in schema if each in SPEAKING})
        if names in ("object", ["object"]) or names in ("array", ["array"]):
            sizes.append(1 + sum(times * self._of(part, depth + 1) for part, times in _parts(source)))
            sizes.append(1 + math.ceil(max(schema.get("minProperties", 0), schema.get("minItems", 0))))
        return max(sizes, default=1)

    def _cause(self, source: Source) -> tuple[Source, str]:
        """Return where the size comes from: the largest part of the largest part, while one is all of it."""
        for _ in range(DEEPEST):
            schema = source.schema
            assert isinstance(schema, dict)
            beside = [*source.references()]
            for keyword in ("allOf", "anyOf", "oneOf"):
                beside += [source.beside(each, keyword) for each in schema.get(keyword) or ()]
            size = self._of(source, 0)
            same = next((each for each in beside if self._of(each, 0) >= size), None)
            if same is not None:
                source = same
                continue
            for keyword in ("minProperties", "minItems"):
                if schema.get(keyword, 0) >= MOST:
                    return source, f"{keyword} {schema[keyword]}"
            parts = _parts(source)
            part, times = max(parts, key=lambda each: each[1] * self._of(each[0], 0))
            if times > 1:
                return source, f"minItems {schema['minItems']}"
            if len(parts) > 1 or self._of(part, 0) <= MOST:
                return source, "required"
            source = part
        return source, "required"


def _parts(source: Source) -> list[tuple[Source, int]]:
    """Return the parts that a value of *source* has at least, each with how often."""
    schema = source.schema
    assert isinstance(schema, dict)
    properties = schema.get("properties") or {}
    names = [each for each in dict.fromkeys(schema.get("required") or ()) if each in properties]
    found = [(source.child(properties[each], f"properties/{each}"), 1) for each in names]
    least = math.ceil(schema.get("minItems", 0))
    first = (schema.get("prefixItems") or [])[:least]
    found += [(source.child(each, f"prefixItems/{at}"), 1) for at, each in enumerate(first)]
    if least > len(first) and isinstance(schema.get("items"), (dict, bool)):
        found.append((source.child(schema["items"], "items"), least - len(first)))
    return found
