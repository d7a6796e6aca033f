"""
Which requests something is meant for: gates, armed faults and chaos say it alike.

    {"operationId": "getLoan"}   {"api": "lending", "method": "GET"}   {"path": "/loans/*"}

A path is one as it stands on the request line, with or without the API's name
before it; "*" stands for any characters of it. A template of the contract
("/loans/{id}") means its operations. All that is said must hold; nothing said: all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPMethod
from typing import Any

from mockserver.errors import nearest
from mockserver.exchange import Json
from mockserver.server.answer import Answer
from mockserver.server.host import Api

MEMBERS = ("api", "operationId", "method", "path")


class NoSuch(ValueError):
    """What is said means no request. The text says why."""


@dataclass(frozen=True)
class Which:
    """Which requests. "" says nothing."""

    api: str = ""
    operation: str = ""
    method: str = ""
    path: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any], apis: Iterable[Api]) -> Which:
        """
        Return what *said* means of *apis*; other members than ours are not looked at.

        Raises:
            NoSuch: A member is no text, or nothing is called so.
        """
        for name in MEMBERS:
            if not isinstance(said.get(name, ""), str):
                raise NoSuch(f"{name}: a text is expected, found {said[name]!r:.60}.")
        made = cls.read(said)
        known = {api.name: api for api in apis}
        if made.api and made.api not in known:
            raise NoSuch(f"api: no API {made.api!r} is served.{nearest(made.api, known)}")
        within = [known[made.api]] if made.api else known.values()
        names = [name for api in within for name in api.contract.operations]
        if made.operation and not any(fnmatchcase(name, made.operation) for name in names):
            raise NoSuch(
                f"operationId: no operation is called {made.operation!r}.{nearest(made.operation, names)}"
            )
        templates = [route.template for api in within for route in api.contract.routes]
        if "{" in made.path and made.path not in templates:
            raise NoSuch(f"path: no contract has {made.path!r}.{nearest(made.path, templates)}")
        methods = dict.fromkeys(
            [*HTTPMethod, "QUERY", *(route.method for api in within for route in api.contract.routes)]
        )
        if made.method and made.method not in methods:
            raise NoSuch(f"method: {made.method!r} is none of HTTP's.{nearest(made.method, methods)}")
        if made.path and made.path[0] not in "/*":
            raise NoSuch(f"path: {made.path!r} does not begin with '/'.")
        return made

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Which:
        """Return what *said* means, which was checked before."""
        return cls(
            said.get("api", ""),
            said.get("operationId", ""),
            said.get("method", "").upper().replace("ANY", ""),
            said.get("path", ""),
        )

    def json(self) -> dict[str, Json]:
        """Return what is said, as it is shown."""
        said = {"api": self.api, "operationId": self.operation, "method": self.method, "path": self.path}
        return {name: value for name, value in said.items() if value}

    def fits(self, answer: Answer) -> bool:
        """Return whether it is meant for the request of *answer*."""
        request = answer.request
        operation = answer.prepared.operation if answer.prepared is not None else None
        api = answer.api.name if answer.api is not None else ""
        if (self.method and self.method != request.method) or (self.api and self.api != api):
            return False
        if self.operation and (operation is None or not fnmatchcase(operation.id, self.operation)):
            return False
        if not self.path:
            return True
        if "{" in self.path:
            return operation is not None and operation.route.template == self.path
        below = request.path.removeprefix(f"/{api}") if api else request.path
        return fnmatchcase(request.path, self.path) or fnmatchcase(below, self.path)
