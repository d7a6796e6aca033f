"""
What people know of well-known APIs holds without rules: it is drawn in their documents as it is here.
"""

from __future__ import annotations

from mockserver.tests.costs import cost
from mockserver.tests.crud import (
    GONE,
    NUMBER,
    TEXT,
    Asking,
    answer,
    asking,
    body,
    crud,
    in_path,
    in_query,
    listed,
    thing,
)

STATES = {"type": "string", "enum": ["canceled", "processing", "requires_action", "succeeded"]}


class TestPayments:
    CUSTOMER = thing({"id": TEXT, "name": TEXT, "email": TEXT}, "id")
    NEW = thing({"name": TEXT, "email": TEXT})

    def test_a_parameter_called_as_the_thing(self):
        """
        `/customers/{customer}` names one by its id: the name is no key, though it is a name.
        """
        ask = asking(crud(self.CUSTOMER, self.NEW, path="/customers", parameter="customer", key=TEXT))
        made = ask.post("/customers", {"name": "Ann"}).json()
        assert ask.get(f"/customers/{made['id']}").json() == made
        assert ask.delete(f"/customers/{made['id']}").status == 204
        assert ask.get(f"/customers/{made['id']}").status == 404

    def test_a_new_thing_is_not_over(self):
        """
        What was just made is not cancelled, though the alphabet has that state first.
        """
        row = thing({"id": TEXT, "amount": NUMBER, "status": STATES}, "id", "amount", "status")
        new = thing({"amount": NUMBER}, "amount")
        ask = asking(crud(row, new, path="/intents", parameter="intent", key=TEXT))
        assert ask.post("/intents", {"amount": 5}).json()["status"] == "processing"

    def test_an_address_without_host(self):
        """
        A list whose address has a pattern is told its address so, and is still the list that clients made.
        """
        url = {"type": "string", "pattern": "^/customers"}
        ask = asking(
            crud(
                *(self.CUSTOMER, self.NEW),
                path="/customers",
                key=TEXT,
                many=lambda row: thing({"data": listed(row), "url": url}, "data", "url"),
            )
        )
        made = ask.post("/customers", {"name": "Ann"}).json()
        told = ask.get("/customers").json()
        assert told["data"][0] == made
        assert told["url"] == "/customers"

    def test_an_address_of_a_hostile_pattern(self):
        """
        Its pattern is searched as all are, in limited time: by backtracking it would never come back.
        """

        def listing(pattern: str) -> Asking:
            url = {"type": "string", "pattern": pattern}
            envelope = lambda row: thing({"data": listed(row), "url": url}, "data")  # noqa: E731 - for `many`
            return asking(crud(*(self.CUSTOMER, self.NEW), path="/customers", key=TEXT, many=envelope))

        asked = f"/customers?limit=5&{'a' * 60}"
        usual, hostile = listing("^/customers"), listing("^(([a-z0-9/:.?=&])+)+!$")
        assert usual.get(asked).status == hostile.get(asked).status == 200
        assert cost(lambda: hostile.get(asked)) < 20 * cost(lambda: usual.get(asked))

    def test_an_error_is_about_nothing(self):
        """
        An error may name a whole payment; one that was refused is not told of a payment that nobody made.
        """
        large = thing({f"field{at}": TEXT for at in range(20)})
        error = thing({"error": thing({"message": TEXT, "payment": large}, "message")}, "error")
        paths = crud(self.CUSTOMER, thing({"name": TEXT}, "name"), path="/customers")
        paths["/customers"]["post"]["responses"]["400"] = answer(error)
        refused = asking(paths).post("/customers", {})
        assert refused.status == 400
        assert refused.json()["error"].keys() == {"message"}


class TestMessages:
    def test_other_spellings(self):
        """
        Who sends `To` in a form reads `to`: forms and answers are spelled by different people.
        """
        row = thing({"sid": TEXT, "to": TEXT, "body": TEXT, "num_media": {"type": ["string", "null"]}}, "sid")
        new = thing({"To": TEXT, "Body": TEXT}, "To")
        paths = crud(row, new, path="/messages", parameter="Sid", key=TEXT)
        ask = asking(paths)
        made = ask.post("/messages", {"To": "+15005550006", "Body": "Hi"}).json()
        assert (made["to"], made["body"]) == ("+15005550006", "Hi")
        assert ask.get(f"/messages/{made['sid']}").json() == made
        changed = ask.put(f"/messages/{made['sid']}", {"To": "+15005550006", "Body": "Ho"}).json()
        assert (changed["to"], changed["body"]) == ("+15005550006", "Ho")

    def test_addresses_of_pages(self):
        """
        The next page is found where the document tells its address.
        """
        uri = {"type": ["string", "null"], "format": "uri"}
        size, page = in_query("PageSize", NUMBER), in_query("Page", NUMBER)
        ask = asking(
            crud(
                path="/messages",
                query=[size, page],
                many=lambda row: thing(
                    {"messages": listed(row), "next_page_uri": uri, "uri": uri}, "messages"
                ),
            )
        )
        first = ask.get("/messages?PageSize=2").json()
        second = ask.get(first["next_page_uri"].removeprefix("http://127.0.0.1:4010")).json()
        assert len(first["messages"]) == len(second["messages"]) == 2
        assert first["messages"] != second["messages"]


class TestClusters:
    POD = thing(
        {
            "kind": TEXT,
            "metadata": thing({"name": TEXT, "labels": {"type": "object"}}),
            "spec": {"type": "object"},
        }
    )

    def test_the_name_stands_in_the_metadata(self):
        """
        `/pods/{name}` is found by `metadata.name`, chosen by the client or not.
        """
        paths = crud(self.POD, self.POD, path="/pods", parameter="name", key=TEXT)
        paths["/pods"]["post"]["responses"]["409"] = GONE
        ask = asking(paths)
        sent = {"kind": "Pod", "metadata": {"name": "web", "labels": {"app": "x"}}, "spec": {"a": 1}}
        assert ask.post("/pods", sent).status == 201
        assert ask.get("/pods/web").json() == sent
        assert ask.post("/pods", sent).status == 409
        names = [one["metadata"]["name"] for one in ask.get("/pods").json()]
        assert names[0] == "web"
        assert ask.get(f"/pods/{names[1]}").json()["metadata"]["name"] == names[1]
        changed = ask.patch(
            "/pods/web", {"metadata": {"labels": {"app": "y"}}}, media="application/merge-patch+json"
        )
        assert changed.json()["metadata"] == {"name": "web", "labels": {"app": "y"}}
        assert ask.delete("/pods/web").status == 204
        assert ask.get("/pods/web").status == 404


class TestPeople:
    USER = thing({"login": TEXT, "name": TEXT, "id": NUMBER}, "login", "id")

    def test_who_is_told_by_a_login(self):
        """
        Who is assigned by a login is shown with that login, and taken away by it.
        """
        issue = thing({"number": NUMBER, "assignees": listed(self.USER)}, "number", "assignees")
        logins = body(thing({"assignees": listed(TEXT)}))
        at = [in_path("number")]
        ask = asking(
            {
                "/issues/{number}": {"parameters": at, "get": {"responses": {"200": answer(issue)}}},
                "/issues/{number}/assignees": {
                    "parameters": at,
                    "post": {"requestBody": logins, "responses": {"201": answer(issue)}},
                    "delete": {"requestBody": logins, "responses": {"200": answer(issue)}},
                },
            }
        )
        before = [one["login"] for one in ask.get("/issues/1").json()["assignees"]]
        told = ask.post("/issues/1/assignees", {"assignees": ["hubot"]}).json()
        assert [one["login"] for one in told["assignees"]] == [*before, "hubot"]
        told = ask("DELETE", "/issues/1/assignees", {"assignees": before}).json()
        assert [one["login"] for one in told["assignees"]] == ["hubot"]
        assert ask.get("/issues/1").json() == told
