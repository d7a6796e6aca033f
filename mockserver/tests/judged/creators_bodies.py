"""
What is sent of campaigns and their posts, held against the document by hand.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from flask import request

from mockserver.tests.judged.creators_choices import Dialect
from mockserver.tests.judged.switches import Refusal, Switches

Row = dict[str, Any]
CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR
NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD
XCG XOF XPF YER ZAR ZMW ZWG
"""
SIX = {*CODES.split()}
EIGHT = {"USD", "EUR", "GBP", "JPY", "CHF", "SEK"}


class Bodies:
    """Reads bodies, and refuses them."""

    bug: Switches
    way: Dialect
    eight: bool

    @property
    def invalid(self) -> int:
        """The status of what breaks the contract."""
        return self.way.invalid if self.eight else 400

    def wrong(self, name: str, why: str) -> None:
        """Refuse."""
        raise Refusal(self.invalid, "invalid_request", f"{name} {why}")

    def body(self) -> Any:
        """Return the object that was sent."""
        if request.mimetype != "application/json":
            raise Refusal(self.way.media_type if self.eight else 400, "unsupported_media_type", "Send JSON.")
        try:
            sent = json.loads(request.get_data(), parse_constant=self._nothing)
        except ValueError:
            if self.bug("crash_on_bad_json"):
                raise
            raise Refusal(400, "invalid_json", "The body is no JSON.") from None
        if not isinstance(sent, dict):
            if self.bug("crash_on_array") and isinstance(sent, list):
                raise TypeError("list indices must be integers")
            self.wrong("body", "must be an object")
        return sent

    @staticmethod
    def _nothing(name: str) -> None:
        raise ValueError(name)

    def whole(self, name: str, value: Any, most: int | None = None) -> int:
        """Return a whole number from 0."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON Schema: 4.0 is an integer
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(name, "must be a whole number")
        if value < 0:
            self.wrong(name, "must not be negative")
        if most is not None and value > most:
            if not self.bug("accepts_big_budget"):
                self.wrong(name, f"must be at most {most}")
            value = most
        return int(value)

    def campaign(self, sent: Row, partly: bool = False) -> Row:
        """Return the good fields of a campaign that were sent."""
        bug = self.bug
        if partly and self.eight and bug("accepts_bad_patch"):
            good = {"name": str, "budget_cents": int, "archived": bool, "description": str}
            return {name: sent[name] for name, kind in good.items() if isinstance(sent.get(name), kind)}
        if not partly and "name" not in sent:
            if not bug("accepts_no_name"):
                self.wrong("name", "is required")
            sent["name"] = f"Untitled {next(self.untitled)}"  # type: ignore[attr-defined]
        fields: Row = {}
        if "name" in sent:
            fields["name"] = self._name(sent["name"], partly)
        if "currency" in sent:
            fields["currency"] = self._currency(sent["currency"])
        known = {"name", "currency"}
        if not partly:
            known.add("posts")
        if self.eight:
            known |= {"description", "budget_cents", "starts_on"}
            self._more(sent, fields)
            if partly:
                known.add("archived")
                if "archived" in sent:
                    if not isinstance(sent["archived"], bool):
                        self.wrong("archived", "must be true or false")
                    fields["archived"] = sent["archived"]
        if not self.way.wide and (more := sorted({*sent} - known)):
            self.wrong(more[0], "is not known")
        return fields

    def _name(self, name: Any, partly: bool) -> str:
        bug = self.bug
        if isinstance(name, int | float) and not isinstance(name, bool) and bug("accepts_name_as_number"):
            name = str(name)
        if not isinstance(name, str):
            self.wrong("name", "must be text")
        lax = bug("accepts_empty_name") or (self.eight and partly and bug("accepts_empty_name_by_patch"))
        if not name and not lax:
            self.wrong("name", "is empty")
        if self.eight:
            if len(name) > 80 and not bug("accepts_long_name"):
                self.wrong("name", "is too long")
            if len(name) == 80 and bug("refuses_longest_name"):
                self.wrong("name", "is too long")
            name = name[:80]
        return str(name)

    def _currency(self, currency: Any) -> str:
        if not isinstance(currency, str) or currency not in (EIGHT if self.eight else SIX):
            if not self.bug("accepts_any_currency"):
                self.wrong("currency", "is not known")
            return "USD"
        return currency

    def _more(self, sent: Row, fields: Row) -> None:
        if "description" in sent:
            said = sent["description"]
            if said is not None and (not isinstance(said, str) or len(said) > 280):
                self.wrong("description", "must be text of at most 280 characters")
            fields["description"] = said
        if "budget_cents" in sent:
            fields["budget_cents"] = self.whole("budget_cents", sent["budget_cents"], 100_000_000)
        if "starts_on" in sent:
            day = sent["starts_on"]
            if day is not None and not (isinstance(day, str) and _is_day(day)):
                if not self.bug("accepts_bad_date"):
                    self.wrong("starts_on", "must be a date")
                day = None
            fields["starts_on"] = day

    def posts(self, sent: Row) -> list[Row]:
        """Return the posts that were sent, in the shape that is asked for."""
        bug = self.bug
        posts = sent.get("posts", [])
        if posts is None and bug("crash_on_null_posts"):
            raise TypeError("NoneType is not iterable")
        if not isinstance(posts, list):
            if bug("accepts_posts_as_object") and isinstance(posts, dict):
                return []
            self.wrong("posts", "must be a list")
        if self.eight and len(posts) > 50:
            self.wrong("posts", "are more than 50")
        return [self._post(number, one) for number, one in enumerate(posts)]

    def _post(self, number: int, sent: Any) -> Row:
        bug = self.bug
        here = f"posts[{number}]"
        if not isinstance(sent, dict):
            if isinstance(sent, str) and bug("crash_on_post_as_text"):
                raise AttributeError("'str' object has no attribute 'get'")
            self.wrong(here, "must be an object")
        lax = {"url": bug("accepts_no_url"), "creator_handle": bug("accepts_no_handle")}
        for name in ("url", "creator_handle"):
            if name not in sent and lax[name]:
                sent = {**sent, name: ""}
            if not isinstance(sent.get(name), str):
                self.wrong(f"{here}.{name}", "must be text")
        fee = sent.get("fee_cents", 100 if bug("default_fee") else 0)
        if fee == -1 and bug("accepts_negative_fee"):
            fee = 0
        if isinstance(fee, float) and bug("accepts_fee_as_fraction"):
            fee = int(fee)
        if not self.way.wide and (more := sorted({*sent} - {"url", "creator_handle", "fee_cents"})):
            self.wrong(f"{here}.{more[0]}", "is not known")
        fee = self.whole(f"{here}.fee_cents", fee)
        return {"url": sent["url"], "creator_handle": sent["creator_handle"], "fee_cents": fee}


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
