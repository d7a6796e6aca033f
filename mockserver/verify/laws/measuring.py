"""
Values that can be compared: times and numbers, and what is between two of them.
"""

from __future__ import annotations

from datetime import UTC, datetime

from mockserver.exchange import Json
from mockserver.verify.laws.alike import instant
from mockserver.verify.laws.asking import Inconclusive


def between(lower: Json, upper: Json) -> Json:
    """
    Return a value between two, to ask for what comes after it: whether it is with it words do not say.

    Raises:
        Inconclusive: There is none.
    """
    middle = (measured(lower) + measured(upper)) / 2
    between: Json = middle
    if isinstance(lower, str) and len(lower) == len("2000-01-01"):
        between = datetime.fromtimestamp(middle, UTC).date().isoformat()
    elif isinstance(lower, str):
        between = datetime.fromtimestamp(middle, UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    elif isinstance(lower, int) and isinstance(upper, int):
        between = int(middle)
    if not measured(lower) < measured(between) < measured(upper):
        raise Inconclusive(f"nothing is between {lower!r} and {upper!r}")
    return between


def measured(value: Json) -> float:
    """
    Return what is compared of a time or a number.

    Raises:
        Inconclusive: It is neither.
    """
    moment = instant(value)
    if moment is not None:
        return moment
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    raise Inconclusive(f"{value!r} cannot be compared")
