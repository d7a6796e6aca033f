"""
Helpers for text and numbers: WireMock's, and Handlebars.java's StringHelpers.
"""

from __future__ import annotations

import base64
import re
import textwrap
from collections.abc import Callable, Mapping
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from urllib.parse import parse_qs, quote, unquote

from mockserver.exchange import Json
from mockserver.server.stubs.regexes import Pattern
from mockserver.server.stubs.templates.render import Asked, Failed, Helper
from mockserver.server.stubs.templates.values import Listed, Many, items_of, plain, text_of, truthy

WIDEST = 10_000
"""Characters to which a helper pads."""


def subject(asked: Asked) -> str:
    """Return what a helper is about: its block, or its first parameter."""
    return asked.body() if asked.block else asked.text(0)


def _plainly(by: Callable[[str], str]) -> Helper:
    return lambda asked: by(subject(asked))


def _base64(asked: Asked) -> object:
    text = subject(asked)
    if truthy(asked.hash.get("decode")):
        bare = "".join(text.split())
        return base64.b64decode(bare + "=" * (-len(bare) % 4)).decode("utf-8", "replace")
    made = base64.b64encode(text.encode("utf-8", "surrogateescape")).decode()
    return made if asked.hash.get("padding") is not False else made.rstrip("=")


def _url_encode(asked: Asked) -> object:
    text = subject(asked)
    if truthy(asked.hash.get("decode")):
        return unquote(text.replace("+", " "))
    return quote(text, safe="-_.*").replace("%20", "+")


def _form_data(asked: Asked) -> object:
    text = asked.text(0)
    if truthy(asked.hash.get("urlDecode")):
        fields = parse_qs(text, keep_blank_values=True)
    else:
        fields = {}
        for pair in text.split("&"):
            name, _, value = pair.partition("=")
            fields.setdefault(name, []).append(value)
    form = {name: Many(values) for name, values in fields.items()}
    if len(asked.params) < 2:
        return form
    asked.assign(asked.text(1), form)
    return None


def _regex_extract(asked: Asked) -> object:
    found = Pattern(asked.text(1)).found(asked.text(0))
    if found is None:
        if "default" in asked.hash:
            return asked.hash["default"]
        raise Failed(f"regexExtract: nothing matches {asked.text(1)}")
    if len(asked.params) < 3:
        return found[0]
    asked.assign(asked.text(2), list(found[1]))
    return None


def _matches(asked: Asked) -> object:
    return asked.choose(Pattern(asked.text(1)).fits(asked.text(0)))


def _contains(asked: Asked) -> object:
    within = asked.first
    items = items_of(within)
    if items is not None and not isinstance(within, Many):
        return asked.choose(asked.text(1) in [text_of(item) for item in items])
    return asked.choose(asked.text(1) in text_of(within))


def _size(asked: Asked) -> object:
    value = asked.first
    items = items_of(value)
    if items is not None:
        return len(items)
    return len(value) if isinstance(value, Mapping) else len(text_of(value))


def number(value: object) -> int | Decimal:
    """Return *value* as a number, whole where it is. Raises Failed."""
    text = text_of(value).strip()
    try:
        found = Decimal(text)
    except ArithmeticError as error:
        raise Failed(f"{text!r} is no number") from error
    if not found.is_finite() or abs(found.adjusted()) > 300:
        raise Failed(f"{text!r} is no number to reckon with")
    return int(found) if found == found.to_integral_value() else found


def _math(asked: Asked) -> object:
    left, sign, right = Decimal(number(asked.first)), asked.text(1), Decimal(number(asked.param(2)))
    if sign not in _SIGNS:
        raise Failed(f"math: {sign!r} is none of {' '.join(_SIGNS)}")
    if sign in "/%" and not right:
        raise Failed(f"math: {left} {sign} 0")
    made = _SIGNS[sign](left, right)
    return _as_json(made)


def _as_json(made: Decimal) -> Json:
    whole = made.to_integral_value()
    if made == whole:
        return int(whole)
    return float(made)


_SIGNS: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "%": lambda left, right: left % right,
}

_ROUNDING = {
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "half_up": ROUND_HALF_UP,
    "half_down": ROUND_HALF_DOWN,
    "half_even": ROUND_HALF_EVEN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}
_CURRENCY = {"en_US": "$", "en_GB": "£", "de_DE": "€", "fr_FR": "€", "ja_JP": "¥"}


def _number_format(asked: Asked) -> object:
    value = Decimal(number(asked.first))
    style = asked.text(1)
    least, most = {"integer": (0, 0), "currency": (2, 2), "percent": (0, 0)}.get(style, (0, 3))
    pattern = re.fullmatch(r"([#,0]*)(?:\.(0*)(#*))?", style) if style and style not in _STYLES else None
    if pattern is not None:
        least, most = len(pattern[2] or ""), len(pattern[2] or "") + len(pattern[3] or "")
    least = int(text_of(asked.hash.get("minimumFractionDigits", least)))
    most = max(int(text_of(asked.hash.get("maximumFractionDigits", max(most, least)))), least)
    rounding = _ROUNDING.get(text_of(asked.hash.get("roundingMode", "half_even")).lower())
    if rounding is None or not 0 <= most <= 300:
        raise Failed(f"numberFormat: roundingMode is one of {', '.join(_ROUNDING)}")
    if style == "percent":
        value *= 100
    rounded = abs(value).quantize(Decimal(1).scaleb(-most), rounding=rounding)
    whole, _, fraction = f"{rounded:f}".partition(".")
    fraction = fraction.rstrip("0").ljust(least, "0")
    if "maximumIntegerDigits" in asked.hash:
        whole = whole[-int(text_of(asked.hash["maximumIntegerDigits"])) :]
    whole = whole.zfill(min(int(text_of(asked.hash.get("minimumIntegerDigits", 1))), WIDEST))
    grouped = asked.hash.get("groupingUsed") is not False and (pattern is None or "," in pattern[1])
    text = f"{int(whole):,}" if grouped and len(whole) == len(str(int(whole))) else whole
    text += f".{fraction}" if fraction else ""
    sign = "-" if value < 0 else ""
    if style == "currency":
        return f"{sign}{_CURRENCY.get(asked.text(2, 'en_US'), '$')}{text}"
    return f"{sign}{text}%" if style == "percent" else sign + text


_STYLES = ("integer", "currency", "percent")


def _width(asked: Asked) -> int:
    return min(int(text_of(asked.hash.get("size", asked.param(1, 0)))), WIDEST)


def _padded(by: Callable[[str, int, str], str]) -> Helper:
    def pad(asked: Asked) -> object:
        return by(asked.text(0), _width(asked), text_of(asked.hash.get("pad", " "))[:1] or " ")

    return pad


def _substring(asked: Asked) -> object:
    start = int(text_of(asked.param(1, 0)))
    end = int(text_of(asked.param(2))) if len(asked.params) > 2 else None
    return asked.text(0)[start:end]


def _join(asked: Asked) -> object:
    """{{join list ', '}} or {{join a b c ', '}}, with prefix= and suffix=."""
    separator = asked.text(len(asked.params) - 1)
    items = items_of(asked.first) if not isinstance(asked.first, str) else None
    made = separator.join(map(text_of, items if items is not None else asked.params[:-1]))
    return f"{text_of(asked.hash.get('prefix', ''))}{made}{text_of(asked.hash.get('suffix', ''))}"


def _replace(asked: Asked) -> object:
    return asked.text(0).replace(asked.text(1), asked.text(2))


def _abbreviate(asked: Asked) -> object:
    text, width = asked.text(0), int(text_of(asked.param(1, 80)))
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."


def _default_if_empty(asked: Asked) -> object:
    return asked.first if truthy(asked.first) else asked.param(1)


def _yes_no(asked: Asked) -> object:
    value = plain(asked.first)
    if value is None:
        return asked.hash.get("maybe", "maybe")
    return asked.hash.get("yes", "yes") if value else asked.hash.get("no", "no")


def _word_wrap(asked: Asked) -> object:
    return "\n".join(textwrap.wrap(asked.text(0), max(int(text_of(asked.param(1, 80))), 1)))


def _slugify(text: str) -> str:
    import unicodedata

    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", bare)).strip("-")


def _string_format(asked: Asked) -> object:
    """Java's %s, %d, %.2f and their like."""
    for width in re.findall(r"%[^%A-Za-z]*?(\d{5,})", asked.text(0)):
        if int(width[:20]) > WIDEST:
            raise Failed(f"stringFormat: more than {WIDEST} characters wide")
    if re.search(r"%[^%A-Za-z]*\*", asked.text(0)):
        raise Failed("stringFormat: a width that is a value ('*') is not Java's")
    return asked.text(0) % tuple(plain(value) for value in asked.params[1:])


def _capitalized(text: str) -> str:
    return re.sub(r"(^|\s)(\S)", lambda found: found[1] + found[2].upper(), text)


def _first_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


TEXTS: Mapping[str, Helper] = {
    "trim": _plainly(str.strip),
    "lower": _plainly(str.lower),
    "upper": _plainly(str.upper),
    "capitalize": _plainly(_capitalized),
    "capitalizeFirst": _plainly(_first_capital),
    "slugify": _plainly(_slugify),
    "stripTags": _plainly(lambda text: re.sub(r"<[^<>]*>", "", text)),
    "base64": _base64,
    "urlEncode": _url_encode,
    "formData": _form_data,
    "regexExtract": _regex_extract,
    "matches": _matches,
    "contains": _contains,
    "size": _size,
    "math": _math,
    "maths": _math,
    "numberFormat": _number_format,
    "center": _padded(str.center),
    "ljust": _padded(str.ljust),
    "rjust": _padded(str.rjust),
    "cut": lambda asked: asked.text(0).replace(asked.text(1, " "), ""),
    "substring": _substring,
    "join": _join,
    "replace": _replace,
    "abbreviate": _abbreviate,
    "defaultIfEmpty": _default_if_empty,
    "yesno": _yes_no,
    "wordWrap": _word_wrap,
    "stringFormat": _string_format,
}

__all__ = ["TEXTS", "Listed", "number", "subject"]
