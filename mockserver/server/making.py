"""
Make values of schemas that stand in no contract by themselves: a row inside an envelope, a key.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING

from mockserver.exchange import MISSING, Json
from mockserver.validation.values import RawValidator

if TYPE_CHECKING:  # imported when first used: a start needs none of it
    from mockserver.generation import Generator


class Maker:
    """
    Makes values of one schema.

    Args:
        document: A self-contained JSON Schema 2020-12.
        name: What its values are called, a hint.
        now: RFC 3339; times are made around it.
        locale: A locale of Faker.
    """

    def __init__(self, document: Json, name: str, now: str, locale: str) -> None:
        self._document = document
        self._name = name
        self._now = now
        self._locale = locale
        self.accepts: Callable[[Json], bool] = RawValidator(document).is_valid

    def value(self, seed: str, *, given: Json = MISSING, full: bool = True, shown: bool = False) -> Json:
        """
        Return a valid value that belongs to *seed*, with *given* kept as it is.

        *full* gives optional properties too; *shown* takes the schema's own examples first.

        Raises Ungeneratable.
        """
        return self._made.value(seed, given=given, now=self._now, full=full, shown=shown)

    def agreed(self, value: dict[str, Json], names: Collection[str]) -> dict[str, Json]:
        """Return the object *value* with those of *names* changed that follow from what else is in it."""
        return self._made.agreed(value, names)

    @cached_property
    def _made(self) -> Generator:
        from mockserver.generation import Generator

        return Generator(self._document, accepts=self.accepts, name=self._name, locale=self._locale)
