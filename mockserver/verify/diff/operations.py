"""What changed between two operations that are the same one, and between two webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from mockserver.contract.model import Contract, Operation, Parameter, Promise
from mockserver.contract.openapi import variables
from mockserver.contract.reading import below, mapping
from mockserver.exchange import MISSING, Place
from mockserver.verify.diff.changes import Notes, Where
from mockserver.verify.diff.messages import Messages
from mockserver.verify.diff.rules import Role
from mockserver.verify.diff.security import requirements


@dataclass
class Operations:
    """Compares operations of two contracts."""

    old: Contract
    new: Contract
    messages: Messages = field(default_factory=Messages)

    def operation(self, notes: Notes, old: Operation, new: Operation) -> None:
        """Note all that changed between *old* and *new*."""
        self._said(notes, old, new)
        requirements(notes, (self.old, old), (self.new, new))
        self._parameters(notes, old, new, "taken", "request-parameter")
        body = Where("request-body", "taken", "request body")
        self._body(notes, old, new, body)
        self._statuses(notes, old, new)
        for key, before, after in _promises(old, new):
            self._promise(notes, key, before, after, "given", "response", "answer")

    def webhook(self, notes: Notes, old: Operation, new: Operation) -> None:
        """Note all that changed between two webhooks: what is sent is given, and the answer is taken."""
        self._said(notes, old, new)
        self._parameters(notes, old, new, "given", "webhook-parameter")
        self._body(notes, old, new, Where("webhook-body", "given", "webhook's body"))
        for key in old.responses:
            if key not in new.responses and _covering(new.responses, key) is None:
                said = f"the answer {key} is no longer taken"
                places = (old.responses[key].place, below(new.place, "responses"))
                notes.about("webhook-response-status-removed", said, *places)
        for key in new.responses:
            if key not in old.responses:
                said = f"the answer {key} is taken now"
                places = (below(old.place, "responses"), new.responses[key].place)
                notes.about("webhook-response-status-added", said, *places)
        for key, before, after in _promises(old, new):
            self._promise(notes, key, before, after, "taken", "webhook-response", "webhook's answer")

    # -------------------------------------------------------------------------------- the operation itself

    def _said(self, notes: Notes, old: Operation, new: Operation) -> None:
        before, after = self._identifier(self.old, old), self._identifier(self.new, new)
        places = (below(old.place, "operationId"), below(new.place, "operationId"))
        if before and before != after:
            said = (
                f"its operationId is {after}, it was {before}"
                if after
                else f"it lost its operationId {before}"
            )
            notes.about("operation-id-changed", said, places[0], places[1] if after else new.place)
        here = (old.place, new.place)
        if new.deprecated and not old.deprecated:
            notes.about("operation-deprecated", "it is deprecated now", *here)
        elif old.deprecated and not new.deprecated:
            notes.about("operation-reactivated", "it is no longer deprecated", *here)
        sunset(notes, old, new)

    @staticmethod
    def _identifier(contract: Contract, operation: Operation) -> str:
        said = mapping(contract.schemas.documents.at(operation.place)).get("operationId")
        return said if isinstance(said, str) else ""

    # ------------------------------------------------------------------------------------------ parameters

    def _parameters(self, notes: Notes, old: Operation, new: Operation, role: Role, kind: str) -> None:
        renamed = dict(zip(variables(old.route.template), variables(new.route.template), strict=False))
        before = {_named(parameter, renamed): parameter for parameter in old.parameters}
        after = {_named(parameter, {}): parameter for parameter in new.parameters}
        gone = [key for key in before if key not in after]
        come = [key for key in after if key not in before]
        for key in [key for key in before if key in after]:
            self.messages.parameter(notes, _where(after[key], role, kind), before[key], after[key])
        for key in gone:
            parameter = before[key]
            moved = next((other for other in come if _same_name(other[1], key[1])), None)
            if moved is not None:
                come.remove(moved)
                said = f"stands in the {moved[0]} now"
                where = _where(parameter, role, kind)
                notes.value("location-changed", where, "", said, parameter.place, after[moved].place)
                self.messages.parameter(notes, _where(after[moved], role, kind), parameter, after[moved])
                continue
            aspect = "removed" if role == "taken" or parameter.required else "removed-optional"
            around = _around(self.new, new)
            notes.value(aspect, _where(parameter, role, kind), "", "was removed", parameter.place, around)
        for key in come:
            parameter = after[key]
            aspect = "added-required" if parameter.required else "added-optional"
            said = "is new and required" if parameter.required else "is new"
            around = _around(self.old, old)
            notes.value(aspect, _where(parameter, role, kind), "", said, around, parameter.place)

    # ---------------------------------------------------------------------------------------------- bodies

    def _body(self, notes: Notes, old: Operation, new: Operation, where: Where) -> None:
        before, after = old.body, new.body
        if before is not None and after is not None:
            here = (before.place, after.place)
            if after.required and not before.required:
                notes.value("became-required", where, "", "is required now", *here)
            elif before.required and not after.required:
                notes.value("became-optional", where, "", "is optional now", *here)
            self.messages.content(notes, where, (before.content, before.place), (after.content, after.place))
        elif before is not None:
            notes.value("removed", where, "", "was removed", before.place, new.place)
        elif after is not None:
            aspect = "added-required" if after.required else "added-optional"
            said = "is new and required" if after.required else "is new"
            notes.value(aspect, where, "", said, old.place, after.place)

    def _statuses(self, notes: Notes, old: Operation, new: Operation) -> None:
        for key, promise in old.responses.items():
            if key not in new.responses and _covering(new.responses, key) is None:
                rule = f"response-{'success' if _success(key) else 'non-success'}-status-removed"
                said = f"it no longer answers {key}"
                notes.about(rule, said, promise.place, below(new.place, "responses"), key)
        for key, promise in new.responses.items():
            if key not in old.responses and not (_success(key) and _covering(old.responses, key)):
                rule = f"response-{'success' if _success(key) else 'non-success'}-status-added"
                notes.about(
                    rule, f"it may answer {key} now", below(old.place, "responses"), promise.place, key
                )

    def _promise(
        self, notes: Notes, key: str, old: Promise, new: Promise, role: Role, kind: str, called: str
    ) -> None:
        label = f"{called} {key}"
        headers = Where(f"{kind}-header", role, label, status=key)
        self.messages.headers(notes, headers, (old.headers, old.place), (new.headers, new.place))
        body = Where(f"{kind}-body", role, f"body of the {label}", status=key)
        if old.content or new.content:
            self.messages.content(notes, body, (old.content, old.place), (new.content, new.place))


def _named(parameter: Parameter, renamed: Mapping[str, str]) -> tuple[str, str]:
    name = renamed.get(parameter.name, parameter.name) if parameter.location == "path" else parameter.name
    return parameter.location, name.lower() if parameter.location == "header" else name


def _same_name(one: str, other: str) -> bool:
    return one.replace("-", "_").lower() == other.replace("-", "_").lower()


def _where(parameter: Parameter, role: Role, kind: str) -> Where:
    label = f"{parameter.location} parameter {parameter.name!r}"
    return Where(kind, role, label, name=parameter.name, location=parameter.location)


def _around(contract: Contract, operation: Operation) -> Place:
    place = below(operation.place, "parameters")
    return operation.place if contract.schemas.documents.at(place) is MISSING else place


# ------------------------------------------------------------------------------------------------- statuses


def _success(key: str) -> bool:
    return key.startswith("2")


def _covering(responses: Mapping[str, Promise], key: str) -> Promise | None:
    """
    Return the response that covers the status *key* without naming it (Responses Object).

    Beside a success that is named, `default` means errors.
    """
    if key == "default":
        return None
    ranged = responses.get(f"{key[0]}XX")
    if ranged is None and not (_success(key) and any(map(_success, responses))):
        return responses.get("default")
    return ranged


def _promises(old: Operation, new: Operation) -> list[tuple[str, Promise, Promise]]:
    """Return what each status was and is answered with: also where only one side names it."""
    found = []
    for key in dict.fromkeys((*old.responses, *new.responses)):
        before = old.responses.get(key) or _covering(old.responses, key)
        after = new.responses.get(key) or _covering(new.responses, key)
        if before is not None and after is not None and (before.content or after.content or before.headers):
            found.append((key, before, after))
    return found


# ------------------------------------------------------------------------------------------------- sunset


def sunset(notes: Notes, old: Operation, new: Operation) -> None:
    """Note what changed in `x-sunset`, the day from which an operation may be gone (as oasdiff reads it)."""
    before, after = sunset_of(old), sunset_of(new)
    if before is None or before == after:
        return
    places = (below(old.place, "x-sunset"), below(new.place, "x-sunset"))
    if after is None:
        notes.about("sunset-removed", f"it no longer ends on {before}", places[0], new.place)
    elif after < before:
        notes.about("sunset-moved-forward", f"it ends on {after}, it was {before}", *places)
    else:
        notes.about("sunset-moved-back", f"it ends on {after}, it was {before}", *places)


def sunset_of(operation: Operation) -> date | None:
    """Return the day from which *operation* may be gone."""
    said = operation.extensions.get("x-sunset")
    if isinstance(said, datetime):
        return said.date()
    if isinstance(said, date):
        return said
    try:
        return date.fromisoformat(str(said)[:10])
    except ValueError:
        return None


def today() -> date:
    """Return the day that a sunset is held against."""
    return datetime.now(UTC).date()
