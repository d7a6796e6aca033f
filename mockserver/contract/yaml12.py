"""
YAML as JSON values, by YAML 1.2's JSON schema (OpenAPI 3.1.1, 4.2).

PyYAML's C parser reads, but neither its composer nor its constructor builds: the
constructor speaks YAML 1.1 (`no` is false, 2024-01-01 is a date, `on:` is a key
called True) and makes objects for tags; the composer takes ten times as long as
the parser and a kilobyte for each scalar. So values are built from the parser's
events. Scalars are resolved by 1.2's rules, keys are the text that stands in the
file, a tag is refused, and what aliases expand to is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn

import yaml

from mockserver.errors import Unreadable
from mockserver.exchange import MISSING, Json

_MOST_EXPANDED = 20_000_000
"""Values that aliases may expand to, beyond which a file is taken for a bomb."""

DEEPEST = 250
"""Levels to which YAML may nest."""

_TEXT = "tag:yaml.org,2002:str"
_TAGS = frozenset((_TEXT, "!", *(f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float"))))
_CONTAINERS = frozenset((None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"))
"""Tags of YAML's JSON schema, the only ones that a contract may use."""

_INDENTED_BY_TAB = re.compile(r" *\t")
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
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


Repeated = list[tuple[int, str]]
"""Keys that stand twice in one mapping, with the line of the later one."""


def read_yaml(text: str, file: str, repeated: Repeated | None = None) -> Json:
    """
    Return the YAML *text* as JSON values. *file* is only for errors.

    Of a key that is given twice the later value counts; *repeated* takes such keys.

    Raises:
        Unreadable: It is none, or several documents; a tag, a bomb of aliases, or a nesting too deep to walk.
    """
    reader = _Reader(file, [] if repeated is None else repeated)
    return _guarded(lambda loader: reader.document(loader.get_event), _Base, text, file)


def compose(text: str, file: str) -> Any:
    """Return the root node of the YAML *text*, None for none. Raises Unreadable. *file* is for errors."""
    return _guarded(lambda loader: loader.get_single_node(), _Composer, text, file)


def _guarded(act: Callable[[Any], Any], maker: Any, text: str, file: str) -> Any:
    try:
        loader = maker(text)
        try:
            return act(loader)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(filter(None, (error.context, error.problem)))
        if mark and _INDENTED_BY_TAB.match("".join(text.splitlines()[mark.line : mark.line + 1])):
            said += "; there is a tab, where YAML is indented with spaces"
        raise Unreadable(file, mark.line + 1 if mark else 0, "", f"not YAML: {said}") from None
    except yaml.YAMLError as error:
        raise Unreadable(file, 0, "", f"not YAML: {error}") from None


class _Composer(_Base):  # type: ignore[misc]
    """
    PyYAML's composer, for nodes with their lines.

    It counts how deep it is: libyaml's composer recurses in C, where too deep is not an exception but the
    end of the process.
    """

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


@dataclass(slots=True)
class _Frame:
    """
    A mapping or sequence in the making.

    Attributes:
        made: The dict or list.
        key: Of the value that comes next; `MISSING` while the key itself is to come.
        merged: What "<<" named, and at which event.
        before: How many values there were before it.
    """

    made: Any
    anchor: str | None
    before: int
    key: Any = MISSING
    merged: list[tuple[Any, Any]] = field(default_factory=list)
    merging: Any = None


_MERGE = object()
"""Stands as the key where "<<" does."""


class _Reader:
    """JSON values from the parser's events. Aliases share one value; what they expand to is counted."""

    def __init__(self, file: str, repeated: Repeated) -> None:
        self.file = file
        self.repeated = repeated
        self.size = 0
        self.anchors: dict[str, tuple[Json, int, str | None] | None] = {}

    def document(self, event_of: Callable[[], Any]) -> Json:
        """Return the one document of a stream; None for none."""
        value: Json = None
        seen = False
        while True:
            event = event_of()
            if type(event) is yaml.StreamEndEvent:
                return value
            if type(event) is yaml.DocumentStartEvent:
                if seen:
                    self.refuse(event, "not YAML: expected a single document, but found another document")
                seen = True
                value = self.values(event_of)

    def values(self, event_of: Callable[[], Any]) -> Json:
        """Return the value whose events come next."""
        frames: list[_Frame] = []
        while True:
            event = event_of()
            kind = type(event)
            frame = frames[-1] if frames else None
            wants_key = frame is not None and frame.key is MISSING and type(frame.made) is dict
            if kind is yaml.ScalarEvent:
                self.size += 1
                value = self.scalar(event)
                if event.anchor is not None:
                    self.anchors[event.anchor] = (value, 1, event.value)
                if wants_key:
                    assert frame is not None
                    frame.key = event.value
                    if event.value == "<<" and not event.style:
                        frame.key, frame.merging = _MERGE, event
                    elif event.value in frame.made:
                        self.repeated.append((event.start_mark.line + 1, event.value))
                    continue
            elif kind is yaml.AliasEvent:
                value, text = self.alias(event)
                if wants_key:
                    assert frame is not None
                    if text is None:
                        self.refuse(event, "a key must be text")
                    frame.key = text
                    continue
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                value = self.finished(frames.pop())
                frame = frames[-1] if frames else None
            else:
                if wants_key:
                    self.refuse(event, "a key must be text")
                frames.append(self.opened(event, len(frames)))
                continue
            if frame is None:
                return value
            if type(frame.made) is list:
                frame.made.append(value)
                continue
            if frame.key is _MERGE:
                frame.merged.append((value, frame.merging))
            else:
                frame.made[frame.key] = value
            frame.key = MISSING

    def opened(self, event: Any, depth: int) -> _Frame:
        """Begin a mapping or sequence."""
        if event.tag not in _CONTAINERS:
            self.refuse(event, f"the tag {event.tag!r} is not used in contracts")
        if depth >= DEEPEST:
            self.refuse(event, f"not YAML: nested more than {DEEPEST} levels deep")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        return _Frame({} if type(event) is yaml.MappingStartEvent else [], event.anchor, self.size)

    def finished(self, frame: _Frame) -> Json:
        """End a mapping or sequence."""
        for said, event in frame.merged:
            for base in said if isinstance(said, list) else [said]:
                if not isinstance(base, dict):
                    self.refuse(event, "only mappings can be merged with '<<'")
                for name, value in base.items():
                    frame.made.setdefault(name, value)
        self.size += 1
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (frame.made, self.size - frame.before, None)
        return frame.made

    def alias(self, event: Any) -> tuple[Json, str | None]:
        """Return what an alias stands for, and its text where it is a scalar."""
        if event.anchor not in self.anchors:
            self.refuse(event, f"not YAML: found undefined alias {event.anchor!r}")
        known = self.anchors[event.anchor]
        if known is None:
            self.refuse(event, "an alias contains itself")
        self.size += known[1]
        if self.size > _MOST_EXPANDED:
            self.refuse(event, "its aliases expand to more than any contract holds")
        return known[0], known[2]

    def scalar(self, event: Any) -> Json:
        """Return the value of a scalar (YAML 1.2.2, 10.2 and 10.3)."""
        text: str = event.value
        tag = event.tag
        if tag is not None:
            if tag not in _TAGS:
                self.refuse(event, f"the tag {tag!r} is not used in contracts")
            if tag == _TEXT:
                return text
        elif event.style:
            return text
        if text in _PLAIN:
            return _PLAIN[text]
        if text[0] in "0123456789-+.":
            if _INTEGER.match(text):
                return int(text) if len(text) < 4000 else text
            if _FLOAT.match(text):
                return float(text)
            if _BASED.match(text):
                return int(text, 0)
        return text

    def refuse(self, event: Any, detail: str) -> NoReturn:
        """Say that *event* cannot be taken."""
        raise Unreadable(self.file, event.start_mark.line + 1, "", detail)
