"""
The folder of WireMock's layout: mappings/*.json are stubs, __files holds bodies.

Names come from stubs, and stubs come over HTTP: none of them leads out of its folder.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from mockserver.server.stubs.reading import Unfit

MAPPINGS = "mappings"
FILES = "__files"


class Folder:
    """
    Args:
        root: The folder that has "mappings" and "__files" in it; None where none was given.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = root

    def body(self, name: str) -> Path:
        """
        Return the path of a body file, there or not.

        Raises:
            Unfit: There is no folder, or the name leads out of it.
        """
        if self.root is None:
            raise Unfit("", f"{name!r}: body files need a folder: start with `--stubs DIR`, with DIR/{FILES}")
        base = (self.root / FILES).resolve()
        path = (base / name.lstrip("/")).resolve()
        if "\0" in name or not path.is_relative_to(base) or path == base:
            raise Unfit("", f"{name!r} leads out of {FILES}")
        return path

    def read(self, name: str) -> bytes:
        """Return the content of a body file. Raises Unfit."""
        path = self.body(name)
        if not path.is_file():
            near = [each for each in self.bodies() if Path(each).name == path.name]
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise Unfit("", f"there is no body file {name!r}.{hint}")
        return path.read_bytes()

    def bodies(self) -> list[str]:
        """Return the names of all body files."""
        base = self.root / FILES if self.root is not None else None
        if base is None or not base.is_dir():
            return []
        return sorted(str(path.relative_to(base)) for path in base.rglob("*") if path.is_file())

    def mappings(self) -> list[Path]:
        """Return the files with stubs, in the order in which they count."""
        base = self.root / MAPPINGS if self.root is not None else None
        return sorted(base.rglob("*.json")) if base is not None and base.is_dir() else []

    def write(self, path: Path, content: bytes) -> None:
        """Put a file in its place whole: whoever reads finds the old one or the new one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
