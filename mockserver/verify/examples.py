"""
The phase that asks what the contract itself says: its examples, its refusals, its links.

Deterministic and quick: a call of its own for each example, for each thing that
may not be left out, and for each link.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mockserver.contract.model import Operation
from mockserver.contract.runtime import LeadsNowhere
from mockserver.exchange import Json
from mockserver.verify.calls import Call, every_call, successful_call
from mockserver.verify.circumstances import ABSENT, CIRCUMSTANCES
from mockserver.verify.context import NOT_OURS, Context
from mockserver.verify.dialects import unexplained
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.laws.bodies import names_another
from mockserver.verify.lifecycles import starts, travel
from mockserver.verify.misvalued import misvalued, taken, undocumented
from mockserver.verify.phases import Case, Checked, Event, Outcome
from mockserver.verify.refusals import Wrong, refused, turned_away, wrong_requests
from mockserver.verify.requests import Said, Unsayable, other_scheme
from mockserver.verify.standing_in import Understudies
from mockserver.verify.verdicts import as_documented, held

INVALID = (400, 422)


class Examples:
    """The phase."""

    name = "examples"

    def cases(self, context: Context) -> Iterator[Case]:
        """Yield documented calls, wrong requests, and journeys along the links."""
        contract = context.contract
        understudies = Understudies(contract)
        yield from (Documented(call, understudies) for call in every_call(contract))
        yield from (Refused(wrong, understudies) for wrong in wrong_requests(contract))
        yield from (WronglySaid(operation, understudies) for operation in contract.operations.values())
        yield from (Life(operation) for operation in starts(contract))


class Documented(Case):
    """One documented call."""

    kind = "call"
    check = "examples/call"

    def __init__(self, call: Call, understudies: Understudies) -> None:
        self.call = call
        self.understudies = understudies
        self.operations = (call.operation,)
        self.skip = call.skip

    def __str__(self) -> str:
        return str(self.call)

    def run(self, context: Context) -> Iterator[Event]:
        """Make it, and hold the answer to the contract and to what is printed."""
        call = self.call
        if not context.permits(call.operation, context.request(call.operation, call.said)):
            yield from self._understudied(context)
            return
        exchanged = context.ask(call.operation, call.said)
        response = exchanged.response
        if response is not None and response.status == 401 and call.succeeds:
            shown = context.first.fields(context.contract, call.operation)
            why = other_scheme(context.contract, call.operation, shown)
            if why:
                yield Checked(call.operation.id, self.check, "inconclusive", why)
                return
        elsewhere = response is not None and not context.printed and not call.fits(response.status)
        if response is not None and elsewhere and (not call.succeeds or hangs_on_data(call, response.status)):
            found = held(context.contract, call.operation, exchanged)
            why = f"answered {response.status}, not {call.statuses[0]}: the server has data of its own"
            yield from _concluded(self, found, inconclusive=why)
            return
        found = as_documented(context.contract, call, exchanged, printed=context.printed)
        yield from _concluded(self, unexplained(context, call, exchanged, found))

    def _understudied(self, context: Context) -> Iterator[Event]:
        """Make the call with a thing of our own, whose state need not be what the example is about."""
        call = self.call
        with self.understudies.said(context, call.operation, call.said) as said:
            if said is None:
                yield Checked(call.operation.id, self.check, "inconclusive", NOT_OURS)
                return
            exchanged = context.ask(call.operation, said)
        found = held(context.contract, call.operation, exchanged)
        response = exchanged.response
        good = response is not None and call.fits(response.status)
        why = "" if good else "asked of a thing of our own, which the example is not about"
        yield from _concluded(self, found, inconclusive=why)


class Refused(Case):
    """One request that the contract excludes."""

    kind = "wrong"
    check = "examples/refusal"

    def __init__(self, wrong: Wrong, understudies: Understudies) -> None:
        self.wrong = wrong
        self.understudies = understudies
        self.operations = (wrong.operation,)
        self.skip = wrong.skip

    def __str__(self) -> str:
        return str(self.wrong)

    def run(self, context: Context) -> Iterator[Event]:
        """Send it, and hold the refusal to the contract."""
        wrong = self.wrong
        if wrong.stranger and context.target.takes_anybody:
            why = "a mockserver takes any token, unless it was started with --auth listed"
            yield Checked(wrong.operation.id, self.check, "skipped", why)
            return
        shown = context.first.fields(context.contract, wrong.operation)
        request = wrong.request(context.contract, shown)
        undeclared = wrong.status == "405" and request.method != "DELETE"
        exchanged, why = None, NOT_OURS
        if undeclared or context.permits(wrong.operation, request):
            exchanged = context.send(request, wrong.operation.id)
        if exchanged is not None and _may_hide(wrong, exchanged):
            exchanged, why = None, "it is answered 404, and what it is about may not be there"
        elif exchanged is not None and self._as_anybody(context, exchanged):
            why = f"it is answered {exchanged.answered.split()[0]} to everybody"
            yield Checked(wrong.operation.id, self.check, "inconclusive", why)
            return
        if exchanged is None:
            with self.understudies.said(context, wrong.operation, wrong.said) as said:
                if said is None:
                    yield Checked(wrong.operation.id, self.check, "inconclusive", why)
                    return
                request = replace(wrong, said=said).request(context.contract, shown)
                exchanged = context.send(request, wrong.operation.id)
        yield from _concluded(self, refused(context.contract, wrong, exchanged))

    def _as_anybody(self, context: Context, exchanged: Exchanged) -> bool:
        """
        Return whether who shows credentials is refused in the same way: it is what is asked that is refused.

        What is looked at first is up to a server: who is asking, what is there, or whether it makes sense.
        """
        wrong, response = self.wrong, exchanged.response
        if (
            wrong.status != "401"
            or response is None
            or response.status in (401, 403)
            or response.status < 400
        ):
            return False
        shown = context.ask(wrong.operation, wrong.said).response
        return shown is not None and shown.status == response.status


def _may_hide(wrong: Wrong, exchanged: Exchanged) -> bool:
    """Return whether nobody is told that a thing is not there: it may be so, or be what nobody is told."""
    response = exchanged.response
    return response is not None and response.status == 404 and turned_away(wrong, 404)


class WronglySaid(Case):
    """Requests of one operation, each with one value that the contract excludes."""

    kind = "values"
    check = "examples/values"

    def __init__(self, operation: Operation, understudies: Understudies) -> None:
        self.operations = (operation,)
        self.understudies = understudies
        self.skip = undocumented(operation)

    def __str__(self) -> str:
        return f"{self.operations[0].id}-wrong-values"

    def run(self, context: Context) -> Iterator[Event]:
        """Send them one after the other, until one is taken."""
        operation = self.operations[0]
        try:
            said = successful_call(operation).said
        except Unsayable as error:
            yield Checked(operation.id, self.check, "skipped", f"no request can be made up: {error}")
            return
        if context.permits(operation, context.request(operation, said)):
            yield from self._said(context, said)
            return
        with self.understudies.said(context, operation, said) as own:
            if own is None:
                yield Checked(operation.id, self.check, "inconclusive", NOT_OURS)
                return
            yield from self._said(context, own)

    def _said(self, context: Context, said: Said) -> Iterator[Event]:
        operation, asked = self.operations[0], 0
        for one in misvalued(context.contract, operation, said):
            if context.budget.over:
                break
            asked += 1
            shown = context.first.fields(context.contract, operation)
            exchanged = context.send(one.request(context.contract, shown), operation.id)
            found = taken(context.contract, one, exchanged)
            if found:
                yield from found
                return
        outcome: Outcome = "passed" if asked else "skipped"
        why = "" if asked else "nothing can be said wrongly"
        yield Checked(operation.id, self.check, outcome, why, count=max(1, asked))


class Life(Case):
    """One journey along the links."""

    kind = "start"
    check = "examples/links"

    def __init__(self, operation: Operation) -> None:
        self.operations = (operation,)

    def __str__(self) -> str:
        return self.operations[0].id

    def run(self, context: Context) -> Iterator[Event]:
        """Follow them."""

        def ask(operation: Operation, said: Said) -> Exchanged:
            if not context.permits(operation, context.request(operation, said)):
                raise LeadsNowhere(NOT_OURS)
            return context.ask(operation, said)

        journey = travel(context.contract, self.operations[0], ask)
        why = journey.start or ("" if journey.followed else "; ".join(journey.untrodden))
        yield from _concluded(self, journey.findings, inconclusive=why)


def hangs_on_data(call: Call, status: int) -> bool:
    """
    Return whether a documented call may be refused with *status* by a server that has data of its own.

    What it is about is not there, or not the caller's; or its body names something else that is not there.
    """
    if status in ABSENT:
        return True
    if call.operation.promise(status) is None:
        return False
    return status in CIRCUMSTANCES or (status in INVALID and _refers(call.said.body))


def _refers(value: Json) -> bool:
    """Return whether a body names other things by their keys."""
    if isinstance(value, dict):
        return any(
            (names_another(name) and bool(inner) and not isinstance(inner, dict)) or _refers(inner)
            for name, inner in value.items()
        )
    return isinstance(value, list) and any(map(_refers, value))


def _concluded(case: Case, found: list[Finding], inconclusive: str = "") -> Iterator[Event]:
    yield from found
    if not found:
        outcome = Checked(case.operations[0].id, case.check, "passed")
        if inconclusive:
            outcome = Checked(case.operations[0].id, case.check, "inconclusive", inconclusive)
        yield outcome
