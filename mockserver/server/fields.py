"""
Header fields whose values HTTP spells, where a document says no more than "a text".

`Set-Cookie: {schema: {type: string}}` means a cookie, and `Retry-After` a moment: a client that is given two
words, or told to come back in a quarter of an hour, cannot go on. What has an example, or a schema that says
more, is as it says. Dates of a representation (`Last-Modified`) are left alone: a browser that can read one
keeps the answer, and shows what was there before the last change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from hashlib import sha256

from mockserver.exchange import Json

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIELDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "set-cookie": (re.compile(rf"{_TOKEN}="), "session={}; Path=/; HttpOnly"),
    "content-disposition": (re.compile(rf"{_TOKEN}\s*(;|\Z)"), 'attachment; filename="{}"'),
    "cache-control": (re.compile(rf"{_TOKEN}(=\S+)?\s*(,|\Z)"), "no-cache"),
    "retry-after": (re.compile(r"[0-3]\Z|.* GMT\Z"), "1"),
    "location": (re.compile(r"[^\s,]+\Z"), "/"),
    "content-location": (re.compile(r"[^\s,]+\Z"), "/"),
    "www-authenticate": (re.compile(rf"{_TOKEN}(\Z|\s+{_TOKEN}=)"), "Bearer"),
    "accept-ranges": (re.compile(rf"{_TOKEN}\Z"), "none"),
    "vary": (re.compile(rf"{_TOKEN}\s*(,|\Z)"), "Accept"),
}
"""Field -> how HTTP spells it, and such a value; "{}" stands for what differs from answer to answer."""


def spelt(name: str, made: Json, seed: str, is_valid: Callable[[Json], bool]) -> Json:
    """Return *made*, which was made up for the field *name*, or what HTTP has for it where that fits."""
    if name.lower() == "set-cookie" and isinstance(made, list):
        several = [spelt(name, one, f"{seed}|{at}", lambda _: True) for at, one in enumerate(made)]
        return several if is_valid(several) else made
    pattern, value = _FIELDS.get(name.lower(), (None, ""))
    if pattern is None or pattern.match(str(made)):
        return made
    found: Json = value.replace("{}", sha256(f"{seed}|{name}".encode()).hexdigest()[:16])
    for one in (found, int(found) if found.isdigit() else found):
        if type(one) is type(made) and is_valid(one):
            return one
    return made
