"""
The judge is tried: how many planted bugs does it convict, and does it acquit the clean server?

Each mutant is served in this process or in one of several, and the first finding
convicts it. It is judged by the smoke profile first, and as thoroughly as was asked
only where that acquits it; the cases about its own operation come first. Both are the
same verdict sooner. What HTTP says is asked over HTTP; else the host is called, which
is the same answer without a socket.

Where nobody wrote rules, the mock itself does not keep all that a judge may ask: what
the clean server is accused of there convicts no mutant, and is told as what it is.

A mutant that survives is a blind spot, or no bug at all: "it never showed" says that
no call of the run was answered otherwise than by the clean server.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import cache
from urllib.parse import urlsplit

from mockserver.contract.locate import locate
from mockserver.errors import UsageError, nearest
from mockserver.exchange import Json, Request, Response
from mockserver.server.admin_guard import Guard
from mockserver.server.door import Door, address_of, bind
from mockserver.server.health import Health
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.mutants.host import MutatedHost
from mockserver.server.mutants.kinds import GROUPS, Bug
from mockserver.server.mutants.registry import bugs, chosen, not_applicable, registry
from mockserver.server.mutants.sight import sight
from mockserver.verify.context import Context, Level
from mockserver.verify.findings import Finding
from mockserver.verify.phases import Case, Phase
from mockserver.verify.runner import cases_of, judged
from mockserver.verify.setup import Wanted, prepared
from mockserver.verify.target import Gone, Target

Identity = tuple[str, str, str]
"""Of a finding: operation, rule, pointer."""

SEEN, NEVER = "it was seen, and passed for good", "it never showed"
"""Of a mutant that survived."""

SEEDS = 3
"""Runs of the clean server."""


@dataclass(frozen=True)
class Trying:
    """
    What is tried.

    Attributes:
        spec: As on the command line.
        per_kind: Operations at which each kind of bug is planted, 0 for all.
        kinds: Names of kinds, or of groups of them; () for all.
        level, phases, outside: As of any run of the judge.
    """

    spec: str
    seed: int = 1
    level: Level = "default"
    phases: tuple[str, ...] = ()
    per_kind: int = 1
    kinds: tuple[str, ...] = ()
    outside: bool = False


@dataclass(frozen=True)
class Verdict:
    """
    What came of one server.

    Attributes:
        bug: "" for the clean one.
        findings: "rule operation pointer: detail"; the first alone, where there was a bug.
        why: Of a bug that survived.
    """

    bug: str
    group: str = ""
    operation: str = ""
    about: str = ""
    seed: int = 1
    findings: tuple[str, ...] = ()
    identities: frozenset[tuple[str, str, str]] = frozenset()
    calls: int = 0
    seconds: float = 0.0
    why: str = ""

    @property
    def killed(self) -> bool:
        """Whether it was convicted."""
        return bool(self.findings)


@dataclass
class Score:
    """
    All verdicts.

    Attributes:
        ruled: Whether somebody wrote the rules that the mock keeps.
        spared: (kind, why) of what is planted nowhere: it would be no bug here, or could not show.
        unseen: (operation, properties of its requests) of which nothing ever shows; () for all it changes.
    """

    api: str
    ruled: bool = True
    spared: list[tuple[str, str]] = field(default_factory=list)
    unseen: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    mutants: list[Verdict] = field(default_factory=list)
    clean: list[Verdict] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many bugs were found."""
        return sum(one.killed for one in self.mutants)

    @property
    def percent(self) -> float:
        """How many of a hundred."""
        return 100 * self.kills / len(self.mutants) if self.mutants else 100.0

    @property
    def false_alarms(self) -> list[str]:
        """What the clean server was accused of, though rules say what it does."""
        return self._accusations if self.ruled else []

    @property
    def unkept(self) -> list[str]:
        """What the clean server was accused of where no rules say what it does."""
        return [] if self.ruled else self._accusations

    @property
    def _accusations(self) -> list[str]:
        return [f"seed {one.seed}: {said}" for one in self.clean for said in one.findings]

    def json(self) -> Json:
        """Return all of it."""
        return {
            "version": 1,
            "api": self.api,
            "kills": self.kills,
            "mutants": len(self.mutants),
            "score": round(self.percent, 1),
            "falseAlarms": self.false_alarms,
            "unkept": self.unkept,
            "notApplicable": dict(self.spared),
            "unseen": {operation: list(names) for operation, names in self.unseen},
            "verdicts": [_shown(one) for one in [*self.clean, *self.mutants]],
        }


def _shown(one: Verdict) -> Json:
    shown = asdict(one)
    del shown["identities"]
    return {**shown, "killed": one.killed}


def ruled(trying: Trying) -> bool:
    """Return whether somebody wrote the rules of what is tried."""
    return locate(trying.spec).behavior_file is not None


def names_of(trying: Trying) -> list[str]:
    """
    Return the bugs to be planted, kind by kind.

    Raises:
        UsageError: There is no such kind, or none applies.
    """
    api = _bench(trying).host.apis[0]
    names: list[str] = []
    for one in trying.kinds:
        if one not in GROUPS and one not in registry():
            raise UsageError(
                f"--bug {one!r}: no kind or group of bugs.{nearest(one, [*GROUPS, *registry()])}"
            )
    for kind in registry().values():
        if trying.kinds and not {kind.name, kind.group} & {*trying.kinds}:
            continue
        found = bugs(api, kind, str(trying.seed))
        names += [str(one) for one in (found[: trying.per_kind] if trying.per_kind else found)]
    if not names:
        raise UsageError(
            f"{trying.spec}: none of these bugs applies; see mockserver mutate {trying.spec} --list"
        )
    return names


def spared(trying: Trying) -> list[tuple[str, str]]:
    """Return (kind, why) of the kinds that are asked for and planted nowhere."""
    api = _bench(trying).host.apis[0]
    asked = [
        kind for kind in registry().values() if not trying.kinds or {kind.name, kind.group} & {*trying.kinds}
    ]
    return [(kind.name, not_applicable(kind)) for kind in asked if not bugs(api, kind, str(trying.seed))]


def unseen(trying: Trying) -> list[tuple[str, tuple[str, ...]]]:
    """Return (operation, properties) of what is kept and never shown: what is wrong with it is no bug."""
    return list(sight(_bench(trying).host.apis[0]).hidden())


def verdicts(trying: Trying, names: Sequence[str], jobs: int = 0) -> Iterator[Verdict]:
    """
    Judge the clean server, then each mutant, and yield what comes of it, in no particular order.

    *jobs*: processes, 0 for one each core; 1 is this one.
    """
    clean = [("", trying.seed + count, frozenset[Identity]()) for count in range(SEEDS)]
    known: set[Identity] = set()
    jobs = jobs or os.cpu_count() or 1
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for tasks in (clean, names):
            mine = [one if isinstance(one, tuple) else (one, trying.seed, frozenset(known)) for one in tasks]
            waiting = [pool.submit(verdict, trying, *task) for task in mine] if jobs > 1 else []
            done = (one.result() for one in as_completed(waiting))
            for one in done if jobs > 1 else (verdict(trying, *task) for task in mine):
                known |= one.identities if not one.bug else frozenset()
                yield one


def verdict(trying: Trying, name: str, seed: int, known: frozenset[Identity] = frozenset()) -> Verdict:
    """Judge one server, the clean one where *name* is ""; what is *known* of it counts for nothing."""
    bench = _bench(trying)
    bug = chosen(bench.host.apis[0], name, str(trying.seed)) if name else None
    bench.host.infect(bug)
    started = time.monotonic()
    found: list[Finding] = []
    said: tuple[str, ...] = ()
    calls = 0
    for level in _levels(trying) if bug is not None else (trying.level,):
        bench.host.reset()
        wanted = Wanted(
            located=locate(trying.spec),
            base_url=bench.url,
            phases=trying.phases,
            seed=seed,
            level=level,
            outside=trying.outside,
        )
        context, phases = prepared(wanted, bench.target(bug))
        try:
            for case in _cases(context, phases, bug):
                events = judged(context, case).events
                findings = [one for one in events if isinstance(one, Finding) and one.verdict == "finding"]
                found += [one for one in findings if one.identity not in known]
                if found and bug is not None:
                    break
        except Gone as error:
            said = (str(error),)
        calls += len(context.record)
        if found or said:
            break
    said = tuple(f"{one.rule} {one.operation} {one.pointer}: {one.detail}" for one in found) or said
    spent = time.monotonic() - started
    if bug is None:
        identities = frozenset(one.identity for one in found)
        return Verdict("", seed=seed, findings=said, identities=identities, calls=calls, seconds=spent)
    return Verdict(
        *(str(bug), bug.kind.group, bug.spot.operation, bug.sentence, seed, said[:1]),
        calls=calls,
        seconds=spent,
        why="" if said else SEEN if bench.host.bites else NEVER,
    )


def _levels(trying: Trying) -> tuple[Level, ...]:
    """Return how thoroughly a mutant is judged, one after the other until one convicts it."""
    return ("smoke", trying.level) if trying.level != "smoke" and not trying.phases else (trying.level,)


def _cases(context: Context, phases: Sequence[Phase], bug: Bug | None) -> Iterator[Case]:
    """Yield the cases phase by phase; those about the operation of a bug first."""
    for phase in phases:
        cases = cases_of(context, phase)
        if bug is not None:
            cases.sort(key=lambda case: all(one.id != bug.spot.operation for one in case.operations))
        yield from cases


# ------------------------------------------------------------------------------------------------- servers


@dataclass
class _Bench:
    host: MutatedHost
    url: str

    def target(self, bug: Bug | None) -> Target:
        """Return what asks the host: over HTTP where the bug is one of HTTP."""
        over_http = bug is not None and bug.kind.group == "protocol"
        return Target(self.url) if over_http else _Here(self.url, self.host)


class _Here(Target):
    """Asks a host in this process. What goes another way than through here (schemathesis) goes over HTTP."""

    def __init__(self, url: str, host: MutatedHost) -> None:
        super().__init__(url, self._started_anew)
        self._host_here = host
        self._at = urlsplit(url).netloc
        self.__dict__.update(is_mock=True, takes_anybody=False, headers={})

    def _started_anew(self) -> bool:
        self._host_here.reset()
        return True

    def _send(self, method: str, target: str, request: Request, timeout: float) -> Response:
        del timeout
        path, _, query = target.partition("?")
        fields = [("host", self._at), *request.headers]
        if request.body or method in ("POST", "PUT", "PATCH"):
            fields.append(("content-length", str(len(request.body))))
        answer = self._host_here.handle(Request(method, path, query, tuple(fields), request.body))
        body = b"" if method == "HEAD" or answer.status in (204, 304) else answer.body
        return Response(answer.status, list(answer.headers), body)


@cache
def _bench(trying: Trying) -> _Bench:
    """Return a server of this process, which stays until the process ends."""
    host = build_host(
        [locate(trying.spec)], journal=Journal(), auth="listed", outside=trying.outside, make=MutatedHost
    )
    assert isinstance(host, MutatedHost)
    return _Bench(host, _opened(host))


def _opened(host: MutatedHost) -> str:
    """Open a door onto *host* in a thread, which ends with the process; return its URL."""
    listening = bind("127.0.0.1", 0)

    def application() -> object:
        from mockserver.server.app import MockApp

        return MockApp(host, cors=False, guard=Guard(), shutdown=door.stop)

    door = Door(
        host.handle,
        Health(host, Guard()),
        application,  # type: ignore[arg-type]
        listening.getsockname()[:2],
        cors=False,
    )
    ready = threading.Event()
    thread = threading.Thread(target=door.run, args=([listening], ready.set), daemon=True, name="mutant")
    thread.start()
    ready.wait(10)
    return address_of(listening)
