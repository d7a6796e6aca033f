"""
Fill a documented response: what was remembered, the documented example, or a made value.

A body is filled in this order: what the rules say (cut to what the schema
knows, completed where it requires more), the example asked for by name, the
example that pairs with the request, the first example that is valid, and only
then a generated value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockserver.behavior.envelopes import branching
from mockserver.contract.media import is_json, is_xml, parsed
from mockserver.contract.model import MediaType, Promise
from mockserver.contract.pairs import is_example
from mockserver.contract.sample_files import sample_file
from mockserver.contract.sequences import SEQUENTIAL, write_sequence
from mockserver.errors import Ungeneratable, nearest
from mockserver.exchange import MISSING, Arguments, Json, Violation, dumps
from mockserver.generation import choose
from mockserver.server.api import Prepared
from mockserver.server.fields import spelt
from mockserver.server.filler import Filler
from mockserver.server.placing import echoed, placed
from mockserver.server.preferences import Preferences
from mockserver.server.wording import without_things, worded

_REMAINING = re.compile(r"remaining\b")
"""In the name of a field, beside which one says the limit: X-RateLimit-Remaining."""

_NUMBER = re.compile("[1-9][0-9]{0,5}")
"""Of a variant."""


@dataclass(slots=True)
class Filled:
    """
    A body, ready to be checked and sent.

    Attributes:
        value: As JSON; `MISSING` where there is no body.
        body: Its bytes.
        media_type: For Content-Type; "" where there is no body.
        source: "example", "generated", "state" or "rule".
        note: Why this one, for the journal.
        applied: The preferences that it met.
        fits: The media type whose schema the value was found to fit; None where that is still to be seen.
    """

    value: Json
    body: bytes
    media_type: str
    source: str
    note: str
    applied: tuple[str, ...] = ()
    fits: MediaType | None = None


class Cannot(Exception):
    """The response cannot be filled as asked; `status` and text say why. `members` go into the problem."""

    def __init__(self, status: int, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.members = members


def of_value(
    prepared: Prepared, media: MediaType | None, value: Json, seed: str, now: str, source: str, note: str
) -> Filled:
    """Fill with what the rules say."""
    if media is None:
        return Filled(MISSING, b"", "", source, note)
    filler = prepared.filler(media)
    if filler is None:
        return _written(media, value, source, note)
    value = filler.cut(value)
    if isinstance(value, (dict, list)):
        if filler.is_valid(value):
            return _written(media, value, source, note, fits=media)
        try:
            value = _completed(filler, value, seed, now)
        except Ungeneratable:
            note += "; what the rules say does not fit the schema"
    return _written(media, value, source, note)


def _completed(filler: Filler, value: Json, seed: str, now: str) -> Json:
    """Return *value* with what it lacks: on its first level where that is enough, for it may be long."""
    if isinstance(value, dict):
        flat = {name: part for name, part in value.items() if not isinstance(part, (dict, list))}
        if len(flat) < len(value):
            with suppress(Ungeneratable):
                shell = filler.generate(seed, given=flat, now=now, full=False)
                whole = {**shell, **value} if isinstance(shell, dict) else value
                if filler.is_valid(whole):
                    return whole
    return filler.generate(seed, given=value, now=now, full=False)


def of_contract(
    prepared: Prepared,
    promise: Promise,
    media: MediaType | None,
    arguments: Arguments | None,
    preferences: Preferences,
    seed: str,
    now: str,
    dynamic: bool,
    status: int = 200,
    detail: str = "",
    violations: Sequence[Violation] = (),
) -> Filled:
    """
    Fill with a documented example, or generate: what is made up tells an error's *status*, *detail* and
    *violations*.

    Raises:
        Cannot: An example or variant was asked for by a name that is not there, or no valid value exists.
    """
    if media is None:
        return Filled(MISSING, b"", "", "example", f"{promise.status} has no content")
    filler = prepared.filler(media)
    operation = prepared.operation
    if preferences.example:
        named = media.examples.get(preferences.example)
        if named is None:
            known = ", ".join(filter(None, media.examples)) or "none"
            raise Cannot(
                404, f"{operation.id} {promise.status} has no example {preferences.example!r}; it has {known}"
            )
        note = f"the example {named.name!r} was asked for"
        return _written(media, named.value, "example", note, ("example",))
    if preferences.variant and filler is not None:
        return _variant(prepared, media, filler, preferences)
    if not dynamic and preferences.items is None:
        accepts = filler.is_valid if filler is not None else lambda _: True
        if arguments is not None:
            for name, example in media.examples.items():
                if name and is_example(operation, name, arguments) and accepts(example.value):
                    note = f"the request is that of the example {name!r}"
                    return _written(media, example.value, "example", note, ("dynamic",))
        found = choose.example(media, accepts)
        if found is not None:
            note = f"the first valid example, {found.name!r}"
            fits = media if filler is not None else None
            return _written(media, found.value, "example", note, ("dynamic",), fits)
    essence, concrete, as_json = _named(media.name)
    if filler is None:
        note = "the contract has no schema for it"
        sample = sample_file(essence)
        if sample is not None:
            return Filled(MISSING, sample, concrete, "generated", note)
        return _written(media, {} if as_json and "*" not in media.name else "", "generated", note)

    def made() -> Json:
        assert filler is not None
        return filler.generate(
            seed, items=preferences.items, now=now, shown=not dynamic, locale=preferences.locale
        )

    def told(value: Json) -> Filled:
        """Return *value* as it is written."""
        assert filler is not None
        note = f"generated from the schema, seed {seed!r}"
        sample = sample_file(essence) if isinstance(value, str) and _holds_bytes(filler) else None
        if sample is not None and filler.is_valid(sample.decode("latin-1")):
            return Filled(value, sample, concrete, "generated", note, ("dynamic",))
        return _written(media, value, "generated", note, ("dynamic", "seed", "locale", "items"), media)

    try:
        if status >= 400:
            value = without_things(made(), filler.shape, filler.is_valid)
            return told(worded(value, status, detail, filler.shape, filler.is_valid, violations))
        if arguments is None:
            return told(made())
        path, body = arguments.path, arguments.body
        if isinstance(body, dict) or preferences.items is not None:
            value = _in_form(filler, made(), body, seed, now, preferences)
            value = placed(value, path, filler.shape, filler.is_valid)
            return told(echoed(value, body, filler.shape, filler.is_valid))
        asked = (media, seed, now, preferences.locale, dynamic, repr(path))
        return filler.once(asked, lambda: told(placed(made(), path, filler.shape, filler.is_valid)))
    except Ungeneratable as error:
        raise Cannot(500, f"{operation.id} {promise.status}: {filler.why(error)}") from None


def _in_form(filler: Filler, value: Json, sent: Json, seed: str, now: str, preferences: Preferences) -> Json:
    """Return *value* in the form that was *sent*, where the answer takes one of several: a cow for a cow."""
    if not isinstance(value, dict) or not isinstance(sent, dict) or not branching(filler.shape):
        return value
    given = {name: part for name, part in sent.items() if name in filler.shape.names}
    if given and any(value.get(name, part) != part for name, part in given.items()):
        with suppress(Ungeneratable):
            return filler.generate(seed, given=given, now=now, full=False, locale=preferences.locale)
    return value


def _holds_bytes(filler: Filler) -> bool:
    """Whether a body is bytes, or anything: its schema does not say that it is text of some kind."""
    shape = filler.shape
    return shape.is_file or not shape.typed


def _variant(prepared: Prepared, media: MediaType, filler: Filler, preferences: Preferences) -> Filled:
    """Fill with the variant asked for by name, or by its number in the list, from 1."""
    wanted = preferences.variant
    try:
        known = list(filler.variants)
        name = wanted
        if wanted not in filler.variants and _NUMBER.fullmatch(wanted) and int(wanted) <= len(known):
            name = known[int(wanted) - 1]
        value = filler.variant(name, preferences.seed)
    except Ungeneratable as error:
        raise Cannot(500, f"{prepared.operation.id}: {filler.why(error)}") from None
    except KeyError:
        said = f"{', '.join(known[:20])}{', ...' if len(known) > 20 else ''}"
        raise Cannot(
            404,
            f"{prepared.operation.id} has no variant {wanted!r}.{nearest(wanted, known)} It has {said}",
            variants=known,
        ) from None
    return _written(media, value, "generated", f"the variant {name!r}", ("variant", "seed"))


def _written(
    media: MediaType,
    value: Json,
    source: str,
    note: str,
    applied: tuple[str, ...] = (),
    fits: MediaType | None = None,
) -> Filled:
    """Write *value* in its media type."""
    essence, concrete, as_json = _named(media.name)
    if as_json:
        return Filled(value, dumps(value), concrete, source, note, applied, fits)
    if is_xml(essence) and not isinstance(value, str):
        from mockserver.contract.shapes import Shape
        from mockserver.contract.xml import write_xml

        shape = Shape(media.schema.json("response") if media.schema is not None else {})
        return Filled(value, write_xml(value, shape), concrete, source, note, applied)
    if isinstance(value, str):
        return Filled(value, value.encode("utf-8", "surrogatepass"), concrete, source, note, applied)
    if essence.startswith("multipart/") and isinstance(value, (dict, list)):
        from mockserver.contract.written_bodies import write_body

        made = write_body(media, value)
        return Filled(value, made.content, made.media_type, source, note, applied)
    if essence in SEQUENTIAL:
        return Filled(value, write_sequence(value, essence), concrete, source, note, applied)
    return Filled(value, dumps(value), concrete, source, note, applied)


@lru_cache(maxsize=512)
def _named(name: str) -> tuple[str, str, bool]:
    """
    Return the essence of what is written for a media type, its Content-Type, and whether it is JSON.

    Of a range one member is written.
    """
    concrete = _concrete(name)
    media = parsed(concrete)
    essence = media.essence if media is not None else concrete
    return essence, concrete, is_json(essence)


def _concrete(name: str) -> str:
    """A media type for Content-Type: of a range, the member that is likeliest to be understood."""
    if "*" not in name:
        return name
    kind = name.partition("/")[0]
    return {
        "*": "application/json",
        "application": "application/json",
        "text": "text/plain",
        "image": "image/png",
        "audio": "audio/mpeg",
        "video": "video/mp4",
        "font": "font/woff2",
        "multipart": "multipart/mixed",
    }.get(kind, f"{kind}/x-any")


def headers(
    prepared: Prepared, promise: Promise, said: Mapping[str, Json], seed: str, now: str
) -> list[tuple[str, str]]:
    """Return the documented response headers, filled: what the rules say, the example, or a made value."""
    if not promise.headers and not said:
        return []
    values: dict[str, Json] = {}
    made: dict[str, Filler] = {}
    lower = {name.lower(): value for name, value in said.items()}
    for name, header in promise.headers.items():
        value: Json = lower.pop(name.lower(), MISSING)
        if value is MISSING and header.examples:
            value = next(iter(header.examples.values())).value
            if header.schema is not None and not prepared.header(name, header.schema).is_valid(value):
                value = MISSING  # `check` reports it
        if value is MISSING and header.schema is not None:
            try:
                filler = prepared.header(name, header.schema)
                value = filler.generate(f"{seed}|{name}", now=now)
            except Ungeneratable:
                continue
            value = spelt(name, value, seed, filler.is_valid)
            made[name] = filler
        if value is not MISSING and value is not None:
            values[name] = value
    for name, filler in made.items():
        values.update(_left(name, values, filler))
    found = [
        (name, _field(promise.headers[name].content, one, promise.headers[name].explode))
        for name, value in values.items()
        for one in (value if isinstance(value, list) and name.lower() == "set-cookie" else [value])
    ]  # cookies cannot share a field (RFC 9110, 5.3)
    found.extend((name, _field("", value, False)) for name, value in said.items() if name.lower() in lower)
    return found


def _left(name: str, values: Mapping[str, Json], filler: Filler) -> dict[str, Json]:
    """Return the field *name* with another value, where it would say that more is left than there may be."""
    most = _REMAINING.sub("limit", name.lower())
    limit = next((value for other, value in values.items() if other.lower() == most != name.lower()), None)
    left = values.get(name)
    if type(limit) is not int or type(left) is not int or not 0 <= limit < left:
        return {}
    return next(({name: one} for one in (left % (limit + 1), limit) if filler.is_valid(one)), {})


def _field(content: str, value: Json, explode: bool) -> str:
    """A header field's value in style simple (OpenAPI 3.1.1, Header Object)."""
    if content:
        return dumps(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_field("", one, False) for one in value)
    if isinstance(value, dict):
        joint = "=" if explode else ","
        return ",".join(f"{name}{joint}{_field('', one, False)}" for name, one in value.items())
    return str(value)
