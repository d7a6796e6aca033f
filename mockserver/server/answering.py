"""
Make the response: of what was planned, or of what the contract documents.

The second half of a request's life (server/pipeline.py is the whole of it): choose
the documented response, then fill it. Whether it may leave is asked afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.behavior.engine import Outcome
from mockserver.behavior.world import World
from mockserver.contract.model import MediaType, Operation
from mockserver.contract.pairs import paired
from mockserver.contract.routes import Match, Miss
from mockserver.exchange import MISSING, Arguments, Json, Request, Response
from mockserver.generation import choose
from mockserver.server import filling
from mockserver.server.answer import Answer
from mockserver.server.api import Api, Prepared


def planned(
    answer: Answer,
    api: Api,
    prepared: Prepared,
    arguments: Arguments,
    world: World,
    outcome: Outcome,
    dynamic: bool,
) -> None:
    """Answer as *outcome* says; what it leaves open comes from the contract."""
    operation = prepared.operation
    chosen = prepared.success
    if outcome.status is not None:
        promise = (
            operation.refusal(outcome.status, outcome.example)
            if outcome.refused
            else operation.promise(outcome.status)
        )
        if promise is None:
            _undocumented(answer, operation, outcome)
            return
        chosen = choose.Chosen(outcome.status, promise)
    if chosen is None:
        answer.problem(500, f"{operation.id} documents no response.")
        return
    media = _acceptable(answer, prepared, chosen, refused=outcome.refused)
    if answer.response is not None:
        return
    seed = seed_of(answer, api, operation, arguments)
    now = world.clock.now
    if outcome.body is not MISSING:
        source = "rule" if outcome.refused else outcome.source
        body = _linked(api, prepared, media, arguments, outcome)
        filled = filling.of_value(prepared, media, body, seed, now, source, outcome.rule)
    else:
        filled = _from_contract(answer, prepared, chosen, media, arguments, seed, now, dynamic)
    fields = filling.headers(prepared, chosen.promise, outcome.headers, seed, now)
    answer.filled(chosen.status, filled, fields)
    if outcome.rehearsed:
        answer.note(f"rehearsed as the example {outcome.rehearsed!r}")


def _linked(
    api: Api, prepared: Prepared, media: MediaType | None, arguments: Arguments, outcome: Outcome
) -> Json:
    """Return the body of *outcome*, with the links of what nobody wrote rules for to itself."""
    body = outcome.body
    filler = (
        prepared.filler(media) if media is not None and outcome.proposed and not outcome.refused else None
    )
    if media is None or filler is None or not arguments.url:
        return body
    links = api.self_links(prepared.operation, media, filler.shape)
    if links is None:
        return body
    told = links.told(body, arguments.url)
    return told if filler.is_valid(filler.cut(told)) or not filler.is_valid(filler.cut(body)) else body


def planned_for(answer: Answer, api: Api, operation: Operation, arguments: Arguments) -> bool:
    """Return whether the rules answer; else a documented answer is asked for by name."""
    wishes = answer.preferences
    if not api.engine.covers(operation):
        return False
    if wishes.forced:
        return wishes.only_items and api.engine.lists(operation)
    if not api.engine.proposes:
        return True
    name = paired(operation, arguments)
    refusing = choose.exemplified(operation, name, choose.success(operation)) if name else None
    return refusing is None or refusing[0].status < 300


def documented(
    answer: Answer, api: Api, prepared: Prepared, arguments: Arguments, world: World, dynamic: bool
) -> None:
    """Answer from the contract alone: the response asked for or the success, by example or generated."""
    operation, wishes = prepared.operation, answer.preferences
    chosen = choose.coded(operation, wishes.code) if wishes.code else prepared.success
    if chosen is None:
        known = list(operation.responses)
        what = f"status {wishes.code}" if wishes.code else "response"
        said = f"{operation.id} documents no {what}; it has {', '.join(known) or 'none'}."
        answer.problem(404, said, documented=known)
        return
    media = None
    name = wishes.example
    if not name and not wishes.forced and not _dynamic(answer, dynamic):
        name = paired(operation, arguments)
    if name:
        named = choose.exemplified(operation, name, chosen)
        if named is not None and (not wishes.code or named[0].promise is chosen.promise):
            chosen, media, _ = named
    if media is None:
        media = _acceptable(answer, prepared, chosen)
        if answer.response is not None:
            return
    seed, now = seed_of(answer, api, operation, arguments), world.clock.now
    filled = _from_contract(answer, prepared, chosen, media, arguments, seed, now, dynamic)
    answer.applied += ("code",)
    answer.filled(chosen.status, filled, filling.headers(prepared, chosen.promise, {}, seed, now))
    answer.good()


def told(
    answer: Answer,
    api: Api,
    prepared: Prepared,
    arguments: Arguments,
    world: World,
    outcome: Outcome,
    dynamic: bool,
) -> bool:
    """
    Answer with *outcome*, and return whether what it has changed stays.

    What nobody wrote the rules for is only proposed, and gives way to what the contract documents: a
    refusal that does not fit is told in the contract's own words, and so is a success. That has happened
    all the same; it only cannot be told in full.
    """
    planned(answer, api, prepared, arguments, world, outcome, dynamic)
    good = answer.good() and _holds(answer, api, prepared.operation, outcome)
    if good and not outcome.refused:
        answer.applied += ("items",)  # nothing but a list's length comes this way
        return True
    if good or not outcome.proposed:
        return False
    if not outcome.refused:
        answer.again()
        documented(answer, api, prepared, arguments, world, dynamic)
        return answer.source != "mock"
    if outcome.body is not MISSING:
        outcome.body = MISSING
        answer.again()
        planned(answer, api, prepared, arguments, world, outcome, dynamic)
        answer.good()
    return False


def nowhere(request: Request, answer: Answer, found: Match | Miss) -> None:
    """Say that no operation of the contract stands there, and what is near."""
    allow = found.allow if isinstance(found, Miss) else ()
    if allow:
        fields = [("Allow", ", ".join(allow))]
        answer.problem(405, f"{request.path} has no {request.method}; it has {', '.join(allow)}.", fields)
        return
    near = list(found.nearest) if isinstance(found, Miss) else []
    hint = f" Did you mean {near[0]}?" if near else ""
    said = f"No operation of the contract stands at {request.path}.{hint}"
    answer.problem(404, said, nearest=near, **answer.near)


def everywhere(answer: Answer, apis: Iterable[Api]) -> None:
    """Answer `OPTIONS *`: it asks whether we are there, and what we can (RFC 9110, 9.3.7)."""
    methods = {operation.method for api in apis for operation in api.contract.operations.values()}
    answer.response = Response(204, [("Allow", ", ".join(sorted(methods | {"HEAD", "OPTIONS"})))])


def seed_of(answer: Answer, api: Api, operation: Operation, arguments: Arguments | None = None) -> str:
    """What a generated answer belongs to: seed, operation, path; so /users/42 is always the same."""
    path = "|".join(map(str, arguments.path.values())) if arguments is not None else ""
    seed = answer.preferences.seed or answer.session.worlds[api.name].seed
    return f"{seed}|{operation.id}|{path}"


def _undocumented(answer: Answer, operation: Operation, outcome: Outcome) -> None:
    """Answer with a status that the contract does not document: the mock speaks for itself."""
    if outcome.refused and (outcome.proposed or not outcome.rule):
        status = outcome.status or 404
        nothing = f"There is nothing at {answer.request.path}. " if status == 404 else ""
        answer.problem(status, nothing + outcome.rule)
        return
    said = f"{outcome.status}, which {operation.id} does not document ({outcome.rule})"
    answer.problem(500, f"A rule answers {said}.")


def _acceptable(
    answer: Answer, prepared: Prepared, chosen: choose.Chosen, *, refused: bool = False
) -> MediaType | None:
    """Return the media type to answer in; a refusal is sent whatever is accepted (RFC 9110, 12.5.1)."""
    accept = answer.request.header("accept")
    able, media = prepared.media(chosen.promise, accept)
    if not able and refused:
        return choose.default_media(chosen.promise.content)
    if not able:
        offered = ", ".join(chosen.promise.content)
        answer.problem(406, f"Accept: {accept} takes none of the documented media types: {offered}.")
    return media


def _dynamic(answer: Answer, dynamic: bool) -> bool:
    wished = answer.preferences.dynamic
    return dynamic if wished is None else wished


def _from_contract(
    answer: Answer,
    prepared: Prepared,
    chosen: choose.Chosen,
    media: MediaType | None,
    arguments: Arguments,
    seed: str,
    now: str,
    dynamic: bool,
) -> filling.Filled:
    return filling.of_contract(
        *(prepared, chosen.promise, media, arguments, answer.preferences, seed, now),
        dynamic=_dynamic(answer, dynamic),
        status=chosen.status,
    )


def _holds(answer: Answer, api: Api, operation: Operation, outcome: Outcome) -> bool:
    """Hold a success against the invariants; one that breaks them becomes a problem of the mock's own."""
    if outcome.scope is None or api.invariants.silent(operation):
        return True
    media = answer.media_type
    found = api.invariants.breaches(operation, outcome.scope, answer.status, media, answer.value)
    said = "; ".join(f"{one.invariant.place}: {one}" for one in found)
    if said:
        answer.problem(500, f"The answer does not hold what is said of it: {said}")
    return not said
