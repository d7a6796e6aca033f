"""
The black-box suite: HTTP only, against any base URL.

    pytest contract_tests                                             # our own mock, every bundled API
    pytest contract_tests --api=openapi.yaml                          # our own mock, your document
    pytest contract_tests --api=openapi.yaml --base-url=https://staging.example.org --header 'X-Key: …'

The cases are those of `mockserver verify`, one test each; here stands how pytest
names them, runs them and shows what they find.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from mockserver.contract.locate import bundled, locate
from mockserver.errors import MockserverError
from mockserver.verify.context import Context
from mockserver.verify.findings import Finding
from mockserver.verify.own_mock import own_mock
from mockserver.verify.phases import Case, Checked, phases_of
from mockserver.verify.runner import judged
from mockserver.verify.setup import Wanted, prepared, settle
from mockserver.verify.target import Target

KINDS = {
    "call": "examples",
    "wrong": "examples",
    "start": "examples",
    "resource": "properties",
    "law": "lockstep",
    "walk": "lockstep",
    "telling": "webhooks",
    "values": "examples",
}
"""What a test may ask for -> the phase that has cases of that kind."""

NOWHERE = "http://127.0.0.1:9"
"""Stands for the address of a mock that has not been started yet."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "the implementation that is held to its contract")
    with contextlib.suppress(ValueError):  # pytest-base-url has an option of the same name and meaning
        group.addoption("--base-url", default="", metavar="URL", help="Where it stands; else our own mock.")
    group.addoption("--api", default="", metavar="NAME", help="A bundled API's name, a file, or a folder.")
    for option, text in (
        ("--header", "Goes along with every request."),
        ("--second-header", "Another identity, which must not see what is the first's."),
    ):
        group.addoption(option, action="append", default=[], metavar="'K: V'", help=text)
    group.addoption("--verify-seed", type=int, default=1, metavar="N", help="As --seed of mockserver verify.")
    group.addoption(
        "--verify-profile",
        choices=["smoke", "default", "deep"],
        default="default",
        help="As --profile of mockserver verify.",
    )
    group.addoption(
        "--allow-destructive",
        action="store_true",
        help="Change and delete also what this run did not create.",
    )
    group.addoption(
        "--data",
        choices=["documented", "own"],
        default="",
        help="Whether the server holds the documents' own data, so that printed values are expected, or its "
        "own. The default is documented for a mockserver that has a behavior.yaml, own for any other.",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("api"):
        _subjects(config)  # a typing error is wrong usage, not a test that fails
    if not config.getoption("base_url"):
        return
    if not config.getoption("api"):
        raise pytest.UsageError("--base-url: name the API that stands there, --api=NAME")


def pytest_sessionstart(session: pytest.Session) -> None:
    url = session.config.getoption("base_url")
    if url and (trouble := Target(url).reachable()):
        pytest.exit(f"{url} cannot be reached: {trouble}", returncode=3)


@dataclass(frozen=True, eq=False)
class Subject:
    """One API as it was named, and all that is needed to judge a server of it, at first without one."""

    spec: str
    context: Context

    def cases(self, kind: str) -> list[Case]:
        """Return what there is of a kind; where nothing is put back, what does harm comes last."""
        found = [
            case
            for phase in phases_of([KINDS[kind]])
            for case in phase.cases(self.context)
            if case.kind == kind
        ]
        own = self.context.target.url == NOWHERE
        return found if own else sorted(found, key=lambda case: case.harm)


@pytest.fixture(scope="session")
def _standing(pytestconfig: pytest.Config) -> Iterator[Callable[[Subject], Context]]:
    """Find or start the server of a subject; what was started ends with the session."""
    with ExitStack() as stack:
        settled: set[str] = set()

        def get(subject: Subject) -> Context:
            if subject.context.target.url == NOWHERE:
                subject.context.target = Target(stack.enter_context(own_mock(subject.spec)))
            elif subject.spec not in settled:
                settle(subject.context)
            settled.add(subject.spec)
            return subject.context

        yield get
        for subject in _subjects(pytestconfig):
            if subject.context.record:
                subject.context.tidy()


@pytest.fixture
def judge(subject: Subject, _standing: Callable[[Subject], Context]) -> Callable[[Case], None]:
    """Run a case against the server of the subject; fail with all that was found, and calls that show it."""

    def run(case: Case) -> None:
        context = _standing(subject)
        with _alone(context.target):
            said = judged(context, case)
        found = [one for one in said.events if isinstance(one, Finding)]
        broken = [one for one in found if one.verdict == "finding"]
        if broken:
            lines = [f"{one.place}: {one.operation}: {one.detail}" for one in broken]
            url, secrets = context.target.url, context.secrets
            lines += ["", *(f"{call.curl(url, secrets)}  # {call.answered}" for call in broken[0].calls)]
            pytest.fail("\n".join(lines), pytrace=False)
        if found:
            pytest.skip(f"not seen again: {found[0].detail}")
        checked = [one for one in said.events if isinstance(one, Checked)]
        if said.not_run or not any(one.outcome == "passed" for one in checked):
            pytest.skip(said.not_run or "; ".join(dict.fromkeys(one.why for one in checked)))

    return run


@contextlib.contextmanager
def _alone(target: Target) -> Iterator[None]:
    """
    Keep the workers of `pytest -n` from meeting on a server that has one world for all of them.

    On a mockserver each has a session of its own.
    """
    if target.is_mock:
        yield
        return
    name = hashlib.sha256(target.url.encode()).hexdigest()[:16]
    with open(Path(tempfile.gettempdir()) / f"mockserver-verify-{name}.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test a case of each subject."""
    kind = next((name for name in KINDS if name in metafunc.fixturenames), "")
    if not kind:
        return
    cases = [
        pytest.param(
            subject,
            case,
            id=f"{subject.context.contract.name}-{case}",
            marks=[pytest.mark.skip(reason=case.skip)] if case.skip else [],
        )
        for subject in _subjects(metafunc.config)
        for case in subject.cases(kind)
    ]
    nothing = pytest.param(None, None, id="none", marks=pytest.mark.skip(reason=f"no {kind} is documented"))
    metafunc.parametrize(("subject", kind), cases or [nothing])


def _subjects(config: pytest.Config) -> list[Subject]:
    """Load what is to be held to its contract: what --api names, else all that is bundled."""
    if _SUBJECTS not in config.stash:
        named = config.getoption("api")
        try:
            config.stash[_SUBJECTS] = [_subject(config, spec) for spec in ([named] if named else bundled())]
        except MockserverError as error:
            raise pytest.UsageError(str(error)) from error
    return config.stash[_SUBJECTS]


def _subject(config: pytest.Config, spec: str) -> Subject:
    wanted = Wanted(
        located=locate(spec),
        base_url=config.getoption("base_url") or NOWHERE,
        headers=tuple(config.getoption("header")),
        second_headers=tuple(config.getoption("second_header")),
        phases=tuple(dict.fromkeys(KINDS.values())),
        seed=config.getoption("verify_seed"),
        level=config.getoption("verify_profile"),
        destructive=config.getoption("allow_destructive"),
        data=config.getoption("data"),
    )
    return Subject(spec, prepared(wanted)[0])


_SUBJECTS = pytest.StashKey[list[Subject]]()
