"""
What the path of an action says is held against what has changed, where it can only be done at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.contract.locate import wanted
from mockserver.exchange import Request, Response
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.tests.crud import GONE, NUMBER, TEXT, answer, crud, in_path, thing
from mockserver.tests.in_process import Here, judged

STATE = {"type": "string", "enum": ["open", "cancelled"], "readOnly": True}
ROW = thing(
    {"id": NUMBER, "name": TEXT, "status": STATE, "ends": {"type": "boolean", "readOnly": True}},
    "id",
    "status",
)


def written(folder: Path, **operation: Any) -> str:
    """Write a document whose things can be cancelled; return its path."""
    paths = crud(ROW, thing({"name": TEXT}, "name"))
    responses = {"200": answer(ROW), "202": GONE, "404": GONE}
    paths["/things/{id}/cancel"] = {
        "parameters": [in_path("id")],
        "post": {"operationId": "cancel", "responses": responses, **operation},
    }
    file = folder / "api.yaml"
    info = {"openapi": "3.1.1", "info": {"title": "Test", "version": "1"}}
    file.write_text(yaml.safe_dump({**info, "paths": paths}, sort_keys=False))
    return str(file)


Cancel = Callable[[Callable[[Request], Response], Request], Response]


def serving(spec: str, cancel: Cancel | None = None) -> Here:
    """Serve *spec* by a mock whose way to cancel is replaced by *cancel*."""
    host = build_host(wanted((spec,)), journal=Journal(0))

    def ask(request: Request) -> Response:
        fields = (("host", "here"), *request.headers)
        return host.handle(Request(request.method, request.path, request.query, fields, request.body))

    def answers(request: Request) -> Response:
        if cancel is not None and request.path.endswith("/cancel"):
            return cancel(ask, request)
        return ask(request)

    return Here(answers)


def unchanged(ask: Callable[[Request], Response], request: Request) -> Response:
    """Answer as if it was done: with the thing as it is."""
    return ask(Request("GET", request.path.removesuffix("/cancel"), "", request.headers, b""))


def accepted(_ask: Callable[[Request], Response], _request: Request) -> Response:
    """Answer that it will be done."""
    return Response(202, [], b"")


def found(spec: str, target: Here) -> list[str]:
    report = judged(spec, target, only="acted-as-told")
    return [one.detail for one in report.findings]


def test_who_says_yes_and_does_nothing_is_convicted(tmp_path: Path) -> None:
    """
    A cancelled order that is shipped is the bug that nobody sees in a single answer.
    """
    spec = written(tmp_path)
    assert found(spec, serving(spec)) == []
    (said,) = found(spec, serving(spec, unchanged))
    assert 'cancel is answered 200, and nothing has changed: status may be "cancelled"' in said


@pytest.mark.parametrize(
    "said",
    ["Takes effect at the end of the period.", "Requests a refund.", "Is queued.", "Has no effect twice."],
)
def test_what_comes_later_is_acquitted(tmp_path: Path, said: str) -> None:
    """
    A subscription stays open until the month is over, whatever its path is called.
    """
    spec = written(tmp_path, description=said)
    assert found(spec, serving(spec, unchanged)) == []


def test_what_is_only_accepted_is_acquitted(tmp_path: Path) -> None:
    """
    202 says that it is not done yet (RFC 9110, 15.3.3).
    """
    spec = written(tmp_path)
    assert found(spec, serving(spec, accepted)) == []


def test_another_effect_is_an_effect(tmp_path: Path) -> None:
    """
    Who notes that it ends has done something: the state may follow.
    """
    spec = written(tmp_path)
    ending: set[str] = set()
    whole = serving(spec)

    def answers(request: Request) -> Response:
        path = request.path.removesuffix("/cancel")
        if request.path != path:
            ending.add(path)
            request = Request("GET", path, "", request.headers, b"")
        told = whole.send(request).response
        if request.method != "GET" or told.status != 200:
            return told
        said = json.loads(told.body)
        for row in said if isinstance(said, list) else [said]:  # the list says of it what reading says
            row["ends"] = row.get("ends", False) or f"/things/{row['id']}" in ending
        return Response(200, told.headers, json.dumps(said).encode())

    assert found(spec, Here(answers)) == []
