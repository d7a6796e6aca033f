"""
Whatever is answered is held to the contract, whyever it was asked.

A law asks ten calls to judge one thing; each of the ten answers has a shape that
was promised. An answer that breaks its contract is a fact by itself: it need not
be seen again, and on a server that nothing puts back it often cannot be (the name
is taken now).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockserver.contract.model import Contract, Operation
from mockserver.verify.circumstances import GATEWAY
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.verdicts import held


def in_passing(
    contract: Contract, calls: Iterable[Exchanged], known: set[tuple[str, str, str]]
) -> Iterator[Finding]:
    """
    Yield what is wrong with the answers to *calls*, each identity once; *known* are those that were told.

    A refusal that is not documented is passed over: what was asked may have been asked to be refused, and
    whoever asked it judges that. A success and a crash that are not documented are wrong in any case.
    """
    for call in calls:
        operation = contract.operations.get(call.operation)
        if operation is None or not _to_be_held(operation, call):
            continue
        for finding in held(contract, operation, call):
            if finding.identity not in known:
                known.add(finding.identity)
                yield finding


def _to_be_held(operation: Operation, call: Exchanged) -> bool:
    response = call.response
    if response is None or call.request.method != operation.method or response.status in GATEWAY:
        return False
    promise = operation.promise(response.status)
    return not 300 <= response.status < 500 or (promise is not None and not promise.lent)
