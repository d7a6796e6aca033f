"""
A report as one HTML page: no script from elsewhere, no font, no picture; it can be mailed.

Made of the same JSON as the other files. Dark and light follow the reader's
system, colours are never alone in saying something, and all stands in the page
without scripts.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from mockserver.exchange import Json
from mockserver.verify.reports.as_json import causes

TEMPLATE = Path(__file__).with_name("page.html.jinja")

MARKS = {"covered": "✓", "broken": "✗", "never seen": "○", "undocumented": "?", "not tested": "–"}


def page(said: dict[str, Json]) -> str:
    """Return the page for *said* (see `as_json`)."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text("utf-8"))
    rows = said["coverage"]["rows"]
    counts = {state: sum(row["state"] == state for row in rows) for state in MARKS}
    operations = [
        (method, path, list(group))
        for (method, path), group in groupby(rows, key=lambda row: (row["method"], row["path"]))
    ]
    listed = [one for one in said["coverage"]["parameters"] if one.get("values")]
    outcomes = {
        outcome: sum(one["outcome"] == outcome for one in said["checks"])
        for outcome in ("passed", "failed", "inconclusive", "skipped")
    }
    return template.render(
        report=said,
        marks=MARKS,
        counts=counts,
        operations=operations,
        outcomes=outcomes,
        listed=listed,
        causes=causes(said),
        broken=[one for one in said["findings"] if one["verdict"] == "finding"],
    )
