"""
What HTTP has of its own is taken as every client takes it, before an answer is held to a contract.
"""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from mockserver.exchange import Request
from mockserver.verify import target as of_target
from mockserver.verify.target import MOST_SILENT, Gone, Target

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[str, Sequence[str]]]:
    """Answer one connection after the other with these bytes; yield the URL and what was asked."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answer in (b"HTTP/1.1 404 No mockserver\r\nContent-Length: 0\r\n\r\n", *answers):
                connection, _ = listening.accept()
                with connection:
                    came.append(connection.recv(1 << 16).decode().partition(" HTTP/")[0])
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v2", came
        thread.join(5)
        assert came.pop(0) == "GET /__admin/specs"


def _moved(status: int, where: str) -> bytes:
    return f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()


def test_what_only_informs_is_passed_over() -> None:
    """
    A server may send early hints, and more of them, before it answers (RFC 9110, 15.2; RFC 8297).
    """
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    with answering(b"HTTP/1.1 102 Processing\r\n\r\n" + hints + hints + GOOD) as (url, _):
        call = Target(url).send(Request("GET", "/things"))
    assert call.response is not None
    assert (call.response.status, call.response.body) == (200, b"ok")


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate"])
def test_a_coding_is_undone(coding: str) -> None:
    """
    Who compresses whatever is asked of it says the same as who does not (RFC 9110, 12.5.3).
    """
    body = zlib.compress(b"{}") if coding == "deflate" else gzip.compress(b"{}")
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    with answering(head.encode() + body) as (url, _):
        call = Target(url).send(Request("GET", "/things"))
    assert call.response is not None
    assert call.response.body == b"{}"


def test_a_body_that_is_not_what_its_coding_says_is_no_answer() -> None:
    """
    Nobody can read it.
    """
    with answering(GOOD.replace(b"Content-Length", b"Content-Encoding: gzip\r\nContent-Length")) as (url, _):
        call = Target(url).send(Request("GET", "/things"))
    assert call.response is None
    assert "gzip" in call.trouble


@pytest.mark.parametrize(
    ("method", "status", "where"),
    [
        ("POST", 307, "/v2/things/"),
        ("GET", 301, "/v2/things/?q=1"),
        ("PATCH", 308, "http://elsewhere/v2/things/"),
    ],
)
def test_a_slash_at_the_end_is_no_other_place(method: str, status: int, where: str) -> None:
    """
    Frameworks have one of the two, and send clients there.
    """
    with answering(_moved(status, where), GOOD) as (url, came):
        call = Target(url).send(Request(method, "/things", "q=1"))
    assert call.response is not None
    assert call.response.status == 200
    assert came == [f"{method} /v2/things?q=1", f"{method} /v2/things/?q=1"]


@pytest.mark.parametrize(
    ("method", "status", "where"), [("POST", 301, "/v2/things/"), ("GET", 307, "/login")]
)
def test_another_place_is_an_answer(method: str, status: int, where: str) -> None:
    """
    A redirect that changes the question is what the contract has to have.
    """
    with answering(_moved(status, where)) as (url, came):
        call = Target(url).send(Request(method, "/things"))
    assert call.response is not None
    assert call.response.status == status
    assert len(came) == 1


def test_the_length_of_a_body_is_said_once() -> None:
    """
    A call that is made again brings the length of what was sent before, and a strict server refuses two.
    """
    heads: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for _ in range(2):
                connection, _ = listening.accept()
                with connection:
                    heads.append(connection.recv(1 << 16).decode().lower())
                    connection.sendall(GOOD)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        sent = Request("POST", "/things", "", (("content-length", "4"),), b"{}")
        Target(f"http://127.0.0.1:{listening.getsockname()[1]}").send(sent)
        thread.join(5)
    assert [line for line in heads[1].splitlines() if line.startswith("content-length")] == [
        "content-length: 2"
    ]


class TestSilence:
    """Three of four operations of a server may be well where one panics at whatever it is asked."""

    @contextmanager
    def living(self, well: str) -> Iterator[tuple[Target, list[str]]]:
        """Answer only what begins with *well*, and close the connection of all else."""
        came: list[str] = []
        stop = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(0.05)

            def serve() -> None:
                while not stop.is_set():
                    try:
                        connection, _ = listening.accept()
                    except TimeoutError:
                        continue
                    with connection:
                        asked = connection.recv(1 << 16).decode().partition(" HTTP/")[0]
                        if not asked.startswith("GET /__admin"):
                            came.append(asked)
                        connection.sendall(GOOD if asked.startswith(well) else b"")

            thread = threading.Thread(target=serve)
            thread.start()
            try:
                yield Target(f"http://127.0.0.1:{listening.getsockname()[1]}"), came
            finally:
                stop.set()
                thread.join()

    def test_an_operation_without_answers_is_left_alone(self) -> None:
        """The rest of the server is judged, and what never answers is not waited for again and again."""
        with self.living("GET /well") as (target, came):
            target.send(Request("GET", "/well"), "well")
            calls = [
                target.send(Request("GET", f"/ill/{number}"), "ill") for number in range(MOST_SILENT + 3)
            ]
            assert target.send(Request("GET", "/well"), "well").response is not None
        assert all(call.response is None for call in calls)
        assert sum(one.startswith("GET /ill") for one in came) == MOST_SILENT

    def test_a_server_that_answers_nothing_more_is_gone(self) -> None:
        """Where what was answered before is not answered again, there is nobody to be judged."""
        with self.living("GET /once") as (target, came):
            target.send(Request("GET", "/once"), "well")
            target.below("/elsewhere")
            for _ in range(MOST_SILENT - 1):
                target.send(Request("GET", "/ill"), "ill")
            with pytest.raises(Gone):
                target.send(Request("GET", "/ill"), "ill")
        assert came[-1] == "GET /elsewhere/once"


class TestStreams:
    """A stream of events need never end, and what has come of it is held to the contract."""

    @contextmanager
    def streaming(self, media: str, *parts: bytes, ends: bool = False) -> Iterator[Target]:
        """Answer with *parts*, and leave the connection open, unless it *ends*."""
        done = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listening:

            def serve() -> None:
                for number in range(2):
                    connection, _ = listening.accept()
                    with connection:
                        connection.recv(1 << 16)
                        if number:
                            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n\r\n".encode())
                            for part in parts:
                                connection.sendall(part)
                            if not ends:
                                done.wait(20)
                        else:
                            connection.sendall(b"HTTP/1.1 404 No mockserver\r\nContent-Length: 0\r\n\r\n")

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            try:
                yield Target(f"http://127.0.0.1:{listening.getsockname()[1]}")
            finally:
                done.set()
                thread.join(5)

    @pytest.mark.parametrize("ends", [True, False])
    def test_one_that_goes_on_is_an_answer(self, monkeypatch: pytest.MonkeyPatch, ends: bool) -> None:
        """Who waited for its end called it broken; half an event at the end is not the server's fault."""
        monkeypatch.setattr(of_target, "LISTENED", 0.3)
        with self.streaming("text/event-stream", b"data: 1\n\n", b"data: 2\n\nda", ends=ends) as target:
            call = target.send(Request("GET", "/events"), timeout=10.0)
        assert call.response is not None
        assert call.response.body == (b"data: 1\n\ndata: 2\n\nda" if ends else b"data: 1\n\ndata: 2\n\n")

    def test_a_document_that_goes_on_is_none(self) -> None:
        """JSON that does not come to its end is no answer."""
        with self.streaming("application/json", b'{"a": ') as target:
            call = target.send(Request("GET", "/events"), timeout=0.5)
        assert call.response is None
