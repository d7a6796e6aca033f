"""
An order that is found out around the pages that are asked for, and no further.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from mockserver.behavior import ordered, pieces, settling
from mockserver.behavior.columns import bounded, values_at
from mockserver.behavior.ordered import Ordered
from mockserver.behavior.pieces import Property
from mockserver.behavior.rows import orders, sort
from mockserver.behavior.store import Table
from mockserver.tests.costs import cost

SPECS = ("name", "-price", "kind,-price", "-kind,name", "mixed", "-mixed,name", "size.wide")
MIXED = (None, True, 2, 1.5, "b", "a", [1], [0], {"a": 1})


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are many."""
    for module, name, value in (
        (settling, "SMALL", 5),
        (ordered, "MARGIN", 3),
        (pieces, "SAMPLE", 12),
        (pieces, "SLACK", 1),
    ):
        monkeypatch.setattr(module, name, value)


def row(chance: random.Random) -> dict[str, Any]:
    """Return one of few, so that many are alike; some have no price."""
    made = {"name": chance.choice("abcdefgh"), "kind": chance.choice("xy"), "mixed": chance.choice(MIXED)}
    made |= {"price": chance.randrange(40) / 2} if chance.random() < 0.9 else {}
    return made | ({"size": {"wide": chance.randrange(9)}} if chance.random() < 0.5 else {})


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("seed", range(3))
def test_each_page_is_that_of_the_sorted_list(seed: int, spec: str, newest: bool) -> None:
    """
    Rows come, change and go while some of the order is found out: a page that is not sorted shows other rows.
    """
    chance, table = random.Random(seed), Table()
    for number in range(90):
        table.put(number, row(chance))
    whole = Ordered(table, (), newest=newest)
    listed = Ordered(table, orders(spec), newest=newest)
    part = Ordered(table, orders(spec), newest=newest)

    def few(rows: list[Any]) -> list[Any]:
        return [one for one in rows if one["name"] > "b"]

    def page(made: Ordered, expected: list[Any]) -> None:
        assert len(made) == len(expected)
        start = chance.choice((0, chance.randrange(len(expected)), max(0, len(expected) - 4)))
        assert made[start : start + 4] == expected[start : start + 4]

    for step in range(60):
        for _ in range(chance.randrange(4)):
            number = chance.randrange(100)
            if number in table.rows and chance.random() < 0.4:
                table.remove(number)
            else:
                table.put(number, row(chance))
        for number in range(step * 100 + 1000, step * 100 + 1000 + (step % 9 == 0) * 6):
            table.put(number, row(chance))  # several at once
        whole.update(lambda rows: rows, lambda: list(table.rows))
        for name in ("name", "mixed") if step == 20 else ():
            whole.column(name, values_at(name))
        if step % 25 == 24:
            listed = Ordered(table, orders(spec), newest=newest)
        listed.follow(whole, lambda rows: rows, lambda rows: rows, None)
        part.follow(
            whole, few, few, lambda column: [name > "b" for name in column("name", values_at("name"))]
        )
        rows = list(table.rows.values())
        there = rows[::-1] if newest else rows
        page(listed, sort(there, spec))
        page(part, sort(few(there), spec))
    assert list(listed) == sort(there, spec)


@pytest.mark.usefixtures("short")
def test_what_was_between_two_stretches_goes() -> None:
    """Nothing in order is left between two stretches that are not: what comes then still finds its place."""
    table = Table()
    for number in range(100):
        table.put(number, {"n": number * 37 % 100})
    whole, made = Ordered(table, (), newest=False), Ordered(table, (("n", False),), newest=False)

    def update() -> None:
        whole.update(lambda rows: rows, lambda: list(table.rows))
        made.follow(whole, lambda rows: rows, lambda rows: rows, None)

    update()
    assert [one["n"] for one in made[50:53]] == [50, 51, 52]
    for number, one in list(table.rows.items()):
        if 20 < one["n"] < 80:
            table.remove(number)
            update()
    table.put(200, {"n": 50})
    update()
    assert [one["n"] for one in made] == [*range(21), 50, *range(80, 100)]


def test_a_page_costs_less_than_the_order() -> None:
    """Who asks for the first page of many rows by another property does not wait until all are sorted."""
    chance, table = random.Random(1), Table()
    for number in range(60_000):
        table.put(number, {"name": f"{chance.random()}"})
    whole = Ordered(table, (), newest=False)
    whole.update(lambda rows: rows, lambda: list(table.rows))
    whole.column("name", values_at("name"))

    def asked(stop: int) -> list[Any]:
        made = Ordered(table, (("name", False),), newest=False)
        made.follow(whole, lambda rows: rows, lambda rows: rows, None)
        return made[:stop]

    assert asked(20) == sort(list(table.rows.values()), "name")[:20]
    assert cost(lambda: asked(20)) < cost(lambda: asked(60_000)) / 2


def test_kinds_of_values_stand_apart() -> None:
    """Null, numbers, texts and the rest are not compared with one another, which Python would refuse."""
    values = list(MIXED)
    found, alike = Property(values).beside(values.index(1.5), less=True)
    assert ([values[one] for one in found], [values[one] for one in alike]) == ([None, True], [1.5])
    found, alike = Property(values).beside(values.index([0]), less=False)
    assert ([values[one] for one in found], [values[one] for one in alike]) == ([[1], {"a": 1}], [[0]])


@pytest.mark.parametrize(
    ("wanted", "told"),
    [(2, [None, True, "b", [1]]), ("2026-01-01T00:00:00Z", [None, True, 2, "b", [1], "2026-01-01T00:00Z"])],
)
def test_what_is_usual_is_compared_at_once(wanted: Any, told: list[Any]) -> None:
    """A bound looks at a hundred thousand values: only what is written otherwise is worth a closer look."""
    values = [None, True, 2, "b", [1], "2026-01-01T00:00Z", "2026-01-01T00:00:00Z"]
    asked: list[Any] = []
    bounded(values, wanted, lambda one, other: one >= other, False, lambda one: asked.append(one) or False)
    assert [one for one in asked if one in told] == told
    assert wanted not in asked
