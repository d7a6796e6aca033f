"""
What a client asks for under one Idempotency-Key is made once (draft-ietf-httpapi-idempotency-key-header, 2).

Only where the contract documents such a header field. The key is remembered with the row that was made
under it: asked again the row is told again, and a key with other content is refused where a status for that
is documented.
"""

from __future__ import annotations

from hashlib import blake2b

from mockserver.behavior.act import GONE, Act
from mockserver.behavior.engine import Outcome
from mockserver.behavior.looks import HIDDEN
from mockserver.behavior.refusals import refuse
from mockserver.behavior.store import Row
from mockserver.behavior.wording import plain
from mockserver.exchange import dumps

_ONCE = HIDDEN + "once"
"""Of a row: the operation and the key that it was made under."""
_SAID = HIDDEN + "said"
"""Of a row: a digest of what was sent with that key."""
_MISUSED = ("422", "409", "400")
"""Statuses for a key that comes with other content, the draft's own first."""


def key_of(act: Act) -> str:
    """Return the operation and the key under which *act* is to be done once, "" where it has none."""
    for parameter in act.operation.parameters:
        if parameter.location == "header" and plain(parameter.name).removeprefix("x") == "idempotencykey":
            said = act.arguments.header.get(parameter.name)
            return f"{act.operation.id} {said}" if isinstance(said, (str, int)) and said != "" else ""
    return ""


def made_before(act: Act, outcome: Outcome, once: str) -> Row | None:
    """Return what was made under *once*, its key in *act*; None where nothing was, or *outcome* refuses."""
    transaction = act.transaction
    for name in transaction.keys(act.table, _ONCE, once) or ():
        row = transaction.get(act.table, name)
        if row is None or GONE in row:
            continue
        refusal = next((status for status in _MISUSED if status in act.operation.responses), "")
        if row[_SAID] != _digest(act) and refusal:
            said = "The Idempotency-Key was sent before with other content."
            refuse(act.operation, outcome, int(refusal), said)
            return None
        act.key = str(name).removeprefix(f"{act.scope}|")
        return row
    return None


def note(act: Act, once: str) -> None:
    """Note that the row under the key of *act* was made under *once*."""
    row = act.row()
    if row is not None:
        act.put({**row, _ONCE: once, _SAID: _digest(act)})


def _digest(act: Act) -> str:
    return blake2b(dumps(act.sent()), digest_size=16).hexdigest()
