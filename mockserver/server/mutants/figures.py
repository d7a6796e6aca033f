"""
Figures that are not what they are counted or reckoned from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.exchange import Json
from mockserver.server.api import Api
from mockserver.server.mutants.anatomy import Leaf, answered, leaves, operations
from mockserver.server.mutants.kinds import Kind, Spot
from mockserver.server.mutants.shape import at_leaf
from mockserver.server.mutants.sight import sight, stored
from mockserver.server.mutants.values import KEY, rounded, says, sent_names


def _figures(*kinds: str) -> Callable[[Api], Iterator[Spot]]:
    """Return what yields the numbers that are shown, never sent and not left open: they are reckoned."""

    def spots(api: Api) -> Iterator[Spot]:
        names = sent_names(api)
        pages = {
            "page",
            "limit",
            "offset",
            "per_page",
            "perPage",
            "pageSize",
            "page_size",
            "size",
            "total",
            "pages",
        }
        for operation in operations(api):
            shape, free = answered(operation), api.behavior.free.get(operation.id, ())
            every = [
                leaf
                for leaf in (leaves(shape) if shape is not None else ())
                if leaf.shape.typed
                and not leaf.is_free(free)
                and leaf.shape.kinds <= {*kinds, "integer"}
                and kinds[-1] in leaf.shape.kinds
                and leaf.path[-1] not in names | pages
                and not KEY.search(leaf.path[-1])
                and not says(leaf, "const", "enum", "maximum")
            ]
            yield from (Spot(operation.id, leaf.pointer) for leaf in every if leaf.surely)

    return spots


def _fractions(api: Api) -> Iterator[Spot]:
    """Yield the rates, but not what nothing ever changes and what has no fraction from the start."""
    for spot in _figures("integer", "number")(api):
        name = spot.at.rpartition("/")[2]
        known = sight(api).is_still(spot.operation) and stored(api, spot.operation, name)
        if not known or any(rounded(one) != one for one in known):
            yield spot


def _one_more(value: Json, leaf: Leaf) -> Json:
    del leaf
    return value + 1 if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _nothing(value: Json, leaf: Leaf) -> Json:
    del leaf
    return 0 if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _whole(value: Json, leaf: Leaf) -> Json:
    del leaf
    return rounded(value)


def _kind(name: str, about: str, spots: Any, plant: Any) -> Kind:
    return Kind(name, "value", about, spots, plant)


KINDS = (
    _kind("figure-off", "counts one too many", _figures("integer"), at_leaf(_one_more)),
    _kind("figure-zero", "always counts none", _figures("integer"), at_leaf(_nothing)),
    _kind("rate-rounded", "shows a rate without its fraction", _fractions, at_leaf(_whole)),
    _kind("rate-off", "shows a rate that is one too high", _figures("integer", "number"), at_leaf(_one_more)),
)
