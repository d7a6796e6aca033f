"""
A thing says where it stands, and it stands there: clients follow links.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.locate import Located
from mockserver.exchange import Request
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.pipeline import Host

DOCUMENT = """openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /users:
    get:
      responses:
        "200": {description: ok, content: {application/json: {schema: {
          type: object, required: [data],
          properties: {data: {type: array, minItems: 2, items: {$ref: '#/U'}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/N'}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {$ref: '#/U'}}}}}
  /users/{userId}:
    parameters: [{name: userId, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {$ref: '#/U'}}}}}}
U:
  type: object
  required: [id, self, _links, links]
  properties:
    id: {type: string}
    name: {type: string}
    self: {type: string, format: uri}
    _links: {type: object, required: [self], properties: {self: {$ref: '#/L'}}}
    links: {type: object, required: [self, site], properties: {self: {type: string}, site: {type: string}}}
L: {type: object, required: [href], properties: {href: {type: string}}}
N: {type: object, properties: {name: {type: string}}}
"""


def served(tmp_path: Path, document: str) -> Host:
    file = tmp_path / "t.yaml"
    file.write_text(document)
    return build_host([Located("t", file)], journal=Journal(10))


def asked(host: Host, method: str, path: str, body: Any = None) -> Any:
    head = (("host", "here:1"), ("content-type", "application/json"))
    sent = b"" if body is None else json.dumps(body).encode()
    response = host.handle(Request(method, path, "", head, sent))
    assert response.status < 300, response.body
    return json.loads(response.body)


def selves(thing: dict[str, Any]) -> set[str]:
    return {thing["self"], thing["_links"]["self"]["href"], thing["links"]["self"]}


class TestSelfLinks:
    def test_things_of_a_list(self, tmp_path: Path) -> None:
        """Each is where its link says, and says the same there."""
        host = served(tmp_path, DOCUMENT)
        for thing in asked(host, "GET", "/users")["data"]:
            assert selves(thing) == {f"http://here:1/users/{thing['id']}"}
            assert asked(host, "GET", f"/users/{thing['id']}") == thing

    def test_what_was_created(self, tmp_path: Path) -> None:
        """Below what was posted to; other links are none of its own."""
        host = served(tmp_path, DOCUMENT)
        made = asked(host, "POST", "/users", {"name": "Ann"})
        assert selves(made) == {f"http://here:1/users/{made['id']}"}
        assert made["links"]["site"] not in selves(made)

    @pytest.mark.parametrize(
        "taken", ["{self: {type: string, format: uri}}", "{links: {$ref: '#/U/properties/links'}}"]
    )
    def test_what_a_client_writes(self, tmp_path: Path, taken: str) -> None:
        """Is told as it was written."""
        host = served(
            tmp_path,
            DOCUMENT.replace(
                "N: {type: object, properties: {name: {type: string}}}",
                f"N: {{type: object, properties: {taken}}}",
            ),
        )
        assert "here:1" not in json.dumps(asked(host, "GET", "/users"))
