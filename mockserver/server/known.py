"""
What is to be done with a response once it is known: at once, or when a gate lets it go or its turn has come.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from mockserver.exchange import Response


def once_known(response: Response, change: Callable[[Response], Response]) -> Response:
    """Return what *change* makes of *response*; where that only stands for one to come, of that one."""
    wire = response.wire
    if wire is not None and (fetch := wire.fetch) is not None:
        return replace(response, wire=replace(wire, fetch=lambda: once_known(fetch(), change)))
    waits = None if wire is None else wire.gate or wire.turn
    if waits is not None:
        waits.after(lambda later: once_known(later, change))
        return response
    return change(response)
