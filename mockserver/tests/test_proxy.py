"""The proxy, between a client and an upstream that does what real ones do."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.tests.client import Server

CONTRACT = """\
openapi: 3.1.0
info: {title: Books, version: "1"}
paths:
  /books/{id}:
    get:
      operationId: getBook
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: X-Shelf, in: header, required: true, schema: {type: string}}
      responses:
        "200":
          description: A book
          content:
            application/json:
              schema: {type: object, required: [title], properties: {title: {}, token: {}}}
  /books:
    post:
      operationId: addBook
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [title], properties: {title: {}, password: {}}}
      responses:
        "201":
          description: Made
          content: {application/json: {schema: {$ref: "#/components/schemas/Book"}}}
  /events:
    get:
      operationId: events
      responses: {"200": {description: A stream, content: {text/event-stream: {schema: {type: string}}}}}
components:
  schemas:
    Book: {type: object, required: [title], properties: {title: {type: string}}}
"""


class Upstream(BaseHTTPRequestHandler):
    """Answers as its class attributes say, and remembers what it was sent."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, str, list[tuple[str, str]], bytes]] = []  # noqa: RUF012 - emptied for each test
    gate = threading.Event()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, self.headers.items(), body))
        path = urlsplit(self.path).path
        if path == "/events":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: one\n\n")
            self.wfile.flush()
            self.gate.wait(20)
            self.wfile.write(b"data: two\n\n")
            self.close_connection = True
            return
        content, headers = b'{"title": "Dune"}', [("Content-Type", "application/json")]
        if path == "/books/broken":
            content = b'{"name": "Dune"}'
        elif path == "/books/zipped":
            content = gzip.compress(content)
            headers.append(("Content-Encoding", "gzip"))
        elif path == "/books/secret":
            content = b'{"title": "Dune", "token": "abc"}'
        elif path == "/binary":
            content, headers = bytes(range(256)), [("Content-Type", "image/png")]
        elif path == "/twice":
            headers += [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        elif path == "/hinted":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
        elif path == "/same":
            self.send_response(304)
            self.end_headers()
            return
        elif path == "/named":
            headers += [("Connection", "X-Hop"), ("X-Hop", "1")]
        announced = len(content) + (100 if path in ("/cut", "/cut/late") else 0)
        if path == "/cut/late":
            content, announced = content + bytes(9_000_000), announced + 9_000_000
        self.send_response(201 if self.command == "POST" else 200)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.close_connection = announced > len(content)

    do_GET = do_POST = do_HEAD = _answer


@pytest.fixture
def upstream() -> Iterator[str]:
    """A server that a proxy can stand before."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    Upstream.seen.clear()
    Upstream.gate.clear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    Upstream.gate.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def proxy(upstream: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start `mockserver proxy` before the upstream, with options."""
    contract = tmp_path / "books.yaml"
    contract.write_text(CONTRACT)
    started: list[Server] = []

    def start(*options: str, to: str = "") -> Server:
        started.append(Server(str(contract), "--upstream", to or upstream, *options, command="proxy"))
        return started[-1]

    yield start
    for one in started:
        one.close()


class TestPassing:
    def test_a_good_exchange_passes_without_a_word(self, proxy: Callable[..., Server]) -> None:
        """What holds the contract is only marked as having passed."""
        answer = proxy().request("GET", "/books/1?a=b%2Fc", headers={"X-Shelf": "s"})
        assert (answer.status, answer.json()) == (200, {"title": "Dune"})
        assert answer.headers["Mock-Source"] == "proxy"
        assert answer.headers["Mock-Operation"] == "getBook"
        assert "Mock-Violations" not in answer.headers
        assert Upstream.seen[0][1] == "/books/1?a=b%2Fc"

    def test_bytes_pass_untouched(self, proxy: Callable[..., Server]) -> None:
        """A picture is not text, and an operation that the contract does not have passes too."""
        answer = proxy().request("GET", "/binary")
        assert answer.body == bytes(range(256))
        assert answer.headers["Mock-Violations"] == "1"

    def test_a_compressed_body_stays_compressed_and_is_held_to_the_contract(
        self, proxy: Callable[..., Server]
    ) -> None:
        """The client gets the upstream's own bytes; what is in them was read all the same."""
        answer = proxy().request("GET", "/books/zipped", headers={"X-Shelf": "s", "Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(answer.body)) == {"title": "Dune"}
        assert "Mock-Violations" not in answer.headers

    def test_repeated_fields_stay_repeated_both_ways(self, proxy: Callable[..., Server]) -> None:
        """Set-Cookie cannot be folded (RFC 6265, 3), and neither is what a client sends twice."""
        url = urlsplit(proxy().url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port)
        connection.putrequest("GET", "/twice")
        connection.putheader("X-A", "1")
        connection.putheader("X-A", "2")
        connection.endheaders()
        answer = connection.getresponse()
        assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
        connection.close()
        assert [value for name, value in Upstream.seen[0][2] if name.lower() == "x-a"] == ["1", "2"]

    def test_a_stream_passes_as_it_comes(self, proxy: Callable[..., Server]) -> None:
        """The first event arrives while the upstream still holds the second back."""
        url = urlsplit(proxy().url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=20)
        connection.request("GET", "/events")
        answer = connection.getresponse()
        assert answer.read1(100) == b"data: one\n\n"
        Upstream.gate.set()
        assert answer.read() == b"data: two\n\n"
        connection.close()

    def test_hints_before_the_answer_are_not_the_answer(self, proxy: Callable[..., Server]) -> None:
        """103 is interim (RFC 9110, 15.2): who takes it for the end leaves the client waiting."""
        answer = proxy().request("GET", "/hinted")
        assert (answer.status, answer.json()) == (200, {"title": "Dune"})

    def test_an_answer_that_breaks_off_does_not_pass_for_a_whole_one(
        self, proxy: Callable[..., Server]
    ) -> None:
        """A body shorter than it was announced is the upstream's failure, and the client is told."""
        server = proxy()
        answer = server.request("GET", "/cut")
        assert answer.status == 502
        assert "broke off its answer (200)" in answer.json()["detail"]
        with pytest.raises(http.client.IncompleteRead):
            server.request("GET", "/cut/late")  # too long to be looked at: it has begun to pass

    def test_the_length_of_what_does_not_come_is_the_upstreams(self, proxy: Callable[..., Server]) -> None:
        """To HEAD the length is that of the body left out; to 304 none but the upstream knows it."""
        server = proxy()
        assert server.request("HEAD", "/binary").headers["Content-Length"] == "256"
        assert "Content-Length" not in server.request("GET", "/same").headers

    def test_fields_that_are_named_for_one_connection_stay_on_it(self, proxy: Callable[..., Server]) -> None:
        """What `Connection` lists is between the proxy and the upstream (RFC 9110, 7.6.1)."""
        assert "X-Hop" not in proxy().request("GET", "/named").headers


class TestHolding:
    def test_what_is_wrong_is_counted_and_said(self, proxy: Callable[..., Server]) -> None:
        """Both directions are told, each with the line of the contract, and the answer still passes."""
        running = proxy()
        answer = running.request("GET", "/books/broken")
        assert answer.json() == {"name": "Dune"}
        assert answer.headers["Mock-Violations"] == "2"
        running.stop()
        said = running.log()
        assert "GET /books/broken: header X-Shelf" in said
        assert "GET /books/broken 200: body" in said
        assert "books.yaml:" in said
        assert "title" in said

    def test_errors_refuses_a_request_before_it_is_sent(self, proxy: Callable[..., Server]) -> None:
        """With --errors the upstream never sees what breaks the contract."""
        answer = proxy("--errors").request("GET", "/books/1")
        assert answer.status == 422
        assert answer.json()["errors"][0]["pointer"] == "X-Shelf"
        assert answer.json()["errors"][0]["spec"]["line"] > 0
        assert Upstream.seen == []

    def test_errors_replaces_an_answer(self, proxy: Callable[..., Server]) -> None:
        """A client that is developed against the proxy must not get used to a wrong answer."""
        answer = proxy("--errors").request("GET", "/books/broken", headers={"X-Shelf": "s"})
        assert answer.status == 500
        assert answer.json()["errors"][0]["keyword"] == "required"

    def test_nobody_there_is_502(self, proxy: Callable[..., Server]) -> None:
        """An upstream that is down is told as such, in the proxy's own name."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        answer = proxy(to=f"http://127.0.0.1:{port}").request("GET", "/books/1")
        assert answer.status == 502
        assert answer.headers["Mock-Source"] == "mock"

    def test_the_summary_names_what_was_and_was_not_seen(self, proxy: Callable[..., Server]) -> None:
        """At the end one line an operation, and what the upstream does that the contract does not say."""
        running = proxy()
        running.request("GET", "/books/1", headers={"X-Shelf": "s"})
        running.request("GET", "/binary")
        running.stop()
        assert "1 of 3 operations seen" in running.printed
        assert "getBook: 200 ×1" in running.printed
        assert "addBook: never" in running.printed
        assert "GET /binary 200: the contract has no such operation" in running.printed


class TestRecording:
    def test_a_recording_is_a_contract_that_can_be_served(
        self, proxy: Callable[..., Server], serve: Callable[..., Any], tmp_path: Path
    ) -> None:
        """Request and answer are paired by name, so the recorded call is answered as it was."""
        running = proxy("--record", str(tmp_path / "recorded"))
        for _ in range(2):
            running.request("POST", "/books", json={"title": "Emma", "password": "hunter2"})
        zipped = gzip.compress(b'{"title": "Ubik"}')
        fields = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        running.request("POST", "/books", body=zipped, headers=fields)
        running.request("GET", "/books/secret", headers={"X-Shelf": "s"})
        running.request("GET", "/books/broken", headers={"X-Shelf": "s"})
        running.stop()
        assert "3 exchanges kept" in running.printed
        text = (tmp_path / "recorded" / "openapi.yaml").read_text()
        assert "hunter2" not in text
        assert "abc" not in text
        assert "Ubik" in text
        served = serve(str(tmp_path / "recorded"))
        assert served.get("/books/secret", headers={"X-Shelf": "s"}).json() == {
            "title": "Dune",
            "token": "[REDACTED]",
        }
