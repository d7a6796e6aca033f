from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockserver.server.app import create_app
from mockserver.tests.client import Answer, Client, InProcess, Server
from mockserver.tests.stand_in import read_answer
from mockserver.tests.test_admin_worlds import detail
from mockserver.tests.things import things

LIST = "/things"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server in a process of its own: its event loop must not stand still."""
    server = Server(things(tmp_path_factory.mktemp("gates")))
    yield server
    server.close()


@pytest.fixture(params=["serve", "wsgi"])
def client(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Client:
    """The same through our own door and as a WSGI application, which waits with its thread."""
    if request.param == "wsgi":
        return InProcess(create_app(things(tmp_path)))
    server.reset()
    return Client(server.url)


Ask = Callable[..., "Future[Answer]"]


@pytest.fixture
def ask(client: Client) -> Iterator[Ask]:
    """Ask in another thread."""
    with ThreadPoolExecutor(8) as pool:
        yield lambda method, target, **options: pool.submit(client.request, method, target, **options)
        client.delete("/__admin/gates")


def names(answer: Answer) -> list[str]:
    return [thing["name"] for thing in answer.json()["things"]]


def waits(client: Client, gate: str, count: int) -> list[str]:
    """Wait until *count* wait, and return their ids; nothing sleeps."""
    there = client.get(f"/__admin/gates/{gate}?waiting={count}&timeout=20")
    assert there.status == 200, there
    return [one["id"] for one in there.json()["waiting"]]


class TestRaces:
    @pytest.mark.parametrize("time", ["first", "again"])
    def test_a_stale_answer_wins(self, client: Client, ask: Ask, time: str) -> None:
        """A list is answered, then something is made; the answer from before comes last: each time."""
        client.post("/__admin/gates", json={"name": "stale", "operationId": "listThings", "at": "answer"})
        stale = ask("GET", LIST)
        waits(client, "stale", 1)
        assert client.post("/things", json={"name": "new"}).status == 201
        assert not stale.done()
        client.post("/__admin/gates/stale/release")
        assert "new" not in names(stale.result(20))
        assert "new" in names(client.get(LIST))

    def test_before_anything_happens(self, client: Client, ask: Ask) -> None:
        """Held as a request, it is answered with what holds when it is let go."""
        client.post("/__admin/gates", json={"name": "late", "operationId": "listThings"})
        late = ask("GET", LIST)
        waits(client, "late", 1)
        client.post("/things", json={"name": "new"})
        client.post("/__admin/gates/late/release")
        assert "new" in names(late.result(20))

    def test_in_the_order_that_the_test_says(self, client: Client, ask: Ask) -> None:
        """Two writers: the one that came last is first, by its id or by the order."""
        client.post("/__admin/gates", json={"name": "writers", "method": "POST", "path": "/things"})
        futures = []
        for index, name in enumerate("abcd"):
            futures.append(ask("POST", LIST, json={"name": name}))
            ids = waits(client, "writers", index + 1)
        said = client.post("/__admin/gates/writers/release", json={"ids": [ids[2], ids[0]]}).json()
        assert said["released"] == [ids[2], ids[0]]
        assert [one["id"] for one in said["waiting"]] == [ids[1], ids[3]]
        client.post("/__admin/gates/writers/release", json={"count": 1, "order": "lifo"})
        client.post("/__admin/gates/writers/release")
        made = {name: future.result(20) for name, future in zip("abcd", futures, strict=True)}
        assert [made[name].json()["id"] for name in "cadb"] == [101, 102, 103, 104]
        assert made["c"].headers["Mock-Id"] == ids[2]
        entry = client.get(f"/__admin/requests/{ids[2]}").json()
        assert "waited at the gate 'writers'" in entry["mock"]["notes"]

    def test_open_once_all_are_let_go(self, client: Client, ask: Ask) -> None:
        """The race is over, and the rest of the test must not hang; `keep` keeps the gate shut."""
        client.put("/__admin/gates/g", json={"path": "/things/*"})
        first = ask("GET", "/things/7")
        waits(client, "g", 1)
        assert client.post("/__admin/gates/g/release").json()["open"] is True
        assert first.result(20).status == 200
        assert client.get("/things/7").status == 200
        client.put("/__admin/gates/g", json={"path": "/things/*"})
        second = ask("GET", "/things/7")
        waits(client, "g", 1)
        assert client.post("/__admin/gates/g/release", json={"keep": True}).json()["open"] is False
        assert second.result(20).status == 200

    def test_a_kept_answer_does_not_slip_through(self, client: Client, ask: Ask) -> None:
        """What was answered a moment ago waits as well."""
        for _ in range(3):
            client.get("/things/7")
        client.put("/__admin/gates/g", json={"operationId": "readThing"})
        held = ask("GET", "/things/7")
        waits(client, "g", 1)
        client.delete("/__admin/gates/g")
        assert held.result(20).status == 200
        assert client.get("/__admin/gates").json() == {"gates": []}


class TestEnds:
    def test_reset_turns_them_away(self, client: Client, ask: Ask) -> None:
        """Who waits when a test ends must not write into the next one's world."""
        client.put("/__admin/gates/g", json={"method": "POST"})
        held = ask("POST", LIST, json={"name": "too late"})
        waits(client, "g", 1)
        client.post("/__admin/reset")
        assert "reset while this request waited" in detail(held.result(20), 503)
        assert client.get("/__admin/gates").json() == {"gates": []}
        assert client.get("/__admin/state/things").json() == {"/things": 0}

    def test_a_dropped_session_too(self, client: Client, ask: Ask) -> None:
        """And it is that session's gate only."""
        here = {"headers": {"Mock-Session": "a"}}
        client.put("/__admin/gates/g", json={}, **here)
        held = ask("GET", LIST, **here)
        assert client.get("/__admin/gates/g?waiting=1", **here).status == 200
        assert client.get(LIST).status == 200
        client.delete("/__admin/sessions/a")
        assert "dropped" in detail(held.result(20), 503)

    def test_who_gives_up_is_not_there_any_more(self, server: Server) -> None:
        """A client that has gone away is not waited for, and nothing happens for it."""
        server.reset()
        server.put("/__admin/gates/g", json={"method": "POST"})
        address = urlsplit(server.url)
        body = b'{"name": "gone"}'
        with socket.create_connection((address.hostname, address.port), 10) as raw:
            raw.sendall(
                b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            waits(server, "g", 1)
        while server.get("/__admin/gates/g").json()["waiting"]:
            pass  # the server is told by the connection's end, some moment soon
        server.post("/__admin/gates/g/release")
        assert server.get("/__admin/state/things").json() == {"/things": 0}

    def test_thousands_wait(self, server: Server) -> None:
        """None of them holds a thread, and others are answered meanwhile."""
        server.reset()
        server.put("/__admin/gates/g", json={"operationId": "readThing"})
        address = urlsplit(server.url)
        held = []
        for _ in range(900):  # as many files as any machine lets one process open
            raw = socket.create_connection((address.hostname, address.port), 20)
            raw.sendall(b"GET /things/7 HTTP/1.1\r\nHost: a\r\n\r\n")
            held.append(raw)
        waits(server, "g", 900)
        assert server.get("/ping").status == 200
        server.post("/__admin/gates/g/release")
        for raw in held:
            with raw:
                head, body = read_answer(raw)
                assert head.startswith(b"HTTP/1.1 200")
                assert json.loads(body)["id"] == 7


class TestMistakes:
    @pytest.mark.parametrize(
        ("path", "body", "status", "said"),
        [
            ("gates", {"operationId": "readThing"}, 400, "gate: '' is no name"),
            ("gates", {"name": "g", "operationId": "raedThing"}, 400, "Did you mean 'readThing'?"),
            ("gates", {"name": "g", "at": "answr"}, 400, "Did you mean 'answer'?"),
            ("gates", {"name": "g", "oprationId": "x"}, 400, "Did you mean 'operationId'?"),
            ("gates/opne/release", {}, 404, "Did you mean 'open'?"),
            ("gates/open/release", {"count": 1}, 409, "0 wait there, and 1 should go"),
            ("gates/open/release", {"ids": ["x"]}, 404, "Nobody waits there as 'x'"),
            ("gates/open/release", {"ids": [["x"]]}, 400, 'an id is a text, found ["x"]'),
            ("gates/open/release", {"order": "last"}, 400, "fifo, lifo"),
        ],
    )
    def test_each_is_named(self, tmp_path: Path, path: str, body: Any, status: int, said: str) -> None:
        """A gate that holds nothing makes a race that is none."""
        client = InProcess(create_app(things(tmp_path)))
        client.put("/__admin/gates/open", json={})
        assert said in detail(client.post(f"/__admin/{path}", json=body), status)

    def test_nobody_comes(self, tmp_path: Path) -> None:
        """A test that waits for a request which never comes is told so."""
        client = InProcess(create_app(things(tmp_path)))
        client.put("/__admin/gates/g", json={})
        assert "0 of 2 wait" in detail(client.get("/__admin/gates/g?waiting=2&timeout=0"), 408)
        assert "a whole number" in detail(client.get("/__admin/gates/g?waiting=two"), 400)
