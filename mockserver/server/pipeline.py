"""
A request's life, top to bottom.

    session -> match -> what overrides the contract -> security, media type, parameters and body -> plan
    -> choose -> fill -> check the bytes about to leave -> commit -> journal -> send

Nothing has happened until the answer was found valid: a response that breaks its
own contract is never sent as if it were good. The mock then answers a 500
problem of its own that names the violations, and nothing is committed.

This module knows no framework: `Request` in, `Response` out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from mockserver.contract.routes import Match, Miss
from mockserver.errors import BehaviorError, Ungeneratable
from mockserver.exchange import Arguments, Request, Response, Turn, Wire
from mockserver.server import answering, filling, preferences
from mockserver.server.address import Addresses, asked
from mockserver.server.answer import Answer
from mockserver.server.api import Api, Prepared
from mockserver.server.armed import armed
from mockserver.server.bounds import Bounds, Full
from mockserver.server.cases.override import CaseAnswers
from mockserver.server.chaos import Chaos
from mockserver.server.chaos import load as load_chaos
from mockserver.server.coding import plain
from mockserver.server.failing import bend, fails, mislabel
from mockserver.server.gates import held, shuts
from mockserver.server.host import Condition
from mockserver.server.identity import Callers
from mockserver.server.journal import Journal
from mockserver.server.keeper import MEMORY, StateGone, Waits, unkept
from mockserver.server.kept import KeptAnswers
from mockserver.server.overriding import Override
from mockserver.server.preferences import BadPreference
from mockserver.server.readying import LOOK, Readying
from mockserver.server.refusing import refuse
from mockserver.server.replaying import replayed
from mockserver.server.secret_names import discreet
from mockserver.server.session import DEFAULT, Session, Unlocked
from mockserver.server.sessions import IDLE, MOST, BadSession, Sessions
from mockserver.server.stubs.override import Stubs
from mockserver.server.telling import Telling

log = logging.getLogger(__name__)


_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing as a rule (RFC 9110, 9.2.1): they do not wait for who is changing something."""


class Host(Telling):
    """
    All APIs that are served, with the sessions that hold their worlds.

    Args:
        apis: In the order of the command line.
        journal: Of the default session.
        dynamic: Generate instead of answering with examples (`--dynamic`).
        validate: "enforce" refuses what breaks the contract, "warn" only says so, "off" does not look.
        auth: "any" takes any credential of the right kind, "listed" only the fixtures'.
        sessions: How many there are beside the default one.
        chaos: A file that says what goes wrong by chance.
        session_ttl: Seconds after which one that nobody uses is dropped; 0: never.
        stubs: A folder in WireMock's layout, with stubs that are there from the start.
        bounds: How much clients may have remembered.
        webhooks: API and URL of who is told of its events, in every session.
        webhooks_anywhere: Whether other machines than this one may be told.

    Attributes:
        sessions: All worlds, journals and what else is somebody's own.
        overrides: What may answer in the contract's place, in this order.
    """

    def __init__(
        self,
        apis: Sequence[Api],
        journal: Journal,
        *,
        dynamic: bool = False,
        validate: str = "enforce",
        auth: str = "any",
        sessions: int = MOST,
        session_ttl: float = IDLE,
        stubs: Path | None = None,
        chaos: Path | None = None,
        bounds: Bounds | None = None,
        webhooks: Sequence[tuple[str, str]] = (),
        webhooks_anywhere: bool = False,
    ) -> None:
        self.apis = tuple(apis)
        self.dynamic = dynamic
        self.validate = validate
        self._auth = auth
        self.origin, self.archive = None, {}
        self.conditions: dict[str, Condition] = {api.name: Condition() for api in self.apis}
        self.keeper = MEMORY
        default = Session(DEFAULT, self._start(), journal)
        default.bounds = bounds or default.bounds
        self.sessions = Sessions(default, most=sessions, idle=session_ttl)
        self.stubs = Stubs(stubs, lambda answer, said: self.office.post(answer, said))
        self.chaos = Chaos(load_chaos(chaos, self.apis) if chaos is not None else None, self.apis)
        self.overrides: tuple[Override, ...] = (
            shuts,
            armed,
            self.chaos,
            fails,
            self.stubs,
            CaseAnswers(self),
        )
        self._webhooks = (tuple(webhooks), webhooks_anywhere)
        self._lock = default.lock
        self._receive()
        self.stubs.begin(default)

    def _receive(self) -> None:
        """Find the addresses and callers of the APIs as they are."""
        self._addresses = Addresses(self.apis)
        self._callers = {api.name: Callers(api, listed=self._auth == "listed") for api in self.apis}
        self._answers = KeptAnswers()
        self._readying = Readying()

    # ---------------------------------------------------------------- a request

    def handle(self, request: Request) -> Response:
        """Answer a request and write the journal. Never raises; callable from any thread."""
        started = time.perf_counter()
        if not self.keeper.shared:
            return self._handled(request, started)
        try:
            return self._kept(lambda: self._handled(request, started))
        except Waits:
            return _put_off(request, lambda: self._handled(request, started))

    def _go_on(
        self, request: Request, started: float, answer: Answer, carry_out: Callable[..., None]
    ) -> Response:
        """Answer a request whose turn has come: from where it was put off, if that is still of today."""
        if answer.session.gone or answer.api not in self.apis:
            return self._handled(request, started)
        self._carefully(carry_out, answer)
        return self._finished(answer, started)

    def _kept(self, act: Callable[[], Response]) -> Response:
        """Do *act* on what is remembered now, and keep what it does before it is answered."""
        if not self.keeper.shared:
            return act()
        try:
            with self.keeper.exchange():
                return act()
        except StateGone as error:
            return unkept(error)

    def _handled(self, request: Request, started: float) -> Response:
        with self._lock:
            kept = self._answers.get(request)
            if kept is not None and kept.true:
                return kept.given(request, started)
        answer = Answer(request, self.sessions.default)
        self._carefully(self._find, answer)
        if answer.preferences.replay:
            with self._lock:
                return replayed(answer, started, self.sessions, self.archive, self._answers)
        waiting = None
        if answer.session.tables:  # else no gate was ever put up
            with self._lock:
                waiting = held(answer, "request", lambda: self._kept(lambda: self._finish(answer, started)))
        return waiting or self._finish(answer, started)

    def _finish(self, answer: Answer, started: float) -> Response:
        """Answer a request that nothing holds any more."""
        if answer.response is None:
            self._carefully(self._override, answer)
        if answer.response is None:
            self._carefully(self._answer, answer)
        if answer.put_off is not None:
            act = partial(self._go_on, answer.request, started, answer, answer.put_off)
            return _put_off(answer.request, act)
        return self._finished(answer, started)

    def _finished(self, answer: Answer, started: float) -> Response:
        """Tell of what a request has brought about, and write the journal."""
        if answer.preferences.fault == "media":
            mislabel(answer)
        with self._lock:
            if answer.events or answer.calls_back:
                self._tell(answer.request, answer)
            response = answer.finished(started, self._answers)
            if not answer.session.tables:  # no gate was ever put up
                return response
            return held(answer, "answer", lambda: response) or response

    def rehearsed(self, request: Request, session: Session) -> Answer:
        """Return what the contract answers in a *session* that will be thrown away; nobody is told."""
        answer = Answer(request, session)
        self._carefully(self._match, answer)
        if answer.response is None:
            self._carefully(self._answer, answer)
        return answer

    def _carefully(self, act: Callable[[Request, Answer], None], answer: Answer) -> None:
        """Do a part of answering; whatever goes wrong is the answer."""
        request = answer.request
        try:
            act(request, answer)
        except StateGone:
            raise
        except (BadSession, Full) as error:
            answer.problem(error.status, str(error))
        except filling.Cannot as error:
            answer.problem(error.status, str(error), **error.members)
        except (BehaviorError, Ungeneratable) as error:
            answer.problem(500, f"A rule of this mock could not be carried out: {error}")
        except Exception:
            log.exception("%s %s could not be answered", request.method, request.path)
            answer.problem(500, "The mock failed on this request; its log says why. Please report it.")

    def _find(self, request: Request, answer: Answer) -> None:
        """Find the session, the operation and the preferences, and undo what the body was coded with."""
        answer.request, answer.undecodable = plain(request)
        session, note = self.sessions.of(request)
        answer.enter(session)
        answer.note(note)
        self._match(answer.request, answer)

    def _match(self, request: Request, answer: Answer) -> None:
        """Find the operation and the preferences."""
        answer.addressed = addressed = self._addresses.find(request)
        api, found, request = addressed.api, addressed.found, addressed.request
        if api is not None and isinstance(found, Match):
            answer.api, answer.prepared = api, api.prepared(found.route)
        try:
            answer.preferences = preferences.read(request)
        except BadPreference as error:
            if answer.prepared is not None:
                answer.problem(400, f"Prefer: {error}")

    def _override(self, request: Request, answer: Answer) -> None:  # noqa: ARG002 - as the other parts
        """Let answer, or bend, what stands before the contract."""
        if not (answer.preferences.overrides or answer.session.tables or self.chaos.profile):
            return  # whatever overrides goes by one of these
        with self._lock:
            any(override(answer.session, answer) for override in self.overrides)
        bend(answer)

    def _answer(self, request: Request, answer: Answer) -> None:
        """Answer as the contract does."""
        session, addressed = answer.session, answer.addressed
        assert addressed is not None, "it was found"
        api, found, request = addressed.api, addressed.found, addressed.request
        prepared = answer.prepared
        if request.path == "*":
            answering.everywhere(answer, self.apis)
            return
        if api is None or prepared is None or isinstance(found, Miss):
            answer.api = api
            answering.nowhere(request, answer, found)
            return
        if broken := self.conditions[api.name].error:
            answer.note(f"{api.name} is served as it was before an edit that is broken: {broken}")
        if answer.preferences.validate:
            answer.applied += ("validate",)
        with self._lock:
            try:
                answer.events += api.engine.pass_time(session.worlds[api.name])
            except Unlocked:
                with self.keeper.writing():
                    answer.events += api.engine.pass_time(session.worlds[api.name])
        account = self._admitted(request, answer, api, prepared)
        if account is None:
            return
        arguments = self._read(request, answer, api, prepared, found, account)
        if arguments is not None:
            callbacks = prepared.operation.callbacks
            if callbacks and callbacks.keys() - api.behavior.told:
                answer.calls_back, answer.fleeting = arguments, True
            self._respond(answer, api, prepared, arguments, account)

    def _admitted(self, request: Request, answer: Answer, api: Api, prepared: Prepared) -> str | None:
        """Return the caller's account; None where the answer is a refusal already."""
        caller = self._callers[api.name].of(prepared.operation, request)
        if caller.account is not None:
            return caller.account
        validate = answer.preferences.validate or self.validate
        if validate != "enforce":
            answer.violations += caller.violations if validate == "warn" else ()
            return answer.session.worlds[api.name].account
        answer.violations += caller.violations
        challenges = [("WWW-Authenticate", challenge) for challenge in caller.challenges]
        happened = "forbidden" if caller.known else "unauthenticated"
        world = answer.session.worlds[api.name]
        seed = answering.seed_of(answer, api, prepared.operation)
        with self._lock:
            refuse(answer, api, prepared, world, happened, world.account, seed, fields=challenges)
            answer.seen = (world, world.mark)
        return None

    def _read(
        self, request: Request, answer: Answer, api: Api, prepared: Prepared, match: Match, account: str
    ) -> Arguments | None:
        """Return the decoded request; None where the answer is a refusal already."""
        arguments, violations = prepared.read(match.captured, request)
        if answer.undecodable is not None:
            violations = answer.undecodable.among(violations)
        if not violations:
            return arguments
        violations = [discreet(one) for one in violations]
        validate = answer.preferences.validate or self.validate
        if validate == "enforce":
            answer.violations += tuple(violations)
            happened = "media" if any(one.keyword == "mediaType" for one in violations) else "invalid"
            seed = answering.seed_of(answer, api, prepared.operation)
            with self._lock:
                world = answer.session.worlds[api.name]
                refuse(answer, api, prepared, world, happened, account, seed, arguments)
                answer.seen = (world, world.mark)
            return None
        answer.violations += tuple(violations) if validate == "warn" else ()
        return arguments

    # ----------------------------------------------------------------- answers

    def _respond(
        self,
        answer: Answer,
        api: Api,
        prepared: Prepared,
        arguments: Arguments,
        account: str,
    ) -> None:
        keeper = answer.session.keeper
        with self._lock:
            if not keeper.shared or answer.request.method in _SAFE:
                try:
                    self._carry_out(answer, api, prepared, arguments, account)
                    return
                except Unlocked:
                    answer.fleeting = True  # it changes something all the same: once more, alone
            if keeper.puts_off:
                answer.put_off = lambda *_: self._carry_out(answer, api, prepared, arguments, account)
                return
            with keeper.writing():
                self._carry_out(answer, api, prepared, arguments, account)

    def _carry_out(
        self, answer: Answer, api: Api, prepared: Prepared, arguments: Arguments, account: str
    ) -> None:
        wishes = answer.preferences
        operation = prepared.operation
        world = answer.session.worlds[api.name]
        if not answering.planned_for(answer, api, operation, arguments):
            answering.documented(answer, api, prepared, arguments, world, self.dynamic)
            answer.seen = (world, world.mark)
            return
        if api.engine.proposes:
            asked(arguments, answer.request)
        outcome = api.engine.plan(world, operation, arguments, account, wishes.items, wishes.seed)
        try:
            if outcome.transaction.changes:
                answer.session.keeper.held()
                answer.session.bounds.hold_world(world, outcome.transaction)
            stays = answering.told(answer, api, prepared, arguments, world, outcome, self.dynamic)
        except BaseException:
            api.engine.rollback(world, outcome)
            raise
        answer.fleeting |= outcome.transaction.flowed or outcome.transaction.changes > 0
        if stays:
            api.engine.commit(world, outcome)
            answer.events += outcome.events
            if outcome.transaction.changes and not world.writes % LOOK:
                self._readying.keep_up(answer, api, world, account)
        else:
            api.engine.rollback(world, outcome)
        answer.seen = (world, world.mark)


def _put_off(request: Request, act: Callable[[], Response]) -> Response:
    """Return what stands for the answer that *act* makes, when it may change what others share."""
    return Response(200, wire=Wire(turn=Turn(request, act)))
