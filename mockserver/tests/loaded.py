"""Contracts for tests, written where they are used."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml

from mockserver.contract.load import load
from mockserver.contract.model import Contract, Operation


def contract(paths: dict[str, Any] | str, **top: Any) -> Contract:
    """Return the contract with *paths* (YAML text or data) and, at its top, *top*."""
    given = yaml.safe_load(paths) if isinstance(paths, str) else paths
    document = {"openapi": "3.1.1", "info": {"title": "Test", "version": "1"}, "paths": given, **top}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "test.yaml")
        file.write_text(yaml.safe_dump(document, sort_keys=False))
        made = load(file)
        for operation in made.operations.values():  # while the file is there
            assert operation.id
    return made


def operation(
    about: dict[str, Any] | str, method: str = "post", path: str = "/things", **top: Any
) -> Operation:
    """Return the one operation that *about* describes."""
    given = yaml.safe_load(about) if isinstance(about, str) else about
    given.setdefault("responses", {"200": {"description": "ok"}})
    return next(iter(contract({path: {method: given}}, **top).operations.values()))
