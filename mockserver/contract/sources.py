"""
Read a YAML or JSON file as JSON values.

A parsed tree of YAML is kept on disk by the hash of its text: JSON is parsed in
less time than a kept tree is loaded, YAML in twenty times as much.

Lines are not kept; `lines` finds them again.
"""

from __future__ import annotations

import gc
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from mockserver.contract import cache
from mockserver.contract.yaml12 import Repeated, read_yaml
from mockserver.errors import Unreadable
from mockserver.exchange import Json

_WORTH_CACHING = 100_000
"""Characters of YAML from which a parsed tree is kept on disk: below, parsing costs less than looking."""

_PATIENCE = 10.0
"""Seconds to wait for a remote document."""

Mark = tuple[int, int, int]
"""When a file was last written or put in its place (ns since 1970), its size (bytes) and its inode."""

ABSENT: Mark = (0, -1, 0)
"""The mark of what is not there, or is no file."""


def mark_of(file: str) -> Mark:
    """Return how *file* stands now: it differs from an earlier one when somebody has written in between."""
    try:
        found = Path(file).stat()
    except (OSError, ValueError):
        return ABSENT
    if not stat.S_ISREG(found.st_mode):  # reading a pipe would wait for ever
        return ABSENT
    return (max(found.st_mtime_ns, found.st_ctime_ns), found.st_size, found.st_ino)


_MOST_FETCHED = 64 * 1024 * 1024
"""Bytes of a remote document that are read."""

_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")


def read(path: Path) -> Json:
    """
    Return the content of the YAML or JSON file at *path* as JSON values.

    Raises:
        Unreadable: Not there, not text, or neither YAML nor JSON; with the line.
    """
    return parse(text_of(path), str(path))


def parse(text: str, file: str, repeated: Repeated | None = None) -> Json:
    """
    Return *text*, YAML or JSON, as JSON values. *file* is only for errors.

    *repeated* takes the keys that YAML has twice in one mapping.

    Raises:
        Unreadable: It is neither; a tag, a duplicate-free alias bomb, or a nesting too deep to walk.
    """
    with _uncollected():
        return _parsed(text, file, [] if repeated is None else repeated)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from going through a growing tree again and again: none of it is garbage."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _parsed(text: str, file: str, repeated: Repeated) -> Json:
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        try:
            return orjson.loads(text.lstrip("\ufeff"))
        except orjson.JSONDecodeError as error:
            try:
                return read_yaml(text, file, repeated)  # a flow mapping of YAML starts like JSON does
            except Unreadable:
                raise Unreadable(
                    file, error.lineno, "", f"not JSON: {error.msg} (column {error.colno})"
                ) from None
    if len(text) < _WORTH_CACHING:
        return read_yaml(text, file, repeated)
    name = f"{cache.digest(text)}-3.tree"
    found = cache.recall(name)
    if found is not None:
        tree, said = found
    else:
        said = []
        tree = read_yaml(text, file, said)
        cache.keep(name, (tree, said))
    repeated.extend(said)
    return tree


def text_of(path: Path, data: bytes | None = None) -> str:
    """Return the text (UTF-8, UTF-16) of *path*, or of its *data*. Raises Unreadable."""
    try:
        data = path.read_bytes() if data is None else data
    except FileNotFoundError:
        raise Unreadable(str(path), 0, "", "there is no such file") from None
    except OSError as error:
        raise Unreadable(str(path), 0, "", error.strerror or str(error)) from None
    try:
        return data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(str(path), line, "", "not UTF-8 text") from None


def _encoding(data: bytes) -> str:
    """Return the encoding of a document: what its mark says, or its first character (YAML 1.2.2, 5.2)."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if data[:1] and data[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\0" else "utf-8-sig"


def fetch(url: str) -> str:
    """
    Return the text that is served at *url*.

    Raises:
        Unreadable: Nothing is, or it is no text.
    """
    from urllib.error import HTTPError  # only who allows it pays for it
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=_PATIENCE) as answer:
            data: bytes = answer.read(_MOST_FETCHED)
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(url, 0, "", "not UTF-8 text") from None
    except HTTPError as error:
        error.close()
        raise Unreadable(url, 0, "", f"cannot be fetched: {error}") from None
    except (OSError, ValueError) as error:
        raise Unreadable(url, 0, "", f"cannot be fetched: {error}") from None


def split_pointer(pointer: str) -> list[str]:
    """Return the reference tokens of a JSON Pointer, unescaped (RFC 6901, 4)."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]] if pointer else []


def index_of(token: str, length: int) -> int | None:
    """Return the index that a reference token names in a list of *length* (RFC 6901, 4), or None."""
    if not _INDEX.match(token) or int(token) >= length:
        return None
    return int(token)


def join_pointer(pointer: str, *tokens: object) -> str:
    """Return *pointer* with reference tokens appended, escaped (RFC 6901, 3)."""
    return pointer + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
