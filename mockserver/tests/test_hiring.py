"""
What names others is made of such as exist, in a state that allows it, and is held to what words say.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from mockserver.behavior.closing import refused_in
from mockserver.contract.shapes import Shape
from mockserver.tests.hiring import WORDS, Hiring, document
from mockserver.tests.in_process import Here, judged
from mockserver.validation.values import RawValidator
from mockserver.verify.laws.bodies import Bodies
from mockserver.verify.laws.in_words import put_in_order
from mockserver.verify.laws.refusing import wrong_values

BUGS = {
    "salaries": "said-order-is-held",
    "closed_job": "closed-is-closed",
    "decided_again": "closed-is-closed",
    "tag_twice": "members-are-kept",
    "untag_lost": "members-are-kept",
    "emoji": "edges-are-kept",
    "until": "filters-filter",
    "always_made": "put-makes",
    "code_stays": "put-makes",
    "code_inactive": "put-makes",
    "code_lingers": "put-makes",
    "code_any": "put-makes",
    "funnel": "figures-add-up",
    "huge": "nobody-is-another",
    "note_everywhere": "free-elsewhere",
    "title_short": "made-as-told",
    "end_stays": "made-as-told",
    "stage_time": "changes-are-timed",
    "applications_stay": "followers-go",
    "applies_twice": "pair-is-refused",
    "note_elsewhere": "nobody-is-another",
    "tag_prefix": "filters-filter",
}

SILENT = {
    "salaries": ("salary", "The highest should be more than the lowest."),
    "closed_job": ("apply", "Not possible."),
    "decided_again": ("done", "Not possible."),
    "applications_stay": ("forget", "Deletes the person. The applications stay."),
    "applies_twice": ("apply", "The job is not open, or the person has applied already and was rejected."),
    "tag_prefix": ("tag", "Only people with a tag that starts so."),
    "note_everywhere": ("note", "The text is unique."),
    "title_short": ("title", "`about`, and `host` where there is room."),
    "end_stays": ("ends", "When it is over."),
    "always_made": ("replaced", "The code."),
}
"""Bug -> words that leave it open."""


def found(folder: Path, bug: str, words: dict[str, str], only: str = "") -> list[str]:
    """Return the rules that the board with *bug* breaks by the document with *words*."""
    file = folder / "hiring.yaml"
    file.write_text(yaml.safe_dump(document(words), sort_keys=False))
    return [one.rule for one in judged(str(file), Here(Hiring(bug)), only=only).findings]


@pytest.mark.parametrize("bug", BUGS)
def test_what_words_exclude_is_convicted(tmp_path: Path, bug: str) -> None:
    """
    Who applies must exist, and the job be open: without both nothing of an application was ever tried.
    """
    assert f"lockstep/{BUGS[bug]}" in found(tmp_path, bug, WORDS, BUGS[bug])


@pytest.mark.parametrize("bug", SILENT)
def test_what_no_words_exclude_is_acquitted(tmp_path: Path, bug: str) -> None:
    """
    What no sentence excludes is a server's own choice.
    """
    name, words = SILENT[bug]
    assert found(tmp_path, bug, {**WORDS, name: words}, BUGS[bug]) == []


@pytest.mark.parametrize("way", ["", "links"])
def test_the_board_is_acquitted(tmp_path: Path, way: str) -> None:
    """
    The earliest meeting is the one that begins first, whenever it was made; "before" leaves out the bound.
    """
    assert found(tmp_path, way, WORDS) == []


def test_fewer_than_there_must_be_are_wrong() -> None:
    """
    An order without lines is refused nowhere else.
    """
    some = {"type": "array", "minItems": 1, "items": {"type": "string"}}
    assert ("minItems", []) in list(wrong_values(Shape(some), ["one"]))
    assert not [one for one, _ in wrong_values(Shape({**some, "minItems": 0}), ["one"]) if one == "minItems"]


def test_what_is_drawn_is_put_in_order() -> None:
    """
    A meeting that ends before it begins is refused, and nothing of meetings is tried then.
    """
    times = {"type": "object", "properties": {"begins": {"type": "integer"}, "ends": {"type": "integer"}}}
    described = {"summary": "", "description": "`ends` must be after `begins`.", "responses": {}}
    bodies = Bodies(SimpleNamespace(**described), (), Shape(times))  # type: ignore[arg-type]
    bodies.__dict__["_validator"] = RawValidator(times)
    made = {"begins": 7, "ends": 3}
    put_in_order(bodies, made, {})
    assert made == {"begins": 3, "ends": 7}
    made = {"begins": 9, "ends": 7}
    put_in_order(bodies, made, {"begins": 9})
    assert made == {"begins": 9, "ends": 10}


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("The application is hired or rejected", {"hired", "rejected"}),
        ("It is hired or the letter is missing", {"hired"}),
        ("It is not hired or rejected", {"open"}),
    ],
)
def test_states_are_read_one_by_one(said: str, refused: set[str]) -> None:
    """
    Of "hired or rejected" the second was overlooked, for it stands behind no "is" of its own.
    """
    assert refused_in(said, ["open", "hired", "rejected"]) == refused
