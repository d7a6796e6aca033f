from __future__ import annotations

import copy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockserver.behavior.columns import values_at
from mockserver.behavior.ordered import Ordered
from mockserver.behavior.rows import orders, sort
from mockserver.behavior.store import Table, Transaction
from mockserver.exchange import MISSING

KEYS = st.sampled_from([1, 2, "a", "b"])
VALUES = st.sampled_from([0, 1, 1.0, True, False, "1", "x", None, [1], {"a": 1}])
ROWS = st.dictionaries(st.sampled_from(["colour", "size"]), VALUES)


def tables(**rows: dict[Any, Any]) -> dict[str, Table]:
    made = {}
    for name, content in rows.items():
        made[name] = Table()
        for key, row in content.items():
            made[name].put(key, row)
    return made


def same(a: Any, b: Any) -> bool:
    """JSON's equality of scalars: true is not 1."""
    return isinstance(a, bool) is isinstance(b, bool) and a == b


def sized(rows: list[Any]) -> list[Any]:
    """Those that have a size; the very list where all of them have, as filters give it."""
    return rows if all("size" in row for row in rows) else [row for row in rows if "size" in row]


class Model(RuleBasedStateMachine):
    """Tables with a transaction are as a dict that is copied when it begins, and put back when undone."""

    @initialize(start=st.dictionaries(KEYS, ROWS, min_size=2))
    def begin(self, start: dict[Any, Any]) -> None:
        """A world with rows, and nothing changed."""
        self.tables = tables(things=start)
        self.model: dict[Any, Any] = dict(start)
        self.touched: set[Any] = set()
        self.number = 0
        self.kept: list[tuple[Table, Any]] = []
        self.lists: dict[tuple[str, bool], Ordered] = {}
        self.parts: dict[tuple[str, bool], Ordered] = {}
        self.open()

    def open(self) -> None:
        """Begin a transaction, and remember what to go back to."""
        self.transaction = Transaction(self.tables)
        self.before = (dict(self.model), set(self.touched), self.number)
        self.changed = 0

    @rule(key=KEYS, row=ROWS)
    def put(self, key: Any, row: Any) -> None:
        """A change keeps the row's place; a new row, or one made again after its deletion, comes last."""
        self.transaction.put("things", key, row)
        self.model[key] = row
        self.touched.add(key)
        self.changed += 1

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """A row goes; only one that is there, as `Changes.delete` does it."""
        key = data.draw(st.sampled_from(list(self.model)))
        self.transaction.delete("things", key)
        del self.model[key]
        self.touched.add(key)
        self.changed += 1

    @rule()
    def count(self) -> None:
        """Numbers of keys rise, and none is given twice."""
        self.number += 1
        assert self.transaction.number("things") == self.number

    @rule()
    def commit(self) -> None:
        """What was done stays."""
        assert self.transaction.commit() is (self.changed > 0)
        self.open()

    @rule()
    def rollback(self) -> None:
        """What was done has not happened: not the rows, not their order, not the numbers."""
        self.transaction.rollback()
        self.model, self.touched, self.number = self.before
        self.open()

    @precondition(lambda self: self.changed == 0)
    @rule()
    def fork(self) -> None:
        """A copy goes its own way: what happens to one does not show in the other."""
        table = self.tables["things"]
        self.kept.append((table, copy.deepcopy(list(self.model.items()))))
        self.tables["things"] = table.copy()
        self.open()

    @precondition(lambda self: self.changed == 0)
    @rule(
        spec=st.sampled_from(["", "size", "-size", "-colour,size"]),
        newest=st.booleans(),
        extra=st.dictionaries(st.integers(-3, -1), ROWS),
    )
    def listed(self, spec: str, newest: bool, extra: dict[int, Any]) -> None:
        """A list that follows what happens is what it would be if it were made anew."""
        table = self.tables["things"]
        known = self.lists.get((spec, newest))
        if known is None or known.table is not table:
            known = self.lists[spec, newest] = Ordered(table, orders(spec), newest=newest)
        coloured = lambda rows: [row for row in rows if "colour" in row]  # noqa: E731
        known.update(
            coloured,
            lambda: self.transaction.all_keys("things"),
            {place: row for place, row in extra.items() if "colour" in row},
        )
        strangers = [extra[place] for place in sorted(extra)]
        whole = coloured([*strangers, *self.model.values()])
        expected = sort(whole[::-1] if newest else whole, spec)
        assert list(known) == expected
        if spec:
            return
        for order in ("", "-size,colour"):
            part = self.parts.get((order, newest))
            if part is None or part.table is not table:
                part = self.parts[order, newest] = Ordered(table, orders(order), newest=newest)
            part.follow(
                known,
                lambda rows: sized(coloured(rows)),
                sized,
                lambda column: [size is not MISSING for size in column("size", values_at("size"))],
            )
            assert list(part) == sort([row for row in expected if "size" in row], order)

    @rule(field=st.sampled_from(["colour", "size"]), value=VALUES)
    def where(self, field: str, value: Any) -> None:
        """An index answers as a look at every row does, in the rows' order; what it cannot tell it says."""
        found = self.transaction.where("things", field, value)
        if found is None:
            assert value is None or isinstance(value, (list, dict))
            assert self.transaction.keys("things", field, value) is None
            return
        assert found == [(k, r) for k, r in self.model.items() if field in r and same(r[field], value)]
        assert self.transaction.keys("things", field, value) == [key for key, _ in found]

    @invariant()
    def as_the_model_says(self) -> None:
        """Rows, their order, single rows and what was touched."""
        assert list(self.transaction.scan("things")) == list(self.model.items())
        for key in (1, 2, "a", "b"):
            assert self.transaction.get("things", key) is self.model.get(key)
            assert self.transaction.touched("things", key) == (key in self.touched or key not in self.model)
        for table, rows in self.kept:
            assert list(table.rows.items()) == rows


Model.TestCase.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
TestModel = Model.TestCase


class TestTransaction:
    def test_made_again_and_undone_stands_where_it_stood(self) -> None:
        """Nothing has happened after a rollback, so a list is in the same order as before."""
        made = tables(things={1: {"n": 1}, 2: {"n": 2}, 3: {"n": 3}})
        transaction = Transaction(made)
        transaction.delete("things", 1)
        transaction.put("things", 1, {"n": 9})
        assert [key for key, _ in transaction.scan("things")] == [2, 3, 1]
        transaction.rollback()
        assert list(made["things"].rows.items()) == [(1, {"n": 1}), (2, {"n": 2}), (3, {"n": 3})]

    def test_a_row_is_never_changed_in_place(self) -> None:
        """An answer that holds a row still says the same while the next request replaces it."""
        made = tables(things={1: {"n": 1}})
        transaction = Transaction(made)
        held = transaction.get("things", 1)
        transaction.put("things", 1, {"n": 2})
        transaction.commit()
        assert held == {"n": 1}

    def test_a_key_that_cannot_be_one(self) -> None:
        """A client may send a list where a key is meant; it is nobody's."""
        transaction = Transaction(tables(things={}))
        assert transaction.get("things", [1]) is None
        assert transaction.get("things", {"a": 1}) is None

    def test_a_path_is_for_a_scan(self) -> None:
        """Only a row's own fields have an index."""
        assert Transaction(tables(things={1: {"a": {"b": 1}}})).where("things", "a.b", 1) is None

    def test_two_tables_are_undone_together(self) -> None:
        """A refusal that is only seen on the way undoes everything before it."""
        made = tables(books={1: {}}, loans={})
        transaction = Transaction(made)
        transaction.put("loans", 7, {"book": 1})
        transaction.delete("books", 1)
        transaction.rollback()
        assert made["books"].rows == {1: {}}
        assert made["loans"].rows == {}
        assert transaction.commit() is False
