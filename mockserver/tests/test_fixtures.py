from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.behavior.fixtures import load_fixture
from mockserver.errors import FixtureError
from mockserver.tests.lending import Library, broken


class TestWrong:
    @pytest.mark.parametrize(
        ("old", "new", "line", "pointer", "detail"),
        [
            (
                "\nloans:",
                "\nloan:",
                "loan:",
                "/loan",
                "there is no collection 'loan' in behavior.yaml. Did you mean 'loans'?",
            ),
            (
                "\nseed: 1",
                "\nsed: 1",
                "sed: 1",
                "/sed",
                "there is no collection 'sed' in behavior.yaml. Did you mean 'seed'?",
            ),
            (
                "  - {id: bk_emma, title",
                "  - {title",
                "- {title: Em",
                "/books/1",
                "a row of books needs its key 'id'",
            ),
            (
                "{id: bk_emma, title",
                "{id: bk_dune, title",
                "- {id: bk_du",
                "/books/1",
                "two rows of books have the key 'bk_dune'",
            ),
            (
                "returnedAt: null, _account: other}",
                "returnedAt: null, _account: othr}",
                "- {id: ln_00",
                "/loans/2/_account",
                "there is no account 'othr'. Did you mean 'other'?",
            ),
            (
                "  createLoan:",
                "  createLon:",
                "createLon:",
                "/rehearsals/createLon",
                "the contract has no operation 'createLon'. Did you mean 'createLoan'?",
            ),
            (
                "    printed:",
                "    prnted:",
                "prnted:",
                "/rehearsals/createLoan/prnted",
                "createLoan has no example 'prnted'. Did you mean 'printed'?",
            ),
            (
                "      instead: {loans",
                "      insted: {loans",
                "insted: {loa",
                "/rehearsals/createLoan/printed/insted",
                "a rehearsal knows about, now, keys, fields, instead, not 'insted'. Did you mean 'instead'?",
            ),
            (
                "keys: {loans",
                "keys: {lons",
                "keys: {lons:",
                "/rehearsals/createLoan/printed/keys/lons",
                "there is no collection 'lons'. Did you mean 'loans'?",
            ),
            (
                "keys: {loans: [ln_0042]}",
                "keys: {loans: ln_0042}",
                "keys: {loans",
                "/rehearsals/createLoan/printed/keys/loans",
                "expected a list of keys",
            ),
            (
                "  - {n: 1, loanId: ln_0007, text: old}",
                "  - text",
                "- text",
                "/notes/0",
                "expected a mapping, found 'text'",
            ),
            (
                'now: "2026-02-07T12:00:00Z"',
                "now: soon",
                "now: soon",
                "/now",
                "'soon' is no time",
            ),
            (
                'now: "2026-02-01T12:00:00Z"\n      keys',
                "now: soon\n      keys",
                "now: soon",
                "/rehearsals/createLoan/printed/now",
                "'soon' is no time",
            ),
        ],
    )
    def test_said_with_line_and_guess(
        self, tmp_path: Path, old: str, new: str, line: str, pointer: str, detail: str
    ) -> None:
        """As for behaviours: the line, the place, what is wrong, what was meant."""
        assert broken(tmp_path, "data", old, new) == (line, pointer, detail)

    @pytest.mark.parametrize(
        "text", ["[]", "text", "loans: {}", "accounts: []", "rehearsals: [1]", "accounts: {a: 1}"]
    )
    def test_another_shape(self, tmp_path: Path, text: str) -> None:
        """Whatever YAML the file holds, what is said of it is a FixtureError."""
        library = Library(tmp_path)
        file = tmp_path / "wrong.yaml"
        file.write_text(text)
        with pytest.raises(FixtureError):
            load_fixture(file, library.contract, library.behavior)

    def test_nothing(self, tmp_path: Path) -> None:
        """A world may be empty; then both accounts whose credentials everybody has have nothing."""
        library = Library(tmp_path)
        file = tmp_path / "empty.yaml"
        file.write_text("")
        made = load_fixture(file, library.contract, library.behavior)
        assert (dict(made.accounts), made.rows["books"]) == ({"first": {}, "other": {}}, ())
