"""
States that are numbers, switches in a body, and names that stay: what words say of them is held.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.behavior.numbered import meanings
from mockserver.contract.locate import wanted
from mockserver.contract.shapes import Shape
from mockserver.exchange import Request, Response
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.tests.crud import GONE, NUMBER, TEXT, asking, body, crud, in_path, thing
from mockserver.tests.in_process import Here, judged

STATUS = {
    "type": "integer",
    "enum": [0, 1, 2],
    "readOnly": True,
    "description": "0 active, 1 paused, 2 closed.",
}
FILE = {"type": "string", "pattern": "^(file_[a-z0-9]+)?$"}
SEAT = {"type": "string", "minLength": 1}
ROW = thing(
    {
        "id": NUMBER,
        "name": TEXT,
        "code": {"type": "string", "readOnly": True},
        "status": STATUS,
        "file": FILE,
        "seat": SEAT,
    },
    *("id", "name", "code", "status", "file", "seat"),
)
NEW = thing({"name": TEXT, "file": FILE, "seat": SEAT}, "name", "seat")
PART = {**thing({"name": TEXT, "file": FILE, "seat": SEAT}), "minProperties": 1}
PAUSE = thing({"pause": {"type": "integer", "enum": [0, 1]}}, "pause")

Asking = Callable[[Request], Response]
Wrong = Callable[[Asking, Request], Response]


def document() -> dict[str, Any]:
    """Return the paths of things that are paused and set going by one operation."""
    paths = crud(ROW, NEW)
    paths["/things/{id}"]["patch"]["requestBody"] = body(PART)
    create = paths["/things"]["post"]
    create["description"] = "Takes a seat. No other thing may have that seat."
    create["responses"]["409"] = {"description": "The seat has a thing, or the hall is over its limit."}
    paths["/things/{id}/pause"] = {
        "parameters": [in_path("id")],
        "post": {
            "operationId": "pause",
            "requestBody": body(PAUSE),
            "responses": {"200": {"description": "Done."}, "404": GONE},
        },
    }
    return paths


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """Return the path of the document."""
    file = tmp_path / "api.yaml"
    info = {"openapi": "3.1.1", "info": {"title": "Test", "version": "1"}}
    file.write_text(yaml.safe_dump({**info, "paths": document()}, sort_keys=False))
    return str(file)


def found(spec: str, law: str, wrong: Wrong | None = None) -> list[str]:
    """Return what is found by *law* of the mock, whose answers are *wrong*."""
    host = build_host(wanted((spec,)), journal=Journal(0))

    def ask(request: Request) -> Response:
        fields = (("host", "here"), *request.headers)
        return host.handle(Request(request.method, request.path, request.query, fields, request.body))

    report = judged(spec, Here(lambda request: wrong(ask, request) if wrong else ask(request)), only=law)
    return [one.detail for one in report.findings]


def not_paused(ask: Asking, request: Request) -> Response:
    """Say yes to pausing, and do nothing."""
    return Response(200, [], b"") if request.path.endswith("/pause") else ask(request)


def not_resumed(ask: Asking, request: Request) -> Response:
    """Say yes to who is set going, and leave it paused."""
    off = request.path.endswith("/pause") and b"0" in request.body
    return Response(200, [], b"") if off else ask(request)


def seats_are_shared(ask: Asking, request: Request) -> Response:
    """Make things on seats that are taken."""
    answered = ask(request)
    if answered.status != 409:
        return answered
    sent = {**json.loads(request.body), "seat": f"another than {id(request)}"}
    return ask(
        Request(request.method, request.path, request.query, request.headers, json.dumps(sent).encode())
    )


def file_stays(ask: Asking, request: Request) -> Response:
    """Take "" for nothing said."""
    if request.method == "PATCH" and json.loads(request.body).get("file") == "":
        return ask(Request("GET", request.path, "", request.headers, b""))
    return ask(request)


def code_is_drawn(ask: Asking, request: Request) -> Response:
    """Give a thing another code each time that it is read."""
    answered = ask(request)
    if request.method != "GET" or answered.status != 200 or request.path == "/things":
        return answered
    row = {**json.loads(answered.body), "code": f"c{id(answered)}{len(_DRAWN)}"}
    _DRAWN.append(row["code"])
    return Response(200, answered.headers, json.dumps(row).encode())


_DRAWN: list[str] = []

LAWS = {
    "acted-as-told": not_paused,
    "duplicate-is-refused": seats_are_shared,
    "emptied-is-empty": file_stays,
    "reading-changes-nothing": code_is_drawn,
}


@pytest.mark.parametrize("law", LAWS)
def test_who_does_as_told_is_acquitted(spec: str, law: str) -> None:
    """
    Whoever pauses, keeps seats apart, empties and gives names for good has kept all of it.
    """
    assert found(spec, law) == []


@pytest.mark.parametrize(
    ("law", "wrong", "said"),
    [
        ("acted-as-told", not_paused, "status may be 1, and is 0 as before"),
        ("acted-as-told", not_resumed, "status may be 0, and is 1 as before"),
        ("duplicate-is-refused", seats_are_shared, "where 409 is documented"),
        ("emptied-is-empty", file_stays, 'file is changed to ""'),
        ("reading-changes-nothing", code_is_drawn, "code is another each time"),
    ],
)
def test_who_does_not_is_convicted(spec: str, law: str, wrong: Wrong, said: str) -> None:
    """
    A state may be a number, a switch has two ends, and what words keep apart has no other name for it.
    """
    (told,) = found(spec, law, wrong)
    assert said in told


def test_a_switch_is_turned_on_and_off() -> None:
    """
    One operation pauses and resumes: what it is told decides.
    """
    api = asking(document())
    key = api.post("/things", {"name": "Ann", "seat": "1"}).json()["id"]
    for told in (1, 1, 0):
        assert api.post(f"/things/{key}/pause", {"pause": told}).status == 200
        assert api.get(f"/things/{key}").json()["status"] == told


@pytest.mark.parametrize(
    "said",
    [
        {"description": "0 active, 1 paused. Closed ones (2) are not listed."},
        {"description": "| number | means |\n|---|---|\n| 0 | active |\n| 1 | paused |\n"},
        {"description": "`0` = Active; `1` = Paused"},
        {"description": "* 0: active\n* 1: paused"},
        {"description": "0 - active\n1 - paused (until it is resumed)"},
        {"x-enum-varnames": ["ACTIVE", "PAUSED"]},
    ],
)
def test_numbers_are_told(said: dict[str, Any]) -> None:
    """
    There is no keyword for it, so people write it beside.
    """
    assert meanings(Shape({"type": "integer", "enum": [0, 1], **said})) == {"active": 0, "paused": 1}


@pytest.mark.parametrize("said", ["How many there are.", "From 0 to 1.", "1 or 0, see 2.1 and 3.0.", ""])
def test_numbers_that_mean_themselves(said: str) -> None:
    """
    Not every number is a word.
    """
    assert meanings(Shape({"type": "integer", "enum": [0, 1], "description": said})) == {}
