"""
Statements of SQLAlchemy Core that are compiled once, and given to the driver as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy.engine import Engine


class Statement:
    """A statement of SQLAlchemy Core, compiled when it is first run."""

    def __init__(self, clause: Any) -> None:
        self._clause = clause
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, engine: Engine) -> Compiled:
        """Return it in the engine's words."""
        found = self._compiled.get(engine.dialect.name)
        if found is None:
            clause = self._clause(engine.dialect.name) if callable(self._clause) else self._clause
            compiled = clause.compile(dialect=engine.dialect)
            known = {name: value for name, value in compiled.params.items() if value is not None}
            found = self._compiled[engine.dialect.name] = Compiled(str(compiled), compiled.positiontup, known)
        return found


class Compiled(NamedTuple):
    """A statement's text; the order of its parameters (None: by name); those that it brings itself."""

    text: str
    order: Sequence[str] | None
    known: Mapping[str, Any]

    def given(self, values: Mapping[str, Any]) -> Any:
        """Return the parameters as the driver takes them."""
        whole = {**self.known, **values} if self.known else values
        return whole if self.order is None else tuple(whole[name] for name in self.order)
