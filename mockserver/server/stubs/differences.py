"""
A stub and a request side by side, as WireMock prints them: what was asked for, what came, and "<<<<<" where
the two differ.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from mockserver.exchange import MISSING
from mockserver.server.stubs.asked import Asked, Values
from mockserver.server.stubs.json_matchers import MatchesJsonPath, value_of
from mockserver.server.stubs.matchers import Matcher, said
from mockserver.server.stubs.registry import Field
from mockserver.server.stubs.request_patterns import RequestPattern
from mockserver.server.stubs.xml_matchers import MatchesXPath

WIDTH = 119
_COLUMN = WIDTH // 2 - 2
_MIDDLE = WIDTH // 2 - 1
LONGEST = 2000
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class Line:
    """What is asked for, what came, and what is wrong with it ("" for nothing)."""

    expected: str
    found: str
    trouble: str = ""


SPACE = Line("", "")


def rendered(
    pattern: RequestPattern, asked: Asked, name: str = "", scenario: tuple[str, str, str] | None = None
) -> str:
    """
    Return a table of two columns.

    Args:
        pattern: What is asked for.
        asked: What came.
        name: Of the stub, "" for none.
        scenario: Its scenario's name and state, and the state that the stub waits for.
    """
    title = "Request was not matched"
    left = " " * (_MIDDLE - len(title) // 2)
    rule = "-" * WIDTH
    head = f"|{' Closest stub'.ljust(_MIDDLE)}|{' Request'.ljust(_MIDDLE)}|"
    made = ["", left + title, left + "=" * len(title), "", rule, head, rule, _row("", "", "")]
    if name:
        made += [_row(name, "", ""), _row("", "", "")]
    for line in lines(pattern, asked, scenario):
        made += _rows(line)
    return "\n".join([*made, _row("", "", ""), rule, ""])


def lines(
    pattern: RequestPattern, asked: Asked, scenario: tuple[str, str, str] | None = None
) -> Iterator[Line]:
    """Yield the lines of the table, bodies only where they do not fit."""
    if pattern.host is not None:
        yield _one("Host", said(pattern.host), asked.host, pattern.host.fits(asked.host, asked.now))
    if pattern.port is not None:
        yield _one("Port", str(pattern.port), str(asked.port), pattern.port == asked.port)
    if pattern.scheme is not None:
        yield _one("Scheme", pattern.scheme, asked.scheme, pattern.scheme.lower() == asked.scheme)
    if pattern.client is not None:
        fits = pattern.client.fits(asked.client, asked.now)
        yield _one("Client IP", said(pattern.client), asked.client, fits)
    method = not pattern.methods or asked.method in pattern.methods
    yield _one("HTTP method", pattern.method, asked.method, method)
    yield _one("URL", pattern.url.expected, asked.url, pattern.url.fits(asked))
    yield SPACE
    values = pattern.path_values(asked)
    if values:
        for key, one in pattern.path_parameters.items():
            fits = one.fits(values.get(key), asked.now)
            yield _one("Path parameter", f"Path parameter: {key} = {said(one)}", values.get(key, ""), fits)
    yield from _fields("Header", pattern.headers, asked.headers, asked, ": ", lower=True)
    yield from _fields("Query", pattern.query, asked.query, asked, " = ")
    yield from _fields("Form data", pattern.form, asked.form, asked, " = ")
    for key, one in pattern.cookies.items():
        found = asked.cookies.get(key, [])
        fits = any(one.fits(value, asked.now) for value in found) or (not found and one.fits(None, asked.now))
        yield _one("Cookie", f"Cookie: {key}={said(one)}", found[0] if found else "", fits)
    for one in pattern.body:
        body = asked.body or None
        if not one.fits(body, asked.now):
            yield _body(one, body)
    for part in pattern.multipart:
        if part.distance(asked):
            named = [each.name for each in asked.parts]
            found_parts = f"parts: {', '.join(named)}" if asked.multipart else "no multipart body"
            yield Line(f"[Multipart: {part.name or 'any'}]", found_parts, "Multipart does not match")
    if scenario is not None:
        name, state, required = scenario
        expected = f"[Scenario '{name}' state: {required}]"
        yield _one("Scenario", expected, f"[Scenario '{name}' state: {state}]", state == required)


def _fields(
    what: str, wanted: dict[str, Field], found: Values, asked: Asked, equals: str, lower: bool = False
) -> Iterator[Line]:
    for name, one in wanted.items():
        values = found.get(name.lower() if lower else name, [])
        fits = one.distance(values, asked.now) == 0
        label = name if lower else f"{what.split()[0]}: {name}"
        there = f"{name}{equals}{', '.join(values)}" if values else ""
        trouble = "" if fits else f"{what} is not present" if not values else f"{what} does not match"
        yield Line(f"{label}{equals}{one.expected}", there, trouble)
    if wanted:
        yield SPACE


def _body(matcher: Matcher, body: str | None) -> Line:
    expected = said(matcher)
    if isinstance(matcher, MatchesJsonPath | MatchesXPath) and matcher.inner is not None:
        texts = [text for text in matcher.texts(body) if text is not None]
        if texts:
            return Line(expected, ", ".join(texts)[:LONGEST], "Body does not match")
    if body is None:
        return Line(expected, "", "Body is not present")
    document = value_of(body)
    if document is not MISSING and matcher.name == "equalToJson":
        body = orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()
    return Line(matcher.expected if matcher.name == "equalToJson" else expected, body, "Body does not match")


def _one(what: str, expected: str, found: str, fits: bool) -> Line:
    return Line(expected, found, "" if fits else f"{what} does not match")


def _rows(line: Line) -> list[str]:
    left, right = _wrapped(line.expected), _wrapped(line.found)
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return [
        _row(one, other, line.trouble if index == 0 else "")
        for index, (one, other) in enumerate(zip(left, right, strict=True))
    ]


def _wrapped(text: str) -> list[str]:
    safe = text[:LONGEST].encode("utf-8", "replace").decode()
    made = [
        piece for line in safe.split("\n") for piece in textwrap.wrap(line, _COLUMN, drop_whitespace=False)
    ]
    return made or [""]


def _row(left: str, right: str, trouble: str) -> str:
    start = f"{left.ljust(_MIDDLE + 1)}|"
    if trouble:
        return f"{start} {right.ljust(_MIDDLE - 6)}<<<<< {trouble}"
    return f"{start} {right}".rstrip() if right else start
