"""
Find the collections of documents that name what is done: `/camp/add.json`, `/users.list`, `/getUser`.

Such an API has a path for each verb, and says which thing it means in the query or in the body.
A group of operations is taken for a collection where its verbs say that things are made or listed, and
where those that are about one thing are told its key in one way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from mockserver.behavior.wording import last_word, noun, plain, singular, words, words_of
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import Arguments, Json

_VERBS = {
    **dict.fromkeys(words("list index all"), "list"),
    **dict.fromkeys(words("get show view read fetch info details detail"), "read"),
    **dict.fromkeys(words("create add new insert register make"), "create"),
    **dict.fromkeys(words("update edit modify change patch"), "patch"),
    **dict.fromkeys(words("replace put"), "replace"),
    **dict.fromkeys(words("delete del remove destroy rm drop"), "delete"),
}
_ENDINGS = words("json xml do php action")
_OF_ONE = frozenset({"read", "patch", "replace", "delete"})


class Carrier(NamedTuple):
    """Where a request says which thing it means."""

    location: Literal["query", "body"]
    name: str

    def told(self, arguments: Arguments, parameter: str) -> Arguments:
        """Return *arguments* as if the path had named the thing, as its *parameter*."""
        said: Json = arguments.query if self.location == "query" else arguments.body
        key = said.get(self.name) if isinstance(said, dict) else None
        if key is None or isinstance(key, (dict, list)):
            return arguments
        return replace(arguments, path={**arguments.path, parameter: key})


def verb(template: str) -> tuple[str, str]:
    """
    Return (path of a collection, what is done to it) of a path that ends in a verb; ("", "") of any other.

    "/camp/add.json" adds to "/camp", "/users.list" lists "/users", "/api/getUser" reads one of "/api/user".
    """
    head, _, last = template.rstrip("/").rpartition("/")
    base, dot, ending = last.partition(".")
    if "{" in last or not base:
        return "", ""
    if dot and ending.lower() not in _ENDINGS:  # "/users.list"
        head, base = f"{head}/{base}", ending
    said = words_of(base)
    for does, rest in ((said[:1], said[1:]), (said[-1:], said[:-1])):
        kind = _VERBS.get(does[0]) if does else None
        if kind is None:
            continue
        if rest in (["all"], ["list"]) or not rest:
            collection, plural = head, bool(rest)
        else:
            name = "-".join((*rest[:-1], singular(rest[-1])))
            collection, plural = f"{head}/{name}", singular(rest[-1]) != rest[-1]
        if kind == "read" and plural:
            kind = "list"
        return (collection, kind) if last_word(collection) else ("", "")
    return "", ""


def carrier(operation: Operation, collection: str) -> Carrier | None:
    """Return where *operation* says which one of *collection* it means; None where it need not say it."""
    for parameter in operation.parameters:
        if parameter.location == "query" and parameter.required and _is_key(parameter.name, collection):
            return Carrier("query", parameter.name)
    for media in operation.body.content.values() if operation.body is not None else ():
        shape = Shape(media.schema.json("request")) if media.schema is not None else Shape({})
        required = shape.required
        for name in sorted(required):
            if _is_key(name, collection) and shape.named(name).scalar:
                return Carrier("body", name)
    return None


def of_one(kind: str) -> bool:
    """Return whether what is done is done to one thing that is there."""
    return kind in _OF_ONE


def _is_key(name: str, collection: str) -> bool:
    word, own = plain(name), noun(collection)
    return word in ("id", "uuid", "guid", "key", own, f"{own}id", f"{own}uuid", f"{own}key") or bool(
        re.fullmatch(rf"{re.escape(own)}\w{{0,6}}id", word)
    )


def complete(kinds: Mapping[str, object]) -> bool:
    """Return whether verbs draw a collection: things come to be, and can be seen."""
    return "create" in kinds and bool(kinds.keys() & {"list", "read"})
