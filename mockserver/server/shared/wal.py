"""
Whether anybody has changed an SQLite database, without asking it.

Who has a database with a write-ahead log open shares the index of that log with all
others, as mapped memory (`FILE-shm`). Its head begins with a counter that moves with
every commit (https://www.sqlite.org/walformat.html, 2.1 "The WAL-Index Header";
`iChange`). A look at it costs 0.2 microseconds; `PRAGMA data_version` finds out the
same through the file's locks, for twenty times that.

Nothing is ever written here. And nothing is closed while a connection of this process
has the database open: POSIX gives up all locks of a process on a file with the first
descriptor that it closes, and SQLite keeps its locks on that very file. So one
mapping serves all connections of a process, and goes behind the last.
"""

from __future__ import annotations

import mmap
import os
import struct
from threading import Lock
from typing import ClassVar

_HEAD = 48
"""Bytes of the head; the same follow once more, for readers that must not see half a change."""
_COUNTER = slice(8, 12)

Identity = tuple[int, int]


def identity(file: str) -> Identity | None:
    """Return which file it is that has that name now; None where there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Wal:
    """The head of one log's index, for all who look at it in this process."""

    _known: ClassVar[dict[Identity, Wal]] = {}
    _lock: ClassVar[Lock] = Lock()

    def __init__(self, key: Identity, descriptor: int, memory: mmap.mmap) -> None:
        self._key = key
        self._descriptor = descriptor
        self._memory = memory
        self._users = 0

    @classmethod
    def of(cls, file: str) -> Wal | None:
        """Return that of the database *file*, which is open; None where this system has no such memory."""
        if not hasattr(mmap, "MAP_SHARED"):
            return None
        with cls._lock:
            key = identity(f"{file}-shm")
            if key is None:
                return None
            found = cls._known.get(key)
            if found is None:
                if os.stat(f"{file}-shm").st_size < _HEAD:
                    return None
                descriptor = os.open(f"{file}-shm", os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
                memory = mmap.mmap(descriptor, _HEAD, mmap.MAP_SHARED, mmap.PROT_READ)
                found = cls._known[key] = cls(key, descriptor, memory)
            found._users += 1
            return found

    def head(self) -> bytes:
        """Return what is another one after every commit."""
        return self._memory[:_HEAD]

    def head_after_one(self, before: bytes) -> bytes | None:
        """Return the head where at most one commit lies between it and *before*; else None."""
        now = self._memory[:_HEAD]
        (counted,), (was,) = struct.unpack("=I", now[_COUNTER]), struct.unpack("=I", before[_COUNTER])
        return now if (counted - was) & 0xFFFFFFFF <= 1 else None

    def let_go(self) -> None:
        """Be used by one less."""
        with Wal._lock:
            self._users -= 1
            if not self._users:
                del Wal._known[self._key]
                self._memory.close()
                os.close(self._descriptor)
