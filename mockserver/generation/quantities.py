"""
What a number's name says of its size: a price has cents, a latitude ends at 90.

`quantity` only suggests; numbers.py keeps the suggestion within the bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mockserver.exchange import Json
from mockserver.generation.draw import Draw
from mockserver.generation.fakers import asked, drawn
from mockserver.generation.moments import stage
from mockserver.generation.names import singular, words
from mockserver.generation.places import places
from mockserver.generation.shape import Shape

CENT = Fraction(1, 100)
TENTH = Fraction(1, 10)
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Range:
    """
    A suggestion for a number.

    Attributes:
        low, high: Bounds that look right.
        step: Distance between neighbours where the value need not be whole.
        make: Draws a value outright; None to draw from the range.
    """

    low: Fraction | int = 0
    high: Fraction | int = 1000
    step: Fraction = CENT
    make: Callable[[Draw], float] | None = None


def _table(*rows: tuple[str, Range]) -> dict[str, Range]:
    return {name.strip(): range_ for names, range_ in rows for name in names.split(",")}


MONEY = Range(5, 500)
BUDGET = Range(1000, 50_000, Fraction(50))
PERCENT = Range(0, 100, TENTH)
SHARE = Range(0, 1, CENT)

RANGES = _table(
    (
        "price, cost, fee, charge, unit price, sale price, list price, subtotal, sub total, tip, deposit",
        MONEY,
    ),
    (
        "amount, balance, payment, payout, refund, paid, "
        "due, total amount, total price, grand total, gross, net",
        MONEY,
    ),
    (
        "total cost, total spend, spend, spent, value, credit, "
        "debit, earnings, reward, minimum reward, bid, bounty",
        MONEY,
    ),
    ("creator fee, agency fee, shipping cost, shipping fee, cpm, cpc, cpa, aov, promo, bonus, wage", MONEY),
    ("tax, vat, discount, tax amount, discount amount, surcharge, commission", Range(1, 60)),
    (
        "budget, revenue, gmv, sales, salary, income, turnover, target amount, goal amount, donation goal",
        BUDGET,
    ),
    (
        "price cents, amount cents, fee cents, cents, total cents, minor units, amount minor, unit amount",
        Range(500, 50_000),
    ),
    (
        "percent, percentage, pct, progress, "
        "completion, percent complete, progress percentage, humidity, battery",
        PERCENT,
    ),
    (
        "rate, conversion rate, engagement rate, open rate, "
        "click rate, success rate, tax rate, interest rate",
        Range(0, 30, CENT),
    ),
    (
        "bounce rate, churn rate, completion rate, response rate, growth, roi, ctr, apr",
        Range(0, 30, CENT),
    ),
    ("exchange rate, fx rate, conversion factor", Range(CENT * 60, CENT * 160, Fraction(1, 10_000))),
    (
        "ratio, probability, confidence, share, fraction, "
        "similarity, opacity, alpha, confidence score, relevance",
        SHARE,
    ),
    ("rating, stars, average rating, avg rating, review score, rating average", Range(1, 5, TENTH)),
    ("score, quality score, points, xp, karma, health, sentiment score", Range(10, 100, TENTH)),
    ("age, ages, age range", Range(18, 80, ONE)),
    (
        "quantity, qty, units, pieces, copies, nights, guests, adults, seats, rooms, passengers, servings",
        Range(1, 8, ONE),
    ),
    ("children, infants, bedrooms, bathrooms, floor, floors, dependents", Range(0, 4, ONE)),
    (
        "stock, inventory, available, in stock, stock quantity, inventory count, capacity, slots, allocation",
        Range(0, 400, ONE),
    ),
    ("count, total, number, num, total count, occurrences, usage count, hits, entries", Range(0, 250, ONE)),
    (
        "views, impressions, reach, plays, pageviews, page views, downloads, visits, visitors, sessions",
        Range(500, 90_000, ONE),
    ),
    (
        "followers, following, subscribers, followers count, "
        "members, fans, audience, population, target audience",
        Range(200, 60_000, ONE),
    ),
    (
        "likes, shares, comments, saves, reposts, retweets, replies, reactions, stargazers, forks, favorites",
        Range(5, 4_000, ONE),
    ),
    (
        "clicks, conversions, leads, signups, installs, "
        "opens, messages sent, sent, delivered, orders, starts",
        Range(20, 5_000, ONE),
    ),
    (
        "errors, failures, failed, bounced, retries, attempts, warnings, unsubs, rejected, retry count",
        Range(0, 9, ONE),
    ),
    ("seconds, duration, length, runtime, duration seconds, elapsed, playtime, uptime", Range(15, 3600, ONE)),
    (
        "ttl, timeout, max age, expires in, interval, retry after, cache ttl, expiry seconds",
        Range(60, 3600, Fraction(60)),
    ),
    (
        "milliseconds, ms, duration ms, latency, latency ms, response time, took, elapsed ms, delay",
        Range(5, 900, ONE),
    ),
    ("minutes, duration minutes, prep time, cook time, eta", Range(5, 120, Fraction(5))),
    ("hours, duration hours, time", Range(1, 72, ONE)),
    ("days, nights, duration days, trial days, lead time", Range(1, 30, ONE)),
    ("weeks, months, years, experience, term", Range(1, 12, ONE)),
    ("hour", Range(0, 23, ONE)),
    ("minute, second", Range(0, 59, ONE)),
    ("day, day of month, billing day", Range(1, 28, ONE)),
    ("month", Range(1, 12, ONE)),
    ("day of week, weekday", Range(0, 6, ONE)),
    ("week, week number", Range(1, 52, ONE)),
    (
        "size, bytes, file size, size bytes, content length, disk usage, filesize",
        Range(2_000, 5_000_000, ONE),
    ),
    ("width, image width, viewport width", Range(320, 1920, ONE)),
    ("height, image height", Range(240, 1080, ONE)),
    ("depth, x, y, z, left, top, margin, padding, radius, thickness", Range(0, 200, ONE)),
    ("weight, mass, weight kg, net weight", Range(TENTH, 40, TENTH)),
    ("distance, length km, mileage, km, miles, distance km", Range(1, 300, TENTH)),
    ("temperature, temp, feels like, celsius, dew point, temp min, temp max", Range(-5, 32, TENTH)),
    (
        "min temp, max temp, temperature min, temperature max, min temperature, max temperature",
        Range(-5, 32, TENTH),
    ),
    ("low temp, high temp, temp low, temp high, temperature low, temperature high", Range(-5, 32, TENTH)),
    ("min age, age min, age from", Range(18, 34, ONE)),
    ("age max, age to", Range(35, 65, ONE)),
    ("popularity", Range(0, 100, ONE)),
    ("track number, tracks, total tracks, reading time, read time", Range(1, 16, ONE)),
    ("disc number, replicas", Range(1, 3, ONE)),
    ("tempo, bpm", Range(60, 180, TENTH)),
    ("danceability, energy, valence, acousticness, instrumentalness, liveness, speechiness", SHARE),
    ("loudness", Range(-30, 0, TENTH)),
    ("word count, words", Range(200, 2_400, ONE)),
    ("altitude, elevation", Range(1, 900, TENTH)),
    ("speed, velocity, wind speed, wind gust, gust", Range(1, 60, TENTH)),
    ("pressure, air pressure", Range(980, 1040, ONE)),
    (
        "precipitation chance, chance, chance of rain, rain chance, cloud cover, cloudiness",
        Range(0, 100, ONE),
    ),
    ("stops, layovers, stopovers", Range(0, 2, ONE)),
    ("signal strength, rssi, dbm", Range(-90, -40, ONE)),
    ("heading, bearing, angle, rotation, direction", Range(0, 359, ONE)),
    ("port", Range(8000, 8999, ONE)),
    ("version, revision, schema version, build, major, minor, patch, iteration", Range(1, 9, ONE)),
    ("page, current page, page number", Range(1, 1, ONE)),
    ("limit, per page, page size, max results", Range(20, 20, ONE)),
    ("offset, skip, start index", Range(0, 0, ONE)),
    ("pages, total pages, page count, last page", Range(1, 9, ONE)),
    (
        "position, rank, order, index, sort order, sequence, ordinal, level, priority, step, row, column",
        Range(1, 10, ONE),
    ),
    ("status code, http status, response code", Range(200, 200, ONE)),
    ("pin, zip, zip code, postal code", Range(10_000, 99_999, ONE)),
    ("calories, kcal, steps", Range(50, 900, ONE)),
    ("id", Range(1, 100_000, ONE)),
)
"""Suggestions by name, as words; the longest end of a name decides."""

IDS = frozenset(("id", "ids", "pk", "gid", "uid", "oid"))


def quantity(name: str, shape: Shape, locale: str = "en_US") -> Range:
    """Return what looks right for a number called *name* that is bound by *shape*."""
    said = list(words(name))
    faked = _faked(shape.notes.get("x-faker"), locale)
    if faked is not None:
        return faked
    made = _made(name, said, shape, locale)
    if made is not None:
        return Range(1, 100_000, ONE, made)
    found = None
    rest = said[-4:]
    while rest and found is None:
        found = RANGES.get(" ".join(rest))
        rest = rest[1:]
    if found is None:
        found = RANGES.get(singular(said[-1])) if said else None
    if found is None and said and said[0] in ("num", "number", "total", "count"):
        found = RANGES["count"]
    if shape.whole and found is MONEY:
        found = BUDGET if "cents" not in said else RANGES["cents"]
    sampled = _sampled(shape)
    if sampled is not None and (
        found is None or not found.low <= sampled.high or not sampled.low <= found.high
    ):
        return sampled
    if found is not None and found.make is None and said[-1:] == ["total"] and not shape.whole:
        return MONEY
    return found or Range(1, 1000, ONE if shape.whole else CENT)


def _faked(note: Json, locale: str) -> Range | None:
    """Return what an `x-faker` note asks for; None when there is none, or what it makes are no numbers."""
    found = asked(note)
    if found is None:
        return None
    method, arguments = found
    bounds = [each for each in arguments if isinstance(each, (int, float)) and not isinstance(each, bool)]
    for each in arguments:
        if isinstance(each, dict):
            bounds = [each.get("min", 0), each.get("max", 1000)]
    if method in DRAWN:
        low, high = (bounds[0], bounds[1]) if len(bounds) > 1 else (1, bounds[0] if bounds else 1000)
        return Range(Fraction(low), Fraction(high), ONE if "int" in method else CENT)
    make = drawn(note, locale)
    if make is None or not isinstance(make(Draw("x-faker", 0.0)), (int, float)):
        return None
    return Range(1, 1000, CENT, make)


DRAWN = frozenset(
    (
        "finance.amount",
        "commerce.price",
        "number.int",
        "number.float",
        "datatype.number",
        "random.number",
        "datatype.float",
    )
)
"""Methods of faker-js that draw a number between two."""


def _made(name: str, said: list[str], shape: Shape, locale: str) -> Callable[[Draw], float] | None:
    """Return a closure for numbers that are no quantities: ids, moments, coordinates, years."""
    if not said:
        return None
    last = said[-1]
    if last in IDS:
        return (
            (lambda ctx: ctx.serial + ctx.index)
            if len(said) == 1
            else (lambda ctx: 1 + int(ctx.random() * 9_000))
        )
    if last in ("lat", "latitude"):
        column = [place.latitude for place in places(locale)]
        return lambda ctx: column[ctx.where % len(column)]
    if last in ("lng", "lon", "long", "longitude"):
        column = [place.longitude for place in places(locale)]
        return lambda ctx: column[ctx.where % len(column)]
    if last == "age" and len(said) == 1:  # of the birthday of moments.py
        return lambda ctx: 18 + ctx.who % 5_000 // 100
    if last == "year" and {"exp", "expiry", "expiration"} & set(said):
        return lambda ctx: 1971 + int(ctx.now / 31_556_952) + int(ctx.random() * 4)
    if last == "year":
        return lambda ctx: 1970 + int(ctx.now / 31_556_952) - int(ctx.random() * 4)
    return _instant(name, said, shape)


def _instant(name: str, said: list[str], shape: Shape) -> Callable[[Draw], float] | None:
    """
    Return a closure for moments written as seconds (or milliseconds) since 1970; None when *name* tells of
    none.
    """
    description = str(shape.notes.get("description", "")).lower()
    tells = any(word in description for word in ("unix", "epoch", "timestamp", "since 1970"))
    clear = said[-1] in ("at", "timestamp", "epoch", "unix", "ts") or (
        said[-1] in ("ms", "millis") and said[-2:-1] == ["at"]
    )
    room = shape.high is None or shape.high > 2_000_000_000
    if not room or not (clear or (tells and (stage(name) is not None or said[-1] in ("date", "time")))):
        return None
    moment = stage(name) or (lambda ctx: ctx.born)
    in_ms = "millisecond" in description or said[-1] in ("ms", "millis")
    in_ms = in_ms or any(isinstance(sample, int) and sample > 100_000_000_000 for sample in shape.samples)
    return (lambda ctx: int(moment(ctx)) * 1000) if in_ms else (lambda ctx: int(moment(ctx)))


def _sampled(shape: Shape) -> Range | None:
    """Return a range around the numbers that the document shows; None when it shows none."""
    numbers = [
        each for each in shape.samples if isinstance(each, (int, float)) and not isinstance(each, bool)
    ]
    numbers = [each for each in numbers if abs(each) < 1e15 and each == each]
    if not numbers or numbers == [0]:
        return None
    low, high = min(numbers), max(numbers)
    digits = max(-int(Decimal(repr(each)).as_tuple().exponent) for each in numbers)
    zeros = (
        min(len(str(int(each))) - len(str(int(each)).rstrip("0")) for each in numbers) if digits <= 0 else 0
    )
    step = Fraction(10) ** (max(zeros - 1, 0) if digits <= 0 else -min(digits, 9))
    if low == high:
        low, high = (low // 2, low * 3 // 2 + 1) if low > 0 else (low * 3 // 2, low // 2)
    return Range(Fraction(low), Fraction(high), step)
