"""
Make bodies that a server is likely to accept, with values that can be told from any other.

Documented examples come first, since they are known to mean something; what they
leave out is generated. Texts that may be anything get a word that nobody else uses,
so that names do not collide, a search finds only what was made, and a value that
comes back is surely the one that was sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlunsplit

from mockserver.behavior.envelopes import EACH, each
from mockserver.behavior.uniqueness import is_natural, unique
from mockserver.behavior.wording import plain, words_of
from mockserver.contract.model import MediaType, Operation
from mockserver.contract.shapes import Shape
from mockserver.contract.urls import parts_of
from mockserver.contract.written_bodies import says_objects
from mockserver.errors import MockserverError
from mockserver.exchange import MISSING, Json
from mockserver.generation import Generator
from mockserver.validation.values import RawValidator, Validator
from mockserver.verify.calls import successful_call
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Carried, Unsupported, media_of
from mockserver.verify.laws.naming import is_proper, is_wordlike, read_only
from mockserver.verify.requests import Unsayable

DEEP, FULL, EXAMPLE, LEAST, PLAIN = "deep", "full", "example", "least", "plain"
"""
How much a body says: all that it may, also inside of what the document's example has in part; all that it
may; what the example says; what it must; that in plain words, for servers that take no others.
"""

KEY = 10**8
"""From here a number is a key, like a text of so many digits."""

ALTERNATIVES = 8
"""Things that are made up, until one is of an alternative that has what is wanted."""

_BOUND = ("enum", "const", "format", "pattern", "contentMediaType", "contentEncoding", "examples_only")
_ADJECTIVES = ("amber", "brisk", "coral", "dusky", "early", "fresh", "green", "humble", "ivory", "jolly")
_TAIL = "of Some L\u00e4ngth"
"""Long, in both cases, and beyond ASCII: who cuts, folds or re-encodes texts changes what was given."""


@dataclass(eq=False)
class Bodies:
    """
    Bodies of one operation.

    Attributes:
        operation: Whose request they are.
        wrapper: Names that lead from a body to the thing; see `envelopes.sent`.
        shape: Of the thing.
        carried: What says which thing is meant, where that is said in the body.
    """

    operation: Operation
    wrapper: tuple[str, ...]
    shape: Shape
    carried: Carried | None = None

    @cached_property
    def media(self) -> MediaType:
        """The media type that they are written in."""
        found = media_of(self.operation)
        if found is None or found.schema is None:
            raise Unsupported(f"{self.operation.id} has no body with a schema")
        if not says_objects(found.name):
            raise Unsupported(f"nothing says how an object is written as {found.name}")
        return found

    @cached_property
    def _validator(self) -> Validator:
        assert self.media.schema is not None
        return Validator(self.media.schema, "request")

    @cached_property
    def _generator(self) -> Generator:
        assert self.media.schema is not None
        if EACH in self.wrapper:  # a body without any is valid, and says nothing
            document = self.shape.document
            accepts = RawValidator(document).is_valid
            return Generator(document, accepts=accepts, direction="request")
        return Generator(
            self.media.schema.json("request"),
            accepts=self._validator.is_valid,
            name=self.wrapper[-1] if self.wrapper else "",
            direction="request",
        )

    def fits(self, thing: Json) -> bool:
        """Return whether the body that says *thing* is valid."""
        return self._validator.is_valid(self.wrapped(thing))

    @cached_property
    def _everywhere(self) -> frozenset[str]:
        return _in_all(self.shape, ())

    def belongs(self, name: str, thing: Mapping[str, Json]) -> bool:
        """Return whether *name* is a property of the alternative that *thing* is, where there are several."""
        return name in self._everywhere or name not in self.shape.names or thing.get(name) is not None

    def wrapped(self, thing: Json) -> Json:
        """Return the body that says *thing*, alone where it could say several."""
        for name in reversed(self.wrapper):
            thing = [thing] if name == EACH else {name: thing}
        if self.carried is not None and self.carried.location == "body" and isinstance(thing, dict):
            thing = {self.carried.name: self.carried.sample, **thing}
        return thing

    def unwrapped(self, body: Json) -> dict[str, Json]:
        """Return the thing that *body* says, the first of several; {} where it says none."""
        found = next(iter(each(body, self.wrapper)), None)
        return dict(found) if isinstance(found, dict) else {}

    @cached_property
    def example(self) -> dict[str, Json]:
        """What the document's own example of a success says; {} without one."""
        try:
            call = successful_call(self.operation)
        except Unsayable:
            return {}
        documented = any(
            media.examples for media in (self.operation.body.content.values() if self.operation.body else ())
        )
        return self.unwrapped(call.said.body) if documented and call.said.media is not None else {}

    def generated(self, seed: str, *, full: bool) -> dict[str, Json]:
        """
        Return a thing that is made up.

        Raises:
            Unsupported: None can be made that fits the schema.
        """
        try:
            made = self._generator.value(seed, full=full)
            return dict(made) if EACH in self.wrapper else self.unwrapped(made)
        except MockserverError as error:
            raise Unsupported(f"no body of {self.operation.id} can be made up: {error}") from error

    def make(
        self,
        how: str,
        token: str,
        given: Mapping[str, Json] | None = None,
        *,
        seed: str = "",
        apart: bool = False,
    ) -> dict[str, Json]:
        """
        Return a thing to send.

        Args:
            how: See `DEEP`, `FULL`, `EXAMPLE`, `LEAST`.
            token: A word that nobody else uses.
            given: Properties that are decided; `MISSING` leaves one out.
            seed: What is made up is the same for the same seed.
            apart: Whether addresses (URLs) and numbers of many digits are made another's, too.

        Raises:
            Unsupported: None can be made that fits the schema.
        """
        full = how in (FULL, DEEP)
        wanted = [name for name, value in (given or {}).items() if value is not MISSING]
        drawn = self._alternative(seed, wanted, full=full)
        made = {name: value for name, value in drawn.items() if not self._carries(name)}
        said = {name: value for name, value in self.example.items() if not self._carries(name)}
        if how == LEAST:
            known = said if all(self.belongs(name, said) for name in made) else {}
            made = {name: known.get(name, value) for name, value in made.items()}
        elif said and all(self.belongs(name, said) for name in wanted):
            more = {name: value for name, value in made.items() if full and self.belongs(name, said)}
            made = {**more, **said}
        for name in list(made):
            shape = self.shape.named(name)
            if read_only(shape) or (full and names_another(name) and name not in self.example):
                made = self._without(made, name)
            else:
                self._tell(made, name, shape, token, apart)
                whole = self._filled(made[name], drawn.get(name), shape, token) if how == DEEP else made[name]
                rich = enriched(whole, shape) if full else made[name]
                if rich != made[name] and self.fits({**made, name: rich}):
                    made[name] = rich
        if how == PLAIN:
            simple = {
                name: simplest(value, self.shape.named(name), token, name) for name, value in made.items()
            }
            made = simple if self.fits(simple) else made
        for name, value in (given or {}).items():
            if value is MISSING:
                made.pop(name, None)
            else:
                made[name] = value
        return made

    def _alternative(self, seed: str, wanted: list[str], *, full: bool) -> dict[str, Json]:
        """Return a thing of an alternative that has what is *wanted*; raise `Unsupported` where none has."""
        for number in range(ALTERNATIVES):
            made = self.generated(f"{seed}/{number}" if number else seed, full=full)
            if all(self.belongs(name, made) for name in wanted):
                return made
        raise Unsupported(f"{self.operation.id} takes no {' with '.join(wanted)}")

    def _carries(self, name: str) -> bool:
        return self.carried is not None and not self.wrapper and name == self.carried.name

    def _filled(self, value: Json, drawn: Json, shape: Shape, token: str) -> Json:
        """Return an object with what it may have besides, as *drawn*, and the *token* in its texts."""
        if not isinstance(value, dict):
            return value
        other = drawn if isinstance(drawn, dict) else {}
        made = dict(value)
        for name in shape.names:
            inner = shape.named(name)
            said = made.get(name, MISSING if names_another(name) else other.get(name, MISSING))
            if said is MISSING or read_only(inner):
                continue
            text = self.text(name, inner, token) if isinstance(said, str) else None
            made[name] = self._filled(said, other.get(name), inner, token) if text is None else text
        return made

    def _without(self, made: dict[str, Json], name: str) -> dict[str, Json]:
        less = {one: value for one, value in made.items() if one != name}
        return less if self.fits(less) else made

    def _tell(self, made: dict[str, Json], name: str, shape: Shape, token: str, apart: bool) -> None:
        """Put the *token* into a text that may be anything; where it stands *apart*, into a URL and a key."""
        text: Json = self.text(name, shape, token)
        if text is None and apart and isinstance(made[name], int) and abs(made[name]) >= KEY:
            text = another_key(made[name], token)
        if text is None and isinstance(made[name], str):
            text = another_url(made[name], token) if apart else None
            text = text or self._drawn(name, shape, token)
        if text is None and name in self._alone and isinstance(made[name], int):
            text = self._drawn(name, shape, token)
        if text is None:
            return
        before = made[name]
        made[name] = text
        if not self.fits(made):
            made[name] = before

    @cached_property
    def _alone(self) -> frozenset[str]:
        """The properties that no two things share, as far as the contract says so."""
        return frozenset(name for group in unique(self.operation, self.shape) for name in group)

    def _drawn(self, name: str, shape: Shape, token: str) -> str | int | None:
        """
        Return a value that is drawn for *token*: no two things are called alike.

        Of a text that may be anything of its pattern, and of whatever the contract says is unique.
        """
        keywords = {keyword for face in shape.faces for keyword in face}
        told = "pattern" in keywords and (is_natural(name) or is_wordlike(name))
        if keywords & {"enum", "const"} or not (told or name in self._alone):
            return None
        try:
            found = self._one(name).value(token, full=True)
        except MockserverError:
            return None
        return found if isinstance(found, (str, int)) and not isinstance(found, bool) else None

    def _one(self, name: str) -> Generator:
        """Return what makes values of the property *name* alone."""
        document = self.shape.named(name).document
        return Generator(document, accepts=RawValidator(document).is_valid, name=name, direction="request")

    def text(self, name: str, shape: Shape, token: str) -> str | None:
        """Return a text with *token* in it for the property *name*; None where it cannot be any text."""
        if not shape.typed or not shape.kinds <= {"string", "null"} or "string" not in shape.kinds:
            return None
        formats = {str(face["format"]) for face in shape.faces if "format" in face}
        most = min((face["maxLength"] for face in shape.faces if "maxLength" in face), default=200)
        least = max((face["minLength"] for face in shape.faces if "minLength" in face), default=0)
        if formats == {"email"} and not any(face.keys() & {"enum", "pattern"} for face in shape.faces):
            return f"{token}@example.com"
        if any(face.keys() & set(_BOUND) for face in shape.faces):
            return None
        if not is_wordlike(name) and (is_proper(name) or names_another(name)):
            return None
        word = _ADJECTIVES[sum(token.encode()) % len(_ADJECTIVES)]
        noun = " ".join(words_of(name)) or name
        said = token if is_wordlike(name) else f"{word.title()} {noun} {token} {_TAIL}"
        if len(said) > most:
            said = f"{word.title()} {token}" if len(word) + len(token) < most and " " in said else token
        if len(said) > most:
            said = token
        if len(said) < least:
            said += ("a" if " " not in said else " and so on") * least
            said = said[: max(least, 1)].strip().ljust(least, "a")
        return said if least <= len(said) <= most else None

    def other(self, name: str, current: Json, token: str, *, among: tuple[Json, ...] = ()) -> Json:
        """
        Return another value for the property *name* than *current* and than *among*; `MISSING` without one.
        """
        shape = self.shape.named(name)
        taken = (current, *among)
        text = self.text(name, shape, token)
        if text is not None and not any(alike(text, one) for one in taken):
            return text
        enum = shape.enum
        if enum is not None:
            return next(
                (one for one in enum if one is not None and not any(alike(one, two) for two in taken)),
                MISSING,
            )
        if shape.kinds <= {"boolean", "null"} and "boolean" in shape.kinds:
            return next((one for one in (True, False) if one not in taken), MISSING)
        generator = self._one(name)
        for attempt in range(6):
            try:
                value = generator.value(f"{name}{attempt}{token[-1:]}", full=True)
            except MockserverError:
                return MISSING
            if value is None or value in ([], {}, "") or any(alike(value, one) for one in taken):
                continue
            return value
        return MISSING


def _in_all(shape: Shape, above: tuple[int, ...]) -> frozenset[str]:
    """Return the properties that are declared whichever alternative (anyOf, oneOf) is taken."""
    if id(shape.node) in above:
        return frozenset(shape.names)
    found = set(shape.sure_names)
    for branches in (face.get(keyword) for face in shape.sure for keyword in ("anyOf", "oneOf")):
        alternatives = [Shape(one, shape.root) for one in branches or ()]
        told = [_in_all(one, (*above, id(shape.node))) for one in alternatives if one.names]
        found |= frozenset.intersection(*told) if told else frozenset()
    return frozenset(found)


def another_key(key: int, token: str) -> int:
    """Return a number as long as *key* that *token* alone has: its last digits are others."""
    digits = sum(token.encode()) * 131 + int(re.sub(r"\D", "", token)[-4:] or 0)
    return (abs(key) // 10**5 * 10**5 + digits % 10**5) * (1 if key > 0 else -1)


def another_url(url: str, token: str) -> str | None:
    """
    Return an address beside *url* that has *token* in it; None where it is no URL of a path.

    ".../video/17" becomes ".../video/170254": what looks like a number stays one.
    """
    parts = parts_of(url)
    if not parts.scheme or not parts.netloc or parts.path in ("", "/"):
        return None
    last = parts.path.rstrip("/").rpartition("/")[2]
    more = str(int(token.encode().hex(), 16))[-6:] if last.isdigit() else f"-{token}"
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + more))


def simplest(value: Json, shape: Shape, word: str, name: str = "") -> Json:
    """Return *value*, of *shape*, with *word* as each text, and as each name, that may be anything."""
    if isinstance(value, dict):
        return {
            one if one in shape.names else f"{word}{index}": simplest(inner, shape.named(one), word, one)
            for index, (one, inner) in enumerate(value.items())
        }
    if isinstance(value, list):
        return [simplest(one, shape.item(index), word, name) for index, one in enumerate(value)]
    free = isinstance(value, str) and not any(face.keys() & {*_BOUND} for face in shape.faces)
    return word if free and not is_proper(name) and not names_another(name) else value


def enriched(value: Json, shape: Shape) -> Json:
    """Return *value* with fractions, and a second item in its lists: half of a thing is lost easily."""
    if isinstance(value, dict):
        return {name: enriched(one, shape.named(name)) for name, one in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and "number" in shape.kinds and shape.typed:
        return value + 0.5
    if not isinstance(value, list) or len(value) != 1:
        return value
    item = shape.item(0)
    choices = item.enum
    if choices is not None:
        return [*value, *[one for one in choices if one != value[0]][:1]]
    free = isinstance(value[0], str) and not any(face.keys() & {*_BOUND} for face in item.faces)
    return [*value, f"{value[0]} too"] if free else value


def names_another(name: str) -> bool:
    """Return whether a property may be the key of another thing."""
    word = plain(name)
    return word.endswith(("id", "ids", "uuid")) and word not in ("id", "uuid", "paid", "valid")
