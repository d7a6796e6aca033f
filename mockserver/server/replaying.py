"""
An answer again, byte for byte, whatever has happened since: `Prefer: replay=ID`.

The id is the `Mock-Id` of an answer; ids of different sessions differ, so it is
looked for in all of them. Nothing happens, and nothing is checked: what is sent is
what was sent, its id included. The request that asks gets an entry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mockserver.exchange import Response
from mockserver.server.answer import Answer
from mockserver.server.kept import KeptAnswers
from mockserver.server.session import Session


def replayed(
    answer: Answer,
    started: float,
    sessions: Iterable[Session],
    archive: Mapping[str, Response],
    answers: KeptAnswers,
) -> Response:
    """Return the answer that is asked for again, and write the journal."""
    ident = answer.preferences.replay
    try:
        response = again(ident, sessions, archive)
    except Gone as gone:
        answer.problem(gone.status, str(gone))
        return answer.finished(started, answers)
    note = f"the answer {ident} again"
    answer.session.journal.add(answer.request, response, started, source="mock", notes=(note,))
    return response


class Gone(Exception):
    """An answer cannot be given again. The text says why; `status` is for the answer."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def again(ident: str, sessions: Iterable[Session], archive: Mapping[str, Response]) -> Response:
    """
    Return the answer *ident* as it was.

    Raises:
        Gone: Nobody remembers it, or its body, which was large, has made room.
    """
    wanted = ident.lower()
    journals = (session.journal for session in sessions)
    found = next(((one, entry) for one in journals if (entry := one.get(wanted)) is not None), None)
    if found is None:
        kept = archive.get(wanted)
        if kept is None:
            raise Gone(
                404, f"No journal has an answer {ident!r}; the last ones are kept (--journal), up to a reset."
            )
        return Response(kept.status, list(kept.headers), kept.body)
    journal, entry = found
    said, body = entry.response, journal.whole(entry)
    if body is None:
        raise Gone(
            410,
            f"The answer {ident!r} was so large that its body is kept apart from the journal, and has made "
            f"room: {journal.hoard.bodies.size} bytes of such bodies are kept in all (--replay-bytes).",
        )
    return Response(said.status, list(said.headers), body, said.wire)
