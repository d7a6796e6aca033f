"""
What a client did is remembered, whatever way the document draws its collection.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest

from mockserver.tests.crud import (
    GONE,
    NEW,
    NUMBER,
    PROPERTIES,
    ROW,
    TEXT,
    Asking,
    Json,
    answer,
    asking,
    body,
    crud,
    in_path,
    in_query,
    listed,
    thing,
)

SENT = {"name": "Ann", "price": 1.5, "tags": ["x"], "size": {"wide": 1, "high": 2}}
UUID = {"type": "string", "format": "uuid"}


def same(value: Json) -> Json:
    return value


@dataclass
class Kind:
    """One way to draw a collection: its paths, and where things stand in what is sent and answered."""

    paths: dict[str, Any]
    one: Callable[[Json], Json] = same
    many: Callable[[Json], Json] = same
    sent: Callable[[Json], Json] = same
    total: Callable[[Json], int] | None = None
    key: str = "id"
    path: str = "/things"
    new: dict[str, Any] = field(default_factory=lambda: dict(SENT))


def inside(*names: str) -> Callable[[Json], Json]:
    """Return what looks up *names*, one inside the other."""

    def look(value: Json) -> Json:
        for name in names:
            value = value[name]
        return value

    return look


def wrapped(name: str, **more: Json) -> Callable[[Json], Json]:
    """Return what draws an envelope around a schema."""
    return lambda schema: thing({name: schema, **more}, name)


def row_with(key: str, schema: Json) -> Json:
    return thing({key: schema, **PROPERTIES}, key, "name")


ATTRIBUTES = thing({"name": TEXT, "price": {"type": "number"}}, "name")
LINKS = thing({"self": thing({"href": TEXT}, "href")}, "self")

KINDS = {
    "numbers": Kind(crud()),
    "uuids": Kind(crud(row_with("id", UUID), key=UUID)),
    "named as the parameter": Kind(
        crud(row_with("thingId", UUID), parameter="thing_id", key=UUID), key="thingId"
    ),
    "a pattern": Kind(
        crud(
            row_with("id", {"type": "string", "pattern": "^thg_[a-z0-9]{8}$"}),
            key={"type": "string", "pattern": "^thg_[a-z0-9]{8}$"},
        )
    ),
    "any text": Kind(crud(row_with("id", TEXT), key=TEXT)),
    "a number in the row, text in the path": Kind(crud(key=TEXT)),
    "text in the row, a number in the path": Kind(crud(row_with("id", TEXT))),
    "underscored": Kind(crud(row_with("_id", TEXT), key=TEXT), key="_id"),
    "data": Kind(
        crud(
            one=wrapped("data"),
            many=lambda row: thing({"data": listed(row), "meta": thing({"total": NUMBER}, "total")}, "data"),
        ),
        one=inside("data"),
        many=inside("data"),
        total=inside("meta", "total"),
    ),
    "called by its noun": Kind(
        crud(
            one=wrapped("thing"),
            sent=wrapped("thing"),
            many=lambda row: thing({"things": listed(row), "thingsCount": NUMBER}, "things"),
        ),
        one=inside("thing"),
        many=inside("things"),
        sent=lambda value: {"thing": value},
    ),
    "two envelopes": Kind(
        crud(
            one=wrapped("data", success={"type": "boolean"}),
            many=lambda row: wrapped("data")(
                thing({"items": listed(row), "total": NUMBER}, "items", "total")
            ),
        ),
        one=inside("data"),
        many=inside("data", "items"),
        total=inside("data", "total"),
    ),
    "HAL": Kind(
        crud(
            thing({"id": NUMBER, **PROPERTIES, "_links": LINKS}, "id", "name", "_links"),
            many=lambda row: thing(
                {
                    "_embedded": thing({"things": listed(row)}, "things"),
                    "_links": LINKS,
                    "page": thing({"size": NUMBER, "totalElements": NUMBER, "totalPages": NUMBER}),
                },
                "_embedded",
                "page",
            ),
        ),
        many=inside("_embedded", "things"),
        total=inside("page", "totalElements"),
    ),
    "JSON:API": Kind(
        crud(
            thing(
                {"type": {"const": "things"}, "id": TEXT, "attributes": ATTRIBUTES},
                "type",
                "id",
                "attributes",
            ),
            thing({"type": {"const": "things"}, "attributes": ATTRIBUTES}, "type", "attributes"),
            key=TEXT,
            one=wrapped("data"),
            sent=wrapped("data"),
            many=lambda row: thing({"data": listed(row), "meta": thing({"total": NUMBER})}, "data", "meta"),
        ),
        one=inside("data"),
        many=inside("data"),
        sent=lambda value: {"data": value},
        total=inside("meta", "total"),
        new={"type": "things", "attributes": {"name": "Ann", "price": 2}},
    ),
    "a chosen name": Kind(
        crud(
            thing({"username": TEXT, **PROPERTIES}, "username"),
            thing({"username": TEXT, **PROPERTIES}, "username"),
            path="/accounts",
            parameter="username",
            key=TEXT,
        ),
        key="username",
        path="/accounts",
        new={"username": "ann", **SENT},
    ),
    "what only the server sets": Kind(
        crud(
            thing(
                {
                    "id": {**NUMBER, "readOnly": True},
                    "createdAt": {"type": "string", "format": "date-time", "readOnly": True},
                    "state": {"type": "string", "enum": ["draft", "live"], "default": "draft"},
                    **PROPERTIES,
                },
                *("id", "name", "createdAt", "state"),
                additionalProperties=False,
            )
        )
    ),
    "only the id": Kind(
        crud(
            created={
                "201": {
                    "description": "",
                    "content": {"application/json": {"schema": thing({"id": NUMBER}, "id")}},
                }
            }
        )
    ),
    "a message and the id": Kind(
        crud(
            created={
                "200": {
                    "description": "",
                    "content": {
                        "application/json": {"schema": thing({"message": TEXT, "thingId": NUMBER}, "message")}
                    },
                }
            }
        )
    ),
    "a Location, later": Kind(
        crud(created={"202": {"description": "", "headers": {"Location": {"schema": TEXT}}}})
    ),
}


@pytest.fixture(params=KINDS, ids=lambda name: name.replace(" ", "-"))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def api(kind: Kind) -> Asking:
    return asking(kind.paths)


def created(api: Asking, kind: Kind) -> str:
    """Create one; return its key."""
    answered = api.post(kind.path, kind.sent(kind.new))
    assert 200 <= answered.status < 300, answered
    told = answered.json()
    if told is None:
        return answered.headers["location"].rpartition("/")[2]
    told = told if "message" in told else kind.one(told)
    return str(told.get(kind.key, told.get("thingId")))


def rows(api: Asking, kind: Kind) -> Json:
    return kind.many(api.get(kind.path).json())


class TestEveryKind:
    def test_what_was_created_is_read(self, api: Asking, kind: Kind):
        """The first wish of all: remember what I POSTed."""
        read = kind.one(api.get(f"{kind.path}/{created(api, kind)}").json())
        assert {name: read[name] for name in kind.new} == kind.new

    def test_it_is_listed_first_as_it_is_read(self, api: Asking, kind: Kind):
        """A list that shows another thing than its detail page is no list of these."""
        key = created(api, kind)
        assert rows(api, kind)[0] == kind.one(api.get(f"{kind.path}/{key}").json())

    def test_a_total_counts_it(self, api: Asking, kind: Kind):
        """Totals are told apart from lengths, and follow."""
        if kind.total is None:
            return
        before = kind.total(api.get(kind.path).json())
        key = created(api, kind)
        assert kind.total(api.get(kind.path).json()) == before + 1
        api.delete(f"{kind.path}/{key}")
        assert kind.total(api.get(kind.path).json()) == before

    def test_a_patch_changes_what_it_names(self, api: Asking, kind: Kind):
        """All else stays as it was, also inside."""
        key = created(api, kind)
        nested = "attributes" if "attributes" in kind.new else "size"
        before = kind.one(api.get(f"{kind.path}/{key}").json())
        change = {nested: {"price" if nested == "attributes" else "high": 9}}
        assert api.patch(f"{kind.path}/{key}", kind.sent(change)).status == 200
        after = kind.one(api.get(f"{kind.path}/{key}").json())
        assert after == {**before, nested: {**before[nested], **change[nested]}}

    def test_a_put_replaces(self, api: Asking, kind: Kind):
        """What is not sent again is gone, but for what only the server sets."""
        key = created(api, kind)
        before = kind.one(api.get(f"{kind.path}/{key}").json())
        sent = {name: value for name, value in kind.new.items() if name in ("name", "username", "type")}
        sent |= {"attributes": {"name": "Bo"}} if "attributes" in kind.new else {"size": {"wide": 5}}
        assert api.put(f"{kind.path}/{key}", kind.sent(sent)).status == 200
        after = kind.one(api.get(f"{kind.path}/{key}").json())
        assert {name: after[name] for name in sent} == sent
        assert after[kind.key] == before[kind.key]
        assert after.get("createdAt") == before.get("createdAt")
        assert "tags" not in after

    def test_what_was_deleted_is_gone(self, api: Asking, kind: Kind):
        """From reading, from the list, and for whoever deletes or changes it again."""
        key = created(api, kind)
        assert api.delete(f"{kind.path}/{key}").status == 204
        assert api.get(f"{kind.path}/{key}").status == 404
        assert str(key) not in [str(row[kind.key]) for row in rows(api, kind)]
        assert api.patch(f"{kind.path}/{key}", kind.sent({})).status == 404
        assert api.delete(f"{kind.path}/{key}").status == 404

    def test_what_nobody_made_is_the_same_in_list_and_detail(self, api: Asking, kind: Kind):
        """Identity makes a thing, not the operation that shows it."""
        for row in rows(api, kind)[:3]:
            assert kind.one(api.get(f"{kind.path}/{row[kind.key]}").json()) == row

    def test_what_nobody_made_can_be_changed_and_deleted(self, api: Asking, kind: Kind):
        """It is as good as any other, until the end."""
        first, second = rows(api, kind)[:2]
        change = {"attributes": {"name": "Cy"}} if "attributes" in kind.new else {"name": "Cy"}
        assert api.patch(f"{kind.path}/{first[kind.key]}", kind.sent(change)).status == 200
        assert api.delete(f"{kind.path}/{second[kind.key]}").status == 204
        now = rows(api, kind)
        assert now[0] == kind.one(api.get(f"{kind.path}/{first[kind.key]}").json())
        assert now[0].get("attributes", now[0])["name"] == "Cy"
        assert second[kind.key] not in [row[kind.key] for row in now]
        assert api.get(f"{kind.path}/{second[kind.key]}").status == 404


class TestOneOfSeveralForms:
    CAT = thing({"id": NUMBER, "kind": {"const": "cat"}, "lives": NUMBER}, "id", "kind", "lives")
    DOG = thing({"id": NUMBER, "kind": {"const": "dog"}, "bark": TEXT}, "id", "kind", "bark")

    def test_each_keeps_its_own(self):
        """A dog that was made has no lives, though some pets have."""
        new = {
            "oneOf": [
                thing({"kind": TEXT, "lives": NUMBER}, "lives"),
                thing({"kind": TEXT, "bark": TEXT}, "bark"),
            ]
        }
        api = asking(crud({"oneOf": [self.CAT, self.DOG]}, new, path="/pets"))
        for sent in ({"kind": "cat", "lives": 9}, {"kind": "dog", "bark": "wow"}):
            made = api.post("/pets", sent).json()
            assert made == {"id": made["id"], **sent}
            assert made in api.get("/pets").json()

    def test_heirs_of_a_base(self):
        """Where answers are of a base that a discriminator divides, things are of its kinds and keep all."""
        base = {"$ref": "#/components/schemas/Pet"}
        own = {"Cat": {"lives": {"type": "integer", "maximum": 9}}, "Dog": {"bark": TEXT, "pack": NUMBER}}
        schemas = {
            "Pet": {**thing({"id": NUMBER, "kind": TEXT}, "kind"), "discriminator": {"propertyName": "kind"}},
            **{name: {"allOf": [base, thing(properties, *properties)]} for name, properties in own.items()},
        }
        api = asking(crud(base, base, path="/pets"), components={"schemas": schemas})
        listed = api.get("/pets").json()
        assert {pet["kind"] for pet in listed} == {"Cat", "Dog"}
        assert all(pet.keys() == {"id", "kind", *own[pet["kind"]]} for pet in listed)
        sent = {"kind": "Dog", "bark": "wow", "pack": 3}
        made = api.post("/pets", sent).json()
        assert made == {"id": made["id"], **sent}
        assert api.get(f"/pets/{made['id']}").json() == made


SETTINGS = thing(
    {"theme": TEXT, "font": thing({"size": NUMBER, "bold": {"type": "boolean"}})}, "theme", "font"
)
SINGLE = {
    "/settings": {
        "get": {"responses": {"200": answer(SETTINGS)}},
        "put": {"requestBody": body(SETTINGS), "responses": {"200": answer(SETTINGS)}},
        "patch": {"requestBody": body({"type": "object"}), "responses": {"200": answer(SETTINGS)}},
    }
}


class TestPatch:
    def test_with_what_cannot_be(self):
        """Where the body may be anything and the thing may not, what was there before stays."""
        paths = crud()
        row = thing({"id": NUMBER, "name": {"type": "string", "minLength": 2}}, "id", "name")
        for one in paths["/things/{id}"].values():
            if isinstance(one, dict) and "200" in one["responses"]:
                one["responses"]["200"] = answer(row)
        api = asking(paths)
        made = api.post("/things", SENT).json()
        assert api.patch(f"/things/{made['id']}", {"name": ""}).json()["name"] == made["name"]


class TestJsonPatch:
    MEDIA = "application/json-patch+json"

    def test_operations_in_any_case(self):
        """Some contracts spell "Add" where RFC 6902 has "add"; what is meant is clear."""
        api = asking(crud())
        made = api.post("/things", SENT).json()
        target = f"/things/{made['id']}"
        change = [{"op": "Replace", "path": "/name", "value": "Bo"}]
        assert api.patch(target, change, media=self.MEDIA).json() == {**made, "name": "Bo"}
        assert api.get(target).json()["name"] == "Bo"

    def test_that_does_not_apply(self):
        """A client must learn that its patch was for another state, and the thing stays as it was."""
        api = asking(crud())
        made = api.post("/things", SENT).json()
        target = f"/things/{made['id']}"
        for change in (
            {"op": "test", "path": "/name", "value": "Bo"},
            {"op": "remove", "path": "/nowhere"},
        ):
            assert api.patch(target, [change], media=self.MEDIA).status == 409
        assert api.get(target).json() == made

    @pytest.mark.parametrize(
        ("path", "said"), [("/name", '/name is "Ann", and it expects 5.'), ("/nam", "there is no /nam")]
    )
    def test_that_tests_in_vain(self, path: str, said: str):
        """What was expected and what was found, in JSON and not in Python."""
        api = asking(crud())
        made = api.post("/things", SENT).json()
        test = [{"op": "test", "path": path, "value": 5}]
        assert said in api.patch(f"/things/{made['id']}", test, media=self.MEDIA).json()["detail"]

    def test_that_is_an_object(self):
        """Some contracts, as that of Kubernetes, describe it as any object: that is laid over the thing."""
        paths = crud()
        patch = paths["/things/{id}"]["patch"]["requestBody"]["content"]
        patch[self.MEDIA] = {"schema": {"type": "object"}}
        api = asking(paths)
        made = api.post("/things", SENT).json()
        change = api.patch(f"/things/{made['id']}", {"name": "Bo"}, media=self.MEDIA)
        assert change.json() == {**made, "name": "Bo"}

    def test_of_what_nobody_made(self):
        """A place that was never there cannot be missed where all was made up; a failed test is one."""
        api = asking(crud())
        before = api.get("/things/7").json()
        assert api.patch("/things/7", [{"op": "remove", "path": "/nowhere"}], media=self.MEDIA).status == 200
        assert api.get("/things/7").json() == before
        test = [{"op": "test", "path": "/name", "value": before["name"] + "?"}]
        assert api.patch("/things/7", test, media=self.MEDIA).status == 409


class TestKeysInThePath:
    def test_several_at_once(self):
        """ "/users/1,2" is answered where the parameter is a list."""
        one = {"get": {"parameters": [in_path("ids", listed(NUMBER))], "responses": {"200": answer(ROW)}}}
        api = asking({"/things/{ids}": one, "/things": {"get": {"responses": {"200": answer(listed(ROW))}}}})
        assert [api.get(f"/things/{ids}").status for ids in ("1", "1,2")] == [200, 200]

    def test_what_a_list_showed_is_that_thing(self):
        """A UUID that stood in the list is read as the thing that stood there, not as the documented one."""
        example = {"id": "11111111-1111-4111-8111-111111111111", "name": "Documented"}
        row = row_with("id", UUID)
        paths = crud(row, key=UUID)
        paths["/things/{id}"]["get"]["responses"]["200"] = answer(row, example=example)
        api = asking(paths)
        shown = [one for one in api.get("/things?limit=3").json() if one != example]
        assert shown
        assert all(api.get(f"/things/{one['id']}").json() == one for one in shown)
        assert api.get("/things/22222222-2222-4222-8222-222222222222").json()["name"] == "Documented"

    def test_rows_without_a_shape(self):
        """What has no schema can be changed all the same."""
        paths = {
            "/tags/{id}": {
                "parameters": [in_path("id")],
                "get": {"responses": {"200": {"description": "ok", "content": {"application/json": {}}}}},
                "patch": {"requestBody": body({"type": "object"}), "responses": {"200": answer()}},
            }
        }
        assert asking(paths).patch("/tags/1", {"a": 1}).status == 200

    def test_that_the_client_chooses_for_rows_that_live_elsewhere(self):
        """What is made below a shop stands among all products too, under the key that was sent."""
        row = thing({"id": TEXT, "name": TEXT}, "id", "name")
        own, shop = in_path("id", TEXT), in_path("shop", TEXT)
        product = {"get": {"parameters": [own], "responses": {"200": answer(row)}}}
        api = asking(
            {
                "/products": {"get": {"responses": {"200": answer(listed(row))}}},
                "/products/{id}": product,
                "/shops/{shop}/products": {
                    "parameters": [shop],
                    "post": {"requestBody": body(row), "responses": {"201": answer(row)}},
                },
                "/shops/{shop}/products/{id}": {"parameters": [shop], **product},
            }
        )
        sent = {"id": "lamp", "name": "A lamp"}
        assert api.post("/shops/s/products", sent).json() == sent
        for path in ("/shops/s/products/lamp", "/products/lamp"):
            assert api.get(path).json() == sent


class TestWhereItIs:
    @pytest.mark.parametrize(
        ("schema", "said"),
        [
            (TEXT, "http://127.0.0.1:4010/v1/things/{}"),
            ({**TEXT, "pattern": "^/v1/things/[0-9]+$"}, "/v1/things/{}"),
            ({**TEXT, "pattern": "^/things/[0-9]+$"}, "/things/{}"),
            ({**TEXT, "pattern": "^[0-9]+$"}, "{}"),
        ],
    )
    def test_as_the_document_says_it(self, schema: Json, said: str):
        """A Location that the document takes is found: else all that was made would be forgotten for it."""
        made = {"201": {"description": "Made.", "headers": {"Location": {"schema": schema}}}}
        api = asking(crud(created=made), servers=[{"url": "/v1"}])
        answer = api.post("/v1/things", {"name": "Ann"})
        key = api.get("/v1/things").json()[0]["id"]
        assert answer.headers["location"] == said.format(key)
        assert api.get(f"/v1/things/{key}").json()["name"] == "Ann"


class TestOneQuestion:
    def test_asked_by_query_or_by_body(self):
        """POST says what does not fit into a query: it is no way to add to what GET lists."""
        found = {"$ref": "#/components/schemas/Found"}
        asked = thing({"text": TEXT, "language": TEXT, "id": TEXT}, "text")
        parts = {"schemas": {"Found": thing({"language": TEXT, "entities": listed(thing({"id": TEXT}))})}}
        paths = {
            "/entities": {
                "get": {
                    "parameters": [in_query("text"), in_query("language")],
                    "responses": {"200": answer(found)},
                },
                "post": {"requestBody": body(asked), "responses": {"200": answer(found)}},
            }
        }
        api = asking(paths, components=parts)
        before = api.get("/entities").json()
        said = api.post("/entities", {"text": "b", "language": "en", "id": "x"})
        assert said.headers["mock-source"] == "generated"
        assert said.json().keys() == {"language", "entities"}
        assert api.get("/entities").json() == before


class TestItems:
    def test_as_many_as_asked_for_of_those_that_fit(self):
        """`?state=sold` with `Prefer: items=30` is a list of thirty sold ones."""
        state = {"type": "string", "enum": ["new", "sold", "lost"]}
        row = thing({"id": NUMBER, "state": state}, "id", "state")
        api = asking(crud(row, thing({"state": state}), query=[in_query("state", state)]))
        rows = api.get("/things?state=sold&__items=30").json()
        assert [one["state"] for one in rows] == ["sold"] * 30
        assert len({one["id"] for one in rows}) == 30
        assert api.get(f"/things/{rows[-1]['id']}").json() == rows[-1]


class TestPartsOfTexts:
    @pytest.mark.parametrize(
        "parameter", ["name_contains", "name[like]", "filter[name][contains]", "nameContains"]
    )
    def test_a_parameter_that_says_so(self, parameter: str):
        """Who asks for a part of a name gets what has it, in any case of letters."""
        api = asking(crud(query=[in_query(parameter)]))
        made = [api.post("/things", {"name": name}).json() for name in ("Alphabet", "Beta", "Gamma")]
        found = api.get(f"/things?{parameter}=ALPHAB").json()
        assert found == made[:1]


class TestSorting:
    def test_what_takes_no_time(self):
        """A text of nine thousand lines took five seconds, and everybody waited."""
        api = asking(crud(query=[in_query("sort")]))
        started = time.process_time()
        for sort in (f"a{'_' * 30_000}x", "name," * 6_000, f"{'a_' * 15_000}desc", f"{'desc' * 8_000}(name"):
            assert api.get(f"/things?sort={sort}").status == 200
        assert time.process_time() - started < 2

    @pytest.mark.parametrize("sort", ["name_desc", "name:desc", "name desc", "name.-_desc", "-name,name"])
    def test_how_it_is_said(self, sort: str):
        """What a sort says first of a property is what it means."""
        api = asking(crud(query=[in_query("sort")]))
        for name in ("zz2", "zz1", "zz3"):
            api.post("/things", {"name": name})
        found = [row["name"] for row in api.get(f"/things?sort={quote(sort)}").json()]
        assert [name for name in found if name.startswith("zz")] == ["zz3", "zz2", "zz1"]


class TestSingleThings:
    def test_a_patch_starts_from_what_was_read(self):
        """A client that reads, changes one thing and reads again must find the rest."""
        api = asking(SINGLE)
        before = api.get("/settings").json()
        after = api.patch("/settings", {"font": {"size": 7}}).json()
        assert after == {**before, "font": {**before["font"], "size": 7}}
        assert api.get("/settings").json() == after

    def test_a_put_is_what_is_read_next(self):
        """The whole thing was said."""
        api = asking(SINGLE)
        sent = {"theme": "dark", "font": {"size": 3}}
        assert api.put("/settings", sent).json() == sent
        assert api.get("/settings").json() == sent


class TestStateless:
    def test_nothing_is_remembered_when_that_is_asked_for(self):
        """--stateless is for those who want the contract's answers and nothing else."""
        api = asking(crud(), options={"stateless": True})
        api.post("/things", SENT)
        assert "Ann" not in [row["name"] for row in api.get("/things").json()]


class TestOnlyErrorsDocumented:
    def test_what_the_answer_denies_has_not_happened(self):
        """An operation that can only fail by its contract changes nothing."""
        paths = crud(NEW, created={"405": {"description": "Invalid input."}})
        api = asking(paths)
        before = api.get("/things").json()
        assert api.post("/things", SENT).status == 405
        assert api.get("/things").json() == before


def test_rows_have_a_shape():
    """The kinds above speak of the same thing; else they would prove less."""
    assert set(SENT) == set(PROPERTIES) == set(ROW["properties"]) - {"id"}


class TestTakenKeys:
    """A key that the client has chosen, and that a thing has already."""

    NEW = thing({"id": TEXT, "name": TEXT}, "id", "name")

    def twice(self, refusal: Json) -> tuple[int, list[Json]]:
        """Send one key twice; return the status of the second, and what is there then."""
        created = {"201": answer(self.NEW), **refusal}
        api = asking(crud(self.NEW, self.NEW, key=TEXT, created=created))
        api.post("/things", {"id": "a", "name": "first"})
        api.post("/things", {"id": "b", "name": "other"})
        again = api.post("/things", {"id": "a", "name": "second"})
        return again.status, api.get("/things").json()[:2]

    @pytest.mark.parametrize(
        ("refusal", "status"),
        [
            ({"409": GONE}, 409),
            ({"422": GONE}, 422),
            ({"4XX": GONE}, 409),
            ({"400": {"description": "The id is taken."}}, 400),
            ({"400": GONE, "409": GONE}, 409),
        ],
    )
    def test_refused(self, refusal: Json, status: int):
        """It is refused with what the document has for that, and nothing changes."""
        told, there = self.twice(refusal)
        assert told == status
        assert [one["name"] for one in there] == ["other", "first"]

    @pytest.mark.parametrize("refusal", [{}, {"400": {"description": "The body is invalid."}}])
    def test_not_refused(self, refusal: Json):
        """Where nothing says that it is refused it takes the place of the old one: a key names one thing."""
        told, there = self.twice(refusal)
        assert told == 201
        assert [one["name"] for one in there] == ["other", "second"]


class TestNothingRequired:
    """A document that says of no property that it is required."""

    NEW = thing({"name": TEXT})
    PAGE = thing({"items": listed(TEXT), "total": NUMBER, "href": TEXT})
    ROW = thing(
        {"id": NUMBER, "name": TEXT, "images": listed(TEXT), "tracks": PAGE, "owner": thing({"id": TEXT})}
    )

    def test_a_new_thing_is_whole(self):
        """What only the server sets is there, as in things that nobody made, with nothing in it yet."""
        made = asking(crud(self.ROW, self.NEW)).post("/things", {"name": "x"}).json()
        assert made.keys() == {"id", "name", "images", "tracks", "owner"}
        assert made["images"] == []
        assert made["tracks"]["items"] == []
        assert made["tracks"]["total"] == 0
        assert made["owner"]["id"]

    def test_what_clients_set_is_theirs(self):
        """What clients may send and have not sent is not there, as anywhere."""
        assert "name" not in asking(crud(self.ROW, self.NEW)).post("/things", {}).json()


TAKEN = {"201": answer(ROW), "409": {"description": "The name is taken."}}


class TestUnique:
    def test_the_same_name_twice(self):
        """Who tries the sad path of a form needs the conflict that the document promises."""
        api = asking(crud(created=TAKEN))
        made = api.post("/things", {"name": "Ann"}).json()
        again = api.post("/things", {"name": "Ann"})
        assert again.status == 409
        assert api.post("/things", {"name": "Bob"}).status == 201
        assert api.delete(f"/things/{made['id']}").status == 204
        assert api.post("/things", {"name": "Ann"}).status == 201

    @pytest.mark.parametrize(
        ("said", "fields", "sent", "statuses"),
        [
            (  # whoever signs up again does so under another name
                "The user exists already.",
                ("name", "email"),
                [("Ann", "a@x.org"), ("Ann", "b@x.org"), ("Bob", "a@x.org"), ("", "a@x.org")],
                [201, 201, 409, 409],
            ),
            (
                "An item with this title exists.",
                ("title", "code"),
                [("A", "1"), ("A", "2"), ("B", "1"), ("A", "")],
                [201, 409, 201, 409],
            ),
            (
                "The title or the code is taken.",
                ("title", "code"),
                [("A", "1"), ("A", "2"), ("B", "1"), ("B", "2")],
                [201, 409, 409, 201],
            ),
            (
                "This title and code exist.",
                ("title", "code"),
                [("A", "1"), ("A", "2"), ("B", "1"), ("A", "1")],
                [201, 201, 201, 409],
            ),
            ("It exists.", ("title", "code"), [("A", ""), ("A", "2"), ("A", "")], [201, 201, 409]),
        ],
    )
    def test_what_is_taken(self, said: str, fields: Any, sent: Any, statuses: list[int]):
        """By what the words of the 409 name, by an e-mail alone, else by all that things are called by."""
        new = thing(dict.fromkeys(fields, TEXT))
        row = thing({"id": NUMBER, **dict.fromkeys(fields, TEXT)}, "id")
        api = asking(crud(row, new, created={"201": answer(row), "409": {"description": said}}))
        bodies = [{name: one for name, one in zip(fields, each, strict=True) if one} for each in sent]
        assert [api.post("/things", one).status for one in bodies] == statuses

    def test_by_a_change(self):
        """Renaming is the other way to take a name; a thing's own is free to it."""
        paths = crud(created=TAKEN, put={"200": answer(ROW), "409": {"description": "Name in use."}})
        paths["/things/{id}"]["patch"]["responses"]["409"] = {"description": "The name exists already."}
        api = asking(paths)
        ann, bob = (api.post("/things", {"name": name}).json()["id"] for name in ("Ann", "Bob"))
        assert api.patch(f"/things/{bob}", {"name": "Ann"}).status == 409
        assert api.put(f"/things/{bob}", {"name": "Ann"}).status == 409
        assert api.get(f"/things/{bob}").json()["name"] == "Bob"
        assert api.patch(f"/things/{ann}", {"name": "Ann"}).status == 200
        assert api.put(f"/things/{ann}", {"name": "Ann", "price": 2}).status == 200

    @pytest.mark.parametrize("said", ["The quota is reached.", "The thing is locked."])
    def test_another_conflict(self, said: str):
        """A 409 about something else says nothing of names."""
        api = asking(crud(created={"201": answer(ROW), "409": {"description": said}}))
        assert [api.post("/things", {"name": "Ann"}).status for _ in range(2)] == [201, 201]

    def test_what_is_described_as_unique(self):
        """Two things may be called alike where only their code is unique."""
        code = {**TEXT, "description": "Unique among all things."}
        new = thing({"name": TEXT, "code": code}, "name", "code")
        row = thing({"id": NUMBER, "name": TEXT, "code": TEXT}, "id", "name", "code")
        api = asking(crud(row, new, created={"201": answer(row), "409": {"description": "It exists."}}))
        sent = [{"name": "Ann", "code": "a"}, {"name": "Ann", "code": "b"}, {"name": "Bob", "code": "a"}]
        assert [api.post("/things", one).status for one in sent] == [201, 201, 409]


def test_what_was_put_and_taken_away_is_gone():
    """
    GET of a star says 204 or 404: who has taken it away is not told that it is there.
    """
    nothing = {"responses": {"204": GONE}}
    known = {"responses": {"204": GONE, "404": GONE}}
    api = asking(
        {"/starred/{id}": {"parameters": [in_path("id")], "get": known, "put": nothing, "delete": nothing}}
    )
    assert [api(method, "/starred/7").status for method in ("PUT", "GET", "DELETE", "GET")] == [
        204,
        204,
        204,
        404,
    ]
    assert [api(method, "/starred/7").status for method in ("PUT", "GET")] == [204, 204]
