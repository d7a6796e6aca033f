"""
Whether a host is this machine, by its text: a name is never resolved to find out.

It may resolve to something else the next time (DNS rebinding). `localhost` and what ends
in it are this machine whatever a name server says (RFC 6761, 6.3); where a resolver
does not know that, it is not asked.
"""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether *host* is this machine."""
    if _is_local(host):
        return True
    try:
        address = ipaddress.ip_address(host.rstrip(".").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def reached_at(host: str) -> str:
    """Return what to connect to for *host*: itself, or the address that a name below localhost stands for."""
    return "127.0.0.1" if _is_local(host) and host.rstrip(".").lower() != "localhost" else host


def _is_local(host: str) -> bool:
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")
