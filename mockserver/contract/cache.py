"""
What was worked out before, on disk, by a hash of all that it was worked out from.

Nothing depends on it: what is not there, or damaged, is worked out again. Every edit
of a document is another one, so what was not asked for longest goes once all
together is too large.
"""

from __future__ import annotations

import hashlib
import marshal
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

MOST = 256 * 1024 * 1024
"""Bytes in the folder; the tree of a 16 MB document takes 11 MB."""


def digest(*texts: str) -> str:
    """Return a name for what is worked out from *texts*."""
    made = hashlib.blake2b(digest_size=16)
    for text in texts:
        made.update(len(text).to_bytes(8, "big"))
        made.update(text.encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def recall(name: str) -> Any:
    """Return what was kept under *name*; None where nothing was, or it cannot be read."""
    kept = folder() / name
    try:
        found = marshal.loads(kept.read_bytes())
        with suppress(OSError):  # a folder that is only read
            os.utime(kept)
        return found
    except (OSError, ValueError, EOFError, TypeError):
        return None


def keep(name: str, value: Any) -> None:
    """Write *value* beside its siblings, whole or not at all. Where that fails, it costs time and no more."""
    kept = folder() / name
    draft = kept.with_suffix(f".{os.getpid()}")
    with suppress(OSError, ValueError):
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            draft.write_bytes(marshal.dumps(value))
            draft.replace(kept)
        finally:
            draft.unlink(missing_ok=True)
        _tidy(kept)


def _tidy(newest: Path) -> None:
    """Delete what was not asked for longest until the rest is no more than `MOST`."""
    sizes: list[tuple[int, int, Path]] = []
    for path in newest.parent.iterdir():
        with suppress(OSError):  # another process tidies, too
            said = path.stat()
            sizes.append((said.st_mtime_ns, said.st_size, path))
    total = sum(size for _, size, _ in sizes)
    for _, size, path in sorted(sizes):
        if total <= MOST:
            break
        if path != newest:
            path.unlink(missing_ok=True)
            total -= size


def folder() -> Path:
    """Where it is kept: $XDG_CACHE_HOME/mockserver (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "mockserver"
