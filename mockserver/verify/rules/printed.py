"""
Learn whether a server holds the documents' own data: whether it shows what is printed of them.
"""

from __future__ import annotations

from mockserver.exchange import Arguments
from mockserver.server.api import Api
from mockserver.verify.laws.asking import Asker, Unjudged
from mockserver.verify.rules.model import Consulted, Model, Undecided
from mockserver.verify.rules.planning import drawn

MOST = 3
"""Rows that are asked for: where none of them is there, none is."""


def holds_documents(api: Api, asker: Asker) -> bool:
    """Return whether the server shows a row that the documents' world starts with."""
    model = Model(api, Consulted({}), documents=True, shift=1)
    empty = Model(api, Consulted({}), documents=False, shift=1)
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
                if asker.ask(way.operation, {way.place: key}).good:
                    return True
            except Unjudged:
                continue
            if asked == MOST:
                return False
    return False
