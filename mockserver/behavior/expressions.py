"""
Expressions of behavior.yaml: Jinja2's, sandboxed, compiled once.

An expression asks its scope only for the names that it really uses, so a row
that nobody looks at costs nothing. How it becomes a function: compiling.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError

from mockserver.behavior import compiling, syntax
from mockserver.behavior.compiling import Compute, Narrow, environment
from mockserver.behavior.functions import FUNCTIONS
from mockserver.behavior.rows import Rows
from mockserver.behavior.syntax import only_expression, path_of, read_by
from mockserver.contract.sources import join_pointer
from mockserver.errors import BehaviorError, nearest
from mockserver.exchange import MISSING, Json, Place

Scope = Callable[[str], Any]
"""Gives the value of a name, or `MISSING`."""

TROUBLE = (
    TemplateRuntimeError,
    SecurityError,
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    OSError,  # a moment beyond what the platform's clock can tell
    re.error,
)
"""What an expression that cannot be computed raises."""


class Expression:
    """
    One compiled expression.

    Args:
        text: As in behavior.yaml, without "=".
        place: Where it stands, for errors.
        known: Names that may be used besides the functions; None for any (checked elsewhere).

    Raises:
        BehaviorError: It is no expression, or uses a name that does not exist.

    Attributes:
        names: What it asks its scope for, sorted.
        asked: What it asks for by a name in quotes: ("choice", "lending-1"), ("draw.value", "Book").
    """

    __slots__ = ("_compute", "_narrow", "_path", "asked", "names", "place", "text")

    def __init__(self, text: str, place: Place, known: Iterable[str] | None = None) -> None:
        self.text = text
        self.place = place
        self._compute: Compute | None = None
        self._narrow: Narrow | None = None
        facts = syntax.recalled(text) or self._parsed()
        self.names = tuple(name for name in facts.names if name not in FUNCTIONS)
        self._path = facts.path
        self.asked = facts.asked
        if known is not None:
            for name in self.names:
                if name not in known:
                    near = nearest(name, [*known, *FUNCTIONS])
                    raise BehaviorError(
                        place.file, place.line, place.pointer, f"{text!r}: there is no {name!r} here.{near}"
                    )

    def _parsed(self) -> syntax.Facts:
        """Parse the text. Raises BehaviorError where it is no expression."""
        place, text = self.place, self.text
        try:
            tree = environment.parse("{{ " + text + " }}")
            node = only_expression(tree)
        except (TemplateSyntaxError, ValueError) as error:
            said = error.message if isinstance(error, TemplateSyntaxError) else str(error)
            raise BehaviorError(
                place.file, place.line, place.pointer, f"{text!r} is no expression: {said}"
            ) from None
        for kind, table in ((nodes.Filter, environment.filters), (nodes.Test, environment.tests)):
            for one in tree.find_all(kind):
                if one.name not in table:
                    what, near = kind.__name__.lower(), nearest(one.name, table)
                    detail = f"{text!r}: there is no {what} {one.name!r}.{near}"
                    raise BehaviorError(place.file, place.line, place.pointer, detail)
        return syntax.note(text, tree, node)

    @property
    def node(self) -> nodes.Expr:
        """Its tree, made anew: few are asked for it, and once."""
        return only_expression(environment.parse("{{ " + self.text + " }}"))

    @property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """The longest paths that it asks for, as they stand in it: ("item", "stats") for item.stats."""
        tree = environment.parse("{{ " + self.text + " }}")
        called = {path_of(call.node) for call in tree.find_all(nodes.Call)}
        found = {path_of(node) for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem))}
        known = [path[:-1] if path in called else path for path in found if path is not None]
        longest = [p for p in known if not any(len(q) > len(p) and q[: len(p)] == p for q in known)]
        return tuple(sorted({path for path in longest if path}, key=lambda p: self.text.find(".".join(p))))

    def __call__(self, scope: Scope) -> Any:
        """
        Return its value, or `MISSING` where it is undefined.

        Raises:
            BehaviorError: It cannot be computed (a text plus a number, an unknown method).
        """
        if self._path is not None:
            value = scope(self._path[0])
            for key in self._path[1:]:
                if type(value) is not dict:
                    break
                value = value.get(key, MISSING)
            else:
                return value.list() if type(value) is Rows else value
        try:
            value = (self._compute or self._compiled())(scope)
        except TROUBLE as error:
            raise self._wrong(error) from error
        if isinstance(value, Undefined):
            return MISSING
        return value.list() if type(value) is Rows else value

    def rows(self, rows: Iterable[Any], scope: Scope) -> list[Any]:
        """
        Return those of *rows* for which it holds as a condition over `row`: the loop is compiled with it.

        Raises:
            BehaviorError: It cannot be computed.
        """
        if self._narrow is None:
            self._narrow = compiling.narrowing(self.node, self.names)
        try:
            return self._narrow(scope, rows)
        except TROUBLE as error:
            raise self._wrong(error) from error

    @property
    def reads(self) -> tuple[tuple[str, ...], ...]:
        """What it looks at: ("query", "limit") where a name is only asked for a member, else ("query",)."""
        return tuple(sorted(read_by(self.node)))

    def _compiled(self) -> Compute:
        """Compile at first use: it costs ten times as much as parsing, and most rules are never asked."""
        self._compute = compiling.computing(self.node, self.names)
        return self._compute

    def _wrong(self, error: Exception) -> BehaviorError:
        place = self.place
        said = f"{self.text!r} cannot be computed: {error}"
        return BehaviorError(place.file, place.line, place.pointer, said)

    def __repr__(self) -> str:
        return f"<Expression {self.text}>"


def truth(value: Any) -> bool:
    """Return whether a condition's value counts as true; undefined does not."""
    return value is not MISSING and bool(value)


class Literal:
    """A value as it stands in the YAML. Shared by all that ask: nothing changes it."""

    __slots__ = ("names", "value")

    names: tuple[str, ...]

    def __init__(self, value: Json) -> None:
        self.value = value
        self.names = ()

    def __call__(self, _: Scope) -> Any:
        """Return the value; no name is asked for."""
        return self.value


class Mapped:
    """A mapping with something computed in it; what comes out undefined is left out."""

    __slots__ = ("_begun", "_computed", "names", "parts")

    names: tuple[str, ...]

    def __init__(self, parts: list[tuple[str, Value]]) -> None:
        self.parts = parts
        self.names = tuple({name for _, part in parts for name in part.names})
        self._begun = {key: part.value if isinstance(part, Literal) else None for key, part in parts}
        self._computed = [(key, part) for key, part in parts if not isinstance(part, Literal)]

    def __call__(self, scope: Scope) -> Any:
        """Return the mapping, in the order of the parts."""
        made = self._begun.copy()
        for key, part in self._computed:
            value = part(scope)
            if value is MISSING:
                del made[key]
            else:
                made[key] = value
        return made


class Listed:
    """A list with something computed in it; what comes out undefined is left out."""

    __slots__ = ("entries", "names")

    names: tuple[str, ...]

    def __init__(self, entries: list[Value]) -> None:
        self.entries = entries
        self.names = tuple({name for entry in entries for name in entry.names})

    def __call__(self, scope: Scope) -> Any:
        """Return the list."""
        return [value for entry in self.entries if (value := entry(scope)) is not MISSING]


class Each:
    """A list made of a list: what `is` says of each entry of `of` for which `where` holds."""

    __slots__ = ("called", "condition", "entries", "made", "names")

    names: tuple[str, ...]

    def __init__(self, called: str, entries: Value, made: Value, condition: Expression | None) -> None:
        self.called = called
        self.entries = entries
        self.made = made
        self.condition = condition
        parts = (entries, made) if condition is None else (entries, made, condition)
        self.names = tuple({name for part in parts for name in part.names} - {called, "index"})

    def __call__(self, scope: Scope) -> Any:
        """Return the list; empty where `of` is undefined or null."""
        entries = self.entries(scope)
        if entries is MISSING or entries is None:
            return []
        found = []
        for index, entry in enumerate(list(entries)):
            own = {self.called: entry, "index": index}
            within = self._within(own, scope)
            if self.condition is None or truth(self.condition(within)):
                value = self.made(within)
                if value is not MISSING:
                    found.append(value)
        return found

    @staticmethod
    def _within(own: dict[str, Any], scope: Scope) -> Scope:
        return lambda name: own[name] if name in own else scope(name)


Value = Expression | Literal | Mapped | Listed | Each
"""A compiled value position: called with a scope it gives the value, or `MISSING`."""


def expressions(value: Value) -> Iterator[Expression]:
    """Yield all expressions of a compiled value position."""
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, Mapped):
        for _, part in value.parts:
            yield from expressions(part)
    elif isinstance(value, Listed):
        for entry in value.entries:
            yield from expressions(entry)
    elif isinstance(value, Each):
        for child in (value.entries, value.made, value.condition):
            if child is not None:
                yield from expressions(child)


def compile_value(tree: Json, place: Place, known: Iterable[str] | None = None) -> Value:
    """
    Compile a value position: YAML as it is, strings that start with "=" being expressions.
    """
    if isinstance(tree, str) and tree.startswith("="):
        return Expression(tree[1:].strip(), place, known)
    if (
        isinstance(tree, dict)
        and tree.keys() >= {"each", "of", "is"}
        and not tree.keys() - {"each", "of", "is", "where"}
    ):
        called = str(tree["each"])
        if called in FUNCTIONS:
            raise BehaviorError(
                place.file, place.line, place.pointer, f"{called!r} is a name that expressions have already"
            )
        within = (*known, called, "index") if known is not None else None
        where = Expression(str(tree["where"]), _below(place, "where"), within) if "where" in tree else None
        made = compile_value(tree["is"], _below(place, "is"), within)
        return Each(called, compile_value(tree["of"], _below(place, "of"), known), made, where)
    if isinstance(tree, dict):
        parts = [(key, compile_value(child, _below(place, key), known)) for key, child in tree.items()]
        return Literal(tree) if all(type(part) is Literal for _, part in parts) else Mapped(parts)
    if isinstance(tree, list):
        entries = [compile_value(child, _below(place, index), known) for index, child in enumerate(tree)]
        return Literal(tree) if all(type(entry) is Literal for entry in entries) else Listed(entries)
    return Literal(tree)


def _below(place: Place, token: object) -> Place:
    return Place(place.file, join_pointer(place.pointer, token), place.line)
