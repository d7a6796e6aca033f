"""
A report as JSON, versioned; `report.schema.json` beside this file is its JSON Schema.

The other files for tools and the HTML page are made of it, so that all say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from mockserver.contract.model import Contract
from mockserver.exchange import MISSING, Json, Place
from mockserver.verify.coverage import Row, Seen
from mockserver.verify.findings import Exchanged, Finding
from mockserver.verify.report import Report
from mockserver.verify.reports.source import relative, source_of

VERSION = 1
"""Raised when a key changes its meaning or goes."""


def as_json(report: Report, contract: Contract) -> dict[str, Json]:
    """Return all of *report*, `version` first."""
    return {
        "version": VERSION,
        "api": {"name": contract.name, "file": relative(contract.file), "version": contract.version},
        "baseUrl": report.base_url,
        "seed": report.seed,
        "seconds": round(report.seconds, 3),
        "calls": len(report.calls),
        "verdict": _verdict(report),
        "gone": report.gone,
        "findings": [
            _finding(report, contract, one, cause)
            for cause, group in enumerate(report.groups())
            for one in group
        ],
        "checks": [
            {
                "operation": one.operation,
                "check": one.check,
                "outcome": one.outcome,
                "count": one.count,
                "why": one.why,
                "place": _place(_located(contract, one.operation, one.place)),
            }
            for one in report.ran.values()
        ],
        "coverage": {
            "percent": round(report.coverage.percent, 1),
            "rows": [_row(row) for row in report.coverage.rows],
            "parameters": [_seen(one) for one in report.coverage.parameters],
        },
        "notRun": [{"phase": phase, "case": case, "why": why} for phase, case, why in report.not_run],
        "fixed": report.fixed,
        "left": report.left,
    }


def causes(said: Mapping[str, Json]) -> list[list[Json]]:
    """Return the findings of a report, those of one cause together."""
    return [list(group) for _, group in groupby(said["findings"], key=lambda one: one["cause"])]


def _verdict(report: Report) -> str:
    return {0: "kept", 1: "broken", 2: "nothing asked", 3: "gone"}[report.code]


def _finding(report: Report, contract: Contract, finding: Finding, cause: int) -> Json:
    operation = contract.operations.get(finding.operation)
    return {
        "rule": finding.rule,
        "check": finding.check,
        "cause": cause,
        "verdict": finding.verdict,
        "operation": finding.operation,
        "method": operation.method if operation is not None else "",
        "path": operation.route.template if operation is not None else "",
        "detail": finding.detail,
        "place": _place(finding.place),
        "source": source_of(finding.place),
        "pointer": finding.pointer,
        "expected": finding.expected,
        **({} if finding.found is MISSING else {"found": finding.found}),
        "calls": [_call(report, one) for one in finding.calls],
        "seed": finding.seed or str(report.seed),
    }


def _call(report: Report, call: Exchanged) -> Json:
    answer = call.response
    return {
        "curl": call.curl(report.base_url, report.secrets),
        "status": call.status or None,
        "trouble": call.trouble,
        "answer": answer.body[:2000].decode("utf-8", "replace") if answer is not None else "",
    }


def _located(contract: Contract, operation: str, place: Place | None) -> Place:
    if place is None:
        found = contract.operations.get(operation)
        place = found.place if found is not None else Place(contract.file, "")
    return contract.located(place)


def _place(place: Place) -> Json:
    return {"file": relative(place.file), "line": place.line, "pointer": place.pointer}


def _row(row: Row) -> Json:
    return {
        "operation": row.operation,
        "method": row.method,
        "path": row.path,
        "requestType": row.request,
        "status": row.status,
        "responseType": row.media,
        "state": row.state,
        "counts": row.counts,
        "attempts": row.attempts,
        "matches": row.matches,
        "reason": row.reason,
    }


def _seen(one: Seen) -> Json:
    said: dict[str, Json] = {
        "operation": one.operation,
        "name": one.name,
        "valid": one.valid,
        "invalid": one.invalid,
    }
    if one.values:
        said["values"] = list(one.values)
        said["valuesSeen"] = one.seen_values
    return said
