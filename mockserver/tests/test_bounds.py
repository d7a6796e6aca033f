"""
Whatever clients make, hold or do not read is bounded: one more is 429, and says by which option.
"""

from __future__ import annotations

import gc
import socket
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.locate import locate
from mockserver.exchange import Request
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.tests.client import Answer, Client, Server
from mockserver.tests.test_hostile import memory, port
from mockserver.tests.test_workers import until
from mockserver.tests.things import things

Serve = Callable[..., Server]


def full(answer: Answer, option: str) -> None:
    """Hold that it was refused, and that it says which option decides."""
    assert answer.status == 429, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert option in answer.json()["detail"]


def make(client: Client, note: str = "", **options: Any) -> Answer:
    return client.post("/things", json={"name": "x", "note": note}, **options)


class TestThings:
    def test_how_many(self, serve: Serve, state: str, tmp_path: Path) -> None:
        """A flood of things is refused, with nothing done; who deletes one may make one, who resets all."""
        server = serve(things(tmp_path), "--state", state, "--max-resources", "20")
        made = [make(server) for _ in range(20)]
        assert {one.status for one in made} == {201}
        full(make(server), "--max-resources")
        assert server.get("/things").json()["total"] >= 20
        assert server.delete(f"/things/{made[0].json()['id']}").status == 204
        assert make(server).status == 201
        full(make(server), "--max-resources")
        assert make(server, headers={"Mock-Session": "another"}).status == 429  # it begins as the default one
        full(server.put("/__admin/state/things/things/7", json={"id": 7, "name": "n"}), "--max-resources")
        server.reset()
        for _ in range(30):  # what is gone again is no thing
            assert server.delete(f"/things/{make(server).json()['id']}").status == 204

    def test_what_is_gone(self, serve: Serve, state: str, tmp_path: Path) -> None:
        """Who makes and deletes all day has a server that does not grow, and knows what went last."""
        server = serve(things(tmp_path), "--state", state, "--max-resources", "40")
        gone = []
        for _ in range(150):
            gone.append(made := make(server).json()["id"])
            assert server.delete(f"/things/{made}").status == 204
        assert {server.get(f"/things/{one}").status for one in gone[-30:]} == {404}
        assert server.get(f"/things/{gone[0]}").status == 200  # as if it had never been
        assert make(server).status == 201

    def test_how_large(self, serve: Serve, tmp_path: Path) -> None:
        """What all sessions hold is bounded by its bytes: few large things are as many small ones."""
        server = serve(things(tmp_path), "--max-state", "1000000")
        sessions = [{"Mock-Session": f"s{number}"} for number in range(4)]
        statuses = [make(server, "x" * 100_000, headers=sessions[number % 4]).status for number in range(20)]
        assert statuses == [201] * 9 + [429] * 11
        full(make(server, "x" * 100_000), "--max-state")
        assert make(server, "small").status == 201
        for session in sessions:
            server.delete(f"/__admin/sessions/{session['Mock-Session']}")
        assert until(lambda: make(server, "x" * 100_000).status == 201)

    def test_what_is_replaced_counts_once(self, serve: Serve, tmp_path: Path) -> None:
        """A suite that changes one thing all day is never full."""
        server = serve(things(tmp_path), "--max-state", "300000")
        stored = {"id": 7, "name": "n", "note": "x" * 100_000}
        for _ in range(10):
            assert until(lambda: server.put("/__admin/state/things/things/7", json=stored).status < 300)


def test_a_session_that_is_gone_is_not_held(tmp_path: Path) -> None:
    """What counts its things, and where its requests wait, must not keep it: sessions come and go all day."""
    host = build_host(
        [locate(things(tmp_path))], journal=Journal(), state=f"sqlite:///{tmp_path / 'state.db'}"
    )
    fields = (("host", "a"), ("content-type", "application/json"), ("mock-session", "a"))
    assert host.handle(Request("POST", "/things", "", fields, b'{"name": "x"}')).status == 201
    session = host.sessions.get("a")
    assert session is not None
    assert session.room.at("none") == []
    gone = [weakref.ref(one) for one in (session, *session.worlds.values())]
    del session
    host.sessions.drop("a")
    host.handle(Request("GET", "/things", "", fields[:1]))
    gc.collect()
    assert [one() for one in gone] == [None, None]
    host.close()


class TestTheBench:
    def test_stubs(self, serve: Serve, tmp_path: Path) -> None:
        """One by one or imported at once; those that are there can be changed."""
        server = serve(things(tmp_path), "--max-stubs", "3")
        stub = {"request": {"url": "/x"}, "response": {"status": 200}}
        made = [server.post("/__admin/mappings", json=stub) for _ in range(3)]
        assert [one.status for one in made] == [201] * 3
        full(server.post("/__admin/mappings", json=stub), "--max-stubs")
        assert server.put(f"/__admin/mappings/{made[0].json()['id']}", json=stub).status == 200
        full(server.post("/__admin/mappings/import", json={"mappings": [stub] * 2}), "--max-stubs")
        assert server.get("/__admin/mappings").json()["meta"]["total"] == 3

    def test_gates_and_snapshots(self, serve: Serve, tmp_path: Path) -> None:
        """A test that puts them up in a loop is told."""
        server = serve(things(tmp_path), "--max-gates", "2", "--max-snapshots", "2")
        for name in "ab":
            assert server.put(f"/__admin/gates/{name}", json={"path": "/x"}).status == 201
            assert server.put(f"/__admin/snapshots/{name}").status == 201
        full(server.put("/__admin/gates/c", json={"path": "/x"}), "--max-gates")
        full(server.put("/__admin/snapshots/c"), "--max-snapshots")
        assert server.put("/__admin/snapshots/a").status == 200

    @pytest.mark.parametrize("at", ["request", "answer"])
    def test_held_requests(self, serve: Serve, tmp_path: Path, at: str) -> None:
        """One too many is not held but refused, and who gives up makes room."""
        server = serve(things(tmp_path), "--max-held", "2")
        server.put("/__admin/gates/g", json={"operationId": "listThings", "at": at})
        with ExitStack() as stack:
            clients = [stack.enter_context(_asking(server)) for _ in range(2)]
            assert server.get("/__admin/gates/g?waiting=2").status == 200
            full(server.get("/things"), "--max-held")
            clients[0].close()
            assert until(lambda: len(server.get("/__admin/gates/g").json()["waiting"]) == 1)
            with ThreadPoolExecutor(1) as pool:
                late = pool.submit(server.get, "/things")
                assert server.get("/__admin/gates/g?waiting=2").status == 200
                server.post("/__admin/gates/g/release")
                assert late.result(20).status == 200

    def test_sessions(self, serve: Serve, tmp_path: Path) -> None:
        """Sessions are dropped and made again, and the least used goes: a flood of them costs what 5 cost."""
        server = serve(things(tmp_path), "--sessions", "5")
        for number in range(50):
            assert make(server, headers={"Mock-Session": f"s{number}"}).status == 201
        assert len(server.get("/__admin/sessions").json()["sessions"]) == 6


def whole(client: socket.socket) -> bytes:
    """Read until the connection ends, in whichever way."""
    read = bytearray()
    try:
        while data := client.recv(1 << 20):
            read += data
    except ConnectionResetError:
        pass
    return bytes(read)


def _asking(server: Server) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", port(server)), 20)
    client.sendall(b"GET /things HTTP/1.1\r\nHost: a\r\n\r\n")
    return client


class TestUnderWay:
    @pytest.fixture
    def server(self, serve: Serve, tmp_path: Path) -> Server:
        """One that lets 10 MB be under way."""
        return serve(things(tmp_path), "--max-in-flight", "10000000")

    def test_bodies_that_are_not_whole(self, server: Server) -> None:
        """Each client may send so much, all of them together not; who gives up makes room."""
        head = b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"
        with ExitStack() as stack:
            clients = []
            for _ in range(30):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port(server)), 20))
                client.sendall(head + b"x" * 900_000)
                clients.append(client)
            refused = clients[-1].recv(65536)
            assert refused.startswith(b"HTTP/1.1 429 ")
            assert b"--max-in-flight" in refused
            assert b"\r\nRetry-After: 1\r\n" in refused
            assert server.get("/things").status == 200
        assert until(lambda: make(server, "x" * 1_000_000).status == 201)

    def test_what_is_answered_counts_no_more(self, server: Server) -> None:
        """A hundred megabytes one after the other are no flood, over one connection either."""
        body = b"x" * 1_000_000
        one = b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        admin = one.replace(b"/things", b"/__admin/requests/count")
        with socket.create_connection(("127.0.0.1", port(server)), 20) as client:
            for sent in [one, admin] * 30:
                client.sendall(sent)
                assert client.recv(65536)[9:10] == b"4"
        assert make(server, "x" * 1_000_000).status == 201

    def test_answers_that_nobody_reads(self, server: Server) -> None:
        """Who asks for megabytes and does not take them is let go, the slowest first; others are served."""
        ident = make(server, "x" * 9_000_000).headers["Mock-Id"]
        before = memory(server)
        with ExitStack() as stack:
            clients = []
            for _ in range(12):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port(server)), 20))
                client.sendall(f"GET / HTTP/1.1\r\nHost: a\r\nPrefer: replay={ident}\r\n\r\n".encode())
                clients.append(client)
            again = server.get("/", headers={"Prefer": f"replay={ident}"})
            assert len(again.body) > 9_000_000
            assert memory(server) - before < 60
            assert len(whole(clients[0])) < 9_000_000
