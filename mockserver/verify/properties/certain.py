"""
Which failed checks are certain, and what exactly they say.

schemathesis judges by the schema. A server may do more than a schema says: it
may refuse what it cannot store, answer statuses that belong to HTTP and not to
the API (RFC 9110, 15.5), leave a media type to its own judgement (15.5.16), or
know rules that stand in prose. So a failure is a finding only where

- our own readers of requests and answers see the same, and
- the contract, or HTTP itself with a MUST, leaves no choice.

What is not certain is `Doubt`: it is shown as inconclusive, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mockserver.behavior.model import Behavior
from mockserver.contract.model import Contract, Operation
from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING, Json, Violation
from mockserver.generation import choose
from mockserver.validation.requests import RequestReader
from mockserver.verify.circumstances import CIRCUMSTANCES, GATEWAY
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.laws.things import things
from mockserver.verify.properties.acceptance import Accepted
from mockserver.verify.properties.engine import Failed
from mockserver.verify.properties.lenient import is_converted, says_nothing
from mockserver.verify.requests import credential_fields
from mockserver.verify.verdicts import held, is_page

CONFORMANCE = frozenset(
    {
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    }
)
_PLAIN = frozenset({"enum", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_BLANK: tuple[Json, ...] = (None, "", "null")
"""What many a reader of queries and forms takes for nothing."""


REFUSES_VALID = "refuses-valid"

GENERIC = frozenset({400, 405, 406, 408, 411, 413, 414, 415, 417, 421, 426, 429, 431, 503})
"""Statuses that HTTP itself has for requests; a server need not have them documented by an API."""


class Doubt(Exception):
    """The contract does not determine this; the text says why."""


@dataclass
class Judge:
    """
    Decides about the failed checks of some operations.

    Args:
        accepted: The requests that were.
        credentials: The account's own fields with credentials, names in lower case.
    """

    contract: Contract
    behavior: Behavior
    accepted: Accepted
    credentials: Mapping[str, str] = field(default_factory=dict)
    _readers: dict[str, RequestReader] = field(default_factory=dict)

    def findings(
        self, operation: Operation, failed: Failed, captured: Mapping[str, str] | None
    ) -> list[Finding]:
        """
        Return what a failed check says for certain.

        Raises:
            Doubt: It says nothing for certain.
        """
        call = failed.call
        response = call.response
        if response is None:
            raise Doubt("there was no answer")
        if response.status == 429:
            raise Doubt("429: the server asks for fewer requests")
        if response.status in GATEWAY:
            raise Doubt(f"{response.status}: a gateway may say so of any request")
        wrong = self.violations(operation, call, captured)
        if failed.check in CONFORMANCE:
            return self._conformance(operation, failed, wrong)
        if call.wire:
            raise Doubt(
                f"the {call.wire} has an error in it, as the document leaves open: it means {response.status}"
            )
        decide = getattr(self, f"_{failed.check}", None)
        if decide is None:
            return [self._finding(operation, failed, failed.check.replace("_", "-"), failed.message)]
        found: list[Finding] = decide(operation, failed, wrong)
        return found

    def violations(
        self, operation: Operation, call: Exchanged, captured: Mapping[str, str] | None
    ) -> list[Violation] | None:
        """Return what is wrong with a request by the contract; None where it is not the operation's."""
        if captured is None or call.request.method != operation.method:
            return None
        if operation.id not in self._readers:
            self._readers[operation.id] = RequestReader(operation)
        return self._readers[operation.id].read(captured, call.request)[1]

    # ------------------------------------------------------------------------------------------ answers

    def _conformance(
        self, operation: Operation, failed: Failed, wrong: list[Violation] | None
    ) -> list[Finding]:
        response = failed.call.response
        assert response is not None
        found = held(self.contract, operation, failed.call)
        if not found:
            raise Doubt(f"by our own reading the answer keeps its contract ({failed.message})")
        if operation.promise(response.status) is None:
            if response.status in GENERIC:
                raise Doubt(f"{response.status} is HTTP's own, and need not be documented")
            if response.status in (401, 403) and operation.security:
                raise Doubt(f"{response.status} belongs to the security that is documented")
            if response.status == 404 and "{" in operation.route.template:
                raise Doubt("404 says that there is no such resource (RFC 9110, 15.5.5)")
            if 400 <= response.status < 500 and wrong != []:
                raise Doubt(f"{response.status} refuses a request that the contract excludes")
        return [self._with_calls(one, failed) for one in found]

    def _not_a_server_error(
        self, operation: Operation, failed: Failed, wrong: list[Violation] | None
    ) -> list[Finding]:
        response = failed.call.response
        assert response is not None
        if response.status == 501 and (wrong is None or "501" in operation.responses):
            raise Doubt("501 says that something is not done here (RFC 9110, 15.6.2)")
        first = wrong[0] if wrong else None
        about = f" to a request with a wrong {_where(first)}" if first is not None else ""
        return [
            self._finding(
                operation,
                failed,
                "server-error",
                f"The server fails: {response.status}{about}.",
                pointer=_where(first) if first is not None else "",
                expected=_documented(operation),
                kin=f"{operation.id} fails",
            )
        ]

    # ----------------------------------------------------------------------------------------- requests

    def _negative_data_rejection(
        self, operation: Operation, failed: Failed, wrong: list[Violation] | None
    ) -> list[Finding]:
        if not wrong:
            raise Doubt("on the wire the request is as documented")
        response = failed.call.response
        assert response is not None
        if not 200 <= response.status < 300:
            raise Doubt(f"{response.status} is no acceptance: what is looked at first is up to the server")
        if choose.fitting(operation, "invalid") is None:
            raise Doubt(f"{operation.id} documents no refusal of an invalid request")
        certain = [one for one in wrong if self._must_refuse(operation, one)]
        if len(certain) < len(wrong) or not certain:
            raise Doubt("a server may choose to take a request like this one")
        return [self._accepts(operation, failed, certain[0])]

    def _accepts(self, operation: Operation, failed: Failed, wrong: Violation) -> Finding:
        response = failed.call.response
        assert response is not None
        return self._finding(
            operation,
            failed,
            f"accepts-{wrong.keyword}",
            f"A request that the contract excludes is answered {response.status}: "
            f"{_where(wrong)}: {wrong.detail}",
            violation=wrong,
            expected="a documented 4xx",
            kin=wrong.detail,
        )

    _missing_required_header = _negative_data_rejection

    def taken(
        self, operation: Operation, call: Exchanged, captured: Mapping[str, str] | None
    ) -> list[Finding]:
        """
        Return what is wrong with a success: that its request was to be refused, by our own reading alone.

        schemathesis lets many pass: an unknown word in a list of a query, for example. We say so only of a
        value that is of the right kind and none of those that there are, or out of bounds.
        """
        response = call.response
        if response is None or not 200 <= response.status < 300:
            return []
        if choose.fitting(operation, "invalid") is None:
            return []
        wrong = self.violations(operation, call, captured)
        if not wrong or any(one.keyword not in _PLAIN or one.found in _BLANK for one in wrong):
            return []
        return [self._accepts(operation, Failed("negative_data_rejection", "", call), wrong[0])]

    def _must_refuse(self, operation: Operation, wrong: Violation) -> bool:
        if wrong.keyword == "mediaType":
            return choose.fitting(operation, "media") is not None and "415" in operation.responses
        free = is_converted(wrong) or says_nothing(operation, wrong)
        return wrong.keyword != "readOnly" and not free

    def _positive_data_acceptance(
        self, operation: Operation, failed: Failed, wrong: list[Violation] | None
    ) -> list[Finding]:
        response = failed.call.response
        assert response is not None
        if wrong != []:
            raise Doubt("by our own reading the request breaks the contract")
        if response.status in CIRCUMSTANCES:
            raise Doubt(f"{response.status} is about the state that the request met, not about its data")
        if self._has_rules(operation):
            raise Doubt(f"{operation.id} has rules beyond its schema")
        known = self.accepted.only_difference(operation, failed.call)
        if known is None:
            raise Doubt("a rule that stands in no schema may refuse it: nothing like it was accepted")
        pointer, accepted = known
        if _is_free(operation, pointer):
            raise Doubt(f"{pointer} is a text of no format that is told, and may be an expression of its own")
        return [
            self._finding(
                operation,
                replace(failed, before=(*failed.before, accepted)),
                REFUSES_VALID,
                f"A request that the contract allows is refused with {response.status}; with another value "
                f"of {pointer} it is accepted.",
                pointer=pointer,
                expected="a success",
            )
        ]

    def _has_rules(self, operation: Operation) -> bool:
        rule = self.behavior.rules.get(operation.id)
        return rule is not None and bool(rule.refusals or rule.steps)

    # ------------------------------------------------------------------------------------------ methods

    def _unsupported_method(
        self, operation: Operation, failed: Failed, _wrong: list[Violation] | None
    ) -> list[Finding]:
        response = failed.call.response
        assert response is not None
        method = failed.call.request.method
        if response.status == 405:
            text = f"The 405 to {method} does not name the methods that are allowed (RFC 9110, 15.5.6)."
            return [
                self._finding(
                    operation, failed, "allow", text, pointer="Allow", expected="Allow", kin="Allow"
                )
            ]
        if not 200 <= response.status < 300:
            raise Doubt(
                f"{response.status} to a method that is not declared: 405 is only a SHOULD (RFC 9110, 9.1)"
            )
        if method == "TRACE" and response.header("content-type").startswith("message/http"):
            raise Doubt("TRACE is HTTP's own, and asks no application (RFC 9110, 9.3.8)")
        if is_page(self.contract, operation, failed.call):
            raise Doubt("a page for people is answered to whatever nothing else answers")
        text = f"{method}, which the contract does not have here, is answered {response.status}."
        rule, kin = "undeclared-method", f"{method} {response.status}"
        return [self._finding(operation, failed, rule, text, pointer=method, expected=405, kin=kin)]

    # ------------------------------------------------------------------------------------------- others

    def _ignored_auth(
        self, operation: Operation, failed: Failed, _wrong: list[Violation] | None
    ) -> list[Finding]:
        response = failed.call.response
        assert response is not None
        if not 200 <= response.status < 300:
            raise Doubt(f"{response.status} without credentials: what is looked at first is up to the server")
        request = failed.call.request
        shown = {name: value for name in credential_fields(self.contract) if (value := request.header(name))}
        if any(self.credentials.get(name) == value for name, value in shown.items()):
            raise Doubt("the credentials are the account's own")
        what = "wrong credentials" if shown else "no credentials"
        text = f"A request with {what} is answered {response.status}."
        rule, kin = "ignored-auth", f"{what} {response.status}"
        return [self._finding(operation, failed, rule, text, pointer=what, expected=[401, 403], kin=kin)]

    def _use_after_free(
        self, operation: Operation, failed: Failed, _wrong: list[Violation] | None
    ) -> list[Finding]:
        if self.behavior.file:
            raise Doubt("what deleting means is written in behavior.yaml, and asked in lockstep")
        thing = next((one for one in things(self.contract) if one.read is operation), None)
        if thing is None or thing.delete is None:
            raise Doubt("what becomes of what stands below is asked in lockstep")
        if thing.lingers:
            raise Doubt(thing.lingers)
        if any(_accepted(call) for call in failed.before if call.request.method == "DELETE"):
            raise Doubt("deleting is answered 202: it may take its time")
        text = "What was deleted is still there."
        return [self._finding(operation, failed, "use-after-delete", text, expected=[404, 410])]

    def _ensure_resource_availability(
        self, operation: Operation, failed: Failed, _wrong: list[Violation] | None
    ) -> list[Finding]:
        made = [call for call in failed.before if call.request.method == "POST"]
        above = operation.route.template.rpartition("/")[0]
        if not any(call.operation == f"POST {above}" for call in made):
            raise Doubt("what stands below what was made may not be there yet")
        if any(map(_accepted, made)):
            raise Doubt("making is answered 202: it may take its time")
        text = "What was just made is not there."
        return [self._finding(operation, failed, "made-and-gone", text, expected="a success")]

    # -------------------------------------------------------------------------------------------- wording

    def _finding(
        self,
        operation: Operation,
        failed: Failed,
        rule: str,
        detail: str,
        *,
        violation: Violation | None = None,
        pointer: str = "",
        expected: object = None,
        kin: str = "",
    ) -> Finding:
        place = violation.place if violation is not None and violation.place is not None else operation.place
        response = failed.call.response
        return Finding(
            rule=f"properties/{rule}",
            operation=operation.id,
            detail=detail,
            place=self.contract.located(place),
            pointer=_where(violation) if violation is not None else pointer,
            expected=expected,
            found=response.status if response is not None else MISSING,
            calls=(*failed.before, failed.call),
            check=f"properties/{failed.check}",
            kin=kin,
        )

    def _with_calls(self, finding: Finding, failed: Failed) -> Finding:
        return replace(finding, calls=(*failed.before, failed.call), check=f"properties/{failed.check}")


def _accepted(call: Exchanged) -> bool:
    """Return whether a call was only accepted (RFC 9110, 15.3.3)."""
    return call.response is not None and call.response.status == 202


def _is_free(operation: Operation, pointer: str) -> bool:
    """Return whether a query has a text there of which the schema says nothing but that it is one."""
    where, _, name = pointer.partition("/")
    for one in operation.parameters:
        if where == "query" and (one.location, one.name) == (where, name) and one.schema is not None:
            shape = Shape(one.schema.json("request"))
            told = {"enum", "const", "format", "pattern", "minLength", "maxLength"}
            return "string" in shape.kinds and not any(told & face.keys() for face in shape.faces)
    return False


def _where(violation: Violation) -> str:
    """Return where in a request something is wrong, as an identity: "query/limit", "body/posts/name"."""
    steps = [one for one in violation.pointer.split("/") if one and not one.isdecimal()]
    return "/".join([violation.where, *steps])


def _documented(operation: Operation) -> list[str]:
    return [status for status, promise in operation.responses.items() if not promise.lent]
