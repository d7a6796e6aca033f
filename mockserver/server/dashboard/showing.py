"""
How things are shown: a body as people read it, the lines of a contract, a command to copy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson

from mockserver.exchange import Json
from mockserver.server.admin_requests import Secrets, shown_target
from mockserver.server.curl import line
from mockserver.server.journal import Entry

AROUND = 3
"""Lines of a contract that are shown before and behind the one that is meant."""
LONGEST = 20_000
"""Characters of a body that are shown."""
_CONNECTION = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})


@dataclass(frozen=True)
class Line:
    """One line of a file; `meant` is the one that it is about."""

    number: int
    text: str
    meant: bool


def excerpt(file: str, line: int, known: Iterable[str]) -> list[Line]:
    """Return the lines around *line* of *file*, which must be one of *known*; [] where they cannot be had."""
    if line < 1 or file not in set(known):
        return []
    try:
        lines = Path(file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    first = max(1, line - AROUND)
    if line > len(lines):
        return []
    return [
        Line(number, lines[number - 1], number == line)
        for number in range(first, min(len(lines), line + AROUND) + 1)
    ]


def pretty(text: str, media_type: str = "") -> str:
    """Return a body as people read it: JSON is indented, a long one cut."""
    if text[:1] in "{[" or "json" in media_type:
        with suppress(orjson.JSONDecodeError):
            text = as_json(orjson.loads(text))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… {len(text) - LONGEST} more characters"


def as_json(value: Json) -> str:
    """Return *value* as indented JSON."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


def curl(said: Mapping[str, Any], url: str) -> str:
    """Return a request of the journal as a line for a shell; what is secret stands as a variable."""
    fields = [
        (name, one.replace("[redacted]", "$TOKEN"))
        for name, value in (said.get("headers") or {}).items()
        for one in (value if isinstance(value, list) else [value])
        if name.lower() not in _CONNECTION
    ]
    return line(said["method"], url, fields, str(said.get("body") or "").encode())


def stub_of(event: Mapping[str, Any]) -> dict[str, Json]:
    """Return a WireMock stub that answers the request of a serve event as it was answered."""
    asked, said = event["request"], event["response"]
    path, _, query = str(asked["url"]).partition("?")
    pattern: dict[str, Json] = {"method": asked["method"], "urlPath": path}
    if query:
        pattern["queryParameters"] = {
            name: {"equalTo": value} for name, value in parse_qsl(query, keep_blank_values=True)
        }
    kept = {
        name: value
        for name, value in (said.get("headers") or {}).items()
        if not name.lower().startswith("mock-") and name.lower() not in (*_CONNECTION, "date", "vary")
    }
    response: dict[str, Json] = {"status": said["status"], "headers": kept}
    if said.get("body"):
        response["body"] = said["body"]
    name = f"{asked['method']} {path} as it was answered"
    return {"name": name, "request": pattern, "response": response}


def case_of(event: Mapping[str, Any]) -> str:
    """Return a case that asks so again and expects that answer, as YAML for the API's folder of cases."""
    import yaml

    asked, said, mock = event["request"], event["response"], event["mock"]
    path, _, query = str(asked["url"]).partition("?")
    send: dict[str, Json] = {"path": path.removeprefix(f"/{mock['api']}") or "/"}
    if query:
        send["query"] = _grouped(query)
    if asked.get("body"):
        fields = {name.lower(): value for name, value in (asked.get("headers") or {}).items()}
        media_type = str(fields.get("content-type", ""))
        if "urlencoded" in media_type:
            send["form"] = _grouped(str(asked["body"]))
        else:
            value = _value(str(asked["body"]))
            send["text" if isinstance(value, str) else "json"] = value
    case: dict[str, Json] = {
        "about": f"{asked['method']} {path} is answered {said['status']}.",
        "operation": mock["operation"],
        "send": send,
    }
    if event.get("stubMapping"):
        case["answer"] = {"status": said["status"], "body": _value(str(said.get("body", "")))}
    case["expect"] = {"status": said["status"]}
    broken = [{name: one[name] for name in ("in", "pointer", "keyword")} for one in mock["violations"]]
    return str(
        yaml.safe_dump(
            {**case, **({"breaks": broken} if broken else {"valid": True})},
            sort_keys=False,
            allow_unicode=True,
            width=100,
        )
    )


def _grouped(query: str) -> dict[str, Json]:
    """Return the pairs of *query*; a name that is repeated has a list."""
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}


def _value(text: str) -> Json:
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(text)
    return text


_MARKED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*")


def prose(text: str) -> list[list[tuple[str, str]]]:
    """Return a description's paragraphs, each as pieces: ("", plain), ("code", ...), ("strong", ...)."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        joined, pieces, at = " ".join(paragraph.split()), list[tuple[str, str]](), 0
        for marked in _MARKED.finditer(joined):
            pieces.append(("", joined[at : marked.start()]))
            pieces.append(("code", marked[1]) if marked[1] else ("strong", marked[2]))
            at = marked.end()
        found.append([*pieces, ("", joined[at:])])
    return found


def clock(at: float) -> str:
    """Return a machine's time of day, to the millisecond."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S.%f")[:-3]


def ago(seconds: float) -> str:
    """Return how long something is ago, in words."""
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {name}{'s' * (count != 1)} ago"
    return "just now" if seconds < 5 else f"{int(seconds)} seconds ago"


def took(seconds: float) -> str:
    """Return a duration as people read it."""
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    return (
        f"{count} B"
        if count < 1024
        else f"{count / 1024:.1f} KB"
        if count < 1 << 20
        else f"{count / (1 << 20):.1f} MB"
    )


def kind(status: int) -> str:
    """Return the class of a status, for its colour."""
    return {2: "good", 3: "moved", 4: "refused", 5: "broken"}.get(status // 100, "other")


def row(entry: Entry, secrets: Secrets) -> dict[str, Any]:
    """Return what a table shows of an entry of the journal, without *secrets*."""
    request, response = entry.request, entry.response
    wire = response.wire
    return {
        "id": entry.id,
        "at": clock(entry.at),
        "method": request.method,
        "path": request.path,
        "query": shown_target(request, secrets).partition("?")[2],
        "status": response.status,
        "kind": kind(response.status),
        "api": entry.api,
        "operation": entry.operation,
        "stub": (entry.stub.get("name") or "without a name") if entry.stub is not None else "",
        "source": entry.source,
        "violations": len(entry.violations),
        "fault": wire.fault if wire is not None else "",
        "took": took(entry.seconds),
        "size": size(len(response.body)),
    }
