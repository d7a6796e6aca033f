"""
Entity tags of what is remembered, and the preconditions that name them (RFC 9110, 8.8.3 and 13).

A tag says which state of a thing was seen: it follows from the thing alone, so that creating, reading and
changing tell the same one. That of a list says which page of which rows was seen. Where an answer is the
document's own example, so is its tag, and any is taken.
"""

from __future__ import annotations

import re
from hashlib import blake2b

from mockserver.behavior.act import GONE, MADE, Act
from mockserver.behavior.counted import Counted
from mockserver.behavior.engine import Outcome
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.looks import visible
from mockserver.behavior.refusals import refuse
from mockserver.contract.model import Operation, Parameter
from mockserver.exchange import MISSING, Json, dumps

_TAG = re.compile(r'\s*(?:W/)?("[^"]*"|[^\s,"]+)\s*(?:,|\Z)')
_CHANGING = frozenset({"replace", "patch", "delete", "act"})
_TOLD = frozenset({"list", "read", "create", "replace", "patch", "act"})


class Tags:
    """
    The entity tags of one contract's things.

    Args:
        known: What was concluded about it.
        counted: What is counted below a thing is told with it, and so is of its state.
    """

    def __init__(self, known: Knowledge, counted: Counted) -> None:
        self._known = known
        self._counted = counted
        self._fields: dict[tuple[str, int | None], tuple[str, Parameter] | None] = {}

    def refuses(self, act: Act, outcome: Outcome, kind: str) -> bool:
        """Refuse a change whose precondition does not hold (412), or is asked for and was not sent (428)."""
        operation = act.operation
        if kind not in _CHANGING or operation.promise(412) is operation.promise(428) is None:
            return False
        conditions = act.arguments.conditions
        match, none_match = conditions.get("if-match", ""), conditions.get("if-none-match", "")
        row = act.row()
        live = row is not None and GONE not in row
        if none_match.strip() == "*" and live and "412" in operation.responses:
            refuse(operation, outcome, 412, f"{act.key!r} is there, and If-None-Match: * wants it not to be.")
        elif match and self._is_tagged(act):
            tag = self._tag(act)
            if match.strip() != "*" and tag not in _named(match):
                refuse(operation, outcome, 412, f'{act.key!r} is "{tag}" now, and If-Match names {match}.')
        elif not match and live and row is not None and MADE in row and "428" in operation.responses:
            refuse(operation, outcome, 428, "An If-Match with the ETag of what is to be changed is wanted.")
        return outcome.refused

    def tell(self, act: Act, outcome: Outcome, kind: str) -> None:
        """Put the tag of the thing that *outcome* shows into its header; 304 where the client has that."""
        operation = act.operation
        field = self._field(operation, outcome.status) if kind in _TOLD and not outcome.refused else None
        if field is None or (name := field[0]) in outcome.headers or not self._is_shown(act, outcome):
            return
        conditional = act.arguments.conditions.get("if-none-match", "") if kind in ("read", "list") else ""
        tag = self._tag(act) if kind != "list" else _digest(outcome.body)
        fits = self._known.fits(field[1])
        told = next(filter(fits, (f'"{tag}"', f'W/"{tag}"', tag)), None)
        if told is None:
            return
        outcome.headers = {**outcome.headers, name: told}
        if conditional and "304" in operation.responses and {tag, "*"} & _named(conditional):
            outcome.status, outcome.body, outcome.rule = 304, MISSING, f"the client has {told}"

    def _is_shown(self, act: Act, outcome: Outcome) -> bool:
        """Return whether the answer is about the thing, or the list, as it is remembered."""
        return outcome.body is not MISSING or (bool(act.resource.parameter) and act.row() is not None)

    def _is_tagged(self, act: Act) -> bool:
        """Return whether clients were told a tag of ours for the thing."""
        read = act.resource.operation("read")
        if read is None or self._field(read, None) is None:
            return False
        return act.row() is not None or not act.resource.exemplified(read) or self._known.dynamic

    def _tag(self, act: Act) -> str:
        row = act.row() or self._known.population(act.stand).before(act)
        counts = self._counted.numbers(act)
        return _digest([visible(row), counts])

    def _field(self, operation: Operation, status: int | None) -> tuple[str, Parameter] | None:
        """Return the header field of that answer of *operation* that tells a tag."""
        key = (operation.id, status)
        if key not in self._fields:
            promise = operation.success if status is None else operation.promise(status)
            headers = promise.headers.items() if promise is not None else ()
            self._fields[key] = next((one for one in headers if one[0].lower() == "etag"), None)
        return self._fields[key]


def _digest(value: Json) -> str:
    return blake2b(dumps(value), digest_size=8).hexdigest()


def _named(said: str) -> frozenset[str]:
    """Return the tags of an If-Match or If-None-Match without quotes, and "*"; weak ones as any other."""
    return frozenset(found.strip('"') for found in _TAG.findall(said))
