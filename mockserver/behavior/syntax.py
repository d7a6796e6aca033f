"""
What the tree of an expression says of it, before anything is computed.
"""

from __future__ import annotations

from jinja2 import nodes

from mockserver.behavior.functions import FUNCTIONS


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
