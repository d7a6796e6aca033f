"""
The log of deliveries: each message on its way, as a row of its session.

    held       waits for the session's clock
    queued     waits for its turn
    sending    is on the wire
    retrying   was not taken, and will be sent again
    delivered  was taken
    failed     was not taken, however often it was sent
    refused    its address may not be called (addresses.py)
    invalid    it breaks its contract, and has not left
    off        the API remembers that nobody wants to hear of it
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mockserver.behavior.store import Row
from mockserver.exchange import Json
from mockserver.server.session import Session
from mockserver.server.webhooks import addresses
from mockserver.server.webhooks.attempts import Letter, Sent, shown
from mockserver.server.webhooks.subscriptions import How

TABLE = "deliveries"
MOST = 1_000
"""Deliveries of one session that are remembered, beside those that are under way."""
WAITING = 5_000
"""Deliveries of one session that may be under way; one more is refused."""
STATES = ("held", "queued", "sending", "retrying", "delivered", "failed", "refused", "invalid", "off")
UNDER_WAY = frozenset({"held", "queued", "sending", "retrying"})
BORN = "_born"
"""Member of a row that is shown to nobody: what tells it from one of the same id before a reset."""


@dataclass(frozen=True)
class Ticket:
    """A delivery, for who carries it."""

    session: Session
    id: str
    born: int
    api: str
    receiver: str
    letter: Letter
    how: How
    due: float | None
    attempts: int = 0
    """How many there were before."""
    pause: float = 0.0
    """Seconds since the last one of them."""

    @property
    def key(self) -> tuple[str, str, int]:
        """What no other delivery has."""
        return self.session.name, self.id, self.born

    @property
    def there(self) -> bool:
        """Whether it is still to be delivered: its session was neither reset nor dropped."""
        row = self.session.row(TABLE, self.id)
        return not self.session.gone and row is not None and row[BORN] == self.born

    @property
    def early(self) -> float:
        """Seconds on the session's clock until it may leave; 0 or less when it may."""
        if self.due is None:
            return 0.0
        with self.session.lock:
            return self.due - self.session.worlds[self.api].clock.instant


def ticket_of(session: Session, row: Row) -> Ticket:
    """Return what the courier needs of a delivery, all of which stands in its row."""
    request, how = row["request"], How(**row["_how"])
    letter = Letter(
        *(row["messageId"], request["method"], request["url"], tuple(request.get("headers", {}).items())),
        *(content(row), row["_secret"], tuple(row["_signature"]), how.timeout),
    )
    receiver = row["subscription"] or addresses.receiver(request["url"])
    tried = row["attempts"]
    since = time.time() - datetime.fromisoformat(tried[-1]["at"]).timestamp() if tried else 0.0
    return Ticket(
        *(session, row["id"], row[BORN], row["api"], receiver, letter, how, row["_due"]),
        *(len(tried), max(0.0, since)),
    )


def message_id(seed: str, session: str, number: int) -> str:
    """Return the `webhook-id` of a message: the same one in every run, another one for each."""
    return f"msg_{hashlib.sha256(f'{seed}|{session}|{number}'.encode()).hexdigest()[:24]}"


def told(session: Session) -> str:
    """Return what a seed has behind it, so that each message makes up its own: two orders have two ids."""
    number = session.numbers.get(TABLE, 0)
    return f"|{number}" if number else ""


def add(session: Session, seed: str, row: Row) -> Row:
    """Keep a new delivery, and let go of the oldest where there are too many; return it with its ids."""
    with session.changing() as transaction:
        number = transaction.number(TABLE)
        row = {"id": f"dlv_{number}", "number": number, **row, BORN: time.time_ns()}
        row["messageId"] = row["messageId"] or message_id(seed, session.name, number)
        rows = list(transaction.scan(TABLE)) if number > MOST else []
        if row["state"] in UNDER_WAY and len(rows) > WAITING:
            under_way = sum(said["state"] in UNDER_WAY for _, said in rows)
            if under_way >= WAITING:
                row.update(state="refused", why=f"{under_way} deliveries are under way already.")
        transaction.put(TABLE, row["id"], row)
        for key, said in rows[: max(0, len(rows) + 1 - MOST)]:
            if said["state"] not in UNDER_WAY:
                transaction.delete(TABLE, key)
    return row


def change(ticket: Ticket, **members: Json) -> bool:
    """Change a delivery; say whether it is still there."""
    with ticket.session.changing() as transaction:
        row = transaction.get(TABLE, ticket.id)
        if row is None or row[BORN] != ticket.born:
            return False
        transaction.put(TABLE, ticket.id, {**row, **members})
    return True


def attempt(sent: Sent) -> dict[str, Json]:
    """Return one attempt as the log has it."""
    said: dict[str, Json] = {"at": moment(sent.at), "milliseconds": round(sent.seconds * 1000, 1)}
    if sent.trouble:
        return {**said, "error": sent.trouble}
    return {**said, "status": sent.status, "headers": shown(sent.headers), **body(sent.body)}


def moment(at: float) -> str:
    """Return a machine's time as RFC 3339."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def body(content: bytes) -> dict[str, Json]:
    """Return a body as text, or in base64 where it is none."""
    try:
        return {"body": content.decode()} if content else {}
    except UnicodeDecodeError:
        return {"bodyAsBase64": base64.b64encode(content).decode()}


def content(row: Mapping[str, Any]) -> bytes:
    """Return the bytes of the body that *row* tells."""
    request = row["request"]
    if "bodyAsBase64" in request:
        return base64.b64decode(request["bodyAsBase64"])
    return str(request.get("body", "")).encode()


def public(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a delivery as the admin shows it."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def waiting(session: Session) -> Iterator[Row]:
    """Yield what should be on its way by now: all under way but what waits for the session's clock."""
    for _, row in session.rows(TABLE):
        if row["state"] in UNDER_WAY:
            due = row.get("_due")
            world = session.worlds.get(row["api"])
            if row["state"] == "held" and due is not None and world is not None and due > world.clock.instant:
                continue
            yield row


def said_of(row: Row) -> str:
    """Return what a journal entry says of a delivery."""
    told = f"{row['event']} to {row['request']['url'] or 'nobody'} ({row['id']})"
    if row["state"] in UNDER_WAY:
        return f"sends {told}"
    return f"does not send {told}: {row['why']}"
