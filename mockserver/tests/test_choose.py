from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.model import Operation
from mockserver.generation.choose import (
    FITTING,
    STATUS,
    Chosen,
    coded,
    default_media,
    example,
    exemplified,
    fitting,
    media_for,
    success,
)
from mockserver.tests.loaded import operation


def documented(*statuses: str) -> Operation:
    """An operation that documents these responses."""
    return operation({"responses": {status: {"description": status} for status in statuses}})


def key(chosen: Chosen | None) -> tuple[int, str] | None:
    """The status that is sent, and the documented one that it is."""
    return (chosen.status, chosen.promise.status) if chosen is not None else None


def offering(*names: str) -> Any:
    """A response in these media types."""
    content = {name: {"schema": {}} for name in names}
    return operation({"responses": {"200": {"description": "ok", "content": content}}}).responses["200"]


class TestFitting:
    @pytest.mark.parametrize(
        ("happened", "statuses", "chosen"),
        [
            ("invalid", ["200", "400", "422"], (422, "422")),
            ("invalid", ["200", "400", "4XX"], (400, "400")),
            ("invalid", ["200", "4XX", "default"], (422, "4XX")),
            ("invalid", ["200", "default"], (422, "default")),
            ("invalid", ["200", "404"], None),
            ("unauthenticated", ["200", "401", "403"], (401, "401")),
            ("forbidden", ["200", "401"], None),
            ("forbidden", ["200", "401", "4XX"], (403, "4XX")),
            ("media", ["200", "400", "415"], (415, "415")),
            ("media", ["200", "400"], None),
            ("unknown", ["200", "404"], (404, "404")),
        ],
    )
    def test_the_first_that_may_tell_it(self, happened: str, statuses: list[str], chosen: Any) -> None:
        """Prism's order; a range or default is sent with the status that is meant."""
        assert key(fitting(documented(*statuses), happened)) == chosen

    def test_the_table_is_whole(self) -> None:
        """Whatever may happen has a status where nothing is documented."""
        assert FITTING.keys() <= STATUS.keys()


class TestSuccess:
    @pytest.mark.parametrize(
        ("statuses", "chosen"),
        [
            (["404", "201", "200"], (200, "200")),
            (["204", "2XX"], (204, "204")),
            (["2XX", "default", "301"], (200, "2XX")),
            (["default", "302"], (200, "default")),
            (["404", "302", "301"], (301, "301")),
            (["404", "3XX"], (300, "3XX")),
            (["101", "404"], (101, "101")),
            (["500", "404"], (404, "404")),
            (["5XX"], (500, "5XX")),
        ],
    )
    def test_the_lowest_that_went_well(self, statuses: list[str], chosen: Any) -> None:
        """Exact before a range, default before what is no success."""
        assert key(success(documented(*statuses))) == chosen


class TestCoded:
    @pytest.mark.parametrize(
        ("code", "chosen"),
        [
            ("404", (404, "404")),
            ("409", (409, "4XX")),
            ("500", (500, "default")),
            ("4XX", (400, "4XX")),
            ("default", (500, "default")),
            ("5XX", None),
        ],
    )
    def test_what_was_asked_for(self, code: str, chosen: Any) -> None:
        """Exact, its range, default; a range only where it is documented as one."""
        assert key(coded(documented("200", "404", "4XX", "default"), code)) == chosen

    def test_not_documented(self) -> None:
        """Then there is no such answer."""
        assert coded(documented("200"), "404") is None


class TestExemplified:
    def made(self) -> Operation:
        """An operation with named examples under several responses."""

        def content(**examples: int) -> dict[str, Any]:
            said = {name: {"value": value} for name, value in examples.items()}
            return {"description": "x", "content": {"application/json": {"examples": said}}}

        return operation(
            {
                "responses": {
                    "404": content(none=1, both=2),
                    "201": content(made=3, both=4),
                    "200": content(ok=5),
                }
            }
        )

    def test_wherever_it_is(self) -> None:
        """`Prefer: example=none` answers as the document's error of that name."""
        made = self.made()
        for name, status, value in (("none", 404, 1), ("made", 201, 3), ("ok", 200, 5)):
            found = exemplified(made, name, success(made))
            assert found is not None
            assert (found[0].status, found[2].value) == (status, value)

    def test_what_is_asked_first(self) -> None:
        """Of two of one name the one of the response that is meant anyway, else a success."""
        made = self.made()
        for first, value in ((None, 4), (success(made), 4), (coded(made, "404"), 2)):
            found = exemplified(made, "both", first)
            assert found is not None
            assert found[2].value == value

    def test_nowhere(self) -> None:
        """A name that nothing has."""
        assert exemplified(self.made(), "other", None) is None


class TestMedia:
    def chosen(self, accept: str, *names: str) -> str | None:
        """The media type to answer in; None where the client takes none."""
        able, media = media_for(offering(*names), accept)
        return (media.name if media is not None else "") if able else None

    @pytest.mark.parametrize(
        ("accept", "name"),
        [
            ("", "application/json"),
            ("*/*", "application/json"),
            ("application/xml", "application/xml"),
            ("application/xml;q=0.5, application/json;q=0.4", "application/xml"),
            ("application/xml;q=0.5, application/json", "application/json"),
            ("text/html, */*;q=0.1", "application/json"),
            ("text/html, application/xml;q=0.9, */*;q=0.8", "application/xml"),
            ("application/*", "application/json"),
            ("application/json, application/xml", "application/json"),
            ("application/xml, application/json", "application/xml"),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=0, */*", "application/xml"),
        ],
    )
    def test_what_the_client_takes(self, accept: str, name: str | None) -> None:
        """RFC 9110, 12.5.1; of equals the first it names, else JSON, wherever it stands in the contract."""
        assert self.chosen(accept, "application/xml", "application/json") == name

    def test_nothing_to_choose(self) -> None:
        """A response without content meets any Accept."""
        assert self.chosen("text/html") == ""

    def test_the_first_json(self) -> None:
        """Any `+json` is JSON; without one, the contract's order counts."""
        assert (
            self.chosen("", "text/csv", "application/hal+json", "application/json") == "application/hal+json"
        )
        assert self.chosen("", "text/csv", "text/plain") == "text/csv"
        assert default_media({}) is None


class TestExample:
    def media(self) -> Any:
        """Three examples, of which the first is wrong."""
        examples = {"wrong": {"value": "x"}, "one": {"value": 1}, "two": {"value": 2}}
        content = {"application/json": {"examples": examples}}
        return (
            operation({"responses": {"200": {"description": "ok", "content": content}}})
            .responses["200"]
            .content["application/json"]
        )

    def test_the_first_that_is_valid(self) -> None:
        """One that breaks its own schema is not served."""
        found = example(self.media(), lambda value: isinstance(value, int))
        assert found is not None
        assert found.name == "one"
        assert example(self.media(), lambda value: False) is None

    def test_by_name(self) -> None:
        """Who asks for one by name gets it, as it is."""
        found = example(self.media(), lambda value: False, "wrong")
        assert found is not None
        assert found.value == "x"
        assert example(self.media(), lambda value: True, "none") is None
