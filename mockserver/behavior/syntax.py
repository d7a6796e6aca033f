"""
What the tree of an expression says of it, before anything is computed.

To parse the thousand expressions of the bundled behaviours takes a third of a start,
and few are ever computed. So what their trees say is kept on disk, by the text of the
behavior.yaml they stand in (`remembered`); the tree is made when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import jinja2
from jinja2 import nodes
from jinja2.filters import FILTERS
from jinja2.tests import TESTS

from mockserver.behavior.functions import FUNCTIONS
from mockserver.contract import cache


class Facts(NamedTuple):
    """What is to be known of an expression: all names in it, sorted; see `path_of` and `asked_by`."""

    names: tuple[str, ...]
    path: tuple[str, ...] | None
    asked: tuple[tuple[str, str], ...]


Known = dict[str, Facts]
"""What sound expressions say, by their text."""
_known: ContextVar[Known | None] = ContextVar("known", default=None)
_WORTH = 20
"""Expressions of a file from which on what they say is kept."""
_VERSION = ("facts-1", jinja2.__version__, *sorted((*FUNCTIONS, *FILTERS, *TESTS)))


def recalled(text: str) -> Facts | None:
    """Return what is known of the expression *text*, where it stands in what is `remembered`."""
    known = _known.get()
    return None if known is None else known.get(text)


def note(text: str, tree: nodes.Template, node: nodes.Expr) -> Facts:
    """Return what the *tree* of a sound expression says, whose *node* it is, and keep it where one may."""
    names = {name.name for name in tree.find_all(nodes.Name)}
    facts = Facts(tuple(sorted(names)), path_of(node), asked_by(tree) if names & ASKING else ())
    known = _known.get()
    if known is not None:
        known[text] = facts
    return facts


@contextmanager
def remembered(text: str) -> Iterator[None]:
    """Surround the compiling of the behaviour *text*: know what is kept of it, and keep what comes new."""
    name = f"{cache.digest(text, *_VERSION)}.facts"
    found = cache.recall(name) or {}
    known = {one: Facts(*facts) for one, facts in found.items()}
    before = _known.set(known)
    try:
        yield
    finally:
        _known.reset(before)
    if len(known) > len(found) and len(known) >= _WORTH:
        cache.keep(name, {one: tuple(facts) for one, facts in known.items()})


def only_expression(tree: nodes.Template) -> nodes.Expr:
    """Return the one expression that *tree* holds. Raises ValueError when it holds anything else."""
    body = tree.body
    if len(body) == 1 and isinstance(body[0], nodes.Output) and len(body[0].nodes) == 1:
        found = body[0].nodes[0]
        if not isinstance(found, nodes.TemplateData):
            return found
    raise ValueError("it must be one expression")


ASKING = frozenset(("choice", "draw"))


def asked_by(tree: nodes.Template) -> tuple[tuple[str, str], ...]:
    """Return (function, argument) of the calls of `ASKING` that have one text as their argument."""
    found = []
    for call in tree.find_all(nodes.Call):
        path = path_of(call.node)
        if path is None or path[0] not in ASKING or len(call.args) != 1:
            continue
        argument = call.args[0]
        if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
            found.append((".".join(path), argument.value))
    return tuple(found)


def path_of(node: nodes.Node) -> tuple[str, ...] | None:
    """Return ("item", "stats", "sent") for item.stats.sent, which needs no evaluation; None for all else."""
    if isinstance(node, nodes.Name):
        return (node.name,) if node.name not in FUNCTIONS else None
    if isinstance(node, nodes.Getattr):
        above, key = path_of(node.node), node.attr
    elif (
        isinstance(node, nodes.Getitem)
        and isinstance(node.arg, nodes.Const)
        and isinstance(node.arg.value, str)
    ):
        above, key = path_of(node.node), node.arg.value
    else:
        return None
    return (*above, key) if above is not None else None


def read_by(node: nodes.Node) -> set[tuple[str, ...]]:
    """Return what is looked at: ("query", "limit") where only a member of it is, else ("query",)."""
    path = path_of(node)
    if path is not None:
        return {path[:2]}
    if isinstance(node, nodes.Name):
        return set()
    return {read for child in node.iter_child_nodes() for read in read_by(child)}
