"""
The values that templates see, and how they are written out.

WireMock's request model has values that are two things at once: a query
parameter is its first value, and a list ("request.query.tag.[1]"); a path is a
text, and its segments. Looked up here by name, and never by Python attribute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from mockserver.exchange import Json, dumps
from mockserver.server.stubs import moments
from mockserver.server.stubs.asked import Asked, Values, decoded


class Many:
    """Several values, which are written out as the first (WireMock's ListOrSingle)."""

    def __init__(self, items: list[str]) -> None:
        self.items = items

    @property
    def first(self) -> str:
        """The first value."""
        return self.items[0] if self.items else ""


class Listed(list[object]):
    """A list that a template made, written out as Java writes one: [1, 2, three]."""


class XmlNode(dict[str, object]):
    """An XML element: "name", "text" and "attributes", written out as XML."""

    def __init__(self, xml: str, name: str, text: str, attributes: dict[str, str]) -> None:
        super().__init__(name=name, text=text, attributes=attributes)
        self.xml = xml


class UrlPath:
    """A path: written out as it stands, its segments by number, its template's variables by name."""

    def __init__(self, text: str, named: dict[str, str]) -> None:
        self.text = text
        self.segments = [decoded(segment) for segment in text.split("/")[1:]]
        self.named = named


class When:
    """A moment, with the format in which it is written out ("" for ISO)."""

    def __init__(self, moment: datetime, pattern: str = "") -> None:
        self.moment = moment
        self.pattern = pattern

    @property
    def text(self) -> str:
        """As it is written out. Raises ValueError."""
        return moments.formatted(self.moment, self.pattern) if self.pattern else moments.iso(self.moment)


class Caseless(dict[str, Many]):
    """Header fields by name in any case."""


def got(value: object, name: str) -> object:
    """Return what *value* has under *name* (a key, or an index), None where it has nothing."""
    if isinstance(value, Many):
        if name.startswith("-") and name[1:].isdecimal():  # -1 is the one before the last
            name = str(len(value.items) - 1 - int(name[1:]))
        value = value.items
    if isinstance(value, UrlPath):
        return value.named[name] if name in value.named else got(value.segments, name)
    if isinstance(value, Caseless):
        return value.get(name.lower())
    if isinstance(value, Mapping):
        found = value.get(name)
        if found is None and name in ("size", "length") and name not in value:
            return len(value)
        return found
    if isinstance(value, str):
        return len(value) if name in ("length", "size") else None
    if isinstance(value, Sequence):
        if name in ("size", "length"):
            return len(value)
        if name in ("first", "last"):
            return (value[0] if name == "first" else value[-1]) if value else None
        index = int(name) if name.isdecimal() else len(value)
        return value[index] if index < len(value) else None
    return None


def text_of(value: object) -> str:
    """Return *value* as it is written out."""
    if isinstance(value, XmlNode):
        return value.xml
    if isinstance(value, Listed):
        return f"[{', '.join(text_of(item) for item in value)}]"
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return dumps(value).decode()
    return str(value)


def plain(value: object) -> Json:
    """Return *value* as JSON: of those that are two things at once, the simpler."""
    if isinstance(value, Many):
        return value.first
    if isinstance(value, UrlPath):
        return value.text
    if isinstance(value, When):
        return value.text
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def items_of(value: object) -> Sequence[object] | None:
    """Return *value* as a list, None where it is none."""
    if isinstance(value, Many):
        return value.items
    if isinstance(value, UrlPath):
        return value.segments
    return value if isinstance(value, (list, tuple)) else None


def truthy(value: object) -> bool:
    """Whether a condition holds of *value* (Handlebars: not of null, false, 0, "" and [])."""
    if isinstance(value, Many):
        return bool(value.items) and bool(value.first)
    if isinstance(value, UrlPath):
        return bool(value.text)
    return bool(value) if not isinstance(value, Mapping) else True


def request_model(asked: Asked, path_values: dict[str, str], ident: str) -> dict[str, object]:
    """Return `request`, as WireMock's templates have it."""
    base = f"{asked.scheme}://{asked.authority}"
    query = {name: Many(values) for name, values in asked.query.items()}
    headers = Caseless({name: Many(values) for name, values in asked.headers.items()})
    path = UrlPath(asked.path, path_values)
    line = {
        "method": asked.method,
        "scheme": asked.scheme,
        "host": asked.host,
        "port": asked.port,
        "url": asked.url,
        "path": path,
        "pathSegments": path,
        "query": query,
        "baseUrl": base,
    }
    return {
        **line,
        "id": ident,
        "absoluteUrl": asked.absolute,
        "headers": headers,
        "cookies": _many(asked.cookies),
        "body": asked.body,
        "bodyAsBase64": _base64(asked.request.body),
        "multipart": asked.multipart,
        "isMultipart": asked.multipart,
        "parts": {
            part.name: {
                "name": part.name,
                "headers": Caseless({name: Many(values) for name, values in part.headers.items()}),
                "body": part.body,
                "bodyAsBase64": _base64(part.body.encode("utf-8", "surrogateescape")),
                "binary": False,
            }
            for part in asked.parts
        },
        "formData": _many(asked.form),
        "clientIp": asked.client,
        "requestLine": line,
    }


def _many(values: Values) -> dict[str, Many]:
    return {name: Many(items) for name, items in values.items()}


def _base64(content: bytes) -> str:
    import base64

    return base64.b64encode(content).decode()
