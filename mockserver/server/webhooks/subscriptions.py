"""
Who asked to be told: by `serve --webhook API=URL`, or by the admin.

A subscription of the command line is there in every session and after every
reset; those of the admin are rows of their session.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.model import Contract
from mockserver.errors import UsageError, nearest
from mockserver.exchange import Json

ORDERS = ("kept", "reversed", "shuffled")
METHODS = ("", "GET", "POST", "PUT", "PATCH", "DELETE")
TABLE = "subscriptions"


class BadSubscription(Exception):
    """What is asked for cannot be; the text says which member, what was expected and what was found."""


@dataclass(frozen=True)
class How:
    """
    How messages travel.

    Attributes:
        delay: Seconds on the session's clock before one leaves.
        copies: How often each is sent.
        order: "kept", or what becomes of each `batch`: "reversed" or "shuffled".
        batch: How many messages are held back for one another where the order is not kept.
        timeout: Seconds for one attempt.
        attempts: How many attempts there are.
        backoff: Seconds before the second one; each further one waits twice as long.
    """

    delay: float = 0.0
    copies: int = 1
    order: str = "kept"
    batch: int = 2
    timeout: float = 5.0
    attempts: int = 5
    backoff: float = 0.5

    def over(self, said: Mapping[str, Any]) -> How:
        """
        Return this with what *said* says.

        Raises:
            BadSubscription: A value is not what it should be.
        """
        given = {one.name: said[one.name] for one in fields(self) if one.name in said}
        for name, value in given.items():
            low, high, kind = _BOUNDS.get(name, (0, 0, str))
            if name == "order":
                if value not in ORDERS:
                    raise BadSubscription(f"order: {value!r} is none of {', '.join(ORDERS)}.")
            elif isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else int):
                raise BadSubscription(f"{name}: a number is expected, found {value!r:.60}.")
            elif not low <= value <= high:
                raise BadSubscription(f"{name}: {value} is not from {low} to {high}.")
        return replace(self, **given)


_BOUNDS: dict[str, tuple[float, float, type]] = {
    "delay": (0, 10 * 366 * 86_400, float),
    "copies": (1, 100, int),
    "batch": (2, 100, int),
    "timeout": (0.01, 60, float),
    "attempts": (1, 20, int),
    "backoff": (0, 3_600, float),
}

OPTIONS = frozenset(one.name for one in fields(How))


@dataclass(frozen=True)
class Subscription:
    """
    One address that is told of an API's events.

    Attributes:
        id: A number that counts in its session; "cli-N" for one of the command line.
        url: Where messages go; macros in it are filled with what the event carries.
        events: Names, `*` takes any text; empty: all events.
        secret: What messages are signed with, "whsec_" and base64.
        method: Another method than the contract's; "" keeps that.
        headers: Fields that go along.
    """

    id: str
    api: str
    url: str
    events: tuple[str, ...]
    secret: str
    method: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    how: How = How()

    def wants(self, api: str, event: str) -> bool:
        """Return whether it is told of *event*."""
        return self.api == api and (
            not self.events or any(fnmatchcase(event, pattern) for pattern in self.events)
        )

    def row(self) -> dict[str, Any]:
        """Return it as the admin shows it and the session keeps it."""
        return {
            "id": self.id,
            "api": self.api,
            "url": self.url,
            "events": list(self.events),
            "secret": self.secret,
            **({"method": self.method} if self.method else {}),
            **({"headers": dict(self.headers)} if self.headers else {}),
            **{one.name: getattr(self.how, one.name) for one in fields(self.how)},
        }


def secret_of(seed: str, name: str) -> str:
    """Return the secret that belongs to *name*: the same one on every machine, so that a test can know it."""
    made = hashlib.sha256(f"webhook|{seed}|{name}".encode()).digest()[:24]
    return f"whsec_{base64.b64encode(made).decode()}"


def subscription(said: Json, ident: str, contracts: Iterable[Contract], seed: str) -> Subscription:
    """
    Return the subscription that *said* describes.

    Args:
        said: As it came to the admin, or as a row.
        ident: What it is called.
        contracts: Of the APIs that are served.
        seed: For a secret where none is given.

    Raises:
        BadSubscription: It cannot be.
    """
    if not isinstance(said, dict):
        raise BadSubscription(f"an object with `api` and `url` is expected, found {said!r:.60}.")
    hold_known(said, _KNOWN)
    by_name = {contract.name: contract for contract in contracts}
    api = said.get("api") or (next(iter(by_name)) if len(by_name) == 1 else None)
    if not isinstance(api, str) or api not in by_name:
        known = ", ".join(by_name)
        raise BadSubscription(f"api: no {api!r} is served; there is {known}.{nearest(str(api), by_name)}")
    url = said.get("url")
    if not isinstance(url, str) or not is_url(url):
        raise BadSubscription(f"url: http://HOST/PATH is expected, found {url!r:.100}.")
    events = said.get("events") or []
    if isinstance(events, str):
        events = [events]
    known_events = by_name[api].events
    for event in events if isinstance(events, list) else [events]:
        if not isinstance(event, str) or not any(fnmatchcase(name, event) for name in known_events):
            raise BadSubscription(
                f"events: {api} sends no {event!r:.60}; it has {', '.join(known_events) or 'none'}."
                f"{nearest(str(event), known_events)}"
            )
    secret = said.get("secret") or secret_of(seed, f"{api} {url}")
    if not isinstance(secret, str):
        raise BadSubscription(f"secret: text is expected, found {secret!r:.60}.")
    method = str(said.get("method") or "").upper()
    if method not in METHODS:
        raise BadSubscription(f"method: {method!r:.20} is none of {', '.join(METHODS[1:])}.")
    headers = said.get("headers") or {}
    if not isinstance(headers, dict) or not all(
        isinstance(value, str) and _FIELD.fullmatch(name) and _VALUE.fullmatch(value)
        for name, value in headers.items()
    ):
        raise BadSubscription("headers: an object of header fields is expected, each value a text.")
    how = How().over(said)
    return Subscription(ident, api, url, tuple(events), secret, method, tuple(headers.items()), how)


_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_KNOWN = frozenset({"id", "api", "url", "events", "secret", "method", "headers", *OPTIONS})


def is_url(text: str) -> bool:
    """Return whether *text* is the URL of a web server; there may be macros in it."""
    try:
        return re.match(r"https?://[^/\s]", text) is not None and urlsplit(text).port != 0
    except ValueError:  # "http://[1/", "http://a:b/"
        return False


def hold_known(said: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise BadSubscription where *said* has a member that nobody reads."""
    for name in said:
        if name not in known:
            raise BadSubscription(f"there is no {name!r} here.{nearest(name, known)}")


def of_command_line(texts: Iterable[str], names: Iterable[str]) -> list[tuple[str, str]]:
    """
    Return API and URL of each `--webhook API=URL`.

    Raises:
        UsageError: It is not of that form, or no such API is served.
    """
    served = list(names)
    found = []
    for text in texts:
        api, equals, url = text.partition("=")
        if "://" in api:  # the "=" stands in the URL
            api, equals, url = "", "", text
        if not equals and len(served) == 1:
            api, url = served[0], text
        elif not equals:
            raise UsageError(f"--webhook {text}: API=URL is expected, e.g. {served[0]}=http://127.0.0.1:9000")
        if api not in served:
            raise UsageError(f"--webhook {text}: no API {api!r} is served.{nearest(api, served)}")
        if not is_url(url):
            raise UsageError(f"--webhook {text}: {url!r} is no URL such as http://127.0.0.1:9000/hook")
        found.append((api, url))
    return found
