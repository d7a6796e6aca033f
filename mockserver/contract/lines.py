"""
Find the line of a place in a YAML or JSON file, without parsing the file.

Lines are not kept when a document is read: most are never asked for, and those
of a document of 13 MB take more room than the document. Finding one must still
not cost a second parse, or the first refusal by each rule would take as long as
starting. So we look at the layout. In a YAML mapping all keys begin in one
column and all else is deeper; in JSON as printers write it the same holds. Where
the layout says nothing (flow style, anchors, minified JSON), the piece that is
left is parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import yaml

from mockserver.contract.sources import index_of, split_pointer, text_of
from mockserver.contract.yaml12 import DEEPEST, compose
from mockserver.errors import Unreadable


def line_of(path: Path, pointer: str) -> int:
    """
    Return the line, from 1, at which the value at *pointer* stands in the file at *path*.

    Where the pointer goes further than the file, the line of the last thing that is there; 0 if nothing is.
    """
    try:
        return line_in(text_of(path), str(path), pointer)
    except Unreadable:
        return 0


def line_in(text: str, file: str, pointer: str) -> int:
    """Return the line of *pointer* in *text*, the content of *file*; see `line_of`."""
    tokens = split_pointer(pointer)
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        try:
            return _line(text, _in_json(text, tokens))
        except (orjson.JSONDecodeError, IndexError):
            pass  # not JSON after all: a flow mapping of YAML starts like JSON does
    else:
        found = _Block.whole(text).find(tokens, file)
        if found is not None:
            return found
    return _in_nodes(text, tokens, file) or 0


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


# ------------------------------------------------------------------------ YAML by its layout

_CONTENT = re.compile(r"[ \t]*(?:#[^\n]*)?\r?\n")
_HEAD = re.compile(r"(?:(?:%[^\n]*|---[ \t]*(?:#[^\n]*)?|[ \t]*(?:#[^\n]*)?)\r?\n)*")
_AFTER_KEY = re.compile(r"[ \t]*:(?=[ \t\r\n]|\Z)[ \t]*")
_AFTER_DASH = re.compile(r"-(?=[ \t\r\n]|\Z)[ \t]*")
_ENDS: dict[int, re.Pattern[str]] = {}


class _Block:
    """
    A piece of a YAML file that holds one node.

    Attributes:
        start, end: Where it begins and ends in the text.
        at: Where the key or the entry stands whose value it is.
    """

    def __init__(self, text: str, start: int, end: int, at: int) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.at = at

    @staticmethod
    def whole(text: str) -> _Block:
        """Return the block that is the whole of *text*, directives and document marker left out."""
        head = _HEAD.match(text)
        block = _Block(text, head.end() if head else 0, len(text), 0)
        block.at = block._content()
        return block

    @property
    def line(self) -> int:
        """The line of `at`."""
        return _line(self.text, self.at)

    def find(self, tokens: list[str], file: str) -> int | None:
        """Return the line of what *tokens* lead to; None where the layout does not tell."""
        block = self
        for done, token in enumerate(tokens):
            at = block._content()
            if at >= block.end:
                break
            column = at - (self.text.rfind("\n", 0, at) + 1)
            first = self.text[at]
            if _AFTER_DASH.match(self.text, at, block.end):
                below = block._item(token, at, column)
            elif first in "{[":
                return block._parsed(tokens[done:], at, file)
            elif first in "&*!|>?%@`":
                return None
            else:
                below = block._member(token, at, column)
            if below is None:
                return None if block._merges(at, column) else block.line
            block = below
        return block.line

    def _content(self) -> int:
        """Where the first thing stands that is neither space nor comment."""
        at = self.start
        while (blank := _CONTENT.match(self.text, at, self.end)) is not None:
            at = blank.end()
        while at < self.end and self.text[at] in " \t":
            at += 1
        return at

    def _member(self, name: str, at: int, column: int) -> _Block | None:
        """The value of the last key *name* of the mapping whose first key stands at *at*."""
        last: tuple[int, int] | None = None
        for spelling in _spellings(name):
            for key in self._begins(spelling, at, column):
                colon = _AFTER_KEY.match(self.text, key + len(spelling), self.end)
                if colon is not None and (last is None or key > last[0]):
                    last = key, colon.end()
        return None if last is None else self._below(*last, column, dashes=True)

    def _begins(self, piece: str, at: int, column: int) -> Iterator[int]:
        """Yield where *piece* begins in *column*: at *at*, or on a later line."""
        if self.text.startswith(piece, at):
            yield at
        margin = "\n" + " " * column
        while (at := self.text.find(margin + piece, at, self.end)) >= 0:
            at += len(margin)
            yield at

    def _item(self, token: str, at: int, column: int) -> _Block | None:
        """The entry number *token* of the sequence whose first dash stands at *at*."""
        wanted = index_of(token, self.end)
        dashes = (
            dash
            for found in self._begins("-", at, column)
            if (dash := _AFTER_DASH.match(self.text, found, self.end)) is not None
        )
        dash = None if wanted is None else next(islice(dashes, wanted, None), None)
        if dash is None:
            return None
        below = self._below(dash.start(), dash.end(), column, dashes=False)
        below.at = min(below._content(), below.end - 1)
        return below

    def _below(self, at: int, start: int, column: int, *, dashes: bool) -> _Block:
        """What stands from *start* to the next thing that is not deeper than *column*."""
        ends = _ENDS.get(column)
        if ends is None:
            ends = _ENDS[column] = re.compile(rf"\n {{0,{column}}}(?=[^\s#])")
        end = start
        while True:
            found = ends.search(self.text, end, self.end)
            if found is None:
                end = self.end
                break
            end = found.end()
            inner = dashes and end - found.start() - 1 == column and _AFTER_DASH.match(self.text, end)
            if not inner:  # entries of a sequence may stand in the column of their key
                end = found.start() + 1
                break
        return _Block(self.text, start, end, at)

    def _merges(self, at: int, column: int) -> bool:
        return next(self._begins("<<", at, column), None) is not None

    def _parsed(self, tokens: list[str], at: int, file: str) -> int | None:
        found = _in_nodes(self.text[at : self.end], tokens, file)
        if found is None:
            return None
        return max(self.line, found + _line(self.text, at) - 1) if found > 0 else self.line


def _spellings(name: str) -> set[str]:
    return {name, "'" + name.replace("'", "''") + "'", json.dumps(name), json.dumps(name, ensure_ascii=False)}


# --------------------------------------------------------------------------- YAML by parsing


def _in_nodes(text: str, tokens: list[str], file: str) -> int | None:
    """Return the line of what *tokens* lead to in the YAML *text*; None where it is none."""
    try:
        node = compose(text, file)
    except Unreadable:
        return None
    line = int(node.start_mark.line) + 1 if node is not None else 0
    for token in tokens:
        if isinstance(node, yaml.MappingNode):
            hit = _in_mapping(node, token)
            if hit is None:
                break
            line, node = hit[0].start_mark.line + 1, hit[1]
        elif isinstance(node, yaml.SequenceNode) and (index := index_of(token, len(node.value))) is not None:
            node = node.value[index]
            line = node.start_mark.line + 1
        else:
            break
    return line


def _in_mapping(node: Any, name: str, depth: int = 0) -> tuple[Any, Any] | None:
    """Return key and value of a mapping's member, also of one that "<<" merges in; the last of equal keys."""
    for key, child in reversed(node.value):
        if key.value == name:
            return key, child
    for key, child in node.value:
        if key.value == "<<" and not key.style and depth < DEEPEST:
            for base in child.value if isinstance(child, yaml.SequenceNode) else [child]:
                if isinstance(base, yaml.MappingNode) and (found := _in_mapping(base, name, depth + 1)):
                    return found
    return None


# -------------------------------------------------------------------------------------- JSON

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SPACE = re.compile(r"[\s,:]*")
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_ATOM = re.compile(r"[^\s,\]}]+")


def _in_json(text: str, tokens: list[str]) -> int:
    """Return where what *tokens* lead to begins in JSON, as far as they lead."""
    at = _space(text, 1 if text[:1] == "\ufeff" else 0)
    if "\n" not in text[at:].rstrip():
        return at
    start = at
    for token in tokens:
        if text[at : at + 1] not in ("{", "["):
            break
        found = _printed(text, at, token)
        if found is None:
            found = _skipped(text, at, token)
        if found is None:
            break
        start, at = found
    return start


def _printed(text: str, at: int, token: str) -> tuple[int, int] | None:
    """
    Find a member of the object at *at* by its margin; None where the layout does not tell.

    It never tells of a list: entries have no names to know them by.
    """
    if text[at] != "{":
        return None
    line = text.rfind("\n", 0, at) + 1
    margin = text[line : _margin(text, line)]
    begin = text.find("\n", at)
    if begin < 0 or text[at + 1 : begin].strip():
        return None
    inner = text[begin + 1 : _margin(text, begin + 1)]
    end = text.find("\n" + margin + "}", at)
    if len(inner) <= len(margin) or end < 0:
        return None
    key = json.dumps(token, ensure_ascii=False)
    here = text.rfind("\n" + inner + key, at, end)
    if here < 0:
        return None
    here += 1 + len(inner)
    return here, _space(text, here + len(key))


def _margin(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\t"):
        at += 1
    return at


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _skipped(text: str, at: int, token: str) -> tuple[int, int] | None:
    """Find a member by skipping over the values before it."""
    opened = text[at]
    at = _space(text, at + 1)
    index = 0
    while at < len(text) and text[at] not in "]}":
        here = at
        if opened == "{":
            end = _skip(text, at)
            name = orjson.loads(text[at:end])
            at = _space(text, end)
        else:
            name = str(index)
            index += 1
        if name == token:
            return here, at
        at = _space(text, _skip(text, at))
    return None


def _skip(text: str, at: int) -> int:
    if text[at] == '"':
        found = _STRING.match(text, at)
    elif text[at] in "[{":
        depth = 0
        for piece in _STRUCTURE.finditer(text, at):
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(piece.group(), 0)
            if depth == 0:
                return piece.end()
        return len(text)
    else:
        found = _ATOM.match(text, at)
    return found.end() if found else len(text)
