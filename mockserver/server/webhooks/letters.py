"""
A message with its address: what stands on the wire for one receiver.
"""

from __future__ import annotations

from mockserver.server.webhooks import addresses
from mockserver.server.webhooks.attempts import Letter
from mockserver.server.webhooks.messages import Message
from mockserver.server.webhooks.subscriptions import How, Subscription


def letter_of(receiver: Subscription, message: Message, how: How, event: str) -> Letter:
    """Return *message* as it goes to *receiver*: told in the query, where nothing else tells it."""
    url = addresses.filled(receiver.url, message.values)
    if receiver.id and not message.body and not addresses.macros(receiver.url):
        url = addresses.told_in_query(url, {**message.values, "event": event})
    method = receiver.method or message.method
    headers = (*message.headers, *((name.lower(), value) for name, value in receiver.headers))
    return Letter("", method, url, headers, message.body, receiver.secret, message.signature, how.timeout)
