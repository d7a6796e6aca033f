from __future__ import annotations

import io
from typing import Any

import pytest

from mockserver.exchange import Response
from mockserver.server.app import MockApp, request_of
from mockserver.tests.client import InProcess
from mockserver.tests.stand_in import Echo


@pytest.fixture
def client() -> InProcess:
    return InProcess(MockApp(Echo()))


def environ(**more: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "wsgi.input": io.BytesIO(b"rest"), **more}


class TestContractTraffic:
    def test_it_does_not_go_through_flasks_router(self, client: InProcess):
        """Flask would redirect "//", decode "%2F", and answer OPTIONS by itself."""
        assert client.request("OPTIONS", "/a%2Fb//c?x=1").text == "OPTIONS /a%2Fb//c?x=1 "

    def test_bodies_arrive_whole(self, client: InProcess):
        """The bytes are the pipeline's to read."""
        assert client.post("/", body=b"\x00\xff").body == b"POST / \x00\xff"

    def test_head_and_204_have_no_body(self, client: InProcess):
        """A WSGI server sends what it is given."""
        head = client.request("HEAD", "/size/7")
        assert (head.body, head.headers["Content-Length"]) == (b"", "7")
        assert "Content-Length" not in client.get("/status/204").headers

    def test_cors(self, client: InProcess):
        """The same fields as from the door."""
        answer = client.get("/", headers={"Origin": "http://a"})
        assert answer.headers["Access-Control-Allow-Origin"] == "http://a"

    def test_a_fault_that_cannot_be_played_says_so(self, client: InProcess):
        """A WSGI application has no socket to reset; a good answer in its place would mislead."""
        answer = client.get("/fault/reset")
        assert answer.status == 501
        assert "mockserver serve" in answer.json()["detail"]

    def test_drip(self, client: InProcess):
        """A body in pieces needs no socket."""
        assert client.get("/fault/drip").body == b"GET /fault/drip "


class TestRequestOf:
    def test_the_raw_target_wins(self):
        """gunicorn and Werkzeug call it RAW_URI, waitress and uWSGI REQUEST_URI."""
        for key in ("RAW_URI", "REQUEST_URI"):
            request = request_of(environ(PATH_INFO="/a/b", **{key: "http://h/a%2Fb?x=%20"}))
            assert (request.path, request.query) == ("/a%2Fb", "x=%20")

    def test_without_it_the_path_is_quoted_again(self):
        """granian's WSGI gives nothing else; "%2F" is lost there, and nothing more."""
        request = request_of(environ(PATH_INFO="/ä b%;x=1".encode().decode("latin-1"), QUERY_STRING="y=%41"))
        assert (request.path, request.query) == ("/%C3%A4%20b%25;x=1", "y=%41")

    def test_mounted_below_another_application(self):
        """The contract's paths begin behind SCRIPT_NAME."""
        request = request_of(environ(SCRIPT_NAME="/mock", PATH_INFO="/x", RAW_URI="/mock/x?y"))
        assert (request.path, request.query) == ("/x", "y")

    def test_headers(self):
        """Two of them have names of their own in CGI."""
        made = request_of(
            environ(HTTP_X_A="1", CONTENT_TYPE="text/plain", CONTENT_LENGTH="4", REMOTE_ADDR="::1")
        )
        assert made.header("x-a") == "1"
        assert made.header("content-type") == "text/plain"
        assert made.body == b"rest"
        assert made.client == "::1:"

    def test_no_length_no_body(self):
        """Reading on would wait for a client that has said all."""
        assert request_of(environ()).body == b""
        assert request_of(environ(**{"wsgi.input_terminated": True})).body == b"rest"


def test_a_response_is_not_shared():
    """Fields that this application adds must not pile up in a response the host keeps."""
    host = Echo()
    kept = Response(200, [("A", "b")], b"x")
    host.handle = lambda request: kept  # type: ignore[method-assign]
    client = InProcess(MockApp(host))
    for _ in range(2):
        client.get("/", headers={"Origin": "http://a"})
    assert kept.headers == [("A", "b")]
