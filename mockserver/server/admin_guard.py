"""
Who may use the admin: closed to other sites and, on an open network, to strangers.

A mock on a loopback address is still reachable by every page in the developer's
browser. Two attacks are known: a page sends requests across origins (it cannot read
the answers, but a reset needs no answer), and a page whose own name was made to
point to 127.0.0.1 ("DNS rebinding") is not even another origin. The first is told
by `Sec-Fetch-Site` and `Origin`, the second by a Host that is no name of ours.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import urlsplit

OPEN = ("/__admin/health", "/__admin/version", "/__admin/login")
"""Asked for by probes that carry no token, and by who comes to show one; they tell and change nothing."""
OPEN_BELOW = "/__admin/static/"
"""What the login page is drawn with."""
COOKIE = "mockserver-admin"
"""Carries the proof that a browser has shown the token."""


@dataclass(frozen=True)
class Guard:
    """
    The rules for `/__admin`.

    Attributes:
        token: What `Authorization: Bearer` must carry; "" asks for none.
        names: Host names of ours, beside localhost and addresses.
    """

    token: str = ""
    names: frozenset[str] = frozenset()

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """
        Return status and reason when a request must not pass, else None.

        Args:
            method: Upper case.
            path: Decoded.
            headers: By lower-case name.
        """
        host = headers.get("host", "")
        if not self.token and not self._ours(host):
            return 403, f"{host!r} is no name of this server (it may be a DNS rebinding attack)."
        if self._foreign(method, host, headers):
            return 403, "The admin is not open to pages of other origins."
        if self.token and path.rstrip("/") not in OPEN and not path.startswith(OPEN_BELOW):
            kind, _, given = headers.get("authorization", "").partition(" ")
            if not (kind.lower() == "bearer" and self.knows(given.strip())) and not self._shown(headers):
                return (
                    401,
                    "The admin needs the token that was printed at the start: Authorization: Bearer TOKEN.",
                )
        return None

    def knows(self, token: str) -> bool:
        """Return whether *token* is the one that is asked for."""
        return compare_digest(token.encode(), self.token.encode())

    @property
    def proof(self) -> str:
        """What the cookie of a browser carries that has shown the token: made of it, and not the token."""
        return hmac.new(self.token.encode(), COOKIE.encode(), hashlib.sha256).hexdigest()

    def _shown(self, headers: Mapping[str, str]) -> bool:
        for part in headers.get("cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == COOKIE and compare_digest(value.encode(), self.proof.encode()):
                return True
        return False

    def _ours(self, host: str) -> bool:
        """An address cannot be rebound, only a name can."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name == "localhost" or name.endswith(".localhost") or name in self.names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    @staticmethod
    def _foreign(method: str, host: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a browser says that a page of another origin is asking."""
        origin = headers.get("origin")
        if origin is not None:
            try:
                return urlsplit(origin).netloc.lower() != host.lower()
            except ValueError:  # "http://[": whoever writes that is not our page
                return True
        site = headers.get("sec-fetch-site", "none")
        if site in ("none", "same-origin"):
            return False
        # A link to the dashboard may stand anywhere: following it shows it, and does nothing.
        return not (method == "GET" and headers.get("sec-fetch-mode") == "navigate")
