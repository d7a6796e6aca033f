"""
A documented example answers for whichever thing is asked for, and then names that one.
"""

from __future__ import annotations

from typing import Any

from mockserver.behavior.retelling import retold
from mockserver.tests.crud import GONE, TEXT, Asking, Json, answer, asking, body, in_path, listed, thing

REPO = thing({"name": TEXT, "url": TEXT, "owner": thing({"login": TEXT}), "about": TEXT, "stars": {}}, "name")
EXAMPLE = {
    "name": "hello",
    "url": "https://api.example.com/repos/octocat/hello",
    "owner": {"login": "octocat"},
    "about": "Say hello to octocat and/or all",
    "stars": 80,
}


def repos(example: Json = EXAMPLE, parameter: Json = None) -> Asking:
    repo: dict[str, Any] = {**in_path("repo", TEXT), **(parameter or {})}
    one = {
        "parameters": [in_path("owner", TEXT), repo],
        "get": {"responses": {"200": answer(REPO, example=example), "404": GONE}},
        "patch": {"requestBody": body(thing({"about": TEXT})), "responses": {"200": answer(REPO)}},
    }
    return asking({"/repos/{owner}/{repo}": one})


class TestReading:
    def test_names_what_was_asked_for(self):
        """Its name, its owner and its address are those of the path; prose stays as it was written."""
        shown = repos().get("/repos/acme/widgets").json()
        assert shown == {
            **EXAMPLE,
            "name": "widgets",
            "url": "https://api.example.com/repos/acme/widgets",
            "owner": {"login": "acme"},
        }

    def test_of_its_own_it_is_the_document_s(self):
        """Whoever asks for the thing of the example is given the example."""
        read = repos().get("/repos/octocat/hello")
        assert (read.json(), read.headers["mock-source"]) == (EXAMPLE, "example")

    def test_the_document_s_own_call(self):
        """A document that asks for 7 and shows the answer 9 has said what is answered to 7."""
        api = repos(parameter={"example": "other"})
        assert api.get("/repos/octocat/other").json() == EXAMPLE
        assert api.get("/repos/octocat/third").json()["name"] == "third"

    def test_is_the_same_after_a_change(self):
        """A change leaves the rest of what was read before it."""
        api = repos()
        before = api.get("/repos/acme/widgets").json()
        api("PATCH", "/repos/acme/widgets", {"about": "new"})
        assert api.get("/repos/acme/widgets").json() == {**before, "about": "new"}

    def test_without_an_address_of_its_own(self):
        """The key alone is changed where the example does not say where it stands."""
        example = {"name": "hello", "about": "hello/there"}
        assert repos(example).get("/repos/acme/widgets").json() == {**example, "name": "widgets"}


class TestRetold:
    def test_addresses_are_read_by_steps(self):
        """Only whole words of an address are the name: "hello-world" is not "hello"."""
        example = {"self": "/things/hello", "next": "/things/hello-world", "kinds": ["hello"]}
        assert retold(example, "/things/{id}", {"id": "a b"}) == {**example, "self": "/things/a%20b"}

    def test_nothing_names_it(self):
        """A path of parameters alone is found in no address."""
        example = {"url": "https://example.com/a/b"}
        assert retold(example, "/{x}/{y}", {"x": "1", "y": "2"}) is example

    def test_who_is_asked_stays_who_it_is(self):
        """The things of github.com are at github.com, also where the example is a thing called github."""
        example = {"login": "github", "url": "https://api.github.com/orgs/github"}
        told = retold(example, "/orgs/{org}", {"org": "acme"})
        assert told == {"login": "acme", "url": "https://api.github.com/orgs/acme"}


ISSUE = thing({"number": {"type": "integer"}, "url": TEXT, "user": {}}, "number")
ROW: Json = {"number": 7, "url": "https://api.example.com/repos/octocat/hello/issues/7"}


class TestLists:
    def test_below_what_was_asked_for(self):
        """A list of the issues of acme/widgets leads to acme/widgets, and so does one of them."""
        path = "/repos/{owner}/{repo}/issues"
        both = [in_path("owner", TEXT), in_path("repo", TEXT)]
        one = [*both, in_path("number")]
        api = asking(
            {
                path: {
                    "parameters": both,
                    "get": {"responses": {"200": answer(listed(ISSUE), example=[ROW])}},
                },
                path + "/{number}": {
                    "parameters": one,
                    "get": {"responses": {"200": answer(ISSUE), "404": GONE}},
                },
            }
        )
        own = api.get("/repos/octocat/hello/issues")
        assert (own.json(), own.headers["mock-source"]) == ([ROW], "example")
        (row,) = api.get("/repos/acme/widgets/issues").json()
        assert row == {"number": 7, "url": "https://api.example.com/repos/acme/widgets/issues/7"}
        assert api.get("/repos/acme/widgets/issues/7").json() == row

    def test_whose_they_are(self):
        """The repositories of ann are ann's; those that she likes stay whose they were."""
        row = {**EXAMPLE, "owner": {"login": "octocat", "url": "https://api.example.com/users/octocat"}}
        shown = {"responses": {"200": answer(listed(REPO), example=[row])}}
        there = {"parameters": [in_path("username", TEXT)], "get": shown}
        pages = {
            **there,
            "get": {**shown, "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}]},
        }
        api = asking(
            {
                "/users/{username}": {
                    "parameters": there["parameters"],
                    "get": {"responses": {"200": answer(thing({}))}},
                },
                "/users/{username}/repos": pages,
                "/users/{username}/liked": pages,
            }
        )
        (own,) = api.get("/users/ann/repos").json()
        assert own["owner"] == {"login": "ann", "url": "https://api.example.com/users/ann"}
        assert own["url"] == "https://api.example.com/repos/ann/hello"
        assert api.get("/users/ann/liked").json() == [row]


class TestAccounts:
    def test_what_people_log_in_with(self):
        """/users/joe is the account "joe" of somebody who has a name: not everybody whose name is joe."""
        user = thing({"login": TEXT, "name": TEXT}, "login", "name")
        one = {"parameters": [in_path("username", TEXT)], "get": {"responses": {"200": answer(user)}}}
        shown = asking({"/users/{username}": one}).get("/users/joe").json()
        assert shown["login"] == "joe"
        assert shown["name"] != "joe"


class TestNewThings:
    def test_say_where_they_are(self):
        """A page that follows the `url` of what it has just made comes to that."""
        path = "/repos/{owner}/{repo}/issues"
        both = [in_path("owner", TEXT), in_path("repo", TEXT)]
        issue = thing({"number": {"type": "integer"}, "url": TEXT, "title": TEXT}, "number", "url", "title")
        row = {**ROW, "title": "Found a bug"}
        api = asking(
            {
                path: {
                    "parameters": both,
                    "get": {"responses": {"200": answer(listed(issue), example=[row])}},
                    "post": {
                        "requestBody": body(thing({"title": TEXT}, "title")),
                        "responses": {"201": answer(issue)},
                    },
                },
                path + "/{number}": {
                    "parameters": [*both, in_path("number")],
                    "get": {"responses": {"200": answer(issue), "404": GONE}},
                },
            }
        )
        made = api.post("/repos/acme/widgets/issues", {"title": "New"}).json()
        assert made["url"] == f"https://api.example.com/repos/acme/widgets/issues/{made['number']}"
        assert made["title"] == "New"
