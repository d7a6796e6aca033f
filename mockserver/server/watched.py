"""
The files that an API is made of, and whether they are what they were.

What counts is content: an editor that saves without a change, or a checkout that
touches every file, is no edit. Looking costs a stat for each file, and reading
only those whose stat has changed; so it does not matter how often one looks, nor
why: not every system tells of changes, and none tells of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from mockserver.contract.graph import named_in
from mockserver.contract.sources import ABSENT, Mark, mark_of
from mockserver.server.api import Api

MOST = 20_000
"""Files of one API that are watched."""

MOST_LOOKS = 20
"""Looks at a file that is written on and on."""


@dataclass(slots=True)
class _Seen:
    """One file when it was last looked at: its stat, and a digest of its content (empty where absent)."""

    mark: Mark
    digest: bytes


class Watched:
    """
    The files of one API: its document, all that references lead to, and its companions.

    Args:
        api: Made of these files; it goes on reading what stands in them now, whatever becomes of them.
    """

    def __init__(self, api: Api) -> None:
        self._seen: dict[str, _Seen] = {}
        self.api = api
        self.stale = False
        """Whether a file was written since the API read it, or would have read it."""
        self.look_around(api)

    @property
    def folders(self) -> set[str]:
        """The folders whose changes can be changes of these files; of links, also those that they lead to."""
        found = set()
        for file in self._seen:
            path = Path(file)
            found |= {str(path.parent.absolute()), str(path.resolve().parent)}
        return {folder for folder in found if Path(folder).is_dir()}

    def look_around(self, made: Api | None = None) -> None:
        """
        Find the files again, by the references that stand in them; forget those that are no more of them.

        With *made*, just made of them: what it has not read yet is kept for it. How a file was stays known as
        it was before, so that an edit in the meantime is seen.
        """
        self.api = made or self.api
        documents = self.api.contract.schemas.documents
        companions = set(map(str, self.api.located.companions))
        was_read = {**self.api.marks, **documents.marks}
        waiting = [*companions, *documents.read_files]
        known, self._seen = self._seen, {}
        while waiting and len(self._seen) < MOST:
            file = waiting.pop()
            if file in self._seen:
                continue
            mark, data = _looked_at(file)
            self._seen[file] = known.get(file) or _Seen(mark, _digest(data))
            if made is not None:
                if file in was_read:
                    self.stale |= was_read[file] != mark
                else:
                    self.stale |= file not in known and mark[0] > made.loaded * 1e9
                if data and file not in documents.read_files and file not in companions:
                    documents.held[file] = data
            waiting += filter(documents.may_read, named_in(data, file))

    def moved(self) -> bool:
        """Return whether the content of a file may be another than it was: its stat is."""
        return self.stale or any(mark_of(file) != seen.mark for file, seen in self._seen.items())

    def marks(self) -> list[Mark]:
        """Return the stats as they are now, to tell whether somebody is still writing."""
        return [mark_of(file) for file in self._seen]

    def edited(self) -> list[str]:
        """Return the files whose content is not what it was when this was last asked."""
        found = [str(self.api.contract.file)] if self.stale else []
        self.stale = False
        for file, seen in self._seen.items():
            if mark_of(file) == seen.mark:
                continue
            mark, data = _looked_at(file)
            digest = _digest(data)
            if digest != seen.digest and file not in found:
                found.append(file)
            self._seen[file] = _Seen(mark, digest)
        return found


def _looked_at(file: str) -> tuple[Mark, bytes]:
    """
    Return the stat of a file and its content, which belong together.

    The content of after an edit, beside the stat of before it, would pass for what has always stood there.
    """
    for _ in range(MOST_LOOKS):
        mark = mark_of(file)
        data = _content(file) if mark != ABSENT else b""
        if mark_of(file) == mark:
            break
    return mark, data


def _content(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError:
        return b""


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()
