"""
Refuse a request that breaks its contract: in the API's own words where it has some.

In this order: what behavior.yaml says under `refusals`; the documented problem
(RFC 9457), filled with what is really wrong; the documented example, or a made
value; and where the contract documents nothing that fits, a problem of the
mock's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mockserver.behavior.world import World
from mockserver.contract.media import parsed
from mockserver.contract.model import MediaType, Operation
from mockserver.contract.pairs import paired
from mockserver.exchange import MISSING, Arguments, Json, Violation
from mockserver.generation import choose
from mockserver.server import filling, preferences
from mockserver.server.answer import Answer
from mockserver.server.api import Api, Prepared
from mockserver.server.preferences import Preferences
from mockserver.server.problems import MEDIA_TYPE, members


def refuse(
    answer: Answer,
    api: Api,
    prepared: Prepared,
    world: World,
    happened: str,
    account: str,
    seed: str,
    arguments: Arguments | None = None,
    fields: Sequence[tuple[str, str]] = (),
) -> None:
    """
    Refuse, because of `answer.violations`.

    Args:
        happened: A key of `choose.FITTING`.
        account: Whose request it is.
        seed: For what has to be made up.
        arguments: The request as far as it could be read.
        fields: Header fields that belong to the refusal (challenges).
    """
    operation = prepared.operation
    undecodable = answer.undecodable
    if undecodable is not None and undecodable.status == 413:
        answer.problem(413, str(undecodable))
        return
    fields = [*fields, *(undecodable.fields if undecodable is not None else ())]
    detail = _sentence(happened, answer.violations)
    chosen = choose.fitting(operation, happened)
    body, said, chosen = _own_rule(
        answer, api, operation, world, happened, account, arguments, detail, chosen
    )
    if chosen is None or not chosen.promise.content:
        status = chosen.status if chosen is not None else choose.STATUS[happened]
        errors = [answer.located(one) for one in answer.violations]
        answer.problem(status, detail, fields, errors=errors)
        return
    _, media = prepared.media(chosen.promise, answer.request.header("accept"))
    media = media or choose.default_media(chosen.promise.content)
    now = world.clock.now
    if body is not MISSING:
        filled = filling.of_value(prepared, media, body, seed, now, "rule", f"refused: {happened}")
    else:
        asked = _example(answer, prepared, chosen, media, arguments)
        told = None if asked.example else _true_problem(answer, prepared, chosen, media, detail)
        filled = told or filling.of_contract(
            *(prepared, chosen.promise, media, None, asked, seed, now),
            dynamic=False,
            status=chosen.status,
            detail=detail,
            violations=answer.violations,
        )
    own = {name.lower() for name, _ in fields}
    filled_in = filling.headers(prepared, chosen.promise, said, seed, now)
    documented = [(name, value) for name, value in filled_in if name.lower() not in own]
    answer.filled(chosen.status, filled, [*documented, *fields])
    answer.note(detail)
    answer.good()


def _own_rule(
    answer: Answer,
    api: Api,
    operation: Operation,
    world: World,
    happened: str,
    account: str,
    arguments: Arguments | None,
    detail: str,
    chosen: choose.Chosen | None,
) -> tuple[Json, dict[str, Json], choose.Chosen | None]:
    """Return body, headers and response as behavior.yaml words such a refusal; *chosen* where it does not."""
    if happened == "media" and (chosen is None or chosen.promise.status != "415"):
        return MISSING, {}, chosen
    kind = "invalid" if happened == "media" else happened
    errors = [{key: value for key, value in one.json().items() if key != "spec"} for one in answer.violations]
    problem = {"title": happened, "detail": detail, "errors": errors}
    outcome = api.engine.refusal(kind, operation, world, account, problem, arguments)
    if outcome is None:
        return MISSING, {}, chosen
    answer.fleeting |= outcome.transaction.flowed
    status = outcome.status
    promise = operation.refusal(status, outcome.example) if status is not None else None
    if promise is None or status is None:
        return MISSING, {}, chosen
    if happened == "media":
        return outcome.body, dict(outcome.headers), chosen
    return outcome.body, dict(outcome.headers), choose.Chosen(status, promise)


def _true_problem(
    answer: Answer, prepared: Prepared, chosen: choose.Chosen, media: MediaType | None, detail: str
) -> filling.Filled | None:
    """
    Fill a documented problem+json with what is really wrong: its example would say something else.

    None where the contract documents another shape, or a problem that ours does not fit.
    """
    name = parsed(media.name) if media is not None else None
    if media is None or name is None or name.essence != MEDIA_TYPE:
        return None
    errors = [answer.located(one) for one in answer.violations]
    value = members(chosen.status, detail, errors=errors)
    filler = prepared.filler(media)
    if filler is not None and not filler.is_valid(filler.cut(value)):
        return None
    return filling.of_value(prepared, media, value, "", "", "rule", "documented as a problem")


def _example(
    answer: Answer,
    prepared: Prepared,
    chosen: choose.Chosen,
    media: MediaType | None,
    arguments: Arguments | None,
) -> Preferences:
    """
    Say which example a refusal takes: the one asked for, else the one whose request this is.

    An example asked for together with this very code, which has none of that name, is not passed over.
    """
    wishes = answer.preferences
    examples = media.examples if media is not None else {}
    if wishes.example:
        if wishes.code == str(chosen.status) or wishes.example in examples:
            return replace(preferences.NONE, example=wishes.example)
        return preferences.NONE
    name = paired(prepared.operation, arguments) if arguments is not None else ""
    return replace(preferences.NONE, example=name) if name and name in examples else preferences.NONE


def _sentence(happened: str, violations: Sequence[Violation]) -> str:
    if not violations:
        return (
            "These credentials do not suffice."
            if happened == "forbidden"
            else "The request breaks the contract."
        )
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    return violations[0].detail + more
