"""
The languages that names, places and texts are made in: Faker's, called as people call them.

Faker knows "de_DE"; a browser says "de-DE", and people "de". What cannot be found
is nobody's guess: whoever asks is told what there is.
"""

from __future__ import annotations

from functools import cache, lru_cache

_USUAL = {"en": "en_US", "pt": "pt_BR", "zh": "zh_CN", "ar": "ar_AA", "dk": "da_DK", "nb": "no_NO"}
"""Which country's a language is, where it is not that of the same name."""


@cache
def known() -> tuple[str, ...]:
    """Return the names of all locales, sorted."""
    from faker.config import AVAILABLE_LOCALES  # here: it looks through all of Faker

    return tuple(sorted(AVAILABLE_LOCALES))


@lru_cache(maxsize=256)
def locale_of(said: str) -> str | None:
    """Return Faker's name of the locale *said* ("de-DE", "de_de.UTF-8", "de"); None where it has none."""
    text = said.strip().partition(".")[0].replace("-", "_")
    language, _, country = text.partition("_")
    language, country = language.lower(), country.rpartition("_")[2].upper()
    names = known()
    if country:
        return f"{language}_{country}" if f"{language}_{country}" in names else None
    for name in (_USUAL.get(language, ""), f"{language}_{language.upper()}"):
        if name in names:
            return name
    return next((name for name in names if name.startswith(f"{language}_")), None) if language else None
