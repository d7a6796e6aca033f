"""
Which branches are worth trying beside all that is settled already.

Where many choices meet at one place, each branch of each is held against the rest
before one is taken (`plausible`), and again after every choice. Most branches speak
of other properties than the one that was taken: what is known of them still holds.
So a schema is asked what it speaks of, its *topics*; a branch is held against what
speaks of the same, and looked at again only when something new has been said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mockserver.errors import Ungeneratable
from mockserver.generation.choices import Alternative, Choice
from mockserver.generation.holds import EXCLUDED, UNEVEN, UNLIKE
from mockserver.generation.plausible import plausible
from mockserver.generation.shape import NOTES, TYPES, Shape
from mockserver.generation.sources import Key, Source, flatten
from mockserver.generation.wordlists import listed

Topics = frozenset[str] | None
"""Names of properties, and kinds of bounds with "#" before them; None where anything may be meant."""

NUMBER, STRING, ARRAY, TYPE = "#number", "#string", "#array", "#type"
_BOUNDS: dict[str, tuple[str, ...]] = {
    "type": (TYPE,),
    **dict.fromkeys(listed("minimum maximum exclusiveMinimum exclusiveMaximum multipleOf"), (NUMBER,)),
    **dict.fromkeys(listed("minLength maxLength pattern"), (STRING,)),
    **dict.fromkeys(listed("minItems maxItems contains minContains maxContains items prefixItems"), (ARRAY,)),
    "uniqueItems": (ARRAY,),
    UNEVEN: (NUMBER,),
    UNLIKE: (STRING,),
    "format": (STRING, NUMBER),
    EXCLUDED: (),
}
_WIDE = frozenset(("enum", "const", "additionalProperties", "patternProperties", "propertyNames"))
_JOINS = frozenset(("allOf", "$ref", "$dynamicRef"))


class Reader:
    """Tells what schemas speak of; what was read once is kept."""

    def __init__(self) -> None:
        self._own: dict[Key, tuple[Source, Topics]] = {}
        self._all: dict[Key, tuple[Source, Topics]] = {}
        self._bare: dict[Key, tuple[Source, Source]] = {}

    def own(self, source: Source) -> Topics:
        """Return the topics of the keywords of *source*, but of nothing that it joins in place."""
        known = self._own.get(source.key)
        if known is None:
            known = self._own[source.key] = source, self._read(source)
        return known[1]

    def all(self, sources: Iterable[Source]) -> Topics:
        """Return the topics of *sources* together, with all that they join in place."""
        found: frozenset[str] = frozenset()
        for source in sources:
            known = self._all.get(source.key)
            if known is None:
                known = self._all[source.key] = source, self._flat(source)
            if known[1] is None:
                return None
            found |= known[1]
        return found

    def bare(self, source: Source) -> Source:
        """Return *source* without what it joins in place: flattened, that stands beside it."""
        schema = source.schema
        if not isinstance(schema, dict) or schema.keys().isdisjoint(_JOINS):
            return source
        known = self._bare.get(source.key)
        if known is None:
            part = {keyword: argument for keyword, argument in schema.items() if keyword not in _JOINS}
            known = self._bare[source.key] = source, Source(part, source.scope, source.pointer, source.within)
        return known[1]

    def _flat(self, source: Source) -> Topics:
        try:
            flat = flatten((source,))
        except Ungeneratable:
            return None
        parts = [self.own(each) for each in flat]
        return None if None in parts else frozenset().union(*(part for part in parts if part is not None))

    def _read(self, source: Source) -> Topics:
        schema, found = source.schema, set[str]()
        if not isinstance(schema, dict):
            return None
        for keyword, argument in schema.items():
            if keyword in _WIDE:
                return None
            if keyword in ("properties", "required"):
                found.update(argument)
            elif keyword == "not":
                inner = self.all((source.child(argument, keyword),))
                if inner is None:
                    return None
                found |= inner
            elif keyword not in _JOINS and keyword not in NOTES:
                found.update(_BOUNDS.get(keyword, (f"#{keyword}",)))
        return frozenset(found)


@dataclass(slots=True)
class Outlook:
    """
    What is known of the choices that are left where one was made.

    Attributes:
        hopeful: Key of a choice -> which of its alternatives are plausible.
        shape: The bounds before the choice was made.
        said: The topics of what has come with it.
    """

    hopeful: dict[object, tuple[bool, ...]] = field(default_factory=dict)
    shape: Shape = field(default_factory=Shape)
    said: Topics = None


UNKNOWN = Outlook()
"""Where no choice was made before."""


class Lookout:
    """
    Looks at the choices of one place.

    Args:
        reader: Of the document.
        sources: What is settled there.
        flat: The same, flattened.
        shape: Its bounds.
        before: What was known before the last choice was made.
    """

    def __init__(
        self, reader: Reader, sources: Sequence[Source], flat: list[Source], shape: Shape, before: Outlook
    ) -> None:
        self._reader = reader
        self._sources = tuple(sources)
        self._before = before
        self._shape = shape
        self._anywhere: list[Source] = []
        self._about: dict[str, list[Source]] = {}
        denied: list[frozenset[str]] = []
        for each in flat:
            own = reader.own(each)
            bare = reader.bare(each)
            if own is None:
                self._anywhere.append(bare)
                continue
            for topic in own - {TYPE}:
                self._about.setdefault(topic, []).append(bare)
            if "not" in each.schema:  # type: ignore[operator]
                denied.append(own)
        if len(shape.types) < len(TYPES):
            names = ["integer" if name == "number" and shape.whole else name for name in shape.types]
            self._anywhere.append(Source({"type": names}, self._sources[-1].scope, ""))
        self._said = self._new(denied)

    def _new(self, denied: Iterable[frozenset[str]]) -> Topics:
        """Return of what something new has been said, by what has come with the last choice."""
        before, shape, said = self._before, self._shape, self._before.said
        if said is None or before.shape.types != shape.types or before.shape.whole != shape.whole:
            return None
        if _numbers(before.shape) == _numbers(shape):
            said -= {NUMBER}
        if _strings(before.shape) == _strings(shape):
            said -= {STRING}
        said -= {TYPE}
        return said.union(*(topics for topics in denied if topics & said))

    def hopeful(self, choice: Choice) -> tuple[bool, ...]:
        """Return which alternatives of *choice* are plausible."""
        known = self._before.hopeful.get(choice.key) if choice.keyword != "discriminator" else None
        if known is None or len(known) != len(choice.alternatives):
            return tuple(self._fits(each) for each in choice.alternatives)
        return tuple(
            fits and (self._stands(each) or self._fits(each))
            for fits, each in zip(known, choice.alternatives, strict=True)
        )

    def _stands(self, alternative: Alternative) -> bool:
        """Whether nothing new has been said of what *alternative* speaks of."""
        topics = self._reader.all(alternative.sources)
        return self._said is not None and topics is not None and not topics & self._said

    def _fits(self, alternative: Alternative) -> bool:
        if not alternative.sources:
            return True
        topics = self._reader.all(alternative.sources)
        if topics is None:
            return plausible((*self._sources, *alternative.sources))
        about = (each for topic in sorted(topics) for each in self._about.get(topic, ()))
        beside = {id(each): each for each in (*self._anywhere, *about)}
        return plausible((*beside.values(), *alternative.sources))


def _numbers(shape: Shape) -> tuple[object, ...]:
    return (
        shape.low,
        shape.low_open,
        shape.high,
        shape.high_open,
        shape.multiples,
        shape.uneven,
        shape.formats,
    )


def _strings(shape: Shape) -> tuple[object, ...]:
    return shape.shortest, shape.longest, shape.patterns, shape.unlike, shape.formats
