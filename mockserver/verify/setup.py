"""
From what was asked for (on a command line, or in pytest) to a context and its phases.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from mockserver.contract.locate import Located
from mockserver.errors import UsageError
from mockserver.exchange import Request
from mockserver.verify.context import Budget, Context, Identity, Level, Shard, shard_of
from mockserver.verify.phases import PHASES, Phase, phases_of
from mockserver.verify.requests import OTHER_TOKEN, Unsayable, saying
from mockserver.verify.target import TIMEOUT, Target

PROFILES: dict[Level, tuple[str, ...]] = {
    "smoke": ("examples", "lockstep", "webhooks"),
    "default": ("examples", "properties", "lockstep", "webhooks"),
    "deep": ("examples", "properties", "lockstep", "webhooks"),
}
"""Level -> the phases that are run where none is named."""


MOST_ASKED = 8
"""Paths that are read to find where the contract stands."""


@dataclass(frozen=True)
class Wanted:
    """
    What was asked for, as it was said.

    Attributes:
        phases: Names; () for those of the level.
        data: "documented" or "own": whether the server holds the documents' own data; "" finds out.
    """

    located: Located
    base_url: str
    headers: tuple[str, ...] = ()
    second_headers: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    seed: int = 1
    level: Level = "default"
    max_time: float | None = None
    shard: str = ""
    destructive: bool = False
    data: str = ""
    timeout: float = TIMEOUT
    reset_url: str = ""
    reset_command: str = ""
    outside: bool = False
    catcher: str = ""
    webhook_secret: str = ""


def prepared(wanted: Wanted, target: Target | None = None) -> tuple[Context, list[Phase]]:
    """
    Return the context and the phases. Nothing was sent yet. *target*: where it is not to be opened here.

    Raises:
        UsageError: Something that was said cannot be.
        SpecError: The contract cannot be read.
    """
    names = wanted.phases or tuple(name for name in PROFILES[wanted.level] if name in PHASES)
    phases = phases_of(names)
    target = target or Target(wanted.base_url, _put_back(wanted))
    target.timeout = wanted.timeout
    context = Context(
        located=wanted.located,
        target=target,
        first=_identity("the first account", wanted.headers, "--header"),
        second=_second(wanted),
        seed=wanted.seed,
        level=wanted.level,
        budget=Budget(wanted.max_time),
        shard=shard_of(wanted.shard) if wanted.shard else Shard(),
        destructive=wanted.destructive,
        data=wanted.data,
        outside=wanted.outside,
        catcher=wanted.catcher,
        webhook_secret=wanted.webhook_secret,
    )
    context.contract  # noqa: B018 - a contract that cannot be read is said before anything is sent
    return context, phases


def settle(context: Context) -> bool:
    """
    Stand where the contract's paths are: at the base URL, or below it at the base path of one of its servers.

    Returns:
        Whether the target stands elsewhere now: below "/v2", where every path that is read at the base URL
        itself is answered 404 and one of them is not below "/v2"; above it, where the base URL ends with
        "/v2/v2" and one is found there.
    """
    target = context.target
    bases = [base for base in context.contract.bases if base and "{" not in base]
    reading = [one for one in context.contract.operations.values() if one.method == "GET"][:MOST_ASKED]
    lower = [one for one in bases if not target.url.endswith(one)]
    twice = [one for one in bases if target.url.endswith(one + one)]
    if not (lower or twice) or not reading:
        return False
    requests: list[Request] = []
    for operation in reading:
        with suppress(Unsayable):
            requests.append(context.request(operation, saying(operation)))

    def found(base: str) -> bool:
        sent = (Request(one.method, base + one.path, one.query, one.headers) for one in requests)
        answers = (target.send(one).response for one in sent)
        return any(answer is not None and answer.status != 404 for answer in answers)

    if found(""):
        return False
    for base in lower:
        if found(base):
            target.below(base)
            return True
    for base in twice:
        target.above(base)
        if found(""):
            return True
        target.below(base)
    return False


def _put_back(wanted: Wanted) -> Callable[[], bool] | None:
    """Return what puts a foreign server back to its start, where one was told how."""
    if wanted.reset_url:
        resetting = Target(wanted.reset_url, option="--reset-url")

        def by_url() -> bool:
            answer = resetting.send(Request("POST", "")).response
            if answer is None or answer.status >= 300:
                said = answer.status if answer is not None else "nothing"
                raise UsageError(f"--reset-url {wanted.reset_url}: answered {said}, not a success")
            return True

        return by_url
    if wanted.reset_command:

        def by_command() -> bool:
            done = subprocess.run(wanted.reset_command, shell=True, capture_output=True, text=True)
            if done.returncode:
                said = (done.stderr or done.stdout).strip()[-300:]
                raise UsageError(f"--reset-command: exit code {done.returncode}: {said}")
            return True

        return by_command
    return None


def _second(wanted: Wanted) -> Identity | None:
    if wanted.second_headers:
        return _identity("the second account", wanted.second_headers, "--second-header")
    return None if wanted.headers else Identity("the second account", {}, OTHER_TOKEN)


def _identity(name: str, said: Iterable[str], option: str) -> Identity:
    """Return who shows these fields, and of several Authorizations the one that is asked for."""
    read = list(fields(said, option))
    keys = [value for field, value in read if field == "authorization"]
    first = dict(reversed(read)) if len(keys) > 1 else dict(read)
    return Identity(name, first, further=tuple(keys[1:]))


def fields(said: Iterable[str], option: str) -> Iterator[tuple[str, str]]:
    """
    Yield header fields, "Name: value" each; names become lower case.

    Raises:
        UsageError: One of them is none.
    """
    for text in said:
        name, colon, value = text.partition(":")
        if not colon or not name.strip():
            raise UsageError(f"{option} {text!r}: expected 'Name: value'")
        yield name.strip().lower(), value.strip()
