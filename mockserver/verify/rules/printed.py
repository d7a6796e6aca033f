"""
Learn whether a server holds the documents' own data: whether it shows what is printed of them.

That a row of the same key is there says nothing: every server that counts from 1 has a campaign 12 in time.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

from mockserver.exchange import Arguments, Json
from mockserver.server.api import Api
from mockserver.verify.laws.alike import alike
from mockserver.verify.laws.asking import Asker, Unjudged
from mockserver.verify.rules.model import Consulted, Model, Undecided
from mockserver.verify.rules.planning import drawn

MOST = 3
"""Rows that are asked for: where none of them is there, none is."""


def holds_documents(api: Api, asker: Asker) -> bool:
    """Return whether the server shows a row that the documents' world starts with."""
    model = Model(api, Consulted({}), start="documents", shift=1)
    empty = Model(api, Consulted({}), start="nothing", shift=1)
    asked = 0
    for way in drawn(api.contract, api.behavior, model):
        if not way.item or way.operation.method != "GET" or way.place[0] == "body":
            continue
        for key in model.keys(way.item)[:2]:
            arguments = Arguments()
            getattr(arguments, way.place[0])[way.place[1]] = key
            try:
                there = model.plan(way.operation, arguments, model.accounts[0])
                absent = empty.plan(way.operation, arguments, model.accounts[0])
            except Undecided:
                continue
            if there.refused or not absent.refused:
                continue
            asked += 1
            try:
                reply = asker.ask(way.operation, {way.place: key})
                if reply.good and _shows(there.body, reply.body, key):
                    return True
            except Unjudged:
                continue
            if asked == MOST:
                return False
    return False


def _shows(printed: Json, shown: Json, key: Json) -> bool:
    """Return whether most of what is *printed* of the row of *key* is *shown*, as far as it tells a row."""
    said = list(_telling(printed, shown, key))
    return bool(said) and sum(map(operator.truth, said)) > len(said) / 2


def _telling(printed: Json, shown: Json, key: Json) -> Iterator[bool]:
    """Yield whether each text and amount of *printed* is *shown* in its place."""
    if isinstance(printed, dict):
        for name, value in printed.items():
            yield from _telling(value, shown.get(name) if isinstance(shown, dict) else None, key)
    elif isinstance(printed, list):
        for index, value in enumerate(printed):
            here = isinstance(shown, list) and index < len(shown)
            yield from _telling(value, shown[index] if here else None, key)
    elif printed and not isinstance(printed, bool) and not alike(printed, key):
        yield alike(printed, shown)
