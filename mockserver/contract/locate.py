"""
Find the files of an API by what was said on the command line.

A SPEC is a bundled API's name, an OpenAPI file, or a folder with openapi.yaml in
it. The bundled ones stand beside the package in a checkout, and inside it in an
installed wheel (pyproject.toml puts them there); a checkout wins, so that an
edited contract is the one that is served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from mockserver.errors import UsageError, nearest

DOCUMENTS = ("openapi.yaml", "openapi.yml", "openapi.json")
ENDINGS = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Located:
    """
    Where the parts of one API stand.

    Attributes:
        name: Its folder's when the document is the folder's openapi.yaml, else the file's without ending.
        file: The OpenAPI document.
        behavior_file: The behavior.yaml beside it, None where there is none.
        fixtures_dir: The folder with its data.yaml and cases/, None where there is none.
    """

    name: str
    file: Path
    behavior_file: Path | None = None
    fixtures_dir: Path | None = None

    @property
    def companions(self) -> tuple[Path, ...]:
        """The files that belong to the document, whether they are there or may come to be."""
        if self.file.name not in DOCUMENTS:
            return ()
        folder = self.file.parent
        data = [_fixtures_of(folder), folder] if self.fixtures_dir is None else [self.fixtures_dir]
        return (self.behavior_file or folder / "behavior.yaml", *(each / "data.yaml" for each in data))

    def again(self) -> Located:
        """Return the same API with the companions that are there now."""
        behavior = next((file for file in self.companions[:1] if file.is_file()), None)
        data = next((file.parent for file in self.companions[1:] if file.is_file()), self.fixtures_dir)
        return replace(self, behavior_file=behavior, fixtures_dir=data)


@cache
def home() -> Path:
    """Return the folder with specs/, fixtures/ and contract_tests/: the checkout, or the wheel's own copy."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "specs").is_dir():
        return checkout
    return package / "_bundled"


def bundled() -> tuple[str, ...]:
    """Return the names of the bundled APIs, sorted."""
    specs = home() / "specs"
    if not specs.is_dir():
        return ()
    return tuple(sorted(folder.name for folder in specs.iterdir() if _document(folder) is not None))


def wanted(specs: Sequence[str]) -> list[Located]:
    """
    Return where *specs* stand; all bundled APIs when none is named.

    Raises:
        UsageError: One of them is nowhere, or none is named and none is bundled.
    """
    if not specs and not bundled():
        raise UsageError("name a SPEC: this installation bundles no API")
    return [locate(spec) for spec in specs or bundled()]


def locate(spec: str) -> Located:
    """
    Return where the API that *spec* names stands.

    Raises:
        UsageError: There is no such API, file or folder, or the folder holds no OpenAPI document.
    """
    if spec in bundled():
        return _of_folder(home() / "specs" / spec)
    path = Path(spec)
    if path.is_dir():
        return _of_folder(path)
    if path.is_file():
        return _of_file(path)
    if spec.startswith(("http://", "https://")):
        raise UsageError(f"{spec}: documents are not fetched from the network. Name a file.")
    raise UsageError(f"{spec}: no bundled API, file or folder of that name.{nearest(spec, _around(path))}")


def _of_folder(folder: Path) -> Located:
    document = _document(folder)
    if document is None:
        raise UsageError(f"{folder}: no {', '.join(DOCUMENTS[:-1])} or {DOCUMENTS[-1]} in this folder.")
    behavior = folder / "behavior.yaml"
    name = folder.name or folder.resolve().name
    return Located(name, document, behavior if behavior.is_file() else None, _fixtures(folder, name))


def _of_file(file: Path) -> Located:
    if file.name in DOCUMENTS and (file.parent / "behavior.yaml").is_file():
        return _of_folder(file.resolve().parent)
    return Located(file.stem, file)


def _document(folder: Path) -> Path | None:
    return next((folder / name for name in DOCUMENTS if (folder / name).is_file()), None)


def _fixtures(folder: Path, name: str) -> Path | None:
    """Return fixtures/NAME where the folder is specs/NAME, else the folder itself when data.yaml is in it."""
    for candidate in (_fixtures_of(folder, name), folder):
        if (candidate / "data.yaml").is_file() or (candidate / "cases").is_dir():
            return candidate
    return None


def _fixtures_of(folder: Path, name: str = "") -> Path:
    return folder.resolve().parent.parent / "fixtures" / (name or folder.resolve().name)


def _around(path: Path) -> list[str]:
    """Return what could have been meant: the bundled names, and the documents and folders beside *path*."""
    here = path.parent
    beside = sorted(here.iterdir()) if here.is_dir() else []
    files = [str(entry) for entry in beside if entry.suffix in ENDINGS or _document(entry) is not None]
    return [*bundled(), *files]
