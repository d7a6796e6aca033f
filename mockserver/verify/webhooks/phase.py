"""
The phase that listens: callbacks of operations, and webhooks.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.verify.context import Context
from mockserver.verify.phases import Case
from mockserver.verify.webhooks.callbacks import CallbackCase, Patience
from mockserver.verify.webhooks.events import event_cases


class Webhooks:
    """The phase. A contract that sends nothing has no cases."""

    name = "webhooks"

    def cases(self, context: Context) -> Iterable[Case]:
        """Yield each operation with callbacks, and what the contract's webhooks tell."""
        patience = Patience()
        for operation in context.contract.operations.values():
            if operation.callbacks:
                yield CallbackCase(operation, patience)
        yield from event_cases(context)
