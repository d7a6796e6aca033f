"""
Try the judge on the judged applications.

    python -m mockserver.tests.trying playlists --dialects --seeds 1,2,3
    python -m mockserver.tests.trying messaging --bugs state value

Prints what it misses, and what it accuses a dialect of.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from mockserver.contract.locate import locate
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.tests.judged.switches import served
from mockserver.verify.findings import Finding
from mockserver.verify.runner import cases_of, judged
from mockserver.verify.setup import Wanted, prepared, settle

FIRST, SECOND = "Authorization: Bearer test-token", "Authorization: Bearer other-token"


@dataclass
class Tried:
    """What came of one application: its findings (the first, where it has a bug), in words."""

    name: str
    bug: str
    dialect: str
    seed: int
    findings: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    calls: int = 0
    seconds: float = 0.0


def tried(
    name: str,
    *,
    bug: str = "",
    dialect: str = "",
    seed: int = 1,
    phases: Sequence[str] = (),
    spec: str = "",
    destructive: bool = False,
) -> Tried:
    """Judge the application *name*, with a *bug* until the first finding."""
    known = APPLICATIONS[name]
    dialect = dialect or known.dialects[0]
    result = Tried(name, bug, dialect, seed)
    started = time.monotonic()
    with served(known.make([bug] if bug else [], dialect)) as url:
        located = locate(spec or known.spec)
        told = ((FIRST,), (SECOND,)) if known.told else ((), ())
        wanted = Wanted(located, url, *told, tuple(phases), seed=seed, destructive=destructive)
        context, chosen = prepared(wanted)
        settle(context)
        context.target.settles = 0.0
        for case in (case for phase in chosen for case in cases_of(context, phase)):
            for one in judged(context, case).events:
                if isinstance(one, Finding):
                    (result.findings if one.verdict == "finding" else result.doubts).append(_told(one, url))
            if bug and result.findings:
                break
        result.calls = len(context.record)
    result.seconds = time.monotonic() - started
    return result


def _told(finding: Finding, url: str) -> str:
    calls = "".join(
        f"\n      {call.curl(url)[:300]} -> {call.response.status if call.response else call.trouble}"
        f" {call.response.body[:200].decode('utf-8', 'replace') if call.response else ''}"
        for call in finding.calls
    )
    expected, found = finding.sides()
    said = f"{finding.rule} {finding.operation} {finding.pointer}: {finding.detail}"
    return f"{said}\n      expected {expected[:200]}\n      found {found[:200]}{calls}"


def main() -> int:
    """Try what the command line says; 1 where something is missed or falsely accused."""
    parser = argparse.ArgumentParser(prog="python -m mockserver.tests.trying", description=__doc__)
    parser.add_argument("application", choices=sorted(APPLICATIONS))
    parser.add_argument("--bugs", nargs="*", help="groups or names; all where nothing is said")
    parser.add_argument("--dialects", nargs="*", help="all where nothing is said")
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--phases", default="")
    parser.add_argument("--spec", default="", help="another document, e.g. the contract without its rules")
    parser.add_argument("--allow-destructive", action="store_true", dest="destructive")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--verbose", action="store_true", help="say what convicted each bug, too")
    said = parser.parse_args()
    known = APPLICATIONS[said.application]
    every = {name: group for group, named in known.bugs.items() for name in named}
    names = [
        name
        for name, group in every.items()
        if said.bugs is not None and (not said.bugs or name in said.bugs or group in said.bugs)
    ]
    dialects = [] if said.dialects is None else said.dialects or list(known.dialects)
    seeds = [int(text) for text in said.seeds.split(",")]
    phases = tuple(filter(None, said.phases.split(",")))
    wrong = 0
    with ProcessPoolExecutor(said.jobs, multiprocessing.get_context("spawn")) as pool:
        options = {"phases": phases, "spec": said.spec, "destructive": said.destructive}
        waiting = [
            pool.submit(tried, said.application, bug=name, seed=seed, **options)
            for name in names
            for seed in seeds
        ] + [
            pool.submit(tried, said.application, dialect=one, seed=seed, **options)
            for one in dialects
            for seed in seeds
        ]
        for done in as_completed(waiting):
            result = done.result()
            wrong += bool(result.bug) != bool(result.findings)
            _print(result, said.verbose)
    print(f"{len(waiting) - wrong} of {len(waiting)} verdicts on {said.application} are right")
    return 1 if wrong else 0


def _print(result: Tried, verbose: bool) -> None:
    cost = f"{result.calls} calls, {result.seconds:.1f} s"
    if not result.bug:
        print(f"{result.dialect} seed {result.seed}: {len(result.findings)} false alarms, {cost}", flush=True)
        for one in result.findings:
            print(f"    {one}", flush=True)
    elif not result.findings:
        print(f"missed {result.bug} seed {result.seed}, {cost}", *result.doubts[:2], flush=True)
    elif verbose:
        print(f"{result.bug}: {result.findings[0].splitlines()[0]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
