"""
Read documents that may be wrong: what cannot be used is left out, and said once.

A stranger's document has a parameter without a name or a `$ref` that was
renamed, and the rest of it is good. So whoever builds the contract asks here for
an object, a list or what a reference leads to, and gets one, an empty one where
the document has something else; the fault is noted with its place. Faults arise
when a part is first built, so their list grows while the contract is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from mockserver.contract.documents import Documents
from mockserver.contract.fields import misspelt
from mockserver.contract.sources import join_pointer
from mockserver.errors import SpecError
from mockserver.exchange import Json, Place

MOST_FAULTS = 10_000
"""Faults that are kept: a document with more of them is no better described by the rest."""

_YES = frozenset(("true", "yes", "on", "y", "1"))
"""What stands for true in other notations: YAML 1.1 took "yes" for it, 1.2 takes it for text."""


class Faults(Sequence[SpecError]):
    """
    What is wrong with a contract and does not keep it from being served; each thing once, in the order found.

    A list that grows. Lines are looked up when a fault is read, because most never are.

    Args:
        line: Gives the line of a place.
    """

    def __init__(self, line: Callable[[Place], int]) -> None:
        self._line = line
        self._found: dict[tuple[str, str, str], SpecError] = {}

    def add(self, place: Place, detail: str) -> None:
        """Note that at *place* something is wrong."""
        self.caught(SpecError(place.file, place.line, place.pointer, detail))

    def caught(self, error: SpecError) -> None:
        """Note an error that was raised and does not matter to the rest."""
        if len(self._found) < MOST_FAULTS:
            self._found.setdefault((error.file, error.pointer, error.detail), error)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[SpecError]:
        for error in tuple(self._found.values()):
            yield self._located(error)

    @overload
    def __getitem__(self, index: int) -> SpecError: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[SpecError]: ...

    def __getitem__(self, index: int | slice) -> SpecError | Sequence[SpecError]:
        found = list(self._found.values())[index]
        return [*map(self._located, found)] if isinstance(found, list) else self._located(found)

    def _located(self, error: SpecError) -> SpecError:
        if not error.line:
            error.line = self._line(Place(error.file, error.pointer))
        return error


def below(place: Place, *tokens: object) -> Place:
    """Return the place that *tokens* lead to from *place*."""
    return Place(place.file, join_pointer(place.pointer, *tokens))


def text(node: Json) -> str:
    """Return *node* where it is text, else ""."""
    return node if isinstance(node, str) else ""


def mapping(node: Json) -> dict[str, Any]:
    """Return *node* where it is an object, else {}."""
    return node if isinstance(node, dict) else {}


class Reading:
    """The documents of a contract, read as what they should be."""

    def __init__(self, documents: Documents, faults: Faults) -> None:
        self.documents = documents
        self.faults = faults

    def object(self, holder: dict[str, Any], place: Place, key: str) -> dict[str, Any]:
        """Return the object under *key* of *holder*, which stands at *place*; {} for none (null is none)."""
        node = holder.get(key)
        if node is None or isinstance(node, dict):
            return node or {}
        self.faults.add(below(place, key), f"{key} must be an object, found {node!r:.40}; it is left out")
        return {}

    def list(self, holder: dict[str, Any], place: Place, key: str) -> list[Json]:
        """Return the list under *key* of *holder*, which stands at *place*; [] for none (null is none)."""
        node = holder.get(key)
        if node is None or isinstance(node, list):
            return node or []
        self.faults.add(below(place, key), f"{key} must be a list, found {node!r:.40}; it is left out")
        return []

    def flag(self, holder: dict[str, Any], place: Place, key: str) -> bool:
        """Return whether *key* of *holder*, at *place*, says yes; one that says it as text is noted."""
        node = holder.get(key)
        if node is None or isinstance(node, bool):
            return node is True
        said = str(node).lower() in _YES
        detail = f"{key} must be true or false, found {node!r:.40}; read as {str(said).lower()}"
        self.faults.add(below(place, key), detail)
        return said

    def followed(self, place: Place, what: str) -> tuple[dict[str, Any] | None, Place]:
        """
        Return the object at *place* and where it stands, references followed.

        None where there is no object in the end; *what* it should have been is for the fault. Null is {}.
        """
        try:
            node, found = self.documents.follow(place)
        except SpecError as error:
            self.faults.caught(error)
            return None, place
        if node is None or isinstance(node, dict):
            self.hold(node or {}, found, what)
            return node or {}, found
        self.faults.add(place, f"{what} must be an object, found {node!r:.40}; it is left out")
        return None, found

    def hold(self, node: dict[str, Any], place: Place, what: str) -> None:
        """Note the fields of *node*, which is *what*, that are misspelt."""
        for key, meant in misspelt(node, what):
            self.faults.add(below(place, key), f"there is no {key!r} in {what}. Did you mean {meant!r}?")
