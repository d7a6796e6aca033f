"""
The URL of a server, as a person writes it on a command line.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from mockserver.errors import UsageError


def server_of(
    url: str, option: str, schemes: tuple[str, ...] = ("http", "https"), like: str = "http://127.0.0.1:9000"
) -> SplitResult:
    """
    Return the parts of the *url* of a server, which was given as *option*.

    Raises:
        UsageError: It is no URL of one of the *schemes*, or names no host, or a port that nobody can have.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in schemes and parts.hostname and parts.port != 0
        why = ""
    except ValueError as error:  # "http://[1", "http://a:b", "http://a:99999"
        known, why = False, f" ({error})"
    if not known:
        raise UsageError(f"{option} {url}: expected a URL such as {like}{why}")
    return parts
