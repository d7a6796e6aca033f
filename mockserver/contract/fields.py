"""
Notice a field that means nothing where it stands, and looks like one that would.

`respones`, `requestbody` or `requried` is read by nobody, so what the author meant is
silently not there. Fields that look like none are left alone: documents carry
words of many tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.errors import likest

FIELDS: Mapping[str, frozenset[str]] = {
    what: frozenset(names.split())
    for what, names in {
        "an operation": "tags summary description externalDocs operationId parameters requestBody responses"
        " callbacks deprecated security servers consumes produces schemes",
        "a parameter": "name in description required deprecated allowEmptyValue style explode allowReserved"
        " schema example examples content type format items collectionFormat default enum pattern minimum"
        " maximum exclusiveMinimum exclusiveMaximum minLength maxLength minItems maxItems uniqueItems"
        " multipleOf",
        "a request body": "description content required",
        "a response": "summary description headers content links schema examples",
        "a media type": "schema itemSchema example examples encoding prefixEncoding itemEncoding"
        " summary description headers links content",  # of a response that is read as one
        "a link": "operationRef operationId parameters requestBody description server body",
        "a security scheme": "type description name in scheme bearerFormat flows openIdConnectUrl"
        " oauth2MetadataUrl deprecated flow authorizationUrl tokenUrl scopes",
    }.items()
}
"""The fields of OpenAPI's objects, of all versions that are served, by what we call the object."""

_LIKE = 0.8
"""difflib's ratio of a slip of the fingers: a letter too many, too few or swapped, another case."""


def misspelt(node: Mapping[str, Any], what: str) -> list[tuple[str, str]]:
    """Return the fields of *node*, which is *what*, that are none, each with the one that was meant."""
    known = FIELDS.get(what, frozenset())
    if not known or node.keys() <= known:
        return []
    lower = {name.lower(): name for name in known}
    found = []
    for key in node.keys() - known:
        if key.startswith(("x-", "$")):
            continue
        meant = lower.get(key.lower()) or next(iter(likest(key, known, 1, _LIKE)), None)
        if meant is not None and meant not in node:
            found.append((key, meant))
    return sorted(found)
