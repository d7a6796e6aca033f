"""
Whether two values say the same, with what any server may do to a value it was given.

1 and 1.0, "12.50" and 12.5, null and nothing, a time with milliseconds or an
offset, an accent as a sign of its own, a list of words in another order: these are ways
to write, not other values. What a format adds to them stands in `writings`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.naming import is_secret
from mockserver.verify.laws.writings import written_alike

_DATED = re.compile(r"\d{4}-\d\d-\d\d(?:$|[Tt ]\d\d:\d\d)")
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?")


def instant(value: Json) -> float | None:
    """Return the seconds since 1970 of a time or a day; None where *value* is none. No zone means UTC."""
    if not isinstance(value, str) or not _DATED.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def alike(one: Json, other: Json) -> bool:
    """Return whether *one* and *other* say the same."""
    if one is other:
        return True
    if one is None or one is MISSING:
        return other is None or other is MISSING
    if isinstance(one, bool) or isinstance(other, bool):
        return str(one).lower() == str(other).lower()
    if isinstance(one, dict):
        return isinstance(other, dict) and all(
            alike(one.get(name, MISSING), other.get(name, MISSING)) for name in {**one, **other}
        )
    if isinstance(one, list):
        return isinstance(other, list) and _alike_lists(one, other)
    if isinstance(other, (dict, list)) or other is None or other is MISSING:
        return False
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _same_time(one, other) or _same_amount(one, other) or _same_signs(one, other)
    return _same_number(one, other)


def _alike_lists(one: list[Json], other: list[Json]) -> bool:
    if len(one) == len(other) and all(map(alike, one, other)):
        return True
    scalar = not any(isinstance(value, (dict, list)) for value in (*one, *other))
    return scalar and {str(value) for value in one} == {str(value) for value in other}


def _same_time(one: str, other: str) -> bool:
    """A time may lose its milliseconds, and a day may be told as the time it begins."""
    first, second = instant(one), instant(other)
    return first is not None and second is not None and abs(first - second) < 1


def _same_amount(one: str, other: str) -> bool:
    """An amount that is kept as a decimal is told with all of its places: "12.5" as "12.50"."""
    return "." in one + other and _same_number(one, other)


def _same_signs(one: str, other: str) -> bool:
    """Unicode has two ways to write an accent, which are canonically equivalent (UAX #15)."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _same_number(one: Json, other: Json) -> bool:
    first, second = _number(one), _number(other)
    if first is None or second is None:
        return False
    if isinstance(first, int) and isinstance(second, int):
        return first == second  # keys: two that differ in the last of many digits are two
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)


def _number(value: Json) -> int | float | None:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            return None
        value = float(value) if "." in value else int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, (int, float)) else None


def agree(one: Json, other: Json) -> bool:
    """Return whether two answers say the same of one thing, as far as both say something."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(agree(value, other[name]) for name, value in one.items() if name in other)
    if isinstance(one, list) and isinstance(other, list) and any(isinstance(value, dict) for value in one):
        return len(one) == len(other) and all(map(agree, one, other))
    return alike(one, other)


def lost(sent: Json, shown: Json, shape: Shape) -> str | None:
    """
    Return where (a JSON Pointer) *shown* does not say what was *sent*, None where it says all of it.

    An object may be shown with more than was sent; what *shape*, the answer's own, does not know need not
    be shown.
    """
    if _told_otherwise(sent, shown, shape):
        return None
    if isinstance(sent, dict) and isinstance(shown, dict):
        for name, value in sent.items():
            if (is_secret(name) and name not in shown) or _is_given(name, sent, shape):
                continue
            if name in shown or (name in shape.names and value is not None):
                found = lost(value, shown.get(name, MISSING), shape.named(name))
                if found is not None:
                    return f"/{name}{found}"
        return None
    if isinstance(sent, list) and isinstance(shown, list) and any(isinstance(one, dict) for one in sent):
        if len(sent) != len(shown):
            return ""
        for index, (one, other) in enumerate(zip(sent, shown, strict=True)):
            if (found := lost(one, other, shape.item(index))) is not None:
                return f"/{index}{found}"
        return None
    same = alike(sent, shown) or written_alike(sent, shown, shape)
    return None if same or _unshowable(sent, shape) else ""


def _is_given(name: str, sent: Mapping[str, Json], shape: Shape) -> bool:
    """Return whether a server may name a part itself; an id alone says which other thing is meant."""
    return plain(name) in ("id", "uuid") and len(sent) > 1 and name not in shape.required


def _unshowable(sent: Json, shape: Shape) -> bool:
    """Return whether an answer cannot show what was sent as it is: *shape* excludes it, or a value in it."""
    if isinstance(sent, dict):
        return any(name in shape.names and _unshowable(sent[name], shape.named(name)) for name in sent)
    if isinstance(sent, list):
        return any(_unshowable(one, shape.item(index)) for index, one in enumerate(sent))
    return sent is not None and not RawValidator(shape.document).is_valid(sent)


def _told_otherwise(sent: Json, shown: Json, shape: Shape) -> bool:
    """Return whether an answer tells in another form what was sent: a key is shown as the thing it names."""
    if isinstance(sent, list) and isinstance(shown, list) and sent and shown:
        return _told_otherwise(sent[0], shown[0], shape.item(0))
    if _form(sent) == _form(shown) and shown is not None and shown is not MISSING:
        return False
    untold = shown is None or shown is MISSING
    return _form(sent) not in {_formed(kind) for kind in shape.kinds - {"null"}} or not (
        shape.typed or untold
    )


def _form(value: Json) -> str:
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "scalar"


def _formed(kind: str) -> str:
    return kind if kind in ("object", "array") else "scalar"
