"""
How servers write a time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone


def seconds(moment: datetime) -> str:
    """Return 2026-01-02T03:04:05Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def millis(moment: datetime) -> str:
    """Return 2026-01-02T03:04:05.678Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def micros(moment: datetime) -> str:
    """Return 2026-01-02T03:04:05.678901+00:00."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def nanos(moment: datetime) -> str:
    """Return 2026-01-02T03:04:05.678901123Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f123Z")


def offset(moment: datetime) -> str:
    """Return 2026-01-02T03:04:05+00:00."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def elsewhere(moment: datetime) -> str:
    """Return 2026-01-02T05:04:05.678+02:00."""
    return moment.astimezone(timezone(timedelta(hours=2))).isoformat(timespec="milliseconds")
