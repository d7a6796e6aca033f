"""
A request as one line for a shell, which sends the same bytes when it is pasted.

What curl does by itself is told not to be done: globs in URLs ("filter[name]"), paths that
are made shorter ("/../"), bodies that begin with "@" and are read from a file, a form's
media type for a body that names none, a wait for the body of an answer to HEAD.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

_DOTS = re.compile(r"/(\.|%2e){1,2}(/|$)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$[A-Z_]{3,}")
_SPECIAL = re.compile(r'["\\`]|\$(?![A-Z_]{3})')
_GLOB = frozenset("[]{}")


def line(method: str, url: str, fields: Iterable[tuple[str, str]], body: bytes) -> str:
    """
    Return the line.

    Args:
        method: Upper case.
        url: Absolute.
        fields: Names and values of header fields; the shell puts in what stands for a secret ("$TOKEN").
        body: b"" for none. One that is no text is written by printf, whose octal escapes POSIX has.
    """
    fields = list(fields)
    parts = ["curl", "-i"]
    target = url.partition("?")[0].partition("://")[2]
    if _GLOB & set(url):
        parts.append("--globoff")
    if _DOTS.search(f"/{target.partition('/')[2]}"):
        parts.append("--path-as-is")
    if method == "HEAD" and not body:
        parts.append("--head")
    elif method != "GET" or body:
        parts += ["-X", method]
    for name, value in fields:
        parts += ["-H", _field(name, value)]
    if body and not any(name.lower() == "content-type" for name, _ in fields):
        parts += ["-H", "'content-type:'"]
    text = _text(body)
    if body and text is not None:
        parts += ["--data-raw" if text.startswith("@") else "--data-binary", shlex.quote(text)]
    elif body:
        parts += ["--data-binary", "@-"]
    parts.append(shlex.quote(url))
    said = " ".join(parts)
    return said if text is not None else f"printf '{_octal(body)}' | {said}"


def _field(name: str, value: str) -> str:
    if not value:
        return shlex.quote(f"{name};")  # curl's way to send a field without a value
    if _VARIABLE.search(value):
        return f'"{name}: {_SPECIAL.sub(_escaped, value)}"'
    return shlex.quote(f"{name}: {value}")


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


def _text(body: bytes) -> str | None:
    """Return a body as a shell can say it; None where that cannot be: it is no UTF-8, or has a zero in it."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _octal(body: bytes) -> str:
    plain = frozenset(b' !#$&()*+,-./:;<=>?@[]^_`{|}~"') | frozenset(range(48, 58)) | frozenset(range(65, 91))
    plain |= frozenset(range(97, 123))
    return "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in body)
