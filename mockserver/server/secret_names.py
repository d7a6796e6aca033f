"""
What is secret by its name: fields of bodies and rows that neither a recording nor a bundle may hold.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote_plus

from mockserver.exchange import Violation

SECRET = re.compile(
    r"pass(word|wd|phrase)|secret|token|api[-_]?key|authorization|credential|private[-_]?key", re.IGNORECASE
)
_HARMLESS = re.compile(r"page|next|prev|cursor|continu|sync|count|type|limit|expires", re.IGNORECASE)
"""What a "token" in a name is about where it is none that opens anything."""
REDACTED = "[REDACTED]"


def is_secret(name: str) -> bool:
    """Return whether a parameter called *name* (as it was sent) carries a secret."""
    name = unquote_plus(name)
    return SECRET.search(name) is not None and not _HARMLESS.search(name)


def discreet(violation: Violation) -> Violation:
    """Return *violation* without the value, where it is that of a parameter that carries a secret."""
    found = violation.found
    if violation.where not in ("query", "header", "cookie") or not isinstance(found, str) or not found:
        return violation
    if not is_secret(violation.pointer.partition("/")[0]):
        return violation
    return replace(violation, found=REDACTED, detail=violation.detail.replace(found, REDACTED))


_NAMED = (
    # JSON that was cut, or never was whole
    rb'"(?P<name>[^"\\]{1,100})"\s{0,9}:\s{0,9}"(?P<value>(?:[^"\\]|\\.)+)',
    # a form
    rb"(?:^|(?<=[&?;]))(?P<name>[^&=;\s]{1,100})=(?P<value>[^&\s]+)",
    # a part
    rb'\bname="(?P<name>[^"\r\n]{1,100})"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n(?P<value>.*?)(?=\r\n--|\Z)',
    # XML
    rb"<(?P<name>[A-Za-z_][\w.:-]{0,99})(?:\s[^<>]{0,500})?>(?P<value>[^<]+)",
)
_PATTERNS = tuple(re.compile(pattern, re.DOTALL) for pattern in _NAMED)


def without_secrets(content: bytes) -> tuple[bytes, list[str]]:
    """
    Return text without what stands behind a secret's name, and these names.

    For what no parser takes as a whole: forms and parts, XML, and JSON of which the end is missing.
    """
    names: list[str] = []

    def cleared(found: re.Match[bytes]) -> bytes:
        name = unquote_plus(found["name"].decode("latin-1"))
        if not SECRET.search(name):
            return found[0]
        names.append(name)
        start = found.start()
        return (
            found[0][: found.start("value") - start]
            + REDACTED.encode()
            + found[0][found.end("value") - start :]
        )

    for pattern in _PATTERNS:
        content = pattern.sub(cleared, content)
    return content, names
