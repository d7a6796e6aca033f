"""`mockserver replay`: an answer again, byte for byte, from a running server or a file."""

from __future__ import annotations

import http.client
import sys
from pathlib import Path

import click
import orjson

from mockserver.contract.urls import server_of
from mockserver.errors import UsageError, nearest
from mockserver.exchange import Response
from mockserver.server import wire

URL = "http://127.0.0.1:4010"
_NOT_SAID = ("date", "connection", "content-length", "vary")
"""Fields of the door's own, which a file does not have."""


@click.command("replay", epilog="Example: mockserver replay 00000000-0000-8000-8000-000000000007")
@click.argument("ident", metavar="ID")
@click.option("--url", default=URL, show_default=True, help="Of the server that gave the answer.")
@click.option(
    "--from",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A bundle, or what /__admin/requests said, in place of a server.",
)
@click.option("--body", is_flag=True, help="Print the body only.")
def command(ident: str, url: str, file: Path | None, body: bool) -> int:
    """
    Print the answer whose Mock-Id is ID, byte for byte, whatever has happened since.

    Exit codes: 0 · 1 nobody has that answer any more · 3 the server cannot be reached.
    """
    try:
        response = _of_file(file, ident) if file is not None else _of_server(url, ident)
    except OSError as error:
        click.secho(f"mockserver: {url} cannot be reached: {error}", fg="red", err=True)
        return 3
    if response.header("mock-source") == "mock" and response.header("mock-id") != ident.lower():
        detail = orjson.loads(response.body)["detail"]
        click.secho(f"mockserver: {detail}", fg="red", err=True)
        return 1
    if not body:
        shown = [(name, value) for name, value in response.headers if name.lower() not in _NOT_SAID]
        top = wire.head(Response(response.status, shown), date="", keep=True)
        sys.stdout.buffer.write(top.replace(b"Date: \r\n", b""))
    sys.stdout.buffer.write(response.body)
    sys.stdout.buffer.flush()
    return 0


def _of_server(url: str, ident: str) -> Response:
    address = server_of(url, "--url", ("http",), URL)
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=30)
    try:
        connection.request("GET", "/", headers={"Prefer": f"replay={ident}"})
        said = connection.getresponse()
        return Response(said.status, said.getheaders(), said.read())
    except http.client.HTTPException as error:
        raise OSError(f"it answers no HTTP ({error!r})") from None
    finally:
        connection.close()


def _of_file(file: Path, ident: str) -> Response:
    from mockserver.server.bundles import MAGIC, answers, unpack

    content = file.read_bytes()
    if content.startswith(MAGIC):
        bundle = unpack(content, str(file))
        bundle.close()
        known = answers(bundle.journal, bundle.bodies)
    else:
        try:
            said = orjson.loads(content)
            known = answers(said.get("requests", [said]))
        except (ValueError, TypeError, KeyError, AttributeError):
            raise UsageError(f"{file}: neither a bundle nor what /__admin/requests says.") from None
    found = known.get(ident.lower())
    if ident.lower() in known and found is None:
        raise UsageError(
            f"{file}: the answer {ident!r} is larger than what stands in there; "
            "ask the server, or a bundle of it."
        )
    if found is None:
        raise UsageError(f"{file}: there is no answer {ident!r} in it.{nearest(ident, known)}")
    return found
