"""`mockserver check`: what is clean, and what is found where."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mockserver.contract.locate import bundled, home, locate
from mockserver.verify.offline import check


def copied(name: str, to: Path, fixtures: bool) -> Path:
    """Copy a bundled API's specs/NAME, and its fixtures too if wanted; return the copy of its contract."""
    shutil.copytree(home() / "specs" / name, to / "specs" / name)
    if fixtures:
        shutil.copytree(home() / "fixtures" / name, to / "fixtures" / name)
    return to / "specs" / name / "openapi.yaml"


class TestClean:
    @pytest.mark.parametrize("name", bundled())
    def test_a_bundled_api_is_clean(self, name: str) -> None:
        """What is shipped fits together."""
        assert list(map(str, check([locate(name)]))) == []

    @pytest.mark.parametrize("fixtures", [True, False])
    def test_so_is_its_copy(self, tmp_path: Path, fixtures: bool) -> None:
        """Without its world too: then nobody has said what the documented calls shall come upon."""
        contract = copied("trackbot", tmp_path, fixtures)
        assert list(map(str, check([locate(str(contract.parent))]))) == []

    def test_so_is_the_plain_document(self, tmp_path: Path) -> None:
        """Neither rules nor a world: the contract alone is held against itself."""
        shutil.copy(home() / "specs" / "telegram-campaigns" / "openapi.yaml", tmp_path / "plain.yaml")
        assert list(map(str, check([locate(str(tmp_path / "plain.yaml"))]))) == []


class TestPlanted:
    @pytest.mark.parametrize("fixtures", [True, False])
    def test_a_broken_example_is_found_in_its_line(self, tmp_path: Path, fixtures: bool) -> None:
        """The file and the line that have to be mended, not those of the rule alone."""
        contract = copied("trackbot", tmp_path, fixtures)
        lines = contract.read_text("utf-8").splitlines()
        number = next(at for at, line in enumerate(lines) if line.strip() == "confirms: 98")
        lines[number] = lines[number].replace("98", "-98")
        contract.write_text("\n".join(lines), "utf-8")
        found = check([locate(str(contract.parent))])
        assert (found[0].file, found[0].line) == (str(contract), number + 1)
        assert "-98 is less than 0" in found[0].detail
        assert fixtures or len(found) == 1

    @pytest.mark.parametrize(
        ("name", "was", "planted"),
        [
            ("taglife", "status: cancelled", "status: canceled"),  # which no answer shows beside the rest
            ("taglife", "standing: inactive", "standing: asleep"),  # comes out in the derived status
            ("tokfluence", "status: collaborating", "status: 5"),
            ("trackbot", "media: img_abc123xyz", "media: picture-1"),
        ],
    )
    def test_a_row_that_does_not_fit(self, tmp_path: Path, name: str, was: str, planted: str) -> None:
        """In the fixtures' own file and line, whichever operation would stumble over it."""
        copied(name, tmp_path, fixtures=True)
        world = tmp_path / "fixtures" / name / "data.yaml"
        lines = world.read_text("utf-8").splitlines()
        number = next(at for at, line in enumerate(lines) if was in line)
        lines[number] = lines[number].replace(was, planted)
        world.write_text("\n".join(lines), "utf-8")
        found = check([locate(str(tmp_path / "specs" / name))])
        near = [one for one in found if one.file == str(world) and one.line == number + 1]
        assert near, "\n".join(map(str, found))

    def test_a_figure_that_is_not_what_the_mock_answers(self, tmp_path: Path) -> None:
        """A valid example that the rules and the world do not make true."""
        contract = copied("tendsocial", tmp_path, fixtures=True)
        text = contract.read_text("utf-8")
        contract.write_text(text.replace("total: 45", "total: 46"), "utf-8")
        found = check([locate(str(contract.parent))])
        assert [(one.file, "46" in one.detail, "45" in one.detail) for one in found] == [
            (str(contract), True, True)
        ]
