"""
A contract together with what its document leaves open.

`choices` of behavior.yaml say where a server may answer one status or another (400
or 422, 200 or 201). A contract documents the first of them. The judge's contract
documents them all: the others promise what the first does, body and header fields.
So nobody who holds an answer against it has to know of choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mockserver.behavior.model import Behavior, Refusal, Rule
from mockserver.contract.model import Contract, Operation


def widened(contract: Contract, behavior: Behavior) -> Contract:
    """Return *contract* with the statuses that choices of *behavior* permit beside the documented ones."""
    return replace(contract, operations=_Widened(contract.operations, behavior))


class _Widened(Mapping[str, Operation]):
    """Operations by id, each widened when it is first asked for."""

    def __init__(self, operations: Mapping[str, Operation], behavior: Behavior) -> None:
        self._operations = operations
        self._behavior = behavior
        self._made: dict[str, Operation] = {}

    def __getitem__(self, key: str) -> Operation:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = _widened(self._operations[key], self._behavior)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._operations)

    def __len__(self) -> int:
        return len(self._operations)


def _widened(operation: Operation, behavior: Behavior) -> Operation:
    responses = dict(operation.responses)
    for choice in dict.fromkeys(_asked(operation.id, behavior)):
        options = [str(option) for option in behavior.choices[choice].options]
        if not all(option.isdecimal() and len(option) == 3 for option in options):
            continue
        documented = next((operation.responses[one] for one in options if one in operation.responses), None)
        if documented is not None:
            for option in options:
                responses.setdefault(option, replace(documented, status=option))
    return replace(operation, responses=responses) if len(responses) > len(operation.responses) else operation


def _asked(operation: str, behavior: Behavior) -> Iterator[str]:
    """Yield the choices that a status of *operation* depends on."""
    statuses = [refusal.status for refusal in behavior.refusals.values()]
    rule = behavior.rules.get(operation)
    if rule is not None:
        statuses += [refusal.status for refusal in _refusals(rule, behavior)]
        statuses += [answer.status for answer in rule.answers if answer.status is not None]
    for status in statuses:
        for function, argument in getattr(status, "asked", ()):
            if function == "choice" and argument in behavior.choices:
                yield argument


def _refusals(rule: Rule, behavior: Behavior) -> Iterator[Refusal]:
    yield from (refusal for _, refusal in rule.refusals)
    yield from (step.refusal for step in rule.steps if step.refusal is not None)
    if rule.item is not None and rule.item.unknown is not None:
        yield rule.item.unknown
    for collection in behavior.collections.values():
        yield from (unique.refusal for unique in collection.unique)
