"""
Chaos by profile: how often what goes wrong, and how long answers take, the same from the same seed.

    seed: 7
    rules:
      - operations: ["get*"]
        latency: {lognormal: {median: 90, sigma: 0.5}}
        errors:
          - {rate: 0.05, status: 503}
          - {rate: 0.01, fault: reset}

The first rule that fits a request is its rule. What is drawn depends on the seed and
on which request of its session it is, by the journal's count, and on nothing else:
the same test draws the same, alone or beside others. The journal says what was drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import orjson

from mockserver.contract.lines import line_of
from mockserver.contract.sources import join_pointer, read
from mockserver.errors import UsageError, said_of
from mockserver.exchange import Json, Wire
from mockserver.server import preferences
from mockserver.server.answer import Answer
from mockserver.server.failing import limited, retry_after, told
from mockserver.server.host import Api
from mockserver.server.latency import LONGEST, Delay
from mockserver.server.matching import NoSuch, Which
from mockserver.server.session import Session

CHAOS = "chaos"
"""System table: the profile that the admin has set for the session, under "profile"."""


class BadProfile(ValueError):
    """A profile says what cannot be. `pointer` says where."""

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


@dataclass(frozen=True)
class Rule:
    """What happens to requests that one of `which` fits: one for each pattern and method."""

    which: tuple[Which, ...]
    latency: Delay | None
    errors: tuple[Mapping[str, Any], ...]
    limit: Mapping[str, Any] | None


@dataclass(frozen=True)
class Profile:
    """A profile, compiled. `said` is the document."""

    said: Json
    seed: str
    rules: tuple[Rule, ...]


def compiled(said: Json, apis: Iterable[Api]) -> Profile:
    """
    Return the profile that the document *said* is, for *apis*.

    Raises:
        BadProfile: It says what the vocabulary or the contracts do not have.
    """
    from mockserver.validation.values import RawValidator

    schema = orjson.loads((Path(__file__).parent / "chaos.schema.json").read_bytes())
    for violation in RawValidator(schema).check(said):
        raise BadProfile(violation.pointer, violation.detail)
    rules = []
    for index, rule in enumerate(said["rules"]):
        at = join_pointer("/rules", index)
        errors = tuple(rule.get("errors", ()))
        if sum(error["rate"] for error in errors) > 1 + 1e-9:
            raise BadProfile(join_pointer(at, "errors"), "the rates add up to more than 1")
        latency = rule.get("latency", {})
        if "uniform" in latency and latency["uniform"]["to"] < latency["uniform"]["from"]:
            raise BadProfile(join_pointer(at, "latency", "uniform"), "`to` is below `from`")
        rules.append(Rule(_which(rule, at, tuple(apis)), _delay(latency), errors, rule.get("rate-limit")))
    return Profile(said, str(said.get("seed", 1)), tuple(rules))


def _delay(said: Mapping[str, Any]) -> Delay | None:
    """Return the latency that a rule asks for, None where it asks for none."""
    for kind, value in said.items():
        if kind == "fixed":
            return Delay(kind, float(value))
        if kind == "uniform":
            return Delay(kind, value["from"], value["to"])
        return Delay(kind, value["median"], value["sigma"], min(value.get("at-most", LONGEST), LONGEST))
    return None


def _which(rule: Mapping[str, Any], pointer: str, apis: tuple[Api, ...]) -> tuple[Which, ...]:
    made = []
    for operation in rule.get("operations", [""]):
        for path in rule.get("paths", [""]):
            for method in rule.get("methods", [""]):
                said = {"api": rule.get("api", ""), "operationId": operation, "path": path, "method": method}
                try:
                    made.append(Which.of(said, apis))
                except NoSuch as error:
                    raise BadProfile(pointer, str(error)) from None
    return tuple(made)


def load(file: Path, apis: Iterable[Api]) -> Profile:
    """Return the profile in *file*. Raises UsageError, with the line; Unreadable."""
    try:
        return compiled(read(file), apis)
    except BadProfile as error:
        line = line_of(file, error.pointer)
        raise UsageError(said_of(str(file), line, error.pointer, str(error))) from None


class Chaos:
    """
    Draws what happens to requests; an `Override` (server/overriding.py).

    Args:
        profile: That of the command line, for all sessions that have none of their own.
    """

    def __init__(self, profile: Profile | None, apis: Iterable[Api]) -> None:
        self.profile = profile
        self._apis = tuple(apis)
        self._compiled: tuple[Json, Profile] | None = None

    def of(self, session: Session) -> Profile | None:
        """Return the profile that holds in *session*."""
        row = session.row(CHAOS, "profile")
        if row is None:
            return self.profile
        if self._compiled is None or self._compiled[0] is not row:
            self._compiled = (row, compiled(row, self._apis))
        return self._compiled[1]

    def shown(self, session: Session) -> Json:
        """Return the document of the profile that holds in *session*; one without rules where none does."""
        profile = self.of(session)
        return profile.said if profile is not None else {"rules": []}

    def __call__(self, session: Session, answer: Answer) -> bool:
        """Let happen what is drawn; return whether that is the answer."""
        profile = self.of(session)
        if profile is None:
            return False
        for index, rule in enumerate(profile.rules):
            if any(which.fits(answer) for which in rule.which):
                answer.fleeting = True
                return self._happens(session, answer, profile, index, rule)
        return False

    @staticmethod
    def _happens(session: Session, answer: Answer, profile: Profile, index: int, rule: Rule) -> bool:
        number = session.journal.next_number
        random = Random(f"{profile.seed}|{index}|{number}")
        drawn = random.random()
        by = f"chaos: rule {index + 1}, seed {profile.seed}, request {number}"
        delay = rule.latency.drawn(random) if rule.latency is not None else 0.0
        if delay:
            answer.wire = Wire(delay=delay)
            answer.note(f"{by}: {delay * 1000:.0f} ms")
        limit = rule.limit
        if limit is not None and limited(
            session, answer, f"chaos-{index}", limit["requests"], limit["seconds"]
        ):
            return True
        for error in rule.errors:
            drawn -= error["rate"]
            if drawn >= 0:
                continue
            if "fault" in error:
                answer.preferences = preferences.over(answer.preferences, f"fault={error['fault']}")
                answer.note(f"{by}: fault {error['fault']}")
                return False
            told(answer, error["status"], f"{by}: status {error['status']}", retry_after(error["status"]))
            return True
        return False
