"""
Whether a delivery is signed with the secret that both sides know.

Standard Webhooks says how (standardwebhooks.com, "Signature scheme"), wherever a
delivery has its three fields. Of a field of the document's own only the name is
known, so all usual ways are tried: what one of them explains is right; where none
does it is wrong only if the field itself says its way ("sha256=...").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator

from mockserver.contract.model import Operation
from mockserver.exchange import Request, Violation

STANDARD = "webhook-signature"
_SIGNATURE = re.compile(r"signature|hmac", re.IGNORECASE)
_WAY = re.compile(r"(sha1|sha256|sha512)=", re.IGNORECASE)
_HASHES = ("sha256", "sha1", "sha512")


def wrong(operation: Operation, request: Request, secret: str) -> Violation | None:
    """Return what is wrong with the signatures of *request*; None for nothing, or where nobody knows."""
    if not secret:
        return None
    if request.header(STANDARD) and not _standard(request, secret):
        return _said(operation, STANDARD, request, "it is not that of Standard Webhooks with the secret")
    for parameter in operation.parameters:
        name = parameter.name.lower()
        said = request.header(name)
        if parameter.location != "header" or name == STANDARD or not _SIGNATURE.search(name) or not said:
            continue
        certain = _WAY.match(said)
        if certain and not any(hmac.compare_digest(said.encode(), way) for way in _ways(request, secret)):
            return _said(
                operation, parameter.name, request, f"it is no {certain[1]} of the body with the secret"
            )
    return None


def _standard(request: Request, secret: str) -> bool:
    content = f"{request.header('webhook-id')}.{request.header('webhook-timestamp')}.".encode() + request.body
    made = [base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()) for key in _keys(secret)]
    said = [one.partition(",")[2].encode() for one in request.header(STANDARD).split()]
    return any(hmac.compare_digest(one, other) for one in said for other in made)


def _ways(request: Request, secret: str) -> Iterator[bytes]:
    for key in _keys(secret):
        for name in _HASHES:
            made = hmac.new(key, request.body, name)
            yield f"{name}={made.hexdigest()}".encode()
            yield f"{name}=".encode() + base64.b64encode(made.digest())


def _keys(secret: str) -> Iterator[bytes]:
    """Yield the keys that a secret may stand for: its text, and what it is base64 of."""
    yield secret.encode()
    try:
        yield base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return


def _said(operation: Operation, name: str, request: Request, why: str) -> Violation:
    place = next(
        (one.place for one in operation.parameters if one.name.lower() == name.lower()), operation.place
    )
    detail = f"The signature in {name} is wrong: {why}."
    return Violation(
        "header", name, "signature", detail, "a signature of this body", request.header(name), place
    )
