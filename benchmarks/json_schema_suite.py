#!/usr/bin/env python3
"""
Measure generation against the JSON-Schema-Test-Suite.

For every schema of draft 2020-12 that has a valid instance, a value is made without any help (no `accepts`)
and with
it, and held against jsonschema and jsonschema-rs. The suite is not vendored: it lies in the source
distribution of
jsonschema.

    pip download --no-deps --no-binary :all: jsonschema==4.26.0 && tar xzf jsonschema-4.26.0.tar.gz
    python benchmarks/json_schema_suite.py jsonschema-4.26.0/json [--draft draft2020-12] [--seeds 5]
    [--failures]

Exit code 1 when a value is invalid or missing.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import referencing
import referencing.jsonschema
from jsonschema import Draft202012Validator
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

from mockserver.errors import Ungeneratable
from mockserver.generation import Generator
from mockserver.generation.holds import holds
from mockserver.generation.sources import Scope, Source

HOST = "http://localhost:1234/"


def cases(folder: Path) -> Iterator[tuple[str, str, Any]]:
    """Yield (file, description, schema) of every case with a valid instance."""
    for path in sorted(folder.rglob("*.json")):
        for case in json.loads(path.read_text(encoding="utf-8")):
            if any(test["valid"] for test in case["tests"]):
                yield str(path.relative_to(folder)), case["description"], case["schema"]


def bundled(schema: Any, remotes: dict[str, Any]) -> Any:
    """
    Return *schema* with the remote schemas that it reaches under "$defs": generation takes self-contained
    documents.
    """
    text = json.dumps(schema)
    if not isinstance(schema, dict) or (HOST not in text and "$id" not in text):
        return schema
    known = {uri: remote for uri, remote in remotes.items() if isinstance(remote, dict)}
    reached: dict[str, Any] = {}
    queue = [text]
    while queue:
        here = queue.pop()
        for uri, remote in known.items():
            if uri not in reached and (uri in here or uri.rsplit("/", 1)[1] in here):
                same = remote.get("$id", uri) == uri
                reached[uri] = (
                    {"$id": uri, **remote}
                    if same
                    else {"$id": uri, "$ref": remote["$id"], "$defs": {"": remote}}
                )
                queue.append(json.dumps(remote))
    if not reached:
        return schema
    return {
        **schema,
        "$defs": {**schema.get("$defs", {}), **{f"remote {uri}": part for uri, part in reached.items()}},
    }


def judges(schema: Any, remotes: dict[str, Any], formats: bool) -> tuple[Any, Any]:
    """Return the verdicts of jsonschema and jsonschema-rs as functions."""
    registry = REGISTRY.with_resources(
        (
            uri,
            referencing.Resource.from_contents(
                remote, default_specification=referencing.jsonschema.DRAFT202012
            ),
        )
        for uri, remote in remotes.items()
    )
    checker = Draft202012Validator.FORMAT_CHECKER if formats else None
    slow = Draft202012Validator(schema, registry=registry, format_checker=checker)
    rust = jsonschema_rs.Registry(list(remotes.items()), draft=jsonschema_rs.Draft202012)
    fast = jsonschema_rs.Draft202012Validator(schema, registry=rust, validate_formats=formats)

    def slowly(value: Any) -> bool:
        try:
            return bool(slow.is_valid(value))
        except re.error:  # an ECMA-262 pattern that Python's re does not read: only the other judge has a say
            return True

    return slowly, fast.is_valid


def _both(slow: Any, fast: Any) -> Any:
    return lambda value: slow(value) and fast(value)


def hold(folder: Path, remotes: dict[str, Any]) -> int:
    """
    Print where generation/holds.py is of another mind than the suite; formats are asserted in their folder
    only.
    """
    right = wrong = 0
    for path in sorted(folder.rglob("*.json")):
        formats = "format" in str(path.relative_to(folder))
        for case in [] if formats else json.loads(path.read_text(encoding="utf-8")):
            schema = bundled(case["schema"], remotes)
            for test in case["tests"]:
                try:
                    said = holds(Source(schema, Scope(schema), ""), test["data"])
                except Ungeneratable as dead:
                    said = dead
                right += said == test["valid"]
                if said != test["valid"]:
                    wrong += 1
                    print(f"{path.relative_to(folder)}: {case['description']}: {test['description']}: {said}")
    print(f"{right} verdicts right, {wrong} wrong")
    return int(wrong > 0)


def main() -> int:
    """Run all cases and print what fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("suite", type=Path, help='the folder with "tests" and "remotes"')
    parser.add_argument("--draft", default="draft2020-12")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--holds", action="store_true", help="judge with generation/holds.py instead")
    parser.add_argument("--failures", action="store_true", help="print every failure")
    options = parser.parse_args()
    remotes = {}
    for path in sorted((options.suite / "remotes").rglob("*.json")):
        remotes[HOST + path.relative_to(options.suite / "remotes").as_posix()] = json.loads(
            path.read_text("utf-8")
        )
    if options.holds:
        return hold(options.suite / "tests" / options.draft, remotes)
    count: Counter[str] = Counter()
    failures = []
    started = time.process_time()
    for file, description, schema in cases(options.suite / "tests" / options.draft):
        count["cases"] += 1
        formats = file.startswith("optional/format/")
        whole = bundled(schema, remotes)
        try:
            slow, fast = judges(schema, remotes, formats)
        except Exception as error:  # what a judge cannot compile is reported, not judged
            failures.append((file, description, f"no judge: {error}", None))
            continue
        alone, helped = Generator(whole), Generator(whole, accepts=_both(slow, fast))
        for number in range(options.seeds):
            for word, generator in (("alone", alone), ("checked", helped)):
                count[word] += 1
                try:
                    value = generator.value(f"{number}")
                except Ungeneratable as dead:
                    failures.append((file, description, f"{word}: {dead}", None))
                    continue
                verdict = "".join(
                    name for name, ok in (("jsonschema ", slow(value)), ("rs", fast(value))) if not ok
                )
                if verdict:
                    failures.append((file, description, f"{word}: refused by {verdict}", value))
                else:
                    count[f"{word} valid"] += 1
    shown = {(each[0], each[1], each[2][:7]): each for each in failures}
    for file, description, what, value in shown.values():
        if options.failures or what.startswith(("checked", "no judge")):
            print(f"{file}: {description}: {what} {json.dumps(value)[:200] if value is not None else ''}")
    unaided, checked = count["alone valid"], count["checked valid"]
    print(
        f"{count['cases']} schemas, {options.seeds} values each: unaided {unaided}/{count['alone']} valid, "
        f"checked {checked}/{count['checked']}; {time.process_time() - started:.1f} CPU s"
    )
    return int(checked < count["checked"])


if __name__ == "__main__":
    sys.exit(main())
