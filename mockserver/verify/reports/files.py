"""
A report as files for other tools: JUnit, SARIF, HAR, and GitHub's annotations and step summary.

JUnit has one case for each operation and check, with the file and the line of
the contract: a failed one stands where the rule stands, and not where a test does.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, quote

import harfile
from junitparser import Attr, Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from mockserver import __version__
from mockserver.exchange import Json
from mockserver.verify.findings import Exchanged, of_any, secret
from mockserver.verify.report import Report
from mockserver.verify.reports.annotations import Level, annotation
from mockserver.verify.reports.as_json import causes

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ANNOTATED: dict[str, Level] = {
    "finding": "error",
    "unstable": "warning",
    "inconclusive": "notice",
    "known": "notice",
}
_LEVELS = {"finding": "error", "unstable": "warning", "inconclusive": "note", "known": "note"}


class PlacedCase(TestCase):
    """A case with file and line, as CI servers read them."""

    file = Attr("file")
    line = Attr("line")


def junit(said: dict[str, Json], path: Path) -> None:
    """Write *said* (see `as_json`) as JUnit XML."""
    findings: dict[tuple[str, str], list[Json]] = {}
    for one in said["findings"]:
        if one["verdict"] != "finding":
            continue
        findings.setdefault((one["operation"], one["check"]), []).append(one)
    suite = TestSuite(f"{said['api']['name']} at {said['baseUrl']}")
    for check in said["checks"]:
        case = PlacedCase(check["check"], f"{said['api']['name']}.{check['operation']}", 0)
        place = check["place"]
        broken = findings.get((check["operation"], check["check"]), [])
        if check["outcome"] == "failed" and broken:
            place = broken[0]["place"]
            case.result = [_failure(one) for one in broken]
        elif check["outcome"] in ("skipped", "inconclusive"):
            case.result = [Skipped(f"{check['outcome']}: {check['why']}")]
        case.file, case.line = place["file"], str(place["line"])
        suite.add_testcase(case)
    if said["gone"]:
        case = PlacedCase("reachable", said["api"]["name"], 0)
        case.result = [Error(said["gone"])]
        suite.add_testcase(case)
    suite.update_statistics()  # type: ignore[no-untyped-call]
    xml = JUnitXml("mockserver verify")
    xml.add_testsuite(suite)
    xml.update_statistics()  # type: ignore[no-untyped-call]
    # The time of the whole: what each case took is not told apart, and statistics would add up nothing.
    suite.time = xml.time = said["seconds"]
    xml.write(str(path), pretty=True)


def _failure(finding: Json) -> Failure:
    failure = Failure(_printable(finding["detail"]), finding["rule"])
    calls = "\n".join(call["curl"] for call in finding["calls"])
    place = finding["place"]
    failure.text = _printable(f"{place['file']}:{place['line']}: {place['pointer']}\n{calls}")
    return failure


def _printable(text: str) -> str:
    """Return *text* without what XML 1.0 cannot hold."""
    return "".join(char if char >= " " or char in "\t\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def sarif(said: dict[str, Json]) -> Json:
    """Return *said* as SARIF 2.1.0."""
    rules = {one["rule"]: one for one in said["findings"]}
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "mockserver verify",
                        "version": __version__,
                        "rules": [
                            {"id": rule, "shortDescription": {"text": rule.replace("/", ": ")}}
                            for rule in rules
                        ],
                    }
                },
                "results": [_result(one, list(rules)) for one in said["findings"]],
            }
        ],
    }


def _uri(file: str) -> str:
    """Return a file as a URI: relative to the root of the repository, where it stands below the folder."""
    return Path(file).as_uri() if Path(file).is_absolute() else quote(file)


def _result(finding: Json, rules: list[str]) -> Json:
    place = finding["place"]
    calls = "\n".join(call["curl"] for call in finding["calls"])
    result: dict[str, Json] = {
        "ruleId": finding["rule"],
        "ruleIndex": rules.index(finding["rule"]),
        "level": _LEVELS[finding["verdict"]],
        "message": {"text": f"{finding['operation']}: {finding['detail']}\n{calls}".strip()},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(place["file"])},
                    "region": {"startLine": max(1, place["line"])},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": f"{finding['method']} {finding['path']}".strip()}
                ],
            }
        ],
        "partialFingerprints": {
            "contract/v1": "|".join((finding["operation"], finding["rule"], of_any(finding["pointer"])))
        },
    }
    if finding["verdict"] == "known":
        result["suppressions"] = [{"kind": "external"}]
    return result


def github(said: dict[str, Json]) -> Iterator[str]:
    """Yield GitHub's workflow commands: an annotation on the contract's line for each cause of findings."""
    for finding, *others in causes(said):
        place = finding["place"]
        title = f"{finding['rule']} {finding['method']} {finding['path']}"
        more = f" (and {len(others)} more)" if others else ""
        yield annotation(
            _ANNOTATED[finding["verdict"]], place["file"], place["line"], title, finding["detail"] + more
        )


def summary(said: dict[str, Json]) -> str:
    """Return a step summary in Markdown."""
    api, coverage = said["api"], said["coverage"]
    broken = [one for one in said["findings"] if one["verdict"] == "finding"]
    parts = [
        f"### {api['name']}: {said['verdict']}",
        "",
        f"{len(broken)} findings · {coverage['percent']} % of the documented answers covered · "
        f"{said['calls']} calls · seed {said['seed']}",
        "",
    ]
    if said["findings"]:
        parts += ["| rule | operation | what | where |", "|---|---|---|---|"]
        for one, *others in causes(said)[:100]:
            detail = one["detail"].replace("|", "\\|").replace("\n", " ")
            detail += f" (and {len(others)} more)" if others else ""
            place = f"{one['place']['file']}:{one['place']['line']}"
            parts.append(f"| {one['rule']} ({one['verdict']}) | {one['operation']} | {detail} | {place} |")
        parts.append("")
    parts += [
        "<details><summary>Coverage</summary>",
        "",
        "| operation | status | type | seen |",
        "|---|---|---|---|",
    ]
    for row in coverage["rows"][:500]:
        why = f": {row['reason']}" if row["reason"] else ""
        where = f"{row['method']} {row['path']} | {row['status']} | {row['responseType']}"
        parts.append(f"| {where} | {row['state']}{why} |")
    return "\n".join([*parts, "", "</details>", ""])


def har(report: Report, path: Path) -> None:
    """Write every call as a HAR archive; secrets stand as variables."""
    creator = harfile.Creator(name="mockserver verify", version=__version__)
    with path.open("w", encoding="utf-8") as stream, harfile.HarFile.open(stream, creator=creator) as archive:
        for call in report.calls:
            milliseconds = round(call.seconds * 1000, 3)
            archive.add_entry(
                startedDateTime=datetime.fromtimestamp(call.at, UTC),
                time=milliseconds,
                request=_request(report, call),
                response=_response(call),
                timings=harfile.Timings(send=0, wait=milliseconds, receive=0),
                comment=call.operation or None,
            )


def _request(report: Report, call: Exchanged) -> harfile.Request:
    request = call.request
    headers = [harfile.Record(name, secret(name) or value) for name, value in request.headers]
    data = None
    if request.body:
        media = request.header("content-type")
        data = harfile.PostData(mimeType=media, text=request.body.decode("utf-8", "replace"))
    return harfile.Request(
        method=request.method,
        url=report.base_url + request.target,
        httpVersion="HTTP/1.1",
        headers=headers,
        queryString=[
            harfile.Record(name, value) for name, value in parse_qsl(request.query, keep_blank_values=True)
        ],
        postData=data,
        bodySize=len(request.body),
    )


def _response(call: Exchanged) -> harfile.Response:
    response = call.response
    if response is None:
        return harfile.Response(status=0, statusText="", httpVersion="", comment=call.trouble)
    try:
        text, encoding = response.body.decode(), None
    except UnicodeDecodeError:
        text, encoding = base64.b64encode(response.body).decode(), "base64"
    known = call.status in HTTPStatus._value2member_map_
    return harfile.Response(
        status=call.status,
        statusText=HTTPStatus(call.status).phrase if known else "",
        httpVersion="HTTP/1.1",
        headers=[harfile.Record(name, value) for name, value in response.headers],
        content=harfile.Content(
            size=len(response.body), mimeType=response.header("content-type"), text=text, encoding=encoding
        ),
        redirectURL=response.header("location"),
        bodySize=len(response.body),
    )
