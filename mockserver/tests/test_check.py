from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.contract.locate import Located, locate
from mockserver.tests.lending import FILES, lending, text
from mockserver.verify.offline import check

Said = Callable[..., list[str]]


@pytest.fixture
def said(tmp_path: Path) -> Said:
    """Return what is said of the lending API with one thing of each named file replaced, without folder."""

    def ask(**edits: tuple[str, str]) -> list[str]:
        located = lending(tmp_path, **edits)
        return [str(finding).replace(f"{located.file.parent}/", "") for finding in check([located])]

    return ask


def line_of(name: str, edit: tuple[str, str], part: str) -> int:
    """Return the line of the edited file on which *part* stands."""
    before, found, _ = text(name, edit).partition(part)
    assert found
    return before.count("\n") + 1


class TestClean:
    def test_nothing_to_say(self, said: Said) -> None:
        """What fits is passed over in silence."""
        assert said() == []


class TestContract:
    def test_an_example_that_breaks_its_schema(self, said: Said) -> None:
        """The example's file, line and value; the rule's line behind it."""
        edit = ("winter: {value: {opens: 10}}", "winter: {value: {opens: 99}}")
        (found,) = said(openapi=edit)
        line, rule = line_of("openapi", edit, "opens: 99"), line_of("openapi", edit, "maximum: 24")
        assert found.startswith(
            f"openapi.yaml:{line}: /paths/~1hours/get/responses/200/content/application~1json/"
        )
        assert found.endswith(
            f"the example 'winter' breaks its schema: 99 is greater than 24. (rule at openapi.yaml:{rule})"
        )

    def test_an_example_that_breaks_one_rule_often(self, tmp_path: Path) -> None:
        """Said once, with how often: a page of fifty rows without a date is one mistake."""
        rows = [{"at": None}] * 50
        item = {"type": "object", "properties": {"at": {"type": "string"}}}
        media = {"schema": {"type": "array", "items": item}, "example": rows}
        answer = {"description": "ok", "content": {"application/json": media}}
        paths = {"/x": {"get": {"responses": {"200": answer}}}}
        file = tmp_path / "rows.json"
        info = {"title": "T", "version": "1"}
        file.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
        (found,) = check([Located("rows", file)])
        place = "/paths/~1x/get/responses/200/content/application~1json"
        assert found.pointer == f"{place}/example/0/at"
        assert found.detail.endswith(
            f"(rule at {place}/schema/items/properties/at/type); so do 49 more values in it"
        )

    def test_an_example_of_a_request(self, said: Said) -> None:
        """Bodies and parameters as well."""
        edit = ("printed: {value: {bookId: bk_emma,", "printed: {value: {bookId: 5,")
        assert any(
            f"openapi.yaml:{line_of('openapi', edit, 'bookId: 5')}:" in one and "'printed'" in one
            for one in said(openapi=edit)
        )
        edit = (
            "in: query, schema: {type: integer, minimum: 1,",
            "in: query, example: none, schema: {type: integer, minimum: 1,",
        )
        assert any("the example breaks its schema" in one for one in said(openapi=edit))

    def test_a_reference_that_leads_nowhere(self, said: Said) -> None:
        """With the nearest name, also where only a request would have come by."""
        edit = (
            'schema: {$ref: "#/components/schemas/NewBook"}',
            'schema: {$ref: "#/components/schemas/NewBok"}',
        )
        found = said(openapi=edit)
        assert any(
            one.startswith(f"openapi.yaml:{line_of('openapi', edit, 'NewBok')}:") and "Did you mean" in one
            for one in found
        )

    def test_a_parameter_that_nobody_exemplifies(self, said: Said) -> None:
        """Its schema is read as well."""
        found = said(
            openapi=(
                "{name: author, in: query, schema: {type: string}}",
                "{name: author, in: query, schema: {type: sting}}",
            )
        )
        assert any("there is no type 'sting'" in one for one in found)

    def test_what_no_value_fits(self, said: Said) -> None:
        """An answer that nobody could give."""
        edit = ("opens: {type: integer, maximum: 24}", "opens: {type: integer, maximum: 24, minimum: 25}")
        assert any("getHours 200" in one for one in said(openapi=edit))

    def test_a_document_that_cannot_be_read(self, said: Said) -> None:
        """One finding; nothing else can be said."""
        (found,) = said(openapi=("paths:", "paths: ["))
        assert "not YAML" in found


class TestBehavior:
    def test_what_does_not_exist(self, said: Said) -> None:
        """The line, and what was meant."""
        edit = ("list:\n      in: books", "list:\n      in: boks")
        (found,) = said(behavior=edit)
        line = line_of("behavior", edit, "    list:\n      in: boks")
        assert found.startswith(f"behavior.yaml:{line}: /operations/listBooks/list: ")
        assert found.endswith("there is no collection 'boks'. Did you mean 'books'?")

    def test_the_contract_is_looked_at_all_the_same(self, said: Said) -> None:
        """A broken rule does not hide a broken example."""
        found = said(
            behavior=("    item: books\n    delete: item", "    item: boks\n    delete: item"),
            openapi=("{opens: 10}", "{opens: 99}"),
        )
        assert [one.partition(":")[0] for one in found] == ["behavior.yaml", "openapi.yaml"]

    def test_a_refusal_that_is_not_documented(self, said: Said) -> None:
        """An unknown item would be a 500 of the mock's own."""
        found = said(
            openapi=(
                """        "204": {description: Gone}
        "404": {$ref: "#/components/responses/Wrong"}
""",
                """        "204": {description: Gone}
""",
            )
        )
        (one,) = [one for one in found if "removeBook" in one]
        assert (
            "removeBook documents no status 404, which is answered where its item is not in books; it has 204"
            in one
        )
        assert one.startswith(
            f"behavior.yaml:{line_of('behavior', ('removeBook', 'removeBook'), 'removeBook')}:"
        )

    def test_nor_one_of_two_equal_rows(self, said: Said) -> None:
        """The same for what must be unique."""
        edit = (
            """        "401": {$ref: "#/components/responses/Wrong"}
        "409": {$ref: "#/components/responses/Wrong"}
""",
            """        "401": {$ref: "#/components/responses/Wrong"}
""",
        )
        found = said(openapi=edit)
        assert any("addBook documents no status 409" in one and "the same isbn" in one for one in found)


class TestWorld:
    def test_a_row_that_breaks_its_schema(self, said: Said) -> None:
        """As it would be shown: with the line of the value."""
        edit = ("status: late, note: null", "status: lost, note: null")
        found = said(data=edit)
        line = line_of("data", edit, "status: lost")
        assert any(one.startswith(f"data.yaml:{line}: /loans/0/status: 'ln_0007': ") for one in found)

    def test_a_row_without_its_parent(self, said: Said) -> None:
        """A loan of a book that is not there; with the one that was meant."""
        edit = ("{id: ln_0008, bookId: bk_dune", "{id: ln_0008, bookId: bk_dunes")
        found = said(data=edit)
        line = line_of("data", edit, "bk_dunes")
        assert (
            f"data.yaml:{line}: /loans/2/bookId: 'bk_dunes' is no row of books. Did you mean 'bk_dune'?"
            in found
        )

    def test_a_world_that_does_not_fit_the_behaviours(self, said: Said) -> None:
        """An account that is not there."""
        (found,) = said(data=("text: old, _account: other}", "text: old, _account: nobody}"))
        assert "there is no account 'nobody'" in found

    def test_a_printed_call_that_is_answered_otherwise(self, said: Said) -> None:
        """The document's own example, word for word on a fresh world."""
        found = said(data=("fields: {loans: {code: abc123}}", "fields: {loans: {code: xyz789}}"))
        assert any("createLoan" in one and "printed" in one and "xyz789" in one for one in found)


class TestCommand:
    def run(self, *specs: str) -> subprocess.CompletedProcess[str]:
        """Run `mockserver check`."""
        command = [sys.executable, "-m", "mockserver", "check", *specs]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_good(self, tmp_path: Path) -> None:
        """0, and one line."""
        found = self.run(str(lending(tmp_path).file.parent))
        assert (found.returncode, found.stdout, found.stderr) == (0, "", "no findings in lending\n")

    def test_findings(self, tmp_path: Path) -> None:
        """1, and a line for each, with file and line."""
        located = lending(tmp_path, openapi=("winter: {value: {opens: 10}}", "winter: {value: {opens: 99}}"))
        found = self.run(str(located.file.parent))
        assert found.returncode == 1
        assert found.stdout.startswith(f"{located.file}:")
        assert found.stderr == "1 finding in lending\n"

    def test_wrong_usage(self, tmp_path: Path) -> None:
        """2, where there is nothing to check."""
        assert self.run(str(tmp_path / "none.yaml")).returncode == 2


def test_the_files_are_a_folder_like_any_other() -> None:
    """The lending API can be checked and served where it stands."""
    assert check([locate(str(FILES))]) == []
