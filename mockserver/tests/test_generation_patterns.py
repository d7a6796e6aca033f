"""
Tests of strings: patterns of ECMA-262, formats, lengths, and all of them at once.
"""

from __future__ import annotations

import re

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.errors import Ungeneratable
from mockserver.generation import Generator, string_matching
from mockserver.generation.formats import FORMATS
from mockserver.tests.costs import growth

PATTERNS = [
    r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,32}$",
    r"^(?!foo)[a-z]{3}$",
    r"^(?:(?!--)[a-z-])+$",
    r"^((?!tmp).)*$",
    r"(?<=a)b$",
    r"(?<!a)b$",
    r"\bfoo\b",
    r"\Bx\B",
    r"^(\w)\1$",
    r"^\p{Lu}\p{L}+$",
    r"^\p{Script=Greek}{2}$",
    r"^\P{L}+$",
    r"^\cA$",
    r"^\u{1F600}$",
    r"^[\w.-]+/[\w.-]+$",
    r"^[\]\\^-]+$",
    r"a|^b$",
    r"^$|^\d+$",
    r"^(?!^0+$)[0-9]{10}$",
    r"^(?!\s)(?!.*\s$).+$",
    r"^[a-z]{1,63}(\.[a-z]{1,63}){0,10}$",
    r"^[\s\S]{300,}$",
    r"^(a+)+$",
    r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
]


class TestPatterns:
    """A string is found, and an engine that is not ours agrees."""

    @pytest.mark.parametrize("pattern", PATTERNS)
    def test_it_matches(self, pattern):
        """
        Anchors, lookarounds, references and classes as ECMA-262 has them.
        """
        judge = jsonschema_rs.Draft202012Validator({"pattern": pattern})
        made = [string_matching(pattern, str(number)) for number in range(20)]
        assert all(judge.is_valid(text) for text in made), made
        assert made == [string_matching(pattern, str(number)) for number in range(20)]

    @pytest.mark.parametrize(
        ("pattern", "python"),
        [
            (r"^(?<a>[ab])-\k<a>$", r"a-a|b-b"),
            (r"^\ud83d\ude00$", "😀"),
            (r"^[^]{3}$", r"[\s\S]{3}"),
            (r"^[[:alpha:]]{2}\Z", "[a-zA-Z]{2}"),
            (r"^(?P<year>\d{4})$", r"\d{4}"),
        ],
    )
    def test_what_few_engines_read(self, pattern, python):
        """
        Named references, surrogate pairs, the class of everything, a brace that is only a brace, and other
        dialects.
        """
        assert all(re.fullmatch(python, string_matching(pattern, str(number))) for number in range(10))

    @pytest.mark.parametrize(
        ("pattern", "low", "high"),
        [("^[a-z]+$", 40, 44), ("a{3}|b{10}", 10, 10), ("x", 5, 6), ("^.*$", 0, 0)],
    )
    def test_it_has_the_length(self, pattern, low, high):
        """
        Lengths are code points, and are met together with the pattern.
        """
        for number in range(10):
            assert low <= len(string_matching(pattern, str(number), min_length=low, max_length=high)) <= high

    def test_there_is_none(self):
        """
        A pattern that contradicts its length is told, quickly.
        """
        with pytest.raises(Ungeneratable):
            string_matching("^[a-z]{5}$", "x", max_length=4)

    def test_it_is_no_pattern(self):
        """
        So is one that cannot be read.
        """
        with pytest.raises(Ungeneratable, match="cannot be read"):
            string_matching("^(a$", "x")

    def test_a_hostile_pattern_costs_no_more(self):
        """
        Exponential backtracking is the engine's that is asked, and ours does not backtrack.
        """

        def made(least: int) -> str:
            schema = {
                "type": "string",
                "allOf": [{"pattern": "^(a|a)*$"}, {"pattern": "^(a*)*b?$"}],
                "minLength": least,
            }
            return Generator(schema).value("x")

        assert set(made(30)) == {"a"}
        assert growth(made, 30) < 30

    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(
            st.sampled_from(["a", "[bc]", ".", r"\d", "(x|yz)", "(?!q)", "(?=[a-z0-9])", "[^a]"]),
            min_size=1,
            max_size=5,
        )
    )
    def test_pieces_put_together(self, pieces):
        """
        Whatever is built of pieces that go together matches itself.
        """
        pattern = "^" + "".join(
            piece if piece.startswith("(?") else f"{piece}{'+' * (len(piece) % 2)}" for piece in pieces
        )
        try:
            made = string_matching(pattern, "x")
        except Ungeneratable:
            return  # "(?=[a-z0-9])" before something that begins otherwise
        assert jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(made)


class TestFormats:
    """Every format of JSON Schema and of OpenAPI's registry."""

    @pytest.mark.parametrize("name", sorted(FORMATS))
    def test_two_judges_agree(self, name):
        """
        What is made for a format has it, by jsonschema and by jsonschema-rs (which pass over those they do
        not know).
        """
        schema = {"type": "string", "format": name}
        slow = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        fast = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for number in range(30):
            value = Generator(schema).value(str(number))
            assert slow.is_valid(value), value
            assert fast.is_valid(value), value

    @pytest.mark.parametrize(
        ("name", "bounds"),
        [
            ("email", {"maxLength": 9}),
            ("email", {"minLength": 70}),
            ("uri", {"minLength": 300}),
            ("uri", {"pattern": r"^ftp://.*\.txt$"}),
            ("hostname", {"minLength": 100}),
            ("date", {"pattern": "^2024-02-"}),
            ("date-time", {"pattern": r"\+"}),
            ("uuid", {"pattern": "^[0-9A-F-]+$"}),
            ("ipv4", {"pattern": r"^10\."}),
            ("byte", {"minLength": 50, "maxLength": 52}),
            ("time", {"pattern": "^23:"}),
        ],
    )
    def test_with_a_pattern_or_a_length(self, name, bounds):
        """
        A format does not excuse from the other keywords.
        """
        schema = {"type": "string", "format": name, **bounds}
        fast = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for number in range(5):
            value = Generator(schema).value(str(number))
            assert fast.is_valid(value), value

    def test_integer_formats_bound(self):
        """
        int32 ends where it ends, whatever the minimum says.
        """
        value = Generator({"type": "integer", "format": "int32", "minimum": 2**31 - 2}).value("x")
        assert value in (2**31 - 2, 2**31 - 1)

    def test_unknown_formats_bind_nothing(self):
        """
        A format that nobody knows is an annotation (Validation, 7.2.3).
        """
        assert isinstance(Generator({"type": "string", "format": "x-nobody-knows"}).value("x"), str)
