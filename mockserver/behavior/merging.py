"""
Whether a PUT changes no more than what it is sent, as its words say.

RFC 9110 (9.3.4) has PUT replace all of a thing. Many documents say otherwise: "Changes what is sent and
leaves the rest", "Omitted fields remain unchanged". Their PUT is what others call PATCH. And where there is
no PATCH, and nothing has to be in a PUT, a client that sends a new name must not lose all else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.contract.model import Contract, Route
from mockserver.contract.reading import mapping, text
from mockserver.contract.shapes import Shape

_SENT = r"(sent|given|provided|supplied|passed|specified|present|included|named)"
_STAYS = r"(unchanged|untouched|kept|keeps?|remains?|stays?|retain(s|ed)?|as (it|they) (is|are|was|were))"
_MERGES = re.compile(
    rf"\b(leav|keep)\w* (the|all) (rest|others?)\b"
    rf"|\bonly\b[^.;]{{0,40}}\b{_SENT}\b[^.;]{{0,30}}\b(changed|updated|modified|overwritten)"
    rf"|\b(updates?|changes?|modif(y|ies)) only\b[^.;]{{0,40}}\b{_SENT}\b"
    rf"|\bpartial(ly)? (updat|chang|modif)"
    rf"|(\bnot|n't) (be )?{_SENT}\b[^.;]{{0,40}}\b{_STAYS}"
    rf"|\b(omitted|missing|absent|unspecified|left out|unset)\b[^.;]{{0,40}}\b{_STAYS}",
    re.IGNORECASE,
)


def leaves_the_rest(contract: Contract, route: Route) -> bool:
    """Return whether the operation of *route* says that it leaves what it is not sent. It builds nothing."""
    node = mapping(contract.schemas.documents.at(route.place))
    body = mapping(node.get("requestBody"))
    said = ". ".join(
        (text(node.get("summary")), text(node.get("description")), text(body.get("description")))
    )
    return _MERGES.search(" ".join(said.split())) is not None


def sparing(sent: Sequence[Shape]) -> bool:
    """Return whether a PUT beside no PATCH may name one thing alone; *sent* are its bodies."""
    return bool(sent) and all(shape.names and not shape.required for shape in sent)
