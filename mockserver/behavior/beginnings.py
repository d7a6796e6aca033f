"""
In which of its states a new thing is, where a document only lists them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mockserver.behavior.wording import plain
from mockserver.exchange import Json

_OVER = re.compile(
    r"cancell?ed|closed|completed?|failed|failure|errored|error|deleted|archived|expired|refunded|rejected"
    r"|declined|aborted|done|finished|stopped|terminated|revoked|blocked|banned|denied|disabled|paid|void"
    r"|succeeded|success|past|overdue|ended|inactive"
)
_FIRST = re.compile(r"draft|new|created|pending|open|queued|incomplete|requires|active|processing")
"""States that things end in, and those that they begin in."""


def begins(states: Sequence[Json] | None) -> Json:
    """Return the first of *states* that a new thing can be in: the alphabet puts "canceled" before "new"."""
    if not states:
        return None
    over = [isinstance(one, str) and _OVER.match(plain(one)) is not None for one in states]
    if not over[0]:
        return states[0]
    first = next((one for one in states if isinstance(one, str) and _FIRST.match(plain(one))), None)
    return first or next((one for one, is_over in zip(states, over, strict=True) if not is_over), states[0])
