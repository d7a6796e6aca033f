"""
Put APIs up: a host for what was named on the command line.

Every API stands below its name and on a host of that name, so two of one name
would hide each other: that is an error which names both files, whatever the
case of the letters (a host name has none, RFC 4343).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mockserver.behavior.taking import hold_known
from mockserver.contract.locate import Located
from mockserver.errors import UsageError
from mockserver.server.api import Api
from mockserver.server.journal import Journal
from mockserver.server.keeper import MEMORY_URL, WAIT
from mockserver.server.pipeline import Host

log = logging.getLogger(__name__)


def build_host(
    located: Sequence[Located],
    *,
    journal: Journal,
    seed: str = "",
    dynamic: bool = False,
    outside: bool = False,
    stateless: bool = False,
    locale: str = "",
    choices: Mapping[str, str] | None = None,
    make: type[Host] = Host,
    state: str = MEMORY_URL,
    say: Callable[[str], None] = log.warning,
    **options: Any,
) -> Host:
    """
    Return the host of the APIs at *located*. The options are those of `Api`, and for the rest of `Host`.

    *make* makes it: `Host`, or what stands for one. *state* is the URL of where sessions are kept; where what
    is kept there is of another seed or fixture, *say* is told so.

    Raises:
        MockserverError: One of them cannot be served; two have one name; none has one of the choices; the
            state cannot be opened.
    """
    _hold_apart(located)
    apis = [
        Api(
            one,
            seed=seed,
            outside=outside,
            stateless=stateless,
            dynamic=dynamic,
            locale=locale,
            choices=choices,
        )
        for one in located
    ]
    hold_known((api.behavior for api in apis), choices or {})
    host = make(apis, journal, dynamic=dynamic, **options)
    if state != MEMORY_URL:
        keep_in(host, state, say)
    return host


def keep_in(host: Host, state: str, say: Callable[[str], None], patience: float = WAIT) -> None:
    """
    Keep what *host* remembers at the URL *state*; *say* is told where that is of another seed or fixture.

    *patience*: for how many seconds a change waits for another program that keeps it locked.

    Raises:
        UsageError: There can be no such state.
    """
    # SQLAlchemy costs more than all the rest of a start.
    from mockserver.server.shared.state import SharedState

    keeper = SharedState(state, host.lock, patience)
    host.keep_in(keeper)
    for api in host.apis:
        start = [api.fixture.now, {name: list(rows) for name, rows in api.fixture.rows.items()}]
        if said := keeper.compare(api.name, api.seed, start):
            say(said)


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
