"""The contract's own lines, to be shown beside what they rule."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import orjson

from mockserver.exchange import MISSING, Json, Place

MOST = 160
"""Characters of a line that are shown."""


@lru_cache(maxsize=16)
def _lines(file: str) -> tuple[str, ...]:
    try:
        return tuple(Path(file).read_text("utf-8", "replace").splitlines())
    except OSError:  # renamed while the run went on; its line is only not shown
        return ()


def source_of(place: Place) -> str:
    """Return the line at *place*, without what stands around it; "" where there is none."""
    lines = _lines(place.file)
    if not 0 < place.line <= len(lines):
        return ""
    line = lines[place.line - 1].strip()
    return (_within(place) if len(line) > MOST else line)[:MOST] or line[:MOST]


def _within(place: Place) -> str:
    """Return what is at *place* where all of a document stands in one line; "" where it is no JSON."""
    value = _document(place.file)
    name = ""
    for part in place.pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return ""
    return f'"{name}": {orjson.dumps(value).decode()}' if name else ""


@lru_cache(maxsize=4)
def _document(file: str) -> Json:
    try:
        return orjson.loads("\n".join(_lines(file)))
    except orjson.JSONDecodeError:
        return MISSING


def relative(file: str) -> str:
    """Return *file* as it is called from the current folder; as it is where it stands elsewhere."""
    try:
        return Path(file).resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file
