"""
Read a request by its operation: decoded, typed, and with everything that is wrong.

One `RequestReader` per operation, compiled when the operation is first asked
for: a list of closures, one per parameter, and one body reader per media type
that has come. Nothing here looks at a schema while a request waits.

Every violation is collected, none is raised: whoever sent three wrong fields
wants to hear of three.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from mockserver.contract.encoded import Misread, fields
from mockserver.contract.media import MediaName, chosen, parsed
from mockserver.contract.model import Operation, Parameter
from mockserver.contract.shapes import Shape
from mockserver.contract.styles import (
    QueryReader,
    cookie_reader,
    header_reader,
    path_reader,
    query_reader,
    querystring_reader,
)
from mockserver.exchange import MISSING, Arguments, Json, Request, Violation
from mockserver.validation.bodies import FORM, BodyReader, judge
from mockserver.validation.values import Validator

_BODILESS = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"})
"""Content of these has no defined meaning (RFC 9110, 9.3); undocumented, it is passed over."""
_SAYS_NOTHING = frozenset({b"", b"{}", b"[]", b"null", b'""'})
_MOST_TYPES = 64


class ParameterReader:
    """
    One parameter, ready to be read.

    Attributes:
        label: What `Arguments.explicit` calls it, e.g. "query.limit".
        read: From the text, or the split query, that its place offers.
    """

    __slots__ = ("_validator", "_vanishes", "default", "label", "name", "parameter", "read", "where")

    def __init__(self, parameter: Parameter, read: Callable[[Any], Json]) -> None:
        self.parameter = parameter
        self.name = parameter.name
        self.where = "query" if parameter.location == "querystring" else parameter.location
        self.label = f"{self.where}.{parameter.name}"
        self.read = read
        schema = parameter.schema
        self._validator = Validator(schema, "request") if schema is not None else None
        shape = Shape(schema.json("request") if schema is not None else {})
        self.default = shape.default
        self._vanishes = (
            parameter.explode
            and parameter.style in ("form", "cookie")
            and not parameter.content
            and shape.typed
            and "object" in shape.kinds
        )

    def take(self, source: Any, violations: list[Violation]) -> Json:
        """Return the value in *source*, `MISSING` for none, adding to *violations* what is wrong."""
        try:
            value = self.read(source)
        except Misread as error:
            violations.append(
                Violation(self.where, self.name, error.keyword, str(error), place=self.parameter.place)
            )
            return MISSING
        if value is MISSING:
            return self.absent(violations)
        validator = self._validator
        if validator is not None and not validator.is_valid(value):
            if value == "" and self.parameter.allow_empty_value:
                return value
            violations.extend(validator.violations(value, self.where, self.name))
        return value

    def absent(self, violations: list[Violation]) -> Json:
        """
        Say that a required parameter is missing.

        An exploded object without properties leaves nothing on the wire: where it may be empty, it is there.
        """
        parameter = self.parameter
        if parameter.required:
            if self._vanishes and self._validator is not None and self._validator.is_valid({}):
                return {}
            detail = f"The {_PLACES[self.where]} {self.name!r} is required."
            violations.append(
                Violation(self.where, self.name, "required", detail, self.name, place=parameter.place)
            )
        return MISSING

    def fallback(self) -> Json:
        """Return the default, safe to change."""
        default = self.default
        return copy.deepcopy(default) if isinstance(default, (dict, list)) else default


_PLACES = {
    "path": "path parameter",
    "query": "query parameter",
    "header": "header",
    "cookie": "cookie",
}


def _once(parameter: Parameter, read: QueryReader) -> QueryReader:
    """Return *read*; of a credential, that clients send twice where it is described twice, the first."""
    if not parameter.credential:
        return read
    name = parameter.name
    return lambda sent: read({name: sent[name][:1]} if name in sent else {})


class RequestReader:
    """
    Reads the requests of one operation.

    Args:
        operation: Whose parameters and body are read.
        strict: Query parameters that the contract does not know are violations too.
    """

    def __init__(self, operation: Operation, *, strict: bool = False) -> None:
        self.operation = operation
        self._strict = strict
        by_place: dict[str, list[Parameter]] = {}
        for parameter in operation.parameters:
            by_place.setdefault(parameter.location, []).append(parameter)
        queries = by_place.get("query", [])
        names = [parameter.name for parameter in queries]
        self._path = [ParameterReader(one, path_reader(one, judge)) for one in by_place.get("path", ())]
        self._query = [ParameterReader(one, _once(one, query_reader(one, judge, names))) for one in queries]
        self._whole = [
            ParameterReader(one, querystring_reader(one, judge)) for one in by_place.get("querystring", ())
        ]
        self._header = [ParameterReader(one, header_reader(one, judge)) for one in by_place.get("header", ())]
        self._cookie = [ParameterReader(one, cookie_reader(one, judge)) for one in by_place.get("cookie", ())]
        self._bodies: dict[str, tuple[BodyReader, MediaName] | Violation] = {}

    def read(self, captured: Mapping[str, str], request: Request) -> tuple[Arguments, list[Violation]]:
        """
        Return the arguments of *request* and every violation.

        *captured* are the path parameters as the router found them: by name, still percent-encoded.
        A value of the wrong type stands in the arguments as it could be read; one that could not be read is
        absent. Defaults of parameters are filled in, those of body properties are not: a PATCH must not reset
        what it does not name.
        """
        arguments = Arguments()
        violations: list[Violation] = []
        explicit: list[str] = []
        for one in self._path:
            raw = captured.get(one.name)
            value = one.absent(violations) if raw is None else one.take(raw, violations)
            if value is not MISSING:
                arguments.path[one.name] = value
                explicit.append(one.label)
        if self._query or self._strict:
            self._read_query(request.query, arguments, violations, explicit)
        for one in self._whole:
            self._keep(one, one.take(request.query, violations), arguments.query, explicit)
        if self._header:
            self._read_header(request, arguments, violations, explicit)
        if self._cookie:
            header = request.header("cookie")
            for one in self._cookie:
                self._keep(one, one.take(header, violations), arguments.cookie, explicit)
        if self._read_body(request, arguments, violations):
            explicit.append("body")
        arguments.explicit = frozenset(explicit)
        return arguments, violations

    @staticmethod
    def _keep(one: ParameterReader, value: Json, into: dict[str, Json], explicit: list[str]) -> None:
        if value is not MISSING:
            into[one.name] = value
            explicit.append(one.label)
        elif one.default is not MISSING:
            into[one.name] = one.fallback()

    def _read_query(
        self, query: str, arguments: Arguments, violations: list[Violation], explicit: list[str]
    ) -> None:
        sent = fields(query) if query else {}
        into = arguments.query
        for one in self._query:
            value = one.take(sent, violations)
            if value is not MISSING:
                into[one.name] = value
                explicit.append(one.label)
            elif one.default is not MISSING:
                into[one.name] = one.fallback()
        if self._strict and not self._whole:
            self._refuse_unknown(sent, violations)

    def _refuse_unknown(self, sent: Mapping[str, Any], violations: list[Violation]) -> None:
        known = self._known
        for name in sent:
            if name not in known and name.partition("[")[0] not in known:
                place = self.operation.place
                detail = f"There is no query parameter {name!r:.70} here."
                found = Violation("query", name, "additionalProperties", detail, sorted(known), place=place)
                violations.append(found)

    @cached_property
    def _known(self) -> frozenset[str]:
        """The names that may stand in the query, those of exploded objects' properties among them."""
        names = [one.name for one in self._query]
        for one in self._query:
            schema = one.parameter.schema
            if schema is not None and one.parameter.style == "form" and one.parameter.explode:
                names.extend(Shape(schema.json("request")).names)
        return frozenset(names)

    def _read_header(
        self, request: Request, arguments: Arguments, violations: list[Violation], explicit: list[str]
    ) -> None:
        index = request.index
        into = arguments.header
        for one in self._header:
            lower = one.name.lower()
            raw = index.get(lower)
            value = one.absent(violations) if raw is None else one.take(raw, violations)
            self._keep(one, value, into, explicit)
            if lower != one.name and one.name in into:
                into[lower] = into[one.name]

    # ------------------------------------------------------------------------------------------------- body

    def _read_body(self, request: Request, arguments: Arguments, violations: list[Violation]) -> bool:
        documented = self.operation.body
        sent = request.header("content-type")
        if documented is None:
            self._refuse_body(request, sent, violations)
            return False
        if not request.body and not sent.lower().startswith(FORM):  # no text at all is an empty form
            if documented.required:
                detail = "A request body is required."
                expected = list(documented.content)
                violations.append(Violation("body", "", "required", detail, expected, place=documented.place))
            return False
        if not documented.content or (not request.body and not documented.required):
            return False
        found = self._bodies.get(sent)
        if found is None:
            found = self._body_reader(sent)
            if len(self._bodies) < _MOST_TYPES:
                self._bodies[sent] = found
        if isinstance(found, Violation):
            violations.append(found)
            return False
        reader, name = found
        arguments.media_type = name.essence
        arguments.body, wrong = reader.read(request.body, name)
        if wrong:
            violations.extend(wrong)
        return arguments.body is not MISSING

    def _refuse_body(self, request: Request, sent: str, violations: list[Violation]) -> None:
        """Nothing may be sent here; what says nothing ("{}") is passed over, as are GET and its like."""
        if not request.body or request.method in _BODILESS or request.body.strip() in _SAYS_NOTHING:
            return
        detail = "This operation takes no request body."
        found = sent or MISSING
        violations.append(Violation("body", "", "mediaType", detail, [], found, self.operation.place))

    def _body_reader(self, sent: str) -> tuple[BodyReader, MediaName] | Violation:
        documented = self.operation.body
        content = documented.content if documented is not None else {}
        place = documented.place if documented is not None else None
        expected = list(content)
        name = parsed(sent) if sent else self._assumed(expected)
        if name is None:
            detail = f"Content-Type {sent!r} is not a media type." if sent else "A Content-Type is required."
            return Violation("body", "", "mediaType", detail, expected, sent or MISSING, place)
        media = chosen(content, name)
        if media is None:
            detail = f"{name.essence} is not taken here; {' or '.join(expected) or 'nothing'} is."
            return Violation("body", "", "mediaType", detail, expected, sent or MISSING, place)
        return BodyReader(media, name.essence, "request"), name

    @staticmethod
    def _assumed(expected: list[str]) -> MediaName | None:
        """The first documented media type: without a Content-Type one may guess (RFC 9110, 8.3)."""
        for text in expected:
            name = parsed(text)
            if name is not None and "*" not in name.essence and name.type != "multipart":
                return name
        return parsed("application/octet-stream")
