"""`mockserver check`: hold the files of an API against each other."""

from __future__ import annotations

import click

from mockserver.contract.locate import wanted


@click.command("check")
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
def command(specs: tuple[str, ...]) -> int:
    """
    Hold contracts, examples, behaviours, fixtures and generated answers against each other.

    One line for each finding, with file and line. Exit code 1 when there is any.
    """
    from mockserver.verify.offline import check

    located = wanted(specs)
    findings = check(located)
    for finding in findings:
        click.echo(str(finding))
    count = len(findings)
    said = f"{count or 'no'} finding{'s' * (count != 1)} in {', '.join(one.name for one in located)}"
    click.secho(said, fg="red" if findings else "green", err=True)
    return 1 if findings else 0
