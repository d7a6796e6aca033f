"""
Read a YAML or JSON file as JSON values.

YAML is read by PyYAML's C parser, but not by its constructor: that one speaks
YAML 1.1 (`no` is false, 2024-01-01 is a date, `on:` is a key called True) and
builds objects for tags. OpenAPI asks for YAML 1.2's JSON schema (OpenAPI 3.1.1,
4.2), so scalars are resolved here by 1.2's rules, keys are the text that stands
in the file, and a tag is refused.

Lines are not kept; `lines` finds them again.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import orjson
import yaml

from mockserver.errors import Unreadable
from mockserver.exchange import Json

_MOST_EXPANDED = 20_000_000
"""Values that aliases may expand to, beyond which a file is taken for a bomb."""

DEEPEST = 250
"""Levels to which YAML may nest."""

_WORTH_CACHING = 100_000
"""Characters of YAML from which a parsed tree is kept on disk: below, parsing costs less than looking."""

_PATIENCE = 10.0
"""Seconds to wait for a remote document."""

_MOST_FETCHED = 64 * 1024 * 1024
"""Bytes of a remote document that are read."""

_TEXT = "tag:yaml.org,2002:str"
_TAGS = frozenset((_TEXT, *(f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float"))))
"""Tags of YAML's JSON schema, the only ones that a contract may use (OpenAPI 3.1.1, 4.2)."""

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,8})\Z")
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_PLAIN = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """
    PyYAML's composer without its YAML 1.1 resolvers: a scalar without a tag comes out without one.

    It counts how deep it is: libyaml's composer recurses in C, where too deep is not an exception but the
    end of the process.
    """

    DEFAULT_SCALAR_TAG = ""
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}
    _depth = 0

    def descend_resolver(self, _parent: Any, _index: Any) -> None:
        """Called by the composer before every node."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.YAMLError(f"nested more than {DEEPEST} levels deep")

    def ascend_resolver(self) -> None:
        """Called by the composer after every node."""
        self._depth -= 1


def read(path: Path) -> Json:
    """
    Return the content of the YAML or JSON file at *path* as JSON values.

    Raises:
        Unreadable: Not there, not text, or neither YAML nor JSON; with the line.
    """
    return parse(text_of(path), str(path))


def parse(text: str, file: str) -> Json:
    """
    Return *text*, YAML or JSON, as JSON values. *file* is only for errors.

    Raises:
        Unreadable: It is neither; a tag, a duplicate-free alias bomb, or a nesting too deep to walk.
    """
    if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        try:
            return orjson.loads(text.lstrip("\ufeff"))
        except orjson.JSONDecodeError as error:
            try:
                return _parse_yaml(text, file)  # a flow mapping of YAML starts like JSON does
            except Unreadable:
                raise Unreadable(
                    file, error.lineno, "", f"not JSON: {error.msg} (column {error.colno})"
                ) from None
    if len(text) < _WORTH_CACHING:
        return _parse_yaml(text, file)
    kept = _cache_folder() / f"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}-1.tree"
    try:
        return marshal.loads(kept.read_bytes())
    except (OSError, ValueError, EOFError, TypeError):
        tree = _parse_yaml(text, file)
        _keep(kept, tree)
        return tree


def _keep(kept: Path, tree: Json) -> None:
    """Write *tree* beside its siblings, whole or not at all. Where that fails, it costs time and no more."""
    draft = kept.with_suffix(f".{os.getpid()}")
    with suppress(OSError, ValueError):
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            draft.write_bytes(marshal.dumps(tree))
            draft.replace(kept)
        finally:
            draft.unlink(missing_ok=True)


def _cache_folder() -> Path:
    """Where parsed trees are kept: $XDG_CACHE_HOME/mockserver (XDG Base Directory Specification)."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "mockserver"


def text_of(path: Path, data: bytes | None = None) -> str:
    """Return the text (UTF-8, UTF-16 with a mark) of *path*, or of its *data*. Raises Unreadable."""
    try:
        data = path.read_bytes() if data is None else data
    except FileNotFoundError:
        raise Unreadable(str(path), 0, "", "there is no such file") from None
    except OSError as error:
        raise Unreadable(str(path), 0, "", error.strerror or str(error)) from None
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(str(path), line, "", "not UTF-8 text") from None


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


def compose(text: str, file: str) -> Any:
    """Return the root node of the YAML *text*, None for none. Raises Unreadable. *file* is for errors."""
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(filter(None, (error.context, error.problem)))
        raise Unreadable(file, mark.line + 1 if mark else 0, "", f"not YAML: {said}") from None
    except yaml.YAMLError as error:
        raise Unreadable(file, 0, "", f"not YAML: {error}") from None


def _parse_yaml(text: str, file: str) -> Json:
    node = compose(text, file)
    if node is None:
        return None
    try:
        return _Values(file).value(node)
    except RecursionError:
        raise Unreadable(file, 0, "", "an alias contains itself") from None


class _Values:
    """JSON values of composed YAML nodes. Aliases share one value; what they expand to is counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.done: dict[int, tuple[Json, int]] = {}
        self.size = 0

    def value(self, node: Any) -> Json:
        kind = type(node)
        if kind is yaml.ScalarNode:
            self.size += 1
            return self.scalar(node)
        key = id(node)
        known = self.done.get(key)
        if known is not None:
            self.size += known[1]
            if self.size > _MOST_EXPANDED:
                self.refuse(node, "its aliases expand to more than any contract holds")
            return known[0]
        before = self.size
        made: Json
        if kind is yaml.MappingNode:
            if not node.tag.endswith(":map"):
                self.refuse(node, f"the tag {node.tag!r} is not used in contracts")
            made = self.mapping(node)
        else:
            if not node.tag.endswith(":seq"):
                self.refuse(node, f"the tag {node.tag!r} is not used in contracts")
            made = [self.value(child) for child in node.value]
        self.size += 1
        self.done[key] = (made, self.size - before)
        return made

    def mapping(self, node: Any) -> dict[str, Json]:
        made: dict[str, Json] = {}
        merged: list[dict[str, Json]] = []
        for key, child in node.value:
            if type(key) is not yaml.ScalarNode:
                self.refuse(key, "a key must be text")
            if key.value == "<<" and not key.style:
                value = self.value(child)
                bases = value if isinstance(value, list) else [value]
                if not all(isinstance(base, dict) for base in bases):
                    self.refuse(key, "only mappings can be merged with '<<'")
                merged.extend(bases)
            else:
                made[key.value] = self.value(child)
        for other in merged:
            for name, value in other.items():
                made.setdefault(name, value)
        return made

    def scalar(self, node: Any) -> Json:
        text: str = node.value
        if node.tag and node.tag not in _TAGS:
            self.refuse(node, f"the tag {node.tag!r} is not used in contracts")
        if node.tag == _TEXT or (node.style and not node.tag):
            return text
        if text in _PLAIN:
            return _PLAIN[text]
        first = text[0]
        if first in "0123456789-+.":
            if _INTEGER.match(text):
                return int(text) if len(text) < 4000 else text
            if _FLOAT.match(text):
                return float(text)
            if _BASED.match(text):
                return int(text, 0)
        return text

    def refuse(self, node: Any, detail: str) -> None:
        raise Unreadable(self.file, node.start_mark.line + 1, "", detail)


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
