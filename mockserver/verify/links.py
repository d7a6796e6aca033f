"""
Follow the links of an answer: what can be asked next, and with which values.

OpenAPI 3.1.1, Link Object and Runtime Expressions: a value comes from the
request that was sent or from the answer that came. What an expression asks for
may not be there (the first item of an empty list); then the link leads nowhere
this time, which is no fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

import orjson

from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Operation
from mockserver.contract.runtime import Happening
from mockserver.exchange import MISSING, Arguments, Json
from mockserver.verify.findings import Exchanged
from mockserver.verify.requests import Key, Said, saying


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
        return self._happening.value(expression)

    def text(self, text: str) -> str:
        """Return *text* with the expressions in its braces filled in. Raises LeadsNowhere."""
        return self._happening.text(text)

    @cached_property
    def _happening(self) -> Happening:
        request, response = self.exchanged.request, self.exchanged.response
        assert response is not None
        arguments = Arguments(body=self.said.body)
        headers: dict[str, str] = {}
        for (location, name), value in self.said.parameters.items():
            if location == "header":
                headers[name.lower()] = value
            elif location in ("path", "query"):
                getattr(arguments, location)[name] = value
        answer_headers = {name.lower(): value for name, value in reversed(response.headers)}
        media_type = response.header("content-type").partition(";")[0].strip().lower()
        return Happening(
            *(request.target, request.method, response.status, arguments, headers, answer_headers),
            orjson.loads(response.body) if is_json(media_type) and response.body else MISSING,
        )


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
    return asked.value(value) if value.startswith("$") else asked.text(value)


def _target(contract: Contract, about: Json) -> Operation | None:
    if "operationId" in about:
        return contract.operations.get(about["operationId"])
    pointer = unquote(str(about.get("operationRef", "")).partition("#")[2])
    return next((one for one in contract.operations.values() if one.place.pointer == pointer), None)
