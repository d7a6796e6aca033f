"""
Whose things are, as far as the words of a contract say.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mockserver.contract.load import load
from mockserver.contract.locate import locate
from mockserver.tests.crud import crud
from mockserver.tests.in_process import judged, of_app
from mockserver.tests.judged.known import APPLICATIONS
from mockserver.verify.laws.tenants import owned
from mockserver.verify.laws.things import things


@pytest.mark.parametrize(
    ("words", "promised"),
    [
        ("Things belong to an account; another account does not see them.", True),
        ("A thing belongs to a company.", True),
        ("Lists things owned by the authenticated user.", True),
        ("Only the account's own things.", True),
        ("Lists things of files that are owned by the authenticated user.", False),
        ("Lists things that belong to an enterprise.", False),
        ("The file exists, or the account has run out of disk space.", False),
        ("An error if the field belongs to a different template.", False),
        ("A thing.", False),
    ],
)
def test_words_of_ownership(tmp_path: Path, words: str, promised: bool) -> None:
    """
    That something else belongs to somebody says nothing of whom a thing is shown to.
    """
    paths = crud()
    paths["/things"]["get"]["description"] = words
    file = tmp_path / "api.yaml"
    file.write_text(
        yaml.safe_dump({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths})
    )
    contract = load(file)
    assert owned(contract, things(contract)[0]) is promised


LAW = "lockstep/others-do-not-see"
MESSAGING = APPLICATIONS["messaging"]


@pytest.mark.parametrize("dialect", MESSAGING.dialects)
def test_what_is_refused_for_its_state_is_not_kept_apart(dialect: str, tmp_path: Path) -> None:
    """
    Who shares everything, and answers 404 to an action at the wrong time, hides nothing from anybody.
    """
    document = tmp_path / "messaging.yaml"
    document.write_text(locate(MESSAGING.spec).file.read_text())
    report = judged(str(document), of_app(MESSAGING.make((), dialect)), only=LAW)
    assert LAW not in {one.rule for one in report.findings}
