"""
How each kind of string is drawn.

A kind is what a name has been found to mean (vocabulary.py): "email", "city", "slug".
"""

from __future__ import annotations

from collections.abc import Callable

from mockserver.generation import prose
from mockserver.generation.draw import Draw
from mockserver.generation.factories import (
    ALNUM,
    CURRENCIES,
    DIGITS,
    LANGUAGES,
    SYMBOLS,
    UPPER,
    always,
    api_url,
    avatars,
    card_expiry,
    column,
    companies,
    coordinates_of,
    either,
    elsewhere,
    emails,
    filled,
    first_names,
    from_faker,
    full_addresses,
    genders,
    last_names,
    linked,
    locales,
    locations,
    luhn,
    of_person,
    persons,
    phones,
    prose_of,
    slug,
    spelled,
    street_addresses,
    through,
    usernames,
    worded,
)
from mockserver.generation.formats import FORMATS, HEX, HOSTS, uuid, word
from mockserver.generation.wordlists import listed

Text = Callable[[Draw], str]

KINDS: dict[str, Callable[[str], Text]] = {
    "email": emails,
    "first name": first_names,
    "last name": last_names,
    "middle name": from_faker("first_name"),
    "person": persons,
    "username": usernames,
    "initials": lambda locale: (lambda person: lambda ctx: "".join(part[0] for part in person(ctx).split()))(
        persons(locale)
    ),
    "avatar": avatars,
    "job": from_faker("job"),
    "company": companies,
    "team": either(
        "Marketing", "Sales", "Engineering", "Support", "Finance", "Design", "Operations", "Product"
    ),
    "phone": phones,
    "street": column("street"),
    "street address": street_addresses,
    "address line 2": always(lambda ctx: f"Suite {100 + int(ctx.random() * 800)}"),
    "full address": full_addresses,
    "house number": always(lambda ctx: str(1 + ctx.where // 101 % 240)),
    "city": column("city"),
    "region": column("region"),
    "region code": column("code"),
    "postal code": column("postal"),
    "country": column("country"),
    "country code": column("alpha2"),
    "country code 3": column("alpha3"),
    "currency": column("currency"),
    "currency symbol": through("currency", SYMBOLS),
    "currency name": through("currency", CURRENCIES),
    "language": column("language"),
    "language name": through("language", LANGUAGES),
    "locale": locales,
    "time zone": column("zone"),
    "latitude": column("latitude"),
    "longitude": column("longitude"),
    "coordinates": coordinates_of,
    "location": locations,
    "elsewhere": elsewhere,
    "url": always(lambda ctx: f"https://www.{HOSTS[int(ctx.random() * 3)]}/{slug(ctx)}"),
    "api url": always(api_url),
    "webhook url": always(linked("https://hooks.example.com/")),
    "image": always(linked("https://example.com/images/", ".jpg")),
    "video": always(linked("https://example.com/videos/", ".mp4")),
    "document url": always(linked("https://example.com/files/", ".pdf")),
    "domain": always(lambda ctx: f"{word(ctx)}.{HOSTS[int(ctx.random() * 3)]}"),
    "host": always(lambda ctx: f"{word(ctx)}-{1 + int(ctx.random() * 9)}.example.com"),
    "ip": lambda _locale: FORMATS["ipv4"],
    "ipv6": lambda _locale: FORMATS["ipv6"],
    "mac": always(lambda ctx: "00:00:5E:00:53:" + f"{int(ctx.random() * 256):02X}"),
    "user agent": either(
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
    ),
    "password": lambda _locale: FORMATS["password"],
    "token": always(lambda ctx: spelled(ctx, ALNUM, 32)),
    "cursor": always(lambda ctx: spelled(ctx, ALNUM, 16)),
    "hash": always(lambda ctx: spelled(ctx, HEX, 40)),
    "sha256": always(lambda ctx: spelled(ctx, HEX, 64)),
    "etag": always(lambda ctx: f'"{spelled(ctx, HEX, 16)}"'),
    "uuid": always(uuid),
    "code": always(lambda ctx: spelled(ctx, UPPER, 3) + spelled(ctx, DIGITS, 3)),
    "otp": always(lambda ctx: spelled(ctx, DIGITS, 6)),
    "number": always(lambda ctx: f"{spelled(ctx, UPPER, 2)}-{100000 + int(ctx.random() * 900000)}"),
    "sku": always(lambda ctx: f"SKU-{1000 + int(ctx.random() * 9000)}"),
    "barcode": always(lambda ctx: _checked("200" + spelled(ctx, DIGITS, 9))),
    "isbn": always(lambda ctx: _checked("9780" + spelled(ctx, DIGITS, 8))),
    "iban": either(
        "DE89370400440532013000",
        "GB29NWBK60161331926819",
        "FR1420041010050500013M02606",
        "NL91ABNA0417164300",
    ),
    "bic": either("DEUTDEFF", "NWBKGB2L", "BNPAFRPP", "ABNANL2A"),
    "card number": of_person("4242424242424242", "5555555555554444", "378282246310005", "6011111111111117"),
    "last four": of_person("4242", "4444", "0005", "1117"),
    "card brand": of_person("visa", "mastercard", "amex", "discover"),
    "expiry": always(card_expiry),
    "card check": always(lambda ctx: spelled(ctx, DIGITS, 3)),
    "money": always(lambda ctx: f"{1 + int(ctx.random() * 400)}.{int(ctx.random() * 100):02d}"),
    "vat": always(lambda ctx: "DE" + spelled(ctx, DIGITS, 9)),
    "slug": always(slug),
    "identifier": always(lambda ctx: f"{word(ctx)}_{word(ctx)}"),
    "color": lambda _locale: FORMATS["color"],
    "color name": either(
        "blue", "green", "red", "orange", "purple", "black", "white", "grey", "yellow", "teal"
    ),
    "emoji": either("🎉", "👍", "🚀", "😀", "❤️", "☀️", "✅", "🌟"),
    "hashtag": either("#summer", "#fashion", "#travel", "#newin", "#weekend", "#design", "#food", "#fitness"),
    "tag": either(
        "summer", "new", "featured", "sale", "outdoor", "design", "travel", "food", "music", "health", "tech"
    ),
    "category": either(
        "Fashion", "Electronics", "Home", "Sports", "Books", "Beauty", "Garden", "Toys", "Travel", "Food"
    ),
    "product": worded(prose.product, 2),
    "pet": either(
        "Bella", "Max", "Luna", "Charlie", "Daisy", "Rocky", "Milo", "Coco", "Oscar", "Ruby", "Simba", "Nala"
    ),
    "breed": either(
        "Beagle", "Siamese", "Labrador", "Maine Coon", "Border Collie", "Persian", "Poodle", "Bengal"
    ),
    "species": either("dog", "cat", "rabbit", "parrot", "hamster", "horse"),
    "book": worded(lambda ctx: prose.one_of(ctx, prose.BOOKS), 3),
    "movie": worded(lambda ctx: prose.one_of(ctx, prose.BOOKS), 3),
    "venue": always(
        lambda ctx: (
            f"{ctx.pick(prose.ADJECTIVES)} {ctx.pick(('House', 'Hall', 'Garden', 'Corner', 'Terrace'))}"
        )
    ),
    "file name": always(lambda ctx: f"{slug(ctx)}.{ctx.pick(('pdf', 'png', 'jpg', 'csv', 'docx'))}"),
    "folder": either("Reports", "Invoices", "Photos", "Contracts", "Drafts", "Archive", "Shared", "Projects"),
    "path": always(lambda ctx: f"/{word(ctx)}/{word(ctx)}"),
    "token type": either("Bearer"),
    "price level": either("$", "$$", "$$$"),
    "extension": either("pdf", "png", "jpg", "csv", "docx", "txt"),
    "media type": either(
        "application/json", "image/png", "image/jpeg", "application/pdf", "text/plain", "text/csv"
    ),
    "file size text": always(lambda ctx: f"{1 + int(ctx.random() * 90)}.{int(ctx.random() * 10)} MB"),
    "version": always(
        lambda ctx: f"{1 + int(ctx.random() * 4)}.{int(ctx.random() * 12)}.{int(ctx.random() * 10)}"
    ),
    "license": either("MIT", "Apache-2.0", "BSD-3-Clause", "CC-BY-4.0"),
    "status": either("active", "active", "pending", "completed"),
    "priority": either("low", "medium", "high"),
    "role": either("admin", "editor", "viewer", "member", "owner"),
    "permission": either("read", "write", "admin"),
    "plan": either("free", "basic", "pro", "business", "enterprise"),
    "channel": either("email", "web", "instagram", "telegram", "linkedin", "sms"),
    "network": either("instagram", "facebook", "tiktok", "youtube", "linkedin", "x"),
    "gender": genders,
    "salutation": either("Ms", "Mr", "Dr", "Mx"),
    "marital": either("single", "married", "divorced"),
    "blood": either("A+", "0+", "B+", "AB+", "0-"),
    "method": either("GET", "POST", "PUT", "PATCH", "DELETE"),
    "payment method": either("card", "bank_transfer", "paypal", "invoice"),
    "shipping method": either("standard", "express", "pickup"),
    "device": either("iPhone 15", "Pixel 8", "Galaxy S24", "iPad Air", "MacBook Pro", "ThinkPad X1"),
    "os": either("iOS 17.5", "Android 14", "Windows 11", "macOS 14.5", "Ubuntu 24.04"),
    "engine": either("Chrome", "Firefox", "Safari", "Edge"),
    "unit": either("kg", "g", "cm", "m", "l", "pcs", "hours"),
    "size": either("S", "M", "L", "XL"),
    "material": either("cotton", "steel", "wood", "leather", "glass"),
    "weekday": either("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "month name": either("January", "March", "May", "July", "September", "November"),
    "time of day": always(lambda ctx: f"{7 + int(ctx.random() * 14):02d}:{15 * int(ctx.random() * 4):02d}"),
    "opening": either("07:00", "08:00", "08:30", "09:00", "10:00"),
    "closing": either("16:30", "17:00", "18:00", "20:00", "22:00"),
    "period": either("daily", "weekly", "monthly", "yearly"),
    "duration text": always(lambda ctx: f"{1 + int(ctx.random() * 3)}h {5 * int(ctx.random() * 12)}m"),
    "order": either("asc", "desc"),
    "error code": either("not_found", "invalid_request", "validation_failed", "rate_limited", "forbidden"),
    "error": filled(prose.ERRORS),
    "reason": filled(prose.REASONS),
    "success message": filled(prose.MESSAGES),
    "word": worded(word),
    "words": worded(lambda ctx: f"{word(ctx)} {word(ctx)}", 2),
    "prose": prose_of(1, 2),
    "long prose": prose_of(2, 4),
    "bio": filled(prose.BIOS),
    "tagline": filled(prose.TAGLINES),
    "phrase": filled(prose.TAGLINES),
    "goal": filled(prose.GOALS),
    "tone": either("friendly", "professional", "playful", "confident", "warm"),
    "subject": filled(prose.SUBJECTS),
    "question": filled(prose.QUESTIONS),
    "answer": prose_of(1, 1),
    "button": either("Learn more", "Get access", "Sign up", "Buy now", "Read more", "Join now"),
    "query": always(lambda ctx: f"{word(ctx)} {word(ctx)}"),
    "title": worded(lambda ctx: prose.title(ctx, ""), 2),
    "weather": either("sunny", "cloudy", "light rain", "windy", "snow"),
    "wind": either("N", "NE", "E", "SE", "S", "SW", "W", "NW"),
    "sunrise": always(lambda ctx: f"0{5 + int(ctx.random() * 3)}:{int(ctx.random() * 60):02d}"),
    "sunset": always(lambda ctx: f"{17 + int(ctx.random() * 4)}:{int(ctx.random() * 60):02d}"),
    "cron": either("0 9 * * 1", "*/15 * * * *", "0 0 1 * *", "30 6 * * *"),
    "branch": either("main", "develop", "release/1.4", "feature/search", "fix/login"),
    "ref": either("refs/heads/main", "refs/tags/v1.4.0"),
    "repo": always(slug),
    "environment": either("production", "staging", "development"),
    "currency pair": either("EUR/USD", "GBP/USD", "USD/JPY"),
    "ticker": either("ACME", "EXMPL", "TEST"),
    "airport": either("JFK", "LHR", "FRA", "CDG", "NRT", "AMS", "MAD", "SIN"),
    "airline": either("Example Air", "Northern Wings", "Coastal Airways"),
    "flight": always(lambda ctx: f"XX{100 + int(ctx.random() * 900)}"),
    "seat": always(lambda ctx: f"{1 + int(ctx.random() * 30)}{ctx.pick('ABCDEF')}"),
    "gate": always(lambda ctx: f"{ctx.pick('ABCD')}{1 + int(ctx.random() * 40)}"),
    "aircraft": either("Airbus A320neo", "Boeing 737-800", "Airbus A350-900", "Embraer E190"),
    "cabin": either("economy", "premium_economy", "business", "first"),
    "imei": always(lambda ctx: luhn("35" + spelled(ctx, DIGITS, 12))),
    "plate": always(lambda ctx: f"{spelled(ctx, UPPER, 3)} {spelled(ctx, DIGITS, 3)}"),
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

FREE = listed(
    "prose bio tagline phrase goal subject question answer error reason title product book words query"
) | {
    *("long prose", "success message", "company", "job"),
}
"""Kinds that may be cut and lengthened: they are words, not addresses."""

OPAQUE = listed(
    """
    code number slug status uuid token cursor hash sha256 etag sku identifier path version period plan
    channel network role permission priority category tag unit size query url path extension vat barcode
    isbn plate cron ref repo branch tone order environment ticker duration
    """
) | {
    "error code",
    "time of day",
    "duration text",
    "file name",
    "api url",
    "payment method",
    "success message",
}
"""Kinds whose form is the document's own: where it shows a sample, values are made like it."""


def _checked(digits: str) -> str:
    """Return twelve *digits* with the check digit of an EAN-13 (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return digits + str(-total % 10)
