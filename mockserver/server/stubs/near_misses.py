"""
The nearest stubs to a request, and requests to a pattern: what a tester meant, most of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from mockserver.exchange import Json
from mockserver.server.stubs import differences
from mockserver.server.stubs.asked import Asked
from mockserver.server.stubs.mappings import StubMapping
from mockserver.server.stubs.request_patterns import RequestPattern

COUNT = 3
"""How many are told (WireMock's NearMissCalculator)."""


@dataclass(frozen=True)
class NearMiss:
    """A request and a stub that do not fit each other: how far they are apart, and where they differ."""

    asked: Asked
    stub: StubMapping
    state: str
    distance: float

    @property
    def diff(self) -> str:
        """Both side by side."""
        scenario = (self.stub.scenario, self.state, self.stub.required) if self.stub.required else None
        return differences.rendered(self.stub.request, self.asked, self.stub.name, scenario)

    def brief(self) -> Json:
        """Return what a 404 says of it."""
        return {"id": self.stub.id, "name": self.stub.name, "distance": self.distance, "diff": self.diff}


def nearest(stubs: Iterable[StubMapping], asked: Asked, states: Mapping[str, str]) -> list[NearMiss]:
    """Return the stubs that are nearest to a request, the nearest first."""
    found = [
        NearMiss(asked, stub, states.get(stub.scenario, ""), stub.request.distance(asked)) for stub in stubs
    ]
    return nsmallest(COUNT, found, key=lambda miss: miss.distance)


def closest(stubs: Iterable[StubMapping], asked: Asked, states: Mapping[str, str]) -> dict[str, Json]:
    """Return what a 404 says of the nearest stub, as members of it: none where there is no stub."""
    found = nearest(stubs, asked, states)
    return {"closestStub": found[0].brief()} if found else {}


def nearest_requests(pattern: RequestPattern, asked: Iterable[Asked]) -> list[tuple[float, Asked]]:
    """Return the requests that are nearest to a pattern but do not fit it, with their distances."""
    found = [(distance, one) for one in asked if (distance := pattern.distance(one)) > 0]
    return nsmallest(COUNT, found, key=lambda pair: pair[0])
