"""
How persons, places and addresses of the net are drawn.

Persons and places are not drawn again for each property: they come from `Draw.who`
and `Draw.where`, so that the email is that of the name beside it. A factory takes the
locale and returns a closure; what it needs of Faker is made then, and not before.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from mockserver.generation import prose
from mockserver.generation.draw import Draw
from mockserver.generation.formats import HOSTS, word
from mockserver.generation.places import places
from mockserver.generation.pools import listed_by, texts
from mockserver.generation.wordlists import listed

Text = Callable[[Draw], str]

ALNUM = "abcdefghijklmnopqrstuvwxyz0123456789"
NUMBER_FIRST = listed("US GB CA AU NZ IE FR SG ZA IN")
"""Countries where a house's number stands before the street."""
UNSPACED = frozenset(("ja", "zh", "th"))
"""Languages that put no space between words."""
FICTION = {
    "GB": ("+44 20 7946 0", 3),
    "DE": ("+49 30 23125 ", 3),
    "FR": ("+33 1 99 00 ", 4),
    "AU": ("+61 2 5550 ", 4),
}
"""By country: numbers set aside for fiction (Ofcom, Bundesnetzagentur, ARCEP, ACMA), and digits to add."""
UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "0123456789"

PLAIN = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "đ": "d", "ı": "i", "þ": "th", "ð": "d"})


@lru_cache(maxsize=4096)
def ascii_word(text: str) -> str:
    """Return *text* in lower-case ASCII letters and digits, accents dropped; "" when nothing is left."""
    flat = unicodedata.normalize("NFKD", text.lower().translate(PLAIN)).encode("ascii", "ignore").decode()
    return "".join(char for char in flat if char.isalnum())


def spelled(ctx: Draw, alphabet: str, count: int) -> str:
    """Return *count* characters of *alphabet*."""
    size = len(alphabet)
    return "".join([alphabet[int(ctx.random() * size)] for _ in range(count)])


# ---------------------------------------------------------------------- people


def first_names(locale: str) -> Text:
    """Given names."""
    names = texts(locale, "first_name")
    return lambda ctx: names[ctx.who % len(names)]


def genders(locale: str) -> Text:
    """What persons are, by their given names where these tell: Jessica is no man."""
    names = first_names(locale)
    women, men = listed_by(locale, "first_names_female"), listed_by(locale, "first_names_male")

    def make(ctx: Draw) -> str:
        name = names(ctx)
        if (name in women) != (name in men):
            return "female" if name in women else "male"
        return ("female", "male", "other")[ctx.who % 3]

    return make


def last_names(locale: str) -> Text:
    """Family names."""
    names = texts(locale, "last_name")
    return lambda ctx: names[ctx.who // 131 % len(names)]


def persons(locale: str) -> Text:
    """Full names, in the order that the language has."""
    first, last = first_names(locale), last_names(locale)
    if locale[:2] in ("ja", "zh", "ko"):
        return lambda ctx: last(ctx) + first(ctx)
    return lambda ctx: f"{first(ctx)} {last(ctx)}"


def local_parts(locale: str, joint: str) -> Text:
    """What stands before the @ for a person, its parts put together by *joint*."""
    first, last = first_names(locale), last_names(locale)

    def make(ctx: Draw) -> str:
        parts = [part for part in (ascii_word(first(ctx)), ascii_word(last(ctx))) if part]
        return joint.join(parts) or f"user{1000 + ctx.who % 9000}"

    return make


def emails(locale: str) -> Text:
    """Addresses of persons, at reserved domains (RFC 2606)."""
    local = local_parts(locale, ".")
    return lambda ctx: f"{local(ctx)}@{HOSTS[ctx.who % 3]}"


def usernames(locale: str) -> Text:
    """What persons are called on a platform."""
    local = local_parts(locale, "_")
    return lambda ctx: local(ctx) if ctx.who % 3 else f"{local(ctx).split('_')[0]}{10 + ctx.who % 89}"


def avatars(locale: str) -> Text:
    """Addresses of pictures of persons."""
    local = local_parts(locale, "-")
    return lambda ctx: f"https://example.com/avatars/{local(ctx)}.png"


def from_faker(method: str) -> Callable[[str], Text]:
    """Return a factory for a kind that is a pool of Faker's."""

    def factory(locale: str) -> Text:
        pool = texts(locale, method)
        return lambda ctx: pool[int(ctx.random() * len(pool))]

    return factory


def companies(locale: str) -> Text:
    """Names of companies."""
    pool = texts(locale, "company")
    return lambda ctx: pool[ctx.who // 17 % len(pool)]


# ---------------------------------------------------------------------- places


def column(attribute: str) -> Callable[[str], Text]:
    """Return a factory for a column of places.py."""

    def factory(locale: str) -> Text:
        found = [str(getattr(place, attribute)) for place in places(locale)]
        return lambda ctx: found[ctx.where % len(found)]

    return factory


def street_addresses(locale: str) -> Text:
    """A street of the place, with a number where the country puts it."""
    street, country = column("street")(locale), column("alpha2")(locale)

    def make(ctx: Draw) -> str:
        number = 1 + ctx.where // 101 % 240
        return f"{number} {street(ctx)}" if country(ctx) in NUMBER_FIRST else f"{street(ctx)} {number}"

    return make


def full_addresses(locale: str) -> Text:
    """Street, city, postal code and country of the place."""
    street, city = street_addresses(locale), column("city")(locale)
    postal, country = column("postal")(locale), column("country")(locale)
    return lambda ctx: f"{street(ctx)}, {city(ctx)} {postal(ctx)}, {country(ctx)}"


def elsewhere(locale: str) -> Text:
    """Another place than the one that is spoken of: where one goes from there."""
    found = [f"{place.city}, {place.country}" for place in places(locale)]
    return lambda ctx: found[(ctx.where + 1 + ctx.who % max(1, len(found) - 1)) % len(found)]


def locations(locale: str) -> Text:
    """City and country of the place."""
    city, country = column("city")(locale), column("country")(locale)
    return lambda ctx: f"{city(ctx)}, {country(ctx)}"


def coordinates_of(locale: str) -> Text:
    """Latitude and longitude of the place."""
    latitude, longitude = column("latitude")(locale), column("longitude")(locale)
    return lambda ctx: f"{latitude(ctx)},{longitude(ctx)}"


def locales(locale: str) -> Text:
    """BCP 47 tags of the place."""
    language, country = column("language")(locale), column("alpha2")(locale)
    return lambda ctx: f"{language(ctx)}-{country(ctx)}"


SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "PLN": "zł",
}
CURRENCIES = {"USD": "US Dollar", "EUR": "Euro", "GBP": "Pound Sterling", "JPY": "Yen", "CHF": "Swiss Franc"}
CURRENCIES |= {
    "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar",
    "SEK": "Swedish Krona",
    "NOK": "Norwegian Krone",
}
LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
}


def through(kind: str, table: dict[str, str]) -> Callable[[str], Text]:
    """A factory for a column of places.py that is translated by *table*."""

    def factory(locale: str) -> Text:
        code = column(kind)(locale)
        return lambda ctx: table.get(code(ctx), code(ctx))

    return factory


# ---------------------------------------------------------------------- addresses of the net


def slug(ctx: Draw) -> str:
    """Return two words with a hyphen between them."""
    return f"{word(ctx)}-{word(ctx)}"


def linked(head: str, tail: str = "") -> Text:
    """A closure for addresses that begin with *head* and end with *tail*."""
    return lambda ctx: f"{head}{slug(ctx)}{tail}"


def api_url(ctx: Draw) -> str:
    """Return the address of a resource of an API."""
    return f"https://api.example.com/v1/{word(ctx)}s/{1 + int(ctx.random() * 9000)}"


def card_expiry(ctx: Draw) -> str:
    """Return a month of the coming years, "MM/YY"."""
    return f"{1 + int(ctx.random() * 12):02d}/{27 + int(ctx.random() * 5)}"


def either(*among: str) -> Callable[[str], Text]:
    """A factory for one of *among*."""
    return lambda _locale: lambda ctx: among[int(ctx.random() * len(among))]


def of_person(*values: str) -> Callable[[str], Text]:
    """Return a factory for one of *values*, the same position in each such list for the same person."""
    return lambda _locale: lambda ctx: values[ctx.who % len(values)]


def luhn(digits: str) -> str:
    """Return *digits* with the check digit of the Luhn algorithm (ISO/IEC 7812-1, Annex B)."""
    doubled = [int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(digits))]
    return digits + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


def always(make: Text) -> Callable[[str], Text]:
    """A factory for *make*, whatever the locale."""
    return lambda _locale: make


def filled(templates: tuple[str, ...], otherwise: str = "sentence") -> Callable[[str], Text]:
    """A factory for one of *templates*, filled in; in other languages for what Faker's *otherwise* gives."""

    def factory(locale: str) -> Text:
        if is_english(locale):
            return lambda ctx: prose.one_of(ctx, templates)
        return from_faker(otherwise)(locale)

    return factory


def is_english(locale: str) -> bool:
    """Return whether our own words are those of *locale*."""
    return locale.startswith("en")


def worded(make: Text, count: int = 1) -> Callable[[str], Text]:
    """A factory for *make*, which is English; in other languages for *count* words, the first capitalized."""

    def factory(locale: str) -> Text:
        if is_english(locale):
            return make
        pool = texts(locale, "word")
        joint = "" if locale[:2] in UNSPACED else " "

        def made(ctx: Draw) -> str:
            text = joint.join([pool[int(ctx.random() * len(pool))] for _ in range(count)])
            return text[:1].upper() + text[1:] if count > 1 else text

        return made

    return factory


def phones(locale: str) -> Text:
    """Numbers that nobody has: those that the country keeps for films, else those of America."""
    head, digits = FICTION.get(locale.partition("_")[2], ("+1-555-01", 2))
    return lambda ctx: f"{head}{ctx.who % 10**digits:0{digits}d}"


def prose_of(least: int, most: int) -> Callable[[str], Text]:
    """Return a factory for prose: in English ours, in other languages Faker's."""

    def factory(locale: str) -> Text:
        if is_english(locale):
            return lambda ctx: prose.sentences(ctx, least, most)
        return from_faker("sentence" if most < 3 else "paragraph")(locale)

    return factory
