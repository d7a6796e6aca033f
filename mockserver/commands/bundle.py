"""`mockserver bundle`: the world of a running server in one file."""

from __future__ import annotations

import http.client
from pathlib import Path

import click
import orjson

from mockserver.commands.replay import URL
from mockserver.contract.urls import server_of
from mockserver.errors import UsageError


@click.command(
    "bundle", epilog="Example: mockserver bundle --out ticket-4711.zip; mockserver serve ticket-4711.zip"
)
@click.option("--url", default=URL, show_default=True, help="Of the server.")
@click.option("--session", default="", metavar="NAME", help="Whose world; the default session's.")
@click.option(
    "--entries", type=click.IntRange(0), default=100, show_default=True, help="Requests of the journal."
)
@click.option("--admin-token", default="", metavar="T", help="Where the server asks for one.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("bundle.zip"),
    show_default=True,
    help="The file that is written.",
)
def command(url: str, session: str, entries: int, admin_token: str, out: Path) -> int:
    """
    Pack contracts, world, clock, seed and the last requests of a running server into one file.

    `mockserver serve FILE` opens that world elsewhere; secrets are taken out. Exit codes: 0 · 2 · 3 the
    server cannot be reached.
    """
    address = server_of(url, "--url", ("http",), URL)
    fields = {"Authorization": f"Bearer {admin_token}"} if admin_token else {}
    if session:
        fields["Mock-Session"] = session
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=60)
    try:
        connection.request("GET", f"/__admin/bundle?entries={entries}", headers=fields)
        said = connection.getresponse()
        content = said.read()
    except (OSError, http.client.HTTPException) as error:
        click.secho(f"mockserver: {url} cannot be reached: {error}", fg="red", err=True)
        return 3
    finally:
        connection.close()
    if said.status != 200:
        try:
            detail = orjson.loads(content)["detail"]
        except (ValueError, KeyError, TypeError):
            detail = f"{said.status}"
        raise UsageError(f"{url} gives no bundle: {detail}")
    try:
        out.write_bytes(content)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror or error}") from None
    click.echo(f"{out}: {len(content)} bytes")
    return 0
