"""
In which of its states a new thing is: as words say it, else by what a document lists.

"A new campaign is not archived", "Starts as `draft`", "0 when created"; of the answer to making one:
"The campaign stands and is active".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.behavior.numbered import meanings
from mockserver.behavior.wording import plain, words_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

_OVER = re.compile(
    r"cancell?ed|closed|completed?|failed|failure|errored|error|deleted|archived|expired|refunded|rejected"
    r"|declined|aborted|done|finished|stopped|terminated|revoked|blocked|banned|denied|disabled|paid|void"
    r"|succeeded|success|past|overdue|ended|inactive"
)
_FIRST = re.compile(r"draft|new|created|pending|open|queued|incomplete|requires|active|processing")
"""States that things end in, and those that they begin in."""


def begins(states: Sequence[Json] | None) -> Json:
    """Return the first of *states* that a new thing can be in: the alphabet puts "canceled" before "new"."""
    if not states:
        return None
    over = [isinstance(one, str) and _OVER.match(plain(one)) is not None for one in states]
    if not over[0]:
        return states[0]
    first = next((one for one in states if isinstance(one, str) and _FIRST.match(plain(one))), None)
    return first or next((one for one, is_over in zip(states, over, strict=True) if not is_over), states[0])


_AT_FIRST = re.compile(
    r"\binitial(ly)?\b|\bat first\b|\b(on|at|upon) (its )?creation\b|\b(just|newly|freshly) (created|made)\b"
    r"|\bwhen (it is |first )?(created|made)(?! (by|from|in|through|via|with)\b)"
    r"|\A\W*(always )?(starts?|begins?) (out )?(as|at|in|with)\b"
    r"|\bnew (\w+ )?\w+ (is|are|starts?|begins?)\b",
    re.IGNORECASE,
)
_PERHAPS = re.compile(
    r"\b(if|unless|except|depend\w*|or|may|might|can|could|usually|often|maybe|normally|whether)\b",
    re.IGNORECASE,
)
"""What makes a sentence one about some new things, and not about all."""
_WHEN_MADE = (
    r"(\bas an? (new )?|\b(and|it|which|that|\w+) is (now )?(in |an? )?|\bin (the )?"
    r"|\b(status|state) )[`'\"]?"
)
"""What stands before the state of what was made."""
_MAKES = re.compile(
    r"\A\W*(makes?|creates?|adds?|opens?|registers?|copies|clones?|duplicates?)\b"
    r"|\b(the|a) (new \w+|copy|clone) is\b",
    re.IGNORECASE,
)
"""What makes a sentence of an operation one about what it makes."""


def told_at_first(name: str, shape: Shape) -> Json:
    """Return what the property *name* is said to be in a new thing, by its description; else `MISSING`."""
    for sentence in re.split(r"(?<=[.;])\s|\n\s*\n", shape.described):
        if _AT_FIRST.search(sentence.strip()) and not _PERHAPS.search(sentence):
            said = " ".join(sentence.split())
            found = _flag(name, said) if "boolean" in shape.kinds else _one_of(shape, said)
            if found is not MISSING:
                return found
    return MISSING


def told_when_made(operation: Operation | None, shape: Shape) -> Json:
    """Return the state that *operation*, or its answer, is said to leave a new thing in; else `MISSING`."""
    promise = operation.success if operation is not None else None
    if operation is None or promise is None:
        return MISSING
    sentences = re.split(r"(?<=[.;])\s", f"{operation.summary}. {operation.description}")
    said = [promise.description, *(one for one in sentences if _MAKES.search(one.strip()))]
    states = _states(shape)
    found = {
        word
        for one in said
        if not _PERHAPS.search(one)
        for word in states
        if re.search(
            rf"{_WHEN_MADE}{re.escape(word)}[`'\"]?(?! (of|for|to|by|in|on)\b)(?=\W|$)",
            " ".join(one.split()),
            re.IGNORECASE,
        )
    }
    return states[found.pop()] if len(found) == 1 else MISSING


def _states(shape: Shape) -> dict[str, Json]:
    """Return what the values of *shape* are called."""
    return {**{one: one for one in shape.enum or () if isinstance(one, str)}, **meanings(shape)}


def _flag(name: str, said: str) -> Json:
    spoken = {word.lower() for word in re.findall(r"\b(true|false)\b", said, re.IGNORECASE)}
    if len(spoken) == 1:
        return spoken == {"true"}
    word = re.escape(" ".join(words_of(name)).removeprefix("is "))
    found = re.search(rf"\b(is|are) (?P<no>not |never )?(yet )?{word}\b", said, re.IGNORECASE)
    return MISSING if spoken or found is None else not found["no"]


def _one_of(shape: Shape, said: str) -> Json:
    if shape.enum is None:
        numbers = (
            re.findall(r"(?<![\w.,-])(\d+|zero)(?![\w-]|[.,]\d)", said) if "integer" in shape.kinds else []
        )
        return int(numbers[0].replace("zero", "0")) if len(numbers) == 1 else MISSING
    states = _states(shape)
    found = [
        value
        for word, value in states.items()
        if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said, re.IGNORECASE)
    ]
    return found[0] if len(found) == 1 else MISSING
