from __future__ import annotations

import json
import marshal
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract import cache
from mockserver.contract.lines import line_of
from mockserver.contract.sources import join_pointer, parse, read, split_pointer
from mockserver.errors import Unreadable

TEXT = st.text(st.characters(exclude_categories=["C", "Z"], max_codepoint=0xFFFF), max_size=5)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def refused(text: str) -> str:
    """Return what is said of *text*, with its line."""
    with pytest.raises(Unreadable) as caught:
        parse(text, "f.yaml")
    return str(caught.value)


class TestScalars:
    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ("no", "no"),
            ("on", "on"),
            ("Yes", "Yes"),
            ("true", True),
            ("False", False),
            ("TRUE", True),
            ("tRUE", "tRUE"),
            ("null", None),
            ("~", None),
            ("", None),
            ("2024-01-01", "2024-01-01"),
            ("2024-01-01T10:00:00Z", "2024-01-01T10:00:00Z"),
            ("12:30", "12:30"),
            ("1_000", "1_000"),
            ("12", 12),
            ("-3", -3),
            ("+3", 3),
            ("0o17", 15),
            ("0x1F", 31),
            ("0b11", "0b11"),
            ("017", 17),
            ("1.50", 1.5),
            ("1.", 1.0),
            (".5", 0.5),
            ("1e3", 1000.0),
            (".inf", ".inf"),
            (".NaN", ".NaN"),
            ("1.2.3", "1.2.3"),
            ("-", "-"),
            ("=now", "=now"),
            ("'12'", "12"),
            ('"true"', "true"),
            ("''", ""),
            ("|\n  12\n", "12\n"),
        ],
    )
    def test_plain_text_means_what_yaml_12_says(self, written: str, value: Any) -> None:
        """The country code "no" stays a country, a date stays text, and quotes make text of anything."""
        found = parse(f"a: {written}", "f.yaml")["a"] if written != "-" else parse("a: '-'", "f")["a"]
        assert found == value
        assert type(found) is type(value)

    def test_no_digits_of_a_long_number_are_lost(self) -> None:
        """An id of twenty digits is not rounded to a float."""
        assert parse("a: 12345678901234567890", "f") == {"a": 12345678901234567890}

    def test_a_number_longer_than_python_reads_stays_text(self) -> None:
        """Python refuses to convert more than 4300 digits; a document may not stop the server by that."""
        assert parse(f"a: {'9' * 5000}", "f") == {"a": "9" * 5000}

    @given(JSON)
    def test_json_means_the_same_by_either_reader(self, value: Any) -> None:
        """Every JSON document is YAML 1.2 too, and has one meaning."""
        text = json.dumps(value)
        assert parse(text, "f.json") == value
        assert parse(f"---\n{text}\n", "f.yaml") == value


class TestKeys:
    def test_keys_are_the_text_that_stands_there(self) -> None:
        """`200:`, `no:` and `null:` are keys of a contract, not a number, a boolean and nothing."""
        assert parse("{200: a, no: b, null: c, 1.0: d, true: e}", "f") == {
            "200": "a",
            "no": "b",
            "null": "c",
            "1.0": "d",
            "true": "e",
        }

    def test_a_list_is_no_key(self) -> None:
        """JSON has only text for keys."""
        assert refused("a: 1\n? [b]\n: 2\n") == "f.yaml:2: a key must be text"


class TestMergeKeys:
    BASE = "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\n"

    def test_own_keys_win_wherever_they_stand(self) -> None:
        """A merge fills in; it does not overwrite what is said at the place itself."""
        assert parse(self.BASE + "x: {<<: *base, a: 9}", "f")["x"] == {"a": 9, "b": 2}
        assert parse(self.BASE + "x: {a: 9, <<: *base}", "f")["x"] == {"a": 9, "b": 2}

    def test_the_first_of_several_wins(self) -> None:
        """YAML's merge type: keys of mappings earlier in the sequence override later ones."""
        assert parse(self.BASE + "x: {<<: [*base, *other]}", "f")["x"] == {"a": 1, "b": 2, "c": 4}

    def test_the_anchored_mapping_is_left_alone(self) -> None:
        """Aliases share one value, so merging must not change it."""
        assert parse(self.BASE + "x: {<<: *base, d: 1}", "f")["base"] == {"a": 1, "b": 2}

    def test_in_quotes_it_is_a_key(self) -> None:
        """Somebody's property may be called "<<"."""
        assert parse('"<<": {a: 1}', "f") == {"<<": {"a": 1}}

    @pytest.mark.parametrize("wrong", ["3", "text", "[1, 2]", "~"])
    def test_only_mappings_can_be_merged(self, wrong: str) -> None:
        """Anything else is said to be wrong, with its line."""
        assert refused(f"a: 1\n<<: {wrong}\n") == "f.yaml:2: only mappings can be merged with '<<'"


class TestDangers:
    def test_a_bomb_is_refused_before_it_expands(self) -> None:
        """Nine levels of nine aliases are 387 million values; they are counted, not made."""
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
        assert "expand to more than any contract holds" in refused("\n".join(lines))

    def test_many_aliases_of_small_things_are_no_bomb(self) -> None:
        """Sharing by aliases is ordinary."""
        text = "a: &a {x: 1}\nb:\n" + "- *a\n" * 10_000
        assert len(parse(text, "f")["b"]) == 10_000

    def test_an_alias_of_itself(self) -> None:
        """A value that contains itself is no JSON."""
        assert "contains itself" in refused("a: &a [1, *a]")
        assert "contains itself" in refused("a: &a {b: *a}")

    @pytest.mark.parametrize("text", ["[" * 50_000, "- " * 50_000, '{"a":' * 50_000])
    def test_nesting_too_deep_to_walk(self, text: str) -> None:
        """Nobody can crash the server with brackets."""
        assert refused(text).startswith("f.yaml")

    @pytest.mark.parametrize(
        "tagged",
        ["!!python/object/apply:os.system [ls]", "!!binary aGk=", "!include other.yaml", "!!set {a, b}"],
    )
    def test_tags_are_refused(self, tagged: str) -> None:
        """A tag asks for an object to be built, or means something to one program only."""
        said = refused(f"a: 1\nb: {tagged}\n")
        assert said.startswith("f.yaml:2: the tag ")

    @pytest.mark.parametrize("tagged", ['!!binary "aGk="', "!!binary |\n  aGk=", "!include 'other.yaml'"])
    def test_quotes_do_not_hide_a_tag(self, tagged: str) -> None:
        """A value that is not what it seems to be is refused in any style."""
        assert refused(f"a: 1\nb: {tagged}\n").startswith("f.yaml:2: the tag ")

    def test_the_tags_of_json_are_what_they_say(self) -> None:
        """OpenAPI 3.1.1, 4.2 allows those of YAML's JSON schema: text that looks like a number, for one."""
        assert parse('a: !!str 1\nb: !!int "2"\nc: !!null ""\nd: !!map {}\ne: !!seq []', "f") == {
            "a": "1",
            "b": 2,
            "c": None,
            "d": {},
            "e": [],
        }


class TestUnreadable:
    def test_yaml_that_breaks_off(self) -> None:
        """The line is where the reader could not go on."""
        assert refused("a: 1\nb: [1, 2\nc: 3\n").startswith("f.yaml:3: not YAML: while parsing a flow")

    def test_json_that_breaks_off(self) -> None:
        """A file that begins as JSON is told so in JSON's words."""
        said = refused('{\n  "a": 1,\n  "b" 2\n}')
        assert said.startswith("f.yaml:3: not JSON")

    def test_flow_yaml_begins_like_json(self) -> None:
        """A brace at the start does not make a file JSON."""
        assert parse("{a: 1, b: [x, y]}", "f") == {"a": 1, "b": ["x", "y"]}

    def test_several_documents(self) -> None:
        """One file is one contract."""
        assert refused("a: 1\n---\nb: 2\n").startswith("f.yaml:2: not YAML: expected a single document")

    def test_files(self, tmp_path: Path) -> None:
        """A file that is not there, is a folder, or is no text says so."""
        with pytest.raises(Unreadable, match="there is no such file"):
            read(tmp_path / "none.yaml")
        with pytest.raises(Unreadable, match="directory"):
            read(tmp_path)
        (tmp_path / "bytes").write_bytes(b"a: 1\nb: \xff\xfa\n")
        with pytest.raises(Unreadable, match=":2: not UTF-8"):
            read(tmp_path / "bytes")

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    def test_byte_order_marks(self, tmp_path: Path, encoding: str) -> None:
        """What Windows' editors write is read, with a mark and without one."""
        (tmp_path / "a.json").write_bytes('{"é": 1}'.encode(encoding))
        (tmp_path / "a.yaml").write_bytes("a: é".encode(encoding))
        assert read(tmp_path / "a.json") == {"é": 1}
        assert read(tmp_path / "a.yaml") == {"a": "é"}

    def test_nothing_at_all(self) -> None:
        """An empty file holds null, as YAML says; who reads it decides what that means."""
        assert parse("", "f") is None
        assert parse("# only a comment\n", "f") is None


class TestCache:
    BIG = "a:\n" + "".join(f"  k{n}: [no, 1, 2.5]\n" for n in range(8_000))

    def test_the_second_reading_is_the_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A big file is parsed once per content: the second time what was kept is read, whatever its name."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        first = parse(self.BIG, "f")
        (kept,) = (tmp_path / "mockserver").iterdir()
        assert marshal.loads(kept.read_bytes()) == (first, [])
        kept.write_bytes(marshal.dumps(({"kept": True}, [])))
        assert parse(self.BIG, "other name") == {"kept": True}
        assert parse(self.BIG + " ", "f") == first

    def test_a_damaged_file_is_made_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A cache may be cut short by a full disk; that is not the contract's fault."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        first = parse(self.BIG, "f")
        (kept,) = (tmp_path / "mockserver").iterdir()
        for damaged in (b"", kept.read_bytes()[:1000], b"nonsense"):
            kept.write_bytes(damaged)
            assert parse(self.BIG, "f") == first

    def test_nowhere_to_keep_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """In a container whose home cannot be written, parsing is only slower."""
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
        assert len(parse(self.BIG, "f")["a"]) == 8_000

    def test_what_nobody_asked_for_goes_first(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Each edit of a big document is kept as another: the folder has an end, and the last read stays."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        folder = tmp_path / "mockserver"
        parse(self.BIG, "f")
        (first,) = folder.iterdir()
        monkeypatch.setattr(cache, "MOST", first.stat().st_size * 5 // 2)
        os.utime(first, (1, 1))
        parse(self.BIG + " ", "f")
        second = next(path for path in folder.iterdir() if path != first)
        os.utime(second, (2, 2))
        parse(self.BIG, "f")  # asked for again
        parse(self.BIG + "  ", "f")
        assert {first, second} & set(folder.iterdir()) == {first}
        assert len(list(folder.iterdir())) == 2

    def test_small_files_leave_nothing_behind(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Below the worth of it, nobody's home is written to."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        parse("a: 1", "f")
        assert list(tmp_path.iterdir()) == []


class Layout:
    """Writes a value over several lines, and remembers at which one each pointer stands."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.text = ""
        self.lines: dict[str, int] = {}

    def here(self, pointer: str) -> None:
        """Note that what comes next is what *pointer* names."""
        self.lines[pointer] = self.text.count("\n") + 1

    def space(self) -> None:
        """Write white space, or none."""
        self.text += self.draw(st.sampled_from(["", " ", "\n", "\n\n", "\t", "\r\n "]))

    def json(self, value: Any, pointer: str) -> None:
        """JSON with spaces wherever RFC 8259 allows them."""
        if isinstance(value, dict):
            self.text += "{"
            for index, (key, child) in enumerate(value.items()):
                self.text += "," if index else ""
                self.space()
                below = join_pointer(pointer, key)
                self.here(below)
                self.text += json.dumps(key, ensure_ascii=self.draw(st.booleans()))
                self.space()
                self.text += ":"
                self.space()
                self.json(child, below)
                self.space()
            self.text += "}"
        elif isinstance(value, list):
            self.text += "["
            for index, child in enumerate(value):
                self.text += "," if index else ""
                self.space()
                below = join_pointer(pointer, index)
                self.here(below)
                self.json(child, below)
                self.space()
            self.text += "]"
        else:
            self.text += json.dumps(value, ensure_ascii=self.draw(st.booleans()))

    def yaml(self, value: Any, pointer: str, depth: int) -> None:
        """Block YAML, one entry a line, with comments and empty lines between."""
        indent = "  " * depth
        if isinstance(value, (dict, list)) and value:
            for key, child in value.items() if isinstance(value, dict) else enumerate(value):
                self.text += self.draw(st.sampled_from(["\n", "\n\n", "\n# note: x\n"])) + indent
                below = join_pointer(pointer, key)
                self.here(below)
                self.text += f"{json.dumps(key)}:" if isinstance(value, dict) else "-"
                if isinstance(value, list) and isinstance(child, (dict, list)) and child:
                    self.text += (
                        " [" if isinstance(child, list) else " {"
                    )  # on the dash's line, in flow style
                    self.text += json.dumps(child)[1:]
                else:
                    self.yaml(child, below, depth + 1)
        else:
            self.text += " " + json.dumps(value)


def ascii_keys(inner: Any) -> Any:
    return st.dictionaries(st.text('ab~/"\\{}[]:,# é', max_size=4), inner, max_size=4)


NESTED = st.recursive(
    SCALARS | st.text('ab"\\{}[]:,#', max_size=5),
    lambda inner: st.lists(inner, max_size=4) | ascii_keys(inner),
    max_leaves=15,
)


class TestLines:
    @given(st.data(), NESTED)
    def test_in_json(self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, value: Any) -> None:
        """In any document and layout, every pointer leads to the line on which its key or entry begins."""
        layout = Layout(data.draw)
        layout.space()
        layout.json(value, "")
        if layout.text.lstrip()[:1] not in ("{", "["):
            return
        file = tmp_path_factory.getbasetemp() / "lines.json"
        file.write_bytes(layout.text.encode("utf-8", "surrogatepass"))
        assert {pointer: line_of(file, pointer) for pointer in layout.lines} == layout.lines

    @given(st.data(), ascii_keys(NESTED))
    def test_in_yaml(self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, value: Any) -> None:
        """The same in block style, comments and empty lines in between."""
        layout = Layout(data.draw)
        layout.text = "# head"
        layout.yaml(value, "", 0)
        if not value:
            return
        file = tmp_path_factory.getbasetemp() / "lines.yaml"
        file.write_bytes(layout.text.encode())
        assert {pointer: line_of(file, pointer) for pointer in layout.lines} == layout.lines

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        """A pointer that goes on further than the file leads to the last thing that is there."""
        for name, text in (
            ("a.yaml", "a:\n  b:\n    - c: 1\n"),
            ("a.json", '{"a":\n  {"b":\n    [{"c": 1}]}}'),
        ):
            (tmp_path / name).write_text(text)
            assert line_of(tmp_path / name, "/a/b/7/x") == 2
            assert line_of(tmp_path / name, "/a/b/0/c/d") == 3
            assert line_of(tmp_path / name, "/z") == 1
            assert line_of(tmp_path / name, "") == 1

    def test_flow_yaml_that_begins_like_json(self, tmp_path: Path) -> None:
        """A brace at the start does not make a file JSON."""
        (tmp_path / "a.yaml").write_text("{a: 1,\n b: {c:\n 2}}\n")
        assert line_of(tmp_path / "a.yaml", "/b") == 2
        assert line_of(tmp_path / "a.yaml", "/b/c") == 2

    def test_a_merged_key_stands_where_it_was_written(self, tmp_path: Path) -> None:
        """What came by '<<' is found at the anchor, not nowhere."""
        (tmp_path / "a.yaml").write_text("base: &b\n  x:\n    y: 1\nuse:\n  <<: *b\n  z: 2\n")
        assert line_of(tmp_path / "a.yaml", "/use/z") == 6
        assert line_of(tmp_path / "a.yaml", "/use/x/y") == 3

    def test_the_last_of_two_equal_keys(self, tmp_path: Path) -> None:
        """Of a key that is there twice the last one counts, so its line is meant."""
        (tmp_path / "a.yaml").write_text("a: 1\nb: 2\na:\n  c: 3\n")
        assert read(tmp_path / "a.yaml") == {"a": {"c": 3}, "b": 2}
        assert line_of(tmp_path / "a.yaml", "/a") == 3
        assert line_of(tmp_path / "a.yaml", "/a/c") == 4

    @pytest.mark.parametrize("text", ["a: [", '{"a": [1', "\x00", "{'a"])
    def test_a_file_that_cannot_be_read(self, tmp_path: Path, text: str) -> None:
        """Asking for a line never raises: the error that asks has better things to say."""
        (tmp_path / "a.yaml").write_text(text)
        assert line_of(tmp_path / "a.yaml", "/a/b") in (0, 1)
        assert line_of(tmp_path / "none.yaml", "/a") == 0


class TestPointers:
    def test_escapes(self) -> None:
        """RFC 6901, 5: the specification's own examples."""
        assert split_pointer("") == []
        assert split_pointer("/") == [""]
        assert split_pointer("/a~1b/m~0n/~01") == ["a/b", "m~n", "~1"]

    @given(st.lists(st.text()))
    def test_joining_undoes_splitting(self, tokens: list[str]) -> None:
        """Whatever a key is made of, its pointer leads back to it."""
        assert split_pointer(join_pointer("", *tokens)) == tokens
