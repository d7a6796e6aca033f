from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.encoded import Misread, cookies, fields
from mockserver.contract.model import Parameter, Schema
from mockserver.contract.shapes import Shape, scalar
from mockserver.contract.styles import (
    cookie_reader,
    header_reader,
    path_reader,
    query_reader,
    querystring_reader,
)
from mockserver.contract.written import write
from mockserver.exchange import MISSING, Json, Place
from mockserver.validation.values import RawValidator

PLACE = Place("test.yaml", "")
DEFAULT_STYLES = {
    "path": "simple",
    "query": "form",
    "header": "simple",
    "cookie": "form",
    "querystring": "form",
}


class Given:
    """Stands for `contract.schema.Schemas`: one schema, as it is."""

    def __init__(self, schema: Json) -> None:
        self.schema = schema

    def compiled(self, _place: Place, _direction: str) -> Json:
        """As `Schemas.compiled`."""
        return self.schema


def parameter(
    schema: Json, location: Any = "query", style: str = "", explode: bool | None = None, **more: Any
) -> Parameter:
    style = style or DEFAULT_STYLES[location]
    return Parameter(
        name=more.pop("name", "color"),
        location=location,
        required=False,
        style=style,
        explode=style in ("form", "cookie") if explode is None else explode,
        schema=Schema(PLACE, Given(schema)),  # type: ignore[arg-type]
        place=PLACE,
        **more,
    )


def judge(schema: Json) -> Any:
    return RawValidator(schema).is_valid


def read_query(one: Parameter, query: str, others: tuple[str, ...] = ()) -> Json:
    return query_reader(one, judge, others)(fields(query))


STRINGS = {"type": "array", "items": {"type": "string"}}
INTEGERS = {"type": "array", "items": {"type": "integer"}}
RGB = {"type": "object", "properties": {channel: {"type": "integer"} for channel in "RGB"}}
BLUES = ["blue", "black", "brown"]
COLOR = {"R": 100, "G": 200, "B": 150}


class TestExamplesOfTheSpecification:
    """The table of OpenAPI 3.1.1, "Style Examples": read as written, and written so."""

    @pytest.mark.parametrize(
        ("location", "style", "explode", "schema", "value", "text"),
        [
            ("path", "matrix", False, {"type": "string"}, "blue", ";color=blue"),
            ("path", "matrix", False, STRINGS, BLUES, ";color=blue,black,brown"),
            ("path", "matrix", False, RGB, COLOR, ";color=R,100,G,200,B,150"),
            ("path", "matrix", True, STRINGS, BLUES, ";color=blue;color=black;color=brown"),
            ("path", "matrix", True, RGB, COLOR, ";R=100;G=200;B=150"),
            ("path", "label", False, {"type": "string"}, "blue", ".blue"),
            ("path", "label", False, STRINGS, BLUES, ".blue,black,brown"),
            ("path", "label", False, RGB, COLOR, ".R,100,G,200,B,150"),
            ("path", "label", True, STRINGS, BLUES, ".blue.black.brown"),
            ("path", "label", True, RGB, COLOR, ".R=100.G=200.B=150"),
            ("path", "simple", False, {"type": "integer"}, 5, "5"),
            ("path", "simple", False, STRINGS, BLUES, "blue,black,brown"),
            ("path", "simple", False, RGB, COLOR, "R,100,G,200,B,150"),
            ("path", "simple", True, RGB, COLOR, "R=100,G=200,B=150"),
            ("header", "simple", False, STRINGS, BLUES, "blue,black,brown"),
            ("header", "simple", True, RGB, COLOR, "R=100,G=200,B=150"),
            ("query", "form", True, {"type": "string"}, "blue", "color=blue"),
            ("query", "form", True, {"type": "string"}, "", "color="),
            ("query", "form", False, STRINGS, BLUES, "color=blue,black,brown"),
            ("query", "form", False, RGB, COLOR, "color=R,100,G,200,B,150"),
            ("query", "form", True, STRINGS, BLUES, "color=blue&color=black&color=brown"),
            ("query", "form", True, RGB, COLOR, "R=100&G=200&B=150"),
            ("query", "spaceDelimited", False, STRINGS, BLUES, "color=blue%20black%20brown"),
            ("query", "spaceDelimited", False, RGB, COLOR, "color=R%20100%20G%20200%20B%20150"),
            ("query", "pipeDelimited", False, STRINGS, BLUES, "color=blue%7Cblack%7Cbrown"),
            ("query", "pipeDelimited", False, RGB, COLOR, "color=R%7C100%7CG%7C200%7CB%7C150"),
            ("query", "deepObject", True, RGB, COLOR, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
            ("cookie", "form", True, {"type": "string"}, "blue", "color=blue"),
            ("cookie", "form", False, STRINGS, BLUES, "color=blue,black,brown"),
            ("cookie", "form", True, STRINGS, BLUES, "color=blue&color=black&color=brown"),
            ("cookie", "cookie", True, STRINGS, BLUES, "color=blue; color=black; color=brown"),
            ("cookie", "cookie", True, RGB, COLOR, "R=100; G=200; B=150"),
        ],
    )
    def test_both_ways(
        self, location: Any, style: str, explode: bool, schema: Json, value: Json, text: str
    ) -> None:
        """What the specification prints is what we write, and what we understand."""
        one = parameter(schema, location, style, explode)
        assert write(one, value) == text
        if location == "query":
            assert read_query(one, text) == value
        else:
            readers: Any = {"path": path_reader, "header": header_reader, "cookie": cookie_reader}
            assert readers[location](one, judge)(text) == value

    def test_unescaped_delimiters(self) -> None:
        """Browsers send "|" as it is, and a space as "+"."""
        assert read_query(parameter(STRINGS, style="pipeDelimited", explode=False), "color=a|b") == ["a", "b"]
        assert read_query(parameter(STRINGS, style="spaceDelimited", explode=False), "color=a+b") == [
            "a",
            "b",
        ]


class TestPercentDecoding:
    def test_delimiter_inside_a_value(self) -> None:
        """ "%2C" is a comma of the value; "," is one between values."""
        assert read_query(parameter(STRINGS, explode=False), "color=a%2Cb,c") == ["a,b", "c"]
        assert path_reader(parameter(STRINGS, "path"))("a%2Cb,c") == ["a,b", "c"]

    def test_slash_in_a_path(self) -> None:
        """ "%2F" is a character of the id."""
        assert path_reader(parameter({"type": "string"}, "path"))("a%2Fb") == "a/b"

    def test_plus(self) -> None:
        """ "+" is a space in a query and a plus sign in a path (RFC 3986 knows no such space)."""
        assert read_query(parameter({"type": "string"}), "color=a+b%2Bc") == "a b+c"
        assert path_reader(parameter({"type": "string"}, "path"))("a+b") == "a+b"

    def test_not_utf_8(self) -> None:
        """Bytes that are no text cannot be a value; that is said, not guessed."""
        with pytest.raises(Misread, match="UTF-8"):
            read_query(parameter({"type": "string"}), "color=%FF")

    def test_lone_percent_sign(self) -> None:
        """ "100%" means itself, as every browser reads it."""
        assert read_query(parameter({"type": "string"}), "color=100%") == "100%"

    def test_bytes_handed_over_as_latin_1(self) -> None:
        """
        A door without an opinion hands non-ASCII bytes over as latin-1 text; they are UTF-8 all the same.
        """
        assert read_query(parameter({"type": "string"}), "color=" + "é".encode().decode("latin-1")) == "é"


class TestScalars:
    @pytest.mark.parametrize(
        ("schema", "text", "value"),
        [
            ({"type": "integer"}, "5", 5),
            ({"type": "integer"}, "-0", 0),
            ({"type": "integer"}, "5.0", 5),
            ({"type": "integer"}, "1e3", 1000),
            ({"type": "integer"}, "5.5", 5.5),
            ({"type": "integer"}, "007", "007"),
            ({"type": "integer"}, "+5", "+5"),
            ({"type": "integer"}, " 5", " 5"),
            ({"type": "integer"}, "٣", "٣"),
            ({"type": "integer"}, "1_000", "1_000"),
            ({"type": "integer"}, "", ""),
            ({"type": "integer"}, "9" * 5000, "9" * 5000),
            ({"type": "number"}, "1e999", "1e999"),
            ({"type": "number"}, "NaN", "NaN"),
            ({"type": "number"}, "1.5", 1.5),
            ({"type": "number"}, "12345678901234567890123", 12345678901234567890123),
            ({"type": "boolean"}, "true", True),
            ({"type": "boolean"}, "True", "True"),
            ({"type": "boolean"}, "1", "1"),
            ({"type": "string"}, "5", "5"),
            ({"type": "string"}, "true", "true"),
            ({}, "5", "5"),
            ({"type": ["integer", "null"]}, "", None),
            ({"type": ["integer", "null"]}, "null", None),
            ({"type": ["string", "null"]}, "null", "null"),
            ({"type": ["integer", "string"]}, "5", 5),
            ({"type": ["integer", "string"]}, "five", "five"),
            ({"enum": [1, 2, "auto"]}, "2", 2),
            ({"enum": [1, 2, "auto"]}, "auto", "auto"),
            ({"const": True}, "true", True),
            ({"allOf": [{"$ref": "#/$defs/N"}, {"minimum": 1}], "$defs": {"N": {"type": "integer"}}}, "5", 5),
            (
                {"oneOf": [{"type": "integer", "maximum": 9}, {"type": "string", "pattern": "^.{5}$"}]},
                "12345",
                "12345",
            ),
            ({"oneOf": [{"type": "integer", "maximum": 9}, {"type": "string", "pattern": "^.{5}$"}]}, "7", 7),
        ],
    )
    def test_reading(self, schema: Json, text: str, value: Json) -> None:
        """Only what JSON would write so is a number or a boolean; everything else stays what was sent."""
        read = scalar(Shape(schema), judge)(text)
        assert read == value
        assert type(read) is type(value)

    def test_recursive_schema(self) -> None:
        """A schema that leads back to itself has kinds all the same."""
        schema = {
            "$ref": "#/$defs/A",
            "$defs": {"A": {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "integer"}]}},
        }
        assert "integer" in Shape(schema).kinds


class TestQuery:
    def test_not_sent(self) -> None:
        """Nothing sent is `MISSING`, which is not an empty text."""
        assert read_query(parameter({"type": "string"}), "other=1") is MISSING
        assert read_query(parameter({"type": "string"}), "color=") == ""

    def test_repeated_scalar(self) -> None:
        """Two values where one is taken: we do not choose."""
        with pytest.raises(Misread, match="2 times") as caught:
            read_query(parameter({"type": "string"}), "color=a&color=b")
        assert caught.value.keyword == "maxItems"

    def test_one_item(self) -> None:
        """An array of one is an array, also where the one is empty: no item leaves nothing behind."""
        assert read_query(parameter(STRINGS), "color=a") == ["a"]
        assert read_query(parameter(STRINGS), "color=") == [""]
        assert read_query(parameter(STRINGS, explode=False), "color=") == [""]
        assert read_query(parameter(INTEGERS), "color=") == [""]

    def test_objects_in_an_array(self) -> None:
        """No style says how to write them: what clients write is JSON."""
        objects = {"type": "array", "items": {"type": "object"}}
        assert read_query(parameter(objects), "color=%7B%22a%22:1%7D&color=%7B%7D") == [{"a": 1}, {}]
        assert read_query(parameter(objects), "color=%7Ba:1%7D&color=%7B%22a%22:NaN%7D") == [
            "{a:1}",
            '{"a":NaN}',
        ]
        assert read_query(parameter({"type": "string"}), "color=%7B%22a%22:1%7D") == '{"a":1}'
        assert read_query(parameter(STRINGS), "color=%5B1%5D") == ["[1]"]

    def test_items_by_position(self) -> None:
        """`prefixItems` types each item by its place."""
        schema = {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}
        assert read_query(parameter(schema, explode=False), "color=1,2,3") == ["1", 2, 3]

    def test_scalar_or_array(self) -> None:
        """Where both are allowed one value is a scalar, several are an array."""
        schema = {"anyOf": [{"type": "string"}, STRINGS]}
        assert read_query(parameter(schema), "color=a") == "a"
        assert read_query(parameter(schema), "color=a&color=b") == ["a", "b"]

    def test_exploded_object_leaves_the_others(self) -> None:
        """A map takes what no other parameter claims."""
        schema = {"type": "object", "additionalProperties": {"type": "integer"}}
        assert read_query(parameter(schema), "a=1&b=2&limit=5", ("color", "limit")) == {"a": 1, "b": 2}

    def test_exploded_object_by_its_own_name(self) -> None:
        """An exploded object's name stands nowhere on the wire; a value under it is no object."""
        with pytest.raises(Misread, match="property=value"):
            read_query(parameter(RGB), "color=5")
        assert read_query(parameter({"anyOf": [RGB, {"type": "integer"}]}), "color=5") == 5

    def test_odd_parts(self) -> None:
        """ "R,100,G" is no object: names and values come in pairs."""
        with pytest.raises(Misread, match="3 parts"):
            read_query(parameter(RGB, explode=False), "color=R,100,G")

    def test_empty_value_allowed(self) -> None:
        """`allowEmptyValue`: "?color" is a flag, whatever the type."""
        one = parameter(INTEGERS, allow_empty_value=True)
        assert read_query(one, "color") == ""
        assert read_query(one, "color=1") == [1]

    def test_content(self) -> None:
        """`content` parameters are written in their media type."""
        one = parameter({"type": "object"}, content="application/json")
        assert write(one, {"a": [1, "x y"]}) == "color=%7B%22a%22%3A%20%5B1%2C%20%22x%20y%22%5D%7D"
        assert read_query(one, write(one, {"a": [1, "x y"]})) == {"a": [1, "x y"]}
        with pytest.raises(Misread, match="not JSON"):
            read_query(one, "color={a:1}")

    def test_reserved(self) -> None:
        """`allowReserved` leaves what cannot end or split the query."""
        one = parameter({"type": "string"}, allow_reserved=True)
        assert write(one, "a/b?c:d&e=f#g") == "color=a/b?c:d%26e%3Df%23g"
        assert read_query(one, "color=a/b?c:d%26e%3Df%23g") == "a/b?c:d&e=f#g"

    def test_whole_query(self) -> None:
        """OpenAPI 3.2: the query as one value."""
        schema = {"type": "object", "properties": {"limit": {"type": "integer"}, "tag": STRINGS}}
        form = parameter(schema, "querystring", content="application/x-www-form-urlencoded")
        assert querystring_reader(form)("limit=5&tag=a&tag=b") == {"limit": 5, "tag": ["a", "b"]}
        json_whole = parameter(schema, "querystring", content="application/json")
        assert querystring_reader(json_whole)("%7B%22limit%22:5%7D") == {"limit": 5}


class TestDeepObject:
    SCHEMA: ClassVar[Json] = {
        "type": "object",
        "properties": {
            "limit": {"type": "integer"},
            "tags": STRINGS,
            "range": {"type": "object", "properties": {"from": {"type": "number"}}},
            "people": {
                "type": "array",
                "items": {"type": "object", "properties": {"age": {"type": "integer"}}},
            },
        },
    }

    @pytest.mark.parametrize(
        ("query", "value"),
        [
            ("color[limit]=5", {"limit": 5}),
            ("color%5Blimit%5D=5", {"limit": 5}),
            ("color[range][from]=1.5", {"range": {"from": 1.5}}),
            ("color[tags]=a&color[tags]=b", {"tags": ["a", "b"]}),
            ("color[tags][]=a&color[tags][]=b", {"tags": ["a", "b"]}),
            ("color[tags][1]=b&color[tags][0]=a", {"tags": ["a", "b"]}),
            ("color[people][0][age]=3&color[people][1][age]=4", {"people": [{"age": 3}, {"age": 4}]}),
            ("color[unknown]=5", {"unknown": "5"}),
        ],
    )
    def test_nesting(self, query: str, value: Json) -> None:
        """The specification defines one level; clients send more, and it is clear what they mean."""
        assert read_query(parameter(self.SCHEMA, style="deepObject"), query) == value

    @pytest.mark.parametrize("query", ["color=5", "color[a=5", "color[a]b=5", "color[a]=1&color[a][b]=2"])
    def test_unreadable(self, query: str) -> None:
        """What cannot be an object is said, not guessed."""
        with pytest.raises(Misread):
            read_query(parameter(self.SCHEMA, style="deepObject"), query)

    def test_too_deep(self) -> None:
        """A thousand brackets are an attack, not an object."""
        with pytest.raises(Misread, match="levels deep"):
            read_query(parameter(self.SCHEMA, style="deepObject"), "color" + "[a]" * 1000 + "=1")


class TestCookies:
    def test_among_others(self) -> None:
        """Cookies stand beside each other, quoted or not (RFC 6265, 4.2.1)."""
        assert cookie_reader(parameter({"type": "integer"}, "cookie"))('a=1; color="5"; b=2') == 5

    def test_ampersand_of_another_cookie(self) -> None:
        """ "&" in another cookie's value does not end it, as long as ours is one value."""
        assert cookies("a=1&color=2; color=3") == {"a": ["1&color=2"], "color": ["3"]}
        assert cookie_reader(parameter({"type": "integer"}, "cookie"))("a=1&color=2; color=3") == 3


# "," and "." and such are data in a value only where the place percent-encodes; a header does not.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
KEYS = st.dictionaries(st.sampled_from("RGB"), st.integers(), min_size=1)


class TestWhatIsWrittenIsRead:
    @given(
        st.lists(TEXT, min_size=1, max_size=4), st.sampled_from(["simple", "label", "matrix"]), st.booleans()
    )
    def test_path_arrays(self, value: list[str], style: str, explode: bool) -> None:
        """
        Any text survives the path, delimiters and slashes included (but "." of label: RFC 3986 never encodes
        it).
        """
        if style == "label" and explode:
            value = [text.replace(".", "-") for text in value]
        one = parameter(STRINGS, "path", style, explode)
        assert path_reader(one)(write(one, value)) == value
        assert "/" not in write(one, value)

    @given(KEYS, st.sampled_from(["simple", "label", "matrix"]), st.booleans())
    def test_path_objects(self, value: dict[str, int], style: str, explode: bool) -> None:
        """An object survives the path."""
        one = parameter(RGB, "path", style, explode)
        assert path_reader(one)(write(one, value)) == value

    @given(
        st.lists(TEXT, min_size=2, max_size=4),
        st.sampled_from([("form", True), ("form", False)]),
        st.booleans(),
    )
    def test_query_arrays(self, value: list[str], how: tuple[str, bool], reserved: bool) -> None:
        """Any text survives the query."""
        one = parameter(STRINGS, "query", *how, allow_reserved=reserved and how[1])
        assert read_query(one, write(one, value)) == value

    @given(
        KEYS,
        st.sampled_from([("form", True), ("form", False), ("deepObject", True), ("pipeDelimited", False)]),
    )
    def test_query_objects(self, value: dict[str, int], how: tuple[str, bool]) -> None:
        """An object survives the query."""
        one = parameter(RGB, "query", *how)
        assert read_query(one, write(one, value)) == value

    @given(TEXT, st.sampled_from(["query", "path"]))
    def test_text(self, value: str, location: str) -> None:
        """Any text survives where one value is taken."""
        one = parameter({"type": "string"}, location)
        text = write(one, value)
        assert unquote(text).endswith(value) or "+" in text
        assert (read_query(one, text) if location == "query" else path_reader(one)(text)) == value

    @given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans()))
    def test_scalars(self, value: Json) -> None:
        """Numbers and booleans come back as what they were."""
        kind = "boolean" if isinstance(value, bool) else "number"
        assert read_query(parameter({"type": kind}), write(parameter({"type": kind}), value)) == value

    @given(st.text(max_size=30))
    def test_any_query_is_read(self, query: str) -> None:
        """No query makes the reader fail otherwise than by saying so."""
        for schema in (STRINGS, RGB, {"type": "integer"}, {"anyOf": [STRINGS, {"type": "null"}]}):
            for style, explode in (
                ("form", True),
                ("form", False),
                ("deepObject", True),
                ("spaceDelimited", False),
            ):
                try:
                    read_query(parameter(schema, style=style, explode=explode), query + "&color=" + query)
                except Misread:
                    continue
