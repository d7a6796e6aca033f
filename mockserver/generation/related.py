"""
What one property of an object says of another: keys of the things inside, sums of lines, slugs of titles.

These are rules for `coherence.Agreement`, which keeps to what the schemas allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

from mockserver.exchange import Json
from mockserver.generation.factories import ascii_word
from mockserver.generation.names import snake, thing

Set = Callable[[str, Json], None]
"""Sets a property, if it may be changed and its schema allows the value."""

Rule = Callable[[dict[str, Json], Set], None]

LINES = ("items", "line_items", "lines", "order_items", "positions", "products", "entries", "rows")
LINE_TOTALS = ("line_total", "total", "total_price", "amount", "subtotal")
TITLES = ("title", "name", "headline", "subject", "display_name")


def related(owner: str, spoken: dict[str, str]) -> list[Rule]:
    """
    Return the rules for an object called *owner*.

    Args:
        owner: What it is, e.g. "Order"; "" when nobody knows.
        spoken: Its properties, by their names in lower case with underscores.
    """
    return [
        *(*_keys(owner, spoken), *_lines(spoken), *_net(spoken), *_felt(spoken), *_slug(spoken)),
        *(*_file(spoken), *_addressed(spoken), *_repository(spoken), *_point(spoken)),
        *_salutation(spoken),
    ]


def _keys(owner: str, spoken: dict[str, str]) -> Iterator[Rule]:
    """`customer_id` is the `customer`'s `id`; the `order_id` of an order's item is the order's."""
    for name, key in spoken.items():
        inside = spoken.get(name.removesuffix("_id"))
        if name.endswith("_id") and inside is not None:
            yield _key_of(key, inside)
    about = "_".join(thing(owner))
    if "id" in spoken and about:
        head, *tail = about.split("_")
        camel = head + "".join(word.capitalize() for word in tail)
        yield _back(spoken["id"], (f"{about}_id", f"{camel}Id", f"{camel}ID"))


def _key_of(key: str, inside: str) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        there = out.get(inside)
        if not isinstance(there, dict) or "id" not in there or key not in out:
            return
        if isinstance(there["id"], type(out[key])):
            put(key, there["id"])

    return rule


def _back(own: str, keys: tuple[str, ...]) -> Rule:
    known = frozenset(keys)

    def rule(out: dict[str, Json], put: Set) -> None:
        for name, part in out.items():
            if not isinstance(part, (dict, list)) or not part:
                continue
            first = part[0] if isinstance(part, list) else part
            if not isinstance(first, dict) or known.isdisjoint(first):
                continue
            key = next(key for key in keys if key in first)
            if own not in out or not isinstance(first[key], type(out[own])):
                continue
            if isinstance(part, list):
                put(name, [{**one, key: out[own]} if isinstance(one, dict) else one for one in part])
            else:
                put(name, {**first, key: out[own]})

    return rule


def _lines(spoken: dict[str, str]) -> Iterator[Rule]:
    """What an order costs is the sum of its lines; where a subtotal stands beside, that is."""
    lines = next((spoken[name] for name in LINES if name in spoken), None)
    total = next(
        (
            spoken[name]
            for name in ("subtotal", "sub_total", "subtotal_amount", "total", "total_amount", "total_price")
            if name in spoken
        ),
        None,
    )
    if lines is not None and total is not None:
        yield _sum_of(lines, total)


def _sum_of(lines: str, total: str) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        added = total_of(out.get(lines))
        if added is not None and is_number(out.get(total)):
            put(total, added)

    return rule


def total_of(lines: Json) -> float | None:
    """Return what *lines* cost together; None where they are no list of what costs something."""
    if not isinstance(lines, list) or not lines:
        return None
    for name in LINE_TOTALS:
        values: list[Any] = [_named(part, name) for part in lines]
        if all(is_number(value) for value in values):
            added: float = sum(values)
            return round(added, 2) if isinstance(added, float) else added
    return None


def _named(part: Json, name: str) -> Json:
    """Return the member of *part* that is called *name*, however it is written; None without."""
    if not isinstance(part, dict):
        return None
    return next((value for key, value in part.items() if snake(key) == name), None)


def _net(spoken: dict[str, str]) -> Iterator[Rule]:
    """Of an amount a fee is taken; what is left is the net."""
    amount, fee, net = (spoken.get(name) for name in ("amount", "fee", "net"))
    if amount is None or fee is None or net is None:
        return

    def rule(out: dict[str, Json], put: Set) -> None:
        whole: Any = out.get(amount)
        if not all(is_number(out.get(name)) for name in (amount, fee, net)):
            return
        share = whole * 29 // 1000 if isinstance(whole, int) else round(whole * 0.029, 2)
        put(fee, share)
        if out[fee] == share:
            put(net, whole - share if isinstance(whole, int) else round(whole - share, 2))

    yield rule


def _felt(spoken: dict[str, str]) -> Iterator[Rule]:
    """What a temperature feels like is near to it."""
    real = spoken.get("temperature") or spoken.get("temp")
    felt = spoken.get("feels_like") or spoken.get("apparent_temperature")
    if real is None or felt is None:
        return

    def rule(out: dict[str, Json], put: Set) -> None:
        there: Any = out.get(real)
        if is_number(there) and is_number(out.get(felt)):
            put(felt, there - 2 if isinstance(there, int) else round(there - 1.6, 1))

    yield rule


def _slug(spoken: dict[str, str]) -> Iterator[Rule]:
    """A slug is made of the title beside it."""
    title = next((spoken[name] for name in TITLES if name in spoken), None)
    slug = spoken.get("slug")
    if title is None or slug is None:
        return

    def rule(out: dict[str, Json], put: Set) -> None:
        said = out.get(title)
        if isinstance(said, str) and isinstance(out.get(slug), str):
            made = "-".join(filter(None, map(ascii_word, said.split())))
            if made:
                put(slug, made)

    yield rule


ENDINGS = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "csv": "text/csv",
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "json": "application/json",
}
"""How names of files end, and what such files are."""

FILES = ("file_name", "filename", "original_name", "original_filename", "name", "path", "file")
KINDS = ("mime_type", "mimetype", "content_type", "media_type")
ADDRESSES = ("url", "permalink", "html_url", "canonical_url", "web_url", "link")


def _file(spoken: dict[str, str]) -> Iterator[Rule]:
    """A file's names end alike, in what its media type says; its size is told in words, too."""
    names = [spoken[name] for name in FILES if name in spoken]
    endings = [spoken[name] for name in ("extension", "ext", "file_extension") if name in spoken]
    kinds = [spoken[name] for name in KINDS if name in spoken]
    spelled = next(
        (spoken[name] for name in ("size_human", "human_size", "size_text") if name in spoken), None
    )
    size = next(
        (spoken[name] for name in ("size", "file_size", "size_bytes", "bytes") if name in spoken), None
    )
    phone = next((spoken[name] for name in ("phone", "phone_number", "telephone") if name in spoken), None)

    def rule(out: dict[str, Json], put: Set) -> None:
        first = next((said for name in names if isinstance(said := out.get(name), str) and "." in said), None)
        if first is None:
            return
        base, _, ending = first.rpartition(".")
        if ending not in ENDINGS:
            return
        for name in names:
            said = out.get(name)
            if isinstance(said, str) and said.rpartition(".")[2] in ENDINGS:
                put(name, f"{base}.{ending}")
        for name in endings:
            put(name, f".{ending}" if str(out.get(name)).startswith(".") else ending)
        for name in kinds:
            put(name, ENDINGS[ending])

    def sized(out: dict[str, Json], put: Set) -> None:
        there: Any = out.get(size or "")
        if isinstance(out.get(spelled or ""), str) and is_number(there):
            put(
                str(spelled),
                f"{there / 1_000_000:.1f} MB" if there >= 1_000_000 else f"{there / 1000:.1f} kB",
            )

    def dialled(out: dict[str, Json], put: Set) -> None:
        if isinstance(out.get(endings[0]), str):
            put(endings[0], str(100 + sum(map(ord, str(out.get(phone or "")))) % 900))

    if phone is not None and endings:
        yield dialled
    elif names and (endings or kinds or len(names) > 1):
        yield rule
    if spelled is not None and size is not None:
        yield sized


def _addressed(spoken: dict[str, str]) -> Iterator[Rule]:
    """The address of a page ends in the page's slug."""
    slug = spoken.get("slug")
    there = [spoken[name] for name in ADDRESSES if name in spoken]

    def rule(out: dict[str, Json], put: Set) -> None:
        said = out.get(slug or "")
        for name in there:
            address = out.get(name)
            if isinstance(said, str) and isinstance(address, str) and address.startswith("http"):
                put(name, f"{address.rpartition('/')[0]}/{said}")

    if slug is not None and there:
        yield rule


def _repository(spoken: dict[str, str]) -> Iterator[Rule]:
    """What somebody with a login owns is called by both in full."""
    owner, name, full = (spoken.get(each) for each in ("owner", "name", "full_name"))
    if owner is None or name is None or full is None or "first_name" in spoken:
        return

    def rule(out: dict[str, Json], put: Set) -> None:
        there = out.get(owner)
        login = there.get("login") if isinstance(there, dict) else None
        if isinstance(login, str) and isinstance(out.get(name), str) and full in out:
            put(full, f"{login}/{out[name]}")

    yield rule


def _salutation(spoken: dict[str, str]) -> Iterator[Rule]:
    """Who is female is no Mr."""
    gender, said = (
        spoken.get("gender") or spoken.get("sex"),
        spoken.get("salutation") or spoken.get("honorific"),
    )

    def rule(out: dict[str, Json], put: Set) -> None:
        told = {"male": "Mr", "m": "Mr", "female": "Ms", "f": "Ms"}.get(str(out.get(gender or "")).lower())
        there = out.get(said or "")
        if told is not None and isinstance(there, str):
            put(str(said), f"{told}." if there.endswith(".") else told)

    if gender is not None and said is not None:
        yield rule


def _point(spoken: dict[str, str]) -> Iterator[Rule]:
    """A GeoJSON point is [longitude, latitude] (RFC 7946, 3.1.1): those beside it, or some that there are."""
    east = next((spoken[name] for name in ("lng", "lon", "longitude") if name in spoken), None)
    north = next((spoken[name] for name in ("lat", "latitude") if name in spoken), None)

    def beside(out: dict[str, Json], put: Set) -> None:
        for name, part in out.items():
            if isinstance(part, dict) and part.get("type") == "Point" and "coordinates" in part:
                put(name, {**part, "coordinates": [out.get(east or ""), out.get(north or "")]})

    def inside(out: dict[str, Json], put: Set) -> None:
        there: Any = out.get("coordinates")
        if (
            out.get("type") == "Point"
            and isinstance(there, list)
            and len(there) >= 2
            and all(map(is_number, there))
        ):
            put("coordinates", [round(there[0] % 360 - 180, 4), round(there[1] % 120 - 60, 4), *there[2:]])

    if east is not None and north is not None:
        yield beside
    if "coordinates" in spoken and "type" in spoken:
        yield inside


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether *value* is a number of JSON."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)
