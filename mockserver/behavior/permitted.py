"""
A contract together with what its document leaves open.

`choices` of behavior.yaml say where a server may answer one status or another (400
or 422, 200 or 201). A contract documents the first of them. The judge's contract
documents them all: the others promise what the first does, body and header fields.
So does that of a mock which takes another option. Nobody who holds an answer
against such a contract has to know of choices.

Where a choice leaves a status open altogether (`free`), a server refuses as it sees fit: with any
status that is commonly said of a state, worded as the API words its other refusals.

One choice is everybody's: whether a malformed request is answered 400 or 422. Frameworks
differ, both say the same of the request (RFC 9110, 15.5.1 and 15.5.21), and clients have
to know both. So where one is documented, a judge's contract has the other as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from mockserver.behavior.model import Behavior, Refusal, Rule
from mockserver.contract.model import Contract, Operation, Promise

_OF_A_STATE = ("409", "404", "422")
"""What servers say of a thing that is not as it must be."""


def widened(contract: Contract, behavior: Behavior) -> Contract:
    """Return *contract* with the statuses that choices of *behavior* permit beside the documented ones."""
    return replace(contract, operations=_Widened(contract.operations, lambda one: _widened(one, behavior)))


def refusing(contract: Contract) -> Contract:
    """Return *contract* with 400 and 422 where it documents one of the two."""
    return replace(contract, operations=_Widened(contract.operations, _refusing))


class _Widened(Mapping[str, Operation]):
    """Operations by id, each widened when it is first asked for."""

    def __init__(self, operations: Mapping[str, Operation], widen: Callable[[Operation], Operation]) -> None:
        self._operations = operations
        self._widen = widen
        self._made: dict[str, Operation] = {}

    def __getitem__(self, key: str) -> Operation:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._widen(self._operations[key])
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._operations)

    def __len__(self) -> int:
        return len(self._operations)


def _refusing(operation: Operation) -> Operation:
    responses = dict(operation.responses)
    for one, other in (("400", "422"), ("422", "400")):
        if one in operation.responses and other not in operation.responses:
            responses[other] = replace(operation.responses[one], status=other, lent=True)
    return replace(operation, responses=responses) if responses != operation.responses else operation


def _widened(operation: Operation, behavior: Behavior) -> Operation:
    responses = dict(operation.responses)
    for name in dict.fromkeys(_asked(operation, behavior)):
        options = [str(option) for option in behavior.choices[name].options]
        if not all(map(is_status, options)):
            continue
        first = operation.promise(int(options[0]))
        if first is None:
            continue
        for option in options[1:]:
            there = responses.get(option)
            if there is None:
                responses[option] = replace(first, status=option)
            elif first.status[0] != "2" and not _among(first, (there, *there.refusals)):
                responses[option] = replace(there, refusals=(*there.refusals, first))
    if any("status" in choice.free.get(operation.id, ()) for choice in behavior.choices.values()):
        worded = next((responses[one] for one in (*_OF_A_STATE, "400") if one in responses), None)
        if worded is not None:
            for status in _OF_A_STATE:
                responses.setdefault(status, replace(worded, status=status, refusals=()))
    return replace(operation, responses=responses) if responses != operation.responses else operation


def _among(promise: Promise, known: tuple[Promise, ...]) -> bool:
    return any(one.place == promise.place for one in known)


def is_status(text: str) -> bool:
    """Return whether an option is a status code."""
    return text.isdecimal() and len(text) == 3


def _asked(operation: Operation, behavior: Behavior) -> Iterator[str]:
    """Yield the choices that a status of *operation* depends on."""
    rule = behavior.rules.get(operation.id)
    statuses = [refusal.status for refusal in _general(behavior, rule)]
    if rule is not None:
        statuses += [refusal.status for refusal in _refusals(rule, behavior)]
        statuses += [answer.status for answer in rule.answers if answer.status is not None]
    for status in statuses:
        for function, argument in getattr(status, "asked", ()):
            if function == "choice" and argument in behavior.choices:
                yield argument


def _general(behavior: Behavior, rule: Rule | None) -> Iterator[Refusal]:
    """Yield how the API words what the server itself refuses, as far as that can be said of an operation."""
    item = rule.item if rule is not None else None
    looks_up = item is not None and item.unknown is None and not item.optional
    for kind, refusal in behavior.refusals.items():
        if kind != "unknown" or looks_up:
            yield refusal


def _refusals(rule: Rule, behavior: Behavior) -> Iterator[Refusal]:
    yield from (refusal for _, refusal in rule.refusals)
    yield from (step.refusal for step in rule.steps if step.refusal is not None)
    if rule.item is not None and rule.item.unknown is not None:
        yield rule.item.unknown
    for name, excepted in rule.enters:
        for unique in behavior.collections[name].unique:
            if not excepted.issuperset(unique.fields):
                yield unique.refusal
