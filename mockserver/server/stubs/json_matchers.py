"""
Matchers for JSON: equal but for what may differ (JsonUnit), by JSONPath (Jayway), by JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from mockserver.exchange import MISSING, Json, dumps
from mockserver.generation.matching import placed
from mockserver.server.stubs.json_paths import Path
from mockserver.server.stubs.matchers import Absent, Matcher, Now, operand, said
from mockserver.server.stubs.reading import Doc, Unfit
from mockserver.server.stubs.regexes import Pattern

_PLACEHOLDER = re.compile(r"[$#]\{json-unit\.([a-z-]+)\}(.*)", re.DOTALL)


@lru_cache(maxsize=32)
def value_of(text: str) -> Json:
    """Return *text* as JSON, MISSING where it is none. Not to be changed: it is kept."""
    try:
        return orjson.loads(text)
    except ValueError:
        return MISSING


class EqualToJson(Matcher):
    """
    The same JSON, whatever its spelling. Distances are differing nodes by all nodes.

    Raises:
        Unfit: What is expected is text, but not JSON.
    """

    def __init__(self, doc: Doc, name: str) -> None:
        given = doc.value[name]
        self._wanted: Json = value_of(given) if isinstance(given, str) else given
        if self._wanted is MISSING:
            raise doc.unfit(name, "the text is not JSON")
        super().__init__(name, orjson.dumps(self._wanted, option=orjson.OPT_INDENT_2).decode())
        self._any_order = doc.flag("ignoreArrayOrder")
        self._extra = doc.flag("ignoreExtraElements")

    def fits(self, value: str | None, _now: Now, /) -> bool:
        """See Matcher."""
        return value is not None and (found := value_of(value)) is not MISSING and self._same(found)

    def _same(self, found: Json) -> bool:
        return self._differences(self._wanted, found) == 0

    def distance(self, value: str | None, _now: Now, /) -> float:
        """See Matcher."""
        found = value_of(value) if value is not None else MISSING
        if found is MISSING:
            return 1.0
        nodes = max(_size(self._wanted), _size(found))
        return min(1.0, self._differences(self._wanted, found) / nodes)

    def _differences(self, wanted: Json, found: Json) -> int:
        if isinstance(wanted, str) and (placeholder := _PLACEHOLDER.fullmatch(wanted)):
            return 0 if _holds(placeholder[1], placeholder[2], found) else 1
        if isinstance(wanted, dict) and isinstance(found, dict):
            lacking = sum(
                self._differences(value, found[key]) if key in found else _lacks(value)
                for key, value in wanted.items()
            )
            more = 0 if self._extra else sum(_size(found[key]) for key in found.keys() - wanted.keys())
            return lacking + more
        if isinstance(wanted, list) and isinstance(found, list):
            return self._arrays(wanted, found)
        return 0 if _equal(wanted, found) else max(_size(wanted), _size(found))

    def _arrays(self, wanted: list[Json], found: list[Json]) -> int:
        if not self._any_order and not self._extra:
            pairs = zip(wanted, found, strict=False)
            differing = sum(self._differences(one, other) for one, other in pairs)
            rest = wanted[len(found) :] + found[len(wanted) :]
            return differing + sum(map(_size, rest))
        if not self._any_order:  # items may stand between those that are wanted
            at = 0
            lacking = 0
            for one in wanted:
                where = next((i for i in range(at, len(found)) if not self._differences(one, found[i])), None)
                lacking += _size(one) if where is None else 0
                at = at if where is None else where + 1
            return lacking
        paired = _matching(
            len(wanted), len(found), lambda one, other: not self._differences(wanted[one], found[other])
        )
        lacking = sum(_size(wanted[one]) for one in range(len(wanted)) if one not in paired)
        taken = set(paired.values())
        over = [item for index, item in enumerate(found) if index not in taken]
        return max(lacking, 0 if self._extra else sum(map(_size, over)))


def _matching(left: int, right: int, fits: Callable[[int, int], bool]) -> dict[int, int]:
    """Return the largest pairing of *left* with *right* items in which each pair fits (Kuhn)."""
    held: dict[int, int] = {}
    near = {one: [other for other in range(right) if fits(one, other)] for one in range(left)}
    for one in range(left):
        placed(one, near, held)
    return {one: other for other, one in held.items()}


def _equal(wanted: Json, found: Json) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    return bool(wanted == found)  # 1 and 1.0 are one number (NormalisedNumberComparator)


def _size(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + sum(_size(item) for item in value.values())
    if isinstance(value, list):
        return 1 + sum(_size(item) for item in value)
    return 1


def _lacks(value: Json) -> int:
    found = _PLACEHOLDER.fullmatch(value) if isinstance(value, str) else None
    return 0 if found is not None and found[1] == "ignore-element" else _size(value)


def _holds(kind: str, rest: str, found: Json) -> bool:
    """Whether *found* is what a JsonUnit placeholder stands for."""
    if kind in ("ignore", "ignore-element"):
        return True
    if kind == "any-string":
        return isinstance(found, str)
    if kind == "any-boolean":
        return isinstance(found, bool)
    if kind == "any-number":
        return isinstance(found, (int, float)) and not isinstance(found, bool)
    return kind == "regex" and isinstance(found, str) and Pattern(rest).fits(found)


class MatchesJsonPath(Matcher):
    """
    Something stands at a path; with *inner*, what stands there fits it.

    Raises:
        Unfit: The path cannot be read.
    """

    def __init__(self, expression: str, pointer: str, inner: Matcher | None) -> None:
        beside = f" {said(inner)}" if inner is not None else ""
        super().__init__("matchesJsonPath", expression + beside)
        self.path = Path(expression, pointer)
        self.inner = inner

    def fits(self, value: str | None, now: Now, /) -> bool:
        """See Matcher."""
        if self.inner is not None:
            return any(self.inner.fits(text, now) for text in self.texts(value))
        found = self._found(value)
        if found is MISSING or found is None:
            return False
        return self.path.definite or found != []

    def distance(self, value: str | None, now: Now, /) -> float:
        """The least of what stands there."""
        if self.inner is None:
            return super().distance(value, now)
        return min((self.inner.distance(text, now) for text in self.texts(value)), default=1.0)

    def texts(self, value: str | None) -> list[str | None]:
        """Return what stands there, as texts for *inner*."""
        found = self._found(value)
        whole = self.inner is not None and self.inner.name == "equalToJson"
        if isinstance(found, dict) or (isinstance(found, list) and whole):
            return [dumps(found).decode()]
        if isinstance(found, list):
            texts: list[str | None] = [text_of(item) for item in found]
        else:
            texts = [] if found is MISSING or found is None else [text_of(found)]
        return texts or ([None] if isinstance(self.inner, Absent) else [])

    def _found(self, value: str | None) -> Json:
        document = value_of(value) if value is not None else MISSING
        return MISSING if document is MISSING else self.path.read(document)


def text_of(value: Json) -> str:
    """Return a JSON value as the text that matchers see: strings bare, the rest as JSON."""
    return value if isinstance(value, str) else dumps(value).decode()


_DRAFTS = {
    "V4": "Draft4Validator",
    "V6": "Draft6Validator",
    "V7": "Draft7Validator",
    "V201909": "Draft201909Validator",
    "V202012": "Draft202012Validator",
}


class MatchesJsonSchema(Matcher):
    """
    JSON that a schema accepts.

    Raises:
        Unfit: It is no schema, or of a version that nobody knows.
    """

    def __init__(self, doc: Doc, name: str) -> None:
        import jsonschema_rs

        given = doc.value[name]
        schema = value_of(given) if isinstance(given, str) else given
        version = doc.text("schemaVersion") or "V202012"
        if version not in _DRAFTS:
            raise doc.unfit("schemaVersion", f"schemaVersion must be one of {', '.join(_DRAFTS)}")
        if schema is MISSING:
            raise doc.unfit(name, "the text is not JSON")
        super().__init__(name, orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode())

        def never(uri: str) -> Any:
            raise ValueError(f"{uri}: a schema that stands elsewhere is not fetched")

        try:
            made = getattr(jsonschema_rs, _DRAFTS[version])(schema, retriever=never)
        except (ValueError, jsonschema_rs.ReferencingError) as error:
            raise doc.unfit(name, f"this is no JSON Schema: {error}") from error
        self._valid: Callable[[Json], bool] = made.is_valid

    def fits(self, value: str | None, _now: Now, /) -> bool:
        """See Matcher. What is not JSON is held against the schema as a string."""
        if value is None:
            return False
        found = value_of(value)
        try:
            return self._valid(value if found is MISSING else found)
        except ValueError:  # beyond jsonschema-rs: nested 255 deep, a lone surrogate
            return False


def equal_to_json(doc: Doc, name: str) -> Matcher:
    """Read equalToJson."""
    return EqualToJson(doc, name)


def matches_json_schema(doc: Doc, name: str) -> Matcher:
    """Read matchesJsonSchema."""
    return MatchesJsonSchema(doc, name)


def matches_json_path(doc: Doc, name: str, inner: Callable[[Json, str], Matcher]) -> Matcher:
    """Read matchesJsonPath, plain or {"expression": ..., and a matcher that *inner* reads}."""
    given = doc.value[name]
    if isinstance(given, str):
        return MatchesJsonPath(operand(doc, name), doc.at(name), None)
    within = Doc(given, doc.at(name))
    expression = within.text("expression")
    if expression is None:
        raise Unfit(doc.at(name), "expression is required in the advanced matchesJsonPath form")
    rest = {key: value for key, value in within.value.items() if key != "expression"}
    return MatchesJsonPath(expression, within.at("expression"), inner(rest, within.pointer))
