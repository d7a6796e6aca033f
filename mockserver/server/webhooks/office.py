"""
All that is sent, of all sessions: what happened is made a message, logged, and handed to the courier.

Called where requests are answered, with the host's lock held: nothing here waits
for anybody. What is decided before a message leaves is decided here (who is told,
whether it fits its contract, whether its address may be called), so the journal
entry of the request that caused it can say so.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from mockserver.behavior.store import Row
from mockserver.errors import MockserverError, Ungeneratable
from mockserver.exchange import Json
from mockserver.server.answer import Answer
from mockserver.server.api import Api
from mockserver.server.session import Session
from mockserver.server.stubs.listeners import Outgoing
from mockserver.server.webhooks import addresses, deliveries, subscriptions
from mockserver.server.webhooks.attempts import Letter
from mockserver.server.webhooks.courier import Courier
from mockserver.server.webhooks.deliveries import TABLE, said_of
from mockserver.server.webhooks.events import Event, called_back, emitted
from mockserver.server.webhooks.letters import letter_of
from mockserver.server.webhooks.messages import Message, compose, located
from mockserver.server.webhooks.outbox import Outbox, Served
from mockserver.server.webhooks.subscriptions import How, Subscription, secret_of

OF_A_STUB = "stub"
"""What the log calls an event that is none of a contract: a stub's webhook."""


class Office(Outbox):
    """
    Args:
        host: Whose events are sent.
        standing: API and URL of each `--webhook`.
        anywhere: Whether other machines may be called (`--webhooks-anywhere`).
    """

    def __init__(
        self, host: Served, standing: Iterable[tuple[str, str]] = (), anywhere: bool = False
    ) -> None:
        super().__init__(host)
        self.anywhere = anywhere
        self._standing = tuple(
            Subscription(f"cli-{number}", api, url, (), secret_of(self._seed(api), f"{api} {url}"))
            for number, (api, url) in enumerate(standing, 1)
        )
        self._courier = Courier(self, "|".join(self._seed(api.name) for api in host.apis))

    def start(self) -> None:
        """Begin to look at the clocks."""
        self._courier.start()

    def resume(self) -> None:
        """Carry what waits, whoever has left it."""
        if self.left():
            self._courier.wake()

    def _seed(self, api: str) -> str:
        return next((one.seed for one in self._host.apis if one.name == api), "")

    @property
    def apis(self) -> list[Api]:
        """Whose events they are; a reload may have changed them."""
        return list(self._host.apis)

    def close(self) -> None:
        """Send nothing more."""
        self._courier.close()

    # ------------------------------------------------------------ subscriptions

    def subscribers(self, session: Session) -> list[Subscription]:
        """Return who is told of what happens in *session*: those of the command line, then the admin's."""
        rows = dict(session.rows(subscriptions.TABLE))
        standing = [one for one in self._standing if rows.get(one.id) != {}]
        return [*standing, *(self._of_row(row) for row in rows.values() if row)]

    def _of_row(self, row: Row) -> Subscription:
        how = How().over(row)
        headers = tuple(row.get("headers", {}).items())
        said = (row["id"], row["api"], row["url"], tuple(row["events"]), row["secret"], row.get("method", ""))
        return Subscription(*said, headers, how)

    def subscribe(self, session: Session, said: Json) -> Subscription:
        """Add who *said* describes. Raises BadSubscription."""
        contracts = [api.contract for api in self._host.apis]
        api = said.get("api", "") if isinstance(said, dict) else ""
        subscriptions.subscription(said, "", contracts, self._seed(str(api)))
        with session.changing() as transaction:
            number = transaction.number(subscriptions.TABLE)
            made = subscriptions.subscription(said, f"sub_{number}", contracts, self._seed(str(api)))
            transaction.put(subscriptions.TABLE, made.id, made.row())
        self._courier.start()
        return made

    def unsubscribe(self, session: Session, ident: str) -> bool:
        """Tell the subscriber *ident* nothing more; say whether there was one."""
        if all(one.id != ident for one in self.subscribers(session)):
            return False
        with session.changing() as transaction:
            if ident.startswith("cli-"):
                transaction.put(subscriptions.TABLE, ident, {})
            else:
                transaction.delete(subscriptions.TABLE, ident)
        return True

    # -------------------------------------------------------------------- events

    def tell(self, answer: Answer, cause: str, url: str = "") -> None:
        """
        Send what *answer* has brought about; the answer's notes say what becomes of it.

        Args:
            answer: Good, and committed.
            cause: The `Mock-Id` of the request.
            url: What was addressed; callbacks are sent where it is given.
        """
        api = answer.api
        if api is None:
            return
        events = [*emitted(answer), *(called_back(answer, url) if url else ())]
        for event in events:
            for row in self.send(answer.session, api, event, cause=cause):
                answer.note(said_of(row))

    def send(
        self,
        session: Session,
        api: Api,
        event: Event,
        *,
        how: Mapping[str, Any] | None = None,
        to: str = "",
        cause: str = "",
        held: bool = True,
    ) -> list[Row]:
        """
        Make the deliveries of *event*, and return them as the log has them.

        Args:
            how: Options that go before a subscription's own.
            to: Send it there, and to nobody else.
            cause: The `Mock-Id` of the request that brought it about, "" where none did.
            held: Whether what breaks its contract stays here.
        """
        receivers = list(self._receivers(session, api, event, to))
        if not receivers:
            return []
        world = session.worlds[api.name]
        seed = f"{world.seed}|{event.name}|{world.writes}{deliveries.told(session)}"
        try:
            message = compose(event.operation, event.name, event.payload, event.known, seed, world.clock.now)
        except (Ungeneratable, MockserverError) as error:
            return [self._log(session, api, event, receivers[0], "invalid", str(error), cause=cause)]
        rows: list[Row] = []
        for receiver in receivers:
            options = receiver.how.over(how or {})
            rows.extend(self._deliver(session, api, event, receiver, message, options, cause, held))
        return rows

    def post(self, answer: Answer, said: Outgoing) -> str:
        """Send what a stub's webhook says, and return what the journal says of it."""
        session, api = answer.session, answer.api or next(iter(self._host.apis))
        clock = session.worlds[api.name].clock
        receiver = Subscription("", api.name, said.url, (), secret_of(api.seed, api.name))
        why = addresses.refusal(said.url, self.anywhere)
        due = clock.instant + said.delay if said.delay and not why else None
        state = "refused" if why else "held" if due is not None else "queued"
        letter = Letter("", said.method, said.url, said.headers, said.body, receiver.secret)
        cause = session.journal.next_id
        row = self._log(session, api, OF_A_STUB, receiver, state, why, letter, cause=cause, due=due)
        if not why:
            self._courier.wake()
        return said_of(row)

    def _receivers(self, session: Session, api: Api, event: Event, to: str) -> Iterator[Subscription]:
        """Yield who is told: whom the API remembers, then those who subscribed."""
        secret = secret_of(api.seed, api.name)
        if to:
            yield Subscription("", api.name, to, (), secret)
            return
        if event.to is not None:
            yield Subscription("", api.name, event.to, (), secret)
            if not event.to:
                return
        yield from (one for one in self.subscribers(session) if one.wants(api.name, event.name))

    def _deliver(
        self,
        session: Session,
        api: Api,
        event: Event,
        receiver: Subscription,
        message: Message,
        how: How,
        cause: str,
        held: bool,
    ) -> Iterator[Row]:
        state, why = self._judged(receiver, message, held)
        letter = letter_of(receiver, message, how, event.name)
        clock = session.worlds[api.name].clock
        violations = located(api.contract, message.violations)
        first: Row | None = None
        for _ in range(how.copies if state == "queued" else 1):
            due = clock.instant + how.delay if how.delay and state == "queued" else None
            row = self._log(
                *(session, api, event, receiver, "held" if due is not None else state, why, letter),
                cause=cause, first=first, due=due, violations=violations, how=how,
            )  # fmt: skip
            first = first or row
            if state == "queued":
                self._courier.wake()
            yield row

    def _judged(self, receiver: Subscription, message: Message, held: bool) -> tuple[str, str]:
        """Return the state that a delivery begins with, and why it goes no further."""
        if not receiver.url:
            return "off", "The address that the API remembers is empty: nobody wants to hear of this."
        if why := addresses.refusal(receiver.url, self.anywhere):
            return "refused", why
        if message.violations and held:
            return "invalid", f"It breaks its contract: {message.violations[0].detail}"
        return "queued", ""

    def _log(
        self,
        session: Session,
        api: Api,
        event: Event | str,
        receiver: Subscription,
        state: str,
        why: str,
        letter: Letter | None = None,
        *,
        cause: str = "",
        first: Row | None = None,
        again: Row | None = None,
        due: float | None = None,
        violations: list[Json] | None = None,
        how: How | None = None,
    ) -> Row:
        """Write a new delivery into the log; a copy, or one that is sent *again*, keeps its `webhook-id`."""
        request: dict[str, Json] = {"method": "", "url": receiver.url}
        if not isinstance(event, str):
            request["method"] = event.operation.method
        if letter is not None:
            request = {"method": letter.method, "url": letter.url, "headers": dict(letter.headers)}
            request.update(deliveries.body(letter.body))
        before = first or again
        return deliveries.add(
            session,
            api.seed,
            {
                "messageId": before["messageId"] if before is not None else "",
                "api": api.name,
                "event": event if isinstance(event, str) else event.name,
                "subscription": receiver.id,
                "state": state,
                "why": why,
                "created": deliveries.moment(time.time()),
                "cause": cause,
                "copyOf": first["id"] if first is not None else "",
                "redeliveryOf": again["id"] if again is not None else "",
                "request": request,
                "attempts": [],
                "violations": violations or [],
                "_due": due,
                "_how": asdict(how or How()),
                "_secret": receiver.secret,
                "_signature": list(letter.signature) if letter is not None else [],
            },
        )

    def redeliver(self, session: Session, ident: str) -> Row | None:
        """Send a delivery once more, as it was, under its `webhook-id`; return the new one, None for none."""
        old = session.row(TABLE, ident)
        api = self._api(old["api"]) if old is not None else None
        if old is None or api is None:
            return None
        request = old["request"]
        receiver = Subscription(old["subscription"], api.name, request["url"], (), old["_secret"])
        how = next((one.how for one in self.subscribers(session) if one.id == receiver.id), How())
        letter = Letter(
            *("", request["method"], request["url"], tuple(request.get("headers", {}).items())),
            *(deliveries.content(old), old["_secret"], tuple(old["_signature"]), how.timeout),
        )
        why = addresses.refusal(request["url"], self.anywhere) if request["url"] else old["why"]
        state = "queued" if not why else "refused" if request["url"] else "off"
        row = self._log(
            *(session, api, old["event"], receiver, state, why, letter),
            again=old, violations=[one for one in old["violations"] if one["in"] != "status"], how=how,
        )  # fmt: skip
        if state == "queued":
            self._courier.wake()
        return row
