"""
A request's life, top to bottom.

    match -> security, media type, parameters and body -> plan -> choose -> fill
    -> check the bytes about to leave -> commit -> journal -> send

Nothing has happened until the answer was found valid: a response that breaks its
own contract is never sent as if it were good. The mock then answers a 500
problem of its own that names the violations, and nothing is committed.

This module knows no framework: `Request` in, `Response` out.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from threading import RLock

from mockserver.behavior.engine import Outcome
from mockserver.behavior.world import World
from mockserver.contract.model import MediaType, Operation
from mockserver.contract.pairs import paired
from mockserver.contract.routes import Match, Miss
from mockserver.errors import BehaviorError, Ungeneratable
from mockserver.exchange import MISSING, Arguments, Json, Request, Response, Wire
from mockserver.generation import choose
from mockserver.server import filling, preferences
from mockserver.server.address import Addresses
from mockserver.server.answer import Answer
from mockserver.server.api import Api, Prepared
from mockserver.server.host import Condition
from mockserver.server.identity import Callers
from mockserver.server.journal import Journal
from mockserver.server.kept import KeptAnswers
from mockserver.server.preferences import BadPreference
from mockserver.server.refusing import refuse
from mockserver.server.sampling import sample

log = logging.getLogger(__name__)


class Host:
    """
    All APIs that are served, with their worlds.

    Args:
        apis: In the order of the command line.
        dynamic: Generate instead of answering with examples (`--dynamic`).
        validate: "enforce" refuses what breaks the contract, "warn" only says so, "off" does not look.
        auth: "any" takes any credential of the right kind, "listed" only the fixtures'.
    """

    def __init__(
        self,
        apis: Sequence[Api],
        journal: Journal,
        *,
        dynamic: bool = False,
        validate: str = "enforce",
        auth: str = "any",
    ) -> None:
        self.apis = tuple(apis)
        self.journal = journal
        self.dynamic = dynamic
        self.validate = validate
        self._auth = auth
        self._lock = RLock()
        self.conditions: dict[str, Condition] = {api.name: Condition() for api in self.apis}
        self.worlds: dict[str, World] = {api.name: api.world() for api in self.apis}
        self._receive()

    def _receive(self) -> None:
        """Find the addresses and callers of the APIs as they are."""
        self._addresses = Addresses(self.apis)
        self._callers = {api.name: Callers(api, listed=self._auth == "listed") for api in self.apis}
        self._answers = KeptAnswers()

    # ---------------------------------------------------------------- a request

    def handle(self, request: Request) -> Response:
        """Answer a request and write the journal. Never raises; callable from any thread."""
        started = time.perf_counter()
        with self._lock:
            kept = self._answers.get(request)
            if kept is not None and kept.true and kept.world is self.worlds.get(kept.api):
                response = kept.response(self.journal.next_id)
                self.journal.add(
                    *(request, response, started, kept.api, kept.operation),
                    *(kept.source, kept.violations, kept.notes),
                )
                return response
        answer = Answer(request)
        try:
            self._answer(request, answer)
        except filling.Cannot as error:
            answer.problem(error.status, str(error), **error.members)
        except (BehaviorError, Ungeneratable) as error:
            answer.problem(500, f"A rule of this mock could not be carried out: {error}")
        except Exception:
            log.exception("%s %s could not be answered", request.method, request.target)
            answer.problem(500, "The mock failed on this request; its log says why. Please report it.")
        with self._lock:
            return answer.finished(self.journal, started, self._answers)

    def _answer(self, request: Request, answer: Answer) -> None:
        addressed = self._addresses.find(request)
        api = answer.api = addressed.api
        if api is None or isinstance(addressed.found, Miss):
            self._nowhere(request, answer, addressed.found)
            return
        match: Match = addressed.found
        if error := self.conditions[api.name].error:
            answer.note(f"{api.name} is served as it was before an edit that is broken: {error}")
        prepared = answer.prepared = api.prepared(match.route)
        try:
            wishes = answer.preferences = preferences.read(request)
        except BadPreference as error:
            answer.problem(400, f"Prefer: {error}")
            return
        if wishes.delay or wishes.fault:
            answer.wire = Wire(wishes.delay / 1000, wishes.fault)
            answer.applied += ("delay", "fault")
        if wishes.validate:
            answer.applied += ("validate",)
        with self._lock:
            answer.events += api.engine.pass_time(self.worlds[api.name])
        account = self._admitted(request, answer, api, prepared)
        if account is None:
            return
        arguments = self._read(request, answer, api, prepared, match, account)
        if arguments is not None:
            self._respond(answer, api, prepared, arguments, account)

    def _nowhere(self, request: Request, answer: Answer, found: Match | Miss) -> None:
        allow = found.allow if isinstance(found, Miss) else ()
        if allow:
            fields = [("Allow", ", ".join(allow))]
            answer.problem(405, f"{request.path} has no {request.method}; it has {', '.join(allow)}.", fields)
            return
        near = list(found.nearest) if isinstance(found, Miss) else []
        said = f" Did you mean {near[0]}?" if near else ""
        answer.problem(404, f"No operation of the contract stands at {request.path}.{said}", nearest=near)

    def _admitted(self, request: Request, answer: Answer, api: Api, prepared: Prepared) -> str | None:
        """Return the caller's account; None where the answer is a refusal already."""
        caller = self._callers[api.name].of(prepared.operation, request)
        if caller.account is not None:
            return caller.account
        validate = answer.preferences.validate or self.validate
        if validate != "enforce":
            answer.violations += caller.violations if validate == "warn" else ()
            return self.worlds[api.name].account
        answer.violations += caller.violations
        challenges = [("WWW-Authenticate", challenge) for challenge in caller.challenges]
        happened = "forbidden" if caller.known else "unauthenticated"
        world = self.worlds[api.name]
        seed = self._seed(answer, api, prepared.operation)
        with self._lock:
            refuse(answer, api, prepared, world, happened, world.account, seed, fields=challenges)
            answer.seen = (world, world.version)
        return None

    def _read(
        self, request: Request, answer: Answer, api: Api, prepared: Prepared, match: Match, account: str
    ) -> Arguments | None:
        """Return the decoded request; None where the answer is a refusal already."""
        arguments, violations = prepared.reader.read(match.captured, request)
        if not violations:
            return arguments
        validate = answer.preferences.validate or self.validate
        if validate == "enforce":
            answer.violations += tuple(violations)
            happened = "media" if any(one.keyword == "mediaType" for one in violations) else "invalid"
            seed = self._seed(answer, api, prepared.operation)
            with self._lock:
                world = self.worlds[api.name]
                refuse(answer, api, prepared, world, happened, account, seed, arguments)
                answer.seen = (world, world.version)
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
        wishes = answer.preferences
        operation = prepared.operation
        with self._lock:
            world = self.worlds[api.name]
            if not self._planned_for(answer, api, operation, arguments):
                self._documented(answer, api, prepared, arguments, world)
                answer.seen = (world, world.version)
                return
            outcome = api.engine.plan(world, operation, arguments, account, wishes.items)
            try:
                self._planned(answer, api, prepared, arguments, world, outcome)
                good = answer.good() and self._holds(answer, api, operation, outcome)
            except BaseException:
                api.engine.rollback(world, outcome)
                raise
            answer.fleeting = outcome.transaction.flowed or outcome.transaction.changes > 0
            if good and not outcome.refused:
                answer.applied += ("items",)  # nothing but a list's length comes this way
                api.engine.commit(world, outcome)
                answer.events += outcome.events
                answer.seen = (world, world.version)
                return
            api.engine.rollback(world, outcome)
            answer.seen = (world, world.version)
            if outcome.proposed and not good and not outcome.refused:
                answer.again()
                self._documented(answer, api, prepared, arguments, world)

    @staticmethod
    def _planned_for(answer: Answer, api: Api, operation: Operation, arguments: Arguments) -> bool:
        """Return whether the rules answer; else a documented answer is asked for by name."""
        wishes = answer.preferences
        if not api.engine.covers(operation):
            return False
        if wishes.forced:
            return wishes.only_items and api.engine.lists(operation)
        if not api.engine.proposes:
            return True
        name = paired(operation, arguments)
        refusing = choose.exemplified(operation, name, choose.success(operation)) if name else None
        return refusing is None or refusing[0].status < 300

    @staticmethod
    def _holds(answer: Answer, api: Api, operation: Operation, outcome: Outcome) -> bool:
        """Hold a success against the invariants; one that breaks them becomes a problem of the mock's own."""
        if operation.id not in api.behavior.invariants or not 200 <= answer.status < 300:
            return True
        broken = api.engine.broken_invariants(operation, outcome, answer.value)
        if broken:
            said = "; ".join(broken)
            answer.problem(500, f"The answer does not hold what behavior.yaml says of it: {said}")
        return not broken

    def _planned(
        self,
        answer: Answer,
        api: Api,
        prepared: Prepared,
        arguments: Arguments,
        world: World,
        outcome: Outcome,
    ) -> None:
        operation = prepared.operation
        chosen = choose.success(operation)
        if outcome.status is not None:
            promise = operation.promise(outcome.status)
            if promise is None:
                self._undocumented(answer, operation, outcome)
                return
            chosen = choose.Chosen(outcome.status, promise)
        if chosen is None:
            answer.problem(500, f"{operation.id} documents no response.")
            return
        media = self._acceptable(answer, chosen, refused=outcome.refused)
        if answer.response is not None:
            return
        seed = self._seed(answer, api, operation, arguments)
        now = world.clock.now
        if outcome.body is not MISSING:
            source = "rule" if outcome.refused else outcome.source
            filled = filling.of_value(prepared, media, outcome.body, seed, now, source, outcome.rule)
        else:
            filled = self._from_contract(answer, prepared, chosen, media, arguments, seed, now)
        answer.filled(
            chosen.status, filled, filling.headers(prepared, chosen.promise, outcome.headers, seed, now)
        )
        if outcome.rehearsed:
            answer.note(f"rehearsed as the example {outcome.rehearsed!r}")

    @staticmethod
    def _undocumented(answer: Answer, operation: Operation, outcome: Outcome) -> None:
        """Answer with a status that the contract does not document: the mock speaks for itself."""
        if outcome.refused and (outcome.proposed or not outcome.rule):
            answer.problem(
                outcome.status or 404,
                f"There is nothing at {answer.request.path}: {outcome.rule or 'unknown'}.",
            )
            return
        said = f"{outcome.status}, which {operation.id} does not document ({outcome.rule})"
        answer.problem(500, f"A rule answers {said}.")

    def _documented(
        self, answer: Answer, api: Api, prepared: Prepared, arguments: Arguments, world: World
    ) -> None:
        """Answer from the contract alone: the response asked for or the success, by example or generated."""
        operation, wishes = prepared.operation, answer.preferences
        dynamic = self.dynamic if wishes.dynamic is None else wishes.dynamic
        chosen = choose.coded(operation, wishes.code) if wishes.code else choose.success(operation)
        if chosen is None:
            known = ", ".join(operation.responses) or "none"
            what = f"status {wishes.code}" if wishes.code else "response"
            answer.problem(
                404,
                f"{operation.id} documents no {what}; it has {known}.",
                documented=list(operation.responses),
            )
            return
        media = None
        name = wishes.example
        if not name and not wishes.forced and not dynamic:
            name = paired(operation, arguments)
        if name:
            named = choose.exemplified(operation, name, chosen)
            if named is not None and (not wishes.code or named[0].promise is chosen.promise):
                chosen, media, _ = named
        if media is None:
            media = self._acceptable(answer, chosen)
            if answer.response is not None:
                return
        seed, now = self._seed(answer, api, operation, arguments), world.clock.now
        filled = self._from_contract(answer, prepared, chosen, media, arguments, seed, now)
        answer.applied += ("code",)
        answer.filled(chosen.status, filled, filling.headers(prepared, chosen.promise, {}, seed, now))
        answer.good()

    def _acceptable(
        self, answer: Answer, chosen: choose.Chosen, *, refused: bool = False
    ) -> MediaType | None:
        """Return the media type to answer in; a refusal is sent whatever is accepted (RFC 9110, 12.5.1)."""
        accept = answer.request.header("accept")
        able, media = choose.media_for(chosen.promise, accept)
        if not able and refused:
            return choose.default_media(chosen.promise.content)
        if not able:
            offered = ", ".join(chosen.promise.content)
            answer.problem(406, f"Accept: {accept} takes none of the documented media types: {offered}.")
        return media

    def _from_contract(
        self,
        answer: Answer,
        prepared: Prepared,
        chosen: choose.Chosen,
        media: MediaType | None,
        arguments: Arguments,
        seed: str,
        now: str,
    ) -> filling.Filled:
        wishes = answer.preferences
        dynamic = self.dynamic if wishes.dynamic is None else wishes.dynamic
        return filling.of_contract(prepared, chosen.promise, media, arguments, wishes, seed, now, dynamic)

    def _seed(
        self, answer: Answer, api: Api, operation: Operation, arguments: Arguments | None = None
    ) -> str:
        """What a generated answer belongs to: seed, operation, path; so /users/42 is always the same."""
        path = "|".join(map(str, arguments.path.values())) if arguments is not None else ""
        return f"{answer.preferences.seed or api.seed}|{operation.id}|{path}"

    # ------------------------------------------------------------ for the admin

    def swap(self, fresh: Sequence[Api]) -> None:
        """
        Serve *fresh* in place of the APIs of these names, all at once; what they remember stays.

        To be called where requests are handled, so that none is half way between two contracts.
        """
        with self._lock:
            for api in fresh:
                world = api.world()
                world.inherit(self.worlds[api.name])
                self.worlds[api.name] = world
                self.conditions[api.name] = Condition(self.conditions[api.name].reloads + 1)
            by_name = {api.name: api for api in fresh}
            self.apis = tuple(by_name.get(api.name, api) for api in self.apis)
            self._receive()

    def broken(self, api: str, error: str) -> None:
        """Note why the API called *api* cannot be served as its files are now; it goes on as it was."""
        with self._lock:
            self.conditions[api] = replace(self.conditions[api], error=error)
            self._answers.clear()

    def reset(self) -> None:
        """Put every world and the journal back to their start."""
        with self._lock:
            self.worlds = {api.name: api.world() for api in self.apis}
            self.journal.clear()

    def state(self, api: str) -> Mapping[str, Mapping[str, Json]]:
        """Return the rows of the API called *api*: collection, then key; a copy that is safe to read."""
        with self._lock:
            tables = self.worlds[api].tables
            return {
                name: {str(key): row for key, row in table.rows.items()} for name, table in tables.items()
            }

    def sample(self, operation: Operation) -> str:
        """Return a target (below its API's root) that *operation* answers in the default world."""
        for api in self.apis:
            if api.contract.operations.get(operation.id) is operation:
                return sample(api, operation)
        raise KeyError(operation.id)

    def close(self) -> None:
        """Let go of files and connections: there are none in memory."""
