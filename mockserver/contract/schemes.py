"""
Read a security scheme of OpenAPI 3.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.model import SecurityScheme
from mockserver.contract.reading import Faults, text
from mockserver.errors import nearest
from mockserver.exchange import Place

_KINDS = ("apiKey", "http", "oauth2", "openIdConnect", "mutualTLS")


def scheme(name: str, node: dict[str, Any], place: Place, faults: Faults) -> SecurityScheme:
    """Return the security scheme *node*, which stands at *place*; *faults* takes what is wrong with it."""
    kind = text(node.get("type"))
    if kind not in _KINDS:
        near = nearest(kind, _KINDS)
        faults.add(place, f"there is no type {kind!r} of security schemes.{near}")
    return SecurityScheme(
        name=name,
        kind=kind,
        scheme=text(node.get("scheme")).lower(),
        location=text(node.get("in")),
        parameter=text(node.get("name")),
        place=place,
    )
