"""What the comparison says: changes, each with its place on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from mockserver.contract.model import Contract
from mockserver.exchange import Place
from mockserver.verify.diff.rules import OPERATIONS, SEVERITIES, Role, Severity, severity


@dataclass(frozen=True)
class Where:
    """
    The part of a message that a change is in.

    Attributes:
        kind: Beginning of the rule's name: "request-body", "request-parameter", "response-header" ...
        role: Whether the provider takes it or gives it.
        label: For a sentence: "query parameter 'limit'".
        name: Of the parameter or header, "" for bodies.
        location: Of the parameter: "query" ...; "" for bodies.
        status: Of the answer, as the contract has it; "" in requests.
        media: Of the body; "" elsewhere.
    """

    kind: str
    role: Role
    label: str
    name: str = ""
    location: str = ""
    status: str = ""
    media: str = ""

    def rule(self, aspect: str, pointer: str) -> str:
        """Return the name of *aspect* here: of the whole, or of the property that *pointer* leads to."""
        if not pointer:
            return f"{self.kind}-{aspect}"
        return f"{self.kind.removesuffix('-body')}-property-{aspect}"

    def said(self, pointer: str) -> str:
        """Return what a sentence calls the value at *pointer*."""
        return f"property {pointer} of the {self.label}" if pointer else f"the {self.label}"


@dataclass(frozen=True)
class Change:
    """
    One difference between two contracts.

    Attributes:
        rule: Stable, e.g. "request-parameter-became-required".
        operation: The operation's id ("" for what is about the whole contract).
        title: Method and path, or the webhook's name, as the newer contract that has it says.
        text: A sentence.
        old: Where it stands in the older contract, or the nearest thing around where it would.
        new: The same in the newer one.
        where: The part of a message, None for what is about the operation.
        pointer: Into the value there, "*" for any item or any name.
        aspect: The rule without where it applies.
        used: Whether a recorded consumer is touched by it; None where nobody was recorded.
    """

    rule: str
    severity: Severity
    operation: str
    title: str
    text: str
    old: Place
    new: Place
    where: Where | None = None
    pointer: str = ""
    aspect: str = ""
    used: bool | None = None


@dataclass
class Difference:
    """Two contracts and what changed between them, the gravest first."""

    old: Contract
    new: Contract
    changes: list[Change] = field(default_factory=list)

    def of(self, wanted: Severity) -> list[Change]:
        """Return the changes that are *wanted*."""
        return [change for change in self.changes if change.severity == wanted]

    def sort(self) -> None:
        """Put the gravest first, keeping the order of the contract among equals."""
        self.changes.sort(key=lambda change: SEVERITIES.index(change.severity))


class Notes:
    """Collects the changes of one operation; each (rule, places) once."""

    def __init__(self, operation: str, title: str) -> None:
        self.operation = operation
        self.title = title
        self._found: dict[tuple[object, ...], Change] = {}

    @property
    def changes(self) -> Sequence[Change]:
        """What was collected, in order."""
        return tuple(self._found.values())

    def about(self, rule: str, text: str, old: Place, new: Place, status: str = "") -> None:
        """Note a change of the operation itself."""
        where = Where("response", "given", f"answer {status}", status=status) if status else None
        said = _sentence(text)
        self._add(
            Change(rule, OPERATIONS[rule], self.operation, self.title, said, old, new, where, aspect=rule)
        )

    def value(self, aspect: str, where: Where, pointer: str, said: str, old: Place, new: Place) -> None:
        """Note a change of a value; *said* is the sentence's end."""
        self._add(
            Change(
                rule=where.rule(aspect, pointer),
                severity=severity(aspect, where.role),
                operation=self.operation,
                title=self.title,
                text=_sentence(f"{where.said(pointer)} {said}"),
                old=old,
                new=new,
                where=where,
                pointer=pointer,
                aspect=aspect,
            )
        )

    def _add(self, change: Change) -> None:
        key = (change.rule, change.pointer, change.where, change.text, change.old, change.new)
        self._found.setdefault(key, change)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
