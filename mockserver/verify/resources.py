"""
Which operations belong together: those of one resource, told by their paths.

A resource's operations are judged together, since what one makes another
reads; so they stand in one shard, and go through one walk of the properties.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.contract.model import Contract, Operation, Route


def resources(contract: Contract) -> Mapping[str, tuple[Operation, ...]]:
    """Return the operations by resource, in the contract's order; every one in exactly one."""
    shared = _shared(contract.routes)
    found: dict[str, list[Operation]] = {}
    for route in contract.routes:
        segments = _segments(route)
        name = next((one for one in segments[shared:] if "{" not in one), segments[-1] if segments else "/")
        found.setdefault(name, []).append(contract.operations[route.id])
    return {name: tuple(operations) for name, operations in found.items()}


def shards(contract: Contract, count: int) -> list[frozenset[str]]:
    """Return the ids of the operations of each of *count* shards; large resources are dealt out first."""
    dealt: list[set[str]] = [set() for _ in range(count)]
    groups = sorted(resources(contract).items(), key=lambda item: (-len(item[1]), item[0]))
    for _, operations in groups:
        min(dealt, key=len).update(one.id for one in operations)
    return [frozenset(one) for one in dealt]


def _segments(route: Route) -> list[str]:
    return [segment for segment in route.template.split("/") if segment]


def _shared(routes: tuple[Route, ...]) -> int:
    """Return how many segments all paths begin with, leaving each at least one: "/api/v1" says nothing."""
    paths = [_segments(route) for route in routes]
    shortest = min((len(path) for path in paths), default=0)
    count = 0
    while count < shortest - 1 and len({path[count] for path in paths}) == 1:
        count += 1
    return count
