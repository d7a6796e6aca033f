from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.documents import Documents
from mockserver.contract.sources import join_pointer
from mockserver.errors import ForbiddenReference, UnresolvedReference
from mockserver.exchange import MISSING, Place


def documents(folder: Path, outside: bool = False, **files: Any) -> Documents:
    """Write *files* (name without .yaml -> content) into *folder*, and start from "main"."""
    for name, content in files.items():
        file = folder / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
    return Documents(folder / "main.yaml", outside=outside)


def found(made: Documents, ref: str, pointer: str = "", file: str = "") -> Any:
    """Return what *ref*, standing at *pointer*, names."""
    return made.at(made.target(ref, Place(file or made.root, pointer)))


class TestPointers:
    def test_escapes(self, tmp_path: Path) -> None:
        """A path of the contract as a reference: "/" is "~1" (RFC 6901, 3), braces may be percent-encoded."""
        made = documents(tmp_path, main={"paths": {"/a/{id}": {"get": 1}}, "x~y": 2, "100%": 3})
        assert found(made, "#/paths/~1a~1{id}/get") == 1
        assert found(made, "#/paths/~1a~1%7Bid%7D/get") == 1
        assert found(made, "#/x~0y") == 2
        assert found(made, "#/100%25") == 3

    def test_entries_of_lists(self, tmp_path: Path) -> None:
        """An index has no sign and no leading zero, and "²" is a digit to Python only."""
        made = documents(tmp_path, main={"a": [{"b": 1}, {"b": 2}]})
        assert found(made, "#/a/1/b") == 2
        for wrong in ("2", "-1", "01", "²", "x", ""):
            with pytest.raises(UnresolvedReference):
                found(made, f"#/a/{wrong}")

    def test_the_whole_document(self, tmp_path: Path) -> None:
        """An empty fragment is the root."""
        made = documents(tmp_path, main={"a": 1})
        assert found(made, "#") == {"a": 1}

    @given(st.lists(st.text(max_size=4) | st.just("~1/%"), min_size=1, max_size=4))
    def test_whatever_the_names(self, tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
        """A place is found by its pointer as a fragment, whatever signs its names are made of."""
        tree: Any = "here"
        for name in reversed(names):
            tree = {name: tree}
        file = tmp_path_factory.getbasetemp() / "names.json"
        file.write_text(json.dumps(tree))
        made = Documents(file)
        pointer = join_pointer("", *names)
        place = made.target("#" + quote(pointer), Place(str(file), ""))
        assert place == Place(str(file), pointer)
        assert made.at(place) == "here"


class TestFiles:
    def test_relative_to_the_file_it_stands_in(self, tmp_path: Path) -> None:
        """RFC 3986, 5.1: a reference in schemas/pet.yaml is relative to schemas/, and may lead back."""
        made = documents(
            tmp_path,
            **{
                "main": {"a": 1},
                "schemas/pet": {"owner": {"$ref": "owner.yaml"}},
                "schemas/owner": {"name": "x"},
            },
        )
        pet = made.target("schemas/pet.yaml#/owner", Place(made.root, ""))
        assert made.follow(pet) == ({"name": "x"}, Place(str(tmp_path / "schemas/owner.yaml"), ""))
        assert found(made, "../main.yaml#/a", file=str(tmp_path / "schemas/pet.yaml")) == 1

    def test_read_when_asked_for(self, tmp_path: Path) -> None:
        """A file that nobody asks for is not read, so a broken one costs nobody anything."""
        made = documents(tmp_path, main="a: 1", other="b: 2", broken="[")
        assert made.read_files == [made.root]
        found(made, "other.yaml#/b")
        assert made.read_files == [made.root, str(tmp_path / "other.yaml")]

    def test_one_file_by_several_spellings(self, tmp_path: Path) -> None:
        """Two spellings are one place, so that a schema is translated and named once."""
        made = documents(tmp_path, main="a: 1", **{"s/x": "b: 2"})
        here = Place(made.root, "")
        spelled = {made.target(ref, here) for ref in ("s/x.yaml#/b", "./s/x.yaml#/b", "s/../s/x.yaml#/b")}
        assert len(spelled) == 1
        assert made.target("main.yaml#/a", here) == made.target("#/a", here)

    @pytest.mark.parametrize("folder", ["a b", "v1#2", "50%20", "what?", "é"])
    def test_signs_in_the_name_of_a_folder(self, tmp_path: Path, folder: str) -> None:
        """A reference is a URI, and the name of a file is none: "#" and "%" mean themselves there."""
        made = documents(tmp_path / folder, main="a: 1", **{"x y": "b: 2"})
        assert found(made, "x%20y.yaml#/b") == 2
        assert found(made, "main.yaml#/a") == 1

    def test_json_beside_yaml(self, tmp_path: Path) -> None:
        """Each file says by its content what it is."""
        (tmp_path / "x.json").write_text('{"b": 2}')
        assert found(documents(tmp_path, main="a: 1"), "x.json#/b") == 2


class TestRefused:
    @pytest.mark.parametrize(
        "ref", ["https://example.org/x.yaml", "http://localhost/x", "ftp://x/y", "file:///etc/passwd"]
    )
    def test_the_network_is_not_asked(self, tmp_path: Path, ref: str) -> None:
        """Serving a document must not fetch anything."""
        made = documents(tmp_path, main={"a": {"$ref": ref}})
        with pytest.raises(ForbiddenReference) as caught:
            found(made, ref, "/a")
        assert (caught.value.line, caught.value.pointer) == (1, "/a")
        assert "asks the network" in caught.value.detail

    @pytest.mark.parametrize(
        "ref", ["../secret.yaml", "/etc/passwd", "//host/x", "s/../../secret.yaml", "%2e%2e/secret.yaml"]
    )
    def test_nothing_outside_the_folder(self, tmp_path: Path, ref: str) -> None:
        """A document from a stranger reads no file beside its own."""
        made = documents(tmp_path / "in", main="a: 1")
        (tmp_path / "secret.yaml").write_text("a: 1")
        with pytest.raises(ForbiddenReference, match="--allow-outside-refs"):
            found(made, ref)

    def test_nor_by_a_link(self, tmp_path: Path) -> None:
        """A symbolic link counts as what it points to."""
        made = documents(tmp_path / "in", main="a: 1")
        (tmp_path / "secret.yaml").write_text("a: 1")
        (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "secret.yaml")
        with pytest.raises(ForbiddenReference):
            found(made, "link.yaml")

    def test_unless_allowed(self, tmp_path: Path) -> None:
        """--allow-outside-refs is for one's own shared files."""
        made = documents(tmp_path / "in", outside=True, main="a: 1")
        (tmp_path / "common.yaml").write_text("b: 2")
        assert found(made, "../common.yaml#/b") == 2


class TestNearMisses:
    def test_a_name(self, tmp_path: Path) -> None:
        """The error says where the reference stands, what it asks for, and what was meant."""
        made = documents(tmp_path, main="components:\n  schemas:\n    BookList: {}\nuse:\n  $ref: x\n")
        with pytest.raises(UnresolvedReference) as caught:
            found(made, "#/components/schemas/BookLst", "/use")
        assert str(caught.value) == (
            f"{made.root}:4: /use: $ref '#/components/schemas/BookLst' points nowhere. "
            "Did you mean '#/components/schemas/BookList'?"
        )

    def test_a_name_on_the_way(self, tmp_path: Path) -> None:
        """The step that leads astray is the one that is corrected."""
        made = documents(tmp_path, main={"components": {"schemas": {"Book": {}}}})
        with pytest.raises(UnresolvedReference, match="mean '#/components/schemas'"):
            found(made, "#/components/schema/Book")

    def test_in_another_file(self, tmp_path: Path) -> None:
        """What was meant is written as it must be written here."""
        made = documents(tmp_path, main="a: 1", other={"Book's": 1})
        with pytest.raises(UnresolvedReference) as caught:
            found(made, "other.yaml#/Books")
        assert caught.value.detail.endswith(f"""Did you mean "{tmp_path}/other.yaml#/Book's"?""")

    def test_a_file(self, tmp_path: Path) -> None:
        """The files of the folder are what could have been meant."""
        made = documents(tmp_path, main="a: 1", schemas="b: 1")
        with pytest.raises(
            UnresolvedReference, match=r"there is no file .*schema\.yaml\. Did you mean 'schemas.yaml'"
        ):
            found(made, "schema.yaml")

    def test_nothing_like_it(self, tmp_path: Path) -> None:
        """A guess that is none is not made."""
        made = documents(tmp_path, main={"a": {"b": 1}, "c": [1], "d": "text"})
        for ref in ("#/a/qqqq", "#/c/x", "#/d/e", "#/zzzz/y"):
            with pytest.raises(UnresolvedReference, match=r"points nowhere\.$"):
                found(made, ref)


class TestIdentifiers:
    MAIN = """
components:
  schemas:
    Pet:
      $id: https://example.org/schemas/pet
      $defs:
        Name: {$anchor: name, type: string}
        Inner: {$id: inner, $defs: {Deep: {const: deep}}}
      properties: {owner: {$ref: owner}}
    Owner:
      $id: https://example.org/schemas/owner
      title: The owner
    Plain: {$anchor: plain, type: integer}
    Sample: {example: {$id: "https://example.org/no", $anchor: none}, properties: {$id: {type: string}}}
"""

    def test_an_id_is_found_without_the_network(self, tmp_path: Path) -> None:
        """JSON Schema 2020-12, 8.2.1: an `$id` is a name before it is an address."""
        made = documents(tmp_path, main=self.MAIN)
        assert found(made, "https://example.org/schemas/owner")["title"] == "The owner"

    def test_it_is_the_base_of_what_stands_below(self, tmp_path: Path) -> None:
        """Relative references are resolved against the nearest `$id`, and "#/..." begins there too."""
        made = documents(tmp_path, main=self.MAIN)
        below = "/components/schemas/Pet/properties/owner"
        assert found(made, "owner", below)["title"] == "The owner"
        assert found(made, "#/$defs/Name", below)["type"] == "string"
        assert found(made, "inner#/$defs/Deep", below) == {"const": "deep"}
        assert found(made, "https://example.org/schemas/inner#/$defs/Deep") == {"const": "deep"}

    def test_anchors_belong_to_their_resource(self, tmp_path: Path) -> None:
        """ "#name" means the one of the schema resource around it (8.2.2)."""
        made = documents(tmp_path, main=self.MAIN)
        assert found(made, "#plain")["type"] == "integer"
        assert found(made, "#name", "/components/schemas/Pet/properties/owner")["type"] == "string"
        assert found(made, "https://example.org/schemas/pet#name")["type"] == "string"
        with pytest.raises(UnresolvedReference):
            found(made, "#name")

    def test_an_anchor_that_is_not_there(self, tmp_path: Path) -> None:
        """The near miss is among the anchors."""
        made = documents(tmp_path, main=self.MAIN)
        with pytest.raises(UnresolvedReference, match="Did you mean 'plain'"):
            found(made, "#plane")

    def test_an_example_identifies_nothing(self, tmp_path: Path) -> None:
        """What stands in an example is a value, and a property may be called `$id`."""
        made = documents(tmp_path, main=self.MAIN)
        with pytest.raises(ForbiddenReference):
            found(made, "https://example.org/no")
        with pytest.raises(UnresolvedReference):
            found(made, "#none")

    def test_a_file_beside_comes_before_the_network(self, tmp_path: Path) -> None:
        """Who names a schema by `$id` and refers to the file beside it as ever means that file."""
        strict = "$id: https://example.org/schemas/strict\na: {$ref: tree.yaml}\nb: {$ref: none.yaml}"
        tree = "$id: https://example.org/schemas/tree\ntitle: Tree"
        made = documents(tmp_path, main="a: {$ref: strict.yaml}", strict=strict, tree=tree)
        place = Place(str(tmp_path / "strict.yaml"), "/a")
        assert made.follow(place)[0]["title"] == "Tree"
        with pytest.raises(ForbiddenReference, match="asks the network"):
            made.follow(Place(place.file, "/b"))

    def test_of_another_file(self, tmp_path: Path) -> None:
        """Once a file was read, its names are known everywhere in the contract."""
        made = documents(tmp_path, main=self.MAIN, other="a: {$ref: 'https://example.org/schemas/owner'}")
        made.tree(made.root)
        place = Place(str(tmp_path / "other.yaml"), "/a")
        assert made.follow(place)[0]["title"] == "The owner"

    def test_a_relative_id_is_relative_to_the_file(self, tmp_path: Path) -> None:
        """`$id: pet.json` names a schema; no file is looked for."""
        made = documents(tmp_path, main="a: {$id: pet.json, $anchor: here, const: 1}\nb: 2")
        assert found(made, "pet.json")["const"] == 1
        assert found(made, "pet.json#here")["const"] == 1
        assert found(made, "#/b") == 2


class TestFollow:
    def test_a_chain_over_files(self, tmp_path: Path) -> None:
        """What comes back is the thing and its own place, so that a finding names its own line."""
        made = documents(
            tmp_path,
            main={"a": {"$ref": "#/b"}, "b": {"$ref": "x.yaml#/c"}},
            x="c:\n  $ref: '#/d'\nd:\n  e: 1\n",
        )
        node, place = made.follow(Place(made.root, "/a"))
        assert (node, place) == ({"e": 1}, Place(str(tmp_path / "x.yaml"), "/d"))
        assert made.line(place) == 3

    def test_summary_and_description_override(self, tmp_path: Path) -> None:
        """OpenAPI 3.1.1, Reference Object: nothing else beside `$ref` counts."""
        made = documents(
            tmp_path,
            main={"a": {"$ref": "#/b", "description": "mine", "x": 1}, "b": {"description": "b", "y": 2}},
        )
        assert made.follow(Place(made.root, "/a"))[0] == {"description": "mine", "y": 2}
        assert made.at(Place(made.root, "/b")) == {"description": "b", "y": 2}

    @pytest.mark.parametrize("main", [{"a": {"$ref": "#/a"}}, {"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}])
    def test_a_circle(self, tmp_path: Path, main: Any) -> None:
        """References that lead to each other describe nothing."""
        made = documents(tmp_path, main=main)
        with pytest.raises(UnresolvedReference, match="leads back to itself"):
            made.follow(Place(made.root, "/a"))

    def test_what_is_no_reference(self, tmp_path: Path) -> None:
        """A property called `$ref` may be a schema, and a place may be empty."""
        made = documents(tmp_path, main={"a": {"$ref": {"type": "string"}}, "b": [1]})
        assert made.follow(Place(made.root, "/a"))[0] == {"$ref": {"type": "string"}}
        assert made.follow(Place(made.root, "/b"))[0] == [1]
        assert made.follow(Place(made.root, "/c"))[0] is MISSING
