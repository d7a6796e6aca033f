"""
What a property's name, title, description and samples say about its strings.

Asked in this order: `x-faker`; the name alone ("email"); the name of a moment; the
name together with the thing that has it ("name" of a user, of a campaign); what the
description lists; what the samples look like. The constraints are none of our
business: strings.py drops what does not hold to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockserver.generation import moments, prose
from mockserver.generation.draw import Draw
from mockserver.generation.factories import ALNUM, spelled, worded
from mockserver.generation.fakers import KINDS as ASKED
from mockserver.generation.fakers import asked, drawn
from mockserver.generation.formats import FORMATS, HEX, date, date_time
from mockserver.generation.kinds import FORMATTED, FREE, KINDS, OPAQUE
from mockserver.generation.names import singular, thing, words
from mockserver.generation.vocabulary import COMPANIES, NAMED, PEOPLE, STRINGS, longest
from mockserver.generation.wordlists import listed

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

Text = Callable[[Draw], str]


@dataclass(frozen=True, slots=True)
class Idea:
    """
    A suggestion for a string.

    Attributes:
        make: Draws one.
        formats: The formats that it always has.
        free: Whether it may be cut and lengthened: prose, not an address.
    """

    make: Text
    formats: tuple[str, ...] = ()
    free: bool = False


TIMES = frozenset(("date-time", "date", "datetime", "timestamp", "date-time-local"))


def idea_of(node: Node) -> Idea | None:
    """Return what looks right for the strings of *node*; None when nothing is known."""
    shape, hint, locale = node.shape, node.hint, node.document.locale
    formats = _understood(shape.formats)
    samples = [sample for sample in shape.samples if isinstance(sample, str) and sample]
    faked = _faked(shape.notes.get("x-faker"), locale)
    if faked is not None:
        return faked
    description = _text(shape.notes.get("description"))
    samples = samples or said_in(description)
    if "email" in formats or "idn-email" in formats:
        return Idea(KINDS["email"](locale), FORMATTED["email"])
    if TIMES & set(formats):
        return _moment(hint.name, samples, description, formats)
    kind = kind_of(hint.name, hint.owner, _text(shape.notes.get("title")))
    if kind == "moment":
        if not formats:
            return _moment(hint.name, samples, description, [])
        kind = ""
    if not kind and not formats:
        listed = listed_in(description)
        if listed:
            return Idea(lambda ctx: ctx.pick(listed))
    if samples and not formats and (not kind or kind in OPAQUE or kind == "id"):
        return Idea(_like(samples))
    if kind == "id":
        return Idea(_identifier(hint.name, hint.owner, description))
    if kind == "country" and shape.longest in CODES:  # it has room for no more
        kind = CODES[shape.longest]
    if kind == "named":
        return _mixed(Idea(_title(hint.owner, locale), free=True), samples)
    if kind in KINDS:
        idea = Idea(KINDS[kind](locale), FORMATTED.get(kind, ()), kind in FREE)
        return _mixed(idea, samples) if kind in FREE else idea
    return Idea(_like(samples)) if samples and not formats else None


def _understood(formats: Sequence[str]) -> list[str]:
    """
    Return those of *formats* that say how a string looks.

    Anybody may name one: of what nobody knows the property's own name says more, and "vendor-datetime" is one
    more word for a moment.
    """
    known = []
    for name in formats:
        bare = name.lower().replace("-", "").replace("_", "")
        if name in FORMATS or name in TIMES:
            known.append(name)
        elif bare.endswith(("datetime", "timestamp")) and not bare.startswith(("unix", "epoch")):
            known.append("datetime")
    return known


def kind_of(name: str, owner: str, title: str = "") -> str:
    """
    Return the kind that *name* means in something called *owner*; "" when it says nothing.

    Besides those of kinds.py: "moment", "id", and "named" for the name of a thing that is neither a person's
    nor a
    company's nor otherwise known.
    """
    said = words(name)
    if not said:
        return ""
    if said[-1] in ("id", "ids", "gid", "uid", "oid", "pk", "identifier") and len(said) < 5:
        return "uuid" if said[-1] == "uid" and len(said) == 1 else "id"
    if said in (("name",), ("title",), ("label",), ("display", "name"), ("displayname",), ("nickname",)) or (
        len(said) < 4 and said[-1] in ("name", "title") and not longest(said, STRINGS)
    ):
        return _name_of(said, thing(owner))
    if moments.about_time(name) and not _no_moment(name):
        return "moment"
    kind = longest(said, STRINGS)
    while not kind and len(said) > 1 and (said[-1].isdigit() or len(said[-1]) == 1):
        said = said[:-1]
        kind = longest(said, STRINGS)
    kind = kind or longest((*said[:-1], singular(said[-1])), STRINGS)
    if len(said) == 1:
        kind = OWNED.get((singular(words(owner)[-1]) if words(owner) else "", said[0]), kind)
    if not kind and title:
        kind = longest(words(title)[-3:], STRINGS)
    if kind in ("success message", "code"):
        about = set(words(owner))
        if about & TROUBLE:
            return "error" if kind == "success message" else "error code"
        if kind == "success message" and thing(owner):
            return "prose"
    return kind


OWNED: dict[tuple[str, str], str] = {
    ("card", "brand"): "card brand",
    ("card", "network"): "card brand",
    ("card", "number"): "card number",
    ("payment", "method"): "payment method",
    ("transaction", "method"): "payment method",
    ("refund", "method"): "payment method",
    ("weather", "condition"): "weather",
    ("forecast", "condition"): "weather",
}
"""What a single word means in a certain thing: owner and word -> kind."""


TROUBLE = frozenset(
    (
        *(
            "error",
            "errors",
            "problem",
            "failure",
            "fault",
            "exception",
            "invalid",
            "refused",
            "refusal",
            "denied",
            "exists",
        ),
        *(
            "conflict",
            "unauthorized",
            "forbidden",
            "missing",
            "unknown",
            "violation",
            "violations",
            "bad",
            "found",
        ),
        *("failed", "issue", "warning", "rejected", "unavailable", "limit"),
    )
)
"""Words in the name of a thing that say that something went wrong."""


CODES = {2: "country code", 3: "country code 3"}
"""What a country is told by where so many characters are allowed."""


LOCAL = listed("currency country language locale region") | {
    "country code",
    "country code 3",
    "region code",
    "time zone",
}
"""Kinds that a place decides."""


def local_kind(name: str, locale: str) -> Text | None:
    """
    Return a closure for what *name* means in the place that is spoken of; None when no place decides it.
    """
    kind = kind_of(name, "")
    return KINDS[kind](locale) if kind in LOCAL else None


def _name_of(said: tuple[str, ...], owner: tuple[str, ...]) -> str:
    """Return what kind of name *said* is: "user_name" and the "name" of a user are a person's."""
    who = [singular(word) for word in (said[:-1] if len(said) > 1 and said[0] != "display" else owner)]
    if not who:
        return "named"
    for word in (who[-1], who[0]):
        if word in PEOPLE:
            return "job" if said[-1] == "title" else "person"
        if word in COMPANIES:
            return "company"
        if said[-1] == "title" and word in ("article", "post", "story"):
            return "tagline"
        if word in NAMED and word == who[-1]:
            return NAMED[word]
    return "named"


def _no_moment(name: str) -> bool:
    """Whether the words of *name* as a whole are known, and mean a time of day, or a name to log in with."""
    return STRINGS.get(" ".join(words(name))) in ("opening", "closing", "username")


def _text(note: object) -> str:
    return note if isinstance(note, str) else ""


def _faked(note: object, locale: str) -> Idea | None:
    """Return what an `x-faker` note asks for; None when there is none, or nobody knows it."""
    found = asked(note)
    if found is None:
        return None
    kind = ASKED.get(found[0], "")
    if kind in ("past", "future"):
        stage = moments.stage("created_at" if kind == "past" else "next_at") or moments.some_moment
        return Idea(lambda ctx: date_time(stage(ctx)), ("date-time",))
    if kind == "birth date":
        born = moments.stage("birth_date") or moments.some_moment
        return Idea(lambda ctx: date(born(ctx)), ("date",))
    if kind == "price":
        return Idea(lambda ctx: f"{1 + int(ctx.random() * 900)}.{int(ctx.random() * 100):02d}", ("decimal",))
    if kind:
        return Idea(KINDS[kind](locale), FORMATTED.get(kind, ()), kind in FREE)
    make = drawn(note, locale)
    return None if make is None else Idea(lambda ctx: str(make(ctx)), ("*",))


def _moment(name: str, samples: list[str], description: str, formats: Sequence[str]) -> Idea:
    stage = moments.stage(name) or moments.some_moment
    if "date" in formats:
        return Idea(lambda ctx: date(stage(ctx)), ("date",))
    if "date-time-local" in formats:
        return Idea(lambda ctx: date_time(stage(ctx))[:-1], ("date-time-local",))
    if formats:
        return Idea(lambda ctx: date_time(stage(ctx)), ("date-time", "datetime", "timestamp"))
    write = moments.style(name, samples, description)
    return Idea(lambda ctx: write(stage(ctx)))


def _title(owner: str, locale: str) -> Text:
    return worded(lambda ctx: prose.title(ctx, owner), 2)(locale)


def _mixed(idea: Idea, samples: list[str]) -> Idea:
    """Return *idea*, with the document's own *samples* now and then: they are good prose, and few."""
    if not samples:
        return idea
    make = idea.make
    return Idea(lambda ctx: ctx.pick(samples) if ctx.random() < 0.4 else make(ctx), idea.formats, idea.free)


def _identifier(name: str, owner: str, description: str) -> Text:
    """Return a closure for opaque ids: "usr_7f3k...", or as the description has them."""
    said = description.lower()
    if "uuid" in said or "guid" in said:
        return KINDS["uuid"]("")
    if "number" in said or "numeric" in said or "integer" in said:
        return lambda ctx: str(ctx.serial + ctx.index)
    about = words(name)[:-1] or thing(owner)
    prefix = (about[-1] if about else "id")[:4]
    return lambda ctx: f"{prefix}_{spelled(ctx, ALNUM, 12)}"


LISTED = re.compile(
    r"(?:one of|either|can be|values:|(?:possible|allowed|valid|supported) values(?: are)?)"
    r"[^.\n]{0,40}?((?:[`\"'][\w./:+-]{1,40}[`\"'](?:\s*(?:,|\||/|or|and|,\s*or|,\s*and)\s*)?){2,})",
    re.IGNORECASE,
)
QUOTED = re.compile(r"[`\"']([\w./:+-]{1,40})[`\"']")


def listed_in(description: str) -> list[str]:
    """Return the values that *description* lists ("one of `open`, `closed`"); none when it lists none."""
    found = LISTED.search(description[:2000])
    if found is None:
        return []
    return list(dict.fromkeys(QUOTED.findall(found.group(1))))


SAID = re.compile(
    r"(?:e\.g\.|for example|for instance|example:|such as)[,:]?\s*"
    r"[`\"'\u201c]([^`\"'\u201d\n]{1,60})[`\"'\u201d]",
    re.IGNORECASE,
)


def said_in(description: str) -> list[str]:
    """Return the samples that *description* gives in passing ("e.g. `INV-0042`")."""
    return list(dict.fromkeys(SAID.findall(description[:2000])))


def _like(samples: list[str]) -> Text:
    """
    Return a closure for strings like *samples*: other digits at the places of digits, other hex in a hex
    string.
    """
    forms = [_form(sample) for sample in samples]
    return lambda ctx: forms[int(ctx.random() * len(forms))](ctx)


HEXADECIMAL = re.compile(r"^(?=.*[a-f])(?=.*\d)[0-9a-f-]{12,}$")


def _form(sample: str) -> Text:
    digits = sum(char.isdigit() for char in sample)
    if not digits or len(sample) > 60 or " " in sample.strip() or "://" in sample:
        return lambda _ctx: sample
    alphabet = HEX if HEXADECIMAL.match(sample) else "0123456789"
    parts = [char if char not in alphabet or not char.isalnum() else "" for char in sample]
    first = next((at for at, part in enumerate(parts) if not part), 0)

    def make(ctx: Draw) -> str:
        drawn = [part or alphabet[int(ctx.random() * len(alphabet))] for part in parts]
        if sample[first] != "0" and drawn[first] == "0":
            drawn[first] = "1"
        return "".join(drawn)

    return make


LIKELY_NULL = listed(
    """
    deleted archived cancelled canceled error errors failure reason next previous prev parent revoked
    banned rejected removed failed refunded disabled suspended blocked deactivated terminated cursor
    discontinued
    """
)
PERHAPS_NULL = listed(
    """
    ended end completed finished closed resolved expires expired middle line2 suffix paused resumed
    """
)


def likely_null(name: str) -> float:
    """
    Return how often a nullable value called *name* is null: often where it tells of what seldom happens.
    """
    said = set(words(name))
    if said & LIKELY_NULL:
        return 0.8
    return 0.3 if said & PERHAPS_NULL else 0.08


RARELY_TRUE = listed(
    """
    deleted archived blocked banned error failed test hidden disabled locked suspended cancelled
    canceled spam expired draft sandbox deprecated closed muted removed private read_only readonly fork
    template nsfw sensitive restricted dry
    """
)
USUALLY_TRUE = listed(
    """
    active enabled success successful ok valid verified available public visible published allowed
    confirmed accepted in healthy online subscribed completed
    """
)
NEVER_TRUE = frozenset(
    ("has_more", "has_next", "has_next_page", "has_more_pages", "has_previous_page", "truncated")
)


def truth(name: str) -> float:
    """Return how often a boolean called *name* is true."""
    said = words(name)
    if "_".join(said) in NEVER_TRUE:
        return 0.0
    if any(word in RARELY_TRUE for word in said):
        return 0.08
    return 0.85 if any(word in USUALLY_TRUE for word in said) else 0.5
