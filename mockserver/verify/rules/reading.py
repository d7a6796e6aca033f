"""
What a request says, as the contract has it: the models are told the same as the server.
"""

from __future__ import annotations

from mockserver.contract.model import Operation
from mockserver.contract.routes import Match
from mockserver.exchange import Arguments, Json, Request
from mockserver.server.api import Api
from mockserver.validation.requests import RequestReader
from mockserver.verify.laws.asking import Asker, Unsupported
from mockserver.verify.requests import Key


class Reading:
    """
    Reads requests.

    Args:
        api: Whose they are.
        asker: Writes those that are not sent.
    """

    def __init__(self, api: Api, asker: Asker) -> None:
        self._api = api
        self._asker = asker
        self._readers: dict[str, RequestReader] = {}

    def said(self, operation: Operation, parameters: dict[Key, Json], body: Json) -> Arguments | None:
        """Return a request as the contract reads it; None where it cannot be said, or breaks the contract."""
        try:
            return self.arguments(operation, self._asker.request(operation, parameters, body))
        except Unsupported:
            return None

    def arguments(self, operation: Operation, request: Request) -> Arguments | None:
        """Return what *request* says; None where it breaks the contract, or is not the operation's."""
        reader = self._readers.get(operation.id)
        if reader is None:
            reader = self._readers[operation.id] = RequestReader(operation)
        match = self._api.routes.match(request.method, request.path, request.query, request.index)
        if not isinstance(match, Match) or match.route.id != operation.id:
            return None
        arguments, violations = reader.read(match.captured, request)
        return arguments if not violations else None
