from __future__ import annotations

import http.client
import socket
import time

import pytest

from mockserver.server.faults import EVERY, FAULTS, PIECES
from mockserver.tests.stand_in import Opened, opened, read_all, read_answer

GET = b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture(scope="module")
def door():
    with opened() as door:
        yield door


def ask(door: Opened, fault: str) -> bytes:
    return door.ask(GET % f"/fault/{fault}".encode())


class TestOnTheWire:
    def test_reset_is_a_reset(self, door: Opened):
        """A raw socket sees RST, not an orderly end: that is what a crashed peer looks like."""
        with pytest.raises(ConnectionResetError):
            ask(door, "reset")

    def test_empty(self, door: Opened):
        """An orderly end without a byte: http.client calls it RemoteDisconnected."""
        assert ask(door, "empty") == b""

    def test_truncated(self, door: Opened):
        """The length promises more than comes."""
        connection = http.client.HTTPConnection("127.0.0.1", door.port)
        connection.request("GET", "/fault/truncated")
        with pytest.raises(http.client.IncompleteRead):
            connection.getresponse().read()
        connection.close()

    def test_malformed(self, door: Opened):
        """A good head, a good chunk, and then what is no chunk (WireMock's MALFORMED_RESPONSE_CHUNK)."""
        connection = http.client.HTTPConnection("127.0.0.1", door.port)
        connection.request("GET", "/fault/malformed")
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises((http.client.IncompleteRead, ValueError)):
            answer.read()
        connection.close()

    def test_garbage(self, door: Opened):
        """Bytes that no client takes for HTTP."""
        connection = http.client.HTTPConnection("127.0.0.1", door.port)
        connection.request("GET", "/fault/garbage")
        with pytest.raises(http.client.BadStatusLine):
            connection.getresponse()
        connection.close()

    def test_length(self, door: Opened):
        """The client ends the body too early and finds the rest of it where the next answer should be."""
        with door.connect() as client:
            client.sendall(GET % b"/fault/length")
            _, body = read_answer(client)
            whole = b"GET /fault/length "
            assert body == whole[: len(whole) // 2]
            client.sendall(GET % b"/next")
            assert client.recv(1000).startswith(whole[len(whole) // 2 :])

    def test_timeout_never_answers(self, door: Opened):
        """The client waits until it loses patience, and then nothing of it is left here."""
        with door.connect(timeout=0.5) as client:
            client.sendall(GET % b"/fault/timeout")
            with pytest.raises(TimeoutError):
                client.recv(1)
        deadline = time.monotonic() + 5
        while door.door._connections and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not door.door._connections

    def test_drip_is_whole_and_slow(self, door: Opened):
        """Every byte comes, in pieces; the connection is good for another request."""
        with door.connect() as client:
            started = time.monotonic()
            client.sendall(GET % b"/fault/drip")
            assert read_answer(client)[1] == b"GET /fault/drip "
            pieces = min(PIECES, len("GET /fault/drip "))
            assert time.monotonic() - started > pieces * EVERY * 0.8
            client.sendall(GET % b"/next")
            assert read_answer(client)[1] == b"GET /next "

    def test_endless(self, door: Opened):
        """The body goes on with white space for as long as somebody reads."""
        with door.connect() as client:
            client.sendall(GET % b"/fault/endless")
            found = b""
            while found.count(b"1\r\n \r\n") < 3:
                found += client.recv(1000)
            assert b"GET /fault/endless" in found

    @pytest.mark.parametrize("fault", sorted(set(FAULTS) - {"timeout", "endless", "reset", "garbage"}))
    def test_head_has_no_body_in_a_fault_either(self, door: Opened, fault: str):
        """What looks like a body behind the answer to HEAD would be a fault that nobody asked for."""
        with door.connect() as client:
            client.sendall((GET % f"/fault/{fault}".encode()).replace(b"GET", b"HEAD"))
            client.shutdown(socket.SHUT_WR)
            assert b"/fault/" not in read_all(client)

    def test_a_client_that_leaves_a_drip(self, door: Opened, caplog: pytest.LogCaptureFixture):
        """Its timer goes with it."""
        with door.connect() as client:
            client.sendall(GET % b"/fault/drip")
            client.recv(10)
        time.sleep(EVERY * 2)
        assert not caplog.records
