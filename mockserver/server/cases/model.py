"""
What a case says: which state, which request, which answer, and whether that is as the contract has it.

The vocabulary is closed; docs/cases.md describes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.exchange import MISSING, Json


@dataclass(frozen=True)
class Send:
    """
    The request of a case.

    Attributes:
        target: Path and query below the API's root; "" for one that the operation answers.
        headers: Fields that go along, over the credentials of the first account.
        body: Its bytes.
        media_type: Of these.
    """

    target: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    media_type: str = ""


@dataclass(frozen=True)
class Forced:
    """
    The answer of a case, where the rules would give another.

    Attributes:
        status: None for that of the rules, or of the example.
        example: The documented example of this name; "" for none.
        headers: Over the others.
        body: All of it; `MISSING` where it is what the rules or the example give.
        change: JSON Pointer -> value: places of that body which are another.
        remove: JSON Pointers of places which are not there.
    """

    status: int | None = None
    example: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Json = MISSING
    change: Mapping[str, Json] = field(default_factory=dict)
    remove: tuple[str, ...] = ()


@dataclass(frozen=True)
class Broken:
    """A rule that a case breaks on purpose: as `Violation` names it."""

    where: str
    pointer: str
    keyword: str

    def json(self) -> Json:
        """As a case file has it."""
        return {"in": self.where, "pointer": self.pointer, "keyword": self.keyword}

    def __str__(self) -> str:
        return f"{self.where} {self.pointer or '(whole)'}: {self.keyword}"


@dataclass(frozen=True)
class Case:
    """
    One edge case.

    Attributes:
        name: The file's, without its ending.
        about: One sentence for a person.
        operation: The id of the operation that it is a case of.
        file: Where it is written.
        given: Collection -> key -> fields of the row, or None for a row that is not there.
        now: The time, "" for the world's own.
        send: The request that shows it.
        answer: What is answered in place of what the rules would; None where they answer.
        fault: A name in the table of server/faults.py; "" for none.
        delay: Milliseconds.
        expect: JSON Pointer -> value in the answer's body.
        status: The status that comes; None where nothing is said.
        breaks: The rules of the contract that are broken; () of a valid case.
    """

    name: str
    about: str
    operation: str
    file: str
    given: Mapping[str, Mapping[str, Mapping[str, Json] | None]] = field(default_factory=dict)
    now: str = ""
    send: Send = field(default_factory=Send)
    answer: Forced | None = None
    fault: str = ""
    delay: int = 0
    expect: Mapping[str, Json] = field(default_factory=dict)
    status: int | None = None
    breaks: tuple[Broken, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether request and answer are as the contract has them."""
        return not self.breaks

    def json(self) -> Json:
        """Return what a list of cases shows."""
        return {
            "name": self.name,
            "about": self.about,
            "operation": self.operation,
            "valid": self.valid,
            "breaks": [one.json() for one in self.breaks],
            "setsState": bool(self.given or self.now),
            "forcesAnswer": self.answer is not None,
            "fault": self.fault,
            "delay": self.delay,
            "file": self.file,
        }
