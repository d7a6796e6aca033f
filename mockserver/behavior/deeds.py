"""
Do an action to one thing of an inferred collection: `actions` says what it makes of the thing.

Where the answer shows the thing, what was sent of it is taken, too. What was done already is
refused where a conflict is documented, if a client made the thing or did it: a state that was made up is
nobody's doing.
"""

from __future__ import annotations

from mockserver.behavior.act import GONE, MADE, Act
from mockserver.behavior.actions import Deed
from mockserver.behavior.closing import repeats
from mockserver.behavior.engine import Outcome
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.looks import HIDDEN, visible
from mockserver.behavior.refusals import refuse
from mockserver.behavior.single import astray, is_final, put_changed, show, unknown
from mockserver.behavior.store import Row

DONE = HIDDEN + "done"
"""Of a row: the operation that was done to it last."""


def do(known: Knowledge, act: Act, outcome: Outcome) -> None:
    """Do what the operation of *act* does to the thing that it names."""
    old = act.row()
    if old is not None and (is_final(old) or astray(act, old)):
        unknown(act, outcome)
        return
    live = old if old is not None and GONE not in old else None
    operation, shows = act.operation, _shows(act)
    deed = known.deed(operation, act.arguments.body)
    refuses = "409" in operation.responses and not repeats(operation)
    if refuses and live is not None and _is_done(deed, live, operation.id):
        told = ", ".join(f"{name} {value!r}" for name, value in deed.sets.items())
        refuse(operation, outcome, 409, f"{act.key!r} has {told} already.")
        return
    sent = act.sent() if shows else {}
    if not deed and not sent:
        if shows and (live is not None or known.dynamic or not act.resource.exemplified(operation)):
            show(known, act, outcome, live or known.population(act.stand).before(act), "nothing changes")
        return
    before = live if live is not None else known.population(act.stand).before(act)
    row = {**visible(before), **sent, **deed.sets, **dict.fromkeys(deed.times, act.world.clock.now)}
    row = known.within.sink(act, put_changed(act, row, before, live, **{DONE: operation.id}), before)
    if shows:
        show(known, act, outcome, row, f"{act.key!r}: {known.actions[operation.id].word}")


def _is_done(deed: Deed, row: Row, identifier: str) -> bool:
    """Return whether a client is why *row* is as the *deed* would make it."""
    ours = MADE in row or row.get(DONE) == identifier
    return ours and bool(deed.sets) and all(row.get(name) == value for name, value in deed.sets.items())


def _shows(act: Act) -> bool:
    """Return whether the answer shows the thing itself: its key, and most of what is known of it."""
    shown, home = act.resource.shown(act.operation), act.stand.home
    if shown is None or shown.many or home.row is None:
        return False
    names = set(shown.names)
    return (not home.key or home.key in names) and 2 * len(names & set(home.row.names)) > len(home.row.names)
