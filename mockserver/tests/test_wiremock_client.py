"""
The client that Python people know from WireMock (PyPI `wiremock`), against our server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from wiremock.client import Mapping, MappingRequest, MappingResponse, Mappings, Requests, Scenarios
from wiremock.constants import Config
from wiremock.exceptions import InvalidInputException, NotFoundException
from wiremock.resources.near_misses import NearMissMatchPatternRequest, NearMissMatchRequest
from wiremock.resources.near_misses.resource import NearMisses
from wiremock.resources.settings import GlobalSetting
from wiremock.resources.settings.resource import GlobalSettings

from mockserver.tests.client import Client

API = "trackbot"


@pytest.fixture(autouse=True)
def _configured(api: Client) -> Iterator[None]:
    before = Config.base_url
    Config.base_url = f"{api.url}/__admin"
    yield
    Config.base_url = before


def stub(url: str = "/some/thing", body: str = "Hello, world!", **members: object) -> Mapping:
    return Mapping(
        request=MappingRequest(method="GET", url=url),
        response=MappingResponse(status=200, body=body, headers={"Content-Type": "text/plain"}),
        **members,
    )


class TestMappings:
    def test_add_look_change_take_away(self, api: Client):
        """The whole life of a stub as the client's documentation has it."""
        made = Mappings.create_mapping(stub())
        assert api.get("/some/thing").text == "Hello, world!"
        assert Mappings.retrieve_mapping(made).response.body == "Hello, world!"
        assert Mappings.retrieve_all_mappings().meta.total == 1

        made.response.body = "Changed"
        Mappings.update_mapping(made)
        assert api.get("/some/thing").text == "Changed"

        Mappings.delete_mapping(made)
        assert api.get("/some/thing").status == 404
        with pytest.raises(NotFoundException):
            Mappings.retrieve_mapping(made)

    def test_all_at_once(self, api: Client):
        """A suite's tearDown takes everything away."""
        Mappings.create_mapping(stub("/a"))
        Mappings.create_mapping(stub("/b"))
        Mappings.delete_all_mappings()
        assert Mappings.retrieve_all_mappings().meta.total == 0
        Mappings.create_mapping(stub("/a"))
        Mappings.reset_mappings()
        assert api.get("/a").status == 404

    def test_by_metadata(self, api: Client):
        """Tests that share a server tag their stubs, and take away only these."""
        Mappings.create_mapping(stub("/a", metadata={"suite": "mine"}))
        Mappings.create_mapping(stub("/b", metadata={"suite": "yours"}))
        Mappings.delete_mapping_by_metadata({"matchesJsonPath": {"expression": "$.suite", "equalTo": "mine"}})
        assert (api.get("/a").status, api.get("/b").status) == (404, 200)

    def test_what_is_wrong_is_told(self):
        """A key that nobody knows is a 422, and the client raises."""
        wrong = stub()
        wrong.request = MappingRequest(method="GET", url="/x", headers={"Accept": {"equalTwo": "x"}})
        with pytest.raises(
            InvalidInputException, match=r"not a valid match operation.*Did you mean 'equalTo'"
        ):
            Mappings.create_mapping(wrong)


class TestScenarios:
    def test_a_machine_with_two_states(self, api: Client):
        """WireMock's to-do list: what was added is listed, and a reset begins anew."""
        Mappings.create_mapping(
            stub(
                "/todo/items",
                "Buy milk",
                scenario_name="To do list",
                required_scenario_state="Started",
            )
        )
        Mappings.create_mapping(
            Mapping(
                request=MappingRequest(
                    method="POST",
                    url="/todo/items",
                    body_patterns=[{"contains": "Cancel newspaper subscription"}],
                ),
                response=MappingResponse(status=201),
                scenario_name="To do list",
                required_scenario_state="Started",
                new_scenario_state="Cancel newspaper item added",
            )
        )
        Mappings.create_mapping(
            stub(
                "/todo/items",
                "Buy milk, cancel newspaper",
                scenario_name="To do list",
                required_scenario_state="Cancel newspaper item added",
            )
        )
        assert api.get("/todo/items").text == "Buy milk"
        assert api.post("/todo/items", body=b"Cancel newspaper subscription").status == 201
        assert api.get("/todo/items").text == "Buy milk, cancel newspaper"
        (scenario,) = api.get("/__admin/scenarios").json()["scenarios"]
        assert scenario["state"] == "Cancel newspaper item added"
        assert scenario["possibleStates"] == ["Started", "Cancel newspaper item added"]
        Scenarios.reset_all_scenarios()
        assert api.get("/todo/items").text == "Buy milk"


class TestJournal:
    def test_count_find_unmatched(self, api: Client):
        """Verification as WireMock's users write it."""
        Mappings.create_mapping(stub())
        api.get("/some/thing", headers={"X-Test": "57"})
        api.get("/some/thing")
        api.get("/nothing")
        wanted = NearMissMatchPatternRequest(
            method="GET", url="/some/thing", headers={"X-Test": {"equalTo": "57"}}
        )
        assert Requests.get_matching_request_count(wanted).count == 1
        (found,) = Requests.get_matching_requests(wanted).requests
        assert found.headers["x-test"] == "57"
        assert [one.url for one in Requests.get_unmatched_requests().requests] == ["/nothing"]

        received = Requests.get_all_received_requests(parameters={})
        assert received.meta.total == 3
        assert received.requests[2].response_definition.from_configured_stub is True
        assert Requests.get_request(received.requests[0].id).request.url == "/nothing"
        Requests.reset_request_journal()
        assert Requests.get_all_received_requests(parameters={}).meta.total == 0

    def test_near_misses(self, api: Client):
        """The client finds the stub that a request just missed, and the request that missed a pattern."""
        Mappings.create_mapping(stub("/some/thing"))
        Mappings.create_mapping(stub("/quite/another/thing/altogether"))
        api.get("/some/thinh")

        by_request = NearMisses.find_nearest_misses_by_request(
            NearMissMatchRequest(url="/some/thinh", method="GET", headers={}, cookies={}, body="")
        ).near_misses
        assert by_request[0].match_result.distance < by_request[1].match_result.distance < 1

        (by_pattern,) = NearMisses.find_nearest_misses_by_request_pattern(
            NearMissMatchPatternRequest(url="/some/thing", method="GET")
        ).near_misses
        assert by_pattern.request.url == "/some/thinh"
        assert by_pattern.request_pattern.url == "/some/thing"

        near = Requests.get_unmatched_requests_near_misses().near_misses
        assert near[0].request.url == "/some/thinh"

    def test_the_difference_is_shown_side_by_side(self, api: Client):
        """What is wrong must be seen at a glance, in the 404 itself."""
        made = {"name": "greeting", "request": {"url": "/some/thing"}, "response": {}}
        assert api.post("/__admin/mappings", json=made).status == 201
        said = api.get("/some/thinh").json()
        assert said["closestStub"]["name"] == "greeting"
        lines = said["closestStub"]["diff"].splitlines()
        assert any("/some/thing " in line and "/some/thinh" in line and "<<<<< URL" in line for line in lines)


def test_settings(api: Client):
    """A delay of all answers is set with the client."""
    GlobalSettings.update_global_settings(GlobalSetting(fixed_delay=20))
    assert api.get("/__admin/settings").json() == {"settings": {"fixedDelay": 20}}
    Mappings.create_mapping(stub())
    api.get("/some/thing")
    (event,) = api.get("/__admin/requests?limit=1").json()["requests"]
    assert event["timing"]["addedDelay"] == 20
    assert json.dumps(event)
