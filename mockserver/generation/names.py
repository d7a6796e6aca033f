"""
Names of properties and schemas, as the words they are made of.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Hint(NamedTuple):
    """
    What a value is called, for semantics only.

    Attributes:
        name: Of the property, e.g. "name"; "" for none.
        owner: What the object around it is called, e.g. "Campaign" or "billing_address".
    """

    name: str = ""
    owner: str = ""


PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """
    Return the lower-case words of *name*, however it is written: "createdAt", "created_at", "Created-At".
    """
    return tuple(part.lower() for part in PARTS.findall(name))


def singular(name: str) -> str:
    """Return what one of *name* is called: "campaigns" are each a "campaign"."""
    if len(name) < 4 or not name.endswith("s") or name.endswith(("ss", "us", "is", "news")):
        return name
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes", "uses")):
        return name[:-2]
    return name[:-1]


SHELL = frozenset(
    (
        *(
            "response",
            "request",
            "result",
            "compact",
            "base",
            "new",
            "update",
            "updated",
            "change",
            "changes",
            "changed",
        ),
        *(
            "fields",
            "full",
            "mini",
            "standard",
            "dto",
            "input",
            "output",
            "create",
            "created",
            "creation",
            "list",
            "item",
        ),
        *(
            "items",
            "data",
            "detail",
            "details",
            "summary",
            "info",
            "record",
            "object",
            "resource",
            "entity",
            "model",
        ),
        *(
            "schema",
            "type",
            "body",
            "payload",
            "view",
            "read",
            "write",
            "patch",
            "post",
            "put",
            "get",
            "collection",
        ),
        *(
            "page",
            "paginated",
            "envelope",
            "wrapper",
            "all",
            "one",
            "single",
            "simple",
            "short",
            "extended",
            "basic",
        ),
        *(
            "made",
            "changed",
            "mixin",
            "public",
            "private",
            "minimal",
            "properties",
            "attributes",
            "reference",
            "ref",
        ),
    )
)
"""Words that say what part a schema plays in an exchange, not what it is about."""


@lru_cache(maxsize=4096)
def thing(name: str) -> tuple[str, ...]:
    """
    Return what *name* is about: "CampaignUpdateRequest" and "NewCampaign" are a ("campaign",). May be empty.
    """
    said = [word for word in words(singular(name)) if not word.isdigit()]
    while said and said[-1] in SHELL:
        said.pop()
    while said and said[0] in SHELL:
        said.pop(0)
    return (*said[:-1], singular(said[-1])) if said else ()


def snake(name: str) -> str:
    """Return *name* in lower case with underscores."""
    return "_".join(words(name))
