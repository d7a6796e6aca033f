"""
Rows that a server has already, to stand below and to look at: those that no operation makes.

Nobody can make a campaign where the document has no call for it; but the server lists some, or has the one
that an example names. What such a row is, is its own: all models hold a row of its key, with what every
view of the server agrees on. Of the rest they agree on nothing, so that what hangs on it is free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.exchange import MISSING, Json
from mockserver.server.api import Api
from mockserver.verify.calls import every_call
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Asker, Unjudged, Unsupported
from mockserver.verify.laws.bodies import LEAST
from mockserver.verify.requests import Key
from mockserver.verify.rules.model import Consulted, Model, There, Undecided
from mockserver.verify.rules.planning import Drawn, Speaker, Step
from mockserver.verify.rules.reading import Reading

MOST = 6
"""Rows of one collection that are asked for."""

KEPT = 1
"""Rows of one collection that are stood below."""

Words = tuple[dict[Key, Json], Json]
"""The parameters and the body of a request."""


@dataclass(frozen=True)
class _View:
    """
    An answer that shows a row.

    Attributes:
        way: What is asked.
        listed: Whether it lists rows.
        shown: What the server shows of the fields that the rules take from the row as they are.
    """

    way: Drawn
    listed: bool
    shown: Mapping[str, Json]


@dataclass(frozen=True)
class _Known:
    """Views that together show all that is known of a row: so much is asked for again."""

    views: tuple[_View, ...]
    names: frozenset[str]


class Finder:
    """
    Finds rows in a server.

    Args:
        api: The rules.
        ways: How operations are asked.
    """

    def __init__(self, api: Api, ways: list[Drawn]) -> None:
        self._api = api
        self._ways = ways
        self._speaker = Speaker(ways)
        self._known: dict[str, dict[Any, _Known]] | None = None

    def found(self, asker: Asker) -> There:
        """
        Return rows of each collection that is acted on or read by key, and that nothing makes.

        They are looked for once, and later only looked at: those that are gone are left out.
        """
        if self._known is None:
            makeable = _makeable(self._ways)
            items = dict.fromkeys(way.item for way in self._ways if way.item and way.item not in makeable)
            looks = {name: _Look(self._api, asker, self._ways, self._speaker, name) for name in items}
            self._known = {name: dict(look.search()) for name, look in looks.items()}
        there: dict[str, dict[Any, Mapping[str, Json]]] = {}
        for name, rows in self._known.items():
            look = _Look(self._api, asker, self._ways, self._speaker, name)
            for key, known in rows.items():
                shown = look.again(key, known)
                if shown is not None:
                    there.setdefault(name, {})[key] = shown
        return there


class _Look:
    """A look at the rows of one collection."""

    def __init__(self, api: Api, asker: Asker, ways: list[Drawn], speaker: Speaker, name: str) -> None:
        self._api = api
        self._asker = asker
        self._speaker = speaker
        self._reading = Reading(api, asker)
        self._name = name
        self._acting = {way.operation.id: way for way in ways if way.item == name}
        self._listing = [
            way
            for way in ways
            if way.rule.reads
            and not way.item
            and way.rule.listing is not None
            and way.rule.listing.collection == name
        ]
        self._lists: dict[str, Json] = {}

    def search(self) -> Iterator[tuple[Any, _Known]]:
        """Yield the keys of rows that are there, with what shows them."""
        kept = 0
        for asked, key in enumerate(dict.fromkeys(self._candidates())):
            if asked == MOST or kept == KEPT:
                return
            views = self._views(key)
            if views is not None:
                kept += 1
                yield key, _known(views)

    def again(self, key: Any, known: _Known) -> dict[str, Json] | None:
        """Return what is shown now of a row that was found; None where it is gone."""
        found: dict[str, Json] = {}
        for view in known.views:
            words = self._words(view.way, None if view.listed else key)
            server = self._spot(self._body(view.way, words, view.listed), key, view.listed) if words else None
            if server is None:
                return None
            found.update({name: server[name] for name in view.shown if name in known.names & server.keys()})
        return found

    def _candidates(self) -> Iterator[Any]:
        """Yield keys that may be there: those that examples name, then those that the server lists."""
        for call in every_call(self._asker.contract):
            way = self._acting.get(call.operation.id)
            if way is None or call.skip:
                continue
            where, named = way.place
            said: Any = call.said.body if where == "body" else call.said.parameters
            value = said.get(named if where == "body" else way.place) if isinstance(said, Mapping) else None
            if isinstance(value, (str, int)) and not isinstance(value, bool):
                yield value
        keyed = self._api.behavior.collections[self._name].key
        for way in self._listing:
            for row in _objects(self._list(way)):
                if isinstance(row.get(keyed), (str, int)):
                    yield row[keyed]

    def _list(self, way: Drawn) -> Json:
        if way.operation.id not in self._lists:
            words = self._words(way, None)
            self._lists[way.operation.id] = self._answer(way, words) if words is not None else MISSING
        return self._lists[way.operation.id]

    def _answer(self, way: Drawn, words: Words) -> Json:
        """Return the body of a good answer, `MISSING` where none comes."""
        try:
            reply = self._asker.ask(way.operation, *words)
        except Unjudged:
            return MISSING
        return reply.body if reply.good else MISSING

    def _views(self, key: Any) -> list[_View] | None:
        """Return all views of the row of *key*; None where there is none."""
        readers = [way for way in self._acting.values() if way.rule.reads and self._tells_presence(way, key)]
        if not readers:
            return None
        models = self._models(key)
        views = [self._view(models, key, way, listed=False) for way in readers[:1]]
        if views[0] is None:
            return None
        views += [self._view(models, key, way, listed=False) for way in readers[1:]]
        views += [self._view(models, key, way, listed=True) for way in self._listing]
        return [view for view in views if view is not None]

    def _view(self, models: list[Model], key: Any, way: Drawn, listed: bool) -> _View | None:
        """Return what an answer shows of the row of *key*; None where it does not show it."""
        words = self._words(way, None if listed else key)
        if words is None:
            return None
        body = self._body(way, words, listed)
        server = self._spot(body, key, listed)
        if body is MISSING or (listed and server is None):
            return None
        server = server or {}
        one, other = (self._spot(self._said(model, way, words), key, listed) or {} for model in models)
        keyed = self._api.behavior.collections[self._name].key
        mine, theirs = (model.world.tables[self._name].rows[key] for model in models)
        shown = {
            name: server[name]
            for name, value in mine.items()
            if name != keyed
            and name in server
            and value != theirs.get(name, MISSING)
            and one.get(name, MISSING) == value
            and other.get(name, MISSING) == theirs[name]
        }
        return _View(way, listed, shown)

    def _body(self, way: Drawn, words: Words, listed: bool) -> Json:
        return self._list(way) if listed else self._answer(way, words)

    def _spot(self, body: Json, key: Any, listed: bool) -> dict[str, Json] | None:
        """Return where an answer shows the row of *key*; None where it does not."""
        if not listed:
            return _near(body)
        keyed = self._api.behavior.collections[self._name].key
        return next((row for row in _objects(body) if alike(row.get(keyed), key)), None)

    def _models(self, key: Any) -> list[Model]:
        """Return two models that have the row, and agree on nothing of it."""
        there: There = {self._name: {key: {}}}
        return [
            Model(self._api, Consulted({}), start="documents", shift=shift, there=there) for shift in (1, 2)
        ]

    def _said(self, model: Model, way: Drawn, words: Words) -> Json:
        arguments = self._reading.said(way.operation, *words)
        if arguments is None:
            return MISSING
        try:
            said = model.plan(way.operation, arguments, model.account)
        except Undecided:
            return MISSING
        return MISSING if said.refused else said.body

    def _tells_presence(self, way: Drawn, key: Any) -> bool:
        """Return whether the rules refuse to read what is not there: some say politely that it is not."""
        words = self._words(way, key)
        arguments = self._reading.said(way.operation, *words) if words is not None else None
        if arguments is None:
            return False
        empty = Model(self._api, Consulted({}), start="nothing", shift=1)
        try:
            return empty.plan(way.operation, arguments, empty.account).refused
        except Undecided:
            return False

    def _words(self, way: Drawn, key: Any) -> Words | None:
        try:
            return self._speaker.say(Step(way.operation, None, LEAST, 0, asked=()), key, "q", {})
        except Unsupported:
            return None


def _makeable(ways: Sequence[Drawn]) -> set[str]:
    """
    Return the collections that rows can be made of, if need be below others that can.

    Also those that something else makes on its way: what a server has of them is more than one row of them.
    """
    steps = [step for way in ways for step in way.rule.steps]
    found: set[str] = {step.collection for step in steps if step.kind == "create"}
    while True:
        more = {way.makes for way in ways if way.makes and (not way.item or way.item in found)} - found
        if not more:
            return found
        found |= more


def _near(body: Json) -> dict[str, Json] | None:
    """Return an answer that is an object, or the one object in it."""
    if not isinstance(body, dict):
        return None
    inner = [value for value in body.values() if isinstance(value, dict)]
    return inner[0] if len(body) == 1 and inner else body


def _objects(body: Json, depth: int = 3) -> Iterator[dict[str, Json]]:
    """Yield the objects of the lists in an answer."""
    if isinstance(body, list):
        yield from (row for row in body if isinstance(row, dict))
    elif isinstance(body, dict) and depth:
        for value in body.values():
            yield from _objects(value, depth - 1)


def _known(views: Iterable[_View]) -> _Known:
    """Return what all views agree on, and the views that are needed to know it."""
    found: dict[str, Json] = {}
    apart: set[str] = set()
    needed: list[_View] = []
    for view in views:
        if not needed or view.shown.keys() - found.keys():
            needed.append(view)
        for name, value in view.shown.items():
            if name in found and not alike(found[name], value):
                apart.add(name)
            found.setdefault(name, value)
    return _Known(tuple(needed), frozenset(found.keys() - apart))
