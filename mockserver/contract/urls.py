"""
URLs that others write: a person on a command line, a server in a Location.
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


def parts_of(url: str) -> SplitResult:
    """Return the parts of a *url* that a server or a file told; what cannot be taken apart is all path."""
    try:
        return urlsplit(url)
    except ValueError:  # "http://[1/x"
        return SplitResult("", "", url, "", "")
