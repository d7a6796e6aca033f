"""
What is wrong with a value, in words for a person.

A validator's errors are a tree: "none of the branches of oneOf" and below it
why each was not. Nobody wants to read about the dogs when they sent a cat, so
of several branches the one that was most likely meant is chosen, by the
discriminator where there is one, and its reasons are told. A discriminator
never changes the verdict: it is an annotation (OpenAPI 3.1.1).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Protocol

from mockserver.exchange import MISSING, Json, Place, Violation
from mockserver.validation import formats

_LONGEST_TEXT = 200
_MOST_ITEMS = 20


class Failure(Protocol):
    """A validation error as jsonschema makes it."""

    message: str
    validator: str
    validator_value: Any
    instance: Any
    schema: Any
    context: Sequence[Failure]

    relative_path: Sequence[str | int]
    relative_schema_path: Sequence[str | int]

    @property
    def absolute_path(self) -> Sequence[str | int]:
        """Keys and indexes that lead to the instance."""

    @property
    def absolute_schema_path(self) -> Sequence[str | int]:
        """Keys and indexes that lead to the keyword."""


PlaceOf = Callable[[tuple[object, ...]], Place | None]


def too_deep(where: str, prefix: str, place: Place | None) -> Violation:
    """Return the violation of a value that is nested too deeply to be held against anything."""
    return Violation(where, prefix, "depth", "It is nested too deeply to be checked.", place=place)


def explained(errors: Iterable[Failure], where: str, prefix: str, place_of: PlaceOf) -> list[Violation]:
    """
    Return what *errors* say as violations, branches of anyOf and oneOf resolved to the one that was meant.

    *place_of* gives the place in the contract of a path in the schema.
    """
    explain = _Explanation(where, prefix, place_of)
    return [violation for error in errors for violation in explain.of(error, "")]


class _Explanation:
    def __init__(self, where: str, prefix: str, place_of: PlaceOf) -> None:
        self._where = where
        self._prefix = prefix
        self._place_of = place_of

    def of(self, error: Failure, as_what: str) -> list[Violation]:
        """Return *error* as violations; *as_what* goes before their details, e.g. 'As Cat, because ...: '."""
        if error.validator in ("oneOf", "anyOf"):
            return self._branches(error, as_what)
        if error.validator == "required":
            return self._required(error, as_what)
        return [self._plain(error, as_what)]

    def _violation(
        self,
        error: Failure,
        keyword: str,
        detail: str,
        expected: Json,
        found: Json,
        below: Sequence[object] = (),
    ) -> Violation:
        pointer = "".join(f"/{_escaped(step)}" for step in (*error.absolute_path, *below))
        return Violation(
            self._where,
            self._prefix + pointer,
            keyword,
            _written(detail),
            [shown(one) for one in expected] if isinstance(expected, list) else shown(expected),
            shown(found),
            self._place_of(tuple(error.absolute_schema_path)),
        )

    def _plain(self, error: Failure, as_what: str) -> Violation:
        keyword = error.validator or "not"
        word = _WORDS.get(keyword)
        found = error.instance
        detail = word(error.validator_value, found, error) if word is not None else error.message
        expected = error.validator_value if keyword in _TELLING else None
        if "propertyNames" in error.absolute_schema_path:
            as_what += "As the name of a property, "
        return self._violation(error, keyword, as_what + detail, expected, found)

    def _required(self, error: Failure, as_what: str) -> list[Violation]:
        """jsonschema makes one error per missing name, and says the name in its message only."""
        missing = [
            name for name in error.validator_value if error.message.startswith(f"{name!r} is a required")
        ]
        return [
            self._violation(error, "required", f"{as_what}{name!r} is required.", name, MISSING, (name,))
            for name in missing[:1]
        ]

    # ---------------------------------------------------------------- branches

    def _branches(self, error: Failure, as_what: str) -> list[Violation]:
        if not error.context:
            detail = f"It fits {_listed(error)} at once; exactly one must fit."
            return [self._violation(error, error.validator, as_what + detail, None, error.instance)]
        chosen = self._by_discriminator(error)
        if isinstance(chosen, Violation):
            return [chosen]
        if chosen is not None:
            index, why = chosen
        else:
            index, why = _likeliest(error), ""
            if index < 0:
                return [self._no_type(error, as_what)]
        below = [child for child in error.context if _branch(child) == index]
        return [violation for child in below for violation in self.of(child, why or as_what)]

    def _by_discriminator(self, error: Failure) -> tuple[int, str] | Violation | None:
        """Return the branch that the discriminator names and why; where it names none, a violation."""
        said = error.schema.get("discriminator") if isinstance(error.schema, dict) else None
        if not isinstance(said, dict) or not isinstance(error.instance, dict):
            return None
        name, mapping = said.get("propertyName"), said.get("mapping") or {}
        value = error.instance.get(name, MISSING)
        references = [
            branch.get("$ref") if isinstance(branch, dict) else None for branch in error.validator_value
        ]
        known = [word for word, reference in mapping.items() if reference in references]
        if not known:
            return None
        if value is MISSING:
            detail = f"{name!r} is required: it says which of {_or(known)} this is."
            return self._violation(error, "required", detail, name, MISSING, (name,))
        if not isinstance(value, str) or value not in known:
            near = get_close_matches(value, known, n=1) if isinstance(value, str) else []
            hint = f" Did you mean {near[0]!r}?" if near else ""
            detail = f"{name} is {_told(value)}; expected {_or(known)}.{hint}"
            return self._violation(error, "discriminator", detail, known, value, (name,))
        reference = mapping[value]
        what = str(reference).rpartition("/")[2]
        return references.index(reference), f"As {what}, because {name} is {_told(value)}: "

    def _no_type(self, error: Failure, as_what: str) -> Violation:
        """No branch takes even the type: say all the types at once."""
        wanted: list[str] = []
        for child in error.context:
            if child.validator == "type" and not child.relative_path:
                kinds = child.validator_value
                wanted.extend([kinds] if isinstance(kinds, str) else kinds)
        wanted = list(dict.fromkeys(wanted))
        if not wanted:
            return self._violation(
                error, error.validator, f"{as_what}Nothing is allowed here.", None, error.instance
            )
        detail = f"{as_what}{_told(error.instance)} is not of type {_or(wanted, quote=False)}."
        return self._violation(error, "type", detail, wanted, error.instance)


def _branch(child: Failure) -> int:
    """The branch that an error comes from; -1 for the branch `false`, which says nothing."""
    path = child.relative_schema_path
    return path[0] if path and isinstance(path[0], int) else -1


def _likeliest(error: Failure) -> int:
    """
    Return the index of the branch that was most likely meant, -1 when none takes even the value's type.

    A branch that fails on a fixed property (const, or an enum of one) was not meant. Of the rest it is the
    one with the fewest errors, and of these the one whose errors lie deepest.
    """
    groups: dict[int, list[Failure]] = {}
    for child in error.context:
        if (branch := _branch(child)) >= 0:
            groups.setdefault(branch, []).append(child)
    open_groups = {
        index: children
        for index, children in groups.items()
        if not any(child.validator == "type" and not child.relative_path for child in children)
    }
    if not open_groups:
        return -1

    def rank(index: int) -> tuple[bool, int, int, int]:
        children = open_groups[index]
        fixed = any(
            child.validator == "const" or (child.validator == "enum" and len(child.validator_value) == 1)
            for child in children
        )
        depth = max(len(child.relative_path) for child in children)
        return fixed, len(children), -depth, index

    return min(open_groups, key=rank)


# ---------------------------------------------------------------------------------------------- the words


def shown(value: Json) -> Json:
    """
    Return *value* as it may stand in a report: long text and big containers cut.

    What not every JSON writer takes becomes text: integers beyond 64 bits, infinities, lone surrogates.
    """
    if isinstance(value, str):
        return _written(value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "…")
    if isinstance(value, list):
        return [shown(item) for item in value[:_MOST_ITEMS]]
    if isinstance(value, dict):
        return {_written(name): shown(item) for name, item in list(value.items())[:_MOST_ITEMS]}
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, (int, float)) and not -(2**63) <= value < 2**64:
        return str(value)
    return value


def _written(text: str) -> str:
    """Text that can be written: a lone surrogate as its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def _escaped(step: object) -> str:
    """RFC 6901, 3."""
    return str(step).replace("~", "~0").replace("/", "~1")


def _told(value: Json) -> str:
    """A value in a sentence: JSON for a scalar, the kind for a container."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"an array of {len(value)}"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except TypeError:
        text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _or(words: Sequence[object], *, quote: bool = True) -> str:
    texts = [_told(word) if quote else str(word) for word in words[:12]]
    if len(words) > 12:
        texts.append(f"{len(words) - 12} others")
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}" if texts else "nothing"


def _count(number: int, noun: str) -> str:
    irregular = {"property": "properties"}
    return f"{number} {noun if number == 1 else irregular.get(noun, noun + 's')}"


def _listed(error: Failure) -> str:
    """The branches that fit, by name where they have one. The message holds their indexes: "/0 and /2"."""
    names = []
    for part in error.message.split(" and "):
        index = int(part[1:]) if part[1:].isdigit() else -1
        branch = error.validator_value[index] if 0 <= index < len(error.validator_value) else {}
        reference = branch.get("$ref", "") if isinstance(branch, dict) else ""
        names.append(reference.rpartition("/")[2] or f"{error.validator}/{index}")
    return " and ".join(names)


_Word = Callable[[Any, Any, Failure], str]


def _type(wanted: Any, found: Any, _: Failure) -> str:
    return (
        f"{_told(found)} is not of type {_or([wanted] if isinstance(wanted, str) else wanted, quote=False)}."
    )


@lru_cache(maxsize=1024)
def _nearest(found: str, words: tuple[str, ...]) -> str:
    """The one of *words* most like *found*, "" when none is. A client with a typo repeats it."""
    return next((word for word in get_close_matches(found[:200], words, n=1) if word != found), "")


def _enum(wanted: Any, found: Any, _: Failure) -> str:
    words = tuple(word for word in wanted if isinstance(word, str))
    near = _nearest(found, words) if isinstance(found, str) else ""
    hint = f" Did you mean {near!r}?" if near else ""
    return f"{_told(found)} is not one of {_or(wanted)}.{hint}"


def _additional(_wanted: Any, found: Any, error: Failure) -> str:  # noqa: ARG001
    path = list(error.absolute_path)
    name = str(path[-1]) if path else ""
    known = list(error.schema.get("properties", {})) if isinstance(error.schema, dict) else []
    near = get_close_matches(name, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{name!r:.70} is not a property here.{hint}"


def _format(wanted: Any, found: Any, _: Failure) -> str:
    low_high = formats.RANGES.get(wanted) if not isinstance(found, str) else None
    if low_high is not None and wanted in formats.WHOLE:
        return f"{_told(found)} is not {_a(wanted)} ({low_high[0]} to {low_high[1]})."
    return f"{_told(found)} is not {_a(wanted)}."


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' and not noun.startswith(('uri', 'uuid', 'uint')) else 'a'} {noun}"


def _contains(_wanted: Any, found: Any, error: Failure) -> str:
    schema = error.schema if isinstance(error.schema, dict) else {}
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    bounds = f"at least {least}" + (f" and at most {most}" if most is not None else "")
    return f"Of {_told(found)}, {bounds} must fit `contains`."


_WORDS: Mapping[str, _Word] = {
    "type": _type,
    "enum": _enum,
    "const": lambda wanted, found, _: f"{_told(found)} is not {_told(wanted)}.",
    "minimum": lambda wanted, found, _: f"{_told(found)} is less than {wanted}.",
    "maximum": lambda wanted, found, _: f"{_told(found)} is greater than {wanted}.",
    "exclusiveMinimum": lambda wanted, found, _: f"{_told(found)} is not greater than {wanted}.",
    "exclusiveMaximum": lambda wanted, found, _: f"{_told(found)} is not less than {wanted}.",
    "multipleOf": lambda wanted, found, _: f"{_told(found)} is not a multiple of {wanted}.",
    "minLength": lambda wanted, found, _: (
        f"{_told(found)} has {_count(len(found), 'character')}; at least {wanted} must be."
    ),
    "maxLength": lambda wanted, found, _: (
        f"{_told(found)} has {_count(len(found), 'character')}; at most {wanted} may be."
    ),
    "pattern": lambda wanted, found, _: f"{_told(found)} does not match {wanted}.",
    "format": _format,
    "minItems": lambda wanted, found, _: f"It has {_count(len(found), 'item')}; at least {wanted} must be.",
    "maxItems": lambda wanted, found, _: f"It has {_count(len(found), 'item')}; at most {wanted} may be.",
    "uniqueItems": lambda _wanted, found, error: (
        f"{_told(found)} is there already, as item {error.message[1:]}."
    ),
    "minProperties": lambda wanted, found, _: (
        f"It has {_count(len(found), 'property')}; at least {wanted} must be."
    ),
    "maxProperties": lambda wanted, found, _: (
        f"It has {_count(len(found), 'property')}; at most {wanted} may be."
    ),
    "additionalProperties": _additional,
    "unevaluatedProperties": _additional,
    "contains": _contains,
    "not": lambda _wanted, found, _: f"{_told(found)} is not allowed here.",
}

_TELLING = frozenset(
    [
        *("type", "enum", "const", "format", "pattern", "multipleOf", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    ]
)
"""Keywords whose value says by itself what was expected; the others' may be a whole schema."""
