"""
Itemize what is wrong with a request, where the contract's refusal has a list for it.

`detail: [{loc, msg, type}]`, `errors: [{field, message}]`, `errors: {name: [text]}`: a form shows
each text beside the field that it is about, so each item is about one violation
and says where that is. A member whose name says nothing stays as it was made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mockserver.contract.shapes import Shape
from mockserver.contract.sources import split_pointer
from mockserver.exchange import MISSING, Json, Violation
from mockserver.server.placing import bare
from mockserver.server.problems import phrase

MOST = 20
"""Violations that are listed."""

TEXTS = frozenset(
    ("message", "msg", "detail", "details", "description", "reason", "error", "errormessage", "text")
)
LISTS = frozenset(
    (
        *("errors", "error", "details", "detail", "messages", "violations", "problems", "issues", "causes"),
        *("fielderrors", "validationerrors", "invalidparams", "modelstate"),
    )
)
PLACES = frozenset(
    (
        *("field", "fieldname", "path", "param", "parameter", "property", "propertypath", "propertyname"),
        *("attribute", "target", "fieldpath", "parametername"),
    )
)
KINDS = frozenset(("type", "code", "keyword", "rule", "constraint", "errorcode"))
FOUND = frozenset(("value", "rejectedvalue", "input", "found", "actual"))
"""Names of members, in lower case without anything between words."""


def itemized(
    value: dict[str, Any],
    status: int,
    shape: Shape,
    violations: Sequence[Violation],
    accepts: Callable[[Json], bool],
) -> dict[str, Any]:
    """
    Return *value*, a made-up body of a refusal, with its lists of what is wrong filled in.

    Args:
        shape: Of the body's schema.
        violations: What is wrong with the request; at least one.
        accepts: Tells whether a whole body is valid. A list that may not be changed is not.
    """
    for name in shape.names:
        inner = shape.named(name)
        kinds = inner.kinds if inner.typed else frozenset()
        if "array" in kinds:
            value = _with_list(value, name, status, inner.item(0), violations, accepts)
        elif "object" in kinds and not inner.names and bare(name) in LISTS:
            told: dict[str, list[str]] = {}
            for each in violations[:MOST]:
                told.setdefault(_dotted(each), []).append(each.detail)
            changed = {**value, name: told}
            value = changed if accepts(changed) else value
    return value


def _with_list(
    value: dict[str, Any],
    name: str,
    status: int,
    item: Shape,
    violations: Sequence[Violation],
    accepts: Callable[[Json], bool],
) -> dict[str, Any]:
    if item.typed and "string" in item.kinds and not item.names:
        changed = {**value, name: [each.detail for each in violations[:MOST]]}
        return changed if bare(name) in LISTS and accepts(changed) else value
    if not any(bare(member) in TEXTS for member in item.names):
        return value
    before = value.get(name)
    made = before[0] if isinstance(before, list) and before and isinstance(before[0], dict) else {}
    needed = item.required
    base = {member: part for member, part in made.items() if member in needed}
    items: list[dict[str, Any]] = []
    for violation in violations[:MOST]:

        def fits(one: dict[str, Any]) -> bool:
            return accepts({**value, name: [*items, one]})

        one = _item(base, status, item, violation, fits)
        if one is None:
            return value
        items.append(one)
    return {**value, name: items}


def _item(
    base: dict[str, Any],
    status: int,
    item: Shape,
    violation: Violation,
    fits: Callable[[dict[str, Any]], bool],
) -> dict[str, Any] | None:
    """Return *base*, what an item must have, with what it may say of *violation*; None where none fits."""
    options = {member: list(_proposed(member, status, item, violation)) for member in item.names}
    one = {**base, **{member: given[0] for member, given in options.items() if given}}
    if fits(one):
        return one
    one = base
    for member, given in options.items():
        one = next((tried for new in given if fits(tried := {**one, member: new})), one)
    return one if one is not base else None


def _proposed(member: str, status: int, item: Shape, violation: Violation) -> Iterator[Json]:
    """Yield what *member* of an item may say of *violation*, the likeliest first."""
    word = bare(member)
    kinds = item.named(member).kinds
    if word in TEXTS:
        yield violation.detail
    elif word == "status":
        yield str(status) if "string" in kinds else status
    elif word == "title":
        yield phrase(status)
    elif word in KINDS:
        yield violation.keyword
    elif word in FOUND and violation.found is not MISSING:
        yield violation.found
    elif word in ("loc", "location", "path") and "array" in kinds and "string" not in kinds:
        tokens = _tokens(violation)
        yield [violation.where, *(int(token) if token.isdecimal() else token for token in tokens)]
        yield [violation.where, *tokens]
    elif word == "in" or (word == "location" and any(bare(other) in PLACES for other in item.names)):
        yield violation.where
    elif word in PLACES or word == "location":
        yield _dotted(violation)
    elif word in ("pointer", "instancepath"):
        yield violation.pointer
    elif word == "source":
        kind = {"body": "pointer", "header": "header"}.get(violation.where, "parameter")
        yield {kind: violation.pointer}


def _tokens(violation: Violation) -> list[str]:
    """Return the names on the way to what is wrong: of a parameter, its own first."""
    pointer = violation.pointer
    return split_pointer(pointer if pointer.startswith("/") or not pointer else f"/{pointer}")


def _dotted(violation: Violation) -> str:
    return ".".join(_tokens(violation)) or violation.where
