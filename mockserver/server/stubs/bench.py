"""
The stubs of a session at work: the first that fits answers.

Looked at in the order of their priority and, where that is the same, the newest
first; one that waits for another state of its scenario is passed over. The answer
is held against the contract where an operation stands there, and served in any
case: a wrong answer on purpose is what a tester wants, and the journal says that
it is one.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import orjson

from mockserver.behavior.store import Transaction
from mockserver.errors import UsageError
from mockserver.exchange import Json, Response, Wire
from mockserver.server.answer import Answer
from mockserver.server.session import Session
from mockserver.server.stubs import budget, mappings, near_misses
from mockserver.server.stubs.asked import Asked
from mockserver.server.stubs.delays import Delays, delays
from mockserver.server.stubs.files import Folder
from mockserver.server.stubs.listeners import Outgoing
from mockserver.server.stubs.mappings import STARTED, StubMapping
from mockserver.server.stubs.reading import Doc, Unfit, parsed
from mockserver.server.stubs.responses import Surroundings
from mockserver.server.stubs.tables import SCENARIOS, SETTINGS, STUBS

KEPT = 4096
"""Stubs that are kept ready: sessions that begin with the same rows share them."""


class Bench:
    """
    Args:
        folder: Of body files and persistent stubs.
        send: Sends what a stub's webhook says, and tells what becomes of it.
    """

    def __init__(self, folder: Folder, send: Callable[[Answer, Outgoing], str] | None = None) -> None:
        self.folder = folder
        self._send = send
        self._read: OrderedDict[int, StubMapping] = OrderedDict()
        self._ordered: WeakKeyDictionary[Session, tuple[int, list[StubMapping]]] = WeakKeyDictionary()

    # ------------------------------------------------------------------ answering

    def answer(self, session: Session, answer: Answer) -> bool:
        """Answer with the stub that fits, if any. Called with the host's lock held."""
        with budget.bounded():
            found = self._answer(session, answer)
            if budget.spent():
                answer.note(f"the stubs took more than {budget.SECONDS:g} s: the rest of them do not fit")
            return found

    def _answer(self, session: Session, answer: Answer) -> bool:
        clock = clock_of(session, answer)
        asked = Asked(answer.request, clock)
        overall = self.settings(session)
        stub = self.fitting(session, asked)
        if stub is not None and stub.scenario and stub.following:
            with session.alone():  # others may have moved the scenario meanwhile
                return self._served(session, answer, self.fitting(session, asked), asked, overall)
        return self._served(session, answer, stub, asked, overall)

    def _served(
        self, session: Session, answer: Answer, stub: StubMapping | None, asked: Asked, overall: Delays
    ) -> bool:
        if asked.timed:
            answer.fleeting = True  # a condition looked at the time: it may hold when the clock has moved
        if stub is None:
            if overall and not answer.wire:
                answer.wire = Wire(overall.drawn(f"{session.journal.next_id}|delay"))
            if answer.prepared is None:
                answer.near = near_misses.closest(self.stubs(session), asked, self.states(session))
            return False
        self._serve(session, answer, stub, asked, overall)
        if stub.scenario and stub.following and stub.following != self.state(session, stub.scenario):
            with session.changing() as transaction:
                transaction.put(SCENARIOS, stub.scenario, {"state": stub.following})
        return True

    def fitting(self, session: Session, asked: Asked) -> StubMapping | None:
        """Return the stub that answers, or None."""
        for stub in self.stubs(session):
            waits = stub.required and self.state(session, stub.scenario) != stub.required
            if not waits and stub.request.fits(asked):
                return stub
        return None

    def _serve(
        self, session: Session, answer: Answer, stub: StubMapping, asked: Asked, overall: Delays
    ) -> None:
        ident = session.journal.next_id
        around = Surroundings(
            now=asked.now,
            seed=f"{_seed(session, answer)}|{ident}",
            ident=ident,
            folder=self.folder,
            path_values=stub.request.path_values(asked),
            overall=overall,
        )
        called = f"{stub.name!r} ({stub.id})" if stub.name else stub.id
        answer.stub = stub.row
        answer.fleeting = True
        try:
            response = stub.response.made(asked, around)
        except (Unfit, ValueError) as error:
            said = error.detail if isinstance(error, Unfit) else str(error)
            answer.problem(500, f"The stub {called} cannot answer: {said}")
            return
        answer.note(f"answered by the stub {called}")
        for webhook in stub.webhooks if self._send is not None else ():
            try:
                made = webhook.made(asked, response, around.path_values, ident, around.seed)
                answer.note(self._send(answer, made) if self._send is not None else "")
            except ValueError as error:
                answer.note(f"the webhook of the stub cannot be made: {error}")
        fields = [("Matched-Stub-Id", stub.id)]
        if stub.name:
            fields.append(("Matched-Stub-Name", stub.name))
        answer.wire = response.wire
        if response.wire is not None and (fetch := response.wire.fetch) is not None:
            response.wire.fetch = _passing_on(answer, fetch, fields)
            answer.response, answer.source = response, "proxy"
            return
        response.headers += fields
        answer.response, answer.source = response, "rule"
        _hold(answer, response)

    # ------------------------------------------------------------------ looks

    def stubs(self, session: Session) -> list[StubMapping]:
        """Return the stubs in the order in which they are tried."""
        kept = self._ordered.get(session)
        if kept is not None and kept[0] == session.version:
            return kept[1]
        made = [self._mapping(row) for _, row in session.rows(STUBS)]
        made.reverse()
        made.sort(key=lambda stub: stub.priority)
        self._ordered[session] = session.version, made
        return made

    def _mapping(self, row: Json) -> StubMapping:
        """Return what a row says. A row never changes, so the same row says the same."""
        found = self._read.get(id(row))
        if found is None or found.row is not row:
            found = self._read[id(row)] = mappings.read(row)
            if len(self._read) > KEPT:
                self._read.popitem(last=False)
        return found

    def states(self, session: Session) -> dict[str, str]:
        """Return the state of each scenario that a stub is part of, in the order in which they came."""
        names = dict.fromkeys(
            str(row["scenarioName"]) for _, row in session.rows(STUBS) if row.get("scenarioName")
        )
        return {name: self.state(session, name) for name in names}

    @staticmethod
    def state(session: Session, scenario: str) -> str:
        """Return the state that a scenario is in."""
        row = session.row(SCENARIOS, scenario)
        return str(row["state"]) if row is not None else STARTED

    @staticmethod
    def settings(session: Session) -> Delays:
        """Return the delays of every answer."""
        row = session.row(SETTINGS, "global")
        return delays(Doc(row), "fixedDelay") if row is not None else Delays()

    # ------------------------------------------------------------------ changes

    def add(self, session: Session, value: Json, *, ident: str = "", pointer: str = "") -> Json:
        """
        Add a stub, or put it in the place of the one with its id; return its row.

        Args:
            session: Whose it is.
            value: As sent.
            ident: The id that it gets, whatever it says; "" for its own, or the next.
            pointer: Where it stands in what was sent.

        Raises:
            Unfit: It cannot be read.
        """
        if ident:
            value = {**Doc(value, pointer).value, "id": ident, "uuid": ident}
        with session.changing() as transaction:
            stub = self._put(session, transaction, value, pointer)
        self._file([stub])
        return stub.row

    def bring_in(
        self, session: Session, values: list[tuple[Json, str]], *, overwrite: bool, alone: bool
    ) -> None:
        """
        Add several stubs, all of them or none; the first is looked at first.

        Args:
            session: Whose they are.
            values: As sent, each with where it stands there.
            overwrite: Whether one that is there already is replaced.
            alone: Whether all others are taken away.

        Raises:
            Unfit: One of them cannot be read.
        """
        made: list[StubMapping] = []
        with session.changing() as transaction:
            brought: set[str] = set()
            for value, pointer in reversed(values):
                doc = Doc(value, pointer)
                known = session.row(STUBS, doc.text("id") or doc.text("uuid") or "")
                if known is None or overwrite:
                    made.append(self._put(session, transaction, value, pointer))
                    known = made[-1].row
                brought.add(known["id"])
            others = [row for ident, row in session.rows(STUBS) if alone and ident not in brought]
            for row in others:
                transaction.delete(STUBS, row["id"])
        self._file(made)
        self._unfile(others)

    def _put(self, session: Session, transaction: Transaction, value: Json, pointer: str) -> StubMapping:
        """Put the stub that *value* describes, with its own id or the next. Raises Unfit."""
        fresh = mappings.numbered(transaction.number(STUBS))
        while session.row(STUBS, fresh) is not None:
            fresh = mappings.numbered(transaction.number(STUBS))
        row = mappings.identified(value, fresh, pointer)
        stub = mappings.read(row, pointer)
        transaction.put(STUBS, stub.id, row)
        return stub

    def remove(self, session: Session, idents: list[str]) -> None:
        """Take stubs away, and the files of those that were kept in files."""
        rows = [row for ident in idents if (row := session.row(STUBS, ident)) is not None]
        with session.changing() as transaction:
            for row in rows:
                transaction.delete(STUBS, row["id"])
        self._unfile(rows)

    def _file(self, stubs: list[StubMapping]) -> None:
        """Write those of *stubs* that are to be kept in files."""
        for stub in stubs:
            if stub.persistent and self.folder.root is not None:
                self.save(stub)

    def _unfile(self, rows: list[Json]) -> None:
        """Delete the files of those of *rows* that were kept in files."""
        for row in rows:
            if row.get("persistent") and self.folder.root is not None:
                for path in self.folder.mappings():
                    if path.name.endswith(f"-{row['id']}.json"):
                        path.unlink(missing_ok=True)

    def save(self, stub: StubMapping) -> None:
        """Write a stub to the folder, as WireMock would."""
        assert self.folder.root is not None
        words = stub.name or f"{stub.request.method} {stub.request.url.text}"
        slug = "-".join("".join(sign if sign.isalnum() else " " for sign in words.lower()).split())[:80]
        for old in self.folder.mappings():
            if old.name.endswith(f"-{stub.id}.json") and old.name != f"{slug}-{stub.id}.json":
                old.unlink(missing_ok=True)
        path = self.folder.root / "mappings" / f"{slug}-{stub.id}.json"
        self.folder.write(path, _indented({**stub.row, "persistent": True}))

    def save_all(self, session: Session) -> None:
        """Write all stubs to the folder; they are persistent from then on."""
        for stub in self.stubs(session):
            self.save(stub)
        with session.changing() as transaction:
            for ident, row in session.rows(STUBS):
                transaction.put(STUBS, ident, {**row, "persistent": True})

    def load(self, session: Session, *, alone: bool = True) -> None:
        """
        Give *session* the stubs of the folder, in place of those it has or (not *alone*) beside them.

        Raises:
            UsageError: There is no such folder, or a file in it holds what cannot be read.
        """
        rows = self._in_folder()
        with session.changing() as transaction:
            there = dict(session.rows(STUBS))
            for ident in there if alone else ():
                transaction.delete(STUBS, ident)
            for row in rows:
                if alone or there.get(row["id"]) != row:
                    transaction.put(STUBS, row["id"], row)

    def _in_folder(self) -> list[Json]:
        """Return the rows of the folder's stubs. One without an id has that of its place, always the same."""
        root = self.folder.root
        if root is not None and not root.is_dir():
            raise UsageError(f"--stubs {root}: there is no such folder")
        rows: list[Json] = []
        for path in self.folder.mappings():
            try:
                value = parsed(path.read_bytes())
                several = isinstance(value, dict) and "mappings" in value
                for index, one in enumerate(value["mappings"] if several else [value]):
                    pointer = f"/mappings/{index}" if several else ""
                    place = f"{path.relative_to(root) if root is not None else path}#{pointer}"
                    row = mappings.identified(one, str(uuid.uuid5(uuid.NAMESPACE_URL, place)), pointer)
                    mappings.read(row, pointer)
                    rows.append(row)
            except Unfit as error:
                raise UsageError(f"{path}: {error}") from error
            except OSError as error:
                raise UsageError(f"{path}: {error.strerror}") from error
        return rows


def clock_of(session: Session, answer: Answer | None = None) -> Callable[[], datetime]:
    """Return what tells a session's time: that of the API which is addressed, else of the first."""
    name = answer.api.name if answer is not None and answer.api is not None else ""

    def now() -> datetime:
        world = session.worlds.get(name) or next(iter(session.worlds.values()), None)
        return datetime.fromisoformat(world.clock.now) if world is not None else datetime.now(UTC)

    return now


def _seed(session: Session, answer: Answer) -> str:
    world = session.worlds.get(answer.api.name) if answer.api is not None else None
    world = world or next(iter(session.worlds.values()), None)
    return world.seed if world is not None else ""


def _passing_on(
    answer: Answer, fetch: Callable[[], Response], fields: list[tuple[str, str]]
) -> Callable[[], Response]:
    """Return what gets another server's answer and holds it against the contract."""

    def fetched() -> Response:
        response = fetch()
        if response.header("mock-source") == "mock":
            answer.source = "mock"  # nobody answered there: these are our own words
        else:
            drop = ("mock-id", "mock-source", "mock-operation", "mock-violations")
            response.headers = [field for field in response.headers if field[0].lower() not in drop]
            _hold(answer, response)
        response.headers += fields
        return response

    return fetched


def _hold(answer: Answer, response: Response) -> None:
    """Hold the answer against the contract, if an operation stands there; what is wrong is only noted."""
    if answer.prepared is None or (response.wire is not None and response.wire.fault not in ("", "drip")):
        return
    found = answer.prepared.checker.check(response.status, response.headers, response.body)
    answer.violations += tuple(found)
    for one in found:
        answer.note(f"the stub's answer breaks the contract: {one.where}: {one.detail}")


def _indented(row: Json) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_INDENT_2) + b"\n"
