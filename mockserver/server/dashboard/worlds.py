"""
What belongs to the session that is looked at: state, clock, gates, faults, stubs; and the other sessions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Response as Answer
from flask import request

from mockserver.behavior.editing import shown_rows
from mockserver.behavior.inferred import Inferred
from mockserver.server.dashboard import showing
from mockserver.server.dashboard.inside import segment
from mockserver.server.dashboard.page import Pages
from mockserver.server.host import Api

MOST = 500
"""Rows of one collection that a page shows."""
COLUMNS = 6
"""Fields that a table shows of a row, the first ones that hold no object."""


class WorldPages(Pages):
    """The session that is looked at."""

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """What there is."""
        return (
            ("/ui/state", "GET", self.state),
            ("/ui/state/rows", "GET", self.rows),
            ("/ui/state/row", "GET", self.row),
            ("/ui/stubs", "GET", self.stubs),
            ("/ui/bench", "GET", self.bench),
            ("/ui/sessions", "GET", self.sessions),
        )

    # State

    def state(self) -> Answer:
        """List collections with how many rows they have."""
        counts = self.inside.get("/state").value or {}
        return self.page("state.html", counts=counts)

    def rows(self) -> Answer:
        """List the rows of a collection."""
        api, name = self._collection()
        if api is None:
            return self.missing("There is no such collection.")
        rows = self._rows(api, name)
        text = request.args.get("q", "").lower()
        found = [
            {"key": key, "row": row, "within": within(name, key)}
            for key, row in rows.items()
            if not text or text in showing.as_json(row).lower() or text in key.lower()
        ]
        return self.page(
            "rows.html",
            api=api.name,
            collection=name,
            rows=found[:MOST],
            total=len(rows),
            left=max(0, len(found) - MOST),
            columns=_columns([one["row"] for one in found[:50]]),
            query=request.args.get("q", ""),
            nested="{" in name,
        )

    def row(self) -> Answer:
        """Show one row, to be edited; or a new one."""
        api, name = self._collection()
        if api is None:
            return self.missing("There is no such collection.")
        key = request.args.get("key")
        if key is None:
            rows = self._rows(api, name)
            template: dict[str, Any] = next(iter(rows.values()), {})
            return self.page(
                "row.html", api=api.name, collection=name, key=None, row=showing.as_json(template)
            )
        found = self._rows(api, name).get(key)
        if found is None:
            return self.missing(f"{name} has no {key!r}.")
        return self.page(
            "row.html",
            api=api.name,
            collection=name,
            key=key,
            within=within(name, key),
            row=showing.as_json(found),
        )

    def _collection(self) -> tuple[Api | None, str]:
        api, name = self.api(request.args.get("api", "")), request.args.get("collection", "")
        known = api is not None and name in self.session.worlds[api.name].tables
        return (api, name) if known else (None, name)

    def _rows(self, api: Api, name: str) -> dict[str, Any]:
        rows = self.session.state(api.name)[name]
        return shown_rows(rows) if isinstance(api.engine, Inferred) else rows

    # Stubs, and what else bends answers

    def stubs(self) -> Answer:
        """List stubs and scenarios."""
        said = self.inside.get("/mappings")
        near = self.inside.get("/requests/unmatched/near-misses").list("nearMisses")
        return self.page(
            "stubs.html",
            there=said.good,
            stubs=said.list("mappings"),
            scenarios=self.inside.get("/scenarios").list("scenarios"),
            near=near[:10],
            draft=request.args.get("draft", ""),
        )

    def bench(self) -> Answer:
        """Show the clock, gates, faults and what is armed."""
        clock = self.inside.get("/clock")
        gates = self.inside.get("/gates")
        chaos = self.inside.get("/chaos")
        settings = self.inside.get("/settings")
        return self.page(
            "bench.html",
            clock=clock.value if clock.good else None,
            gates=gates.list("gates") if gates.good else None,
            chaos=chaos.value if chaos.good else None,
            settings=settings.value.get("settings", {}) if settings.good else None,
            armed=self.armed(),
        )

    # Siblings

    def sessions(self) -> Answer:
        """List sessions and snapshots."""
        said = self.inside.get("/sessions")
        return self.page(
            "sessions.html",
            all=said.list("sessions"),
            dropped=said.list("dropped"),
            snapshots=self.inside.get("/snapshots").list("snapshots"),
        )


def within(collection: str, key: str) -> str:
    """Return where the admin has a row: the parents' keys in the collection's path, its own behind it."""
    parts = key.split("|")
    names = re.findall(r"\{[^{}]*\}", collection)
    path = collection
    if names and len(parts) == len(names) + 1:
        for name, value in zip(names, parts, strict=False):
            path = path.replace(name, segment(value), 1)
        return f"{path.strip('/')}/{segment(parts[-1])}"
    return f"{path.strip('/')}/{segment(key)}"


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    """Return the fields to show: those that hold something short, in the rows' own order."""
    names = dict.fromkeys(name for row in rows for name in row if not name.startswith("_"))
    plain = [name for name in names if not any(isinstance(row.get(name), (dict, list)) for row in rows)]
    return plain[:COLUMNS]
