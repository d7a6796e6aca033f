from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mockserver.tests.lending import Library


class Model(RuleBasedStateMachine):
    """Whatever is done in whatever order: the numbers add up, and nobody sees another's rows."""

    @initialize(folder=st.just(None))
    def begin(self, folder: None) -> None:
        """A fresh world (the files are read once)."""
        self.library = Library(Model.folder)

    folder: Path
    ACCOUNTS = st.sampled_from(["first", "other"])
    BOOKS = st.sampled_from(["bk_dune", "bk_emma", "bk_ubik", "bk_a", "none"])
    NUMBERS = st.integers(0, 3)

    @rule(account=ACCOUNTS, book=BOOKS)
    def lend(self, account: str, book: str) -> None:
        """A loan of a book that may be out, or not be there."""
        self.library.do("createLoan", account, body={"bookId": book})

    @rule(title=st.sampled_from("ab"))
    def add(self, title: str) -> None:
        """A book, perhaps one of a title that is there: then its key is taken."""
        self.library.do("addBook", body={"title": title})

    @rule(book=BOOKS)
    def remove(self, book: str) -> None:
        """A book with its loans and notes."""
        self.library.do("removeBook", bookId=book)

    @rule(account=ACCOUNTS, which=NUMBERS)
    def give_back(self, account: str, which: int) -> None:
        """Any loan, also another's."""
        loans = [*self.library.ids("loans"), "none"]
        self.library.do("returnBook", account, loanId=loans[which % len(loans)])

    @rule(account=ACCOUNTS, which=NUMBERS, texts=st.lists(st.sampled_from(["a", "stop"]), max_size=2))
    def note(self, account: str, which: int, texts: list[str]) -> None:
        """Notes, of which some are refused on the way."""
        loans = [*self.library.ids("loans"), "none"]
        self.library.do("addNotes", account, loanId=loans[which % len(loans)], body={"texts": texts})

    @rule(days=st.integers(1, 10))
    def wait(self, days: int) -> None:
        """Loans become late."""
        self.library.world.clock.advance(days * 86400)
        self.library.engine.pass_time(self.library.world)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Children have their parents; each account's counts are those of its own rows."""
        books, loans, notes = (self.library.rows(name) for name in ("books", "loans", "notes"))
        assert {loan["bookId"] for loan in loans.values()} <= books.keys()
        assert {note["loanId"] for note in notes.values()} <= loans.keys()
        assert all(note["_account"] == loans[note["loanId"]]["_account"] for note in notes.values())
        for account in ("first", "other"):
            shown = self.library.do("listBooks", account, query={"limit": 100}).body
            own = [loan for loan in loans.values() if loan["_account"] == account]
            assert shown["total"] == len(books)
            for book in shown["books"]:
                assert book["loans"] == sum(loan["bookId"] == book["id"] for loan in own)
            open_books = [loan["bookId"] for loan in own if loan["status"] != "returned"]
            assert len(open_books) == len(set(open_books))
            for loan in loans.values():
                found = self.library.do("getLoan", account, loanId=loan["id"])
                assert found.refused is (loan["_account"] != account)
                if not found.refused:
                    assert found.body["notes"] == sum(note["loanId"] == loan["id"] for note in notes.values())


Model.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


class TestAnyStory:
    def test_model(self, tmp_path: Path) -> None:
        """See `Model`."""
        Model.folder = tmp_path
        Model.TestCase("runTest").debug()
