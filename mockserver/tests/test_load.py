from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.load import load
from mockserver.contract.model import Contract
from mockserver.errors import MockserverError, SpecError, Unreadable

HEAD = "openapi: 3.1.0\ninfo: {title: Lending, version: 2}\n"
OK = '{responses: {"200": {description: ok}}}'


def loaded(folder: Path, text: str, head: str = HEAD, **files: str) -> Contract:
    """Return the contract in *text*; *files* stand beside it (name without .yaml -> text)."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content)
    (folder / "main.yaml").write_text(head + text)
    return load(folder / "main.yaml")


def one(folder: Path, about: str, top: str = "", path: str = "/things", **files: str) -> Any:
    """Return the GET operation that *about* (YAML in flow style) describes, and its contract."""
    made = loaded(folder, f"{top}\npaths:\n  {path}:\n    get: {about}\n", **files)
    return next(iter(made.operations.values())), made


def faults(made: Contract) -> list[str]:
    """Build everything, and return what is said of it, without the file."""
    for group in (made.operations, made.webhooks):
        for operation in group.values():
            assert operation.id
    return [f"{fault.line}: {fault.pointer}: {fault.detail}" for fault in made.faults]


class TestDocuments:
    @pytest.mark.parametrize("version", ["3.0.4", "3.1.1", "3.2.0", "3.1", "'3.0'"])
    def test_versions(self, tmp_path: Path, version: str) -> None:
        """Also without quotes, where YAML sees a number."""
        made = loaded(tmp_path, f"paths: {{/a: {{get: {OK}}}}}", f"openapi: {version}\n")
        assert made.openapi == version.strip("'")
        assert (made.name, made.title, made.version) == ("main", "", "")

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("[]", 1, "not an OpenAPI document: it is a list"),
            ("", 1, "not an OpenAPI document"),
            ("opanapi: 3.1.0", 1, "There is 'opanapi': did you mean 'openapi'?"),
            ("info: {}\nopenapi: 4.0.0", 2, "'4.0.0' is not served"),
            ("info: {}\nswagger: 1.2", 2, "'1.2' is not served"),
            ("a: [", 2, "not YAML"),
        ],
    )
    def test_what_cannot_be_served(self, tmp_path: Path, text: str, line: int, said: str) -> None:
        """The line and the reason, before anything is opened."""
        (tmp_path / "main.yaml").write_text(text)
        with pytest.raises(Unreadable) as caught:
            load(tmp_path / "main.yaml")
        assert said in str(caught.value)
        assert caught.value.line == line

    def test_nothing_to_serve(self, tmp_path: Path) -> None:
        """A document without an operation is told so, with the first reason why none is left."""
        with pytest.raises(SpecError, match="no operation"):
            loaded(tmp_path, "paths: {}")
        with pytest.raises(SpecError, match="no operation"):
            loaded(tmp_path, "components: {}")

    def test_only_webhooks(self, tmp_path: Path) -> None:
        """A document may describe nothing but what it tells others; each is known by its own name."""
        made = loaded(
            tmp_path, f"webhooks: {{loan.returned: {{post: {OK}}}, late: {{$ref: x.yaml}}}}", x=f"put: {OK}"
        )
        assert [
            (route.id, route.method) for route in (made.webhooks[name].route for name in made.webhooks)
        ] == [
            ("loan.returned", "POST"),
            ("late", "PUT"),
        ]

    def test_files_that_were_read(self, tmp_path: Path) -> None:
        """More when more was asked for: a reload watches all that the contract stands in."""
        operation, made = one(
            tmp_path, '{responses: {"200": {$ref: "x.yaml#/ok"}}}', x="ok: {description: ok}"
        )
        assert operation.responses["200"].description == "ok"
        assert [Path(file).name for file in made.files] == ["main.yaml", "x.yaml"]


class TestOutline:
    def test_operations_by_id(self, tmp_path: Path) -> None:
        """By operationId; without one, or with one that is taken, by method and path."""
        made = loaded(
            tmp_path,
            f"""paths:
  x-note: none
  /a:
    summary: all
    get: {{operationId: readA, responses: {{}}}}
    put: {OK}
  /b:
    get: {{operationId: readA, responses: {{}}}}
""",
        )
        assert list(made.operations) == ["readA", "PUT /a", "GET /b"]
        assert made.operations["PUT /a"].summary == "all"
        assert any("'readA' is taken already" in fault for fault in faults(made))

    def test_paths_in_other_files(self, tmp_path: Path) -> None:
        """A path item by reference; findings in it name its own file and line."""
        made = loaded(
            tmp_path, "paths:\n  /a:\n    $ref: x.yaml#/items/a\n", x=f"items:\n  a:\n    get: {OK}\n"
        )
        operation = made.operations["GET /a"]
        assert operation.responses["200"].description == "ok"
        place = made.located(operation.place)
        assert (Path(place.file).name, place.line, place.pointer) == ("x.yaml", 3, "/items/a/get")

    def test_other_methods(self, tmp_path: Path) -> None:
        """OpenAPI 3.2: `query`, and any other below additionalOperations."""
        made = loaded(
            tmp_path,
            f"""paths:
  /a:
    parameters: [{{name: q, in: query}}]
    query: {OK}
    additionalOperations: {{COPY: {OK}}}
""",
        )
        assert [route.method for route in made.routes] == ["QUERY", "COPY"]
        assert [made.operations[route.id].parameters[0].name for route in made.routes] == ["q", "q"]

    @pytest.mark.parametrize(
        ("item", "said"),
        [
            ("5", "4: /paths/~1bad: a path item must be an object, found 5"),
            ("{get: 5}", "4: /paths/~1bad/get: an operation must be an object, found 5; it is left out"),
            ("{$ref: none.yaml}", "there is no file"),
            ("{gett: {}}", "4: /paths/~1bad/gett: there is no 'gett' in a path item. Did you mean 'get'?"),
        ],
    )
    def test_a_path_that_is_wrong(self, tmp_path: Path, item: str, said: str) -> None:
        """The others are served, and what is wrong is said with its line."""
        made = loaded(tmp_path, f"paths:\n  /bad: {item}\n  /good: {{get: {OK}}}\n")
        assert list(made.operations) == ["GET /good"]
        assert any(said in fault for fault in faults(made))


class TestServers:
    @pytest.mark.parametrize(
        ("servers", "bases"),
        [
            ("[{url: https://x.example/v2/}]", ("/v2",)),
            ("[{url: /v2}, {url: https://x.example}, {url: https://y.example/v2}]", ("/v2",)),
            ("[{url: v1/api}]", ("/v1/api",)),
            (
                '[{url: "https://{h}/{v}", variables: {h: {default: x}, v: {default: v1, enum: [v1, v2]}}}]',
                ("/v1", "/v2"),
            ),
            ('[{url: "{scheme}://x/v3", variables: {scheme: {default: https}}}]', ("/v3",)),
            ('[{url: "http://[bad/v4"}]', ("/v4",)),
            ("[{url: /}, {description: none}]", ()),
        ],
    )
    def test_base_paths(self, tmp_path: Path, servers: str, bases: tuple[str, ...]) -> None:
        """Every path that a server's URL may have, each value of an enumerated variable in turn."""
        made = loaded(tmp_path, f"servers: {servers}\npaths: {{/a: {{get: {OK}}}}}")
        assert made.bases == bases

    def test_of_paths_and_operations(self, tmp_path: Path) -> None:
        """An upload may have a server of its own."""
        text = """servers: [{url: /v1}]
paths:
  /a:
    servers: [{url: /v2}]
    get: {servers: [{url: https://upload.example/v3}], responses: {"200": {description: ok}}}
"""
        assert loaded(tmp_path, text).bases == ("/v1", "/v2", "/v3")


class TestParameters:
    def test_of_path_item_and_operation(self, tmp_path: Path) -> None:
        """The operation's own override those of its path, by name and place; a header's name in any case."""
        made = loaded(
            tmp_path,
            """paths:
  /a/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: q, in: query, description: path's}
      - {name: X-Trace, in: header, description: path's}
    get:
      parameters:
        - {name: q, in: query, description: own}
        - {name: x-trace, in: header, description: own}
        - {name: q, in: cookie}
      responses: {}
""",
        )
        found = made.operations["GET /a/{id}"].parameters
        assert [(one.location, one.name, one.description) for one in found] == [
            ("path", "id", ""),
            ("query", "q", "own"),
            ("header", "x-trace", "own"),
            ("cookie", "q", ""),
        ]

    @pytest.mark.parametrize(
        ("about", "style", "explode"),
        [
            ("in: query", "form", True),
            ("in: query, explode: false", "form", False),
            ("in: query, style: pipeDelimited", "pipeDelimited", False),
            ("in: query, style: deepObject", "deepObject", False),
            ("in: header", "simple", False),
            ("in: header, explode: true", "simple", True),
            ("in: cookie", "form", True),
            ("in: path", "simple", False),
            ("in: path, style: matrix", "matrix", False),
        ],
    )
    def test_styles(self, tmp_path: Path, about: str, style: str, explode: bool) -> None:
        """What is not said is what the specification says of that place (Parameter Object)."""
        operation, _ = one(
            tmp_path, f"{{parameters: [{{name: p, {about}}}], responses: {{}}}}", path="/a/{p}"
        )
        found = next(parameter for parameter in operation.parameters if parameter.location in about)
        assert (found.style, found.explode) == (style, explode)
        assert found.required is (found.location == "path")

    def test_by_content(self, tmp_path: Path) -> None:
        """A parameter that is written in a media type has that one's schema and examples."""
        content = "{application/json: {schema: {type: object}, example: {a: 1}}}"
        about = f"{{parameters: [{{name: f, in: query, content: {content}}}], responses: {{}}}}"
        found = one(tmp_path, about)[0].parameters[0]
        assert (found.content, found.schema.json("request"), found.examples[""].value) == (
            "application/json",
            {"type": "object"},
            {"a": 1},
        )

    def test_what_is_described_elsewhere(self, tmp_path: Path) -> None:
        """OpenAPI 3.1.1, Parameter Object: headers of these names are ignored."""
        about = "{parameters: [{name: Accept, in: header}, {name: authorization, in: header}], responses: {}}"
        operation, made = one(tmp_path, about)
        assert operation.parameters == ()
        assert not [fault for fault in faults(made) if "parameters" in fault]

    def test_variables_that_nobody_described(self, tmp_path: Path) -> None:
        """Any text is taken for them; one that is not in the path is left out: nobody could send it."""
        about = "{parameters: [{name: idd, in: path, required: true}], responses: {}}"
        operation, made = one(tmp_path, about, path="/a/{id}.{format}")
        assert [parameter.name for parameter in operation.parameters] == ["id", "format"]
        assert any("there is no {idd}" in fault for fault in faults(made))

    @pytest.mark.parametrize(
        "wrong",
        ["5", "{in: query}", "{name: a}", "{name: a, in: body}", "{$ref: '#/components/parameters/None'}"],
    )
    def test_one_that_cannot_be_understood(self, tmp_path: Path, wrong: str) -> None:
        """It costs itself, not the operation."""
        operation, made = one(tmp_path, f"{{parameters: [{wrong}, {{name: b, in: query}}], responses: {{}}}}")
        assert [parameter.name for parameter in operation.parameters] == ["b"]
        assert len([fault for fault in faults(made) if "responses" not in fault]) >= 1


class TestExamples:
    def of(self, folder: Path, media: str, **files: str) -> tuple[Any, Contract]:
        """Return name -> value of the examples of a response."""
        about = '{responses: {"200": {description: ok, content: {application/json: {MEDIA}}}}}'.replace(
            "MEDIA", media
        )
        operation, made = one(
            folder, about, "components: {examples: {shared: {value: 1, summary: One}}}", **files
        )
        found = operation.responses["200"].content["application/json"].examples
        return {name: example.value for name, example in found.items()}, made

    def test_named_and_not(self, tmp_path: Path) -> None:
        """`example` has no name; `examples` may be references; null is a value."""
        found, _ = self.of(
            tmp_path, "example: 0, examples: {a: {$ref: '#/components/examples/shared'}, b: {value: null}}"
        )
        assert found == {"": 0, "a": 1, "b": None}

    def test_in_files(self, tmp_path: Path) -> None:
        """JSON and YAML are read, anything else is text; findings name that file."""
        found, made = self.of(
            tmp_path,
            "examples: {a: {externalValue: a.yaml}, b: {externalValue: b.yaml}, c: {externalValue: c.json}}",
            a="x: [1]",
            b="hello",
        )
        assert found == {"a": {"x": [1]}, "b": "hello"}
        assert any("there is no file" in fault for fault in faults(made))

    def test_of_openapi_32(self, tmp_path: Path) -> None:
        """`dataValue` is the value, `serializedValue` is what stands on the wire."""
        found, _ = self.of(tmp_path, "examples: {a: {dataValue: {x: 1}}, b: {serializedValue: '{\"x\": 2}'}}")
        assert found == {"a": {"x": 1}, "b": {"x": 2}}

    def test_without_a_value(self, tmp_path: Path) -> None:
        """A description is no example; a bare value is what was meant, and said to be in the wrong place."""
        found, made = self.of(tmp_path, "examples: {a: {summary: none}, b: 5, c: {$ref: '#/none'}}")
        assert found == {"b": 5}
        said = faults(made)
        assert any("examples/b" in fault and "'value'" in fault for fault in said)
        assert any("'#/none' points nowhere" in fault for fault in said)


class TestBodiesAndResponses:
    def test_a_body(self, tmp_path: Path) -> None:
        """By media type, in the contract's order and in lower case; optional unless it says otherwise."""
        body = "{content: {Application/XML: {schema: {type: object}}, text/plain: {}}}"
        operation, _ = one(tmp_path, f"{{requestBody: {body}, responses: {{}}}}")
        assert list(operation.body.content) == ["application/xml", "text/plain"]
        assert operation.body.required is False
        assert operation.body.content["text/plain"].schema is None

    def test_encodings(self, tmp_path: Path) -> None:
        """How a part is written, with its own headers."""
        part = (
            "{contentType: image/png, style: form, explode: false, headers: {X-A: {schema: {type: integer}}}}"
        )
        body = f"{{content: {{multipart/form-data: {{encoding: {{a: {part}}}}}}}}}"
        encoding = (
            one(tmp_path, f"{{requestBody: {body}, responses: {{}}}}")[0]
            .body.content["multipart/form-data"]
            .encoding["a"]
        )
        assert (encoding.content_type, encoding.style, encoding.explode) == ("image/png", "form", False)
        assert list(encoding.headers) == ["X-A"]

    def test_responses(self, tmp_path: Path) -> None:
        """By status, range or default, a range in any case; Content-Type is described by the content."""
        about = """{responses: {
        200: {description: a, headers: {X-A: {required: true, schema: {type: integer}}, Content-Type: {}}},
        4xx: {description: b}, default: {$ref: "#/components/responses/D"}, x-note: 1}}"""
        operation, _ = one(
            tmp_path,
            about,
            "components: {responses: {D: {description: d, links: {again: {operationId: x}}}}}",
        )
        assert list(operation.responses) == ["200", "4XX", "default"]
        assert list(operation.responses["200"].headers) == ["X-A"]
        assert operation.responses["default"].links == {"again": {"operationId": "x"}}
        assert [operation.promise(status).description for status in (200, 404, 500)] == ["a", "b", "d"]

    def test_a_response_that_leads_nowhere(self, tmp_path: Path) -> None:
        """The status is promised, and nobody knows what with; the others are there."""
        about = '{responses: {"200": {description: ok}, "404": {$ref: "#/components/responses/None"}}}'
        operation, made = one(tmp_path, about)
        assert operation.responses["200"].description == "ok"
        assert operation.responses["404"].content == {}
        assert any("points nowhere" in fault for fault in faults(made))


class TestSecurity:
    TOP = """security: [{key: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    user: {type: http, scheme: Bearer}
    gone: {$ref: "#/none"}
"""

    def test_of_the_document_or_the_operation(self, tmp_path: Path) -> None:
        """What the operation says replaces what the document says; an empty list asks for nothing."""
        assert one(tmp_path, OK, self.TOP)[0].security == ({"key": ()},)
        assert one(tmp_path, "{security: [], responses: {}}", self.TOP)[0].security == ()
        both = one(tmp_path, "{security: [{key: [], user: [read]}, {}], responses: {}}", self.TOP)[0]
        assert both.security == ({"key": (), "user": ("read",)}, {})

    def test_schemes(self, tmp_path: Path) -> None:
        """One that leads nowhere costs itself, not the document."""
        operation, made = one(tmp_path, OK, self.TOP)
        assert operation
        schemes = made.security_schemes
        assert (schemes["key"].parameter, schemes["key"].location, schemes["user"].scheme) == (
            "X-Key",
            "header",
            "bearer",
        )
        assert "gone" not in schemes
        assert any("points nowhere" in fault for fault in faults(made))


class TestOddDocuments:
    @pytest.mark.parametrize(
        "odd",
        [
            "tags: text",
            "parameters: text",
            "callbacks: [1]",
            "security: text",
            "requestBody: 5",
            "responses: []",
            "deprecated: 1",
            "servers: [5]",
            "description: {}",
        ],
    )
    def test_an_operation_is_built_whatever_it_holds(self, tmp_path: Path, odd: str) -> None:
        """What is no list is none, what is no text is "": a stranger's document never ends in a traceback."""
        operation, _ = one(tmp_path, f"{{{odd}}}")
        assert operation.tags == ()
        assert operation.description == ""

    @pytest.mark.parametrize(
        "text",
        [
            "paths: []",
            "paths: {/a: [get]}",
            "paths: {/a: {get: []}}",
            "components: 5\npaths: {/a: 1}",
            "info: []\npaths: {/a: {}}",
        ],
    )
    def test_or_refused(self, tmp_path: Path, text: str) -> None:
        """Where nothing is left, one of our own errors says so."""
        with pytest.raises(MockserverError):
            loaded(tmp_path, text, "openapi: 3.1.0\n")
