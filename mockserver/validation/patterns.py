"""
Regular expressions of contracts, respelled for an engine of today.

`pattern` is ECMA-262 (JSON Schema 2020-12 Core, 6.4). The engine takes the
`u`-mode grammar; contracts also use what browsers still take without it
(ECMA-262, Annex B: lone braces, "\\0", identity escapes) and what people carry
over from Python and PCRE ("(?P<x>...)", "\\Z"). Only spelling changes here; an
expression that the engine takes as it is never comes this way.
"""

from __future__ import annotations

import re

_QUANTIFIER = re.compile(r"\{\d+(?:,\d*)?\}")
_KNOWN_ESCAPES = frozenset("dDwWsSbBtnvfrcxupPk0123456789")
_ANCHORS = {"A": "^", "Z": "$", "z": "$"}


_TOKEN = re.compile(r"\\[pPu]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|.", re.DOTALL)
_REPEATED = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_NO_CHARACTER = frozenset(("(", ")", "|", "\\b", "\\B", "*", "+", "?", "^", "$"))

LONGEST_REPETITION = 100
"""Times that something is repeated in an expression that was too large to be compiled."""


def respelled(pattern: str) -> str:
    """Return *pattern* in modern spelling, with the same meaning."""
    out: list[str] = []
    at = 0
    names = _group_numbers(pattern)
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            text, at = _escape(pattern, at, names)
        elif char == "[":
            text, at = _class(pattern, at)
        elif pattern.startswith("(?P<", at):
            text, at = "(?<", at + 4
        elif pattern.startswith("(?P=", at):
            end = pattern.find(")", at)
            text, at = f"\\{names.get(pattern[at + 4 : end], 0)}", end + 1
        elif pattern.startswith("(?#", at):
            end = pattern.find(")", at)
            text, at = "", end + 1 if end > 0 else len(pattern)
        elif char == "{":
            quantifier = _QUANTIFIER.match(pattern, at)
            text = quantifier[0] if quantifier and out else "\\{"
            at += len(text) if quantifier and out else 1
        elif char in "}]":
            text, at = f"\\{char}", at + 1
        else:
            text, at = char, at + 1
        out.append(text)
    return "".join(out)


def loosened(pattern: str) -> tuple[str, tuple[int, int] | None]:
    """
    Return *pattern*, which is too large to be compiled, with bounds for its long repetitions that are not.

    All that it finds is found, and more. Where one kind of character is all that stands between "^" and
    "$", the least and the most of them come with it: then lengths make up for what is lost.
    """
    tokens = _TOKEN.findall(pattern)
    out = [_loosened(token) for token in tokens]
    bounds = None
    if len(tokens) == 4 and (tokens[0], tokens[3]) == ("^", "$") and tokens[1] not in _NO_CHARACTER:
        found = _REPEATED.fullmatch(tokens[2])
        bounds = (int(found[1]), int(found[2] or found[1])) if found is not None and found[2] != "" else None
    return "".join(out), bounds


def _loosened(token: str) -> str:
    found = _REPEATED.fullmatch(token)
    if found is None or max(int(found[1]), int(found[2] or 0)) <= LONGEST_REPETITION:
        return token
    return f"{{{min(int(found[1]), LONGEST_REPETITION)},}}"


def _group_numbers(pattern: str) -> dict[str, int]:
    """The number of each named group: the engine knows references by number only."""
    numbers: dict[str, int] = {}
    bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", lambda found: "_" * len(found[0]), pattern, flags=re.DOTALL)
    for count, found in enumerate(re.finditer(r"\((?!\?)|\(\?P?<([A-Za-z_$][\w$]*)>", bare), 1):
        if found[1]:
            numbers[found[1]] = count
    return numbers


def _escape(pattern: str, at: int, names: dict[str, int]) -> tuple[str, int]:
    char = pattern[at + 1 : at + 2]
    if not char:
        return "\\\\", at + 1
    if char == "k":
        end = pattern.find(">", at)
        name = pattern[at + 3 : end] if end > 0 else ""
        return (f"\\{names[name]}", end + 1) if name in names else ("k", at + 2)
    if char == "0" and not pattern[at + 2 : at + 3].isdigit():
        return "\\x00", at + 2
    if char in _ANCHORS:
        return _ANCHORS[char], at + 2
    if char == "h":
        return "[ \\t]", at + 2
    if char.isalpha() and char.isascii() and char not in _KNOWN_ESCAPES:
        return char, at + 2
    return pattern[at : at + 2], at + 2


def _class(pattern: str, start: int) -> tuple[str, int]:
    """Return the character class that begins at *start*, and where it ends."""
    if pattern.startswith("[^]", start):
        return "[\\s\\S]", start + 3
    if pattern.startswith("[]", start):
        return "(?!)", start + 2
    out = ["["]
    at = start + 1
    if pattern.startswith("^", at):
        out.append("^")
        at += 1
    while at < len(pattern) and pattern[at] != "]":
        char = pattern[at]
        if char == "\\":
            after = pattern[at + 1 : at + 2]
            if after in ("b", "0"):
                out.append("\\x08" if after == "b" else "\\x00")
            elif after in "dDwWsSpP" or not (after.isalpha() and after.isascii()) or after in "tnvfrcxu":
                out.append(pattern[at : at + 2])
            else:
                out.append(after)
            at += 2
            continue
        if char in "[&~":
            out.append(f"\\{char}" if char == "[" else char)
        elif char == "-" and not _is_range(pattern, at, start):
            out.append("\\-")
        else:
            out.append(char)
        at += 1
    return "".join(out) + "]", at + 1


def _is_range(pattern: str, at: int, start: int) -> bool:
    """Whether the "-" at *at* stands between two single characters."""
    before, after = pattern[:at], pattern[at + 1 : at + 3]
    if at == start + 1 or after[:1] == "]" or after[:1] == "-" or before.endswith("-"):
        return False
    return not (re.search(r"\\[dDwWsS]$", before) or re.match(r"\\[dDwWsSpP]", after))
