"""
The orders of `depot.yaml`, by hand.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from flask import Flask, Response, request

from mockserver.tests.judged.depot_bodies import Bodies, Row
from mockserver.tests.judged.depot_choices import BUGS, DIALECTS
from mockserver.tests.judged.switches import Refusal, Switches

ACCOUNTS = {"test-token": "first", "other-token": "second"}
FIELDS = {
    "currency": "EUR",
    "priority": 3,
    "discount_percent": 0,
    "gift": False,
    "notes": None,
    "deliver_at": None,
    "tags": [],
}


def make(bugs: Iterable[str] = (), dialect: str = "node") -> Flask:
    """Return the application, with *bugs* in it, in one of the dialects."""
    return _Depot(Switches(BUGS, bugs), dialect).app


class _Depot(Bodies):
    def __init__(self, bug: Switches, dialect: str) -> None:
        self.bug, self.way = bug, DIALECTS[dialect]
        self.orders: dict[str, Row] = {}
        self.gone: dict[str, Row] = {}
        self.lines: list[Row] = []
        self.numbers = itertools.count(1)
        self.app = app = Flask(__name__)
        base = "/orders"
        for rule, method, view in (
            (base, "GET", self.index),
            (base, "POST", self.store),
            (base + "/<key>", "GET", self.show),
            (base + "/<key>", "PUT", self.replace),
            (base + "/<key>", "PATCH", self.update),
            (base + "/<key>", "DELETE", self.destroy),
            (base + "/<key>/cancel", "POST", self.cancel),
            (base + "/<key>/lines", "GET", self.index_lines),
            (base + "/<key>/lines", "POST", self.store_line),
        ):
            app.add_url_rule(rule, view.__name__, view, methods=[method])
        app.register_error_handler(Refusal, self.refused)
        app.after_request(self.dressed)

    def refused(self, one: Refusal) -> Response:
        """Answer a refusal."""
        if one.status == 204:
            return Response("", 204)
        if one.status == 404 and self.bug("delete_body"):
            return Response("<h1>Not found</h1>", 404, content_type="text/html")
        said = (
            {"message": one.message}
            if self.bug("refusal_bare")
            else {"error": {"code": one.code, "message": one.message}}
        )
        answer = self.answer(said, one.status)
        if one.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    def dressed(self, answer: Response) -> Response:
        """Add what this dialect adds to everything."""
        answer.headers.extend(self.way.headers)
        return answer

    def answer(self, value: Any, status: int = 200, **headers: str) -> Response:
        """Return *value* as JSON."""
        return Response(json.dumps(value), status, headers, content_type=self.way.media)

    def number(self, value: Decimal | float) -> float | int:
        """Return an amount as this dialect writes it."""
        value = float(value)
        return int(value) if self.way.whole and value.is_integer() else value

    def of(self, key: str) -> list[Row]:
        """Return the lines of an order."""
        return [line for line in self.lines if line["order_id"] == key]

    def shown(self, row: Row, listed: bool = False) -> Row:
        """Return an order as it is answered."""
        bug = self.bug
        if listed and bug("stale_list"):
            row = {**row, **row["_made"]}
        lines = self.of(row["id"])
        total = sum((self.amount(line) for line in lines), Decimal(0))
        if not bug("total_no_discount"):
            total = total * (100 - Decimal(str(row["discount_percent"]))) / 100
        total = total.quantize(Decimal(1) if bug("total_rounds") else Decimal("0.01"), ROUND_HALF_UP)
        shown = {name: value for name, value in row.items() if not name.startswith("_")}
        shown["discount_percent"] = self.number(shown["discount_percent"])
        shown["line_count"] = row["_first"] if bug("count_stands") else len(lines)
        shown["total"] = str(total) if bug("total_as_text") else self.number(total)
        for name in ("created_at", "updated_at", "cancelled_at", "deliver_at"):
            if isinstance(shown[name], datetime):
                shown[name] = self.way.time(shown[name])
        if bug("time_no_zone"):
            shown["created_at"] = shown["created_at"][:19]
        if bug("no_gift"):
            del shown["gift"]
        if bug("extra_secret"):
            shown["account"] = row["_account"]
        if bug("priority_null") and shown["priority"] == 3:
            shown["priority"] = None
        if bug("status_closed") and shown["status"] == "cancelled":
            shown["status"] = "canceled"
        if bug("tags_joined"):
            shown["tags"] = ",".join(shown["tags"])
        if not self.way.nulls:
            shown = {name: value for name, value in shown.items() if value is not None or name == "priority"}
        return shown

    def amount(self, line: Row) -> Decimal:
        """Return what a line comes to."""
        price = Decimal(str(line["unit_price"]))
        return price if self.bug("amount_of_one") else price * line["quantity"]

    def line(self, row: Row) -> Row:
        """Return a line as it is answered."""
        cents = self.amount(row).quantize(Decimal("0.000001")).normalize()
        shown = {**row, "amount": self.number(cents), "unit_price": self.number(row["unit_price"])}
        if self.bug("position_zero"):
            shown["position"] -= 1
        return {name: value for name, value in shown.items() if value is not None or self.way.nulls}

    def account(self) -> str:
        """Return whose token was sent."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = ACCOUNTS.get(token.strip()) if scheme.lower() == "bearer" else None
        if known:
            return known
        if self.bug("takes_nobody") or (token and self.bug("takes_anybody")):
            return "first"
        raise Refusal(401, "unauthenticated", "Unauthenticated.")

    def mine(self, key: str, lax: str = "") -> Row:
        """Return the caller's order."""
        account = self.account()
        row = self.orders.get(key)
        if (
            row is None
            and request.method == "GET"
            and self.bug("deleted_reads")
            and not request.path.endswith("lines")
        ):
            row = self.gone.get(key)
        if row is None and request.path.endswith("lines") and self.bug("lines_survive"):
            row = self.gone.get(key)
        if row is None and request.method == "DELETE" and self.way.again == 204 and key in self.gone:
            if self.gone[key]["_account"] != account:
                raise Refusal(404, "not_found", "No such order.")
            raise Refusal(204, "")
        if row is None or (row["_account"] != account and not (lax and self.bug(lax))):
            raise Refusal(404, "not_found", "No such order.")
        return row

    def unique(self, reference: str, account: str, but: str = "") -> None:
        """Refuse a reference that is taken."""
        fold = str.lower if self.way.folded else str
        rows = [*self.orders.values(), *(self.gone.values() if self.bug("taken_forever") else ())]
        if any(
            r["id"] != but and r["_account"] == account and fold(r["reference"]) == fold(reference)
            for r in rows
        ):
            raise Refusal(409, "reference_taken", "The reference is taken.")

    def index(self) -> Response:
        """GET /orders."""
        from mockserver.tests.judged.depot_list import page_of

        return page_of(self)

    def store(self) -> Response:
        """POST /orders."""
        bug, account = self.bug, self.account()
        sent = self.body()
        lines = self.firsts(sent)
        sent = self.checked(sent)
        if not bug("reference_twice"):
            self.unique(sent["reference"], account)
        for _ in range(2 if bug("create_twice") else 1):
            now = datetime.now(UTC)
            number = next(self.numbers)
            row = {
                "id": self.way.number(number),
                "reference": sent["reference"],
                "customer": sent["customer"],
                **{name: sent.get(name, default) for name, default in FIELDS.items()},
                "status": "open",
                "cancelled_at": None,
                "created_at": now,
                "updated_at": now,
                "_account": account,
                "_n": number,
                "_first": len(lines),
            }
            if "priority" not in sent and bug("default_priority"):
                row["priority"] = 1
            if "currency" not in sent and bug("default_currency"):
                row["currency"] = "USD"
            row["_made"] = {"priority": row["priority"], "notes": row["notes"], "customer": row["customer"]}
            if not bug("lost_create"):
                self.orders[row["id"]] = row
            for at, line in enumerate(lines[: -1 if bug("line_lost") and len(lines) > 1 else None], 1):
                self.lines.append({**line, "order_id": row["id"], "position": at})
        place = {} if bug("no_location") else {"Location": self.way.location.format(id=row["id"])}
        return self.answer({"data": self.shown(row)}, 200 if bug("create_is_200") else 201, **place)

    def show(self, key: str) -> Response:
        """GET /orders/{orderId}."""
        row = self.shown(self.mine(key, "other_reads"))
        return self.answer(row if self.bug("bare_order") else {"data": row})

    def change(self, key: str, partly: bool) -> tuple[Row, Row]:
        """Return the order that is to be changed, and what was sent."""
        if self.way.first:
            self.account()
            sent = self.checked(self.body(), partly)
            if not partly:
                self.firsts(sent)
            row = self.mine(key, "other_patches")
        else:
            row = self.mine(key, "other_patches")
            sent = self.checked(self.body(), partly)
            if not partly:
                self.firsts(sent)
        if row["status"] == "cancelled" and not self.bug("cancelled_changes"):
            raise Refusal(409, "cancelled", "The order is cancelled.")
        return row, sent

    def replace(self, key: str) -> Response:
        """PUT /orders/{orderId}."""
        bug = self.bug
        row, sent = self.change(key, False)
        self.unique(sent["reference"], row["_account"], key)
        fresh = {**row, "reference": sent["reference"], "customer": sent["customer"]}
        for name, default in FIELDS.items():
            if name in sent or not bug("put_keeps"):
                fresh[name] = sent.get(name, default)
        if bug("put_drops_lines"):
            self.lines = [line for line in self.lines if line["order_id"] != key]
        if bug("put_makes_two"):
            number = next(self.numbers)
            twin = {**fresh, "id": self.way.number(number), "_n": number}
            self.orders[twin["id"]] = twin
        return self.kept(key, fresh, bug("lost_put"))

    def update(self, key: str) -> Response:
        """PATCH /orders/{orderId}."""
        bug = self.bug
        row, sent = self.change(key, True)
        if "reference" in sent and not bug("reference_by_patch"):
            self.unique(sent["reference"], row["_account"], key)
        fresh = dict(row)
        if bug("patch_clears"):
            fresh.update({name: FIELDS[name] for name in ("notes", "tags", "deliver_at")})
        for name in ("reference", *FIELDS):
            if name in sent:
                fresh[name] = sent[name]
        if "customer" in sent:
            merged = {**row["customer"], **sent["customer"]}
            fresh["customer"] = merged if self.way.merges else sent["customer"]
            if bug("patch_customer") and "email" in row["customer"]:
                fresh["customer"] = {**fresh["customer"], "email": row["customer"]["email"]}
        if bug("patch_spills") and "priority" in sent:
            for other in self.orders.values():
                other["priority"] = sent["priority"]
        return self.kept(key, fresh, bug("lost_patch"))

    def kept(self, key: str, fresh: Row, lost: bool) -> Response:
        """Store a changed order, and answer it."""
        if not self.bug("updated_stands"):
            fresh["updated_at"] = datetime.now(UTC)
        if self.bug("created_moves"):
            fresh["created_at"] = datetime.now(UTC)
        if not lost:
            self.orders[key] = fresh
        return self.answer({"data": self.shown(fresh)})

    def destroy(self, key: str) -> Response:
        """DELETE /orders/{orderId}."""
        row = self.mine(key, "other_deletes")
        later = [
            one["id"]
            for one in self.orders.values()
            if one["_n"] > row["_n"] and one["_account"] == row["_account"]
        ]
        self.gone[key] = self.orders.pop(key)
        if self.bug("delete_two") and later:
            self.gone[later[0]] = self.orders.pop(later[0])
        if not self.bug("lines_survive"):
            self.lines = [line for line in self.lines if line["order_id"] != key]
        return self.answer({}, 200) if self.way.deleted == 200 else Response("", 204)

    def cancel(self, key: str) -> Response:
        """POST /orders/{orderId}/cancel."""
        bug = self.bug
        row = self.mine(key, "other_cancels")
        if row["status"] == "cancelled" and not bug("cancel_twice"):
            raise Refusal(409, "cancelled", "It is cancelled already.")
        now = datetime.now(UTC)
        fresh = {
            **row,
            "status": "cancelled",
            "cancelled_at": None if bug("cancelled_at_stays") else now,
            "updated_at": now,
        }
        if not bug("lost_cancel"):
            self.orders[key] = fresh
        if bug("cancel_all"):
            for other in self.orders.values():
                other["status"] = "cancelled"
        return self.answer({"data": self.shown(fresh)}, 202 if bug("cancel_is_202") else 200)

    def index_lines(self, key: str) -> Response:
        """GET /orders/{orderId}/lines."""
        row = self.mine(key, "other_lines")
        lines = [self.line(one) for one in self.of(row["id"])]
        if self.bug("lines_reversed"):
            lines.reverse()
        count = -1 if not lines and self.bug("count_negative") else len(lines)
        return self.answer({"data": lines, "meta": {"count": count}})

    def store_line(self, key: str) -> Response:
        """POST /orders/{orderId}/lines."""
        bug = self.bug
        if self.way.first:
            self.account()
            line = self.line_of(self.body(), key)
            row = self.mine(key)
        else:
            row = self.mine(key)
            line = self.line_of(self.body(), key)
        if row["status"] == "cancelled":
            raise Refusal(409, "cancelled", "The order is cancelled.")
        if bug("line_elsewhere"):
            line["order_id"] = next(
                one["id"] for one in self.orders.values() if one["_account"] == row["_account"]
            )
        line["position"] = 1 + len(self.of(line["order_id"]))
        self.lines.append(line)
        if bug("line_twice"):
            self.lines.append(
                {**line, "id": self.way.number(next(self.numbers)), "position": line["position"] + 1}
            )
        return self.answer({"data": self.line(line)}, 201)
