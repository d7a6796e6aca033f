"""What changed in the parts of messages: parameters, headers, bodies and their media types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mockserver.contract.media import parsed
from mockserver.contract.model import Encoding, MediaType, Parameter, Schema
from mockserver.contract.shapes import KINDS
from mockserver.exchange import Place
from mockserver.verify.diff.changes import Notes, Where
from mockserver.verify.diff.flat import Sites, root
from mockserver.verify.diff.flatten import flatten
from mockserver.verify.diff.pairs import Pairs
from mockserver.verify.diff.rules import Role

_SINGLE = "a single value"
_PLACED = frozenset(("label", "matrix"))
"""Styles that write even a single value differently."""


@dataclass
class Messages:
    """Compares parts of messages; the pairs of schemas met on the way are kept for the next one."""

    _pairs: dict[Role, Pairs] = field(default_factory=dict)

    def schema(
        self,
        notes: Notes,
        where: Where,
        old: tuple[Schema | None, Place],
        new: tuple[Schema | None, Place],
        *,
        text: bool = False,
    ) -> None:
        """Note what changed between two schemas; each comes with where to point when there is none."""
        pairs = self._pairs.setdefault(where.role, Pairs(where.role))
        before, after = (_sites(schema, place, where.role) for schema, place in (old, new))
        for pointer, found in pairs.changes(before, after, text=text):
            notes.value(found.aspect, where, pointer, found.said, found.old.place, found.new.place)

    # --------------------------------------------------------------------------------------- parameters

    def parameter(self, notes: Notes, where: Where, old: Parameter, new: Parameter) -> None:
        """Note what changed between two parameters, or two headers, that are the same one."""
        here = (old.place, new.place)
        if new.required and not old.required:
            notes.value("became-required", where, "", "is required now", *here)
        elif old.required and not new.required:
            notes.value("became-optional", where, "", "is optional now", *here)
        self._serialized(notes, where, old, new)
        for name, before, after in (
            ("allow-reserved", old.allow_reserved, new.allow_reserved),
            ("allow-empty-value", old.allow_empty_value, new.allow_empty_value),
        ):
            if before != after:
                said = f"{'allows' if after else 'no longer allows'} {name.removeprefix('allow-')}"
                notes.value(
                    f"{name}-{'added' if after else 'removed'}", where, "", f"{said} characters", *here
                )
        if new.deprecated and not old.deprecated:
            notes.value("became-deprecated", where, "", "is deprecated now", *here)
        elif old.deprecated and not new.deprecated:
            notes.value("became-not-deprecated", where, "", "is no longer deprecated", *here)
        text = not old.content and not new.content
        self.schema(notes, where, (old.schema, old.place), (new.schema, new.place), text=text)

    def _serialized(self, notes: Notes, where: Where, old: Parameter, new: Parameter) -> None:
        before, after = _written(old, where.role), _written(new, where.role)
        if _SINGLE in (before, after) and old.style == new.style and old.content == new.content:
            return  # one value or several: that is a change of type
        if before != after:
            said = f"is written as {after} now, it was {before}"
            notes.value("style-changed", where, "", said, old.place, new.place)

    def headers(
        self,
        notes: Notes,
        where: Where,
        old: tuple[Mapping[str, Parameter], Place],
        new: tuple[Mapping[str, Parameter], Place],
    ) -> None:
        """Note what changed between the headers of two answers; *where* is for one of them."""
        before = {name.lower(): header for name, header in old[0].items()}
        after = {name.lower(): header for name, header in new[0].items()}
        for name in dict.fromkeys((*before, *after)):
            one, other = before.get(name), after.get(name)
            shown = (one or other or next(iter(after.values()))).name
            here = replace(where, name=shown, label=f"header {shown!r} of the {where.label}")
            if one is not None and other is not None:
                self.parameter(notes, here, one, other)
            elif one is not None:
                aspect = "removed" if one.required else "removed-optional"
                notes.value(aspect, here, "", "was removed", one.place, new[1])
            elif other is not None:
                aspect = "added-required" if other.required else "added-optional"
                notes.value(aspect, here, "", "is new", old[1], other.place)

    # ------------------------------------------------------------------------------------------- bodies

    def content(
        self,
        notes: Notes,
        where: Where,
        old: tuple[Mapping[str, MediaType], Place],
        new: tuple[Mapping[str, MediaType], Place],
    ) -> None:
        """Note what changed between two bodies, by media type; *where* is for one of them."""
        if not old[0] and not new[0]:
            return
        taken: set[str] = set()
        for name, media in old[0].items():
            here = _of_media(where, name)
            twin = _twin(name, new[0], taken)
            if twin is None:
                said = f"is no longer {'taken' if where.role == 'taken' else 'given'} as {name}"
                notes.value(
                    "media-type-removed", replace(here, label=where.label), "", said, media.place, new[1]
                )
                continue
            taken.add(twin)
            self._media(notes, here, media, new[0][twin])
        for name, media in new[0].items():
            if name not in taken and _twin(name, old[0], set()) is None:
                here = replace(_of_media(where, name), label=where.label)
                said = f"may be {name} now"
                notes.value("media-type-added", here, "", said, old[1], media.place)

    def _media(self, notes: Notes, where: Where, old: MediaType, new: MediaType) -> None:
        self.schema(notes, where, (old.schema, old.place), (new.schema, new.place))
        for name in dict.fromkeys((*old.encoding, *new.encoding)):
            before = _encoded(old.encoding.get(name, Encoding()))
            after = _encoded(new.encoding.get(name, Encoding()))
            if before != after:
                said = f"is written as {after} now, it was {before}"
                notes.value("encoding-changed", where, f"/{name}", said, old.place, new.place)


def _sites(schema: Schema | None, place: Place, role: Role) -> Sites:
    return (root(schema, "request" if role == "taken" else "response", place),)


def _written(parameter: Parameter, role: Role) -> str:
    """Return how *parameter* is written, the same for styles that write its values alike."""
    if parameter.content:
        return parameter.content
    flat = flatten(_sites(parameter.schema, parameter.place, role))
    single = flat.meant != KINDS and not flat.meant & {"array", "object"}
    if single and parameter.style not in _PLACED:
        return _SINGLE
    if flat.meant == KINDS and parameter.schema is None:
        return _SINGLE
    style = f"style {parameter.style}"
    return style if single else f"{style}, {'exploded' if parameter.explode else 'not exploded'}"


def _encoded(encoding: Encoding) -> str:
    said = [encoding.content_type, encoding.style and f"style {encoding.style}"]
    if encoding.explode is not None:
        said.append("exploded" if encoding.explode else "not exploded")
    return ", ".join(filter(None, said)) or "usual"


def _of_media(where: Where, name: str) -> Where:
    return replace(where, media=name, label=f"{where.label} ({name})")


def _twin(name: str, among: Mapping[str, MediaType], taken: set[str]) -> str | None:
    """Return which of *among* is *name*: itself, one with another charset, or a range around it."""
    free = [other for other in among if other not in taken]
    if name in free:
        return name
    own = parsed(name)
    if own is None:
        return None
    known = {other: found for other in free if (found := parsed(other)) is not None}
    same = (
        other for other, found in known.items() if found.essence == own.essence and _charset_only(found, own)
    )
    return next(same, None) or next((other for other in among if _covers(other, name)), None)


def _charset_only(one: object, other: object) -> bool:
    """Whether two media types differ in no parameter but the charset."""
    left, right = (dict(getattr(found, "parameters", {})) for found in (one, other))
    left.pop("charset", None)
    right.pop("charset", None)
    return left == right


def _covers(range_: str, name: str) -> bool:
    outer, inner = parsed(range_), parsed(name)
    return outer is not None and inner is not None and "*" in range_ and outer.covers(inner)
