"""
Cases: what their files may say, and what comes of it, on the library of tests/worlds/lending.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import FixtureError
from mockserver.server.cases.load import load_case
from mockserver.tests.client import InProcess
from mockserver.tests.lending import lending
from mockserver.verify.offline import check

LATE = """\
about: A loan is out that nobody will ever bring back.
operation: getLoan
given: { loans: { ln_0007: { dueAt: "1999-01-01T12:00:00Z" } } }
send: { path: /loans/ln_0007 }
expect: { status: 200, body: { /dueAt: "1999-01-01T12:00:00Z" } }
valid: true
"""
WRONG = """\
about: The due date is a number.
operation: getLoan
send: { path: /loans/ln_0007 }
answer: { change: { /dueAt: 7 } }
breaks: [{ in: body, pointer: /dueAt, keyword: type }]
"""
BROKEN = """\
about: A gateway's page, after a while, over a broken line.
operation: listLoans
answer: { status: 503, headers: { Content-Type: text/html, Retry-After: 7 }, body: <h1>Sorry</h1> }
fault: truncated
delay: 20
breaks: [{ in: status, keyword: status }]
"""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The lending API's folder, with three cases."""
    folder = lending(tmp_path).file.parent
    (folder / "cases").mkdir()
    for name, text in (("late", LATE), ("wrong", WRONG), ("broken", BROKEN)):
        (folder / "cases" / f"{name}.yaml").write_text(text)
    return folder


@pytest.fixture
def mock(library: Path, in_process: Callable[..., InProcess]) -> InProcess:
    return in_process(str(library))


def located(library: Path) -> Any:
    from mockserver.contract.locate import locate

    return locate(str(library))


class TestPreferred:
    def test_state_of_its_own(self, mock: InProcess):
        """A case is seen by who asks for it; nobody else's loan is late by that."""
        answer = mock.get("/loans/ln_0007", headers={"Prefer": "case=late"})
        assert answer.json()["dueAt"] == "1999-01-01T12:00:00Z"
        assert answer.headers["Mock-Source"] == "case"
        assert answer.headers["Preference-Applied"] == "case=late"
        assert "Mock-Violations" not in answer.headers
        assert mock.get("/loans/ln_0007").json()["dueAt"] != "1999-01-01T12:00:00Z"

    def test_a_wrong_answer_is_marked(self, mock: InProcess):
        """What breaks the contract on purpose is served, and says so; the journal names case and rule."""
        answer = mock.get("/loans/ln_0007?__case=wrong")
        assert answer.json()["dueAt"] == 7
        assert answer.headers["Mock-Violations"] == "1"
        (event,) = mock.get("/__admin/requests?limit=1").json()["requests"]
        assert event["mock"]["violations"][0]["pointer"] == "/dueAt"
        assert "the case 'wrong': The due date is a number." in event["mock"]["notes"]

    def test_status_header_and_body(self, mock: InProcess):
        """A forced answer is what stands in the file, text as text."""
        answer = mock.get("/loans", headers={"Prefer": "case=broken"})
        assert (answer.status, answer.headers["Retry-After"]) in ((503, "7"), (501, None))
        (event,) = mock.get("/__admin/requests?limit=1").json()["requests"]
        assert event["response"]["body"] == "<h1>Sorry</h1>"
        assert event["timing"]["addedDelay"] == 20

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            ("/loans/ln_0007?__case=lat", "has no case 'lat'. Did you mean 'late'?"),
            ("/loans?__case=late", "'late' is a case of getLoan, not of listLoans"),
        ],
    )
    def test_one_that_is_not_there(self, mock: InProcess, target: str, said: str):
        """A typing error must not pass for the usual answer."""
        answer = mock.get(target)
        assert answer.status == 404
        assert said in answer.json()["detail"]
        assert answer.headers["Mock-Source"] == "mock"

    def test_an_edited_case_counts_at_once(self, mock: InProcess, library: Path):
        """Who writes a case tries it, and changes it, without a restart."""
        assert mock.get("/loans/ln_0007?__case=late").status == 200
        path = library / "cases" / "late.yaml"
        path.write_text(LATE.replace("1999-01-01", "1998-01-01"))
        assert mock.get("/loans/ln_0007?__case=late").json()["dueAt"] == "1998-01-01T12:00:00Z"
        path.write_text("about: x\nopration: y\n")
        answer = mock.get("/loans/ln_0007?__case=late")
        assert answer.status == 500
        assert "late.yaml:2: /opration" in answer.json()["detail"]
        assert "Did you mean 'operation'?" in answer.json()["detail"]
        path.write_text("about: [x\n")
        for target in ("/loans/ln_0007?__case=late", "/__admin/cases", "/__admin/cases/lending/late"):
            answer = mock.get(target)
            assert (answer.status, "late.yaml" in answer.json()["detail"]) == (500, True)


class TestAdmin:
    def test_list_and_look(self, mock: InProcess):
        """The dashboard lists what there is, and shows the request."""
        cases = mock.get("/__admin/cases").json()["cases"]
        assert [(case["name"], case["valid"]) for case in cases] == [
            ("broken", False),
            ("late", True),
            ("wrong", False),
        ]
        shown = mock.get("/__admin/cases/lending/wrong").json()
        assert shown["request"]["url"] == "/lending/loans/ln_0007"
        assert "Bearer test-token" in shown["request"]["curl"]
        assert mock.get("/__admin/cases/lending/wrongg").status == 404

    def test_armed_for_the_next_request(self, mock: InProcess):
        """A page under test cannot be made to send a header: the next requests are answered by the case."""
        armed = mock.post("/__admin/cases/lending/wrong/arm", json={"times": 2}).json()
        assert armed["armed"] == 2
        said = [mock.get("/loans/ln_0042").json()["dueAt"] for _ in range(3)]
        assert (said[0], said[1]) == (7, 7)
        assert said[2] != 7
        mock.post("/__admin/cases/lending/wrong/arm")
        mock.delete("/__admin/cases/lending/wrong/arm")
        assert mock.get("/loans/ln_0042").json()["dueAt"] != 7

    def test_disarmed_by_its_name(self, mock: InProcess):
        """Another case that was armed for the same operation since stays armed."""
        mock.post("/__admin/cases/lending/wrong/arm")
        mock.delete("/__admin/cases/lending/late/arm")
        assert mock.get("/loans/ln_0042").json()["dueAt"] == 7

    def test_armed_in_one_session_only(self, mock: InProcess):
        """Tests that run side by side do not arm each other."""
        mock.post("/__admin/cases/lending/wrong/arm", headers={"Mock-Session": "a"})
        assert mock.get("/loans/ln_0042").json()["dueAt"] != 7
        assert mock.get("/loans/ln_0042", headers={"Mock-Session": "a"}).json()["dueAt"] == 7

    def test_set(self, mock: InProcess):
        """The state of a case is there for a whole test."""
        mock.post("/__admin/cases/lending/late/set")
        assert mock.get("/loans/ln_0007").json()["dueAt"] == "1999-01-01T12:00:00Z"

    def test_run(self, mock: InProcess):
        """One line in a ticket shows the case, and that it is what it says."""
        said = mock.post("/__admin/cases/lending/late/run").json()
        assert said["asItSays"] is True
        assert said["response"]["status"] == 200
        assert mock.get("/loans/ln_0007").json()["dueAt"] != "1999-01-01T12:00:00Z"


class TestCheck:
    def test_cases_that_are_what_they_say(self, library: Path):
        """A good file has no finding."""
        assert check([located(library)]) == []

    @pytest.mark.parametrize(
        ("name", "change", "said"),
        [
            ("late", ('{ dueAt: "1999', '{ dueAt: "1998'), '/dueAt is "1998-01-01T12:00:00Z", the case says'),
            ("late", ("status: 200", "status: 404"), "the status is 200, the case says 404"),
            ("wrong", ("keyword: type", "keyword: format"), "does not break the rule that it names"),
            ("wrong", ("/dueAt: 7", "/dueAt: 7, /status: 8"), "it also breaks body /status"),
            ("late", ("loans:", "lones:"), "there is no collection 'lones'. Did you mean 'loans'?"),
            ("wrong", ("{ /dueAt: 7 }", "{ /dueAt/x: 7 }"), "/dueAt/x is not in the answer"),
        ],
    )
    def test_one_that_is_not(self, library: Path, name: str, change: tuple[str, str], said: str):
        """A case that has become untrue is found before somebody relies on it."""
        path = library / "cases" / f"{name}.yaml"
        text = path.read_text()
        assert change[0] in text
        path.write_text(text.replace(*change))
        assert any(said in finding.detail for finding in check([located(library)]))

    def test_valid_must_be_valid(self, library: Path):
        """What is marked valid and breaks the contract is a finding that names the rule."""
        marked = WRONG.partition("breaks")[0] + "valid: true\n"
        (library / "cases" / "wrong.yaml").write_text(marked)
        (finding,) = check([located(library)])
        assert "marked valid, but breaks body /dueAt: type" in finding.detail


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("about: x\n", 1, "no operation None"),
        ("about: x\noperation: getLone\nvalid: true\n", 2, "Did you mean 'getLoan'?"),
        ("operation: getLoan\nvalid: true\n", 1, "one sentence"),
        ("about: x\noperation: getLoan\n", 1, "either `valid: true` or"),
        ("about: x\noperation: getLoan\nvalid: false\n", 3, "name the rule"),
        ("about: x\noperation: getLoan\nvalid: true\nfault: rest\n", 4, "Did you mean 'reset'?"),
        ("about: x\noperation: getLoan\nvalid: true\ngiven:\n  loans:\n    ln_1: 7\n", 6, "row's fields"),
        ("about: x\noperation: getLoan\nvalid: true\nsend:\n  pth: /x\n", 5, "Did you mean 'path'?"),
        ("about: x\noperation: getLoan\nvalid: true\nsend: { json: 1, form: {} }\n", 4, "one body"),
        (
            "about: x\noperation: getLoan\nvalid: true\nanswer: { body: 1, remove: [/x] }\n",
            4,
            "not both",
        ),
        ("about: x\noperation: getLoan\nvalid: true\nanswer: { change: { x: 1 } }\n", 4, "JSON Pointer"),
        (
            "about: x\noperation: getLoan\nbreaks:\n  - { in: boddy, keyword: type }\n",
            4,
            "Did you mean 'body'?",
        ),
        ("about: x\noperation: getLoan\nvalid: true\nnow: soon\n", 4, "no time"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, line: int, said: str):
    """A mistake in a case is told with its line and what was meant."""
    folder = lending(tmp_path).file.parent
    path = folder / "a-case.yaml"
    path.write_text(text)
    from mockserver.contract.load import load

    with pytest.raises(FixtureError) as caught:
        load_case(path, load(folder / "openapi.yaml"))
    assert said in caught.value.detail
    assert caught.value.line == line


def test_a_strangers_document(tmp_path: Path, in_process: Callable[..., InProcess]):
    """Cases need neither behavior.yaml nor data.yaml: a folder with a document and cases/ will do."""
    (tmp_path / "shop" / "cases").mkdir(parents=True)
    (tmp_path / "shop" / "openapi.yaml").write_text(
        """
openapi: 3.1.0
info: { title: Shop, version: "1" }
paths:
  /books/{id}:
    get:
      operationId: readBook
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses:
        "200":
          description: A book.
          content:
            application/json:
              schema:
                type: object
                required: [id, pages]
                properties: { id: { type: integer }, pages: { type: integer, minimum: 1 } }
"""
    )
    (tmp_path / "shop" / "cases" / "no-pages.yaml").write_text(
        "about: A book without a page.\noperation: readBook\nsend: { path: /books/7 }\n"
        "answer: { change: { /pages: 0 } }\nbreaks: [{ in: body, pointer: /pages, keyword: minimum }]\n"
    )
    (tmp_path / "shop" / "cases" / "thick.yaml").write_text(
        "about: A thick one.\noperation: readBook\ngiven: { books: { 7: { id: 7, pages: 90000 } } }\n"
        "send: { path: /books/7 }\nexpect: { body: { /pages: 90000 } }\nvalid: true\n"
    )
    mock = in_process(str(tmp_path / "shop"))
    assert mock.get("/books/7?__case=no-pages").json()["pages"] == 0
    assert mock.get("/books/7?__case=thick").json() == {"id": 7, "pages": 90000}
    assert check([located(tmp_path / "shop")]) == []
