"""
State that lasts: what `--state` promises, with real processes that are killed, and servers side by side.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, update

from mockserver.errors import UsageError
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.shared import schema
from mockserver.server.shared.database import Database
from mockserver.server.shared.schema import ROWS, SESSIONS
from mockserver.server.shared.state import SharedState
from mockserver.server.shared.statements import Statement
from mockserver.server.shared.sweeping import Sweeper
from mockserver.tests.client import Server
from mockserver.tests.lending import lending
from mockserver.tests.states import state_url
from mockserver.tests.test_cli import run
from mockserver.tests.test_pipeline import Mock

Serve = Callable[..., Server]
TWICE = ("sqlite", "postgresql")
READ = Statement(select(schema.HEAD.c.stamp))
RISE = Statement(update(schema.HEAD).where(schema.HEAD.c.id == 1).values(stamp=bindparam("stamp")))


@pytest.fixture(params=TWICE)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with state_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def document(tmp_path: Path) -> str:
    return str(lending(tmp_path).file.parent)


def titles(server: Server | Mock) -> list[str]:
    """The titles of all books that the library has."""
    if isinstance(server, Mock):
        return [row["title"] for row in server.world.tables["books"].rows.values()]
    return [row["title"] for row in server.get("/__admin/state/lending/books").json()]


def kill(server: Server) -> None:
    """Kill a server, its workers first: none of them may say goodbye."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=False
    )
    server.process.send_signal(signal.SIGSTOP)  # it would put others in their place
    for pid in listed.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    server.process.kill()
    server.process.wait()


class TestKilled:
    @pytest.mark.parametrize("workers", ["1", "2"])
    def test_nothing_acknowledged_is_lost(self, serve: Serve, document: str, kept: str, workers: str):
        """Four clients write, the server is killed, three times: what was answered with 201 is there."""
        options = ("--state", kept, "--no-reload", "--workers", workers)
        acknowledged: list[str] = []
        for turn in range(3):
            server = serve(document, *options)
            assert set(acknowledged) <= set(titles(server))
            enough = threading.Event()

            def write(client: int, server=server, turn=turn, enough=enough) -> None:
                for number in range(10_000):
                    title = f"{turn}-{client}-{number}"
                    try:
                        if server.post("/books", json={"title": title}).status != 201:
                            return
                    except (OSError, ValueError):
                        return
                    acknowledged.append(title)
                    if number == 5:
                        enough.set()

            with ThreadPoolExecutor(4) as clients:
                writing = [clients.submit(write, client) for client in range(4)]
                assert enough.wait(60)
                kill(server)
                for one in writing:
                    one.result(60)
        found = titles(serve(document, *options))
        assert set(acknowledged) <= set(found)
        assert len(found) == len(set(found)), "a write was carried out twice"


class TestRestart:
    def test_the_world_goes_on(self, tmp_path: Path, kept: str):
        """Rows, what was deleted, stubs, sessions, snapshots, clock and journal are as they were."""
        one = Mock(tmp_path, {"state": kept})
        made = one("POST /loans", {"bookId": "bk_ubik"}).json["id"]
        one("DELETE /books/bk_dune")
        one("POST /books", {"title": "x"}, mock_session="a")
        with one.host.sessions.default.changing() as transaction:
            transaction.put("stubs", "1", {"id": "1", "request": {}, "response": {}})
        one.host.sessions.default.move(lambda clock: clock.advance(3_600))
        one.host.sessions.save("shot", one.host.sessions.default)
        one.host.sessions.fork("sown").sow("7")
        before = [one.host.sessions.default.state("lending"), one.world.clock.now]
        entries = [entry.id for entry in one.host.journal]
        one.host.close()

        two = Mock(tmp_path, {"state": kept})
        default = two.host.sessions.default
        assert [default.state("lending"), two.world.clock.now] == before
        assert list(default.state("lending")["books"]) == list(before[0]["books"])
        assert default.row("stubs", "1") == {"id": "1", "request": {}, "response": {}}
        assert two(f"GET /loans/{made}").status == 200
        assert "x" in [
            row["title"] for row in two.host.sessions.named("a")[0].state("lending")["books"].values()
        ]
        assert list(two.host.sessions.snapshots) == ["shot"]
        assert two.host.sessions.named("sown")[0].worlds["lending"].seed == "7"
        assert [entry.id for entry in two.host.journal][: len(entries)] == entries
        two.host.close()

    def test_what_time_has_brought(self, tmp_path: Path, kept: str):
        """A GET lets fall due what is due; that has happened, and happens no second time."""
        one = Mock(tmp_path, {"state": kept})
        one.host.sessions.default.move(lambda clock: clock.advance(30 * 86_400))
        one("GET /loans?page=1")
        late = one.host.sessions.default.state("lending")["loans"]
        one.host.close()
        two = Mock(tmp_path, {"state": kept})
        assert two.host.sessions.default.state("lending")["loans"] == late
        two.host.close()

    def test_an_edited_fixture(self, tmp_path: Path, kept: str):
        """Rows that nobody touched are the new fixture's; what was changed stays; and it is said."""
        said: list[str] = []
        one = Mock(tmp_path, {"state": kept, "say": said.append})
        one("POST /books", {"title": "mine"})
        one.host.close()
        assert said == []
        edit = ("title: Emma", "title: Edited")
        two = Mock(tmp_path, {"state": kept, "say": said.append}, data=edit)
        assert "Edited" in titles(two)
        assert "mine" in titles(two)
        assert said == ["lending: its fixture was edited since; what was changed before is laid over it."]
        two.host.close()

    def test_another_seed(self, tmp_path: Path, kept: str):
        """What was changed stays, and that other things are made up now is said."""
        said: list[str] = []
        for seed in ("1", "2"):
            mock = Mock(tmp_path, {"state": kept, "seed": seed, "say": said.append})
            mock("POST /books", {"title": f"of {seed}"})
            found = titles(mock)
            mock.host.close()
        assert {"of 1", "of 2"} <= set(found)
        assert len(said) == 1
        assert "made with the seed '1'" in said[0]


class TestTogether:
    def test_one_world(self, tmp_path: Path, kept: str):
        """What one server is told the other knows at once: rows, sessions, stubs, clock, reset, journal."""
        one, two = (Mock(tmp_path, {"state": kept}) for _ in range(2))
        before = [two("GET /loans", x_request=str(number)).json for number in range(2)]
        made = one("POST /loans", {"bookId": "bk_ubik"})
        assert before[0] == before[1] != two("GET /loans", x_request="2").json == one("GET /loans").json
        assert two(f"GET /loans/{made.json['id']}").json == one(f"GET /loans/{made.json['id']}").json
        two("POST /books", {"title": "here"}, mock_session="s")
        one("GET /loans?page=1", mock_session="s")
        assert one.host.sessions.named("s")[0].state("lending") == two.host.sessions.named("s")[0].state(
            "lending"
        )
        ids = {entry.id for entry in one.host.journal}
        assert ids == {entry.id for entry in two.host.journal}
        assert len(ids) == 7
        one.host.sessions.default.move(lambda clock: clock.advance(60))
        two("GET /loans?page=1")
        assert two.world.clock.now == one.world.clock.now
        two.host.reset()
        assert one(f"GET /loans/{made.json['id']}").status == 404
        one.host.sessions.drop("s", "because")
        two.host.keeper.fresh()
        assert two.host.sessions.get("s") is None
        for mock in (one, two):
            mock.host.close()

    @pytest.mark.parametrize("processes", [("1", "1"), ("2",)], ids=["two servers", "two workers"])
    def test_one_winner(self, serve: Serve, document: str, kept: str, processes: tuple[str, ...]):
        """Eight threads on two processes ask for the same unique number: one has it."""
        servers = [serve(document, "--state", kept, "--no-reload", "--workers", some) for some in processes]
        start = threading.Barrier(8)

        def ask(number: int) -> list[int]:
            found = []
            for title in range(5):
                start.wait(30)
                found.append(
                    servers[number % len(servers)]
                    .post("/books", json={"title": f"{title} of {number}", "isbn": f"only {title}"})
                    .status
                )
            return found

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(ask, range(8)))
        for statuses in zip(*answers, strict=True):
            assert sorted(statuses) == [201] + [409] * 7

    def test_the_line_is_there_when_the_answer_is(self, serve: Serve, document: str, kept: str):
        """Whichever process is asked; also right after one that wrote the line was killed."""
        one, two = (serve(document, "--state", kept, "--no-reload") for _ in range(2))
        for _ in range(20):
            ident = one.get("/books/bk_dune").headers["Mock-Id"]
            assert two.get(f"/__admin/requests/{ident}").status == 200
        one.process.kill()
        assert two.get("/__admin/requests").status == 200


class TestSweeping:
    @pytest.fixture
    def two(self, tmp_path: Path, kept: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Mock]]:
        """Two servers that look only when they are asked to."""
        monkeypatch.setattr("mockserver.server.shared.attending.LATE", 3_600.0)
        mocks = [Mock(tmp_path, {"state": kept}) for _ in range(2)]
        yield mocks
        for mock in mocks:
            mock.host.close()

    def test_what_is_gone_leaves_nothing_behind(self, two: list[Mock], tmp_path: Path, kept: str):
        """Things that come and go do not make a database grow; what was taken from the fixture stays away."""
        one, other = two
        made = one("POST /books", {"title": "short"}).json["id"]
        for ident in (made, "bk_dune"):
            assert one(f"DELETE /books/{ident}").status == 204
        one("GET /books/bk_ubik", mock_session="s")
        one.host.sessions.drop("s", "because")
        for act in ("put", "delete"):
            with one.host.sessions.default.changing() as transaction:
                getattr(transaction, act)("stubs", "1", *([{"id": "1"}] if act == "put" else []))
        other.host.keeper.fresh()
        before = {*gone(kept)}
        sweep(one)
        assert before - {*gone(kept)} == {made, "s", "1"}
        three = Mock(tmp_path, {"state": kept})
        for mock in (one, other, three):
            assert mock(f"GET /books/{made}").status == mock("GET /books/bk_dune").status == 404
            assert mock.world.tables["books"].touched == {"bk_dune"}
            assert mock.host.sessions.get("s") is None
            assert mock.host.sessions.default.rows("stubs") == []
        three.host.close()

    def test_who_has_not_looked_learns_of_it(self, two: list[Mock]):
        """A machine that slept meanwhile takes over everything anew: nobody tells it what is gone."""
        one, other = two
        made = one("POST /books", {"title": "short"}).json["id"]
        assert other(f"GET /books/{made}").status == 200
        assert one(f"DELETE /books/{made}").status == 204
        sweep(one)
        assert other(f"GET /books/{made}").status == 404
        assert other("POST /books", {"title": "next"}).status == 201
        one.host.keeper.fresh()
        assert titles(one) == titles(other)

    def test_who_waited_in_a_process_that_died(self, two: list[Mock], monkeypatch: pytest.MonkeyPatch):
        """Its row goes, though nobody opens that gate; who waits in one that lives goes on waiting."""
        one, _ = two
        default = one.host.sessions.default
        monkeypatch.setattr("mockserver.server.shared.sweeping.EVERY", 0.0)
        assert one.host.keeper.leads(f"waiting:{one.host.keeper.holder}")  # type: ignore[attr-defined]
        with default.changing() as transaction:
            for ident, holder in (("1", "dead"), ("2", one.host.keeper.holder)):  # type: ignore[attr-defined]
                row = {
                    "gate": "g",
                    "id": ident,
                    "method": "GET",
                    "url": "/",
                    "since": 0.0,
                    "holder": holder,
                    "go": 0,
                }
                transaction.put("waiting", f"{ident}@g", row)
        Sweeper(one.host.keeper).look()  # type: ignore[arg-type]
        assert [key for key, _ in default.rows("waiting")] == ["2@g"]


def sweep(mock: Mock) -> None:
    """Sweep as is done when everybody has looked."""
    keeper = mock.host.keeper
    Sweeper(keeper).sweep(keeper.seen)  # type: ignore[arg-type,attr-defined]


def gone(url: str) -> list[str]:
    """The keys of rows, and the names of sessions, that are kept to say no more than that they are gone."""
    database = Database(url)
    try:
        rows = database.run(Statement(select(ROWS.c.key).where(ROWS.c.value.is_(None))))
        dropped = database.run(Statement(select(SESSIONS.c.name).where(SESSIONS.c.gone == 1)))
        return [*(json.loads(row[0]) for row in rows), *(row[0] for row in dropped)]
    finally:
        database.close()


class TestSchema:
    def test_several_make_it_at_once(self, tmp_path: Path):
        """Workers begin together, and SQLite lets none of them wait for who turns on its log."""
        every = range(4)
        together = threading.Barrier(len(every))

        def made(url: str) -> None:
            database = Database(url)
            together.wait()
            database.create()
            database.close()

        with ThreadPoolExecutor(len(every)) as pool:
            for number in range(20):
                list(pool.map(made, [f"sqlite:///{tmp_path}/{number}.db" for _ in every]))

    def test_a_newer_one_is_refused(self, kept: str):
        """An older mockserver must not write into what it does not understand."""
        database = Database(kept)
        database.create()
        database.connection.execute(schema.META.update().values(value="99"))
        database.close()
        with pytest.raises(UsageError, match=r"a newer mockserver has made it \(schema 99"):
            SharedState(kept)

    def test_an_older_one_is_brought_forward(
        self, tmp_path: Path, kept: str, monkeypatch: pytest.MonkeyPatch
    ):
        """Once, at the start; what it holds stays."""
        one = Mock(tmp_path, {"state": kept})
        one("POST /books", {"title": "old"})
        one.host.close()
        calls: list[object] = []
        monkeypatch.setitem(schema.MIGRATIONS, max(schema.MIGRATIONS) + 1, calls.append)
        for _ in range(2):
            two = Mock(tmp_path, {"state": kept})
            assert "old" in titles(two)
            two.host.close()
        assert len(calls) == 1

    def test_the_first_one_is_brought_forward(
        self, tmp_path: Path, kept: str, monkeypatch: pytest.MonkeyPatch
    ):
        """A database of schema 1, as the last version made it, is served on."""
        with monkeypatch.context() as past:
            for later in [number for number in schema.MIGRATIONS if number > 1]:
                past.delitem(schema.MIGRATIONS, later)
            Database(kept).create()
        mock = Mock(tmp_path, {"state": kept})
        assert mock("GET /books/bk_dune").status == 200
        assert len(list(mock.host.journal)) == 1
        mock.host.close()

    @pytest.mark.parametrize("url", ["nonsense", "oracle://x/y", "sqlite://", "postgresql://127.0.0.1:1/x"])
    def test_wrong_urls(self, url: str):
        """One clear line, before anything is served."""
        with pytest.raises(UsageError, match=r"--state|cannot be used"):
            SharedState(url)


def test_what_json_knows_comes_back(tmp_path: Path, kept: str):
    """Big integers, floats, keys that are numbers, and what is hardly text are as they were."""
    row = {"id": 1, "big": 2**70, "float": 1.0, "nul": "a\0b", "lone": "\ud800", "deep": [{"x": None}]}
    one, two = (SharedStateHolder(tmp_path, kept) for _ in range(2))
    with one.default.changing() as transaction:
        transaction.put("t", 1, row)
        transaction.put("t", "1", {"id": "1"})
        transaction.put("t", 1.0, {**row, "again": True})
    two.host.keeper.fresh()
    assert two.default.rows("t") == one.default.rows("t") == [(1, {**row, "again": True}), ("1", {"id": "1"})]
    for each in (one, two):
        each.host.close()


class SharedStateHolder:
    def __init__(self, folder: Path, url: str) -> None:
        self.host = build_host([lending(folder)], journal=Journal(), state=url)
        self.default = self.host.sessions.default


class TestGone:
    def test_a_database_that_goes_away_and_comes_back(self, tmp_path: Path):
        """503 that says why, no traceback, and on it goes; what was acknowledged is there."""
        with state_url("postgresql", tmp_path) as url, Relay(5432) as relay:
            mock = Mock(tmp_path, {"state": url.replace("127.0.0.1:5432", f"127.0.0.1:{relay.port}")})
            assert mock("POST /books", {"title": "before"}).status == 201
            relay.cut()
            for line, body in (("GET /books/bk_dune", None), ("POST /books", {"title": "lost"})):
                answer = mock(line, body)
                assert answer.status == 503
                assert "which cannot be used now" in answer.json["detail"]
            relay.open()
            seen = [mock("GET /books/bk_dune").status for _ in wait_until(lambda: _up(mock))]
            assert all(status == 200 for status in seen)
            assert mock("POST /books", {"title": "after"}).status == 201
            assert {"before", "after"} <= set(titles(mock))
            assert "lost" not in titles(mock)
            mock.host.close()

    def test_connections_that_are_dropped(self, tmp_path: Path):
        """A database that began again, or a firewall, drops what is idle: nobody is refused for that."""
        with state_url("postgresql", tmp_path) as url, Relay(5432) as relay:
            mock = Mock(tmp_path, {"state": url.replace("127.0.0.1:5432", f"127.0.0.1:{relay.port}")})
            assert mock("POST /books", {"title": "before"}).status == 201
            for number in range(3):
                relay.drop()
                assert mock("GET /books/bk_dune").status == 200
                relay.drop()
                assert mock("POST /books", {"title": f"after {number}"}).status == 201
            assert {"before", "after 0", "after 1", "after 2"} <= set(titles(mock))
            mock.host.close()

    def test_a_database_that_was_put_back(self, tmp_path: Path, kept: str):
        """What it does not have any more, after a backup was restored, is not shown any more either."""
        mock = Mock(tmp_path, {"state": kept})
        assert mock("POST /books", {"title": "before"}).status == 201
        database = Database(kept)
        (stamp,) = database.connection.exec_driver_sql("SELECT stamp FROM mockserver_head WHERE id = 1").one()
        assert mock("POST /books", {"title": "lost"}).status == 201
        with database.connection as connection:
            connection.exec_driver_sql(f"DELETE FROM mockserver_rows WHERE stamp > {stamp}")
            connection.exec_driver_sql(f"UPDATE mockserver_head SET stamp = {stamp} WHERE id = 1")
        assert mock("GET /books/bk_before").status == 200
        assert mock("GET /books/bk_lost").status == 404
        database.close()
        mock.host.close()

    def test_a_file_that_is_taken_away_and_comes_back(self, tmp_path: Path):
        """What stands in a file without a name is lost with the process: nobody is told that it was kept."""
        file = tmp_path / "state.db"
        mock = Mock(tmp_path, {"state": f"sqlite:///{file}"})
        assert mock("POST /books", {"title": "before"}).status == 201
        away = file.rename(tmp_path / "away.db")
        reasons: list[str] = []

        def refused() -> bool:
            answer = mock("POST /books", {"title": "lost"})
            assert answer.status == 503
            reasons.append(answer.json["detail"].partition("now: ")[2])
            return reasons[-1] == "the file is gone"

        assert next(wait_until(refused)) is None
        assert reasons[0] == "the file was taken away, or another put in its place"
        assert reasons[-1] == "the file is gone"
        assert not file.exists(), "an empty one was made"
        away.rename(file)
        assert next(wait_until(lambda: _up(mock))) is None
        assert mock("POST /books", {"title": "after"}).status == 201
        assert {"before", "after"} <= set(titles(mock))
        assert "lost" not in titles(mock)
        mock.host.close()

    def test_who_reads_while_the_disk_is_full(self, tmp_path: Path):
        """What is there can be read where nothing more can be written; with room again all is as before."""
        mock = Mock(tmp_path, {"state": f"sqlite:///{tmp_path / 'state.db'}"})
        assert mock("POST /books", {"title": "before"}).status == 201
        connection = mock.host.keeper.database.connection
        connection.exec_driver_sql("PRAGMA max_page_count = 1")  # as many as there are
        for number in range(3):
            answer = mock("POST /books", {"title": f"lost {number}", "note": "x" * 20_000})
            assert answer.status == 503
            assert "which cannot be changed now: database or disk is full" in answer.json["detail"]
            assert mock("GET /books/bk_before").status == 200
            assert mock(f"GET /books/bk_lost{number}").status == 404
        connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        assert mock("POST /books", {"title": "after"}).status == 201
        assert [title for title in titles(mock) if title in ("before", "after") or "lost" in title] == [
            "before",
            "after",
        ]
        mock.host.close()

    def test_a_disk_that_is_full(self, tmp_path: Path):
        """503 that says why, and what could not be kept is not remembered; with room again on it goes."""
        resource = pytest.importorskip("resource")
        mock = Mock(tmp_path, {"state": f"sqlite:///{tmp_path / 'state.db'}"})
        assert mock("POST /books", {"title": "before"}).status == 201
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        try:
            answer = mock("POST /books", {"title": "lost"})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert answer.status == 503
        assert "which cannot be used now: " in answer.json["detail"]
        assert next(wait_until(lambda: _up(mock))) is None
        assert mock("POST /books", {"title": "after"}).status == 201
        assert {"before", "after"} <= set(titles(mock))
        assert "lost" not in titles(mock)
        mock.host.close()


class TestWal:
    def test_a_head_moves_with_changes_only(self, tmp_path: Path):
        """It stands for the look that each request takes: a change unseen would be an old answer."""
        one, two = (Database(f"sqlite:///{tmp_path / 'state.db'}") for _ in range(2))
        for database in (one, two):
            database.create()
        seen = one.moves()
        two.run(READ)
        assert one.moves() == seen
        two.run(RISE, {"stamp": 7})
        assert one.moves() != seen
        one.lock()
        before = one.moves()
        one.run(RISE, {"stamp": 8})
        one.commit()
        assert one.moved_by_us(before) == one.moves()
        two.run(RISE, {"stamp": 9})
        assert one.moved_by_us(before) is None
        one.close()
        assert two.moves() is not None
        two.close()


def _up(mock: Mock) -> bool:
    return mock("GET /books/bk_dune").status == 200


def wait_until(done: Callable[[], bool]) -> Iterator[None]:
    """Ask until it is so, for ten seconds at the most; then yield once."""
    pause = threading.Event()
    for _ in range(200):
        if done():
            break
        pause.wait(0.05)
    yield


class Relay:
    """Passes bytes on to a port of this machine, until it is cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._pairs: list[socket.socket] = []
        self._up = True
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._listening.close()

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        self._up = False
        self.drop()

    def drop(self) -> None:
        """Break all connections, and take new ones."""
        pairs, self._pairs = self._pairs, []
        for one in pairs:
            with_shutdown(one)
            one.close()

    def open(self) -> None:
        """Pass on again."""
        self._up = True

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            if not self._up:
                near.close()
                continue
            self._pairs.append(near)
            far = socket.create_connection(("127.0.0.1", self._target))
            self._pairs.append(far)
            for source, target in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            with_shutdown(target)
        with_shutdown(target)


def with_shutdown(one: socket.socket) -> None:
    """End a connection in both directions."""
    try:
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        one.close()


def test_the_command_says_what_is_wrong(tmp_path: Path):
    """A file that is no database is one line, not a traceback."""
    (tmp_path / "no.db").write_text("this is no database, it is text" * 100)
    done = run("serve", "tokfluence", "--state", f"sqlite:///{tmp_path / 'no.db'}", "--port", "0")
    assert done.returncode == 2
    assert "no.db" in done.stderr
    assert "Traceback" not in done.stderr
