"""
The pytest plugin: `def test_x(mockserver): ...` has a server to talk to, and a world of its own there.

One server serves all tests of a process (with pytest-xdist each worker has its own),
and each test gets a session that no other test sees. What is served is said in
pytest.ini or pyproject.toml (`mockserver_specs = openapi.yaml`), on the command line
(`--mockserver-spec`), or by a fixture `mockserver_specs` of one's own.

Whoever has this package installed loads this module with every pytest run: it
imports nothing of the package before a test asks for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.testing.bench import Bench
    from mockserver.testing.server import MockServer


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what says which APIs are served."""
    group = parser.getgroup("mockserver")
    group.addoption(
        "--mockserver-spec",
        action="append",
        default=[],
        metavar="SPEC",
        help="What the fixture `mockserver` serves: a bundled API, an OpenAPI file or a folder. Repeatable.",
    )
    parser.addini("mockserver_specs", "What the fixture `mockserver` serves.", type="args", default=[])


@pytest.fixture(scope="session")
def mockserver_specs(pytestconfig: pytest.Config) -> tuple[str, ...]:
    """Return what is served; files are found from the folder of pytest's configuration."""
    said: list[str] = pytestconfig.getoption("mockserver_spec")
    if said:
        return tuple(said)
    files = [(pytestconfig.rootpath / spec, spec) for spec in pytestconfig.getini("mockserver_specs")]
    return tuple(str(file) if file.exists() else spec for file, spec in files)


@pytest.fixture(scope="session")
def mockserver_server(mockserver_specs: tuple[str, ...]) -> Iterator[MockServer]:
    """Return the server of this process."""
    from mockserver.testing.server import MockServer

    with MockServer(*mockserver_specs) as server:
        yield server


@pytest.fixture
def mockserver(mockserver_server: MockServer, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Return a session of the server that is this test's own, and gone with it."""
    bench = mockserver_server.bench(session_of(request.node.nodeid))
    bench.admin("POST", "sessions", {"name": bench.session})
    yield bench
    mockserver_server.admin("DELETE", f"sessions/{bench.session}")


def session_of(nodeid: str) -> str:
    """Return the session's name for a test: its name as far as that may be one, and what tells it apart."""
    digest = hashlib.sha256(nodeid.encode()).hexdigest()[:8]
    words = re.sub(r"[^A-Za-z0-9._-]+", "-", nodeid.rpartition("::")[2]).strip("-")
    return f"{words[:80]}-{digest}"
