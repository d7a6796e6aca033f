"""What clients may ask of a server, and what it remembers of them, as options of `serve`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import click

from mockserver.contract.limits import LIMITS
from mockserver.server import bounds
from mockserver.server.bounds import Bounds
from mockserver.server.hoard import BYTES, WHOLE, Hoard
from mockserver.server.journal import ENTRIES, Journal
from mockserver.server.keeper import WAIT
from mockserver.server.reader import Limits
from mockserver.server.sessions import IDLE, MOST

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS: tuple[tuple[str, str, str, int | float, str], ...] = (
    (
        "--max-body",
        "max_body",
        "BYTES",
        Limits().body,
        "A longer request body is 413, be it so once gunzipped.",
    ),
    ("--max-head", "max_head", "BYTES", Limits().head, "Longer header fields, all together, are 431."),
    ("--max-fields", "max_fields", "N", Limits().fields, "More header fields are 431."),
    ("--max-target", "max_target", "BYTES", Limits().target, "A longer path with its query is 414."),
    (
        "--max-values",
        "max_values",
        "N",
        LIMITS.values,
        "A body of more values or elements is refused.",
    ),
    ("--max-connections", "max_connections", "N", Limits().connections, "One more is closed unread."),
    (
        "--max-in-flight",
        "max_in_flight",
        "BYTES",
        Limits().flow,
        "What all bodies under way may be together; one that is too much is 429.",
    ),
    (
        "--request-timeout",
        "request_timeout",
        "SECONDS",
        Limits().request,
        "One that takes longer is 408.",
    ),
    ("--idle-timeout", "idle_timeout", "SECONDS", Limits().idle, "A connection that is silent is closed."),
    (
        "--state-timeout",
        "state_timeout",
        "SECONDS",
        WAIT,
        "A change waits so long while another program keeps --state locked; then it is 503.",
    ),
    ("--journal", "journal", "N", ENTRIES, "How many requests /__admin/requests remembers."),
    (
        "--journal-bytes",
        "journal_bytes",
        "BYTES",
        BYTES,
        "What all sessions remember of requests together; then the oldest are forgotten.",
    ),
    (
        "--replay-bytes",
        "replay_bytes",
        "BYTES",
        WHOLE,
        "What large answers may take, in a temporary file, to be replayed whole.",
    ),
    (
        "--sessions",
        "sessions",
        "N",
        MOST,
        "How many Mock-Session worlds there are; one more, and the least used goes.",
    ),
    (
        "--session-ttl",
        "session_ttl",
        "SECONDS",
        IDLE,
        "A session that nobody uses for so long is dropped; 0: never.",
    ),
)
_BOUNDS = {
    "resources": (
        bounds.RESOURCES,
        "How many things clients may make of one API in one session; more is 429.",
    ),
    "state": (bounds.STATE, "Bytes of all rows of all sessions, as JSON; more is 429."),
    "stubs": (bounds.STUBS, "How many stubs a session may have; more is 429."),
    "gates": (bounds.GATES, "How many gates a session may have; more is 429."),
    "held": (bounds.HELD, "How many requests may wait at gates; one more is 429."),
    "snapshots": (bounds.SNAPSHOTS, "How many snapshots there may be; more is 429."),
}
_OPTIONS += tuple(
    (f"--max-{name}", f"max_{name}", "BYTES" if name == "state" else "N", most, said)
    for name, (most, said) in _BOUNDS.items()
)
_FROM_ZERO = ("session_ttl",)
"""Seconds of which none at all means something."""


def limiting(command: Command) -> Command:
    """Give *command* the options, as keywords for `limits_of`."""
    for name, key, unit, default, said in reversed(_OPTIONS):
        kind = (
            click.FloatRange(0, min_open=key not in _FROM_ZERO)
            if isinstance(default, float)
            else click.IntRange(0)
        )
        command = click.option(
            name, key, type=kind, default=default, show_default=True, metavar=unit, help=said
        )(command)
    return command


def limits_of(options: dict[str, Any]) -> Limits:
    """Return what the options say; those of bodies hold for all of this process from now on."""
    LIMITS.values, LIMITS.body = options["max_values"], options["max_body"]
    return Limits(
        body=options["max_body"],
        head=options["max_head"],
        fields=options["max_fields"],
        target=options["max_target"],
        request=options["request_timeout"],
        idle=options["idle_timeout"],
        connections=options["max_connections"],
        flow=options["max_in_flight"],
    )


def journal_of(options: dict[str, Any]) -> Journal:
    """Return the journal of the default session, and what all journals share."""
    return Journal(options["journal"], hoard=Hoard(options["journal_bytes"], options["replay_bytes"]))


def bounds_of(options: dict[str, Any]) -> dict[str, Any]:
    """Return what the options say of sessions and what they hold, as the host takes it."""
    said = Bounds(**{name: options[f"max_{name}"] for name in _BOUNDS})
    return {"sessions": options["sessions"], "session_ttl": options["session_ttl"], "bounds": said}


def allow_many_connections() -> None:
    """Lift the soft limit of open files to the hard one: a thousand held requests are a thousand files."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # not on Windows; not where it is forbidden
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
