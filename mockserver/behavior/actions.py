"""
What is done to one thing by a path that says it: `POST /orders/{id}/cancel`, `/camp/pause.json` with an id.

The words of the operation come first ("sets the status to `cancelled`"). Then the
word of the path: `cancel` leads to the state `cancelled`, to the flag `is_cancelled`
and to the time `cancelled_at`, whichever of them things of that kind have. A word
that leads nowhere changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mockserver.behavior.calling import Carrier, carrier
from mockserver.behavior.finding import by_path
from mockserver.behavior.numbered import meanings
from mockserver.behavior.resources import Resource
from mockserver.behavior.wording import last_word, noun, parameters, plain, words, words_of
from mockserver.contract.model import Contract, Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json

_OF_ONE = re.compile(r"(.*\})[/:]([A-Za-z][\w.-]*)\Z")
IRREGULAR = dict(
    pair.split("/")
    for pair in words(
        "begin/begun bind/bound build/built buy/bought do/done find/found freeze/frozen give/given "
        "hide/hidden hold/held keep/kept leave/left lend/lent lose/lost make/made pay/paid quit/quit "
        "read/read reset/reset sell/sold send/sent set/set shut/shut split/split take/taken undo/undone "
        "unfreeze/unfrozen win/won withdraw/withdrawn write/written"
    )
)
_LEADS_TO = {
    "activate": words("active enabled running live"),
    "close": words("closed done"),
    "complete": words("complete completed done finished"),
    "deactivate": words("inactive deactivated disabled"),
    "disable": words("disabled inactive"),
    "enable": words("enabled active"),
    "finish": words("finished complete completed done"),
    "open": words("open opened"),
    "reopen": words("open reopened"),
    "resolve": words("resolved done closed"),
    "restore": words("active restored"),
    "resume": words("resumed active running started inprogress"),
    "retry": words("queued pending retrying"),
    "start": words("started running inprogress active"),
    "unarchive": words("active"),
    "unpause": words("active running"),
    "unpublish": words("unpublished draft"),
    "unsuspend": words("active"),
}
"""Word of a path -> states that it leads to, where its participle is none of them."""
COPIES = words("clone copy duplicate")
"""Words of a path that make another thing, and do nothing to the one that it names."""
_OPPOSITE = {"disable": "enable", "deactivate": "activate", "resume": "pause", "reopen": "close"}
STATES = ("status", "state", "phase", "stage")
"""Endings of a property that says how far a thing has come; what sort it is does not close it."""
_WHEN = ("at", "on", "date", "time", "datetime", "timestamp")


@dataclass(frozen=True)
class Deed:
    """
    What an action makes of a thing.

    Attributes:
        sets: Property -> its value afterwards.
        times: Properties that say when it was done.
    """

    sets: Mapping[str, Json] = field(default_factory=dict)
    times: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sets or self.times)


@dataclass(frozen=True)
class Action:
    """
    An operation that does something to one thing.

    Attributes:
        word: What it does, as its path says: "cancel".
        carrier: Where a request says which thing it means, None where the path names it.
        undoes: Whether it takes back what its path says: DELETE beside a PUT or POST.
        opposite: Whether it was told to do the opposite of what its path and its words say.
    """

    resource: Resource
    word: str
    carrier: Carrier | None = None
    undoes: bool = False
    opposite: bool = False

    @property
    def copies(self) -> bool:
        """Whether it makes another thing like the one that it is asked of."""
        return not self.undoes and next(iter(words_of(self.word)), "") in COPIES


def actions(
    contract: Contract, resources: Mapping[str, Resource], kinds: Mapping[str, object]
) -> dict[str, Action]:
    """Return the actions of *contract* by operation id; none of *kinds*, which something else explains."""
    items = {one.item_path: one for one in resources.values() if one.parameter}
    told = {one.path + "/": one for one in resources.values() if one.carried}
    found: dict[str, Action] = {}
    for template, methods in by_path(contract).items():
        if "GET" in methods or any(route.id in kinds for route in methods.values()):
            continue  # what can be read there is a thing of its own
        split = _OF_ONE.match(template)
        if split is not None and split[1] in items:
            for method, route in methods.items():
                undoes = method == "DELETE"
                if method in ("POST", "PUT", "PATCH") or (undoes and methods.keys() & {"POST", "PUT"}):
                    found[route.id] = Action(items[split[1]], split[2], undoes=undoes)
        elif told and "POST" in methods and template.rpartition("/")[0] + "/" in told:
            resource = told[template.rpartition("/")[0] + "/"]
            where = carrier(contract.operations[methods["POST"].id], resource.path)
            if where is not None:
                word = template.rpartition("/")[2].partition(".")[0]
                found[methods["POST"].id] = Action(resource, word, where)
    return found


def adding(contract: Contract, found: Mapping[str, Action]) -> dict[str, Resource]:
    """
    Return the lists that actions may add to, by path: `POST /carts/{id}/items` says no verb, but what comes.

    Whether the things above really show such a list is for `Resource.embedded` to say.
    """
    lists: dict[str, Resource] = {}
    kinds = {"POST": "create", "PUT": "replace by body", "DELETE": "clear"}
    for identifier, action in found.items():
        route = contract.operations[identifier].route
        path, kind = route.template.rstrip("/"), kinds.get(route.method)
        if action.carrier is None and kind and noun(path) != plain(last_word(path)):
            made = lists.setdefault(
                path, Resource(path, contract, parents=parameters(path), above=action.resource)
            )
            made.operations[kind] = identifier
            made.why.append(f"{route.method} {path} is how to {kind}")
    return {path: one for path, one in lists.items() if one.operations.keys() & {"create", "replace by body"}}


def deed(operation: Operation, action: Action) -> Deed:
    """Return what *operation* makes of a thing, by its words and by its path."""
    row = action.resource.row
    if row is None:
        return Deed()
    unsaid = action.undoes or action.opposite
    sets: dict[str, Json] = {} if unsaid else dict(says(operation, row))
    times = [] if unsaid else list(stamps(operation, row))
    verb = _verb(action.word)
    on = {f"{before}{word}" for word in _participles(verb) for before in ("", "is", "was")}
    off = {f"{before}{word}" for word in _participles(_opposite(verb)) for before in ("", "is", "was")}
    if action.undoes:
        on, off = set(), on
    states = () if action.undoes or _chosen(row, sets) else _states(verb)
    for name in row.names:
        shape, word = row.named(name), plain(name)
        if name in sets or not shape.typed:
            continue
        if "boolean" in shape.kinds and word in on | off:
            sets[name] = word in on
        elif shape.is_time and word.endswith(_WHEN) and name not in times:
            if _event(word) in on:
                times.append(name)
            elif _event(word) in off and "null" in shape.kinds:
                sets[name] = None
        elif states and (state := _led_to(shape, states)) is not MISSING:
            sets[name] = state
            states = ()
    return Deed(sets, tuple(times))


def switched(action: Action, sent: Json) -> Action | None:
    """
    Return *action* as what was *sent* has it: `pause` told {"pause": 0} resumes.

    None where that takes back what the path says, and nobody knows by which word.
    """
    verb = "".join(_verb(action.word))
    for name in switch(action, sent if isinstance(sent, dict) else ()):
        if sent[name] in (0, False, "0", "false"):
            known = {two: one for one, two in _OPPOSITE.items()} | _OPPOSITE
            return replace(action, word=known[verb], opposite=True) if verb in known else None
    return action


def switch(action: Action, names: Iterable[str]) -> Iterator[str]:
    """Yield those of *names* that say whether to do as the path says: `pause`, `paused`, `is_paused`."""
    verb = _verb(action.word)
    called = {"".join(verb), *_participles(verb)}
    yield from (name for name in names if plain(name).removeprefix("is") in called)


def dated(before: Mapping[str, Json], after: Mapping[str, Json], row: Shape, now: str) -> dict[str, Json]:
    """
    Return the times that follow from what changed between *before* and *after*: `closed_at` from a state.

    What was said of a time itself is left alone, and a time that was told is taken back only where it may be
    null.
    """
    came: set[str] = set()
    went: set[str] = set()
    for name in row.names:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if plain(name).endswith(STATES):
            came |= {plain(new)} if isinstance(new, str) else set()
            went |= {plain(old)} if isinstance(old, str) else set()
        elif isinstance(new, bool):
            (came if new else went).add(plain(name).removeprefix("is"))
    found: dict[str, Json] = {}
    for name in row.names if came or went else ():
        word, shape = plain(name), row.named(name)
        if not shape.is_time or not word.endswith(_WHEN) or before.get(name) != after.get(name):
            continue
        if _event(word) in came and after.get(name) is None:
            found[name] = now
        elif _event(word) in went and after.get(name) is not None and "null" in shape.kinds:
            found[name] = None
    return found


def _verb(word: str) -> list[str]:
    """Return what a path does, word by word: "mark-as-read" makes things read, as "read" would."""
    said = words_of(word)
    if said[:1] == ["mark"] and len(said) > 1:
        return said[-1:]
    return said[:1]


def _opposite(verb: list[str]) -> list[str]:
    word = verb[0] if verb else ""
    if word in _OPPOSITE:
        return [_OPPOSITE[word]]
    return [word[2:]] if word.startswith("un") and len(word) > 4 else []


def _participles(verb: list[str]) -> frozenset[str]:
    """Return how what was done is called: "stop" is "stopped", and "read" (mark as read) is itself."""
    word = verb[0] if verb else ""
    if len(word) < 3:
        return frozenset()
    found = {word} if word.endswith(("ed", "en", "ive")) else {f"{word}ed", f"{word}{word[-1]}ed"}
    if word.endswith("e"):
        found = {f"{word}d"}
    elif word.endswith("y") and word[-2] not in "aeiou":
        found = {f"{word[:-1]}ied"}
    if word.endswith("ivate"):
        found.add(f"{word.removesuffix('ate')}e")
    return frozenset(found | ({IRREGULAR[word]} if word in IRREGULAR else set()))


def _states(verb: list[str]) -> tuple[str, ...]:
    """Return the states that a verb may lead to, plain: how what was done is called, then others by name."""
    named = sorted(_participles(verb))
    return (*named, *sorted(_LEADS_TO.get(verb[0] if verb else "", frozenset()) - set(named)))


def _led_to(shape: Shape, states: tuple[str, ...]) -> Json:
    """Return the state of a property that one of *states* is; `MISSING` where it has none of them."""
    allowed: dict[str, Json] = {plain(one): one for one in enumerated(shape)} or dict(meanings(shape))
    return next((allowed[state] for state in states if state in allowed), MISSING)


def _chosen(row: Shape, sets: Mapping[str, Json]) -> bool:
    """Whether a state is among what the words of an action set."""
    return any(enumerated(row.named(name)) for name in sets)


def _event(word: str) -> str:
    """Return what happened at a time: "cancelledat" is when it was cancelled."""
    return next((word.removesuffix(end) for end in _WHEN if word.endswith(end)), "")


# ------------------------------------------------------------- what is said of it


def enumerated(shape: Shape) -> list[str]:
    """Return the texts that a property may be, [] where it may be any."""
    return [one for one in shape.enum or () if isinstance(one, str)]


def says(operation: Operation, row: Shape) -> Iterator[tuple[str, Json]]:
    """Yield (property, value) of what an action says that it sets: "sets the status to `cancelled`"."""
    text = f"{operation.summary}. {operation.description}"
    for name in row.names:
        begins = rf"\b[Ss]et(s|ting)? (the |its )?[`'\"]?{re.escape(name)}[`'\"]? to [`'\"]?"
        if plain(name).endswith(STATES):
            begins = rf"({begins}|\b([Mm]oves|[Tt]ransitions) [^.;]{{,50}}\bto [`'\"]?)"
        set_to = [
            one for one in enumerated(row.named(name)) if re.search(rf"{begins}{re.escape(one)}\b", text)
        ]
        if len(set_to) == 1:
            yield name, set_to[0]


def stamps(operation: Operation, row: Shape) -> Iterator[str]:
    """Yield the times that an action says that it sets: "sets `cancelled_at` to the current time"."""
    text = f"{operation.summary}. {operation.description}"
    for name in row.names:
        timed = any(face.get("format") == "date-time" for face in row.named(name).faces)
        if timed and re.search(
            rf"[`'\"]?\b{re.escape(name)}[`'\"]? to (the )?(current time|current date|now\b|time of)"
            rf"|\b([Ss]et|[Rr]ecord|[Ss]tamp|[Ff]ill)s (the |its )?[`'\"]?{re.escape(name)}\b(?!.? to\b)",
            text,
        ):
            yield name
