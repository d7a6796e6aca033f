"""
Apply a PATCH body: JSON Merge Patch (RFC 7396), or JSON Patch (RFC 6902).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import jsonpatch

from mockserver.exchange import Json

MERGE = "application/merge-patch+json"
OPERATIONS = "application/json-patch+json"


class Unpatchable(Exception):
    """The patch does not apply. Its text says why."""

    def status(self, documented: Mapping[str, Any]) -> int:
        """Return the documented status that may tell it (RFC 5789, 2.2: 409 or 422)."""
        return next((int(code) for code in ("409", "422", "400") if code in documented), 409)


def patched(row: Mapping[str, Json], patch: Json, media_type: str) -> dict[str, Json]:
    """
    Return *row* as *patch* leaves it.

    Args:
        row: Is not changed.
        patch: A list of operations, or an object that is laid over the row.
        media_type: Of the patch. Only of a merge patch does null take a property away.

    Raises:
        Unpatchable: An operation's path is not there, a test fails, or the result is no object.
    """
    if isinstance(patch, list) or media_type == OPERATIONS:
        try:
            made = jsonpatch.apply_patch(copy.deepcopy(dict(row)), patch)
        except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, KeyError) as error:
            raise Unpatchable(f"the patch does not apply: {error}") from None
        if not isinstance(made, dict):
            raise Unpatchable("the patch leaves no object")
        return made
    if not isinstance(patch, dict):
        return dict(row)
    merged = _merged(dict(row), patch, removes=media_type == MERGE)
    assert isinstance(merged, dict)
    return merged


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
