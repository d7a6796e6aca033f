"""`mockserver routes`: every operation as a URL that answers, and what is behind it."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import click

from mockserver.commands.announcing import base_of
from mockserver.commands.serve import OUTSIDE
from mockserver.contract.locate import wanted
from mockserver.errors import UsageError
from mockserver.server.journal import Journal

if TYPE_CHECKING:
    from mockserver.contract.model import Operation
    from mockserver.exchange import Json
    from mockserver.server.api import Api
    from mockserver.server.pipeline import Host

URL = "http://127.0.0.1:4010"
"""Where `mockserver serve` listens when nothing else is said."""


@click.command("routes")
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--explain", is_flag=True, help="Say what each operation remembers, and why that is thought.")
@click.option(
    "--variants", is_flag=True, help="List the nasty forms of each answer, for Prefer: variant=NAME."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list in place of lines.")
@OUTSIDE
def command(specs: tuple[str, ...], explain: bool, variants: bool, as_json: bool, outside: bool) -> int:
    """Print every operation as a URL that answers, once `mockserver serve` runs with the same SPECs."""
    from mockserver.server.mounting import build_host
    from mockserver.server.sampling import variants as names_of_variants

    host = build_host(wanted(specs), journal=Journal(0), outside=outside)
    rows = []
    for api in host.apis:
        for operation in api.contract.operations.values():
            row = _row(host, api, operation)
            if explain:
                row["explained"], lines = _explained(api, operation)
                row["lines"] = lines
            if variants:
                row["variants"] = list(names_of_variants(api, operation))
            rows.append(row)
            if not as_json:
                _say(row)
    host.close()
    if as_json:
        for row in rows:
            row.pop("lines", None)
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif not rows:
        hooks = [name for api in host.apis for name in api.contract.webhooks]
        raise UsageError(f"there is no operation to ask for; what is sent to others is {', '.join(hooks)}")
    return 0 if rows else 2


def _row(host: Host, api: Api, operation: Operation) -> dict[str, Json]:
    return {
        "api": api.name,
        "operation": operation.id,
        "method": operation.method,
        "url": base_of(api, URL, len(host.apis) > 1) + host.sample(operation),
        "summary": operation.summary,
    }


def _explained(api: Api, operation: Operation) -> tuple[Json, list[str]]:
    from mockserver.behavior.explaining import explain

    said = explain(api.engine, operation)
    return said.json(), list(said.lines())


def _say(row: dict[str, Json]) -> None:
    """Print one operation: a line, and below it what else was asked for."""
    click.echo(f"{row['method']:<7} {row['url']}")
    for line in row.get("lines", ()):
        click.echo(f"        {line}")
    if "variants" in row:
        listed = ", ".join(row["variants"]) or "none: its answer has no content, or no schema"
        click.echo(
            textwrap.fill(
                f"variants: {listed}",
                110,
                initial_indent=" " * 8,
                subsequent_indent=" " * 10,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
