"""
Runtime expressions: a value that is known once a request was sent or answered.

OpenAPI 3.1.1, Runtime Expressions: `$request.body#/callbackUrl` and its like, in
links (what the next request says) and in callbacks (where a request goes). What
an expression asks for may not be there; that is no fault of the document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from mockserver.contract.sources import split_pointer
from mockserver.exchange import MISSING, Arguments, Json

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")
_SIMPLE = re.compile(r"\$(url|method|statusCode)")
_PLACED = re.compile(r"\$(request|response)\.(header|query|path|body)(?:\.([^#]+)|#(/.*)?)?", re.DOTALL)


class LeadsNowhere(Exception):
    """An expression asks for what is not there; the text says what."""


@dataclass(frozen=True, eq=False)
class Happening:
    """
    A request and its answer, as expressions ask for them.

    Attributes:
        url: What was addressed, with query.
        method: Upper case.
        status: Of the answer.
        request: As its contract read it.
        headers: Of the request, by lower-case name.
        answer_headers: Of the answer, by lower-case name.
        answer: The answer's body as JSON; `MISSING` where there is none.
    """

    url: str
    method: str
    status: int
    request: Arguments
    headers: dict[str, str] = field(default_factory=dict)
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: Json = MISSING

    def value(self, expression: str) -> Json:
        """
        Return what *expression* ("$request.body#/url") stands for.

        Raises:
            LeadsNowhere: It asks for what is not there, or is no runtime expression.
        """
        if simple := _SIMPLE.fullmatch(expression):
            return {"url": self.url, "method": self.method, "statusCode": self.status}[simple[1]]
        placed = _PLACED.fullmatch(expression)
        if placed is None:
            raise LeadsNowhere(f"{expression} is no runtime expression")
        side, where, name, pointer = placed.groups()
        found = MISSING
        if where == "body":
            found = pointed(self.request.body if side == "request" else self.answer, pointer or "")
        elif where == "header" and name:
            found = (self.headers if side == "request" else self.answer_headers).get(name.lower(), MISSING)
        elif side == "request" and name:
            found = (self.request.query if where == "query" else self.request.path).get(name, MISSING)
        if found is MISSING:
            raise LeadsNowhere(f"there is no {expression}")
        return found

    def text(self, address: str) -> str:
        """
        Return *address* with its expressions filled in; other braces stay as they are.

        Raises:
            LeadsNowhere: Something that it asks for is not there.
        """
        if address.startswith("$"):
            return str(self.value(address))
        return _EMBEDDED.sub(lambda found: str(self.value(found[1])), address)


def pointed(value: Json, pointer: str) -> Json:
    """Return what *pointer* (RFC 6901) leads to in *value*; `MISSING` where it leads to nothing."""
    for step in split_pointer(pointer):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value
