"""
Requests that come at once are kept together: server/grouping.py.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mockserver.exchange import Request, Response
from mockserver.server.answer import Answer
from mockserver.server.keeper import StateGone, unkept
from mockserver.server.shared.database import Database
from mockserver.server.shared.schema import HEAD
from mockserver.server.shared.statements import Statement
from mockserver.tests.states import state_url
from mockserver.tests.test_pipeline import Mock
from mockserver.tests.test_state import TWICE, titles

LAST = Statement(select(HEAD.c.stamp).where(HEAD.c.id == 1))


class Loop:
    """An event loop of which we say when it comes to what was put off."""

    def __init__(self, folder: Path, url: str) -> None:
        self.mock = Mock(folder, {"state": url})
        self.put_off: list[Callable[[], None]] = []
        turns = self.mock.host.keeper.grouped(lambda _, call: self.put_off.append(call), refused)
        assert turns is not None, "what is shared is kept together"
        self.turns = turns
        self.sent: dict[str, int] = {}

    def ask(self, name: str, line: str = "POST /books", body: Any = None) -> int | None:
        """Ask; return the status, None where it is sent later on."""
        method, path = line.split(" ")
        content = json.dumps(body or {"title": name}).encode() if method in ("POST", "PATCH") else b""
        fields = (("authorization", "Bearer test-token"), ("content-type", "application/json"))

        def send(response: Response) -> None:
            self.sent[name] = response.status

        with self.turns.reading():
            response = self.mock.host.handle(Request(method, path, "", fields, content))
        if response.wire is None or response.wire.turn is None:
            return response.status
        self.turns.add(response.wire.turn, send)
        return None

    def step(self) -> None:
        """Do what was put off until now."""
        put_off, self.put_off = self.put_off, []
        for call in put_off:
            call()

    def go_on(self) -> None:
        """Do all that was put off."""
        while self.put_off:
            self.step()


def refused(_: Request, error: Exception) -> Response:
    """The answer to a request of which nothing was kept."""
    return unkept(error) if isinstance(error, StateGone) else Response(500)


@pytest.fixture(params=TWICE)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with state_url(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def loop(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loop]:
    """A loop whose transactions nobody ends but the test: not time, and no thread that looks after things."""
    monkeypatch.setattr("mockserver.server.grouping.SPAN", 3_600.0)
    monkeypatch.setattr("mockserver.server.shared.attending.LATE", 3_600.0)
    made = Loop(tmp_path, url)
    made.mock.host.keeper.drive(lambda *_: None)
    yield made
    made.mock.host.close()


@pytest.fixture
def other(tmp_path: Path, url: str, loop: Loop) -> Iterator[Mock]:
    """Another process's mock on the same database."""
    made = Mock(tmp_path, {"state": url})
    yield made
    made.host.close()


def stamp(url: str) -> int:
    """How many changes there were."""
    database = Database(url)
    try:
        return int(database.run(LAST)[0][0])
    finally:
        database.close()


def seen(mock: Mock) -> list[str]:
    """What *mock* has, once it has looked."""
    mock.host.keeper.fresh()
    return titles(mock)


class TestGroup:
    def test_no_answer_before_the_commit(self, loop: Loop, other: Mock, url: str):
        """Three of one moment are one change, which nobody sees before it is kept, and then all is sent."""
        before = stamp(url)
        assert [loop.ask(name) for name in ("one", "two", "three")] == [None, None, None]
        assert loop.sent == {}
        assert not {"one", "two", "three"} & {*seen(other)}
        loop.go_on()
        assert loop.sent == {"one": 201, "two": 201, "three": 201}
        assert {"one", "two", "three"} <= {*seen(other)}
        assert stamp(url) == before + 1

    def test_who_reads_waits_for_nobody(self, loop: Loop):
        """What waits for its turn has not happened, and nobody tells of it."""
        assert loop.ask("new") is None
        assert loop.ask("list", "GET /books/bk_dune") == 200
        assert loop.ask("refused", body={"title": 7}) == 400
        loop.go_on()
        assert loop.sent == {"new": 201}

    def test_rules_hold_within(self, loop: Loop):
        """Of two that ask for the same unique number in one moment one has it."""
        for name in ("one", "two"):
            assert loop.ask(name, body={"title": name, "isbn": "only"}) is None
        loop.go_on()
        assert sorted(loop.sent.values()) == [201, 409]

    def test_one_may_change_what_another_did(self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch):
        """What is kept is what the last good one has left, also where one in between has failed."""
        finished = Answer.finished

        def bug(answer: Answer, *said: Any) -> Response:
            if b"lost" in answer.request.body:
                raise RuntimeError("a bug")
            return finished(answer, *said)

        monkeypatch.setattr(Answer, "finished", bug)
        for title in ("first", "second", "lost"):
            assert loop.ask(title, "PATCH /books/bk_emma", {"title": title}) is None
        loop.go_on()
        assert loop.sent == {"first": 200, "second": 200, "lost": 500}
        for mock in (loop.mock, other):
            assert {"first", "second", "lost"} & {*seen(mock)} == {"second"}

    def test_whose_turn_it_is_others_wait(self, loop: Loop, other: Mock):
        """While another process changes something the loop goes on: reading is answered, writing waits."""
        with other.host.keeper.writing():
            assert loop.ask("one") is None
            for _ in range(3):
                loop.step()
            assert loop.ask("reader", "GET /books/bk_dune") == 200
            assert loop.sent == {}
        loop.go_on()
        assert loop.sent == {"one": 201}

    def test_nobody_waits_for_ever(self, loop: Loop, other: Mock):
        """Who has waited for too long is told so, and to come again; nothing has happened."""
        with other.host.keeper.writing():
            assert loop.ask("one") is None
            loop.step()
            loop.turns.hurry(0.0)
            loop.step()
        assert loop.sent == {"one": 503}
        assert "one" not in seen(other)
        assert loop.ask("two") is None
        loop.go_on()
        assert loop.sent["two"] == 201

    def test_who_waits_in_a_thread_holds_up_nobody(
        self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch
    ):
        """The admin waits for another process as well, and contract traffic goes on meanwhile."""
        database = loop.mock.host.keeper.database  # type: ignore[attr-defined]
        waits, lock = threading.Event(), database.lock

        def tried() -> int:
            waits.set()
            return int(lock())

        def write() -> None:
            with loop.mock.host.sessions.default.changing() as transaction:
                transaction.put("stubs", "1", {"id": "1", "request": {}, "response": {}})

        monkeypatch.setattr(database, "lock", tried)
        thread = threading.Thread(target=write)
        with other.host.keeper.writing():
            thread.start()
            assert waits.wait(20)
            assert loop.ask("reader", "GET /books/bk_dune") == 200
            assert thread.is_alive()
        thread.join(20)
        other.host.keeper.fresh()
        assert other.host.sessions.default.row("stubs", "1") is not None

    def test_what_was_read_before_its_turn_holds(self, loop: Loop, other: Mock):
        """A request is planned on what is there when its turn has come, not when it was read."""
        assert loop.ask("late", body={"title": "late", "isbn": "only"}) is None
        assert other("POST /books", {"title": "early", "isbn": "only"}).status == 201
        loop.go_on()
        assert loop.sent == {"late": 409}

    def test_a_stub_of_a_scenario_has_its_turn(self, loop: Loop):
        """What moves a scenario changes something though it is a GET: each state is told once."""
        with loop.mock.host.sessions.default.changing() as transaction:
            for state, after, status in (("Started", "second", 210), ("second", "third", 211)):
                stub = {
                    "id": state,
                    "scenarioName": "s",
                    "requiredScenarioState": state,
                    "newScenarioState": after,
                    "request": {"method": "GET", "url": "/books/bk_dune"},
                    "response": {"status": status},
                }
                transaction.put("stubs", state, stub)
        assert [loop.ask(name, "GET /books/bk_dune") for name in ("one", "two")] == [None, None]
        loop.go_on()
        assert sorted(loop.sent.values()) == [210, 211]

    def test_a_new_session_has_its_turn(self, loop: Loop, other: Mock):
        """Making a session changes what is shared; the request that does begins again when its turn comes."""
        request = Request("GET", "/books/bk_dune", "", (("mock-session", "mine"),))
        with loop.turns.reading():
            response = loop.mock.host.handle(request)
        assert response.wire is not None
        assert response.wire.turn is not None
        loop.turns.add(response.wire.turn, lambda known: loop.sent.update(mine=known.status))
        loop.go_on()
        other.host.keeper.fresh()
        assert loop.sent["mine"] in (200, 401)
        assert other.host.sessions.get("mine") is not None

    def test_what_is_not_kept_is_not_acknowledged(
        self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch
    ):
        """Where the commit fails all of them are told, nothing has happened, and on it goes."""
        database = loop.mock.host.keeper.database  # type: ignore[attr-defined]
        assert [loop.ask(name) for name in ("one", "two")] == [None, None]
        with monkeypatch.context() as broken:

            def full() -> None:
                raise StateGone("the disk is full")

            broken.setattr(database, "commit", full)
            loop.go_on()
        assert loop.sent == {"one": 503, "two": 503}
        assert loop.ask("three") is None
        loop.go_on()
        assert loop.sent["three"] == 201
        for mock in (loop.mock, other):
            assert {"one", "two", "three"} & {*seen(mock)} == {"three"}

    def test_one_that_fails_takes_nobody_with_it(
        self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch
    ):
        """A bug in the midst of a request undoes that request; those beside it are kept and sent."""
        finished = Answer.finished

        def bug(answer: Answer, *said: Any) -> Response:
            if b"two" in answer.request.body:
                raise RuntimeError("a bug")
            return finished(answer, *said)

        monkeypatch.setattr(Answer, "finished", bug)
        assert [loop.ask(name) for name in ("one", "two", "three")] == [None, None, None]
        loop.go_on()
        assert loop.sent == {"one": 201, "two": 500, "three": 201}
        for mock in (loop.mock, other):
            assert {"one", "two", "three"} & {*seen(mock)} == {"one", "three"}

    def test_it_is_alone_without_a_loop(self, loop: Loop, other: Mock):
        """Who has no event loop has its answer when it is kept."""
        assert loop.mock("POST /books", {"title": "alone"}).status == 201
        assert "alone" in seen(other)

    def test_others_do_not_wait_for_long(self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch):
        """As long as one transaction is open nobody else can begin: it takes what goes in milliseconds."""
        monkeypatch.setattr("mockserver.server.grouping.SPAN", 0.0)
        assert [loop.ask(name) for name in ("one", "two")] == [None, None]
        while "one" not in loop.sent:
            loop.step()
        assert "two" not in loop.sent
        assert "one" in seen(other)
        loop.go_on()
        assert loop.sent == {"one": 201, "two": 201}
