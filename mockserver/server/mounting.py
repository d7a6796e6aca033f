"""
Put APIs up: a host for what was named on the command line.

Every API stands below its name and on a host of that name, so two of one name
would hide each other: that is an error which names both files, whatever the
case of the letters (a host name has none, RFC 4343).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mockserver.contract.locate import Located
from mockserver.errors import UsageError
from mockserver.server.api import Api
from mockserver.server.journal import Journal
from mockserver.server.pipeline import Host


def build_host(
    located: Sequence[Located],
    *,
    journal: Journal,
    seed: str = "",
    dynamic: bool = False,
    outside: bool = False,
    stateless: bool = False,
    locale: str = "",
    make: type[Host] = Host,
    **options: Any,
) -> Host:
    """
    Return the host of the APIs at *located*. The options are those of `Api`, and for the rest of `Host`.

    *make* makes it: `Host`, or what stands for one.

    Raises:
        MockserverError: One of them cannot be served; two have one name.
    """
    _hold_apart(located)
    apis = [
        Api(one, seed=seed, outside=outside, stateless=stateless, dynamic=dynamic, locale=locale)
        for one in located
    ]
    return make(apis, journal, dynamic=dynamic, **options)


def _hold_apart(located: Sequence[Located]) -> None:
    """Raise UsageError where two APIs have one name."""
    names: dict[str, Located] = {}
    for one in located:
        known = names.setdefault(one.name.casefold(), one)
        if known is not one:
            called = f"{one.name!r}" if one.name == known.name else f"{known.name!r} and {one.name!r}"
            raise UsageError(
                f"two APIs are called {called}: {known.file} and {one.file}. "
                "A file is called as itself without its ending, a folder with openapi.yaml as the folder."
            )
