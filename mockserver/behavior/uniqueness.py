"""
What no two things of a collection may share, as far as a contract says so.

A 409 beside a create says that there are conflicts; its description, the operation's and those of the
properties say which: "The name is taken", "The reference must be unique", "Unique within the account".
A 409 that says what else it is about ("The order is cancelled") says nothing of names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mockserver.behavior.wording import plain, words, words_of
from mockserver.contract.model import Operation, Promise
from mockserver.contract.shapes import Shape

_NAMES = r"(name|title|e-?mail|slug|code|sku|key|number|reference|handle|login|identifier|id|label)"
_TAKEN = re.compile(
    r"(?<!not )\bexist|\btaken|duplicat|unique|in use|not free"
    r"|already (been )?(used|taken|registered|known|there|present|ha[sd])"
    rf"|\b(that|this|such an?|same|given) (\w+ )?{_NAMES}\b|another .*{_NAMES}",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"limit|quota|state|status|version|progress|lock|running|delet|archiv|closed|concurren|stock|capacity|full\b|overlap"
    r"|available|balance|idempot|edit|cancel|paid",
    re.IGNORECASE,
)
_OR = re.compile(
    r"\bor\b[^.]*\b(space|storage|quota|limit|locked|run out|in progress|processed)\b", re.IGNORECASE
)
_EITHER = re.compile(r"\bor\b", re.IGNORECASE)
_VAGUE = words(
    "a an another body client code conflict conflicting conflicts data detected details error errors existing"
    " failed failure found http in is message no not occurred of other problem reason refused rejected"
    " request resource response see the this why with"
)
_UNIQUE = re.compile(r"\bunique\b(?! (id|identifier|key)\b)", re.IGNORECASE)
_NO_OTHER = re.compile(r"\bno (other|two|second)\b(?!.*\b(at|during|until|while|within)\b)")
_NATURAL = re.compile(
    r"(name|title|slug|email|username|login|handle|code|sku|key|isbn|ean|label|subject|domain|hostname|identifier"
    r"|ref|reference|barcode)"
)
_ALONE = re.compile(
    r"e?mail(address)?|username|login|loginname|handle|slug|sku|isbn|ean|barcode|hostname|domain"
)
"""What no two have by its very name: two people may be called alike, with another e-mail."""

_OPTION = re.compile(
    r"(if|on|when)(exists?|existing|conflicts?|duplicates?)|(exists?|duplicates?)ok|overwrite|upsert"
    r"|(ignore|skip|allow|replace|update)(conflicts?|duplicates?|existing|ifexists)"
)
"""A property that says what becomes of a second one."""


def is_natural(name: str) -> bool:
    """Return whether people tell things apart by this property."""
    word = plain(name)
    return _NATURAL.fullmatch(word) is not None or word.endswith(("name", "title", "email", "slug", "code"))


def undecided(operation: Operation, sent: Shape) -> str:
    """
    Return why *operation* may take a thing twice, "" where its 409 can only mean that it must not.

    *sent* is the shape of the thing in its request.
    """
    promise = operation.responses.get("409")
    if promise is None:
        return f"{operation.id} documents no 409"
    if option := next((name for name in sent.names if _OPTION.fullmatch(plain(name))), ""):
        return f"{option} lets a client choose what becomes of one that exists"
    if _exclusive(operation, sent):
        return ""
    if _OR.search(_said(promise)) or not (
        _TAKEN.search(_said(promise)) or _vague(promise, sent) or _worded(operation, sent)
    ):
        return f"the 409 of {operation.id} is about something else: {promise.description}"
    own = _own_key(operation, sent)
    if own and not _TAKEN.search(_said(promise)) and not _worded(operation, sent):
        return f"the 409 of {operation.id} may be about {own}, which clients may choose"
    return "" if telling(operation, sent) else f"the 409 of {operation.id} does not say what must be unique"


def _own_key(operation: Operation, sent: Shape) -> str:
    """Return the key that a client may give to what it makes, "" where it cannot."""
    resource = plain(operation.route.template.rpartition("/")[2])
    for name in sent.names:
        word = plain(name)
        own = word.removesuffix("uuid") if word.endswith("uuid") else word.removesuffix("id")
        if own != word and resource.startswith(own) and name not in sent.required:
            return name
    return ""


def unique(operation: Operation, sent: Shape) -> tuple[tuple[str, ...], ...]:
    """
    Return groups of properties that no two things may share together; () where nothing says so.

    Each property that is described as unique is a group of its own. Without one, what the 409 names is ("this
    name and version exist"), or each that is known to be alone in the world (an e-mail); without these, all
    that people tell things apart by are one group.
    """
    promise = operation.responses.get("409")
    if promise is None or undecided(operation, sent):
        return ()
    alone = _worded(operation, sent)
    if not alone and not _TAKEN.search(_said(promise)):
        return ()
    if alone:
        return tuple((name,) for name in alone)
    together = telling(operation, sent)
    named = tuple(name for name in together if _names(promise.description, name))
    if named:
        return tuple((name,) for name in named) if _EITHER.search(promise.description) else (named,)
    known = tuple((name,) for name in together if _ALONE.fullmatch(plain(name)))
    return known or ((together,) if together else ())


def taken(operation: Operation) -> int | None:
    """
    Return the status with which *operation* says that a key is taken; None where it has none for that.

    409 is made for it, 422 is what is said of content that cannot be taken, 4XX is any; a 400 has to say so.
    """
    found = next((status for status in ("409", "422", "4XX") if status in operation.responses), "")
    if not found and "400" in operation.responses and _TAKEN.search(_said(operation.responses["400"])):
        found = "400"
    return 409 if found == "4XX" else int(found) if found else None


def _names(text: str, name: str) -> bool:
    """Return whether *text* has the words of *name* in it, one after another."""
    return f" {' '.join(words_of(name))} " in f" {' '.join(words_of(text))} "


def telling(operation: Operation, sent: Shape) -> tuple[str, ...]:
    """Return the properties that tell things apart: those that words say are unique, else by their names."""
    return _worded(operation, sent) or tuple(name for name in sent.names if is_natural(name))


def _worded(operation: Operation, sent: Shape) -> tuple[str, ...]:
    """Return the properties that are described as unique, there or in a sentence of the operation."""
    said = [
        f" {' '.join(words_of(sentence))} "
        for sentence in re.split(r"[.;\n]\s", f"{operation.summary}. {operation.description}")
        if _UNIQUE.search(sentence)
    ]
    exclusive = _exclusive(operation, sent)
    return tuple(
        name
        for name in sent.names
        if sent.named(name).scalar
        and (
            name in exclusive
            or any(_UNIQUE.search(text) for text in _descriptions(sent.named(name)))
            or any(f" {' '.join(words_of(name))} " in sentence for sentence in said)
        )
    )


def _exclusive(operation: Operation, sent: Shape) -> tuple[str, ...]:
    """Return the properties that nobody else may have: "no other campaign may track that chat already"."""
    text = f"{operation.summary}. {operation.description}"
    said = [" ".join(words_of(one)) for one in re.split(r"[.;,]\s|\band\b|\n\n", text)]
    return tuple(
        name
        for name in sent.names
        if sent.named(name).scalar
        and any(_NO_OTHER.search(one) and one.endswith(_ends(name)) for one in said)
    )


def _ends(name: str) -> tuple[str, ...]:
    """Return how a sentence ends that is about nothing but *name*: not "that room at the same time"."""
    word = " ".join(words_of(name))
    those = [f" {before} {word}" for before in ("that", "this", "the same", "such a", "such an")]
    return tuple(f"{one}{after}" for one in those for after in ("", " already", " as well", " too"))


def _descriptions(shape: Shape) -> Iterable[str]:
    return (str(face.get("description", "")) for face in shape.faces)


def _vague(promise: Promise, sent: Shape) -> bool:
    """Return whether a 409 says no more than that there is a conflict, or by which property."""
    named = {word for name in sent.names if is_natural(name) for word in words_of(name)}
    examples = _said(promise).removeprefix(promise.description)
    return not (set(words_of(promise.description)) - _VAGUE - named) and not _ELSE.search(examples)


def _said(promise: Promise) -> str:
    examples = [one for media in promise.content.values() for one in media.examples.values()]
    return " ".join((promise.description, *(f"{one.name} {one.summary} {one.value}" for one in examples)))
