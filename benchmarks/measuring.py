"""
What benchmarks have in common: servers that are started together, load in turns, CPU of process groups.

CPU time for each request of the whole process group is the figure to trust where a
machine is shared. So all servers run at the same time, are asked one after the other
in short slices, again and again, and of each the median counts: what disturbs one
disturbs its neighbour as well, so that ratios are more stable than figures.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT / "specs" / "tendsocial" / "openapi.yaml"
TICKS = os.sysconf("SC_CLK_TCK")
HEADERS = {"Authorization": "Bearer test-token"}
ONE = "/api/campaigns/3f6b1c52-8e0d-4b7a-9c41-5d2e7f8a1b01"
LIST = "/api/campaigns"


@dataclass(frozen=True)
class Case:
    """
    One kind of request.

    Attributes:
        other: Whether each request is another one (a header field counts), so that no answer can be kept.
        refused: Whether a 4xx is the right answer.
    """

    name: str
    method: str
    path: str
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    other: bool = False
    refused: bool = False


CASES = (
    Case("GET one", "GET", ONE),
    Case("GET list", "GET", LIST),
    Case("POST creating", "POST", LIST, '{"name": "Summer {n}"}'),
    Case("POST refused", "POST", LIST, '{"name": 7}', refused=True),
    Case("GET one, new", "GET", ONE, other=True),
    Case("GET list, new", "GET", LIST, other=True),
    Case("POST refused, new", "POST", LIST, '{"name": 7}', other=True, refused=True),
    Case("generated, new", "GET", ONE, headers=(("Prefer", "dynamic=true"),), other=True),
    Case("generated anew", "GET", ONE, headers=(("Prefer", "dynamic=true, seed={n}"),)),
)
"""
"new": each request is another one; "anew": each asks for other values besides; else it is the same again and
again, as in most test suites.
"""


@dataclass
class Peer:
    """A server: how it is started, and what was measured: CPU µs, and requests a second, by case."""

    name: str
    command: Callable[[int], Sequence[str]]
    folder: Path | None = None
    resets: bool = False
    validates: bool = True
    cpu: dict[str, list[float]] = field(default_factory=dict)
    rate: dict[str, list[float]] = field(default_factory=dict)
    started: float = 0.0
    start_cpu: float = 0.0
    memory: int = 0
    pid: int = 0
    port: int = 0


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            below.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += below.get(one, [])
    return found


def cpu(pid: int) -> float:
    """Return the CPU seconds that a process group has used, those of its dead included."""
    total = 0
    for one in tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / TICKS


def resident(pid: int) -> int:
    """Return megabytes, shared pages counted once for each process that has them."""
    total = 0
    for one in tree(pid):
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") // 2**20


def free_port() -> int:
    """Return a port that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def ask(port: int, path: str, method: str = "GET", body: bytes | None = None) -> bytes:
    """Ask once; a refusal is an answer."""
    headers = {**HEADERS, "Content-Type": "application/json"} if body is not None else HEADERS
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        return bytes(error.read())


@contextmanager
def running(peer: Peer) -> Iterator[Peer]:
    """Start a peer, and yield it when it answers. Raises RuntimeError where it does not."""
    peer.port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        peer.command(peer.port),
        cwd=peer.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    peer.pid = process.pid
    try:
        while True:
            try:
                ask(peer.port, ONE)
                break
            except OSError:
                if process.poll() is not None or time.monotonic() - began > 90:
                    raise RuntimeError(f"{peer.name} does not answer") from None
                time.sleep(0.02)
        peer.started, peer.start_cpu = time.monotonic() - began, cpu(process.pid)
        yield peer
    finally:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, sign)
                process.wait(6)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue


def load(peer: Peer, case: Case, seconds: int, folder: Path, connections: int = 16) -> None:
    """
    Ask *peer* for some seconds, and note what it cost.

    Raises:
        RuntimeError: It gave other answers than those that are measured.
    """
    if peer.resets and case.method == "POST" and not case.refused:
        ask(peer.port, "/__admin/reset", "POST", b"")
    headers = {**HEADERS, **dict(case.headers)}
    if case.body:
        headers["Content-Type"] = "application/json"
    lines = [
        f"wrk.method = {json.dumps(case.method)}",
        *(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()),
        f"local body = {json.dumps(case.body)}",
        "wrk.body = body ~= '' and body or nil",
        "done = function(s)",
        '  io.stderr:write("asked ", s.requests, " ", s.errors.status, " ", s.duration, "\\n")',
        "end",
    ]
    counted_fields = {name: value for name, value in headers.items() if "{n}" in value}
    if case.other or counted_fields or "{n}" in case.body:
        stamp = time.monotonic_ns()
        counted = f'local n = 0\nrequest = function()\nn = n + 1\nlocal id = "{stamp}-" .. n'
        lines += [
            counted,
            'wrk.headers["X-Request-Id"] = id' if case.other else "",
            *(
                f'wrk.headers["{name}"] = string.gsub({json.dumps(value)}, "{{n}}", id)'
                for name, value in counted_fields.items()
            ),
            'return wrk.format(nil, nil, nil, body ~= "" and body:gsub("{n}", id) or nil)\nend',
        ]
    script = folder / "load.lua"
    script.write_text("\n".join(lines))
    url = f"http://127.0.0.1:{peer.port}{case.path}"
    before = cpu(peer.pid)
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "-s", script, url],
        capture_output=True,
        text=True,
        check=True,
    )
    asked, wrong, micros = map(int, done.stderr.rsplit("asked ", 1)[1].split())
    spent = cpu(peer.pid) - before
    if peer.validates and wrong != (asked if case.refused else 0):
        raise RuntimeError(f"{peer.name}: {case.name}: {wrong} of {asked} answers were refusals")
    peer.cpu.setdefault(case.name, []).append(spent / max(asked, 1) * 1e6)
    peer.rate.setdefault(case.name, []).append(asked / (micros / 1e6))


def usual(several: Sequence[float]) -> float:
    """Return the figure of a slice that was disturbed as most were."""
    return statistics.median(several)
