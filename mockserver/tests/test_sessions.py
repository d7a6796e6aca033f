from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mockserver.behavior.store import Table, Transaction
from mockserver.server.answer import Answer
from mockserver.server.problems import problem
from mockserver.server.session import Session
from mockserver.server.sessions import BadSession, Sessions
from mockserver.tests.test_pipeline import Mock

LOANS = "GET /loans?page=1"


@pytest.fixture
def mock(tmp_path: Path, state: str) -> Iterator[Mock]:
    made = Mock(tmp_path, {"state": state})
    yield made
    made.host.close()


def ids(mock: Mock, **session: str) -> list[str]:
    """The ids of all loans, page by page."""
    pages = mock(LOANS, **session).json["pages"]
    answers = [mock(f"GET /loans?page={page}", **session).json for page in range(1, pages + 1)]
    return [loan["id"] for answer in answers for loan in answer["loans"]]


class TestWorlds:
    def test_two_sessions_never_meet(self, mock: Mock) -> None:
        """Tests that run side by side would see each other's loans."""
        before = ids(mock)
        made = mock("POST /loans", {"bookId": "bk_ubik"}, mock_session="a").json["id"]
        assert ids(mock, mock_session="a") == [*before, made]
        assert ids(mock, mock_session="b") == before
        assert ids(mock) == before
        assert mock(f"GET /loans/{made}", mock_session="b").status == 404

    def test_a_cookie_names_one_too(self, mock: Mock) -> None:
        """A page under test cannot add a header to every request that the browser makes."""
        made = mock("POST /loans", {"bookId": "bk_ubik"}, mock_session="a").json["id"]
        assert mock(f"GET /loans/{made}", cookie="x=1; Mock-Session=a").status == 200
        assert mock(f"GET /loans/{made}", cookie="Mock-Session=b").status == 404
        assert mock(f"GET /loans/{made}", cookie="Mock-Session=b", mock_session="a").status == 200

    def test_it_begins_as_the_default_one_is_then(self, mock: Mock) -> None:
        """What a suite has set up once is there in each test; what comes later is not."""
        early = mock("POST /loans", {"bookId": "bk_ubik"}).json["id"]
        mock(LOANS, mock_session="a")
        mock(f"POST /loans/{early}/return")
        late = mock("POST /loans", {"bookId": "bk_ubik"}).json["id"]
        assert mock(f"GET /loans/{early}", mock_session="a").json["status"] != "returned"
        assert late not in ids(mock, mock_session="a")

    def test_the_same_in_each(self, mock: Mock) -> None:
        """A test's answers must not depend on which other tests ran before it."""
        one = [mock("POST /loans", {"bookId": "bk_ubik"}, mock_session="a").json for _ in range(3)]
        two = [mock("POST /loans", {"bookId": "bk_ubik"}, mock_session="b").json for _ in range(3)]
        assert one == two

    def test_sixteen_threads_in_sixteen_sessions(self, mock: Mock) -> None:
        """One world each, whoever comes in between."""

        def live(name: str) -> tuple[list[str], list[str]]:
            made: list[str] = []
            for _ in range(12):
                loan = mock("POST /loans", {"bookId": "bk_ubik"}, mock_session=name).json["id"]
                made.append(loan)
                assert mock(f"POST /loans/{loan}/return", mock_session=name).status == 200
            return made, [one for one in ids(mock, mock_session=name) if one in made]

        before = ids(mock)
        with ThreadPoolExecutor(16) as pool:
            lives = list(pool.map(live, [f"test-{number}" for number in range(16)]))
        assert all(made == seen for made, seen in lives)
        assert all(life == lives[0] for life in lives)
        assert ids(mock) == before

    def test_journals_are_their_own(self, mock: Mock) -> None:
        """An answer's id says whose it is, and no other journal has it."""
        first = mock(LOANS, mock_session="a")["mock-id"]
        other = mock(LOANS, mock_session="b")["mock-id"]
        assert first != other
        a, b = (mock.host.sessions.named(name)[0].journal for name in "ab")
        assert [entry.id for entry in a] == [first]
        assert b.get(first) is None
        assert len(mock.host.journal) == 0

    def test_a_kept_answer_is_its_sessions(self, mock: Mock) -> None:
        """What was answered once is answered again from memory only while that very world stands."""
        target = "GET /loans/ln_0007"
        fresh = mock(target, mock_session="a").json["status"]
        mock(target, mock_session="a")
        mock("POST /loans/ln_0007/return", mock_session="b")
        assert mock(target, mock_session="a").json["status"] == fresh
        mock("POST /loans/ln_0007/return", mock_session="a")
        assert mock(target, mock_session="a").json["status"] == "returned"
        mock.host.sessions.drop("a")
        assert mock(target, mock_session="a").json["status"] == fresh

    def test_reset_of_one(self, mock: Mock) -> None:
        """A test that puts its world back must not pull the others' from under them."""
        kept = mock("POST /loans", {"bookId": "bk_ubik"}, mock_session="a").json["id"]
        mock("POST /loans", {"bookId": "bk_ubik"}, mock_session="b")
        b = mock.host.sessions.named("b")[0]
        with b.changing() as transaction:
            transaction.put("stubs", "1", {"id": "1"})
        b.worlds["lending"].clock.advance(3600)
        mock.host.reset(b)
        assert mock(f"GET /loans/{kept}", mock_session="b").status == 404
        assert mock(f"GET /loans/{kept}", mock_session="a").status == 200
        assert b.rows("stubs") == []
        assert b.worlds["lending"].clock.moved == 0
        assert [entry.number for entry in b.journal] == [1]

    def test_edited_files_reach_all(self, mock: Mock) -> None:
        """An edit is served in every session, and each keeps what it remembers."""
        made = mock("POST /loans", {"bookId": "bk_ubik"}, mock_session="a").json["id"]
        mock.host.swap([mock.host.apis[0].again()])
        assert mock(f"GET /loans/{made}", mock_session="a").status == 200
        assert mock(f"GET /loans/{made}").status == 404


class TestNames:
    @pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "x" * 101, "a,b"])
    def test_what_is_no_name(self, mock: Mock, name: str) -> None:
        """A name that would be cut or changed might be another test's."""
        answer = mock(LOANS, mock_session=name)
        assert answer.status == 400
        assert "Mock-Session" in answer.json["detail"]
        assert "letters, digits" in answer.json["detail"]

    def test_what_is_one(self, mock: Mock) -> None:
        """pytest-xdist, UUIDs and file names are written with these."""
        for name in ("x" * 100, "gw0.test_a-b_1", "default"):
            assert mock(LOANS, mock_session=name).status == 200


class TestBounds:
    def make(self, mock: Mock, **options: Any) -> tuple[Sessions, list[float]]:
        """Sessions with a clock that a test moves."""
        time = [0.0]
        return Sessions(mock.host.sessions.default, now=lambda: time[0], **options), time

    def test_the_least_used_goes(self, mock: Mock) -> None:
        """A suite of ten thousand tests must not need ten thousand worlds; who comes back is told."""
        sessions, time = self.make(mock, most=2)
        for name in ("a", "b", "a", "c"):
            time[0] += 1
            sessions.named(name)
        assert [session.name for session in sessions] == ["default", "a", "c"]
        assert list(sessions.dropped) == ["b"]
        time[0] += 1
        _, note = sessions.named("b")
        assert "'b' is a new one: there were more than 2 (--sessions)" in note
        assert list(sessions.dropped) == ["a"]

    def test_pinned_ones_stay(self, mock: Mock) -> None:
        """Somebody works in them by hand; where all are pinned there is no room, and that is said."""
        sessions, time = self.make(mock, most=1, idle=10)
        sessions.fork("a", pinned=True)
        time[0] += 100
        assert sessions.get("a") is not None
        with pytest.raises(BadSession, match="pinned"):
            sessions.named("b")

    def test_time_to_live(self, mock: Mock) -> None:
        """A server that runs for weeks lets go of what nobody uses."""
        sessions, time = self.make(mock, idle=10)
        first, _ = sessions.named("a")
        time[0] += 9
        assert sessions.named("a")[0] is first
        time[0] += 11
        again, note = sessions.named("a")
        assert again is not first
        assert first.gone
        assert "10 seconds" in note

    def test_the_journal_says_it(self, mock: Mock) -> None:
        """Somebody wonders where their loans have gone."""
        mock.host.sessions.most = 1
        for name in ("a", "b", "a"):
            mock(LOANS, mock_session=name)
        (entry,) = mock.host.sessions.named("a")[0].journal
        assert any("'a' is a new one" in note for note in entry.notes)


class TestTables:
    def test_all_or_nothing(self, mock: Mock) -> None:
        """A change that fails half way has not happened."""
        session = mock.host.sessions.default
        with session.changing() as transaction:
            transaction.put("stubs", "1", {"n": 1})
        before = session.version

        def fail() -> None:
            with session.changing() as transaction:
                transaction.put("stubs", "1", {"n": 2})
                transaction.delete("stubs", "1")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert session.rows("stubs") == [("1", {"n": 1})]
        assert session.version == before

    def test_a_fork_has_them_but_for_its_own(self, mock: Mock) -> None:
        """Stubs of the default session are everybody's; who waits at a gate, waits there."""
        session = mock.host.sessions.default
        with session.changing() as transaction:
            transaction.put("stubs", "1", {"n": 1})
            transaction.put("gates", "g", {"n": 1})
        fork, _ = mock.host.sessions.named("a")
        with fork.changing() as transaction:
            transaction.put("stubs", "2", {"n": 2})
        assert [key for key, _ in fork.rows("stubs")] == ["1", "2"]
        assert fork.rows("gates") == []
        assert [key for key, _ in session.rows("stubs")] == ["1"]

    def test_rows_of_an_api_through_the_same_door(self, mock: Mock) -> None:
        """The transaction says what it has written, and the world is another one."""
        session = mock.host.sessions.default
        world = session.worlds["lending"]
        mark, counters = world.mark, world.counters
        with session.changing("lending") as transaction:
            transaction.put("books", "bk_new", {"id": "bk_new"})
        assert list(transaction.written) == [("books", "bk_new")]
        assert world.mark != mark
        assert world.counters["writes"] == counters["writes"] + 1

    def test_counters_are_one_row(self, mock: Mock) -> None:
        """What is kept of a world beside its rows brings it back: its time, its numbers, its writes."""
        world = mock.world
        mock("POST /loans", {"bookId": "bk_ubik"})
        world.clock.advance(60)
        world.clock.freeze()
        row, now, instant = world.counters, world.clock.now, world.clock.instant
        mock.host.reset()
        other = mock.host.worlds["lending"]
        assert other.counters != row
        other.counters = row
        assert (other.clock.now, other.clock.instant, other.clock.by_hand) == (now, instant, True)
        assert other.counters == row


class TestCopies:
    def test_sharing_ends_with_a_change(self) -> None:
        """A copy costs nothing, and neither side sees what the other does, not through an index either."""
        table = Table()
        for key in range(5):
            table.put(key, {"colour": "red"})
        assert table.keys_where("colour", "red") == [0, 1, 2, 3, 4]
        copy = table.copy()
        assert copy.rows is table.rows
        transaction = Transaction({"t": copy})
        transaction.put("t", 1, {"colour": "blue"})
        assert (copy.keys_where("colour", "blue"), table.keys_where("colour", "blue")) == ([1], [])
        table.remove(4)
        table.put(9, {"colour": "red"})
        transaction.delete("t", 0)
        transaction.commit()
        assert copy.keys_where("colour", "red") == [2, 3, 4]
        assert table.keys_where("colour", "red") == [0, 1, 2, 3, 9]
        assert (copy.touched, table.touched) == ({0, 1}, set())


class TestOverrides:
    def test_before_the_contract_and_where_there_is_none(self, mock: Mock) -> None:
        """A stub wins over the contract, in its own session only, and answers for any path."""

        def stub(session: Session, answer: Answer) -> bool:
            if session.row("stubs", answer.request.path) is None:
                return False
            answer.response, answer.source = problem(418, "stubbed"), "case"
            return True

        mock.host.overrides = (stub,)
        assert mock("GET /books/bk_dune", mock_session="a").status == 200
        with mock.host.sessions.named("a")[0].changing() as transaction:
            transaction.put("stubs", "/books/bk_dune", {})
            transaction.put("stubs", "/nowhere", {})
        answer = mock("GET /books/bk_dune", mock_session="a", token=None)
        assert (answer.status, answer["mock-operation"]) == (418, "getBook")
        assert mock("GET /nowhere", mock_session="a").status == 418
        assert mock("GET /books/bk_dune").status == 200
        assert mock("GET /nowhere").status == 404


def test_the_admin_acts_on_the_session_it_names(in_process: Any, tmp_path: Path) -> None:
    """An admin call without a session would look at, and reset, somebody else's world."""
    from mockserver.tests.things import things

    client = in_process(things(tmp_path))
    made = client.post("/things", json={"name": "mine"}, headers={"Mock-Session": "a"}).json()["id"]
    here = {"headers": {"Mock-Session": "a"}}
    assert client.get("/__admin/requests").json()["meta"] == {"total": 0}
    assert client.get("/__admin/requests", **here).json()["meta"] == {"total": 1}
    path = f"/__admin/state/things/things/{made}"
    assert (client.get(path).status, client.get(path, **here).status) == (404, 200)
    client.post("/__admin/reset")
    assert client.get(path, **here).status == 200
    client.post("/__admin/reset", **here)
    assert client.get(path, **here).status == 404
    assert client.get("/__admin/state", headers={"Mock-Session": "no/name"}).status == 400
