"""
What is sent of orders and lines, held against the document by hand.
"""

from __future__ import annotations

import itertools
import json
import re
from datetime import UTC, datetime
from typing import Any

from flask import request

from mockserver.tests.judged.depot_choices import Dialect
from mockserver.tests.judged.switches import Refusal, Switches

Row = dict[str, Any]


class Bodies:
    """Reads bodies, and refuses them."""

    bug: Switches
    way: Dialect
    numbers: itertools.count[int]

    def wrong(self, why: str) -> None:
        """Refuse."""
        raise Refusal(self.way.invalid, "invalid", why)

    def body(self) -> Row:
        """Return the object that was sent."""
        if not request.is_json and not self.bug("takes_text"):
            raise Refusal(415, "media", "Send JSON.")
        try:
            sent = json.loads(request.get_data().decode())
        except ValueError:
            raise Refusal(self.way.unreadable, "malformed", "No JSON.") from None
        if not isinstance(sent, dict):
            self.wrong("must be an object")
        return sent

    def text(self, sent: Row, name: str, least: int, most: int, null: bool = False) -> None:
        """Hold a text."""
        value = sent.get(name)
        if name not in sent or (value is None and null):
            return
        if not isinstance(value, str) or not least <= len(value) <= most:
            self.wrong(f"{name} must be text of {least} to {most}")

    def checked(self, sent: Row, partly: bool = False) -> Row:
        """Return what was sent of an order, checked."""
        bug = self.bug
        if partly and bug("takes_bad_patch"):
            return {name: sent[name] for name in sent if self.passes(name, sent[name])}
        return self._checked(sent, partly)

    def passes(self, name: str, value: Any) -> bool:
        """Return whether one property would be taken."""
        try:
            self._checked({name: value}, True)
        except Refusal:
            return False
        return True

    def _checked(self, sent: Row, partly: bool) -> Row:
        bug = self.bug
        if partly and not sent:
            self.wrong("nothing to change")
        for name in () if partly else ("reference", "customer"):
            if name not in sent:
                if name == "reference" and bug("takes_no_reference"):
                    sent["reference"] = f"R-{next(self.numbers):06d}"
                else:
                    self.wrong(f"{name} is required")
        reference = sent.get("reference")
        if "reference" in sent:
            self.text(
                sent, "reference", 1 if bug("takes_short_reference") else 3, 19 if bug("refuses_20") else 20
            )
            if not re.fullmatch("[A-Za-z0-9-]+", reference) and not bug("takes_odd_reference"):
                self.wrong("reference has other characters")
            if bug("reference_upper"):
                sent["reference"] = reference.upper()
        if "customer" in sent:
            self.customer(sent)
        if sent.get("currency", "EUR") not in ("EUR", "USD", "GBP"):
            if not bug("takes_currency") or not isinstance(sent["currency"], str):
                self.wrong("currency is unknown")
            sent["currency"] = "EUR"
        if "priority" in sent:
            value = sent["priority"] = self.whole(sent["priority"], "priority")
            if value == 6 and bug("takes_priority_6"):
                value = sent["priority"] = 5
            if value == 0 and bug("takes_priority_0"):
                value = sent["priority"] = 1
            if not 1 <= value <= (4 if bug("refuses_priority_5") else 5):
                self.wrong("priority must be 1 to 5")
        if "discount_percent" in sent:
            self.amount_of(sent["discount_percent"], 100, "discount_percent")
        if "gift" in sent:
            if bug("takes_gift_text") and sent["gift"] in ("true", "false"):
                sent["gift"] = sent["gift"] == "true"
            if not isinstance(sent["gift"], bool):
                self.wrong("gift must be a boolean")
            if bug("false_lost"):
                sent["gift"] = True
        if isinstance(sent.get("notes"), str) and bug("takes_long_notes"):
            sent["notes"] = sent["notes"][:200]
        self.text(sent, "notes", 0, 200, null=True)
        if isinstance(sent.get("notes"), str):
            if bug("notes_trimmed"):
                sent["notes"] = sent["notes"].strip()
            if bug("notes_ascii"):
                sent["notes"] = sent["notes"].encode("ascii", "replace").decode()
        self.moment(sent)
        self.tags(sent)
        return sent

    def whole(self, value: Any, name: str) -> int:
        """Return a whole number."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(f"{name} must be a whole number")
        return value

    def amount_of(self, value: Any, most: int, name: str) -> None:
        """Hold an amount."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
            self.wrong(f"{name} must be 0 to {most}")

    def customer(self, sent: Row) -> None:
        """Hold the customer, and keep what is known of one."""
        customer = sent["customer"]
        if customer is None and self.bug("crash_on_null"):
            raise TypeError
        if not isinstance(customer, dict):
            self.wrong("customer must be an object")
        if "name" not in customer:
            if not self.bug("takes_customer_empty"):
                self.wrong("customer.name is required")
            customer["name"] = "Unknown"
        self.text(customer, "name", 1, 80)
        if "email" in customer:
            good = isinstance(customer["email"], str) and re.fullmatch(r"[^@\s]+@[^@\s]+", customer["email"])
            if not good and not self.bug("takes_email"):
                self.wrong("customer.email is none")
            if not good or self.bug("email_lost"):
                del customer["email"]
        sent["customer"] = {name: customer[name] for name in ("name", "email") if name in customer}

    def moment(self, sent: Row) -> None:
        """Read a time."""
        value = sent.get("deliver_at")
        if value is None:
            return
        good = isinstance(value, str) and re.fullmatch(
            r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", value
        )
        try:
            if not good:
                raise ValueError(value)
            parsed = datetime.fromisoformat(value.upper())
            if self.bug("zone_shifted"):
                parsed = parsed.replace(tzinfo=UTC)
            sent["deliver_at"] = parsed.astimezone(UTC)
        except (ValueError, OverflowError):
            if not self.bug("takes_date"):
                self.wrong("deliver_at is no time")
            sent["deliver_at"] = None

    def tags(self, sent: Row) -> None:
        """Hold the tags."""
        if "tags" not in sent:
            return
        tags = sent["tags"]
        if isinstance(tags, list) and self.bug("takes_six_tags"):
            tags = sent["tags"] = tags[:5]
        if not isinstance(tags, list) or len(tags) > 5:
            self.wrong("tags must be a list of at most 5")
        if not all(isinstance(one, str) and 1 <= len(one) <= 15 for one in tags):
            self.wrong("tags must be texts")
        if len(set(tags)) < len(tags):
            if not self.bug("takes_tags_twice"):
                self.wrong("tags must differ")
            sent["tags"] = list(dict.fromkeys(tags))

    def line_of(self, sent: Any, key: str) -> Row:
        """Return a new line of what was sent."""
        bug = self.bug
        if not isinstance(sent, dict):
            self.wrong("a line must be an object")
        for name in ("sku", "quantity", "unit_price"):
            if name not in sent:
                self.wrong(f"{name} is required")
        if sent.keys() - {"sku", "quantity", "unit_price", "label"} and not bug("takes_line_extra"):
            self.wrong("unknown property")
        if not isinstance(sent["sku"], str) or (
            not re.fullmatch("[A-Z]{2}-[0-9]{4}", sent["sku"]) and not bug("takes_sku")
        ):
            self.wrong("sku is none")
        quantity = self.whole(sent["quantity"], "quantity")
        if quantity == 0 and bug("takes_quantity_0"):
            quantity = 1
        if not 1 <= quantity <= 999:
            self.wrong("quantity must be 1 to 999")
        self.amount_of(sent["unit_price"], 10000, "unit_price")
        self.text(sent, "label", 0, 60, null=True)
        price = float(int(sent["unit_price"])) if bug("price_floor") else sent["unit_price"]
        return {
            "id": self.way.number(next(self.numbers)),
            "order_id": key,
            "sku": sent["sku"],
            "quantity": quantity,
            "unit_price": price,
            "label": sent.get("label"),
            "position": 0,
        }

    def firsts(self, sent: Row) -> list[Row]:
        """Return the first lines of a new order."""
        firsts = sent.get("lines", [])
        if not isinstance(firsts, list) or len(firsts) > 20:
            self.wrong("lines must be a list of at most 20")
        return [self.line_of(one, "") for one in firsts]
