"""
Actions that are told whether to do or to undo what their path says: `POST .../pause` with `{"pause": 0}`.
"""

from __future__ import annotations

from mockserver.behavior.actions import Action, switch
from mockserver.contract.model import Operation
from mockserver.exchange import Json
from mockserver.verify.laws.bodies import Bodies
from mockserver.verify.laws.things import Thing


def action_of(thing: Thing, operation: Operation) -> Action:
    """Return what the path of *operation* says that it does."""
    return Action(thing.resource, operation.route.template.rpartition("/")[2].partition(".")[0])


def switched_to(
    thing: Thing, operation: Operation, bodies: Bodies, body: dict[str, Json], *, on: bool
) -> dict[str, Json] | None:
    """Return *body* with what it says of doing or undoing set to *on*; None where it says nothing of it."""
    for name in switch(action_of(thing, operation), body):
        for value in (on, int(on)):
            if bodies.fits(said := {**body, name: value}):
                return said
    return None
