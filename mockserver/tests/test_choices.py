"""
What a careful server may choose where a document leaves it open: none of it is a finding.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.tests.choosing import TEXT, Notes, accused, notes, verdict
from mockserver.verify.laws import changing, ordering

Json = Any


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a second to pass: nothing here has a clock."""
    monkeypatch.setattr(changing, "TICK", 0.0)
    monkeypatch.setattr(ordering, "TICK", 0.0)


def _single(value: float) -> float:
    found: float = struct.unpack("f", struct.pack("f", value))[0]
    return found


WRITTEN: list[tuple[Json, Json, Callable[[Json], Json]]] = [
    ({"type": "string", "format": "uri"}, "https://Example.com", lambda said: "https://example.com/"),
    ({"type": "string", "format": "uuid"}, "0B1F8E5C-3A2D-4C5B-9E7F-112233445566", str.lower),
    ({"type": "string", "format": "duration"}, "PT60M", lambda said: "PT1H"),
    ({"type": "string", "format": "time"}, "10:00:00Z", lambda said: said.replace("Z", "+00:00")),
    ({"type": "string", "pattern": r"^\d+(\.\d{1,2})?$"}, "12.5", lambda said: f"{float(said):.2f}"),
    ({"type": "number", "format": "float", "minimum": 0, "maximum": 1000}, 12.7, _single),
]
"""(schema, what is sent, how a server tells it)."""


class TestValues:
    @pytest.mark.parametrize(("schema", "said", "told"), WRITTEN)
    def test_a_value_may_be_told_in_another_way_of_its_format(
        self, tmp_path: Path, schema: Json, said: Json, told: Callable[[Json], Json]
    ) -> None:
        """
        Frameworks read what is sent into a URL, a duration, a decimal, and write it in their own way.
        """
        document = notes({"title": TEXT, "what": schema}, "title", "what")
        media = document["paths"]["/notes"]["post"]["requestBody"]["content"]["application/json"]
        media["example"] = {"title": "Hi", "what": said}

        def keep(name: str, value: Json) -> Json:
            return told(value) if name == "what" and (value == said or schema["type"] == "number") else value

        report = verdict(tmp_path, document, Notes(keep=keep))
        assert accused(report) == []
        assert ("makeNote", "lockstep/created-is-readable") in report.ran
