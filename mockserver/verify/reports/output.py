"""Write the files that were asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mockserver.contract.model import Contract
from mockserver.errors import UsageError
from mockserver.verify.report import Report
from mockserver.verify.reports.as_json import as_json


@dataclass(frozen=True)
class Outputs:
    """
    What was asked for.

    Attributes:
        github: Whether annotations are printed.
        summary: File of GitHub's step summary, "" for none; it is added to.
    """

    junit: Path | None = None
    html: Path | None = None
    json: Path | None = None
    sarif: Path | None = None
    har: Path | None = None
    github: bool = False
    summary: str = ""


def written(report: Report, contract: Contract, outputs: Outputs) -> Iterator[str]:
    """
    Write *outputs*, and yield what is to be printed.

    Raises:
        UsageError: A file cannot be written.
    """
    said = as_json(report, contract)
    try:
        if outputs.json is not None:
            outputs.json.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n", "utf-8")
        if outputs.html is not None:
            from mockserver.verify.reports.html import page

            outputs.html.write_text(page(said), "utf-8")
        if outputs.junit or outputs.sarif or outputs.har or outputs.github:
            yield from _for_tools(report, said, outputs)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from error


def _for_tools(report: Report, said: dict[str, object], outputs: Outputs) -> Iterator[str]:
    from mockserver.verify.reports import files

    if outputs.junit is not None:
        files.junit(said, outputs.junit)
    if outputs.sarif is not None:
        outputs.sarif.write_text(json.dumps(files.sarif(said), indent=1, ensure_ascii=False) + "\n", "utf-8")
    if outputs.har is not None:
        files.har(report, outputs.har)
    if outputs.github:
        yield from files.github(said)
        if outputs.summary:
            with open(outputs.summary, "a", encoding="utf-8") as stream:
                stream.write(files.summary(said))
