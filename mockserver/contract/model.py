"""
What was promised: an API contract as plain data.

The words are OpenAPI's. Everything here is what OpenAPI 3.1 would say, whatever
version the document was written in: the loader translates, nobody above asks.
References are followed when a thing is built, and a thing is built when it is
first asked for, so that a document of 13 MB costs what is used of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from mockserver.errors import SpecError
from mockserver.exchange import Json, Place, Request, Response, Violation

if TYPE_CHECKING:
    from mockserver.contract.schema import Schemas

Direction = Literal["request", "response"]
"""Which way a value travels: readOnly and writeOnly depend on it (OpenAPI 3.1.1, Schema Object)."""


@dataclass(frozen=True, eq=False)
class Schema:
    """
    A schema, by the place where it stands.

    `json(direction)` is self-contained JSON Schema 2020-12 (all that it refers to under "$defs"),
    made at first use and kept.
    """

    place: Place
    schemas: Schemas

    def json(self, direction: Direction) -> dict[str, Json]:
        """Return the JSON Schema 2020-12 document for values that travel in *direction*."""
        return self.schemas.compiled(self.place, direction)

    @cached_property
    def raw(self) -> Json:
        """The schema object as written, its own `$ref` followed (OpenAPI's words, not translated)."""
        return self.schemas.raw(self.place)


@dataclass(frozen=True)
class Example:
    """A named example. Name is "" for the `example` keyword, which has none. `value` is JSON."""

    name: str
    value: Json
    place: Place
    summary: str = ""


@dataclass(frozen=True)
class Encoding:
    """How one property of a form or multipart body is written (OpenAPI 3.1.1, Encoding Object)."""

    content_type: str = ""
    style: str = ""
    explode: bool | None = None
    allow_reserved: bool = False
    headers: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class MediaType:
    """
    One way to write a body. `name` is the media type (or range) as the contract has it, lower case.

    Of a sequence, `schema` is that of an array of its items (OpenAPI 3.2.0, `itemSchema`). Of parts without
    names, `prefix_encoding` are those of the first ones in their order, `item_encoding` that of the others.
    """

    name: str
    schema: Schema | None
    examples: Mapping[str, Example]
    encoding: Mapping[str, Encoding]
    place: Place
    prefix_encoding: tuple[Encoding, ...] = ()
    item_encoding: Encoding = Encoding()

    def encoded(self, at: int) -> Encoding:
        """Return how the part at that position is written, of parts without names."""
        return self.prefix_encoding[at] if at < len(self.prefix_encoding) else self.item_encoding


OF_THE_MESSAGE = frozenset(
    {"connection", "content-encoding", "content-length", "content-type", "date", "host", "keep-alive"}
    | {"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""
Lower-case names of header fields that say how a message is written; what a document says of them is ignored.

Content-Type stands under `content` (OpenAPI 3.1.1, Response Object). The others are HTTP's own (RFC 9110, 7.6
and 8; RFC 9112, 6): whoever sends writes them as they are. A made-up Transfer-Encoding breaks the connection,
and no program in a browser can set a Host.
"""

NO_PARAMETERS = OF_THE_MESSAGE | {"accept", "authorization"}
"""Lower-case names that no header parameter has (OpenAPI 3.1.1, Parameter Object)."""


@dataclass(frozen=True, eq=False)
class Parameter:
    """
    A parameter, or a response header (where `location` is "header").

    `content` is the media type's name when the value is written in that media type, else "". `credential`
    says that the operation asks for the same value as a credential too.
    """

    name: str
    location: Literal["path", "query", "header", "cookie", "querystring"]
    required: bool
    style: str
    explode: bool
    schema: Schema | None
    place: Place
    content: str = ""
    allow_reserved: bool = False
    allow_empty_value: bool = False
    credential: bool = False
    deprecated: bool = False
    examples: Mapping[str, Example] = field(default_factory=dict)
    description: str = ""


@dataclass(frozen=True, eq=False)
class RequestBody:
    """The body of a request, by media type in the contract's order."""

    required: bool
    content: Mapping[str, MediaType]
    place: Place


@dataclass(frozen=True, eq=False)
class Promise:
    """
    A documented response.

    `status` is the contract's key: "200", "4XX" or "default". `refusals` are responses of other statuses that
    a document allows to be sent with this one, too: a 404 as a 200 with an error in it, say. A `lent` one
    is another status's, which a server may answer in its place: the document itself does not have it.
    """

    status: str
    description: str
    headers: Mapping[str, Parameter]
    content: Mapping[str, MediaType]
    links: Mapping[str, Json]
    place: Place
    refusals: tuple[Promise, ...] = ()
    lent: bool = False


@dataclass(frozen=True)
class SecurityScheme:
    """
    A way to say who one is.

    `kind` is OpenAPI's type: "http", "apiKey", "oauth2", "openIdConnect", "mutualTLS". `scheme` is for http
    ("bearer", "basic", lower case); `location` and `parameter` are for apiKey.
    """

    name: str
    kind: str
    scheme: str
    location: str
    parameter: str
    place: Place


Requirement = Mapping[str, tuple[str, ...]]
"""Schemes that must all be met, each with its scopes. No scheme at all: anybody may come in."""


@dataclass(frozen=True)
class Route:
    """
    Where an operation stands, cheap to make for all of them.

    Attributes:
        method: Upper case.
        template: The path as the contract has it, e.g. "/books/{bookId}".
        id: The operationId, or "METHOD /template" where there is none.
        place: The operation object.
    """

    method: str
    template: str
    id: str
    place: Place


@dataclass(frozen=True, eq=False)
class Callback:
    """
    A request that a server makes back (OpenAPI 3.1.1, Callback Object).

    Attributes:
        name: Its key under `callbacks`.
        address: Where it goes: a runtime expression, or a URL with some in braces.
        route: Where its operation stands.
        build: Makes the operation: not early, since a callback may lead back to the operation that has it.
    """

    name: str
    address: str
    route: Route
    build: Callable[[Route], Operation]

    @cached_property
    def operation(self) -> Operation:
        """What is sent, and which answers are expected."""
        return self.build(self.route)


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation. `security` lists the alternatives; empty means that none is asked for."""

    route: Route
    summary: str
    description: str
    tags: tuple[str, ...]
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: Mapping[str, Promise]
    security: tuple[Requirement, ...]
    callbacks: Mapping[str, tuple[Callback, ...]]
    extensions: Mapping[str, Json]

    @cached_property
    def id(self) -> str:
        """The operationId, or "METHOD /template"."""
        return self.route.id

    @cached_property
    def method(self) -> str:
        """Upper case."""
        return self.route.method

    @property
    def place(self) -> Place:
        """Where the operation object stands."""
        return self.route.place

    @cached_property
    def success(self) -> Promise | None:
        """The documented response for a success: the lowest 2xx, then 2XX, default, the lowest 3xx."""
        responses = self.responses
        exact = sorted(key for key in responses if key.startswith("2") and key.isdigit())
        further = sorted(key for key in responses if key.startswith("3"))
        return next(
            (responses[key] for key in (*exact, "2XX", "default", *further) if key in responses), None
        )

    @cached_property
    def example_names(self) -> tuple[str, ...]:
        """The names under which its request is exemplified, in order."""
        found: dict[str, None] = {}
        for media in self.body.content.values() if self.body else ():
            found.update(dict.fromkeys(media.examples))
        for parameter in self.parameters:
            found.update(dict.fromkeys(parameter.examples))
        found.pop("", None)
        return tuple(found)

    def request_examples(self, name: str) -> Iterator[tuple[str, str, Example]]:
        """Yield (location, parameter, example) of all that *name* says of a request; a body's name is ""."""
        for parameter in self.parameters:
            if name in parameter.examples:
                yield parameter.location, parameter.name, parameter.examples[name]
        for media in self.body.content.values() if self.body else ():
            if name in media.examples:
                yield "body", "", media.examples[name]
                return

    @cached_property
    def example_requests(self) -> Mapping[str, Mapping[tuple[str, str], Json]]:
        """The values that each of its `example_names` gives a request, by (location, parameter)."""
        return {
            name: {(location, own): one.value for location, own, one in self.request_examples(name)}
            for name in self.example_names
        }

    def promise(self, status: int) -> Promise | None:
        """Return the documented response for *status*: exact, its range, or default (Responses Object)."""
        responses = self.responses
        return responses.get(str(status)) or responses.get(f"{status // 100}XX") or responses.get("default")

    def refusal(self, status: int, example: str = "") -> Promise | None:
        """Return the documented response for a refusal: where there are several, the one with *example*."""
        promise = self.promise(status)
        if promise is None or not promise.refusals:
            return promise
        known = (promise, *promise.refusals)
        named = (one for one in known if any(example in media.examples for media in one.content.values()))
        return next(named, None) or (promise.refusals[0] if status < 300 else promise)


class Operations(Mapping[str, Operation]):
    """Operations by id, each built when it is first asked for."""

    def __init__(self, routes: tuple[Route, ...], build: Callable[[Route], Operation]) -> None:
        self._routes = {route.id: route for route in routes}
        self._build = build
        self._built: dict[str, Operation] = {}

    def __getitem__(self, key: str) -> Operation:
        built = self._built.get(key)
        if built is None:
            built = self._built[key] = self._build(self._routes[key])
        return built

    def __iter__(self) -> Iterator[str]:
        return iter(self._routes)

    def __len__(self) -> int:
        return len(self._routes)


@dataclass(frozen=True, eq=False)
class Contract:
    """
    One API contract.

    Attributes:
        name: What the API is called on the command line and in URLs, e.g. "lending".
        bases: Base paths of its servers without trailing slash, e.g. ("/v2",); never "".
        line: Gives the line of a place, counted from 1 (0 when it has none).
        files: Every file that was read, the document itself first; more when more was asked for.
        faults: What is wrong with the document but does not keep it from being served. The list grows while
            operations are built and schemas used.
        holds: Returns what an answer breaks beyond its schema, to the request before it.
    """

    name: str
    title: str
    version: str
    openapi: str
    file: str
    bases: tuple[str, ...]
    routes: tuple[Route, ...]
    operations: Mapping[str, Operation]
    webhooks: Mapping[str, Operation]
    security_schemes: Mapping[str, SecurityScheme]
    schemas: Schemas
    line: Callable[[Place], int]
    files: Sequence[str]
    document: Json
    faults: Sequence[SpecError] = ()
    holds: Callable[[Operation, Request, Response], Sequence[Violation]] = lambda *_: ()

    @cached_property
    def events(self) -> Mapping[str, Operation | Callback]:
        """What the API may send by itself: its webhooks and its operations' callbacks, by name."""
        found: dict[str, Operation | Callback] = {name: self.webhooks[name] for name in self.webhooks}
        for identifier in self.operations:
            for name, callbacks in self.operations[identifier].callbacks.items():
                for callback in callbacks[:1]:
                    found.setdefault(name, callback)
        return found

    def told_by(self, event: str) -> Operation | None:
        """Return what is sent when *event* happens; None where the contract knows no such event."""
        found = self.events.get(event)
        return found.operation if isinstance(found, Callback) else found

    def located(self, place: Place) -> Place:
        """Return *place* with its line found."""
        return place if place.line else Place(place.file, place.pointer, self.line(place))
