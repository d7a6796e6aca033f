"""The contract's own lines, to be shown beside what they rule."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from mockserver.exchange import Place


@lru_cache(maxsize=16)
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(Path(file).read_text("utf-8", "replace").splitlines())
    except OSError:  # renamed while the run went on; its line is only not shown
        return ()


def source_of(place: Place) -> str:
    """Return the line at *place*, without what stands around it; "" where there is none."""
    lines = _lines(place.file)
    return lines[place.line - 1].strip()[:160] if 0 < place.line <= len(lines) else ""


def relative(file: str) -> str:
    """Return *file* as it is called from the current folder; as it is where it stands elsewhere."""
    try:
        return Path(file).resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file
