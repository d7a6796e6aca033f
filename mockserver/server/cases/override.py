"""
Answer with a case: where a request prefers one (`Prefer: case=NAME`), or one is armed for its operation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.errors import FixtureError, Unreadable, nearest
from mockserver.server.answer import Answer
from mockserver.server.session import ARMED_CASES, Session

if TYPE_CHECKING:  # what a case does is imported when there is one
    from mockserver.server.api import Api
    from mockserver.server.cases.model import Case
    from mockserver.server.host import Host


class CaseAnswers:
    """
    An `Override` (server/overriding.py).

    Args:
        host: Answers requests in a session aside.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def __call__(self, session: Session, answer: Answer) -> bool:
        """Answer with the case that is asked for, if any."""
        if answer.api is None or answer.prepared is None:
            return False
        name = answer.preferences.case or self._armed(session, answer)
        if not name:
            return False
        try:
            case = self._case(answer.api, name, answer)
            if case is not None:
                self._perform(session, answer, answer.api, case)
        except (FixtureError, Unreadable) as error:
            answer.problem(500, f"The case {name!r} cannot be brought about: {error}")
        return True

    def _case(self, api: Api, name: str, answer: Answer) -> Case | None:
        """Return the case called *name*; None where there is none, which is the answer then."""
        assert answer.prepared is not None
        case = api.cases.get(name)
        operation = answer.prepared.operation.id
        fitting = [each.name for each in api.cases.values() if each.operation == operation]
        if case is None:
            said = f"{api.name} has no case {name!r}.{nearest(name, api.cases)}"
            answer.problem(404, said, cases=fitting)
            return None
        if case.operation != operation:
            answer.problem(404, f"{name!r} is a case of {case.operation}, not of {operation}.", cases=fitting)
            return None
        return case

    def _perform(self, session: Session, answer: Answer, api: Api, case: Case) -> None:
        from mockserver.server.cases.acting import answered

        made = answered(self._host, session, api, case, answer.request)
        answer.response, answer.wire = made.response, made.wire
        answer.source = "case" if made.source != "mock" else "mock"
        answer.violations += made.violations
        answer.applied += ("case",)
        answer.fleeting = True
        answer.note(f"the case {case.name!r}: {case.about}")
        for note in made.notes:
            answer.note(note)

    @staticmethod
    def _armed(session: Session, answer: Answer) -> str:
        """Return the case that waits for a request to this operation, which has come now."""
        if not session.rows(ARMED_CASES):
            return ""
        assert answer.api is not None
        assert answer.prepared is not None
        key = f"{answer.api.name}/{answer.prepared.operation.id}"
        if session.row(ARMED_CASES, key) is None:
            return ""
        with session.alone():
            row = session.row(ARMED_CASES, key)
            if row is None:
                return ""  # another server has met the last one meanwhile
            with session.changing() as transaction:
                if row["times"] > 1:
                    transaction.put(ARMED_CASES, key, {**row, "times": row["times"] - 1})
                else:
                    transaction.delete(ARMED_CASES, key)
            return str(row["case"])
