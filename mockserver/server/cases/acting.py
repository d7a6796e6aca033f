"""
Bring a case about: its state in a session, its request, its answer.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import orjson

from mockserver.behavior.editing import Unfit, editor
from mockserver.contract.lines import line_of
from mockserver.contract.media import is_json
from mockserver.contract.model import Operation
from mockserver.contract.sources import split_pointer
from mockserver.errors import FixtureError, nearest
from mockserver.exchange import MISSING, Json, Request, Response, Violation, Wire, dumps
from mockserver.server.answer import Answer
from mockserver.server.api import Api
from mockserver.server.cases.model import Broken, Case, Forced
from mockserver.server.host import Host
from mockserver.server.journal import Journal
from mockserver.server.sampling import sample
from mockserver.server.session import Session


def aside(session: Session) -> Session:
    """Return a session that begins as this one is, and that nobody else will see."""
    return session.fork("case", Journal(0))


def set_state(session: Session, api: Api, case: Case) -> None:
    """
    Put the rows of a case into a session, and its time.

    Raises:
        FixtureError: The world has no such collection, or the row cannot stand there.
    """
    if case.now:
        session.move(lambda clock: clock.set(case.now))
    if not case.given:
        return
    world = session.worlds[api.name]
    with session.changing(api.name) as transaction:
        for said, rows in case.given.items():
            name = next((one for one in world.tables if one.strip("/") == said.strip("/")), None)
            if name is None or "{" in name:
                known = [one.strip("/") for one in world.tables if "{" not in one]
                raise _wrong(
                    case, f"/given/{said}", f"there is no collection {said!r}.{nearest(said, known)}"
                )
            edit = editor(api.engine, world, transaction, name, {})
            for text, fields in rows.items():
                key = edit.typed(text)
                if fields is None:
                    edit.remove(key)
                    continue
                old = world.tables[name].rows.get(key) or {}
                try:
                    edit.put(key, {**old, **fields})
                except Unfit as error:
                    raise _wrong(case, f"/given/{said}/{text}", str(error)) from error


def _wrong(case: Case, pointer: str, detail: str) -> FixtureError:
    return FixtureError(case.file, line_of(Path(case.file), pointer), pointer, detail)


def request_of(api: Api, case: Case) -> Request:
    """Return the request that a case sends, addressed to the API by its name."""
    operation = api.contract.operations[case.operation]
    target = case.send.target
    if not target or target.startswith("?"):
        sampled = sample(api, operation)
        target = sampled + (target.replace("?", "&", 1) if "?" in sampled else target)
    fields = dict(_credentials(api, operation))
    if case.send.media_type:
        fields["content-type"] = case.send.media_type
    fields.update({name.lower(): value for name, value in case.send.headers.items()})
    path, _, query = target.partition("?")
    path = f"/{quote(api.name, safe='')}" + quote(path, safe="%/:@!$&'()*+,;=~")
    return Request(
        operation.method, path, query, tuple({"host": "127.0.0.1", **fields}.items()), case.send.body
    )


def _credentials(api: Api, operation: Operation) -> Iterable[tuple[str, str]]:
    """Return the header fields with which the first account shows who it is."""
    for requirement in operation.security:
        kinds = [api.contract.security_schemes.get(name) for name in requirement]
        for scheme in kinds:
            if scheme is not None and scheme.kind == "apiKey" and scheme.location == "header":
                return [(scheme.parameter.lower(), "test-token")]
            if scheme is not None and scheme.kind == "http" and scheme.scheme == "basic":
                return [("authorization", f"Basic {base64.b64encode(b'client-id:client-secret').decode()}")]
    return [("authorization", "Bearer test-token")] if any(operation.security) else []


def answered(host: Host, session: Session, api: Api, case: Case, request: Request) -> Answer:
    """
    Return what a case answers to *request*, in a session aside: *session* is as before.

    Raises:
        FixtureError: Its state cannot be set.
    """
    own = aside(session)
    set_state(own, api, case)
    forced = case.answer or Forced()
    wished = _wish(api.contract.operations[case.operation], forced)
    fields = [(name, value) for name, value in request.headers if name != "prefer"]
    fields += [("prefer", wished)] if wished else []
    query = "&".join(part for part in request.query.split("&") if not part.startswith("__case="))
    plain = Request(request.method, request.path, query, tuple(fields), request.body, request.client)
    answer = host.rehearsed(plain, own)
    if case.answer is not None:
        _force(answer, case, forced)
    if case.fault or case.delay:
        answer.wire = Wire(case.delay / 1000, case.fault)
    return answer


def _wish(operation: Operation, forced: Forced) -> str:
    """Return the preference that brings the documented answer on which a forced one is built."""
    if forced.example:
        return f"example={forced.example}"
    if forced.status is not None and forced.body is MISSING and operation.promise(forced.status) is not None:
        return f"code={forced.status}"
    return ""


def _force(answer: Answer, case: Case, forced: Forced) -> None:
    """Bend an answer to what a case forces, and hold it against its contract again: it is only noted."""
    made = answer.response or Response(500)
    names = {name.lower() for name in forced.headers}
    headers = [field for field in made.headers if field[0].lower() not in names]
    body = made.body
    if forced.body is not MISSING:
        kind = next((value for name, value in forced.headers.items() if name.lower() == "content-type"), "")
        plain = isinstance(forced.body, str) and bool(kind) and not is_json(kind.partition(";")[0].strip())
        body = forced.body.encode() if plain else dumps(forced.body)
        if not kind and not any(name.lower() == "content-type" for name, _ in headers):
            headers.append(("Content-Type", "application/json"))
    elif forced.change or forced.remove:
        body = dumps(changed(orjson.loads(made.body or b"null"), forced, case))
    headers += forced.headers.items()
    status = made.status if forced.status is None else forced.status
    answer.response = Response(status, headers, body)
    answer.source, answer.value = "case", MISSING
    if answer.prepared is not None:
        answer.violations = tuple(answer.prepared.checker.check(status, headers, body))


def changed(value: Json, forced: Forced, case: Case) -> Json:
    """Return *value* with the places that a case changes. Raises FixtureError where one is not there."""
    made = copy.deepcopy(value)
    for pointer, new in forced.change.items():
        made = _set(made, pointer, new, case, "change")
    for pointer in forced.remove:
        made = _set(made, pointer, MISSING, case, "remove")
    return made


def _set(value: Json, pointer: str, new: Json, case: Case, what: str) -> Json:
    parts = split_pointer(pointer)
    if not parts:
        return new
    within = value
    try:
        for part in parts[:-1]:
            within = within[int(part)] if isinstance(within, list) else within[part]
        last: int | str = int(parts[-1]) if isinstance(within, list) else parts[-1]
        if new is MISSING:
            del within[last]
        elif isinstance(within, list) and last == len(within):
            within.append(new)
        else:
            within[last] = new
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise _wrong(case, f"/answer/{what}", f"{pointer} is not in the answer that is changed") from error
    return value


def at(value: Json, pointer: str) -> Json:
    """Return what stands at a JSON Pointer, `MISSING` where nothing does."""
    for part in split_pointer(pointer):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return MISSING
    return value


def findings(case: Case, answer: Answer) -> list[str]:
    """Return in which ways an answer is not what its case says: [] where it is."""
    found: list[str] = []
    response = answer.response or Response(0)
    status = case.status if case.status is not None else (case.answer.status if case.answer else None)
    if status is not None and response.status != status:
        found.append(f"the status is {response.status}, the case says {status}")
    if case.expect:
        try:
            body = orjson.loads(response.body)
        except ValueError:
            body = MISSING
        for pointer, wanted in case.expect.items():
            there = at(body, pointer) if body is not MISSING else MISSING
            if there is MISSING:
                found.append(f"{pointer or 'the body'} is not there, the case says {_text(wanted)}")
            elif there != wanted or isinstance(there, bool) is not isinstance(wanted, bool):
                found.append(f"{pointer or 'the body'} is {_text(there)}, the case says {_text(wanted)}")
    if answer.source == "mock":
        notes = answer.notes[-1] if answer.notes else ""
        found.append(f"the mock answers itself: {notes}")
    broken = {Broken(one.where, one.pointer, one.keyword): one for one in answer.violations}
    for rule in case.breaks:
        if rule not in broken:
            found.append(f"it does not break the rule that it names ({rule}){_instead(broken)}")
    for rule, violation in broken.items():
        if rule not in case.breaks:
            said = "it is marked valid, but" if case.valid else "it also"
            found.append(f"{said} breaks {rule}: {violation.detail}")
    return found


def _instead(broken: dict[Broken, Violation]) -> str:
    return f"; it breaks {', '.join(map(str, broken))}" if broken else "; it breaks none"


def _text(value: Json) -> str:
    text = dumps(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}..."
