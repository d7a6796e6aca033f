"""
Apply a PATCH body: JSON Merge Patch (RFC 7396), or JSON Patch (RFC 6902).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import jsonpatch

from mockserver.contract.limits import LIMITS, nests_deeper
from mockserver.exchange import MISSING, Json, dumps

MERGE = "application/merge-patch+json"
OPERATIONS = "application/json-patch+json"

_MISAPPLIED = (
    jsonpatch.JsonPatchException,
    jsonpatch.JsonPointerException,
    *(TypeError, LookupError, ValueError),
)
"""What jsonpatch raises of operations that are none (a ValueError: an index of five thousand digits)."""

MOST_COPIED = 10 * 1024 * 1024
"""Bytes that the copies of one patch may make: thirty of "" into itself would make a gigabyte of nothing."""


class Unpatchable(Exception):
    """
    The patch does not apply. Its text says why.

    Attributes:
        misplaced: Whether the patch speaks of a place that is not there.
    """

    def __init__(self, detail: str, *, misplaced: bool = False) -> None:
        super().__init__(detail)
        self.misplaced = misplaced

    def status(self, documented: Mapping[str, Any]) -> int:
        """Return the documented status that may tell it (RFC 5789, 2.2: 409 or 422)."""
        return next((int(code) for code in ("409", "422", "400") if code in documented), 409)


def patched(row: Mapping[str, Json], patch: Json, media_type: str) -> dict[str, Json]:
    """
    Return *row* as *patch* leaves it.

    Args:
        row: Is not changed.
        patch: A list of operations, or an object that is laid over the row: some contracts call that a JSON
            Patch too.
        media_type: Of the patch. Only of a merge patch does null take a property away.

    Raises:
        Unpatchable: An operation's path is not there, a test fails, or the result is no object.
    """
    if isinstance(patch, list) or (media_type == OPERATIONS and not isinstance(patch, dict)):
        try:
            made = _operated(copy.deepcopy(dict(row)), patch)
        except _MISAPPLIED as error:
            raise Unpatchable(f"the patch does not apply: {error}", misplaced=True) from None
        if not isinstance(made, dict):
            raise Unpatchable("the patch leaves no object")
        if nests_deeper(made, LIMITS.depth):
            raise Unpatchable(f"the patch leaves what is nested more than {LIMITS.depth} levels deep")
        return made
    if not isinstance(patch, dict):
        return dict(row)
    merged = _merged(dict(row), patch, removes=media_type == MERGE)
    assert isinstance(merged, dict)
    return merged


def _operated(made: Json, patch: Json) -> Json:
    """RFC 6902, 4, in place, with what it copies counted."""
    if not isinstance(patch, list) or not all(isinstance(one, dict) for one in patch):
        raise Unpatchable("a JSON Patch is a list of operations")
    copied = 0
    for one in map(_spelt, patch):
        if one.get("op") == "copy" and isinstance(one.get("from"), str):
            copied += len(dumps(jsonpatch.JsonPointer(one["from"]).resolve(made)))
            if copied > MOST_COPIED:
                raise Unpatchable(f"its copies make more than {MOST_COPIED} bytes")
        try:
            made = jsonpatch.JsonPatch([one]).apply(made, in_place=True)
        except jsonpatch.JsonPatchTestFailed:
            raise Unpatchable(_untrue(made, one)) from None
    return made


def _untrue(made: Json, test: Mapping[str, Json]) -> str:
    """Return what the "test" operation *test* expected of *made*, and what it found."""
    path = str(test.get("path"))
    found = jsonpatch.JsonPointer(path).resolve(made, MISSING)
    what = f"{path} is {_brief(found)}" if found is not MISSING else f"there is no {path}"
    return f"the patch's test does not hold: {what}, and it expects {_brief(test.get('value'))}"


def _brief(value: Json) -> str:
    text = dumps(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."


def _spelt(operation: dict[str, Json]) -> dict[str, Json]:
    """Return *operation* as RFC 6902 spells it: "add", where some contracts say "Add"."""
    name = operation.get("op")
    return {**operation, "op": name.lower()} if isinstance(name, str) else operation


def _merged(target: Json, patch: Json, *, removes: bool) -> Json:
    """RFC 7396, 2."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None and removes:
            made.pop(name, None)
        else:
            made[name] = _merged(made.get(name), value, removes=removes) if isinstance(value, dict) else value
    return made
