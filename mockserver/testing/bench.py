"""
A session of a running server, in the hands of a test.

    bench = Bench("http://127.0.0.1:4010", session="test-1")
    bench.stub("GET", "/weather", json={"degrees": 21})
    client_under_test(bench.url, headers=bench.headers)
    bench.assert_called("GET", "/weather", times=1)
"""

from __future__ import annotations

import http.client
import json as jsonlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlsplit

Json = Any
UNSAID: Any = object()
PATIENCE = 30.0
"""Seconds that a gate waits for somebody to come."""


class AdminError(Exception):
    """The server does not do what was asked of it; the text is its own. `status` is that of its answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Bench:
    """
    One session.

    Args:
        url: Of the server.
        session: Its name; "" for the default one.
        token: Where the server's admin asks for one.

    Attributes:
        headers: To be sent with every request that shall see this session's world.
    """

    def __init__(self, url: str, session: str = "", token: str = "") -> None:
        self.url = url.rstrip("/")
        self.session = session
        self.headers: dict[str, str] = {"Mock-Session": session} if session else {}
        self._token = token
        self.clock = Clock(self)
        self.state = State(self)

    def admin(self, method: str, path: str, body: Json = UNSAID) -> Json:
        """
        Ask the admin API, for this session; return what it says.

        Raises:
            AdminError: It refuses.
        """
        address = urlsplit(self.url)
        headers = dict(self.headers)
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        content = None
        if body is not UNSAID:
            content, headers["Content-Type"] = jsonlib.dumps(body).encode(), "application/json"
        connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=90)
        try:
            connection.request(method, f"{address.path}/__admin/{path}", content, headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        value = jsonlib.loads(said) if "json" in (answer.getheader("content-type") or "") else said
        if answer.status >= 400:
            detail = value.get("detail") if isinstance(value, dict) else None
            raise AdminError(answer.status, detail or said.decode(errors="replace"))
        return value

    # ---------------------------------------------------------------- what came

    def requests(self, method: str = "", path: str = "", operation: str = "") -> list[dict[str, Any]]:
        """Return what was asked in this session, the oldest first; *path* may have "*" in it."""
        found = self.admin("GET", "requests")["requests"][::-1]
        return [entry for entry in found if _fits(entry, method, path, operation)]

    def assert_called(
        self,
        method: str = "",
        path: str = "",
        *,
        operation: str = "",
        times: int | None = None,
        json: Json = UNSAID,
        headers: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """
        Hold that such a request has come, *times* times or at least once; return these.

        Args:
            method: "GET"; "" for any.
            path: With or without query; "*" stands for any characters. "" for any.
            operation: Of the contract, by its id.
            times: How often exactly; 0: never.
            json: What the body must hold: an object's members, and no others are looked at.
            headers: Fields that it must have.
        """
        __tracebackhide__ = True
        found = [
            entry
            for entry in self.requests(method, path, operation)
            if (json is UNSAID or _holds(_body(entry), json)) and _has(entry, headers or {})
        ]
        if len(found) == times or (times is None and found):
            return found
        wanted = " ".join(filter(None, [method, path, operation])) or "any request"
        beside = "" if json is UNSAID else f" with {jsonlib.dumps(json)}"
        often = "at least once" if times is None else f"{times} times"
        came = [f"  {_line(entry)}" for entry in self.requests()] or ["  nothing"]
        said = "\n".join(came[-20:])
        raise AssertionError(
            f"{wanted}{beside} was expected {often}, and came {len(found)} times. There came:\n{said}"
        )

    # -------------------------------------------------------------- what is answered

    def stub(
        self,
        method: str | Mapping[str, Any] = "GET",
        path: str = "",
        *,
        status: int = 200,
        json: Json = UNSAID,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> str:
        """
        Put an answer before the contract's; return the stub's id.

        *path* with a query is matched whole. *more* are members of WireMock's stub mapping (`priority`,
        `scenarioName`, ...); a whole mapping may stand in the place of *method*.
        """
        if isinstance(method, Mapping):
            made: dict[str, Any] = dict(method)
        else:
            response: dict[str, Any] = {"status": status}
            if json is not UNSAID:
                response["jsonBody"] = json
            if body is not None:
                response["body"] = body
            if headers or json is not UNSAID:
                plain = {"Content-Type": "application/json"} if json is not UNSAID else {}
                response["headers"] = {**plain, **(headers or {})}
            where = "url" if "?" in path else "urlPath"
            made = {"request": {"method": method, where: path}, "response": response, **more}
        return str(self.admin("POST", "mappings", made)["id"])

    def fault(self, fault: str, *, times: int | None = None, **which: str) -> str:
        """Arm a fault for requests to come: `fault("reset", times=1, path="/loans/*")`; return its id."""
        body = {"fault": fault, **which, **({"times": times} if times is not None else {})}
        return str(self.admin("POST", "faults", body)["id"])

    def prefer(self, prefer: str, *, times: int | None = None, **which: str) -> str:
        """Arm any preference: `prefer("code=404", times=1, operationId="getLoan")`; return its id."""
        body = {"prefer": prefer, **which, **({"times": times} if times is not None else {})}
        return str(self.admin("POST", "faults", body)["id"])

    @contextmanager
    def gate(self, name: str = "gate", *, at: str = "request", **which: str) -> Iterator[Gate]:
        """Have requests wait: `with bench.gate(operationId="listLoans") as gate: ...`; at the end all go."""
        self.admin("PUT", f"gates/{quote(name, safe='')}", {"at": at, **which})
        gate = Gate(self, name)
        try:
            yield gate
        finally:
            gate.remove()

    # ----------------------------------------------------------------------- all of it

    def save(self, name: str) -> None:
        """Save a snapshot of this session."""
        self.admin("PUT", f"snapshots/{quote(name, safe='')}")

    def restore(self, name: str) -> None:
        """Be as the session was of which the snapshot was made."""
        self.admin("POST", f"snapshots/{quote(name, safe='')}")

    def reset(self) -> None:
        """Put everything back to the start."""
        self.admin("POST", "reset")


class Gate:
    """A gate that holds requests."""

    def __init__(self, bench: Bench, name: str) -> None:
        self._bench = bench
        self._path = f"gates/{quote(name, safe='')}"

    def wait(self, count: int = 1, seconds: float = PATIENCE) -> list[str]:
        """Wait until *count* wait here, and return their ids, in the order in which they came."""
        said = self._bench.admin("GET", f"{self._path}?waiting={count}&timeout={seconds:g}")
        return [one["id"] for one in said["waiting"]]

    def release(
        self, count: int | None = None, *, order: str = "fifo", ids: Sequence[str] | None = None
    ) -> list[str]:
        """Let all go, and open the gate; or so many, or these; return the ids of those that went."""
        body: dict[str, Any] = {}
        if ids is not None:
            body["ids"] = list(ids)
        else:
            body["order"] = order
            if count is not None:
                body["count"] = count
        released: list[str] = self._bench.admin("POST", f"{self._path}/release", body)["released"]
        return released

    def remove(self) -> None:
        """Take the gate away; who waits there goes."""
        self._bench.admin("DELETE", self._path)


class Clock:
    """The session's clock."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @property
    def now(self) -> str:
        """The time, RFC 3339."""
        return str(self._bench.admin("GET", "clock")["now"])

    def set(self, now: str) -> None:
        """Make it *now*, e.g. "2030-01-01T00:00:00Z"."""
        self._bench.admin("POST", "clock", {"set": now})

    def advance(self, by: float | str | Mapping[str, float]) -> None:
        """Let time pass: 90, "1h 30m" or {"days": 1}; what is due happens."""
        self._bench.admin("POST", "clock", {"advance": by})

    def freeze(self) -> None:
        """Let no time pass."""
        self._bench.admin("POST", "clock", {"freeze": True})

    def run(self) -> None:
        """Let time pass again."""
        self._bench.admin("POST", "clock", {"run": True})


@dataclass(frozen=True)
class State:
    """What is remembered: `state["lending/books/bk_1"]` is a row, `state["lending/books"]` all of them."""

    _bench: Bench

    def __getitem__(self, path: str) -> Json:
        try:
            return self._bench.admin("GET", f"state/{_quoted(path)}")
        except AdminError as error:
            if error.status == 404:
                raise KeyError(str(error)) from None
            raise

    def __setitem__(self, path: str, row: Json) -> None:
        self._bench.admin("PUT", f"state/{_quoted(path)}", row)

    def __delitem__(self, path: str) -> None:
        self._bench.admin("DELETE", f"state/{_quoted(path)}")


def _quoted(path: str) -> str:
    return quote(path.strip("/"), safe="/")


def _fits(entry: Mapping[str, Any], method: str, path: str, operation: str) -> bool:
    asked = entry["request"]
    if method and asked["method"] != method.upper():
        return False
    if operation and entry["mock"]["operation"] != operation:
        return False
    url = asked["url"]
    return not path or fnmatchcase(url if "?" in path else url.partition("?")[0], path)


def _body(entry: Mapping[str, Any]) -> Json:
    try:
        return jsonlib.loads(entry["request"]["body"])
    except ValueError:
        return UNSAID


def _holds(found: Json, wanted: Json) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and _holds(found[name], value) for name, value in wanted.items()
        )
    return type(found) is type(wanted) and bool(found == wanted)


def _has(entry: Mapping[str, Any], headers: Mapping[str, str]) -> bool:
    found = {name.lower(): value for name, value in entry["request"]["headers"].items()}
    return all(found.get(name.lower()) == value for name, value in headers.items())


def _line(entry: Mapping[str, Any]) -> str:
    asked, said = entry["request"], entry["response"]
    body = asked["body"]
    shown = f" {body[:120]}" if body else ""
    return f"{asked['method']} {asked['url']}{shown} -> {said['status']}"
