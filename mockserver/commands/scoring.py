"""`mockserver verify SPEC --score`: try the judge on mutants of SPEC, and say what it misses."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import click

from mockserver.server.mutants.registry import NOTHING
from mockserver.verify.score import Score, Trying, Verdict, names_of, ruled, spared, unseen, verdicts


def score(trying: Trying, *, least: float, jobs: int, file: str) -> int:
    """Judge every mutant, print what came of it, and return the exit code."""
    names = names_of(trying)
    result = Score(trying.spec, ruled(trying), spared(trying), unseen(trying))
    for count, verdict in enumerate(verdicts(trying, names, jobs), start=1):
        (result.mutants if verdict.bug else result.clean).append(verdict)
        _progress(count, len(names), verdict)
    result.mutants.sort(key=lambda one: names.index(one.bug))
    result.clean.sort(key=lambda one: one.seed)
    for line in _lines(result):
        click.echo(line)
    if file:
        Path(file).write_text(json.dumps(result.json(), indent=2) + "\n")
    good = result.percent >= least and not result.false_alarms
    alarms = len(result.false_alarms)
    told = f"{result.kills} of {len(result.mutants)} mutants convicted ({result.percent:.1f} %,"
    told += f" {least:g} asked for), {alarms} false alarm{'' if alarms == 1 else 's'}"
    told += f" in {len(result.clean)} clean runs"
    click.secho(told, fg="green" if good else "red", bold=True)
    return 0 if good else 1


def _progress(count: int, all_of_them: int, verdict: Verdict) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{count} of {all_of_them} · {verdict.bug or 'clean'}", nl=False, err=True)


def _lines(result: Score) -> list[str]:
    """Return kills by kind and by operation, survivors, and false alarms."""
    lines = [""] if sys.stderr.isatty() else []
    lines += _table("group", result.mutants, lambda one: one.group)
    lines += _table("operation", result.mutants, lambda one: one.operation)
    survivors = [one for one in result.mutants if not one.killed]
    if survivors:
        lines.append(click.style("survivors", bold=True))
        lines += [f"  {one.bug}: {one.about} · {one.why}" for one in survivors]
    if result.spared:
        lines.append(click.style("planted nowhere", bold=True))
        needing = [(name, why) for name, why in result.spared if why != NOTHING]
        lines += [f"  {name}: {why}" for name, why in needing]
        lines.append(f"  {len(result.spared) - len(needing)} kinds: {NOTHING}; see mockserver mutate --list")
    if result.unseen:
        lines.append(click.style("kept and never shown: nothing of it is planted", bold=True))
        lines += [f"  {one}: {', '.join(names) or 'all it changes'}" for one, names in result.unseen]
    if result.false_alarms:
        lines.append(click.style("false alarms", bold=True, fg="red"))
        lines += [f"  {said}" for said in result.false_alarms]
    if result.unkept:
        lines.append(click.style("what the mock does not keep, as nobody wrote rules", bold=True))
        lines += [f"  {said}" for said in dict.fromkeys(said.partition(": ")[2] for said in result.unkept)]
    return lines


def _table(title: str, mutants: list[Verdict], of: Callable[[Verdict], str]) -> list[str]:
    counts: dict[str, list[bool]] = defaultdict(list)
    for one in mutants:
        counts[of(one)].append(one.killed)
    width = max(len(name) for name in counts)
    lines = [click.style(title, bold=True)]
    lines += [f"  {name:{width}}  {sum(killed):3} of {len(killed):3}" for name, killed in counts.items()]
    return lines
