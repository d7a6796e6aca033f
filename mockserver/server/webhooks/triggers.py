"""
An event by hand: `POST /__admin/webhooks/trigger`.

Where behavior.yaml has a trigger of that name its rule is carried out: it changes
what is remembered, and says what is told to whom. Any other webhook or callback
of a contract is sent as it is documented, with what is given laid over that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.behavior.functions import deep_merge
from mockserver.behavior.model import Trigger
from mockserver.behavior.store import Row
from mockserver.contract.model import Operation
from mockserver.errors import Ungeneratable, nearest
from mockserver.exchange import MISSING, Json
from mockserver.server.api import Api
from mockserver.server.session import Session
from mockserver.server.webhooks import deliveries
from mockserver.server.webhooks.events import Event, event_of
from mockserver.server.webhooks.messages import body_of
from mockserver.server.webhooks.office import Office
from mockserver.server.webhooks.subscriptions import OPTIONS, BadSubscription, How, hold_known

_KNOWN = frozenset({"api", "event", "events", "data", "to", "account", "validate", *OPTIONS})


class Refused(Exception):
    """The rules do not let that happen now; the text says why. `status` is what they answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def trigger(office: Office, apis: Mapping[str, Api], session: Session, said: Json) -> tuple[list[Row], str]:
    """
    Let happen what *said* names, and return the deliveries, and a note where there are none.

    Raises:
        BadSubscription: It names what is not there.
        Refused: A rule refuses it.
        BehaviorError: A rule cannot be carried out.
    """
    if not isinstance(said, dict):
        raise BadSubscription(f"an object with `api` and `event` is expected, found {said!r:.60}.")
    api = _api(apis, said.get("api"))
    events = said.get("events", [said["event"]] if "event" in said else [])
    if not isinstance(events, list) or not events:
        raise BadSubscription(f"event: a name is expected; {api.name} sends {_listed(api)}.")
    hold_known(said, (*_KNOWN, *_taken(api, events)))
    operations = {str(event): _operation(api, str(event)) for event in events}
    how = {name: said[name] for name in OPTIONS if name in said}
    if "order" in how:
        how.setdefault("batch", max(2, len(events)))
    How().over(how)
    validate = said.get("validate", "enforce")
    if validate not in ("enforce", "warn", "off"):
        raise BadSubscription(f"validate: {validate!r:.40} is none of enforce, warn, off.")
    to = said.get("to", "")
    if not isinstance(to, str):
        raise BadSubscription(f"to: an address is expected, found {to!r:.60}.")
    account, accounts = said.get("account", ""), session.worlds[api.name].accounts
    if account != "" and (not isinstance(account, str) or account not in accounts):
        near = nearest(str(account), accounts)
        raise BadSubscription(f"account: no {account!r:.60} is known; there is {', '.join(accounts)}.{near}")
    rows: list[Row] = []
    notes: list[str] = []
    with session.lock, session.keeper.writing():
        for name in map(str, events):
            happened, note = _happened(api, session, name, operations[name], said)
            notes.append(note)
            for event in happened:
                made = office.send(session, api, event, how=how, to=to, held=validate == "enforce")
                rows.extend(made)
                if not made:
                    notes.append(f"Nobody is told of {name}: subscribe, or say `to`.")
    return rows, " ".join(filter(None, notes))


def _taken(api: Api, events: list[Json]) -> set[str]:
    """Return the names of what the rules of *events* take: these may stand beside `data` too."""
    rules = (api.behavior.triggers.get(str(event)) for event in events)
    return {name for rule in rules if rule is not None for name in rule.takes}


def _happened(
    api: Api, session: Session, name: str, operation: Operation, said: Mapping[str, Any]
) -> tuple[list[Event], str]:
    """Let the event *name* happen, and return what is told of it, and why it is nothing."""
    data = said.get("data", MISSING)
    pulled = api.behavior.triggers.get(name)
    if pulled is not None:
        beside = {one: said[one] for one in pulled.takes if one in said and one not in _KNOWN}
        if beside and (data is MISSING or isinstance(data, dict)):
            data = {**(data or {}), **beside}
        return _pulled(api, session, pulled, data, said.get("account", ""))
    world = session.worlds[api.name]
    if data is MISSING:
        return [Event(name, operation, MISSING, None, {})], ""
    try:
        seed = f"{world.seed}|{name}{deliveries.told(session)}"
        body = body_of(operation, {}, seed, world.clock.now)
    except Ungeneratable:
        body = MISSING
    payload = deep_merge(body, data) if isinstance(body, dict) and isinstance(data, dict) else data
    return [Event(name, operation, payload, None, {})], ""


def _pulled(
    api: Api, session: Session, trigger: Trigger, data: Json, account: str
) -> tuple[list[Event], str]:
    if data is MISSING:
        data = {}
    if not isinstance(data, dict):
        raise BadSubscription(f"data: an object is expected, found {data!r:.60}.")
    for name in data:
        if name not in trigger.takes:
            known = ", ".join(trigger.takes) or "nothing"
            raise BadSubscription(f"data: {trigger.event} takes {known}.{nearest(name, trigger.takes)}")
    world = session.worlds[api.name]
    outcome = api.engine.pull(world, trigger, {**trigger.takes, **data}, account)
    if outcome.refused:
        api.engine.rollback(world, outcome)
        why = outcome.body if isinstance(outcome.body, str) else f"{outcome.rule} refuses it"
        raise Refused(outcome.status or 409, f"{trigger.event}: {why}")
    api.engine.commit(world, outcome)
    events = [event for one in outcome.events if (event := event_of(api.contract, one)) is not None]
    return events, "" if events else f"{outcome.rule} tells nobody of {trigger.event} as things are."


def _api(apis: Mapping[str, Api], name: Json) -> Api:
    if name is None and len(apis) == 1:
        return next(iter(apis.values()))
    if not isinstance(name, str) or name not in apis:
        raise BadSubscription(
            f"api: no {name!r} is served; there is {', '.join(apis)}.{nearest(str(name), apis)}"
        )
    return apis[name]


def _operation(api: Api, event: str) -> Operation:
    found = api.contract.told_by(event)
    if found is None:
        known = api.contract.events
        raise BadSubscription(
            f"event: {api.name} sends {_listed(api)}, no {event!r:.60}.{nearest(event, known)}"
        )
    return found


def _listed(api: Api) -> str:
    return ", ".join(api.contract.events) or "nothing by itself"


def offered(api: Api) -> list[dict[str, Json]]:
    """Return what can be triggered: each event with what it is about, and the data that it takes."""
    found = []
    for name in api.contract.events:
        operation = api.contract.told_by(name)
        assert operation is not None
        pulled = api.behavior.triggers.get(name)
        example: Json = dict(pulled.takes) if pulled is not None else _example(operation)
        about = pulled.about if pulled is not None else operation.summary
        found.append({"event": name, "method": operation.method, "about": about, "data": example})
    return found


def _example(operation: Operation) -> Json:
    for media in operation.body.content.values() if operation.body is not None else ():
        for example in media.examples.values():
            return example.value
    return {}
