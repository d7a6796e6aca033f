"""
The black-box suite, tried: it acquits what is right, convicts what is wrong, and says why.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from mockserver.contract.locate import home
from mockserver.server.app import create_app

SPEC = """
openapi: 3.1.0
info: {title: Books, version: "1"}
servers: [{url: /v1}]
security: [{key: []}]
paths:
  /books:
    post:
      operationId: addBook
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [title]
              properties: {title: {type: string}, tags: {type: array, items: {type: string}}}
            examples: {dune: {value: {title: Dune, tags: [sand]}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}
          links:
            readBook: {operationId: readBook, parameters: {id: "$response.body#/id"}}
            removeBook: {operationId: removeBook, parameters: {id: "$response.body#/id"}}
        "400": {$ref: "#/components/responses/Refused"}
        "401": {$ref: "#/components/responses/Refused"}
  /books/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}, examples: {none: {value: bk_none}}}
    get:
      operationId: readBook
      responses:
        "200":
          description: The book.
          content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}
        "401": {$ref: "#/components/responses/Refused"}
        "404":
          description: There is none.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Refused"}
              examples: {none: {value: {error: unknown}}}
    delete:
      operationId: removeBook
      responses:
        "204": {description: Gone.}
        "401": {$ref: "#/components/responses/Refused"}
        "404": {$ref: "#/components/responses/Refused"}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  responses:
    Refused:
      description: No.
      content: {application/json: {schema: {$ref: "#/components/schemas/Refused"}}}
  schemas:
    Refused: {type: object, required: [error], properties: {error: {type: string}}}
    Book:
      type: object
      required: [id, title, tags]
      additionalProperties: false
      properties:
        id: {type: string}
        title: {type: string}
        tags: {type: array, items: {type: string}}
"""

Change = Callable[[str, str, int, Any], tuple[int, Any]]
"""(method, path, status, body as JSON) -> what is answered in their place."""


class Books:
    """An implementation that shares nothing with the mock: forty lines, and changes that break them."""

    CREDENTIALS = ("Bearer test-token", "Bearer very-secret")

    def __init__(self, *changes: Change) -> None:
        self.books: dict[str, Any] = {}
        self.changes = changes

    def __call__(self, environ: Any, start: Any) -> list[bytes]:
        """Answer (WSGI)."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        credentials = environ.get("HTTP_AUTHORIZATION", "")
        status, body = self.answer(method, path, raw, credentials)
        for change in self.changes:
            status, body = change(method, path, status, body)
        headers = [("Content-Type", "application/json")] if body is not None else []
        headers += [("Allow", "GET, POST, DELETE")] if status == 405 else []
        start(f"{status} Whatever", headers)
        return [json.dumps(body).encode()] if body is not None else []

    def answer(self, method: str, path: str, raw: bytes, credentials: str) -> tuple[int, Any]:
        """Return status and body."""
        key = path.removeprefix("/v1/books").removeprefix("/")
        if method not in (("GET", "DELETE") if key else ("POST",)):
            return 405, {"error": "method"}
        if credentials not in self.CREDENTIALS:
            return 401, {"error": "who"}
        if method == "POST":
            try:
                said = json.loads(raw)
            except ValueError:
                return 400, {"error": "no JSON"}
            tags = said.get("tags", []) if isinstance(said, dict) else None
            texts = isinstance(tags, list) and all(isinstance(one, str) for one in tags)
            if not texts or not isinstance(said.get("title"), str):
                return 400, {"error": "shape"}
            key = f"bk_{len(self.books)}"
            self.books[key] = {"id": key, "title": said["title"], "tags": tags}
            return 201, self.books[key]
        if key not in self.books:
            return 404, {"error": "unknown"}
        if method == "DELETE":
            del self.books[key]
            return 204, None
        return 200, self.books[key]


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port."""
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(*args: str) -> subprocess.CompletedProcess[str]:
    """Run the suite as a user does, in a process of its own."""
    command = [sys.executable, "-m", "pytest", str(home() / "contract_tests"), "-q"]
    command += ["-p", "no:cacheprovider", "-p", "no:schemathesis"]  # its import takes a second
    return subprocess.run([*command, *args], capture_output=True, text=True, timeout=120, cwd=home())


@pytest.fixture
def spec(tmp_path: Path) -> str:
    file = tmp_path / "books.yaml"
    file.write_text(SPEC)
    return str(file)


def dropping(pointer: str) -> Change:
    """Leave one property out of every body."""

    def change(method: str, path: str, status: int, body: Any) -> tuple[int, Any]:
        if isinstance(body, dict) and pointer in body:
            body = {name: value for name, value in body.items() if name != pointer}
        return status, body

    return change


def answering(wanted: tuple[str, int], status: int, body: Any) -> Change:
    """Answer one method's answers of one status with another."""
    return lambda method, path, was, said: (status, body) if (method, was) == wanted else (was, said)


class TestAnIndependentServer:
    def test_what_is_right_is_acquitted(self, spec: str):
        """It holds data of its own, below a base path: neither is a fault."""
        with serving(Books()) as url:
            said = run(f"--base-url={url}/v1", f"--api={spec}")
        assert said.returncode == 0, said.stdout

    def test_what_is_wrong_is_convicted(self, spec: str):
        """By the test whose name says what is wrong, with the rule and a call to repeat; by no other."""
        bugs = {
            dropping("tags"): ("test_answered_as_documented[books-addBook-dune]", "'tags' is required"),
            answering(("GET", 404), 404, {"message": "?"}): (
                "test_answered_as_documented[books-readBook-none]",
                "'error' is required",
            ),
            answering(("POST", 401), 201, {"id": "1", "title": "Dune", "tags": []}): (
                "test_refused[books-addBook-no-credentials]",
                "answered 201, not 401",
            ),
            answering(("POST", 400), 500, {"error": "KeyError"}): (
                "test_refused[books-addBook-no-title-in-the-body]",
                "answered 500, not a documented 4xx",
            ),
            answering(("PATCH", 405), 200, {}): (
                "test_refused[books-readBook-undeclared-PATCH]",
                "answered 200, not 405",
            ),
        }
        with serving(Books(*bugs)) as url:
            others = [
                f"--deselect=contract_tests/test_{name}.py" for name in ("lifecycles", "laws", "properties")
            ]
            said = run(f"--base-url={url}/v1", f"--api={spec}", *others)
        assert said.returncode == 1
        for test, why in bugs.values():
            assert f"::{test}" in said.stdout
            assert why in said.stdout
        again = (  # who takes no credentials takes these too; who fails without a title fails by a wrong one
            "test_refused[books-addBook-a-token-of-nobody]",
            "test_refused[books-addBook-another-scheme]",
            "test_wrong_values_refused[books-addBook-wrong-values]",
        )
        for test in again:
            assert f"::{test}" in said.stdout
        assert said.stdout.count("\nFAILED ") == len(bugs) + len(again)
        assert f"{url}/v1/books" in said.stdout
        assert "books.yaml:" in said.stdout

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            (lambda: answering(("GET", 200), 404, {"error": "unknown"}), "leads to an answer 404"),
            (lambda: answering(("DELETE", 204), 500, {"error": "KeyError"}), "500 is not documented"),
        ],
        ids=["what was made cannot be read", "nor deleted"],
    )
    def test_a_life_that_breaks_off_is_convicted(self, spec: str, change: Callable[[], Change], why: str):
        """With all the calls that lead there."""
        with serving(Books(change())) as url:
            said = run(f"--base-url={url}/v1", f"--api={spec}", "-k", "links")
        assert said.returncode == 1
        assert why in said.stdout
        assert said.stdout.count("\ncurl -i") >= 2


class TestABrokenMock:
    @pytest.mark.parametrize(("api", "name"), [("tokfluence", "currency"), ("trackbot", "code")])
    def test_a_missing_field_is_found(self, api: str, name: str):
        """The mock behind a middleware that leaves one documented field out of every answer."""
        with create(api) as application, serving(without(application, name)) as url:
            said = run(f"--base-url={url}", f"--api={api}")
        assert said.returncode == 1
        assert f"'{name}' is required" in said.stdout

    def test_a_value_that_is_not_the_printed_one_is_found(self):
        """A mock holds the documents' data, so that what is printed is expected there."""
        with create("tokfluence") as application, serving(replaced(application, b'"USD"', b'"EUR"')) as url:
            said = run(f"--base-url={url}", "--api=tokfluence")
        assert said.returncode == 1
        assert '"USD" is printed' in said.stdout

    def test_an_unbroken_one_passes_twice(self):
        """Its world is put back before each test, so that a run leaves no trace."""
        with create("tokfluence") as application, serving(application) as url:
            for _ in range(2):
                said = run(f"--base-url={url}", "--api=tokfluence")
                assert said.returncode == 0, said.stdout


class TestUsage:
    @pytest.mark.parametrize(
        ("args", "code", "why"),
        [
            (["--base-url=http://127.0.0.1:9"], 4, "name the API"),
            (["--base-url=http://127.0.0.1:9", "--api=tokfluence"], 3, "cannot be reached"),
            (["--base-url=ftp://x", "--api=tokfluence"], 4, "http://"),
            (["--api=tokfluenc"], 4, "Did you mean 'tokfluence'?"),
            (["--api=tokfluence", "--header=nonsense"], 4, "Name: value"),
        ],
    )
    def test_wrong_usage_says_what_is_wrong(self, args: list[str], code: int, why: str):
        """In one line, before anything is sent."""
        said = run(*args)
        assert said.returncode == code, said
        assert why in said.stdout + said.stderr


@contextmanager
def create(api: str) -> Iterator[Any]:
    """Make the mock of *api* as an application."""
    application = create_app(api)
    try:
        yield application
    finally:
        application.host.close()


def replaced(application: Any, old: bytes, new: bytes) -> Any:
    """Return *application* with some bytes of its answers replaced by as many others."""

    def middleware(environ: Any, start: Any) -> list[bytes]:
        return [b"".join(application(environ, start)).replace(old, new)]

    return middleware


def without(application: Any, name: str) -> Any:
    """Return *application* with the property *name* left out of every answer, at any depth."""

    def middleware(environ: Any, start: Any) -> list[bytes]:
        held: list[Any] = []
        body = b"".join(application(environ, lambda status, headers, *_: held.extend([status, headers])))
        if environ["PATH_INFO"].startswith("/__admin"):
            start(*held)
            return [body]
        with suppress(ValueError):  # a 204 has no body
            body = json.dumps(stripped(json.loads(body), name)).encode()
        start(held[0], [field for field in held[1] if field[0].lower() != "content-length"])
        return [body]

    return middleware


def stripped(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: stripped(item, name) for key, item in value.items() if key != name}
    return [stripped(item, name) for item in value] if isinstance(value, list) else value
