"""
The applications that the judge is tried on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from mockserver.tests.judged import (
    creators,
    creators_choices,
    depot,
    depot_choices,
    desk,
    desk_choices,
    influencing,
    influencing_choices,
    messaging,
    messaging_choices,
    planning,
    planning_choices,
    playlists,
    playlists_choices,
    tracking,
    tracking_choices,
)
from mockserver.tests.judged.switches import Bugs

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Application:
    """
    One application.

    Attributes:
        spec: What `mockserver verify` is given.
        make: (bugs, dialect) -> the application; with nothing in it, where the document has calls to fill it.
        told: Whether the judge is given bearer tokens. Where an application asks for several kinds of
            credentials, it shows those that it has by itself.
    """

    spec: str
    make: Callable[[Iterable[str], str], Flask]
    bugs: Bugs
    dialects: tuple[str, ...]
    told: bool = True


APPLICATIONS = {
    "playlists": Application(
        str(HERE / "playlists.yaml"),
        playlists.make,
        playlists_choices.BUGS,
        tuple(playlists_choices.DIALECTS),
    ),
    "messaging": Application(
        "telegram-campaigns", messaging.make, messaging_choices.BUGS, tuple(messaging_choices.DIALECTS)
    ),
    "tokfluence": Application(
        "tokfluence", creators.make_six, creators_choices.BUGS, tuple(creators_choices.DIALECTS)
    ),
    "creators": Application(
        str(HERE / "creators.yaml"),
        creators.make_eight,
        creators.BUGS_OF_EIGHT,
        tuple(creators_choices.DIALECTS),
    ),
    "depot": Application(
        str(HERE / "depot.yaml"), depot.make, depot_choices.BUGS, tuple(depot_choices.DIALECTS)
    ),
    "desk": Application(
        str(HERE / "desk.yaml"), desk.make, desk_choices.BUGS, tuple(desk_choices.DIALECTS), told=False
    ),
    "planning": Application(
        "tendsocial", planning.make, planning_choices.BUGS, tuple(planning_choices.DIALECTS)
    ),
    "trackbot": Application(
        "trackbot", tracking.make, tracking_choices.BUGS, tuple(tracking_choices.DIALECTS)
    ),
    "influencing": Application(
        "taglife", influencing.make, influencing_choices.BUGS, tuple(influencing_choices.DIALECTS), told=False
    ),
}
