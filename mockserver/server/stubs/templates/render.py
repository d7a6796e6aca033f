"""
Handlebars: from a tree to text.

A template can only look up names in what it is handed and call the helpers in
one table. How much it may do is bounded: a loop in a stub must not hold up the
other requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from random import Random

from mockserver.errors import nearest
from mockserver.server.stubs import budget
from mockserver.server.stubs.templates.syntax import (
    Argument,
    Block,
    Call,
    Literal,
    Node,
    Path,
    Text,
    parse,
)
from mockserver.server.stubs.templates.values import got, items_of, text_of, truthy

MOST_STEPS = 200_000
"""Values and blocks that one template may work out."""

LONGEST = 4 * 1024 * 1024
"""Characters of one answer."""


class Failed(ValueError):
    """A template cannot be filled: a helper is not there, or not happy. Its text says why."""


@dataclass
class Surroundings:
    """What a template draws on beside its context: the session's time, and chance that repeats."""

    now: Callable[[], datetime]
    random: Random
    steps: int = 0
    length: int = 0


@dataclass(frozen=True)
class Scope:
    """
    Where a template stands.

    Attributes:
        context: What names are looked up in.
        parent: The scope around, for "../".
        data: Variables: "index", "first", "last", "key", "root".
        names: Block parameters.
    """

    context: object
    parent: Scope | None
    data: Mapping[str, object]
    names: dict[str, object] = field(default_factory=dict)


class Asked:
    """
    What a helper is handed.

    Attributes:
        params: Worked out.
        hash: Worked out.
        around: Time and chance.
        block: Whether it stands as a block.
    """

    def __init__(
        self,
        renderer: Renderer,
        scope: Scope,
        params: list[object],
        hash_: dict[str, object],
        block: Block | None,
    ) -> None:
        self._renderer = renderer
        self.scope = scope
        self.params = params
        self.hash = hash_
        self.block = block is not None
        self._block = block
        self.around = renderer.around

    @property
    def first(self) -> object:
        """The first parameter, None where there is none."""
        return self.params[0] if self.params else None

    def param(self, index: int, default: object = None) -> object:
        """Return a parameter."""
        return self.params[index] if index < len(self.params) else default

    def text(self, index: int, default: str = "") -> str:
        """Return a parameter as text."""
        return text_of(self.params[index]) if index < len(self.params) else default

    def assign(self, name: str, value: object) -> None:
        """Give *value* a name for the rest of the template."""
        self._renderer.assigned[name] = value

    def body(
        self, context: object = None, *, data: Mapping[str, object] | None = None, same: bool = True
    ) -> str:
        """Return the block's body: in the scope it stands in, or (not *same*) with *context*."""
        if self._block is None:
            return ""
        return self._renderer.nodes(self._block.body, self._inner(context, data, same))

    def inverse(self) -> str:
        """Return what stands behind {{else}}."""
        return self._renderer.nodes(self._block.inverse, self.scope) if self._block is not None else ""

    def choose(self, condition: bool) -> object:
        """Return one of the block's parts; outside of a block the condition itself."""
        if not self.block:
            return condition
        return self.body() if condition else self.inverse()

    def _inner(self, context: object, data: Mapping[str, object] | None, same: bool) -> Scope:
        if same:
            return self.scope
        names = self._block.names if self._block is not None else ()
        given = [context, (data or {}).get("key", (data or {}).get("index"))]
        bound = dict(zip(names, given, strict=False))
        return Scope(context, self.scope, {**self.scope.data, **(data or {})}, {**self.scope.names, **bound})


Helper = Callable[[Asked], object]


class Renderer:
    """
    Args:
        helpers: By name.
        around: Time and chance.
    """

    def __init__(self, helpers: Mapping[str, Helper], around: Surroundings) -> None:
        self._helpers = helpers
        self.around = around
        self.assigned: dict[str, object] = {}

    def render(self, source: str, context: Mapping[str, object]) -> str:
        """Return *source* filled from *context*. Raises Failed, BadTemplate."""
        if "{{" not in source:
            return source
        try:
            made = self.nodes(compiled(source), Scope(context, None, {"root": context}))
            self._afford()
            return made
        except RecursionError as error:
            raise Failed("the template goes too deep") from error

    def nodes(self, nodes: Sequence[Node], scope: Scope) -> str:
        """Return *nodes* filled."""
        self._step()
        made: list[str] = []
        for node in nodes:
            if isinstance(node, Text):
                made.append(node.text)
            else:
                try:
                    value = (
                        self._block(node, scope) if isinstance(node, Block) else self._call(node.call, scope)
                    )
                    made.append(text_of(value))
                except Failed:
                    raise
                except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
                    raise Failed(f"line {node.line}: {_said(node.call)}: {error}") from error
            self.around.length += len(made[-1])
            if self.around.length > LONGEST:
                raise Failed(f"the template makes more than {LONGEST} characters")
        return "".join(made)

    def _step(self) -> None:
        self.around.steps += 1
        if self.around.steps > MOST_STEPS:
            raise Failed(f"the template works out more than {MOST_STEPS} values")
        self._afford()

    @staticmethod
    def _afford() -> None:
        if budget.spent():
            raise Failed(f"what the stubs do for one request takes more than {budget.SECONDS:g} s")

    def _block(self, block: Block, scope: Scope) -> object:
        name = block.call.name
        helper = self._helper(name)
        if helper is None:
            if block.call.params:
                raise self._no_helper(name)
            helper = _section
            value = self._argument(name, scope)
            return helper(Asked(self, scope, [value], {}, block))
        return helper(self._asked(block.call, scope, block))

    def _call(self, call: Call, scope: Scope) -> object:
        self._step()
        helper = self._helper(call.name)
        if helper is None:
            if call.params or call.hash:
                raise self._no_helper(call.name)
            return self._argument(call.name, scope)
        return helper(self._asked(call, scope, None))

    def _helper(self, name: Path | Literal) -> Helper | None:
        if isinstance(name, Literal) or name.here or name.data or name.up or len(name.segments) != 1:
            return None
        return self._helpers.get(name.segments[0])

    def _no_helper(self, name: Path | Literal) -> Failed:
        text = name.text if isinstance(name, Path) else str(name.value)
        return Failed(f"there is no helper {text!r}.{nearest(text, self._helpers)}")

    def _asked(self, call: Call, scope: Scope, block: Block | None) -> Asked:
        params = [self._argument(param, scope) for param in call.params]
        named = {key: self._argument(value, scope) for key, value in call.hash}
        return Asked(self, scope, params, named, block)

    def _argument(self, argument: Argument, scope: Scope) -> object:
        if isinstance(argument, Literal):
            return argument.value
        if isinstance(argument, Call):
            return self._call(argument, scope)
        return _looked_up(argument, scope, self.assigned)


def _looked_up(path: Path, scope: Scope, assigned: Mapping[str, object]) -> object:
    for _ in range(path.up):
        if scope.parent is None:
            return None
        scope = scope.parent
    if path.data:
        value = scope.data.get(path.segments[0]) if path.segments else None
        rest = path.segments[1:]
    elif path.segments and not path.here and path.segments[0] in scope.names:
        value, rest = scope.names[path.segments[0]], path.segments[1:]
    elif path.segments and not path.here and path.segments[0] in assigned:
        value, rest = assigned[path.segments[0]], path.segments[1:]
    else:
        value, rest = _in_context(path, scope)
    for segment in rest:
        value = got(value, segment)
    return value


def _in_context(path: Path, scope: Scope) -> tuple[object, tuple[str, ...]]:
    """Return where a path begins: in this context, or in one around it that has the name."""
    if path.here or not path.segments:
        return scope.context, path.segments
    around: Scope | None = scope
    while around is not None:
        value = got(around.context, path.segments[0])
        if value is not None:
            return value, path.segments[1:]
        around = around.parent
    return None, ()


def _section(asked: Asked) -> object:
    """{{#name}}: for each item of a list; with an object; if it is anything."""
    value = asked.first
    if (items := items_of(value)) is not None and not isinstance(value, str):
        return each(asked, items) if items else asked.inverse()
    if not truthy(value):
        return asked.inverse()
    return asked.body() if isinstance(value, bool) else asked.body(value, same=False)


def each(asked: Asked, items: Sequence[object] | Mapping[str, object]) -> str:
    """Return the block's body for each item, with @index, @key, @first and @last."""
    pairs = list(items.items()) if isinstance(items, Mapping) else list(enumerate(items))
    made = []
    for index, (key, item) in enumerate(pairs):
        data: dict[str, object] = {"index": index, "first": index == 0, "last": index == len(pairs) - 1}
        data |= {"odd": index % 2 == 1, "even": index % 2 == 0, "index_1": index + 1}
        if isinstance(items, Mapping):
            data["key"] = key
        made.append(asked.body(item, data=data, same=False))
    return "".join(made)


def _said(call: Call) -> str:
    name = call.name
    return f"{{{{{name.text if isinstance(name, Path) else name.value}}}}}"


@lru_cache(maxsize=512)
def compiled(source: str) -> tuple[Node, ...]:
    """Return the tree of a template, kept. Raises BadTemplate."""
    return parse(source)
