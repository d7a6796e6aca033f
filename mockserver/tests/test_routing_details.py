from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.load import load
from mockserver.contract.locate import Located
from mockserver.contract.model import Contract, Route
from mockserver.contract.routes import Match, Miss, Routes, parted
from mockserver.errors import likest
from mockserver.exchange import Place, Request
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.tests.costs import cost, growth

PLACE = Place("openapi.yaml", "")


def routes(*templates: str, method: str = "GET") -> Routes:
    """Return routes of one method."""
    return Routes([Route(method, template, template, PLACE) for template in templates])


def found(made: Routes, path: str, query: str = "") -> Any:
    """Return (template, captured), or None."""
    match = made.match("GET", path, query)
    return (match.route.template, match.captured) if isinstance(match, Match) else None


def loaded(
    folder: Path, servers: str, paths: str = "{/x: {get: {responses: {'200': {description: ok}}}}}"
) -> Contract:
    """Return a contract with *servers*, as YAML."""
    file = folder / "a.yaml"
    file.write_text(f"openapi: 3.0.3\ninfo: {{title: T, version: '1'}}\nservers: {servers}\npaths: {paths}\n")
    return load(file)


class TestSegments:
    @pytest.mark.parametrize(
        ("template", "path", "captured"),
        [
            ("/{a},{b}", "/1,2", {"a": "1", "b": "2"}),
            ("/{a},{b}", "/1,2,3", {"a": "1,2", "b": "3"}),
            ("/{a}{b}", "/xyz", {"a": "xy", "b": "z"}),
            ("/{a}...{b}", "/main...topic", {"a": "main", "b": "topic"}),
            ("/x{a}y{b}z", "/x1y2yz", {"a": "1", "b": "2y"}),
            ("/{id}:cancel", "/7:cancel", {"id": "7"}),
            ("/@{user}", "/@ada", {"user": "ada"}),
            ("/{name}.{format}", "/a.b.json", {"name": "a.b", "format": "json"}),
        ],
    )
    def test_split(self, template: str, path: str, captured: dict[str, str]) -> None:
        """A variable takes as much as it can, the first before the second."""
        assert found(routes(template), path) == (template, captured)

    @pytest.mark.parametrize(
        ("template", "path"),
        [("/{a},{b}", "/,2"), ("/{a},{b}", "/1,"), ("/{a},{b}", "/1"), ("/{a}{b}", "/x"), ("/a{b}a", "/a")],
    )
    def test_nothing_is_no_value(self, template: str, path: str) -> None:
        """A path parameter is never empty."""
        assert found(routes(template), path) is None

    @given(
        st.lists(st.sampled_from(["", "a", "b", "ab", "."]), min_size=2, max_size=4),
        st.text("ab.", max_size=9),
    )
    def test_as_a_greedy_expression_would(self, literals: list[str], segment: str) -> None:
        """One pass from the end finds what the search with every split would find first."""
        import re

        names = [f"v{number}" for number in range(len(literals) - 1)]
        template = (
            "/"
            + literals[0]
            + "".join("{" + name + "}" + literal for name, literal in zip(names, literals[1:], strict=True))
        )
        wanted = re.compile("(.+)".join(map(re.escape, literals))).fullmatch(segment)
        expected = (template, dict(zip(names, wanted.groups(), strict=True))) if wanted else None
        assert found(routes(template), f"/{segment}") == expected

    def test_methods_and_verbs(self) -> None:
        """A verb after a colon is another resource than the item."""
        made = routes("/jobs/{id}", "/jobs/{id}:cancel", "/jobs/{id}.json")
        assert found(made, "/jobs/7:cancel") == ("/jobs/{id}:cancel", {"id": "7"})
        assert found(made, "/jobs/7.json") == ("/jobs/{id}.json", {"id": "7"})
        assert found(made, "/jobs/7:stop") == ("/jobs/{id}", {"id": "7:stop"})


class TestDots:
    @pytest.mark.parametrize(
        ("path", "template"),
        [
            ("/a/./b", "/a/b"),
            ("/a/c/../b", "/a/b"),
            ("/a/c/%2e%2E/b", "/a/b"),
            ("/../a/b", "/a/b"),
            ("/a/b/.", "/a/b/"),
            ("/a/b/c/..", "/a/b/"),
            ("/a/...", "/a/{x}"),
            ("/a/.b", "/a/{x}"),
        ],
    )
    def test_are_taken_away(self, path: str, template: str) -> None:
        """RFC 3986, 6.2.2.3: "." and ".." are no segments but steps, encoded or not."""
        match = found(routes("/a/b", "/a/b/", "/a/{x}"), path)
        assert match is not None
        assert match[0] == template


class TestConditions:
    CLOUD = routes(
        "/#Action=Start", "/#Action=Stop", "/tags/{id}#keys", "/tags/{id}", "/users?active=true", "/users"
    )

    @pytest.mark.parametrize(
        ("path", "query", "template"),
        [
            ("/", "Action=Stop&Version=1", "/#Action=Stop"),
            ("/", "Action=%53tart", "/#Action=Start"),
            ("/tags/1", "keys=a", "/tags/{id}#keys"),
            ("/tags/1", "", "/tags/{id}"),
            ("/users", "active=true&x=1", "/users?active=true"),
            ("/users", "active=false", "/users"),
        ],
    )
    def test_on_the_query(self, path: str, query: str, template: str) -> None:
        """What stands behind "#" or "?" in a path of the document tells operations apart by the query."""
        match = found(self.CLOUD, path, query)
        assert match is not None
        assert match[0] == template

    def test_nothing_holds(self) -> None:
        """Some operation must say what is wrong with the query."""
        assert found(self.CLOUD, "/", "Action=Fly") is not None

    def test_sampled(self, tmp_path: Path) -> None:
        """A URL to copy has no "#"."""
        operation = "responses: {'200': {description: ok}}"
        file = tmp_path / "a.yaml"
        file.write_text(
            "openapi: 3.0.3\npaths:\n  /#Action=Stop:\n    get:\n      parameters:\n"
            "        - {name: Action, in: query, required: true, schema: {enum: [Stop]}}\n"
            f"      {operation}\n"
            f"  /u?a=1: {{get: {{{operation}}}}}\n"
        )
        host = build_host([Located("a", file)], journal=Journal(1), stateless=True)
        targets = [host.sample(one) for one in host.apis[0].contract.operations.values()]
        assert targets == ["/?Action=Stop", "/u?a=1"]
        for target in targets:
            path, _, query = target.partition("?")
            assert host.handle(Request("GET", path, query)).status == 200

    def test_variable_of_the_query(self, tmp_path: Path) -> None:
        """ "/search?q={text}" is asked for by `q`, wherever the document says that its variable is."""
        file = tmp_path / "a.yaml"
        file.write_text(
            "openapi: 3.0.3\npaths:\n"
            "  /search?q={text}: {get: {parameters: [{name: text, in: path, required: true, "
            "schema: {type: string, minLength: 2}}], responses: {'200': {description: ok}}}}\n"
            "  /find?q={q}: {get: {parameters: [{name: q, in: query, required: true, "
            "schema: {type: string}}], responses: {'200': {description: ok}}}}\n"
        )
        host = build_host([Located("a", file)], journal=Journal(1), stateless=True)

        def status(path: str, query: str) -> int:
            return host.handle(Request("GET", path, query)).status

        assert [status("/search", "q=ab"), status("/search", "q=a"), status("/search", "")] == [200, 422, 422]
        assert status("/find", "q=ab") == 200
        assert status("/find", "q={q}?q=ab") == 200, "clients put their query behind the template's"

    def test_told_apart_by_a_header(self, tmp_path: Path) -> None:
        """Clients of such a cloud send the field that the path has behind its mark, and no query."""
        file = tmp_path / "a.yaml"
        paths = "".join(
            f"  /#X-Target=Db.{name}:\n    post:\n      operationId: {name}\n"
            "      responses: {'200': {description: ok}}\n"
            for name in ("Get", "Put")
        )
        file.write_text(f"openapi: 3.0.3\npaths:\n{paths}")
        host = build_host([Located("a", file)], journal=Journal(1), stateless=True)
        for name in ("Get", "Put"):
            response = host.handle(Request("POST", "/", "", (("x-target", f"Db.{name}"),)))
            assert dict(response.headers)["Mock-Operation"] == name

    def test_parted(self) -> None:
        """Both marks, one after the other."""
        assert parted("/x#a&b=1") == ("/x", {"a": [""], "b": ["1"]})
        assert parted("/x") == ("/x", {})


class TestSideBySide:
    def test_what_is_known_decides(self, tmp_path: Path) -> None:
        """In "/{page}{extension}" the extension begins where it is one."""
        file = tmp_path / "a.yaml"
        file.write_text(
            "openapi: 3.0.3\npaths:\n  /{page}{extension}:\n    get:\n      parameters:\n"
            "      - {name: page, in: path, required: true, schema: {type: string}}\n"
            "      - {name: extension, in: path, required: true, schema: {enum: [json, .xml]}}\n"
            "      responses: {'200': {description: ok}}\n"
        )
        host = build_host([Located("a", file)], journal=Journal(1), stateless=True)
        told = [host.handle(Request("GET", f"/{path}")).status for path in ("ajson", "a.b.xml", "a.txt", "a")]
        assert told == [200, 200, 422, 404]


class TestBases:
    @pytest.mark.parametrize(
        ("servers", "bases"),
        [
            ("[{url: 'https://x.org/v1/'}]", ("/v1",)),
            ("[{url: /}, {url: ''}, {url: 'https://x.org'}]", ()),
            ("[{url: v1}, {url: ./v2}, {url: ../v3}]", ("/v1", "/v2", "/v3")),
            ("[{url: 'https://x.org/v1?a=b#c'}]", ("/v1",)),
            ("[{url: '{scheme}://{host}:{port}/v1'}]", ("/v1",)),
            (
                "[{url: '{server}/v1', variables: {server: {default: 'https://x.org/api'}}}]",
                ("/{server}/v1",),
            ),
            ("[{url: '/{v}', variables: {v: {default: a, enum: [a, b]}}}]", ("/a", "/b")),
            ("[{url: '/{tenant}/api', variables: {tenant: {default: a}}}]", ("/{tenant}/api",)),
            ("[{url: 'http://[bad'}]", ()),
        ],
    )
    def test_of_servers(self, tmp_path: Path, servers: str, bases: tuple[str, ...]) -> None:
        """What a server's URL says of the path: relative, with variables, or not at all."""
        assert loaded(tmp_path, servers).bases == bases

    def test_of_paths_and_operations(self, tmp_path: Path) -> None:
        """Paths and operations may have servers of their own."""
        paths = (
            "{/x: {servers: [{url: /p}], get: {servers: [{url: /o}], responses: {'200': {description: ok}}}}}"
        )
        assert loaded(tmp_path, "[{url: /d}]", paths).bases == ("/d", "/p", "/o")

    def test_any_text_for_a_variable(self, tmp_path: Path) -> None:
        """A variable without `enum` takes any text; a slash ends it."""
        loaded(tmp_path, "[{url: '/{tenant}/api', variables: {tenant: {default: a}}}]")
        host = build_host([Located("a", tmp_path / "a.yaml")], journal=Journal(1), stateless=True)
        assert host.handle(Request("GET", "/acme/api/x")).status == 200
        assert host.handle(Request("GET", "/x")).status == 200
        assert host.handle(Request("GET", "/acme/b/api/x")).status == 404


class TestCosts:
    def test_many_templates_alike(self) -> None:
        """Ten thousand operations are matched by their segments, not one by one."""

        def walk(made: Routes) -> None:
            for number in range(200):
                assert found(made, f"/v{number % 10}/id/{number % 10}") is not None

        few, many = (
            routes(*(f"/v{a}/{{x{b}}}/{b}" for a, b in product(range(size), range(size))))
            for size in (10, 100)
        )
        assert cost(lambda: walk(many)) < 40 * cost(lambda: walk(few))

    def test_names_of_variables_do_not_multiply(self) -> None:
        """A tree of templates that differ in their variables' names only is walked once."""

        def walk(deep: int) -> None:
            made = trees[deep]
            assert found(made, "/1" * deep) is not None
            assert found(made, "/1" * deep + "/2") is None

        trees = {
            deep: routes(*("".join(f"/{{{name}}}" for name in names) for names in product("ab", repeat=deep)))
            for deep in (3, 9)
        }
        assert cost(lambda: walk(9)) < 20 * cost(lambda: walk(3))

    def test_hostile_segments(self) -> None:
        """A segment of many separators is split in one pass."""
        made = routes("/{a},{b},{c},{d},{e},{f}x")
        assert found(made, "/" + "1," * 50_000) is None
        assert growth(lambda size: found(made, "/" + "1," * size), 12_500) < 30

    def test_a_miss(self) -> None:
        """Neighbours of a path that is nowhere are found among thousands, whatever its length."""
        made = routes(*(f"/things/{number}/parts/{{id}}" for number in range(3000)))
        miss = made.match("GET", "/thing/1234/parts/5")
        assert isinstance(miss, Miss)
        assert miss.nearest[0] == "/things/1234/parts/{id}"
        assert growth(lambda size: made.match("GET", "/x" * size), 1_250) < 30

    def test_the_likest_of_many(self) -> None:
        """Few or many, the likest name comes first."""
        names = [f"Schema{number}" for number in range(2000)]
        assert likest("Shema1234", names, 1, 0.5) == ["Schema1234"]
        assert likest("Shema1234", ["Schema1234", "x"], 1, 0.5) == ["Schema1234"]
        assert likest("zzz", names, 1, 0.5) == []
