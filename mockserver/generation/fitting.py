"""
Tests of values against the schemas of one place, put together once.

`holds` reads a schema as it is, and is made for those that are met once. While one
object after the other is brought into agreement, the same few schemas are asked
about one value after the other; then it pays to leave out what only tells
(descriptions, examples), and to know a type by its class.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.exchange import Json
from mockserver.generation.holds import CHECKS, LATE, Check, holds
from mockserver.generation.sources import Source

Test = tuple[Check, Source, Json]
"""What is asked of a value, with the schema and the argument of the keyword."""

_CLASSES: dict[str, type] = {
    "string": str,
    "null": type(None),
    "boolean": bool,
    "array": list,
    "object": dict,
}
"""Types that a value's class alone tells; numbers are looked at."""


def questions_of(sources: Iterable[Source]) -> list[Test]:
    """Return what `holds` asks for each of *sources*, in its order."""
    return [test for source in sources for test in _tests(source)]


def passes(tests: Iterable[Test], value: Json) -> bool:
    """Whether *value* holds to all of them."""
    for check, source, argument in tests:  # noqa: SIM110 - twice as fast as `all` of so few
        if not check(source, value, argument, None):
            return False
    return True


def _tests(source: Source) -> list[Test]:
    schema = source.schema
    if isinstance(schema, bool) or LATE & schema.keys():
        return [(lambda source, value, *_: holds(source, value), source, None)]
    tests: list[Test] = []
    for keyword, argument in schema.items():
        check = CHECKS.get(keyword)
        if check is not None:
            tests.append((_typed(check, argument) if keyword == "type" else check, source, argument))
    return tests


def _typed(check: Check, argument: Json) -> Check:
    """Return *check*, which is that of `type`, so that it is called only where the class does not tell."""
    names = argument if isinstance(argument, list) else [argument]
    sure = frozenset(_CLASSES[name] for name in names if name in _CLASSES)
    return lambda source, value, argument, marks: type(value) in sure or check(source, value, argument, marks)
