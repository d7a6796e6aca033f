from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.load import load
from mockserver.contract.locate import Located
from mockserver.contract.model import Contract
from mockserver.exchange import Arguments, Request, Violation
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.pipeline import Host
from mockserver.validation.requests import RequestReader

PETS = """\
swagger: '2.0'
info: {title: Pets, version: '1'}
basePath: /v2/
consumes: [application/json]
produces: [application/json]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Key}
  user: {type: basic}
  login: {type: oauth2, flow: password, tokenUrl: 'https://x/t', scopes: {read: Read}}
parameters:
  Limit: {name: limit, in: query, type: integer, minimum: 1, maximum: 50, default: 20}
responses:
  Gone: {description: Not here, schema: {$ref: '#/definitions/Problem'}}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - $ref: '#/parameters/Limit'
        - {name: tags, in: query, type: array, items: {type: string}, collectionFormat: pipes}
        - {name: ids, in: query, type: array, items: {type: integer}, collectionFormat: multi}
        - {name: words, in: query, type: array, items: {type: string}, collectionFormat: ssv}
        - {name: plain, in: query, type: array, items: {type: integer}}
      responses:
        200:
          description: All
          schema: {type: array, items: {$ref: '#/definitions/Pet'}}
          headers: {X-Total: {type: integer, minimum: 3, maximum: 3}}
          examples:
            application/json: [{id: 1, petType: Cat, name: Tom}]
    post:
      operationId: addPet
      security: [{key: []}]
      parameters:
        - {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
      responses:
        201: {description: Made, schema: {$ref: '#/definitions/Pet'}}
  /pets/{petId}:
    parameters:
      - {name: petId, in: path, required: true, type: integer, format: int64}
    get:
      operationId: readPet
      produces: [application/json, text/plain]
      responses:
        200: {description: One, schema: {$ref: '#/definitions/Pet'}}
        404: {$ref: '#/responses/Gone'}
    delete:
      operationId: dropPet
      responses: {204: {description: Gone}}
  /pets/{petId}/name:
    get:
      produces: [text/plain]
      parameters: [{name: petId, in: path, required: true, type: integer}]
      responses: {200: {description: One, schema: {type: string}, examples: {'text/*': Tom}}}
  /pets/{petId}/photo:
    parameters:
      - {name: petId, in: path, required: true, type: integer}
    put:
      operationId: setPhoto
      consumes: [multipart/form-data]
      parameters:
        - {name: file, in: formData, type: file, required: true}
        - {name: title, in: formData, type: string, maxLength: 5}
      responses: {200: {description: ok}}
    get:
      operationId: readPhoto
      produces: [image/png]
      responses: {200: {description: ok, schema: {type: file}}}
  /login:
    post:
      operationId: login
      consumes: [application/x-www-form-urlencoded]
      parameters:
        - {name: user, in: formData, type: string, required: true, minLength: 2}
        - {name: age, in: formData, type: integer}
        - {name: roles, in: formData, type: array, items: {type: string, enum: [a, b]}, collectionFormat: csv}
      responses: {204: {description: in}}
definitions:
  Problem:
    type: object
    required: [message]
    properties: {message: {type: string}}
  Pet:
    type: object
    discriminator: petType
    required: [id, petType, name]
    properties:
      id: {type: integer, readOnly: true}
      petType: {type: string}
      name: {type: string, minLength: 1}
      owner: {type: string, x-nullable: true}
      weight: {type: number, minimum: 0, exclusiveMinimum: true}
  Cat:
    allOf:
      - $ref: '#/definitions/Pet'
      - {type: object, properties: {lives: {type: integer}}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The document above."""
    file = tmp_path / "pets.yaml"
    file.write_text(PETS)
    return file


@pytest.fixture
def pets(file: Path) -> Contract:
    """Its contract."""
    return load(file)


@pytest.fixture
def host(file: Path) -> Host:
    """A house that serves it."""
    return build_host([Located("pets", file)], journal=Journal(10), stateless=True)


def ask(host: Host, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
    """Send a request; return status and body."""
    path, _, query = target.partition("?")
    fields = tuple((name.replace("_", "-").lower(), value) for name, value in headers.items())
    response = host.handle(Request(method, path, query, fields, body))
    try:
        return response.status, json.loads(response.body)
    except ValueError:
        return response.status, response.body


def read(contract: Contract, operation: str, request: Request) -> tuple[Arguments, list[Violation]]:
    """Read a request by its contract."""
    return RequestReader(contract.operations[operation]).read({}, request)


def line_with(text: str) -> int:
    """The first line of the document that holds *text*."""
    return next(number for number, line in enumerate(PETS.splitlines(), 1) if text in line)


def small(tmp_path: Path, operation: dict[str, Any], **top: Any) -> Contract:
    """A contract of one operation, POST /things."""
    document = {"swagger": "2.0", "info": {}, "paths": {"/things": {"post": operation}}, **top}
    file = tmp_path / "small.json"
    file.write_text(json.dumps(document))
    return load(file)


class TestOutline:
    def test_base_path(self, pets: Contract, host: Host) -> None:
        """`basePath` is a server's base path: taken with and without."""
        assert pets.bases == ("/v2",)
        assert pets.openapi == "2.0"
        assert ask(host, "GET", "/v2/pets")[0] == ask(host, "GET", "/pets")[0] == 200

    def test_a_number_for_a_version(self, tmp_path: Path) -> None:
        """`swagger: 2.0` without quotes is a number in YAML, and meant."""
        file = tmp_path / "a.yaml"
        file.write_text("swagger: 2.0\npaths: {/x: {get: {responses: {200: {description: ok}}}}}\n")
        assert load(file).routes[0].id == "GET /x"

    def test_components(self, pets: Contract) -> None:
        """What other rooms ask for by name stands under `definitions`."""
        assert pets.schemas.components() == ("Problem", "Pet", "Cat")
        assert pets.schemas.named("Pet") is not None


class TestParameters:
    @pytest.mark.parametrize(
        ("query", "name", "value"),
        [
            ("tags=a%7Cb", "tags", ["a", "b"]),
            ("tags=a|b", "tags", ["a", "b"]),
            ("ids=1&ids=2", "ids", [1, 2]),
            ("words=a%20b", "words", ["a", "b"]),
            ("plain=1,2", "plain", [1, 2]),
            ("", "limit", 20),
        ],
    )
    def test_collection_formats(self, pets: Contract, query: str, name: str, value: Any) -> None:
        """Every collectionFormat is a style of OpenAPI 3; csv where nothing is said."""
        arguments, violations = RequestReader(pets.operations["listPets"]).read(
            {}, Request("GET", "/pets", query)
        )
        assert (arguments.query[name], violations) == (value, [])

    def test_tabs_and_arrays_in_arrays(self, tmp_path: Path) -> None:
        """OpenAPI 3 has neither; Swagger 2.0 has both, in a path and a header too."""
        rows = {"type": "array", "items": {"type": "integer"}}
        grid = {"name": "grid", "in": "query", "type": "array", "items": rows, "collectionFormat": "tsv"}
        texts = {"type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"}
        made = small(tmp_path, {"parameters": [grid, {"name": "X-List", "in": "header", **texts}]})
        request = Request("POST", "/things", "grid=1,2%093", (("x-list", "a|b"),))
        arguments, violations = read(made, "POST /things", request)
        assert violations == []
        assert arguments.query["grid"] == [[1, 2], [3]]
        assert arguments.header["X-List"] == ["a", "b"]

    def test_a_finding_names_the_line_of_the_parameter(self, host: Host) -> None:
        """The rule that was broken stands in the shared parameter, not where it is referred to."""
        status, problem = ask(host, "GET", "/pets?limit=51")
        assert status == 422
        rule = problem["errors"][0]["spec"]
        assert rule["pointer"] == "/parameters/Limit/maximum"
        assert rule["line"] == line_with("Limit: {name: limit")

    def test_path_parameters_of_the_item(self, host: Host) -> None:
        """Parameters of a path count for all its operations."""
        assert ask(host, "GET", "/pets/x")[0] == 422
        assert ask(host, "GET", "/pets/7")[0] == 200


class TestBodies:
    def test_body(self, host: Host) -> None:
        """`in: body` is the request body; a readOnly property is not asked of it."""
        good = b'{"petType": "Pet", "name": "Tom"}'
        headers = {"X_Key": "k", "Content_Type": "application/json"}
        assert ask(host, "POST", "/pets", good, **headers)[0] == 201
        status, problem = ask(host, "POST", "/pets", b'{"petType": "Pet", "name": ""}', **headers)
        assert status == 422
        assert problem["errors"][0]["spec"]["line"] == line_with("name: {type: string, minLength: 1}")
        assert ask(host, "POST", "/pets", good, X_Key="k", Content_Type="text/plain")[0] == 415
        assert ask(host, "POST", "/pets", b"", **headers)[0] == 422

    def test_form(self, host: Host) -> None:
        """formData parameters are one body; what breaks a rule of one of them names its line."""
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        assert ask(host, "POST", "/login", b"user=ada&age=3&roles=a,b", **form)[0] == 204
        status, problem = ask(host, "POST", "/login", b"user=a&age=x&roles=a,c", **form)
        assert status == 422
        found = {error["pointer"]: error["spec"] for error in problem["errors"]}
        assert set(found) == {"/user", "/age", "/roles/1"}
        assert found["/user"]["line"] == line_with("{name: user, in: formData")
        assert found["/user"]["pointer"] == "/paths/~1login/post/parameters/0/minLength"
        assert found["/roles/1"]["pointer"] == "/paths/~1login/post/parameters/2/items/enum"

    def test_a_missing_field(self, host: Host) -> None:
        """A place that is named exists in the document, also where a form stands for a list."""
        _, problem = ask(host, "POST", "/login", b"age=3", Content_Type="application/x-www-form-urlencoded")
        assert problem["errors"][0]["keyword"] == "required"
        assert problem["errors"][0]["spec"]["pointer"] == "/paths/~1login/post/parameters"

    def test_files(self, host: Host) -> None:
        """`type: file` comes in as multipart and keeps its bytes."""
        body = (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\xff\x00\r\n'
            b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nlonger\r\n--x--\r\n'
        )
        multipart = "multipart/form-data; boundary=x"
        status, problem = ask(host, "PUT", "/pets/1/photo", body, Content_Type=multipart)
        assert (status, problem["errors"][0]["pointer"]) == (422, "/title")
        good = body.replace(b"longer", b"short")
        assert ask(host, "PUT", "/pets/1/photo", good, Content_Type=multipart)[0] == 200

    @pytest.mark.parametrize(
        ("kind", "sent", "status"),
        [
            ("boolean", "flag=", 200),
            ("integer", "flag=", 200),
            ("boolean", "flag=true", 200),
            ("boolean", "flag=x", 422),
        ],
    )
    def test_what_may_be_empty(self, tmp_path: Path, kind: str, sent: str, status: int) -> None:
        """A switch that is only named, "flag=", is no wrong boolean where it may be empty."""
        field = {"name": "flag", "in": "formData", "type": kind, "allowEmptyValue": True}
        form = ["application/x-www-form-urlencoded"]
        responses = {"200": {"description": "ok"}}
        small(tmp_path, {"parameters": [field], "consumes": form, "responses": responses})
        host = build_host([Located("t", next(tmp_path.glob("*.*")))], journal=Journal(1), stateless=True)
        said = (("host", "x"), ("content-type", form[0]))
        assert host.handle(Request("POST", "/things", "", said, sent.encode())).status == status

    @pytest.mark.parametrize(
        ("consumes", "kind", "taken"),
        [
            ([], "string", ["application/x-www-form-urlencoded", "multipart/form-data"]),
            ([], "file", ["multipart/form-data"]),
            (["application/json"], "string", ["application/x-www-form-urlencoded", "multipart/form-data"]),
            (["multipart/form-data"], "string", ["multipart/form-data"]),
        ],
    )
    def test_how_a_form_may_come(
        self, tmp_path: Path, consumes: list[str], kind: str, taken: list[str]
    ) -> None:
        """A file goes by multipart only; where the document names no form's media type, both will do."""
        field = {"name": "a", "in": "formData", "type": kind}
        made = small(tmp_path, {"parameters": [field], "consumes": consumes, "responses": {}})
        body = made.operations["POST /things"].body
        assert body is not None
        assert list(body.content) == taken


class TestResponses:
    def test_example_by_media_type(self, host: Host) -> None:
        """`examples` are listed by media type, and a range counts for all that it covers."""
        assert ask(host, "GET", "/pets")[1] == [{"id": 1, "petType": "Cat", "name": "Tom"}]
        assert ask(host, "GET", "/pets/1/name") == (200, b"Tom")

    def test_headers(self, host: Host) -> None:
        """A header is its own schema."""
        response = host.handle(Request("GET", "/pets"))
        assert response.header("X-Total") == "3"

    def test_shared_response(self, host: Host) -> None:
        """`$ref: '#/responses/...'` is followed."""
        status, body = ask(host, "GET", "/pets/1", Prefer="code=404")
        assert status == 404
        assert set(body) == {"message"}

    def test_no_schema_is_no_content(self, host: Host) -> None:
        """Response Object: without a schema no content is returned."""
        assert ask(host, "PUT", "/pets/1/photo", b"", Prefer="validate=off") == (200, b"")

    def test_a_file(self, pets: Contract) -> None:
        """A response of type file is bytes of the type that is produced."""
        media = pets.operations["readPhoto"].responses["200"].content["image/png"]
        assert media.schema is not None
        assert media.schema.json("response") == {"type": "string", "format": "binary"}

    def test_produces_of_the_operation_wins(self, pets: Contract) -> None:
        """The document's `produces` is a default."""
        assert list(pets.operations["readPet"].responses["200"].content) == ["application/json", "text/plain"]
        assert list(pets.operations["listPets"].responses["200"].content) == ["application/json"]


class TestSecurity:
    def test_schemes(self, pets: Contract) -> None:
        """basic is http's; oauth2 and apiKey are what they are."""
        kinds = {name: (one.kind, one.scheme, one.location) for name, one in pets.security_schemes.items()}
        assert kinds == {
            "key": ("apiKey", "", "header"),
            "user": ("http", "basic", ""),
            "login": ("oauth2", "", ""),
        }

    def test_asked_for(self, host: Host) -> None:
        """Who has no key is told so."""
        assert ask(host, "POST", "/pets", b"{}", Content_Type="application/json")[0] == 401


class TestSchemas:
    def test_words_of_2_0(self, pets: Contract) -> None:
        """x-nullable, exclusiveMinimum as a flag, discriminator as text."""
        pet = pets.schemas.named("Pet")
        assert pet is not None
        schema = pet.json("response")
        assert schema["properties"]["owner"]["type"] == ["string", "null"]
        assert schema["properties"]["weight"] == {"type": "number", "exclusiveMinimum": 0}
        assert schema["discriminator"] == {"propertyName": "petType", "mapping": {"Cat": "#/$defs/Cat"}}

    def test_heirs_name_themselves(self, host: Host) -> None:
        """The value of the discriminator is the name of the schema or of one that inherits from it."""
        for seed in range(5):
            _, pet = ask(
                host, "GET", "/pets/1", Prefer=f"seed={seed}, dynamic=true", Accept="application/json"
            )
            assert pet["petType"] in ("Pet", "Cat")

    def test_several_files(self, tmp_path: Path) -> None:
        """References lead to other files, in which references mean those files."""
        (tmp_path / "shared.yaml").write_text("""
definitions: {A: {$ref: '#/definitions/B'}, B: {type: integer, x-nullable: true}}
parameters: {Name: {name: name, in: formData, type: string, required: true}}
""")
        made = small(
            tmp_path,
            {
                "parameters": [{"$ref": "shared.yaml#/parameters/Name"}],
                "responses": {"200": {"description": "", "schema": {"$ref": "shared.yaml#/definitions/A"}}},
            },
        )
        operation = made.operations["POST /things"]
        assert operation.body is not None
        form = operation.body.content["multipart/form-data"].schema
        assert form is not None
        assert form.json("request")["$defs"] == {"Name": {"type": "string"}}
        answer = operation.responses["200"].content["application/json"].schema
        assert answer is not None
        assert answer.json("response")["$defs"]["B"] == {"type": ["integer", "null"]}
        assert list(made.faults) == []
