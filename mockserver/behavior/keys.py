"""
The keys of a collection that nobody filled: which ones it has, and which the next one gets.

A key belongs to its number for good: item 42 of /users is /users/42, on every
machine. Numbers count from 1 (or the least that is allowed); other keys are
drawn from the collection, the parent and the number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from random import Random
from string import ascii_lowercase, ascii_uppercase

from mockserver.behavior.draw import seeded_uuid
from mockserver.contract.shapes import Shape
from mockserver.errors import Ungeneratable
from mockserver.exchange import Json

Make = Callable[[str], Json]
"""Makes a key for a seed. Raises Ungeneratable."""

_MOST_KEPT = 1000
_BOUNDS = frozenset(("pattern", "format", "minLength", "maxLength", "const", "not"))
"""What says more of a key's text than that it is one."""


class Keys:
    """
    The keys of one collection.

    Args:
        name: Of the collection, part of every seed.
        shape: Of a key, as a row has it; None where no row has one.
        sent: Of a key, as a path has it; None where no path has one.
        make: Makes one that fits both.
        spoken: Whether keys are words: a slug, a name.
        documented: A key that a documented answer shows, "" where none does.
    """

    def __init__(
        self,
        name: str,
        shape: Shape | None,
        sent: Shape | None,
        make: Make,
        *,
        spoken: bool = False,
        documented: str = "",
    ) -> None:
        self.spoken = spoken
        self._documented = documented
        self._name = name
        self._shape = shape if shape is not None else sent
        self._faces = [face for one in (shape, sent) if one is not None for face in one.faces]
        self._make = make
        self._numbered: dict[str, dict[str, int]] = {}
        self._made: dict[str, Json] = {}
        self._firsts: dict[tuple[str, int], tuple[Json, ...]] = {}
        kinds = [one.kinds for one in (shape, sent) if one is not None and one.typed]
        self.numeric = not kinds or any(not one & {"string"} for one in kinds)
        """Whether keys are numbers, for a row or for a path."""
        self._textual = bool(kinds) and "string" in kinds[0] and (shape is None or shape.typed)

    @cached_property
    def _least(self) -> int:
        least = 1
        for face in self._faces:
            if isinstance(face.get("minimum"), (int, float)):
                least = max(least, int(face["minimum"]))
            if isinstance(face.get("exclusiveMinimum"), (int, float)):
                least = max(least, int(face["exclusiveMinimum"]) + 1)
        return least

    @cached_property
    def most(self) -> int:
        """How many keys there can be."""
        most = 1_000_000_000
        for face in self._faces:
            if isinstance(face.get("enum"), list):
                most = min(most, len(face["enum"]))
            if isinstance(face.get("maximum"), (int, float)):
                most = min(most, max(0, int(face["maximum"]) - self._least + 1))
        return most

    @cached_property
    def sample(self) -> str:
        """The text of the key that the schema itself shows, else a documented answer; "" without one."""
        for face in self._faces:
            for value in (face.get("example"), *(face.get("examples") or ())):
                if isinstance(value, (str, int)) and not isinstance(value, bool):
                    return str(value)
        return self._documented

    def typed(self, key: Json) -> Json:
        """Return *key* as its property has it: a path says "5" where the property is 5, and the reverse."""
        if isinstance(key, str):
            numbers = self._shape is not None and self._shape.typed and "string" not in self._shape.kinds
            return int(key) if numbers and key.isascii() and key.removeprefix("-").isdecimal() else key
        return str(key) if self._textual and not isinstance(key, bool) else key

    def at(self, seed: str, number: int) -> Json:
        """Return the key of the *number*th, counted from 1, of those that *seed* stands for."""
        if self.numeric:
            return self._least + number - 1
        known = f"{seed}|{number}"
        key = self._made.get(known)
        if key is None:
            if len(self._made) > 20 * _MOST_KEPT:
                self._made.clear()
            key = self._made[known] = self._drawn(known, number)
        return key

    @cached_property
    def _listed(self) -> list[list[Json]]:
        return [face["enum"] for face in self._faces if isinstance(face.get("enum"), list)]

    @cached_property
    def _uuid(self) -> bool:
        return any(face.get("format") == "uuid" for face in self._faces)

    @cached_property
    def _bound(self) -> bool:
        return any(face.keys() & _BOUNDS for face in self._faces)

    def _drawn(self, seed: str, number: int) -> Json:
        for listed in self._listed:
            if number <= len(listed):
                return listed[number - 1]
        seed = f"{self._name}|{seed}"
        if self._uuid:
            return seeded_uuid(seed)
        bound = self._bound
        if not bound and (self.sample or not self.spoken):
            return alike(self.sample, seed) if self.sample else seeded_uuid(seed)
        try:
            made = self._make(f"{seed}|key")
        except Ungeneratable:
            return str(number)
        if not bound:
            return f"{slug(str(made))}-{number}"
        return made if isinstance(made, (str, int)) and not isinstance(made, bool) else str(number)

    def of_words(self, words: str) -> str:
        """Return the key that *words*, a title or name, become; "" where keys are not made so."""
        free = self._textual and not any(face.keys() & {"format", "enum", "const"} for face in self._faces)
        made = slug(words)
        fits = all(_fits(face, made) for face in self._faces)
        return made if free and fits else ""

    def first(self, seed: str, count: int) -> Sequence[Json]:
        """Return the keys of the first *count*, each once."""
        if self.numeric:
            return range(self._least, self._least + min(count, self.most))
        known = self._firsts.get((seed, count))
        if known is None:
            if len(self._firsts) > _MOST_KEPT:
                self._firsts.clear()
            numbers = range(1, min(count, self.most) + 1)
            known = self._firsts[seed, count] = tuple(
                dict.fromkeys(self.at(seed, number) for number in numbers)
            )
        return known

    def number_of(self, seed: str, key: Json, count: int) -> int | None:
        """Return which of the first *count* has the *key*, None where none has."""
        if self.numeric:
            key = self.typed(key)
            try:
                number = int(key) - self._least + 1
            except (TypeError, ValueError):
                return None
            return number if 1 <= number <= min(count, self.most) else None
        known = self._numbered.get(f"{seed}|{count}")
        if known is None:
            if len(self._numbered) > _MOST_KEPT:
                self._numbered.clear()
            known = self._numbered[f"{seed}|{count}"] = {}
            for number, found in enumerate(self.first(seed, count), 1):
                known.setdefault(str(found), number)
        return known.get(str(key))


def slug(text: str) -> str:
    """Return *text* as it stands in an address: lower case, words joined by "-"."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "item"


def alike(sample: str, seed: str) -> str:
    """Return a text made as *sample* is: that of "cus_9s6XK" begins with "cus_", "12345" has five digits."""
    kept = max(sample.rfind("_"), sample.rfind("-")) + 1 if any(char.isdigit() for char in sample) else 0
    draw = Random(seed)
    made = [sample[:kept]]
    for char in sample[kept:]:
        if char.isdigit():
            made.append(draw.choice("123456789"))
        elif char.isascii() and char.isalpha():
            made.append(draw.choice(ascii_lowercase if char.islower() else ascii_uppercase))
        else:
            made.append(char)
    return "".join(made)


def _fits(face: Mapping[str, Json], text: str) -> bool:
    longest, least = face.get("maxLength"), face.get("minLength", 0)
    if len(text) < least or (longest is not None and len(text) > longest):
        return False
    try:
        return re.search(str(face.get("pattern", "")), text) is not None
    except re.error:
        return False
