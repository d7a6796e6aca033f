"""
What the numbers of a property mean, where a contract says it: 0 is active, 1 is paused.

Old interfaces number their states. The words stand beside: in a table or a list of the description
("0 active, 1 paused"), or under one of the names that generators of clients know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape

_NAMED = ("x-enum-varnames", "x-enumNames", "x-enum-names", "x-enum-descriptions")

_WORD = (
    r"[`*]*\s*(?:\||=|:|-|\u2013|is\b|means\b)?\s*[`*'\"]*([A-Za-z][\w -]{1,30}?)[`*'\"]*\s*(?:[,;.|()\n/]|$)"
)


def meanings(shape: Shape) -> dict[str, int]:
    """Return word -> number, the words plain; {} where not two of the numbers are called something."""
    numbers = [one for one in shape.enum or () if isinstance(one, int) and not isinstance(one, bool)]
    if len(numbers) < 2:
        return {}
    for face in shape.faces:
        for said in (_listed(face, numbers), _described(str(face.get("description", "")), numbers)):
            found: dict[str, int] = {}
            for number, word in said:
                found.setdefault(plain(word), number)
            if len(found) > 1:
                return found
    return {}


def _listed(face: Mapping[str, Any], numbers: list[int]) -> Iterator[tuple[int, str]]:
    for name in _NAMED:
        words = face.get(name)
        if isinstance(words, list) and len(words) == len(numbers):
            yield from ((number, str(word)) for number, word in zip(numbers, words, strict=True))
            return


def _described(text: str, numbers: list[int]) -> Iterator[tuple[int, str]]:
    """Yield what stands behind each number, up to a sign that ends it."""
    for number in numbers:
        found = re.search(rf"(?<![\w.,-]){number}{_WORD}", text)
        if found is not None:
            yield number, found[1]
