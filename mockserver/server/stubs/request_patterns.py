"""
What a stub asks of a request, and how far a request is from it.

Weights are WireMock's (RequestPattern): a wrong URL outweighs wrong fields, and
fields count only where address and method fit, so that the nearest stub is the
one that a person would call nearest.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from mockserver.exchange import Json
from mockserver.server.stubs import registry
from mockserver.server.stubs.asked import Asked, Part, Values
from mockserver.server.stubs.matchers import EqualTo, Matcher, text_distance
from mockserver.server.stubs.path_templates import PathTemplate
from mockserver.server.stubs.reading import Doc
from mockserver.server.stubs.regexes import Pattern
from mockserver.server.stubs.registry import Field

URLS = ("url", "urlPattern", "urlPath", "urlPathPattern", "urlPathTemplate")
KEYS = (
    *("method", "scheme", "host", "port", "clientIp", *URLS, "pathParameters", "queryParameters"),
    *("formParameters", "headers", "cookies", "basicAuth", "basicAuthCredentials", "bodyPatterns"),
    *("multipartPatterns", "customMatcher"),
)
SHOWN_ONLY = ("metadata", "loggedDate", "loggedDateString", "browserProxyRequest", "absoluteUrl")
"""What clients send along with a pattern, and WireMock ignores."""


class Url:
    """
    How the address must look.

    Args:
        kind: One of `URLS`; "" takes any.
        text: With it.
        pointer: Where it stands.
    """

    def __init__(self, kind: str, text: str, pointer: str) -> None:
        self.kind = kind
        self.text = text
        self.template = PathTemplate(text) if kind == "urlPathTemplate" else None
        self._pattern = Pattern(text, pointer) if kind.endswith("Pattern") else None
        self._whole = kind in ("url", "urlPattern")

    @property
    def expected(self) -> str:
        """As WireMock prints it."""
        kinds = {"urlPattern": "[regex] ", "urlPathPattern": "[path regex] ", "urlPath": "[path] "}
        kinds["urlPathTemplate"] = "[path template] "
        return kinds.get(self.kind, "") + self.text if self.kind else "ANY"

    def fits(self, asked: Asked) -> bool:
        """Whether the request goes there."""
        if not self.kind:
            return True
        text = asked.url if self._whole else asked.path
        if self._pattern is not None:
            return self._pattern.fits(text)
        if self.template is not None:
            return self.template.values(text) is not None
        return text == self.text

    def distance(self, asked: Asked) -> float:
        """How far the request's address is from it."""
        if self.fits(asked):
            return 0.0
        if self._pattern is not None:
            return 1.0
        return text_distance(self.text, asked.url if self._whole else asked.path)


@dataclass(frozen=True)
class Multipart:
    """One part, or all (`every`), of a multipart body."""

    name: str
    filename: str
    every: bool
    headers: dict[str, Field]
    body: list[Matcher]

    def distance(self, asked: Asked) -> float:
        """0 where the parts fit, else 1."""
        fits = [self._fits(part, asked) for part in asked.parts if not self.name or part.name == self.name]
        return 0.0 if fits and (all(fits) if self.every else any(fits)) else 1.0

    def _fits(self, part: Part, asked: Asked) -> bool:
        if self.filename and part.filename != self.filename:
            return False
        fields = all(
            one.distance(part.headers.get(name.lower(), []), asked.now) == 0
            for name, one in self.headers.items()
        )
        return fields and all(one.fits(part.body, asked.now) for one in self.body)


@dataclass(frozen=True)
class RequestPattern:
    """
    What a stub asks of a request. Made by `read`.

    `given` is the JSON that it was read from.
    """

    given: Json
    method: str
    methods: tuple[str, ...]
    url: Url
    scheme: str | None = None
    host: Matcher | None = None
    port: int | None = None
    client: Matcher | None = None
    path_parameters: dict[str, Matcher] = field(default_factory=dict)
    query: dict[str, Field] = field(default_factory=dict)
    form: dict[str, Field] = field(default_factory=dict)
    headers: dict[str, Field] = field(default_factory=dict)
    cookies: dict[str, Matcher] = field(default_factory=dict)
    body: list[Matcher] = field(default_factory=list)
    multipart: list[Multipart] = field(default_factory=list)

    def fits(self, asked: Asked) -> bool:
        """Whether the request is what is asked for: the cheap questions first."""
        if self.methods and asked.method not in self.methods:
            return False
        if not self.url.fits(asked):
            return False
        if self._names_a_server and any(distance for _, distance in self._addressed(asked)):
            return False
        return not any(part(asked) for part in self._asks)

    def distance(self, asked: Asked) -> float:
        """How far the request is from it, from 0 (it fits) to 1."""
        weighed = [
            *self._addressed(asked),
            (10.0, self.url.distance(asked)),
            (3.0, 0.0 if self._method_fits(asked) else 1.0),
        ]
        if not any(distance for _, distance in weighed):
            weighed += [(1.0, part(asked)) for part in self._fields]
        return sum(weight * distance for weight, distance in weighed) / sum(weight for weight, _ in weighed)

    def path_values(self, asked: Asked) -> dict[str, str]:
        """Return what stands at the variables of the path template; {} where there is none."""
        return (self.url.template.values(asked.path) or {}) if self.url.template is not None else {}

    def _method_fits(self, asked: Asked) -> bool:
        return not self.methods or asked.method in self.methods

    def _addressed(self, asked: Asked) -> list[tuple[float, float]]:
        """Return (weight, distance) of what says which server is meant."""
        return [
            (3.0, float(self.scheme is not None and self.scheme.lower() != asked.scheme)),
            (10.0, self.host.distance(asked.host, asked.now) if self.host is not None else 0.0),
            (10.0, float(self.port is not None and self.port != asked.port)),
            (3.0, self.client.distance(asked.client, asked.now) if self.client is not None else 0.0),
        ]

    @cached_property
    def _names_a_server(self) -> bool:
        return any(one is not None for one in (self.scheme, self.host, self.port, self.client))

    @cached_property
    def _asks(self) -> tuple[Callable[[Asked], float], ...]:
        """Those of the fields of which something is asked."""
        said = (self.path_parameters, self.headers, self.query, self.form, self.cookies)
        there = (*said, self.body, self.multipart)
        return tuple(part for part, asked in zip(self._fields, there, strict=True) if asked)

    @cached_property
    def _fields(self) -> tuple[Callable[[Asked], float], ...]:
        return (
            self._path_distance,
            lambda asked: _values(self.headers, asked.headers, asked, lower=True),
            lambda asked: _values(self.query, asked.query, asked),
            lambda asked: _values(self.form, asked.form, asked),
            self._cookie_distance,
            self._body_distance,
            self._multipart_distance,
        )

    def _path_distance(self, asked: Asked) -> float:
        values = self.path_values(asked)
        return _mean(
            [one.distance(values.get(name), asked.now) for name, one in self.path_parameters.items()]
        )

    def _cookie_distance(self, asked: Asked) -> float:
        return _mean(
            [
                min(
                    (one.distance(value, asked.now) for value in asked.cookies.get(name, [None])), default=1.0
                )
                for name, one in self.cookies.items()
            ]
        )

    def _body_distance(self, asked: Asked) -> float:
        body = asked.body or None
        return _mean(
            [0.0 if one.fits(body, asked.now) else one.distance(body, asked.now) for one in self.body]
        )

    def _multipart_distance(self, asked: Asked) -> float:
        if self.multipart and not asked.multipart:
            return 1.0
        return _mean([one.distance(asked) for one in self.multipart])


def _values(wanted: dict[str, Field], found: Values, asked: Asked, lower: bool = False) -> float:
    return _mean(
        [
            one.distance(found.get(name.lower() if lower else name, []), asked.now)
            for name, one in wanted.items()
        ]
    )


def _mean(distances: list[float]) -> float:
    return sum(distances) / len(distances) if distances else 0.0


# ------------------------------------------------------------------ reading


def read(doc: Doc) -> RequestPattern:
    """
    Return the pattern that a stub's `request`, or a search of the journal, describes.

    Raises:
        Unfit: It has a key that nobody knows, two URLs, or a matcher that is none.
    """
    doc.only((*KEYS, *SHOWN_ONLY))
    if "customMatcher" in doc:
        raise doc.unfit("customMatcher", "a matcher in Java cannot be called from here")
    named = [kind for kind in URLS if kind in doc]
    if len(named) > 1:
        raise doc.unfit(named[1], f"Only one of {', '.join(URLS)} may be given; found {' and '.join(named)}")
    kind = named[0] if named else ""
    url = Url(kind, doc.text(kind) or "", doc.at(kind)) if kind else Url("", "", doc.pointer)
    if kind == "url" and url.text and not url.text.startswith("/"):
        raise doc.unfit("url", f"{url.text!r}: expected a path that begins with /")
    if "pathParameters" in doc and url.template is None:
        raise doc.unfit("pathParameters", "Path parameters can only be used with urlPathTemplate")
    parameters = doc.members("pathParameters", registry.matcher)
    if url.template is not None and (unknown := parameters.keys() - set(url.template.names)):
        names = ", ".join(url.template.names) or "none"
        raise doc.unfit("pathParameters", f"{min(unknown)!r} is not in the template; it has {names}")
    method, methods = _methods(doc)
    return RequestPattern(
        given=doc.value,
        method=method,
        methods=methods,
        url=url,
        scheme=doc.text("scheme"),
        host=registry.matcher(doc.value["host"], doc.at("host")) if "host" in doc else None,
        port=doc.whole("port"),
        client=registry.matcher(doc.value["clientIp"], doc.at("clientIp"))
        if _matched(doc, "clientIp")
        else None,
        path_parameters=parameters,
        query=doc.members("queryParameters", registry.field),
        form=doc.members("formParameters", registry.field),
        headers={**doc.members("headers", registry.field), **_basic(doc)},
        cookies=doc.members("cookies", registry.matcher),
        body=registry.matcher_list(doc, "bodyPatterns"),
        multipart=[_multipart(part) for part in doc.docs("multipartPatterns")],
    )


def _matched(doc: Doc, key: str) -> bool:
    """Whether *key* holds a matcher; a logged request that is sent back holds a text there."""
    return key in doc and isinstance(doc.value[key], dict)


def _methods(doc: Doc) -> tuple[str, tuple[str, ...]]:
    """Return the method as said, and those it takes: () for any. {"oneOf": [...]} is WireMock's as well."""
    given = doc.value.get("method")
    if isinstance(given, dict):
        within = Doc(given, doc.at("method"))
        within.only(("oneOf",))
        names = tuple(str(item).upper() for item, _ in within.list("oneOf"))
        return f"one of {', '.join(names)}", names
    method = doc.text("method") or "ANY"
    if method.upper() == "GET_OR_HEAD":
        return method, ("GET", "HEAD")
    return method, () if method.upper() == "ANY" else (method.upper(),)


def _basic(doc: Doc) -> dict[str, Field]:
    key = "basicAuthCredentials" if "basicAuthCredentials" in doc else "basicAuth"
    within = doc.doc(key)
    if within is None:
        return {}
    within.only(("username", "password"))
    pair = f"{within.text('username') or ''}:{within.text('password') or ''}"
    value = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return {"Authorization": registry.OneOf(EqualTo(value, False))}


def _multipart(doc: Doc) -> Multipart:
    doc.only(("name", "fileName", "matchingType", "headers", "bodyPatterns"))
    kind = doc.text("matchingType") or "ANY"
    if kind not in ("ANY", "ALL"):
        raise doc.unfit("matchingType", f"{kind!r}: expected ANY or ALL")
    return Multipart(
        name=doc.text("name") or "",
        filename=doc.text("fileName") or "",
        every=kind == "ALL",
        headers=doc.members("headers", registry.field),
        body=registry.matcher_list(doc, "bodyPatterns"),
    )
