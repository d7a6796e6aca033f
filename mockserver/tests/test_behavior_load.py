from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.behavior.load import load, vocabulary
from mockserver.contract.load import load as load_contract
from mockserver.errors import BehaviorError
from mockserver.tests.lending import broken, lending
from mockserver.validation.values import RawValidator


class TestWrong:
    @pytest.mark.parametrize(
        ("old", "new", "line", "pointer", "detail"),
        [
            (
                "settings: {days",
                "setings: {days",
                "setings: {da",
                "/setings",
                "'setings' is not a property here. Did you mean 'settings'?",
            ),
            (
                "    parent: {bookId: books}",
                "    parents: {bookId: books}",
                "parents: {bo",
                "/collections/loans/parents",
                "'parents' is not a property here. Did you mean 'parent'?",
            ),
            (
                "parent: {bookId: books}",
                "parent: {bookId: boks}",
                "parent: {boo",
                "/collections/loans/parent/bookId",
                "there is no collection 'boks'. Did you mean 'books'?",
            ),
            (
                "schema: Loan",
                "schema: Lon",
                "schema: Lon",
                "/collections/loans/schema",
                "there is no component schema 'Lon'. Did you mean 'Loan'?",
            ),
            (
                "  notes:\n    key: n",
                "  parts:\n    key: n",
                "parts:",
                "/collections/parts",
                "'parts' is a name that expressions have already",
            ),
            (
                "\n  getBook:",
                "\n  getBok:",
                "getBok:",
                "/operations/getBok",
                "the contract has no operation 'getBok'. Did you mean 'getBook'?",
            ),
            (
                "{status: 422, body",
                "{status: 418, body",
                "with: {statu",
                "/operations/createLoan/refuse/0/with",
                "createLoan documents no status 418; it has 201, 404, 409, 422",
            ),
            (
                'with: {status: =choice("lending-2"), example: alreadyReturned}',
                "with: {status: 409, example: alredyReturned}",
                "with: {statu",
                "/operations/returnBook/refuse/0/with",
                "returnBook 409 has no example 'alredyReturned'. Did you mean 'alreadyReturned'?",
            ),
            (
                "options: [409, 400]",
                "options: [410, 400]",
                "with: {statu",
                "/operations/returnBook/refuse/0/with",
                "returnBook documents no status 410, the first option of lending-2; "
                "it has 200, 400, 404, 409",
            ),
            (
                "options: [409, 400]",
                "options: [409, perhaps]",
                "with: {statu",
                "/operations/returnBook/refuse/0/with",
                "'perhaps', an option of lending-2, is no status",
            ),
            (
                "\nchoices:",
                "\nabout2: x\nchoices:",
                "about2: x",
                "/about2",
                "'about2' is not a property here. Did you mean 'about'?",
            ),
            (
                "=loans.count(bookId=row.id)",
                "=lons.count(bookId=row.id)",
                "loans: =lons",
                "/collections/books/derived/loans",
                "'lons.count(bookId=row.id)': there is no 'lons' here. Did you mean 'loans'?",
            ),
            (
                "when: item.returnedAt\n",
                "when: itm.returnedAt\n",
                "- when: itm.",
                "/operations/returnBook/refuse/0/when",
                "'itm.returnedAt': there is no 'itm' here. Did you mean 'item'?",
            ),
            (
                "filters: {status: status}",
                "filters: {statsu: status}",
                "filters: {st",
                "/operations/listLoans/list/filters/statsu",
                "there is no query parameter 'statsu'. Did you mean 'status'?",
            ),
            (
                "emit: {event: loan.late, with: {id: =item.id}}",
                "emit: {event: loan.lost, with: {id: =item.id}}",
                "emit: {event",
                "/collections/loans/due/0/emit",
                "the contract has no webhook or callback 'loan.lost'. Did you mean 'loan.late'?",
            ),
            (
                "{about: listBooks, holds",
                "{about: listBoks, holds",
                "- {about: li",
                "/invariants/0",
                "the contract has no operation 'listBoks'. Did you mean 'listBooks'?",
            ),
            (
                "holds: answer.total >= (answer.books | length)",
                "holds: anwser.total >= 0",
                "- {about: li",
                "/invariants/0/holds",
                "'anwser.total >= 0': there is no 'anwser' here. Did you mean 'answer'?",
            ),
            (
                'choice("lending-1") == "merge"',
                'choice("lending-8") == "merge"',
                "merge: {from",
                "/operations/changeBook/merge/deep",
                "there is no choice 'lending-8'. Did you mean 'lending-2'?",
            ),
            (
                "let: {mine: =loans",
                "let: {now: =loans",
                "let: {now: =",
                "/operations/createLoan/let/now",
                "'now' is a name that expressions have already",
            ),
            (
                "as: copies}",
                "as: books}",
                "- {copy: not",
                "/operations/copyLoan/do/1/as",
                "'books' is a name that expressions have already",
            ),
            (
                "{copy: notes, where: {loanId: =item.id}, ",
                "{copy: notes, ",
                "- {copy: not",
                "/operations/copyLoan/do/1",
                "which rows? copy needs `where` or `key`",
            ),
            (
                "- {delete: notes, where",
                "- {delete: notes, update: notes, where",
                "- {delete: n",
                "/operations/closeLoans/do/2",
                "a step is one of create, update, delete, copy, let, refuse, emit; "
                "this has update and delete",
            ),
            (
                "{for: text, in: =texts, create",
                "{in: =texts, create",
                "- {in: =text",
                "/operations/addNotes/do/2",
                "`for: name` and `in: =list` go together",
            ),
            (
                "    list:\n      in: loans\n",
                "    list:\n",
                "list:",
                "/operations/listLoans/list",
                "a list needs `in` (a collection) or `of` (rows)",
            ),
            (
                "item: {in: books, key: =body.bookId}",
                "item: books",
                "item: books",
                "/operations/createLoan/item",
                "createLoan has no path parameter: say `key: =…`",
            ),
            (
                "  unauthenticated: {status: 401, example",
                "  unauthenticated: {example",
                "unauthentica",
                "/refusals/unauthenticated",
                "a refusal needs its status",
            ),
            (
                "new-key: ln_{n}",
                "new-key: ln_n",
                "new-key: ln_",
                "/collections/loans/new-key",
                "a key is made by '{n}', 'uuid' or an expression; 'ln_n' would be every row's",
            ),
            (
                "per-account: true\n    parent: {bookId",
                "per-account: yes\n    parent: {bookId",
                "per-account:",
                "/collections/loans/per-account",
                '"yes" is not of type boolean.',
            ),
        ],
    )
    def test_said_with_line_and_guess(
        self, tmp_path: Path, old: str, new: str, line: str, pointer: str, detail: str
    ) -> None:
        """The line that is wrong, the place in the file, what is wrong, and what was meant."""
        assert broken(tmp_path, "behavior", old, new) == (line, pointer, detail)

    @pytest.mark.parametrize("text", ["[]", "text", "collections: []", "operations: {getBook: [1]}", "5"])
    def test_another_shape(self, tmp_path: Path, text: str) -> None:
        """Whatever YAML the file holds, what is said of it is a BehaviorError."""
        located = lending(tmp_path)
        assert located.behavior_file is not None
        located.behavior_file.write_text(text)
        with pytest.raises(BehaviorError):
            load(located.behavior_file, load_contract(located.file), RawValidator(vocabulary()).check)

    def test_nothing(self, tmp_path: Path) -> None:
        """An empty file says nothing, and that is allowed."""
        located = lending(tmp_path)
        assert located.behavior_file is not None
        located.behavior_file.write_text("# nothing yet\n")
        made = load(located.behavior_file, load_contract(located.file), RawValidator(vocabulary()).check)
        assert (made.rules, made.collections) == ({}, {})
