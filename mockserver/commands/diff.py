"""`mockserver diff`: what changed between two contracts, and whom it breaks."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mockserver.commands.serve import OUTSIDE
from mockserver.contract.load import load
from mockserver.contract.locate import locate


@click.command(
    "diff",
    epilog="""\b
Examples:
  mockserver diff released.yaml openapi.yaml
  mockserver diff released.yaml openapi.yaml --fail-on warning --github
  curl -s http://127.0.0.1:4010/__admin/requests > recorded.json
  mockserver diff released.yaml openapi.yaml --against-journal recorded.json --only-used
""",
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "warning", "none"]),
    default="breaking",
    show_default=True,
    help="The least grave change that makes the exit code 1.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (versioned) in place of lines.")
@click.option("--github", is_flag=True, help="Print annotations on the lines of NEW in place of lines.")
@click.option(
    "--against-journal",
    "journal",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Say which changes touch the requests in F, the answer of GET /__admin/requests.",
)
@click.option(
    "--only-used", is_flag=True, help="With --against-journal: leave out what touches none of them."
)
@OUTSIDE
def command(
    old: str,
    new: str,
    fail_on: str,
    as_json: bool,
    github: bool,
    journal: Path | None,
    only_used: bool,
    outside: bool,
) -> int:
    """
    List breaking, possibly breaking and harmless changes from the contract OLD to the contract NEW.

    OLD and NEW are SPECs. Exit code 1 when there is a change as grave as --fail-on says.
    """
    from mockserver.verify.diff import report
    from mockserver.verify.diff.compare import compare
    from mockserver.verify.diff.usage import marked, read

    if as_json and github:
        raise click.UsageError("--json and --github exclude each other.")
    if only_used and journal is None:
        raise click.UsageError("--only-used needs --against-journal.")
    sides = [locate(spec) for spec in (old, new)]
    before, after = (load(side.file, name=side.name, outside=outside) for side in sides)
    difference = compare(before, after)
    if journal is not None:
        record = read(journal, before)
        marked(difference, record)
        if only_used:
            difference.changes = [change for change in difference.changes if change.used]
        matched = record.entries - record.unknown
        click.echo(f"{matched} of {record.entries} recorded requests are of {before.name}", err=True)
    if as_json:
        click.echo(json.dumps(report.as_json(difference), indent=2, ensure_ascii=False))
    elif github:
        for line in report.github(difference):
            click.echo(line)
        click.echo(report.summary(difference), err=True)
    else:
        for line in report.text(difference, _paint):
            click.echo(line)
    if fail_on == "none":
        return 0
    grave = difference.of("breaking") or (fail_on == "warning" and difference.of("warning"))
    return 1 if grave else 0


def _paint(text: str, style: str) -> str:
    """Return *text* in a colour, which click takes out again where there is no terminal."""
    if style in ("bold", "dim"):
        return click.style(text, bold=style == "bold", dim=style == "dim")
    return click.style(text, fg=style, bold=True)
