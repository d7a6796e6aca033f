"""
Who asks: of several credentials each operation is shown the one that it asks for.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import yaml

from mockserver.contract.locate import locate
from mockserver.exchange import Request, Response
from mockserver.tests.crud import TEXT, answer, thing
from mockserver.tests.in_process import Here
from mockserver.verify.runner import run
from mockserver.verify.setup import Wanted, prepared, settle

BASIC = "Basic " + base64.b64encode(b"me:secret").decode()
BEARER = "Bearer mine"
REFUSED = {"description": "Who are you?"}


def _get(name: str, scheme: str) -> dict[str, object]:
    answers = {"200": answer(thing({"name": TEXT}, "name")), "401": REFUSED}
    return {"get": {"operationId": name, "security": [{scheme: []}], "responses": answers}}


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """A document that asks for a password here, and for a token there."""
    file = tmp_path / "api.yaml"
    schemes = {name: {"type": "http", "scheme": name} for name in ("basic", "bearer")}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Two", "version": "1"},
        "components": {"securitySchemes": schemes},
        "paths": {"/token": _get("token", "basic"), "/me": _get("me", "bearer")},
    }
    file.write_text(yaml.safe_dump(document))
    return str(file)


class Placed(Here):
    """A server at a place: whatever is asked elsewhere is not there."""

    def __init__(self, place: str, url: str) -> None:
        self.url = url

        def answer(request: Request) -> Response:
            return Response(
                200 if f"{self.url}{request.path}" in (f"{place}/token", f"{place}/me") else 404, [], b""
            )

        super().__init__(answer)

    def below(self, base: str) -> None:
        """Stand below *base*."""
        self.url += base

    def above(self, base: str) -> None:
        """Stand above *base*."""
        self.url = self.url.removesuffix(base)


@pytest.mark.parametrize("url", ["http://here/v2", "http://here", "http://here/v2/v2"])
def test_the_base_path_is_found_once(spec: str, url: str) -> None:
    """
    Whether the base path of `servers` belongs to the base URL is easily told wrong: not at all, or twice.
    """
    file = Path(spec)
    file.write_text(file.read_text() + "servers:\n- url: https://api.example/v2\n")
    target = Placed("http://here/v2", url)
    context, _ = prepared(Wanted(locate(spec), url), target)  # type: ignore[arg-type]
    assert settle(context) is (url != "http://here/v2")
    assert target.url == "http://here/v2"


def answers(request: Request) -> Response:
    wanted = {"/token": BASIC, "/me": BEARER}[request.path]
    if request.method != "GET":
        return Response(405, [("allow", "GET")], b"")
    if request.header("authorization") != wanted:
        return Response(401, [("www-authenticate", wanted.partition(" ")[0])], b"")
    return Response(200, [("content-type", "application/json")], b'{"name": "me"}')


@pytest.mark.parametrize("headers", [(BASIC, BEARER), (BEARER, BASIC)])
def test_each_operation_is_shown_what_it_asks_for(spec: str, headers: tuple[str, ...]) -> None:
    """
    A token is fetched with a password and used afterwards: a run needs both, in whatever order.
    """
    shown = tuple(f"Authorization: {one}" for one in headers)
    target = Here(answers)
    context, phases = prepared(Wanted(locate(spec), target.url, shown, phases=("examples",)), target)  # type: ignore[arg-type]
    report = run(context, phases)
    assert [one.detail for one in report.findings] == []
    assert {one.operation for one in report.outcomes("passed") if one.check == "examples/call"} == {
        "token",
        "me",
    }
    assert set(context.secrets) >= {BASIC, BEARER}
