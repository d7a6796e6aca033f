"""
Find the operation that a request is addressed to.

We match on the *raw* path, split at "/", and decode each segment afterwards.
A decoded path has lost the difference between "/books/a%2Fb" (one book called
"a/b") and "/books/a/b" (two levels down), and WSGI's PATH_INFO is decoded.

We do not use Flask's router: checking a spec and reading a journal ask the
same question where no Flask runs, and a miss must name its nearest neighbours.

Templates stand in a tree by segment, literal children in a dict, so a match
costs the depth of the path and not the number of operations.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import quote, unquote

from mockserver.contract.model import Route

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_RESERVED = ":/?#[]@!$&'()*+,;="
"""Characters that mean another thing when they are encoded (RFC 3986, 2.2)."""


@dataclass(frozen=True, slots=True)
class Match:
    """The operation found, with the raw (still percent-encoded) text of each path parameter."""

    route: Route
    captured: dict[str, str]


@dataclass(frozen=True, slots=True)
class Miss:
    """
    No operation.

    Attributes:
        allow: Methods that this path does have, sorted; empty when the path is unknown.
        nearest: Up to three templates that look like the path, the nearest first.
    """

    allow: tuple[str, ...]
    nearest: tuple[str, ...]


@dataclass(slots=True)
class _Pattern:
    """A segment with variables in it: "{id}", "{name}.{format}", "a-{id}-b", "{id}:cancel"."""

    text: str
    names: tuple[str, ...]
    regex: re.Pattern[str]
    literals: int
    node: _Node

    @property
    def open(self) -> int:
        """How open it is: 1 with literal text beside its variables, 2 without; a literal segment is 0."""
        return 1 if self.literals else 2

    def order(self) -> tuple[int, int, str]:
        return (-self.literals, len(self.names), self.text)


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    patterns: list[_Pattern] = field(default_factory=list)
    routes: dict[str, Route] = field(default_factory=dict)


class Routes:
    """
    The routes of one contract, ready to be matched.

    Args:
        routes: Every operation, in any order.
        fit: Says how well a raw text fits the path parameter of that name: 0 not at all, 1 as any text does,
            2 as what it asks for. Decides between templates that differ only in their variables
            ("/books/{number}" and "/books/{name}").
    """

    def __init__(self, routes: Iterable[Route], fit: Callable[[Route, str, str], int] | None = None) -> None:
        self._root = _Node()
        self._templates: dict[str, None] = {}
        self._fit = fit
        for route in routes:
            self._add(route)

    def match(self, method: str, raw_path: str) -> Match | Miss:
        """
        Return the operation addressed by *method* and *raw_path*, or say what was near.

        Args:
            method: Upper case, e.g. "GET". HEAD is answered by GET where the contract has no HEAD
                (RFC 9110, 9.3.2).
            raw_path: As it stood on the request line: still percent-encoded, without query,
                e.g. "/books/a%2Fb".

        Where several fit, the concrete path wins over its templated counterpart: "/books/new" before
        "/books/{bookId}" (OpenAPI 3.1.1, Paths Object). Between two templated paths the one with more
        literal text wins, segment by segment, then the one whose parameters fit the text best.
        """
        segments = raw_path.split("/")[1:] if raw_path.startswith("/") else raw_path.split("/")
        allow: set[str] = set()
        wanted = (method, "GET") if method == "HEAD" else (method,)
        fitting: list[Match] = []
        best: tuple[int, ...] | None = None
        for node, captured, openness in self._walk(self._root, segments, 0, {}, ()):
            if best is not None and openness != best:
                break  # the concrete path has won, whatever its methods
            best = openness
            for name in wanted:
                route = node.routes.get(name)
                if route is not None:
                    fitting.append(Match(route, captured))
                    break
            else:
                allow.update(node.routes)
        if fitting:
            return fitting[0] if len(fitting) == 1 else max(fitting, key=self._fitness)
        if allow:
            return Miss(tuple(sorted(allow | ({"HEAD"} if "GET" in allow else set()))), ())
        # Where nothing looks like it, the least unlike still tell what kind of paths there are.
        near = get_close_matches(raw_path, self._templates, n=3, cutoff=0)
        return Miss((), tuple(near))

    def _fitness(self, found: Match) -> tuple[int, int]:
        """How well the captured texts fit: the worst of them, then all together."""
        if self._fit is None:
            return (1, 0)
        fits = [self._fit(found.route, name, raw) for name, raw in found.captured.items()]
        return min(fits, default=1), sum(fits)

    def _walk(
        self,
        node: _Node,
        segments: list[str],
        depth: int,
        captured: dict[str, str],
        openness: tuple[int, ...],
    ) -> Iterable[tuple[_Node, dict[str, str], tuple[int, ...]]]:
        if depth == len(segments):
            if node.routes:
                yield node, captured, openness
            return
        segment = segments[depth]
        child = node.literal.get(segment)
        if child is None and "%" in segment:
            child = node.literal.get(_decoded(segment))
            segment = _ENCODED.sub(_plain, segment)
        if child is not None:
            yield from self._walk(child, segments, depth + 1, captured, (*openness, 0))
        for pattern in node.patterns:
            found = pattern.regex.fullmatch(segment)
            if found is not None:
                values = dict(zip(pattern.names, found.groups(), strict=True))
                yield from self._walk(
                    pattern.node, segments, depth + 1, {**captured, **values}, (*openness, pattern.open)
                )

    def _add(self, route: Route) -> None:
        self._templates.setdefault(route.template)
        node = self._root
        for segment in route.template.split("/")[1:]:
            if "{" not in segment or not _VARIABLE.search(segment):
                node = node.literal.setdefault(_decoded(segment), _Node())
                continue
            for known in node.patterns:
                if known.text == segment:
                    node = known.node
                    break
            else:
                pattern = _pattern(segment)
                node.patterns.append(pattern)
                node.patterns.sort(key=_Pattern.order)
                node = pattern.node
        node.routes.setdefault(route.method, route)


def _decoded(segment: str) -> str:
    """Return a segment decoded, unless a slash is in it: "%2F" is not "/" (RFC 3986, 2.2)."""
    return segment if "%2f" in segment.lower() else unquote(segment)


def _plain(encoded: re.Match[str]) -> str:
    """Return what "%41" stands for where that needs no encoding, else with capitals (RFC 3986, 6.2.2)."""
    character = chr(int(encoded.group(1), 16))
    return character if character in _UNRESERVED else encoded.group().upper()


def _pattern(segment: str) -> _Pattern:
    """
    Compile a segment with variables.

    A variable takes at least one character and never a slash, and as many as it can: "{name}.{format}"
    splits "a.b.json" where a reader expects a file name to split, at the last dot. The text beside it is
    matched as it must stand in a URL: "é" is "%C3%A9" there.
    """
    parts = _VARIABLE.split(segment)
    names = tuple(parts[1::2])
    literals = [quote(unquote(text), safe=_RESERVED) for text in parts[0::2]]
    regex = re.escape(literals[0])
    for index in range(len(names)):
        regex += "([^/]+)" + re.escape(literals[index + 1])
    return _Pattern(segment, names, re.compile(regex), sum(map(len, literals)), _Node())
