"""
Follow a thing through its life along the links of the contract: made, read, changed, deleted.

A journey starts with a documented call and follows every link of every answer
once, the deletions last, so that what was made is also removed where the
contract says how. Only what the contract determines is judged: each answer is a
documented one and keeps its promise, and a link that reads something finds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from mockserver.contract.model import Contract, Operation
from mockserver.contract.runtime import LeadsNowhere
from mockserver.generation import choose
from mockserver.verify.calls import successful_call
from mockserver.verify.circumstances import ABSENT
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.links import Asked, Link, links_of
from mockserver.verify.requests import Said, Unsayable
from mockserver.verify.verdicts import held

MOST_CALLS = 40

Send = Callable[[Operation, Said], Exchanged]
"""Asks the server; raises `LeadsNowhere` where that would change what is not ours to change."""

_READING = ("GET", "HEAD")

_ENDING = re.compile(r"(?:^|[/_.-])(del|delete|remove|destroy|erase|purge)(?=[A-Z/_.-]|$)")
"""What an operation is called that ends a life by another method: "deleteCampaign", /camp/del.json."""


@dataclass
class Journey:
    """
    What came of a journey.

    Attributes:
        start: Why it could not start, "" when it did.
        followed: Links that were followed, in order.
        untrodden: Links that led nowhere, and why.
        findings: What is wrong.
    """

    start: str = ""
    followed: list[str] = field(default_factory=list)
    untrodden: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def starts(contract: Contract) -> Iterator[Operation]:
    """Yield the operations whose success has links."""
    for operation in contract.operations.values():
        success = choose.success(operation)
        if success is not None and success.promise.links:
            yield operation


def travel(contract: Contract, operation: Operation, send: Send) -> Journey:
    """Make the journey that starts with the first documented call of *operation*."""
    journey = Journey()
    try:
        call = successful_call(operation)
    except Unsayable as error:
        journey.start = str(error)
        return journey
    try:
        first = Asked(operation, call.said, send(operation, call.said))
    except LeadsNowhere as error:
        journey.start = str(error)
        return journey
    answer = first.exchanged.response
    if answer is None or not 200 <= answer.status < 300:
        journey.start = f"{operation.id} is answered {answer.status if answer else first.exchanged.trouble}"
        return journey
    _Way(contract, send, journey, [first.exchanged]).go(first)
    return journey


def _ends(operation: Operation) -> bool:
    """Return whether an operation deletes, by its method or by its name."""
    named = (operation.id, operation.route.template)
    return operation.method == "DELETE" or any(_ENDING.search(name) is not None for name in named)


@dataclass
class _Way:
    contract: Contract
    send: Send
    journey: Journey
    behind: list[Exchanged]
    seen: set[tuple[str, str]] = field(default_factory=set)

    def go(self, first: Asked) -> None:
        ahead = self._links(first)
        while ahead and len(self.behind) < MOST_CALLS:
            # Deleting ends a life: it waits until there is nothing else to do.
            ahead.sort(key=lambda one: _ends(one[0].target))
            link, asked = ahead.pop(0)
            reached = self._follow(link, asked)
            if reached is not None:
                ahead += self._links(reached)

    def _links(self, asked: Asked) -> list[tuple[Link, Asked]]:
        response = asked.exchanged.response
        assert response is not None
        found = []
        for link in links_of(self.contract, asked.operation, response.status):
            if (asked.operation.id, link.name) not in self.seen:
                self.seen.add((asked.operation.id, link.name))
                found.append((link, asked))
        return found

    def _follow(self, link: Link, asked: Asked) -> Asked | None:
        """Follow one link; return what was reached where it went well."""
        try:
            exchanged = self.send(link.target, said := link.said(asked))
        except (LeadsNowhere, Unsayable) as error:
            self.journey.untrodden.append(f"{link}: {error}")
            return None
        self.behind.append(exchanged)
        self.journey.followed.append(str(link))
        found = held(self.contract, link.target, exchanged)
        response = exchanged.response
        good = response is not None and 200 <= response.status < 300
        before = asked.exchanged.response
        if response is not None and response.status in ABSENT and before is not None and before.status == 202:
            self.journey.untrodden.append(f"{link}: it is answered {response.status}, and may take its time")
            return None
        if not found and not good and link.target.method in _READING and response is not None:
            detail = f"The link {link} leads to an answer {response.status}, not to what it promises."
            place = self.contract.located(link.source.place)
            found = [Finding("links/read", link.target.id, detail, place, found=response.status)]
        steps = tuple(self.behind)
        self.journey.findings += [replace(one, calls=steps) for one in found]
        return Asked(link.target, said, exchanged) if good and not found else None
