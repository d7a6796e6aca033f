"""
Hold rows against the contract: as they would be shown, against the component that their collection names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mockserver.behavior.model import Collection
from mockserver.behavior.scope import Scope
from mockserver.behavior.store import Row
from mockserver.contract.shapes import Shape
from mockserver.contract.sources import join_pointer
from mockserver.exchange import Json, Violation
from mockserver.server.filler import Filler
from mockserver.server.host import Api
from mockserver.validation.values import RawValidator, Validator


class Holding:
    """
    The rules for the rows of one collection.

    Args:
        api: Whose contract it is.
        collection: Whose rows they are.
    """

    def __init__(self, api: Api, collection: Collection) -> None:
        self._collection = collection
        schema = api.contract.schemas.named(collection.schema) if collection.schema else None
        self._cut = Filler(schema, collection.name).cut if schema is not None else None
        self._whole = Validator(schema, "response") if schema is not None else None
        self._parts = {field: _component(api, named) for field, named in collection.fields.items()}

    def violations(self, scope: Scope, key: Json, row: Row) -> list[Violation]:
        """
        Return what is wrong with *row* as *scope* would show it; pointers go into the row.

        Raises:
            MockserverError: A derived field cannot be computed.
        """
        if self._whole is None and not self._parts:
            return []
        shown = scope.show(self._collection, key, row)
        found = []
        if self._whole is not None and self._cut is not None:
            found += self._whole.violations(self._cut(shown), "body", "")
        for field, part in self._parts.items():
            if field in shown:
                found += part.violations(shown[field], "body", join_pointer("", field))
        return found


def known_fields(api: Api, collection: Collection, rows: Iterable[Row]) -> frozenset[str] | None:
    """
    Return the names that a row of *collection* may have, None where it may have any.

    The contract's, and what the rules and the fixture keep beside these: a name that stands in behavior.yaml,
    or in any of *rows*, is one that somebody reads.
    """
    schema = api.contract.schemas.named(collection.schema) if collection.schema else None
    if schema is None:
        return None
    shapes = [Shape(schema.json(direction)) for direction in ("request", "response")]
    if any(shape.open for shape in shapes):
        return None
    names = {name for shape in shapes for name in shape.names}
    names |= {
        collection.key,
        *collection.fields,
        *collection.derived,
        *(name for row in rows for name in row),
    }
    file = api.located.behavior_file
    if file is not None:
        names.update(_WORD.findall(file.read_text(errors="replace")))
    return frozenset(names)


_WORD = re.compile(r"\w+")


def _component(api: Api, name: str) -> RawValidator:
    schema = api.contract.schemas.named(name)
    return Validator(schema, "response") if schema is not None else RawValidator(True)
