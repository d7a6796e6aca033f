"""
What is made and listed below one thing, and read elsewhere: `POST /cars/{id}/trips`, `GET /trips/{id}`.

Cars by hand: one is driven by one person at a time, and is in use until the trip is ended.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from mockserver.exchange import Request, Response
from mockserver.tests.crud import GONE, NUMBER, TEXT, answer, body, in_path, listed, responded, thing
from mockserver.tests.in_process import Here, judged

TIME = {"type": ["string", "null"], "format": "date-time"}
CAR = thing(
    {"id": NUMBER, "name": TEXT, "state": {"type": "string", "enum": ["free", "inUse"]}},
    "id",
    "name",
    "state",
)
NAME = {"type": "string", "minLength": 1, "maxLength": 80}
TRIP = thing({"id": NUMBER, "driver": TEXT, "endedAt": TIME}, "id", "driver", "endedAt")
REFUSED = {"401": GONE, "404": GONE}
ONE_CAR, ONE_TRIP = [in_path("carId")], [in_path("tripId")]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Cars", "version": "1", "description": "Companies see their own cars only."},
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/cars": {
            "get": {"operationId": "cars", "responses": {"200": answer(listed(CAR)), "401": GONE}},
            "post": {
                "operationId": "addCar",
                "requestBody": body(thing({"name": NAME}, "name")),
                "responses": {"201": answer(CAR), "401": GONE, "422": GONE},
            },
        },
        "/cars/{carId}": {
            "parameters": ONE_CAR,
            "get": {"operationId": "car", "responses": {"200": answer(CAR), **REFUSED}},
            "delete": {
                "operationId": "sell",
                "responses": {"204": answer(), **REFUSED, "409": {"description": "The car is in use."}},
            },
        },
        "/cars/{carId}/trips": {
            "parameters": ONE_CAR,
            "get": {"operationId": "trips", "responses": {"200": answer(listed(TRIP)), **REFUSED}},
            "post": {
                "operationId": "start",
                "requestBody": body(thing({"driver": NAME}, "driver")),
                "responses": {
                    "201": answer(TRIP),
                    **REFUSED,
                    "409": {"description": "The car is not free."},
                    "422": GONE,
                },
            },
        },
        "/trips/{tripId}": {
            "parameters": ONE_TRIP,
            "get": {"operationId": "trip", "responses": {"200": answer(TRIP), **REFUSED}},
        },
        "/trips/{tripId}/end": {
            "parameters": ONE_TRIP,
            "post": {
                "operationId": "end",
                "description": "Sets `endedAt`, and the car is free again.",
                "responses": {
                    "200": answer(TRIP),
                    **REFUSED,
                    "409": {"description": "The trip has ended already."},
                },
            },
        },
    },
}

BUGS = {
    "driver_lost": "created-is-readable",
    "end_lost": "acted-as-told",
    "not_stamped": "acted-as-told",
    "end_twice": "done-once",
    "seen_by_all": "others-do-not-see",
    "driven_twice": "closed-is-closed",
    "sold_in_use": "closed-is-closed",
}


class Cars:
    """The cars and their trips, and what is wrong with them."""

    def __init__(self, bug: str = "") -> None:
        self.bug = bug
        self.cars: dict[int, dict[str, Any]] = {}
        self.trips: dict[int, dict[str, Any]] = {}

    def __call__(self, request: Request) -> Response:
        """Answer."""
        return responded(self.answer, request)

    def answer(self, request: Request) -> tuple[int, Any]:
        """Return status and body, or raise the status of a refusal."""
        account = request.header("authorization").removeprefix("Bearer ")
        found = re.fullmatch(r"/(cars|trips)(?:/(\d+))?(?:/(trips|end))?", request.path)
        if found is None or account not in ("test-token", "other-token"):
            raise LookupError(404 if found is None else 401)
        said = json.loads(request.body) if request.body else {}
        if found[1] == "trips":
            return self.trip(int(found[2]), account, ends=found[3] == "end")
        if found[2] is None:
            if request.method == "GET":
                return 200, [shown(one) for one in self.cars.values() if one["_of"] == account]
            return 201, shown(
                self.kept(self.cars, {"name": text(said, "name"), "state": "free", "_of": account})
            )
        car = self.cars.get(int(found[2]))
        if car is None or car["_of"] != account:
            raise LookupError(404)
        if found[3]:
            return self.below(car, request.method, said)
        if request.method == "DELETE":
            if car["state"] == "inUse" and self.bug != "sold_in_use":
                raise LookupError(409)
            del self.cars[car["id"]]
            return 204, None
        return 200, shown(car)

    def below(self, car: dict[str, Any], method: str, said: Any) -> tuple[int, Any]:
        """List the trips of a car, or start one."""
        if method == "GET":
            return 200, [shown(one) for one in self.trips.values() if one["_car"] is car]
        driver = text(said, "driver")
        if car["state"] == "inUse" and self.bug != "driven_twice":
            raise LookupError(409)
        car["state"] = "inUse"
        trip = self.kept(self.trips, {"driver": driver, "endedAt": None, "_car": car})
        return 201, shown(trip)

    def trip(self, key: int, account: str, *, ends: bool) -> tuple[int, Any]:
        """Show a trip, or end it."""
        trip = self.trips.get(key)
        if trip is None or (trip["_car"]["_of"] != account and self.bug != "seen_by_all"):
            raise LookupError(404)
        if trip["_car"]["id"] not in self.cars:
            raise LookupError(404)
        if ends:
            if trip["endedAt"] and self.bug != "end_twice":
                raise LookupError(409)
            if self.bug == "end_lost":
                return 200, {**shown(trip), "endedAt": "2026-01-01T00:00:00Z", "driver": "Nobody"}
            trip["endedAt"] = None if self.bug == "not_stamped" else "2026-01-01T00:00:00Z"
            trip["_car"]["state"] = "free"
        if self.bug == "driver_lost":
            return 200, {**shown(trip), "driver": "Somebody"}
        return 200, shown(trip)

    @staticmethod
    def kept(rows: dict[int, dict[str, Any]], row: dict[str, Any]) -> dict[str, Any]:
        """Keep *row* under the next number."""
        row["id"] = max(rows, default=0) + 1
        rows[row["id"]] = row
        return row


def text(said: Any, name: str) -> str:
    """Return a text that was said, or refuse it."""
    value = said.get(name) if isinstance(said, dict) else None
    if not isinstance(value, str) or not 1 <= len(value) <= 80:
        raise LookupError(422)
    return value


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return what is shown of one."""
    return {name: value for name, value in row.items() if name[0] != "_"}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The document, as a file."""
    file = tmp_path_factory.mktemp("cars") / "cars.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    return str(file)


def test_cars_that_keep_their_contract_are_acquitted(spec: str) -> None:
    """
    A trip is read without its car, and a car takes no second one: neither is a fault.
    """
    report = judged(spec, Here(Cars()))
    assert [one.detail for one in report.findings] == []
    passed = {one.check.removeprefix("lockstep/") for one in report.outcomes("passed")}
    assert set(BUGS.values()) <= passed


@pytest.mark.parametrize("bug", BUGS)
def test_what_is_wrong_with_trips_is_convicted(spec: str, bug: str) -> None:
    """
    What is made below a car is looked at where it is read, acted on there, and changes the state of the car.
    """
    report = judged(spec, Here(Cars(bug)), only=BUGS[bug])
    assert {one.rule for one in report.findings} == {f"lockstep/{BUGS[bug]}"}
