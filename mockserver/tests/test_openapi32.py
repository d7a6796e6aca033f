from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from mockserver.contract.load import load
from mockserver.contract.locate import Located
from mockserver.contract.model import Contract
from mockserver.contract.sequences import write_sequence
from mockserver.exchange import Request
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.pipeline import Host
from mockserver.validation.pieces import whole


def contract(
    folder: Path, text: str, version: str = "3.1.0", *, outside: bool = False, **files: str
) -> Contract:
    """Load a document: its paths, components and so on as YAML, and other *files* beside it."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content)
    file = folder / "main.yaml"
    file.write_text(f"openapi: {version}\ninfo: {{title: T, version: '1'}}\n{text}")
    return load(file, outside=outside)


def host(folder: Path, text: str, version: str = "3.2.0") -> Host:
    """Serve such a document."""
    contract(folder, text, version)
    return build_host([Located("main", folder / "main.yaml")], journal=Journal(5), stateless=True)


def schema(made: Contract, name: str) -> Any:
    """Return a component's schema, translated."""
    found = made.schemas.named(name)
    assert found is not None
    return found.json("response")


def takes(made: Contract, name: str, value: Any) -> bool:
    """Whether the component *name* takes *value*."""
    return jsonschema_rs.Draft202012Validator(whole(schema(made, name))).is_valid(value)


NOTHING = "paths: {/x: {get: {responses: {'200': {description: ok}}}}}\n"

GENERIC = """
paths: {/x: {get: {responses: {'200': {description: ok}}}}}
components:
  schemas:
    Page:
      $id: page
      type: object
      properties:
        items: {type: array, items: {$dynamicRef: '#item'}}
        next: {$ref: page}
      $defs: {item: {$dynamicAnchor: item, not: {}}}
    Pets:
      $id: pets
      $ref: page
      $defs: {item: {$dynamicAnchor: item, type: string}}
    Numbers:
      $id: numbers
      $ref: page
      $defs: {item: {$dynamicAnchor: item, type: integer}}
"""


class TestDynamicReferences:
    def test_one_template_for_two_lists(self, tmp_path: Path) -> None:
        """What `$dynamicRef` means depends on the way that leads to it (JSON Schema 2020-12, 8.2.3.2)."""
        made = contract(tmp_path, GENERIC)
        assert takes(made, "Pets", {"items": ["a"], "next": {"items": ["b"]}})
        assert not takes(made, "Pets", {"items": ["a"], "next": {"items": [1]}})
        assert takes(made, "Numbers", {"items": [1], "next": {"items": [2]}})
        assert not takes(made, "Numbers", {"items": ["a"]})
        assert takes(made, "Page", {"items": []})
        assert not takes(made, "Page", {"items": [1]})

    def test_a_tree_that_is_made_strict(self, tmp_path: Path) -> None:
        """The example of the specification: an extension holds for all levels of the tree (Core, B.2)."""
        made = contract(
            tmp_path,
            NOTHING
            + """
components:
  schemas:
    Tree:
      $id: tree
      $dynamicAnchor: node
      type: object
      properties: {data: true, children: {type: array, items: {$dynamicRef: '#node'}}}
    Strict: {$id: strict-tree, $dynamicAnchor: node, $ref: tree, unevaluatedProperties: false}
""",
        )
        assert takes(made, "Tree", {"children": [{"daat": 1}]})
        assert takes(made, "Strict", {"children": [{"data": 1}]})
        assert not takes(made, "Strict", {"children": [{"daat": 1}]})

    def test_a_dynamic_reference_to_a_plain_anchor(self, tmp_path: Path) -> None:
        """It is a reference like any other (Core, 8.2.3.2)."""
        made = contract(
            tmp_path,
            NOTHING
            + """
components:
  schemas:
    A: {properties: {x: {$dynamicRef: '#n'}, y: {$ref: '#n'}}}
    B: {$anchor: n, type: integer}
""",
        )
        assert takes(made, "A", {"x": 1, "y": 2})
        assert not takes(made, "A", {"x": "a"})

    def test_of_2019_09(self, tmp_path: Path) -> None:
        """`$recursiveRef` is the dynamic reference of the draft before."""
        made = contract(
            tmp_path,
            NOTHING
            + """
components:
  schemas:
    Tree: {$id: tree, $recursiveAnchor: true, properties: {child: {$recursiveRef: '#'}}}
    Strict: {$id: strict, $recursiveAnchor: true, $ref: tree, unevaluatedProperties: false}
""",
        )
        assert takes(made, "Tree", {"child": {"x": 1}})
        assert not takes(made, "Strict", {"child": {"x": 1}})
        assert takes(made, "Strict", {"child": {"child": {}}})

    def test_a_finding_names_what_was_meant(self, tmp_path: Path) -> None:
        """A finding below a dynamic reference stands in the schema that it led to."""
        made = contract(tmp_path, GENERIC)
        found = made.schemas.named("Pets")
        assert found is not None
        path = ["$ref", "properties", "items", "items", "$ref", "type"]
        assert made.schemas.origin(found, path).pointer == "/components/schemas/Pets/$defs/item/type"

    def test_values_are_made_too(self, tmp_path: Path) -> None:
        """Who generates sees no dynamic reference either."""
        served = host(
            tmp_path,
            GENERIC.replace(
                "{description: ok}",
                "{description: ok, content: {application/json: {schema: {$ref: numbers}}}}",
            ),
        )
        answer = served.handle(Request("GET", "/x", "", (("prefer", "items=2"),)))
        assert answer.status == 200
        assert all(isinstance(item, int) for item in json.loads(answer.body).get("items", []))


class TestSchemasOf31:
    def test_siblings_of_a_reference_count(self, tmp_path: Path) -> None:
        """Since 3.1 a `$ref` is a keyword like any other; in 3.0 it hides what stands beside it."""
        text = (
            NOTHING
            + "components: {schemas: {A: {$ref: '#/components/schemas/B', maximum: 3}, B: {minimum: 1}}}\n"
        )
        assert not takes(contract(tmp_path, text), "A", 5)
        assert takes(contract(tmp_path, text, "3.0.3"), "A", 5)

    @pytest.mark.parametrize(
        ("dialect", "hidden"),
        [
            ("http://json-schema.org/draft-07/schema#", True),
            ("https://json-schema.org/draft/2020-12/schema", False),
            ("https://spec.openapis.org/oas/3.1/dialect/base", False),
        ],
    )
    def test_dialects(self, tmp_path: Path, dialect: str, hidden: bool) -> None:
        """`jsonSchemaDialect` says by whose rules schemas are read."""
        text = (
            f"jsonSchemaDialect: {dialect}\n{NOTHING}"
            "components: {schemas: {A: {$ref: '#/components/schemas/B', maximum: 3}, B: {minimum: 1}}}\n"
        )
        assert takes(contract(tmp_path, text), "A", 5) is hidden

    def test_older_words(self, tmp_path: Path) -> None:
        """A schema file of draft-07 is read as its author meant it."""
        made = contract(
            tmp_path,
            NOTHING + "components: {schemas: {A: {$ref: old.yaml}}}\n",
            old="""
$schema: http://json-schema.org/draft-07/schema#
properties: {pair: {items: [{type: integer}, {type: string}], additionalItems: false}}
dependencies: {a: [b], c: {required: [d]}}
definitions: {x: {$id: '#named', type: string}}
""",
        )
        assert takes(made, "A", {"pair": [1, "a"]})
        assert not takes(made, "A", {"pair": [1, "a", 2]})
        assert not takes(made, "A", {"a": 1})
        assert not takes(made, "A", {"c": 1})
        assert list(made.faults) == []

    def test_references_of_those_who_forgot_the_id(self, tmp_path: Path) -> None:
        """Below an `$id`, "#/components/..." leads nowhere by the letter; what is meant is clear."""
        made = contract(
            tmp_path,
            NOTHING
            + "components: {schemas: {A: {$id: 'https://x.org/a', items: {$ref: '#/components/schemas/B'}}, "
            "B: {type: integer}}}\n",
        )
        assert not takes(made, "A", ["x"])

    def test_path_items(self, tmp_path: Path) -> None:
        """`components/pathItems`, and path items in other files; what is wrong in them names that file."""
        made = contract(
            tmp_path,
            "paths: {/a: {$ref: '#/components/pathItems/A'}, /b: {$ref: 'other.yaml#/item'}}\n"
            "components: {pathItems: {A: {get: {responses: {'200': {description: ok}}}}}}\n",
            other="item:\n  parameters:\n    - {name: x}\n  get: {responses: {'200': {description: ok}}}\n",
        )
        assert [route.id for route in made.routes] == ["GET /a", "GET /b"]
        assert made.operations["GET /b"].parameters == ()
        (fault,) = made.faults
        assert (Path(fault.file).name, fault.line) == ("other.yaml", 3)


class TestOutsideReferences:
    @pytest.fixture
    def remote(self) -> Iterator[str]:
        """A server on this machine that has one schema."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/pet.yaml" else 404)
                self.end_headers()
                self.wfile.write(
                    b"Pet:\n  type: object\n  required: [name]\n  properties: {next: {$ref: '#/Pet'}}\n"
                )

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
        server.server_close()

    def test_refused(self, tmp_path: Path, remote: str) -> None:
        """Serving a stranger's document asks nobody."""
        made = contract(
            tmp_path, NOTHING + f"components: {{schemas: {{A: {{$ref: '{remote}/pet.yaml#/Pet'}}}}}}\n"
        )
        assert takes(made, "A", {})
        (fault,) = made.faults
        assert "--allow-outside-refs" in fault.detail

    def test_allowed(self, tmp_path: Path, remote: str) -> None:
        """With the flag they are fetched, and findings name the address and the line."""
        text = NOTHING + f"components: {{schemas: {{A: {{$ref: '{remote}/pet.yaml#/Pet'}}}}}}\n"
        made = contract(tmp_path, text, outside=True)
        assert not takes(made, "A", {"name": "x", "next": {}})
        found = made.schemas.named("A")
        assert found is not None
        place = made.located(made.schemas.origin(found, ["$ref", "required"]))
        assert (place.file, place.pointer, place.line) == (f"{remote}/pet.yaml", "/Pet/required", 3)
        assert list(made.files) == [str(tmp_path / "main.yaml")]

    def test_not_there(self, tmp_path: Path, remote: str) -> None:
        """An address that has nothing is a fault like any other."""
        text = NOTHING + f"components: {{schemas: {{A: {{$ref: '{remote}/none.yaml'}}}}}}\n"
        made = contract(tmp_path, text, outside=True)
        assert takes(made, "A", {})
        (fault,) = made.faults
        assert "cannot be fetched" in fault.detail


class TestOf32:
    def test_methods(self, tmp_path: Path) -> None:
        """`query` is a method like any other, and `additionalOperations` has the rest."""
        served = host(
            tmp_path,
            "paths:\n  /x:\n    query: {requestBody: {content: {text/plain: {schema: {type: string}}}}, "
            "responses: {'200': {description: ok}}}\n"
            "    additionalOperations: {COPY: {operationId: copy, responses: {'201': {description: ok}}}}\n",
        )
        fields = (("content-type", "text/plain"),)
        assert served.handle(Request("QUERY", "/x", "", fields, b"a")).status == 200
        assert served.handle(Request("COPY", "/x")).status == 201
        refused = served.handle(Request("GET", "/x"))
        assert (refused.status, refused.header("Allow")) == (405, "COPY, QUERY")

    def test_querystring(self, tmp_path: Path) -> None:
        """The whole query may be one value."""
        served = host(
            tmp_path,
            "paths:\n  /x:\n    get:\n      parameters:\n        - name: q\n          in: querystring\n"
            "          required: true\n          content: {application/json: {schema: {required: [a]}}}\n"
            "      responses: {'200': {description: ok}}\n",
        )
        assert served.handle(Request("GET", "/x", "%7B%22a%22%3A1%7D")).status == 200
        assert served.handle(Request("GET", "/x", "%7B%7D")).status == 422
        assert served.handle(Request("GET", "/x")).status == 422

    def test_media_types_are_components(self, tmp_path: Path) -> None:
        """A media type may be a reference."""
        served = host(
            tmp_path,
            "paths: {/x: {get: {responses: {'200': {description: ok, content: {application/json: "
            "{$ref: '#/components/mediaTypes/Number'}}}}}}}\n"
            "components: {mediaTypes: {Number: {schema: {type: integer}, example: 5}}}\n",
        )
        assert served.handle(Request("GET", "/x")).body == b"5"

    @pytest.mark.parametrize(
        ("example", "body"),
        [
            ("{dataValue: {a: 1}}", b'{"a":1}'),
            ("{serializedValue: '{\"a\": 2}'}", b'{"a":2}'),
            ("{dataValue: {a: 1}, serializedValue: '{ \"a\" : 1 }'}", b'{"a":1}'),
            ("{externalValue: a.json}", b'{"a":3}'),
        ],
    )
    def test_examples(self, tmp_path: Path, example: str, body: bytes) -> None:
        """Examples may be data, what is sent, or another file."""
        (tmp_path / "a.json").write_text('{"a": 3}')
        served = host(
            tmp_path,
            "paths:\n  /x:\n    get:\n      responses:\n        '200':\n          description: ok\n"
            "          content:\n            application/json:\n              schema: {type: object}\n"
            f"              examples: {{one: {example}}}\n",
        )
        assert served.handle(Request("GET", "/x")).body == body

    def test_self(self, tmp_path: Path) -> None:
        """`$self` says where the document is from: references from there lead to the files beside it."""
        made = contract(
            tmp_path,
            "$self: https://example.org/apis/main.yaml\n"
            + NOTHING
            + "components: {schemas: {A: {$ref: 'https://example.org/apis/main.yaml#/components/schemas/B'}, "
            "B: {$ref: 'other.yaml#/C'}, D: {$ref: 'https://example.org/apis/other.yaml#/C'}}}\n",
            "3.2.0",
            other="C: {type: integer}\n",
        )
        for name in "ABD":
            assert takes(made, name, 1)
            assert not takes(made, name, "x")
        assert list(made.faults) == []

    def test_what_is_for_readers_only(self, tmp_path: Path) -> None:
        """Hierarchies of tags, names of servers and device flows do no harm."""
        made = contract(
            tmp_path,
            "tags: [{name: a, parent: b, kind: nav, summary: s}]\nservers: [{url: /v1, name: one}]\n"
            + NOTHING
            + "components:\n  securitySchemes:\n    o:\n      type: oauth2\n      deprecated: true\n"
            "      oauth2MetadataUrl: https://x\n"
            "      flows: {deviceAuthorization: {deviceAuthorizationUrl: x, tokenUrl: x, scopes: {}}}\n",
            "3.2.0",
        )
        assert made.operations["GET /x"].id == "GET /x"
        assert list(made.faults) == []


STREAM = """
paths:
  /x:
    get:
      responses:
        '200':
          description: ok
          content:
            {type}: {{itemSchema: {{type: object, required: [data], properties: {{data: {{type: string}}}}}}}}
    post:
      requestBody: {{content: {{{type}: {{itemSchema: {{type: object, required: [data]}}}}}}}}
      responses: {{'200': {{description: ok}}}}
"""


class TestSequences:
    @pytest.mark.parametrize(
        "kind", ["application/jsonl", "application/x-ndjson", "application/json-seq", "text/event-stream"]
    )
    def test_there_and_back(self, tmp_path: Path, kind: str) -> None:
        """What is answered as a sequence is taken as one, and a wrong item is told by its number."""
        served = host(tmp_path, STREAM.format(type=kind))
        answer = served.handle(Request("GET", "/x", "", (("prefer", "items=3"),)))
        assert (answer.status, answer.header("Content-Type")) == (200, kind)
        fields = (("content-type", kind),)
        assert served.handle(Request("POST", "/x", "", fields, answer.body)).status == 200
        bad = answer.body + write_sequence([{"id": "x"}], kind)
        refused = served.handle(Request("POST", "/x", "", fields, bad))
        assert refused.status == 422
        (error,) = json.loads(refused.body)["errors"]
        assert error["pointer"] == "/3/data"
        assert error["spec"]["pointer"].endswith("itemSchema/required")

    def test_how_items_are_written(self) -> None:
        """One a line; after a record separator; as the lines of an event, whose data may be JSON."""
        assert write_sequence([1, {"a": 2}], "application/jsonl") == b'1\n{"a":2}\n'
        assert write_sequence([1], "application/json-seq") == b"\x1e1\n"
        events = [{"event": "x", "data": "a\nb", "id": "1"}, {"a": 1}]
        assert write_sequence(events, "text/event-stream") == (
            b'event: x\ndata: a\ndata: b\nid: 1\n\ndata: {"a":1}\n\n'
        )


class TestPartsInOrder:
    TEXT = """
paths:
  /up:
    post:
      requestBody:
        content:
          multipart/mixed:
            schema:
              type: array
              minItems: 2
              prefixItems: [{type: object, properties: {id: {type: integer}}}, {type: string, maxLength: 5}]
            prefixEncoding: [{contentType: application/json}, {contentType: text/plain}]
      responses: {'204': {description: Taken.}}
"""

    @pytest.mark.parametrize(
        ("first", "second", "boundary", "wrong"),
        [
            ('{"id": 1}', "hello", "B", []),
            ('{"id": "x"}', "hello!", "B", ["/0/id", "/1"]),
            ('{"id": ', "hello", "B", ["/0"]),
            ("{}", "hello", "C", [""]),
        ],
    )
    def test_each_part_is_held_to_its_place(
        self, tmp_path: Path, first: str, second: str, boundary: str, wrong: list[str]
    ) -> None:
        """Parts without names are a list: JSON where a part says so, else text, each under its own schema."""
        types = ("application/json", "text/plain")
        parts = (
            f"--B\r\nContent-Type: {kind}\r\n\r\n{text}\r\n"
            for kind, text in zip(types, (first, second), strict=True)
        )
        body = ("".join(parts) + "--B--\r\n").encode()
        said = ("content-type", f"multipart/mixed; boundary={boundary}")
        answer = host(tmp_path, self.TEXT).handle(Request("POST", "/up", "", (("host", "x"), said), body))
        assert [one["pointer"] for one in json.loads(answer.body or "{}").get("errors", [])] == wrong
        assert answer.status == (422 if wrong else 204)

    ENCODED = """
paths:
  /up:
    post:
      requestBody:
        content:
          multipart/mixed:
            schema: {type: array, prefixItems: [{type: object}, {}], items: {type: string}}
            prefixEncoding: [{contentType: application/json}, {contentType: "image/png, image/jpeg"}]
            itemEncoding: {contentType: text/plain}
      responses: {'204': {description: Taken.}}
"""

    @pytest.mark.parametrize(
        ("kinds", "wrong"),
        [
            (["application/json", "image/png"], []),
            (["application/json", "image/jpeg", "text/plain", "text/plain"], []),
            (["", "", ""], []),
            (["application/json", "image/gif", "text/html"], ["/1", "/2"]),
            (["text/plain"], ["/0"]),
        ],
    )
    def test_each_part_is_of_its_kind(self, tmp_path: Path, kinds: list[str], wrong: list[str]) -> None:
        """A GIF where PNG or JPEG is taken is refused; bytes of a picture are read as no text."""
        contents = [b"{}", b"\x89PNG\r\n\x1a\n\xff", b"a", b"b"]
        body = b""
        for kind, content in zip(kinds, contents, strict=False):
            field = f"Content-Type: {kind}\r\n" if kind else ""
            body += b"--B\r\n%s\r\n%s\r\n" % (field.encode(), content)
        said = ("content-type", "multipart/mixed; boundary=B")
        request = Request("POST", "/up", "", (("host", "x"), said), body + b"--B--\r\n")
        answer = host(tmp_path, self.ENCODED).handle(request)
        assert [one["pointer"] for one in json.loads(answer.body or "{}").get("errors", [])] == wrong
        assert answer.status == (422 if wrong else 204)

    def test_what_is_made_says_its_kind(self, tmp_path: Path) -> None:
        """An answer of parts names the media types that its document does."""
        text = """
paths:
  /down:
    get:
      responses:
        '200':
          description: Parts.
          content:
            multipart/mixed:
              schema: {type: array, minItems: 2, prefixItems: [{type: string}], items: {type: object}}
              prefixEncoding: [{contentType: text/markdown}]
              itemEncoding: {contentType: application/problem+json}
"""
        answer = host(tmp_path, text).handle(Request("GET", "/down", "", (("host", "x"),), b""))
        kinds = [line for line in answer.body.decode().splitlines() if line.startswith("Content-Type")]
        assert kinds[:2] == ["Content-Type: text/markdown", "Content-Type: application/problem+json"]

    def test_parts_in_parts_are_not_looked_into(self, tmp_path: Path) -> None:
        """A parser that followed them down came to the end of its stack, and to a 500."""
        deepest = 3000
        body = "".join(
            f"--B{at}\r\nContent-Type: multipart/mixed; boundary=B{at + 1}\r\n\r\n" for at in range(deepest)
        )
        body += "".join(f"\r\n--B{at}--\r\n" for at in reversed(range(deepest)))
        said = ("content-type", "multipart/mixed; boundary=B0")
        request = Request("POST", "/up", "", (("host", "x"), said), body.encode())
        assert host(tmp_path, self.TEXT).handle(request).status == 422

    @pytest.mark.parametrize("end", ["\r\n", "\n"])
    def test_bytes_stay_bytes(self, tmp_path: Path, end: str) -> None:
        """A boundary within a line, lines before and after, and either end of a line are no trouble."""
        lines = (
            "before",
            "--B",
            "Content-Type: application/json",
            "",
            "{}",
            "--B  ",
            "",
            "a--B",
            "--B--",
            "",
        )
        text = end.join(lines)
        said = ("content-type", "multipart/mixed; boundary=B")
        request = Request("POST", "/up", "", (("host", "x"), said), text.encode())
        assert host(tmp_path, self.TEXT).handle(request).status == 204
