from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.behavior.functions import (
    FUNCTIONS,
    add,
    between,
    clamp,
    date,
    days_in,
    deep_merge,
    digest,
    epoch,
    extract,
    extract_all,
    flat,
    format_time,
    mapping_of,
    matches,
    merge,
    moment,
    occurrences,
    omit,
    parts,
    pick,
    ratio,
    replace_text,
    split,
    weekday,
)

MOMENTS = st.datetimes(datetime(1, 1, 10), datetime(9999, 12, 20)).map(lambda one: one.replace(microsecond=0))
ZONES = st.sampled_from(["Z", "", "+02:00", "-11:30", "+00:00"])
TIMES = st.builds(lambda one, zone: one.isoformat() + zone, MOMENTS, ZONES)
SPACED = MOMENTS.map(lambda one: one.isoformat(" "))
DAYS = MOMENTS.map(lambda one: one.date().isoformat())
SECONDS = st.integers(-10 * 86400, 10 * 86400).filter(lambda n: abs(n) < 9 * 86400)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


class TestAdd:
    @given(TIMES | SPACED, SECONDS)
    def test_what_was_added_lies_between(self, time: str, seconds: int) -> None:
        """Adding and measuring are one arithmetic, whatever the format and the zone."""
        assert between(time, add(time, seconds=seconds)) == seconds

    @given(TIMES | SPACED | DAYS, SECONDS)
    def test_and_can_be_taken_away(self, time: str, seconds: int) -> None:
        """The way back leads to the same text: format, zone and leading zeros are kept."""
        days = seconds // 86400
        assert add(add(time, days=days), days=-days) == time

    @given(DAYS, st.integers(-9, 9))
    def test_days_of_a_day(self, day: str, days: int) -> None:
        """A day stays a day."""
        assert between(day, add(day, days=days)) == days * 86400
        assert len(add(day, days=days)) == len(day) == 10

    def test_beyond_the_calendar_is_its_end(self):
        """A client may ask for three million days; a rule that fails for it would be a 500."""
        assert add("2026-01-01T00:00:00Z", days=3_727_642) == "9999-12-31T23:59:59Z"
        assert add("2026-01-01", days=-(10**400)) == "0001-01-01"
        assert add("2026-01-01T00:00:00Z", months=10**9) == "9999-12-31T23:59:59Z"

    @given(st.integers(1900, 2100), st.integers(1, 12), st.integers(1, 31), st.integers(-30, 30))
    def test_months(self, year: int, month: int, day: int, months: int) -> None:
        """A month later is the same day of that month, or its last where it is shorter."""
        try:
            start = datetime(year, month, day, tzinfo=UTC)
        except ValueError:
            assume(False)
        found = parts(add(start.date().isoformat(), months=months))
        assert (found["year"] * 12 + found["month"]) - (year * 12 + month) == months
        if found["day"] != day:
            assert found["day"] < day
            next_day = datetime(found["year"], found["month"], found["day"]) + timedelta(days=1)
            assert next_day.day == 1

    @pytest.mark.parametrize(
        ("time", "moved"),
        [
            ("2026-01-31T10:00:00Z", "2026-01-31T11:00:05Z"),
            ("2026-01-31T10:00:00.250Z", "2026-01-31T11:00:05.250Z"),
            ("2026-01-31T10:00:00+02:00", "2026-01-31T11:00:05+02:00"),
            ("2026-01-31T10:00:00", "2026-01-31T11:00:05"),
            ("2026-01-31 10:00:00", "2026-01-31 11:00:05"),
            ("2026-01-31", "2026-01-31"),
            ("0001-01-01T00:00:00Z", "0001-01-01T01:00:05Z"),
        ],
    )
    def test_the_format_stays(self, time: str, moved: str) -> None:
        """What is computed from a row's time looks like it."""
        assert add(time, hours=1, seconds=5) == moved

    def test_month_before_days(self) -> None:
        """The end of next month and two days more is in the month after."""
        assert add("2026-01-31", months=1, days=2) == "2026-03-02"
        assert add("2024-02-29", months=12) == "2025-02-28"

    @pytest.mark.parametrize(
        "wrong", ["soon", "", "2026-13-01", "2026-02-30", "10:00", None, 5, ["2026-01-01"]]
    )
    def test_what_is_no_time(self, wrong: Any) -> None:
        """A ValueError, which expressions report with their place."""
        with pytest.raises(ValueError):
            add(wrong, days=1)


class TestTimes:
    @given(st.integers(-(10**10), 10**11))
    def test_a_moment_is_its_epoch(self, seconds: int) -> None:
        """Text and seconds since 1970 are two ways to write one thing."""
        assert epoch(moment(seconds)) == seconds

    def test_a_moment_has_whole_seconds(self) -> None:
        """Time that flows is cut, not rounded into the future."""
        assert moment(0.999) == "1970-01-01T00:00:00Z"
        assert moment(-0.5) == "1969-12-31T23:59:59Z"

    @given(TIMES | SPACED | DAYS)
    def test_parts_agree_with_the_text(self, time: str) -> None:
        """Year, month and so on are those that are written, not those of another zone."""
        found = parts(time)
        assert date(time) == time[:10] == f"{found['year']:04}-{found['month']:02}-{found['day']:02}"
        assert time[11:19] in ("", f"{found['hour']:02}:{found['minute']:02}:{found['second']:02}")
        assert weekday(time) == datetime.fromisoformat(time[:10]).weekday()

    def test_the_zone_counts(self) -> None:
        """Noon in Berlin is before noon in London."""
        assert between("2026-07-01T12:00:00+02:00", "2026-07-01T12:00:00+01:00") == 3600
        assert between("2026-07-02", "2026-07-01") == -86400

    def test_written_by_a_pattern(self) -> None:
        """For APIs with a format of their own."""
        assert format_time("2026-05-15T10:07:09Z", "%d/%m/%Y %H:%M") == "15/05/2026 10:07"


class TestNumbers:
    @given(st.integers(-(10**6), 10**6), st.integers(1, 10**4), st.integers(0, 4))
    def test_a_ratio_is_rounded_as_people_do(self, a: int, b: int, digits: int) -> None:
        """Half up, away from zero: 0.125 is 0.13, not the 0.12 of banks."""
        exact = Decimal(a) / Decimal(b)
        wanted = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        assert ratio(a, b, digits) == float(wanted)

    def test_without_digits_it_is_the_quotient(self) -> None:
        """What is recomputed by a client from the numbers beside it must come out."""
        assert ratio(1, 3) == 1 / 3

    def test_nothing_is_divided_by_zero(self) -> None:
        """A rate of no posts is what the document says it is: 0, or null."""
        assert ratio(5, 0) == 0
        assert ratio(5, 0, 2, None) is None

    def test_no_digits_is_an_integer(self) -> None:
        """50 is a valid `type: integer`, and "50" in JSON; 50.0 is another text."""
        assert ratio(1, 2, 0) == 1
        assert isinstance(ratio(1, 2, 0), int)

    def test_what_has_no_places_is_left(self) -> None:
        """1e308 with two places is no number any more; it is not rounded."""
        assert ratio(1e308, 1, 2) == 1e308

    def test_clamp(self) -> None:
        """Progress neither starts below none nor ends above all."""
        assert [clamp(x, 0, 10) for x in (-1, 5, 11)] == [0, 5, 10]

    def test_ranges_are_bounded(self) -> None:
        """A number from a request makes no list of a billion."""
        assert len(FUNCTIONS["range"](10**9)) == 100_000
        assert FUNCTIONS["range"](2, 5) == [2, 3, 4]


class TestText:
    @given(
        st.text("abAB.*", max_size=12),
        st.text("abAB.*", min_size=1, max_size=3),
        st.text("xy*\\1", max_size=3),
    )
    def test_replaced_literally_in_any_case(self, text: str, needle: str, replacement: str) -> None:
        """Every sign of needle and replacement means itself; the count is of what is replaced."""
        expected, rest, count = "", text, 0
        while (at := rest.lower().find(needle.lower())) >= 0:
            expected, rest, count = expected + rest[:at] + replacement, rest[at + len(needle) :], count + 1
        assert replace_text(text, needle, replacement) == expected + rest
        assert occurrences(text, needle) == count

    def test_what_is_no_text(self) -> None:
        """A campaign without a note has no occurrences, and keeps its null."""
        assert occurrences(None, "a") == 0
        assert replace_text(None, "a", "b") is None
        assert occurrences("abc", "") == 0
        assert replace_text("abc", "", "x") == "abc"

    def test_matches_from_start_to_end(self) -> None:
        """A pattern describes all of the text, without anchors."""
        assert matches("abc1", "[a-z]+[0-9]")
        assert not matches("abc1\n", "[a-z]+[0-9]")
        assert not matches("xabc1", "a.*")
        assert not matches(None, ".*")

    def test_a_long_text_is_not_matched(self) -> None:
        """A client chooses the text; it does not choose how long a regular expression works."""
        assert not matches("a" * 200_001, "a*")
        assert extract("x" * 200_000 + "7", "[0-9]") != "7"

    def test_extract(self) -> None:
        """The first group where there is one, else all that was found."""
        assert extract("id=42&id=43", "id=([0-9]+)") == "42"
        assert extract("id=42", "[0-9]+") == "42"
        assert not extract("none", "[0-9]+")
        assert extract_all("id=42&id=43", "id=([0-9]+)") == ["42", "43"]
        assert extract_all(None, "x") == []

    def test_split(self) -> None:
        """As people write lists: with spaces, and a comma too many."""
        assert split(" a, b ,,c,") == ["a", "b", "c"]
        assert split(None) == []
        assert split("a|b", "|") == ["a", "b"]

    def test_digest(self) -> None:
        """The same on every machine, and of the length that was asked for."""
        assert digest("abc") == digest("abc") == "bddd813c634239723171ef3fee98579b"[:16]
        assert len(digest(5, 8)) == 8


class TestDaysIn:
    @pytest.mark.parametrize(
        ("prose", "days"),
        [
            ("from March 1, 2025 to March 15, 2025", ["2025-03-01", "2025-03-15"]),
            ("March 1 - April 2nd", ["2026-03-01", "2026-04-02"]),
            ("the 3rd of nothing, but 3 Sept. 2024", ["2024-09-03"]),
            ("1 March", ["2026-03-01"]),
            ("between 2025-03-01 and 2025-12-31.", ["2025-03-01", "2025-12-31"]),
            ("February 30 and 2025-02-30", []),
            ("a marvellous decade, 5 people may come", []),
            ("", []),
            (None, []),
        ],
    )
    def test_prose(self, prose: Any, days: list[str]) -> None:
        """What a person means by a day, in the order in which it is said; what is no day is none."""
        assert days_in(prose, 2026) == days


class TestData:
    @given(JSON, JSON)
    def test_laid_over_twice_is_laid_over_once(self, a: Any, b: Any) -> None:
        """Merging is repeatable, and changes neither side."""
        before = copy.deepcopy((a, b))
        once = deep_merge(a, b)
        assert deep_merge(once, b) == once
        assert (a, b) == before

    @given(st.dictionaries(st.sampled_from("abc"), JSON))
    def test_nothing_laid_over_changes_nothing(self, a: Any) -> None:
        """An empty change is none, and over nothing comes the change itself."""
        assert deep_merge(a, {}) == deep_merge({}, a) == a

    def test_lists_are_replaced(self) -> None:
        """A list in an update is the new list."""
        assert deep_merge({"a": {"b": [1, 2], "c": 1}}, {"a": {"b": [3]}}) == {"a": {"b": [3], "c": 1}}

    def test_merge_is_flat(self) -> None:
        """Only the first level is laid over; nothing is laid over nothing."""
        assert merge({"a": {"b": 1}}, {"a": {"c": 2}}) == {"a": {"c": 2}}
        assert merge(None, {"a": 1}) == merge({"a": 1}, None) == {"a": 1}

    def test_pick_and_omit(self) -> None:
        """What is not there is not made up."""
        row = {"a": 1, "b": 2, "c": 3}
        assert pick(row, "a", "z") == {"a": 1}
        assert pick(row, ["b", "c"]) == {"b": 2, "c": 3}
        assert omit(row, "a", "z") == {"b": 2, "c": 3}

    def test_pairs_and_lists(self) -> None:
        """Keys of a mapping are text, as JSON's are."""
        assert mapping_of([[1, "a"], ["b", 2]]) == {"1": "a", "b": 2}
        assert flat([[1], [], [2, 3]]) == [1, 2, 3]
