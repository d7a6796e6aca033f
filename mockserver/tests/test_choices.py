"""
What a careful server may choose where a document leaves it open: none of it is a finding.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockserver.contract.model import Contract, Operation
from mockserver.exchange import Request, Response
from mockserver.tests.choosing import REFUSED, Notes, Row, accused, notes, verdict
from mockserver.tests.crud import GONE, NUMBER, TEXT, answer, crud, in_path, in_query, listed, thing
from mockserver.tests.loaded import contract
from mockserver.verify.calls import documented_calls
from mockserver.verify.created import Created
from mockserver.verify.examples import hangs_on_data
from mockserver.verify.findings import Exchanged
from mockserver.verify.laws import changing, ordering, trial
from mockserver.verify.laws.keeping import names_its_parent
from mockserver.verify.laws.things import things
from mockserver.verify.lifecycles import travel
from mockserver.verify.properties.acceptance import Accepted
from mockserver.verify.properties.certain import Doubt, Judge
from mockserver.verify.properties.engine import Failed
from mockserver.verify.refusals import refused, wrong_requests
from mockserver.verify.requests import Said, written

Json = Any


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a second to pass: nothing here has a clock."""
    monkeypatch.setattr(changing, "TICK", 0.0)
    monkeypatch.setattr(ordering, "TICK", 0.0)
    monkeypatch.setattr(trial, "PAUSE", 0.0)


def _single(value: float) -> float:
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


WRITTEN: list[tuple[Json, Json, Callable[[Json], Json]]] = [
    ({"type": "string", "format": "uri"}, "https://Example.com", lambda said: "https://example.com/"),
    ({"type": "string", "format": "uuid"}, "0B1F8E5C-3A2D-4C5B-9E7F-112233445566", str.lower),
    ({"type": "string", "format": "duration"}, "PT60M", lambda said: "PT1H"),
    ({"type": "string", "format": "time"}, "10:00:00Z", lambda said: said.replace("Z", "+00:00")),
    ({"type": "string", "pattern": r"^\d+(\.\d{1,2})?$"}, "12.5", lambda said: f"{float(said):.2f}"),
    ({"type": "number", "format": "float", "minimum": 0, "maximum": 1000}, 12.7, _single),
]
"""(schema, what is sent, how a server tells it)."""


class TestValues:
    @pytest.mark.parametrize(("schema", "said", "told"), WRITTEN)
    def test_a_value_may_be_told_in_another_way_of_its_format(
        self, tmp_path: Path, schema: Json, said: Json, told: Callable[[Json], Json]
    ) -> None:
        """
        Frameworks read what is sent into a URL, a duration, a decimal, and write it in their own way.
        """
        document = notes({"title": TEXT, "what": schema}, "title", "what")
        media = document["paths"]["/notes"]["post"]["requestBody"]["content"]["application/json"]
        media["example"] = {"title": "Hi", "what": said}

        def keep(name: str, value: Json) -> Json:
            return told(value) if name == "what" and (value == said or schema["type"] == "number") else value

        report = verdict(tmp_path, document, Notes(keep=keep))
        assert accused(report) == []
        assert ("makeNote", "lockstep/created-is-readable") in report.ran


TITLED = {"title": TEXT}


class TestAccepted:
    """202 says that something will be done, or not (RFC 9110, 15.3.3)."""

    def test_what_is_made_may_take_its_time(self, tmp_path: Path) -> None:
        """
        It is waited for, and then held to all laws.
        """
        report = verdict(tmp_path, notes(TITLED, "title", created="202"), Notes(made=202, late=3))
        assert accused(report) == []
        assert report.ran["changeNote", "lockstep/patch-is-kept"].outcome == "passed"

    def test_what_never_comes_is_inconclusive(self, tmp_path: Path) -> None:
        """
        That it may yet come cannot be told from that it is lost.
        """
        report = verdict(tmp_path, notes(TITLED, "title", created="202"), Notes(made=202, late=10**6))
        assert accused(report) == []
        assert "is not there soon after" in report.ran["changeNote", "lockstep/patch-is-kept"].why

    def test_a_change_may_take_its_time(self, tmp_path: Path) -> None:
        """
        What is read at once is what was before.
        """
        report = verdict(tmp_path, notes(TITLED, "title", changed="202"), Notes(done=202, late=5))
        assert accused(report) == []

    def test_a_change_that_is_said_to_be_done_is_done(self, tmp_path: Path) -> None:
        """
        200 says so.
        """
        report = verdict(
            tmp_path, notes(TITLED, "title"), Notes(keep=lambda name, value: value[:-1]), "patch-is-kept"
        )
        assert accused(report)


class TestSettling:
    def test_what_is_seen_a_moment_later_is_unstable(self, tmp_path: Path) -> None:
        """
        Replicas and indexes show what was written soon after, and nobody promised more.
        """

        def lists(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
            return [row for row in rows if time.monotonic() > row["_at"] + 0.1]

        report = verdict(
            tmp_path, notes(TITLED, "title"), Notes(lists=lists), "created-is-listed", settles=0.2
        )
        assert [one.verdict for one in report.findings] == ["unstable"]

    def test_what_is_never_listed_is_lost(self, tmp_path: Path) -> None:
        """
        Whatever is waited for it.
        """
        report = verdict(
            tmp_path,
            notes(TITLED, "title"),
            Notes(lists=lambda rows, query: rows[:-1]),
            "created-is-listed",
            settles=0.01,
        )
        assert accused(report)


class TestWhoSees:
    """Whose things are, where the contract's words say nothing, and where they say little."""

    @pytest.mark.parametrize("said", ["", "A note belongs to a user.", "You may change only your own notes."])
    def test_who_shows_to_all_lets_one_change(self, tmp_path: Path, said: str) -> None:
        """
        Posts of a blog, public repositories: there to be read by everybody, and to be changed by one.
        """
        server = Notes(may=lambda account, row: row["_account"] == account)
        assert accused(verdict(tmp_path, notes(TITLED, "title", said=said), server)) == []

    def test_who_says_that_others_do_not_see_is_held_to_it(self, tmp_path: Path) -> None:
        """
        The same server by another document.
        """
        server = Notes(may=lambda account, row: row["_account"] == account)
        document = notes(TITLED, "title", said="Notes of other accounts are not visible.")
        found = accused(verdict(tmp_path, document, server, "others-do-not-see"))
        assert [detail for _, detail in found] == ["Another identity can read what the first one has made."]

    def test_what_is_somebodys_is_not_changed_by_others(self, tmp_path: Path) -> None:
        """
        That a note belongs to a user says at least so much.
        """
        document = notes(TITLED, "title", said="A note belongs to a user.")
        found = accused(verdict(tmp_path, document, Notes(), "others-do-not-see"))
        assert [detail for _, detail in found] == ["Another identity can change what the first one has made."]

    def test_what_is_not_changed_is_not_deleted(self, tmp_path: Path) -> None:
        """
        Who guards a change guards what is worse; a server that says so of neither has no owners.
        """
        guarded = Notes(may=lambda account, row: row["_account"] == account, guarded=("PATCH",))
        found = accused(verdict(tmp_path, notes(TITLED, "title"), guarded, "others-do-not-see"))
        assert [detail for _, detail in found] == ["Another identity can delete what the first one has made."]
        wiki = Notes(may=lambda account, row: row["_account"] == account, guarded=("DELETE",))
        assert accused(verdict(tmp_path, notes(TITLED, "title"), wiki, "others-do-not-see")) == []


RANKS = {"low": 0, "medium": 1, "high": 2}
PRIORITY = {"type": "string", "enum": list(RANKS)}
STATUS = {"type": "string", "enum": ["draft", "published"]}


def _drafted(document: dict[str, Any]) -> dict[str, Any]:
    media = document["paths"]["/notes"]["post"]["requestBody"]["content"]["application/json"]
    media["example"] = {"title": "Hi", "status": "draft"}
    return document


class TestLists:
    @pytest.mark.parametrize("ranked", [True, False])
    def test_an_enum_has_an_order_of_its_own(self, tmp_path: Path, ranked: bool) -> None:
        """
        "low, medium, high" is sorted by meaning in a database that knows the type, and by letters in another.
        """

        def lists(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
            by = RANKS.__getitem__ if ranked else str
            down = query.get("sort") == "-priority"
            return (
                sorted(rows, key=lambda row: by(row["priority"]), reverse=down) if "sort" in query else rows
            )

        query = [in_query("sort", {"type": "string", "enum": ["priority", "-priority"]})]
        document = notes({"title": TEXT, "priority": PRIORITY}, "title", "priority", query=query)
        report = verdict(tmp_path, document, Notes(lists=lists), "order-orders")
        assert accused(report) == []
        assert report.outcomes("passed")
        report = verdict(tmp_path, document, Notes(), "order-orders")
        assert accused(report), "sorted by neither"

    def test_a_filter_may_have_a_default(self, tmp_path: Path) -> None:
        """
        What is a draft is not in a list that shows what is published unless it is asked otherwise.
        """

        def lists(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
            return [row for row in rows if row["status"] == query.get("status", "published")]

        query = [in_query("status", {**STATUS, "default": "published"})]
        document = _drafted(notes({"title": TEXT, "status": STATUS}, "title", "status", query=query))
        assert accused(verdict(tmp_path, document, Notes(lists=lists))) == []

    @pytest.mark.parametrize("forgets", [True, False])
    def test_the_second_page_is_as_narrow(self, tmp_path: Path, forgets: bool) -> None:
        """
        A list begins with rows of many a color, so what comes after is not what most of the rows are.
        """
        colors = ["red", "blue"]

        def lists(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
            start, size = int(query.get("offset", 0)), int(query.get("limit", 20))
            many = [{"id": 900 + number, "title": "t", "color": "red"} for number in range(6)]
            every = [*many, *({"color": "red", **row} for row in rows)]
            fit = [row for row in every if query.get("color") in (None, row["color"])]
            return fit[:size] if not start else (every if forgets else fit)[start : start + size]

        whole = {"type": "integer", "minimum": 0, "maximum": 100}
        color = {"type": "string", "enum": colors, "default": "red"}
        query = [in_query("color", {"type": "string", "enum": colors})]
        query += [in_query("offset", whole), in_query("limit", {**whole, "minimum": 1})]
        document = notes({"title": TEXT, "color": color}, "title", query=query)
        report = verdict(tmp_path, document, Notes(lists=lists), "filters-filter")
        assert bool(accused(report)) is forgets
        assert report.outcomes("passed") or forgets

    def test_a_list_may_be_called_after_what_it_shows(self, tmp_path: Path) -> None:
        """
        "Lists published notes" promises no drafts; a list of all notes does.
        """

        def lists(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
            return [row for row in rows if row["status"] == "published"]

        properties = {"title": TEXT, "status": STATUS}
        document = _drafted(notes(properties, "title", "status", list_said="Lists published notes"))
        assert accused(verdict(tmp_path, document, Notes(lists=lists))) == []
        document = _drafted(notes(properties, "title", "status"))
        assert accused(verdict(tmp_path, document, Notes(lists=lists), "created-is-listed"))

    @pytest.mark.parametrize("honest", [True, False])
    def test_a_page_that_is_not_there_may_be_the_last_one(self, tmp_path: Path, honest: bool) -> None:
        """
        Who shows the last page in its place, and says which one it is, has hidden nothing.
        """

        def page(rows: list[Row], query: Mapping[str, str]) -> Json:
            size, asked = int(query.get("per_page", 20)), int(query.get("page", 1))
            number = min(asked, max(1, -(-len(rows) // size)))
            shown = rows[(number - 1) * size : number * size]
            return {"items": shown, "page": number if honest else asked, "total": len(rows)}

        def paged(row: Json) -> Json:
            whole = {"type": "integer"}
            properties = {"items": listed(row), "page": whole, "total": whole}
            return {"type": "object", "required": list(properties), "properties": properties}

        query = [
            in_query("page", {"type": "integer", "minimum": 1, "default": 1}),
            in_query("per_page", {"type": "integer", "minimum": 1, "maximum": 50}),
        ]
        report = verdict(tmp_path, notes(TITLED, "title", query=query, page=paged), Notes(page=page))
        assert bool(accused(report)) is not honest

    @pytest.mark.parametrize(("first", "lost"), [(0, False), (1, False), (0, True), (1, True)])
    def test_pages_count_from_0_or_from_1(self, tmp_path: Path, first: int, lost: bool) -> None:
        """
        Where no document says which, the server's own first page does.
        """

        def page(rows: list[Row], query: Mapping[str, str]) -> Json:
            size, number = int(query.get("size", 20)), int(query.get("page", first)) - first
            start = number * size + (lost and number > 0)
            return {"items": rows[start : start + size], "number": number + first}

        def paged(row: Json) -> Json:
            properties = {"items": listed(row), "number": {"type": "integer"}}
            return {"type": "object", "required": list(properties), "properties": properties}

        whole = {"type": "integer"}
        query = [in_query("page", whole), in_query("size", {**whole, "minimum": 1, "maximum": 50})]
        document = notes(TITLED, "title", query=query, page=paged)
        report = verdict(tmp_path, document, Notes(page=page), "pages-are-whole")
        assert bool(accused(report)) is lost
        assert lost or report.outcomes("passed")

    def test_others_make_things_meanwhile(self, tmp_path: Path) -> None:
        """
        A total that moves by itself says nothing of what was made here.
        """
        count = iter(range(10**6))

        def page(rows: list[Row], query: Mapping[str, str]) -> Json:
            return {"items": rows, "total": len(rows) + next(count)}

        def counted(row: Json) -> Json:
            properties = {"items": listed(row), "total": {"type": "integer"}}
            return {"type": "object", "required": list(properties), "properties": properties}

        document = notes(TITLED, "title", page=counted)
        assert accused(verdict(tmp_path, document, Notes(page=page), "total-counts")) == []
        twice = Notes(page=lambda rows, query: {"items": rows, "total": 2 * len(rows)})
        assert accused(verdict(tmp_path, document, twice, "total-counts"))

    @pytest.mark.parametrize("with_it", [True, False])
    def test_what_comes_after_a_time_may_be_with_it(self, tmp_path: Path, with_it: bool) -> None:
        """
        "starts_after" is said of both.
        """

        def lists(rows: list[Row], query: Mapping[str, str]) -> list[Row]:
            bound = query.get("starts_after", "")
            return [row for row in rows if row["starts"] > bound or (with_it and row["starts"] == bound)]

        day = {"type": "string", "format": "date"}
        query = [in_query("starts_after", day)]
        document = notes({"title": TEXT, "starts": day}, "title", "starts", query=query)
        report = verdict(tmp_path, document, Notes(lists=lists), "filters-filter")
        assert accused(report) == []
        assert report.outcomes("passed")
        assert accused(verdict(tmp_path, document, Notes(), "filters-filter"))

    def test_what_a_cache_tells_was_so_a_while_ago(self, tmp_path: Path) -> None:
        """
        Its Age says that the server was not asked (RFC 9111, 5.1).
        """
        lost = Notes(lists=lambda rows, query: [], fields=[("Age", "12")])
        report = verdict(tmp_path, notes(TITLED, "title"), lost, "created-is-listed")
        assert [one.verdict for one in report.findings] == ["inconclusive"]


class TestMade:
    def test_what_was_there_already_is_not_taken_away(self, tmp_path: Path) -> None:
        """
        Who answers 200 with what was there, and 201 with what was made, keeps what others have put there.
        """
        document = notes(TITLED, "title")
        post = document["paths"]["/notes"]["post"]
        post["responses"]["200"] = answer({"type": "object"})
        drawn = contract(document["paths"], components=document["components"])
        server = Notes()
        server.rows[1] = {"id": 1, "title": "Somebody's", "_account": "first"}
        made = Created(drawn, SimpleNamespace(rules={}), lambda operation, path: {})  # type: ignore[arg-type]
        for status, kept in ((200, []), (201, ["/notes/1"])):
            said = Response(status, [("Content-Type", "application/json")], b'{"id": 1}')
            made.note(drawn.operations["makeNote"], Exchanged(Request("POST", "/notes"), said))
            assert [one.path for one in made.things] == kept

    def test_a_thing_may_have_two_addresses(self, tmp_path: Path) -> None:
        """
        Its Location may name it otherwise than its answer, as long as it leads there.
        """
        document = notes(TITLED, "title")
        document["paths"]["/notes/{id}"]["parameters"] = [in_path("id", TEXT)]
        found = accused(
            verdict(tmp_path, document, Notes(located="/notes/note-{id}"), "location-leads-there")
        )
        assert found == []
        found = accused(verdict(tmp_path, document, Notes(located="/notes/99{id}"), "location-leads-there"))
        assert [rule for rule, _ in found] == ["lockstep/location-leads-there"]

    @pytest.mark.parametrize("said", ["http://[1/notes/{id}", "//[{id}", "http://a:b/notes/{id}"])
    def test_an_address_that_is_none_stops_nothing(self, tmp_path: Path, said: str) -> None:
        """
        A server that writes no URL is a server to be judged, not an end of judging.
        """
        report = verdict(tmp_path, notes(TITLED, "title"), Notes(located=said), "")
        assert len(report.outcomes("passed")) > 5


def _keyed_by(name: str) -> Any:
    """Return the issues below a repository that its path calls by *name*, as the laws see them."""
    repo = thing({name: TEXT, "title": TEXT}, name)
    issue = thing({"id": NUMBER, "repo_id": TEXT, "text": TEXT}, "id")
    above = f"/repos/{{{name}}}"
    below = crud(issue, thing({"text": TEXT}), path=f"{above}/issues", parameter="issue_id")
    for path in below.values():
        path["parameters"] = [*path.get("parameters", []), in_path(name, TEXT)]
    drawn = contract({**crud(repo, thing({"title": TEXT}), path="/repos", parameter=name, key=TEXT), **below})
    return next(one for one in things(drawn) if one.parent is not None)


@pytest.mark.parametrize(("name", "accused"), [("slug", False), ("id", True)])
def test_a_path_may_name_a_thing_otherwise_than_others_do(name: str, accused: bool) -> None:
    """
    /repos/{slug}/issues: an issue's repo_id is the repository's number, and not its slug.
    """
    issues = _keyed_by(name)
    said: list[str] = []

    def broken(operation: Operation, detail: str, *_: object, **__: object) -> Exception:
        said.append(detail)
        return ValueError(detail)

    here: Any = SimpleNamespace(thing=issues, broken=broken)
    item: Any = SimpleNamespace(path={("path", name): "linux"}, sent={})
    with suppress(ValueError):
        names_its_parent(here, item, {"id": 1, "repo_id": "17"}, SimpleNamespace(operation=None))  # type: ignore[arg-type]
    assert bool(said) is accused


class TestExamples:
    @pytest.mark.parametrize(
        ("status", "about", "accused"),
        [
            (422, {"title": "Hi", "owner_id": 7}, False),
            (422, {"title": "Hi"}, True),
            (403, {"title": "Hi"}, False),
        ],
    )
    def test_what_an_example_names_may_not_be_there(self, status: int, about: Json, accused: bool) -> None:
        """
        Owner 7 of the document is nobody on a server with data of its own; a title needs no data.
        """
        document = notes({"title": TEXT, "owner_id": {"type": "integer"}}, "title")
        post = document["paths"]["/notes"]["post"]
        post["requestBody"]["content"]["application/json"]["examples"] = {"one": {"value": about}}
        post["responses"].update({"403": REFUSED, "422": REFUSED})
        drawn = contract(document["paths"], components=document["components"])
        call = next(one for one in documented_calls(drawn) if one.operation.id == "makeNote")
        assert hangs_on_data(call, status) is not accused

    def test_what_is_linked_from_what_is_accepted_may_come_later(self) -> None:
        """
        A 202 links to what will be there.
        """
        document = notes(TITLED, "title", created="202")
        accepted = document["paths"]["/notes"]["post"]["responses"]["202"]
        accepted["links"] = {"it": {"operationId": "readNote", "parameters": {"id": "$response.body#/id"}}}
        drawn = contract(document["paths"], components=document["components"])
        server = Notes(made=202, late=10**6)

        def send(operation: Operation, said: Said) -> Exchanged:
            request = written(drawn, operation, said, headers={"authorization": "Bearer test-token"})
            return Exchanged(request, server(request), operation.id)

        journey = travel(drawn, drawn.operations["makeNote"], send)
        assert journey.followed
        assert not journey.findings
        assert "may take its time" in journey.untrodden[0]


def _call(method: str, path: str, status: int, template: str = "") -> Exchanged:
    return Exchanged(Request(method, path), Response(status, [], b""), f"{method} {template or path}")


ITEM = "/things/{id}"


class TestCertain:
    """What schemathesis says of a walk, where its schema is not all that there is."""

    @pytest.mark.parametrize(
        ("said", "status", "doubted"),
        [
            ("Deletes a thing.", 204, ""),
            ("Archives a thing.", 204, "leaves open"),
            ("Deletes it.", 202, "202"),
        ],
    )
    def test_what_was_deleted_may_linger(self, said: str, status: int, doubted: str) -> None:
        """
        Where the document says that it is archived, or the answer that it takes its time.
        """
        paths = crud()
        paths[ITEM]["delete"]["summary"] = said
        drawn = contract(paths)
        read = next(
            one for one in drawn.operations.values() if (one.method, one.route.template) == ("GET", ITEM)
        )
        before = (_call("POST", "/things", 201), _call("DELETE", "/things/7", status, ITEM))
        failed = Failed("use_after_free", "", _call("GET", "/things/7", 200, ITEM), before)
        self._held(drawn, read, failed, doubted)

    @pytest.mark.parametrize(
        ("made", "template", "doubted"),
        [(201, ITEM, ""), (202, ITEM, "202"), (201, f"{ITEM}/report", "not be there yet")],
    )
    def test_what_was_made_may_not_be_there_yet(self, made: int, template: str, doubted: str) -> None:
        """
        Where it is only accepted, or is no more than what stands below: a report of something new.
        """
        paths = {**crud(), f"{ITEM}/report": {"get": {"responses": {"200": answer(TEXT), "404": GONE}}}}
        paths[f"{ITEM}/report"]["parameters"] = [in_path("id")]
        drawn = contract(paths)
        read = next(
            one for one in drawn.operations.values() if (one.method, one.route.template) == ("GET", template)
        )
        failed = Failed(
            "ensure_resource_availability",
            "",
            _call("GET", template.replace("{id}", "7"), 404, template),
            (_call("POST", "/things", made),),
        )
        self._held(drawn, read, failed, doubted)

    @staticmethod
    def _held(drawn: Contract, operation: Operation, failed: Failed, doubted: str) -> None:
        behavior: Any = SimpleNamespace(file="", rules={})
        judge = Judge(drawn, behavior, Accepted())
        if doubted:
            with pytest.raises(Doubt, match=doubted):
                judge.findings(operation, failed, {"id": "7"})
        else:
            assert judge.findings(operation, failed, {"id": "7"})


class TestMethods:
    @pytest.mark.parametrize(
        ("status", "wrong"), [(404, False), (403, False), (501, False), (200, True), (500, True)]
    )
    def test_an_undeclared_method_is_refused_somehow(self, status: int, wrong: bool) -> None:
        """
        405 is what HTTP would have; a gateway says 403 to all that it does not know.
        """
        drawn = contract({"/things": crud()["/things"]})
        asked = next(one for one in wrong_requests(drawn) if one.status == "405")
        assert bool(refused(drawn, asked, _call(asked.method, "/things", status))) is wrong


class TestCredentials:
    @pytest.mark.parametrize(("status", "template"), [(401, "/things"), (403, "/things"), (404, ITEM)])
    def test_nobody_may_be_turned_away_otherwise(self, status: int, template: str) -> None:
        """
        Who refuses with a documented 403, or hides what is there (RFC 9110, 15.5.4), has let nobody in.
        """
        assert self._refused(status, template) == []

    @pytest.mark.parametrize(("status", "template"), [(200, "/things"), (404, "/things"), (418, ITEM)])
    def test_nobody_is_let_in(self, status: int, template: str) -> None:
        """
        A list is there for everybody, and another refusal says nothing of credentials.
        """
        assert "refusals/401" in self._refused(status, template)

    @staticmethod
    def _refused(status: int, template: str) -> list[str]:
        paths = crud()
        for path in paths.values():
            path["get"]["responses"].update(dict.fromkeys(("401", "403", "404"), GONE))
        schemes = {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}}
        drawn = contract(paths, security=[{"bearer": []}], components=schemes)
        wrong = next(
            one
            for one in wrong_requests(drawn)
            if (one.operation.method, one.operation.route.template, one.what)
            == ("GET", template, "no credentials")
        )
        return [one.rule for one in refused(drawn, wrong, _call("GET", template, status))]
