"""`mockserver routes`: every operation as a URL that answers."""

from __future__ import annotations

import json

import click

from mockserver.commands.serve import OUTSIDE, base_of
from mockserver.contract.locate import wanted
from mockserver.server.journal import Journal

URL = "http://127.0.0.1:4010"
"""Where `mockserver serve` listens when nothing else is said."""


@click.command("routes")
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list in place of lines.")
@OUTSIDE
def command(specs: tuple[str, ...], as_json: bool, outside: bool) -> int:
    """Print every operation as a URL that answers, once `mockserver serve` runs with the same SPECs."""
    from mockserver.server.mounting import build_host

    host = build_host(wanted(specs), journal=Journal(0), outside=outside)
    try:
        rows = [
            {
                "api": api.name,
                "operation": operation.id,
                "method": operation.method,
                "url": base_of(api, URL, len(host.apis) > 1) + host.sample(operation),
                "summary": operation.summary,
            }
            for api in host.apis
            for operation in api.contract.operations.values()
        ]
    finally:
        host.close()
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    else:
        for row in rows:
            click.echo(f"{row['method']:<7} {row['url']}")
    return 0 if rows else 2
