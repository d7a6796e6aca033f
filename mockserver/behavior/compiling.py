"""
An expression of behavior.yaml as a function of Python's: Jinja's language, and nothing of its templates.

A template of Jinja's is a generator that writes text and keeps its variables in a
context; all that costs several times what most expressions compute. So only what Jinja
writes for the expression itself is taken, and it stands in a function that asks its
scope for the names and returns the value. The sandbox is Jinja's own.

Two things differ from plain Jinja: a mapping shows its own keys and nothing else, so
that a property called "items" or "count" is that property and not dict's method; and
our own functions are called as they are, for what the sandbox asks of others they
fulfil.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from io import StringIO
from types import FunctionType, MethodType
from typing import Any, TypeVar

from jinja2 import ChainableUndefined, Undefined, nodes, runtime
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mockserver.behavior.draw import Draw
from mockserver.behavior.functions import FUNCTIONS
from mockserver.behavior.rows import Rows
from mockserver.exchange import MISSING

Compute = Callable[[Any], Any]
"""Gives the value for a scope; an `Undefined` where it is undefined."""
Function = TypeVar("Function", bound=Callable[..., Any])
Narrow = Callable[[Any, Iterable[Any]], list[Any]]
"""Gives those of some rows for which the expression holds, for a scope."""

_ours = {one for one in FUNCTIONS.values() if type(one) is FunctionType}
"""Functions, and those of methods, that fulfil what the sandbox asks of others."""
_offered: dict[type, dict[str, FunctionType]] = {}
"""Methods by the classes of ours that expressions meet."""


def ours(function: Function) -> Function:
    """Let expressions call *function* as it is."""
    _ours.add(function)  # type: ignore[arg-type]
    return function


for _class in (Rows, Draw):
    _offered[_class] = {
        name: one for name, one in vars(_class).items() if name[0] != "_" and type(one) is FunctionType
    }
    _ours.update(_offered[_class].values())


class _Environment(ImmutableSandboxedEnvironment):
    """Jinja's sandbox in which mappings are data."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        kind = type(obj)
        if kind in _offered and (method := _offered[kind].get(attribute)) is not None:
            return MethodType(method, obj)
        if kind is dict or isinstance(obj, Mapping):
            value = obj.get(attribute, MISSING)
            return self.undefined(obj=obj, name=attribute) if value is MISSING else value
        return super().getattr(obj, attribute)

    def call(__self, __context: Context, __obj: Any, *args: Any, **named: Any) -> Any:
        if (__obj.__func__ if type(__obj) is MethodType else __obj) in _ours:
            return __obj(*args, **named)
        return super().call(__context, __obj, *args, **named)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if type(obj) is dict or isinstance(obj, Mapping):
            value = obj.get(argument, MISSING) if isinstance(argument, (str, int)) else MISSING
            return self.undefined(obj=obj, name=argument) if value is MISSING else value
        return super().getitem(obj, argument)


def _member(obj: Any, name: str) -> Any:
    """Return obj.name, which of a mapping is at hand."""
    if type(obj) is dict:
        value = obj.get(name, MISSING)
        return ChainableUndefined(obj=obj, name=name) if value is MISSING else value
    return environment.getattr(obj, name)


environment = _Environment(undefined=ChainableUndefined, autoescape=False)
"""Knows the filters and tests that expressions may use; their functions and names are not Jinja's globals."""
environment.globals = {}

_NAMESPACE: dict[str, Any] = {
    **{name: getattr(runtime, name) for name in runtime.exported},
    **{f"f_{name}": function for name, function in FUNCTIONS.items()},
    "environment": environment,
    "undefined": environment.undefined,
    "cond_expr_undefined": Undefined,
    "missing": MISSING,
    "member": _member,
    # Filters that call others (`map`, `select`) ask it for the environment; an expression sets no variable.
    "context": Context(environment, {}, None, {}),
}


class _Writer(CodeGenerator):
    """Writes expressions; names are ours: `f_pick` is a function, `l_item` a name of the scope."""

    def __init__(self) -> None:
        super().__init__(environment, None, None)
        self._frame = Frame(nodes.EvalContext(environment))

    def value(self, node: nodes.Expr, names: Iterable[str]) -> str:
        """Return a module with a function `value` that computes *node*."""
        self.pull_dependencies([node])
        self._begin("value(scope)", names)
        self.writeline("return ")
        self.visit(node, self._frame)
        return self._written()

    def narrowing(self, node: nodes.Expr, names: Iterable[str]) -> str:
        """Return a module with a function `narrow` that keeps the rows for which *node* holds."""
        self.pull_dependencies([node])
        self._begin("narrow(scope, rows)", (name for name in names if name != "row"))
        self.writeline("return [l_row for l_row in rows if ")
        self.visit(node, self._frame)
        self.write("]")
        return self._written()

    def _begin(self, signature: str, names: Iterable[str]) -> None:
        self.writeline(f"def {signature}:")
        self.indent()
        for name in names:
            self.writeline(f"l_{name} = scope({name!r})")

    def _written(self) -> str:
        return self.stream.getvalue()  # type: ignore[attr-defined, no-any-return]

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:
        del frame
        name = node.name
        if name in FUNCTIONS:
            self.write(f"f_{name}")
        else:
            self.write(f"(undefined(name={name!r}) if l_{name} is missing else l_{name})")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        self.write("member(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r})")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        del forward_caller
        called = node.node
        if not isinstance(called, nodes.Name) or FUNCTIONS.get(called.name) not in _ours:
            self.write("environment.call(context, ")
            self.visit(called, frame)
            self.signature(node, frame)
        else:
            self.write(f"f_{called.name}(")
            outer, self.stream = self.stream, StringIO()
            self.signature(node, frame)
            arguments, self.stream = self.stream.getvalue(), outer
            self.write(arguments.removeprefix(", "))
        self.write(")")


def computing(node: nodes.Expr, names: Iterable[str]) -> Compute:
    """Return the function that computes *node*, which asks its scope for *names*."""
    made: Compute = _made(_Writer().value(node, names), "value")
    return made


def narrowing(node: nodes.Expr, names: Iterable[str]) -> Narrow:
    """Return the function that keeps the rows for which *node* holds, each in turn being `row`."""
    made: Narrow = _made(_Writer().narrowing(node, names), "narrow")
    return made


def _made(text: str, name: str) -> Any:
    made = dict(_NAMESPACE)
    exec(compile(text, "<expression>", "exec"), made)  # what Jinja wrote, of a tree of its own
    return made[name]
