from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.behavior import syntax
from mockserver.behavior.expressions import Expression, compile_value
from mockserver.behavior.rows import rows_of
from mockserver.errors import BehaviorError
from mockserver.exchange import MISSING, Place

PLACE = Place("behavior.yaml", "/operations/x")
NAMES: dict[str, Any] = {
    "item": {"id": 7, "items": 3, "count": 2, "stats": {"sent": 5}, "x-y": 1, "none": None, "values": [1, 2]},
    "body": {"name": "Emma", "tags": ["a", "b"]},
    "books": rows_of([{"id": "dune", "pages": 412}, {"id": "emma", "pages": 474}]),
    "n": 4,
}


def of(text: str, **more: Any) -> Any:
    """Return the value of an expression over NAMES."""
    names = {**NAMES, **more}
    return Expression(text, PLACE, tuple(names))(lambda name: names.get(name, MISSING))


def value(tree: Any, **more: Any) -> Any:
    """Return what a value position gives over NAMES."""
    names = {**NAMES, **more}
    return compile_value(tree, PLACE, tuple(names))(lambda name: names.get(name, MISSING))


def refused(text: str) -> str:
    with pytest.raises(BehaviorError) as caught:
        Expression(text, PLACE, tuple(NAMES))
    assert (caught.value.file, caught.value.pointer) == ("behavior.yaml", "/operations/x")
    return caught.value.detail


class TestMappings:
    def test_a_property_called_like_a_method_is_a_property(self) -> None:
        """`item.items` is how many, not a function of Python's."""
        assert of("item.items") == 3
        assert of("item.count + 1") == 3
        assert of("item.values[1]") == 2
        assert of("item['x-y']") == 1

    def test_a_method_that_is_no_property_is_undefined(self) -> None:
        """Nothing of a dict shows: an API's row has no `keys` unless it says so."""
        assert of("item.keys") is MISSING
        assert of("body.update") is MISSING
        assert of("body.pop is defined") is False

    @given(
        st.sampled_from(["item", "body", "item.stats", "nothing"]),
        st.sampled_from(["a", "sent", "id", "count"]),
    )
    def test_a_plain_path_is_evaluated_as_any_expression(self, start: str, name: str) -> None:
        """The short cut for `a.b.c` gives what Jinja would."""
        path = f"{start}.{name}"
        assert of(path, nothing={}) == of(
            f"({path}) | default(none) if {path} is defined else nothing.at", nothing={}
        )


class TestUndefined:
    def test_goes_on_being_undefined(self) -> None:
        """`body.a.b.c` needs no guard at each step."""
        assert of("body.a.b.c") is MISSING
        assert of("body.a.b.c is defined") is False
        assert of("books.first(id='none').author.name") is MISSING
        assert of("books.get('none')") is MISSING

    def test_defaults(self) -> None:
        """`default` replaces what was left out, and with `true` null and empty too."""
        assert of("body.limit | default(20)") == 20
        assert of("item.none | default(20)") is None
        assert of("item.none | default(20, true)") == 20

    def test_null_is_a_value(self) -> None:
        """Undefined leaves a key out; null stays."""
        assert value({"a": "=body.nope", "b": "=item.none", "c": 1}) == {"b": None, "c": 1}
        assert value(["=body.nope", "=item.none", 1]) == [None, 1]


class TestValues:
    def test_yaml_as_it_is(self) -> None:
        """Only a string that begins with "=" is an expression, at any depth."""
        tree = {"a": [1, {"b": "n"}], "c": "a = b", "d": "{{ n }}"}
        assert value(tree) == tree
        assert value({"a": [1, {"b": "=n"}]}) == {"a": [1, {"b": 4}]}

    def test_rows_become_a_list(self) -> None:
        """What leaves an expression is JSON."""
        assert value("=books") == [{"id": "dune", "pages": 412}, {"id": "emma", "pages": 474}]
        assert value("=books.where(id='emma')") == [{"id": "emma", "pages": 474}]

    def test_each(self) -> None:
        """A list made of a list, with the entry's name and its index, and what `where` lets through."""
        tree = {
            "each": "book",
            "of": "=books",
            "is": {"no": "=index", "id": "=book.id"},
            "where": "book.pages > n",
        }
        assert value(tree) == [{"no": 0, "id": "dune"}, {"no": 1, "id": "emma"}]
        assert value({**tree, "where": "index > 0"}) == [{"no": 1, "id": "emma"}]
        assert value({"each": "one", "of": "=body.nope", "is": 1}) == []
        assert value({"each": "one", "of": "=item.none", "is": 1}) == []
        assert value({"each": "one", "of": "=body.tags", "is": "=one.nope"}) == []

    def test_each_in_each(self) -> None:
        """The inner one sees the outer one's names; its own index is the nearer."""
        tree = {"each": "a", "of": "=body.tags", "is": {"each": "b", "of": [1, 2], "is": "=a ~ b ~ index"}}
        assert value(tree) == [["a10", "a21"], ["b10", "b21"]]

    def test_a_mapping_that_only_looks_like_each(self) -> None:
        """With another key it is a mapping."""
        assert value({"each": "a", "of": 1, "is": 2, "more": 3}) == {"each": "a", "of": 1, "is": 2, "more": 3}

    def test_the_names_it_asks_for(self) -> None:
        """What a derived field depends on is known, so that it can be kept as long as that holds."""
        made = compile_value(
            {"a": ["=n", {"each": "x", "of": "=books", "is": "=x.id ~ n"}], "b": "=range(n)"}, PLACE
        )
        assert set(made.names) == {"n", "books"}

    def test_what_is_not_used_is_not_looked_up(self) -> None:
        """A row that nobody looks at costs nothing."""
        asked: list[str] = []

        def scope(name: str) -> Any:
            asked.append(name)
            return NAMES.get(name, MISSING)

        Expression("n + 1", PLACE)(scope)
        assert asked == ["n"]


class TestRefusedAtLoad:
    def test_a_name_that_does_not_exist(self) -> None:
        """With what was meant: among the names and the functions."""
        assert refused("boks.count()") == "'boks.count()': there is no 'boks' here. Did you mean 'books'?"
        assert refused("epoc(n)") == "'epoc(n)': there is no 'epoc' here. Did you mean 'epoch'?"

    def test_a_filter_that_does_not_exist(self) -> None:
        """Jinja says so too, but without a place and a guess."""
        assert (
            refused("body.tags | lenght")
            == "'body.tags | lenght': there is no filter 'lenght'. Did you mean 'length'?"
        )

    def test_a_test_that_does_not_exist(self) -> None:
        """`is definde` is found at load as well, not by the first request."""
        assert (
            refused("body.x is definde")
            == "'body.x is definde': there is no test 'definde'. Did you mean 'defined'?"
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "n n",
            "n }} {{ n",
            "{% set a = 1 %}",
            "n }}{% if n %}{{ n }}{% endif %}{{ n",
            "(n",
            "n +",
            "n # x",
            "= n",
        ],
    )
    def test_what_is_no_expression(self, text: str) -> None:
        """One expression, and no template."""
        assert "is no expression" in refused(text)

    def test_braces_in_text(self) -> None:
        """A brace in quotes closes nothing, and a mapping is an expression."""
        assert of("'}}' ~ n") == "}}4"
        assert of("{'a': {'b': n}}") == {"a": {"b": 4}}


class TestRefusedWhenComputed:
    @pytest.mark.parametrize(
        "text",
        [
            "body.name + 1",
            "n / 0",
            "books.wher(id=1)",
            "add('soon', days=1)",
            "moment(10 ** 20)",
            "moment(-(10 ** 18))",
            "matches(body.name, '(')",
            "range(1, 2, 0)",
            "body.tags | sum",
            "books.select('nope > 1')",
            "n()",
        ],
    )
    def test_with_its_place(self, text: str) -> None:
        """Whatever goes wrong in an expression is a BehaviorError that quotes it, never a bare exception."""
        with pytest.raises(BehaviorError) as caught:
            of(text)
        assert caught.value.pointer == "/operations/x" or "select" in text

    @pytest.mark.parametrize(
        "text",
        [
            "body.tags.append('c')",
            "body.name.__class__.__mro__",
            "books.__init__.__globals__",
            "books._source()",
            "''.format.__globals__",
            "'{0.__class__}'.format(n)",
            "range.__globals__",
        ],
    )
    def test_the_sandbox_holds(self, text: str) -> None:
        """An expression reads what it is given; it changes nothing and reaches nothing else."""
        try:
            found = of(text)
        except BehaviorError:
            found = MISSING
        assert not found
        assert NAMES["body"]["tags"] == ["a", "b"]


class TestRemembered:
    TEXTS = tuple(f"row.n > {number} and choice('a-{number}') and now" for number in range(30))

    def made(self) -> list[Expression]:
        """All of them, as a start compiles them."""
        with syntax.remembered("a behavior.yaml"):
            return [Expression(text, PLACE) for text in (*self.TEXTS, "item.stats.sent")]

    def test_nothing_is_parsed_twice(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A start parses a thousand expressions, a third of its time: what their trees say is kept."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        first = self.made()
        with monkeypatch.context() as blind:
            blind.setattr(Expression, "_parsed", lambda self: pytest.fail(f"{self.text} was parsed"))
            again = self.made()
        assert [(one.names, one.asked, one._path) for one in again] == [
            (one.names, one.asked, one._path) for one in first
        ]
        assert again[-1](lambda _: {"stats": {"sent": 7}}) == 7
        scope = {"row": {"n": 9}, "choice": str.upper, "now": "later"}
        assert again[3](lambda name: scope[name]) == first[3](lambda name: scope[name]) == "later"

    def test_what_is_wrong_is_told_every_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only what is sound is kept, so that an error is never lost; neither by a damaged file."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        self.made()
        (kept,) = (tmp_path / "mockserver").iterdir()
        for data in (kept.read_bytes(), kept.read_bytes()[:100], b"nonsense", b""):
            kept.write_bytes(data)
            assert self.made()[0].names == ("choice", "now", "row")
            for wrong in ("row.n >", "row.n | nofilter"):
                with syntax.remembered("a behavior.yaml"), pytest.raises(BehaviorError, match="no "):
                    Expression(wrong, PLACE)
