"""
Say no in the API's own words: fill the documented shape of an error with what is really wrong.

A schema that asks for `{"code": ..., "message": ...}` says what an error looks like
but not what it says. Names tell: a message is a sentence, a status is the status.
What has no name that we know is left to be made.
"""

from __future__ import annotations

from http import HTTPStatus

from mockserver.behavior.engine import Outcome
from mockserver.behavior.wording import plain, words
from mockserver.contract.media import is_json
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

_SENTENCES = words(
    "message detail details description errormessage errordescription errordetail msg reason "
    "userdetail userfriendlymessage developermessage text"
)
_TITLES = words("title error errortype name summary")
_NUMBERS = words("status statuscode httpstatus httpcode httpstatuscode code errorcode")
_CODES = words("code errorcode errorkey key type status reason error name")
_FAILED = words("success ok succeeded")
_SPELLINGS = {
    404: ("notfound", "unknown", "missing"),
    409: ("conflict", "alreadyexists", "exists", "duplicate"),
}
_DEPTH = 4


def refuse(operation: Operation, outcome: Outcome, status: int, why: str) -> None:
    """Make *outcome* a refusal, in the words of the contract where it has some."""
    outcome.refused, outcome.status, outcome.rule = True, status, why
    outcome.body = worded(operation, status, why)


def worded(operation: Operation, status: int, detail: str) -> Json:
    """
    Return the body of the documented answer *status* of *operation* that says *detail*.

    `MISSING` where it has none, has an example of its own, or has no shape that could say it.
    """
    promise = operation.promise(status)
    for name, media in promise.content.items() if promise is not None else ():
        if media.examples or media.schema is None:
            return MISSING
        if is_json(name.partition(";")[0].strip()):
            found = _said(Shape(media.schema.json("response")), status, detail, _DEPTH)
            return found if isinstance(found, dict) and found else MISSING
    return MISSING


def _said(shape: Shape, status: int, detail: str, depth: int) -> Json:
    """Return what *shape* says of the refusal, `MISSING` where it says nothing."""
    if not depth or "object" not in shape.kinds or not shape.names:
        return MISSING
    found: dict[str, Json] = {}
    for name in shape.names:
        value = _value(plain(name), shape.named(name), status, detail, depth)
        if value is not MISSING:
            found[name] = value
    return found or MISSING


def _value(word: str, shape: Shape, status: int, detail: str, depth: int) -> Json:
    kinds = shape.kinds
    if not shape.typed:
        return detail if word in _SENTENCES else MISSING
    if "integer" in kinds and "string" not in kinds:
        return status if word in _NUMBERS else MISSING
    if "boolean" in kinds:
        return False if word in _FAILED else MISSING
    if "string" in kinds:
        return _text(word, shape, status, detail)
    if "array" in kinds and word in ("errors", "error", "details", "messages", "violations", "problems"):
        item = shape.item(0)
        said = detail if "string" in item.kinds else _said(item, status, detail, depth - 1)
        return MISSING if said is MISSING else [said]
    return _said(shape, status, detail, depth - 1)


def _text(word: str, shape: Shape, status: int, detail: str) -> Json:
    allowed = shape.enum
    if allowed is not None:
        spelled = _SPELLINGS.get(status, ())
        fits = (
            one
            for one in allowed
            if isinstance(one, str) and plain(one) in (*spelled, "error", "fail", "failure")
        )
        return next(fits, MISSING)
    if any("format" in face or "pattern" in face for face in shape.faces):
        return (
            "about:blank"
            if word == "type" and any("uri" in str(f.get("format")) for f in shape.faces)
            else MISSING
        )
    if word in _SENTENCES:
        return detail
    if word == "type":
        return "about:blank"
    if word in _TITLES:
        return HTTPStatus(status).phrase
    if word in _NUMBERS and word.startswith(("status", "http")):
        return str(status)
    return HTTPStatus(status).phrase.lower().replace(" ", "_") if word in _CODES else MISSING
