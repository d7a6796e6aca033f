"""
Answers that fail before they reach the wire: refused for now, limited, or under a wrong name.

What goes wrong on the wire itself is server/faults.py. A status is told in the
contract's own words where it documents that status, else by a problem of the
mock's own; nothing has happened either way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from mockserver.behavior.clock import Clock
from mockserver.exchange import Wire
from mockserver.generation import choose
from mockserver.server import filling
from mockserver.server.answer import Answer
from mockserver.server.answering import seed_of
from mockserver.server.faults import FAULTS
from mockserver.server.preferences import NONE
from mockserver.server.session import Session

BUCKETS = "buckets"
"""System table: what each rate limit has left, and when that was so."""


def fails(session: Session, answer: Answer) -> bool:
    """Answer with the failure that the preferences ask for, if any; an `Override` (server/overriding.py)."""
    del session
    fault = answer.preferences.fault
    if fault == "503":
        told(answer, 503, "The mock was asked for a 503.", [("Retry-After", "1")])
    elif fault == "429":
        told(answer, 429, "The mock was asked for a 429.", [("Retry-After", "1")])
    else:
        return False
    answer.applied += ("fault",)
    return True


def bend(answer: Answer) -> None:
    """Have the wire do what is preferred of it."""
    wishes = answer.preferences
    fault = wishes.fault if wishes.fault in FAULTS else ""
    if wishes.delay or fault:
        before = answer.wire.delay if answer.wire is not None else 0.0
        answer.wire = Wire(wishes.delay / 1000 or before, fault)
        answer.applied += ("delay", "fault") if fault else ("delay",)


def mislabel(answer: Answer) -> None:
    """Put another media type on the answer than that of its body."""
    response = answer.response
    if response is None:
        return
    is_json = "json" in response.header("content-type")
    wrong = "text/html; charset=utf-8" if is_json else "application/json"
    fields = [(name, value) for name, value in response.headers if name.lower() != "content-type"]
    response.headers = [("Content-Type", wrong), *fields]
    answer.fleeting = True
    answer.applied += ("fault",)
    answer.note(f"the Content-Type was replaced by {wrong}")


def told(answer: Answer, status: int, detail: str, fields: Sequence[tuple[str, str]] = ()) -> None:
    """Answer with *status*, as documented or else by a problem. *fields* win over documented ones."""
    api, prepared = answer.api, answer.prepared
    promise = prepared.operation.promise(status) if prepared is not None else None
    if api is None or prepared is None or promise is None or not promise.content:
        answer.problem(status, detail, list(fields))
        return
    _, media = prepared.media(promise, answer.request.header("accept"))
    media = media or choose.default_media(promise.content)
    seed, now = seed_of(answer, api, prepared.operation), answer.session.worlds[api.name].clock.now
    filled = filling.of_contract(
        *(prepared, promise, media, None, NONE, seed, now), dynamic=False, status=status, detail=detail
    )
    own = {name.lower() for name, _ in fields}
    documented = [
        (name, value)
        for name, value in filling.headers(prepared, promise, {}, seed, now)
        if name.lower() not in own
    ]
    answer.filled(status, filled, [*documented, *fields])
    answer.note(detail)
    answer.good()


def limited(session: Session, answer: Answer, name: str, requests: int, seconds: float) -> bool:
    """
    Take one token of the bucket *name*; where there is none, answer 429 with the seconds until there is.

    The bucket holds *requests*, and fills up in *seconds* of the session's own time: a clock that stands
    gives no token, one that is advanced does. Returns whether that was the answer.
    """
    with session.alone(), session.changing() as transaction:
        row = session.row(BUCKETS, name)
        now = _clock(session, answer).instant
        left = float(requests)
        if row is not None:
            left = min(left, row["left"] + max(0.0, now - row["at"]) * requests / seconds)
        granted = left >= 1
        transaction.put(BUCKETS, name, {"left": left - granted, "at": now})
    if granted:
        return False
    wait = max(1, math.ceil((1 - left) * seconds / requests - 1e-9))
    said = f"More than {requests} request{'s' * (requests != 1)} in {seconds:g} s; wait {wait} s."
    told(answer, 429, said, [("Retry-After", str(wait))])
    return True


def _clock(session: Session, answer: Answer) -> Clock:
    name = answer.api.name if answer.api is not None else next(iter(session.worlds))
    return session.worlds[name].clock


def retry_after(status: int) -> list[tuple[str, str]]:
    """Return the fields that belong to *status*."""
    return [("Retry-After", "1")] if status in (429, 503) else []
