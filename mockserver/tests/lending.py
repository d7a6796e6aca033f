"""
A small library with a behaviour that uses every word of docs/behavior.md, for tests to use and to break.

    located = lending(tmp_path)                                # its files, to be served or checked
    located = lending(tmp_path, behavior=("old", "new"))       # with one thing of a file replaced
    library = Library(tmp_path)                                # its engine and world, without a server
    library.do("returnBook", loanId="ln_0007").body

Everybody sees the books; loans and their notes are an account's own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mockserver.behavior.changes import Happened
from mockserver.behavior.clock import Clock
from mockserver.behavior.engine import Engine, Outcome
from mockserver.behavior.fixtures import load_fixture
from mockserver.behavior.load import load, vocabulary
from mockserver.behavior.world import World
from mockserver.contract.load import load as load_contract
from mockserver.contract.locate import Located, locate
from mockserver.errors import Located as LocatedError
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Arguments
from mockserver.server.session import DEFAULT, Session
from mockserver.server.sessions import Sessions
from mockserver.server.shared.state import SharedState
from mockserver.validation.values import RawValidator

FILES = Path(__file__).parent / "worlds" / "lending"

Edit = tuple[str, str] | None


def text(name: str, edit: Edit = None) -> str:
    """Return a file's text ("openapi", "behavior" or "data"), with one thing replaced where that is asked."""
    found = (FILES / f"{name}.yaml").read_text()
    if edit is None:
        return found
    assert found.count(edit[0]) == 1, f"{edit[0]!r} stands {found.count(edit[0])} times in {name}.yaml"
    return found.replace(*edit)


def lending(folder: Path, **edits: Edit) -> Located:
    """Write the three files into folder/lending."""
    place = folder / "lending"
    place.mkdir(parents=True, exist_ok=True)
    for name in ("openapi", "behavior", "data"):
        (place / f"{name}.yaml").write_text(text(name, edits.get(name)))
    return locate(str(place))


class Library:
    """The lending API's world, and what is done to it."""

    def __init__(self, folder: Path, taken: dict[str, Any] | None = None, **edits: Edit) -> None:
        located = lending(folder, **edits)
        assert located.behavior_file is not None
        self.contract = load_contract(located.file)
        self.behavior = load(located.behavior_file, self.contract, RawValidator(vocabulary()).check)
        fixture = load_fixture(located.file.parent / "data.yaml", self.contract, self.behavior)
        self.engine = Engine(self.contract, self.behavior, taken)
        self.seconds = 0.0
        self.fixture = fixture
        self.made = self.begun()

    @property
    def world(self) -> World:
        """As it is now."""
        return self.made

    def begun(self) -> World:
        """Return a world as it is at the start."""
        return World(
            self.behavior,
            self.fixture,
            seed="1",
            text=lambda pattern, seed: f"made from {pattern}",
            value=self.value,
            clock=Clock(self.fixture.now, lambda: self.seconds),
        )

    @staticmethod
    def value(component: str, seed: str) -> Any:
        """Make a component's value."""
        raise Ungeneratable(component, seed)

    def plan(self, operation: str, account: str = "first", **said: Any) -> Outcome:
        """Say what an operation would answer. *said*: path parameters, `query`, `header`, `body`."""
        query, header, body = said.pop("query", {}), said.pop("header", {}), said.pop("body", MISSING)
        explicit = frozenset([*(f"path.{name}" for name in said), *(f"query.{name}" for name in query)])
        arguments = Arguments(path=said, query=query, header=header, body=body, explicit=explicit)
        return self.engine.plan(self.world, self.contract.operations[operation], arguments, account)

    def do(self, operation: str, account: str = "first", **said: Any) -> Outcome:
        """Do an operation: what it changes stays, unless it is refused."""
        outcome = self.plan(operation, account, **said)
        (self.engine.rollback if outcome.refused else self.engine.commit)(self.world, outcome)
        return outcome

    def pass_time(self) -> list[Happened]:
        """Let happen what is due."""
        return self.engine.pass_time(self.world)

    def rows(self, name: str) -> dict[Any, Any]:
        """The rows as they are stored."""
        return self.world.tables[name].rows

    def ids(self, name: str) -> list[Any]:
        """Their keys, in order."""
        return list(self.rows(name))


class KeptLibrary(Library):
    """A library that stands in a database: after each operation it is what is read from there."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.state = SharedState(url)
        self.session = Session(DEFAULT, {"lending": self.made}, self.state.journal(0, 0), self.state.lock)
        self.state.keep(Sessions(self.session, keeper=self.state), lambda: {"lending": self.begun()})

    @property
    def world(self) -> World:
        """As the database has it."""
        return self.session.worlds["lending"]

    def do(self, operation: str, account: str = "first", **said: Any) -> Outcome:
        """Do an operation in one transaction, and forget all that is in memory."""
        with self.state.exchange(), self.state.writing():
            outcome = super().do(operation, account, **said)
        self.state.forget()
        self.state.fresh()
        return outcome

    def pass_time(self) -> list[Happened]:
        """Let happen what is due, in one transaction."""
        with self.state.exchange(), self.state.writing():
            return super().pass_time()

    def close(self) -> None:
        """Let go of the database."""
        self.state.close()


def broken(folder: Path, kind: str, old: str, new: str) -> tuple[str, str, str]:
    """Return what is said of a file with *old* replaced: its line (how it begins), pointer and detail."""
    with pytest.raises(LocatedError) as caught:
        Library(folder, **{kind: (old, new)})
    assert caught.value.file == str(folder / "lending" / f"{kind}.yaml")
    line = text(kind, (old, new)).split("\n")[caught.value.line - 1]
    return line.strip()[:12].strip(), caught.value.pointer, caught.value.detail
