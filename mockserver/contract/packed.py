"""
One text that holds a whole value: "5", "a,b,c", "R,100,G,200", "R=100.G=200".

What the styles of OpenAPI have in common: all of them but the exploded query
and deepObject put a value into one text and differ only in what stands between
its parts (OpenAPI 3.1.1, Parameter Object, Style Examples).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver.contract.encoded import Misread
from mockserver.contract.shapes import Judge, Shape, plain, scalar
from mockserver.exchange import Json

Reader = Callable[[str], Json]

BETWEEN = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
"""Style -> what stands between items where nothing is percent-encoded; a comma in all other styles."""

_COLLECTIONS = {"ssv": " ", "tsv": "\t", "pipes": "|"}
"""Swagger 2.0's collectionFormat -> the same, for arrays in arrays."""


class Packed:
    """
    Reads one text by a shape.

    Attributes:
        shape: What the schema allows.
        between: What may separate array items, and the names and values of an unexploded object.
        pairs: What separates the "name=value" pairs of an exploded object, "" where it is not exploded.
        decode: Percent-decoding, done after the split.
        judge: Makes validators, for readings that only the schema can choose between.
    """

    def __init__(
        self,
        shape: Shape,
        between: Sequence[str],
        pairs: str,
        decode: Callable[[str], str],
        judge: Judge | None,
    ) -> None:
        self.shape = shape
        self.between = between
        self.pairs = pairs
        self.decode = decode
        self.judge = judge
        self._readers: dict[str | int, Reader] = {}

    def reader(self) -> Reader:
        """Return the quickest function that reads a text."""
        kinds = self.shape.kinds
        if self.shape.scalar or not self.shape.typed:
            return self.scalar()
        if kinds == {"array"}:
            return self.array
        if kinds == {"object"}:
            return self.object
        ways = [self.scalar()] if kinds - {"array", "object"} else []
        ways += [way for kind, way in (("array", self.array), ("object", self.object)) if kind in kinds]
        return first_accepted(ways, self.shape, self.judge)

    def scalar(self) -> Reader:
        """Return the function that reads a text as one scalar."""
        decode, read = self.decode, scalar(self.shape, self.judge)
        return decode if read is plain else lambda raw: read(decode(raw))

    def split(self, raw: str) -> list[str]:
        """Return the parts of *raw*; of no text, none."""
        if not raw:
            return []
        first, *others = self.between
        for other in others:
            raw = raw.replace(other, first)
        return raw.split(first)

    def array(self, raw: str) -> list[Json]:
        """Read an array."""
        return self.items(self.split(raw))

    def items(self, parts: Sequence[str]) -> list[Json]:
        """Read array items, each from its own text."""
        decode, prefixed = self.decode, self.shape.prefixed
        return [self.part(min(index, prefixed))(decode(part)) for index, part in enumerate(parts)]

    def object(self, raw: str) -> dict[str, Json]:
        """Read an object; a later value of a name wins."""
        decode = self.decode
        if self.pairs:
            pairs = [part.partition("=")[::2] for part in raw.split(self.pairs) if part]
        else:
            parts = self.split(raw)
            if len(parts) % 2:
                raise Misread(
                    f"{raw!r:.80} has {len(parts)} parts; an object is written as name,value,name,value here"
                )
            pairs = list(zip(parts[::2], parts[1::2], strict=True))
        named = [(decode(name), value) for name, value in pairs]
        return {name: self.part(name)(decode(value)) for name, value in named}

    def part(self, key: str | int) -> Reader:
        """Return the reader of the property, or of the item, *key*."""
        read = self._readers.get(key)
        if read is None:
            inner = self.shape.named(key) if isinstance(key, str) else self.shape.item(key)
            read = self._nested(inner) or scalar(inner, self.judge)
            if isinstance(key, int) or key in self.shape.names:  # names that strangers invent are not kept
                self._readers[key] = read
        return read

    def _nested(self, inner: Shape) -> Reader | None:
        """Return the reader of an array in an array; None where it would be separated as the outer one is."""
        if inner.kinds != {"array"}:
            return None
        said = next((face["collectionFormat"] for face in inner.faces if "collectionFormat" in face), "csv")
        between = _COLLECTIONS.get(said, ",") if isinstance(said, str) else ","
        return Packed(inner, between, "", plain, self.judge).array if between not in self.between else None


def first_accepted(
    ways: Sequence[Callable[[Any], Json]], shape: Shape, judge: Judge | None
) -> Callable[[Any], Json]:
    """
    Return a reader that takes the first of *ways* whose value the schema accepts, else the first that reads.

    Raises (the reader):
        Misread: When none of them can read.
    """
    accepts = judge(shape.document) if judge is not None and len(ways) > 1 else None

    def read(raw: Any) -> Json:
        found: list[Json] = []
        trouble: Misread | None = None
        for way in ways:
            try:
                value = way(raw)
            except Misread as error:
                trouble = error
                continue
            if accepts is None or accepts(value):
                return value
            found.append(value)
        if not found and trouble is not None:
            raise trouble
        return found[0]

    return read
