"""
Rules that are not kept: what they forbid is done, or is told as done.

A bug is a rule taken out of those that are written down while a request is answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from mockserver.behavior.expressions import Expression
from mockserver.behavior.model import Behavior, Condition
from mockserver.exchange import Response
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import operations
from mockserver.server.mutants.call import Call, succeeded
from mockserver.server.mutants.kinds import Act, Kind, Spot
from mockserver.server.mutants.state import listed_tables, tables_of


@contextmanager
def _ruled(api: Api, behavior: Behavior) -> Iterator[None]:
    """Answer by other rules, and come back to the ones that are written."""
    kept = api.engine.behavior
    api.engine.behavior = behavior
    try:
        yield
    finally:
        api.engine.behavior = kept


def _unguarded(api: Api, operation: str, index: int) -> Behavior:
    rule = api.behavior.rules[operation]
    kept = tuple(one for place, one in enumerate(rule.refusals) if place != index)
    return replace(api.behavior, rules={**api.behavior.rules, operation: replace(rule, refusals=kept)})


def _unstepped(api: Api, operation: str, index: int) -> Behavior:
    rule = api.behavior.rules[operation]
    kept = tuple(one for place, one in enumerate(rule.steps) if place != index)
    return replace(api.behavior, rules={**api.behavior.rules, operation: replace(rule, steps=kept)})


def _not_unique(api: Api, operation: str) -> Behavior:
    tables = tables_of(api, operation)
    loose = {name: replace(api.behavior.collections[name], unique=()) for name in tables}
    return replace(api.behavior, collections={**api.behavior.collections, **loose})


def _guards(api: Api) -> Iterator[Spot]:
    """Yield the refusals that the mock may come to, by the options that it takes."""
    for name, rule in api.behavior.rules.items():
        steps = enumerate(rule.steps)
        guards: list[tuple[str, Condition | None]] = [
            (f"refuse/{index}", condition) for index, (condition, _) in enumerate(rule.refusals)
        ]
        guards += [(f"do/{index}", step.when) for index, step in steps if step.kind == "refuse"]
        yield from (Spot(name, at) for at, when in guards if when is None or not _never(api, when))


def _held(api: Api) -> Iterator[Spot]:
    """Yield the refusals in whose place no success may stand: the document does not leave the status open."""
    yield from (spot for spot in _guards(api) if "status" not in api.behavior.free.get(spot.operation, ()))


def _never(api: Api, condition: Condition) -> bool:
    """Return whether a condition cannot hold, for it asks for another option than the one that is taken."""
    said = condition.value
    return (
        isinstance(said, Expression) and "choice" in said.names and _is_false(_Chosen(api).visit(said.node))
    )


class _Chosen(NodeTransformer):
    """Puts the options that are taken in the place of what asks for them."""

    def __init__(self, api: Api) -> None:
        self._options = {
            name: api.engine.taken.get(name, choice.options[0])
            for name, choice in api.behavior.choices.items()
        }

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        """Return the option, where it is one that is asked for."""
        first = node.args[0] if node.args else None
        asks = isinstance(node.node, nodes.Name) and node.node.name == "choice"
        if asks and isinstance(first, nodes.Const) and first.value in self._options:
            return nodes.Const(self._options[first.value])
        self.generic_visit(node)
        return node


def _is_false(node: nodes.Node) -> bool:
    """Return whether an expression is false whatever the request and the rows are."""
    if isinstance(node, nodes.And):
        return _is_false(node.left) or _is_false(node.right)
    if isinstance(node, nodes.Or):
        return _is_false(node.left) and _is_false(node.right)
    try:
        return isinstance(node, nodes.Expr) and not node.as_const()
    except nodes.Impossible:
        return False


def _uniques(api: Api) -> Iterator[Spot]:
    for operation in operations(api, "create", "update"):
        tables = tables_of(api, operation.id)[:1]
        if any(api.behavior.collections[one].unique for one in tables if one in api.behavior.collections):
            yield Spot(operation.id, "unique")


def _listed_uniques(api: Api) -> Iterator[Spot]:
    """Yield where what must be unique is also listed: what was made all the same shows nowhere else."""
    listed = listed_tables(api)
    yield from (spot for spot in _uniques(api) if listed & set(tables_of(api, spot.operation)[:1]))


def _loosened(api: Api, spot: Spot) -> Behavior:
    part, _, index = spot.at.partition("/")
    if part == "unique":
        return _not_unique(api, spot.operation)
    return (_unguarded if part == "refuse" else _unstepped)(api, spot.operation, int(index))


def _ignoring(api: Api, spot: Spot) -> Act:
    """Plant that a rule is not there."""
    loose = _loosened(api, spot)

    def act(call: Call) -> Response:
        if call.operation != spot.operation:
            return call.proceed()
        with _ruled(api, loose):
            return call.proceed()

    return act


def _doing_it(api: Api, spot: Spot) -> Act:
    """Plant that a rule refuses, and what it refuses is done all the same."""
    loose = _loosened(api, spot)

    def act(call: Call) -> Response:
        response = call.proceed()
        if call.operation == spot.operation and 400 <= response.status < 500:
            with _ruled(api, loose):
                call.proceed()
        return response

    return act


def _other_status(api: Api, spot: Spot) -> Act:
    """Plant that a refusal is told as a success."""
    loose = _loosened(api, spot)

    def act(call: Call) -> Response:
        response = call.proceed()
        refused = 400 <= response.status < 500 and response.status != 401 and not call.read[1]
        if call.operation != spot.operation or not refused:
            return response
        kept = call.world.copy()
        with _ruled(api, loose):
            good = call.proceed()
        call.back_to(kept)
        return good if succeeded(good) else response

    return act


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "state", about, spots, plant)


KINDS = (
    _kind("guard-ignored", "does what a rule forbids", _held, _ignoring),
    _kind("refused-and-done", "refuses, and does it all the same", _guards, _doing_it),
    _kind(
        "refusal-told-as-good",
        "does not do what a rule forbids, and says that it did",
        _held,
        _other_status,
    ),
    _kind("uniqueness-ignored", "takes what has to be unique twice", _uniques, _ignoring),
    Kind(
        "conflict-makes-it",
        "state",
        "refuses what is taken, and makes it all the same",
        _listed_uniques,
        _doing_it,
        "a list of what is unique",
    ),
)
