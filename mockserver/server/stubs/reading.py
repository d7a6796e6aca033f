"""
Read what a client has sent as JSON, by closed lists of keys.

WireMock answers 422 to what it does not know, with an `errors` list that points
into the document. Ours says as well what was probably meant: a stub with
"urlPatern" that is taken and never matches costs an afternoon.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TypeVar

import orjson

from mockserver.errors import nearest
from mockserver.exchange import Json, dumps

T = TypeVar("T")


class Unfit(Exception):
    """
    A document says what cannot be read. Holds WireMock's `errors` entry.

    Attributes:
        pointer: JSON Pointer to the place.
        detail: What was expected, what was found, the nearest thing that exists.
    """

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{pointer}: {detail}" if pointer else detail)
        self.pointer = pointer
        self.detail = detail

    def json(self) -> Json:
        """Return the body of the 422 answer."""
        error: Json = {"code": 10, "title": "Error parsing JSON", "detail": self.detail}
        if self.pointer:
            error["source"] = {"pointer": self.pointer}
        return {"errors": [error]}


def parsed(body: bytes) -> Json:
    """Return *body* as JSON. Raises Unfit."""
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise Unfit("", f"The body is not JSON: {error}") from error


class Doc:
    """
    A JSON object that is being read.

    Args:
        value: What should be an object.
        pointer: Where it stands.

    Raises:
        Unfit: It is none.
    """

    def __init__(self, value: Json, pointer: str = "") -> None:
        if not isinstance(value, dict):
            raise Unfit(pointer, f"expected an object, found {shown(value)}")
        self.value: dict[str, Json] = value
        self.pointer = pointer

    def __contains__(self, key: str) -> bool:
        return self.value.get(key) is not None

    def at(self, key: str | int) -> str:
        """Return the pointer to *key*."""
        return f"{self.pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"

    def unfit(self, key: str, detail: str) -> Unfit:
        """Return the error that *key* says what it must not."""
        return Unfit(self.at(key), detail)

    def only(self, known: Collection[str]) -> None:
        """Refuse keys that are not *known*; the error names the nearest."""
        for key in self.value:
            if key not in known:
                raise self.unfit(key, f'Unrecognized field "{key}".{nearest(key, known)}')

    def text(self, key: str) -> str | None:
        """Return a string, or None where there is none."""
        return self._typed(key, str, "a string")

    def whole(self, key: str) -> int | None:
        """Return an integer, or None."""
        return self._typed(key, int, "a whole number")

    def number(self, key: str) -> float | None:
        """Return a number, or None."""
        found = self._typed(key, (int, float), "a number")  # type: ignore[arg-type]
        return None if found is None else float(found)

    def flag(self, key: str) -> bool:
        """Return a boolean; False where there is none."""
        return bool(self._typed(key, bool, "true or false"))

    def doc(self, key: str) -> Doc | None:
        """Return an object, or None."""
        return Doc(self.value[key], self.at(key)) if key in self else None

    def list(self, key: str) -> list[tuple[Json, str]]:
        """Return the items of an array with their pointers; [] where there is none."""
        if key not in self:
            return []
        found = self.value[key]
        if not isinstance(found, list):
            raise self.unfit(key, f"expected an array, found {shown(found)}")
        return [(item, f"{self.at(key)}/{index}") for index, item in enumerate(found)]

    def docs(self, key: str) -> Iterator[Doc]:
        """Yield the items of an array of objects."""
        for item, pointer in self.list(key):
            yield Doc(item, pointer)

    def members(self, key: str, read: Callable[[Json, str], T]) -> dict[str, T]:
        """Return the members of an object, each read by *read(value, pointer)*; {} where there is none."""
        within = self.doc(key)
        if within is None:
            return {}
        return {name: read(value, within.at(name)) for name, value in within.value.items()}

    def _typed(self, key: str, kind: type[T], said: str) -> T | None:
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, kind) or (isinstance(found, bool) and kind is not bool):
            raise self.unfit(key, f"expected {said}, found {shown(found)}")
        return found


def shown(value: Json) -> str:
    """Return *value* as JSON, shortened for a sentence."""
    text = dumps(value).decode()
    return text if len(text) <= 60 else f"{text[:57]}..."
