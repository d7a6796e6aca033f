"""
Make the properties of one object agree with each other.

Persons, places and moments agree by the way they are drawn (`Draw.who`, `where`,
`born`). Here is what can be seen only when the siblings are there: a count is the
length of its list, the minimum is below the maximum, a total is its parts.

A rule proposes; the property's own schema disposes. What a caller has given is
never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import pairwise
from typing import TYPE_CHECKING

from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation.counts import COUNTS, NEIGHBOURS, counted
from mockserver.generation.draw import Draw
from mockserver.generation.formulas import formulas
from mockserver.generation.moments import stage
from mockserver.generation.names import snake
from mockserver.generation.related import Rule, Set, is_number, related
from mockserver.generation.spans import spans
from mockserver.generation.wordlists import listed

if TYPE_CHECKING:
    from mockserver.generation.nodes import Node

SAME = listed(
    """
    profile address location contact geo geometry coordinates personal personal_info personal_details
    details attributes dates timestamps billing_address shipping_address home_address contact_info name
    names identity info meta metadata person_name bio position place
    """
)
"""Names of objects that are about the person, place and time of the object around them."""

PAGING = listed(
    """
    pagination paging page page_info pageinfo meta metadata page_metadata page_meta summary info
    links_meta
    """
)

LOWS = {
    "min": "max",
    "minimum": "maximum",
    "low": "high",
    "lower": "upper",
    "lowest": "highest",
    "least": "most",
}
LOWS |= {
    "smallest": "largest",
    "floor": "ceiling",
    "bottom": "top",
    "from": "to",
    "start": "end",
    "begin": "end",
    "first": "last",
}


class Agreement:
    """
    What is to agree in the objects of one node.

    Attributes:
        fresh: Whether the object is about a person, a place and a moment of its own.
        rules: What is seen to afterwards.
    """

    __slots__ = ("_parts", "fresh", "late", "rules")

    def __init__(self, node: Node, names: list[str], part: Callable[[str], Node], owner: str) -> None:
        self.fresh = snake(node.hint.name) not in SAME
        self._parts = part
        self.rules: list[Rule] = []
        spoken = {snake(name): name for name in names}
        self.rules += _bounds(spoken)
        self.rules += [*_sums(spoken), *_processed(spoken)]
        summed = {"total", "subtotal"} if self.rules else set()
        self.rules[:0] = related(owner, spoken)
        self.rules += formulas(spoken, lambda name: _told(part(name)))
        self.rules += spans(owner or node.hint.name, spoken, lambda name: _told(part(name)), self._states)
        self.rules += _versioned(node)
        self.late = _order(names)
        lists = [name for name in names if _is(part(name), "array")]
        if lists:
            objects = [name for name in names if snake(name) in PAGING and _is(part(name), "object")]
            counts = [name for name in names if snake(name) not in summed and _whole_number(part(name))]
            neighbours = [name for name in names if snake(name) in NEIGHBOURS]
            self.rules.append(counted(lists, counts, objects, neighbours, page="id" not in spoken))

    def _states(self, name: str) -> list[Json]:
        """Return the values that the property *name* may have, where these are listed."""
        part = self._parts(name)
        return [] if part.dead else part.shape.values or []

    def see(self, out: dict[str, Json], given: Collection[str]) -> None:
        """Bring the properties of *out* that are not *given* into agreement, where their schemas allow it."""
        part = self._parts

        def put(name: str, value: Json) -> None:
            there = out.get(name, MISSING)
            if there is MISSING:  # it may be left out, and was
                return
            if name not in given and there != value and type(there) is not bool and part(name).fits(value):
                out[name] = value

        for rule in self.rules:
            try:
                rule(out, put)
            except OverflowError:  # numbers beyond what can be reckoned with stay as they are
                continue
        if given:
            self.late(out, put)


def _is(node: Node, name: str) -> bool:
    try:
        return name in node.open().shape.types[:1]
    except Ungeneratable:
        return False


def _versioned(node: Node) -> list[Rule]:
    """Return a rule for objects of Kubernetes: beside their schema stands of which kind they say they are."""
    for source in reversed(node.flat):
        assert isinstance(source.schema, dict)
        match source.schema.get("x-kubernetes-group-version-kind"):
            case [{"kind": str(kind), "version": str(version), **rest}]:
                group = rest.get("group")
                return [_saying({"kind": kind, "apiVersion": f"{group}/{version}" if group else version})]
    return []


def _saying(said: dict[str, Json]) -> Rule:
    def rule(_out: dict[str, Json], put: Set) -> None:
        for name, value in said.items():
            put(name, value)

    return rule


def _told(node: Node) -> str:
    said = "" if node.dead else node.shape.notes.get("description", "")
    return said if isinstance(said, str) else ""


def _whole_number(node: Node) -> bool:
    return _is(node, "number") and node.shape.whole


def _bounds(spoken: dict[str, str]) -> list[Rule]:
    """Return rules for pairs such as minPrice and maxPrice: the lower one holds the lower number."""
    rules: list[Rule] = []
    for name, low in spoken.items():
        said = name.split("_")
        for at, word in enumerate(said):
            if word in LOWS:
                high = spoken.get("_".join((*said[:at], LOWS[word], *said[at + 1 :])))
                if high is not None:
                    rules.append(_pair(low, high))
    return rules


def _pair(low: str, high: str) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        lower, upper = out.get(low), out.get(high)
        if is_number(lower) and is_number(upper) and lower > upper:
            put(low, upper)
            put(high, lower if out[low] == upper else out[low])

    return rule


def _sums(spoken: dict[str, str]) -> list[Rule]:
    """Return rules for totals: subtotal and tax; price times quantity; the parts of a whole."""
    rules: list[Rule] = []
    total = next(
        (
            spoken[name]
            for name in ("total", "total_amount", "grand_total", "total_price", "amount_total")
            if name in spoken
        ),
        None,
    )
    below = next(
        (
            spoken[name]
            for name in ("subtotal", "sub_total", "net", "net_amount", "subtotal_amount")
            if name in spoken
        ),
        None,
    )
    if total and below:
        plus = [
            real
            for name, real in spoken.items()
            if name.split("_")[0] in ("tax", "vat", "shipping", "tip", "fee", "fees")
        ]
        minus = [real for name, real in spoken.items() if name.split("_")[0] == "discount"]
        rules.append(_sum(total, [below, *plus], minus))
    count = next((spoken[name] for name in ("quantity", "qty") if name in spoken), None)
    each = next(
        (spoken[name] for name in ("unit_price", "price", "price_per_unit", "unit_cost") if name in spoken),
        None,
    )
    line = next(
        (
            spoken[name]
            for name in ("line_total", "subtotal", "total", "total_price", "amount")
            if name in spoken
        ),
        None,
    )
    if count and each and line and not (total and below and line != below):
        rules.insert(0, _product(line, count, each))
    for name, real in spoken.items():
        if name.startswith("total_") and name not in COUNTS:
            parts = [other for said, other in spoken.items() if said.endswith(name[5:]) and said != name]
            if parts:
                rules.append(_whole(real, parts))
    return rules


def _processed(spoken: dict[str, str]) -> list[Rule]:
    """
    Return a rule for the state of some work: what is processed has succeeded or failed, and is at most all of
    it.
    """
    done = spoken.get("processed")
    parts = [
        spoken[name]
        for name in ("successful", "succeeded", "success_count", "failed", "skipped")
        if name in spoken
    ]
    total, share = spoken.get("total"), spoken.get("percentage") or spoken.get("percent")
    if done is None or len(parts) < 2:
        return []

    def rule(out: dict[str, Json], put: Set) -> None:
        if not all(isinstance(out.get(name), int) for name in (done, *parts)):
            return
        put(done, sum(out[name] for name in parts))
        if isinstance(out.get(total or ""), int):
            put(str(total), max(out[str(total)], out[done]))
            if is_number(out.get(share or "")) and out[str(total)]:
                put(str(share), round(100 * out[done] / out[str(total)], 2))

    return [rule]


def _sum(total: str, plus: list[str], minus: list[str]) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        more = [out[name] for name in plus if is_number(out.get(name))]
        less = [out[name] for name in minus if is_number(out.get(name))]
        if more and is_number(out.get(plus[0])) and is_number(out.get(total)):
            added = sum(more) - sum(less)
            _put_money(out, put, total, added)

    return rule


def _product(line: str, count: str, each: str) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        if all(is_number(out.get(name)) for name in (line, count, each)):
            _put_money(out, put, line, out[count] * out[each])

    return rule


def _whole(total: str, parts: list[str]) -> Rule:
    """Return a rule: totalTasks is not less than completedTasks and failedTasks together."""

    def rule(out: dict[str, Json], put: Set) -> None:
        values = [out[name] for name in parts if isinstance(out.get(name), int)]
        if values and isinstance(out.get(total), int) and sum(values) > out[total]:
            put(total, sum(values))
            for name in parts:
                if sum(values) > out[total] and isinstance(out.get(name), int):
                    put(name, out[name] * out[total] // sum(values))

    return rule


def _put_money(out: dict[str, Json], put: Set, name: str, value: float) -> None:
    """Put what something costs: in cents, or in whole units where the schema knows no others."""
    whole = isinstance(out[name], int)
    exact = int(value) if whole and value == int(value) else round(float(value), 2)
    put(name, exact)
    if whole and out[name] != exact:
        put(name, int(value))


def _order(names: list[str]) -> Rule:
    """Return a rule for moments, where some are given: what follows them is not before them."""

    trial = Draw("order", 1_767_225_600.0)
    staged = []
    for name in names:
        moment = stage(name)
        if moment is not None:
            staged.append((moment(trial), name))
    ordered = [name for _, name in sorted(staged)]

    def rule(out: dict[str, Json], put: Set) -> None:
        there = [name for name in ordered if isinstance(out.get(name), str)]
        for earlier, later in pairwise(there):
            if len(out[earlier]) == len(out[later]) and out[earlier] > out[later]:
                put(later, out[earlier])
        for later, earlier in zip(there[::-1], there[-2::-1], strict=False):
            if len(out[earlier]) == len(out[later]) and out[earlier] > out[later]:
                put(earlier, out[later])

    return rule
