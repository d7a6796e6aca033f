"""`mockserver diff` on the command line: what it prints, its exit codes, and a recorded consumer."""

from __future__ import annotations

import json
import re

import click
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.commands.diff import command
from mockserver.tests.diffed import LENDING, edited
from mockserver.verify.diff.rules import ASPECTS, OPERATIONS, SEVERITIES

LIST = "/paths/~1books/get"
ADD = "/paths/~1books/post"

BREAKING = {f"{LIST}/parameters/0/required": True}
WARNING = {f"{LIST}/operationId": "books"}
HARMLESS = {f"{LIST}/deprecated": True}


@pytest.fixture
def diff(tmp_path):
    """Write LENDING and an edited copy of it, and run `mockserver diff` on them with more arguments."""

    def run(edits, *args, old=LENDING):
        (tmp_path / "old.json").write_text(json.dumps(old, indent=1))
        (tmp_path / "new.json").write_text(json.dumps(edited(old, edits), indent=1))
        files = [str(tmp_path / "old.json"), str(tmp_path / "new.json")]
        return CliRunner().invoke(command, [*files, *args], standalone_mode=False)

    return run


def entry(method, url, *, status=200, body=None, answer=None, headers=None):
    """Return a call as `GET /__admin/requests` shows it."""
    sent = {"Content-Type": "application/json"} if body is not None else {}
    return {
        "request": {
            "method": method,
            "url": url,
            "headers": {**sent, **(headers or {})},
            "body": "" if body is None else json.dumps(body),
        },
        "response": {
            "status": status,
            "headers": {"Content-Type": "application/json"},
            "body": "" if answer is None else json.dumps(answer),
        },
        "mock": {"api": "old", "operation": ""},
    }


@pytest.fixture
def journal(tmp_path):
    """Write a journal and return the arguments that name it."""

    def write(*entries):
        file = tmp_path / "journal.json"
        file.write_text(json.dumps({"requests": list(entries), "meta": {"total": len(entries)}}))
        return ("--against-journal", str(file))

    return write


class TestExitCodes:
    @pytest.mark.parametrize(
        ("edits", "args", "code"),
        [
            ({}, (), 0),
            (HARMLESS, (), 0),
            (WARNING, (), 0),
            (BREAKING, (), 1),
            (HARMLESS, ("--fail-on", "warning"), 0),
            (WARNING, ("--fail-on", "warning"), 1),
            (BREAKING, ("--fail-on", "warning"), 1),
            (BREAKING, ("--fail-on", "none"), 0),
            (BREAKING, ("--json",), 1),
            (BREAKING, ("--github",), 1),
        ],
    )
    def test_the_gravest_change_decides(self, diff, edits, args, code):
        """CI stops at what breaks a consumer, or at what its team has chosen."""
        assert diff(edits, *args).return_value == code

    @pytest.mark.parametrize(
        "args",
        [
            ("nowhere.yaml", "nowhere.yaml"),
            ("trackbot",),
            ("trackbot", "trackbot", "--fail-on", "all"),
            ("trackbot", "trackbot", "--only-used"),
            ("trackbot", "trackbot", "--json", "--github"),
            ("trackbot", "trackbot", "--against-journal", "nowhere.json"),
        ],
    )
    def test_what_cannot_be_done_is_2(self, args, capsys):
        """Wrong usage is no finding: CI must not take it for a contract that breaks."""
        with pytest.raises(SystemExit) as left:
            main(["diff", *args])
        assert left.value.code == 2
        assert capsys.readouterr().err

    def test_a_broken_contract_is_2(self, tmp_path, capsys):
        """A file that is no contract is told with its place."""
        broken = tmp_path / "broken.yaml"
        broken.write_text("openapi: 3.1.0\npaths: [")
        with pytest.raises(SystemExit) as left:
            main(["diff", str(broken), str(broken)])
        assert left.value.code == 2
        assert "broken.yaml" in capsys.readouterr().err

    def test_a_journal_that_is_none_is_2(self, tmp_path, capsys):
        """Not every JSON is a journal."""
        file = tmp_path / "j.json"
        file.write_text('{"entries": 3}')
        with pytest.raises(SystemExit) as left:
            main(["diff", "trackbot", "trackbot", "--against-journal", str(file)])
        assert left.value.code == 2
        assert "/__admin/requests" in capsys.readouterr().err


class TestOutput:
    def test_both_lines_stand_in_the_terminal(self, diff):
        """A terminal makes links of "file:line"; there are two, the old one first."""
        said = click.unstyle(diff(BREAKING).output)
        assert "Breaking (1)" in said
        assert "request-parameter-became-required  GET /books" in said
        assert re.search(r"old\.json:\d+ -> \S*new\.json:\d+", said)
        assert said.splitlines()[-1] == "1 breaking, 0 possibly breaking, 0 harmless"

    def test_the_gravest_stand_first(self, diff):
        """Who reads only the top reads what matters."""
        said = click.unstyle(diff({**BREAKING, **WARNING, **HARMLESS}).output)
        places = [said.index(title) for title in ("Breaking (", "Possibly breaking (", "Harmless (")]
        assert places == sorted(places)

    def test_no_colours_in_a_file(self, diff):
        """What is written into a log has no escape sequences."""
        assert "\x1b" not in diff(BREAKING).output

    def test_nothing_changed_is_said(self, diff):
        """Silence could be taken for a tool that did nothing."""
        assert "No change" in diff({}).output

    def test_a_shared_schema_is_told_once(self, diff):
        """One edit of a component is one thing to read, with the operations below it."""
        said = click.unstyle(diff({"/components/schemas/Book/properties/title/maxLength": 9}).output)
        assert said.count("request-property-max-length-set") == 1

    def test_json_is_versioned(self, diff):
        """Scripts depend on it: a version, counts, and for each change a rule and both places."""
        said = json.loads(diff({**BREAKING, **HARMLESS}, "--json").stdout)
        assert said["version"] == 1
        assert said["summary"] == {"breaking": 1, "warning": 0, "info": 1}
        change = said["changes"][0]
        assert change["rule"] == "request-parameter-became-required"
        assert (change["severity"], change["operation"]) == ("breaking", "listBooks")
        assert (change["method"], change["path"], change["name"]) == ("GET", "/books", "limit")
        assert change["old"]["line"] > 0
        assert change["new"]["file"].endswith("new.json")
        assert change["new"]["pointer"] == "/paths/~1books/get/parameters/0"
        assert "used" not in change

    def test_annotations_stand_on_the_new_lines(self, diff):
        """GitHub shows them in the pull request, which has the newer file."""
        lines = diff({**BREAKING, **WARNING, **HARMLESS}, "--github").stdout.splitlines()
        assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]
        assert re.match(
            r"::error file=\S+new\.json,line=\d+,title=request-parameter-became-required::GET /books: ",
            lines[0],
        )

    def test_bundled_names_are_specs(self, capsys):
        """OLD and NEW are what `serve` takes."""
        with pytest.raises(SystemExit) as left:
            main(["diff", "trackbot", "trackbot"])
        assert left.value.code == 0
        assert "No change" in capsys.readouterr().out


def used(result):
    """Return rule -> whether a recorded consumer is touched."""
    return {change["rule"]: change["used"] for change in json.loads(result.stdout)["changes"]}


class TestAgainstAJournal:
    def test_an_operation_that_nobody_called(self, diff, journal):
        """What no recorded consumer uses can be broken without breaking one, and the summary says so."""
        calls = journal(entry("GET", "/books/7"))
        result = diff({ADD: ...}, *calls)
        assert "breaking, but not for any recorded consumer" in result.stdout
        assert result.return_value == 1
        assert diff({ADD: ...}, *calls, "--only-used").return_value == 0

    def test_an_operation_that_was_called(self, diff, journal):
        """Its removal is what the consumer will meet first."""
        calls = journal(entry("POST", "/books", body={"title": "Emma"}))
        assert used(diff({ADD: ...}, *calls, "--json")) == {"operation-removed": True}

    def test_a_call_below_the_name_of_the_api(self, diff, journal):
        """The mock also answers at /<name>/<path>, and its journal has that path."""
        calls = journal(entry("POST", "/old/books", body={}))
        assert used(diff({ADD: ...}, *calls, "--json")) == {"operation-removed": True}

    @pytest.mark.parametrize(
        ("edits", "url", "touched"),
        [
            ({f"{LIST}/parameters/0": ...}, "/books", False),
            ({f"{LIST}/parameters/0": ...}, "/books?limit=3", True),
            ({f"{LIST}/parameters/0/schema/maximum": 9}, "/books?tags=a", False),
            ({f"{LIST}/parameters/0/required": True}, "/books", True),
            ({f"{LIST}/parameters/0/required": True}, "/books?limit=3", False),
        ],
    )
    def test_a_parameter_counts_where_it_is_sent(self, diff, journal, edits, url, touched):
        """One that is taken away matters to who sends it, one that is asked for to who does not."""
        assert list(used(diff(edits, *journal(entry("GET", url)), "--json")).values()) == [touched]

    @pytest.mark.parametrize(
        ("edits", "body", "touched"),
        [
            ({"/components/schemas/Book/properties/pages/maximum": 9}, {"title": "Emma"}, False),
            ({"/components/schemas/Book/properties/pages/maximum": 9}, {"title": "Emma", "pages": 5}, True),
            ({"/components/schemas/Book/required": ["id", "title", "pages"]}, {"title": "Emma"}, True),
            (
                {"/components/schemas/Book/required": ["id", "title", "pages"]},
                {"title": "", "pages": 5},
                False,
            ),
        ],
    )
    def test_a_property_counts_where_it_is_sent(self, diff, journal, edits, body, touched):
        """The recorded bodies show which properties the consumer knows."""
        result = diff(edits, *journal(entry("POST", "/books", status=201, body=body)), "--json")
        found = {rule: said for rule, said in used(result).items() if rule.startswith("request")}
        assert list(found.values()) == [touched]

    def test_an_answer_counts_where_it_was_given(self, diff, journal):
        """A property that was answered may have been read; a status that never came was not."""
        edits = {"/components/schemas/Book/properties/pages": ...}
        with_pages = entry("GET", "/books/7", answer={"id": "7", "title": "Emma", "pages": 5})
        without = entry("GET", "/books/7", answer={"id": "7", "title": "Emma"})
        missing = entry("GET", "/books/7", status=404)
        for call, touched in ((with_pages, True), (without, False), (missing, False)):
            changes = json.loads(diff(edits, *journal(call), "--json").stdout)["changes"]
            read = next(change for change in changes if change["operation"] == "readBook")
            assert read["used"] is touched

    def test_only_used_leaves_out_the_rest(self, diff, journal):
        """What is left is what somebody has to talk about."""
        edits = {**BREAKING, **HARMLESS, ADD: ...}
        result = diff(edits, *journal(entry("POST", "/books", body={})), "--only-used", "--json")
        assert list(used(result)) == ["operation-removed"]

    def test_a_journal_of_the_mock_itself(self, tmp_path, in_process):
        """What the mock's own admin answers is what is read here."""
        mock = in_process("trackbot")
        mock.get("/")
        file = tmp_path / "journal.json"
        file.write_text(mock.get("/__admin/requests").text)
        args = ["trackbot", "trackbot", "--against-journal", str(file)]
        assert CliRunner().invoke(command, args, standalone_mode=False).return_value == 0


class TestRules:
    def test_every_severity_is_one_of_three(self):
        """The tables are data, and a slip in them would be silent."""
        assert {severity for pair in ASPECTS.values() for severity in pair} <= set(SEVERITIES)
        assert set(OPERATIONS.values()) <= set(SEVERITIES)

    def test_every_aspect_is_used(self):
        """A rule that no code can find would be a promise that is not kept."""
        from pathlib import Path

        import mockserver.verify.diff as room

        code = "\n".join(
            file.read_text() for file in Path(room.__file__).parent.glob("*.py") if file.name != "rules.py"
        )
        unnamed = [
            name
            for name in (*ASPECTS, *OPERATIONS)
            if f'"{name}"' not in code
            and not re.search(r"(increased|decreased|set|removed|added|success\S*|required)$", name)
        ]
        assert unnamed == []
