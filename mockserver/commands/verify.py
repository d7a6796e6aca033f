"""`mockserver verify`: hold an implementation to its contract."""

from __future__ import annotations

import sys

import click

from mockserver.commands.serve import OUTSIDE
from mockserver.contract.locate import locate
from mockserver.errors import UsageError

UNREACHABLE = 3


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
@click.option("--score-json", default="", metavar="FILE", help="With --score: write the verdicts there.")
def command(
    spec: str,
    base_url: str,
    headers: tuple[str, ...],
    second_headers: tuple[str, ...],
    phases: str,
    seed: int,
    profile: str,
    max_time: float | None,
    shard: str,
    allow_destructive: bool,
    outside: bool,
    scoring: bool,
    min_score: float,
    per_kind: int,
    jobs: int,
    bugs: tuple[str, ...],
    score_json: str,
) -> int:
    """
    Hold the implementation at URL to the contract SPEC.

    Exit codes: 0 it keeps it · 1 findings · 2 wrong usage, or nothing ran · 3 it cannot be reached.
    """
    if scoring:
        return _score(
            spec, base_url, seed, profile, phases, outside, min_score, per_kind, jobs, bugs, score_json
        )
    if not base_url:
        raise UsageError("verify: --base-url says where the implementation is; --score needs none")
    from mockserver.verify.reports.terminal import Live, lines
    from mockserver.verify.runner import run
    from mockserver.verify.setup import Wanted, prepared

    wanted = Wanted(
        located=locate(spec),
        base_url=base_url,
        headers=headers,
        second_headers=second_headers,
        phases=tuple(filter(None, phases.split(","))),
        seed=seed,
        level=profile,  # type: ignore[arg-type]
        max_time=max_time,
        shard=shard,
        destructive=allow_destructive,
        outside=outside,
    )
    context, chosen = prepared(wanted)
    trouble = context.target.reachable()
    if trouble:
        click.secho(f"mockserver: {base_url} cannot be reached: {trouble}", fg="red", err=True)
        return UNREACHABLE
    live = Live(sys.stderr)
    report = run(context, chosen, live)
    live.end()
    for line in lines(report, _paint):
        click.echo(line)
    if report.code == 2:
        raise UsageError("nothing was asked: no check could be made")
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
