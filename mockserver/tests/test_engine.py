from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from mockserver.errors import BehaviorError, MockserverError
from mockserver.exchange import MISSING, Upload
from mockserver.tests.lending import KeptLibrary, Library


@pytest.fixture
def library(tmp_path: Path, state: str) -> Iterator[Library]:
    """Kept in each kind of state, and read back from there after each operation."""
    if state == "memory:":
        yield Library(tmp_path)
        return
    kept = KeptLibrary(tmp_path, state)
    yield kept
    kept.close()


class TestItem:
    def test_by_the_path(self, library: Library) -> None:
        """The row with its derived fields; the body is the item where nothing else is said."""
        assert library.do("getBook", bookId="bk_dune").body["loans"] == 1
        assert library.do("getLoan", loanId="ln_0007").body["lateDays"] == 6

    def test_unknown(self, library: Library) -> None:
        """As behavior.yaml says for all, or as the operation says itself."""
        outcome = library.do("getBook", bookId="none")
        assert (outcome.refused, outcome.status, outcome.body["code"]) == (True, 404, "not_found")
        assert library.do("returnBook", loanId="none").body == {"code": "no_loan", "message": "No loan none"}

    def test_of_another_account(self, library: Library) -> None:
        """What one may not see is not there."""
        assert library.do("getLoan", loanId="ln_0008").status == 404
        assert library.do("getLoan", account="other", loanId="ln_0008").status is None

    def test_optional(self, library: Library) -> None:
        """With `when` that does not hold, it is as if it were not there; the rule goes on."""
        assert library.do("addNotes", loanId="ln_0007", body={}).body["code"] == "taken"
        assert library.do("addNotes", loanId="ln_0042", body={}).status == 202

    @pytest.mark.parametrize("name", ["row", "item"])
    def test_when_it_is_there(self, tmp_path: Path, name: str) -> None:
        """Who writes of the item in its own condition means the row that was found, and no undefined one."""
        said = "optional: true, when: row.status"
        library = Library(tmp_path, behavior=(said, said.replace("row", name)))
        assert library.do("addNotes", loanId="ln_0007", body={}).body["code"] == "taken"
        assert library.do("addNotes", loanId="ln_0042", body={}).status == 202

    def test_said_nowhere_how(self, tmp_path: Path) -> None:
        """Without a refusal for unknown items it is a 404 that the caller words."""
        quiet = Library(tmp_path, behavior=("  unknown: {status: 404, example: notFound}\n", ""))
        outcome = quiet.do("getBook", bookId="none")
        assert (outcome.refused, outcome.status, outcome.body, outcome.rule) == (True, 404, MISSING, "")


class TestRefusals:
    def test_the_first_that_holds(self, library: Library) -> None:
        """Nothing is changed, and the named example is what `body` is laid over."""
        library.do("returnBook", loanId="ln_0007")
        before = library.world.writes
        outcome = library.do("returnBook", loanId="ln_0007")
        assert (outcome.status, outcome.body["code"], outcome.events) == (409, "already_returned", [])
        assert outcome.example == "alreadyReturned"
        assert outcome.rule.endswith("behavior.yaml#/operations/returnBook/refuse/0/with")
        assert library.world.writes == before

    def test_by_choice(self, tmp_path: Path) -> None:
        """What the document leaves open is taken as the judge has seen it; by default the first option."""
        taken = Library(tmp_path, taken={"lending-2": 400})
        taken.do("returnBook", loanId="ln_0007")
        assert taken.do("returnBook", loanId="ln_0007").status == 400

    def test_with_settings(self, library: Library) -> None:
        """Constants stand in one place."""
        library.do("addBook", body={"title": "a"})
        library.do("createLoan", body={"bookId": "bk_ubik"})
        outcome = library.do("createLoan", body={"bookId": "bk_a"})
        assert (outcome.status, outcome.body) == (422, {"code": "limit", "message": "At most 3."})

    def test_on_the_way(self, library: Library) -> None:
        """A refusal among the steps undoes all that was done before it, numbers too."""
        outcome = library.do("addNotes", loanId="ln_0042", body={"texts": ["a", "stop"]})
        assert outcome.body["code"] == "already_returned"
        assert library.ids("notes") == [1, 2, 3]
        assert library.do("addNotes", loanId="ln_0042", body={"texts": ["a"]}).body["made"][0]["n"] == 4

    def test_of_the_server_itself(self, library: Library) -> None:
        """How this API words what the server refuses; a kind that is not said is not worded."""
        operation = library.contract.operations["addBook"]
        problem = {"detail": "There is no title.", "errors": [1]}
        found = library.engine.refusal("invalid", operation, library.world, "first", problem)
        assert found is not None
        assert (found.status, found.body["message"], found.body["more"]) == (400, "There is no title.", [1])
        assert library.engine.refusal("forbidden", operation, library.world, "first", problem) is None


class TestCreate:
    def test_layers(self, library: Library) -> None:
        """`new` of the collection < the body < `set`; what was not sent does not cover what is there."""
        made = library.do("createLoan", body={"bookId": "bk_ubik", "days": 7}).body
        assert made == {
            "id": "ln_100",
            "status": "open",
            "note": None,
            "createdAt": "2026-02-07T12:00:00Z",
            "returnedAt": None,
            "code": "made from [a-z]{3}[0-9]{3}",
            "bookId": "bk_ubik",
            "days": 7,
            "dueAt": "2026-02-14T12:00:00Z",
            "lateDays": 0,
            "notes": 0,
            "_account": "first",
        }

    def test_keys(self, library: Library) -> None:
        """By an expression over the row, by {n} (`first`, or one more than the highest), or as a number."""
        assert library.do("addBook", body={"title": "ULYSSES"}).body["id"] == "bk_ulysses"
        assert library.do("createLoan", body={"bookId": "bk_ubik"}).body["id"] == "ln_100"
        assert library.do("copyLoan", loanId="ln_0042").body["new"]["id"] == "ln_101"

    def test_after_the_highest_key(self, tmp_path: Path) -> None:
        """A fixture's key beyond `first` counts."""
        edit = ("{id: ln_0008,", "{id: ln_900,")
        assert (
            Library(tmp_path, data=edit).do("createLoan", body={"bookId": "bk_ubik"}).body["id"] == "ln_901"
        )

    def test_uuids(self, tmp_path: Path) -> None:
        """The same world makes the same keys, and never the same twice."""
        made = []
        for folder in ("a", "b"):
            one = Library(tmp_path / folder, behavior=('new-key: "{n}"', "new-key: uuid"))
            texts = {"texts": ["a", "b"]}
            made.append([note["n"] for note in one.do("addNotes", loanId="ln_0042", body=texts).body["made"]])
        assert made[0] == made[1]
        assert len(set(made[0])) == 2

    def test_unique(self, library: Library) -> None:
        """Among the rows that `when` narrows, and that the caller may see; null and absent are no value."""
        refused = library.do("addBook", body={"title": "x", "isbn": "2"})
        assert (refused.status, refused.body["more"]) == (409, {"id": "2", "since": "y"})
        assert library.do("addBook", body={"title": "x"}).refused is False
        assert library.do("addBook", body={"title": "y"}).refused is False
        assert library.do("createLoan", body={"bookId": "bk_emma"}).body["code"] == "taken"
        assert library.do("createLoan", account="other", body={"bookId": "bk_emma"}).refused is False
        library.do("returnBook", loanId="ln_0042")
        assert library.do("createLoan", body={"bookId": "bk_emma"}).refused is False

    def test_answer(self, library: Library) -> None:
        """Headers may be computed, also from what the operation has made."""
        outcome = library.do("addBook", body={"title": "Ulysses"})
        assert (outcome.status, outcome.headers) == (201, {"Location": "/books/bk_ulysses", "X-Count": 4})


class TestChange:
    def test_merge(self, library: Library) -> None:
        """Deep or not is a choice here; the key, what is excepted and bookkeeping stay."""
        body = {"author": {"born": 1775}, "isbn": "9", "id": "x", "_secret": 1, "title": "Emma!"}
        row = library.do("changeBook", bookId="bk_emma", body=body).body
        assert row["author"] == {"name": "Austen", "born": 1775}
        assert (row["isbn"], row["id"], row["title"]) == ("2", "bk_emma", "Emma!")
        assert "_secret" not in row

    def test_replaced(self, tmp_path: Path) -> None:
        """The other option."""
        other = Library(tmp_path, taken={"lending-1": "replace"})
        row = other.do("changeBook", bookId="bk_emma", body={"author": {"born": 1775}}).body
        assert row["author"] == {"born": 1775}

    def test_touch(self, library: Library) -> None:
        """Set with every change, and not at creation; a second passes with each change of the world."""
        assert "changedAt" not in library.do("addBook", body={"title": "a"}).body
        row = library.do("changeBook", bookId="bk_a", body={}).body
        assert (row["addedAt"], row["changedAt"]) == ("2026-02-07T12:00:00Z", "2026-02-07T12:00:01Z")

    def test_moves(self, library: Library) -> None:
        """When a field gets another value, that value's fields are set, and those of any value."""
        library.do("returnBook", loanId="ln_0007")
        row = library.rows("loans")["ln_0007"]
        assert (row["returnedAt"], row["_from"], row["_moved"]) == (
            "2026-02-07T12:00:00Z",
            "late",
            "returned",
        )

    def test_what_a_rule_sets_is_not_moved(self, library: Library) -> None:
        """A rule that says itself when a book came back is believed."""
        body = {"statuses": ["open"], "fields": {"returnedAt": "2020-01-01T00:00:00Z"}}
        library.do("closeLoans", body=body)
        assert library.rows("loans")["ln_0042"]["returnedAt"] == "2020-01-01T00:00:00Z"

    def test_unique_holds_for_changes(self, library: Library) -> None:
        """A row may keep its own values, and not take another's."""
        library.do("returnBook", loanId="ln_0042")
        library.do("createLoan", body={"bookId": "bk_emma"})
        body = {"statuses": ["returned"], "fields": {}}
        assert library.do("closeLoans", body=body).refused is False


class TestDelete:
    def test_with_all_below(self, library: Library) -> None:
        """A book's loans go with it, whoever has them, and their notes."""
        outcome = library.do("removeBook", bookId="bk_dune")
        assert outcome.body is MISSING
        assert library.ids("books") == ["bk_emma", "bk_ubik"]
        assert library.ids("loans") == ["ln_0042"]
        assert library.ids("notes") == []


class TestSteps:
    def test_for_each(self, library: Library) -> None:
        """One row for each entry; `as` names the list; `index` counts; an undefined list is empty."""
        body = library.do("addNotes", loanId="ln_0042", body={"texts": ["a", "b"]}).body
        assert [(note["text"], note["no"]) for note in body["made"]] == [("a", 0), ("b", 1)]
        assert "last" not in body

    def test_when(self, library: Library) -> None:
        """A step that does not hold is passed over; a single row that was made is named."""
        body = library.do("addNotes", loanId="ln_0042", body={"texts": ["a"], "last": "z"}).body
        assert body["last"] == "z"

    def test_the_item_as_it_is_now(self, library: Library) -> None:
        """What it derives is counted after the changes."""
        assert library.do("addNotes", loanId="ln_0042", body={"texts": ["a", "b"]}).body["loan"]["notes"] == 2

    def test_copies(self, library: Library) -> None:
        """New keys; the copied children's fields as they were; `new` is the copy."""
        body = library.do("copyLoan", loanId="ln_0007").body
        assert body["new"]["dueAt"] == "2026-02-01T12:00:00Z"
        assert [(note["n"], note["loanId"], note["text"]) for note in body["copies"]] == [
            (4, "ln_100", "old"),
            (5, "ln_100", "new"),
        ]
        assert library.rows("notes")[1]["loanId"] == "ln_0007"

    def test_update_and_delete(self, library: Library) -> None:
        """By a condition, by a key; only the caller's rows; an event tells the counts."""
        outcome = library.do("closeLoans", body={"statuses": ["late"], "fields": {"x": 1}, "one": "ln_0042"})
        assert outcome.body == {"closed": 1}
        assert [(event.name, event.payload) for event in outcome.events] == [("loan.returned", {"count": 1})]
        assert library.rows("loans")["ln_0007"]["note"] == "ln_0007!"
        assert library.rows("loans")["ln_0042"]["note"] == "one"
        assert library.ids("notes") == [2, 3]

    def test_a_key_that_is_nobodys(self, library: Library) -> None:
        """Another account's row is not changed, and neither is one that is not there."""
        for key in ("ln_0008", "none", ["x"], None):
            library.do("closeLoans", body={"statuses": [], "fields": {}, "one": key})
        assert library.rows("loans")["ln_0008"]["note"] == "theirs"

    def test_what_cannot_be_laid_over(self, library: Library) -> None:
        """`from` must be a mapping; the error quotes the rule, and nothing has happened."""
        with pytest.raises(BehaviorError, match="`from` must be a mapping"):
            library.do("closeLoans", body={"statuses": ["open", "late"], "fields": "text"})
        assert library.rows("loans")["ln_0007"]["status"] == "late"


class TestEvents:
    def test_payload_condition_and_address(self, library: Library) -> None:
        """What subscribers are told, in order, and to whom where the request says so."""
        outcome = library.do("returnBook", loanId="ln_0007", header={"x-tell": "http://here"})
        assert [(event.name, event.payload, event.to) for event in outcome.events] == [
            ("loan.returned", {"id": "ln_0007", "by": "first"}, "http://here"),
            ("loan.late", MISSING, None),
        ]
        assert len(library.do("returnBook", loanId="ln_0042").events) == 1


class TestList:
    def test_filters_search_sort_and_page(self, library: Library) -> None:
        """All words of `list` together; what they mean one by one is held in test_lists."""
        query = {"genre": ["sf"], "since": "2026-01-02", "limit": 1, "offset": 0, "sort": "-title"}
        assert library.do("listBooks", query=query).body["books"][0]["id"] == "bk_ubik"
        assert library.do("listBooks", query={"author": "Dick"}).body["total"] == 1
        assert library.do("listBooks", query={"q": "EM"}).body["books"][0]["title"] == "Emma"
        assert [book["id"] for book in library.do("listBooks").body["books"]] == [
            "bk_dune",
            "bk_emma",
            "bk_ubik",
        ]

    def test_pages(self, library: Library) -> None:
        """Only the caller's rows are counted."""
        assert library.do("listLoans", query={"page": 1}).body | {"loans": 0} == {
            "loans": 0,
            "page": 1,
            "pages": 1,
            "limit": 2,
            "offset": 0,
            "total": 2,
        }


class TestNames:
    def test_report(self, library: Library) -> None:
        """Who asks, the time, the start, what was really sent, and a list made of a list."""
        library.do("returnBook", loanId="ln_0042")
        library.do("createLoan", body={"bookId": "bk_ubik"})
        body = library.do("getReport", query={"limit": 1}).body
        assert body["me"] == "first"
        assert body["at"] == "2026-02-07T12:00:02Z"
        assert body["days"] == [{"no": 0, "id": "ln_0007"}]
        assert (body["start"], body["now"], body["sent"]) == (2, 3, True)
        assert library.do("getReport").body["sent"] is False

    def test_draws_repeat(self, library: Library) -> None:
        """A read moves no random stream; a change of the world makes other draws."""
        first = library.do("getReport").body["drawn"]
        assert library.do("getReport").body["drawn"] == first
        library.do("addBook", body={"title": "a"})
        assert library.do("getReport").body["drawn"] != first

    def test_each_account_counts_its_own(self, library: Library) -> None:
        """What everybody's row derives from an account's own rows is another for each account."""
        assert library.do("getBook", bookId="bk_emma").body["loans"] == 1
        assert library.do("getBook", account="other", bookId="bk_emma").body["loans"] == 0
        assert library.do("getBook", bookId="bk_emma").body["loans"] == 1

    def test_files(self, library: Library) -> None:
        """A file part says its name, type and size; its bytes stay outside."""
        body = {"title": "x", "author": {"name": "y"}, "genre": Upload("a.png", "image/png", b"123")}
        row = library.do("addBook", body=body).body
        assert row["genre"] == {"filename": "a.png", "media_type": "image/png", "size": 3}


class TestTime:
    def test_nothing_is_due(self, library: Library) -> None:
        """Looked at before every request, and cheap then."""
        assert library.pass_time() == []
        assert library.world.next_due is not None

    @pytest.mark.parametrize("derived", [True, False], ids=["derived-fields", "as-kept"])
    def test_only_rows_that_wait_are_looked_through(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, derived: bool
    ) -> None:
        """
        A change elsewhere makes nothing due; to go through all rows behind each would be quadratic.

        Whether a loan is late hangs on the loan, though how late is reckoned from the clock.
        """
        counted = """    derived:
      lateDays: =[0, between(row.dueAt, row.returnedAt | default(now, true)) / 86400] | max | int
      notes: =notes.count(loanId=row.id)
"""
        library = Library(tmp_path, behavior=None if derived else (counted, ""))
        library.pass_time()
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(library.engine, "_fall_due", lambda *_: pytest.fail("looked through"))
            assert library.do("addBook", body={"title": "x", "author": {"name": "y"}}).status == 201
            assert library.pass_time() == []
        transaction = library.world.begin()
        transaction.put("loans", "ln_0042", {**library.rows("loans")["ln_0042"], "status": "returned"})
        library.world.commit(transaction)
        library.world.clock.advance(14 * 86400)
        assert [event.payload for event in library.pass_time()] == [{"id": "ln_0008"}]

    def test_what_time_brings(self, library: Library) -> None:
        """Each row once, with its steps and its event; as its owner, whoever asks."""
        library.world.clock.advance(14 * 86400)
        told = library.pass_time()
        assert [(event.name, event.payload) for event in told] == [
            ("loan.late", {"id": "ln_0042"}),
            ("loan.late", {"id": "ln_0008"}),
        ]
        assert {row["status"] for row in library.rows("loans").values()} == {"late"}
        made = [(row["loanId"], row["text"], row["_account"]) for row in library.rows("notes").values()][3:]
        assert made == [("ln_0042", "late", "first"), ("ln_0008", "late", "other")]
        assert library.pass_time() == []

    def test_what_is_derived_may_be_due(self, tmp_path: Path) -> None:
        """A rule may wait for what is counted elsewhere: a loan is late once it has its third note."""
        waiting = 'when: row.status == "open"\n        set'
        counting = 'when: row.status == "open" and row.notes > 2\n        set'
        library = Library(tmp_path, behavior=(waiting, counting))
        library.world.clock.advance(14 * 86400)
        assert library.pass_time() == []
        library.do("addNotes", loanId="ln_0042", body={"texts": ["a", "b", "c"]})
        assert [event.payload for event in library.pass_time()] == [{"id": "ln_0042"}]

    def test_while_one_waits(self, library: Library) -> None:
        """The wall's clock counts too."""
        library.seconds = 8 * 86400 + 1
        assert len(library.pass_time()) == 1

    def test_after_a_change(self, library: Library) -> None:
        """A row that becomes due sooner is seen."""
        library.pass_time()
        library.do("addBook", body={"title": "a"})
        library.do("returnBook", loanId="ln_0042")
        library.do("createLoan", body={"bookId": "bk_a", "days": -1})
        assert [event.payload["id"] for event in library.pass_time()] == ["ln_100"]

    def test_after_a_change_that_was_taken_back(self, library: Library) -> None:
        """A row that is as it was falls due once, however often something was tried with it."""
        library.pass_time()
        for _ in range(2):
            transaction = library.world.begin()
            row = library.world.tables["loans"].rows["ln_0042"]
            transaction.put("loans", "ln_0042", {**row, "status": "returned"})
            transaction.rollback()
            library.world.version += 1
            assert library.pass_time() == []
        library.world.clock.advance(14 * 86400)
        assert [event.payload["id"] for event in library.pass_time()] == ["ln_0042", "ln_0008"]

    def test_a_due_that_cannot_be_computed(self, tmp_path: Path) -> None:
        """Nothing has happened then, and the next request is told the same."""
        broken = Library(tmp_path, behavior=("set: {status: late}", "set: {status: late, x: =row.note + 1}"))
        broken.world.clock.advance(14 * 86400)
        for _ in range(2):
            with pytest.raises(BehaviorError, match="cannot be computed"):
                broken.engine.pass_time(broken.world)
        assert broken.rows("loans")["ln_0042"]["status"] == "open"


class TestUndone:
    def test_planned_is_not_done(self, library: Library) -> None:
        """The answer is made from the plan, and only then is it kept."""
        before = {name: dict(table.rows) for name, table in library.world.tables.items()}
        for name, said in (
            ("addBook", {"body": {"title": "a"}}),
            ("removeBook", {"bookId": "bk_dune"}),
            ("copyLoan", {"loanId": "ln_0007"}),
        ):
            library.engine.rollback(library.world, library.plan(name, **said))
        assert {name: dict(table.rows) for name, table in library.world.tables.items()} == before
        assert (library.world.writes, library.world.clock.now) == (0, "2026-02-07T12:00:00Z")

    @pytest.mark.parametrize("wrong", ["=draw.value('Book')", "=row.title + 1", "=1 / 0"])
    def test_whatever_it_fails_with(self, tmp_path: Path, wrong: str) -> None:
        """A rule that fails half-way leaves nothing behind: not even where no value could be drawn."""
        edit = ("text: =body.last}, as: last}", f'text: "{wrong}"}}, as: last}}')
        broken = Library(tmp_path, behavior=edit)
        with pytest.raises(MockserverError):
            broken.do("addNotes", loanId="ln_0042", body={"texts": ["a"], "last": "z"})
        assert broken.ids("notes") == [1, 2, 3]

    def test_derived_after_a_rollback(self, library: Library) -> None:
        """What was counted in a plan that was dropped is counted again."""
        outcome = library.plan("createLoan", body={"bookId": "bk_ubik"})
        assert outcome.scope is not None
        assert outcome.scope("books").get("bk_ubik")["loans"] == 1
        library.engine.rollback(library.world, outcome)
        assert library.do("getBook", bookId="bk_ubik").body["loans"] == 0


class TestRehearsals:
    CALL: ClassVar[dict[str, Any]] = {"body": {"bookId": "bk_emma", "note": "For the weekend"}}

    def test_as_printed_once(self, library: Library) -> None:
        """The printed call is answered as printed, in place of the row that stands for it."""
        outcome = library.do("createLoan", **self.CALL)
        printed = {"id": "ln_0042", "code": "abc123", "createdAt": "2026-02-01T12:00:00Z"}
        assert outcome.rehearsed == "printed"
        assert outcome.body | printed == outcome.body
        assert outcome.body["dueAt"] == "2026-02-15T12:00:00Z"
        again = library.do("createLoan", **self.CALL)
        assert (again.rehearsed, again.body["code"]) == ("", "taken")

    @pytest.mark.parametrize("other", [{"bookId": "bk_emma"}, {"bookId": "bk_emma", "note": "x"}])
    def test_another_call(self, library: Library, other: Any) -> None:
        """Only the very request that is printed."""
        assert library.do("createLoan", body=other).rehearsed == ""

    def test_once_somebody_touched_it(self, library: Library) -> None:
        """Then the row is a client's own."""
        library.do("returnBook", loanId="ln_0042")
        outcome = library.do("createLoan", **self.CALL)
        assert (outcome.rehearsed, outcome.body["id"]) == ("", "ln_100")

    def test_with_a_clock_that_was_moved(self, library: Library) -> None:
        """Who moves the clock wants the rules."""
        library.world.clock.advance(1)
        assert library.do("createLoan", **self.CALL).rehearsed == ""
