from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.documents import Documents
from mockserver.contract.model import Direction
from mockserver.contract.schema import Schemas
from mockserver.exchange import Place


def schemas(folder: Path, text: str, version: str = "3.1.1", **files: str) -> Schemas:
    """Return the schemas of a document whose components/schemas is *text*; *files* stand beside it."""
    document = {"components": {"schemas": yaml.safe_load(text)}}
    (folder / "main.yaml").write_text(yaml.safe_dump(document, sort_keys=False))
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content)
    return Schemas(Documents(folder / "main.yaml"), version=version)


def it(
    folder: Path, text: str, version: str = "3.1.1", direction: Direction = "response", **files: str
) -> Any:
    """Return the component `It` as JSON Schema."""
    found = schemas(folder, text, version, **files).named("It")
    assert found is not None
    made = found.json(direction)
    jsonschema.Draft202012Validator.check_schema(made)
    return made


def said(folder: Path, schema: str, version: str = "3.1.1") -> tuple[Any, list[str]]:
    """Return what is left of a schema that is wrong, and what is said of it."""
    made = schemas(folder, f"It: {schema}", version)
    found = made.named("It")
    assert found is not None
    result = found.json("response")
    jsonschema.Draft202012Validator.check_schema(result)
    return result, [
        f"{fault.pointer.removeprefix('/components/schemas/It')}: {fault.detail}" for fault in made.faults
    ]


class TestReferences:
    def test_all_that_is_reached_comes_along(self, tmp_path: Path) -> None:
        """One document that stands alone, with nothing that is not needed."""
        text = """
It: {properties: {a: {$ref: '#/components/schemas/A'}}}
A: {items: {$ref: '#/components/schemas/B'}}
B: {type: integer}
C: {}
"""
        assert it(tmp_path, text) == {
            "properties": {"a": {"$ref": "#/$defs/A"}},
            "$defs": {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {"type": "integer"}},
        }

    def test_a_circle(self, tmp_path: Path) -> None:
        """A tree contains trees; the schema stays small."""
        assert it(tmp_path, "It: {type: object, properties: {below: {$ref: '#/components/schemas/It'}}}") == {
            "type": "object",
            "properties": {"below": {"$ref": "#/$defs/It"}},
            "$defs": {"It": {"type": "object", "properties": {"below": {"$ref": "#/$defs/It"}}}},
        }

    def test_names_that_would_be_one(self, tmp_path: Path) -> None:
        """Two schemas called alike in two files are two."""
        text = "It: {anyOf: [{$ref: '#/components/schemas/A'}, {$ref: 'x.yaml#/A'}]}\nA: {const: 1}"
        made = it(tmp_path, text, x="A: {const: 2}")
        assert sorted(one["const"] for one in made["$defs"].values()) == [1, 2]
        assert len({branch["$ref"] for branch in made["anyOf"]}) == 2

    def test_a_file_of_its_own(self, tmp_path: Path) -> None:
        """It is called as the file: what it is about decides how its values look."""
        made = it(tmp_path, "It: {properties: {mother: {$ref: 'pet.yaml'}}}", pet="type: object")
        assert made["$defs"] == {"pet": {"type": "object"}}

    def test_names_of_any_signs(self, tmp_path: Path) -> None:
        """A component may be called "a/b c": the pointer to it still leads there."""
        made = it(tmp_path, "It: {$ref: '#/components/schemas/a~1b%20c'}\n'a/b c': {const: 1}")
        validator = jsonschema.Draft202012Validator(made)
        assert validator.is_valid(1)
        assert not validator.is_valid(2)

    def test_siblings_of_a_reference(self, tmp_path: Path) -> None:
        """They count in 3.1 (JSON Schema 2020-12), and are ignored in 3.0 (Reference Object)."""
        text = "It: {$ref: '#/components/schemas/A', maxLength: 3}\nA: {type: string}"
        assert it(tmp_path, text)["maxLength"] == 3
        assert "maxLength" not in it(tmp_path, text, "3.0.3")

    def test_one_that_leads_nowhere(self, tmp_path: Path) -> None:
        """Anything is taken there, and it is said: the rest of the answer is still held to its contract."""
        made, faults = said(
            tmp_path, "{properties: {a: {$ref: '#/components/schemas/None'}, b: {type: integer}}}"
        )
        assert made["properties"]["b"] == {"type": "integer"}
        assert jsonschema.Draft202012Validator(made).is_valid({"a": [1]})
        assert len(faults) == 1
        assert "points nowhere" in faults[0]

    def test_a_circle_of_nothing_but_references(self, tmp_path: Path) -> None:
        """JSON Schema 2020-12, 9.4.1: it has no meaning; a validator would not come back from it."""
        made = schemas(
            tmp_path, "It: {$ref: '#/components/schemas/A'}\nA: {allOf: [{$ref: '#/components/schemas/It'}]}"
        )
        found = made.named("It")
        assert found is not None
        assert jsonschema.Draft202012Validator(found.json("response")).is_valid(1)
        assert any("without end" in fault.detail for fault in made.faults)

    def test_made_once(self, tmp_path: Path) -> None:
        """The same document for all that ask."""
        made = schemas(tmp_path, "It: {type: integer}")
        one, other = made.named("It"), made.named("It")
        assert one is not None
        assert other is not None
        assert one.json("response") is other.json("response")


class TestDirections:
    TEXT = """
It:
  type: object
  required: [id, secret, name, owner, note]
  properties:
    id: {type: integer, readOnly: true}
    secret: {type: string, writeOnly: true}
    name: {type: string}
    owner: {$ref: '#/components/schemas/Owner'}
    note: {allOf: [{$ref: '#/components/schemas/Hidden'}]}
Owner: {type: object, readOnly: true, required: [key], properties: {key: {writeOnly: true}}}
Hidden: {type: string, writeOnly: true}
"""

    def test_what_is_asked_of_whom(self, tmp_path: Path) -> None:
        """A request need not have what only the server knows, an answer not what only the client tells."""
        assert it(tmp_path, self.TEXT, direction="request")["required"] == ["secret", "name", "note"]
        assert it(tmp_path, self.TEXT, direction="response")["required"] == ["id", "name", "owner"]

    def test_below_references_too(self, tmp_path: Path) -> None:
        """What is reached is made for the same direction; a list of nothing is left out."""
        assert it(tmp_path, self.TEXT, direction="request")["$defs"]["Owner"]["required"] == ["key"]
        assert "required" not in it(tmp_path, self.TEXT, direction="response")["$defs"]["Owner"]


class TestOpenApi30:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("{type: string, nullable: true}", {"type": ["string", "null"]}),
            ("{type: string, nullable: true, enum: [a]}", {"type": ["string", "null"], "enum": ["a", None]}),
            ("{type: string, nullable: false}", {"type": "string"}),
            (
                "{type: integer, minimum: 1, exclusiveMinimum: true}",
                {"type": "integer", "exclusiveMinimum": 1},
            ),
            ("{type: integer, maximum: 1, exclusiveMaximum: false}", {"type": "integer", "maximum": 1}),
            ("{exclusiveMinimum: true}", {}),
        ],
    )
    def test_its_own_words(self, tmp_path: Path, old: str, new: Any) -> None:
        """OpenAPI 3.0.4, Schema Object."""
        assert it(tmp_path, f"It: {old}", "3.0.3") == new

    def test_nullable_with_branches(self, tmp_path: Path) -> None:
        """Null is taken beside whatever the branches take."""
        made = it(tmp_path, "It: {nullable: true, allOf: [{type: object}]}", "3.0.3")
        validator = jsonschema.Draft202012Validator(made)
        assert [validator.is_valid(value) for value in (None, {}, 1)] == [True, True, False]

    def test_31_has_no_nullable(self, tmp_path: Path) -> None:
        """There it is a word that means nothing."""
        assert it(tmp_path, "It: {type: string, nullable: true}") == {"type": "string"}


class TestDiscriminators:
    def mapping(self, folder: Path, text: str, **files: str) -> Any:
        """Return the mapping of `It`."""
        return it(folder, text, **files)["discriminator"]["mapping"]

    def test_by_name(self, tmp_path: Path) -> None:
        """Without a mapping a value is the name of a branch (Discriminator Object)."""
        text = """
It:
  oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
  discriminator: {propertyName: kind}
Cat: {}
Dog: {}
"""
        assert self.mapping(tmp_path, text) == {"Cat": "#/$defs/Cat", "Dog": "#/$defs/Dog"}

    def test_by_mapping(self, tmp_path: Path) -> None:
        """Names, references and files; a branch that is mapped is not known by its own name as well."""
        text = """
It:
  oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}, {$ref: x.yaml}]
  discriminator:
    propertyName: kind
    mapping: {feline: '#/components/schemas/Cat', canine: Dog, other: x.yaml}
Cat: {}
Dog: {}
"""
        assert self.mapping(tmp_path, text, x="{const: 1}") == {
            "feline": "#/$defs/Cat",
            "canine": "#/$defs/Dog",
            "other": "#/$defs/x",
        }

    def test_by_inheritance(self, tmp_path: Path) -> None:
        """A base without branches is inherited from by `allOf`, also at second hand."""
        text = """
It: {type: object, discriminator: {propertyName: kind}}
Cat: {allOf: [{$ref: '#/components/schemas/It'}, {properties: {meow: {type: boolean}}}]}
Kitten: {allOf: [{$ref: '#/components/schemas/Cat'}]}
"""
        assert set(self.mapping(tmp_path, text)) == {"Cat", "Kitten"}

    def test_heirs_beside_a_mapping(self, tmp_path: Path) -> None:
        """Who is mapped goes by that name, who is not by its own; what only stands between is no kind."""
        text = """
It: {type: object, discriminator: {propertyName: kind, mapping: {kitty: '#/components/schemas/Cat'}}}
Cat: {allOf: [{$ref: '#/components/schemas/It'}]}
Hound: {allOf: [{$ref: '#/components/schemas/It'}]}
Beagle: {allOf: [{$ref: '#/components/schemas/Hound'}]}
Crow: {allOf: [{$ref: '#/components/schemas/It'}]}
"""
        mapping = self.mapping(tmp_path, text)
        assert mapping == {"kitty": "#/$defs/Cat", "Beagle": "#/$defs/Beagle", "Crow": "#/$defs/Crow"}

    @pytest.mark.parametrize("wrong", ["{}", "[]", "{propertyName: 5}"])
    def test_one_that_says_nothing(self, tmp_path: Path, wrong: str) -> None:
        """It is left out, and said."""
        made, faults = said(tmp_path, f"{{type: object, discriminator: {wrong}}}")
        assert made == {"type": "object"}
        assert faults == ["/discriminator: a discriminator needs a propertyName; it is left out"]


WORDS = (
    *("type", "enum", "const", "format", "pattern", "nullable", "minimum", "exclusiveMinimum", "minLength"),
    *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
    *("items", "prefixItems", "contains", "uniqueItems", "dependencies", "dependentRequired"),
    *("allOf", "anyOf", "oneOf", "not", "if", "then", "discriminator"),
    *("$ref", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$defs"),
    *("example", "examples", "default", "title", "description", "readOnly", "deprecated"),
)
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.sampled_from(["string", "object", "#/components/schemas/It", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)


class TestWrongSchemas:
    @pytest.mark.parametrize(
        ("wrong", "left", "pointer"),
        [
            ("{minLength: -1}", {}, "/minLength"),
            ("{maxItems: two}", {}, "/maxItems"),
            ("{minimum: low}", {}, "/minimum"),
            ("{multipleOf: 0}", {}, "/multipleOf"),
            ("{enum: []}", {}, "/enum"),
            ("{enum: a}", {}, "/enum"),
            ("{pattern: 5}", {}, "/pattern"),
            ("{properties: [a]}", {}, "/properties"),
            ("{allOf: {}}", {}, "/allOf"),
            (
                "{properties: {a: {required: true, type: string}}}",
                {"properties": {"a": {"type": "string"}}},
                "/properties/a/required",
            ),
            ("{properties: {a: 5}}", {"properties": {"a": {}}}, "/properties/a"),
            ("{type: thing}", {}, "/type"),
            ("{type: int}", {"type": "integer"}, "/type"),
            ("{items: [{type: string}]}", {"prefixItems": [{"type": "string"}]}, "/items"),
        ],
    )
    def test_what_no_validator_takes(self, tmp_path: Path, wrong: str, left: Any, pointer: str) -> None:
        """It is left out or read as it was meant, and said with its place; the rest holds."""
        made, faults = said(tmp_path, wrong)
        assert made == left
        assert [fault.partition(":")[0] for fault in faults] == [pointer]

    def test_said_once(self, tmp_path: Path) -> None:
        """Not once for each direction."""
        made = schemas(tmp_path, "It: {type: thing}")
        found = made.named("It")
        assert found is not None
        found.json("request")
        found.json("response")
        assert len(made.faults) == 1

    def test_true_and_false(self, tmp_path: Path) -> None:
        """JSON Schema 2020-12: a boolean is a schema."""
        assert it(tmp_path, "It: true") == {}
        assert it(tmp_path, "It: false") == {"not": {}}
        assert it(tmp_path, "It: {additionalProperties: false, properties: {a: true}}") == {
            "additionalProperties": False,
            "properties": {"a": True},
        }

    @given(JUNK, st.sampled_from(["2.0", "3.0.3", "3.1.1"]), st.sampled_from(["request", "response"]))
    def test_whatever_stands_there(
        self, tmp_path_factory: pytest.TempPathFactory, junk: Any, version: str, direction: Direction
    ) -> None:
        """Any JSON in place of a schema comes out as one that a validator takes; nothing is raised."""
        file = tmp_path_factory.getbasetemp() / "junk.yaml"
        file.write_text(yaml.safe_dump({"components": {"schemas": {"It": junk}}}))
        found = Schemas(Documents(file), version=version).named("It")
        assert found is not None
        jsonschema.Draft202012Validator.check_schema(found.json(direction))


class TestOrigin:
    TEXT = """
It:
  type: object
  properties:
    tags:
      items: {$ref: '#/components/schemas/Tag'}
    note: {type: string, nullable: true, maxLength: 2}
  oneOf:
    - {required: [a]}
    - {$ref: '#/components/schemas/Other'}
Tag: {maxLength: 3}
Other: {properties: {a: {minimum: 5}}}
"""

    def places(self, folder: Path, value: Any, version: str = "3.0.3") -> set[str]:
        """Return where the rules stand that *value* breaks."""
        made = schemas(folder, self.TEXT, version)
        schema = made.named("It")
        assert schema is not None
        found = set()
        todo = list(jsonschema.Draft202012Validator(schema.json("response")).iter_errors(value))
        while todo:
            error = todo.pop()
            found.add(
                made.origin(schema, error.absolute_schema_path).pointer.removeprefix("/components/schemas")
            )
            todo.extend(error.context)
        return found

    @pytest.mark.parametrize(
        ("value", "places"),
        [
            ({"a": 7, "tags": ["long"]}, {"/Tag/maxLength", "/It/oneOf"}),
            ({"a": 1, "note": "long"}, {"/It/properties/note/maxLength"}),
            ({"a": 1, "note": 5}, {"/It/properties/note/type"}),
            ({"a": 7}, {"/It/oneOf"}),
            (5, {"/It/type"}),
        ],
    )
    def test_the_rule_that_was_broken(self, tmp_path: Path, value: Any, places: set[str]) -> None:
        """The place in the author's file, through references, translations and branches."""
        assert places <= self.places(tmp_path, value)

    def test_in_another_file(self, tmp_path: Path) -> None:
        """With the file in which it stands."""
        made = schemas(tmp_path, "It: {items: {$ref: 'x.yaml#/Tag'}}", x="Tag:\n  maxLength: 3\n")
        schema = made.named("It")
        assert schema is not None
        place = made.origin(schema, ["items", "$ref", "maxLength"])
        assert (Path(place.file).name, place.pointer) == ("x.yaml", "/Tag/maxLength")

    def test_what_has_no_counterpart(self, tmp_path: Path) -> None:
        """The nearest thing around it."""
        made = schemas(tmp_path, "It: {nullable: true, allOf: [{type: object}]}", "3.0.3")
        schema = made.named("It")
        assert schema is not None
        assert made.origin(schema, ["anyOf", 1, "type"]).pointer.startswith("/components/schemas/It")


class TestNames:
    def test_components(self, tmp_path: Path) -> None:
        """By name; what is not there is None."""
        made = schemas(tmp_path, "It: {}\nOther: {}")
        assert made.components() == ("It", "Other")
        assert made.named("None") is None

    def test_any_place_is_a_schema(self, tmp_path: Path) -> None:
        """A parameter's, or a property's."""
        made = schemas(tmp_path, "It: {properties: {a: {type: integer}}}")
        place = Place(str(tmp_path / "main.yaml"), "/components/schemas/It/properties/a")
        assert made.schema(place).json("request") == {"type": "integer"}
