"""
Follow the links of an answer: what can be asked next, and with which values.

OpenAPI 3.1.1, Link Object and Runtime Expressions: a value comes from the
request that was sent or from the answer that came. What an expression asks for
may not be there (the first item of an empty list); then the link leads nowhere
this time, which is no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import orjson

from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Operation
from mockserver.contract.sources import split_pointer
from mockserver.exchange import MISSING, Json
from mockserver.verify.findings import Exchanged
from mockserver.verify.requests import Key, Said, saying

_EMBEDDED = re.compile(r"\{(\$[^{}]+)\}")
_SIMPLE = re.compile(r"\$(url|method|statusCode)")
_PLACED = re.compile(r"\$(request|response)\.(header|query|path|body)(?:\.([^#]+)|#(/.*)?)?", re.DOTALL)


class LeadsNowhere(Exception):
    """A link cannot be followed from this answer; its text says why."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What was asked and answered, with what the request said."""

    operation: Operation
    said: Said
    exchanged: Exchanged

    def value(self, expression: str) -> Json:
        """
        Return what a runtime expression stands for.

        Raises:
            LeadsNowhere: It asks for what is not there, or is no runtime expression.
        """
        response = self.exchanged.response
        assert response is not None
        if simple := _SIMPLE.fullmatch(expression):
            request = self.exchanged.request
            return {"url": request.target, "method": request.method, "statusCode": response.status}[simple[1]]
        placed = _PLACED.fullmatch(expression)
        if placed is None:
            raise LeadsNowhere(f"{expression} is no runtime expression")
        side, where, name, pointer = placed.groups()
        if where == "body":
            found = _pointed(self._body(side), pointer or "")
        elif side == "request":
            sent = self.said.parameters.items()
            found = next((value for key, value in sent if _is(key, where, name)), MISSING)
        elif where == "header":
            found = response.header(name) or MISSING
        else:
            found = MISSING
        if found is MISSING:
            raise LeadsNowhere(f"there is no {expression}")
        return found

    def _body(self, side: str) -> Json:
        if side == "request":
            return self.said.body
        response = self.exchanged.response
        assert response is not None
        media_type = response.header("content-type").partition(";")[0].strip().lower()
        return orjson.loads(response.body) if is_json(media_type) and response.body else MISSING


@dataclass(frozen=True, eq=False)
class Link:
    """One documented link: where it starts, what it is called, where it leads."""

    source: Operation
    name: str
    target: Operation
    about: Json

    def __str__(self) -> str:
        return f"{self.source.id} -> {self.target.id} ({self.name})"

    def said(self, asked: Asked) -> Said:
        """
        Return what the next request says: the link's values, and the target's examples for the rest.

        Raises:
            LeadsNowhere: A value is not there.
            Unsayable: Something else that is required cannot be made up.
        """
        given: dict[Key, Json] = {}
        for named, value in (self.about.get("parameters") or {}).items():
            location, dot, name = named.partition(".")
            for parameter in self.target.parameters:
                key = (parameter.location, parameter.name)
                if named == parameter.name or (dot and (location, name) == key):
                    given[key] = evaluated(value, asked)
        body = evaluated(self.about["requestBody"], asked) if "requestBody" in self.about else MISSING
        return saying(self.target, parameters=given, body=body)


def links_of(contract: Contract, operation: Operation, status: int) -> Iterator[Link]:
    """Yield the links of the response documented for *status*, but those to other servers and documents."""
    promise = operation.promise(status)
    for name, about in promise.links.items() if promise is not None else ():
        target = _target(contract, about)
        if target is not None and "server" not in about:
            yield Link(operation, name, target, about)


def evaluated(value: Json, asked: Asked) -> Json:
    """Return *value* with its runtime expressions evaluated, at any depth; constants stay as they are."""
    if isinstance(value, dict):
        return {key: evaluated(item, asked) for key, item in value.items()}
    if isinstance(value, list):
        return [evaluated(item, asked) for item in value]
    if not isinstance(value, str):
        return value
    if value.startswith("$"):
        return asked.value(value)
    return _EMBEDDED.sub(lambda found: str(asked.value(found[1])), value)


def _target(contract: Contract, about: Json) -> Operation | None:
    if "operationId" in about:
        return contract.operations.get(about["operationId"])
    pointer = unquote(str(about.get("operationRef", "")).partition("#")[2])
    return next((one for one in contract.operations.values() if one.place.pointer == pointer), None)


def _is(key: Key, where: str, name: str | None) -> bool:
    """Header names are not case-sensitive (RFC 9110, 5.1); the others are."""
    location, known = key
    if location != where or name is None:
        return False
    return known.lower() == name.lower() if where == "header" else known == name


def _pointed(value: Json, pointer: str) -> Json:
    """RFC 6901; `MISSING` where it points to nothing."""
    for step in split_pointer(pointer):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value
