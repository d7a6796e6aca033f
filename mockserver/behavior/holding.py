"""
Whether an invariant holds: of an answer as it is, with what is not there left alone.

An invariant says how parts of an answer hang together. Where one of the parts is not
there, or null, the contract says whether it must be; the invariant says nothing then.
Binary fractions are added up in many ways, so what is equal but for their noise is equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.behavior.expressions import Scope, truth
from mockserver.behavior.model import Invariant
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Json

_OF_ROWS = re.compile(r"""\.(?:sum|mean|min|max|pluck|distinct)\(\s*["']([^"']+)["']""")
"""What is asked of each row of a list."""

Values = dict[str, Json]
"""What an expression looks at: "answer.data.total" -> 3."""


def broken(invariant: Invariant, scope: Scope) -> Values | None:
    """
    Return what *invariant* looks at where it does not hold in *scope*, None where it holds or says nothing.

    It says nothing, too, where *scope* does not know a name: an answer by itself does not tell its request.

    Raises:
        BehaviorError: It cannot be computed, though all that it looks at is there.
    """
    holds = invariant.holds
    if any(scope(name) is MISSING for name in holds.names):
        return None
    try:
        if invariant.when is not None and not invariant.when(scope):
            return None
        if truth(holds(scope)) or truth(holds(_nearly(scope))):
            return None
    except BehaviorError:
        if None in _looked_at(invariant, scope).values():
            return None
        raise
    found = _looked_at(invariant, scope)
    if None in found.values() and not invariant.says_null:
        return None
    return None if _leaves_out(found, _OF_ROWS.findall(holds.text)) else found


def _leaves_out(found: Values, names: list[str]) -> bool:
    """Return whether rows do not show what is summed up over them: a list may tell less than that."""
    rows = [
        row for value in found.values() if isinstance(value, list) for row in value if isinstance(row, dict)
    ]
    return any(name.partition(".")[0] not in row for name in names for row in rows)


def _looked_at(invariant: Invariant, scope: Scope) -> Values:
    """Return what stands at each path into the answer that is asked for; None for null and nothing."""
    found: Values = {}
    for path in invariant.paths:
        value = scope(path[0])
        for key in path[1:]:
            value = value.get(key, MISSING) if isinstance(value, dict) else MISSING
        found[".".join(path)] = None if value is MISSING else value
    return found


class _Close(float):
    """A number that is equal to what differs from it by the noise of binary fractions only."""

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (int, float)) and not isinstance(other, bool):
            return math.isclose(self, other, rel_tol=1e-9, abs_tol=1e-9)
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = float.__hash__

    def __le__(self, other: float) -> bool:
        return float(self) <= float(other) or self == other

    def __ge__(self, other: float) -> bool:
        return float(self) >= float(other) or self == other

    def __lt__(self, other: float) -> bool:
        return not self >= other

    def __gt__(self, other: float) -> bool:
        return not self <= other


def _arithmetic(name: str) -> Callable[[_Close, Any], Any]:
    plain = getattr(float, name)

    def computed(self: _Close, other: Any) -> Any:
        made = plain(self, other)
        return _Close(made) if isinstance(made, float) else made

    return computed


for _name in ("add", "sub", "mul", "truediv", "pow", "mod"):
    for _side in ("", "r"):
        setattr(_Close, f"__{_side}{_name}__", _arithmetic(f"__{_side}{_name}__"))


def _nearly(scope: Scope) -> Scope:
    return lambda name: _close(scope(name))


def _close(value: Any) -> Any:
    if isinstance(value, float):
        return _Close(value)
    if isinstance(value, dict):
        return {key: _close(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_close(inner) for inner in value]
    return value


def pointers(invariant: Invariant, below: str = "") -> Iterator[str]:
    """Yield where in an answer *invariant* looks; *below* is where the thing is that it is about."""
    for path in invariant.paths:
        if path[0] in ("answer", "this"):
            yield below + "".join(f"/{key}" for key in path[1:])
