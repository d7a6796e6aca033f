"""
Hold a response against its operation, before it leaves or after it came.

The mock asks this of every answer, so the good case is short: a dictionary
look-up by status, one by Content-Type, one call of a compiled validator. An
answer that is at hand as a value need not be parsed again.
"""

from __future__ import annotations

from collections.abc import Sequence

from mockserver.contract.encoded import Misread
from mockserver.contract.media import MediaName, chosen, parsed
from mockserver.contract.model import MediaType, Operation, Parameter, Promise
from mockserver.contract.styles import header_reader
from mockserver.exchange import MISSING, Json, Violation
from mockserver.validation.bodies import BodyReader, judge
from mockserver.validation.values import Validator

_EMPTY = frozenset({204, 205, 304})
"""Statuses that carry no content (RFC 9110, 15.3.5, 15.3.6, 15.4.5), besides all 1xx."""
_MOST_TYPES = 64

Headers = Sequence[tuple[str, str]]


class ResponseChecker:
    """Holds the responses of one operation against its contract. Compiled per status when it is first met."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self._promises: dict[int, tuple[_PromiseChecker, ...]] = {}
        """Of each status: what it promises, and the refusals that may come with it as well."""
        self._head = operation.method == "HEAD"

    def check(
        self,
        status: int,
        headers: Headers,
        body: bytes = b"",
        value: Json = MISSING,
        *,
        method: str = "",
        fits: MediaType | None = None,
    ) -> list[Violation]:
        """
        Return every way in which a response breaks the contract.

        Args:
            status: The status code.
            headers: (name, value) pairs, names in any case.
            body: The bytes.
            value: What the bytes say, where it is known; they are not parsed then.
            method: Of the request, where it is not the operation's own: HEAD asked of a GET has no body.
            fits: The documented media type whose schema *value* was found to fit; it is not asked again.
        """
        checkers = self._checkers(status)
        if not checkers:
            return [self._undocumented(status)]
        index = _indexed(headers)
        violations = self._held(checkers[0], status, index, body, value, method, fits)
        for other in checkers[1:] if violations else ():
            if not self._held(other, status, index, body, value, method):
                return []
        return [self._undocumented(status)] if violations and checkers[0].promise.lent else violations

    def refusals(self, status: int, headers: Headers, body: bytes) -> list[Promise]:
        """
        Return the refusals that a response may be which came with *status*; none where it is what it says.

        A document may leave it open to say a 404 as a 200 with an error in it (`Promise.refusals`).
        """
        checkers = self._checkers(status)
        if len(checkers) < 2:
            return []
        index = _indexed(headers)
        fitting = (one for one in checkers if not self._held(one, status, index, body, MISSING, ""))
        found = [one.promise for one in fitting]
        return [] if found[:1] == [checkers[0].promise] else found

    def as_promised(self, promise: Promise, status: int, headers: Headers, body: bytes) -> list[Violation]:
        """Return every way in which a response is not what *promise* says, whatever its status."""
        return self._held(_PromiseChecker(promise), status, _indexed(headers), body, MISSING, "")

    def _checkers(self, status: int) -> tuple[_PromiseChecker, ...]:
        found = self._promises.get(status)
        if found is None:
            promise = self.operation.promise(status)
            known = (promise, *promise.refusals) if promise is not None else ()
            found = self._promises[status] = tuple(map(_PromiseChecker, known))
        return found

    def _held(
        self,
        checker: _PromiseChecker,
        status: int,
        index: dict[str, str],
        body: bytes,
        value: Json,
        method: str,
        fits: MediaType | None = None,
    ) -> list[Violation]:
        violations = checker.headers(index) if checker.named else []
        bodiless = self._head or method == "HEAD" or status in _EMPTY or status < 200
        if bodiless:
            if body:
                violations.append(self._uncalled_body(status, body, checker.promise))
            return violations
        if checker.promise.content:
            violations += checker.body(index.get("content-type", ""), body, value, fits)
        return violations

    def _undocumented(self, status: int) -> Violation:
        documented = [key for key, promise in self.operation.responses.items() if not promise.lent]
        detail = f"The status {status} is not documented; expected: {' or '.join(documented) or 'none'}."
        return Violation("status", "", "status", detail, documented, status, self.operation.place)

    def _uncalled_body(self, status: int, body: bytes, promise: Promise) -> Violation:
        what = f"{status}" if status in _EMPTY or status < 200 else "answer to HEAD"
        detail = f"A {what} has no body; this one has {len(body)} bytes."
        return Violation("body", "", "maxLength", detail, 0, len(body), promise.place)


def _indexed(headers: Headers) -> dict[str, str]:
    index: dict[str, str] = {}
    for name, text in headers:
        name = name.lower()
        index[name] = f"{index[name]}, {text}" if name in index else text
    return index


class _PromiseChecker:
    """One documented response."""

    def __init__(self, promise: Promise) -> None:
        self.promise = promise
        self.named = [_HeaderChecker(name, header) for name, header in promise.headers.items()]
        self._bodies: dict[str, tuple[BodyReader, MediaName] | Violation] = {}

    def headers(self, index: dict[str, str]) -> list[Violation]:
        violations: list[Violation] = []
        for header in self.named:
            header.check(index, violations)
        return violations

    def body(
        self, content_type: str, body: bytes, value: Json, fits: MediaType | None = None
    ) -> list[Violation]:
        found = self._bodies.get(content_type)
        if found is None:
            found = self._reader(content_type)
            if len(self._bodies) < _MOST_TYPES:
                self._bodies[content_type] = found
        if isinstance(found, Violation):
            if not content_type and not body and value is MISSING:
                detail = "The response has no body; one is documented."
                return [Violation("body", "", "required", detail, found.expected, place=found.place)]
            return [found]
        reader, name = found
        if value is not MISSING:
            return [] if fits is reader.media else reader.check(value)
        return reader.read(body, name)[1]

    def _reader(self, content_type: str) -> tuple[BodyReader, MediaName] | Violation:
        expected, place = list(self.promise.content), self.promise.place
        name = parsed(content_type)
        if name is None:
            detail = (
                f"Content-Type {content_type!r} is not a media type."
                if content_type
                else "There is no Content-Type header."
            )
            return Violation(
                "header", "Content-Type", "mediaType", detail, expected, content_type or MISSING, place
            )
        media = chosen(self.promise.content, name)
        if media is None:
            detail = (
                f"{name.essence} is not documented for {self.promise.status}; {' or '.join(expected)} is."
            )
            return Violation("header", "Content-Type", "mediaType", detail, expected, content_type, place)
        return BodyReader(media, name.essence, "response"), name


class _HeaderChecker:
    """One documented response header."""

    def __init__(self, name: str, header: Parameter) -> None:
        self._name = name
        self._lower = name.lower()
        self._header = header
        self._read = header_reader(header, judge, "response")
        self._validator = Validator(header.schema, "response") if header.schema is not None else None

    def check(self, index: dict[str, str], violations: list[Violation]) -> None:
        raw = index.get(self._lower)
        if raw is None:
            if self._header.required:
                detail = f"The header {self._name!r} is required."
                place = self._header.place
                violations.append(
                    Violation("header", self._name, "required", detail, self._name, place=place)
                )
            return
        try:
            value = self._read(raw)
        except Misread as error:
            place = self._header.place
            violations.append(Violation("header", self._name, error.keyword, str(error), place=place))
            return
        if self._validator is not None:
            violations.extend(self._validator.check(value, "header", self._name))
