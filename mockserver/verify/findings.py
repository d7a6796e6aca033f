"""
What the judge says: findings, and what was asked on the way to them.

A finding names the rule that was broken, where the contract (or behavior.yaml)
says so, and the shortest calls that show it. What the environment did not allow
to be judged is `inconclusive`, never a finding.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from mockserver.exchange import MISSING, Json, Place, Request, Response
from mockserver.server.curl import line

Verdict = Literal["finding", "inconclusive", "unstable", "known"]
"""Broken; not to be judged here (a name taken, a gateway's 5xx); not seen again; known to a baseline."""

_SECRETS = {"authorization": "$TOKEN", "cookie": "$COOKIE", "x-api-key": "$API_KEY", "api-key": "$API_KEY"}
_SECRETIVE = re.compile(r"(^|[-_])(auth|key|token|secret|session|password|signature)([-_]|$)", re.IGNORECASE)
MOST_SAID = 300
"""Bytes of a failure that are shown."""

_INDEX = re.compile(r"(?<=/)\d+(?=/|\Z)")
_UNSAID = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent", "mock-session"})
"""Fields that belong to a client or to a run, not to what is asked."""


def secret(name: str) -> str:
    """Return the variable that stands for the value of a header field (lower case); "" for no secret."""
    if _SECRETIVE.search(name):
        return _SECRETS.get(name, f"${re.sub('[^A-Z0-9]+', '_', name.upper())}")
    return _SECRETS.get(name, "")


@dataclass(frozen=True)
class Exchanged:
    """
    One call that was made: the request as sent below the base URL, and its answer.

    `response` is None where none came; `trouble` says why. It has the status that the answer means; `wire` is
    that with which it came, where that is another one: a document may let a 404 be said as a 200 with an
    error in it. `at` is when it was sent, in seconds since 1970, `seconds` how long the answer took.
    """

    request: Request
    response: Response | None
    operation: str = ""
    trouble: str = ""
    at: float = 0.0
    seconds: float = 0.0
    wire: int = 0

    @property
    def status(self) -> int:
        """The status with which the answer came; 0 where none did."""
        return self.wire or (self.response.status if self.response is not None else 0)

    @property
    def answered(self) -> str:
        """How it was answered, in one line: the status, with what a failure (5xx) says; else the trouble."""
        if self.response is None or self.response.status < 500:
            return str(self.status or self.trouble)
        said = " ".join(self.response.body[:MOST_SAID].decode("utf-8", "replace").split())
        return f"{self.status} {said}".rstrip()

    def curl(self, base_url: str, secrets: Mapping[str, str] | None = None) -> str:
        """
        Return the call as a line for a shell; secrets stand as variables, so that it can be shared.

        *secrets*: value of a field -> the variable that stands for it; what else was sent in such a field is
        nobody's secret, and part of what is shown. None where that is not known: then each is one.
        """
        fields: list[tuple[str, str]] = []
        for name, value in self.request.headers:
            if name in _UNSAID or (name, value) == ("accept", "*/*"):
                continue
            variable = secret(name)
            if secrets is not None:
                variable = secrets.get(value, "")
            scheme, space, _ = value.partition(" ")
            shown = f"{scheme} {variable}" if space and name == "authorization" else variable
            fields.append((name, shown if variable else value))
        url = base_url.rstrip("/") + self.request.target
        return line(self.request.method, url, fields, self.request.body)


def of_any(pointer: str) -> str:
    """Return *pointer* with `*` for each place in a list: what one row has wrong all of its kind have."""
    return _INDEX.sub("*", pointer)


@dataclass(frozen=True)
class Finding:
    """
    One way in which an implementation is not what its contract says.

    Attributes:
        rule: A stable name, "<phase>/<check>", e.g. "examples/status".
        operation: The operation's id.
        detail: One sentence for a person.
        place: The rule in the contract or behavior.yaml; the operation where there is nothing nearer.
        pointer: Where in the answer ("/data/total"), "" for all of it. Part of the identity.
        expected: As JSON.
        found: As JSON; `MISSING` when nothing was.
        calls: The shortest sequence that shows it, in order.
        seed: With which it was found.
        verdict: See `Verdict`.
        check: The check that found it, "<phase>/<check>"; the runner fills in the case's own.
        kin: What findings of one rule that are one cause have in common, wherever they stand; "" where that
            is their place in the contract.
    """

    rule: str
    operation: str
    detail: str
    place: Place
    pointer: str = ""
    expected: Json = None
    found: Json = MISSING
    calls: tuple[Exchanged, ...] = ()
    seed: str = ""
    verdict: Verdict = "finding"
    check: str = ""
    kin: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """What a baseline remembers: operation, rule and pointer to any row; no value, seed or id."""
        return (self.operation, self.rule, of_any(self.pointer))

    @property
    def crashes(self) -> bool:
        """Whether it says no more than that the server fails (5xx) at a request that is not wrong."""
        plainly = self.rule == "contract/status" or (
            self.rule == "properties/server-error" and not self.pointer
        )
        return plainly and isinstance(self.found, int) and self.found >= 500

    def sides(self) -> tuple[str, str]:
        """Return expected and found as text."""
        found = "nothing" if self.found is MISSING else json.dumps(self.found, ensure_ascii=False)
        return json.dumps(self.expected, ensure_ascii=False), found
