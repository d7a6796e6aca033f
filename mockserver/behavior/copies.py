"""
What a copy has of its original: `POST /campaigns/{id}/clone`, where nobody wrote behaviours.

All that clients can say of one, but for a name that no two may have, and for the state that words say.
"""

from __future__ import annotations

import re

from mockserver.behavior.beginnings import told_when_made
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.behavior.uniqueness import is_natural
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING

_AFTER = re.compile(
    r"\b(?:followed by|suffixed with|with the suffix)\s+[`'\"\u201c]+([^`'\"\u201c\u201d]{2,20})"
)


def added_to_name(operation: Operation) -> str:
    """Return what the words of *operation* add to the name of a copy, "" where they add nothing."""
    found = _AFTER.search(" ".join(operation.description.split()))
    return found[1] if found is not None else ""


def copied(resource: Resource, operation: Operation, original: Row, sent: Row) -> Row:
    """Return what is said of a copy of *original*, of which *sent* was said."""
    create = resource.operation("create")
    sendable = set(map(resource.spelled, resource.sent_by("create")))
    told = {name: value for name, value in sent.items() if name in sendable}
    row = {name: value for name, value in original.items() if name in sendable and name != resource.key}
    alone = {
        name
        for one in (operation, create)
        if one is not None
        for group in resource.unique(one)
        for name in group
    }
    added = added_to_name(operation)
    for name, value in row.items():
        if isinstance(value, str) and (name in alone or (added and is_natural(name))):
            row[name] = f"{value} {(added or '(Copy)').strip()}"
        said = told_when_made(operation, resource.row.named(name)) if resource.row is not None else MISSING
        if said is not MISSING:
            row[name] = said
    return row | told
