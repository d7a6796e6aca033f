from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.server.app import create_app
from mockserver.tests.client import Answer, InProcess
from mockserver.tests.lending import lending
from mockserver.tests.things import things

ACCOUNT = {"Authorization": "Bearer test-token"}
A = {"headers": {"Mock-Session": "a"}}


@pytest.fixture
def client(tmp_path: Path) -> InProcess:
    """The lending API, which has rules, and things, of which everything is inferred."""
    lending(tmp_path)
    return InProcess(create_app(str(tmp_path / "lending"), things(tmp_path)), ACCOUNT)


def detail(answer: Answer, status: int) -> str:
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    return str(answer.json()["detail"])


NOTES = """
openapi: 3.1.0
info: {title: Notes, version: "1"}
components:
  schemas:
    Note: {type: object, required: [id, text], properties: {id: {type: integer}, text: {type: string}}}
    Settings: {type: object, required: [dark], properties: {dark: {type: boolean}}}
  parameters:
    user: {name: userId, in: path, required: true, schema: {type: integer}}
  responses:
    Notes:
      description: ok
      content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}
    Note: {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
    Settings:
      description: ok
      content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}
paths:
  /users/{userId}/notes:
    parameters: [{$ref: "#/components/parameters/user"}]
    get: {responses: {"200": {$ref: "#/components/responses/Notes"}}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
      responses: {"201": {$ref: "#/components/responses/Note"}}
  /users/{userId}/notes/{noteId}:
    parameters:
      - {$ref: "#/components/parameters/user"}
      - {name: noteId, in: path, required: true, schema: {type: integer}}
    get: {responses: {"200": {$ref: "#/components/responses/Note"}, "404": {description: none}}}
  /settings:
    get: {responses: {"200": {$ref: "#/components/responses/Settings"}}}
    put:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}
      responses: {"200": {$ref: "#/components/responses/Settings"}}
"""


JOBS = """
openapi: 3.1.0
info: {title: Jobs, version: "1"}
components:
  schemas:
    Job: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
paths:
  /jobs/{jobId}:
    parameters: [{name: jobId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getJob
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Job"}}}}
        "404": {description: none}
"""
JOBS_BEHAVIOR = """
refusals:
  unknown: {status: 404}
collections:
  jobs: {schema: Job, key: id, new-key: "{n}"}
operations:
  getJob: {item: jobs}
"""


class TestSessions:
    def test_listed_forked_dropped(self, client: InProcess) -> None:
        """Somebody who looks for a leak of state sees whose worlds there are."""
        client.get("/lending/books/bk_dune", **A)
        listed = client.get("/__admin/sessions").json()
        assert [session["name"] for session in listed["sessions"]] == ["default", "a"]
        assert listed["sessions"][1]["requests"] == 1
        made = client.post("/__admin/sessions", json={"name": "b", "from": "a", "pinned": True})
        assert (made.status, made.json()["pinned"]) == (201, True)
        assert client.delete("/__admin/sessions/a").status == 200
        assert "no session 'a'" in detail(client.get("/__admin/sessions/a"), 404)
        assert "Did you mean 'b'" not in detail(client.delete("/__admin/sessions/zzz"), 404)
        assert "stays" in detail(client.delete("/__admin/sessions/default"), 409)

    def test_a_seed_of_its_own(self, client: InProcess) -> None:
        """Other made-up data in one session, as a server with that seed has it; a snapshot keeps it."""
        client.post("/__admin/sessions", json={"name": "a", "seed": 7})
        other = client.get("/things/things/7", **A).json()
        assert other != client.get("/things/things/7").json()
        assert client.get("/__admin/sessions/a").json()["apis"]["things"]["seed"] == "7"
        client.put("/__admin/snapshots/seven", **A)
        client.post("/__admin/snapshots/seven")
        assert client.get("/things/things/7").json() == other

    def test_a_fork_of_another(self, client: InProcess) -> None:
        """A long way to a state is gone once, and tried from there in several directions."""
        made = client.post("/things/things", json={"name": "mine"}, **A).json()["id"]
        client.post("/__admin/sessions/b", json={"from": "a"})
        assert client.get(f"/things/things/{made}", headers={"Mock-Session": "b"}).json()["name"] == "mine"

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({}, "name"),
            ({"name": "a/b"}, "name: 'a/b' is no name: 1 to 100 letters, digits"),
            ({"name": 5}, "a name is expected, found 5"),
            ({"nmae": "a"}, "Did you mean 'name'?"),
            ([], "A JSON object is expected"),
        ],
    )
    def test_what_cannot_be_forked(self, client: InProcess, body: Any, said: str) -> None:
        """A mistake is named, with what was expected."""
        assert said in detail(client.post("/__admin/sessions", json=body), 400)

    def test_twice(self, client: InProcess) -> None:
        """Two tests that believe to be alone would not be."""
        client.post("/__admin/sessions", json={"name": "a"})
        assert "already" in detail(client.post("/__admin/sessions", json={"name": "a"}), 409)


class TestSnapshots:
    def test_save_and_restore(self, client: InProcess) -> None:
        """A state that took ten steps is there again with one; the clock with it."""
        made = client.post("/things/things", json={"name": "early"}).json()["id"]
        assert client.put("/__admin/snapshots/one").status == 201
        before = client.get("/__admin/clock").json()
        client.delete(f"/things/things/{made}")
        late = client.post("/things/things", json={"name": "late"}).json()["id"]
        client.post("/__admin/clock", json={"advance": "1d"})
        assert client.post("/__admin/snapshots/one").status == 200
        assert client.get(f"/things/things/{made}").json()["name"] == "early"
        assert client.get(f"/things/things/{late}").json()["name"] != "late"
        assert client.get("/__admin/clock").json()["now"] == before["now"]

    def test_into_another_session(self, client: InProcess) -> None:
        """One prepared world, a copy for each test, and no copy changes it."""
        client.post("/lending/loans", json={"bookId": "bk_ubik"})
        client.put("/__admin/snapshots/one")
        client.post("/__admin/reset")
        for name in ("a", "b"):
            here = {"headers": {"Mock-Session": name}}
            client.post("/__admin/snapshots/one", **here)
            assert client.get("/lending/loans/ln_100", **here).status == 200
            client.post("/lending/loans/ln_100/return", **here)
        made = client.post("/__admin/sessions", json={"name": "c", "snapshot": "one"})
        assert made.status == 201
        loan = client.get("/lending/loans/ln_100", headers={"Mock-Session": "c"}).json()
        assert loan["status"] != "returned"
        assert client.get("/lending/loans/ln_100").status == 404

    def test_difference(self, client: InProcess) -> None:
        """What a request has changed, in one look: rows that came and went, and the fields of others."""
        client.put("/__admin/snapshots/one")
        assert client.get("/__admin/snapshots/one/diff").json()["same"] is True
        client.post("/lending/loans", json={"bookId": "bk_ubik"})
        client.post("/lending/loans/ln_0007/return")
        client.put("/__admin/snapshots/two")
        client.delete("/things/things/7")
        between = client.get("/__admin/snapshots/one/diff?with=two").json()["apis"]
        assert list(between) == ["lending"]
        loans = between["lending"]["collections"]["loans"]
        assert list(loans["added"]) == ["ln_100"]
        assert loans["changed"]["ln_0007"]["status"]["to"] == "returned"
        now = client.get("/__admin/snapshots/one/diff").json()["apis"]
        assert now["things"]["collections"]["/things"]["added"] == {"7": {"deleted": True}}

    def test_forgotten_and_unknown(self, client: InProcess) -> None:
        """A typing error is told with the nearest name."""
        client.put("/__admin/snapshots/logged-in")
        assert "Did you mean 'logged-in'?" in detail(client.post("/__admin/snapshots/loged-in"), 404)
        listed = client.get("/__admin/snapshots").json()["snapshots"]
        assert [one["name"] for one in listed] == ["logged-in"]
        assert client.delete("/__admin/snapshots/logged-in").status == 200
        assert client.get("/__admin/snapshots/logged-in").status == 404
        assert "letters, digits" in detail(client.put("/__admin/snapshots/a%20b"), 400)


class TestClock:
    @pytest.mark.parametrize(
        ("said", "seconds"),
        [(90, 90), ("90s", 90), ("1h 30m", 5400), ("PT1H30M", 5400), ("P1D", 86400), ({"minutes": 2}, 120)],
    )
    def test_advance(self, client: InProcess, said: Any, seconds: int) -> None:
        """Time passes by request; however it is written, it is the same."""
        assert client.post("/__admin/clock", json={"advance": said}).json()["movedSeconds"] == seconds
        assert client.post("/__admin/clock/advance", json=said).json()["movedSeconds"] == 2 * seconds

    def test_set_freeze_run(self, client: InProcess) -> None:
        """A frozen clock gives every answer the same time; what is created then says so."""
        client.put("/__admin/clock", json={"set": "2030-02-28T23:59:59Z", "freeze": True})
        made = client.post("/things/things", json={"name": "late"}).json()
        again = client.post("/things/things", json={"name": "later"}).json()
        loan = client.post("/lending/loans", json={"bookId": "bk_ubik"}).json()
        assert loan["createdAt"] == "2030-02-28T23:59:59Z"
        assert client.get("/__admin/clock").json()["instant"] == "2030-02-28T23:59:59.000Z"
        assert made["id"] != again["id"]
        assert client.post("/__admin/clock/run").json()["frozen"] is False
        assert client.post("/__admin/clock", json={"frozen": True}).json()["frozen"] is True

    def test_one_sessions_only(self, client: InProcess) -> None:
        """A test that waits a year must not age the others' tokens."""
        client.post("/__admin/clock", json={"advance": "365d"}, **A)
        assert client.get("/__admin/clock").json()["movedSeconds"] == 0

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"set": "yesterday"}, "2026-02-07T12:00:00Z is expected"),
            ({"set": None}, "found null"),
            ({"advance": "soon"}, "1h 30m"),
            ({"advance": "P"}, "PT1H30M"),
            ({"advance": True}, "found true"),
            ({"advance": 1e15}, "years 1 to 9999"),
            ({"freeze": "yes"}, "true or false"),
            ({"freez": True}, "Did you mean 'freeze'?"),
            ({}, "set, advance, freeze, run"),
        ],
    )
    def test_what_means_nothing(self, client: InProcess, body: Any, said: str) -> None:
        """A clock that is moved elsewhere than one thinks costs an afternoon; and nothing has moved."""
        assert said in detail(client.post("/__admin/clock", json=body), 400)
        clock = client.get("/__admin/clock").json()
        assert (clock["movedSeconds"], clock["byHand"]) == (0, False)


class TestStateOfRules:
    def test_put_and_delete(self, client: InProcess) -> None:
        """A state that no request leads to is one PUT away."""
        book = {"id": "bk_new", "title": "New"}
        known = client.get("/__admin/state/lending/books/bk_dune").json()
        made = client.put("/__admin/state/lending/books/bk_new", json={**known, **book})
        assert made.status == 201, made
        assert client.get("/lending/books/bk_new").json()["title"] == "New"
        assert client.put("/__admin/state/lending/books/bk_new", json={**known, **book}).status == 200
        assert client.delete("/__admin/state/lending/books/bk_new").status == 200
        assert client.get("/lending/books/bk_new").status == 404

    def test_a_row_that_breaks_the_contract(self, client: InProcess) -> None:
        """It could never be shown: the rule is named with its line, and nothing was changed."""
        known = client.get("/__admin/state/lending/loans/ln_0007").json()
        answer = client.put("/__admin/state/lending/loans/ln_0007", json={**known, "status": "lost"})
        assert "loans/ln_0007/status" in detail(answer, 422)
        (error,) = answer.json()["errors"]
        assert error["keyword"] == "enum"
        assert error["spec"]["line"] > 0
        assert client.get("/__admin/state/lending/loans/ln_0007").json() == known

    def test_an_accounts_row(self, client: InProcess) -> None:
        """Rows that are somebody's are the first account's, or the one's that is named."""
        known = client.get("/__admin/state/lending/loans/ln_0007").json()
        mine = {name: value for name, value in known.items() if name != "_account"}
        client.put("/__admin/state/lending/loans/ln_900", json={**mine, "id": "ln_900"})
        assert client.get("/lending/loans/ln_900").status == 200
        theirs = {**mine, "id": "ln_901", "_account": "othr"}
        refused = client.put("/__admin/state/lending/loans/ln_901", json=theirs)
        assert "Did you mean 'other'?" in detail(refused, 422)

    def test_all_of_a_collection(self, client: InProcess) -> None:
        """The list is what was put, in that order; one bad row, and it is what it was."""
        rows = client.get("/__admin/state/lending/books").json()
        bad = [rows[0], {**rows[1], "title": 5}]
        assert "title" in detail(client.put("/__admin/state/lending/books", json=bad), 422)
        assert client.get("/__admin/state/lending/books").json() == rows
        assert client.put("/__admin/state/lending", json={"books": rows[::-1][:2]}).status == 200
        assert client.get("/__admin/state/lending/books").json() == rows[::-1][:2]
        client.delete("/__admin/state/lending/books")
        assert client.get("/__admin/state/lending").json()["books"] == 0

    @pytest.mark.parametrize(
        ("path", "body", "status", "said"),
        [
            ("lending/books/bk_dune", {"id": "bk_other"}, 422, "not what the path says, 'bk_dune'"),
            ("lending/books/bk_dune", [], 400, "an object is expected"),
            ("lending/boks/bk_dune", {}, 404, "Did you mean 'books'?"),
            ("lending/books", [{"title": "x"}], 422, "has no 'id'"),
            ("lending/books/bk_dune", {"titel": "x"}, 422, "no field 'titel'. Did you mean 'title'?"),
            ("things/things/7", {"name": "x", "prize": 1}, 422, "no field 'prize'. Did you mean 'price'?"),
            ("lendig", {}, 404, "Did you mean 'lending'?"),
        ],
    )
    def test_what_cannot_be_put(
        self, client: InProcess, path: str, body: Any, status: int, said: str
    ) -> None:
        """Each mistake is told with what was expected."""
        assert said in detail(client.put(f"/__admin/state/{path}", json=body), status)

    def test_a_number_as_the_first_key(self, tmp_path: Path) -> None:
        """Keys that are counted are numbers, of the first row too."""
        (tmp_path / "openapi.yaml").write_text(JOBS)
        (tmp_path / "behavior.yaml").write_text(JOBS_BEHAVIOR)
        client = InProcess(create_app(str(tmp_path)))
        api = next(iter(client.get("/__admin/state").json()))
        assert client.put(f"/__admin/state/{api}/jobs/7", json={"name": "seven"}).json()["id"] == 7
        assert client.get("/jobs/7").json() == {"id": 7, "name": "seven"}


class TestStateOfInference:
    def test_put_and_delete(self, client: InProcess) -> None:
        """A document without behavior.yaml has states too: what is put is read and listed."""
        row = {"id": 7, "name": "seven", "status": "broken"}
        assert client.put("/__admin/state/things/things/7", json=row).status == 201
        assert client.get("/things/things/7").json() == row
        assert row in client.get("/things/things").json()["things"]
        assert client.get("/__admin/state/things/things/7").json() == row
        assert client.put("/__admin/state/things/things/70000", json={"name": "far"}).status == 201
        assert client.get("/things/things").json()["things"][0]["name"] == "far"
        for key in ("7", "70000"):
            assert client.delete(f"/__admin/state/things/things/{key}").status == 200
            assert client.get(f"/things/things/{key}").status == 404
        assert all(one["id"] not in (7, 70000) for one in client.get("/things/things").json()["things"])
        assert client.delete("/__admin/state/things/things/7").status == 404
        assert client.get("/__admin/state/things").json() == {"/things": 0}

    def test_what_a_snapshot_shows(self, client: InProcess) -> None:
        """What was deleted is not there, and our own notes are nobody's business."""
        client.put("/__admin/state/things/things/7", json={"name": "seven"})
        client.delete("/things/things/8")
        saved = client.put("/__admin/snapshots/seven").json()
        assert saved["apis"]["things"]["collections"] == {"/things": 1}
        shown = client.get("/__admin/snapshots/seven").json()["state"]["things"]
        assert shown == {"/things": {"7": {"id": 7, "name": "seven"}}}
        client.post("/__admin/reset")
        assert client.put("/__admin/state/things", json=shown).json() == {"/things": 1}
        assert client.get("/things/things/7").json()["name"] == "seven"

    def test_rows_by_their_keys(self, client: InProcess) -> None:
        """A collection may be put as an object: its names are the keys."""
        client.put("/__admin/state/things/things", json={"7": {"name": "seven"}, "8": {"name": "eight"}})
        assert client.get("/things/things/8").json() == {"id": 8, "name": "eight"}
        assert client.get("/__admin/state/things").json() == {"/things": 2}

    def test_below_a_parent_and_a_single_thing(self, tmp_path: Path) -> None:
        """Rows are called as their paths are; all of them go with their API's state."""
        (tmp_path / "notes.yaml").write_text(NOTES)
        client = InProcess(create_app(str(tmp_path / "notes.yaml")))
        state = "/__admin/state/notes"
        assert client.put(f"{state}/users/5/notes/9", json={"text": "hi"}).status == 201
        assert client.get("/users/5/notes/9").json() == {"id": 9, "text": "hi"}
        assert client.get(f"{state}/users/5/notes").json() == [{"id": 9, "text": "hi"}]
        assert "whose" in detail(client.put(f"{state}/users/{{userId}}/notes/9", json={"text": "hi"}), 400)
        client.put(f"{state}/users/6/notes/1", json={"text": "ho"})
        client.put("/__admin/snapshots/notes")
        shown = client.get("/__admin/snapshots/notes").json()["state"]
        client.delete(state)
        restored = client.put("/__admin/state", json=shown).json()
        assert restored.get("notes", {}).get("/users/{userId}/notes") == 2, restored
        assert client.get("/users/6/notes/1").json() == {"id": 1, "text": "ho"}
        assert client.get("/users/5/notes/9").json() == {"id": 9, "text": "hi"}
        for wrong in ({"9": {"text": "hi"}}, {"5|6|9": {"text": "hi"}}):
            said = detail(client.put(state, json={"/users/{userId}/notes": wrong}), 422)
            assert "USERID|KEY is expected" in said
        assert client.get(state).json()["/users/{userId}/notes"] == 2
        client.delete(f"{state}/users/6/notes")
        before = client.get("/settings").json()
        client.put(f"{state}/settings", json={"dark": not before["dark"]})
        assert client.get("/settings").json() != before
        assert client.get(f"{state}/settings").json() == {"dark": not before["dark"]}
        for said in (
            {"dark": True},
            [{"dark": True}],
            {"": {"dark": True}},
        ):  # as it is, as rows are, as saved
            client.delete(f"{state}/settings")
            assert client.put(state, json={"settings": said}).json()["/settings"] == 1
            assert client.get("/settings").json() == {"dark": True}
        assert client.put(state, json={"settings": []}).json()["/settings"] == 0
        assert "object" in detail(client.put(state, json={"settings": 5}), 400)
        assert "dark" in detail(client.put(state, json={"settings": {"dark": 5}}), 422)
        client.put(f"{state}/settings", json={"dark": not before["dark"]})
        client.delete(f"{state}/settings")
        assert "never put" in detail(client.get(f"{state}/settings"), 404)
        assert client.get("/settings").json() == before
        client.delete(state)
        assert client.get(state).json() == {"/users/{userId}/notes": 0, "/settings": 0}

    def test_a_row_that_breaks_the_contract(self, client: InProcess) -> None:
        """The schema is that of the answers that show such a thing."""
        row = {"id": 7, "name": "seven", "status": "gone"}
        answer = client.put("/__admin/state/things/things/7", json=row)
        assert "things/7/status" in detail(answer, 422)
        assert client.get("/__admin/state/things/things/7").status == 404
