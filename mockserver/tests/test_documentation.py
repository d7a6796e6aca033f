"""What the README shows is run: each command of it, and each answer beside one."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mockserver.cli import cli
from mockserver.contract.locate import bundled
from mockserver.tests.client import Server

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
SHOWN = re.compile(r"^\$ (curl .+)\n((?:(?!\$ |```).*\n)*)", re.MULTILINE)
COMMAND = re.compile(r"^    ((?:pip|pytest|mockserver|curl) .+)$", re.MULTILINE)

pytestmark = pytest.mark.skipif(not README.is_file(), reason="an installed wheel has no README")


def _text() -> str:
    return README.read_text(encoding="utf-8") if README.is_file() else ""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """All bundled APIs, as the README's first command serves them."""
    running = Server()
    yield running
    running.close()


@pytest.mark.parametrize(("command", "answer"), SHOWN.findall(_text()))
def test_an_answer_that_is_shown_is_the_answer(server: Server, command: str, answer: str) -> None:
    """A reader who copies the line gets what stands below it, to the byte."""
    words = shlex.split(command.replace("http://127.0.0.1:4010", server.url))
    got = subprocess.run(words, capture_output=True, text=True, timeout=30, check=True)
    assert got.stdout.strip() == answer.strip()


def test_the_two_commands_of_the_first_screen_are_what_ci_runs() -> None:
    """The set-up is two lines; .ci/run does the same, so what a newcomer types has been tried."""
    first = COMMAND.findall(_text())[:2]
    assert first == ["pip install . && mockserver serve", "pip install -e '.[test]' && pytest"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "pip\" install --quiet -e '.[test]'" in script
    assert 'pip" install --quiet .' in script


@pytest.mark.parametrize("name", ["check", "routes", "diff", "proxy", "serve"])
def test_every_command_in_the_table_exists_and_helps(name: str) -> None:
    """A command that the README names is there, with help."""
    assert f"mockserver {name}" in _text()
    got = subprocess.run(
        [sys.executable, "-m", "mockserver", name, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Usage:" in got.stdout


def test_every_option_that_the_readme_names_is_one() -> None:
    """An option in the text that no command has would be a lie."""
    named = set(re.findall(r"(--[a-z][a-z-]+)", _text())) - {"--help"}
    context = click.Context(cli)
    known = {
        option
        for command in cli.list_commands(context)
        for parameter in cli.get_command(context, command).params  # type: ignore[union-attr]
        for option in parameter.opts
    }
    assert named <= known


def test_every_bundled_api_is_in_the_table_with_its_count() -> None:
    """The table is the whole truth about what is bundled."""
    from mockserver.contract.load import load
    from mockserver.contract.locate import locate

    for name in bundled():
        count = len(load(locate(name).file).routes)
        assert re.search(rf"\| \[{name}\]\(specs/{name}/README\.md\) \| [^|]+ \| {count} \|", _text()), name


def test_reset_is_a_post(server: Server) -> None:
    """The one admin call that is written out does what it says."""
    assert server.request("POST", "/__admin/reset").status == 200
