"""
How each kind of string is drawn.

A kind is what a name has been found to mean (vocabulary.py): "email", "city", "slug".
Persons and places are not drawn again for each property: they come from `Draw.who`
and `Draw.where`, so that the email is that of the name beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from mockserver.generation import prose
from mockserver.generation.draw import Draw
from mockserver.generation.formats import FORMATS, HEX, HOSTS, uuid, word
from mockserver.generation.places import places
from mockserver.generation.pools import texts

Text = Callable[[Draw], str]

ALNUM = "abcdefghijklmnopqrstuvwxyz0123456789"
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


def _first(locale: str) -> Text:
    names = texts(locale, "first_name")
    return lambda ctx: names[ctx.who % len(names)]


def _last(locale: str) -> Text:
    names = texts(locale, "last_name")
    return lambda ctx: names[ctx.who // 131 % len(names)]


def _person(locale: str) -> Text:
    first, last = _first(locale), _last(locale)
    if locale[:2] in ("ja", "zh", "ko"):
        return lambda ctx: last(ctx) + first(ctx)
    return lambda ctx: f"{first(ctx)} {last(ctx)}"


def _local_part(locale: str, joint: str) -> Text:
    first, last = _first(locale), _last(locale)

    def make(ctx: Draw) -> str:
        parts = [part for part in (ascii_word(first(ctx)), ascii_word(last(ctx))) if part]
        return joint.join(parts) or f"user{1000 + ctx.who % 9000}"

    return make


def _email(locale: str) -> Text:
    local = _local_part(locale, ".")
    return lambda ctx: f"{local(ctx)}@{HOSTS[ctx.who % 3]}"


def _username(locale: str) -> Text:
    local = _local_part(locale, "_")
    return lambda ctx: local(ctx) if ctx.who % 3 else f"{local(ctx).split('_')[0]}{10 + ctx.who % 89}"


def _avatar(locale: str) -> Text:
    local = _local_part(locale, "-")
    return lambda ctx: f"https://example.com/avatars/{local(ctx)}.png"


def _from(method: str) -> Callable[[str], Text]:
    """Return a factory for a kind that is a pool of Faker's."""

    def factory(locale: str) -> Text:
        pool = texts(locale, method)
        return lambda ctx: pool[int(ctx.random() * len(pool))]

    return factory


def _company(locale: str) -> Text:
    pool = texts(locale, "company")
    return lambda ctx: pool[ctx.who // 17 % len(pool)]


# ---------------------------------------------------------------------- places


def _place(attribute: str) -> Callable[[str], Text]:
    """Return a factory for a column of places.py."""

    def factory(locale: str) -> Text:
        column = [str(getattr(place, attribute)) for place in places(locale)]
        return lambda ctx: column[ctx.where % len(column)]

    return factory


def _street_address(locale: str) -> Text:
    street = _place("street")(locale)
    return lambda ctx: f"{1 + ctx.where // 101 % 240} {street(ctx)}"


def _full_address(locale: str) -> Text:
    street, city = _street_address(locale), _place("city")(locale)
    postal, country = _place("postal")(locale), _place("country")(locale)
    return lambda ctx: f"{street(ctx)}, {city(ctx)} {postal(ctx)}, {country(ctx)}"


def _location(locale: str) -> Text:
    city, country = _place("city")(locale), _place("country")(locale)
    return lambda ctx: f"{city(ctx)}, {country(ctx)}"


def _coordinates(locale: str) -> Text:
    latitude, longitude = _place("latitude")(locale), _place("longitude")(locale)
    return lambda ctx: f"{latitude(ctx)},{longitude(ctx)}"


def _locale_code(locale: str) -> Text:
    language, country = _place("language")(locale), _place("alpha2")(locale)
    return lambda ctx: f"{language(ctx)}-{country(ctx)}"


SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "KRW": "₩", "BRL": "R$", "PLN": "zł"}
CURRENCIES = {"USD": "US Dollar", "EUR": "Euro", "GBP": "Pound Sterling", "JPY": "Yen", "CHF": "Swiss Franc"}
CURRENCIES |= {"CAD": "Canadian Dollar", "AUD": "Australian Dollar", "SEK": "Swedish Krona", "NOK": "Norwegian Krone"}
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese"}


def _through(kind: str, table: dict[str, str]) -> Callable[[str], Text]:
    def factory(locale: str) -> Text:
        column = _place(kind)(locale)
        return lambda ctx: table.get(column(ctx), column(ctx))

    return factory


# ---------------------------------------------------------------------- addresses of the net


def slug(ctx: Draw) -> str:
    """Return two words with a hyphen between them."""
    return f"{word(ctx)}-{word(ctx)}"


def _link(head: str, tail: str = "") -> Text:
    return lambda ctx: f"{head}{slug(ctx)}{tail}"


def _api_url(ctx: Draw) -> str:
    return f"https://api.example.com/v1/{word(ctx)}s/{1 + int(ctx.random() * 9000)}"


def _card_expiry(ctx: Draw) -> str:
    return f"{1 + int(ctx.random() * 12):02d}/{27 + int(ctx.random() * 5)}"


def _either(*among: str) -> Callable[[str], Text]:
    return lambda _locale: lambda ctx: among[int(ctx.random() * len(among))]


def _always(make: Text) -> Callable[[str], Text]:
    return lambda _locale: make


def _prose(templates: tuple[str, ...]) -> Callable[[str], Text]:
    return lambda _locale: lambda ctx: prose.one_of(ctx, templates)


def _sentences(least: int, most: int) -> Callable[[str], Text]:
    """Return a factory for prose: in English ours, in other languages Faker's."""

    def factory(locale: str) -> Text:
        if locale.startswith("en"):
            return lambda ctx: prose.sentences(ctx, least, most)
        return _from("sentence" if most < 3 else "paragraph")(locale)

    return factory


KINDS: dict[str, Callable[[str], Text]] = {
    "email": _email,
    "first name": _first,
    "last name": _last,
    "middle name": _from("first_name"),
    "person": _person,
    "username": _username,
    "initials": lambda locale: (lambda person: lambda ctx: "".join(part[0] for part in person(ctx).split()))(_person(locale)),
    "avatar": _avatar,
    "job": _from("job"),
    "company": _company,
    "team": _either("Marketing", "Sales", "Engineering", "Support", "Finance", "Design", "Operations", "Product"),
    "phone": _always(lambda ctx: f"+1-555-01{ctx.who % 100:02d}"),
    "street": _place("street"),
    "street address": _street_address,
    "address line 2": _always(lambda ctx: f"Suite {100 + int(ctx.random() * 800)}"),
    "full address": _full_address,
    "house number": _always(lambda ctx: str(1 + ctx.where // 101 % 240)),
    "city": _place("city"),
    "region": _place("region"),
    "region code": _place("code"),
    "postal code": _place("postal"),
    "country": _place("country"),
    "country code": _place("alpha2"),
    "country code 3": _place("alpha3"),
    "currency": _place("currency"),
    "currency symbol": _through("currency", SYMBOLS),
    "currency name": _through("currency", CURRENCIES),
    "language": _place("language"),
    "language name": _through("language", LANGUAGES),
    "locale": _locale_code,
    "time zone": _place("zone"),
    "latitude": _place("latitude"),
    "longitude": _place("longitude"),
    "coordinates": _coordinates,
    "location": _location,
    "url": _always(lambda ctx: f"https://www.{HOSTS[int(ctx.random() * 3)]}/{slug(ctx)}"),
    "api url": _always(_api_url),
    "webhook url": _always(_link("https://hooks.example.com/")),
    "image": _always(_link("https://example.com/images/", ".jpg")),
    "video": _always(_link("https://example.com/videos/", ".mp4")),
    "document url": _always(_link("https://example.com/files/", ".pdf")),
    "domain": _always(lambda ctx: f"{word(ctx)}.{HOSTS[int(ctx.random() * 3)]}"),
    "host": _always(lambda ctx: f"{word(ctx)}-{1 + int(ctx.random() * 9)}.example.com"),
    "ip": lambda _locale: FORMATS["ipv4"],
    "ipv6": lambda _locale: FORMATS["ipv6"],
    "mac": _always(lambda ctx: "00:00:5E:00:53:" + f"{int(ctx.random() * 256):02X}"),
    "user agent": _either(
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    ),
    "password": lambda _locale: FORMATS["password"],
    "token": _always(lambda ctx: spelled(ctx, ALNUM, 32)),
    "cursor": _always(lambda ctx: spelled(ctx, ALNUM, 16)),
    "hash": _always(lambda ctx: spelled(ctx, HEX, 40)),
    "sha256": _always(lambda ctx: spelled(ctx, HEX, 64)),
    "etag": _always(lambda ctx: f'"{spelled(ctx, HEX, 16)}"'),
    "uuid": _always(uuid),
    "code": _always(lambda ctx: spelled(ctx, UPPER, 3) + spelled(ctx, DIGITS, 3)),
    "otp": _always(lambda ctx: spelled(ctx, DIGITS, 6)),
    "number": _always(lambda ctx: f"{spelled(ctx, UPPER, 2)}-{100000 + int(ctx.random() * 900000)}"),
    "sku": _always(lambda ctx: f"SKU-{1000 + int(ctx.random() * 9000)}"),
    "barcode": _always(lambda ctx: _checked("200" + spelled(ctx, DIGITS, 9))),
    "isbn": _always(lambda ctx: _checked("9780" + spelled(ctx, DIGITS, 8))),
    "iban": _either("DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606", "NL91ABNA0417164300"),
    "bic": _either("DEUTDEFF", "NWBKGB2L", "BNPAFRPP", "ABNANL2A"),
    "card number": _either("4242424242424242", "5555555555554444", "378282246310005", "6011111111111117"),
    "last four": _either("4242", "4444", "0005", "1117"),
    "card brand": _either("visa", "mastercard", "amex", "discover"),
    "expiry": _always(_card_expiry),
    "vat": _always(lambda ctx: "DE" + spelled(ctx, DIGITS, 9)),
    "slug": _always(slug),
    "identifier": _always(lambda ctx: f"{word(ctx)}_{word(ctx)}"),
    "color": lambda _locale: FORMATS["color"],
    "color name": _either("blue", "green", "red", "orange", "purple", "black", "white", "grey", "yellow", "teal"),
    "emoji": _either("🎉", "👍", "🚀", "😀", "❤️", "☀️", "✅", "🌟"),
    "hashtag": _either("#summer", "#fashion", "#travel", "#newin", "#weekend", "#design", "#food", "#fitness"),
    "tag": _either("summer", "new", "featured", "sale", "outdoor", "design", "travel", "food", "music", "health", "tech"),
    "category": _either("Fashion", "Electronics", "Home", "Sports", "Books", "Beauty", "Garden", "Toys", "Travel", "Food"),
    "product": _always(prose.product),
    "pet": _either("Bella", "Max", "Luna", "Charlie", "Daisy", "Rocky", "Milo", "Coco", "Oscar", "Ruby", "Simba", "Nala"),
    "breed": _either("Beagle", "Siamese", "Labrador", "Maine Coon", "Border Collie", "Persian", "Poodle", "Bengal"),
    "species": _either("dog", "cat", "rabbit", "parrot", "hamster", "horse"),
    "book": _prose(prose.BOOKS),
    "movie": _prose(prose.BOOKS),
    "venue": _always(lambda ctx: f"{ctx.pick(prose.ADJECTIVES)} {ctx.pick(('House', 'Hall', 'Garden', 'Corner', 'Terrace'))}"),
    "file name": _always(lambda ctx: f"{slug(ctx)}.{ctx.pick(('pdf', 'png', 'jpg', 'csv', 'docx'))}"),
    "folder": _either("Reports", "Invoices", "Photos", "Contracts", "Drafts", "Archive", "Shared", "Projects"),
    "path": _always(lambda ctx: f"/{word(ctx)}/{word(ctx)}"),
    "extension": _either("pdf", "png", "jpg", "csv", "docx", "txt"),
    "media type": _either("application/json", "image/png", "image/jpeg", "application/pdf", "text/plain", "text/csv"),
    "file size text": _always(lambda ctx: f"{1 + int(ctx.random() * 90)}.{int(ctx.random() * 10)} MB"),
    "version": _always(lambda ctx: f"{1 + int(ctx.random() * 4)}.{int(ctx.random() * 12)}.{int(ctx.random() * 10)}"),
    "license": _either("MIT", "Apache-2.0", "BSD-3-Clause", "CC-BY-4.0"),
    "status": _either("active", "active", "pending", "completed"),
    "priority": _either("low", "medium", "high"),
    "role": _either("admin", "editor", "viewer", "member", "owner"),
    "permission": _either("read", "write", "admin"),
    "plan": _either("free", "basic", "pro", "business", "enterprise"),
    "channel": _either("email", "web", "instagram", "telegram", "linkedin", "sms"),
    "network": _either("instagram", "facebook", "tiktok", "youtube", "linkedin", "x"),
    "gender": _either("female", "male", "other"),
    "salutation": _either("Ms", "Mr", "Dr", "Mx"),
    "marital": _either("single", "married", "divorced"),
    "blood": _either("A+", "0+", "B+", "AB+", "0-"),
    "method": _either("GET", "POST", "PUT", "PATCH", "DELETE"),
    "payment method": _either("card", "bank_transfer", "paypal", "invoice"),
    "shipping method": _either("standard", "express", "pickup"),
    "device": _either("iPhone 15", "Pixel 8", "Galaxy S24", "iPad Air", "MacBook Pro", "ThinkPad X1"),
    "os": _either("iOS 17.5", "Android 14", "Windows 11", "macOS 14.5", "Ubuntu 24.04"),
    "engine": _either("Chrome", "Firefox", "Safari", "Edge"),
    "unit": _either("kg", "g", "cm", "m", "l", "pcs", "hours"),
    "size": _either("S", "M", "L", "XL"),
    "material": _either("cotton", "steel", "wood", "leather", "glass"),
    "weekday": _either("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "month name": _either("January", "March", "May", "July", "September", "November"),
    "time of day": _always(lambda ctx: f"{7 + int(ctx.random() * 14):02d}:{15 * int(ctx.random() * 4):02d}"),
    "period": _either("daily", "weekly", "monthly", "yearly"),
    "duration text": _always(lambda ctx: f"{1 + int(ctx.random() * 3)}h {5 * int(ctx.random() * 12)}m"),
    "order": _either("asc", "desc"),
    "error code": _either("not_found", "invalid_request", "validation_failed", "rate_limited", "forbidden"),
    "error": _prose(prose.ERRORS),
    "reason": _prose(prose.REASONS),
    "success message": _prose(prose.MESSAGES),
    "word": _always(word),
    "words": _always(lambda ctx: f"{word(ctx)} {word(ctx)}"),
    "prose": _sentences(1, 2),
    "long prose": _sentences(2, 4),
    "bio": _prose(prose.BIOS),
    "tagline": _prose(prose.TAGLINES),
    "phrase": _prose(prose.TAGLINES),
    "goal": _prose(prose.GOALS),
    "tone": _either("friendly", "professional", "playful", "confident", "warm"),
    "subject": _prose(prose.SUBJECTS),
    "question": _prose(prose.QUESTIONS),
    "answer": _sentences(1, 1),
    "button": _either("Learn more", "Get access", "Sign up", "Buy now", "Read more", "Join now"),
    "query": _always(lambda ctx: f"{word(ctx)} {word(ctx)}"),
    "title": _always(lambda ctx: prose.title(ctx, "")),
    "weather": _either("sunny", "cloudy", "light rain", "windy", "snow"),
    "cron": _either("0 9 * * 1", "*/15 * * * *", "0 0 1 * *", "30 6 * * *"),
    "branch": _either("main", "develop", "release/1.4", "feature/search", "fix/login"),
    "ref": _either("refs/heads/main", "refs/tags/v1.4.0"),
    "repo": _always(slug),
    "environment": _either("production", "staging", "development"),
    "currency pair": _either("EUR/USD", "GBP/USD", "USD/JPY"),
    "ticker": _either("ACME", "EXMPL", "TEST"),
    "airport": _either("JFK", "LHR", "FRA", "CDG", "NRT", "AMS", "MAD", "SIN"),
    "airline": _either("Example Air", "Northern Wings", "Coastal Airways"),
    "flight": _always(lambda ctx: f"XX{100 + int(ctx.random() * 900)}"),
    "seat": _always(lambda ctx: f"{1 + int(ctx.random() * 30)}{ctx.pick('ABCDEF')}"),
    "plate": _always(lambda ctx: f"{spelled(ctx, UPPER, 3)} {spelled(ctx, DIGITS, 3)}"),
    "regex": lambda _locale: FORMATS["regex"],
}
"""Factories, by kind: from the locale to a closure that draws."""

FORMATTED: dict[str, tuple[str, ...]] = {
    "email": ("email", "idn-email"),
    "ip": ("ipv4", "ip", "ip-address"),
    "ipv6": ("ipv6",),
    "uuid": ("uuid", "guid"),
    "domain": ("hostname", "idn-hostname", "host-name"),
    "host": ("hostname", "idn-hostname", "host-name"),
    "password": ("password",),
    "token": ("password",),
    "phone": ("phone",),
    "color": ("color",),
    "currency": ("currency",),
    "language": ("language",),
    "locale": ("locale",),
    "country code": ("country",),
    **dict.fromkeys(
        ("url", "api url", "webhook url", "image", "avatar", "video", "document url"),
        ("uri", "url", "iri", "uri-reference", "iri-reference"),
    ),
}
"""Formats that the strings of a kind always have."""

FREE = frozenset(
    "prose|long prose|bio|tagline|phrase|goal|subject|question|answer|error|reason|success message|title|product|book|words"
    "|query|company|job".split("|")
)
"""Kinds that may be cut and lengthened: they are words, not addresses."""

OPAQUE = frozenset(
    "code number slug status uuid token cursor hash sha256 etag sku identifier path version period plan channel network role"
    " permission priority category tag unit size query url path extension vat barcode isbn plate cron ref repo branch tone"
    " order environment ticker duration".split()
) | {"error code", "time of day", "duration text", "file name", "api url", "payment method", "success message"}
"""Kinds whose form is the document's own: where it shows a sample, values are made like it."""


def _checked(digits: str) -> str:
    """Return twelve *digits* with the check digit of an EAN-13 (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)
