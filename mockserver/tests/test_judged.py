"""
The applications that the judge is tried on are themselves what they say.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mockserver.tests.judged import known
from mockserver.tests.judged.known import APPLICATIONS, Application

SOURCES = [ast.parse(file.read_text()) for file in Path(known.__file__).parent.glob("*.py")]


@pytest.mark.parametrize("application", APPLICATIONS.values(), ids=APPLICATIONS)
class TestApplication:
    def test_every_bug_is_asked_for(self, application: Application) -> None:
        """
        A bug that the code never asks for is an innocent that the judge would be blamed for acquitting.
        """
        asked = {
            argument.value
            for source in SOURCES
            for node in ast.walk(source)
            if isinstance(node, ast.Call)
            for argument in node.args
            if isinstance(argument, ast.Constant)
        }
        listed = {name for group in application.bugs.values() for name in group}
        assert len(listed) >= 25
        assert listed <= asked, f"never asked for: {sorted(listed - asked)}"

    def test_it_shares_nothing_with_the_mock(self, application: Application) -> None:
        """
        Code that both sides share would make both sides wrong in the same way.
        """
        assert Path(application.spec).exists() or "/" not in application.spec
        imported = {
            node.module
            for source in SOURCES
            for node in ast.walk(source)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("mockserver")
        }
        assert all(name.startswith("mockserver.tests.judged") for name in imported), imported

    def test_a_bug_that_is_not_there_is_refused(self, application: Application) -> None:
        """
        A misspelt bug would be an application without any, and its acquittal a survivor.
        """
        with pytest.raises(KeyError, match="no such bug: nonsense"):
            application.make(["nonsense"], application.dialects[0])
