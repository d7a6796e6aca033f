"""
Lists are got ready after what changes them was kept; see behavior/ahead.py.
"""

from __future__ import annotations

from mockserver.behavior.ahead import Ahead
from mockserver.behavior.world import World
from mockserver.contract.model import Operation
from mockserver.contract.routes import Match
from mockserver.exchange import Arguments, Request
from mockserver.server.answer import Answer
from mockserver.server.api import Api

LOOK = 17
"""
Changes of a world after which is looked whether it is time to: odd, so that it is the turn of each of two
accounts that change something by turns.
"""


class Readying:
    """What is got ready of the lists of some APIs."""

    def __init__(self) -> None:
        self._ahead: dict[str, Ahead] = {}

    def begin(self, api: Api, world: World) -> None:
        """Get the lists ready of what a *world* has already, as the first account sees them."""

        def read(lists: Operation) -> Arguments | None:
            arguments, violations = api.prepared(lists.route).read({}, Request("GET", lists.route.template))
            return None if violations else arguments

        self._of(api).begin(world, world.account, read)

    def keep_up(self, answer: Answer, api: Api, world: World, account: str) -> None:
        """Get the lists ready where shows what the request has changed, if it is time to."""
        addressed, prepared = answer.addressed, answer.prepared
        if addressed is None or prepared is None or not isinstance(addressed.found, Match):
            return
        captured, path = addressed.found.captured, addressed.request.path

        def read(lists: Operation) -> Arguments | None:
            arguments, violations = api.prepared(lists.route).read(captured, Request("GET", path))
            return None if violations else arguments

        self._of(api).keep_up(world, prepared.operation, captured, account, read)

    def _of(self, api: Api) -> Ahead:
        ahead = self._ahead.get(api.name)
        if ahead is None:
            ahead = self._ahead[api.name] = Ahead(api.engine)
        return ahead
