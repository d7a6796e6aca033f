"""
What a run has made on the server, which it may change, and must take away again.

A thing is known by the path of its collection and its key. It was made where
POST to "/things" was answered with a success, and "/things/{id}" is a path of
the contract: the key stands in the Location field, or in the answer under the
parameter's name, or as "id". POST to "/things/{id}/copy" made another thing where it
is answered 201 with what reading a thing answers, under another key. What cannot be
told so was not made by us.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

import orjson

from mockserver.behavior.model import Behavior
from mockserver.behavior.wording import words, words_of
from mockserver.contract.model import Contract, Operation
from mockserver.contract.urls import parts_of
from mockserver.exchange import Json
from mockserver.verify.findings import Exchanged

_SWEEPING = words(
    "clear delete destroy drop empty erase flush kill purge reboot remove reset restart restore rollback"
    " shutdown terminate truncate uninstall wipe"
)
_EVERYBODYS = words("config configuration maintenance preferences settings")

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods that ask for no change (RFC 9110, 9.2.1)."""


def sweeps(operation: Operation) -> bool:
    """
    Return whether a call without a key may touch what everybody has: `POST /shutdown`, `/requests/reset`.

    Nothing but words tells; who means well by them is asked with `--allow-destructive`.
    """
    last = operation.route.template.rstrip("/").rpartition("/")[2].partition(".")[0]
    said = {*words_of(last), *words_of(operation.id)[:1]}
    return bool(said & _SWEEPING) or bool({*words_of(last)[-1:]} & _EVERYBODYS)


@dataclass(frozen=True)
class Thing:
    """One thing: the item's template, and the raw text of each path parameter."""

    template: str
    captured: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """Where it stands."""
        path = self.template
        for name, raw in self.captured:
            path = path.replace("{" + name + "}", raw)
        return path


@dataclass
class Created:
    """
    What was made.

    Args:
        contract: Its paths say what is an item of what.
        behavior: Says of operations without path parameters whether they change what is there.
        match: Gives the raw path parameters of a request's path, None where it is none of the operation's.
    """

    contract: Contract
    behavior: Behavior
    match: Callable[[Operation, str], Mapping[str, str] | None]
    things: dict[Thing, None] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def note(self, operation: Operation, exchanged: Exchanged) -> None:
        """Remember what *exchanged* made, and forget what it took away."""
        response = exchanged.response
        if response is None or not 200 <= response.status < 300:
            return
        captured = self.match(operation, exchanged.request.path)
        if captured is None:
            return
        if exchanged.request.method == "DELETE":
            self.things.pop(Thing(operation.route.template, tuple(captured.items())), None)
        elif exchanged.request.method == "POST" and not self._was_there(operation, exchanged):
            for template, name in self._items(operation.route.template):
                raw = _key(exchanged, name)
                if raw:
                    self.things[Thing(template, (*captured.items(), (name, raw)))] = None
                    return
            item, _, verb = operation.route.template.rpartition("/")
            if response.status == 201 and item.endswith("}") and verb and self._alike(operation, item):
                name = item.rpartition("{")[2].rstrip("}")
                raw = _key(exchanged, name)
                if raw and raw != captured.get(name):
                    self.things[Thing(item, tuple({**captured, name: raw}.items()))] = None

    def _was_there(self, operation: Operation, exchanged: Exchanged) -> bool:
        """Return whether an answer is that of a thing which was there already: 200, where 201 says "made"."""
        response = exchanged.response
        assert response is not None
        found, made = (operation.responses.get(key) for key in ("200", "201"))
        both = (
            found is not None and made is not None and found.place != made.place
        )  # no choice of one of them
        return response.status == 200 and both

    def _alike(self, operation: Operation, item: str) -> bool:
        """Return whether *operation* answers with what reading *item* does."""
        read = next(
            (one for one in self.contract.routes if (one.method, one.template) == ("GET", item)), None
        )
        if read is None:
            return False
        schemas = [
            [media.schema.json("response") for media in promise.content.values() if media.schema is not None]
            for promise in (operation.promise(201), self.contract.operations[read.id].promise(200))
            if promise is not None
        ]
        return len(schemas) == 2 and bool(schemas[0]) and schemas[0] == schemas[1]

    def permits(self, operation: Operation, captured: Mapping[str, str]) -> bool:
        """
        Return whether a request touches nothing but what was made here.

        *captured* are the path parameters, still percent-encoded. What an operation without path parameters
        touches is known where rules bind it to an item that they do not only read. Things may be made below
        what nobody can make: they are known, and taken away again.
        """
        if operation.method in SAFE:
            return True
        template = operation.route.template
        if "{" not in template:
            rule = self.behavior.rules.get(operation.id)
            if rule is None or not (self.behavior.file or rule.item or rule.steps):
                return operation.method == "POST" and not sweeps(operation)
            return operation.method == "POST" and (rule.item is None or rule.reads)
        if operation.method == "POST" and any(self._items(template)) and not self._makes_above(template):
            return True
        return any(
            template.startswith(thing.template)
            and all(captured.get(name) == raw for name, raw in thing.captured)
            for thing in self.things
        )

    def _makes_above(self, template: str) -> bool:
        """Return whether what a collection stands below can be made."""
        above = template[: template.rindex("{")].rstrip("/")
        return any((one.method, one.template.rstrip("/")) == ("POST", above) for one in self.contract.routes)

    def removals(self) -> Iterator[tuple[Operation, str]]:
        """Yield how to take away what is left, the last made first; what has no DELETE is noted in `left`."""
        deleting = {
            one.template: self.contract.operations[one.id]
            for one in self.contract.routes
            if one.method == "DELETE"
        }
        for thing in reversed(list(self.things)):
            if thing.template in deleting:
                yield deleting[thing.template], thing.path
            else:
                self.left.append(thing.path)

    def _items(self, template: str) -> Iterator[tuple[str, str]]:
        """Yield the templates one variable below *template*, with the variable's name."""
        start = template.rstrip("/") + "/{"
        for one in dict.fromkeys(route.template for route in self.contract.routes):
            rest = one.removeprefix(start)
            if one != rest and rest.endswith("}") and "/" not in rest and "{" not in rest:
                yield one, rest[:-1]


def _key(exchanged: Exchanged, name: str) -> str:
    """Return the key of what was made, percent-encoded; "" where it cannot be told."""
    response = exchanged.response
    assert response is not None
    location = parts_of(response.header("location")).path
    if location and exchanged.request.path.strip("/").rpartition("/")[2] in location:
        return quote(unquote(location.rstrip("/").rpartition("/")[2]), safe="")
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return ""
    value = _named(body, name)
    return quote(str(value), safe="") if isinstance(value, (str, int)) and value != "" else ""


def _named(body: Json, name: str) -> Json:
    """Look for the key in an object, and in the one object that is wrapped in it."""
    if not isinstance(body, dict):
        return None
    for key in dict.fromkeys((name, name.lower(), "id", "uuid", "key", "_id", "slug", "name")):
        if isinstance(body.get(key), (str, int)) and not isinstance(body[key], bool):
            return body[key]
    inner = [value for value in body.values() if isinstance(value, dict)]
    return _named(inner[0], name) if len(inner) == 1 else None
