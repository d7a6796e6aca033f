"""GitHub's workflow commands, which annotate the lines of a file."""

from __future__ import annotations

from typing import Literal

Level = Literal["error", "warning", "notice"]


def annotation(level: Level, file: str, line: int, title: str, detail: str) -> str:
    """Return the command that annotates one line."""
    fields = {"file": file, "line": str(max(1, line)), "title": title}
    said = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in fields.items())
    return f"::{level} {said}::{_escaped(detail)}"


def _escaped(value: str, more: str = "") -> str:
    for char in ("%", "\r", "\n", *more):
        value = value.replace(char, f"%{ord(char):02X}")
    return value
