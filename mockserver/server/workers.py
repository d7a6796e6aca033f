"""
Several processes on one port: `serve --workers N`.

Contracts are read once; each worker is forked from what was read, so that it costs
neither the time nor the memory of a start. Each has a listening socket of its own on
the same address (SO_REUSEPORT: the kernel deals connections out), and the parent
keeps all of them open: where a worker dies, those who are waiting wait for the one
that takes its place. What is remembered is shared through a database (`--state`).

A worker that loses its parent ends; a parent that is asked to end ends all of them
within five seconds.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from mockserver.errors import MockserverError, UsageError
from mockserver.server.keeper import MEMORY_URL

log = logging.getLogger(__name__)

STOP = 4.6
"""Seconds for workers to end; then they are killed."""
SHORT = 2.0
"""A worker that lives no longer than this was not able to serve."""
WRONG = 2
"""The exit code where what was asked for cannot be done."""
TRIES = 5
"""So often in a row that is tried again."""

_WATCHED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT) if sys.platform != "win32" else ()
_ENDS: dict[int, int] = {signal.SIGTERM: 0, signal.SIGINT: 130}
"""What asks us to end, and the exit code then."""

Serve = Callable[[int, socket.socket, Callable[[], None], int], int]
"""Number of the worker, its socket, to be called when it serves, and a file that ends with the parent."""


def bind_all(bind: Callable[..., socket.socket], host: str, port: int, count: int) -> list[socket.socket]:
    """
    Return *count* sockets bound to one address, not listening yet.

    Raises:
        UsageError: The port is taken, or this system knows no such thing.
    """
    if not hasattr(os, "fork") or not hasattr(socket, "SO_REUSEPORT"):
        raise UsageError("--workers: this system cannot share a port between processes; 1 is all there is.")
    with bind(host, port) as first:  # without sharing, so that somebody else's port is noticed
        port = first.getsockname()[1]
    return [bind(host, port, shared=True) for _ in range(count)]


@contextmanager
def shared_by(count: int, state: str, say: Callable[[str], None]) -> Iterator[str]:
    """Yield the URL of a state that *count* workers can share: *state*, or a file for as long as we serve."""
    if state != MEMORY_URL:
        yield state
        return
    with tempfile.TemporaryDirectory(prefix="mockserver-") as folder:
        url = f"sqlite:///{folder}/state.db"
        say(f"{count} workers share their state: --state {url}, until the end; --state keeps it.")
        yield url


class Crew:
    """
    The workers, and who looks after them.

    Args:
        sockets: One for each worker.
        serve: What a worker does; its result is the worker's exit code.
    """

    def __init__(self, sockets: Sequence[socket.socket], serve: Serve) -> None:
        self._sockets = sockets
        self._serve = serve
        self._workers: dict[int, tuple[int, float]] = {}
        self._short = 0
        self._told, self._tell = os.pipe()
        self._alive, self._life = os.pipe()

    def run(self, ready: Callable[[], None]) -> int:
        """
        Serve until somebody asks for an end, and return the exit code.

        *ready* is called once, when all workers serve.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            for number in range(len(self._sockets)):
                self._start(number)
            for _ in self._sockets:
                if (code := self._wait_for_one()) is not None:
                    return self._end(code)
            ready()
            return self._watch()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            for file in (self._told, self._tell, self._alive, self._life):
                os.close(file)

    def _start(self, number: int) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._workers[pid] = (number, time.monotonic())
            return
        code = 1
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _WATCHED)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent tells us
            os.close(self._life)
            code = self._serve(number, self._sockets[number], lambda: _say(self._tell, number), self._alive)
        except MockserverError as error:
            code = WRONG
            log.error("%s", error)
        except BaseException:
            log.exception("The worker %s failed.", number)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _wait_for_one(self) -> int | None:
        """Wait until one more worker serves; return an exit code where one ended, or somebody wants that."""
        os.set_blocking(self._told, False)
        while True:
            try:
                os.read(self._told, 1)
                return None
            except BlockingIOError:
                found = signal.sigtimedwait(_WATCHED, 0.02)
            if found is not None and found.si_signo != signal.SIGCHLD:
                return _ENDS[found.si_signo]
            for _, code, _ in self._ended() if found is not None else ():
                return code if code > 0 else 1

    def _watch(self) -> int:
        while True:
            found = signal.sigwaitinfo(_WATCHED)
            if found.si_signo in _ENDS:
                return self._end(_ENDS[found.si_signo])
            for number, code, lived in self._ended():
                if code == 0:  # somebody has asked it to shut down: all of us are meant
                    return self._end(0)
                self._short = self._short + 1 if lived < SHORT else 0
                if self._short >= TRIES:
                    log.error("Workers end as soon as they begin (exit code %s).", code)
                    return self._end(1)
                log.warning("The worker %s has ended (%s); another takes its place.", number, _cause(code))
                self._start(number)

    def _ended(self) -> list[tuple[int, int, float]]:
        """Return number, exit code and seconds of life of all workers that have ended since."""
        found = []
        for pid in list(self._workers):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                number, started = self._workers.pop(pid)
                found.append((number, os.waitstatus_to_exitcode(status), time.monotonic() - started))
        return found

    def _end(self, code: int) -> int:
        for pid in self._workers:
            os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + STOP
        while self._workers and (left := end - time.monotonic()) > 0:
            found = signal.sigtimedwait(_WATCHED, left)
            if found is not None and found.si_signo == signal.SIGCHLD:
                self._ended()
        for pid in self._workers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._workers.clear()
        return code


def _say(file: int, number: int) -> None:
    os.write(file, bytes([number % 256]))


def _cause(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
