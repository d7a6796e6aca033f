"""
In which states of a thing something is refused, as the words of a contract say.

"It is closed", "Closed tickets cannot be commented on", "Only drafts can be published": mostly of a 409, and
of the operation itself where its 409 names no state.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from mockserver.behavior.actions import IRREGULAR, STATES, enumerated
from mockserver.behavior.wording import plain, singular, words_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Json

_ALREADY = re.compile(r"\balready\b|\b(twice|again)\b", re.IGNORECASE)
_NEGATED = re.compile(r"\b(not|no longer|never|only|unless|n't|neither|except|without)\b|n't", re.IGNORECASE)
_OTHERWISE = re.compile(
    r"\b(already done|idempotent|no effect|nothing happens|ignored|unchanged)\b", re.IGNORECASE
)


def refuses_again(operation: Operation) -> bool:
    """Return whether the 409 of an action says that it was done already."""
    promise = operation.responses.get("409")
    said = promise.description if promise is not None else ""
    verb = words_of(operation.route.template.rpartition("/")[2])
    stem = verb[0].removesuffix("e") if verb else ""
    done = len(stem) > 2 and any(
        word.startswith(stem) and word.endswith("ed") for word in re.findall(r"[a-z]+", said.lower())
    )
    return done and bool(_ALREADY.search(said)) and not repeats(operation)


def repeats(operation: Operation) -> bool:
    """Return whether an action is said to be done again without complaint."""
    promise = operation.responses.get("409")
    said = promise.description if promise is not None else ""
    return bool(_OTHERWISE.search(f"{said} {operation.description}"))


_CANNOT = r"(cannot|can't|can not|can no longer|may not|may no longer|must not)\b"
_ONLY = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bonly (?P<states>[^.;]{2,60}?) (can|may) be\b",
        r"\b(can|may) only be \w+ (while|when|if|as long as)( it is| they are)? (?P<states>[^.;]{2,60})",
        r"\b(only (allowed|possible|permitted)|(allowed|possible|permitted) only) (for|in|while|when|from)"
        r" (?P<states>[^.;]{2,60})",
        r"\bmust (still |currently )?be (in |an? |the |still |currently )*(?P<states>\w+((,| or|, or) \w+)*)",
    )
)
"""What is said of the states in which something is done."""
_IS_NOT = re.compile(
    r"\b(is|are|was) not (yet |currently |in |an? |the )*(?P<states>\w+( or \w+)*)", re.IGNORECASE
)
"""What the 409 of something that is done in some states alone says: "The job is not open"."""

_IS = re.compile(
    r"\b(is|are|was|were|been) (already |now )?(?P<states>\w+((,| or|, or|/) ?\w+)+)", re.IGNORECASE
)
"""What is said of something that is in one of several states: "It is hired or rejected"."""

_NEEDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(has|have|having|contains?) no (?P<what>\w+) ?(?=[.,;]|$|yet\b|or\b)",
        rf"\b(without|with no) (any |at least one )?(?P<what>\w+) {_CANNOT}",
        rf"{_CANNOT} be \w+ without (any |at least one |an? )?(?P<what>\w+) ?(?=[.,;]|$)",
        r"\b(must have|must contain|needs|requires) at least one (?P<what>\w+) ?(?=[.,;]|$|to be\b|before\b)",
    )
)
"""What is said of what has to stand below a thing before something is done to it."""


def refusing_states(operation: Operation, known: Collection[str]) -> set[str]:
    """
    Return those of the *known* states in which *operation* answers 409, as its words say.

    The words of the 409 come first. Where these name no state ("Not possible in the current status"), those
    of the operation do, as far as they say what cannot be done: "Only drafts can be published".
    """
    promise = operation.responses.get("409")
    if promise is None or repeats(operation):
        return set()
    if found := refused_in(promise.description, known):
        return found
    text = f"{operation.summary}. {operation.description}"
    found = {state for state in known if _cannot(text, state)}
    return (found | _elsewhere(_ONLY, text, known)) if found != set(known) else set()


def _elsewhere(patterns: Iterable[re.Pattern[str]], said: str, known: Collection[str]) -> set[str]:
    """Return the states besides those in which something is done, as one of *patterns* finds them named."""
    found: set[str] = set()
    for pattern in patterns:
        for one in pattern.finditer(said):
            named = {state for state in known if re.search(_said(state), one["states"], re.IGNORECASE)}
            found |= set(known) - named if named else set()
    return found


def refused_in(said: str, known: Collection[str]) -> set[str]:
    """Return those of the *known* states in which something is refused, as the words of its 409 say."""
    found = {state for state in known if names_state(said, state)}
    found |= _elsewhere(_ONLY, said, known)
    for one in _IS.finditer(said):
        listed = {plain(word) for word in re.split(r",? or |, ?|/", one["states"])}
        if listed <= {plain(state) for state in known}:
            found |= {state for state in known if plain(state) in listed}
    for one in _IS_NOT.finditer(said):
        rest = said[one.start("states") :]
        named = [
            state
            for state in known
            if re.search(_said(state), one["states"], re.I) or re.match(_said(state), rest, re.I)
        ]
        if named:
            found |= set.intersection(*(_not_in(state, list(known)) for state in named)) - set(named)
    return found


def needs(operation: Operation) -> set[str]:
    """
    Return what an operation needs below a thing, in the singular: "Albums without songs cannot be published".

    Only where a 409 is documented, and it or the operation says so.
    """
    promise = operation.responses.get("409")
    if promise is None:
        return set()
    text = f"{promise.description}. {operation.summary}. {operation.description}"
    return {singular(one["what"].lower()) for pattern in _NEEDS for one in pattern.finditer(text)}


def _not_in(state: str, known: list[str]) -> set[str]:
    """
    Return the states of what is said not to be in *state*.

    What is shipped was paid, and nobody says of it that it "is not paid"; so of what was done to a thing only
    the states before count, in the order of its enum.
    """
    done = plain(state).endswith("ed") or plain(state) in IRREGULAR.values()
    return set(known[: known.index(state)] if done else known) - {state}


def _said(state: str) -> str:
    """Return a pattern of how a state is said: `inProgress` is "in progress", a `draft` one of "drafts"."""
    return rf"\b({re.escape(state)}|{'[ _-]'.join(map(re.escape, words_of(state))) or re.escape(state)})s?\b"


def _cannot(said: str, state: str) -> bool:
    """Return whether something is said not to be possible in *state*: "Closed jobs cannot be updated"."""
    return re.search(rf"{_said(state)}[`'\"]? (\w+ )?{_CANNOT}", said, re.IGNORECASE) is not None


def names_state(said: str, state: str) -> bool:
    """
    Return whether a 409 is said to come where something *is* in *state*, and of no other reason alone.

    "It is closed", "Closed tickets cannot be commented on".
    """
    if _cannot(said, state):
        return True
    for part in re.split(r"[.;,]|\bor\b", said):
        if _NEGATED.search(part):
            continue
        if re.search(rf"\b(is|are|was|were|been|already)\b[^.]*{_said(state)}", part, re.IGNORECASE):
            return True
    return False


def closed(operation: Operation, shape: Shape | None, row: Mapping[str, Json]) -> str:
    """Return the state of *row*, of *shape*, in which the 409 of *operation* refuses it, or ""."""
    for name in shape.names if "409" in operation.responses and shape is not None else ():
        state = row.get(name)
        if isinstance(state, str) and plain(name).endswith(STATES):
            known = enumerated(shape.named(name))  # type: ignore[union-attr]
            if state in known and state in refusing_states(operation, known):
                return state
    return ""
