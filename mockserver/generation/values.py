"""
Values for a schema: the way into this room.

Most values are right at the first draw. Each is held against `accepts` all the
same, and what is refused is drawn again, each time with less freedom: other
chance, then without regard to names and examples, then with nothing optional.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Literal

from mockserver.contract.kept import KEPT, weight_of
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation.draw import Draw, moment
from mockserver.generation.nodes import Document, Node
from mockserver.generation.proof import Prover
from mockserver.generation.sizes import Sizes
from mockserver.generation.sources import Schema
from mockserver.generation.variants import variants

ATTEMPTS = (
    (False, True),
    (False, True),
    (True, True),
    (False, False),
    (True, False),
    (True, True),
    (True, False),
    (True, True),
    (False, True),
)
"""(plain, full) of each try: names and examples are left aside, optional properties are left out."""

MEAGRE = len(ATTEMPTS) - 2
"""
From this try on optional properties are made even where they were not asked for: without, nothing was found.
"""


NAMING = "the names of the variants"
"""The seed whose forms give the list its names: which branch another seed takes must not change them."""


class Generator:
    """
    Makes values of one schema.

    Args:
        schema: A self-contained JSON Schema 2020-12 document.
        accepts: Tells whether a whole value is valid; None to trust what is made.
        locale: A locale of Faker, for names and texts.
        name: What the value is called, e.g. "campaign".
        direction: Which way the value travels: a response has no optional writeOnly properties, a request no
            optional readOnly ones.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        accepts: Callable[[Json], bool] | None = None,
        locale: str = "en_US",
        name: str = "",
        direction: Literal["request", "response"] = "response",
    ) -> None:
        self.schema = schema
        self.accepts = accepts
        self._options = (locale, name, "readOnly" if direction == "request" else "writeOnly")
        self._opened: Document | None = None
        self._impossible: Ungeneratable | None = None

    @property
    def _document(self) -> Document:
        document = self._opened
        if document is None:
            document = self._opened = Document(self.schema, *self._options)
            KEPT.add(self, 2 * weight_of(self.schema))
        return document

    def let_go(self) -> None:
        """Forget all nodes; they are opened again when a value is asked for (see `kept`)."""
        self._opened = None

    def value(
        self,
        seed: str,
        *,
        given: Json = MISSING,
        items: int | None = None,
        now: str = "2026-01-01T00:00:00Z",
        full: bool = True,
        shown: bool = False,
    ) -> Json:
        """
        Return a value, always the same for the same arguments.

        Args:
            seed: Any text.
            given: A part that is known: kept as it is; what is missing in its objects is added.
            items: Length of the outermost array (the value itself, or the first array inside it), kept within
                minItems and maxItems.
            now: RFC 3339; dates are drawn around it.
            full: Whether optional properties are made; else only those without which nothing is valid.
            shown: Whether what the schema itself shows (`example`, `examples`, a null `default`) is taken
                first.

        Raises:
            Ungeneratable: No valid value was found.
        """
        if self._impossible is not None:
            raise self._impossible.again()
        root = self._root()
        clock = moment(now)
        last: Ungeneratable | None = None
        for attempt, (plain, rich) in enumerate(ATTEMPTS):
            ctx = Draw(
                f"{seed}#{attempt}" if attempt else seed,
                clock,
                full=rich and (full or attempt >= MEAGRE),
                plain=plain,
                length=items,
                shown=shown and not attempt,
            )
            try:
                value = root.draw(ctx) if given is MISSING else root.fill(ctx, given)
            except Ungeneratable as dead:
                last = dead
                continue
            except RecursionError:  # the caller's own stack was deep already
                last = Ungeneratable("", "every value would hold another of its kind without end")
                continue
            if self.accepts is None or self.accepts(value):
                return value
        self._impossible = Prover().reason(self.schema)
        if self._impossible is not None:
            raise self._impossible.again()
        raise last or Ungeneratable("", "every value that was made breaks some keyword")

    def agreed(self, value: dict[str, Json], names: Collection[str]) -> dict[str, Json]:
        """
        Return the object *value* with those of *names* changed that follow from what else is in it.

        A total is the sum of its lines, an amount the price times the quantity. Nothing else is looked at.
        """
        root = self._document.root
        try:
            root.prepare()
        except (Ungeneratable, RecursionError):
            return value
        agreed = dict(value)
        if root.object is not None:
            root.object.agree.see(agreed, value.keys() - set(names))
        return agreed

    def _root(self) -> Node:
        """Return the node of the document; `Ungeneratable` where its values are larger than is made."""
        if self._opened is None:
            try:
                Sizes().hold(self._document.source)
            except Ungeneratable as dead:
                self._impossible = dead
                raise
        return self._document.root

    def variants(self, seed: str) -> list[tuple[str, Json]]:
        """
        Return valid forms that a client is likely to trip over, as (name, value), always in the same order.

        Raises:
            Ungeneratable: No valid value was found.
        """
        named, forms = self._forms(NAMING), dict(self._forms(seed))
        return [(name, forms.get(name, value)) for name, value in named]

    def _forms(self, seed: str) -> list[tuple[str, Json]]:
        root = self._root()
        accepts = self.accepts or root.fits
        return variants(
            root, lambda full, items: self.value(seed, full=full, items=items), accepts, seed, moment("")
        )
