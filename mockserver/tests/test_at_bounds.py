"""
What a contract still allows is taken, and who has another reason to refuse it is left alone.
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
from mockserver.tests.crud import GONE, NUMBER, answer, crud, thing
from mockserver.tests.in_process import Here, judged

NAME = {"type": "string", "minLength": 1, "maxLength": 40}
RATING = {"type": "integer", "minimum": 1, "maximum": 5}
CODE = {"type": "string", "pattern": "^[A-Z0-9-]+$", "minLength": 3, "maxLength": 20}
GIVEN = {"name": NAME, "rating": RATING, "priority": RATING, "code": CODE}
ROW = thing({"id": NUMBER, **GIVEN}, "id", *GIVEN)
NEW = thing(GIVEN, *GIVEN)

Fits = Callable[[dict[str, Any]], bool]


def found(folder: Path, fits: Fits) -> list[str]:
    """Return what is said of a server that refuses what does not fit."""
    file = folder / "api.yaml"
    info = {"openapi": "3.1.1", "info": {"title": "Test", "version": "1"}}
    paths = crud(ROW, NEW, created={"201": answer(ROW), "422": GONE})
    file.write_text(yaml.safe_dump({**info, "paths": paths}, sort_keys=False))
    host = build_host(wanted((str(file),)), journal=Journal(0))

    def answers(request: Request) -> Response:
        if request.method == "POST" and not fits(json.loads(request.body)):
            return Response(422, [], b"")
        fields = (("host", "here"), *request.headers)
        return host.handle(Request(request.method, request.path, request.query, fields, request.body))

    return [one.detail for one in judged(str(file), Here(answers), only="bounds-are-taken").findings]


@pytest.mark.parametrize(
    ("fits", "said"),
    [
        (
            lambda sent: len(sent["name"]) < 40,
            "name is refused at 40, which its maxLength just allows, and taken at 39.",
        ),
        (
            lambda sent: sent["rating"] < 5,
            "rating is refused at 5, which its maximum just allows, and taken at 4.",
        ),
        (
            lambda sent: sent["priority"] < 5,
            "priority is refused at 5, which its maximum just allows, and taken at 4.",
        ),
        (
            lambda sent: len(sent["code"]) < 20,
            "code is refused at 20, which its maxLength just allows, and taken at 19.",
        ),
        (
            lambda sent: sent["rating"] > 1,
            "rating is refused at 1, which its minimum just allows, and taken at 2.",
        ),
    ],
)
def test_who_is_off_by_one_is_convicted(tmp_path: Path, fits: Fits, said: str) -> None:
    """
    The commonest mistake there is, and no answer to anything else shows it.
    """
    assert said in found(tmp_path, fits)


@pytest.mark.parametrize(
    "fits",
    [
        lambda _: True,
        lambda sent: sent["rating"] < 4,  # there is a reason, whichever it is: not the bound
        lambda sent: len(sent["name"]) < 38,
    ],
)
def test_who_has_another_reason_is_acquitted(tmp_path: Path, fits: Fits) -> None:
    """
    A server may know more than a schema says, and refuse for that.
    """
    assert found(tmp_path, fits) == []
