"""
All kinds of bugs, and the choice among them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from mockserver.errors import UsageError, nearest
from mockserver.server.api import Api
from mockserver.server.mutants import (
    answers,
    auth,
    changes,
    figures,
    guards,
    inputs,
    lists,
    protocol,
    recall,
    shape,
    state,
    values,
)
from mockserver.server.mutants.kinds import GROUPS, Bug, Kind, Spot

NOTHING = "not applicable: nothing can be so wrong"
"""Said of a kind that needs nothing beside what it is about."""


def registry() -> Mapping[str, Kind]:
    """Return all kinds by name, in the order of their groups."""

    modules = (shape, answers, inputs, auth, state, recall, changes, guards, values, figures, lists, protocol)
    kinds = [kind for module in modules for kind in module.KINDS]
    return {kind.name: kind for group in GROUPS for kind in kinds if kind.group == group}


def not_applicable(kind: Kind) -> str:
    """Return what is said of a kind that applies to nothing in an API."""
    return (
        f"not applicable: it needs {kind.needs}" if kind.needs else "not applicable: nothing can be so wrong"
    )


def bugs(api: Api, kind: Kind, seed: str = "1") -> Sequence[Bug]:
    """Return the bugs of *kind* that can be planted in *api*: one for each operation, chosen by *seed*."""
    found: dict[str, list[Spot]] = {}
    for spot in kind.spots(api):
        found.setdefault(spot.operation, []).append(spot)
    drawn = random.Random(f"{seed}|{api.name}|{kind.name}")
    made = [Bug(kind, drawn.choice(spots)) for spots in found.values()]
    drawn.shuffle(made)
    return made


def chosen(api: Api, name: str = "", seed: str = "1") -> Bug:
    """
    Return the bug called *name* ("lost-update" or "lost-update@updateUser"); any one where there is no name.

    Raises:
        UsageError: There is no such kind or operation, or it applies to nothing in *api*.
    """
    known = registry()
    kind_name, _, operation = name.partition("@")
    if not name:
        drawn = random.Random(f"{seed}|{api.name}")
        names = list(known)
        drawn.shuffle(names)
        return next(bugs(api, known[one], seed)[0] for one in names if bugs(api, known[one], seed))
    if kind_name not in known:
        hint = nearest(kind_name, known)
        raise UsageError(f"--bug {kind_name!r}: there is no such kind of bug; see --list.{hint}")
    found = bugs(api, known[kind_name], seed)
    if not found:
        about = known[kind_name].about
        raise UsageError(f"--bug {kind_name}: nothing in {api.name} can be so wrong ({about}); see --list")
    if not operation:
        return found[0]
    for bug in found:
        if bug.spot.operation == operation:
            return bug
    places = [bug.spot.operation for bug in found]
    hint = nearest(operation, places)
    raise UsageError(f"--bug {name}: it can be planted at {', '.join(sorted(places))}.{hint}")
