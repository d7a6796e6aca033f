"""
Laws of searching: what has the word is found, wherever the search is said to look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress

from mockserver.behavior.uniqueness import is_natural
from mockserver.behavior.wording import plain, words_of
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Inconclusive, Unjudged, Unsupported
from mockserver.verify.laws.items import TOKEN, Item
from mockserver.verify.laws.lists import Row, at_way, walk
from mockserver.verify.laws.omitting import omits
from mockserver.verify.laws.shown import hold_total
from mockserver.verify.laws.things import Thing
from mockserver.verify.laws.trial import Law, Trial

_ANY_CASE = re.compile(
    r"case.?insensitiv|any case|regardless of case|ignor\w+ (the )?case|upper or lower", re.IGNORECASE
)


def searched(trial: Trial) -> None:
    """A search finds what has the word, and nothing that has it nowhere."""
    one, other = _worded(trial), trial.make()
    row, _ = trial.seen(one)
    for token in _words(trial, one, row):
        _find(trial, one, other, token)


def _worded(trial: Trial) -> Item:
    """Make one with another word in each text that a search is said to look at: each can be missed."""
    thing = trial.thing
    assert thing.create is not None
    with suppress(Unjudged):
        bodies = trial.workshop.bodies(thing, thing.create)
        body = trial.workshop.body(bodies)
        texts = {
            name: text
            for name in _named(thing, [one for one in thing.kept(thing.create) if one in thing.row.names])
            if (text := bodies.text(name, bodies.shape.named(name), trial.workshop.token())) is not None
        }
        if len(texts) > 1 and bodies.fits({**body, **texts}):
            return trial.make(texts)
    return trial.make()


def _named(thing: Thing, names: Iterable[str]) -> list[str]:
    """Return those of *names* that a search is said to look at."""
    said = f" {' '.join(words_of(_search_said(thing)))} "
    return [name for name in names if f" {' '.join(words_of(name))} " in said]


def _find(trial: Trial, one: Item, other: Item, token: str) -> None:
    """Search for a word that *one* alone has."""
    thing = trial.thing
    assert thing.lister is not None
    way = thing.query.paging.roles["search"]
    found = walk(trial.asker, thing, one.beside, at_way(way, token))
    for shown in found.rows:
        if alike(shown.get(thing.key), other.key):
            detail = f"A search for {token!r} shows a row that has it nowhere."
            raise trial.broken(
                thing.lister,
                detail,
                *(*other.replies, *found.replies),
                item=one,
                expected=one.key,
                found=other.key,
            )
    if why := omits(one):
        raise Inconclusive(why)
    if found.complete and not any(alike(shown.get(thing.key), one.key) for shown in found.rows):
        detail = f"A search for {token!r} does not show the row that has it."
        raise trial.broken(thing.lister, detail, *found.replies, item=one, expected=one.key)
    hold_total(trial, one, found, f"a search for {token!r}")
    if _ANY_CASE.search(_search_said(thing)):
        again = walk(trial.asker, thing, one.beside, at_way(way, token.swapcase()))
        if again.complete and not any(alike(shown.get(thing.key), one.key) for shown in again.rows):
            detail = (
                f"A search for {token.swapcase()!r} does not show the row that has {token!r}, in any case."
            )
            raise trial.broken(thing.lister, detail, *again.replies, item=one, expected=one.key)


def _search_said(thing: Thing) -> str:
    """Return what is said of a search."""
    assert thing.lister is not None
    way = thing.query.paging.roles["search"]
    described = next((p.description for p in thing.lister.parameters if p.name == way[0]), "")
    return f"{described} {thing.lister.description}"


def _words(trial: Trial, item: Item, row: Row) -> list[str]:
    """
    Return the words that only *item* has, as its texts show them: each in what the search is said to look at,
    else one that is in every text.
    """
    thing = trial.thing
    texts = {name: value for name, value in row.items() if isinstance(value, str) and name in item.sent}
    named = _named(thing, texts)
    words = {name: found[0] for name, text in texts.items() if (found := TOKEN.search(text))}
    own = [words.get(name) or (texts[name] if is_natural(name) else "") for name in named]
    if any(own):
        return list(dict.fromkeys(filter(None, own)))
    if not words or not any(plain(name) in ("name", "title", "subject", "label") for name in item.sent):
        raise Unsupported(f"no text of {thing.resource.path} can have any word")
    return [next(iter(words.values()))]


def _searches(thing: Thing) -> str:
    if not (thing.create and thing.lister and thing.key):
        return "nothing makes and lists one"
    return "" if "search" in thing.query.paging.roles else f"{thing.lister.id} has no search"


LAWS = (Law("search-finds", "A search finds what has the word.", "list", searched, _searches),)
