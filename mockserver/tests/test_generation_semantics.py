"""
Tests of what values look like, of how they agree, and of their nasty forms.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.generation import Generator
from mockserver.generation.names import thing, words
from mockserver.generation.places import places
from mockserver.generation.semantics import kind_of, listed_in
from mockserver.generation.wordlists import listed

TEXT: dict[str, Any] = {"type": "string"}
TIME: dict[str, Any] = {"type": "string", "format": "date-time"}
INTEGER: dict[str, Any] = {"type": "integer"}


def made(properties: dict[str, Any], name: str = "", count: int = 20, **options: Any) -> list[dict[str, Any]]:
    generator = Generator({"type": "object", "properties": properties}, name=name, **options)
    return [generator.value(str(number)) for number in range(count)]


AGREEING = sorted(
    listed(
        """
    id order_id orderId user_id userId customer_id customer user owner_id owner items lines total subtotal tax
    discount quantity unit_price price amount fee net count total_count page per_page offset limit has_more
    first_name last_name full_name gender age birth_date birthday email username start end start_date end_date
    created_at updated_at deleted_at duration min max min_price max_price card_number last4 slug title status
    city country country_code postal_code latitude longitude currency locale language phone
        """
    )
)


class TestNames:
    """A name tells its kind, however it is written."""

    @pytest.mark.parametrize("name", ["createdAt", "created_at", "created-at", "CreatedAt", "CREATED_AT"])
    def test_spelling(self, name):
        """
        Camel, snake and kebab are one name.
        """
        assert words(name) == ("created", "at")

    @pytest.mark.parametrize(
        ("name", "owner", "kind"),
        [
            ("name", "User", "person"),
            ("name", "customer", "person"),
            ("name", "Campaign", "named"),
            ("name", "Company", "company"),
            ("name", "Pet", "pet"),
            ("name", "ProductResponse", "product"),
            ("customer_name", "Order", "person"),
            ("fileName", "", "file name"),
            ("billingEmail", "", "email"),
            ("email_address", "", "email"),
            ("shippingPostalCode", "", "postal code"),
            ("message", "Error", "error"),
            ("message", "Result", "success message"),
            ("userId", "", "id"),
            ("updated", "", "moment"),
            ("due_date", "", "moment"),
            ("image_128x128", "", "image"),
            ("hashtags", "", "hashtag"),
            ("frobnicate", "Thing", ""),
        ],
    )
    def test_kind(self, name, owner, kind):
        """
        The thing that has the name decides where the name alone does not: a campaign's name is not a
            person's.
        """
        assert kind_of(name, owner) == kind

    def test_the_part_a_schema_plays_is_not_its_name(self):
        """
        "CampaignUpdateRequest" is about a campaign.
        """
        assert thing("CampaignUpdateRequest") == ("campaign",)
        assert thing("NewBlogPosts") == ("blog",)
        assert thing("Response") == ()

    def test_a_description_lists_values(self):
        """
        Many documents have their enumerations in prose.
        """
        assert listed_in("The state, one of `open`, `closed` or `gone`.") == ["open", "closed", "gone"]
        assert listed_in("A text of `any` kind.") == []


class TestLooks:
    """Values look like what they are called."""

    def test_reserved_names_only(self):
        """
        Nobody's address, host or telephone is made up (RFC 2606, RFC 5737).
        """
        for value in made(
            {"email": TEXT, "url": TEXT, "ip": TEXT, "phone": TEXT, "host": TEXT, "avatar": TEXT}
        ):
            assert re.search(r"@example\.(com|org|net)$", value["email"])
            assert re.search(r"//(www\.)?example\.(com|org|net)/", value["url"])
            assert value["ip"].startswith("192.0.2.")
            assert value["phone"].startswith("+1-555-01")
            assert value["host"].endswith(".example.com")

    @pytest.mark.parametrize("name", ["createTime", "updated", "when"])
    def test_a_format_of_somebody_s_own(self, name: str):
        """
        It keeps nobody from reading the name beside it, and one for a moment is no secret.
        """
        (value,) = made({name: {"type": "string", "format": "vendor-datetime"}}, count=1)
        assert jsonschema_rs.is_valid(TIME, value[name], validate_formats=True)
        (value,) = made({"email": {"type": "string", "format": "vendor-text"}}, count=1)
        assert "@" in value["email"]

    def test_samples_give_the_form(self):
        """
        Where the document shows an id, others are made like it; prose that it shows is used now and then.
        """
        values = made(
            {
                "code": {"type": "string", "example": "abc-0123"},
                "at": {"type": "string", "example": "2026-05-10 09:00:00"},
            }
        )
        assert all(re.fullmatch(r"abc-\d{4}", value["code"]) for value in values)
        assert len({value["code"] for value in values}) > 10
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value["at"]) for value in values)

    def test_x_faker(self):
        """
        What the author asks for by name is given, in faker-js's words and in Python's.
        """
        asked = {
            "a": {"type": "string", "x-faker": "internet.email"},
            "b": {"type": "string", "x-faker": "name.firstName"},
            "c": {"type": "string", "x-faker": "color_name"},
            "d": {"type": "string", "x-faker": {"finance.amount": [1, 9]}},
            "e": {"type": "string", "x-faker": "nobody.knowsThis"},
        }
        value = made(asked, count=1)[0]
        assert "@example." in value["a"]
        assert value["b"].isalpha()
        assert value["c"]
        assert re.fullmatch(r"\d+\.\d\d", value["d"])

    def test_enum_wins(self):
        """
        A plausible value that the enumeration does not have is a wrong one.
        """
        assert {value["currency"] for value in made({"currency": {"enum": ["XTS", "XXX"]}})} <= {"XTS", "XXX"}

    def test_locale(self):
        """
        A German reader sees German places.
        """
        cities = {place.city for place in places("de_DE")}
        assert {value["city"] for value in made({"city": TEXT}, locale="de_DE")} <= cities


class TestCoherence:
    """The properties of an object agree."""

    def test_a_person(self):
        """
        Name, parts of the name and address are one person's.
        """
        for value in made(
            {"first_name": TEXT, "lastName": TEXT, "name": TEXT, "email": TEXT}, "user", locale="en_US"
        ):
            assert value["name"] == f"{value['first_name']} {value['lastName']}"
            assert value["email"].startswith(value["first_name"].lower())

    def test_a_place(self):
        """
        A city lies in its country and is paid in its currency.
        """
        known = {(place.city, place.country, place.currency, place.alpha2) for place in places("en_US")}
        for value in made({"city": TEXT, "country": TEXT, "currency": TEXT, "countryCode": TEXT}):
            assert (value["city"], value["country"], value["currency"], value["countryCode"]) in known

    def test_times_are_in_order(self):
        """
        Nothing is changed before it was made, or over before it began.
        """
        names = ("createdAt", "startDate", "pausedAt", "resumedAt", "updatedAt", "endDate")
        for value in made(dict.fromkeys(reversed(names), TIME)):
            moments = [value[name] for name in names]
            assert moments == sorted(moments)

    def test_given_times_are_kept_in_order(self):
        """
        A campaign that a client starts next year does not end this year.
        """
        generator = Generator({"type": "object", "properties": {"startsAt": TIME, "endsAt": TIME}})
        value = generator.value("x", given={"startsAt": "2040-01-01T00:00:00Z"})
        assert value["startsAt"] == "2040-01-01T00:00:00Z"
        assert value["endsAt"] >= value["startsAt"]

    def test_numbers(self):
        """
        The minimum is below the maximum, a total is its parts, a count is its list's length.
        """
        properties: dict[str, Any] = {
            **{name: {"type": "number"} for name in ("minPrice", "maxPrice", "subtotal", "tax", "total")},
            **dict.fromkeys(("totalTasks", "completedTasks", "failedTasks", "tagCount"), INTEGER),
            "tags": {"type": "array", "items": TEXT},
        }
        for value in made(properties):
            assert value["minPrice"] <= value["maxPrice"]
            assert value["total"] == round(value["subtotal"] + value["tax"], 2)
            assert value["totalTasks"] >= value["completedTasks"] + value["failedTasks"]
            assert value["tagCount"] == len(value["tags"])

    def test_constraints_win(self):
        """
        An agreement that the schema forbids is not made.
        """
        properties = {
            "total": {"type": "integer", "minimum": 1000},
            "items": {"type": "array", "items": TEXT},
        }
        assert all(value["total"] >= 1000 for value in made(properties))


class TestVariants:
    """The list of nasty forms."""

    SCHEMA: ClassVar[dict[str, Any]] = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 99},
            "name": {"type": "string", "maxLength": 30},
            "status": {"enum": ["draft", "in progress"]},
            "endedAt": {"type": ["string", "null"], "format": "date-time"},
            "items": {
                "type": "array",
                "maxItems": 5,
                "items": {"type": "object", "properties": {"n": {"type": "integer"}}},
            },
            "total": {"type": "integer"},
            "pay": {"oneOf": [{"title": "Card", "type": "string"}, {"title": "Cash", "type": "integer"}]},
        },
    }

    def test_what_is_listed(self):
        """
        Each of the forms that a client trips over has a name of its own.
        """
        forms = dict(Generator(self.SCHEMA).variants("x"))
        assert set(forms["required-only"]) == {"id"}
        assert set(forms["everything"]) == set(self.SCHEMA["properties"])
        assert forms["null.endedAt"]["endedAt"] is None
        assert forms["enum.status.in-progress"]["status"] == "in progress"
        assert forms["empty.items"]["items"] == []
        assert forms["empty.items"]["total"] == 0
        assert len(forms["max.items"]["items"]) == 5
        assert forms["minimum.id"]["id"] == 1
        assert forms["maximum.id"]["id"] == 99
        assert forms["shortest.name"]["name"] == ""
        assert len(forms["longest.name"]["name"]) == 30
        assert isinstance(forms["branch.pay.Card"]["pay"], str)
        assert isinstance(forms["branch.pay.Cash"]["pay"], int)
        assert forms["far-future"]["endedAt"].startswith("9999")
        assert {"emoji", "right-to-left", "zero-width", "longest-text", "all-null", "one.items"} <= set(forms)

    def test_names_are_stable_and_need_no_quotes(self):
        """
        A name stands in a bug report and in a header (RFC 9110, 5.6.2), so it must mean the same tomorrow.
        """
        first = Generator(self.SCHEMA).variants("x")
        assert first == Generator(self.SCHEMA).variants("x")
        assert [name for name, _ in first] == [name for name, _ in Generator(self.SCHEMA).variants("y")]
        assert all(re.fullmatch(r"[\w.-]+", name) for name, _ in first)

    def test_all_are_valid(self):
        """
        A nasty form that breaks the contract would only prove that the mock is wrong.
        """
        judge = jsonschema_rs.Draft202012Validator(self.SCHEMA, validate_formats=True)
        assert all(
            judge.is_valid(value) for _, value in Generator(self.SCHEMA, accepts=judge.is_valid).variants("x")
        )


class TestKeysOfThings:
    def test_told_by_its_key(self):
        """
        What may be told by its key or in full is told by its key inside another: pages stay of human size.
        """
        schema = {
            "$ref": "#/$defs/Charge",
            "$defs": {
                "Charge": {
                    "type": "object",
                    "required": ["customer"],
                    "properties": {
                        "customer": {
                            "anyOf": [{"maxLength": 5000, "type": "string"}, {"$ref": "#/$defs/Customer"}]
                        }
                    },
                },
                "Customer": {"type": "object", "properties": {"charge": {"$ref": "#/$defs/Charge"}}},
            },
        }
        generator = Generator(schema)
        for number in range(20):
            assert re.fullmatch("cust_[a-z0-9]{12}", generator.value(str(number))["customer"])
        forms = dict(generator.variants("x"))
        assert any(isinstance(form["customer"], dict) for form in forms.values())


class TestParts:
    PET: ClassVar[Any] = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": {"type": "integer"},
            "name": {"type": "string"},
            "mother": {"$ref": "#/$defs/Pet"},
        },
    }

    def test_a_part_has_an_id_of_its_own(self):
        """Who has a mother is not the mother."""
        schema = {
            "type": "array",
            "minItems": 3,
            "items": {"$ref": "#/$defs/Pet"},
            "$defs": {"Pet": self.PET},
        }
        for seed in "abc":
            pets = Generator(schema).value(seed)
            assert [pet["id"] for pet in pets] == [pets[0]["id"] + at for at in range(len(pets))]
            for pet in pets:
                assert pet["mother"]["id"] != pet["id"]
                assert pet["mother"]["mother"]["id"] != pet["mother"]["id"]

    def test_names_in_a_list_are_several_people(self):
        """An object is about one person; a list of names inside it is not."""
        book = {
            "type": "object",
            "properties": {"authors": {"type": "array", "minItems": 3, "items": {"type": "string"}}},
            "required": ["authors"],
        }
        for seed in "abcdef":
            for one in Generator({"type": "array", "minItems": 2, "items": book}).value(seed):
                assert len(set(one["authors"])) == len(one["authors"])


class TestWords:
    @pytest.mark.parametrize(
        ("name", "owner", "kind"),
        [
            ("status", "Order", "status"),
            ("token", "Session", "token"),
            ("refund_reason", "Order", "reason"),
            ("status_reason", "Order", "reason"),
            ("line1", "Address", "street address"),
            ("last4", "Card", "last four"),
            ("brand", "Card", "card brand"),
            ("brand", "Shoe", "company"),
            ("title", "Article", "tagline"),
        ],
    )
    def test_are_taken_whole(self, name: str, owner: str, kind: str):
        """A name of several words is none of them, and a digit may be a part of it."""
        assert kind_of(name, owner) == kind

    def test_a_country_of_two_letters_is_a_code(self):
        """Where there is no room for more, its name would be cut."""
        codes = {place.alpha2 for place in places("en_US")}
        for one in made({"country": {"type": "string", "minLength": 2, "maxLength": 2}}):
            assert one["country"] in codes


class TestRelated:
    ORDER: ClassVar[Any] = {
        "type": "object",
        "title": "Order",
        "properties": {
            "id": INTEGER,
            "customer_id": INTEGER,
            "customer": {"type": "object", "required": ["id"], "properties": {"id": INTEGER}},
            "items": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {
                        "orderId": INTEGER,
                        "quantity": INTEGER,
                        "unit_price": {"type": "number"},
                        "total": {"type": "number"},
                    },
                },
            },
            "subtotal": {"type": "number"},
            "tax": {"type": "number"},
            "shipping_cost": {"type": "number"},
            "shipping_address": {"type": "object", "properties": {"city": TEXT}},
            "discount": {"type": "number"},
            "total": {"type": "number"},
        },
    }

    def test_keys_and_sums(self):
        """An order is its customer's, its items are its own, and it costs what they cost."""
        for seed in "abcdef":
            order = Generator(self.ORDER, name="orders").value(seed)
            assert order["customer_id"] == order["customer"]["id"]
            assert {item["orderId"] for item in order["items"]} == {order["id"]}
            assert order["subtotal"] == pytest.approx(sum(item["total"] for item in order["items"]), abs=0.01)
            added = order["subtotal"] + order["tax"] + order["shipping_cost"] - order["discount"]
            assert order["total"] == pytest.approx(added, abs=0.01)

    def test_what_the_schema_does_not_take_is_left(self):
        """A rule proposes: bounds of the property's own come first."""
        order = {**self.ORDER, "properties": {**self.ORDER["properties"], "customer_id": {"const": 5}}}
        assert Generator(order, name="orders").value("a")["customer_id"] == 5

    @pytest.mark.parametrize(
        "given_", [{"price_per_night": 1e300, "nights": 1e300}, {"clicks": 10**400, "impressions": 3.5}]
    )
    def test_numbers_that_nobody_can_reckon_with(self, given_: dict[str, Any]):
        """A client may send them: what would be made of them stays what it was."""
        names = ("price_per_night", "nights", "total_price", "clicks", "impressions", "ctr")
        schema = {"type": "object", "properties": {name: {"type": "number"} for name in names}}
        value = Generator(schema).value("a", given=given_)
        assert {name: value[name] for name in given_} == given_
        assert value["total_price"] != float("inf")

    @pytest.mark.parametrize(
        "given_",
        [
            {"start": "2025-05-09T10:00:00", "end": "2025-05-09T12:00:00Z"},
            {"start": "2025-05-09T10:00:00Z", "end": "2025-05-09T12:00:00"},
            {"start": "2025-05-09", "end": "9999-12-31T23:59:59Z", "duration": 10**12},
            {"start": 9 * 10**18, "end": 1, "duration": 1e300},
            {"start": "2025-13-45T99:00:00Z", "end": "soon", "duration": -1},
        ],
    )
    def test_moments_that_are_given(self, given_: dict[str, Any]):
        """Examples and clients write moments without a zone, and numbers beyond every calendar."""
        properties = {
            "start": {},
            "end": {},
            "duration": {"type": "number"},
            "status": TEXT,
            "ended_at": TIME,
        }
        schema = {"type": "object", "properties": properties}
        for names in (given_, {"start": given_["start"]}, {"end": given_["end"]}):
            value = Generator(schema, name="events").value("a", given=names)
            assert {name: value[name] for name in names} == names

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def test_whatever_is_there(self, data: st.DataObject):
        """Names that agree with each other may be missing, null, of another type or inside each other."""
        kinds = st.sampled_from(
            [TEXT, INTEGER, TIME, {"type": "number"}, {"type": ["integer", "null"]}, {"type": "null"}, {}]
        )
        names = st.sampled_from(AGREEING)
        inner = st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(names, kinds, max_size=6)}
        )
        several = st.fixed_dictionaries({"type": st.just("array"), "items": inner | kinds})
        whole = data.draw(st.dictionaries(names, kinds | inner | several, max_size=14))
        schema = {
            "type": "object",
            "title": data.draw(st.sampled_from(["Order", "user", ""])),
            "properties": whole,
        }
        for full in (False, True):
            value = Generator(schema, name="orders").value(str(full), full=full)
            assert jsonschema_rs.is_valid(schema, value)

    def test_a_person_is_one(self):
        """Age and birthday, given name and gender: what is said twice is the same."""
        for one in made({"first_name": TEXT, "gender": TEXT, "age": INTEGER, "birth_date": TIME}, "users"):
            assert abs(2026 - int(one["birth_date"][:4]) - one["age"]) <= 1
        assert {"Cassandra": "female", "Joseph": "male"}.items() <= {
            one["first_name"]: one["gender"]
            for one in made({"first_name": TEXT, "gender": TEXT}, "users", 1500)
        }.items()

    def test_card_fee_and_slug(self):
        """The last four are the number's; the net is the amount without the fee; a slug says its title."""
        card = {"type": "object", "title": "Card", "properties": {"number": TEXT, "last4": TEXT}}
        for one in made({"card": card, "amount": INTEGER, "fee": INTEGER, "net": INTEGER}, "payments"):
            assert one["card"]["number"].endswith(one["card"]["last4"])
            assert one["net"] == one["amount"] - one["fee"]
        for one in made({"title": TEXT, "slug": TEXT}, "articles"):
            said = [re.sub("[^a-z0-9]", "", word) for word in one["title"].lower().split()]
            assert one["slug"] == "-".join(said)

    def test_days_in_a_list_are_in_order(self):
        """Who lists days does so one after another."""
        days = {"type": "array", "minItems": 4, "items": {"type": "string", "format": "date"}}
        for one in made({"dates": days}):
            assert one["dates"] == sorted(one["dates"])
