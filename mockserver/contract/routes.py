"""
Find the operation that a request is addressed to.

We match on the *raw* path, split at "/", and decode each segment afterwards.
A decoded path has lost the difference between "/books/a%2Fb" (one book called
"a/b") and "/books/a/b" (two levels down), and WSGI's PATH_INFO is decoded.

We do not use Flask's router: checking a spec and reading a journal ask the
same question where no Flask runs, and a miss must name its nearest neighbours.

Templates stand in a tree by segment, literal children in a dict, so a match
costs the depth of the path and not the number of operations. A segment with
several variables is split from its end, in one pass: an expression would try
every way to split it.

Some documents tell operations of one path apart by its query: "/#Action=Stop",
"/tags/{id}#keys", "/users?active=true". OpenAPI has no such paths, but whole
clouds are described so; we take what follows as a condition on the query, or on the header
field of that name ("/#X-Target=Stop"), and a variable in it as a parameter of the query.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, unquote

from mockserver.contract.encoded import Fields, fields
from mockserver.contract.model import Route
from mockserver.errors import likest

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

_VARIABLE = re.compile(r"\{([^{}]+)\}")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_RESERVED = ":/?#[]@!$&'()*+,;="
"""Characters that mean another thing when they are encoded (RFC 3986, 2.2)."""
_MOST_SPLITS = 64
"""Ways to split a segment between two variables that are tried."""


class Match(NamedTuple):
    """The operation found, with the raw (still percent-encoded) text of each path parameter."""

    route: Route
    captured: dict[str, str]


@dataclass(frozen=True)
class Miss:
    """
    No operation.

    Attributes:
        allow: Methods that this path does have, sorted; empty when the path is unknown.
        look: Finds templates that look like the path, the nearest first; () for none. Called when somebody
            asks: it takes longer than all the rest, and a stub may stand there.
    """

    allow: tuple[str, ...]
    look: Callable[[], Iterable[str]] | tuple[()] = ()

    @cached_property
    def nearest(self) -> tuple[str, ...]:
        """Up to three templates that look like the path, the nearest first."""
        return tuple(self.look()) if callable(self.look) else ()


@dataclass(frozen=True, slots=True)
class _Pattern:
    """
    A segment with variables in it: "{id}", "{name}.{format}", "a-{id}-b", "{id}:cancel".

    A variable takes at least one character and never a slash, and as many as it can: "{name}.{format}"
    splits "a.b.json" where a reader expects a file name to split, at the last dot. The text beside it is
    matched as it must stand in a URL: "é" is "%C3%A9" there.

    Attributes:
        names: Of the variables.
        literals: What stands before, between and after them.
        length: Of all literals.
    """

    text: str
    names: tuple[str, ...]
    literals: tuple[str, ...]
    length: int
    node: _Node

    @staticmethod
    def of(segment: str) -> _Pattern:
        """Return the pattern that *segment* of a template is."""
        parts = _VARIABLE.split(segment)
        literals = tuple(quote(unquote(text), safe=_RESERVED) for text in parts[0::2])
        return _Pattern(segment, tuple(parts[1::2]), literals, sum(map(len, literals)), _Node())

    @property
    def open(self) -> int:
        """How open it is: 1 with literal text beside its variables, 2 without; a literal segment is 0."""
        return 1 if self.length else 2

    def order(self) -> tuple[int, int, str]:
        """Return what sorts patterns: more literal text first."""
        return (-self.length, len(self.names), self.text)

    def splits(self, segment: str) -> Iterable[dict[str, str]]:
        """
        Return the raw texts of the variables, in each way to split *segment*; in none where it is another.

        There is one way, but for two variables side by side: "{page}{extension}" may be split anywhere.
        """
        found = self.match(segment)
        if found is None:
            return ()
        if "" not in self.literals[1:-1]:
            return (found,)
        at = self.literals.index("", 1, -1)
        names = self.names[at - 1 : at + 1]
        both = "".join(found[name] for name in names)
        places = range(len(both) - 1, 0, -1)[:_MOST_SPLITS]
        return ({**found, **dict(zip(names, (both[:place], both[place:]), strict=True))} for place in places)

    def match(self, segment: str) -> dict[str, str] | None:
        """Return the raw texts of the variables, None where *segment* is another."""
        first, *between, last = self.literals
        start, end = len(first), len(segment) - len(last)
        if end <= start or not segment.startswith(first) or not segment.endswith(last):
            return None
        values: list[str] = []
        for literal in reversed(between):
            at = segment.rfind(literal, start + 1, end - 1)
            if at < 0:
                return None
            values.append(segment[at + len(literal) : end])
            end = at
        values.append(segment[start:end])
        return dict(zip(self.names, reversed(values), strict=True))


@dataclass(frozen=True, slots=True)
class _Entry:
    """An operation, and what its template asks of query or header: names, with values or None."""

    route: Route
    wanted: tuple[tuple[str, str | None], ...]

    def holds(self, sent: Fields, headers: Mapping[str, str]) -> bool:
        """Whether the query, or the header field, is as the template asks for."""
        return all(
            (name in sent and (value is None or value in map(unquote, sent[name])))
            or (value is not None and headers.get(name.lower()) == value)
            for name, value in self.wanted
        )


@dataclass(slots=True)
class _Node:
    literal: dict[str, _Node] = field(default_factory=dict)
    patterns: dict[str, _Pattern] = field(default_factory=dict)
    routes: dict[str, list[_Entry]] = field(default_factory=dict)
    sorted: bool = True


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
        self._by_query = False
        self._templates: dict[str, None] = {}
        self._fit = fit
        self._literal: dict[tuple[str, str], Match] = {}
        """What was found at paths that stand in the contract as they are; not more than there are."""
        for route in routes:
            self._add(route)

    def match(
        self, method: str, raw_path: str, query: str = "", headers: Mapping[str, str] = NO_HEADERS
    ) -> Match | Miss:
        """
        Return the operation addressed by *method* and *raw_path*, or say what was near.

        Args:
            method: Upper case, e.g. "GET". HEAD is answered by GET where the contract has no HEAD
                (RFC 9110, 9.3.2).
            raw_path: As it stood on the request line: still percent-encoded, without query,
                e.g. "/books/a%2Fb". Its dot segments are taken away (RFC 3986, 6.2.2.3).
            query: The raw query, for templates that ask something of it.
            headers: Fields by lower-case name, for the same.

        Where several fit, the concrete path wins over its templated counterpart: "/books/new" before
        "/books/{bookId}" (OpenAPI 3.1.1, Paths Object). Between two templated paths the one with more
        literal text wins, segment by segment, then the one whose parameters fit the text best.
        """
        known = self._literal.get((method, raw_path))
        if known is not None:
            return known
        segments = raw_path.split("/")[1:] if raw_path.startswith("/") else raw_path.split("/")
        if "/." in raw_path or "%2" in raw_path:
            segments = _without_dots(segments)
        found = self._only(method, segments)
        if found is not None:
            return found
        allow: set[str] = set()
        wanted = (method, "GET") if method == "HEAD" else (method,)
        fitting: list[Match] = []
        best: tuple[int, ...] | None = None
        for node, captured, openness in self._walk(self._root, segments, 0, {}, ()):
            if best is not None and openness != best:
                break  # the concrete path has won, whatever its methods
            best = openness
            for name in wanted:
                entries = node.routes.get(name)
                if entries is not None:
                    fitting.append(Match(_asked(entries, query, headers), captured))
                    break
            else:
                allow.update(node.routes)
        if len(fitting) == 1:
            (found,) = fitting
            if not (found.captured or self._by_query) and raw_path == found.route.template:
                self._literal[method, raw_path] = found
            return found
        if fitting:
            return max(fitting, key=self._fitness)
        if allow:
            return Miss(tuple(sorted(allow | ({"HEAD"} if "GET" in allow else set()))), ())
        # Where nothing looks like it, the least unlike still tell what kind of paths there are.
        return Miss((), lambda: likest(raw_path, self._templates, 3, 0))

    def _only(self, method: str, segments: list[str]) -> Match | None:
        """Return what stands there where no segment leaves a choice, as most do not; else None."""
        node, captured = self._root, {}
        for segment in segments:
            child = node.literal.get(segment)
            if child is not None:
                if node.patterns:
                    return None
            elif len(node.patterns) == 1 and segment and "%" not in segment:
                (pattern,) = node.patterns.values()
                if pattern.length or len(pattern.names) > 1:
                    return None
                captured[pattern.names[0]] = segment
                child = pattern.node
            else:
                return None
            node = child
        entries = node.routes.get(method)
        return Match(entries[0].route, captured) if entries is not None and len(entries) == 1 else None

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
        if not node.sorted:
            node.patterns = {one.text: one for one in sorted(node.patterns.values(), key=_Pattern.order)}
            node.sorted = True
        for pattern in node.patterns.values():
            for values in pattern.splits(segment):
                yield from self._walk(
                    pattern.node, segments, depth + 1, {**captured, **values}, (*openness, pattern.open)
                )

    def _add(self, route: Route) -> None:
        self._templates.setdefault(route.template)
        path, wanted = parted(route.template)
        self._by_query |= path != route.template
        node = self._root
        for segment in path.split("/")[1:]:
            if "{" not in segment or not _VARIABLE.search(segment):
                node = node.literal.setdefault(_decoded(segment), _Node())
                continue
            pattern = node.patterns.get(segment)
            if pattern is None:
                pattern = node.patterns[segment] = _Pattern.of(segment)
                node.sorted = False
            node = pattern.node
        asked = tuple(
            (name, unquote(value) if value and not _VARIABLE.search(value) else None)
            for name, values in wanted.items()
            for value in values
        )
        node.routes.setdefault(route.method, []).append(_Entry(route, asked))


def parted(template: str) -> tuple[str, Mapping[str, Sequence[str]]]:
    """Return the path of *template*, and what it asks of the query: raw values by name, "" for any."""
    if "#" not in template and "?" not in template:
        return template, {}
    path, *rest = re.split(r"[#?]", template)
    return path, fields("&".join(rest))


def _asked(entries: list[_Entry], query: str, headers: Mapping[str, str]) -> Route:
    """Return the operation whose template asks most of what *query* or *headers* have; else the least."""
    if len(entries) == 1:
        return entries[0].route
    sent = fields(query.replace("?", "&"))
    holding = [entry for entry in entries if entry.holds(sent, headers)]
    if holding:
        return max(holding, key=lambda entry: len(entry.wanted)).route
    return min(entries, key=lambda entry: len(entry.wanted)).route


def _without_dots(segments: list[str]) -> list[str]:
    """Return *segments* as RFC 3986, 5.2.4 removes dot segments; "%2E" is a dot (6.2.2.2)."""
    kept: list[str] = []
    for number, segment in enumerate(segments):
        dots = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        if dots not in (".", ".."):
            kept.append(segment)
            continue
        if dots == ".." and kept:
            kept.pop()
        if number == len(segments) - 1:
            kept.append("")
    return kept


def _decoded(segment: str) -> str:
    """Return a segment decoded, unless a slash is in it: "%2F" is not "/" (RFC 3986, 2.2)."""
    return segment if "%" not in segment or "%2f" in segment.lower() else unquote(segment)


def _plain(encoded: re.Match[str]) -> str:
    """Return what "%41" stands for where that needs no encoding, else with capitals (RFC 3986, 6.2.2)."""
    character = chr(int(encoded.group(1), 16))
    return character if character in _UNRESERVED else encoded.group().upper()
