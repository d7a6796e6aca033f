"""
The system tables (server/session.py) that stubs are kept in.
"""

from __future__ import annotations

STUBS = "stubs"
"""By id, in the order in which they came: the JSON of each."""

SCENARIOS = "scenarios"
"""By name: {"state": ...} of those that have left the state in which they began."""

SETTINGS = "settings"
"""One row, "global": the delays of every answer."""
