"""
The calls that a contract exemplifies: made on a fresh world, and compared with what is printed.

A printed list of objects may be the beginning of a longer one: what is printed must come first.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import orjson

from mockserver.contract.media import is_json
from mockserver.contract.model import Example, MediaType, Operation
from mockserver.contract.pairs import names, request_examples
from mockserver.exchange import MISSING, Json, Place, Request
from mockserver.server.api import Api
from mockserver.server.journal import Journal
from mockserver.server.pipeline import Host
from mockserver.server.sampling import sample

_MOST_DIFFERENCES = 5


@dataclass(frozen=True)
class Call:
    """
    One documented call.

    Attributes:
        name: Of its examples.
        status: The documented response's key; "" where only the request is exemplified.
        expected: The documented answer; `MISSING` where none is exemplified.
        place: The example.
    """

    api: Api
    operation: Operation
    name: str
    request: Request
    status: str
    expected: Json
    place: Place

    def differences(self) -> Iterator[str]:
        """Make the call on a fresh world; yield a sentence for each difference from the documented answer."""
        host = Host([self.api], Journal())
        response = host.handle(self.request)
        said = f"{self.operation.id}: the documented call {self.name!r} is answered"
        wanted = self.status or "2XX"
        if str(response.status) != wanted and f"{response.status // 100}XX" != wanted and wanted != "default":
            yield f"{said} {response.status}, not {wanted}: {response.body[:300].decode('utf-8', 'replace')}"
            return
        if self.expected is MISSING or not is_json(response.header("content-type").partition(";")[0]):
            return
        for count, (pointer, expected, found) in enumerate(
            _differences(self.expected, orjson.loads(response.body), "")
        ):
            if count == _MOST_DIFFERENCES:
                return
            yield f"{said} with {found} at {pointer or '/'}, where {expected} is printed"


def documented_calls(api: Api) -> Iterator[Call]:
    """Yield the calls of all operations of *api* whose request is exemplified and meant to succeed."""
    for operation in api.contract.operations.values():
        answers = {
            name: (status, example)
            for status, promise in operation.responses.items()
            for media in promise.content.values()
            for name, example in media.examples.items()
        }
        for name in names(operation):
            status, example = answers.get(name, ("", None))
            if status and not status.startswith("2"):
                continue  # a refusal needs its own world: `cases` hold it
            request = request_of(api, operation, name)
            if request is None:
                continue  # no example can hold a file's bytes
            place = example.place if example is not None else operation.place
            yield Call(api, operation, name, request, status, example.value if example else MISSING, place)


def request_of(api: Api, operation: Operation, name: str) -> Request | None:
    """
    Return the request that the examples called *name* describe, with the first account's credentials.

    None where its body cannot be written from an example (multipart).
    """
    target = sample(api, operation, name)
    path, _, query = target.partition("?")
    headers: list[tuple[str, str]] = [("host", "127.0.0.1"), *credentials(api, operation)]
    body = b""
    for location, parameter, example in request_examples(operation, name):
        if location == "header":
            headers.append((parameter.lower(), str(example.value)))
    if operation.body is not None:
        media, written = _body(operation, name)
        if media is not None:
            body = written
            headers.append(("content-type", media.name))
        elif operation.body.required:
            return None
    return Request(operation.method, path, query, tuple(headers), body)


def credentials(api: Api, operation: Operation) -> list[tuple[str, str]]:
    """Return the header fields by which the first account calls *operation*."""
    account = next(iter(api.fixture.accounts.values()), {})
    for requirement in operation.security:
        for name in requirement:
            scheme = api.contract.security_schemes.get(name)
            if scheme is None:
                continue
            if scheme.scheme == "basic":
                secret = base64.b64encode(
                    str(account.get("basic", "client-id:client-secret")).encode()
                ).decode()
                return [("authorization", f"Basic {secret}")]
            if scheme.kind == "apiKey" and scheme.location == "header":
                return [(scheme.parameter.lower(), str(account.get("bearer", "test-token")))]
            return [("authorization", f"Bearer {account.get('bearer', 'test-token')}")]
    return []


def _body(operation: Operation, name: str) -> tuple[MediaType | None, bytes]:
    assert operation.body is not None
    for media in operation.body.content.values():
        example: Example | None = media.examples.get(name)
        if example is None:
            continue
        if is_json(media.name):
            return media, orjson.dumps(example.value)
        if media.name == "application/x-www-form-urlencoded" and isinstance(example.value, dict):
            return media, "&".join(_pairs("", example.value)).encode()
        return None, b""
    return None, b""


def _pairs(prefix: str, values: dict[str, Json]) -> Iterator[str]:
    for name, value in values.items():
        key = f"{prefix}[{name}]" if prefix else name
        if isinstance(value, dict):
            yield from _pairs(key, value)
        else:
            for one in value if isinstance(value, list) else [value]:
                text = str(one).lower() if isinstance(one, bool) else str(one)
                yield f"{quote(key, safe='[]')}={quote(text, safe='')}"


def _differences(expected: Json, found: Json, pointer: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys([*expected, *found]):
            at = f"{pointer}/{key}"
            if key not in found:
                yield at, _short(expected[key]), "nothing"
            elif key not in expected:
                yield at, "nothing", _short(found[key])
            else:
                yield from _differences(expected[key], found[key], at)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) > len(found) or (len(expected) < len(found) and not isinstance(found[0], dict)):
            yield pointer, f"a list of {len(expected)}", f"a list of {len(found)}"
        for index, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from _differences(one, other, f"{pointer}/{index}")
    elif expected != found or isinstance(expected, bool) is not isinstance(found, bool):
        yield pointer, _short(expected), _short(found)


def _short(value: Json) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
