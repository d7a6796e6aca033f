"""`mockserver serve`: open a door onto contracts."""

from __future__ import annotations

import gc
import ipaddress
import logging
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver.behavior.taking import read_choices
from mockserver.commands.announcing import announced
from mockserver.commands.faults import Searching, warn
from mockserver.commands.limits import allow_many_connections, bounds_of, journal_of, limiting, limits_of
from mockserver.commands.watching import LOG_FORMAT, watched
from mockserver.contract.locate import wanted
from mockserver.errors import UsageError, nearest
from mockserver.server.admin_guard import Guard
from mockserver.server.door import Door, address_of, bind
from mockserver.server.health import Health
from mockserver.server.keeper import MEMORY_URL

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from mockserver.server.bundles import Bundle
    from mockserver.server.pipeline import Host
    from mockserver.server.reload import Reloader

log = logging.getLogger(__name__)

EXAMPLES = """\b
Examples:
  mockserver serve                            all bundled APIs, on http://127.0.0.1:4010
  mockserver serve openapi.yaml               one API, its paths at the root
  mockserver serve a.yaml b.yaml --port 0     two, below /a and /b, on a free port
  mockserver serve openapi.yaml --dynamic     made-up answers in place of the examples
"""


def _locale(_context: click.Context, _option: click.Parameter, said: str) -> str:
    if not said:
        return ""
    from mockserver.generation.locales import known, locale_of  # they take Faker to know

    found = locale_of(said)
    if found is None:
        raise UsageError(
            f"--locale: there is no {said!r}; expected one like de or fr-CA.{nearest(said, known())}"
        )
    return found


LOCALE = click.option(
    "--locale",
    default="",
    metavar="L",
    callback=_locale,
    help="The language of names, places and texts that are made up: de, fr-CA, ja ...",
)

OUTSIDE = click.option(
    "--allow-outside-refs",
    "outside",
    is_flag=True,
    help="Follow references out of the document's folder, and to the network.",
)


def _token(_: click.Context, __: click.Parameter, said: str | None) -> str:
    """Return the token, "" where none is asked for; an empty one would leave the admin open unnoticed."""
    if said is not None and not said.strip():
        raise UsageError("--admin-token: a text is expected, found an empty one. Is a variable not set?")
    return said or ""


ADMIN_TOKEN = click.option(
    "--admin-token", default=None, callback=_token, metavar="T", help="Ask for it under /__admin."
)


@click.command("serve", epilog=EXAMPLES)
@click.argument("specs", nargs=-1, metavar="[SPEC]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="0 takes a free one."
)
@click.option("--seed", default="", metavar="N", help="Makes up other data, the same each time.")
@LOCALE
@click.option(
    "--choice",
    "choices",
    multiple=True,
    metavar="NAME=VALUE",
    help="Take another option of what a document leaves open: see `choices` of its behavior.yaml.",
)
@click.option("--dynamic", is_flag=True, help="Make answers up in place of serving examples.")
@click.option(
    "--validate",
    type=click.Choice(["enforce", "warn", "off"]),
    default="enforce",
    show_default=True,
    help="What happens to a request that breaks its contract.",
)
@click.option("--errors", "validate", flag_value="enforce", help="Prism's word for --validate enforce.")
@click.option("--stateless", is_flag=True, help="Remember nothing for an API that has no behavior.yaml.")
@OUTSIDE
@click.option(
    "--auth",
    type=click.Choice(["any", "listed"]),
    default="any",
    show_default=True,
    help="Take any credential of the right kind, or only those that the fixtures list.",
)
@click.option(
    "--webhook",
    "webhooks",
    multiple=True,
    metavar="API=URL",
    help="Send the API's events there; may be given several times.",
)
@click.option("--webhooks-anywhere", is_flag=True, help="Webhooks may leave this machine.")
@click.option("--no-cors", is_flag=True, help="Send no CORS fields, answer no preflight.")
@ADMIN_TOKEN
@limiting
@click.option(
    "--stubs",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    metavar="DIR",
    help="Begin with the stubs of a folder in WireMock's layout: DIR/mappings/*.json, DIR/__files.",
)
@click.option(
    "--chaos",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A profile of errors and latencies, drawn from its seed.",
)
@click.option(
    "--state",
    default=MEMORY_URL,
    show_default=True,
    metavar="URL",
    help="Where what is remembered is kept: memory:, sqlite:///file.db or postgresql://user@host/name.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="So many processes on the port, with one state between them.",
)
@click.option("--no-reload", is_flag=True, help="Do not serve edited files anew.")
@LOG_FORMAT
@click.option("--quiet", is_flag=True, help="Say nothing but the ready line.")
def command(
    specs: tuple[str, ...],
    host: str,
    port: int,
    seed: str,
    locale: str,
    choices: tuple[str, ...],
    dynamic: bool,
    validate: str,
    stateless: bool,
    outside: bool,
    auth: str,
    webhooks: tuple[str, ...],
    webhooks_anywhere: bool,
    no_cors: bool,
    admin_token: str,
    state: str,
    workers: int,
    stubs: Path | None,
    chaos: Path | None,
    no_reload: bool,
    quiet: bool,
    log_format: str | None,
    **limits: Any,
) -> int:
    """
    Serve APIs from their contracts.

    SPEC is a bundled API's name, an OpenAPI file, or a folder with openapi.yaml in it; no SPEC at all serves
    everything that is bundled. What `mockserver bundle` has made is served as it was, world and all. Edited
    files are served at once, and what was remembered stays. Requests are logged on stderr when that is a
    terminal.
    """
    gc.disable()  # what is loaded now stays: to look for garbage in it is work for nothing
    if workers > 1:
        from mockserver.server.workers import Crew, bind_all, shared_by

        listening = bind_all(bind, host, port, workers)
    else:
        listening = [bind(host, port)]

    from mockserver.server.mounting import build_host, keep_in

    bundle = _bundle(specs)
    located = bundle.located if bundle is not None else wanted(specs)
    was = bundle.options if bundle is not None else {}
    served = build_host(
        located,
        journal=journal_of(limits),
        seed=seed or was.get("seed", ""),
        locale=locale or was.get("locale", ""),
        choices={**was.get("choices", {}), **read_choices(choices)},
        dynamic=dynamic or was.get("dynamic", False),
        validate=validate if validate != "enforce" else was.get("validate", validate),
        auth=auth if auth != "any" else was.get("auth", auth),
        outside=outside or was.get("outside", False),
        stateless=stateless or was.get("stateless", False),
        stubs=stubs,
        chaos=chaos,
        webhooks=_subscribers(webhooks, [one.name for one in located], webhooks_anywhere),
        webhooks_anywhere=webhooks_anywhere,
        **bounds_of(limits),
    )
    if bundle is not None:
        bundle.fill(served)
    address = listening[0].getsockname()[:2]
    open_network = not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback
    token = admin_token or (secrets.token_urlsafe(16) if open_network else "")
    guard = Guard(token, frozenset({host.lower()}))

    def application() -> WSGIApplication:
        from mockserver.server.app import MockApp

        return MockApp(served, cors=not no_cors, guard=guard, shutdown=door.stop)

    door = Door(
        watched(served, log_format, quiet),
        Health(served, guard),
        application,
        address,
        cors=not no_cors,
        limits=limits_of(limits),
    )
    url = address_of(listening[0])

    searching = None if quiet else Searching(served.apis)

    def announce() -> None:
        if not quiet:
            announced(served, url, token)
        click.echo(f"mockserver ready on {url}")

    def serve_one(number: int, bound: socket.socket, tell: Callable[[], None], alive: int = -1) -> int:
        first = not number
        if state != MEMORY_URL:
            keep_in(served, state, warn if first else log.debug, limits["state_timeout"])
            served.keeper.drive(door.later)
            door.keep_together(served.keeper)
        if webhooks:
            served.office.start()
        reloader = None if no_reload else _reloader(served, door, quiet or not first)

        def ready() -> None:
            tell()
            gc.freeze()
            gc.enable()
            if alive >= 0:
                door.stop_with(alive)
            if reloader is not None:
                reloader.start()
            if searching is not None and first:
                searching.go_on(door)

        try:
            return door.run([bound], ready)
        finally:
            if reloader is not None:
                reloader.stop()
            served.close()
            if bundle is not None and workers == 1:
                bundle.close()
            gc.freeze()  # the process ends: to look for garbage in a hundred thousand rows would take seconds

    allow_many_connections()
    if workers == 1:
        return serve_one(0, listening[0], announce)
    with shared_by(workers, state, warn) as state:
        gc.freeze()
        try:
            return Crew(listening, serve_one).run(announce)
        finally:
            if bundle is not None:
                bundle.close()


def _bundle(specs: tuple[str, ...]) -> Bundle | None:
    """Return the bundle that the only SPEC is, opened; None where it is none."""
    for spec in specs:
        path = Path(spec)
        if path.suffix != ".zip" or not path.is_file():
            continue
        if len(specs) > 1:
            raise UsageError(f"{spec}: a bundle is served alone.")
        from mockserver.server.bundles import unpack

        return unpack(path.read_bytes(), spec)
    return None


def _subscribers(texts: tuple[str, ...], names: list[str], anywhere: bool) -> list[tuple[str, str]]:
    """Return API and URL of each `--webhook`; say which may not be called."""
    if not texts:
        return []
    from mockserver.server.webhooks.addresses import refusal
    from mockserver.server.webhooks.subscriptions import of_command_line

    found = of_command_line(texts, names)
    for _, url in found:
        if why := refusal(url, anywhere):
            warn(f"--webhook {url}: nothing is sent there. {why}")
    return found


def _reloader(served: Host, door: Door, quiet: bool) -> Reloader:
    """Return what serves edited files, and says so on the terminal."""
    from mockserver.server.reload import Reloader

    def say(line: str, good: bool) -> None:
        if not quiet:
            click.secho(line, fg="green" if good else "yellow", err=True)

    def sweep() -> None:
        gc.unfreeze()  # the contract that was served before is rubbish now
        gc.collect()
        gc.freeze()

    return Reloader(served, door.between_requests, say, sweep)
