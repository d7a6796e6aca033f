"""
How deep is the smallest value of a schema?

Where the depth budget is spent, the branch to take is the one that ends soonest:
null, a string, an object that requires nothing. This looks at `required`,
`minItems` and the branches only, and never further than `LIMIT` levels, so that
its cost stays small on documents whose schemas all reach each other.
"""

from __future__ import annotations

from mockserver.generation.shape import SPEAKING
from mockserver.generation.sources import Source

LIMIT = 12
"""Levels looked at; what is deeper counts as endless."""


class Heights:
    """Answers for one document, kept."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int], bool] = {}

    def of(self, sources: tuple[Source, ...]) -> int:
        """Return how many containers lie inside each other at least; `LIMIT` + 1 for "too many"."""
        for levels in range(LIMIT + 1):
            if all(self._within(source, levels) for source in sources):
                return levels
        return LIMIT + 1

    def _within(self, source: Source, levels: int) -> bool:
        """Whether a value of *source* may have at most *levels* containers inside each other."""
        if isinstance(source.schema, bool):
            return source.schema
        key = (id(source.schema), id(source.scope), levels)
        known = self._known.get(key)
        if known is None:
            self._known[key] = False  # while we are on it: a schema that needs itself is no way out
            known = self._known[key] = self._look(source, levels)
        return known

    def _look(self, source: Source, levels: int) -> bool:
        schema = source.schema
        assert isinstance(schema, dict)
        if "const" in schema or "enum" in schema:
            return True
        if not all(self._within(target, levels) for target in source.references()):
            return False
        for keyword in ("allOf", "anyOf", "oneOf"):
            members = schema.get(keyword)
            if isinstance(members, list) and members:
                every = all if keyword == "allOf" else any
                if not every(self._within(source.beside(member, keyword), levels) for member in members):
                    return False
        names = schema.get("type")
        if names is None:
            spoken = {SPEAKING[keyword] for keyword in schema if keyword in SPEAKING}
            names = [name for name in ("object", "array") if name in spoken] or ["null"]
        names = [names] if isinstance(names, str) else names
        if any(name not in ("object", "array") for name in names):
            return True
        return levels > 0 and any(self._container(source, name, levels - 1) for name in names)

    def _container(self, source: Source, name: str, levels: int) -> bool:
        schema = source.schema
        assert isinstance(schema, dict)
        if name == "object":
            properties = schema.get("properties") or {}
            parts = [properties[each] for each in schema.get("required") or () if each in properties]
        else:
            parts = [*(schema.get("prefixItems") or ())][: schema.get("minItems", 0)]
            if schema.get("minItems", 0) > len(parts) and isinstance(schema.get("items"), (dict, bool)):
                parts.append(schema["items"])
            if "contains" in schema and schema.get("minContains", 1) > 0:
                parts.append(schema["contains"])
        return all(self._within(source.child(part, name), levels) for part in parts)
