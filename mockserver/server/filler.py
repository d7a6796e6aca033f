"""
What fills one schema: of a response's body, or of one of its headers.

Each part is made when it is first needed: a validator, a generator, what cuts a value to the schema.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from mockserver.contract.model import Schema
from mockserver.contract.shapes import Shape
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation.cut import Cut, compile_cut
from mockserver.server.impossible import told
from mockserver.validation.values import Validator

if TYPE_CHECKING:  # imported when first used: a start does not need it
    from mockserver.generation import Generator

LOCALE = "en_US"
LATELY = 16
"""Made-up answers of one schema that are kept."""

T = TypeVar("T")


class Filler:
    """
    All that is needed to fill a schema: cut to it, check against it, generate for it.

    Args:
        schema: Of a response body or header.
        name: What the value is called, a hint for generation.
        locale: A locale of Faker.
    """

    def __init__(self, schema: Schema, name: str = "", locale: str = LOCALE) -> None:
        self._schema = schema
        self._name = name
        self._locale = locale
        self._validator: Validator | None = None
        self._generators: dict[str, Generator] = {}
        self._lately: dict[Any, Any] = {}

    @property
    def is_valid(self) -> Callable[[Json], bool]:
        """The quick verdict on a value."""
        if self._validator is None:
            self._validator = Validator(self._schema, "response")
        return self._validator.is_valid

    @cached_property
    def cut(self) -> Cut:
        """What leaves out what the schema does not know."""
        return compile_cut(self._schema.json("response"))

    @cached_property
    def shape(self) -> Shape:
        """Which members a body has."""
        return Shape(self._schema.json("response"))

    def generate(
        self,
        seed: str,
        *,
        given: Json = MISSING,
        items: int | None = None,
        now: str,
        full: bool = True,
        shown: bool = False,
        locale: str = "",
    ) -> Json:
        """
        Return a valid value that belongs to *seed*, with *given* kept as it is.

        *full* gives optional properties too; *shown* takes the schema's own examples first; *locale* is
        another one than usual.

        Raises Ungeneratable.
        """
        return self._made(locale).value(seed, given=given, items=items, now=now, full=full, shown=shown)

    def once(self, asked: Any, make: Callable[[], T]) -> T:
        """
        Return what *make* gives for *asked*: the same each time, so it is made once while few others are.

        Nobody changes what is returned.
        """
        found: T | None = self._lately.get(asked)
        if found is None:
            found = make()
            if len(self._lately) >= LATELY:  # under a server of threads another may have dropped it
                oldest, *_ = tuple(self._lately)
                self._lately.pop(oldest, None)
            self._lately[asked] = found
        return found

    @cached_property
    def variants(self) -> dict[str, Json]:
        """
        The valid but nasty forms of the value, by name: the same ones in every answer, on every machine.

        Raises Ungeneratable.
        """
        return dict(self._made().variants(""))

    def variant(self, name: str, seed: str) -> Json:
        """
        Return the variant *name* as it is drawn for *seed*.

        Which forms there are depends a little on what is drawn: one that *seed* has not is the usual one.

        Raises Ungeneratable; KeyError where there is no such variant.
        """
        usual = self.variants[name]
        return dict(self._made().variants(seed)).get(name, usual) if seed else usual

    def why(self, error: Ungeneratable) -> str:
        """Return why nothing can be generated, and which line of the contract's says so."""
        return told(self._schema, error)

    def _made(self, locale: str = "") -> Generator:
        locale = locale or self._locale
        found = self._generators.get(locale)
        if found is None:
            from mockserver.generation import Generator

            found = self._generators[locale] = Generator(
                self._schema.json("response"), accepts=self.is_valid, name=self._name, locale=locale
            )
        return found
