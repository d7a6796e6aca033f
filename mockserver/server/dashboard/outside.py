"""
Webhooks: who is told, what can be sent by hand, and what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flask import Response as Answer
from flask import request

from mockserver.server.dashboard import showing
from mockserver.server.dashboard.inside import segment
from mockserver.server.dashboard.page import Pages


class WebhookPages(Pages):
    """What is sent from the session that is looked at."""

    @property
    def rules(self) -> Iterable[tuple[str, str, Callable[..., Answer]]]:
        """What there is."""
        return (
            ("/ui/webhooks", "GET", self.index),
            ("/ui/webhooks/deliveries", "GET", self.deliveries),
            ("/ui/webhooks/deliveries/<ident>", "GET", self.one),
        )

    def index(self) -> Answer:
        """Show subscriptions, events and the newest deliveries."""
        said = self.inside.get("/webhooks").value or {}
        events = said.get("events") or {}
        chosen = request.args.get("event", "")
        api, _, name = chosen.partition(" ")
        event = next((one for one in events.get(api, []) if one["event"] == name), None)
        return self.page(
            "webhooks.html",
            events=events,
            subscriptions=said.get("subscriptions") or [],
            anywhere=said.get("anywhere"),
            deliveries=self._newest(),
            chosen=chosen if event is not None else "",
            chosen_api=api,
            event=event,
            data=showing.as_json(event["data"]) if event is not None else "",
        )

    def deliveries(self) -> Answer:
        """Show the newest deliveries, as rows."""
        return self.page("_deliveries.html", deliveries=self._newest())

    def one(self, ident: str) -> Answer:
        """Show a delivery: what was sent, and each attempt."""
        said = self.inside.get(f"/webhooks/deliveries/{segment(ident)}")
        if not said.good:
            return self.missing(said.trouble)
        body = showing.pretty(str(said.value["request"].get("body", "")))
        return self.page("delivery.html", delivery=said.value, body=body)

    def _newest(self) -> list[object]:
        return self.inside.get("/webhooks/deliveries", limit="100").list("deliveries")
