"""
An API's documentation with requests to try: Swagger UI, served from here.

It reads `/__admin/specs/API.json` and sends its requests to this very server, below
the API's name and in the session that is looked at, whatever `servers` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Response as Answer
from flask import render_template

from mockserver.server import wire
from mockserver.server.dashboard.entrance import POLICY, fenced
from mockserver.server.dashboard.inside import segment
from mockserver.server.dashboard.page import Pages

_POLICY = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "connect-src 'self'", "connect-src 'self' data: blob:"
)
"""Swagger UI draws with style attributes; scripts stay ours alone."""


class DocsPages(Pages):
    """`/docs/API`."""

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """What there is."""
        return (("/docs", "GET", self.index), ("/docs/<api>", "GET", self.docs))

    def index(self) -> Answer:
        """List the APIs."""
        return self.page("docs_index.html", apis=[(api.name, api.contract.title) for api in self.host.apis])

    def docs(self, api: str) -> Answer:
        """Show one."""
        found = self.api(api)
        if found is None:
            return self.missing(f"No API {api!r} is served.")
        page = render_template(
            "docs.html",
            name=found.name,
            title=found.contract.title,
            spec=f"{wire.ADMIN}/specs/{segment(found.name)}.json",
            base=f"/{segment(found.name)}",
            looked_at=self.looked_at,
        )
        return fenced(Answer(page, mimetype="text/html"), _POLICY)
