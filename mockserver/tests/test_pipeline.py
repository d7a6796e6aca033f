from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.behavior.world import World
from mockserver.exchange import Request, Response
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.pipeline import Host
from mockserver.tests.lending import lending


@dataclass
class Answered:
    """What came back."""

    response: Response

    @property
    def status(self) -> int:
        """The status code."""
        return self.response.status

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.response.body)

    def __getitem__(self, name: str) -> str:
        return self.response.header(name)


class Mock:
    """The lending API behind `Host.handle`."""

    def __init__(self, folder: Path, options: dict[str, Any] | None = None, **edits: Any) -> None:
        self.host: Host = build_host([lending(folder, **edits)], journal=Journal(), **(options or {}))

    @property
    def world(self) -> World:
        """The default session's, as it is now."""
        return self.host.worlds["lending"]

    def __call__(
        self,
        line: str,
        body: Any = None,
        *,
        token: str | None = "test-token",
        raw: bytes = b"",
        **headers: str,
    ) -> Answered:
        """Ask: "POST /loans?x=1" with a JSON *body* (or *raw* bytes); header names with "_" for "-"."""
        method, target = line.split(" ")
        path, _, query = target.partition("?")
        fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
        if token is not None:
            fields.append(("authorization", f"Bearer {token}"))
        if body is not None:
            fields.append(("content-type", "application/json"))
        content = json.dumps(body).encode() if body is not None else raw
        return Answered(self.host.handle(Request(method, path, query, tuple(fields), content)))


@pytest.fixture
def mock(tmp_path: Path, state: str) -> Iterator[Mock]:
    made = Mock(tmp_path, {"state": state})
    yield made
    made.host.close()


Make = Callable[..., Mock]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return what makes a mock of edited files, or with options."""
    return lambda options=None, **edits: Mock(tmp_path, options, **edits)


class TestLife:
    def test_a_loan(self, mock: Mock) -> None:
        """Created, read, listed, returned once: what the document tells of one."""
        made = mock("POST /loans", {"bookId": "bk_ubik"})
        assert (made.status, made["mock-source"], made["mock-operation"]) == (201, "state", "createLoan")
        read = mock(f"GET /loans/{made.json['id']}")
        assert read.json == made.json
        assert made.json["id"] in [loan["id"] for loan in mock("GET /loans?page=2").json["loans"]]
        assert mock(f"POST /loans/{made.json['id']}/return").json["status"] == "returned"
        assert mock(f"POST /loans/{made.json['id']}/return").status == 409

    def test_a_list_is_never_an_old_one(self, mock: Mock) -> None:
        """Its rows are remembered until something changes, for each caller and each wish."""

        asked = itertools.count()

        def ids(query: str = "", token: str = "test-token") -> list[str]:
            """All pages, each asked for twice, with requests that were never made before."""
            pages = []
            for page in (1, 1, 2, 2):
                told = mock(f"GET /loans?page={page}{query}", token=token, x_request=str(next(asked))).json
                pages.append([loan["id"] for loan in told["loans"]])
            assert (pages[0], pages[2]) == (pages[1], pages[3])
            return pages[0] + pages[2]

        before, others, open_before = ids(), ids(token="other-token"), ids("&status=open")
        made = mock("POST /loans", {"bookId": "bk_ubik"}).json["id"]
        assert ids() == [*before, made]
        assert ids(token="other-token") == others
        assert ids("&status=open") == [*open_before, made]
        assert mock(f"POST /loans/{made}/return").status == 200
        assert ids("&status=open") == open_before
        assert made in ids("&status=returned")

    def test_an_answer_shows_its_part(self, mock: Mock) -> None:
        """A row holds more than the contract shows: bookkeeping, and whose it is."""
        shown = mock("GET /loans/ln_0007").json
        assert "_account" not in shown
        assert mock.world.tables["loans"].rows["ln_0007"]["_account"] == "first"

    def test_at_every_address(self, mock: Mock) -> None:
        """At the root, below the name, with the server's base path, on its own host."""
        wanted = mock("GET /books/bk_dune").response.body
        assert mock("GET /lending/books/bk_dune").response.body == wanted
        assert mock("GET /v2/books/bk_dune").response.body == wanted
        assert mock("GET /books/bk_dune", host="lending.localhost").response.body == wanted

    def test_headers(self, mock: Mock) -> None:
        """Documented ones, filled by the rule; ours beside them."""
        made = mock("POST /books", {"title": "Ulysses"})
        assert (made["location"], made["x-count"]) == ("/books/bk_ulysses", "4")
        assert made["content-type"] == "application/json"
        assert made["mock-id"]
        assert made["mock-id"] != mock("GET /books")["mock-id"]

    def test_no_content(self, mock: Mock) -> None:
        """A 204 has no body, and no media type."""
        gone = mock("DELETE /books/bk_ubik")
        assert (gone.status, gone.response.body, gone["content-type"]) == (204, b"", "")
        assert mock("GET /books/bk_ubik").status == 404


class TestOrderOfRefusals:
    """Each request has every later fault as well."""

    def test_who(self, mock: Mock) -> None:
        """First who asks: 401 with the challenge, in the API's own words."""
        refused = mock("POST /books", token=None, raw=b"{", content_type="text/csv", accept="text/html")
        assert (refused.status, refused.json["code"]) == (401, "unauthorized")
        assert refused["www-authenticate"].startswith("Bearer")
        assert refused["mock-source"] == "example" or refused["mock-source"] == "rule"

    def test_in_what(self, mock: Mock) -> None:
        """Then the media type: 415, for which this document has no words."""
        refused = mock("POST /books", raw=b"{", content_type="text/csv", accept="text/html")
        assert (refused.status, refused["content-type"]) == (415, "application/problem+json")
        assert refused["mock-source"] == "mock"

    def test_what(self, mock: Mock) -> None:
        """Then the request itself: 400, in the API's own words."""
        refused = mock("POST /books", {"title": ""}, accept="text/html")
        assert (refused.status, refused.json["code"]) == (400, "invalid")

    def test_whether_there_is_one(self, mock: Mock) -> None:
        """Then the rules; a refusal of theirs is told whatever is accepted (RFC 9110, 12.5.1)."""
        assert mock("GET /books/none", accept="text/html").status == 404

    def test_how(self, mock: Mock) -> None:
        """Last what the client takes: 406, and nothing has happened."""
        refused = mock("POST /books", {"title": "a"}, accept="text/html")
        assert (refused.status, refused["mock-source"]) == (406, "mock")
        assert "application/json" in refused.json["detail"]
        assert mock("GET /books/bk_a").status == 404


class TestInvalid:
    def test_every_violation_with_its_rule(self, mock: Mock) -> None:
        """Where, which rule, what was expected and found, and the line in the contract; all at once."""
        refused = mock("GET /books?limit=0&offset=-1")
        assert refused.status == 400
        errors = {(error["in"], error["pointer"]): error for error in refused.json["more"]}
        assert errors["query", "limit"]["keyword"] == "minimum"
        assert errors["query", "offset"]["found"] == -1
        assert refused["mock-violations"] == "2"

    def test_where_no_words_are_documented(self, mock: Mock) -> None:
        """A problem (RFC 9457) of the mock's own, with the contract's file and line."""
        refused = mock("POST /loans/close", raw=b"{", content_type="application/json")
        assert refused["content-type"] == "application/problem+json"
        assert refused["mock-source"] == "mock"
        (error,) = refused.json["errors"]
        assert error["keyword"] == "parse"
        refused = mock("POST /loans", {"bookId": 5, "days": "x"})
        assert refused.status in (400, 422)

    def test_the_line_of_the_rule(self, make: Make) -> None:
        """Not of the reference that leads to it."""
        edit = ('        "400": {$ref: "#/components/responses/Wrong"}\n        "401"', '        "401"')
        mock = make(openapi=edit, behavior=("  invalid: {status: 400", "  forbidden: {status: 400"))
        refused = mock("POST /books", {"title": ""})
        (error,) = refused.json["errors"]
        lines = Path(error["spec"]["file"]).read_text().split("\n")
        assert "minLength: 1" in lines[error["spec"]["line"] - 1]
        assert error["spec"]["pointer"] == "/components/schemas/NewBook/properties/title/minLength"

    def test_said_or_not_looked_at(self, make: Make) -> None:
        """`--validate warn` answers and counts, `off` does not look; a request may ask for either."""
        for options, headers, count in (
            ({"validate": "warn"}, {}, "2"),
            ({"validate": "off"}, {}, ""),
            ({}, {"prefer": "validate=warn"}, "2"),
            ({"validate": "off"}, {"prefer": "validate=warn"}, "2"),
        ):
            found = make(options)("GET /books?limit=0&offset=-1", **headers)
            assert (found.status, found["mock-violations"]) == (200, count)
        assert found["preference-applied"] == "validate=warn"

    def test_nobody_asked_for_credentials(self, make: Make) -> None:
        """With validation off the first account is meant."""
        assert make({"validate": "off"})("GET /report", token=None).json["me"] == "first"


class TestAccounts:
    def test_each_sees_its_own(self, mock: Mock) -> None:
        """Two tokens are two accounts; any other is the first's."""
        assert mock("GET /loans/ln_0008", token="other-token").json["note"] == "theirs"
        assert mock("GET /loans/ln_0008").status == 404
        assert mock("GET /report", token="whatever").json["me"] == "first"

    def test_only_those_that_are_listed(self, make: Make) -> None:
        """`--auth listed`."""
        mock = make({"auth": "listed"})
        assert mock("GET /report", token="whatever").status == 401
        assert mock("GET /report", token="other-token").json["me"] == "other"


class TestOwnBreach:
    """An answer that breaks its contract does not leave."""

    def test_is_a_problem_and_nothing_happened(self, make: Make) -> None:
        """500, naming the violations with their lines; the world is as it was."""
        mock = make(behavior=("    new: {addedAt: =now}", "    new: {addedAt: 5}"))
        before = mock("GET /books/bk_dune").json
        broken = mock("POST /books", {"title": "a"})
        assert (broken.status, broken["mock-source"]) == (500, "mock")
        (error,) = broken.json["errors"]
        assert (error["in"], error["pointer"], error["keyword"]) == ("body", "/addedAt", "type")
        assert error["spec"]["line"] > 0
        assert mock("GET /books/bk_a").status == 404
        assert mock("GET /books/bk_dune").json == before
        assert mock.world.writes == 0

    def test_an_invariant(self, make: Make) -> None:
        """What behavior.yaml says of every answer."""
        mock = make(behavior=("holds: answer.total >=", "holds: answer.total <"))
        broken = mock("GET /books")
        assert broken.status == 500
        assert "answer.total < (answer.books | length)" in broken.json["detail"]

    def test_a_rule_that_cannot_be_computed(self, make: Make) -> None:
        """500, quoting the expression and its place; what it had changed is undone."""
        mock = make(behavior=("body: {made: =made,", "body: {made: =made + 1,"))
        broken = mock("POST /loans/ln_0042/notes", {"texts": ["a"]})
        assert broken.status == 500
        assert "'made + 1' cannot be computed" in broken.json["detail"]
        assert "behavior.yaml" in broken.json["detail"]
        assert list(mock.world.tables["notes"].rows) == [1, 2, 3]

    def test_a_status_that_is_not_documented(self, make: Make) -> None:
        """The mock does not make it up."""
        mock = make(behavior=("      status: 201\n", "      status: =200 + 2\n"))
        broken = mock("POST /books", {"title": "a"})
        assert broken.status == 500
        assert "202, which addBook does not document" in broken.json["detail"]
        assert mock("GET /books/bk_a").status == 404

    def test_a_mistake_of_our_own(self, mock: Mock, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
        """Never raises: the client is told, the log says why, and the next request is answered."""
        monkeypatch.setattr(mock.host.apis[0].engine, "plan", lambda *_: 1 / 0)
        with caplog.at_level(logging.CRITICAL):
            assert mock("GET /loans/ln_0007").status == 500
        monkeypatch.undo()
        assert mock("GET /loans/ln_0007").status == 200

    def test_in_the_journal(self, make: Make) -> None:
        """A test that has its answer finds the line, with what is wrong."""
        mock = make(behavior=("    new: {addedAt: =now}", "    new: {addedAt: 5}"))
        mock("POST /books", {"title": "a"})
        (entry,) = mock.host.journal
        assert (entry.operation, entry.source, entry.response.status) == ("addBook", "mock", 500)
        assert [violation.pointer for violation in entry.violations] == ["/addedAt"]


class TestMisses:
    def test_unknown_path(self, mock: Mock) -> None:
        """404 of the mock's own, naming the nearest."""
        missed = mock("GET /bookz")
        assert (missed.status, missed["mock-source"]) == (404, "mock")
        assert missed.json["nearest"][0] == "/books"
        assert "Did you mean /books?" in missed.json["detail"]

    @pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE", "BREW"])
    def test_another_method(self, mock: Mock, method: str) -> None:
        """405 with what the path does have (RFC 9110, 15.5.6)."""
        missed = mock(f"{method} /books")
        assert (missed.status, missed["allow"]) == (405, "GET, HEAD, POST")

    def test_the_server_itself(self, mock: Mock) -> None:
        """`OPTIONS *` asks for no resource but what can be done here (RFC 9110, 9.3.7)."""
        answer = mock("OPTIONS *")
        assert (answer.status, answer["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH, POST")

    def test_head(self, mock: Mock) -> None:
        """As GET, the operation's headers too; the door leaves the body out (RFC 9110, 9.3.2)."""
        assert mock("HEAD /books").status == 200
        assert mock("HEAD /books")["mock-operation"] == "listBooks"
        assert mock("HEAD /loans/close").status == 405


class TestPreferences:
    def test_what_was_asked_is_answered_by_the_contract(self, mock: Mock) -> None:
        """Any documented response, by code or by the name of an example; the rules are not asked."""
        found = mock("POST /loans", {"bookId": "none"}, prefer="code=409, example=taken")
        assert (found.status, found.json["code"], found["mock-source"]) == (409, "taken", "example")
        assert found["preference-applied"] == "code=409, example=taken"
        assert mock("POST /loans", {"bookId": "bk_dune"}, prefer="example=printed").json["id"] == "ln_0042"
        assert mock.world.writes == 0

    def test_the_query_twins(self, mock: Mock) -> None:
        """For an address bar; they are no parameters of the operation."""
        assert mock("GET /hours?__example=winter").json == {"opens": 10}
        assert mock("GET /books?__code=400&__example=taken").json["code"] == "taken"

    def test_what_is_not_documented(self, mock: Mock) -> None:
        """404, with what is."""
        missed = mock("GET /hours", prefer="code=404")
        assert (missed.status, missed.json["documented"]) == (404, ["200"])
        assert "summer, winter" in mock("GET /hours", prefer="example=spring").json["detail"]

    def test_a_value_that_means_nothing(self, mock: Mock) -> None:
        """400: a typing error does not pass for an answer."""
        assert mock("GET /hours", prefer="code=4O4").status == 400

    def test_what_was_not_applied_is_not_said(self, mock: Mock) -> None:
        """RFC 7240, 3: a seed changes nothing of an answer from the state."""
        found = mock("GET /books/bk_dune", prefer="seed=7, wait=10")
        assert found["preference-applied"] == ""

    def test_generated(self, mock: Mock) -> None:
        """`dynamic` makes a value in place of the example; a seed makes another, and again the same."""
        seeds = [mock("GET /hours", prefer=f"dynamic, seed={seed}") for seed in (1, 2, 3, 4, 1)]
        assert all(one.json["opens"] <= 24 for one in seeds)
        assert seeds[0].response.body == seeds[4].response.body
        assert len({one.response.body for one in seeds}) > 1
        assert seeds[0]["mock-source"] == "generated"
        assert seeds[0]["preference-applied"] == "dynamic=, seed=1" or seeds[0][
            "preference-applied"
        ].startswith("dynamic")

    def test_on_the_wire(self, mock: Mock) -> None:
        """A delay and a fault are the door's; the answer is made all the same."""
        found = mock("GET /books", prefer="delay=1500, fault=reset")
        assert found.response.wire is not None
        assert (found.response.wire.delay, found.response.wire.fault) == (1.5, "reset")
        assert found.status == 200
        assert mock("GET /books").response.wire is None

    def test_a_name_that_no_header_can_hold(self, mock: Mock) -> None:
        """What comes from the query goes into no second header."""
        found = mock("GET /hours?__dynamic=true&__seed=1%0d%0aX-Evil:%201")
        assert "\n" not in str(found.response.headers)


class TestExamples:
    def test_one_that_breaks_its_schema_is_not_served(self, make: Make) -> None:
        """The first that is valid; the broken one only for who asks for it, and then it does not leave."""
        mock = make(openapi=("examples: {summer:", "examples: {wrong: {value: {opens: 99}}, summer:"))
        assert mock("GET /hours").json == {"opens": 9}
        assert mock("GET /hours", prefer="example=wrong").status == 500

    def test_by_media_type(self, mock: Mock) -> None:
        """As the client asks."""
        found = mock("GET /hours", accept="text/plain")
        assert (found["content-type"], found.response.body) == ("text/plain", b"nine")
        assert mock("GET /hours", accept="*/*").json == {"opens": 9}

    def test_as_printed(self, mock: Mock) -> None:
        """The call that the document prints is answered as printed, once."""
        call = {"bookId": "bk_emma", "note": "For the weekend"}
        assert mock("GET /loans/ln_0042").status == 200
        printed = mock("POST /loans", call)
        assert (printed.status, printed.json["id"], printed.json["createdAt"]) == (
            201,
            "ln_0042",
            "2026-02-01T12:00:00Z",
        )
        assert mock("POST /loans", call).json["code"] == "taken"


class TestTime:
    def test_what_is_due_happens_before_the_answer(self, mock: Mock) -> None:
        """Whoever asks for whatever: time has passed for all."""
        mock.world.clock.advance(10 * 86400)
        mock("GET /hours")
        assert mock.world.tables["loans"].rows["ln_0042"]["status"] == "late"

    def test_a_moved_clock_shows(self, mock: Mock) -> None:
        """An answer that was true yesterday is not given again."""
        assert [mock("GET /loans/ln_0007").json["lateDays"] for _ in range(3)] == [6, 6, 6]
        mock.world.clock.advance(86400)
        assert mock("GET /loans/ln_0007").json["lateDays"] == 7

    def test_a_due_that_fails_is_said(self, make: Make) -> None:
        """In place of every answer, until the rule is mended."""
        mock = make(behavior=("set: {status: late}", "set: {status: late, x: =row.note + 1}"))
        mock.world.clock.advance(10 * 86400)
        broken = mock("GET /books")
        assert broken.status == 500
        assert "cannot be computed" in broken.json["detail"]


class TestReset:
    def test_back_to_the_start(self, mock: Mock) -> None:
        """World, clock and journal: the same requests give the same bytes again."""
        story = [("POST /books", {"title": "a"}), ("GET /books", None), ("POST /loans", {"bookId": "bk_a"})]
        first = [mock(line, body).response for line, body in story]
        mock.host.reset()
        again = [mock(line, body).response for line, body in story]
        assert [one.body for one in first] == [one.body for one in again]
        assert [one.headers for one in first] == [one.headers for one in again]

    def test_the_state_can_be_read(self, mock: Mock) -> None:
        """By collection and key; a copy."""
        state = mock.host.sessions.default.state("lending")
        assert state["notes"]["1"]["text"] == "old"
        mock("DELETE /books/bk_dune")
        assert "bk_dune" in state["books"]

    def test_samples(self, mock: Mock) -> None:
        """A target for every operation, which that operation answers."""
        for operation in mock.host.apis[0].contract.operations.values():
            target = mock.host.sample(operation)
            assert mock(f"{operation.method} {target}", {})["mock-operation"] == operation.id
            mock.host.reset()


REQUESTS = st.sampled_from(
    [
        ("GET /books", None), ("GET /books?genre=sf&genre=novel&sort=-title&limit=1", None),
        ("GET /books/bk_dune", None), ("GET /books/none", None), ("GET /books?limit=0", None),
        ("GET /loans?page=1", None), ("GET /loans/ln_0007", None), ("GET /loans/ln_100", None),
        ("GET /report", None), ("GET /hours", None), ("GET /hours?__dynamic=true", None),
        ("POST /books", {"title": "a"}), ("POST /books", {"title": ""}), ("DELETE /books/bk_dune", None),
        ("PATCH /books/bk_emma", {"author": {"born": 1775}}),
        ("POST /loans", {"bookId": "bk_a"}), ("PUT /books", None),
        ("POST /loans", {"bookId": "bk_emma", "note": "For the weekend"}),
        ("POST /loans/ln_0007/return", None), ("POST /loans/ln_0042/notes", {"texts": ["a"], "last": "b"}),
        ("POST /loans/ln_0007/copy", None), ("POST /loans/close", {"statuses": ["late"], "fields": {}}),
    ]
)  # fmt: skip
STORY = st.lists(st.tuples(REQUESTS, st.sampled_from(["test-token", "other-token"])), max_size=12)


class TestAnyStory:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(story=STORY, days=st.lists(st.integers(0, 9), max_size=2))
    def test_the_same_bytes_and_reads_change_nothing(self, mock: Mock, story: Any, days: list[int]) -> None:
        """
        Played twice on a fresh world the answers are the same, byte for byte, also when the second time
        every read is made three times, and nothing of what was answered before is kept.
        """

        def play(reads: int, forget: bool) -> list[tuple[int, bytes]]:
            mock.host.reset()
            world = mock.host.worlds["lending"]
            found = []
            for number, ((line, body), token) in enumerate(story):
                for moved in days[number // 6 : number // 6 + 1] if number % 6 == 5 else ():
                    world.clock.advance(moved * 86400)
                for _ in range(reads if line.startswith("GET") else 1):
                    if forget:
                        mock.host._answers.clear()
                    answered = mock(line, body, token=token)
                assert answered.status < 500, answered.response.body
                found.append((answered.status, answered.response.body))
            return found

        world_before = play(1, False)
        assert play(3, True) == world_before
        assert play(2, False) == world_before
