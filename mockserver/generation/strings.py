"""
Strings within lengths, patterns and formats; and what looks right where these leave room.

Candidates are tried from the most telling to the most obedient: what the name
suggests, what the format asks for, what the pattern says, plain text. Each must
hold to everything before it leaves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from mockserver.errors import TooLarge, Ungeneratable
from mockserver.exchange import Json
from mockserver.generation.draw import Draw, Make
from mockserver.generation.formats import FORMATS, PIXEL, encoded, sized, word
from mockserver.generation.holds import formatted, matcher
from mockserver.generation.patterns import HUGE, Strings
from mockserver.generation.semantics import Idea, idea_of, likely_null, truth
from mockserver.generation.shape import Shape
from mockserver.generation.texts import fitted, phrase

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

Text = Callable[[Draw], str]

ANY = ("*",)
"""Of an idea: it may have any format, which has to be seen."""

TRIES = 8
"""Draws of one candidate before the next one is taken."""


def maker(node: Node) -> Text:
    """
    Return a closure that draws strings for *node*.

    Raises:
        Ungeneratable: Patterns and lengths exclude each other.
    """
    shape = node.shape
    if shape.shortest > HUGE:
        raise TooLarge(node.pointer, f"a text of {shape.shortest} characters is more than is made here")
    formats = [name for name in shape.formats if name in FORMATS]
    idea = idea_of(node) or _content(node)
    if shape.bare and not formats:
        return idea.make if idea is not None else _text(node)
    fits = _test(shape)
    candidates: list[Text] = []
    if idea is not None and (not formats or idea.formats == ANY or set(formats) & set(idea.formats)):
        candidates.append(idea.make)
    candidates += [FORMATS[name] for name in formats]
    if shape.shortest or shape.longest is not None:
        candidates += [partial(_sized, name, shape.shortest, shape.longest) for name in formats]
    if idea is not None and idea.free and not formats and not shape.patterns:
        candidates = [_cut(idea, shape)]
    candidates = [make for make in candidates if _hopeful(make, fits)]
    if formats and shape.bare and len(formats) == 1:
        return candidates[0] if candidates else FORMATS[formats[0]]
    exact = _exact(node, fits)
    if not candidates:
        return exact
    return _first_of(candidates, fits, exact)


def _content(node: Node) -> Idea | None:
    """
    Return an idea for what `contentMediaType` and `contentEncoding` say (Validation, 8); None when they say
    nothing.
    """
    notes = node.shape.notes
    media, encoding = str(notes.get("contentMediaType", "")), str(notes.get("contentEncoding", "")).lower()
    if not media and not encoding:
        return None
    inner: Make = _media(node, media.partition(";")[0].strip().lower())
    return Idea(lambda ctx: encoded(inner(ctx), encoding))


def _media(node: Node, media: str) -> Make:
    """Return a closure for a text, or bytes, of *media* type."""
    source = next((each for each in node.flat if "contentSchema" in each.schema), None)  # type: ignore[operator]
    if media == "application/json" or media.endswith("+json"):
        if source is None:
            return lambda ctx: json.dumps({word(ctx): phrase(ctx)})
        schema = source.schema["contentSchema"]  # type: ignore[index]
        content = node.document.node((source.child(schema, "contentSchema"),), node.hint)
        return lambda ctx: json.dumps(content.draw(ctx))
    if media.startswith("image/"):
        return lambda _ctx: PIXEL
    return FORMATS["html"] if media in ("text/html", "application/xhtml+xml") else lambda ctx: phrase(ctx, 3)


def _sized(name: str, shortest: int, longest: int | None, ctx: Draw) -> str:
    return sized(name, ctx, shortest, longest) or ""


def _first_of(candidates: list[Text], fits: Callable[[str], bool], exact: Text) -> Text:
    def draw(ctx: Draw) -> str:
        if not ctx.plain:
            for make in candidates:
                for _ in range(TRIES):
                    value = make(ctx)
                    if fits(value):
                        return value
        return exact(ctx)

    return draw


def _exact(node: Node, fits: Callable[[str], bool]) -> Text:
    """Return a closure for which the constraints alone decide."""
    shape = node.shape
    formats = [name for name in shape.formats if name in FORMATS]
    if not shape.patterns and not shape.unlike and not formats:
        return _excluding(node, _text(node), fits)
    strings = Strings(shape.patterns, shape.unlike, formats, shape.shortest, shape.longest)
    least, pattern = strings.least
    if least > HUGE:
        said = f"pattern {pattern!r}: a text of {least} characters is more than is made here"
        raise TooLarge(node.pointer, said)

    def draw(ctx: Draw) -> str:
        for attempt in range(TRIES):
            value = strings.draw(ctx, thorough=attempt > 1)
            if value is None:
                break
            if fits(value):
                return value
        raise Ungeneratable(node.pointer, f"no string was found for {_said(shape)}")

    return draw


def _excluding(node: Node, make: Text, fits: Callable[[str], bool]) -> Text:
    if not node.shape.excluded:
        return make

    def draw(ctx: Draw) -> str:
        for _ in range(40):
            value = make(ctx)
            if fits(value):
                return value
        raise Ungeneratable(node.pointer, f"no string was found for {_said(node.shape)}")

    return draw


def _text(node: Node) -> Text:
    """Return a closure for text that only lengths bind."""
    shortest, longest = node.shape.shortest, node.shape.longest
    return lambda ctx: fitted(ctx, "", shortest, longest)


def _cut(idea: Idea, shape: Shape) -> Text:
    """Return a closure that lengthens or shortens free text to its bounds."""
    shortest, longest, make = shape.shortest, shape.longest, idea.make

    def draw(ctx: Draw) -> str:
        value = make(ctx)
        if len(value) < shortest or (longest is not None and len(value) > longest):
            return fitted(ctx, value, shortest, longest)
        return value

    return draw


def _test(shape: Shape) -> Callable[[str], bool]:
    """Return whether a string holds to lengths, patterns, formats and exclusions."""
    shortest, longest = shape.shortest, shape.longest
    wanted = [matcher(pattern) for pattern in shape.patterns]
    wanted += [formatted(name) for name in shape.formats]
    unwanted = [matcher(pattern) for pattern in shape.unlike]
    excluded = shape.excluded

    def fits(value: str) -> bool:
        return (
            shortest <= len(value)
            and (longest is None or len(value) <= longest)
            and all(test(value) for test in wanted)
            and not any(test(value) for test in unwanted)
            and value not in excluded
        )

    return fits


def _hopeful(make: Text, fits: Callable[[str], bool]) -> bool:
    """Whether one of a few draws fits: else the candidate would only cost time at each draw."""
    trial = Draw("hopeful", 1_767_225_600.0)
    return any(fits(make(trial)) for _ in range(6))


def _said(shape: Shape) -> str:
    """Return the constraints of *shape* in words."""
    said = [f"pattern {pattern!r}" for pattern in shape.patterns]
    said += [f"not pattern {pattern!r}" for pattern in shape.unlike]
    said += [f"format {name!r}" for name in shape.formats]
    if shape.shortest:
        said.append(f"minLength {shape.shortest}")
    if shape.longest is not None:
        said.append(f"maxLength {shape.longest}")
    return ", ".join(said) or "what is not excluded"


def null_share(node: Node) -> float:
    """
    Return how often a nullable place is null: more often where the name says that something has not happened
    yet.
    """
    return likely_null(node.hint.name)


def boolean(node: Node, values: list[bool]) -> Callable[[Draw], Json]:
    """Return a closure that draws one of *values*, the likelier one more often."""
    if len(values) == 1:
        only = values[0]
        return lambda _ctx: only
    share = truth(node.hint.name)
    return lambda ctx: ctx.random() < share
