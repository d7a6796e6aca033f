"""`mockserver proxy`: forward real traffic, and hold both directions to the contract."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockserver.contract.locate import locate
from mockserver.server.door import Door, address_of, bind
from mockserver.server.journal import Journal
from mockserver.server.problems import problem

if TYPE_CHECKING:
    from mockserver.server.api import Api
    from mockserver.server.forwarding import Forwarder


@click.command(
    "proxy",
    epilog="""\b
Examples:
  mockserver proxy openapi.yaml --upstream http://127.0.0.1:9000
  mockserver proxy openapi.yaml --upstream http://127.0.0.1:9000 --errors --port 0
  mockserver proxy openapi.yaml --upstream https://staging.example.com --record recorded
""",
)
@click.argument("spec", metavar="SPEC")
@click.option(
    "--upstream", required=True, metavar="URL", help="Where requests go, with a base path or without."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="0 takes a free one."
)
@click.option("--errors", is_flag=True, help="Answer 422 or 500 in place of what breaks the contract.")
@click.option("--no-cors", is_flag=True, help="Send no CORS fields, answer no preflight.")
@click.option(
    "--record", type=click.Path(path_type=Path), metavar="DIR", help="Keep what passed as named examples."
)
def command(
    spec: str, upstream: str, host: str, port: int, errors: bool, no_cors: bool, record: Path | None
) -> int:
    """
    Forward real traffic, and hold both directions to the contract of SPEC.

    One line on stderr for each violation, `Mock-Violations` on the answer, and a summary at the end.
    """
    from mockserver.server.api import Api
    from mockserver.server.forwarding import Forwarder
    from mockserver.server.recording import Recorder
    from mockserver.server.upstream import Upstream

    target = Upstream(upstream)
    api = Api(locate(spec), stateless=True)
    recorder = Recorder(api.contract, record) if record is not None else None
    listening = bind(host, port)
    forwarder = Forwarder(
        [api],
        target,
        Journal(),
        errors=errors,
        open_origins=not no_cors,
        say=lambda line: click.secho(line, fg="yellow", err=True),
        keep=recorder.keep if recorder is not None else None,
    )
    door = Door(
        lambda _: problem(404, "Everything goes through the proxy."),
        lambda _: problem(404, "Everything goes through the proxy."),
        lambda: forwarder,
        listening.getsockname()[:2],
        cors=False,
        through=True,
    )
    url = address_of(listening)

    def ready() -> None:
        click.echo(f"{api.name} {api.contract.version} on {url} · forwarding to {target.url}")
        click.echo(f"mockserver ready on {url}")

    code = door.run([listening], ready)
    _summary(api, forwarder)
    if recorder is not None:
        click.echo(f"{recorder.count} exchanges kept in {recorder.write()}")
    return code


def _summary(api: Api, forwarder: Forwarder) -> None:
    """Say what was seen of the contract, and what the upstream does that it does not say."""
    known = set(api.contract.operations)
    statuses: dict[str, list[str]] = defaultdict(list)
    for (_, operation, status), count in sorted(forwarder.seen.items()):
        statuses[operation].append(f"{status} ×{count}")
    click.echo(f"\n{len(known & statuses.keys())} of {len(known)} operations seen")
    for operation, seen in statuses.items():
        click.echo(f"  {operation}: {', '.join(seen)}")
    for operation in sorted(known - statuses.keys()):
        click.secho(f"  {operation}: never", dim=True)
    if forwarder.undocumented:
        click.echo("What the contract does not say:")
        for (operation, status), detail in sorted(forwarder.undocumented.items()):
            click.echo(f"  {operation} {status}: {detail}")
