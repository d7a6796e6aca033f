"""
Hold a value against its schema: a quick yes, and all the reasons for a no.

The only module that knows jsonschema-rs. jsonschema (`reasoning`) takes some
hundred times as long (10 ms for a list of 20, against 28 µs), but says precisely
what is wrong where. So jsonschema-rs is asked first, and jsonschema only after
its no. Where the two disagree jsonschema is right; a test
holds them together over a corpus, and what would divide them is taken away:

- one set of functions checks formats on both sides (`formats`, and the native
  ones of jsonschema-rs);
- patterns are searched by the engine of jsonschema-rs on both sides: in linear
  time where the expression allows it, with a limit where it does not;
- `multipleOf` is decimal on both: 19.99 is a multiple of 0.01, which jsonschema's
  binary division denies;
- `uniqueItems` tells items by keys, where jsonschema compares every pair.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from threading import local
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from mockserver.contract.definitions import PREFIX, Definitions
from mockserver.contract.kept import KEPT, weight_of
from mockserver.contract.limits import holds_more
from mockserver.contract.model import Direction, Schema
from mockserver.exchange import Json, Place, Violation
from mockserver.validation import formats
from mockserver.validation.patterns import loosened, respelled
from mockserver.validation.pieces import ELSEWHERE, piece, whole
from mockserver.validation.quick import Quickened, Unquick

if TYPE_CHECKING:
    from mockserver.validation.reasoning import Reasoning

MOST_VIOLATIONS = 100
"""Of one value: who breaks a thousand rules is not helped by the rest."""

_MANY_VALUES = 10_000
"""Of what holds more than this only the first thing wrong is told: jsonschema-rs finds all, or one."""

_BACKTRACKS = 100_000
_LARGE = 1_000
"""Repetitions of one character that are cheaper counted than compiled: ten thousand take 0.2 s and 10 MB."""
_LONGEST_FANCY = 16_384
"""Characters that an expression with lookarounds may be held against: it may cost the square of this."""


_UNCOMPILED = (ValueError, RecursionError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError)
_Paths = Sequence[Sequence[str | int]]


class UnknownPattern(ValueError):
    """An expression that is none (ECMA-262)."""


# ------------------------------------------------------------------------------------- patterns and formats


def _engine(pattern: str, options: Any) -> Callable[[Json], bool] | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid
    except (ValueError, jsonschema_rs.ValidationError):
        return None


def _of_text(is_valid: Callable[[Json], bool]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            return is_valid(text)
        except ValueError:  # a lone surrogate: no text at all
            return False

    return holds


def _no_longer_than(limit: int, search: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: len(text) <= limit and search(text)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> tuple[str | None, Callable[[str], bool]] | None:
    """
    The spelling with which jsonschema-rs can be trusted (None: with none), and the search itself.

    None where it is no expression. One that is too large for an engine, such as "\\p{L}{1,5000}", is
    searched with looser bounds: what it should refuse may pass, what it takes is never refused.
    """
    spellings = {spelling: loosened(spelling) for spelling in (pattern, respelled(pattern))}
    for loose, lengths in spellings.values():
        if lengths is not None and lengths[1] >= _LARGE and (found := _tried(loose)) is not None:
            return None, _of_length(*lengths, found[1])
    for spelling in spellings:
        if (found := _tried(spelling)) is not None:
            return found
    for spelling, (loose, lengths) in spellings.items():
        if loose != spelling and (found := _tried(loose)) is not None:
            return None, _of_length(*lengths, found[1]) if lengths is not None else found[1]
    return None


def _tried(spelling: str) -> tuple[str | None, Callable[[str], bool]] | None:
    linear = _engine(spelling, jsonschema_rs.RegexOptions())
    if linear is not None:
        return spelling, _of_text(linear)
    fancy = _engine(spelling, jsonschema_rs.FancyRegexOptions(backtrack_limit=_BACKTRACKS))
    return None if fancy is None else (None, _no_longer_than(_LONGEST_FANCY, _of_text(fancy)))


def _of_length(least: int, most: int, search: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda text: least <= len(text) <= most and search(text)


def _found(pattern: str) -> tuple[str | None, Callable[[str], bool]]:
    found = _compiled(pattern)
    if found is None:
        raise UnknownPattern(f"{pattern!r} is not a regular expression (ECMA-262)")
    return found


def matcher(pattern: str) -> Callable[[str], bool]:
    """
    Return the function that searches text for *pattern* in linear or limited time.

    Beyond the limit it finds nothing.

    Raises:
        UnknownPattern: It is no regular expression.
    """
    return _found(pattern)[1]


def _search(pattern: str) -> Callable[[str], bool]:
    try:
        return matcher(pattern)
    except UnknownPattern:
        return lambda _: True  # `check` says it once; it must not refuse every request


def _spell(pattern: str) -> str | None:
    try:
        return _found(pattern)[0]
    except UnknownPattern:
        return None


@lru_cache(maxsize=64)
def _native(name: str) -> Callable[[str], bool]:
    return _of_text(jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid)


def fits_format(name: str, value: Json) -> bool:
    """Whether *value* is what the format *name* asks for. A name that nobody knows asks for nothing."""
    if isinstance(value, str):
        own = formats.STRINGS.get(name)
        if own is not None:
            return own(value)
        return name not in formats.NATIVE or _native(name)(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and name in formats.RANGES:
        return formats.in_range(name, value)
    return True


# ---------------------------------------------------------------------------------------------- validators


@contextmanager
def _without(module: str) -> Iterator[None]:
    """
    Import as if *module* were not installed.

    jsonschema looks for it to know IRIs, which we tell by ourselves, and it compiles 38 grammars
    when it is imported: the first request that was refused waited three seconds for them.
    """
    absent = module not in sys.modules
    if absent:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            del sys.modules[module]


class RawValidator:
    """
    Holds values against a self-contained JSON Schema 2020-12 that stands in no contract.

    It is compiled when it is first used; the schema is not changed, and must not change.
    """

    def __init__(self, schema: Json) -> None:
        self._make: Callable[[], Json] = lambda: schema
        self._quick: Callable[[Json], bool] | None = None
        self._iterate: Callable[[Json], Iterable[Any]] | None = None
        self._first: Callable[[Json], None] | None = None
        self._slow: Reasoning | None = None

    @cached_property
    def schema(self) -> Json:
        """The JSON Schema."""
        return self._make()

    def is_valid(self, value: Json) -> bool:
        """Whether *value*, plain JSON, fits."""
        quick = self._quick
        if quick is None:
            quick = self._quick = self._compile()
        try:
            return quick(value)
        except ValueError:  # beyond jsonschema-rs: nested 255 deep, a lone surrogate
            return self.reasoned(value)

    def violations(self, value: Json, where: str = "body", prefix: str = "") -> list[Violation]:
        """
        Return every reason why *value* does not fit, at most `MOST_VIOLATIONS`; [] when it does fit.

        *where* is `Violation.where`; *prefix* stands before the JSON Pointers into *value*: "" for a body,
        otherwise the parameter's name.
        """
        try:
            found = self._explained(value, where, prefix, self._paths(value))
            return found or self._explained(value, where, prefix, None)
        except RecursionError:
            from mockserver.validation.reasons import too_deep

            return [too_deep(where, prefix, self.place(()))]

    def _explained(self, value: Json, where: str, prefix: str, paths: _Paths | None) -> list[Violation]:
        errors: Iterable[Any] = itertools.islice(self._explainer().errors(value, paths), MOST_VIOLATIONS)
        from mockserver.validation.reasons import explained  # a start refuses nothing

        return explained(errors, where, prefix, self.place)[:MOST_VIOLATIONS]

    def _paths(self, value: Json) -> _Paths | None:
        """Where jsonschema-rs finds something wrong; None where it cannot say."""
        if self._iterate is None or self._first is None:
            return None
        try:
            if holds_more(value, _MANY_VALUES):
                try:
                    self._first(value)
                except jsonschema_rs.ValidationError as error:
                    return [error.instance_path]
                return None
            return [error.instance_path for error in itertools.islice(self._iterate(value), MOST_VIOLATIONS)]
        except ValueError:
            return None

    def check(self, value: Json, where: str = "body", prefix: str = "") -> list[Violation]:
        """Return [] quickly when *value* fits, else every reason."""
        return [] if self.is_valid(value) else self.violations(value, where, prefix)

    def place(self, path: tuple[object, ...]) -> Place | None:  # noqa: ARG002
        """Return where in a contract the rule at *path* in the schema stands; here, in none."""
        return None

    def reasoned(self, value: Json) -> bool:
        """Whether *value* fits, by the slower validator."""
        try:
            return self._explainer().is_valid(value)
        except RecursionError:
            return False

    def _explainer(self) -> Reasoning:
        if self._slow is None:
            with _without("rfc3987_syntax"):
                from mockserver.validation.reasoning import Reasoning  # jsonschema takes 100 ms to import

            self._slow = Reasoning(self.schema, _search, fits_format)
        return self._slow

    def _compile(self) -> Callable[[Json], bool]:
        schema, keywords = whole(self.schema), None
        definitions = schema.get("$defs") if isinstance(schema, dict) else None
        if isinstance(definitions, Definitions):
            schema, keywords = piece(schema), {ELSEWHERE: _elsewhere(definitions)}
        try:
            quickened = Quickened(schema, _spell, _search)
            validator = jsonschema_rs.Draft202012Validator(
                quickened.schema,
                formats=quickened.functions or None,
                validate_formats=True,
                offline=True,
                keywords=keywords,
            )
        except (Unquick, *_UNCOMPILED):
            return self.reasoned
        KEPT.add(self, weight_of(schema))
        if keywords is None:
            self._iterate, self._first = validator.iter_errors, validator.validate
        return validator.is_valid

    def let_go(self) -> None:
        """Forget what is compiled; it is compiled again when it is asked for (see `kept`)."""
        self._quick = self._iterate = self._first = self._slow = None


def _elsewhere(definitions: Definitions) -> type[jsonschema_rs.KeywordValidator]:
    """Return the keyword that holds a value against a schema of *definitions* that is compiled apart."""
    schemas, direction = definitions.schemas, definitions.direction

    class Elsewhere:
        def __init__(self, _parent: dict[str, Any], name: str, _path: list[str | int]) -> None:
            self._key = (name, direction)

        def validate(self, value: Json) -> None:
            validator = schemas.apart.get(self._key)
            if validator is None:
                name = self._key[0]
                document: Json = {"$ref": PREFIX + name, "$defs": Definitions(schemas, direction, (name,))}
                validator = schemas.apart[self._key] = RawValidator(document)
            if not _crossed(validator, value):
                raise ValueError(self._key[0])

    return Elsewhere


_CROSSING = local()
_MOST_CROSSED = 60
"""Pieces inside each other that are asked: each takes its part of the stack."""


def _crossed(validator: RawValidator, value: Json) -> bool:
    """Whether *value*, which lies in one that another piece is asked about, fits."""
    depth = getattr(_CROSSING, "depth", 0)
    if depth >= _MOST_CROSSED:
        return validator.reasoned(value)
    _CROSSING.depth = depth + 1
    try:
        return validator.is_valid(value)
    finally:
        _CROSSING.depth = depth


class Validator(RawValidator):
    """Holds values that travel in one direction against a schema of a contract, and names its places."""

    def __init__(self, schema: Schema, direction: Direction) -> None:
        super().__init__(None)
        self._make = lambda: schema.json(direction)
        self._source = schema
        self._places: dict[tuple[object, ...], Place] = {}

    def place(self, path: tuple[object, ...]) -> Place | None:
        """Return where in the contract the rule at *path* in the schema stands."""
        found = self._places.get(path)
        if found is None:
            found = self._places[path] = self._source.schemas.origin(self._source, path)
        return found
