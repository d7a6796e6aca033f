from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.encoded import Misread
from mockserver.contract.shapes import Shape
from mockserver.contract.xml import read_xml, write_xml
from mockserver.exchange import Json

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def written(value: Json, schema: Json, name: str = "root") -> str:
    return write_xml(value, Shape(schema), name).decode().removeprefix(HEAD)


def read(text: str, schema: Json) -> Json:
    return read_xml(text.encode(), Shape(schema))


def properties(**schemas: Json) -> Json:
    return {"type": "object", "properties": schemas}


class TestExamplesOfTheSpecification:
    """OpenAPI 3.1.1, "XML Object Examples"."""

    @pytest.mark.parametrize(
        ("schema", "value", "text"),
        [
            (properties(animals={"type": "string"}), {"animals": "x"}, "<animals>x</animals>"),
            (
                properties(animals={"type": "string", "xml": {"name": "animal"}}),
                {"animals": "x"},
                "<animal>x</animal>",
            ),
            (
                properties(animals={"type": "array", "items": {"type": "string"}}),
                {"animals": ["a", "b"]},
                "<animals>a</animals><animals>b</animals>",
            ),
            (
                properties(animals={"type": "array", "items": {"type": "string", "xml": {"name": "animal"}}}),
                {"animals": ["a", "b"]},
                "<animal>a</animal><animal>b</animal>",
            ),
            (
                properties(
                    animals={
                        "type": "array",
                        "items": {"type": "string", "xml": {"name": "animal"}},
                        "xml": {"name": "aliens"},
                    }
                ),
                {"animals": ["a", "b"]},
                "<animal>a</animal><animal>b</animal>",
            ),
            (
                properties(animals={"type": "array", "items": {"type": "string"}, "xml": {"wrapped": True}}),
                {"animals": ["a", "b"]},
                "<animals><animals>a</animals><animals>b</animals></animals>",
            ),
            (
                properties(
                    animals={
                        "type": "array",
                        "items": {"type": "string", "xml": {"name": "animal"}},
                        "xml": {"name": "aliens", "wrapped": True},
                    }
                ),
                {"animals": ["a", "b"]},
                "<aliens><animal>a</animal><animal>b</animal></aliens>",
            ),
            (
                properties(
                    animals={
                        "type": "array",
                        "items": {"type": "string"},
                        "xml": {"name": "aliens", "wrapped": True},
                    }
                ),
                {"animals": ["a", "b"]},
                "<aliens><aliens>a</aliens><aliens>b</aliens></aliens>",
            ),
        ],
    )
    def test_both_ways(self, schema: Json, value: Json, text: str) -> None:
        """What the specification prints is what we write, and what we understand."""
        assert written(value, schema) == f"<root>{text}</root>"
        assert read(f"<root>{text}</root>", schema) == value

    def test_attribute_prefix_and_namespace(self) -> None:
        """Person of the specification: an attribute for the id, a namespace with its prefix for the name."""
        schema = {
            "$ref": "#/$defs/Person",
            "$defs": {
                "Person": properties(
                    id={"type": "integer", "xml": {"attribute": True}},
                    name={
                        "type": "string",
                        "xml": {"namespace": "https://example.com/schema/sample", "prefix": "sample"},
                    },
                )
            },
        }
        text = '<Person id="123"><sample:name xmlns:sample="https://example.com/schema/sample">example</sample:name></Person>'
        assert written({"id": 123, "name": "example"}, schema) == text
        assert read(text, schema) == {"id": 123, "name": "example"}

    def test_text_node(self) -> None:
        """OpenAPI 3.2: nodeType "text" and "cdata" stand in the element itself."""
        schema = properties(
            unit={"type": "string", "xml": {"nodeType": "attribute"}},
            value={"type": "number", "xml": {"nodeType": "text"}},
        )
        assert written({"unit": "kg", "value": 1.5}, schema, "weight") == '<weight unit="kg">1.5</weight>'
        assert read('<weight unit="kg">1.5</weight>', schema) == {"unit": "kg", "value": 1.5}
        raw = properties(value={"type": "string", "xml": {"nodeType": "cdata"}})
        assert written({"value": "a<b]]>c"}, raw) == "<root><![CDATA[a<b]]]]><![CDATA[>c]]></root>"
        assert read(written({"value": "a<b]]>c"}, raw), raw) == {"value": "a<b]]>c"}


class TestReading:
    def test_types(self) -> None:
        """Text becomes what the schema asks for; numbers may have room around them."""
        schema = properties(n={"type": "integer"}, b={"type": "boolean"}, s={"type": "string"})
        assert read("<r><n> 5 </n><b>true</b><s> x </s></r>", schema) == {"n": 5, "b": True, "s": " x "}

    def test_nothing_in_an_array(self) -> None:
        """No element is no array, unless one is required: then it is an empty one."""
        schema = properties(a={"type": "array", "items": {"type": "string"}})
        assert read("<r/>", schema) == {}
        assert read("<r/>", {**schema, "required": ["a"]}) == {"a": []}

    def test_null(self) -> None:
        """xsi:nil is XML's null."""
        schema = properties(a={"type": ["string", "null"]})
        assert read(written({"a": None}, schema), schema) == {"a": None}

    def test_undeclared(self) -> None:
        """What the schema does not name is kept, for it to refuse."""
        assert read('<r x="1"><y>2</y><z><q>3</q></z></r>', properties()) == {
            "x": "1",
            "y": "2",
            "z": {"q": "3"},
        }

    def test_array_at_the_top(self) -> None:
        """A list's items stand under the root, whatever they are called."""
        schema = {"type": "array", "items": properties(id={"type": "integer"})}
        assert read(written([{"id": 1}, {"id": 2}], schema), schema) == [{"id": 1}, {"id": 2}]

    def test_other_root(self) -> None:
        """A root of another name is another document."""
        with pytest.raises(Misread, match="<order> is expected"):
            read("<book/>", {"type": "object", "xml": {"name": "order"}})

    @pytest.mark.parametrize("text", ["<order><id>1</id></order>", "<order", "anything"])
    def test_a_text_that_is_called_xml(self, text: str) -> None:
        """`type: string` alone says that any text will do; a text of one element is what stands in it."""
        assert read(text, {"type": "string"}) == text
        assert read("<v>a</v>", {"type": "string"}) == "a"
        with pytest.raises(Misread):
            read("anything", {"type": "string", "xml": {"name": "v"}})


class TestDanger:
    BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;</r>'

    @pytest.mark.parametrize(
        "text",
        [
            BOMB,
            '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
            "<r>&unknown;</r>",
            "<r><a></r>",
            "",
            "plain",
            "<r>" * 300 + "</r>" * 300,
        ],
    )
    def test_refused(self, text: str) -> None:
        """Entity bombs, files and what is no XML end in a sentence, not in memory or on the stack."""
        with pytest.raises(Misread):
            read(text, {})


NAMES = st.sampled_from(["a", "b", "c"])
WORDS = st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF, exclude_categories=("Cs", "Cc")))


class TestWhatIsWrittenIsRead:
    SCHEMA = properties(
        a={"type": "integer", "xml": {"attribute": True}},
        b={"type": "array", "items": properties(c={"type": "string"}), "xml": {"wrapped": True}},
        c={"type": "string"},
    )

    @given(
        st.fixed_dictionaries(
            {"a": st.integers(), "c": WORDS}, optional={"b": st.lists(st.fixed_dictionaries({"c": WORDS}))}
        )
    )
    def test_objects(self, value: Json) -> None:
        """Any text survives, markup and all."""
        assert read(written(value, self.SCHEMA), self.SCHEMA) == value
