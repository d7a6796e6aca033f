from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import flask
import pytest

from mockserver.tests.stand_in import Echo, Opened, opened, read_answer

closed = threading.Event()


def application(host: Echo) -> flask.Flask:
    """Streams, failures, and what the environ says."""
    app = flask.Flask("toy")

    @app.get("/__admin/environ")
    def environ():
        keys = ("PATH_INFO", "RAW_URI", "QUERY_STRING", "HTTP_X_A", "HTTP_A_B", "SERVER_PORT", "REMOTE_ADDR")
        return {key: flask.request.environ.get(key) for key in keys}

    @app.post("/__admin/echo")
    def echo():
        return flask.request.get_data()

    @app.get("/__admin/events")
    def events():
        def stream() -> Iterator[str]:
            try:
                number = 0
                while True:
                    yield f"data: {number}\n\n"
                    number += 1
                    time.sleep(0.05)
            finally:
                closed.set()

        return flask.Response(stream(), mimetype="text/event-stream")

    @app.get("/__admin/flood")
    def flood():
        def stream() -> Iterator[bytes]:
            for _ in range(1000):
                host.resets += 1
                yield b"x" * 100_000

        return flask.Response(stream())

    @app.get("/__admin/broken")
    def broken():
        def stream() -> Iterator[bytes]:
            yield b"begun"
            raise RuntimeError("in the middle")

        return flask.Response(stream())

    return app


@pytest.fixture(scope="module")
def door():
    with opened(make=application) as door:
        yield door


def get(door: Opened, target: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)) as connection:
        connection.request(method, target, body, {"X-A": "1", "A_B": "2"})
        with connection.getresponse() as answer:
            return answer.status, answer.read()


class TestEnviron:
    def test_what_flask_is_told(self, door: Opened):
        """PATH_INFO is decoded as PEP 3333 wants it, RAW_URI is not; "A_B" must not pass for "A-B"."""
        said = json.loads(get(door, "/__admin/./environ?a=%20".replace("/./", "/"))[1])
        assert said == {
            "PATH_INFO": "/__admin/environ",
            "RAW_URI": "/__admin/environ?a=%20",
            "QUERY_STRING": "a=%20",
            "HTTP_X_A": "1",
            "HTTP_A_B": None,
            "SERVER_PORT": str(door.port),
            "REMOTE_ADDR": "127.0.0.1",
        }

    def test_a_body_and_a_second_request(self, door: Opened):
        """The thread is done with when the answer is sent; the connection goes on."""
        with door.connect() as client:
            for word in (b"one", b"two"):
                client.sendall(
                    b"POST /__admin/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n" + word
                    + b"GET /contract HTTP/1.1\r\nHost: a\r\n\r\n"
                )  # fmt: skip
                assert read_answer(client)[1] == word
                assert read_answer(client)[1] == b"GET /contract "


class TestStreams:
    def test_events_come_as_they_happen_and_end_with_the_client(self, door: Opened):
        """An event stream is sent piece by piece, and its generator is closed when nobody listens."""
        closed.clear()
        with door.connect() as client:
            client.sendall(b"GET /__admin/events HTTP/1.1\r\nHost: a\r\n\r\n")
            found = b""
            while found.count(b"data: ") < 3:
                found += client.recv(1000)
            assert b"Transfer-Encoding: chunked" in found
        assert closed.wait(5)

    def test_a_slow_reader_holds_the_generator(self, door: Opened):
        """A hundred megabytes nobody reads are not to be in our memory."""
        door.host.resets = 0
        with door.connect() as client:
            client.sendall(b"GET /__admin/flood HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.5)
            assert 0 < door.host.resets < 200

    def test_a_stream_that_fails_is_cut(self, door: Opened, caplog: pytest.LogCaptureFixture):
        """The head is sent already: only an incomplete body can still say that something went wrong."""
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            get(door, "/__admin/broken")
        assert "in the middle" in caplog.text

    def test_old_clients_have_no_chunks(self, door: Opened):
        """HTTP/1.0 ends a body of unknown length with the connection."""
        with door.connect() as client:
            client.sendall(b"GET /__admin/events HTTP/1.0\r\n\r\n")
            found = b""
            while found.count(b"data: ") < 2:
                found += client.recv(1000)
            assert b"chunked" not in found

    def test_head_of_a_stream(self, door: Opened):
        """No chunk behind the answer to HEAD."""
        assert get(door, "/__admin/events", "HEAD") == (200, b"")


def test_the_application_is_made_once_and_late():
    """Flask costs a quarter of a second; who never asks the admin never pays it."""
    made = []

    def make(host: Echo) -> flask.Flask:
        made.append(1)
        return application(host)

    with opened(make=make) as door:
        assert get(door, "/contract")[0] == 200
        assert get(door, "/__admin/health")[0] == 200
        assert not made
        threads = [threading.Thread(target=get, args=(door, "/__admin/environ")) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [1]
