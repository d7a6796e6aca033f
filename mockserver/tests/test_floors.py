"""
The house rules of the architecture, held by walking the imports.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from mockserver.contract.locate import bundled

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for path in ROOT.rglob("*.py") if "tests" not in path.relative_to(ROOT).parts)

ALLOWED = {
    "errors": set(),
    "exchange": set(),
    "contract": {"errors", "exchange"},
    "validation": {"errors", "exchange", "contract"},
    "generation": {"errors", "exchange", "contract"},
    "behavior": {"errors", "exchange", "contract"},
    "server": {"errors", "exchange", "contract", "validation", "generation", "behavior"},
    "verify": {"errors", "exchange", "contract", "validation", "generation", "behavior", "server"},
}
"""Room -> rooms it may look into. The roof (cli, commands) may look into all of them."""

ROOF = {"cli", "commands", "testing", "__main__", "__init__"}

ONE_PLACE = {
    "flask": "server",
    "httptools": "server",
    "uvloop": "server",
    "sqlalchemy": "server",
    "click": "roof",
    "schemathesis": "verify",
    "pytest": "verify",
}
"""Libraries that are known to one room only."""

MAY_ALSO = {("server/request_log.py", "click"), ("testing/plugin.py", "pytest")}
"""Colours on a terminal; the pytest plugin."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path, types: bool = True) -> Iterator[tuple[str, int]]:
    """Yield (dotted name, line) of every import in *path*; without *types* only those carried out."""
    for block in ast.parse(path.read_text()).body:
        if not types and isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test):
            continue
        for node in ast.walk(block):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}:{node.lineno}: imports are written in full"
                assert node.module
                for alias in node.names:
                    yield f"{node.module}.{alias.name}", node.lineno


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down(path: Path):
    """errors <- contract <- exchange <- {validation | generation | behavior} <- {server | verify} <- cli."""
    room = room_of(path)
    if room in ROOF:
        return
    for imported, line in imports_of(path):
        parts = imported.split(".")
        if parts[0] == "mockserver" and len(parts) > 1:
            wanted = parts[1]
            if wanted == "__version__":
                continue
            assert wanted == room or wanted in ALLOWED[room], f"{name_of(path)}:{line} looks into {wanted}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_libraries_stay_in_their_room(path: Path):
    """A library that is known everywhere cannot be exchanged."""
    room = "roof" if room_of(path) in ROOF else room_of(path)
    for imported, line in imports_of(path):
        library = imported.split(".")[0]
        if (name_of(path), library) not in MAY_ALSO:
            assert ONE_PLACE.get(library, room) == room, f"{name_of(path)}:{line} imports {library}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_api_is_known_by_name(path: Path):
    """A sixth API is a folder in specs/, and no line of code."""
    text = path.read_text().lower()
    for name in bundled():
        assert name not in text
        assert name.replace("-", "_") not in text


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_readable(path: Path):
    """Four hundred lines, a head that says why, and a name that says what."""
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    assert not text.strip() or ast.get_docstring(ast.parse(text))
    assert path.stem not in ("utils", "helpers", "common", "misc", "util", "helper")


@pytest.mark.parametrize("types", [False, True], ids=["carried out", "for types too"])
def test_no_cycles(types: bool):
    """Modules that import each other cannot be read one after the other."""
    graph: dict[str, set[str]] = {}
    names = {
        ".".join(("mockserver", *path.relative_to(ROOT).with_suffix("").parts)): path for path in MODULES
    }
    for name, path in names.items():
        found = {imported for imported, _ in imports_of(path, types)}
        found |= {imported.rpartition(".")[0] for imported in found}
        graph[name] = (found & names.keys()) - {name} - (WHOLES if types else set())
    assert not list(cycles_of(graph))


WHOLES = {
    "mockserver.contract.schema",
    "mockserver.generation.nodes",
    "mockserver.server.connection",
    "mockserver.server.door",
}
"""Named by their parts, for their types only."""


def cycles_of(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """Yield the groups of nodes that can all be reached from each other (Tarjan)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    trail: list[str] = []

    def visit(name: str) -> Iterator[list[str]]:
        index[name] = low[name] = len(index)
        trail.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                yield from visit(other)
                low[name] = min(low[name], low[other])
            elif other in trail:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = trail[trail.index(name) :]
            del trail[trail.index(name) :]
            if len(group) > 1:
                yield sorted(group)

    for name in sorted(graph):
        if name not in index:
            yield from visit(name)


def test_every_library_is_declared():
    """What is imported is installed with the package, on a machine that has nothing else."""
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["project"]
    declared = {
        dependency.split(";")[0].split("[")[0].split(">")[0].split("=")[0].split("<")[0].strip().lower()
        for dependency in project["dependencies"]
    }
    owners = packages_distributions()
    missing = set()
    for path in MODULES:
        for imported, line in imports_of(path):
            library = imported.split(".")[0]
            if library in sys.stdlib_module_names or library in ("mockserver", "_typeshed"):
                continue
            if not {owner.lower().replace("_", "-") for owner in owners.get(library, [library])} & (
                declared | INDIRECT
            ):
                missing.add(f"{name_of(path)}:{line}: {library}")
    assert not missing


INDIRECT = {
    *("hypothesis", "jinja2", "jsonschema-specifications", "referencing", "werkzeug"),
    *("opentelemetry-api", "opentelemetry-sdk"),
}
"""Come with Flask, jsonschema and schemathesis, which are what they are for; or are looked for first."""


def test_what_serve_imports(tmp_path: Path):
    """A start must cost half a second: what a start does not need is imported when it is."""
    document = tmp_path / "a.yaml"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
        "paths: {/x: {get: {responses: {'200': {description: ok}}}}}\n"
    )
    script = f"""
import json, sys, threading
from mockserver.server.door import Door
from mockserver import cli

def run(self, sockets, ready):
    ready()
    return 0

Door.run = run
try:
    cli.main(["serve", {str(document)!r}, "--port", "0", "--quiet"])
except SystemExit as left:
    assert left.code == 0, left.code
print(json.dumps(sorted(sys.modules)))
"""
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert said.returncode == 0, said.stderr
    loaded = set(json.loads(said.stdout.splitlines()[-1]))
    for heavy in (
        "schemathesis",
        "pytest",
        "hypothesis",
        "faker",
        "flask",
        "werkzeug",
        "requests",
        "sqlalchemy",
    ):
        assert heavy not in loaded
