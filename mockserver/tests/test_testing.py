from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from mockserver import Bench, MockServer
from mockserver.errors import UsageError
from mockserver.testing.bench import AdminError
from mockserver.testing.plugin import session_of
from mockserver.tests.client import Client
from mockserver.tests.lending import lending
from mockserver.tests.things import things


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    folder = tmp_path_factory.mktemp("mock")
    lending(folder)
    with MockServer(str(folder / "lending"), things(folder), seed="7") as server:
        yield server


@pytest.fixture
def bench(mock: MockServer, request: pytest.FixtureRequest) -> Bench:
    return mock.bench(session_of(request.node.nodeid))


def client(bench: Bench) -> Client:
    return Client(bench.url, {**bench.headers, "Authorization": "Bearer test-token"})


class TestServer:
    def test_in_this_process_as_long_as_the_context(self, tmp_path: Path) -> None:
        """No process to start and none to clean up: open, used, gone."""
        with MockServer(things(tmp_path), validate="warn") as server:
            answer = Client(server.url).get("/things?page=none")
            assert (answer.status, answer.headers["Mock-Violations"]) == (200, "1")
            url = server.url
        with pytest.raises(ConnectionRefusedError):
            Client(url).get("/things")

    def test_what_cannot_be_served(self, tmp_path: Path) -> None:
        """It is raised where it is started, and leaves nothing open."""
        with pytest.raises(UsageError, match="no bundled API"), MockServer("nothing-of-that-name"):
            raise AssertionError("it was served")

    def test_importing_the_package_costs_nothing(self) -> None:
        """Every pytest run of who has it installed loads the plugin."""
        script = (
            "import sys, mockserver.testing.plugin\n"
            "print([name for name in sys.modules if name.startswith('mockserver.')])"
        )
        said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert said.stdout.strip() == "['mockserver.testing', 'mockserver.testing.plugin']"


class TestBench:
    def test_what_came(self, bench: Bench) -> None:
        """By method, path, operation, body and fields; a failure shows what did come."""
        client(bench).post("/things/things", json={"name": "a", "status": "new"}, headers={"X-A": "1"})
        client(bench).get("/things/things?page=2")
        (entry,) = bench.assert_called("POST", "/things/things", times=1, json={"name": "a"})
        assert entry["response"]["status"] == 201
        bench.assert_called("GET", "/things/*", headers={"mock-session": bench.session})
        bench.assert_called(operation="listThings", path="/things/things?page=2")
        bench.assert_called("DELETE", times=0)
        with pytest.raises(AssertionError) as caught:
            bench.assert_called("POST", "/things/things", json={"name": "b"})
        assert 'with {"name": "b"} was expected at least once, and came 0 times' in str(caught.value)
        assert 'POST /things/things {"name": "a", "status": "new"} -> 201' in str(caught.value)
        with pytest.raises(AssertionError, match="expected 2 times, and came 1 times"):
            bench.assert_called("POST", times=2)

    def test_a_stub(self, bench: Bench, mock: MockServer) -> None:
        """In this test's world, and in nobody else's."""
        bench.stub("GET", "/weather", json={"degrees": 21}, headers={"X-From": "stub"})
        bench.stub("POST", "/things/things", status=418, body="no")
        bench.stub({"request": {"url": "/whole?a=1"}, "response": {"status": 204}})
        answer = client(bench).get("/weather")
        assert (answer.json(), answer.headers["X-From"]) == ({"degrees": 21}, "stub")
        assert client(bench).post("/things/things", json={"name": "x"}).status == 418
        assert client(bench).get("/whole?a=1").status == 204
        assert client(mock).get("/weather").status == 404

    def test_a_fault_and_a_preference(self, bench: Bench) -> None:
        """For the next request of an operation."""
        bench.fault("reset", times=1, operationId="readThing")
        with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
            client(bench).get("/things/things/7")
        bench.prefer("code=404", times=1, operationId="readThing")
        assert client(bench).get("/things/things/7").status == 404
        assert client(bench).get("/things/things/7").status == 200

    def test_a_gate(self, bench: Bench) -> None:
        """A stale answer comes last, each time."""
        with ThreadPoolExecutor() as pool, bench.gate(operationId="listThings", at="answer") as gate:
            stale = pool.submit(client(bench).get, "/things/things")
            gate.wait()
            client(bench).post("/things/things", json={"name": "Unheard of"})
            assert gate.release() == [stale.result(20).headers["Mock-Id"]]
        assert "Unheard of" not in stale.result().text

    def test_clock_and_state(self, bench: Bench) -> None:
        """A moment and a state on demand; a mistake is told in the server's words."""
        bench.clock.freeze()
        bench.clock.set("2030-01-01T00:00:00Z")
        bench.clock.advance("1h")
        assert bench.clock.now == "2030-01-01T01:00:00Z"
        bench.clock.run()
        bench.state["things/things/7"] = {"id": 7, "name": "seven"}
        assert client(bench).get("/things/things/7").json()["name"] == "seven"
        assert bench.state["things/things/7"]["name"] == "seven"
        bench.save("before")
        del bench.state["things/things/7"]
        assert client(bench).get("/things/things/7").status == 404
        with pytest.raises(KeyError):
            bench.state["things/things/7"]
        bench.restore("before")
        assert client(bench).get("/things/things/7").status == 200
        bench.reset()
        assert bench.state["things"] == {"/things": 0}
        with pytest.raises(AdminError, match="Did you mean 'lending'"):
            bench.state["lendig/books/x"] = {}


TESTS = """
import json
import urllib.request


def call(mock, path, body=None):
    headers = {**mock.headers, "Authorization": "Bearer test-token", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(mock.url + path, data, headers)) as answer:
        return json.load(answer)


class TestAlone:
    def test_one(self, mockserver):
        made = call(mockserver, "/things", {"name": "mine"})
        assert made["id"] == 101
        mockserver.assert_called("POST", "/things", times=1)

    def test_two(self, mockserver):
        assert call(mockserver, "/things", {"name": "mine"})["id"] == 101
        assert call(mockserver, "/things/101")["name"] == "mine"
        mockserver.assert_called("POST", times=1)


def test_frozen(mockserver):
    mockserver.clock.freeze()
    mockserver.stub("GET", "/weather", json={"degrees": 21})
    assert call(mockserver, "/weather") == {"degrees": 21}


def test_nothing_is_left(mockserver_server, mockserver):
    assert len(mockserver_server.admin("GET", "sessions")["sessions"]) == 2
"""


class TestPlugin:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A project that says in its configuration what is served."""
        things(tmp_path)
        (tmp_path / "pytest.ini").write_text("[pytest]\nmockserver_specs = things.yaml\n")
        (tmp_path / "test_sample.py").write_text(TESTS)
        return tmp_path

    def run(self, folder: Path, *args: str) -> Any:
        """Run pytest there, with the plugin also where it is not installed under its name."""
        known = any(point.name == "mockserver" for point in entry_points(group="pytest11"))
        plugin = [] if known else ["-p", "mockserver.testing.plugin"]
        root = str(Path(__file__).resolve().parents[2])
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, *args],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            timeout=120,
        )

    @pytest.mark.parametrize("args", [(), ("-n", "2")], ids=["alone", "xdist"])
    def test_a_world_for_each_test(self, folder: Path, args: tuple[str, ...]) -> None:
        """The same ids in each test, whichever ran before, and on whichever worker."""
        said = self.run(folder, *args)
        assert said.returncode == 0, said.stdout + said.stderr
        assert "4 passed" in said.stdout

    def test_names(self) -> None:
        """Parameters and long names make sessions that are told apart."""
        assert session_of("a.py::T::test_x[a/b ü]").startswith("test_x-a-b-")
        assert session_of("a.py::test_x") != session_of("b.py::test_x")
        assert len(session_of("a.py::test_" + "x" * 300)) <= 100
