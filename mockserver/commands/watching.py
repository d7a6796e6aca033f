"""What a server says of its requests: `--log-format`, and traces where OpenTelemetry is asked for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mockserver.exchange import Request, Response
from mockserver.server.request_log import logged
from mockserver.server.tracing import traced

if TYPE_CHECKING:
    from mockserver.server.pipeline import Host

LOG_FORMAT = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    help="Log requests on stderr so; by default as text, where that is a terminal.",
)


def watched(host: Host, form: str | None, quiet: bool) -> Callable[[Request], Response]:
    """Return what answers for *host*, and says so as is asked."""

    def target(request: Request) -> str:
        from mockserver.server.admin_requests import secrets_of, shown_target

        return shown_target(request, secrets_of(api.contract for api in host.apis))

    handle = traced(host.handle)
    return handle if quiet and not form else logged(handle, form or "", target)
