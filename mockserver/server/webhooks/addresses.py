"""
Which addresses may be called, and the macros in them.

A mock runs where secrets are (a laptop, a CI runner), and its state is filled by
whoever sends requests: without a fence a campaign's postback template would make
it call anything that this machine can reach. So it calls loopback alone, unless
it was started with `--webhooks-anywhere`. That is decided by the text of the
address: a name is never resolved to find out, since it may resolve to something
else the next time (DNS rebinding).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from mockserver.exchange import Json
from mockserver.server.loopback import is_loopback

_MACRO = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def refusal(url: str, anywhere: bool) -> str:
    """Return why *url* is not called, "" where it may be."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"{url!r:.200} is no URL: {error}."
    if parts.scheme not in ("http", "https") or not host:
        return f"{url!r:.200} is no URL that can be called: http://HOST/PATH is expected."
    if anywhere or is_loopback(host):
        return ""
    return f"{host} is not this machine. A server that was started with --webhooks-anywhere calls it."


def macros(template: str) -> list[str]:
    """Return the names of the macros (`{click}`) in *template*, each once."""
    return list(dict.fromkeys(_MACRO.findall(template)))


def filled(template: str, values: Mapping[str, Json]) -> str:
    """
    Return *template* with the macros that *values* know filled in, percent-encoded.

    One that nobody knows stays as it stands, so that it is seen; what is no text is written as JSON has it.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        return quote(plain(values[found[1]]), safe="")

    return _MACRO.sub(value, template)


def plain(value: Json) -> str:
    """Return *value* as it stands in a URL, not yet encoded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def receiver(url: str) -> str:
    """Return who is behind *url*: scheme, host and port. Messages to one receiver keep their order."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


def told_in_query(url: str, values: Mapping[str, Json]) -> str:
    """Return *url* with *values* in its query: what has neither a body nor macros would tell nothing."""
    parts = urlsplit(url)
    told = [
        f"{quote(name, safe='')}={quote(plain(value), safe='')}"
        for name, value in values.items()
        if not isinstance(value, (dict, list))
    ]
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, *told]))))
