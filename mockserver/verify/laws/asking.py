"""
Ask a server on behalf of a law: the words are the law's, the wire is `requests` and `target`.

A law that cannot be judged here raises `Inconclusive` (the environment is in the
way: 429, a gateway, a name taken) or `Unsupported` (the contract does not say
enough). Only `Broken` is a finding.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import orjson

from mockserver.behavior.wording import plain
from mockserver.contract.media import is_json
from mockserver.contract.model import MediaType, Operation, Parameter
from mockserver.exchange import MISSING, Json, Place, Request, Violation
from mockserver.validation.requests import RequestReader
from mockserver.validation.values import RawValidator
from mockserver.verify.circumstances import NOT_THE_SERVERS
from mockserver.verify.findings import Exchanged
from mockserver.verify.requests import Key, Said, Unsayable, saying

if TYPE_CHECKING:
    from mockserver.verify.context import Context


@dataclass(frozen=True)
class Carried:
    """
    How an operation says which thing it means, if not in its path.

    Attributes:
        key: What stands for it where a law says a path.
        location, name: Where it is said: in the "query" or the "body".
        sample: What stands in a body until the thing is known.
    """

    key: Key
    location: str
    name: str
    sample: Json


class Unjudged(Exception):
    """A law was not judged; the text says why."""


class Unsupported(Unjudged):
    """The contract does not say enough for a law."""


class Inconclusive(Unjudged):
    """The environment does not allow to judge a law."""


@dataclass(frozen=True, eq=False)
class Reply:
    """One call that was made for a law."""

    operation: Operation
    said: Said
    exchanged: Exchanged

    @property
    def status(self) -> int:
        """The status; 0 where no answer came."""
        response = self.exchanged.response
        return response.status if response is not None else 0

    @property
    def good(self) -> bool:
        """Whether it was a success."""
        return 200 <= self.status < 300

    @property
    def done(self) -> bool:
        """Whether what was asked for is done: 202 says that it may yet be, or not (RFC 9110, 15.3.3)."""
        return self.good and self.status != 202

    @cached_property
    def body(self) -> Json:
        """The body, where it is JSON; else `MISSING`."""
        response = self.exchanged.response
        if response is None or not response.body:
            return MISSING
        if not is_json(response.header("content-type").partition(";")[0].strip().lower()):
            return MISSING
        try:
            return orjson.loads(response.body)
        except ValueError:
            return MISSING

    def header(self, name: str) -> str:
        """Return a header field of the answer, "" without one."""
        response = self.exchanged.response
        return response.header(name) if response is not None else ""

    def __str__(self) -> str:
        return f"{self.exchanged.request.method} {self.exchanged.request.target}"


class Broken(Exception):
    """
    A law is broken.

    Args:
        law: Its name.
        operation: Whose answer shows it.
        detail: One sentence.
        replies: The shortest calls that show it.
        pointer: The property in question, "" for none in particular.
        place: The rule in the contract; None for where the property is declared.
    """

    def __init__(
        self,
        law: str,
        operation: Operation,
        detail: str,
        replies: list[Reply],
        *,
        pointer: str = "",
        expected: Json = None,
        found: Json = MISSING,
        place: Place | None = None,
    ) -> None:
        super().__init__(detail)
        self.law = law
        self.operation = operation
        self.detail = detail
        self.replies = list(dict.fromkeys(replies))
        self.pointer = pointer
        self.expected = expected
        self.found = found
        self.place = place


class Asker:
    """
    Asks one server as one of two identities.

    Args:
        context: Has the server and the identities.
        most: Calls that may be made; a law that needs more is inconclusive.
        carried: Id of an operation -> how it says which thing it means, if not in its path.
    """

    def __init__(
        self, context: Context, most: int = 3000, carried: Mapping[str, Carried] | None = None
    ) -> None:
        self.context = context
        self._carried = carried or {}
        self.contract = context.contract
        self.calls = 0
        self._most = most
        self._readers: dict[str, RequestReader] = {}

    @property
    def second(self) -> bool:
        """Whether there is another identity."""
        return self.context.second is not None

    def ask(
        self,
        operation: Operation,
        parameters: Mapping[Key, Json] | None = None,
        body: Json = MISSING,
        *,
        other: bool = False,
        media: MediaType | None = None,
    ) -> Reply:
        """
        Send one request: what is required and not given is said as the examples say it.

        *other* asks as the second identity; *media* is what the body is written in, `media_of` by default.

        Raises:
            Inconclusive: No answer, or one that is not the implementation's.
            Unsupported: The request cannot be written.
        """
        context = self.context
        if self.calls >= self._most or context.budget.over:
            raise Inconclusive(
                "no time was left" if context.budget.over else f"it takes over {self._most} calls"
            )
        self.calls += 1
        with _sayable(operation):
            said = self._said(operation, parameters or {}, body, media)
            reply = Reply(operation, said, context.ask(operation, said, context.second if other else None))
        if not reply.status:
            raise Inconclusive(f"{reply} has no answer: {reply.exchanged.trouble}")
        if reply.status in NOT_THE_SERVERS or (reply.status == 401 and not other):
            raise Inconclusive(f"{reply} is answered {reply.status}")
        return reply

    def request(
        self,
        operation: Operation,
        parameters: Mapping[Key, Json] | None = None,
        body: Json = MISSING,
        *,
        other: bool = False,
        media: MediaType | None = None,
    ) -> Request:
        """Return the request that `ask` would send. Raises `Unsupported` where it cannot be written."""
        with _sayable(operation):
            said = self._said(operation, parameters or {}, body, media)
            return self.context.request(operation, said, self.context.second if other else None)

    def _said(
        self, operation: Operation, given: Mapping[Key, Json], body: Json, media: MediaType | None
    ) -> Said:
        """Return what is said; a key, given as if the path had it, stands where the operation wants it."""
        carried = self._carried.get(operation.id)
        if carried is not None and carried.key in given:
            key = given[carried.key]
            given = {name: value for name, value in given.items() if name != carried.key}
            if carried.location == "query":
                given = {**given, ("query", carried.name): key}
            elif body is MISSING:
                body = {carried.name: key}
            elif isinstance(body, dict) and body.get(carried.name) == carried.sample:
                body = {**body, carried.name: key}
        for one in operation.parameters:
            key = (one.location, one.name)
            if one.required and repeats_by(one) and key not in given:
                given = {**given, key: self._once(one)}
        return _spoken(operation, given, body, media or media_of(operation))

    def _once(self, parameter: Parameter) -> str:
        """Return a key for one request alone: with the same one, all of them were the first once more."""
        token = self.context.unique("").strip()
        found = unrepeated(parameter, token)
        if found is None:
            raise Unsupported(f"no {parameter.name} is known that nobody else uses")
        return found

    def excluded(
        self,
        operation: Operation,
        parameters: Mapping[Key, Json] | None,
        body: Json,
        *,
        media: MediaType | None = None,
    ) -> Sequence[Violation]:
        """
        Return what the contract excludes in a request as it is written on the wire.

        A value that is wrong as JSON may be right as a part of a form: all text is a file's content.
        """
        request = self.request(operation, parameters, body, media=media)
        captured = self.context.captured(operation, request.path)
        return self._reader(operation).read(captured, request)[1] if captured is not None else ()

    def _reader(self, operation: Operation) -> RequestReader:
        reader = self._readers.get(operation.id)
        if reader is None:
            reader = self._readers[operation.id] = RequestReader(operation)
        return reader


def repeats_by(parameter: Parameter) -> bool:
    """Return whether a parameter tells a request that is sent again from another one."""
    return parameter.location == "header" and plain(parameter.name).endswith("idempotencykey")


def unrepeated(parameter: Parameter, token: str) -> str | None:
    """Return a value of *parameter* that *token* alone has; None where its schema takes none."""
    candidates = (str(uuid.uuid5(uuid.NAMESPACE_URL, token)), f"{token}-{token}", token, token * 6)
    if parameter.schema is None:
        return candidates[0]
    accepts = RawValidator(parameter.schema.json("request")).is_valid
    return next((one for one in candidates if accepts(one)), None)


@contextmanager
def _sayable(operation: Operation) -> Iterator[None]:
    """Raise `Unsupported` where a request cannot be written."""
    try:
        yield
    except Unsayable as error:
        raise Unsupported(f"no request of {operation.id} can be made up: {error}") from error


def _spoken(operation: Operation, given: Mapping[Key, Json], body: Json, media: MediaType | None) -> Said:
    """Return what is said: no more than must be, and what is *given*. An optional filter would be a wish."""
    said = saying(operation, parameters=given, body=body, media=media)
    required = {(one.location, one.name) for one in operation.parameters if one.required}
    kept = {key: value for key, value in said.parameters.items() if key in required or key in given}
    return replace(said, parameters=kept)


def media_of(operation: Operation) -> MediaType | None:
    """Return the media type to say a body of *operation* in: JSON before others, no list of operations."""
    content = operation.body.content if operation.body is not None else {}
    named = {name.partition(";")[0].strip(): media for name, media in content.items()}
    if "application/json" in named:
        return named["application/json"]
    found = (one for name, one in named.items() if is_json(name) and "json-patch" not in name)
    return next(found, None) or next(iter(content.values()), None)
