"""
Sets of characters, as sorted ranges of code points.

The universe ends at U+2FFF for whatever is negated or named by a Unicode property:
this is for *making* strings, where a part of the truth is enough, and the whole of
it would cost 300 ms at the first `\\p{L}`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]
"""Sorted, apart from each other, inclusive at both ends."""

TOP = 0x2FFF

DIGITS: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACE: Ranges = (
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
)
LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
ALL: Ranges = ((0, TOP),)

SCRIPTS: dict[str, Ranges] = {
    "latin": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F)),
    "greek": ((0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9)),
    "cyrillic": ((0x410, 0x44F),),
    "armenian": ((0x531, 0x556), (0x561, 0x586)),
    "hebrew": ((0x5D0, 0x5EA),),
    "arabic": ((0x627, 0x63A), (0x641, 0x64A)),
    "devanagari": ((0x905, 0x939),),
    "bengali": ((0x985, 0x98C),),
    "tamil": ((0xB85, 0xB8A),),
    "thai": ((0xE01, 0xE2E),),
    "georgian": ((0x10D0, 0x10F0),),
    "hangul": ((0xAC00, 0xD7A3),),
    "hiragana": ((0x3041, 0x3096),),
    "katakana": ((0x30A1, 0x30FA),),
    "han": ((0x4E00, 0x9FA5),),
}
"""The bulk of the scripts that patterns name (`\\p{Script=Greek}`)."""

CATEGORIES = {
    "letter": "L",
    "cased_letter": "LC",
    "uppercase_letter": "Lu",
    "lowercase_letter": "Ll",
    "titlecase_letter": "Lt",
    "modifier_letter": "Lm",
    "other_letter": "Lo",
    "mark": "M",
    "nonspacing_mark": "Mn",
    "number": "N",
    "decimal_number": "Nd",
    "digit": "Nd",
    "letter_number": "Nl",
    "other_number": "No",
    "punctuation": "P",
    "punct": "P",
    "dash_punctuation": "Pd",
    "connector_punctuation": "Pc",
    "open_punctuation": "Ps",
    "close_punctuation": "Pe",
    "other_punctuation": "Po",
    "symbol": "S",
    "currency_symbol": "Sc",
    "math_symbol": "Sm",
    "modifier_symbol": "Sk",
    "other_symbol": "So",
    "separator": "Z",
    "space_separator": "Zs",
    "other": "C",
    "control": "Cc",
    "cntrl": "Cc",
}


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return *ranges*, in any order and overlapping, as `Ranges`."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(ranges: Ranges, top: int = TOP) -> Ranges:
    """Return the code points up to *top* that are not in *ranges*."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if low > start:
            found.append((start, min(low - 1, top)))
        start = max(start, high + 1)
    if start <= top:
        found.append((start, top))
    return tuple((low, high) for low, high in found if low <= high)


def intersection(left: Ranges, right: Ranges) -> Ranges:
    """Return the code points in both."""
    found: list[tuple[int, int]] = []
    here = there = 0
    while here < len(left) and there < len(right):
        low = max(left[here][0], right[there][0])
        high = min(left[here][1], right[there][1])
        if low <= high:
            found.append((low, high))
        if left[here][1] < right[there][1]:
            here += 1
        else:
            there += 1
    return tuple(found)


@lru_cache(maxsize=64)
def named(name: str) -> Ranges | None:
    """
    Return the characters of a Unicode property, as in `\\p{name}`; None for an unknown one.

    General categories by short or long name, a few binary properties, and the common scripts (ECMA-262,
    22.2.1).
    """
    key, _, value = name.partition("=")
    wanted = (value or key).strip().lower().replace(" ", "_")
    if key.strip().lower() in ("script", "sc", "script_extensions", "scx") or wanted in SCRIPTS:
        return SCRIPTS.get(wanted)
    if wanted in ("any", "assigned"):
        return ALL
    if wanted == "ascii":
        return ((0, 0x7F),)
    if wanted in ("alphabetic", "alpha"):
        return _category("L")
    if wanted in ("uppercase", "upper"):
        return _category("Lu")
    if wanted in ("lowercase", "lower"):
        return _category("Ll")
    if wanted in ("white_space", "space"):
        return SPACE
    if wanted in ("emoji", "emoji_presentation", "extended_pictographic"):
        return ((0x1F600, 0x1F64F),)
    short = CATEGORIES.get(wanted, value or key)
    return _category(short) or None


def _category(short: str) -> Ranges:
    wanted = {"Lu", "Ll", "Lt"} if short == "LC" else None
    return union(
        (code, code)
        for code in range(TOP + 1)
        if (
            unicodedata.category(chr(code)) in wanted
            if wanted
            else unicodedata.category(chr(code)).startswith(short)
        )
    )


def folded(ranges: Ranges) -> Ranges:
    """Return *ranges* with the other case of each ASCII letter in them."""
    more = list(ranges)
    for low, high in intersection(ranges, ((0x41, 0x5A),)):
        more.append((low + 32, high + 32))
    for low, high in intersection(ranges, ((0x61, 0x7A),)):
        more.append((low - 32, high - 32))
    return union(more)


READABLE: tuple[Ranges, ...] = (
    ((0x61, 0x7A),),
    ((0x30, 0x39), (0x61, 0x7A)),
    ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    ((0x20, 0x7E),),
    ((0xA1, 0x2FFF),),
)
"""What to choose characters from, the most readable first."""

WIDE = 70
"""A set with more characters than this was not meant to be used up to its edges."""


@lru_cache(maxsize=4096)
def letters(ranges: Ranges) -> str:
    """Return up to some hundred readable characters of *ranges* to draw from; "" when it is empty."""
    ascii_part = intersection(ranges, READABLE[3])
    size = sum(high - low + 1 for low, high in ascii_part)
    if 0 < size <= WIDE:
        return _spelled(ascii_part)
    for preferred in READABLE:
        part = intersection(ranges, preferred)
        if part:
            return _spelled(part)
    return _spelled(ranges)


def _spelled(ranges: Ranges, most: int = 200) -> str:
    found: list[str] = []
    for low, high in ranges:
        for code in range(low, min(high, low + most) + 1):
            if not 0xD800 <= code <= 0xDFFF and (code > 0x9F or code < 0x7F):
                found.append(chr(code))
        if len(found) >= most:
            break
    if not found:  # nothing but control characters
        found = [chr(code) for low, high in ranges[:4] for code in range(low, min(high, low + 40) + 1)]
        found = [each for each in found if not 0xD800 <= ord(each) <= 0xDFFF]
    return "".join(found)
