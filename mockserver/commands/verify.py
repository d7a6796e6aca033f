"""`mockserver verify`: hold an implementation to its contract."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.commands.serve import OUTSIDE
from mockserver.contract.locate import locate
from mockserver.errors import UsageError
from mockserver.server.loopback import is_loopback

if TYPE_CHECKING:
    from mockserver.verify.report import Report

NOTHING_RAN = 2
UNREACHABLE = 3

OUTPUT = click.Path(path_type=Path, dir_okay=False)


def _catcher(_context: click.Context, _option: click.Parameter, said: str) -> str:
    host, _, port = said.rpartition(":")
    if said and not (is_loopback(host) and port.isdecimal()):
        raise UsageError(f"--catcher {said}: expected HOST:PORT on this machine, as in 127.0.0.1:9100")
    return said


@click.command(
    "verify",
    epilog="""\b
Examples:
  mockserver verify openapi.yaml --base-url http://127.0.0.1:9000
  mockserver verify openapi.yaml --base-url https://staging.example.org/v2 --header 'Authorization: Bearer …'
  mockserver verify openapi.yaml --base-url http://127.0.0.1:9000 --phases examples --seed 7
""",
)
@click.argument("spec", metavar="SPEC")
@click.option("--base-url", default="", metavar="URL", help="Where the contract's paths begin.")
@click.option("--header", "headers", multiple=True, metavar="'K: V'", help="Goes along with every request.")
@click.option(
    "--second-header",
    "second_headers",
    multiple=True,
    metavar="'K: V'",
    help="Another identity, which must not see what is the first's.",
)
@click.option(
    "--phases", default="", metavar="A,B", help="What is asked; all that the profile has by default."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="N")
@click.option(
    "--profile",
    type=click.Choice(["smoke", "default", "deep"]),
    default="default",
    show_default=True,
    help="How thoroughly.",
)
@click.option(
    "--max-time", type=click.FloatRange(0, min_open=True), metavar="S", help="Seconds, a hard bound."
)
@click.option("--shard", default="", metavar="I/N", help="Part I of N: every operation is in exactly one.")
@click.option(
    "--allow-destructive", is_flag=True, help="Change and delete what this run did not create, too."
)
@click.option(
    "--data",
    type=click.Choice(["documented", "own"]),
    help="Whether the server holds the documents' own data, so that printed values are expected.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="S",
    help="Seconds that an answer may take.",
)
@click.option("--reset-url", default="", metavar="URL", help="POSTed to put the server's world back.")
@click.option("--reset-command", default="", metavar="C", help="Run to put the server's world back.")
@click.option(
    "--catcher",
    default="",
    metavar="HOST:PORT",
    callback=_catcher,
    help="Where the implementation was told to send its webhooks, on this machine.",
)
@click.option("--webhook-secret", default="", metavar="S", help="With which the implementation signs them.")
@click.option("--junit", type=OUTPUT, metavar="F", help="One case for each operation and check.")
@click.option("--html", type=OUTPUT, metavar="F", help="One page, which needs no network.")
@click.option("--json", "as_json_file", type=OUTPUT, metavar="F", help="Everything, versioned.")
@click.option("--sarif", type=OUTPUT, metavar="F", help="SARIF 2.1.0, for code scanning.")
@click.option("--har", type=OUTPUT, metavar="F", help="Every call.")
@click.option("--github", is_flag=True, help="Annotate the contract's lines. Automatic in GitHub Actions.")
@click.option("--baseline", type=OUTPUT, metavar="F", help="Findings that are known, and do not count.")
@click.option("--baseline-update", is_flag=True, help="Write what is found into the baseline.")
@click.option(
    "--min-coverage", type=click.FloatRange(0, 100), metavar="P", help="Fail below P % of documented answers."
)
@click.option(
    "--fail-on",
    type=click.Choice(["finding", "unstable", "never"]),
    default="finding",
    show_default=True,
    help="The least that makes the exit code 1.",
)
@OUTSIDE
@click.option(
    "--score", "scoring", is_flag=True, help="Judge mutants of the mock in place of URL: see mutate."
)
@click.option(
    "--min-score",
    type=click.FloatRange(0, 100),
    default=95.0,
    show_default=True,
    metavar="PERCENT",
    help="With --score: how many mutants have to be convicted.",
)
@click.option(
    "--per-kind",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    metavar="N",
    help="With --score: operations at which each kind of bug is planted; 0: all.",
)
@click.option(
    "--jobs", type=click.IntRange(0), default=0, metavar="N", help="With --score: processes; 0: one a core."
)
@click.option(
    "--bug",
    "bugs",
    multiple=True,
    metavar="KIND|GROUP",
    help="With --score: only these; may be given several times.",
)
def command(**said: Any) -> int:
    """
    Hold the implementation at URL to the contract SPEC.

    Exit codes: 0 it keeps it · 1 findings · 2 wrong usage, or nothing ran · 3 it cannot be reached.
    """
    if said["scoring"]:
        return _score(
            said["spec"],
            said["base_url"],
            said["seed"],
            said["profile"],
            said["phases"],
            said["outside"],
            said["min_score"],
            said["per_kind"],
            said["jobs"],
            said["bugs"],
            said["as_json_file"],
        )
    if not said["base_url"]:
        raise UsageError("verify: --base-url says where the implementation is; --score needs none")
    from mockserver.verify import baseline
    from mockserver.verify.reports.output import Outputs, written
    from mockserver.verify.reports.terminal import Live, lines
    from mockserver.verify.runner import run
    from mockserver.verify.setup import Wanted, prepared, settle

    if said["baseline_update"] and said["baseline"] is None:
        raise UsageError("--baseline-update needs --baseline F")
    known = baseline.read(said["baseline"]) if said["baseline"] is not None else []
    wanted = Wanted(
        located=locate(said["spec"]),
        base_url=said["base_url"],
        headers=said["headers"],
        second_headers=said["second_headers"],
        phases=tuple(filter(None, said["phases"].split(","))),
        seed=said["seed"],
        level=said["profile"],
        max_time=said["max_time"],
        shard=said["shard"],
        destructive=said["allow_destructive"],
        data=said["data"] or "",
        timeout=said["timeout"],
        reset_url=said["reset_url"],
        reset_command=said["reset_command"],
        outside=said["outside"],
        catcher=said["catcher"],
        webhook_secret=said["webhook_secret"],
    )
    context, phases = prepared(wanted)
    trouble = context.target.reachable()
    if trouble:
        click.secho(f"mockserver: {wanted.base_url} cannot be reached: {trouble}", fg="red", err=True)
        return UNREACHABLE
    if settle(context):
        moved = f"{wanted.base_url} answers 404 to all; the paths stand at {context.target.url}"
        click.echo(f"mockserver: {moved}", err=True)
    live = Live(sys.stderr)
    try:
        report = run(context, phases, live)
    finally:
        live.end()
    baseline.applied(report, known, date.today())
    if said["baseline_update"]:
        baseline.written(said["baseline"], report, known)
    for line in lines(report, _paint):
        click.echo(line)
    outputs = Outputs(
        junit=said["junit"],
        html=said["html"],
        json=said["as_json_file"],
        sarif=said["sarif"],
        har=said["har"],
        github=said["github"] or os.environ.get("GITHUB_ACTIONS") == "true",
        summary=os.environ.get("GITHUB_STEP_SUMMARY", ""),
    )
    for line in written(report, context.contract, outputs):
        click.echo(line)
    return _code(report, said["fail_on"], said["min_coverage"], updated=said["baseline_update"])


def _code(report: Report, fail_on: str, least: float | None, *, updated: bool) -> int:
    if report.code == NOTHING_RAN:
        raise UsageError("nothing was asked: no check could be made")
    if report.code == UNREACHABLE:
        return UNREACHABLE
    if least is not None and report.coverage.percent < least:
        found = f"{report.coverage.percent:.1f} % of the documented answers are covered"
        click.secho(f"--min-coverage {least:g}: only {found}", fg="red", err=True)
        return 1
    if fail_on == "never" or updated:
        return 0
    if fail_on == "unstable" and any(one.verdict == "unstable" for one in report.findings):
        return 1
    return report.code


def _score(
    spec: str,
    base_url: str,
    seed: int,
    profile: str,
    phases: str,
    outside: bool,
    min_score: float,
    per_kind: int,
    jobs: int,
    bugs: tuple[str, ...],
    file: str,
) -> int:
    """Try the judge itself."""
    if base_url:
        raise UsageError("--score serves mutants of its own: leave out --base-url")
    from mockserver.commands.scoring import score
    from mockserver.verify.score import Trying

    trying = Trying(
        spec=spec,
        seed=seed,
        level=profile,  # type: ignore[arg-type]
        phases=tuple(filter(None, phases.split(","))),
        per_kind=per_kind,
        kinds=bugs,
        outside=outside,
    )
    return score(trying, least=min_score, jobs=jobs, file=file)


def _paint(text: str, style: str) -> str:
    """Return *text* in a colour, which click takes out again where there is no terminal."""
    if style in ("bold", "dim"):
        return click.style(text, bold=style == "bold", dim=style == "dim")
    return click.style(text, fg=style, bold=True)
