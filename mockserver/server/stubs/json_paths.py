"""
JSONPath as Jayway's library reads it, which is WireMock's, on a library that follows RFC 9535.

What Jayway has beyond the RFC and stubs use is respelled: "$.['a']", a function
at the end ("$.items.length()"), a function in a filter ("@.tags.size() > 1"), the
operators "nin", "empty" and "size". And where a filter meets an object, Jayway asks
the object itself ("$.thing[?(@.name == 'x')]").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import jsonpath
from jsonpath.function_extensions import ExpressionType, FilterFunction
from jsonpath.parse import Parser
from jsonpath.selectors import Filter, FilterContext

from mockserver.exchange import MISSING, Json
from mockserver.server.stubs import budget
from mockserver.server.stubs.reading import Unfit
from mockserver.server.stubs.regexes import Pattern

_ENDS = re.compile(r"\.(length|size|min|max|avg|sum|stddev|keys|first|last|index)\(\s*(-?\d*)\s*\)$")
_TERM = r"[@$](?:\.[\w-]+|\[[^\[\]]*\])*"
_RESPELLED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<!\.)\.\["), "["),
    (re.compile(rf"({_TERM})\.(?:length|size)\(\)"), r"length(\1)"),
    (re.compile(rf"({_TERM})\s+nin\s+(\[[^\[\]]*\]|{_TERM})"), r"!(\1 in \2)"),
    (re.compile(rf"({_TERM})\s+empty\s+true"), r"length(\1) == 0"),
    (re.compile(rf"({_TERM})\s+empty\s+false"), r"length(\1) > 0"),
    (re.compile(rf"({_TERM})\s+size\s+(\d+)"), r"length(\1) == \2"),
)


class Path:
    """
    A compiled path.

    Attributes:
        definite: Whether it can name but one place; what it reads is then the value, else a list of values.

    Raises:
        Unfit: It cannot be read.
    """

    def __init__(self, expression: str, pointer: str = "") -> None:
        text = expression.strip()
        ending = _ENDS.search(text)
        self._function = ending[1] if ending else ""
        self._index = int(ending[2] or 0) if ending else 0
        try:
            self._compiled = _compiled(text[: ending.start()] if ending else text)
        except jsonpath.JSONPathError as error:
            raise Unfit(pointer, f"{expression!r} is no JSONPath: {str(error).splitlines()[0]}") from error
        self.singular = isinstance(self._compiled, jsonpath.JSONPath) and self._compiled.singular_query()
        self.definite = self.singular or bool(ending)

    def read(self, document: Json) -> Json:
        """
        Return the value (definite), or the list of values; MISSING where nothing stands there.

        MISSING as well where it takes more than there is for one request (`budget`).
        """
        try:
            found = []
            for match in self._compiled.finditer(document):
                found.append(match.obj)
                if len(found) % _OFTEN == 0:
                    _afford()
        except jsonpath.JSONPathError:
            return MISSING
        value: Json = found
        if self.singular:
            value = found[0] if found else MISSING
        if self._function and value is not MISSING:
            return _FUNCTIONS[self._function](value, self._index)
        return value


class _OfObjects(Filter):
    """A filter that asks an object itself, where the RFC has it ask the object's values."""

    def resolve(self, node: Any) -> Iterator[Any]:
        """Yield what the filter lets through."""
        if not isinstance(node.obj, Mapping):
            yield from super().resolve(node)
            return
        context = FilterContext(env=self.env, current=node.obj, root=node.root)
        if self.expression.evaluate(context):
            yield node


class _Parser(Parser):
    def parse_filter_selector(self, stream: Any, *, keys: bool = False) -> Any:
        made = super().parse_filter_selector(stream, keys=keys)
        if not isinstance(made, Filter):
            return made
        return _OfObjects(env=made.env, token=made.token, expression=made.expression)


class _Matching(FilterFunction):
    """The RFC's match() and search(), within the bounds of all patterns: see regexes.py."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012 - as the library declares it
    return_type = ExpressionType.LOGICAL

    def __init__(self, fits: Callable[[Pattern, str], bool]) -> None:
        self._fits = fits

    def __call__(self, value: object, pattern: object) -> bool:
        """Return whether *pattern* fits *value*; what is no pattern fits nothing (RFC 9535, 2.4.6)."""
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        try:
            return self._fits(Pattern(pattern), value)
        except Unfit:
            return False


class _Jayway(jsonpath.JSONPathEnvironment):
    parser_class = _Parser

    def setup_function_extensions(self) -> None:
        """Take the library's functions, but for those that match patterns without a limit."""
        super().setup_function_extensions()
        self.function_extensions["match"] = _Matching(Pattern.fits)
        self.function_extensions["search"] = _Matching(lambda one, text: one.found(text) is not None)

    def compare(self, left: object, operator: str, right: object) -> bool:
        _afford()
        if operator == "=~" and isinstance(right, re.Pattern):  # within bounds: see regexes.py
            flag = "(?i)" if right.flags & re.IGNORECASE else ""
            return isinstance(left, str) and Pattern(flag + right.pattern).fits(left)
        return super().compare(left, operator, right)


_ENVIRONMENT = _Jayway()
_OFTEN = 256
"""Values after each of which is asked whether there may be more."""


def _afford() -> None:
    if budget.spent():
        raise jsonpath.JSONPathError("it takes too long", token=None)


@lru_cache(maxsize=512)
def _compiled(text: str) -> Any:
    for pattern, by in _RESPELLED:
        text = pattern.sub(by, text)
    return _ENVIRONMENT.compile(text)


def places(expression: str, document: Json) -> list[tuple[str | int, ...]]:
    """Return where *expression* points to in *document*: names and indexes from its root. Raises Unfit."""
    path = Path(expression)
    return [match.parts for match in path._compiled.finditer(document)]


def _numbers(value: Json) -> list[float]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, (int, float)) and not isinstance(item, bool)]


def _reduced(by: Callable[[list[float]], float]) -> Callable[[Json, int], Json]:
    def reduce(value: Json, _: int) -> Json:
        numbers = _numbers(value)
        return by(numbers) if numbers else MISSING

    return reduce


def _length(value: Json, _: int) -> Json:
    return len(value) if isinstance(value, (list, dict, str)) else MISSING


def _item(value: Json, index: int) -> Json:
    return value[index] if isinstance(value, list) and -len(value) <= index < len(value) else MISSING


def _deviation(numbers: list[float]) -> float:
    from statistics import pstdev

    return pstdev(numbers)


_FUNCTIONS: Mapping[str, Callable[[Json, int], Json]] = {
    "length": _length,
    "size": _length,
    "min": _reduced(min),
    "max": _reduced(max),
    "sum": _reduced(sum),
    "avg": _reduced(lambda numbers: sum(numbers) / len(numbers)),
    "stddev": _reduced(_deviation),
    "keys": lambda value, _: list(value) if isinstance(value, dict) else MISSING,
    "first": lambda value, _: _item(value, 0),
    "last": lambda value, _: _item(value, -1),
    "index": _item,
}
