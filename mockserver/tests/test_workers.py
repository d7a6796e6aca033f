"""
`serve --workers N`: several processes that look like one.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from mockserver.server.workers import Crew
from mockserver.tests.client import Server
from mockserver.tests.lending import lending
from mockserver.tests.test_cli import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot share a port")


def workers(server: Server) -> list[int]:
    """The process ids of a server's workers."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split()]


def until(done: Callable[[], bool]) -> bool:
    """Ask until it is so, for twenty seconds at the most."""
    pause = threading.Event()
    for _ in range(400):
        if done():
            return True
        pause.wait(0.05)
    return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    """Two workers."""
    document = str(lending(tmp_path_factory.mktemp("workers")).file.parent)
    server = Server(document, "--workers", "2", "--no-reload", headers={"Authorization": "Bearer test-token"})
    yield server
    server.close()


class TestTwo:
    def test_one_ready_line_and_one_state(self, server: Server):
        """Whoever waits for the line can ask; where the state is kept is said, since nobody chose it."""
        assert server.printed.count("mockserver ready on") == 1
        assert "2 workers share their state: --state sqlite:///" in server.log()
        assert len(workers(server)) == 2

    def test_both_answer_from_one_world(self, server: Server):
        """A test must not notice which worker it meets: neither in what is remembered nor in the journal."""
        made = server.post("/books", json={"title": "both"})
        assert made.status == 201
        prefixes = set()
        for _ in range(40):
            found = server.get(f"/books/{made.json()['id']}")
            assert found.json()["title"] == "both"
            ident = found.headers["Mock-Id"]
            prefixes.add(ident[:-8])
            if len(prefixes) == 2:
                break
        assert len(prefixes) == 2, "only one worker has answered"
        assert server.get(f"/__admin/requests/{ident}").status == 200
        assert server.post("/__admin/reset").status == 200
        assert all(server.get(f"/books/{made.json()['id']}").status == 404 for _ in range(6))

    def test_a_dead_worker_is_replaced(self, server: Server):
        """One that was killed costs its own connections and no other; what it acknowledged is there."""
        made = server.post("/books", json={"title": "before"}).json()["id"]
        before = workers(server)
        os.kill(before[0], signal.SIGKILL)
        assert until(lambda: len(workers(server)) == 2 and before[0] not in workers(server))
        assert all(server.get(f"/books/{made}").status == 200 for _ in range(10))
        assert "The worker 0 has ended (SIGKILL); another takes its place." in server.log()


class TestEnd:
    @pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "shutdown"])
    def test_all_of_them(self, serve, tmp_path: Path, how: str):
        """Within five seconds, with the temporary state, and without a traceback."""
        server = serve(str(lending(tmp_path).file.parent), "--workers", "2", "--no-reload")
        pids = workers(server)
        folder = Path(server.log().partition("sqlite:///")[2].partition("/state.db")[0])
        assert folder.is_dir()
        started = time.monotonic()
        if how == "shutdown":
            server.post("/__admin/shutdown")
            assert server.process.wait(10) == 0
        else:
            assert server.stop(getattr(signal, how)) == (130 if how == "SIGINT" else 0)
        assert time.monotonic() - started < 5
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
        assert not folder.exists()
        assert "Traceback" not in server.log()

    @pytest.mark.parametrize("more", [(), ("--workers", "2")])
    def test_whoever_keeps_the_file_locked(self, serve, tmp_path: Path, more: tuple[str, ...]):
        """A program that has left its transaction open holds up neither the end nor the one who waits."""
        state = tmp_path / "state.db"
        server = serve(
            str(lending(tmp_path).file.parent), *more, "--no-reload", "--state", f"sqlite:///{state}"
        )
        assert (made := server.post("/books", json={"title": "first"})).status == 201
        with closing(sqlite3.connect(state, isolation_level=None)) as other, ThreadPoolExecutor() as pool:
            other.execute("BEGIN IMMEDIATE")
            waits = pool.submit(server.post, "/books", json={"title": "second"})
            assert until(lambda: server.get(f"/books/{made.json()['id']}").status == 200)
            with pytest.raises(TimeoutError):
                waits.result(0.3)
            started = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - started < 5
            assert waits.result().status == 503

    def test_the_patience_is_said(self, serve, tmp_path: Path):
        """Who knows that nobody keeps the file for long has his 503 sooner."""
        state = tmp_path / "state.db"
        options = ("--no-reload", "--state", f"sqlite:///{state}", "--state-timeout", "0.2")
        server = serve(str(lending(tmp_path).file.parent), *options)
        with closing(sqlite3.connect(state, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            refused = server.post("/books", json={"title": "second"})
            assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
            assert "for 0.2 seconds" in refused.json()["detail"]

    def test_orphans_end(self, serve, tmp_path: Path):
        """Workers whose parent was killed would keep the port for ever."""
        server = serve(str(lending(tmp_path).file.parent), "--workers", "2", "--no-reload")
        pids = workers(server)
        server.process.kill()
        assert until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_taken_port_is_noticed(server: Server):
    """Sharing a port is for workers of one server; another server's is taken."""
    port = server.url.rpartition(":")[2]
    done = run("serve", "tokfluence", "--workers", "2", "--port", port)
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be opened" in done.stderr
    assert sys.platform == "win32" or "Traceback" not in done.stderr


def test_a_state_that_cannot_be(tmp_path: Path) -> None:
    """One worker finds a newer state: it is said in a line and not by a traceback, as of one process."""
    document, file = str(lending(tmp_path).file.parent), tmp_path / "state.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE mockserver_meta (name TEXT, value TEXT)")
        connection.execute("INSERT INTO mockserver_meta VALUES ('schema', '99')")
        connection.commit()
    done = run("serve", document, "--workers", "2", "--port", "0", "--state", f"sqlite:///{file}")
    assert done.returncode == 2
    assert "a newer mockserver has made it" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_end_before_all_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is asked to end before its workers serve has done what was asked, and has not failed."""
    ended: list[int] = []
    crew = Crew([], lambda *_: 0)
    monkeypatch.setattr(crew, "_end", lambda code: ended.append(code) or code)
    here = threading.get_ident()
    monkeypatch.setattr(crew, "_start", lambda number: signal.pthread_kill(here, signal.SIGTERM))
    crew._sockets = [socket.socket()]
    assert crew.run(lambda: None) == 0
    assert ended == [0]
    crew._sockets[0].close()
