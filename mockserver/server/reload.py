"""
Serve what stands in the files, while they are edited.

A thread watches every file that an API is made of. After an edit it makes the API
anew beside the one that serves; only when that has succeeded are the two
exchanged, between two requests, and what was remembered goes over. An edit that
is broken changes nothing but the health, the journal and a line on the terminal,
once. Editors write in place or put another file in the place of the old; either
way a file may be seen half written, so trouble is believed only when nobody has
written for a while.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from threading import Event, Thread

from mockserver.contract.graph import dangling
from mockserver.errors import MockserverError
from mockserver.server.api import Api
from mockserver.server.impossible import Impossible
from mockserver.server.pipeline import Host
from mockserver.server.watched import Watched

log = logging.getLogger(__name__)

CALM = 0.3
"""Seconds after the start in which nothing is done: the first answer comes first."""

SETTLED = 0.05
"""Seconds without a write after which a file is taken for written."""

PATIENCE = 0.4
"""Seconds to wait for the rest of a file that cannot be read, before that is said."""

LONGEST = 2.0
"""Seconds to wait for an editor that writes on and on; and between two looks where nothing was reported."""

LOOKED = 0.5
"""CPU seconds in which it is looked for answers that cannot be."""

STEP = 50
"""Milliseconds in which changes are gathered."""


class Reloader:
    """
    Keeps the APIs of a host up with their files.

    Args:
        host: What is served.
        between: Calls a function between two requests.
        say: Tells a person a line; the second argument is whether it is good news.
        after: Called when an API was exchanged, to clear away the old one.
    """

    def __init__(
        self,
        host: Host,
        between: Callable[[Callable[[], None]], None],
        say: Callable[[str, bool], None],
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self._host = host
        self._between = between
        self._say = say
        self._after = after
        self._stop = Event()
        self._thread = Thread(target=self._run, name="reload", daemon=True)
        self._watched: list[Watched] = []

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching. An API that is being made may be made to its end, for nobody."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    # The thread

    def _run(self) -> None:
        if self._stop.wait(CALM):
            return
        try:
            self._watched = [Watched(api) for api in self._host.apis]
            self._look()
            for _ in self._occasions():
                self._look()
        except Exception:
            log.exception("The files are not watched any more.")

    def _occasions(self) -> Iterator[None]:
        """Yield whenever it is worth looking: at each change in a folder, and now and then."""
        from watchfiles import watch  # a start does not wait for it

        while not self._stop.is_set():
            folders = set().union(*(each.folders for each in self._watched))
            try:
                for _ in watch(
                    *folders,
                    watch_filter=None,
                    stop_event=self._stop,
                    step=STEP,
                    rust_timeout=int(LONGEST * 1000),
                    yield_on_timeout=True,
                    raise_interrupt=False,
                    recursive=False,
                    ignore_permission_denied=True,
                ):
                    yield
                    if folders != set().union(*(each.folders for each in self._watched)):
                        break  # files of other folders belong to it now
            except (OSError, RuntimeError) as error:  # a folder has gone, or there is no more room
                log.debug("Looking in place of watching: %s", error)
                self._stop.wait(LONGEST / 2)
                yield

    def _look(self) -> None:
        for watched in self._watched:
            if not self._stop.is_set() and watched.moved():
                self._settle(watched)
                files = watched.edited()
                if files:
                    self._make(watched, files)

    def _settle(self, watched: Watched) -> None:
        """Wait until nobody writes any more."""
        end = time.monotonic() + LONGEST
        before = watched.marks()
        while not self._stop.wait(SETTLED) and time.monotonic() < end:
            now = watched.marks()
            if now == before:
                return
            before = now

    def _make(self, watched: Watched, files: Sequence[str]) -> None:
        """Make the API of *watched* anew, and exchange it, or say why not."""
        name = watched.api.name
        while True:
            made = self._made(watched.api)
            watched.look_around()
            if isinstance(made, Api) or self._stop.wait(PATIENCE) or not watched.moved():
                break
            self._settle(watched)  # it was half written
            watched.edited()
        if self._stop.is_set():
            return
        if isinstance(made, Api):
            self._exchange(watched, made, files)
        elif self._host.conditions[name].error != made:
            self._host.broken(name, made)
            self._say(f"{made}\n{name} goes on as it was before this edit", False)

    def _made(self, before: Api) -> Api | str:
        """Return the API made anew, or why it cannot be."""
        try:
            made = before.again()
            lost = dangling(made.contract)
            known = dangling(before.contract) if lost else {}
            return next((str(error) for key, error in lost.items() if key not in known), made)
        except MockserverError as error:
            return str(error)
        except Exception as error:
            log.exception("%s cannot be made anew", before.name)
            return f"{before.contract.file}: {error!r}"

    def _exchange(self, watched: Watched, made: Api, files: Sequence[str]) -> None:
        exchanged = Event()

        def exchange() -> None:
            self._host.swap([made])
            exchanged.set()

        before = watched.api.contract.faults
        Impossible(made.contract).look(LOOKED)  # now, while nobody else uses it
        watched.look_around(made)
        self._between(exchange)
        while not exchanged.wait(0.1):
            if self._stop.is_set():
                return
        count = len(made.contract.routes)
        said = f"{', '.join(files[:3])}{', ...' if len(files) > 3 else ''}"
        self._say(f"{made.name} reloaded: {said} · {count} operation{'s' * (count != 1)}", True)
        known = {(fault.pointer, fault.detail) for fault in before}
        for fault in made.contract.faults:
            if (fault.pointer, fault.detail) not in known:
                self._say(str(fault), False)
        self._after()
