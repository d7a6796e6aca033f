"""
Which property of a thing is its name, as its path asks for it: `id`, `login`, `metadata.name`.
"""

from __future__ import annotations

from collections.abc import Callable

from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape

_COMMON = ("uuid", "guid", "gid", "sid", "key", "slug", "code")
_SPOKEN = ("name", "slug", "login", "username")
_ACCOUNT = ("login", "username", "handle", "screenname", "nickname")
"""What people call the name of an account."""
_ABOUT = ("metadata", "meta", "header")
"""What people call the part of a thing that says which one it is."""

Agrees = Callable[[frozenset[str]], bool]
"""Whether a property of such kinds may be what the parameter says."""


def named_by(row: Shape, wanted: str, own: str, told: str, agrees: Agrees) -> str:
    """
    Return the property of *row* that names it, "" where none does.

    Args:
        row: The shape of a thing.
        wanted: The path parameter that names one, plain; "" where there is none.
        own: What one is called, plain.
        told: The property by which the thing above calls it, where no answer of its own shows it; else "".
        agrees: Whether a property of such kinds may be what the parameter says.
    """
    names: dict[str, str] = {}
    for name in row.names:
        names.setdefault(plain(name), name)
    if wanted in names and row.named(names[wanted]).scalar:
        return names[wanted]
    if told:
        return told
    common = ("id", f"{own}id", *_COMMON, f"{own}key")
    named = (*_SPOKEN, f"{own}name", "handle", "code", "key")
    identifying = not wanted or wanted.endswith(("id", "uuid", "guid", "key", "number", "no"))
    if wanted in _ACCOUNT:  # "/users/{username}": what ann logs in with, not "Ann Lee"
        candidates = [*_ACCOUNT, *named, *common]
    elif identifying:
        candidates = [wanted.removeprefix(own), *common]
    elif own.endswith(wanted):  # "/payment_intents/{intent}" says which one, and not by what
        candidates = [*common, *named]
    else:
        candidates = [wanted.removeprefix(own), *named, *common]
    found = [names[name] for name in candidates if name in names and row.named(names[name]).scalar]
    agreeing = (name for name in found if agrees(row.named(name).kinds))
    return next(agreeing, found[0] if found and identifying else "")


def inside(row: Shape, wanted: str, agrees: Agrees) -> tuple[str, str] | None:
    """Return the two steps to the name *wanted* in a part of *row* that says which one it is; else None."""
    for name in row.names:
        part = row.named(name)
        if plain(name) in _ABOUT and part.typed and "object" in part.kinds:
            found = next((one for one in part.names if plain(one) == wanted), "")
            if found and part.named(found).scalar and agrees(part.named(found).kinds):
                return name, found
    return None
