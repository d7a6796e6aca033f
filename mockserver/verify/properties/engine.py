"""
schemathesis as an engine: a configuration in, scenarios with their calls and failed checks out.

The only module that knows it. Its traps, and what is done about them:

- A schemathesis.toml that happens to lie around is not read: the configuration is given.
- Credentials go through the configuration. Per call they look generated to `ignored_auth`.
- A time limit would make it repeat its phases until the time is over: it is stopped from here.
- "\\x00" in texts is not drawn: a server that stores text may refuse it (PostgreSQL does).
- Numbers that have no sum are not drawn: see `magnitudes`.
- It draws dates of any year. How a server writes the year 590, or whether it takes it, is in no contract.
- Its report of a run needs TraceCov, and its curl lines hide what is needed: both are made here.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import HookExecutionError, LoaderError, NoLinksFound, SchemathesisError
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import Request as Sent
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

from mockserver.contract.model import Contract, Operation
from mockserver.exchange import Request, Response
from mockserver.verify.findings import Exchanged
from mockserver.verify.properties.magnitudes import interoperable

EXAMPLES = {"smoke": 4, "default": 10, "deep": 100}
"""Level -> random examples of each operation, besides those of its coverage phase."""

WALKS = {"smoke": 3, "default": 8, "deep": 60}
STEPS = {"smoke": 4, "default": 6, "deep": 10}
"""Level -> walks along the links, and calls in each."""

UNDECLARED = ("get", "put", "post", "delete", "patch", "trace")
HARMLESS = ("get", "trace")
"""Methods that are tried where they are not declared: all, and those that change nothing."""

_OURS = frozenset({"user-agent", "x-schemathesis-testcaseid", "accept-encoding", "connection"})
"""Fields that its client adds: no part of what is asked."""


_DAYS = strategies.dates(date(1970, 1, 1), date(2199, 12, 31)).map(str)
_TIMES = strategies.times().map(lambda time: time.isoformat())
_ZONES = strategies.sampled_from(("Z", "Z", "+00:00", "+05:30", "-08:00", "+14:00"))

schemathesis.openapi.format("date", _DAYS)
schemathesis.openapi.format("date-time", strategies.builds("{}T{}{}".format, _DAYS, _TIMES, _ZONES))


class Unreadable(Exception):
    """schemathesis cannot read the document; the text says why."""


class NotPermitted(Exception):
    """A request that would change what this run did not make; it is not sent."""


@dataclass(frozen=True)
class Failed:
    """One failed check: its name, its message, the call that it is about, and those that led there."""

    check: str
    message: str
    call: Exchanged
    before: tuple[Exchanged, ...] = ()


@dataclass(frozen=True)
class Scenario:
    """
    What happened in one scenario.

    Attributes:
        phase: schemathesis' name of its phase.
        operation: The operation's label; "" for a walk over several.
        calls: In order, each with its operation's label.
        checks: (label, check) -> how often it passed.
        failed: Failed checks.
        trouble: Why an operation could not be tested at all, "" where it could.
    """

    phase: str
    operation: str
    calls: tuple[Exchanged, ...] = ()
    checks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    failed: tuple[Failed, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Asked:
    """
    What is asked of the engine.

    Attributes:
        headers: Credentials, and what else goes along.
        keys: Security scheme -> the API key that is shown elsewhere than in a header field.
        permits: Whether a request may be sent, by its label and its path parameters as values.
        noted: Hears of every call at once.
        over: Whether time is over.
        harmless: Whether undeclared methods that change things are left out.
    """

    contract: Contract
    operations: Sequence[Operation]
    base_url: str
    headers: Mapping[str, str]
    keys: Mapping[str, str]
    seed: int
    level: str
    permits: Callable[[str, Mapping[str, Any]], bool]
    noted: Callable[[str, Exchanged], None]
    over: Callable[[], bool]
    timeout: float
    harmless: bool = False


def label_of(operation: Operation) -> str:
    """Return what schemathesis calls an operation."""
    return f"{operation.method} {operation.route.template}"


def scenarios(asked: Asked) -> Iterator[Scenario]:
    """
    Run the coverage, fuzzing and stateful phases over some operations.

    Raises:
        Unreadable: schemathesis cannot read the document.
    """
    schema = _schema(asked)
    with warnings.catch_warnings(), _watched(asked) as stopping:
        warnings.simplefilter("ignore")  # of hypothesis and of its own; what matters is in the events
        stream = from_schema(schema).execute()
        stopping.append(stream.stop)
        for event in stream:
            if isinstance(event, events.FatalError):
                raise Unreadable(f"it failed itself: {event.exception!r:.200}")
            if isinstance(event, events.ScenarioFinished):
                yield _scenario(event, asked.base_url)
            elif isinstance(event, events.NonFatalError) and not _no_trouble(event.value):
                label = event.label if event.related_to_operation else ""
                phase = event.phase.value if event.phase is not None else ""
                yield Scenario(phase, label, trouble=_said(event))


@contextmanager
def _watched(asked: Asked) -> Iterator[list[Callable[[], None]]]:
    """
    Look at every request before it is sent, and at every call that was made.

    Its hooks around a call are global; so they stand for the time of one run. What is yielded holds the
    functions that stop it when time is over.
    """
    stopping: list[Callable[[], None]] = []

    def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
        if asked.over():
            for stop in stopping:
                stop()
        if not asked.permits(case.operation.label, case.path_parameters or {}):
            raise NotPermitted

    def filter_case(_context: Any, case: Any) -> bool:
        return asked.permits(case.operation.label, case.path_parameters or {})

    def after_call(_context: Any, case: Any, response: Any) -> None:
        label = case.operation.label
        sent = Sent.from_prepared_request(response.request)
        asked.noted(label, _exchanged(sent, response, label, asked.base_url))

    def map_case(_context: Any, case: Any) -> Any:
        return interoperable(case)

    hooks = (before_call, filter_case, map_case, after_call)
    for hook in hooks:
        GLOBAL_HOOK_DISPATCHER.register_hook_with_name(hook, hook.__name__)
    try:
        yield stopping
    finally:
        for hook in hooks:
            GLOBAL_HOOK_DISPATCHER.unregister(hook)


def _schema(asked: Asked) -> Any:
    keys = {name: {"api_key": key} for name, key in asked.keys.items()}
    config = SchemathesisConfig.from_dict(
        {
            "seed": asked.seed,
            "base-url": asked.base_url,
            "headers": _as_documented(asked.contract, asked.headers),
            **({"auth": {"openapi": keys}} if keys else {}),
            "continue-on-failure": True,
            "request-timeout": asked.timeout,
            "workers": 1,
            "generation": {
                "database": "none",
                "max-examples": EXAMPLES[asked.level],
                "allow-x00": False,
                "no-shrink": True,
            },
            "checks": {
                # RFC 9110, 10.2.1: which methods are allowed is up to the server, at any time.
                "allow_header_conformance": {"enabled": False},
            },
            "phases": {
                "examples": {"enabled": False},  # ours asks them, with their answers
                "coverage": {"unexpected-methods": list(HARMLESS if asked.harmless else UNDECLARED)},
                "stateful": {
                    "max-steps": STEPS[asked.level],
                    "generation": {"max-examples": WALKS[asked.level]},
                },
            },
            "cache": {"enabled": False},
        }
    )
    try:
        whole = schemathesis.openapi.from_path(asked.contract.file, config=config)
        return whole.include(name=[label_of(one) for one in asked.operations])
    except (LoaderError, SchemathesisError) as error:
        raise Unreadable(" ".join(str(error).split())) from error


def _as_documented(contract: Contract, headers: Mapping[str, str]) -> dict[str, str]:
    """
    Return header fields under the names that security schemes have for them.

    It compares their letters: credentials under "x-api-key" are, to a scheme with "X-API-Key", made up.
    """
    names = {"authorization": "Authorization", "cookie": "Cookie"}
    for scheme in contract.security_schemes.values():
        if scheme.kind == "apiKey" and scheme.location == "header":
            names[scheme.parameter.lower()] = scheme.parameter
    return {names.get(name, name): value for name, value in headers.items()}


def _scenario(event: events.ScenarioFinished, base_url: str) -> Scenario:
    recorder = event.recorder
    calls = {
        case_id: _exchanged(
            one.request, one.response, recorder.cases[case_id].value.operation.label, base_url, one.timestamp
        )
        for case_id, one in recorder.interactions.items()
        if case_id in recorder.cases
    }
    passed: Counter[tuple[str, str]] = Counter()
    failed: list[Failed] = []
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if case_id not in calls:
                continue
            if check.status == Status.SUCCESS:
                passed[calls[case_id].operation, check.name] += 1
            elif check.failure_info is not None:
                failure = check.failure_info.failure
                chain = recorder.iter_chain_cases(
                    case_id=case_id, related_case_ids=failure.related_case_ids()
                )
                before = tuple(calls[one.id] for one in chain if one.id != case_id and one.id in calls)
                message = " ".join(f"{failure.title}: {failure.message}".split())
                failed.append(Failed(check.name, message, calls[case_id], before))
    return Scenario(event.phase.value, event.label or "", tuple(calls.values()), dict(passed), tuple(failed))


def _exchanged(sent: Sent, answer: Any, label: str, base_url: str, at: float = 0.0) -> Exchanged:
    path = sent.uri.removeprefix(base_url.rstrip("/"))
    path, _, query = path.partition("?")
    fields = tuple(
        (name.lower(), value)
        for name, values in sent.headers.items()
        for value in values
        if name.lower() not in _OURS
    )
    request = Request(sent.method.upper(), path or "/", query.partition("#")[0], fields, sent.body or b"")
    if answer is None:
        return Exchanged(request, None, label, "there was none")
    headers = [(name, value) for name, values in answer.headers.items() for value in values]
    response = Response(answer.status_code, headers, answer.content or b"")
    return Exchanged(request, response, label, "", at - answer.elapsed if at else 0.0, answer.elapsed)


def _no_trouble(error: BaseException) -> bool:
    """Whether an error is only that a request was held back, or that there are no links to walk along."""
    if isinstance(error, NoLinksFound):
        return True
    cause = error.__cause__ or getattr(error, "cause", None)
    return isinstance(error, HookExecutionError) and isinstance(cause, NotPermitted)


def _said(event: events.NonFatalError) -> str:
    return " ".join(f"{event.info.title}: {event.info.message or event.value}".split())[:300]
