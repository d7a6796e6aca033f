from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.behavior.rows import Rows, field, order, rows_of, sort
from mockserver.behavior.scope import Scope  # compiles the conditions of `select`
from mockserver.exchange import MISSING

assert Scope

VALUES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab", max_size=2)
TABLE = st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), max_size=8)

BOOKS = rows_of(
    [
        {"id": "dune", "pages": 412, "author": {"name": "Herbert"}, "tags": ["sf"], "out": True},
        {"id": "emma", "pages": 474, "author": {"name": "Austen"}, "tags": [], "out": False},
        {"id": "persuasion", "pages": None, "author": {"name": "Austen"}, "tags": ["sea"], "out": False},
        {"id": "notes", "out": 1},
    ]
)


def ids(rows: Any) -> list[str]:
    return [row["id"] for row in rows]


class TestField:
    def test_a_path_goes_down(self) -> None:
        """`author.name` is the author's name; what is not there on the way is absent, not an error."""
        row = {"author": {"name": "Austen"}, "a.b": 1}
        assert field(row, "author.name") == "Austen"
        assert field(row, "author.born") is MISSING
        assert field(row, "author.name.first") is MISSING
        assert field("text", "a") is MISSING

    def test_a_name_with_a_dot(self) -> None:
        """A property that is called so is that property."""
        assert field({"a.b": 1, "a": {"b": 2}}, "a.b") == 1


class TestWhere:
    def test_equal_fields(self) -> None:
        """Several fields must all be equal; a list means any of them; a path goes down."""
        assert ids(BOOKS.where(id="emma", pages=474)) == ["emma"]
        assert ids(BOOKS.where(id=["emma", "dune"])) == ["dune", "emma"]
        assert ids(BOOKS.where(**{"author.name": "Austen"})) == ["emma", "persuasion"]
        assert ids(BOOKS.where()) == ids(BOOKS)

    def test_true_is_not_one(self) -> None:
        """Python's 1 == True; JSON's are two values."""
        assert ids(BOOKS.where(out=True)) == ["dune"]
        assert ids(BOOKS.where(out=1)) == ["notes"]

    def test_null_is_a_value(self) -> None:
        """A field that is null is not one that is absent."""
        assert ids(BOOKS.where(pages=None)) == ["persuasion"]

    def test_a_list_equals_itself(self) -> None:
        """Where the field is a list, a list is compared as a whole."""
        assert ids(BOOKS.where(tags=["sea"])) == ["persuasion"]
        assert ids(BOOKS.where(tags=[])) == ["emma"]

    @given(TABLE, st.sampled_from("abc"), VALUES, st.sampled_from("abc"), VALUES)
    def test_an_index_changes_nothing(self, table: Any, a: str, x: Any, b: str, y: Any) -> None:
        """Narrowed by an index first and a look at the rest, or by a look at all: the same rows."""

        def equal(name: str, value: Any) -> Any:
            return [
                row
                for row in table
                if name in row
                and row[name] == value
                and isinstance(row[name], bool) is isinstance(value, bool)
            ]

        asked = {a: x, b: y}
        assert Rows(lambda: table, equal).where(**asked).list() == rows_of(table).where(**asked).list()

    def test_one_after_another(self) -> None:
        """A narrowed view is a view."""
        assert ids(BOOKS.where(out=False).where(pages=474).sort("id")) == ["emma"]


class TestQuestions:
    def test_one_row(self) -> None:
        """What is not there is undefined: a condition on it is false, a field of it undefined too."""
        assert BOOKS.first(**{"author.name": "Austen"})["id"] == "emma"
        assert not BOOKS.first(id="none")
        assert not BOOKS.first(id="none").author.name
        assert BOOKS.has(id="dune")
        assert not BOOKS.has(id="none")

    def test_by_key(self) -> None:
        """Only a collection has keys."""
        keyed = Rows(BOOKS.list, get=lambda key: next((row for row in BOOKS if row["id"] == key), MISSING))
        assert keyed.get("dune")["pages"] == 412
        assert not keyed.get("none")
        assert not BOOKS.get("dune")

    def test_numbers(self) -> None:
        """Sums and means pass over what is no number; there is no least of nothing."""
        assert BOOKS.count() == len(BOOKS) == 4
        assert BOOKS.sum("pages") == 886
        assert BOOKS.mean("pages") == 443
        assert (BOOKS.min("pages"), BOOKS.max("pages")) == (412, 474)
        assert rows_of([]).sum("pages") == rows_of([]).mean("pages") == 0
        assert not rows_of([]).max("pages")

    def test_sums_of_cents_are_exact_enough(self) -> None:
        """0.1 + 0.2 is answered as 0.3; a sum of integers is an integer."""
        assert rows_of([{"fee": 0.1}, {"fee": 0.2}]).sum("fee") == 0.3
        assert isinstance(rows_of([{"fee": 1}, {"fee": 2}]).sum("fee"), int)
        assert rows_of([{"fee": True}, {"fee": 2}]).sum("fee") == 2

    def test_values(self) -> None:
        """Rows without the field have no value; each value once, in the order of its first row."""
        assert BOOKS.pluck("author.name") == ["Herbert", "Austen", "Austen"]
        assert BOOKS.distinct("author.name") == ["Herbert", "Austen"]
        assert BOOKS.distinct("tags") == [["sf"], [], ["sea"]]

    def test_values_that_python_takes_for_equal(self) -> None:
        """true and 1 are two values."""
        assert [type(value) for value in BOOKS.distinct("out")] == [bool, bool, int]

    def test_a_condition_as_text(self) -> None:
        """For what equality cannot say; it knows `row`."""
        assert ids(BOOKS.select("row.pages and row.pages > 450")) == ["emma"]

    def test_groups(self) -> None:
        """In the order of first appearance; rows without the field are null's."""
        groups = BOOKS.group("author.name")
        assert [(group["value"], ids(group["rows"])) for group in groups] == [
            ("Herbert", ["dune"]),
            ("Austen", ["emma", "persuasion"]),
            (None, ["notes"]),
        ]
        assert groups[1]["rows"].sum("pages") == 474


class TestSort:
    def test_directions_and_several_fields(self) -> None:
        """As in a query: "-pages,id"."""
        assert ids(BOOKS.sort("-author.name, id")) == ["dune", "emma", "persuasion", "notes"]
        assert ids(BOOKS.sort("+id")) == ["dune", "emma", "notes", "persuasion"]

    @given(TABLE, st.sampled_from(["a", "-a", "a,-b", "-b,a,c"]))
    def test_order(self, table: Any, spec: str) -> None:
        """Any values can be sorted, nothing is lost, and ties keep the rows' order in either direction."""
        numbered = [{**row, "place": place} for place, row in enumerate(table)]
        found = sort(numbered, spec)
        assert sorted(row["place"] for row in found) == list(range(len(table)))
        for one, other in pairwise(found):
            for part in spec.split(","):
                a, b = order(field(one, part.lstrip("-"))), order(field(other, part.lstrip("-")))
                if a != b:
                    assert (a > b) if part[0] == "-" else (a < b)
                    break
            else:
                assert one["place"] < other["place"]

    @pytest.mark.parametrize("spec", ["", " ", ",", "-", "nothing", "-,+"])
    def test_what_names_no_field(self, spec: str) -> None:
        """A client's `sort=` may be anything; the order stays."""
        assert sort(BOOKS.list(), spec) == BOOKS.list()


class TestLaziness:
    def test_a_view_shows_what_has_changed(self) -> None:
        """Rows are asked for when they are needed: after a create there is one more."""
        table = [{"id": "a", "n": 1}]
        rows = Rows(lambda: table)
        some = rows.where(n=1).sort("-id")
        table.append({"id": "b", "n": 1})
        assert ids(some) == ["b", "a"]
        assert rows[1]["id"] == "b"
        assert bool(rows)
        table.clear()
        assert not rows

    def test_a_list_is_its_own(self) -> None:
        """What was handed out is not the store."""
        table = [{"id": "a"}]
        Rows(lambda: table).list().clear()
        assert table
