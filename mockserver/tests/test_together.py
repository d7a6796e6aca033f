"""
Several processes on one database, where one waits for what another does: gates, deliveries, snapshots.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mockserver.tests.catcher import Catcher, catching
from mockserver.tests.client import Answer, Client, Server
from mockserver.tests.states import state_url
from mockserver.tests.test_gates import names, waits
from mockserver.tests.test_webhooks import draft, settled, subscribe
from mockserver.tests.things import things

Serve = Callable[..., Server]
Ask = Callable[..., "Future[Answer]"]
CAMPAIGNS = "telegram-campaigns"


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with state_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with catching() as made:
        yield made


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Ask in another thread."""
    with ThreadPoolExecutor(8) as pool:
        yield lambda client, *args, **options: pool.submit(client.request, *args, **options)


@pytest.fixture
def two(serve: Serve, kept: str, tmp_path: Path) -> tuple[Server, Server]:
    """Two servers that are one."""
    document = things(tmp_path)
    first, second = (serve(document, "--state", kept, "--no-reload") for _ in range(2))
    return first, second


class TestGates:
    def test_a_stale_answer_wins(self, two: tuple[Server, Server], ask: Ask) -> None:
        """A test talks to whichever server it meets: the gate of one holds in the other."""
        here, there = two
        there.put("/__admin/gates/stale", json={"operationId": "listThings", "at": "answer"})
        stale = ask(here, "GET", "/things")
        assert waits(there, "stale", 1) == waits(here, "stale", 1)
        assert there.post("/things", json={"name": "new"}).status == 201
        assert not stale.done()
        there.post("/__admin/gates/stale/release")
        assert "new" not in names(stale.result(20))
        assert "new" in names(here.get("/things"))
        assert there.get("/__admin/gates/stale").json()["waiting"] == []

    def test_in_the_order_that_the_test_says(self, two: tuple[Server, Server], ask: Ask) -> None:
        """Of writers at both, the one that came last is first: each goes on before the next is let go."""
        here, there = two
        here.post("/__admin/gates", json={"name": "writers", "method": "POST", "path": "/things"})
        futures = {}
        for index, name in enumerate("abcdef"):
            futures[name] = ask(two[index % 2], "POST", "/things", json={"name": name})
            ids = waits(here, "writers", index + 1)
        said = here.post("/__admin/gates/writers/release", json={"ids": [ids[3], ids[0]]}).json()
        assert said["released"] == [ids[3], ids[0]]
        there.post("/__admin/gates/writers/release", json={"count": 4, "order": "lifo"})
        made = {name: future.result(20).json()["id"] for name, future in futures.items()}
        assert sorted("abcdef", key=made.__getitem__) == list("dafecb")

    def test_who_is_turned_away(self, two: tuple[Server, Server], ask: Ask) -> None:
        """A reset, and a gate that is taken away, end what waits in other processes as well."""
        here, there = two
        here.post("/__admin/gates", json={"name": "one", "operationId": "listThings"})
        away = ask(here, "GET", "/things")
        waits(there, "one", 1)
        there.post("/__admin/reset")
        assert away.result(20).status == 503
        here.post("/__admin/gates", json={"name": "two", "operationId": "listThings"})
        let = ask(here, "GET", "/things")
        waits(there, "two", 1)
        there.delete("/__admin/gates/two")
        assert let.result(20).status == 200

    def test_who_has_died_waits_no_more(self, two: tuple[Server, Server], ask: Ask) -> None:
        """Its requests are gone with it, and nobody who is let go waits for them."""
        here, there = two
        there.post("/__admin/gates", json={"name": "one", "operationId": "listThings"})
        lost = ask(here, "GET", "/things")
        late = ask(there, "GET", "/things")
        waits(there, "one", 2)
        here.stop(signal.SIGKILL)
        assert lost.exception(20) is not None
        assert len(there.post("/__admin/gates/one/release").json()["released"]) <= 2
        assert late.result(20).status == 200


class TestOneOfMany:
    """What is counted down or moved on by requests is so once for each, whichever server was asked."""

    def together(self, two: tuple[Server, Server], ask: Ask, path: str) -> list[Answer]:
        """Ask both servers at once, eight times in all."""
        futures = [ask(two[index % 2], "GET", path) for index in range(8)]
        return [future.result(20) for future in futures]

    def test_a_scenario(self, two: tuple[Server, Server], ask: Ask) -> None:
        """Of eight requests at once each meets a state of its own."""
        states = ["Started", *"abcdefgh"]
        for state, following in pairwise(states):
            stub = {"scenarioName": "s", "requiredScenarioState": state, "newScenarioState": following}
            stub |= {"request": {"url": "/next"}, "response": {"body": state}}
            assert two[0].post("/__admin/mappings", json=stub).status == 201
        for _ in range(5):
            met = [answer.text for answer in self.together(two, ask, "/next")]
            assert sorted(met) == sorted(states[:-1])
            two[1].post("/__admin/scenarios/reset")

    def test_a_rate(self, two: tuple[Server, Server], ask: Ask) -> None:
        """A bucket of five lets five through."""
        for number in range(5):
            limit = {"operationId": "listThings", "rateLimit": {"requests": 5, "seconds": 10_000}}
            made = two[number % 2].post("/__admin/faults", json=limit).json()
            statuses = sorted(answer.status for answer in self.together(two, ask, "/things"))
            assert statuses == [200] * 5 + [429] * 3
            assert two[0].delete(f"/__admin/faults/{made['id']}").status < 300

    def test_a_fault_for_so_many(self, two: tuple[Server, Server], ask: Ask) -> None:
        """What is armed for three requests is met by three."""
        for _ in range(5):
            armed = {"operationId": "listThings", "prefer": "example=nobody-has-this", "times": 3}
            assert two[0].post("/__admin/faults", json=armed).status == 201
            statuses = [answer.status for answer in self.together(two, ask, "/things")]
            assert sorted(status == 200 for status in statuses) == [False] * 3 + [True] * 5


def test_a_snapshot_is_everybodys(two: tuple[Server, Server]) -> None:
    """Saved by one, seen and restored by another, with rows, stubs and clock."""
    here, there = two
    here.post("/things", json={"name": "mine"})
    here.post("/__admin/mappings", json={"request": {"url": "/x"}, "response": {"status": 207}})
    here.post("/__admin/clock", json={"set": "2030-01-01T00:00:00Z", "freeze": True})
    here.put("/__admin/snapshots/before")
    here.post("/__admin/reset")
    assert there.get("/x").status == 404
    assert there.get("/__admin/snapshots/before/diff").json()["same"] is False
    there.post("/__admin/snapshots/before")
    for one in two:
        assert "mine" in names(one.get("/things"))
        assert one.get("/x").status == 207
        assert one.get("/__admin/clock").json()["now"] == "2030-01-01T00:00:00Z"
    here.delete("/__admin/snapshots/before")
    assert there.post("/__admin/snapshots/before").status == 404


class TestDeliveries:
    def sent(self, catcher: Catcher, count: int) -> list[str]:
        """The names of the campaigns that the receiver was told of, as they came."""
        return [json.loads(catcher.next().body)["data"]["name"] for _ in range(count)]

    def told(self, client: Client) -> list[tuple[str, str]]:
        """What became of each."""
        return [(one["event"], one["state"]) for one in settled(client)]

    @pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
    def test_go_on_after_a_restart(
        self, serve: Serve, kept: str, catcher: Catcher, end: signal.Signals
    ) -> None:
        """What waits, if for another attempt, is sent by the server that comes after, in order."""
        server = serve(CAMPAIGNS, "--state", kept, "--no-reload")
        subscribe(server, url=catcher.url, events=["campaign.created"], attempts=20, backoff=0.2)
        catcher.answers = [503] * 1_000
        for name in "abc":
            draft(server, name)
        assert self.sent(catcher, 2) == ["a", "a"]  # once more, and the others wait behind it
        server.stop(end)
        seen = len(catcher.caught)
        catcher.answers = []
        after = serve(CAMPAIGNS, "--state", kept, "--no-reload")
        assert self.told(after) == [("campaign.created", "delivered")] * 3
        told = [json.loads(one.body)["data"]["name"] for one in catcher.caught[seen:]]
        assert told == ["a", "b", "c"]
        first = catcher.caught[0].headers["webhook-id"]
        assert [one.headers["webhook-id"] for one in catcher.caught[: seen + 1]] == [first] * (seen + 1)

    def test_what_waits_for_the_clock(self, serve: Serve, kept: str, catcher: Catcher) -> None:
        """An hour on the session's clock is an hour, whoever counts it."""
        server = serve(CAMPAIGNS, "--state", kept, "--no-reload")
        subscribe(server, url=catcher.url, events=["campaign.created"], delay=3600)
        draft(server, "late")
        server.stop(signal.SIGKILL)
        after = serve(CAMPAIGNS, "--state", kept, "--no-reload")
        assert self.told(after) == [("campaign.created", "held")]
        after.post("/__admin/clock", json={"advance": "2h"})
        assert self.sent(catcher, 1) == ["late"]

    def test_one_order_whoever_is_asked(self, serve: Serve, kept: str, catcher: Catcher) -> None:
        """Made at two servers in turn, told in that order, each once."""
        servers = [serve(CAMPAIGNS, "--state", kept, "--no-reload") for _ in range(2)]
        subscribe(servers[0], url=catcher.url, events=["campaign.created"])
        made = [f"{number}" for number in range(12)]
        for index, name in enumerate(made):
            draft(servers[index % 2], name)
        assert self.sent(catcher, 12) == made
        assert self.told(servers[1]) == [("campaign.created", "delivered")] * 12
        assert len(catcher.caught) == 12

    def test_another_takes_over(self, serve: Serve, kept: str, catcher: Catcher) -> None:
        """One that was killed leaves its messages to one that lives, though nobody asks that for anything."""
        lives, dies = (serve(CAMPAIGNS, "--state", kept, "--no-reload") for _ in range(2))
        subscribe(dies, url=catcher.url, events=["campaign.created"], attempts=20, backoff=0.2)
        catcher.answers = [503] * 1_000
        for name in "ab":
            draft(dies, name)
        self.sent(catcher, 1)
        dies.stop(signal.SIGKILL)
        seen = len(catcher.caught)
        catcher.answers = []
        while len(catcher.caught) < seen + 2:
            catcher.next()
        told = [json.loads(one.body)["data"]["name"] for one in catcher.caught[seen:]]
        assert told == ["a", "b"]
        assert self.told(lives) == [("campaign.created", "delivered")] * 2


def test_the_workers_of_one_server(serve: Serve, tmp_path: Path, ask: Ask) -> None:
    """Whoever holds the request and whoever is asked to let it go, it goes: eight times."""
    server = serve(things(tmp_path), "--workers", "2", "--no-reload")
    seen: set[Any] = set()
    for number in range(8):
        server.post("/__admin/gates", json={"name": f"g{number}", "operationId": "listThings"})
        held = ask(server, "GET", "/things")
        ids = waits(server, f"g{number}", 1)
        server.post(f"/__admin/gates/g{number}/release")
        assert held.result(20).status == 200
        seen.add(ids[0][:-8])
    assert server.get("/__admin/gates").json()["gates"][0]["passed"] == 1
