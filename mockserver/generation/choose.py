"""
Choose the documented response that may tell what happened.

A table, not code: what happened -> which statuses may say so, the best first.
It is the order of Prism's flow chart, so that its users meet what they know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from mockserver.contract.media import is_json, preferred
from mockserver.contract.model import Example, MediaType, Operation, Promise

FITTING: Mapping[str, tuple[str, ...]] = {
    "unauthenticated": ("401", "4XX", "default"),
    "forbidden": ("403", "4XX", "default"),
    "invalid": ("422", "400", "4XX", "default"),
    "media": ("415", "4XX", "default"),
    "unknown": ("404", "4XX", "default"),
}
"""What happened -> statuses that may tell it, the best first. `success` chooses for what went well."""

STATUS: Mapping[str, int] = {
    "unauthenticated": 401,
    "forbidden": 403,
    "invalid": 422,
    "media": 415,
    "unknown": 404,
    "unacceptable": 406,
}
"""The status where the contract documents none that fits."""


class Chosen(NamedTuple):
    """A documented response, and the status code that it is sent with."""

    status: int
    promise: Promise


def fitting(operation: Operation, happened: str) -> Chosen | None:
    """Return the documented response that tells what *happened* (a key of `FITTING`), or None."""
    for key in FITTING[happened]:
        promise = operation.responses.get(key)
        if promise is not None:
            return Chosen(int(key) if key.isdigit() else STATUS[happened], promise)
    return None


def success(operation: Operation) -> Chosen | None:
    """
    Return the documented success: the lowest 2xx, then 2XX, then default, then the lowest 3xx or 1xx.

    An operation that documents only errors answers with the lowest of these.
    """
    responses = operation.responses
    for digits in ("2", "3", "1"):
        exact = sorted(key for key in responses if key.startswith(digits) and key.isdigit())
        if exact:
            return Chosen(int(exact[0]), responses[exact[0]])
        if f"{digits}XX" in responses:
            return Chosen(int(f"{digits}00"), responses[f"{digits}XX"])
        if digits == "2" and "default" in responses:
            return Chosen(200, responses["default"])
    for key in sorted(responses):
        return Chosen(int(key[0] + "00") if key.endswith("XX") else int(key), responses[key])
    return None


def coded(operation: Operation, code: str) -> Chosen | None:
    """Return the documented response for a *code* asked for: exact, its range, default; None without any."""
    responses = operation.responses
    if code.isdigit():
        promise = operation.promise(int(code))
        return Chosen(int(code), promise) if promise is not None else None
    promise = responses.get(code)
    if promise is None:
        return None
    return Chosen(500 if code == "default" else int(f"{code[0]}00"), promise)


def exemplified(
    operation: Operation, name: str, first: Chosen | None
) -> tuple[Chosen, MediaType, Example] | None:
    """
    Return the response that has an example *name*: *first* is asked first, then successes, then the rest.

    So `Prefer: example=nochat` answers as the document's error of that name.
    """
    others = sorted(operation.responses, key=lambda key: (not key.startswith("2"), key))
    candidates = [first] if first is not None else []
    candidates += [found for key in others if (found := coded(operation, key)) is not None]
    for chosen in candidates:
        for media in chosen.promise.content.values():
            if name in media.examples:
                return chosen, media, media.examples[name]
    return None


def media_for(promise: Promise, accept: str) -> tuple[bool, MediaType | None]:
    """
    Return (whether *accept* can be met, the media type to answer in).

    Of what the client likes equally the first that it names is taken; where it names none, JSON before what
    else there is, then the contract's order. A response without content meets any Accept.
    """
    content = promise.content
    if not content:
        return True, None
    if not accept:
        return True, default_media(content)
    named = accept.lower()

    def order(name: str) -> tuple[int, bool]:
        place = named.find(name.partition(";")[0].strip())
        return place if place >= 0 else len(named), not _is_json(name)

    name = preferred(accept, sorted(content, key=order))
    return (True, content[name]) if name is not None else (False, None)


def default_media(content: Mapping[str, MediaType]) -> MediaType | None:
    """Return the media type to answer in when nobody asks: the first JSON, else the first."""
    if not content:
        return None
    return next((media for name, media in content.items() if _is_json(name)), next(iter(content.values())))


@lru_cache(maxsize=512)
def _is_json(name: str) -> bool:
    return is_json(name.partition(";")[0].strip())


def example(media: MediaType, accepts: Callable[[object], bool], name: str = "") -> Example | None:
    """
    Return the example to answer with: *name* where it is given, else the first that is valid.

    An example that breaks its own schema is not served; `check` reports it.
    """
    if name:
        return media.examples.get(name)
    return next((one for one in media.examples.values() if accepts(one.value)), None)
