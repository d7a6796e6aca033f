"""
What stands in one object goes together: sums are sums, spans have their length, nothing active was deleted.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import pytest

from mockserver.generation import Generator
from mockserver.validation.values import RawValidator

NUMBER: Any = {"type": "number"}
WHOLE: Any = {"type": "integer"}
TEXT: Any = {"type": "string"}
MOMENT: Any = {"type": "string", "format": "date-time"}
PERHAPS: Any = {"type": ["string", "null"], "format": "date-time"}
DAY: Any = {"type": "string", "format": "date"}
SEEDS = [f"seed {number}" for number in range(12)]


def told(description: str, schema: Any = NUMBER) -> Any:
    return {**schema, "description": description}


def made(called: str = "", /, given: Any = None, **properties: Any) -> list[dict[str, Any]]:
    """Objects of all *properties*, one for each seed."""
    schema = {"type": "object", "properties": properties, "required": [*properties]}
    maker = Generator(schema, accepts=RawValidator(schema).is_valid, name=called)
    kept = {} if given is None else {"given": given}
    found = [maker.value(seed, **kept) for seed in SEEDS]
    assert all(isinstance(value, dict) for value in found)
    return found  # type: ignore[return-value]


def seconds(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


class TestFormulas:
    @pytest.mark.parametrize(
        ("description", "expected"),
        [
            ("spend = creator_fee + agency_fee", lambda a, b: a + b),
            ("The creator fee plus the agency fee.", lambda a, b: a + b),
            ("Sum of `creator_fee` and `agency_fee`", lambda a, b: a + b),
            ("creator fee minus agency fee", lambda a, b: a - b),
            ("creator_fee \u2212 agency_fee", lambda a, b: a - b),
            ("Difference between creator_fee and agency_fee", lambda a, b: a - b),
            ("creator_fee x agency_fee", lambda a, b: a * b),
            ("creator_fee times agency_fee", lambda a, b: a * b),
            ("creator_fee / agency_fee", lambda a, b: a / b),
            ("creator_fee + agency_fee * 2", lambda a, b: a + 2 * b),
            ("creator_fee / agency_fee * 100, as a percentage", lambda a, b: a / b * 100),
            ("Share of creator_fee / agency_fee in percent", lambda a, b: a / b * 100),
        ],
    )
    def test_what_a_description_says(self, description: str, expected: Any) -> None:
        """A documented formula holds, in words or in signs."""
        for one in made(outcome=told(description), creator_fee=NUMBER, agency_fee=NUMBER):
            assert one["outcome"] == pytest.approx(expected(one["creator_fee"], one["agency_fee"]), abs=0.01)

    @pytest.mark.parametrize(
        "description",
        [
            "Set by creator_fee",
            "Up to creator_fee - see the terms",
            "creator_fee/agency_fee rules apply",
            "x + y",
        ],
    )
    def test_what_is_none(self, description: str) -> None:
        """Prose that names a sibling is no formula."""
        plain = made(outcome=told("What it is."), creator_fee=NUMBER, agency_fee=NUMBER)
        assert (
            made(outcome=told(description), creator_fee=NUMBER, agency_fee=NUMBER) == plain
            or "/" in description
        )

    def test_one_is_made_of_another(self) -> None:
        """Formulas are seen to in their order, wherever they stand."""
        for one in made(
            left=told("budget minus spend"), spend=told("fee + cost"), fee=NUMBER, cost=NUMBER, budget=NUMBER
        ):
            assert one["spend"] == pytest.approx(one["fee"] + one["cost"], abs=0.01)
            assert one["left"] == pytest.approx(one["budget"] - one["spend"], abs=0.02)

    def test_two_that_go_round(self) -> None:
        """Each made of the other: nothing hangs, and both are numbers."""
        assert made(a=told("b plus 1"), b=told("a plus 1"))

    def test_what_names_mean(self) -> None:
        """Where the document says nothing, cpc is what a click has cost."""
        for one in made(spend=NUMBER, clicks=WHOLE, impressions=WHOLE, cpc=NUMBER, cpm=NUMBER):
            assert one["cpc"] == pytest.approx(one["spend"] / one["clicks"], abs=0.01)
            assert one["cpm"] == pytest.approx(1000 * one["spend"] / one["impressions"], abs=0.01)

    def test_the_schema_comes_first(self) -> None:
        """A sum that may not be is left as it is."""
        for one in made(total=told("a + b", {**NUMBER, "maximum": 3}), a={**NUMBER, "minimum": 9}, b=NUMBER):
            assert one["total"] <= 3

    def test_what_was_given_stays(self) -> None:
        """Who sends the sum gets it back."""
        for one in made(given={"total": 1}, total=told("a + b"), a={**NUMBER, "minimum": 9}, b=NUMBER):
            assert one["total"] == 1

    def test_parts_of_a_whole(self) -> None:
        """No more seats are left than there are, and what is sold is not left."""
        for one in made(
            capacity=WHOLE, sold=WHOLE, available=WHOLE, seats_total=WHOLE, seats_available=WHOLE
        ):
            assert one["sold"] + one["available"] == one["capacity"]
            assert one["seats_available"] <= one["seats_total"]


class TestSpans:
    @pytest.mark.parametrize("name", ["Flight", "Shift", "Meeting"])
    def test_hours(self, name: str) -> None:
        """A flight takes hours, not months."""
        for one in made(name, starts_at=MOMENT, ends_at=MOMENT):
            assert 900 <= seconds(one["starts_at"], one["ends_at"]) <= 16 * 3600

    @pytest.mark.parametrize(
        ("length", "unit", "schema"),
        [
            ("duration_minutes", 60, WHOLE),
            ("durationSeconds", 1, WHOLE),
            ("hours", 3600, NUMBER),
            ("duration", 1, WHOLE),
            ("duration", 60, told("In minutes.", WHOLE)),
        ],
    )
    def test_as_long_as_it_says(self, length: str, unit: int, schema: Any) -> None:
        """Between start and end lies what the duration says."""
        for one in made("Event", start=MOMENT, end=MOMENT, **{length: schema}):
            assert seconds(one["start"], one["end"]) == pytest.approx(one[length] * unit, abs=unit)

    def test_nights(self) -> None:
        """Who leaves on the day after has stayed one night."""
        for one in made(check_in=DAY, check_out=DAY, nights=WHOLE):
            assert seconds(one["check_in"], one["check_out"]) == one["nights"] * 86_400

    def test_others_take_their_time(self) -> None:
        """A campaign of three months is one."""
        ends = [
            seconds(one["start_date"], one["end_date"])
            for one in made("Campaign", start_date=DAY, end_date=DAY)
        ]
        assert max(ends) > 16 * 3600


class TestStates:
    STATUS: ClassVar[Any] = {"enum": ["pending", "shipped", "delivered", "cancelled"]}

    def test_what_has_not_happened_has_no_time(self) -> None:
        """What is pending was not shipped, and only what was cancelled was cancelled at some time."""
        names = ("shipped_at", "delivered_at", "cancelled_at")
        for one in made(status=self.STATUS, placed_at=MOMENT, **dict.fromkeys(names, PERHAPS)):
            happened = {name for name in names if one[name] is not None}
            assert (
                happened
                == {
                    "pending": set(),
                    "shipped": {"shipped_at"},
                    "delivered": {"shipped_at", "delivered_at"},
                    "cancelled": {"cancelled_at"},
                }[one["status"]]
            )

    def test_what_is_there_was_not_deleted(self) -> None:
        """Without a state to say so nothing has been deleted, unless a flag says that it was."""
        assert all(one["deleted_at"] is None for one in made(deleted_at=PERHAPS, name=TEXT))
        for one in made(deleted_at=PERHAPS, created_at=MOMENT, deleted={"type": "boolean"}):
            assert (one["deleted_at"] is not None) == one["deleted"]

    def test_what_succeeded_has_no_failure(self) -> None:
        """A reason to fail stands beside what failed."""
        reason = {"type": ["string", "null"]}
        for one in made(status={"enum": ["succeeded", "failed"]}, failure_message=reason):
            assert one["status"] == "failed" or one["failure_message"] is None

    def test_what_must_be_there_is(self) -> None:
        """A time that may not be null is none."""
        assert all(one["deleted_at"] for one in made(status={"enum": ["active"]}, deleted_at=MOMENT))


class TestEpochs:
    def test_beside_a_key(self) -> None:
        """`created` of a thing with an id is seconds since 1970, in their order."""
        for one in made(id=TEXT, created=WHOLE, updated=WHOLE):
            assert 1_600_000_000 < one["created"] < one["updated"] < 1_900_000_000

    def test_of_a_batch_it_is_a_count(self) -> None:
        """Of an import, created and failed are numbers of rows."""
        assert all(one["created"] < 1_000_000 for one in made(created=WHOLE, updated=WHOLE, failed=WHOLE))


class TestFiles:
    def test_name_ending_and_kind(self) -> None:
        """A file that is called .pdf is one."""
        kinds = {"pdf": "application/pdf", "png": "image/png", "csv": "text/csv", "jpg": "image/jpeg"}
        for one in made("File", file_name=TEXT, extension=TEXT, mime_type=TEXT, size=WHOLE, size_human=TEXT):
            ending = one["file_name"].rpartition(".")[2]
            assert one["extension"] == ending
            assert one["mime_type"] == kinds.get(ending, one["mime_type"])
            assert float(one["size_human"].split()[0]) * (1000 if "k" in one["size_human"] else 1e6) == (
                pytest.approx(one["size"], abs=51_000)
            )

    def test_extension_of_a_phone(self) -> None:
        """Beside a phone it is one more number."""
        assert all(one["extension"].isdecimal() for one in made(phone=TEXT, extension=TEXT))


class TestWords:
    def test_address_and_slug(self) -> None:
        """The address of an article ends in its slug."""
        for one in made("Article", title=TEXT, slug=TEXT, url={"type": "string", "format": "uri"}):
            assert one["url"].endswith("/" + one["slug"])

    def test_repository(self) -> None:
        """Its full name is its owner's login and its own; a login is no date."""
        owner = {"type": "object", "properties": {"login": TEXT}, "required": ["login"]}
        for one in made("Repository", name=TEXT, full_name=TEXT, owner=owner):
            assert one["full_name"] == f"{one['owner']['login']}/{one['name']}"
            assert not one["owner"]["login"][:4].isdecimal()

    def test_salutation(self) -> None:
        """Of a man and of a woman."""
        for one in made(gender={"enum": ["male", "female"]}, salutation=TEXT):
            assert one["salutation"] == {"male": "Mr", "female": "Ms"}[one["gender"]]

    def test_opening_hours(self) -> None:
        """A shop opens at some hour, not in some year."""
        assert all(
            len(one["opens_at"]) == len(one["closes_at"]) == 5 for one in made(opens_at=TEXT, closes_at=TEXT)
        )

    def test_a_point(self) -> None:
        """Longitude first, within the globe, and that of the place beside it."""
        point = {
            "type": "object",
            "properties": {
                "type": {"const": "Point"},
                "coordinates": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2},
            },
            "required": ["type", "coordinates"],
        }
        for one in made(lat=NUMBER, lng=NUMBER, location=point):
            assert one["location"]["coordinates"] == [one["lng"], one["lat"]]
        for one in made(location=point):
            east, north = one["location"]["coordinates"]
            assert -180 <= east <= 180
            assert -90 <= north <= 90

    def test_what_was_left_out(self) -> None:
        """What goes together goes by what is there: a file without its type is a file all the same."""
        properties = {"fileName": TEXT, "contentType": TEXT, "extension": TEXT}
        schema = {"type": "object", "properties": properties, "required": ["fileName"]}
        for seed in SEEDS:
            assert Generator(schema).value(seed, full=False).keys() == {"fileName"}

    def test_a_kind_that_the_schema_says(self) -> None:
        """Kubernetes says beside a schema which `kind` and `apiVersion` objects have; clients go by it."""
        schema = {
            "type": "object",
            "required": ["kind", "apiVersion"],
            "properties": {"kind": TEXT, "apiVersion": TEXT},
            "x-kubernetes-group-version-kind": [{"group": "apps", "kind": "Deployment", "version": "v1"}],
        }
        for seed in SEEDS:
            assert Generator(schema).value(seed) == {"kind": "Deployment", "apiVersion": "apps/v1"}


def test_whole_units_are_reckoned_from_what_costs_less():
    """
    A price in cents beside an amount in whole units: the amount is as near as it can be.
    """
    number, whole = {"type": "number", "const": 7.33}, {"type": "integer", "minimum": 0}
    properties = {"quantity": {"const": 3, "type": "integer"}, "unit_price": number, "line_total": whole}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    for seed in "abc":
        assert Generator(schema).value(seed)["line_total"] == 21


class TestNeighbours:
    """What leads to another page, beside a list that is all there."""

    ITEMS: ClassVar[Any] = {"type": "array", "items": {"type": "object", "properties": {"name": TEXT}}}
    LINK: ClassVar[Any] = {"type": ["string", "null"], "example": "https://example.com/?page=2"}

    def test_of_one_page_there_are_none(self) -> None:
        """Whoever follows `next` until it is null would never come to an end."""
        found = made(items=self.ITEMS, total=WHOLE, next=self.LINK, previous=self.LINK)
        assert {(one["next"], one["previous"]) for one in found} == {(None, None)}

    def test_that_must_be_a_text(self) -> None:
        """What may not be null is something, as the schema wants it."""
        assert all(isinstance(one["next"], str) for one in made(items=self.ITEMS, total=WHOLE, next=TEXT))

    def test_of_a_thing(self) -> None:
        """The next chapter of a chapter with scenes is no page."""
        found = made(id=WHOLE, items=self.ITEMS, next=self.LINK)
        assert any(one["next"] is not None for one in found)
