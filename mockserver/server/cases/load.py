"""
Read case files: a closed vocabulary, and every mistake with its file and line.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

from mockserver.behavior.functions import epoch
from mockserver.contract.lines import line_of
from mockserver.contract.model import Contract
from mockserver.contract.sources import read
from mockserver.errors import FixtureError, nearest
from mockserver.exchange import MISSING, Json, dumps
from mockserver.server.cases.model import Broken, Case, Forced, Send
from mockserver.server.faults import FAULTS
from mockserver.server.stubs.reading import Doc, Unfit, shown

FOLDER = "cases"
ENDINGS = (".yaml", ".yml", ".json")
KEYS = (
    *("about", "operation", "given", "now", "send", "answer", "fault", "delay", "expect"),
    *("valid", "breaks"),
)
WHERE = ("path", "query", "header", "cookie", "body", "status", "security")
LONGEST_DELAY = 600_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def load_cases(folder: Path | None, contract: Contract) -> dict[str, Case]:
    """
    Return the cases in *folder*/cases by name, in alphabetical order; {} where there is no such folder.

    Raises:
        FixtureError: One of them says what cannot be; with its line.
        Unreadable: One of them is no YAML.
    """
    found: dict[str, Case] = {}
    for path in case_files(folder):
        case = load_case(path, contract)
        if case.name in found:
            raise FixtureError(str(path), 0, "", f"there is a case {case.name!r} in {found[case.name].file}")
        found[case.name] = case
    return found


def case_files(folder: Path | None) -> list[Path]:
    """Return the files of cases below *folder*."""
    within = folder / FOLDER if folder is not None else None
    if within is None or not within.is_dir():
        return []
    return sorted(path for path in within.iterdir() if path.suffix in ENDINGS)


def load_case(path: Path, contract: Contract) -> Case:
    """Return the case in one file. Raises FixtureError, Unreadable."""
    document = read(path)
    try:
        if not _NAME.fullmatch(path.stem):
            raise Unfit("", f"{path.stem!r}: a case is called by letters, digits, '.', '_' and '-'")
        return _case(Doc(document), path, contract)
    except Unfit as error:
        line = line_of(path, error.pointer)
        raise FixtureError(str(path), line, error.pointer, error.detail) from error


def _case(doc: Doc, path: Path, contract: Contract) -> Case:
    doc.only(KEYS)
    about, operation = doc.text("about"), doc.text("operation")
    if not about:
        raise doc.unfit("about", "a case says in one sentence what it is about")
    if operation is None or operation not in contract.operations:
        near = nearest(operation, contract.operations) if operation else ""
        raise doc.unfit("operation", f"the contract has no operation {operation!r}.{near}")
    if ("breaks" in doc) is ("valid" in doc):
        raise Unfit("", "a case is marked either `valid: true` or with what it `breaks`")
    if "valid" in doc and not doc.flag("valid"):
        raise doc.unfit(
            "valid", "name the rule that is broken: `breaks: [{in: body, pointer: /x, keyword: type}]`"
        )
    fault = doc.text("fault") or ""
    if fault and fault not in FAULTS:
        raise doc.unfit("fault", f"{fault!r}: expected one of {', '.join(FAULTS)}.{nearest(fault, FAULTS)}")
    delay = doc.whole("delay") or 0
    if not 0 <= delay <= LONGEST_DELAY:
        raise doc.unfit("delay", f"{delay}: expected 0 to {LONGEST_DELAY} milliseconds")
    status, expect = _expected(doc)
    return Case(
        name=path.stem,
        about=about.strip(),
        operation=operation,
        file=str(path),
        given=_given(doc),
        now=_now(doc),
        send=_send(doc),
        answer=_answer(doc),
        fault=fault,
        delay=delay,
        expect=expect,
        status=status,
        breaks=tuple(_broken(each) for each in doc.docs("breaks")),
    )


def _given(doc: Doc) -> dict[str, dict[str, dict[str, Json] | None]]:
    given: dict[str, dict[str, dict[str, Json] | None]] = {}
    within = doc.doc("given")
    for name in within.value if within is not None else ():
        assert within is not None
        rows = within.doc(str(name))
        if rows is None:
            raise within.unfit(str(name), "expected rows by their keys")
        given[str(name)] = {}
        for key, row in rows.value.items():
            if row is not None and not isinstance(row, dict):
                raise Unfit(
                    rows.at(str(key)), f"expected a row's fields, or null for no row, found {shown(row)}"
                )
            given[str(name)][str(key)] = row
    return given


def _now(doc: Doc) -> str:
    now = doc.text("now")
    if now is None:
        return ""
    try:
        epoch(now)
    except ValueError as error:
        raise doc.unfit("now", f"{now!r} is no time like 2026-02-07T12:00:00Z") from error
    return now


def _send(doc: Doc) -> Send:
    within = doc.doc("send")
    if within is None:
        return Send()
    within.only(("path", "query", "headers", "json", "form", "text"))
    bodies = [key for key in ("json", "form", "text") if key in within.value]
    if len(bodies) > 1:
        raise within.unfit(bodies[1], "a request has one body: json, form or text")
    target = within.text("path") or ""
    if target and not target.startswith("/"):
        raise within.unfit("path", f"{target!r}: expected a path below the API's root, which begins with /")
    query = within.doc("query")
    if query is not None:
        target += ("&" if "?" in target else "?") + _pairs(query)
    body, media_type = b"", ""
    if "json" in bodies:
        body, media_type = dumps(within.value["json"]), "application/json"
    elif "form" in bodies:
        form = within.doc("form")
        body, media_type = (
            _pairs(form).encode() if form is not None else b"",
            "application/x-www-form-urlencoded",
        )
    elif "text" in bodies:
        body, media_type = (within.text("text") or "").encode(), "text/plain"
    return Send(target, within.members("headers", _field), body, media_type)


def _pairs(doc: Doc) -> str:
    pairs = [
        (key, one if isinstance(one, str) else dumps(one).decode())
        for key, value in doc.value.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return urlencode(pairs)


def _answer(doc: Doc) -> Forced | None:
    within = doc.doc("answer")
    if within is None:
        return None
    within.only(("status", "example", "headers", "body", "change", "remove"))
    status = within.whole("status")
    if status is not None and not 200 <= status <= 599:
        raise within.unfit("status", f"{status}: expected 200 to 599")
    if "body" in within.value and ("change" in within or "remove" in within):
        raise within.unfit("body", "a body is given whole, or changed; not both")
    change = within.doc("change")
    changes = {}
    for key, value in change.value.items() if change is not None else ():
        assert change is not None
        changes[_pointer(key, change.at(str(key)))] = value
    removed = tuple(_pointer(item, place) for item, place in within.list("remove"))
    return Forced(
        status=status,
        example=within.text("example") or "",
        headers=within.members("headers", _field),
        body=within.value.get("body", MISSING),
        change=changes,
        remove=removed,
    )


def _expected(doc: Doc) -> tuple[int | None, dict[str, Json]]:
    within = doc.doc("expect")
    if within is None:
        return None, {}
    within.only(("status", "body"))
    body = within.doc("body")
    places = body.value if body is not None else {}
    return within.whole("status"), {
        _pointer(key, body.at(str(key)) if body is not None else ""): value for key, value in places.items()
    }


def _broken(doc: Doc) -> Broken:
    doc.only(("in", "pointer", "keyword"))
    where, keyword = doc.text("in") or "", doc.text("keyword")
    if where not in WHERE:
        raise doc.unfit("in", f"{where!r}: expected one of {', '.join(WHERE)}.{nearest(where, WHERE)}")
    if not keyword:
        raise doc.unfit("keyword", "the broken rule's keyword is missing, e.g. minimum, required, mediaType")
    return Broken(where, doc.text("pointer") or "", keyword)


def _pointer(value: Json, place: str) -> str:
    if not isinstance(value, str) or (value and not value.startswith("/")):
        raise Unfit(place, f"{shown(value)}: expected a JSON Pointer such as /items/0/name")
    return value


def _field(value: Json, pointer: str) -> str:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise Unfit(pointer, f"expected a header's text, found {shown(value)}")
    return str(value)
