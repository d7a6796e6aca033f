"""
What is secret by its name: fields of bodies and rows that neither a recording nor a bundle may hold.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

SECRET = re.compile(
    r"pass(word|wd|phrase)|secret|token|api[-_]?key|authorization|credential|private[-_]?key", re.IGNORECASE
)
REDACTED = "[REDACTED]"

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
