"""
Seen once, seen again: an answer by its id, a bundle of the session, a request as a case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Response as Answer
from flask import redirect, request

from mockserver.errors import MockserverError
from mockserver.exchange import Response
from mockserver.server import wire
from mockserver.server.cases.saving import folder_to_write, save
from mockserver.server.dashboard import showing
from mockserver.server.dashboard.entrance import fenced
from mockserver.server.dashboard.inside import segment
from mockserver.server.dashboard.page import Pages
from mockserver.server.host import Api
from mockserver.server.replaying import Gone, again


class AgainPages(Pages):
    """What gives again what was there."""

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """What there is."""
        return (
            ("/ui/replay", "GET", self.replay),
            ("/ui/replay/<ident>/body", "GET", self.body),
            ("/ui/bundle", "GET", self.bundle),
            ("/ui/requests/<ident>/case", "GET", self.case),
            ("/ui/requests/<ident>/case", "POST", self.save),
        )

    def replay(self) -> Answer:
        """Show an answer as it was sent, and ask for the id of another."""
        ident = request.args.get("id", "").strip()
        if not ident:
            return self.page("replay.html", ident="", said=None, trouble="")
        try:
            said = self._again(ident)
        except Gone as gone:
            return self.page("replay.html", ident=ident, said=None, trouble=str(gone))
        body = showing.pretty(said.body[: showing.LONGEST * 4].decode("utf-8", "replace"))
        return self.page(
            "replay.html",
            ident=ident,
            trouble="",
            said=said,
            kind=showing.kind(said.status),
            head=wire.head(said, date="", keep=True, length=len(said.body))
            .decode("latin-1")
            .replace("Date: \r\n", "")
            .strip(),
            body=body,
            size=showing.size(len(said.body)),
            whole=len(said.body) <= showing.LONGEST,
            host=request.host,
        )

    def body(self, ident: str) -> Answer:
        """Give the body of an answer as a file, byte for byte."""
        try:
            said = self._again(ident)
        except Gone as gone:
            return self.missing(str(gone), gone.status)
        headers = {"Content-Disposition": f'attachment; filename="{_plain(ident)}.body"'}
        return fenced(Answer(said.body, mimetype="application/octet-stream", headers=headers))

    def _again(self, ident: str) -> Response:
        with self.host.sessions.default.lock:
            return again(ident, self.host.sessions, self.host.archive)

    def bundle(self) -> Answer:
        """Give the session that is looked at as a file that `mockserver serve` opens."""
        from mockserver.server.bundles import pack

        session = self.session
        headers = {"Content-Disposition": f'attachment; filename="{session.name}.zip"'}
        return fenced(Answer(pack(self.host, session), mimetype="application/zip", headers=headers))

    # Cases

    def case(self, ident: str) -> Answer:
        """Give a case that asks so again, as a file for the API's folder of cases."""
        said = self.inside.get(f"/requests/{segment(ident)}")
        if not said.good:
            return self.missing(said.trouble)
        headers = {"Content-Disposition": f'attachment; filename="{_name(said.value)}.yaml"'}
        return fenced(Answer(showing.case_of(said.value), mimetype="application/yaml", headers=headers))

    def save(self, ident: str) -> Answer:
        """Write that case into the API's folder of cases."""
        said = self.inside.get(f"/requests/{segment(ident)}")
        if not said.good:
            return self.missing(said.trouble)
        api = self.api(said.value["mock"]["api"])
        folder = folder_to_write(api.located) if api is not None else None
        if api is None or folder is None:
            return self.missing("The cases of this API are not here to be written: download the file.", 409)
        try:
            path = save(folder, _name(said.value), showing.case_of(said.value), api.contract)
        except (MockserverError, OSError) as error:
            return self.missing(f"This is no case that could be written: {error}", 409)
        operation = said.value["mock"]["operation"]
        target = f"{wire.ADMIN}/ui/apis/{segment(api.name)}/operation?id={segment(operation)}"
        return redirect(f"{target}&done=case&file={segment(path.name)}", 303)  # type: ignore[return-value]


def case_folder(api: Api | None) -> str:
    """Return the folder that a case of *api* can be written into, "" where there is none."""
    folder = folder_to_write(api.located) if api is not None else None
    return str(folder) if folder is not None else ""


def _name(event: Mapping[str, Any]) -> str:
    return _plain(f"{event['mock']['operation'] or 'request'}-{event['response']['status']}")


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:100] or "x"
