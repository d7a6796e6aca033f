"""
What the journals of one process hold together, so that many sessions cost no more than one.

Each journal is bounded by itself; a thousand of them are not. So what they hold is
added up here, and the one that holds the most forgets its oldest entries first. A
large body is no matter for memory at all: a journal keeps the beginning of it, to be
looked at, and the whole stands in a file without a name, for who asks for that answer
again. The file is a ring: the oldest bodies make room, and it never grows beyond its
size.
"""

from __future__ import annotations

import logging
import tempfile
from collections import OrderedDict
from threading import Lock
from typing import IO, Any
from weakref import WeakSet, finalize

log = logging.getLogger(__name__)

BYTES = 64 * 1024 * 1024
"""Bytes of requests and answers that all journals of a process hold together (`--journal-bytes`)."""
WHOLE = 256 * 1024 * 1024
"""Bytes of large answers that are kept whole, in a file (`--replay-bytes`)."""
STEP = 1024 * 1024
"""So many bytes come before what is held is added up again."""

Journal = Any
"""A `journal.Journal`, which looks at this module and not the other way round."""


class WholeBodies:
    """
    Bodies by the ids of their answers, in a file that is gone with the process.

    Args:
        size: Bytes of the file at the most; 0 keeps none.
    """

    def __init__(self, size: int = WHOLE) -> None:
        self.size = size
        self._file: IO[bytes] | None = None
        self._at = 0
        self._places: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """Start and length, in the order in which they were written."""
        self._lock = Lock()

    def put(self, ident: str, body: bytes) -> None:
        """Keep *body*, in place of the oldest ones; not at all where it is larger than the file may be."""
        with self._lock:
            self._places.pop(ident, None)
            if len(body) > self.size:
                return
            start = self._at if self._at + len(body) <= self.size else 0
            end = start + len(body)
            for other, (first, length) in list(self._places.items()):
                if first < end and start < first + length:
                    del self._places[other]
            try:
                if self._file is None:
                    self._file = tempfile.TemporaryFile(prefix="mockserver-")  # noqa: SIM115 - while we live
                    finalize(self, self._file.close)
                self._file.seek(start)
                self._file.write(body)
            except OSError as error:  # the disk is full: the answer is as good, it cannot be given again
                log.warning("A body of %s bytes is not kept to be replayed: %s", len(body), error)
                return
            self._places[ident] = (start, len(body))
            self._at = end

    def get(self, ident: str) -> bytes | None:
        """Return the body of the answer *ident*, None where it has made room."""
        with self._lock:
            place = self._places.get(ident)
            if place is None or self._file is None:
                return None
            self._file.seek(place[0])
            return self._file.read(place[1])


class Hoard:
    """
    Args:
        size: Bytes that all journals may hold together.
        whole: Bytes of large answers that are kept whole.
    """

    def __init__(self, size: int = BYTES, whole: int = WHOLE) -> None:
        self.size = size
        self.bodies = WholeBodies(whole)
        self._journals: WeakSet[Journal] = WeakSet()
        self._since = 0
        self._lock = Lock()

    def join(self, journal: Journal) -> None:
        """Count *journal* in."""
        with self._lock:
            self._journals.add(journal)

    def grew(self, count: int) -> None:
        """Note that a journal has taken so many bytes."""
        self._since += count
        if self._since > STEP:
            self._since = 0
            self._relieve()

    def _relieve(self) -> None:
        """Have the largest journals forget, until all of them together hold no more than they may."""
        with self._lock:
            journals = list(self._journals)
        held = sum(journal.held for journal in journals)
        while held > self.size:
            largest = max(journals, key=lambda journal: int(journal.held))
            before = largest.held
            if not largest.forget_to(before - max(held - self.size, before // 8)):
                return
            held -= before - largest.held
