"""
What hangs on things below a thing: an action that needs them, sums of them, orders and filters by these sums.

Reports with items, by hand: none is handed in without items, and its total is the sum of their amounts.
"""

from __future__ import annotations

import json
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.behavior.closing import needs
from mockserver.contract.load import load
from mockserver.exchange import Request, Response
from mockserver.tests.crud import (
    GONE,
    NUMBER,
    TEXT,
    answer,
    body,
    in_path,
    in_query,
    listed,
    responded,
    thing,
)
from mockserver.tests.in_process import Here, judged

REFUSED = {"description": "It is not a draft, or has no items."}
TAKEN = {"description": "The title is taken."}
STATUS = {"type": "string", "enum": ["draft", "submitted"]}
TIME = {"type": ["string", "null"], "format": "date-time"}
PRICE = {"type": "number", "minimum": 0, "maximum": 1000}
NEW = thing({"title": {"type": "string", "minLength": 1, "maxLength": 80}}, "title")
REPORT = thing(
    {
        "id": TEXT,
        "title": TEXT,
        "status": STATUS,
        "submitted_at": TIME,
        "total": {"type": "number", "description": "The sum of the amounts of its items."},
    },
    *("id", "title", "status", "submitted_at", "total"),
)
PART = {"count": {"type": "integer", "minimum": 1, "maximum": 9}, "price": PRICE}
ITEM = thing(
    {
        "id": TEXT,
        **PART,
        "amount": {"type": "number", "description": "Count times price, rounded to two decimals."},
    },
    *("id", "count", "price", "amount"),
)
SORTS = {"type": "string", "enum": ["total", "-total"]}
BY_STATUS = {"type": "object", "properties": {"draft": NUMBER, "submitted": NUMBER}}
AT = [in_path("reportId", TEXT)]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Reports", "version": "1", "description": "Other users do not see what is one's own."},
    "security": [{"token": []}],
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "paths": {
        "/reports": {
            "get": {
                "operationId": "list",
                "parameters": [
                    in_query("sort", SORTS),
                    in_query("min_total", {"type": "number"}, description="Of at least this."),
                ],
                "responses": {"200": answer(listed(REPORT))},
            },
            "post": {
                "operationId": "create",
                "description": "Titles are unique, ignoring case.",
                "requestBody": body(NEW),
                "responses": {"201": answer(REPORT), "409": TAKEN},
            },
        },
        "/reports/{reportId}": {
            "parameters": AT,
            "get": {"operationId": "read", "responses": {"200": answer(REPORT), "404": GONE}},
            "delete": {"operationId": "drop", "responses": {"204": answer(), "404": GONE}},
        },
        "/reports/{reportId}/submit": {
            "parameters": AT,
            "post": {
                "operationId": "submit",
                "description": "Moves a `draft` to `submitted` and sets `submitted_at`.",
                "responses": {"200": answer(REPORT), "404": GONE, "409": REFUSED},
            },
        },
        "/reports/{reportId}/items": {
            "parameters": AT,
            "get": {
                "operationId": "items",
                "description": "In the order of `price`, the newest first where they cost the same.",
                "responses": {"200": answer(listed(ITEM)), "404": GONE},
            },
            "post": {
                "operationId": "add",
                "requestBody": body(thing(PART, *PART)),
                "responses": {"201": answer(ITEM), "404": GONE},
            },
        },
        "/reports/{reportId}/items/{itemId}": {
            "parameters": [*AT, in_path("itemId", TEXT)],
            "delete": {"operationId": "remove", "responses": {"204": answer(), "404": GONE}},
        },
        "/summary": {
            "get": {
                "operationId": "summary",
                "summary": "Figures of all reports",
                "responses": {"200": answer(thing({"reports_count": NUMBER, "by_status": BY_STATUS}))},
            }
        },
    },
}

BUGS = {
    "empty_taken": "empty-is-refused",
    "submit_lost": "acted-as-told",
    "not_stamped": "acted-as-told",
    "submit_twice": "closed-is-closed",
    "total_of_two": "sums-are-true",
    "total_stays": "sums-are-true",
    "amount_cut": "figures-add-up",
    "sorted_as_text": "order-orders",
    "bound_left_out": "filters-filter",
    "items_unsorted": "default-order",
    "case_matters": "duplicate-is-refused",
    "counts_all": "others-do-not-see",
    "stays_draft": "overview-follows",
    "counts_deleted": "overview-follows",
}


class Reports:
    """The reports, and what is wrong with them."""

    def __init__(self, bug: str = "") -> None:
        self.bug = bug
        self.reports: dict[str, dict[str, Any]] = {}

    def __call__(self, request: Request) -> Response:
        """Answer."""
        return responded(self.answer, request)

    def answer(self, request: Request) -> tuple[int, Any]:
        """Return status and body, or raise the status of a refusal."""
        account = request.header("authorization")
        said = json.loads(request.body) if request.body else {}
        own = [one for one in self.reports.values() if one["_of"] == account and not one["_gone"]]
        mine = [one for one in self.reports.values() if one["_of"] == account]
        if request.path == "/summary":
            counted = {"counts_all": list(self.reports.values()), "counts_deleted": mine}
            return 200, self.summary(counted.get(self.bug, own))
        found = re.fullmatch(r"/reports(?:/(\w+))?(?:/(items|submit))?(?:/(\w+))?", request.path)
        if found is None:
            raise LookupError(404)
        if found[1] is None:
            return self.all(request, said, own)
        report = self.reports.get(found[1])
        if report not in own:
            raise LookupError(404)
        assert report is not None
        if request.method == "DELETE" and not found[2]:
            report["_gone"] = True
            return 204, None
        if found[3]:
            return self.remove(report, found[3])
        if found[2] == "items":
            return self.items(report, said if request.method == "POST" else None)
        return self.submit(report) if found[2] else (200, self.shown(report))

    def all(self, request: Request, said: Any, own: list[dict[str, Any]]) -> tuple[int, Any]:
        """List, or make one."""
        if request.method == "POST":
            fold = str if self.bug == "case_matters" else str.casefold
            if any(fold(one["title"]) == fold(said["title"]) for one in own):
                raise LookupError(409)
            report = {"id": f"r{len(self.reports)}", "title": said["title"], "status": "draft", "_items": []}
            report |= {
                "_of": request.header("authorization"),
                "submitted_at": None,
                "_first": None,
                "_gone": False,
            }
            self.reports[report["id"]] = report
            return 201, self.shown(report)
        asked = dict(part.split("=") for part in request.query.split("&") if part)
        rows = [self.shown(one) for one in own]
        if "min_total" in asked:
            least = float(asked["min_total"]) + (1e-6 if self.bug == "bound_left_out" else 0)
            rows = [one for one in rows if one["total"] >= least]
        if "sort" in asked:
            kind = str if self.bug == "sorted_as_text" else float
            rows.sort(key=lambda one: kind(one["total"]), reverse=asked["sort"].startswith("-"))
        return 200, rows

    def items(self, report: dict[str, Any], said: Any) -> tuple[int, Any]:
        """List items, the cheapest first, or make one."""
        if said is None:
            rows = sorted(report["_items"], key=lambda one: (one["price"], -int(one["id"][1:])))
            return 200, report["_items"] if self.bug == "items_unsorted" else rows
        amount = Decimal(str(said["price"])) * said["count"]
        rounding = ROUND_DOWN if self.bug == "amount_cut" else ROUND_HALF_UP
        amount = amount.quantize(Decimal("0.01"), rounding)
        item = {**said, "id": f"i{sum(len(one['_items']) for one in self.reports.values())}"}
        item["amount"] = float(amount)
        report["_items"].append(item)
        return 201, item

    def remove(self, report: dict[str, Any], key: str) -> tuple[int, Any]:
        """Take an item away."""
        before = report["_items"]
        report["_first"] = self.shown(report)["total"]
        report["_items"] = [one for one in before if one["id"] != key]
        if len(before) == len(report["_items"]):
            raise LookupError(404)
        return 204, None

    def submit(self, report: dict[str, Any]) -> tuple[int, Any]:
        """Hand one in."""
        if report["status"] != "draft" and self.bug != "submit_twice":
            raise LookupError(409)
        if not report["_items"] and self.bug != "empty_taken":
            raise LookupError(409)
        if self.bug == "submit_lost":
            return 200, {**self.shown(report), "status": "submitted"}
        report["status"] = "submitted"
        report["submitted_at"] = None if self.bug == "not_stamped" else "2026-01-01T00:00:00Z"
        return 200, self.shown(report)

    def shown(self, report: dict[str, Any]) -> dict[str, Any]:
        """Return what is shown of one."""
        items = report["_items"][: 2 if self.bug == "total_of_two" else None]
        total = round(sum(one["amount"] for one in items), 2)
        if self.bug == "total_stays" and report["_first"]:
            total = report["_first"]
        return {name: report[name] for name in ("id", "title", "status", "submitted_at")} | {"total": total}

    def summary(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the figures."""
        handed_in = sum(one["status"] == "submitted" for one in rows)
        drafts = len(rows) - (0 if self.bug == "stays_draft" else handed_in)
        return {"reports_count": len(rows), "by_status": {"draft": drafts, "submitted": handed_in}}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The document, as a file."""
    file = tmp_path_factory.mktemp("reports") / "reports.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    return str(file)


def test_reports_that_keep_their_contract_are_acquitted(spec: str) -> None:
    """
    That nothing is handed in without items is a rule, and no fault of who refuses it.
    """
    report = judged(spec, Here(Reports()))
    assert [one.detail for one in report.findings] == []
    passed = {one.check.removeprefix("lockstep/") for one in report.outcomes("passed")}
    assert set(BUGS.values()) <= passed


@pytest.mark.parametrize("bug", BUGS)
def test_what_is_wrong_with_reports_that_have_items_is_convicted(spec: str, bug: str) -> None:
    """
    A report without items shows none of these: they have to be there before it is handed in or sorted.
    """
    report = judged(spec, Here(Reports(bug)), only=BUGS[bug])
    assert {one.rule for one in report.findings} == {f"lockstep/{BUGS[bug]}"}


SAID = [
    ("It has no items.", "", {"item"}),
    ("Not now.", "A report without items cannot be submitted.", {"item"}),
    ("Not now.", "It must have at least one item.", {"item"}),
    ("Not now.", "A report cannot be submitted without items.", {"item"}),
    ("It has no items left to pay.", "", set()),
    ("It is no draft.", "A report without items is deleted.", set()),
]


@pytest.mark.parametrize(("conflict", "description", "needed"), SAID)
def test_where_words_say_what_has_to_be_there(
    tmp_path: Path, conflict: str, description: str, needed: set[str]
) -> None:
    """
    Only what is said to be refused of an empty one is asked of it.
    """
    responses = {"200": GONE, "409": {"description": conflict}}
    operation = {"operationId": "act", "description": description, "responses": responses}
    file = tmp_path / "api.yaml"
    file.write_text(yaml.safe_dump({**DOCUMENT, "paths": {"/act": {"post": operation}}}))
    assert needs(load(file).operations["act"]) == needed
