from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import threading
import time

import pytest

from mockserver.errors import UsageError
from mockserver.server.door import address_of, bind
from mockserver.server.reader import Limits
from mockserver.tests.stand_in import Echo, Opened, is_cut, opened, read_all, read_answer

GET = b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def door():
    with opened() as door:
        yield door


class TestBind:
    def test_a_taken_port_is_one_clear_line(self):
        """Who starts a second server must read what to do, not a traceback."""
        with bind("127.0.0.1", 0) as first:
            first.listen()
            port = first.getsockname()[1]
            with pytest.raises(UsageError, match=f"127.0.0.1:{port} cannot be opened: .*--port 0"):
                bind("127.0.0.1", port)

    def test_a_host_that_is_no_address(self):
        """A typing error in --host is a wrong usage, too."""
        with pytest.raises(UsageError, match=r"no\.such\.host\.invalid"):
            bind("no.such.host.invalid", 0)

    def test_the_url_of_all_addresses_is_one_that_can_be_opened(self):
        """0.0.0.0 is no address to connect to."""
        with bind("0.0.0.0", 0) as bound:
            assert address_of(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}"


class TestAnswers:
    def test_the_target_arrives_as_it_was_sent(self, door: Opened):
        """ "%2F" is a character of a segment; nothing between the wire and the pipeline may decode it."""
        said = door.ask(LAST % b"/a%2Fb//c/../d?x=%20&y=a+b")
        assert said.endswith(b"GET /a%2Fb//c/../d?x=%20&y=a+b ")

    def test_the_absolute_form_names_the_host(self, door: Opened):
        """RFC 9112, 3.2.2: a server must accept it, and its authority takes the place of Host."""
        said = door.ask(LAST % b"http://b.example/x?y=1")
        assert said.endswith(b"GET /x?y=1 ")
        assert list(door.host.journal)[-1].request.header("host") == "b.example"

    def test_a_body_in_chunks(self, door: Opened):
        """A client that streams sends no length; trailers are not headers."""
        head = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert door.ask(head, b"3\r\nabc\r\n", b"2;x=y\r\nde\r\n0\r\nHost: evil\r\n\r\n").endswith(
            b"POST / abcde"
        )
        assert list(door.host.journal)[-1].request.header("host") == "a"

    def test_pipelined_requests_are_answered_in_order(self, door: Opened):
        """RFC 9112, 9.3.2; a slow first answer holds the second one back."""
        said = door.ask(GET % b"/delay/0.2" + GET % b"/second" + LAST % b"/third")
        assert said.index(b"/delay") < said.index(b"GET /second") < said.index(b"GET /third")

    def test_one_connection_many_requests(self, door: Opened):
        """Keep-alive is what makes a client fast."""
        with door.connect() as client:
            for number in range(20):
                client.sendall(GET % b"/%d" % number)
                head, body = read_answer(client)
                assert body == b"GET /%d " % number
                assert b"connection" not in head.lower()

    def test_an_answer_is_one_segment(self, door: Opened):
        """Head and body in two writes cost 40 ms with a delayed acknowledgement."""
        with door.connect() as client:
            client.sendall(GET % b"/size/1000")
            assert len(client.recv(65536)) > 1000

    def test_head_has_the_length_and_no_body(self, door: Opened):
        """RFC 9110, 9.3.2: the fields are those of a GET."""
        said = door.ask((LAST % b"/size/7").replace(b"GET", b"HEAD"))
        assert b"Content-Length: 7\r\n" in said
        assert said.endswith(b"\r\n\r\n")

    @pytest.mark.parametrize("status", [204, 205, 304])
    def test_answers_that_have_no_body(self, door: Opened, status: int):
        """RFC 9110, 15.3.5 and 15.4.5; a byte behind such a head would be read as the next answer."""
        assert door.ask(LAST % b"/status/%d" % status).endswith(b"\r\n\r\n")

    def test_no_length_with_204(self, door: Opened):
        """RFC 9110, 8.6 forbids it."""
        assert b"content-length" not in door.ask(LAST % b"/status/204").lower()

    def test_http_1_0_closes_unless_it_asks(self, door: Opened):
        """Old clients take the end of the connection for the end of the body."""
        assert b"Connection: close" in door.ask(b"GET / HTTP/1.0\r\n\r\n")
        with door.connect() as client:
            client.sendall(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            head, _ = read_answer(client)
            assert b"Connection: keep-alive" in head

    def test_a_client_that_has_said_all(self, door: Opened):
        """`nc -N` closes its side behind the request and still wants the answer, a late one as well."""
        for path in (b"/x", b"/delay/0.2"):
            with door.connect() as client:
                client.sendall(GET % path)
                client.shutdown(socket.SHUT_WR)
                assert b"GET " + path in read_all(client)

    def test_an_upgrade_is_ignored(self, door: Opened):
        """Java's client asks for h2c with its first request, with a body or without (RFC 9110, 7.8)."""
        wish = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
        with door.connect() as client:
            client.sendall((GET % b"/a").replace(b"\r\n\r\n", b"\r\n" + wish + b"\r\n"))
            assert read_answer(client)[1] == b"GET /a "
            client.sendall(b"POST /b HTTP/1.1\r\nHost: a\r\n" + wish + b"Content-Length: 2\r\n\r\nok")
            assert read_answer(client)[1] == b"POST /b ok"

    def test_expect_100_continue(self, door: Opened):
        """curl waits a second for it before it sends a large body."""
        with door.connect() as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
            client.sendall(b"ok")
            assert read_answer(client)[1] == b"POST / ok"

    def test_a_header_cannot_split_the_answer(self):
        """What a handler took over from a request must not become header fields of its own."""

        class Splitting(Echo):
            def _answer(self, request):
                response = super()._answer(request)
                response.headers.append(("Location", "/x\r\nSet-Cookie: evil=1\x00ü"))
                return response

        with opened(Splitting()) as door:
            said = door.ask(LAST % b"/")
            assert b"Location: /x Set-Cookie: evil=1 %C3%BC\r\n" in said
            assert b"\r\nSet-Cookie" not in said

    def test_how_the_answer_is_written_is_not_the_handlers(self):
        """Told that chunks come where none do, the client would wait for ever (RFC 9112, 6.3)."""

        class Chunked(Echo):
            def _answer(self, request):
                response = super()._answer(request)
                response.headers.append(("Transfer-Encoding", "chunked"))
                return response

        with opened(Chunked()) as door:
            said = door.ask(LAST % b"/")
            assert b"Transfer-Encoding" not in said
            assert b"Content-Length: " in said

    def test_a_handler_that_fails_costs_no_connection(self, door: Opened, caplog: pytest.LogCaptureFixture):
        """A mistake of ours is a 500 of the mock's own, and the next request is answered."""
        with door.connect() as client:
            client.sendall(GET % b"/raise")
            head, body = read_answer(client)
            assert head.startswith(b"HTTP/1.1 500 ")
            assert b"Mock-Source: mock" in head
            assert b"on purpose" not in body
            client.sendall(GET % b"/next")
            assert read_answer(client)[1] == b"GET /next "
        assert "on purpose" in caplog.text

    def test_delays_hold_no_thread(self, door: Opened):
        """Five hundred held requests are five hundred timers."""
        before = threading.active_count()
        clients = [door.connect() for _ in range(500)]
        try:
            started = time.monotonic()
            for client in clients:
                client.sendall(LAST % b"/delay/0.5")
            assert threading.active_count() == before
            for client in clients:
                assert b"GET /delay/0.5" in read_all(client)
            assert time.monotonic() - started < 5
        finally:
            for client in clients:
                client.close()


class TestLimits:
    def test_a_body_announced_too_long_is_refused_unread(self):
        """413 before a byte of it was sent; the answer must survive that the client goes on sending."""
        with opened(limits=Limits(body=1000)) as door:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n"
            said = door.ask(head, b"x" * 1_000_000)
            assert said.startswith(b"HTTP/1.1 413 ")
            assert b"--max-body" in said

    def test_a_body_that_grows_too_long(self):
        """Without a length it is counted."""
        with opened(limits=Limits(body=1000)) as door:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            assert door.ask(head, b"3e8\r\n" + b"x" * 1000 + b"\r\n1\r\nx\r\n").startswith(b"HTTP/1.1 413 ")

    def test_a_long_target(self, door: Opened):
        """414 says which part is too long."""
        assert door.ask(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n").startswith(b"HTTP/1.1 414 ")

    @pytest.mark.parametrize(
        "fields",
        [b"A: " + b"x" * 70_000, b"A: " + b"x" * 300_000, b"A: b\r\n" * 300, b"x" * 70_000],
        ids=["a long field", "a very long one", "many fields", "a long name"],
    )
    def test_too_much_head(self, door: Opened, fields: bytes):
        """431, also for a field that never ends."""
        assert door.ask(b"GET / HTTP/1.1\r\nHost: a\r\n" + fields).startswith(b"HTTP/1.1 431 ")

    def test_trailers_and_chunk_extensions_are_bounded(self, door: Opened):
        """Both are thrown away, but a parser keeps them until then."""
        head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        for rest in (b"0\r\nA: " + b"x" * 1_000_000, b"1;" + b"x" * 1_000_000):
            said = door.ask(head, *[rest[at : at + 10_000] for at in range(0, len(rest), 10_000)])
            assert said.startswith(b"HTTP/1.1 4"), said[:100]

    def test_a_slow_request_ends_with_408(self):
        """A byte now and then must not hold a connection for ever."""
        with opened(limits=Limits(request=0.5)) as door, door.connect() as client:
            client.sendall(b"GET / HTTP/1.1\r\nHo")
            assert client.recv(100).startswith(b"HTTP/1.1 408 ")

    @pytest.mark.parametrize(
        ("head", "piece"),
        [
            (b"GET / HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n"),
            (b"GET / HTTP/1.1\r\nHost: a\r\nX-A: ", b"b"),
            (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", b"b"),
            (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nb\r\n"),
            (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: b\r\n"),
        ],
    )
    def test_what_drips_in_ends_with_408(self, head: bytes, piece: bytes):
        """Whatever comes again and again, a request has its time from its first byte (slowloris)."""
        started = time.monotonic()
        with opened(limits=Limits(request=0.5)) as door, door.connect() as client:
            client.sendall(head)
            client.settimeout(0.1)
            said = b""
            while not said and time.monotonic() - started < 10:
                client.sendall(piece)
                with contextlib.suppress(TimeoutError):
                    said = client.recv(100)
            assert said.startswith(b"HTTP/1.1 408 ")

    def test_an_idle_connection_is_closed(self):
        """Without an answer: nothing was asked."""
        with opened(limits=Limits(idle=0.5)) as door, door.connect() as client:
            client.sendall(GET % b"/")
            read_answer(client)
            assert client.recv(1) == b""

    def test_too_many_connections_are_closed(self):
        """Unread, so that those who are in are served."""
        with (
            opened(limits=Limits(connections=2)) as door,
            door.connect() as first,
            door.connect() as second,
            door.connect() as third,
        ):
            assert is_cut(third)
            for client in (first, second):
                client.sendall(GET % b"/")
                read_answer(client)


class TestHostile:
    @pytest.mark.parametrize(
        "request_",
        [
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1_0\r\n\r\na",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\na",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\na",
            b"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nA: b\x00c\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nA: b\nc\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n folded\r\n\r\n",
            "GET /ä HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
            b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
            b"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
            b"GET http://[::1/ HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /\r\n\r\n",
            b"NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
            bytes(range(256)),
        ],
    )
    def test_what_two_servers_could_read_differently_is_refused(self, door: Opened, request_: bytes):
        """Smuggling lives on requests that a proxy ends elsewhere than we do; a refusal closes."""
        said = door.ask(request_)
        assert said.startswith(b"HTTP/1.1 4"), said[:200]
        assert said.count(b"HTTP/1.1 ") == 1
        assert b"Connection: close" in said
        assert b"Mock-Source: mock" in said

    def test_a_refusal_waits_its_turn(self, door: Opened):
        """The request before it was whole, and is answered first."""
        said = door.ask(GET % b"/delay/0.2" + b"\x00\x00")
        assert said.index(b"GET /delay") < said.index(b"HTTP/1.1 400")

    def test_nothing_is_served_behind_a_close(self, door: Opened):
        """Bytes behind a last request are not a request."""
        said = door.ask(LAST % b"/a" + GET % b"/smuggled")
        assert b"GET /a " in said
        assert b"smuggled" not in said
        assert said.count(b"HTTP/1.1 ") == 1

    def test_a_refusal_can_be_read_by_a_page(self, door: Opened):
        """Without CORS fields a browser shows "network error" in place of 413."""
        said = door.ask(b"POST / HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nContent-Length: 99999999\r\n\r\n")
        assert b"Access-Control-Allow-Origin: http://b\r\n" in said

    def test_byte_by_byte(self, door: Opened):
        """Where the network cuts a request means nothing."""
        with door.connect() as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc":
                client.sendall(bytes([byte]))
            assert read_answer(client)[1] == b"POST /x abc"

    def test_a_client_that_does_not_read_stops_being_served(self, door: Opened):
        """Answers nobody takes must not pile up in our memory."""
        with door.connect() as client:
            before = len(door.host.journal)
            client.setblocking(False)
            sent = 0
            for _ in range(200):
                try:
                    sent += client.send((GET % b"/size/1000000") * 10)
                except BlockingIOError:
                    break
            time.sleep(0.3)
            assert len(door.host.journal) - before < 50
            assert sent


class TestEnd:
    def test_stop_waits_for_what_is_under_way(self):
        """An answer that was promised is sent; idle connections are closed at once."""
        with opened() as door, door.connect() as client, door.connect() as idle:
            idle.sendall(GET % b"/")
            read_answer(idle)
            client.sendall(GET % b"/delay/0.5")
            time.sleep(0.1)
            door.door.stop()
            assert idle.recv(1) == b""
            said = read_all(client)
            assert b"GET /delay/0.5" in said
            assert b"Connection: close" in said

    def test_stop_does_not_wait_for_ever(self):
        """A held request is cut after three seconds: SIGTERM ends within five."""
        started = time.monotonic()
        with opened() as door, door.connect() as client, door.connect() as silent:
            client.sendall(GET % b"/delay/60")
            silent.sendall(GET % b"/fault/timeout")
            time.sleep(0.1)
            door.door.stop()
            assert silent.recv(1) == b""
            assert is_cut(client)
        assert time.monotonic() - started < 5

    def test_the_admin_can_end_the_server(self):
        """POST /__admin/shutdown answers, then ends."""
        with opened() as door:
            connection = http.client.HTTPConnection("127.0.0.1", door.port)
            connection.request("POST", "/__admin/shutdown")
            assert connection.getresponse().status == 200
            connection.close()
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                try:
                    door.connect().close()
                except ConnectionError:
                    return
            pytest.fail("still listening")


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_signals(serve, tmp_path, sign: signal.Signals, code: int):
    """SIGTERM is a good end, SIGINT an interruption; neither shows a traceback."""
    document = tmp_path / "api.yaml"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        "paths: {/x: {get: {responses: {'200': {description: ok}}}}}\n"
    )
    server = serve(str(document))
    assert server.get("/x").status == 200
    assert server.stop(sign) == code
    assert "Traceback" not in server.log()
