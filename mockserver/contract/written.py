"""
Values written as parameters: the other direction of `styles`.

The judge sends what this writes, `routes` prints it, and a property test holds
both directions together: what is written is read back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import quote

from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import Parameter
from mockserver.contract.packed import BETWEEN
from mockserver.exchange import Json

_RESERVED = ":/?@!$'(),;*"
"""What `allowReserved` leaves as it is. Not "#[]&=+", which would end or split the query (3.1.1, 4.8.12)."""
_JOINED = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}


def write(parameter: Parameter, value: Json) -> str:
    """
    Return *value* as the text of *parameter*, percent-encoded where its place asks for it.

    For a path: what replaces "{name}". For a query or cookie: "name=value" pairs joined with "&" (for style
    `cookie` with "; "), "" where an exploded empty value leaves nothing. For a header: the field's value.
    """
    if parameter.content:
        name = parsed(parameter.content)
        as_json = name is None or is_json(name.essence)
        return _placed(parameter, json.dumps(value, ensure_ascii=False) if as_json else plain_text(value))
    if parameter.location == "path":
        return _path(parameter, value)
    if parameter.location == "header":
        return _joined(value, BETWEEN.get(parameter.style, ","), parameter.explode, _same)
    return _fields(parameter, value, "; " if parameter.style == "cookie" else "&")


def plain_text(value: Json) -> str:
    """Return a scalar as text: true, false, "" for null, numbers as JSON has them; anything else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _same(text: str) -> str:
    return text


def _encode(text: str) -> str:
    return quote(text, safe="")


def _encode_reserved(text: str) -> str:
    return quote(text, safe=_RESERVED)


def _encoder(parameter: Parameter) -> Callable[[str], str]:
    if parameter.location == "header" or (parameter.location == "cookie" and parameter.style == "cookie"):
        return _same
    return _encode_reserved if parameter.allow_reserved and parameter.location == "query" else _encode


def _placed(parameter: Parameter, text: str) -> str:
    encoded = _encoder(parameter)(text)
    if parameter.location in ("query", "cookie"):
        return f"{quote(parameter.name, safe='')}={encoded}"
    return encoded


def _joined(value: Json, mark: str, explode: bool, encode: Callable[[str], str]) -> str:
    """Arrays and objects in one text, *mark* between the parts."""
    if isinstance(value, list):
        return mark.join(encode(plain_text(item)) for item in value)
    if isinstance(value, dict):
        between = "=" if explode else ","
        pairs = (f"{encode(name)}{between}{encode(plain_text(item))}" for name, item in value.items())
        return (mark if explode else ",").join(pairs)
    return encode(plain_text(value))


def _path(parameter: Parameter, value: Json) -> str:
    explode, encode = parameter.explode, _encoder(parameter)
    if parameter.style == "label":
        return "." + _joined(value, "." if explode else ",", explode, encode)
    if parameter.style == "matrix":
        name = encode(parameter.name)
        if explode and isinstance(value, list):
            return "".join(f";{name}={encode(plain_text(item))}" for item in value)
        if explode and isinstance(value, dict):
            return ";" + _joined(value, ";", True, encode)
        return f";{name}={_joined(value, ',', False, encode)}"
    return _joined(value, _JOINED.get(parameter.style, ","), explode, encode)


def _fields(parameter: Parameter, value: Json, mark: str) -> str:
    """The "name=value" pairs of a query or cookie parameter, *mark* between them."""
    name, encode = quote(parameter.name, safe=""), _encoder(parameter)
    if parameter.style == "deepObject" and isinstance(value, dict):
        return mark.join(_deep(name, value, encode))
    if parameter.explode and isinstance(value, list):
        return mark.join(f"{name}={encode(plain_text(item))}" for item in value)
    if parameter.explode and isinstance(value, dict):
        return mark.join(
            f"{encode(key)}={encode(plain_text(item))}"
            for key, items in value.items()
            for item in (items if isinstance(items, list) else [items])
        )
    between = _JOINED.get(parameter.style, ",")
    if isinstance(value, dict):
        value = [part for pair in value.items() for part in pair]
    return f"{name}={_joined(value, between, False, encode)}"


def _deep(name: str, value: Json, encode: Callable[[str], str]) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _deep(f"{name}%5B{encode(key)}%5D", item, encode)
    elif isinstance(value, list):
        nested = any(isinstance(item, (list, dict)) for item in value)
        for index, item in enumerate(value):
            yield from _deep(f"{name}%5B{index}%5D" if nested else name, item, encode)
    else:
        yield f"{name}={encode(plain_text(value))}"
