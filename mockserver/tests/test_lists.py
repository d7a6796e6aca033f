from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.behavior.expressions import Expression, Literal, compile_value
from mockserver.behavior.lists import listed, narrow
from mockserver.behavior.model import Condition, Filter, Listing, Where
from mockserver.behavior.rows import rows_of
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Place

PLACE = Place("behavior.yaml", "/operations/list")
LOANS = [
    {
        "id": 1,
        "status": "open",
        "note": "First try",
        "tags": ["a", "b"],
        "at": "2026-05-14T23:59:59Z",
        "n": 3,
    },
    {"id": 2, "status": "open", "note": None, "tags": [], "at": "2026-05-15T00:00:00Z", "n": 1},
    {"id": 3, "status": "done", "note": "STRASSE", "tags": ["b"], "at": "2026-05-15T23:59:59Z", "n": 2},
    {"id": "4", "status": "done", "book": {"author": "Austen"}, "paid": True, "at": None, "n": 1},
]


class Asked:
    """Stands for the scope of one request."""

    def __init__(self, **names: Any) -> None:
        self.names = {"loans": rows_of(LOANS), "query": {}, **names}

    def __call__(self, name: str) -> Any:
        """The value of a name."""
        return self.names.get(name, MISSING)

    def child(self, **names: Any) -> Asked:
        """With more names."""
        return Asked(**{**self.names, **names})


def value(tree: Any) -> Any:
    return compile_value(tree, PLACE)


def condition(text: str) -> Condition:
    return Condition(Expression(text, PLACE))


def shown(listing: Listing | None = None, names: dict[str, Any] | None = None, **query: Any) -> Any:
    """Return the ids of the rows that are listed."""
    asked: Any = Asked(query=query, **(names or {}))
    return [row["id"] for row in listed(listing or Listing("loans"), asked)["rows"]]


def by(field: str, how: str = "equals") -> Listing:
    return Listing("loans", filters=(Filter("wanted", field, how),))


class TestWhich:
    def test_all_of_a_collection(self) -> None:
        """In the rows' order."""
        assert shown() == [1, 2, 3, "4"]

    def test_of_a_list(self) -> None:
        """`of` may be any list; what is undefined or null is an empty one."""
        assert shown(Listing("", of=value("=given")), {"given": LOANS[1:3]}) == [2, 3]
        assert shown(Listing("", of=value("=given"))) == []
        assert shown(Listing("", of=value("=given")), {"given": None}) == []

    def test_where(self) -> None:
        """Equal fields, or a condition on `row`."""
        assert shown(Listing("loans", where=Where(fields={"status": value("done")}))) == [3, "4"]
        assert shown(Listing("loans", where=Where(condition=condition("row.n > 1")))) == [1, 3]

    def test_an_undefined_value_is_no_rows(self) -> None:
        """`where: {book: =body.none}` means neither all rows nor those that have no book."""
        asked: Any = Asked()
        assert narrow(rows_of(LOANS), Where(fields={"book": value("=nope")}), asked) == []
        assert narrow(LOANS, Where(fields={"note": value(None)}), asked) == [LOANS[1]]


class TestFilters:
    @pytest.mark.parametrize("nothing", [{}, {"wanted": None}, {"wanted": []}])
    def test_not_sent(self, nothing: Any) -> None:
        """No filter."""
        assert shown(by("status"), **nothing) == [1, 2, 3, "4"]

    def test_equals(self) -> None:
        """One value or any of several; a path; an entry of a list."""
        assert shown(by("status"), wanted="open") == [1, 2]
        assert shown(by("status"), wanted=["done", "open"]) == [1, 2, 3, "4"]
        assert shown(by("book.author"), wanted="Austen") == ["4"]
        assert shown(by("tags"), wanted="b") == [1, 3]
        assert shown(by("status"), wanted="none") == []
        assert shown(by("nowhere"), wanted="x") == []

    def test_text_in_a_query_may_be_a_number(self) -> None:
        """An id is text for one and a number for another; "true" is a boolean in any case of letters."""
        assert shown(by("id"), wanted="1") == [1]
        assert shown(by("id"), wanted=4) == ["4"]
        assert shown(by("paid"), wanted="True") == ["4"]
        assert shown(by("n"), wanted=True) == []

    def test_several_filters_narrow_together(self) -> None:
        """Each takes away."""
        listing = Listing("loans", filters=(Filter("s", "status", "equals"), Filter("n", "n", "equals")))
        assert shown(listing, s="open", n=1) == [2]
        assert shown(listing, s="none", n=1) == []
        assert shown(listing, s=["open", "done"], n=1) == [2, "4"]

    def test_from_a_body(self) -> None:
        """A search by POST filters by its body; the query is asked first."""
        assert shown(by("status"), {"body": {"wanted": "done"}}) == [3, "4"]
        assert shown(by("status"), {"body": {"wanted": "done"}}, wanted="open") == [1, 2]

    def test_contains(self) -> None:
        """Any case, also where a letter has two forms; a null contains nothing."""
        assert shown(by("note", "contains"), wanted="first") == [1]
        assert shown(by("note", "contains"), wanted="straße") == [3]

    def test_from_and_to(self) -> None:
        """Both ends belong to it; a day means all of it; what has no time is outside."""
        assert shown(by("at", "from"), wanted="2026-05-15") == [2, 3]
        assert shown(by("at", "to"), wanted="2026-05-15") == [1, 2, 3]
        assert shown(by("at", "to"), wanted="2026-05-14") == [1]
        assert shown(by("n", "from"), wanted=2) == [1, 3]
        assert shown(by("n", "to"), wanted=2) == [2, 3, "4"]

    @pytest.mark.parametrize(
        "same", ["2026-05-15T00:00:00Z", "2026-05-15T00:00:00.000Z", "2026-05-15T02:00:00+02:00"]
    )
    def test_times_are_compared_as_times(self, same: str) -> None:
        """JavaScript writes milliseconds, and people write their own zone."""
        assert shown(by("at", "from"), wanted=same) == [2, 3]
        assert shown(by("at", "to"), wanted=same) == [1, 2]

    def test_what_only_looks_like_a_time(self) -> None:
        """A client may send anything; it is compared as text."""
        assert shown(by("at", "to"), wanted="2026-05-15T99:00:00Z") == [1, 2, 3]


class TestWhere:
    @pytest.mark.parametrize(
        "text",
        [
            *(
                "row.n > 1",
                "not row.paid",
                "'b' in (row.tags | default([]))",
                "row.book.author",
                "row.nowhere.at.all",
            ),
            *(
                "query.all or row.n == 1",
                "nowhere",
                "row.id in loans.pluck('id') | list and row.n < 3",
                "row.note",
            ),
            *("row.at is string and row.at > '2026-05-15'", "loans.where(status=row.status).count() > 2"),
        ],
    )
    def test_the_loop_is_the_condition(self, text: str) -> None:
        """Rows are gone through by compiled code; it must find what each row by itself would."""
        holds = condition(text)
        for query in ({}, {"all": True}):
            asked: Any = Asked(query=query)
            assert holds.rows(LOANS, asked) == [row for row in LOANS if holds(asked.child(row=row))]

    def test_what_cannot_be_computed(self) -> None:
        """It is told where it stands, as elsewhere."""
        asked: Any = Asked()
        with pytest.raises(BehaviorError, match=r"'row\.n \+ row\.at' cannot be computed"):
            condition("row.n + row.at").rows(LOANS, asked)

    @pytest.mark.parametrize(("value", "count"), [(True, 4), (False, 0)])
    def test_all_or_none(self, value: bool, count: int) -> None:
        """A condition may be a plain true or false."""
        asked: Any = Asked()
        assert len(Condition(Literal(value)).rows(LOANS, asked)) == count

    @pytest.mark.parametrize(
        ("text", "reads"),
        [
            ("not row.isArchived or query.archived", (("query", "archived"),)),
            ("row.name in query", (("query",),)),
            ("row.owner == me.id and row.days > settings.days", ()),
            ("row.due < now", None),
            ("row.id in loans.pluck('id')", None),
        ],
    )
    def test_what_it_depends_on(self, text: str, reads: Any) -> None:
        """A list is remembered only as long as all that it looks at is the same."""
        assert Listing("loans", where=Where(condition=condition(text))).reads == reads


class TestSearch:
    LISTING = Listing("loans", search=value("=query.q"), search_in=("note", "book.author", "tags"))

    def test_any_case_anywhere(self) -> None:
        """In text and in lists of text; in the fields that were named only."""
        assert shown(self.LISTING, q="TRY") == [1]
        assert shown(self.LISTING, q="aus") == ["4"]
        assert shown(self.LISTING, q="b") == [1, 3]
        assert shown(self.LISTING, q="open") == []

    def test_empty(self) -> None:
        """An empty search is none."""
        assert shown(self.LISTING, q="") == shown(self.LISTING) == [1, 2, 3, "4"]


class TestSort:
    LISTING = Listing("loans", sort=value("=query.sort"), sort_default="-n")

    def test_asked_for_or_by_default(self) -> None:
        """Ties keep the rows' order."""
        assert shown(self.LISTING) == [1, 3, 2, "4"]
        assert shown(self.LISTING, sort="n") == [2, "4", 3, 1]
        assert shown(self.LISTING, sort="status,-n") == [3, "4", 1, 2]

    @pytest.mark.parametrize("nothing", ["", "  ", None, 5])
    def test_nothing_asked_for(self, nothing: Any) -> None:
        """What names no field leaves the default."""
        assert shown(self.LISTING, sort=nothing) == [1, 3, 2, "4"]


class TestPages:
    OFFSET = Listing("", of=value("=all"), limit=value("=query.limit"), offset=value("=query.offset"))
    PAGE = Listing("", of=value("=all"), limit=value("=query.limit"), page=value("=query.page"))

    def told(self, listing: Listing, count: int, **query: Any) -> Any:
        """Return what `list:` gives names to."""
        asked: Any = Asked(query=query, all=list(range(count)))
        return listed(listing, asked)

    @given(st.integers(0, 25), st.integers(1, 10))
    def test_all_pages_are_all_rows(self, count: int, limit: int) -> None:
        """Nothing is missing and nothing comes twice, and the totals say how many pages there are."""
        pages = self.told(self.PAGE, count, limit=limit)["pages"]
        assert pages == -(-count // limit)
        found = [self.told(self.PAGE, count, limit=limit, page=page) for page in range(1, pages + 1)]
        assert [row for one in found for row in one["rows"]] == list(range(count))
        assert all(one["total"] == count and one["limit"] == limit for one in found)
        assert [one["offset"] for one in found] == list(range(0, count, limit))

    @given(st.integers(0, 25), st.integers(0, 10), st.integers(0, 30))
    def test_a_window(self, count: int, limit: int, offset: int) -> None:
        """What an offset and a limit cut out of the whole."""
        found = self.told(self.OFFSET, count, limit=limit, offset=offset)
        assert found["rows"] == list(range(count))[offset : offset + limit]
        assert (found["total"], found["offset"]) == (count, offset)
        if limit and not offset % limit:
            assert found["page"] == offset // limit + 1

    def test_without_a_limit(self) -> None:
        """All of it is one page."""
        found = self.told(self.OFFSET, 5)
        assert (found["rows"], found["limit"], found["page"], found["pages"]) == ([0, 1, 2, 3, 4], 5, 1, 1)
        assert self.told(self.OFFSET, 0)["pages"] == 0

    @pytest.mark.parametrize("odd", [-1, -100])
    def test_what_the_contract_forbids(self, odd: int) -> None:
        """With `validate=off` anything comes through: a negative limit shows nothing, and nothing breaks."""
        assert self.told(self.OFFSET, 5, limit=odd)["rows"] == []
        assert self.told(self.OFFSET, 5, limit=2, offset=odd)["rows"] == [0, 1]
        assert self.told(self.PAGE, 5, limit=2, page=odd)["rows"] == [0, 1]
        assert self.told(self.OFFSET, 5, limit=True, offset="x")["rows"] == [0, 1, 2, 3, 4]
