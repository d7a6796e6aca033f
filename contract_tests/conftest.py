"""
The black-box suite: HTTP only, against any base URL.

    pytest contract_tests                                             # our own mock, every bundled API
    pytest contract_tests --api=openapi.yaml                          # our own mock, your document
    pytest contract_tests --api=openapi.yaml --base-url=https://staging.example.org --header 'X-Key: …'

What is sent and what is wrong with an answer is worked out in `mockserver.verify`;
here stands which cases there are, and how pytest shows them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from mockserver.contract.load import load
from mockserver.contract.locate import bundled, locate
from mockserver.contract.model import Contract, Operation
from mockserver.errors import MockserverError
from mockserver.verify.calls import every_call
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.lifecycles import starts
from mockserver.verify.own_mock import own_mock
from mockserver.verify.refusals import wrong_requests
from mockserver.verify.requests import Said, written
from mockserver.verify.target import Target


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "the implementation that is held to its contract")
    with contextlib.suppress(ValueError):  # pytest-base-url has an option of the same name and meaning
        group.addoption("--base-url", default="", metavar="URL", help="Where it stands; else our own mock.")
    group.addoption("--api", default="", metavar="NAME", help="A bundled API's name, a file, or a folder.")
    group.addoption(
        "--header", action="append", default=[], metavar="'K: V'", help="Goes along with every request."
    )
    group.addoption(
        "--data",
        choices=["documented", "own"],
        default="",
        help="Whether the server holds the documents' own data, so that printed values are expected, or its "
        "own. The default is documented for a mockserver that has a behavior.yaml, own for any other.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_HEADERS] = dict(map(_header, config.getoption("header")))
    if config.getoption("api"):
        _subjects(config)  # a typing error is wrong usage, not a test that fails
    if not config.getoption("base_url"):
        return
    if not config.getoption("api"):
        raise pytest.UsageError("--base-url: name the API that stands there, --api=NAME")
    if config.getoption("numprocesses", None):
        raise pytest.UsageError("--base-url: one server is asked one thing after the other; leave -n out")


def pytest_sessionstart(session: pytest.Session) -> None:
    url = session.config.getoption("base_url")
    if not url:
        return
    try:
        trouble = Target(url).reachable()
    except MockserverError as error:
        raise pytest.UsageError(str(error)) from error
    if trouble:
        pytest.exit(f"{url} cannot be reached: {trouble}", returncode=3)


@dataclass(frozen=True, eq=False)
class Subject:
    """One API, its contract, and whether it has rules and data here, from which a printed answer follows."""

    spec: str
    contract: Contract
    has_world: bool


@pytest.fixture(scope="session")
def _targets(pytestconfig: pytest.Config) -> Iterator[Callable[[Subject], Target]]:
    """Find or start the server of a subject; what was started ends with the session."""
    running: dict[str, Target] = {}
    with ExitStack() as stack:

        def get(subject: Subject) -> Target:
            if subject.spec not in running:
                url = pytestconfig.getoption("base_url") or stack.enter_context(own_mock(subject.spec))
                running[subject.spec] = Target(url)
            return running[subject.spec]

        yield get


@dataclass(frozen=True, eq=False)
class Server:
    """
    What a test talks to.

    `printed` says whether the server holds the documents' own data, so that printed values are expected.
    """

    contract: Contract
    target: Target
    headers: dict[str, str]
    printed: bool

    def ask(self, operation: Operation, said: Said) -> Exchanged:
        """Say it with the first account's credentials, and return what was sent and answered."""
        request = written(self.contract, operation, said, headers=self.headers)
        return self.target.send(request, operation.id)

    def judge(self, findings: list[Finding]) -> None:
        """Fail with all that was found, and the calls that show it."""
        if not findings:
            return
        lines = [f"{one.place}: {one.operation}: {one.detail}" for one in findings]
        lines += ["", *(call.curl(self.target.url) for call in findings[0].calls)]
        pytest.fail("\n".join(lines), pytrace=False)


@pytest.fixture
def server(subject: Subject, _targets: Callable[[Subject], Target], pytestconfig: pytest.Config) -> Server:
    """The server of the subject; a mockserver's world is put back to its start first."""
    target = _targets(subject)
    target.reset()
    known = "documented" if subject.has_world and target.is_mock else "own"
    data = pytestconfig.getoption("data") or known
    return Server(subject.contract, target, pytestconfig.stash[_HEADERS], data == "documented")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a case of each subject: `call`, `wrong` and `start` are what a test may ask for."""
    kind = next((name for name in CASES if name in metafunc.fixturenames), "")
    if not kind:
        return
    live = bool(metafunc.config.getoption("base_url"))
    cases = [
        pytest.param(
            subject,
            case,
            id=f"{subject.contract.name}-{getattr(case, 'id', case)}",
            marks=[pytest.mark.skip(reason=case.skip)] if getattr(case, "skip", "") else [],
        )
        for subject in _subjects(metafunc.config)
        for case in sorted(CASES[kind](subject.contract), key=_harm if live else lambda _: 0)
    ]
    nothing = pytest.param(None, None, id="none", marks=pytest.mark.skip(reason=f"no {kind} is documented"))
    metafunc.parametrize(("subject", kind), cases or [nothing])


CASES: dict[str, Callable[[Contract], Iterator[Any]]] = {
    "call": every_call,
    "wrong": wrong_requests,
    "start": starts,
}


def _harm(case: Any) -> int:
    """A server that is not put back between tests is read first, and loses things last."""
    method = getattr(case, "operation", case).method
    return {"GET": 0, "HEAD": 0, "DELETE": 2}.get(method, 1)


def _subjects(config: pytest.Config) -> list[Subject]:
    """Load what is to be held to its contract: what --api names, else all that is bundled."""
    if _SUBJECTS not in config.stash:
        named = config.getoption("api")
        try:
            config.stash[_SUBJECTS] = [
                Subject(spec, load(located.file, name=located.name), located.behavior_file is not None)
                for spec in ([named] if named else bundled())
                for located in [locate(spec)]
            ]
        except MockserverError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_SUBJECTS]


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise pytest.UsageError(f"--header {text!r}: expected 'Name: value'")
    return name.strip().lower(), value.strip()


_SUBJECTS = pytest.StashKey[list[Subject]]()
_HEADERS = pytest.StashKey[dict[str, str]]()
