"""
The documentation is run: README.md, docs/*.md and specs/*/README.md, every command in order, a page a server.

What a page may hold:

- ```` ```console ````: commands behind `$ `, and below each what it says. What is shown must be what is said;
  `…` stands for anything. A command without anything below it must succeed.
- ```` ```sh ````: commands that must succeed, one a line. `pip install ...` is left to `.ci/run`, which runs
  the README's two as they stand.
- ```` ```yaml file=NAME ````: a file that the commands after it work with.
- Indented `curl ...` lines, which must be answered with a success.

Each page starts with `mockserver serve` running (an API's README with that API alone); where it says
`mockserver serve ...` or `mockserver proxy ...` itself, that one takes over its port. Ports stand for those
that were free. Commands run in an empty folder of their own; `pytest` runs in the checkout.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest

from mockserver.behavior.fixtures import OTHER_WORDS
from mockserver.behavior.functions import FUNCTIONS
from mockserver.behavior.load import vocabulary
from mockserver.behavior.rows import Rows
from mockserver.cli import COMMANDS, cli
from mockserver.contract.load import load
from mockserver.contract.locate import bundled, home, locate
from mockserver.tests.client import Server

ROOT = home()
README = ROOT / "README.md"
PAGES = [README, *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("specs/*/README.md"))]
HERE = "http://127.0.0.1:"
PORT = "4010"
"""Where `mockserver serve` listens when nothing else is said."""

_BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$|^    (curl [^\n]+)$", re.MULTILINE | re.DOTALL)
_SECONDS = 120

pytestmark = pytest.mark.skipif(not README.is_file(), reason="an installed wheel has no documentation")


@dataclass(frozen=True)
class Step:
    """One command and what the page shows below it; or a file, where `file` is not ""."""

    text: str
    shown: str = ""
    file: str = ""


def steps_of(text: str) -> Iterator[Step]:
    """Yield what a page does, in order."""
    for kind, file, content, indented in _BLOCK.findall(text):
        if indented:
            yield Step(f"{indented} --fail-with-body")
        elif file:
            yield Step(content, file=file)
        elif kind == "sh":
            yield from (Step(line) for line in joined(content).splitlines() if line.strip())
        elif kind == "console":
            for command in re.split(r"^\$ ", joined(content), flags=re.MULTILINE)[1:]:
                line, _, shown = command.partition("\n")
                yield Step(line, shown.strip())


def joined(text: str) -> str:
    """A line that ends with a backslash goes on in the next."""
    return re.sub(r"\\\n\s*", "", text)


@dataclass
class Page:
    """
    A page that is being run.

    Attributes:
        folder: Where its commands run.
        tools: Goes before PATH.
        specs: What is served where the page does not say it.
        servers: By the port that is shown.
    """

    folder: Path
    tools: Path
    specs: tuple[str, ...] = ()
    servers: dict[str, Server] = field(default_factory=dict)

    def run(self, step: Step) -> None:
        """Do one step; fail where it is not as shown."""
        if step.file:
            file = self.folder / step.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text, encoding="utf-8")
        elif step.text.startswith(("mockserver serve", "mockserver proxy")):
            self.serve(step)
        elif not step.text.startswith("pip install"):
            self.call(step)

    def serve(self, step: Step) -> None:
        """Start the server that the page starts, in the place of the one on that port."""
        port = next(iter(re.findall(r" --port (\d+)", step.text)), PORT)
        if port in self.servers:
            self.servers.pop(port).close()
        _, command, *arguments = self.real(step.text.replace(f" --port {port}", "")).split()
        self.servers[port] = Server(*arguments, command=command, cwd=self.folder)
        self.compare(step, "".join(self.servers[port].lines))

    def call(self, step: Step) -> None:
        """Run a command in a shell."""
        done = subprocess.run(
            ["bash", "-c", self.real(step.text)],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
            cwd=ROOT if step.text.startswith("pytest") else self.folder,
            env={**os.environ, "PATH": f"{self.tools}{os.pathsep}{os.environ['PATH']}"},
        )
        assert done.returncode == 0, f"$ {step.text}\n{done.stdout}{done.stderr}"
        self.compare(step, done.stdout)

    def real(self, text: str) -> str:
        """Put the real ports into *text*; the server at the usual one is started when it is first asked."""
        if HERE + PORT in text and PORT not in self.servers:
            self.servers[PORT] = Server(*self.specs)
        for port, server in self.servers.items():
            text = text.replace(HERE + port, server.url)
        return text

    def compare(self, step: Step, said: str) -> None:
        """Hold what was said to what is shown, where something is."""
        for port, server in self.servers.items():
            said = said.replace(server.url, HERE + port)
        said = "\n".join(line.rstrip() for line in said.strip().splitlines())
        if step.shown:
            pattern = ".*".join(map(re.escape, step.shown.split("…")))
            fits = re.fullmatch(pattern, said, re.DOTALL)
            assert fits, f"$ {step.text}\n{said}\n-- is shown as --\n{step.shown}"

    def close(self) -> None:
        """Stop what was started."""
        for server in self.servers.values():
            server.close()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """An empty folder, with this interpreter's `mockserver` and `pytest` on the path."""
    with tempfile.TemporaryDirectory() as tools:
        for name in ("mockserver", "pytest"):
            script = Path(tools, name)
            script.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m {name} "$@"\n')
            script.chmod(0o755)
        made = Page(tmp_path, Path(tools))
        yield made
        made.close()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_page_does_what_it_says(page: Page, file: Path):
    """A reader who copies the lines one after the other gets what stands below them."""
    page.specs = (file.parent.name,) if file.parent.name in bundled() else ()
    for step in steps_of(file.read_text(encoding="utf-8")):
        page.run(step)


class TestReadme:
    def test_its_two_commands_are_what_ci_runs(self):
        """What a newcomer types first has been tried from scratch: .ci/run reads these two lines."""
        typed = [step.text for step in steps_of(README.read_text()) if step.text.startswith("pip install")]
        assert typed == ["pip install . && mockserver serve", "pip install -e '.[test]' && pytest"]
        assert "grep '^pip install ' README.md" in (ROOT / ".ci" / "run").read_text()

    def test_every_bundled_api_is_in_the_table_with_its_count(self):
        """The table is the whole truth about what is bundled."""
        for name in bundled():
            count = len(load(locate(name).file).routes)
            row = rf"\| \[{name}\]\(specs/{name}/README\.md\) \| [^|]+ \| {count} \|"
            assert re.search(row, README.read_text()), name


BENCHMARKS = ("endurance", "run", "stages", "workers")


class TestWords:
    TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES if page.is_file())

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_is_mentioned(self, name: str):
        """Who does not know that a command is there does not look for its help."""
        assert f"mockserver {name}" in self.TEXT

    def test_every_option_is_one(self):
        """An option that no command has would be a lie."""
        context = click.Context(cli)
        known = {
            option
            for name in cli.list_commands(context)
            for command in [cli.get_command(context, name)]
            if command is not None
            for parameter in command.params
            for option in parameter.opts
        }
        others = (
            *(ROOT / "contract_tests" / "conftest.py", ROOT / "mockserver" / "tests" / "trying.py"),
            *(ROOT / "benchmarks" / name for name in BENCHMARKS),
        )
        suite = {option for file in others for option in re.findall(r'"(--[a-z-]+)"', file.read_text())}
        named = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", self.TEXT))
        curl = {"--data-urlencode"}
        assert named <= known | suite | curl | {"--help"}

    @pytest.mark.parametrize("name", BENCHMARKS)
    def test_benchmarks_start(self, name: str):
        """They take minutes, so that nobody runs them here; that they run at all is no less promised."""
        done = subprocess.run(
            [sys.executable, ROOT / "benchmarks" / name, "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f"benchmarks/{name}" in self.TEXT

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_every_link_into_the_project_leads_somewhere(self, page: Path):
        """A link that leads nowhere is found by its reader otherwise."""
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), target


class TestVocabulary:
    """docs/behavior.md is the reference: what can be written is in it."""

    PAGE = (ROOT / "docs" / "behavior.md").read_text(encoding="utf-8") if README.is_file() else ""

    def test_every_word_of_behavior_yaml(self):
        """The vocabulary is closed: a word that is in no document cannot be guessed."""
        assert [word for word in sorted(set(words_of(vocabulary()))) if not self.says(word)] == []

    def test_every_word_of_data_yaml(self):
        """Of the worlds too."""
        assert [word for word in OTHER_WORDS if not self.says(word)] == []

    def test_every_function_and_every_method_of_rows(self):
        """An expression that needs what is there already is written in Python otherwise."""
        methods = [name for name in vars(Rows) if not name.startswith("_")]
        assert [name for name in (*FUNCTIONS, *methods) if not self.says(name)] == []

    def says(self, word: str) -> bool:
        """Whether *word* stands in the page by itself."""
        return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", self.PAGE) is not None


def words_of(schema: Any) -> Iterator[str]:
    """Yield the names of all properties that a JSON Schema knows."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for value in schema.values():
            yield from words_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from words_of(value)
