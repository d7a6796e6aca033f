"""
The admin's views of webhooks: subscriptions, deliveries, and events by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, request
from flask import Response as Answer

from mockserver.behavior.store import Row
from mockserver.errors import MockserverError, nearest
from mockserver.exchange import Json
from mockserver.server.admin_answers import as_json, as_problem
from mockserver.server.admin_views import whole
from mockserver.server.session import Session
from mockserver.server.webhooks import deliveries
from mockserver.server.webhooks.office import Office
from mockserver.server.webhooks.subscriptions import BadSubscription
from mockserver.server.webhooks.triggers import Refused, offered, trigger

LONGEST = 60.0
"""Seconds that somebody may wait for deliveries to settle."""

FILTERS = ("id", "api", "event", "state", "subscription", "cause")
"""Members of a delivery that a list may be narrowed by."""


class WebhookViews:
    """
    Args:
        office: Gives whose they are.
        session: Gives the session that the request names.
    """

    def __init__(self, office: Callable[[], Office], session: Callable[[], Session]) -> None:
        self._made = office
        self._session = session

    def register(self, views: Blueprint) -> None:
        """Add the views to those of the admin."""
        for rule, method, view in (
            ("/webhooks", "GET", self.overview),
            ("/webhooks", "POST", self.subscribe),
            ("/webhooks/subscriptions", "GET", self.subscriptions),
            ("/webhooks/subscriptions", "POST", self.subscribe),
            ("/webhooks/subscriptions/<ident>", "GET", self.subscription),
            ("/webhooks/subscriptions/<ident>", "DELETE", self.unsubscribe),
            ("/webhooks/deliveries", "GET", self.deliveries),
            ("/webhooks/deliveries", "DELETE", self.forget),
            ("/webhooks/deliveries/<ident>", "GET", self.delivery),
            ("/webhooks/deliveries/<ident>/redeliver", "POST", self.redeliver),
            ("/webhooks/trigger", "POST", self.trigger),
        ):
            views.add_url_rule(rule, view_func=view, methods=[method], endpoint=f"{method} {rule}")

    @property
    def _office(self) -> Office:
        return self._made()

    def overview(self) -> Answer:
        """Say what is sent, who is told, and how much is on its way."""
        session = self._session()
        rows = [row for _, row in session.rows(deliveries.TABLE)]
        return as_json(
            {
                "events": {api.name: offered(api) for api in self._office.apis if api.contract.events},
                "subscriptions": [one.row() for one in self._office.subscribers(session)],
                "deliveries": {
                    state: sum(row["state"] == state for row in rows) for state in deliveries.STATES
                },
                "anywhere": self._office.anywhere,
            }
        )

    def subscriptions(self) -> Answer:
        """List who is told."""
        return as_json({"subscriptions": [one.row() for one in self._office.subscribers(self._session())]})

    def subscribe(self) -> Answer:
        """Add who is told."""
        try:
            made = self._office.subscribe(self._session(), sent())
        except BadSubscription as error:
            return as_problem(400, str(error))
        return as_json(made.row(), 201)

    def subscription(self, ident: str) -> Answer:
        """Show one."""
        known = {one.id: one for one in self._office.subscribers(self._session())}
        if ident not in known:
            return as_problem(404, f"There is no subscription {ident!r}.{nearest(ident, known)}")
        return as_json(known[ident].row())

    def unsubscribe(self, ident: str) -> Answer:
        """Remove one."""
        if not self._office.unsubscribe(self._session(), ident):
            known = [one.id for one in self._office.subscribers(self._session())]
            return as_problem(404, f"There is no subscription {ident!r}.{nearest(ident, known)}")
        return as_json({})

    def deliveries(self) -> Answer:
        """
        List deliveries, the newest first.

        `settled=SECONDS` waits at most so long until nothing is on its way but what waits for the clock;
        `limit`, and `id`, `api`, `event`, `state`, `subscription` and `cause` narrow the list.
        """
        session = self._session()
        settled = True
        if "settled" in request.args:
            seconds = _number(request.args["settled"])
            if seconds is None:
                return as_problem(400, f"settled: {request.args['settled']!r:.40} is no number of seconds.")
            settled = self._office.settled(session, min(seconds, LONGEST))
        rows = [row for _, row in session.rows(deliveries.TABLE)][::-1]
        for name in FILTERS:
            if name in request.args:
                rows = [row for row in rows if row[name] == request.args[name]]
        total = len(rows)
        shown = [deliveries.public(row) for row in rows[: whole("limit", total)]]
        return as_json({"deliveries": shown, "meta": {"total": total, "settled": settled}})

    def forget(self) -> Answer:
        """Forget all deliveries; what is on its way is not sent any more."""
        session = self._session()
        with session.changing() as transaction:
            for key, _ in session.rows(deliveries.TABLE):
                transaction.delete(deliveries.TABLE, key)
        return as_json({})

    def delivery(self, ident: str) -> Answer:
        """Show one, with all its attempts."""
        row = self._session().row(deliveries.TABLE, ident)
        return self._none(ident) if row is None else as_json(deliveries.public(row))

    def redeliver(self, ident: str) -> Answer:
        """Send one again, as it was."""
        row = self._office.redeliver(self._session(), ident)
        return self._none(ident) if row is None else as_json(deliveries.public(row), 202)

    def trigger(self) -> Answer:
        """Let an event happen."""
        try:
            apis = {api.name: api for api in self._office.apis}
            rows, note = trigger(self._office, apis, self._session(), sent())
        except BadSubscription as error:
            return as_problem(400, str(error))
        except Refused as error:
            return as_problem(error.status, str(error))
        except MockserverError as error:
            return as_problem(500, f"The event cannot be made: {error}")
        shown: dict[str, Any] = {"deliveries": [deliveries.public(row) for row in rows]}
        return as_json({**shown, "note": note} if note else shown, 202)

    def _none(self, ident: str) -> Answer:
        rows: list[tuple[str, Row]] = self._session().rows(deliveries.TABLE)
        return as_problem(404, f"There is no delivery {ident!r}.{nearest(ident, [key for key, _ in rows])}")


def sent() -> Json:
    """Return the body of the request as JSON. Raises BadSubscription where it is none."""
    try:
        return orjson.loads(request.get_data() or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadSubscription(f"the body is no JSON: {error}.") from None


def _number(text: str) -> float | None:
    try:
        return max(0.0, float(text)) if text != "nan" else None
    except ValueError:
        return None
