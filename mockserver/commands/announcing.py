"""
What `serve` prints at its start: what is served where, what is wrong with it, and a request to copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from mockserver.commands.faults import say_faults

if TYPE_CHECKING:
    from mockserver.server.host import Api
    from mockserver.server.pipeline import Host


def announced(host: Host, url: str, token: str) -> None:
    """Print what is served where, and a request to copy."""
    several = len(host.apis) > 1
    for api in host.apis:
        say_faults(api)
        counts = {
            "operation": len(api.contract.routes),
            "collection": len(host.worlds[api.name].tables),
            "webhook": len(api.contract.webhooks),
        }
        parts = [
            f"{click.style(api.name, bold=True)} {api.contract.version} on {base_of(api, url, several)}",
            *(
                f"{count} {what}{'s' * (count != 1)}"
                for what, count in counts.items()
                if count or what == "operation"
            ),
        ]
        click.echo(" · ".join(parts))
    if example := _curl(host, url, several):
        click.echo(f"  {example}")
    if token:
        click.echo(f"  admin: curl -H 'Authorization: Bearer {token}' {url}/__admin/requests")
    click.echo(f"  dashboard: {url}/__admin/")


def base_of(api: Api, url: str, several: bool) -> str:
    """Return where the paths of *api* begin: at the root when it is alone."""
    return f"{url}/{quote(api.name, safe='')}" if several else url


def _curl(host: Host, url: str, several: bool) -> str:
    """Return a command that reads something; "" when no API has anything to read."""
    for api in host.apis:
        for route in api.contract.routes:
            if route.method == "GET":
                operation = api.contract.operations[route.id]
                target = base_of(api, url, several) + host.sample(operation)
                quoted = f"'{target}'" if set(target) & set("&;()*!$ ") else target
                return " ".join(["curl -s", *_credentials(api, operation.security), quoted])
    return ""


def _credentials(api: Api, security: tuple[object, ...]) -> list[str]:
    """Return curl's options for the first way in that curl can be told."""
    for requirement in security:
        kinds = [api.contract.security_schemes[name] for name in requirement]  # type: ignore[attr-defined]
        if not kinds:
            return []
        if len(kinds) == 1 and kinds[0].kind == "http" and kinds[0].scheme == "basic":
            return ["-u client-id:client-secret"]
        if len(kinds) == 1 and kinds[0].kind == "apiKey" and kinds[0].location == "header":
            return [f"-H '{kinds[0].parameter}: test-token'"]
    return ["-H 'Authorization: Bearer test-token'"] if security else []
