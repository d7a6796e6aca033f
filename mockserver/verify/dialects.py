"""
What a printed example shows of a choice: another option would have printed something else.

The mock takes the first option of each of `choices`, and the documents' examples show
that one. An implementation that takes another answers some documented call otherwise,
and is right. So where an answer is not the printed one, our own mock is asked the same
in each other dialect; what one of them answers is no finding.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from mockserver.behavior.model import written
from mockserver.verify import requests
from mockserver.verify.calls import Call
from mockserver.verify.context import Context
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.invariants import body_of
from mockserver.verify.rules.options import others
from mockserver.verify.verdicts import differing, meant

MOST = 200
"""Dialects that one answer is looked for in."""

PRINTED = frozenset({"examples/status", "examples/value"})
"""Findings that say no more than that an answer is not the documented one."""


def unexplained(context: Context, call: Call, exchanged: Exchanged, found: list[Finding]) -> list[Finding]:
    """Return what of *found* stays where the server may take any option of the choices that rules ask for."""
    printed = [one for one in found if one.rule in PRINTED]
    if not printed or context.located.behavior_file is None or exchanged.response is None:
        return found
    if any(_explains(call, answer, exchanged, printed) for answer in _answers(context, call)):
        return [one for one in found if one not in printed]
    return found


def _answers(context: Context, call: Call) -> Iterator[Exchanged]:
    """Yield the mock's answer to *call*, on a fresh world, with other options of one choice, then of two."""
    behavior = context.behavior
    names = sorted(behavior.consulted)
    if not names:
        return
    from mockserver.server.api import Api
    from mockserver.server.journal import Journal
    from mockserver.server.pipeline import Host

    first: Mapping[str, str] = {name: written(behavior.choices[name].options[0]) for name in names}
    api = Api(context.located, outside=context.outside, choices=first)
    request = requests.written(api.contract, call.operation, call.said, headers={"host": "127.0.0.1"})
    operation = api.contract.operations[call.operation.id]
    for taken in itertools.islice(others(api, names), MOST):
        api.engine.taken = taken
        response = Host([api], Journal(0)).handle(request)
        yield meant(operation, Exchanged(request, response, operation.id))


def _explains(call: Call, answer: Exchanged, exchanged: Exchanged, printed: list[Finding]) -> bool:
    mine, theirs = answer.response, exchanged.response
    if mine is None or theirs is None or mine.status != theirs.status:
        return False
    if not call.fits(theirs.status):
        return True
    other = [pointer for pointer, _, _ in differing(body_of(mine), body_of(theirs))]
    return not any(_overlap(one.pointer, pointer) for one in printed for pointer in other)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
