from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.contract.locate import bundled, home, locate, wanted
from mockserver.errors import UsageError


class TestBundled:
    def test_every_folder_with_a_contract(self):
        """Adding an API is adding a folder."""
        assert set(bundled()) == {file.parent.name for file in (home() / "specs").glob("*/openapi.yaml")}

    def test_by_name(self):
        """A bundled API brings its behaviours and its world."""
        for name in bundled():
            found = locate(name)
            assert found.name == name
            assert found.file.is_file()

    def test_nothing_said_is_all(self):
        """`mockserver serve` alone serves what is there."""
        assert [one.name for one in wanted([])] == list(bundled())


class TestFiles:
    def test_a_file_is_called_after_itself(self, tmp_path: Path):
        """Its name is where it is mounted."""
        file = tmp_path / "petstore-3.0.yaml"
        file.touch()
        found = locate(str(file))
        assert (found.name, found.file, found.behavior_file) == ("petstore-3.0", file, None)

    def test_a_folder_gives_its_name(self, tmp_path: Path):
        """The contract in it is always called the same."""
        folder = tmp_path / "specs" / "lending"
        folder.mkdir(parents=True)
        (folder / "openapi.json").touch()
        (folder / "behavior.yaml").touch()
        world = tmp_path / "fixtures" / "lending"
        world.mkdir(parents=True)
        (world / "data.yaml").touch()
        found = locate(str(folder))
        assert found.name == "lending"
        assert found.behavior_file == folder / "behavior.yaml"
        assert found.fixtures_dir == world
        assert locate(str(folder / "openapi.json")) == found

    def test_the_folder_one_stands_in(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """ "." has no name, the folder has."""
        folder = tmp_path / "lending"
        folder.mkdir()
        (folder / "openapi.yaml").touch()
        (folder / "data.yaml").touch()
        monkeypatch.chdir(folder)
        assert locate(".").name == "lending"
        assert locate(".").fixtures_dir == Path(".")

    def test_a_folder_without_a_contract(self, tmp_path: Path):
        """What is missing is said."""
        with pytest.raises(UsageError, match=r"no openapi\.yaml"):
            locate(str(tmp_path))

    def test_a_typing_error_names_the_nearest(self, tmp_path: Path):
        """Of the bundled names, and of the files beside it."""
        (tmp_path / "openapi.yaml").touch()
        with pytest.raises(UsageError, match=r"Did you mean '.*openapi\.yaml'"):
            locate(str(tmp_path / "openapi.yml"))
        if bundled():
            with pytest.raises(UsageError, match=f"Did you mean '{bundled()[0]}'"):
                locate(bundled()[0] + "x")

    def test_nothing_is_fetched(self):
        """A mock that asks the network for its contract is not local."""
        with pytest.raises(UsageError, match="not fetched"):
            locate("https://example.com/openapi.yaml")
