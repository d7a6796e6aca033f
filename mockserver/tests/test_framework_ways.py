"""
Ways of frameworks and their documents, that one server after the other shows at each of its operations.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from mockserver.behavior.permitted import refusing
from mockserver.contract.locate import locate
from mockserver.exchange import Place, Request, Response
from mockserver.tests.choosing import Notes, Row, accused, notes, verdict
from mockserver.tests.crud import GONE, TEXT, answer, in_path
from mockserver.tests.in_process import Here
from mockserver.tests.loaded import contract
from mockserver.verify.baseline import applied
from mockserver.verify.context import Context
from mockserver.verify.examples import Examples
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.phases import Checked
from mockserver.verify.properties.acceptance import Accepted
from mockserver.verify.properties.certain import Doubt, Judge
from mockserver.verify.properties.engine import Failed
from mockserver.verify.refusals import Wrong, refused, wrong_requests
from mockserver.verify.report import Report
from mockserver.verify.runner import _first_crash, run
from mockserver.verify.target import Target
from mockserver.verify.verdicts import held

Json = Any
NAMED = {"type": "string", "maxLength": 100}


BOUNDS = ("least", "most", "usual")


def _kinds() -> Json:
    """Return the schema of a note of three kinds, of which the last has bounds."""

    def kind(said: str, more: Json) -> Json:
        properties = {"name": NAMED, "kind": {"type": "string", "const": said}, **more}
        return {"type": "object", "properties": properties, "required": ["name", "kind"]}

    plain = [kind(said, {"colour": NAMED}) for said in ("plain", "simple")]
    bounds = {name: {"type": "number"} for name in BOUNDS}
    return {"oneOf": [*plain, kind("bounded", bounds)], "discriminator": {"propertyName": "kind"}}


class Kinds(Notes):
    """Keeps of a note what its kind has; and loses a bound, where *loses*."""

    loses = False

    def _shown(self, row: Row) -> Row:
        lost = BOUNDS if self.loses or row.get("kind") != "bounded" else ()
        return {name: value for name, value in super()._shown(row).items() if name not in lost}


@pytest.mark.parametrize("loses", [True, False])
@pytest.mark.parametrize("law", ["edges-are-kept", "patch-is-kept"])
def test_what_another_kind_has_is_not_owed(tmp_path: Path, loses: bool, law: str) -> None:
    """A plain note has no bounds, whatever it is sent; one that has bounds and loses them is at fault."""
    document = notes({"name": NAMED, **{name: {"type": "number"} for name in BOUNDS}}, "name")
    row = document["paths"]["/notes/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    row["properties"]["kind"] = TEXT
    for path, method in (("/notes", "post"), ("/notes/{id}", "patch")):
        sent = _kinds()
        sent["oneOf"] = sent["oneOf"][-1:] if loses else sent["oneOf"]
        for one in sent["oneOf"] if method == "patch" else ():
            one["required"] = ["kind"]
        document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"] = sent
    server = Kinds()
    server.loses = loses
    report = verdict(tmp_path, document, server, only=law)
    assert bool(accused(report)) is loses
    assert loses or [*report.outcomes("passed")]


@pytest.mark.parametrize(
    ("media", "documented", "good"),
    [
        ("text/html; charset=utf-8", "application/json", True),
        ("text/html", "text/html", False),
        ("application/json", "application/json", False),
    ],
)
def test_a_page_for_people_is_no_undeclared_method(media: str, documented: str, good: bool) -> None:
    """A web application answers its front page to each GET that nothing else answers; it is no operation."""
    post = {"operationId": "make", "responses": {"200": {"description": ".", "content": {documented: {}}}}}
    drawn = contract({"/notes": {"post": post}})
    wrong = Wrong(drawn.operations["make"], "undeclared GET", method="GET", status="405")
    answered = Response(200, [("Content-Type", media)], b"<!doctype html>")
    found = refused(drawn, wrong, Exchanged(Request("GET", "/notes"), answered))
    assert [one.rule for one in found] == ([] if good else ["refusals/405"])


def test_one_habit_of_a_framework_is_one_cause() -> None:
    """Refusals in the shape of the framework are told once for all operations, and so is an open door."""
    ok = {"200": answer(TEXT), "422": {"description": ".", "content": {"text/plain": {"schema": TEXT}}}}
    paths = {
        f"/{name}/{{id}}": {"parameters": [in_path("id")], "get": {"operationId": name, "responses": ok}}
        for name in ("notes", "tasks", "users")
    }
    drawn = contract(paths)
    report = Report("notes", "", 1)
    for operation in drawn.operations.values():
        json_said = Response(422, [("Content-Type", "application/json")], b"{}")
        xml_said = Response(422, [("Content-Type", "application/xml")], b"<a/>")
        for said in (json_said, *([xml_said] if operation.id == "users" else [])):
            call = Exchanged(Request("GET", f"/{operation.id}/1"), said, operation.id)
            for one in held(drawn, operation, call):
                report.findings.append(one)
        for what in ("no credentials", "a key of nobody"):
            call = Exchanged(Request("GET", f"/{operation.id}/1"), Response(200, [], b""), operation.id)
            report.findings.extend(refused(drawn, Wrong(operation, what, status="401"), call)[:1])
    told = [(group[0].rule, len(group)) for group in report.groups()]
    assert told == [
        ("contract/mediaType", 3),
        ("refusals/401", 3),
        ("refusals/401", 3),
        ("contract/mediaType", 1),
    ]


def test_what_is_wrong_in_one_place_only_is_its_own_cause() -> None:
    """A property that two operations lack at different places of the document is two faults."""
    report = Report("notes", "", 1)
    for name in ("a", "b"):
        report.add_finding(Finding("contract/required", name, "", Place("f", f"/{name}"), "/name"))
    assert len(report.groups()) == 2


def test_a_crash_is_told_by_one_rule(tmp_path: Path) -> None:
    """That 500 is not documented and that no server fails is one fault; another operation's is another."""
    file = tmp_path / "notes.yaml"
    file.write_text(yaml.safe_dump(notes({"name": NAMED}, "name")), "utf-8")
    context = Context(locate(str(file)), Target("http://127.0.0.1:1"))
    call = Exchanged(Request("POST", "/notes"), Response(500, [], b""), "makeNote")
    place = Place("", "")

    def finding(rule: str, operation: str = "makeNote", pointer: str = "") -> Finding:
        return Finding(rule, operation, "", place, pointer, found=500, calls=(call,), check="properties/x")

    told = [
        _first_crash(context, finding("contract/status")),
        _first_crash(context, finding("properties/server-error")),
        _first_crash(context, finding("properties/server-error", pointer="body/name")),
        _first_crash(context, finding("properties/server-error", "readNote")),
    ]
    assert [isinstance(one, Finding) for one in told] == [True, False, True, True]
    assert isinstance(told[1], Checked)
    assert (told[1].outcome, told[1].check) == ("failed", "properties/x")


@pytest.mark.parametrize(("name", "doubted"), [("template_type", True), ("mode", True), ("colour", False)])
def test_a_kind_may_have_to_agree_with_what_stands_beside_it(name: str, doubted: bool) -> None:
    """A chat is refused as a "text" by a rule that no schema has; a colour stands for itself."""
    body = {"content": {"application/json": {"schema": {"properties": {name: {"enum": ["a", "b"]}}}}}}
    post = {"operationId": "make", "requestBody": body, "responses": {"200": GONE, "422": GONE}}
    operation = contract({"/notes": {"post": post}}).operations["make"]

    def call(value: str, status: int) -> Exchanged:
        said = json.dumps({name: value, "part": {"kind": "a"}}).encode()
        fields = (("content-type", "application/json"),)
        return Exchanged(Request("POST", "/notes", "", fields, said), Response(status, [], b""), "make")

    accepted = Accepted()
    accepted.note(operation, call("a", 200))
    assert (accepted.only_difference(operation, call("b", 422)) is None) is doubted


ASSISTANT = {"name": NAMED, "graph": NAMED}
KEYED = {"note_id": {"type": "string", "format": "uuid"}}
CHOICE = {"if_exists": {"type": "string", "enum": ["raise", "do_nothing"], "default": "raise"}}


@pytest.mark.parametrize(
    ("more", "said", "accuses"),
    [
        ({}, "Conflict", True),
        (KEYED, "Conflict", False),
        (KEYED, "The name is taken.", True),
        (CHOICE, "Conflict", False),
        (CHOICE, "The name is taken.", False),
    ],
    ids=["bare", "own key", "own key, name taken", "choice", "choice, name taken"],
)
def test_a_conflict_may_be_about_a_key_of_the_client(
    tmp_path: Path, more: Json, said: str, accuses: bool
) -> None:
    """Assistants may be called alike: a bare 409 is of their ids, if a second one is refused at all."""
    document = notes({**ASSISTANT, **more}, "name")
    document["paths"]["/notes"]["post"]["responses"]["409"] = {"description": said}
    report = verdict(tmp_path, document, Notes(), only="duplicate-is-refused")
    assert bool(accused(report)) is accuses


STREAMED = b'event: x\ndata: {"a": 1}\n\n'


@pytest.mark.parametrize(
    ("schema", "body", "broken"),
    [
        (TEXT, STREAMED, False),
        ({"type": "object", "required": ["a"]}, STREAMED, False),
        ({"type": "array", "items": {"type": "object", "required": ["event"]}}, STREAMED, False),
        ({"type": "array", "items": {"type": "object", "required": ["id"]}}, STREAMED, True),
        ({"type": "string", "maxLength": 3}, STREAMED, True),
    ],
)
def test_a_stream_may_be_documented_as_text_or_by_one_item(schema: Json, body: bytes, broken: bool) -> None:
    """Only OpenAPI 3.2 says what the schema of a stream is of; who wrote 3.1 documents called it a string."""
    ok = {"200": {"description": ".", "content": {"text/event-stream": {"schema": schema}}}}
    drawn = contract({"/events": {"get": {"operationId": "listen", "responses": ok}}})
    answered = Response(200, [("Content-Type", "text/event-stream")], body)
    found = held(drawn, drawn.operations["listen"], Exchanged(Request("GET", "/events"), answered))
    assert bool(found) is broken


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (422, {"detail": []}, []),
        (400, {"detail": []}, []),
        (422, {"detail": "no"}, [("contract/type", "/detail")]),
        (400, {"detail": "no"}, [("contract/status", "")]),
    ],
)
def test_a_refusal_that_is_no_other_s_is_told_as_undocumented(status: int, body: Json, told: Json) -> None:
    """400 for 422 is as good; where it says something else, the document has no 400, and not a wrong 422."""
    schema = {"type": "object", "properties": {"detail": {"type": "array"}}}
    drawn = refusing(
        contract(
            {"/notes": {"get": {"operationId": "list", "responses": {"200": GONE, "422": answer(schema)}}}}
        )
    )
    said = Response(status, [("Content-Type", "application/json")], json.dumps(body).encode())
    found = held(drawn, drawn.operations["list"], Exchanged(Request("GET", "/notes"), said))
    assert [(one.rule, one.pointer) for one in found] == told
    assert all(one.expected == ["200", "422"] for one in found if one.rule == "contract/status")


@pytest.mark.parametrize(
    ("shown", "stranger", "accuses"),
    [(404, 404, False), (200, 404, True), (422, 422, False), (200, 422, True), (501, 501, False)],
)
def test_what_is_refused_to_anybody_turns_nobody_away(
    tmp_path: Path, shown: int, stranger: int, accuses: bool
) -> None:
    """What a server looks at first is its own choice; a stranger alone who is told another reason is not."""

    class Refusing(Notes):
        """Has no list for a stranger, or for anybody."""

        def __call__(self, request: Request) -> Response:
            """Answer."""
            status = shown if request.header("authorization") else stranger
            if request.method == "GET" and request.path == "/notes" and status != 200:
                return Response(status, [], b"")
            return super().__call__(request)

    file = tmp_path / "notes.yaml"
    file.write_text(yaml.safe_dump(notes({"name": NAMED}, "name")), "utf-8")
    report = run(Context(locate(str(file)), Here(Refusing())), [Examples()])  # type: ignore[arg-type]
    told = [one for one in report.broken if (one.rule, one.operation) == ("refusals/401", "listNotes")]
    assert bool(told) is accuses


@pytest.mark.parametrize(
    ("said", "doubted"),
    [({"name": "a", "hint": None}, True), ({"name": None}, False), ({"name": "a", "hint": 5}, False)],
    ids=["null for what may be left out", "null for what must be there", "a number"],
)
def test_null_may_be_sent_for_nothing(said: Json, doubted: bool) -> None:
    """Pydantic's Optional takes null where a document has a string that may be left out."""
    schema = {"properties": {"name": TEXT, "hint": TEXT}, "required": ["name"], "type": "object"}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    post = {"operationId": "make", "requestBody": body, "responses": {"200": GONE, "422": GONE}}
    drawn = contract({"/notes": {"post": post}})
    judge = Judge(drawn, SimpleNamespace(file="", rules={}), Accepted())  # type: ignore[arg-type]
    fields = (("content-type", "application/json"),)
    asked = Request("POST", "/notes", "", fields, json.dumps(said).encode())
    failed = Failed("negative_data_rejection", "", Exchanged(asked, Response(200, [], b""), "make"))
    if doubted:
        with pytest.raises(Doubt, match="may choose"):
            judge.findings(drawn.operations["make"], failed, {})
    else:
        assert judge.findings(drawn.operations["make"], failed, {})


@pytest.mark.parametrize("scheme", ["bearer", "basic"])
def test_nobody_s_credentials_are_shown_in_each_scheme(scheme: str) -> None:
    """Who takes any name and password was asked without credentials only."""
    secured = {"responses": {"200": GONE, "401": GONE}, "security": [{"it": []}], "operationId": "list"}
    schemes = {"securitySchemes": {"it": {"type": "http", "scheme": scheme}}}
    drawn = contract({"/notes": {"get": secured}}, components=schemes)
    wrong = {one.what: one for one in wrong_requests(drawn) if one.status == "401"}
    mine = "a token of nobody" if scheme == "bearer" else "a password of nobody"
    assert {*wrong} == {"no credentials", mine, "another scheme"}
    shown = {
        what: one.request(drawn, {}).header("authorization").partition(" ")[0].lower()
        for what, one in wrong.items()
    }
    assert shown[mine] == scheme
    assert {shown[mine], shown["another scheme"]} == {"bearer", "basic"}
    for what, one in wrong.items():
        for status in (200, 401):
            call = Exchanged(one.request(drawn, {}), Response(status, [], b""), "list")
            assert bool(refused(drawn, one, call)) is (status == 200), what


def test_a_crash_told_by_another_rule_is_in_no_baseline() -> None:
    """A check that failed beside a finding of another rule has failed, where nothing is known."""
    report = Report("notes", "", 1)
    report.add(Checked("makeNote", "properties/not_a_server_error", "failed", "500"))
    applied(report, [], date(2026, 1, 1))
    assert [one.outcome for one in report.ran.values()] == ["failed"]
