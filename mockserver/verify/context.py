"""
What a phase has at hand: the contract, the server, who it is, how long it may take, what it may do.

All that is sent goes through here, so that the record is whole: coverage, the
HAR file and the calls below a finding come of it.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from mockserver.contract.locate import Located
from mockserver.contract.model import Contract, Operation
from mockserver.contract.routes import Match
from mockserver.errors import UsageError
from mockserver.exchange import Request
from mockserver.verify.created import SAFE, Created
from mockserver.verify.findings import Exchanged, Finding, secret
from mockserver.verify.requests import TOKEN, Said, authorized, saying, written
from mockserver.verify.resources import shards
from mockserver.verify.target import Target
from mockserver.verify.verdicts import Dialect, meant

if TYPE_CHECKING:
    from mockserver.behavior.model import Behavior
    from mockserver.server.api import Api
    from mockserver.verify.invariants import Holding

Level = Literal["smoke", "default", "deep"]

READINGS: Mapping[Level, int] = {"smoke": 10, "default": 60, "deep": 500}
"""Level -> readings, in a run, for each invariant that needs another answer."""


NOT_OURS = "it would change what this run did not make: --allow-destructive"
"""Why something is not asked: the option lets it be."""


@dataclass(frozen=True)
class Identity:
    """
    Who asks.

    Attributes:
        name: For a person, e.g. "the first account".
        headers: Fields (lower case) that go along with every request; they take the place of `token`.
        token: What is shown where an operation asks for credentials and *headers* has none.
        further: Other values of Authorization, for operations that ask for another scheme.
    """

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    token: str = TOKEN
    further: tuple[str, ...] = ()

    def fields(self, contract: Contract, operation: Operation) -> Mapping[str, str]:
        """Return the fields that go along with a request of *operation*."""
        return authorized(contract, operation, self.headers, self.further)


@dataclass
class Budget:
    """
    How long a run may take.

    Args:
        seconds: From now on; None for no bound.
    """

    seconds: float | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds, never below 0; infinite where there is no bound."""
        return max(0.0, self.seconds - self.spent) if self.seconds is not None else float("inf")

    @property
    def over(self) -> bool:
        """Whether there is no time left."""
        return self.left <= 0


@dataclass(frozen=True)
class Shard:
    """Part `index` (counted from 1) of `count`. Every operation is in one; a resource's are together."""

    index: int = 1
    count: int = 1


@dataclass
class Context:
    """
    All that a phase has at hand.

    Attributes:
        located: The API's files.
        target: The server that is judged.
        first: Who asks, unless somebody else is named.
        second: Another identity, which must not see what is the first's; None where there is none.
        seed: All that is drawn comes of it.
        level: How thoroughly.
        destructive: Whether things that this run did not create may be changed or deleted.
        data: "documented" or "own": whether the server holds the documents' own data; "" finds out.
        record: Every call, in order.
        seen: Findings that more than one answer shows, as they were met.
        dialect: How this server says refusals that may come as successes.
        told: Identities of the findings that were told, so that none is told with every case.
        crashed: Operations of which was told that a request fails them, so that it is told by one rule.
        catcher: HOST:PORT where the server was told to send its webhooks, "" where it is told by us.
        webhook_secret: With which it signs them, "" where that is not known.
        outside: Whether the contract's references may leave its folder.
        patience: Seconds that are waited before something is read that was just changed.
    """

    located: Located
    target: Target
    first: Identity = Identity("the first account")
    second: Identity | None = None
    seed: int = 1
    level: Level = "default"
    budget: Budget = field(default_factory=Budget)
    shard: Shard = Shard()
    destructive: bool = False
    data: str = ""
    outside: bool = False
    catcher: str = ""
    webhook_secret: str = ""
    record: list[Exchanged] = field(default_factory=list)
    seen: list[Finding] = field(default_factory=list)
    dialect: Dialect = field(default_factory=Dialect)
    told: set[tuple[str, str, str]] = field(default_factory=set)
    crashed: set[str] = field(default_factory=set)
    patience: float = 0.0
    _changed: bool = False
    _names: Iterator[int] = field(default_factory=lambda: count(1))  # one for all forks: names are used up
    _tag: int = 0

    @cached_property
    def contract(self) -> Contract:
        """The contract, with all that its document leaves open."""
        from mockserver.behavior.permitted import refusing, widened

        ruled = self.located.behavior_file is not None
        contract = refusing(widened(self.written, self.api.behavior) if ruled else self.written)
        return replace(contract, holds=self.holding.violations)

    @property
    def written(self) -> Contract:
        """The contract as it is written."""
        return self.api.contract

    @cached_property
    def holding(self) -> Holding:
        """What holds answers to the contract's invariants."""
        from mockserver.verify.invariants import Holding

        return Holding(self.api, self.first.token, READINGS[self.level])

    @cached_property
    def api(self) -> Api:
        """The API as the mock serves it: contract, rules, world and engine, to be a model of the server."""
        from mockserver.server.api import Api

        return Api(self.located, outside=self.outside)

    @property
    def behavior(self) -> Behavior:
        """The rules: those of behavior.yaml, or the collections that are inferred."""
        return self.api.behavior

    def ask(self, operation: Operation, said: Said, identity: Identity | None = None) -> Exchanged:
        """Say it as *identity* (the first one, where None), and return what was sent and answered."""
        return self.send(self.request(operation, said, identity), operation.id)

    def request(self, operation: Operation, said: Said, identity: Identity | None = None) -> Request:
        """Return the request that says it as *identity*."""
        who = identity or self.first
        fields = who.fields(self.contract, operation)
        return written(self.contract, operation, said, headers=fields, token=who.token)

    def send(self, request: Request, operation: str = "") -> Exchanged:
        """Send *request* below the base URL, and keep it and its answer."""
        if self.patience:
            changed, self._changed = self._changed, request.method not in SAFE
            if changed and not self._changed:
                time.sleep(min(self.patience, self.budget.left))
        call = self.keep(self.target.send(request, operation, timeout=self.budget.left), operation)
        if operation in self.contract.operations:
            self.seen += self.holding.followed(self.contract.operations[operation], call, self.send)
        return call

    def keep(self, call: Exchanged, operation: str) -> Exchanged:
        """Keep a call in the record, and remember what it made."""
        call = replace(call, operation=operation)
        if operation in self.contract.operations:
            call = meant(self.contract.operations[operation], call)
            self.seen += self.dialect.mixed(self.contract, self.contract.operations[operation], call)
            self.created.note(self.contract.operations[operation], call)
        self.record.append(call)
        return call

    @cached_property
    def created(self) -> Created:
        """What was made on the server by this run."""
        return Created(self.contract, self.behavior, self.captured)

    def captured(self, operation: Operation, path: str) -> Mapping[str, str] | None:
        """Return the raw path parameters in the path of a request; None where it is not the operation's."""
        found = self.api.routes.match(operation.method, path)
        return found.captured if isinstance(found, Match) and found.route.id == operation.id else None

    @property
    def may_change(self) -> bool:
        """Whether anything may be changed and deleted: it can be put back, or it was allowed."""
        return self.destructive or self.puts_back

    def permits(self, operation: Operation, request: Request) -> bool:
        """Return whether *request* may be sent: it touches nothing but what this run has made."""
        if self.may_change:
            return True
        captured = self.captured(operation, request.path)
        return captured is not None and self.created.permits(operation, captured)

    def has(self, operation: Operation) -> bool:
        """Return whether an operation is in this run's shard."""
        if self.shard.count == 1:
            return True
        return operation.id in shards(self.contract, self.shard.count)[self.shard.index - 1]

    def shown(self, operations: Iterable[Operation], identity: Identity | None = None) -> dict[str, str]:
        """Return the header fields with credentials that these operations ask for."""
        who = identity or self.first
        shown: dict[str, str] = {}
        for operation in operations:
            fields = who.fields(self.contract, operation)
            request = written(self.contract, operation, Said(), headers=fields, token=who.token)
            for name, value in request.headers:
                shown.setdefault(name, value)
        return shown

    @property
    def secrets(self) -> dict[str, str]:
        """Value of a header field -> the variable that stands for it where calls are shown."""
        found: dict[str, str] = {}
        for start, who in (("$OTHER_", self.second), ("$", self.first)):
            if who is None:
                continue
            shown = [self.shown([one], who) for one in self.contract.operations.values()]
            for name, value in [pair for fields in (*shown, who.headers) for pair in fields.items()]:
                if variable := secret(name):
                    found[value] = start + variable.removeprefix("$")
        return found

    def fresh(self) -> bool:
        """Put the server's world back to its start; return False where it cannot be, and is left as it is."""
        return self.target.reset()

    @cached_property
    def printed(self) -> bool:
        """Whether the server holds the documents' own data, so that printed values are expected."""
        known = self.located.behavior_file is not None and self.target.is_mock
        return self.data == "documented" or (not self.data and known)

    @property
    def puts_back(self) -> bool:
        """Whether the server's world can be put back to its start, so that nothing is lost by a run."""
        return self.target.puts_back

    def unique(self, text: str) -> str:
        """
        Return *text* with an ending that no other call of this run returns.

        The same for the same seed. Where a server says that the name is taken (a run before this one was
        not cleaned up), call `other_names` and try once more.
        """
        mark = hashlib.sha256(f"{self.seed}/{self._tag}".encode()).hexdigest()[:5]
        return f"{text} {mark}{next(self._names)}"

    def other_names(self) -> None:
        """Let `unique` return other names from now on."""
        self._tag += 1

    def forked(self) -> Context:
        """Return a context like this one whose record begins anew."""
        _ = self.created  # shared, so that what a fork makes is taken away as well
        fork = copy(self)
        fork.record = []
        return fork

    def tidy(self) -> list[str]:
        """Take away what this run has made, and return what could not be."""
        if self.puts_back:
            self.target.reset()
            self.target.leave()
            return []
        left = []
        for operation, path in self.created.removals():
            said = {name: unquote(raw) for name, raw in (self.captured(operation, path) or {}).items()}
            call = self.ask(
                operation,
                saying(operation, parameters={("path", name): value for name, value in said.items()}),
            )
            if call.response is None or call.response.status not in (200, 202, 204, 404, 410):
                left.append(path)
        return left + self.created.left


def shard_of(text: str) -> Shard:
    """
    Read "I/N", e.g. "2/3".

    Raises:
        UsageError: It is none, or I is not among 1 to N.
    """
    index, slash, count = text.partition("/")
    if not (slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise UsageError(f"--shard {text!r}: expected I/N with I from 1 to N, e.g. 2/3")
    return Shard(int(index), int(count))
