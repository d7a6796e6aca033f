"""
Arrays whose items hang together: distinct, with places of their own, and `contains`.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.errors import Ungeneratable
from mockserver.generation import Generator
from mockserver.generation.proof import Prover
from mockserver.generation.seating import places_for
from mockserver.validation.values import RawValidator

ONE: Any = {"const": 1}
BIT: Any = {"enum": [0, 1]}
WORD: Any = {"type": "string", "maxLength": 1}


def array(**keywords: Any) -> Any:
    return {"type": "array", "uniqueItems": True, **keywords}


class TestLookingForThem:
    @pytest.mark.parametrize(
        "schema",
        [
            array(
                prefixItems=[{"enum": ["a", True]}, {"const": 0}, BIT],
                contains={"enum": ["c", 0, 1.5]},
                minContains=2,
            ),
            array(prefixItems=[BIT, BIT, ONE], minItems=2, contains=ONE),
            array(prefixItems=[BIT, ONE], minItems=2, items=BIT),
            array(
                prefixItems=[WORD, BIT], items={"enum": [0, 1, "a", "b"]}, minItems=4, contains={"const": 0}
            ),
            array(contains=BIT, minContains=2, maxContains=2, minItems=4, items={"enum": [0, 1, 2, 3]}),
        ],
    )
    def test_are_found(self, schema: Any) -> None:
        """The one value of a place is what another wants: only going back finds what fits."""
        accepts = RawValidator(schema).is_valid
        for seed in map(str, range(10)):
            assert accepts(Generator(schema, accepts=accepts).value(seed))

    @pytest.mark.parametrize(
        "schema",
        [
            array(contains=ONE, minContains=2),
            array(items=BIT, minItems=3),
            array(prefixItems=[{}], items=BIT, minItems=4),
            array(prefixItems=[ONE, BIT, BIT], minItems=3),
            array(prefixItems=[BIT, BIT, ONE], contains=WORD),
        ],
    )
    def test_are_not_there(self, schema: Any) -> None:
        """There are too few distinct values, which is said at the start and not in a 500."""
        dead = Prover().reason(schema)
        assert dead is not None
        assert dead.proved
        with pytest.raises(Ungeneratable):
            Generator(schema, accepts=RawValidator(schema).is_valid).value("1")

    @pytest.mark.parametrize(
        "schema",
        [
            array(contains=ONE, minContains=1),
            array(prefixItems=[{}], items=BIT, minItems=3),
            array(prefixItems=[BIT, BIT, {}], minItems=3),
            {**array(contains=ONE, minContains=2), "uniqueItems": False},
        ],
    )
    def test_are_just_there(self, schema: Any) -> None:
        """What can be is not called impossible."""
        assert Prover().reason(schema) is None


class TestPlaces:
    @pytest.mark.parametrize(
        ("values", "room"),
        [
            ([[0, 1], [1], [0]], 2),
            ([[0, 1], [1], [0, 2]], None),
            ([[0], None, [0]], 2),
            ([[], [1]], 0),
            ([[1], [1.0], [True]], 1),
        ],
    )
    def test_each_has_one_of_its_own(self, values: list[list[Any] | None], room: int | None) -> None:
        """A place gives its value to another where it has a second one; 1 and 1.0 are one value."""
        assert places_for(lambda at: values[at], len(values)) == room
