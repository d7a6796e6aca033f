"""
The tickets of `desk.yaml`, by hand.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, request

from mockserver.tests.judged.desk_choices import BUGS, DIALECTS, INPUT, MOVES, PRIORITIES
from mockserver.tests.judged.switches import Refusal, Switches

ACCOUNTS = {"test-token": "first", "other-token": "second"}
Row = dict[str, Any]


def make(bugs: Iterable[str] = (), dialect: str = "express") -> Flask:
    """Return the application, with *bugs* in it, in one of the dialects."""
    return _Desk(Switches(BUGS, bugs), dialect).app


def _text(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and low <= len(value) <= high


def _number(high: float, *, whole: bool) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= high
        return known and (not whole or value == int(value))

    return fits


class _Desk:
    def __init__(self, bug: Switches, dialect: str) -> None:
        self.bug, self.way = bug, DIALECTS[dialect]
        self.customers: dict[int, Row] = {}
        self.tickets: dict[int, Row] = {}
        self.comments: dict[int, Row] = {}
        self.numbers = itertools.count(1)
        self.checks: dict[str, Callable[[Any], bool]] = {
            "subject": _text(3, 80),
            "description": _text(0, 2000),
            "priority": lambda value: value in PRIORITIES,
            "labels": self.labels,
            "customerId": _number(10**15, whole=True),
            "hours": _number(500, whole=True),
            "rate": _number(1000, whole=False),
        }
        self.app = app = Flask(__name__)
        ticket, comments = "/tickets/<int:key>", "/tickets/<int:key>/comments"
        for rule, method, view in (
            ("/customers", "GET", self.list_customers),
            ("/customers", "POST", self.add_customer),
            ("/customers/<int:key>", "GET", self.read_customer),
            ("/customers/<int:key>", "DELETE", self.delete_customer),
            ("/tickets", "GET", self.list_tickets),
            ("/tickets", "POST", self.add_ticket),
            (ticket, "GET", self.read_ticket),
            (ticket, "PUT", self.replace_ticket),
            (ticket, "PATCH", self.change_ticket),
            (ticket, "DELETE", self.delete_ticket),
            (ticket + "/status", "PUT", self.move_ticket),
            (ticket + "/bill", "POST", self.bill_ticket),
            (comments, "GET", self.list_comments),
            (comments, "POST", self.add_comment),
            (comments + "/<int:comment>", "GET", self.read_comment),
            (comments + "/<int:comment>", "DELETE", self.delete_comment),
        ):
            app.add_url_rule(rule, view.__name__, view, methods=[method])
        app.register_error_handler(Refusal, self.refused)
        app.register_error_handler(404, lambda _: self.refused(Refusal(404, "no such path")))

    # ------------------------------------------------------------------ answers

    def refused(self, refusal: Refusal) -> Response:
        """Answer a refusal."""
        return self.answer({"message": refusal.code}, refusal.status)

    def answer(self, body: Any, status: int = 200) -> Response:
        """Answer JSON."""
        if self.way.extra and isinstance(body, dict):
            body = {**body, "traceId": hashlib.md5(json.dumps(body).encode()).hexdigest()}
        return Response(json.dumps(body), status, content_type="application/json")

    def account(self) -> str:
        """Return whose request it is."""
        key = request.headers.get("X-API-Key", "")
        if key not in ACCOUNTS and not (key and self.bug("any_key")):
            raise Refusal(401, "no or unknown API key")
        return ACCOUNTS.get(key, "first")

    def said(self, known: Iterable[str], required: Iterable[str] = ()) -> Row:
        """Return the body, checked."""
        try:
            body = json.loads(request.get_data().decode())
        except ValueError:
            body = None
        if not isinstance(body, dict) or set(body) - set(known) or set(required) - set(body):
            raise Refusal(422, "validation failed")
        return body

    def checked(self, body: Row) -> Row:
        """Return what is said of a ticket, if all of it is right."""
        if not all(self.checks[name](value) for name, value in body.items()):
            raise Refusal(422, "validation failed")
        customer = self.customers.get(int(body.get("customerId", 0)))
        known = customer is not None and not customer["gone"] and customer["account"] == self.account()
        if "customerId" in body and not (known or self.bug("customer_any") or self.bug("other_replaces")):
            raise Refusal(422, "there is no such customer")
        return body

    def labels(self, value: Any) -> bool:
        """Whether a value is a list of labels."""
        most = 6 if self.bug("six_labels") else 5
        known = isinstance(value, list) and all(isinstance(one, str) for one in value)
        good = known and all(re.fullmatch(r"[a-z0-9-]{1,30}", one) for one in value)
        return good and len(set(value)) == len(value) <= most

    def now(self) -> str:
        """Return the time, as this dialect writes it."""
        text = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        return text[: 20 + self.way.digits].rstrip(".") + "Z"

    # ---------------------------------------------------------------- customers

    def customer(self, row: Row, listed: bool = False) -> Row:
        """Return a customer as it is shown."""
        own = [one for one in self.tickets.values() if one["customerId"] == row["id"]]
        count = len([one for one in own if not one["gone"] or self.bug("count_stays")])
        return {
            "id": row["id"],
            "name": row["name"],
            "ticketsCount": 0 if listed and self.bug("count_listed") else count,
        }

    def a_customer(self, key: int) -> Row:
        """Return the customer of that key."""
        row = self.customers.get(key)
        hidden = row is None or (row["gone"] and not self.bug("deleted_customer"))
        if hidden or row is None or row["account"] != self.account():
            raise Refusal(404, "there is no such customer")
        return row

    def list_customers(self) -> Response:
        """List."""
        me = self.account()
        rows = [one for one in self.customers.values() if one["account"] == me and not one["gone"]]
        return self.answer([self.customer(one, listed=True) for one in rows])

    def add_customer(self) -> Response:
        """Add."""
        me, body = self.account(), self.said(("name",), ("name",))
        if not _text(1, 60)(body["name"]):
            raise Refusal(422, "validation failed")
        key = next(self.numbers)
        self.customers[key] = {"id": key, "name": body["name"], "account": me, "gone": False}
        return self.answer(self.customer(self.customers[key]), 201)

    def read_customer(self, key: int) -> Response:
        """Read."""
        return self.answer(self.customer(self.a_customer(key)))

    def delete_customer(self, key: int) -> Response:
        """Delete."""
        self.a_customer(key)["gone"] = True
        return Response(status=204)

    # ------------------------------------------------------------------ tickets

    def ticket(self, row: Row, listed: bool = False) -> Row:
        """Return a ticket as it is shown."""
        hidden = ("account", "gone", "version", "first", "changed")
        shown = {name: value for name, value in row.items() if name not in hidden}
        shown["cost"] = row["first"] if self.bug("cost_stale") else round(row["hours"] * row["rate"], 2)
        shown["commentCount"] = len([one for one in self.comments.values() if one["ticketId"] == row["id"]])
        if listed and self.bug("list_row_null"):
            shown["status"] = None
        return shown

    def versioned(self, row: Row, status: int = 200) -> Response:
        """Answer a ticket with its version."""
        answer = self.answer(self.ticket(row), status)
        answer.headers["ETag"] = self.tag(row)
        return answer

    def tag(self, row: Row) -> str:
        """Return the ETag of a ticket."""
        version = 0 if self.bug("tag_stays") else row["changed"] if self.way.coarse else row["version"]
        tag = hashlib.sha256(f"{row['id']} {version}".encode()).hexdigest()[:16]
        return f'W/"{tag}"' if self.way.weak else f'"{tag}"'

    def named(self, row: Row, field: str) -> bool | None:
        """Return whether a field of the request names the version of a ticket; None without one."""
        said = request.headers.get(field, "")
        if not said:
            return None
        tags = [one.strip().removeprefix("W/") for one in said.split(",")]
        return "*" in tags or self.tag(row).removeprefix("W/") in tags

    def a_ticket(self, key: int, anybody: bool = False) -> Row:
        """Return the ticket of that key."""
        me, row = self.account(), self.tickets.get(key)
        if row is None or row["gone"] or (row["account"] != me and not anybody):
            raise Refusal(404, "there is no such ticket")
        return row

    def changed(self, row: Row, change: Row) -> None:
        """Change a ticket."""
        if "description" in change:
            text = change["description"]
            text = text.replace("&", "&amp;") if self.bug("escaped") else text
            change = {**change, "description": text[:255] if self.bug("cut") else text}
        row.update(change)
        row["version"] += 1
        row["changed"] = int(datetime.now(UTC).timestamp())

    def add_ticket(self) -> Response:
        """Open one."""
        me, body = self.account(), self.said(self.checks, ("subject", "customerId"))
        body = {**INPUT, **self.checked(body)}
        key = next(self.numbers)
        row = self.tickets[key] = {
            "id": key,
            "account": me,
            "gone": False,
            "version": 0,
            "status": "open",
            "billedAt": None,
            "createdAt": self.now(),
            "first": round(body["hours"] * body["rate"], 2),
        }
        self.changed(row, body)
        return self.versioned(row, 201)

    def read_ticket(self, key: int) -> Response:
        """Read one."""
        row = self.a_ticket(key)
        if self.named(row, "If-None-Match") and not self.bug("full_again"):
            return Response(status=304, headers={"ETag": self.tag(row)})
        return self.versioned(row)

    def replace_ticket(self, key: int) -> Response:
        """Replace one."""
        row = self.a_ticket(key, anybody=self.bug("other_replaces"))
        body = self.checked(self.said(self.checks, ("subject", "customerId")))
        named = self.named(row, "If-Match")
        if (named is False and not self.bug("version_ignored")) or (named and self.bug("version_refused")):
            raise Refusal(412, "it was changed in the meantime")
        self.changed(row, {**INPUT, **body})
        return self.versioned(row)

    def change_ticket(self, key: int) -> Response:
        """Change one."""
        row, body = self.a_ticket(key), self.said(("subject", "description", "hours", "rate"))
        if not body:
            raise Refusal(422, "validation failed")
        self.changed(row, self.checked(body))
        return self.answer(self.ticket(row))

    def delete_ticket(self, key: int) -> Response:
        """Delete one, and its comments."""
        self.a_ticket(key)["gone"] = True
        self.comments = {name: one for name, one in self.comments.items() if one["ticketId"] != key}
        return Response(status=204)

    def move_ticket(self, key: int) -> Response:
        """Move one to another status."""
        row, body = self.a_ticket(key), self.said(("status",), ("status",))
        if body["status"] not in list(MOVES):
            raise Refusal(422, "validation failed")
        if body["status"] not in MOVES[row["status"]]:
            raise Refusal(409, "that does not follow")
        if self.bug("status_lost"):
            return self.answer(self.ticket({**row, "status": body["status"]}))
        self.changed(row, body)
        return self.answer(self.ticket(row))

    def bill_ticket(self, key: int) -> Response:
        """Bill one."""
        row = self.a_ticket(key)
        if row["status"] != "closed" and not self.bug("bill_open"):
            raise Refusal(409, "it is not closed")
        self.changed(row, {"billedAt": self.now()})
        return self.answer(self.ticket(row))

    def list_tickets(self) -> Response:
        """List some."""
        me, query = self.account(), request.args
        rows = [one for one in self.tickets.values() if one["account"] == me and not one["gone"]]
        if not (self.bug("page_forgets") and "cursor" in query):
            rows = self.narrowed(rows)
        by, order = query.get("sortBy", "createdAt"), query.get("sortOrder", "desc")
        if by not in ("createdAt", "subject") or order not in ("asc", "desc"):
            raise Refusal(422, "there is no such order")
        if by == "subject":
            rows = sorted(rows, key=lambda one: (str(one["subject"]), one["id"]))
        if order == "desc" and not (self.bug("oldest_first") and "sortOrder" not in query):
            rows = rows[::-1]
        page, following = self.page(rows)
        total = len(page) if self.bug("total_of_page") else len(rows)
        shown = [self.ticket(one, listed=True) for one in page]
        return self.answer({"items": shown, "nextCursor": following, "totalCount": total})

    def narrowed(self, rows: list[Row]) -> list[Row]:
        """Return those that the query asks for."""
        query = request.args
        if (status := query.get("status")) is not None:
            if status not in MOVES:
                raise Refusal(422, "there is no such status")
            rows = [one for one in rows if one["status"] == status or self.bug("status_ignored")]
        if (said := query.get("priority")) is not None:
            wanted = said.split(",")
            if not set(wanted) <= set(PRIORITIES):
                raise Refusal(422, "there is no such priority")
            wanted = wanted[:1] if self.bug("first_of_several") else wanted
            rows = [one for one in rows if one["priority"] in wanted]
        if (label := query.get("label")) is not None and not self.bug("label_ignored"):
            rows = [one for one in rows if label in one["labels"]]
        if (customer := query.get("customerId")) is not None:
            if not re.fullmatch(r"-?\d{1,15}", customer, re.ASCII):
                raise Refusal(422, "customerId is a number")
            rows = [one for one in rows if one["customerId"] == int(customer) or self.bug("customer_ignored")]
        if (text := query.get("q")) is not None:
            if not text:
                raise Refusal(422, "q is empty")
            names = ("subject",) if self.bug("search_subject") else ("subject", "description")
            fold = str.casefold if self.way.fold else str
            rows = [one for one in rows if any(fold(text) in fold(one[name]) for name in names)]
        return rows

    def page(self, rows: list[Row]) -> tuple[list[Row], str | None]:
        """Return the page that is asked for, and the cursor of the next one."""
        said = request.args.get("limit", "25")
        limit = int(said) if re.fullmatch(r"\d{1,9}", said, re.ASCII) else 0
        if not 1 <= limit <= 50:
            raise Refusal(422, "limit is 1 to 50")
        start = 0
        if cursor := request.args.get("cursor", ""):
            try:
                start = int(base64.urlsafe_b64decode(cursor.encode()).decode().removeprefix("after "))
            except ValueError:
                raise Refusal(422, "there is no such cursor") from None
        end = start + limit
        following = base64.urlsafe_b64encode(f"after {end}".encode()).decode() if end < len(rows) else None
        return rows[start:end], following

    # ----------------------------------------------------------------- comments

    def list_comments(self, key: int) -> Response:
        """List."""
        ticket = self.a_ticket(key)
        page, following = self.page(
            [one for one in self.comments.values() if one["ticketId"] == ticket["id"]]
        )
        return self.answer({"items": page, "nextCursor": following})

    def add_comment(self, key: int) -> Response:
        """Add."""
        ticket = self.a_ticket(key)
        body = {"internal": False, **self.said(("author", "text", "internal"), ("author", "text"))}
        good = _text(1, 40)(body["author"]) and _text(1, 1000)(body["text"])
        if not good or not isinstance(body["internal"], bool):
            raise Refusal(422, "validation failed")
        if ticket["status"] == "closed" and not self.bug("closed_comment"):
            raise Refusal(409, "it is closed")
        number = next(self.numbers)
        self.comments[number] = {"id": number, "ticketId": key, "createdAt": self.now(), **body}
        return self.answer(self.comments[number], 201)

    def a_comment(self, key: int, comment: int) -> Row:
        """Return the comment of that key."""
        self.a_ticket(key)
        row = self.comments.get(comment)
        if row is None or (row["ticketId"] != key and not self.bug("comment_anywhere")):
            raise Refusal(404, "there is no such comment")
        return row

    def read_comment(self, key: int, comment: int) -> Response:
        """Read."""
        return self.answer(self.a_comment(key, comment))

    def delete_comment(self, key: int, comment: int) -> Response:
        """Delete."""
        del self.comments[self.a_comment(key, comment)["id"]]
        return Response(status=204)
