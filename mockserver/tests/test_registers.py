"""
What follows from a change, told elsewhere: figures over all, lists, versions, keys of repeated requests.

A register of assets, by hand: they are replaced, deleted and restored, handed out and taken back.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.exchange import Request, Response
from mockserver.tests.crud import GONE, NUMBER, TEXT, answer, body, in_path, listed, thing
from mockserver.tests.in_process import Here, judged
from mockserver.verify.laws.clocks import shifted

KIND = {"type": "string", "enum": ["phone", "laptop", "car"]}
TIME = {"type": "string", "format": "date-time"}
VERSION = {"type": "integer", "description": "One more with each change."}
NEW = thing(
    {
        "serial": {"type": "string", "pattern": "^[A-Z0-9]{6,12}$"},
        "name": TEXT,
        "kind": KIND,
        "price": {"type": "number", "minimum": 0},
    },
    "serial",
    "name",
    "kind",
    "price",
)
ASSET = thing(
    {
        "id": TEXT,
        **NEW["properties"],
        "holder": {"type": ["string", "null"]},
        "version": VERSION,
        "created_at": TIME,
    },
    "id",
    "serial",
    "name",
    "kind",
    "price",
    "version",
    "created_at",
)
FIGURES = thing(
    {
        "count": NUMBER,
        "total_price": {"type": "number"},
        "average_price": {"type": ["number", "null"]},
        "by_kind": {"type": "object", "additionalProperties": NUMBER},
    },
    "count",
    "total_price",
)
TAKEN = {"description": "The serial is taken."}
INVALID = {"description": "Not valid."}
ONE = [in_path("assetId", TEXT)]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Register", "version": "1"},
    "paths": {
        "/assets": {
            "get": {
                "operationId": "list",
                "parameters": [
                    {
                        "name": "sort",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["name", "price", "kind"], "default": "name"},
                    }
                ],
                "responses": {"200": answer(listed(ASSET)), "400": INVALID},
            },
            "post": {
                "operationId": "create",
                "description": "A repeated Idempotency-Key is answered with what the first request has made.",
                "parameters": [
                    {"name": "Idempotency-Key", "in": "header", "required": True, "schema": TEXT},
                ],
                "requestBody": body(NEW),
                "responses": {"201": answer(ASSET), "400": INVALID, "409": TAKEN},
            },
        },
        "/assets/{assetId}": {
            "parameters": ONE,
            "get": {"operationId": "read", "responses": {"200": answer(ASSET), "404": GONE}},
            "put": {
                "operationId": "replace",
                "requestBody": body(NEW),
                "responses": {"200": answer(ASSET), "400": INVALID, "404": GONE, "409": TAKEN},
            },
            "delete": {
                "operationId": "delete",
                "description": "A deleted asset answers 404 and can be restored.",
                "responses": {"204": GONE, "404": GONE},
            },
        },
        "/assets/{assetId}/restore": {
            "parameters": ONE,
            "post": {
                "operationId": "restore",
                "responses": {
                    "200": answer(ASSET),
                    "404": GONE,
                    "409": {"description": "The asset is not deleted."},
                },
            },
        },
        "/assets/{assetId}/holder": {
            "parameters": ONE,
            "put": {
                "operationId": "hand",
                "requestBody": body(thing({"holder": {"type": "string", "minLength": 1}}, "holder")),
                "responses": {"200": answer(ASSET), "400": INVALID, "404": GONE},
            },
            "delete": {"operationId": "takeBack", "responses": {"204": GONE, "404": GONE}},
        },
        "/summary": {
            "get": {
                "operationId": "summary",
                "summary": "Figures over all assets that are not deleted",
                "responses": {"200": answer(FIGURES)},
            },
        },
    },
}

BUGS = {
    "repeated": "sent-again-is-one",
    "always_the_first": "sent-again-is-one",
    "sum_floored": "overview-follows",
    "mean_of_one": "overview-follows",
    "mean_floored": "overview-follows",
    "kinds_once": "overview-follows",
    "counts_deleted": "overview-follows",
    "restored_lost": "restored-is-back",
    "restored_unlisted": "restored-is-back",
    "restores_anything": "restored-is-back",
    "deleted_reads": "deleted-is-gone",
    "deleted_replaced": "deleted-is-gone",
    "delete_says_404": "deleted-twice",
    "version_stands": "put-is-kept",
    "answers_another": "put-is-kept",
    "list_stale": "put-is-kept",
    "holder_unlisted": "acted-as-told",
    "holder_stays": "acted-as-told",
    "local_time": "times-are-now",
    "sorts_by_name": "order-orders",
    "unsorted": "default-order",
}


class Register:
    """The assets, and what is wrong with them."""

    def __init__(self, bug: str = "") -> None:
        self.bug = bug
        self.rows: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}

    def __call__(self, request: Request) -> Response:
        """Answer."""
        try:
            status, said = self.answer(request)
        except LookupError as refusal:
            status, said = refusal.args[0], None
        fields = [("date", format_datetime(datetime.now(UTC), usegmt=True))]
        if said is None:
            return Response(status, fields, b"")
        return Response(status, [*fields, ("content-type", "application/json")], json.dumps(said).encode())

    def answer(self, request: Request) -> tuple[int, Any]:
        """Return status and body, or raise the status of a refusal."""
        said = json.loads(request.body) if request.body else None
        if request.path == "/summary":
            return 200, self.summary()
        found = re.fullmatch(r"/assets(?:/(\w+))?(?:/(\w+))?", request.path)
        if found is None:
            raise LookupError(404)
        key, word, method = found[1], found[2], request.method
        if key is None:
            if method == "GET":
                return 200, self.all(request.query.partition("sort=")[2] or "name")
            return 201, self.create(said, request.header("idempotency-key"))
        if word == "restore":
            return 200, self.restore(key)
        known = {**self.rows, **(self.deleted if self.bug == "deleted_" + DOES.get(method, "") else {})}
        if key not in known:
            raise LookupError(404)
        if word == "holder":
            return self.hand(method, known[key], said)
        if method == "DELETE":
            self.deleted[key] = self.rows.pop(key)
            if self.bug == "delete_says_404":
                raise LookupError(404)
            return 204, None
        return 200, self.replace(known[key], said) if method == "PUT" else known[key]

    def all(self, sort: str) -> Any:
        """Return the list."""
        if sort not in ("name", "price", "kind"):
            raise LookupError(400)
        by = "name" if self.bug == "sorts_by_name" else sort
        rows = [one for one in self.rows.values() if not one.get("_hidden")]
        if self.bug != "unsorted" or sort != "name":
            rows.sort(key=lambda one: one[by])
        if self.bug == "list_stale":
            rows = [one.get("_first", one) for one in rows]
        if self.bug == "holder_unlisted":
            rows = [{**one, "holder": None} for one in rows]
        return rows

    def create(self, said: Any, key: str) -> Any:
        """Make one; with a key that is known, return what it has made."""
        made = self.keys.get(key if self.bug != "always_the_first" else "")
        if made in self.rows and self.bug != "repeated":
            return self.rows[made]
        self.check(said)
        now = datetime.now(UTC) + timedelta(hours=2 * (self.bug == "local_time"))
        row = {"holder": None, **said, "id": f"a{len(self.rows) + len(self.deleted)}", "version": 1}
        row["created_at"] = now.isoformat(timespec="seconds")
        self.rows[row["id"]] = row
        self.keys[key] = self.keys[""] = row["id"]
        return row

    def replace(self, row: dict[str, Any], said: Any) -> Any:
        """Put another in the place of one."""
        self.check(said, row["id"])
        first = dict(row)
        row.update(said)
        row["version"] += self.bug != "version_stands"
        if self.bug == "list_stale":
            row["_first"] = first
        return {**row, "id": "a0x"} if self.bug == "answers_another" else row

    def hand(self, method: str, row: dict[str, Any], said: Any) -> tuple[int, Any]:
        """Hand one out, or take it back."""
        if method == "DELETE":
            row["holder"] = row["holder"] if self.bug == "holder_stays" else None
            return 204, None
        if not isinstance(said, dict) or not isinstance(said.get("holder"), str) or not said["holder"]:
            raise LookupError(400)
        row["holder"] = said["holder"]
        return 200, row

    def restore(self, key: str) -> Any:
        """Bring one back."""
        if key in self.rows and self.bug != "restores_anything":
            raise LookupError(409)
        if key not in self.deleted:
            if key in self.rows:
                return self.rows[key]
            raise LookupError(404)
        row = self.deleted[key] if self.bug == "restored_lost" else self.deleted.pop(key)
        if self.bug != "restored_lost":
            self.rows[key] = row
        if self.bug == "restored_unlisted":
            row["_hidden"] = True
        return row

    def summary(self) -> Any:
        """Return the figures."""
        rows = [*self.rows.values(), *(self.deleted.values() if self.bug == "counts_deleted" else ())]
        prices = [one["price"] for one in rows]
        kinds = [one["kind"] for one in rows]
        total = round(sum(prices), 2)
        mean = round(total / len(rows), 2) if rows else None
        if rows and self.bug == "mean_floored":
            mean = total // len(rows)
        return {
            "count": len(rows),
            "total_price": int(total) if self.bug == "sum_floored" else total,
            "average_price": prices[-1] if rows and self.bug == "mean_of_one" else mean,
            "by_kind": {one: 1 if self.bug == "kinds_once" else kinds.count(one) for one in set(kinds)},
        }

    def check(self, said: Any, own: str = "") -> None:
        """Refuse what is not valid, and a serial that another one has."""
        good = isinstance(said, dict) and all(isinstance(said.get(one), str) for one in ("name", "serial"))
        price = said.get("price") if good else None
        if (
            not good
            or said.get("kind") not in KIND["enum"]
            or not re.fullmatch("[A-Z0-9]{6,12}", said["serial"])
        ):
            raise LookupError(400)
        if not isinstance(price, (int, float)) or isinstance(price, bool) or price < 0:
            raise LookupError(400)
        if any(one["serial"] == said["serial"] and one["id"] != own for one in self.rows.values()):
            raise LookupError(409)


DOES = {"GET": "reads", "PUT": "replaced"}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The document, as a file."""
    file = tmp_path_factory.mktemp("register") / "register.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    return str(file)


def test_a_register_that_keeps_its_contract_is_acquitted(spec: str) -> None:
    """
    A key that has to be said with each request is another each time, or all would be the first once more.
    """
    report = judged(spec, Here(Register()))
    assert [one.detail for one in report.findings] == []
    tried = {one.check.partition("/")[2] for one in report.outcomes("passed")}
    assert set(BUGS.values()) <= tried


@pytest.mark.parametrize("bug", BUGS)
def test_what_does_not_follow_is_convicted(spec: str, bug: str) -> None:
    """
    What one answer says is mostly right; it is the next one that shows what was lost.
    """
    report = judged(spec, Here(Register(bug)), only=BUGS[bug])
    assert {one.rule for one in report.findings} == {f"lockstep/{BUGS[bug]}"}


@pytest.mark.parametrize(
    ("apart", "wrong"),
    [
        (0, False),
        (3, False),
        (60, False),
        (500, False),
        (3600, True),
        (-7201, True),
        (20_700, True),
        (10**6, False),
    ],
)
def test_only_zones_are_quarters_of_an_hour_apart(apart: int, wrong: bool) -> None:
    """
    A clock that goes wrong, or a world that stands still, is no mistake of writing times.
    """
    assert shifted(1_800_000_000 + apart, 1_800_000_000) is wrong


def test_figures_that_leave_out_what_is_fresh_are_acquitted(tmp_path: Path) -> None:
    """
    A summary may count what is handed out alone: the words do not say what counts.
    """

    class Handed(Register):
        def summary(self) -> Any:
            rows = [one for one in self.rows.values() if one["holder"]]
            return {"count": len(rows), "total_price": sum(one["price"] for one in rows), "by_kind": {}}

    file = tmp_path / "register.yaml"
    file.write_text(yaml.safe_dump(DOCUMENT, sort_keys=False))
    assert [one.detail for one in judged(str(file), Here(Handed()), only="overview-follows").findings] == []
