"""`mockserver mutate`: serve the mock with one planted bug, to try judges on."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import click

from mockserver.commands.serve import ADMIN_TOKEN, OUTSIDE
from mockserver.contract.locate import wanted
from mockserver.errors import UsageError
from mockserver.server.admin_guard import Guard
from mockserver.server.door import Door, address_of, bind
from mockserver.server.health import Health
from mockserver.server.journal import Journal

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from mockserver.server.api import Api
    from mockserver.server.mutants.host import MutatedHost

EXAMPLES = """\b
Examples:
  mockserver mutate openapi.yaml --list                       the bugs that it can have, and where
  mockserver mutate openapi.yaml --bug lost-update --port 0   one of them, on a free port
  mockserver mutate openapi.yaml --bug lost-update@updateUser at this operation
  mockserver mutate openapi.yaml --seed 7                     any one, the same for the same seed
"""


@click.command("mutate", epilog=EXAMPLES)
@click.argument("spec", metavar="SPEC")
@click.option(
    "--bug",
    "name",
    default="",
    metavar="NAME[@OPERATION]",
    help="Which bug, and at which operation; one that --seed chooses, where nothing is said.",
)
@click.option("--list", "listing", is_flag=True, help="List the bugs that SPEC can have, and serve nothing.")
@click.option("--json", "as_json", is_flag=True, help="List as JSON.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="0 takes a free one."
)
@click.option("--seed", default="", metavar="N", help="Chooses bug and operation, and makes up data.")
@click.option("--dynamic", is_flag=True, help="Make answers up in place of serving examples.")
@click.option(
    "--auth",
    type=click.Choice(["any", "listed"]),
    default="listed",
    show_default=True,
    help="Whose credentials are taken, but for the bug.",
)
@OUTSIDE
@click.option("--no-cors", is_flag=True, help="Send no CORS fields, answer no preflight.")
@ADMIN_TOKEN
@click.option("--quiet", is_flag=True, help="Say nothing but the ready line.")
def command(
    spec: str,
    name: str,
    listing: bool,
    as_json: bool,
    host: str,
    port: int,
    seed: str,
    dynamic: bool,
    auth: str,
    outside: bool,
    no_cors: bool,
    admin_token: str,
    quiet: bool,
) -> int:
    """
    Serve SPEC with one planted bug.

    A judge that passes it has missed the bug. The bug stands at one operation; the rest is as `serve` has it.
    """
    if as_json and not listing:
        raise UsageError("--json goes with --list")
    from mockserver.server.mounting import build_host
    from mockserver.server.mutants.host import MutatedHost
    from mockserver.server.mutants.registry import chosen

    listening = None if listing else bind(host, port)
    served = build_host(
        wanted((spec,)),
        journal=Journal(),
        seed=seed,
        dynamic=dynamic,
        outside=outside,
        auth=auth,
        make=MutatedHost,
    )
    assert isinstance(served, MutatedHost)
    if listening is None:
        _list(served.apis[0], name, seed or "1", as_json)
        return 0
    bug = chosen(served.apis[0], name, seed or "1")
    served.infect(bug)
    if not quiet:
        click.echo(f"{bug}: {bug.sentence}")
    return _serve(served, listening, cors=not no_cors, guard=Guard(admin_token, frozenset({host.lower()})))


def _serve(served: MutatedHost, listening: socket.socket, *, cors: bool, guard: Guard) -> int:
    def application() -> WSGIApplication:
        from mockserver.server.app import MockApp

        return MockApp(served, cors=cors, guard=guard, shutdown=door.stop)

    door = Door(served.handle, Health(served, guard), application, listening.getsockname()[:2], cors=cors)
    try:
        return door.run([listening], lambda: click.echo(f"mockserver ready on {address_of(listening)}"))
    finally:
        served.close()


def _list(api: Api, name: str, seed: str, as_json: bool) -> None:
    from mockserver.server.mutants.registry import bugs, chosen, not_applicable, registry

    kinds = [chosen(api, name, seed).kind] if name else list(registry().values())
    rows = [(kind, bugs(api, kind, seed)) for kind in kinds]
    if as_json:
        shown = [
            {
                "name": kind.name,
                "group": kind.group,
                "about": kind.about,
                "applies": bool(found),
                "needs": kind.needs,
                "operations": {bug.spot.operation: bug.spot.at for bug in found},
            }
            for kind, found in rows
        ]
        click.echo(json.dumps({"api": api.name, "seed": seed, "bugs": shown}, indent=2))
        return
    group = ""
    for kind, found in rows:
        if kind.group != group:
            group = kind.group
            click.secho(group, bold=True)
        click.echo(f"  {kind.name:28} {kind.about}")
        places = ", ".join(bug.spot.operation for bug in found)
        click.secho(f"  {'':28} {places or not_applicable(kind)}", dim=True)
    apply = sum(bool(found) for _, found in rows)
    many = sum(len(found) for _, found in rows)
    click.echo(f"{apply} of {len(rows)} kinds apply to {api.name}, at {many} places")
