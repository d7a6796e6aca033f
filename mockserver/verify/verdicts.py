"""
What is wrong with an answer: held against its contract, and against what is printed.

A printed list of objects may be the beginning of a longer one: what is printed
must come first. Everything else must be as printed, no more and no less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

import orjson

from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Operation, Promise
from mockserver.exchange import MISSING, Json, Response, Violation
from mockserver.validation.responses import ResponseChecker
from mockserver.verify.calls import Call
from mockserver.verify.findings import Exchanged, Finding

MOST_DIFFERENCES = 5

_checkers: WeakKeyDictionary[Operation, ResponseChecker] = WeakKeyDictionary()


def _checker(operation: Operation) -> ResponseChecker:
    """Return what holds answers of *operation*, made once: a run holds hundreds of them."""
    found = _checkers.get(operation)
    if found is None:
        found = _checkers[operation] = ResponseChecker(operation)
    return found


def held(contract: Contract, operation: Operation, exchanged: Exchanged) -> list[Finding]:
    """Return every way in which an answer breaks the contract: status, headers, body, invariants."""
    response = exchanged.response
    if response is None:
        return [_no_answer(operation, exchanged)]
    violations = _checker(operation).check(
        response.status, response.headers, response.body, method=exchanged.request.method
    )
    if not violations:
        violations = list(contract.holds(operation, exchanged.request, response))
    unsaid = [one for one in violations if one.keyword == "status" and _unsaid(contract, operation, response)]
    return [
        Finding(
            rule=f"contract/{one.keyword}",
            operation=operation.id,
            detail=one.detail,
            place=contract.located(one.place or operation.place),
            pointer=one.pointer,
            expected=one.expected,
            found=one.found,
            calls=(exchanged,),
            verdict="inconclusive" if one in unsaid else "finding",
            kin=_kin(operation, one),
        )
        for one in violations
    ]


def _kin(operation: Operation, violation: Violation) -> str:
    """
    Return what the same fault elsewhere says, too; "" where that is its place.

    A framework's own answers are alike at all operations, and what is not set is null all over an answer.
    """
    if violation.keyword == "status":
        return str(violation.found)
    if violation.keyword == "type" and violation.found is None:
        return f"{operation.id} null"
    return violation.detail if violation.keyword == "mediaType" else ""


def is_page(contract: Contract, operation: Operation, exchanged: Exchanged) -> bool:
    """
    Return whether a GET is answered with a page for people, where no operation of the path has one.

    A web application answers its front page to each GET that nothing else answers.
    """
    response = exchanged.response
    if response is None or exchanged.request.method != "GET":
        return False
    template = operation.route.template
    here = [one for one in contract.operations.values() if one.route.template == template]
    said = {media for one in here for promise in one.responses.values() for media in promise.content}
    found = response.header("content-type").partition(";")[0].strip().lower()
    return found == "text/html" and not said & {"text/html", "text/*", "*/*"}


def _unsaid(contract: Contract, operation: Operation, response: Response) -> bool:
    """
    Return whether a status is HTTP's own word for what was asked, and the whole document is silent about it.

    404 for what is not there (RFC 9110, 15.5.5), 401 and 403 beside a security scheme: documents that
    are made from code name none of them. Where one operation documents it, another's silence is no oversight.
    """
    status = response.status
    about = (status == 404 and "{" in operation.route.template) or (
        status in (401, 403) and bool(operation.security)
    )
    return about and not any(
        {str(status), "4XX", "default"} & one.responses.keys() for one in contract.operations.values()
    )


def meant(operation: Operation, exchanged: Exchanged) -> Exchanged:
    """
    Return a call with the status that its answer means: see `Exchanged`.

    Refusals are often of one shape; the one that prints most of what is there is meant.
    """
    response = exchanged.response
    if response is None or not 200 <= response.status < 300:
        return exchanged
    found = _checker(operation).refusals(response.status, response.headers, response.body)
    if not found:
        return exchanged
    best = max(found, key=lambda promise: _likeness(promise, response))
    if not best.status.isdecimal():
        return exchanged
    return replace(exchanged, response=replace(response, status=int(best.status)), wire=response.status)


def refusal_in(operation: Operation, exchanged: Exchanged) -> int:
    """
    Return the status of the refusal that should have come in a success's place.

    0 where it may have: the contract does not tell the two apart, or knows of no refusal that does so.
    """
    response = exchanged.response
    promise = operation.promise(response.status) if response is not None else None
    if promise is None or response is None or not promise.refusals:
        return 0
    for one in promise.refusals:
        if not _checker(operation).as_promised(one, response.status, response.headers, response.body):
            return 0
    status = promise.refusals[0].status
    return int(status) if status.isdecimal() else 0


_CODES = ("code", "error_code", "errorCode", "error", "type")
"""What an error's own name is called."""


@dataclass
class Dialect:
    """
    Which refusals a server says as successes, where its document leaves that open.

    Either is right, and which one a server takes is learned: whoever reads its answers must know where to
    look, so that one refusal cannot be said now in this way and now in that.
    """

    _met: dict[tuple[str, str, str], Exchanged] = field(default_factory=dict)

    def mixed(self, contract: Contract, operation: Operation, call: Exchanged) -> Iterator[Finding]:
        """Yield that *call*, which has the status that it means, came otherwise before."""
        response = call.response
        promise = operation.promise(response.status) if response is not None else None
        if promise is None or response is None or response.status < 400:
            return
        successes = (one for key, one in operation.responses.items() if key.startswith("2"))
        if not any(promise.place == other.place for one in successes for other in one.refusals):
            return
        refusal = (promise.place.file, promise.place.pointer, _code(response))
        first = self._met.setdefault(refusal, call)
        if bool(first.wire) is not bool(call.wire):
            yield Finding(
                rule="contract/choice",
                operation=operation.id,
                detail=f"This refusal came with {first.status} before, and with {call.status} now: either is "
                "right, but not both.",
                place=contract.located(promise.place),
                expected=first.status,
                found=call.status,
                calls=(first, call),
            )


def _code(response: Response) -> str:
    """Return what an error calls itself ("exists"), "" where it has no such name: two may share a status."""
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return ""
    outer = body if isinstance(body, dict) else {}
    inner = outer.get("error")
    for part in (inner if isinstance(inner, dict) else {}, outer):
        code = next((part[name] for name in _CODES if isinstance(part.get(name), (str, int))), "")
        if code != "":
            return str(code)
    return ""


def _likeness(promise: Promise, response: Response) -> int:
    """Return how many of an answer's values one of the printed examples has, too."""
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return 0
    printed = [one.value for media in promise.content.values() for one in media.examples.values()]
    return max((_common(one, body) for one in printed), default=0)


def _common(one: Json, other: Json) -> int:
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(_common(value, other[name]) for name, value in one.items() if name in other)
    return int(one == other and not isinstance(one, (dict, list)))


def as_documented(contract: Contract, call: Call, exchanged: Exchanged, *, printed: bool) -> list[Finding]:
    """
    Return every way in which the answer to a documented call is not the documented one.

    Args:
        contract: Of the call.
        call: What was asked.
        exchanged: The request and its answer.
        printed: Whether the server holds the world of the documents, so that printed values are expected.
    """
    response = exchanged.response
    if response is None or not call.fits(response.status):
        found = [_not_as_promised(contract, call, exchanged)] if response is not None else []
        return [*found, *held(contract, call.operation, exchanged)]
    findings = held(contract, call.operation, exchanged)
    if not findings and printed:
        findings += _not_as_printed(contract, call, exchanged, response)
    return findings


def differences(call: Call, response: Response) -> Iterator[tuple[str, str, str]]:
    """Yield (pointer, what is printed, what is there), where an answer is not what is printed."""
    media_type = response.header("content-type").partition(";")[0].strip().lower()
    if call.expected is MISSING or not is_json(media_type):
        return
    for count, difference in enumerate(differing(call.expected, orjson.loads(response.body))):
        if count == MOST_DIFFERENCES:
            return
        yield difference


def _no_answer(operation: Operation, exchanged: Exchanged) -> Finding:
    detail = f"There is no answer: {exchanged.trouble}."
    return Finding("contract/answer", operation.id, detail, operation.place, calls=(exchanged,))


def _not_as_promised(contract: Contract, call: Call, exchanged: Exchanged) -> Finding:
    response = exchanged.response
    assert response is not None
    body = response.body[:300].decode("utf-8", "replace")
    wanted = " or ".join(call.statuses)
    return Finding(
        rule="examples/status",
        operation=call.operation.id,
        detail=f"The documented call {call.name!r} is answered {response.status}, not {wanted}: {body}",
        place=contract.located(call.place),
        expected=list(call.statuses),
        found=response.status,
        calls=(exchanged,),
    )


def _not_as_printed(
    contract: Contract, call: Call, exchanged: Exchanged, response: Response
) -> Iterator[Finding]:
    for pointer, expected, found in differences(call, response):
        said = f"The documented call {call.name!r} is answered with"
        yield Finding(
            rule="examples/value",
            operation=call.operation.id,
            detail=f"{said} {found} at {pointer or '/'}, where {expected} is printed.",
            place=contract.located(call.place),
            pointer=pointer,
            expected=expected,
            found=found,
            calls=(exchanged,),
        )


def differing(expected: Json, found: Json, pointer: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield (pointer, what is expected, what is there) for all that differs, however much that is."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys([*expected, *found]):
            at = f"{pointer}/{key}"
            if key not in found:
                yield at, _short(expected[key]), "nothing"
            elif key not in expected:
                yield at, "nothing", _short(found[key])
            else:
                yield from differing(expected[key], found[key], at)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) > len(found) or (len(expected) < len(found) and not isinstance(found[0], dict)):
            yield pointer, f"a list of {len(expected)}", f"a list of {len(found)}"
        for index, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from differing(one, other, f"{pointer}/{index}")
    elif expected != found or isinstance(expected, bool) is not isinstance(found, bool):
        yield pointer, _short(expected), _short(found)


def _short(value: Json) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 60 else text[:57] + "..."
