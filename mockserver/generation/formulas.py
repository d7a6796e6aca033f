"""
Numbers that are made of their siblings: what a description says, and what everybody means by a name.

"spend = creator_fee + agency_fee", "budget minus spend", "clicks / impressions": a
frontend adds these up, and a sum that is none is the first thing that somebody
reports. Where the document says nothing, a few names say it: cpc is what was spent
for each click.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.exchange import Json
from mockserver.generation.related import Rule, Set

Tell = Callable[[str], str]
"""Gives the description of a property."""

_OPERATORS = {
    "+": "+",
    "plus": "+",
    "-": "-",
    "\u2212": "-",
    "\u2013": "-",
    "minus": "-",
    "less": "-",
    "*": "*",
    "x": "*",
    "\u00d7": "*",
    "times": "*",
    "multiplied by": "*",
    "/": "/",
    "\u00f7": "/",
    "divided by": "/",
}
_OPERATOR = "|".join(re.escape(word) for word in sorted(_OPERATORS, key=len, reverse=True))
_OPERAND = r"(?:\x00\d+\x00|\d+(?:\.\d+)?)"
_CHAIN = re.compile(rf"{_OPERAND}(?:\s*(?:(?<=[\s\x00])(?:{_OPERATOR})(?=[\s\x00\d]))\s*{_OPERAND})+")
_STEP = re.compile(rf"({_OPERAND})\s*({_OPERATOR})?\s*")
_SUM = re.compile(r"(?:sum|total) of ((?:\x00\d+\x00(?:,\s*|\s+and\s+|,\s*and\s+)?){2,})")
_BETWEEN = re.compile(r"difference between (\x00\d+\x00) and (\x00\d+\x00)")
_HINT = re.compile(
    r"[+*/=\u00d7\u00f7\u2212]|\s[-x]\s|\b(?:sum|total) of\b|\b(?:plus|minus|less|times|by|between)\b"
)

SPEND = ("spend", "spent", "total_spend", "cost", "total_cost")
PARTS: Mapping[str, tuple[tuple[str, ...], str, tuple[str, ...], float]] = {
    "ctr": (("clicks",), "/", ("impressions", "views"), 100),
    "click_through_rate": (("clicks",), "/", ("impressions", "views"), 100),
    "conversion_rate": (("conversions",), "/", ("clicks", "visits", "sessions"), 100),
    "cpc": (SPEND, "/", ("clicks",), 1),
    "cost_per_click": (SPEND, "/", ("clicks",), 1),
    "cpm": (SPEND, "/", ("impressions", "views"), 1000),
    "cpa": (SPEND, "/", ("conversions",), 1),
    "cost_per_conversion": (SPEND, "/", ("conversions",), 1),
    "roas": (("revenue",), "/", SPEND, 1),
    "remaining": (("budget", "quota"), "-", (*SPEND, "used"), 1),
    "remaining_budget": (("budget",), "-", SPEND, 1),
    "budget_remaining": (("budget",), "-", SPEND, 1),
    "amount_remaining": (("amount_due",), "-", ("amount_paid",), 1),
    "guests": (("adults",), "+", ("children",), 1),
    "total_price": (("price_per_night", "nightly_rate", "rate_per_night"), "*", ("nights",), 1),
}
"""What names of numbers mean everywhere: two siblings, and by what their quotient is multiplied."""

TAKEN = ("used", "sold", "booked", "taken", "occupied", "spent", "consumed")
LEFT = ("available", "free", "remaining", "left", "vacant", "unused")
WHOLE = ("total", "capacity", "limit", "quota", "max", "size")
FRACTIONS = (
    "ready",
    "available",
    "active",
    "completed",
    "failed",
    "used",
    "done",
    "finished",
    "online",
    "unread",
)


@dataclass(frozen=True, slots=True)
class Formula:
    """
    What a number is made of.

    Attributes:
        terms: Names and numbers, an operator between each two.
        factor: What the outcome is multiplied by.
    """

    terms: tuple[str | float, ...]
    factor: float = 1

    def value(self, out: Mapping[str, Json]) -> float | None:
        """Return what comes out; None where something is missing, or nothing can be divided."""
        sums: list[float] = []
        sign, operator = 1, "+"
        for term in self.terms:
            if isinstance(term, str) and term in ("+", "-", "*", "/"):
                operator = term
                continue
            said = out.get(term) if isinstance(term, str) else term
            if isinstance(said, bool) or not isinstance(said, (int, float)):
                return None
            if operator in "+-" or not sums:
                sign = -1 if operator == "-" else 1
                sums.append(sign * said)
            elif operator == "*":
                sums[-1] *= said
            elif not said:
                return None
            else:
                sums[-1] /= said
        return sum(sums) * self.factor

    @property
    def names(self) -> set[str]:
        """The siblings that it is made of."""
        return {term for term in self.terms if isinstance(term, str) and term not in "+-*/"}


def formulas(spoken: Mapping[str, str], tell: Tell) -> list[Rule]:
    """
    Return the rules for the numbers of an object.

    Args:
        spoken: Its properties, by their names in lower case with underscores.
        tell: Gives their descriptions.
    """
    known = {real: made for name, real in spoken.items() if (made := _formula(name, real, spoken, tell))}
    rules: list[Rule] = [*_shares(spoken)]
    return [*rules, *(_made(real, known[real]) for real in _in_order(known))]


def _formula(name: str, real: str, spoken: Mapping[str, str], tell: Tell) -> Formula | None:
    said = tell(real)
    if said and _HINT.search(said.lower()):
        found = _told(name, real, said.lower(), spoken)
        if found is not None:
            return found
    usual = PARTS.get(name)
    if usual is None:
        return None
    first = next((spoken[each] for each in usual[0] if each in spoken), None)
    second = next((spoken[each] for each in usual[2] if each in spoken), None)
    if first is None or second is None or real in (first, second):
        return None
    return Formula((first, usual[1], second), usual[3])


def _told(name: str, real: str, said: str, spoken: Mapping[str, str]) -> Formula | None:
    """Return the formula in a description: siblings with operators between them."""
    names = list(spoken)
    ways = {
        way: at
        for at, each in enumerate(names)
        for way in (each, each.replace("_", " "), spoken[each].lower())
    }
    words = "|".join(re.escape(way) for way in sorted(ways, key=len, reverse=True))
    text = re.sub(r"[`'\"()\[\]]|\b(?:the|all|its|total of the)\s+(?=\w)", "", said)
    text = re.sub(rf"(?<![\w.])(?:{words})(?!\w|\.\w)", lambda found: f"\x00{ways[found[0]]}\x00", text)

    def named(mark: str) -> str | float:
        return spoken[names[int(mark[1:-1])]] if mark.startswith("\x00") else float(mark)

    own = names.index(name)
    text = re.sub(rf"\x00{own}\x00\s*(?:=|:|is|equals)\s*", "", text)
    percent = (
        100 if re.search(r"percent|%|\* ?100", text) or name.endswith(("percent", "percentage", "pct")) else 1
    )
    if found := _CHAIN.search(text):
        terms: list[str | float] = []
        for operand, operator in _STEP.findall(found[0]):
            terms += [named(operand), *([_OPERATORS[operator]] if operator else [])]
        percent = percent if "/" in terms and 100.0 not in terms else 1
    elif found := _SUM.search(text):
        marks = re.findall(r"\x00\d+\x00", found[1])
        terms = [part for mark in marks for part in (named(mark), "+")][:-1]
        percent = 1
    elif found := _BETWEEN.search(text):
        terms, percent = [named(found[1]), "-", named(found[2])], 1
    else:
        return None
    made = Formula(tuple(terms), percent)
    if not made.names or real in made.names or (len(made.names) < 2 and len(terms) < 3):
        return None
    return made


def _in_order(known: Mapping[str, Formula]) -> list[str]:
    """Return the names of *known*, each after what it is made of."""
    done: dict[str, None] = {}

    def visit(real: str, above: tuple[str, ...]) -> None:
        if real in done or real in above:
            return
        for other in sorted(known[real].names):
            if other in known:
                visit(other, (*above, real))
        done[real] = None

    for real in known:
        visit(real, ())
    return list(done)


def _made(real: str, formula: Formula) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        there = out.get(real)
        if isinstance(there, bool) or not isinstance(there, (int, float)):
            return
        value = formula.value(out)
        if value is None:
            return
        if value < 0 and len(formula.terms) == 3 and formula.terms[1] == "-":  # more is gone than there was
            whole, gone = (str(term) for term in formula.terms[::2])
            if _number(out.get(whole)) and _number(out.get(gone)):
                put(gone, _rounded(out[whole] / 2))
                value = formula.value(out) or 0
        shares = (value, value / 100) if formula.factor == 100 else (value,)  # where no percentage fits
        for one in (form for share in shares for form in (_rounded(share), round(share))):
            put(real, one)
            if out[real] == one:
                return

    return rule


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _rounded(value: float) -> int | float:
    """Return *value* with cents, and with four digits where it is less than one."""
    return int(value) if value == int(value) else round(value, 2 if abs(value) >= 1 else 4)


# -------------------------------------------------------------------------------------- parts of a whole


def _shares(spoken: Mapping[str, str]) -> Iterator[Rule]:
    """Return rules for what is part of a whole: seats that are left, replicas that are ready."""
    for name, real in spoken.items():
        stem, _, last = name.rpartition("_")
        if last in LEFT or last in TAKEN:
            whole = _first(spoken, (f"{stem}_{word}" if stem else word for word in WHOLE))
            other = (
                _first(spoken, (f"{stem}_{word}" if stem else word for word in TAKEN))
                if last in LEFT
                else None
            )
            if whole is not None:
                yield _part(real, whole, other)
        first, _, rest = name.partition("_")
        if first in FRACTIONS and rest in spoken:
            yield _part(real, spoken[rest], None)
    for low, high in (("min_age", "max_age"), ("age_min", "age_max")):
        if low in spoken and high in spoken:
            yield _ages(spoken[low], spoken[high])
    if "amount" in spoken and "amount_refunded" in spoken:
        yield _refunded(spoken["amount"], spoken["amount_refunded"], spoken.get("refunded"))


def _first(spoken: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((spoken[name] for name in names if name in spoken), None)


def _part(part: str, whole: str, taken: str | None) -> Rule:
    """Return a rule: *part* is within *whole*, and is what *taken* leaves of it."""

    def rule(out: dict[str, Json], put: Set) -> None:
        said: Any = (out.get(part), out.get(whole), out.get(taken or ""))
        if (
            not all(isinstance(value, int) and not isinstance(value, bool) for value in said[:2])
            or said[1] < 0
        ):
            return
        if isinstance(said[2], int) and not isinstance(said[2], bool) and taken is not None:
            put(taken, said[2] % (said[1] + 1))
            put(part, said[1] - int(out[taken]))
        elif said[0] > said[1]:
            put(part, said[0] % (said[1] + 1))

    return rule


def _ages(low: str, high: str) -> Rule:
    """Return a rule for the ages of people: what is drawn for "max age" alone is of a cache."""

    def rule(out: dict[str, Json], put: Set) -> None:
        first, last = out.get(low), out.get(high)
        if isinstance(first, int) and isinstance(last, int) and last > 100:
            put(low, 18 + first % 15)
            put(high, 35 + last % 30)

    return rule


def _refunded(amount: str, back: str, flag: str | None) -> Rule:
    def rule(out: dict[str, Json], put: Set) -> None:
        if isinstance(out.get(amount), (int, float)) and isinstance(out.get(back), (int, float)):
            if flag is not None and isinstance(out.get(flag), bool):
                put(back, out[amount] if out[flag] else 0)
            elif out[back] > out[amount]:
                put(back, 0)

    return rule
