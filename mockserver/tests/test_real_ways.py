"""
Ways of real servers that no contract excludes, each beside a fault that looks like it.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from mockserver.contract.shapes import Shape
from mockserver.exchange import Place, Request, Response
from mockserver.tests.choosing import Notes, Row, accused, notes, verdict
from mockserver.tests.crud import GONE, TEXT, answer, body, in_path, in_query, thing
from mockserver.tests.loaded import contract
from mockserver.verify.baseline import Entry
from mockserver.verify.created import Created
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.laws import trial
from mockserver.verify.laws.ahead import ahead
from mockserver.verify.properties.acceptance import Accepted
from mockserver.verify.properties.certain import Doubt, Judge
from mockserver.verify.properties.engine import Failed
from mockserver.verify.report import Report
from mockserver.verify.reports.source import source_of
from mockserver.verify.verdicts import held

Json = Any
NAMED = {"type": "string", "maxLength": 100}
MAY_BE_NULL = {"type": ["string", "null"], "maxLength": 100}
WHEN = {"type": "string", "format": "date-time"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks of these servers run fast."""
    monkeypatch.setattr(trial, "TICK", 0.02)


class Optional(Notes):
    """Takes null for what was not sent, as many a framework's optional field does."""

    def __call__(self, request: Request) -> Response:
        """Answer."""
        before = {key: dict(row) for key, row in self.rows.items()}
        response = super().__call__(request)
        if request.method == "PATCH" and response.status == 200:
            for key, row in self.rows.items():
                row.update({name: before[key].get(name) for name, value in row.items() if value is None})
            key = int(request.path.rpartition("/")[2])
            return self._said(self._shown(self.rows[key]), 200)
        return response


@pytest.mark.parametrize("unsaid", [True, False])
def test_null_may_say_that_nothing_was_sent(tmp_path: Path, unsaid: bool) -> None:
    """Where a name that is always there may be "changed to null", no null of that schema empties anything."""
    document = notes({"name": NAMED, "hint": MAY_BE_NULL}, "name")
    change = document["paths"]["/notes/{id}"]["patch"]["requestBody"]["content"]["application/json"]["schema"]
    if unsaid:
        change["properties"]["name"] = MAY_BE_NULL
    report = verdict(tmp_path, document, Optional(), only="emptied-is-empty")
    assert bool(accused(report)) is not unsaid


@pytest.mark.parametrize("deprecated", [True, False])
def test_what_is_on_its_way_out_need_not_be_kept(tmp_path: Path, deprecated: bool) -> None:
    """A deprecated property is there for old clients to find, and often always null."""
    hint = {**MAY_BE_NULL, "deprecated": True} if deprecated else MAY_BE_NULL
    server = Notes(show=lambda row: {"hint": None})
    report = verdict(tmp_path, notes({"name": NAMED, "hint": hint}, "name"), server, only="patch-is-kept")
    assert bool(accused(report)) is not deprecated


@pytest.mark.parametrize("running", [True, False])
def test_a_figure_may_run_by_the_clock(tmp_path: Path, running: bool) -> None:
    """Seconds that are left are fewer when they are read; one less for ever is a fault."""

    def show(row: Row) -> Row:
        passed = (time.monotonic() - row["_at"]) * 200 if running else 0
        return {"left": row["left"] - 1 - int(passed)}

    left = {"type": "integer", "minimum": 50_000, "maximum": 100_000}
    report = verdict(
        tmp_path, notes({"name": NAMED, "left": left}, "name", "left"), Notes(show=show), only="patch-is-kept"
    )
    assert bool(accused(report)) is not running


@pytest.mark.parametrize("required", [True, False])
def test_a_part_may_get_its_own_name(tmp_path: Path, required: bool) -> None:
    """An id that need not be there is the server's to give to a part; one that must be is the client's."""
    part = {
        "type": "object",
        "properties": {"id": TEXT, "word": NAMED},
        "required": ["id", "word"] if required else ["word"],
    }
    server = Notes(show=lambda row: {"part": {**row["part"], "id": f"part-{row['id']}"}})
    document = notes({"name": NAMED, "part": part}, "name", "part")
    report = verdict(tmp_path, document, server, only="created-is-readable")
    assert bool(accused(report)) is required


@pytest.mark.parametrize("both", [True, False])
def test_a_role_may_be_told_by_name_or_by_number(tmp_path: Path, both: bool) -> None:
    """Where the contract knows both, one who said "editor" may be told 2."""
    role = {"oneOf": [{"type": "integer"}, {"type": "string", "enum": ["editor"]}]} if both else TEXT
    document = notes({"name": NAMED, "role": role}, "name", "role")
    server = Notes(keep=lambda name, value: 2 if value == "editor" else value)
    if not both:
        server.keep = lambda name, value: "2" if name == "role" else value
    report = verdict(tmp_path, document, server, only="created-is-readable")
    assert bool(accused(report)) is not both


class Lazy(Notes):
    """Makes nothing that it has already: every note of one colour is one note."""

    status = 200

    def __call__(self, request: Request) -> Response:
        """Answer."""
        if request.method == "POST" and self.rows and request.header("authorization") == "Bearer test-token":
            return self._said(self._shown(next(iter(self.rows.values()))), self.status)
        return super().__call__(request)


@pytest.mark.parametrize("status", [200, 201])
def test_a_server_may_find_where_it_is_asked_to_make(tmp_path: Path, status: int) -> None:
    """200 in place of 201 says that nothing was made, so that what was sent is owed by nobody."""
    server = Lazy()
    server.status = status
    document = notes({"colour": NAMED, "tags": {"type": "array", "items": NAMED}}, "colour")
    answers = document["paths"]["/notes"]["post"]["responses"]
    answers["200"] = answers["201"]
    report = verdict(tmp_path, document, server)
    assert bool(accused(report)) is (status == 201)


class Coming(Notes):
    """Takes nothing that is over."""

    def __call__(self, request: Request) -> Response:
        """Answer."""
        if request.method == "POST":
            ends = json.loads(request.body).get("ends")
            if ends and datetime.fromisoformat(ends.replace("Z", "+00:00")) < datetime.now(UTC):
                return self._said({"error": "ends is over"}, 400)
        return super().__call__(request)


@pytest.mark.parametrize("kept", [True, False])
def test_what_must_be_to_come_is_sent_so(tmp_path: Path, kept: bool) -> None:
    """An example's end was to come when it was written: without it no law was tried, and no fault found."""
    document = notes({"name": NAMED, "ends": WHEN}, "name", "ends")
    server = Coming(keep=lambda name, value: value if kept or name != "name" else value[:3])
    report = verdict(tmp_path, document, server, only="created-is-readable")
    assert bool(accused(report)) is not kept
    assert not [one for one in report.outcomes("inconclusive") if "answers 400" in one.why]


class Secretive(Notes):
    """Is asked for a note by its secret, which the path calls a token."""

    by = "secret"

    def _shown(self, row: Row) -> Row:
        return {name: value for name, value in super()._shown(row).items() if name != "id"}

    def __call__(self, request: Request) -> Response:
        """Answer."""
        said = unquote(request.path.rpartition("/")[2])
        key = next((str(key) for key, row in self.rows.items() if self._shown(row).get(self.by) == said), "0")
        path = "/notes" if said == "notes" else f"/notes/{key}"
        return super().__call__(Request(request.method, path, request.query, request.headers, request.body))


@pytest.mark.parametrize("by", ["secret", "name", "nothing"])
def test_what_a_path_asks_for_is_learned(tmp_path: Path, by: str) -> None:
    """Names do not tell that `{token}` is the secret of a note, and not its name."""
    document = notes({"name": NAMED}, "name", read_only={"secret": TEXT})
    document["paths"]["/notes/{token}"] = document["paths"].pop("/notes/{id}")
    document["paths"]["/notes/{token}"]["parameters"] = [in_path("token", TEXT)]
    schema = document["paths"]["/notes"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    del schema["items"]["properties"]["id"]
    schema["items"]["required"] = ["name", "secret"]
    where = "/notes/s{id}" if by == "secret" else "/notes/{name}"
    server = Secretive(show=lambda row: {"secret": f"s{row['id']}"}, located=where)
    server.by = by
    for law in ("created-is-readable", "created-is-listed", "location-leads-there"):
        report = verdict(tmp_path, document, server, only=law)
        assert not accused(report)
        assert bool([*report.outcomes("passed")]) is (by != "nothing")


def test_a_flag_is_no_name(tmp_path: Path) -> None:
    """Neither true nor false is what a path asks for, where another property is."""
    document = notes({"name": NAMED}, "name", read_only={"done": {"type": "boolean"}, "secret": TEXT})
    document["paths"]["/notes/{token}"] = document["paths"].pop("/notes/{id}")
    document["paths"]["/notes/{token}"]["parameters"] = [in_path("token", TEXT)]
    schema = document["paths"]["/notes"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    del schema["items"]["properties"]["id"]
    schema["items"]["required"] = ["name", "secret"]
    server = Secretive(show=lambda row: {"done": False, "secret": f"s{row['id']}"})
    report = verdict(tmp_path, document, server, only="created-is-readable")
    assert not [call for call in report.calls if call.request.path in ("/notes/false", "/notes/False")]
    assert [*report.outcomes("passed")]


class Worded(Notes):
    """Takes words of letters and digits, as labels and hosts are; nothing in the document says so."""

    def __call__(self, request: Request) -> Response:
        """Answer."""
        if request.method == "POST":
            said = json.loads(request.body)
            if not all(text.isalnum() for text in (said["name"], *said["labels"], *said["labels"].values())):
                return self._said({"error": "no label"}, 400)
        return super().__call__(request)


@pytest.mark.parametrize("kept", [True, False])
def test_a_server_may_take_plain_words_only(tmp_path: Path, kept: bool) -> None:
    """Its document does not say so, which is no reason to try nothing."""
    labels = {"type": "object", "additionalProperties": TEXT, "minProperties": 1}
    document = notes({"name": NAMED, "labels": labels}, "name", "labels")
    server = Worded(keep=lambda name, value: value if kept or name != "name" else value[:3])
    report = verdict(tmp_path, document, server, only="created-is-readable")
    assert bool(accused(report)) is not kept
    assert not [one for one in report.outcomes("inconclusive") if "answers 400" in one.why]


SPANS: list[tuple[Json, Json]] = [
    (
        {"from": "2020-02-29T10:00:00Z", "to": "2021-03-01T10:00:00Z"},
        ("2027-02-28T10:00:00Z", "2028-03-01T10:00:00Z"),
    ),
    ({"from": "2031-01-01T00:00:00Z", "to": "2032-01-01T00:00:00Z"}, None),
    ({"from": "soon", "to": "later"}, None),
]
"""(what was to be sent, its times as they are sent; None where they stay)."""


@pytest.mark.parametrize(("said", "moved"), SPANS)
def test_times_move_by_whole_years_together(said: Json, moved: Json) -> None:
    """What lies between two times stays; a day that a year has not is the one before."""
    shape = Shape({"properties": {"from": WHEN, "to": WHEN}})
    found = ahead(said, shape, datetime(2026, 11, 30, tzinfo=UTC))
    assert tuple(found.values()) == (moved or tuple(said.values()))


class Forgiving(Notes):
    """Has nothing to say of a change of nothing, whatever it is asked to change."""

    strict = True

    def __call__(self, request: Request) -> Response:
        """Answer."""
        response = super().__call__(request)
        if (
            request.method == "PATCH"
            and response.status == 404
            and not (self.strict and json.loads(request.body))
        ):
            return Response(204, [], b"")
        return response


@pytest.mark.parametrize("strict", [True, False])
def test_to_change_nothing_of_what_is_gone_is_no_change(tmp_path: Path, strict: bool) -> None:
    """`{}` asks for nothing, and so nothing had to be there; to change a name of what is gone is a fault."""
    document = notes({"name": NAMED, "hint": TEXT}, "name")
    change = document["paths"]["/notes/{id}"]["patch"]
    change["requestBody"]["content"]["application/json"]["schema"].pop("required", None)
    change["responses"]["204"] = {"description": "Changed."}
    server = Forgiving()
    server.strict = strict
    report = verdict(tmp_path, document, server, only="deleted-is-gone")
    assert bool(accused(report)) is not strict


def test_what_every_row_has_wrong_is_one_finding(tmp_path: Path) -> None:
    """A hundred rows without a name are one fault, and another row with it is the one that was known."""
    server = Notes(show=lambda row: {"name": None})
    document = notes({"name": NAMED}, "name")
    report = verdict(tmp_path, document, server)
    listed = [one for one in report.broken if one.operation == "listNotes" and one.rule == "contract/type"]
    assert [one.pointer for one in listed] == ["/0/name"]
    assert listed[0].identity == replace(listed[0], pointer="/7/name").identity
    assert Entry("listNotes", "contract/type", "/3/name").identity == listed[0].identity


def test_a_document_of_one_line_is_quoted_where_it_matters(tmp_path: Path) -> None:
    """The first 160 characters of a megabyte say nothing of what was broken."""
    file = tmp_path / "one.json"
    file.write_text(json.dumps({"a": ["b" * 300, {"required": ["name"]}]}))
    assert source_of(Place(str(file), "/a/1/required", 1)) == '"required": ["name"]'
    assert source_of(Place(str(file), "/a/9", 1)).startswith('{"a": ["bbb')
    short = tmp_path / "short.yaml"
    short.write_text("short: true\n")
    assert source_of(Place(str(short), "/short", 1)) == "short: true"


@pytest.mark.parametrize(
    ("path", "status", "elsewhere", "verdict"),
    [
        ("/notes/{id}", 404, (), "inconclusive"),
        ("/notes/{id}", 404, ("404",), "finding"),
        ("/notes/{id}", 404, ("4XX",), "finding"),
        ("/notes", 404, (), "finding"),
        ("/notes", 401, (), "inconclusive"),
        ("/notes", 403, ("403",), "finding"),
        ("/notes/{id}", 418, (), "finding"),
    ],
)
def test_a_document_may_be_silent_of_what_is_http_s_own(
    path: str, status: int, elsewhere: tuple[str, ...], verdict: str
) -> None:
    """Frameworks that write documents name no 404 and no 401; who names one somewhere forgot it here."""
    ok = {"200": answer(TEXT)}
    paths = {
        path: {"get": {"operationId": "here", "responses": ok, "security": [{"key": []}]}},
        "/others/{id}": {
            "parameters": [in_path("id")],
            "get": {"responses": {**ok, **dict.fromkeys(elsewhere, GONE)}},
        },
    }
    if "{" in path:
        paths[path]["parameters"] = [in_path("id")]
    key = {"type": "apiKey", "in": "header", "name": "X-Key"}
    drawn = contract(paths, components={"securitySchemes": {"key": key}})
    call = Exchanged(Request("GET", path, "", (), b""), Response(status, [], b""))
    assert [one.verdict for one in held(drawn, drawn.operations["here"], call)] == [verdict]


@pytest.mark.parametrize(("status", "doubted"), [(501, True), (500, False)])
def test_what_is_documented_as_not_done_is_no_failure(status: int, doubted: bool) -> None:
    """Who documents 501 says which of its options are not there (RFC 9110, 15.6.2); 500 is a fault."""
    drawn = contract(
        {"/notes": {"get": {"operationId": "here", "responses": {"200": answer(TEXT), "501": GONE}}}}
    )
    judge = Judge(drawn, SimpleNamespace(file="", rules={}), Accepted())  # type: ignore[arg-type]
    call = Exchanged(Request("GET", "/notes", "", (), b""), Response(status, [], b""), "here")
    failed = Failed("not_a_server_error", "", call)
    if doubted:
        with pytest.raises(Doubt, match="501"):
            judge.findings(drawn.operations["here"], failed, {})
    else:
        assert judge.findings(drawn.operations["here"], failed, {})


@pytest.mark.parametrize(
    ("kind", "said", "doubted"),
    [
        ("boolean", 0, True),
        ("boolean", "true", True),
        ("integer", False, True),
        ("integer", "12", True),
        ("boolean", 2, False),
        ("integer", "x", False),
        ("string", 7, False),
        ("string", True, False),
    ],
)
def test_readers_convert_flags_and_numbers(kind: str, said: Json, doubted: bool) -> None:
    """pydantic takes 0 for false and "12" for 12 where nobody forbids it, but no number for a text."""
    post = {"operationId": "here", "requestBody": body(thing({"one": {"type": kind}}))}
    drawn = contract({"/notes": {"post": {**post, "responses": {"200": answer(TEXT), "400": GONE}}}})
    judge = Judge(drawn, SimpleNamespace(file="", rules={}), Accepted())  # type: ignore[arg-type]
    sent = json.dumps({"one": said}).encode()
    request = Request("POST", "/notes", "", (("content-type", "application/json"),), sent)
    call = Exchanged(request, Response(200, [], b'"it"'), "here")
    failed = Failed("negative_data_rejection", "", call)
    if doubted:
        with pytest.raises(Doubt, match="may choose"):
            judge.findings(drawn.operations["here"], failed, {})
    else:
        assert judge.findings(drawn.operations["here"], failed, {})


@pytest.mark.parametrize(("schema", "doubted"), [(TEXT, True), (NAMED, False), ({"enum": ["a", "*"]}, False)])
def test_a_text_in_a_query_may_be_an_expression(schema: Json, doubted: bool) -> None:
    """`permissions=*` may be refused where nothing says what a permission looks like."""
    query = in_query("permissions", schema)
    drawn = contract(
        {"/me": {"get": {"operationId": "here", "parameters": [query], "responses": {"200": answer(TEXT)}}}}
    )
    accepted = Accepted()
    operation = drawn.operations["here"]

    def call(text: str, status: int) -> Exchanged:
        return Exchanged(
            Request("GET", "/me", f"permissions={text}", (), b""), Response(status, [], b""), "here"
        )

    accepted.note(operation, call("a", 200))
    judge = Judge(drawn, SimpleNamespace(file="", rules={}), accepted)  # type: ignore[arg-type]
    failed = Failed("positive_data_acceptance", "", call("*", 400))
    if doubted:
        with pytest.raises(Doubt, match="expression"):
            judge.findings(operation, failed, {})
    else:
        assert judge.findings(operation, failed, {})


@pytest.mark.parametrize(
    ("path", "permitted"),
    [
        ("/notes", True),
        ("/notes/search", True),
        ("/shutdown", False),
        ("/notes/reset", False),
        ("/notes/remove-by-colour", False),
        ("/notes/deleteAll.json", False),
        ("/admin/settings", False),
        ("/settings/exports", True),
    ],
)
def test_nothing_is_reset_that_everybody_has(path: str, permitted: bool) -> None:
    """WireMock, asked for all that its document names, was shut down."""
    drawn = contract({path: {"post": {"responses": {"200": answer(TEXT)}}}})
    made = Created(drawn, SimpleNamespace(rules={}, file=""), lambda operation, path: {})  # type: ignore[arg-type]
    assert made.permits(next(iter(drawn.operations.values())), {}) is permitted


def test_one_habit_of_a_reader_is_one_cause() -> None:
    """Who takes 0 for false does so of each flag; who takes text for a number has another habit."""
    place = Place("", "")

    def finding(operation: str, pointer: str, kin: str) -> Finding:
        return Finding("properties/accepts-type", operation, "", place, pointer, kin=kin)

    zero, text = "0 is not of type boolean.", '"1" is not of type integer.'
    report = Report("notes", "", 1)
    for one in (finding("a", "body/x", zero), finding("a", "body/n", text), finding("b", "body/y", zero)):
        report.add_finding(one)
    assert [[one.pointer for one in group] for group in report.groups()] == [["body/x", "body/y"], ["body/n"]]


@pytest.mark.parametrize("taken", [True, False])
def test_a_counter_comes_to_a_near_number_by_itself(tmp_path: Path, taken: bool) -> None:
    """What the server gives next is no proof that it took it from a client; a number far away is."""
    serial = {"type": "integer", "readOnly": True}

    def show(row: Row) -> Row:
        return {"serial": row["serial"] if taken and row.get("serial") else row["id"] * 7}

    document = notes({"name": NAMED, "serial": serial}, "name")
    report = verdict(tmp_path, document, Notes(show=show), only="read-only-is-not-written")
    assert bool(accused(report)) is taken


@pytest.mark.parametrize("wrapped", [True, False])
def test_the_line_of_the_property_is_named(tmp_path: Path, wrapped: bool) -> None:
    """Not the operation's: what is broken stands there, behind references and branches as well."""
    document = notes({"name": NAMED, "hint": {"type": "string", "default": "none"}}, "name")
    read = document["paths"]["/notes/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    place = "/paths/~1notes~1{id}/get/responses/200/content/application~1json/schema"
    if wrapped:
        document["components"]["schemas"] = {"Note": read["schema"]}
        read["schema"] = {"allOf": [{"$ref": "#/components/schemas/Note"}]}
        place = "/components/schemas/Note"
    server = Notes(show=lambda row: {"hint": "other"})
    report = verdict(tmp_path, document, server, only="default-is-applied")
    assert {one.place.pointer for one in report.broken} == {f"{place}/properties/hint"}
    assert all(one.place.line for one in report.broken)


@pytest.mark.parametrize("worded", [True, False])
def test_words_may_know_another_default(tmp_path: Path, worded: bool) -> None:
    """One schema serves two kinds of things, and its words say which of them begins with null."""
    hint = {"type": ["string", "null"], "default": "none"}
    if worded:
        hint["description"] = "What helps. Null (a group's default): it has no say."
    server = Notes(show=lambda row: {"hint": row.get("hint")})
    report = verdict(
        tmp_path, notes({"name": NAMED, "hint": hint}, "name"), server, only="default-is-applied"
    )
    assert bool(accused(report)) is not worded
