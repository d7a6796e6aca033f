"""
Gates, as the admin puts them up, watches who waits, and lets them go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response as Answer
from flask import request

from mockserver.errors import nearest
from mockserver.server.admin_answers import as_json
from mockserver.server.admin_requests import secrets_of, shown_url
from mockserver.server.admin_views import Refusal, Rule, Views, member, one_of, sent_object, shortened, whole
from mockserver.server.gates import GATES, PLACES, passed, shown, shut
from mockserver.server.matching import MEMBERS, NoSuch, Which
from mockserver.server.session import Session
from mockserver.server.sessions import checked
from mockserver.server.waiting import Waiting

LONGEST = 60.0
"""Seconds that somebody may wait for others to wait."""
ORDERS = ("fifo", "lifo")


class GateViews(Views):
    """`/gates`, of the session that the request names."""

    @property
    def rules(self) -> Iterable[Rule]:
        """What there is."""
        return (
            ("/gates", "GET", self.overview),
            ("/gates", "POST", self.shut),
            ("/gates", "DELETE", self.remove),
            ("/gates/<name>", "GET", self.get),
            ("/gates/<name>", "PUT", self.shut),
            ("/gates/<name>", "DELETE", self.remove),
            ("/gates/<name>/release", "POST", self.release),
        )

    def overview(self) -> Answer:
        """List all, with who waits."""
        session = self.session
        return as_json({"gates": [self._shown(session, row) for _, row in session.rows(GATES)]})

    def get(self, name: str) -> Answer:
        """Show one; `?waiting=N` when so many wait there, at most `timeout` seconds from now."""
        session = self.session
        self._row(session, name)
        if "waiting" in request.args:
            count, seconds = whole("waiting", 1), min(_number("timeout", "10"), LONGEST)
            if not session.room.until(name, count, seconds):
                there = len(session.room.at(name))
                raise Refusal(408, f"{there} of {count} wait at the gate {name!r} after {seconds:g} s.")
        return as_json(self._shown(session, self._row(session, name)))

    def shut(self, name: str = "") -> Answer:
        """Put one up."""
        body = sent_object("name", *MEMBERS, "at")
        name = name or member(body, "name", str, "a name", "")
        checked(name, "gate")
        try:
            which = Which.of(body, self.host.apis)
        except NoSuch as error:
            raise Refusal(400, str(error)) from None
        at = one_of(member(body, "at", str, "a text", PLACES[0]), PLACES, "at")
        session = self.session
        return as_json(self._shown(session, shut(session, name, which, at)), 201)

    def remove(self, name: str = "") -> Answer:
        """Take one away, or all; who waits there goes."""
        session = self.session
        if name:
            self._row(session, name)
        names = [name] if name else [key for key, _ in session.rows(GATES)]
        with session.changing() as transaction:
            for one in names:
                transaction.delete(GATES, one)
        for one in names:
            session.room.let_go(one, session.room.at(one))
        return as_json({})

    def release(self, name: str) -> Answer:
        """Let all go, and open the gate; or `count` of them, `order` "fifo" or "lifo"; or those of `ids`."""
        session = self.session
        self._row(session, name)
        body = sent_object("count", "order", "ids", "keep")
        there = session.room.at(name)
        which = self._which(body, there)
        keep = member(body, "keep", bool, "true or false", bool(body.keys() & {"count", "ids"}))
        passed(session, name, len(which), opened=not keep)
        session.room.let_go(name, which)
        return as_json(
            {"released": [one.id for one in which], **self._shown(session, self._row(session, name))}
        )

    def _shown(self, session: Session, row: dict[str, Any]) -> dict[str, Any]:
        secrets = secrets_of(api.contract for api in self.host.apis)
        found = shown(session, row)
        for one in found["waiting"]:
            one["url"] = shown_url(one["url"], secrets)
        return found

    @staticmethod
    def _which(body: dict[str, Any], there: list[Waiting]) -> list[Waiting]:
        ids = member(body, "ids", list, "a list of ids", None)
        if ids is not None:
            by_id = {one.id: one for one in there}
            for ident in ids:
                if not isinstance(ident, str):
                    raise Refusal(400, f"ids: an id is a text, found {shortened(ident)}.")
                if ident not in by_id:
                    raise Refusal(404, f"Nobody waits there as {ident!r}.{nearest(ident, by_id)}")
            return [by_id[ident] for ident in dict.fromkeys(ids)]
        order = one_of(member(body, "order", str, "a text", ORDERS[0]), ORDERS, "order")
        count = member(body, "count", int, "a whole number", len(there))
        if count < 0 or count > len(there):
            raise Refusal(409, f"count: {len(there)} wait there, and {count} should go.", waiting=len(there))
        return (there if order == "fifo" else there[::-1])[:count]

    @staticmethod
    def _row(session: Session, name: str) -> dict[str, Any]:
        row = session.row(GATES, name)
        if row is None:
            known = [key for key, _ in session.rows(GATES)]
            raise Refusal(404, f"There is no gate {name!r}.{nearest(name, known)}")
        return row


def _number(name: str, default: str) -> float:
    text = request.args.get(name, default)
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not value >= 0:
        raise Refusal(400, f"{name}: a number is expected, found {text!r}.")
    return value
