"""
Servers for tests. Nothing here sleeps, and nothing is left running.

**One API over HTTP** (`mockserver/tests/apis/`): name it once in the module, and every
test gets the same server with its world put back to the start.

    API = "lending"                                    # SPEC of `serve`; or a tuple with options

    def test_a_book_can_be_returned_once(api):
        \"\"\"The second return of a book is a conflict.\"\"\"
        first = api.post("/loans/ln_1/return", json={"note": "thanks"})
        assert first.status == 200
        assert first.json()["returnedAt"] is not None
        assert api.post("/loans/ln_1/return").status == 409

`api` sends `Authorization: Bearer test-token` (a module's `HEADERS = {...}` replaces that); one request
takes it away with `headers={"Authorization": None}`. Bodies: `json=`, `form=` (a list repeats the key),
`files={"file": ("a.png", b"...", "image/png")}` (multipart, with `form=` beside it), `body=b"..."`.
Targets go out as written ("%2F" stays). The answer has `.status`, `.headers`, `.body`, `.text`, `.json()`.

**A fresh process** for what a shared one cannot show (start, seeds, options, stopping):

    def test_same_seed_same_bytes(serve):
        one, two = serve("lending", "--seed", "7"), serve("lending", "--seed", "7")
        assert one.get("/books").body == two.get("/books").body

**In this process**, without a socket, through the Flask application (fast, breakpoints work):

    def test_unknown_book(in_process):
        assert in_process("lending").get("/books/none").status == 404
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from mockserver.tests.client import Client, InProcess, Server
from mockserver.tests.states import KINDS, state_url

# What a property test finds, it finds for everybody: the same examples each time, however slow the machine.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

ACCOUNT = {"Authorization": "Bearer test-token"}
"""The first account's credentials (the fixtures of every bundled API list it)."""


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Start `mockserver serve ARGS` as a process; all of them are stopped after the test."""
    started: list[Server] = []

    def start(*args: str, headers: dict[str, str] | None = None) -> Server:
        started.append(Server(*args, headers=ACCOUNT if headers is None else headers))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(params=KINDS)
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty state: what uses it is run with each kind."""
    with state_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def _running() -> Iterator[Callable[[tuple[str, ...]], Server]]:
    """One process for each list of arguments, for the whole session."""
    running: dict[tuple[str, ...], Server] = {}

    def get(args: tuple[str, ...]) -> Server:
        if args not in running:
            running[args] = Server(*args)
        return running[args]

    yield get
    for server in running.values():
        server.close()


@pytest.fixture
def api(request: pytest.FixtureRequest, _running: Callable[[tuple[str, ...]], Server]) -> Client:
    """The server of the module's `API`, shared by the session, its world at the start."""
    wanted = getattr(request.module, "API", None)
    assert wanted, f'{request.module.__name__} must say which API it tests: API = "lending"'
    server = _running((wanted,) if isinstance(wanted, str) else tuple(wanted))
    client = Client(server.url, getattr(request.module, "HEADERS", ACCOUNT))
    client.reset()
    return client


@pytest.fixture
def in_process() -> Iterator[Callable[..., InProcess]]:
    """Make the Flask application for SPECs and keyword options of `create_app`, and a client for it."""
    made: list[Any] = []

    def make(*specs: str, headers: dict[str, str] | None = None, **options: Any) -> InProcess:
        from mockserver.server.app import create_app

        made.append(create_app(*specs, **options))
        return InProcess(made[-1], ACCOUNT if headers is None else headers)

    yield make
    for app in made:
        app.host.close()
