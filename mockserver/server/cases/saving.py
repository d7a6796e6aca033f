"""
Write a case into the API's own folder of cases, where that is somebody's to change.

A checkout is; an installed package and the files of a bundle are not: what was written
there would be gone, or would surprise who looks for it. There the file is given out.
"""

from __future__ import annotations

import os
import tempfile
from itertools import count
from pathlib import Path

from mockserver.contract.locate import Located
from mockserver.contract.model import Contract
from mockserver.server.cases.load import FOLDER, load_case

_INSTALLED = frozenset({"site-packages", "dist-packages"})


def folder_to_write(located: Located) -> Path | None:
    """Return the folder of cases of an API, which need not be there yet; None where none is to be written."""
    folder = located.fixtures_dir
    if folder is None or not folder.is_dir() or _INSTALLED & set(folder.resolve().parts):
        return None
    unpacked = Path(tempfile.gettempdir()).resolve() / "mockserver-"
    if str(folder.resolve()).startswith(str(unpacked)):
        return None
    cases = folder / FOLDER
    return cases if os.access(cases if cases.is_dir() else folder, os.W_OK) else None


def save(folder: Path, name: str, text: str, contract: Contract) -> Path:
    """
    Write the case *text* as *name*.yaml into *folder*, beside others of that name, and return the file.

    Raises:
        FixtureError: It is no case of *contract*; then there is no such file.
        OSError: It cannot be written.
    """
    folder.mkdir(exist_ok=True)
    for number in count(1):
        path = folder / (f"{name}-{number}.yaml" if number > 1 else f"{name}.yaml")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        try:
            load_case(path, contract)
        except BaseException:
            path.unlink()
            raise
        return path
    raise AssertionError("numbers do not end")
