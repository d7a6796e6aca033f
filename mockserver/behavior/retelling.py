"""
Tell a documented example of one thing as if it were of the thing that was asked for.

The example of `/repos/{owner}/{repo}` shows octocat/Hello-World. Whoever asks for acme/widgets would read
an answer that contradicts its own address, and a page built upon it would link to another thing. What stood
in the place of the path's parameters is read from the address that the example gives of itself; it is
changed in addresses and where a whole text is it, and nowhere else: prose stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote, unquote

from mockserver.behavior.store import Row
from mockserver.behavior.wording import parameters
from mockserver.contract.model import Operation
from mockserver.exchange import Json

_SHORTEST = 2
"""Letters that a text has at least to be looked for within others."""
_HOST = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE)
"""Who is asked is the same for all things, be one of them called so."""


def retold(example: Row, template: str, values: Mapping[str, Json]) -> Row:
    """
    Return *example*, of a thing at the path *template*, with *values* in place of its own parameters.

    It is *example* itself where it gives no address of itself, or the address of what is asked for.
    """
    return _changed(example, template, _stood(_texts(example), template), values)


def retold_below(example: Row, path: str, values: Mapping[str, Json]) -> Row:
    """
    Return *example*, of a thing in the list at *path* below another thing, as of the list that *values* name.

    Whose it is, is read from the address of an object in it, and only where its own says that it is called as
    the list is: `/users/ann/repos` are ann's, `/users/ann/starred` and `/users/ann/followers` are not.
    """
    above, _, word = path.rstrip("/").rpartition("/")
    if not above or "{" in word or not any(f"/{word}/" in one for one in _texts(example)):
        return example
    inside = (text for part in example.values() if isinstance(part, dict) for text in _texts(part))
    return _changed(example, above, _stood(inside, above), values)


def _changed(example: Row, template: str, old: Mapping[str, str], values: Mapping[str, Json]) -> Row:
    """
    Return *example* with *values* in place of the *old* ones of *template*; itself where they are the same.

    A short one, "7", stands for it only behind the word that the template has before it.
    """
    new = {
        old[name]: str(values[name])
        for name in old
        if isinstance(values.get(name), (str, int)) and str(values[name]) != old[name]
    }
    if not new:
        return example
    steps = template.strip("/").split("/")
    before = {step[1:-1]: word for word, step in pairwise(steps) if "{" in step and "{" not in word}
    ways = [
        rf"(?<![\w-]){re.escape(one)}" for one in sorted(new, key=len, reverse=True) if len(one) >= _SHORTEST
    ]
    ways += [
        rf"(?<=/{re.escape(before[name])}/){re.escape(one)}"
        for name, one in old.items()
        if one in new and len(one) < _SHORTEST and name in before
    ]
    within = re.compile(rf"(?:{'|'.join(ways)})(?![\w-])") if ways else None
    return {name: _told(value, new, within) for name, value in example.items()}


def asked_for(operation: Operation, name: str) -> frozenset[str]:
    """Return the values with which the document itself asks: the examples of the path parameter *name*."""
    return frozenset(
        str(example.value)
        for parameter in operation.parameters
        if parameter.location == "path" and parameter.name == name
        for example in parameter.examples.values()
    )


def _stood(texts: Iterable[str], template: str) -> dict[str, str]:
    """Return what stands in place of the parameters of *template* in the first of *texts* that is one."""
    pattern = _address(template)
    for text in texts if pattern is not None else ():
        found = pattern.search(text)  # type: ignore[union-attr]
        if found is not None:
            return dict(zip(parameters(template), map(unquote, found.groups()), strict=True))
    return {}


def _texts(example: Row) -> Iterator[str]:
    """Yield the texts of *example* that may be its address: its own, and those of its links."""
    for value in example.values():
        if isinstance(value, str) and "/" in value and not any(map(str.isspace, value)):
            yield value
    for name in ("links", "_links", "self"):
        links = example.get(name)
        own = links.get("self", links) if isinstance(links, dict) else None
        own = own.get("href") if isinstance(own, dict) else own
        if isinstance(own, str):
            yield own


@lru_cache(maxsize=2048)
def _address(template: str) -> re.Pattern[str] | None:
    """Return what finds *template* at the end of an address; None where no word in it says what it is."""
    steps = template.strip("/").split("/")
    if not steps or "{" in steps[0] or any("{" in one and one[0] + one[-1] != "{}" for one in steps):
        return None
    parts = (r"([^/?#{}]+)" if "{" in step else re.escape(step) for step in steps)
    return re.compile(rf"(?:^|/){'/'.join(parts)}/?\Z")


def _told(value: Json, new: Mapping[str, str], within: re.Pattern[str] | None) -> Json:
    if isinstance(value, str):
        if value in new:
            return new[value]
        if within is None or "/" not in value or any(map(str.isspace, value)):
            return value
        start = _HOST.match(value)
        host = start[0] if start is not None else ""
        return host + within.sub(lambda found: quote(new[found[0]], safe=""), value[len(host) :])
    if isinstance(value, dict):
        return {name: _told(one, new, within) for name, one in value.items()}
    if isinstance(value, list):
        return [one if isinstance(one, str) and "/" not in one else _told(one, new, within) for one in value]
    return value
