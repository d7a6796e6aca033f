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
from mockserver.server.shared.database import Database, Statement
from mockserver.server.shared.schema import HEAD
from mockserver.tests.states import state_url
from mockserver.tests.test_pipeline import Mock
from mockserver.tests.test_state import TWICE, titles

LAST = Statement(select(HEAD.c.stamp).where(HEAD.c.id == 1))


class Loop:
    """An event loop of which we say when it comes to what was put off."""

    def __init__(self, folder: Path, url: str) -> None:
        self.mock = Mock(folder, {"state": url})
        self.put_off: list[Callable[[], None]] = []
        group = self.mock.host.keeper.grouped(self.put_off.append, lambda _, error: unkept(error))
        assert group is not None, "what is shared is kept together"
        self.group = group
        self.sent: dict[str, int] = {}

    def ask(self, name: str, line: str = "POST /books", body: Any = None) -> int | None:
        """Ask; return the status, None where it is sent later on."""
        method, path = line.split(" ")
        content = json.dumps(body or {"title": name}).encode() if method == "POST" else b""
        fields = (("authorization", "Bearer test-token"), ("content-type", "application/json"))

        def send(response: Response) -> None:
            self.sent[name] = response.status

        response = self.group.answered(
            self.mock.host.handle, Request(method, path, "", fields, content), send
        )
        return None if response is None else response.status

    def go_on(self) -> None:
        """Do what was put off."""
        while self.put_off:
            self.put_off.pop(0)()


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
        assert (loop.sent, len(loop.put_off)) == ({}, 1)
        assert not {"one", "two", "three"} & {*seen(other)}
        loop.go_on()
        assert loop.sent == {"one": 201, "two": 201, "three": 201}
        assert {"one", "two", "three"} <= {*seen(other)}
        assert stamp(url) == before + 1

    def test_who_reads_waits_for_what_it_tells(self, loop: Loop):
        """An answer may tell of what is not kept yet; without that it leaves at once."""
        assert loop.ask("early", "GET /books/bk_dune") == 200
        assert loop.ask("new") is None
        assert loop.ask("list", "GET /books/bk_dune") is None
        loop.go_on()
        assert loop.sent == {"new": 201, "list": 200}

    def test_rules_hold_within(self, loop: Loop):
        """Of two that ask for the same unique number in one moment one has it."""
        for name in ("one", "two"):
            assert loop.ask(name, body={"title": name, "isbn": "only"}) is None
        loop.go_on()
        assert sorted(loop.sent.values()) == [201, 409]

    def test_what_is_not_kept_is_not_acknowledged(
        self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch
    ):
        """Where the commit fails all of them are told, nothing has happened, and on it goes."""
        database = loop.mock.host.keeper.database  # type: ignore[attr-defined]
        assert [loop.ask(name) for name in ("one", "two")] == [None, None]
        assert loop.ask("reader", "GET /books/bk_dune") is None
        with monkeypatch.context() as broken:

            def full() -> None:
                raise StateGone("the disk is full")

            broken.setattr(database, "commit", full)
            loop.go_on()
        assert loop.sent == {"one": 503, "two": 503, "reader": 503}
        assert loop.ask("three") is None
        loop.go_on()
        assert loop.sent["three"] == 201
        for mock in (loop.mock, other):
            assert {"one", "two", "three"} & {*seen(mock)} == {"three"}

    def test_one_that_fails_takes_nobody_with_it(
        self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch
    ):
        """A bug in the midst of a request undoes that request; those beside it are kept and sent."""
        assert loop.ask("one") is None
        with monkeypatch.context() as broken:

            def bug(*_: object) -> Response:
                raise RuntimeError("a bug")

            broken.setattr(Answer, "finished", bug)
            with pytest.raises(RuntimeError, match="a bug"):
                loop.ask("two")
        assert loop.ask("three") is None
        loop.go_on()
        assert loop.sent == {"one": 201, "three": 201}
        for mock in (loop.mock, other):
            assert {"one", "two", "three"} & {*seen(mock)} == {"one", "three"}

    def test_another_thread_ends_it(self, loop: Loop, other: Mock):
        """Whoever writes meanwhile, or reads in the database, meets what is kept; the answers follow."""
        assert loop.ask("one") is None

        def write() -> None:
            with loop.mock.host.sessions.default.changing() as transaction:
                transaction.put("stubs", "1", {"id": "1", "request": {}, "response": {}})

        thread = threading.Thread(target=write)
        thread.start()
        thread.join(20)
        assert "one" in seen(other)
        assert other.host.sessions.default.row("stubs", "1") is not None
        assert loop.sent == {}
        loop.go_on()
        assert loop.sent == {"one": 201}

    def test_it_is_alone_without_a_loop(self, loop: Loop, other: Mock):
        """Who has no event loop has its answer when it is kept."""
        assert loop.mock("POST /books", {"title": "alone"}).status == 201
        assert "alone" in seen(other)

    def test_others_do_not_wait_for_long(self, loop: Loop, other: Mock, monkeypatch: pytest.MonkeyPatch):
        """As long as one transaction is open nobody else can begin: it takes what comes in milliseconds."""
        assert loop.ask("one") is None
        monkeypatch.setattr("mockserver.server.grouping.SPAN", 0.0)
        assert loop.ask("two") == 201
        assert {"one", "two"} <= {*seen(other)}
        loop.go_on()
        assert loop.sent == {"one": 201}
