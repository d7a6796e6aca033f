"""
The requests that WireMock's documentation prints (stubbing, request matching, response templating, simulating
faults, stateful behaviour, verifying, stub metadata), and the shapes that it shows for the answers.
"""

# ruff: noqa: E501 -- a printed line is a line

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver.tests.client import InProcess

# section, mapping, (method, target, headers, body) that it answers, status and body that come; None: not matched
Asked = tuple[str, str, dict[str, str], str]
STUBBING: list[tuple[str, dict[str, Any], Asked, tuple[int, str] | None]] = [
    ("basic", {"request": {"method": "GET", "url": "/some/thing"}, "response": {"status": 200, "body": "Hello, world!", "headers": {"Content-Type": "text/plain"}}}, ("GET", "/some/thing", {}, ""), (200, "Hello, world!")),
    ("not else", {"request": {"method": "GET", "url": "/some/thing"}, "response": {"status": 200}}, ("GET", "/some/thing/else", {}, ""), None),
    ("reason", {"request": {"method": "GET", "url": "/some/thing"}, "response": {"status": 200, "statusMessage": "Everything was just fine!"}}, ("GET", "/some/thing", {}, ""), (200, "")),
    ("priority", {"priority": 1, "request": {"method": "GET", "url": "/api/specific-resource"}, "response": {"status": 200}}, ("GET", "/api/specific-resource", {}, ""), (200, "")),
    ("headers", {"request": {"method": "GET", "url": "/whatever"}, "response": {"status": 200, "headers": {"Content-Type": "text/plain", "Set-Cookie": ["session_id=91837492837", "split_test_group=B"], "Cache-Control": "no-cache"}}}, ("GET", "/whatever", {}, ""), (200, "")),
    ("body", {"request": {"method": "GET", "url": "/body"}, "response": {"status": 200, "body": "Literal text to put in the body"}}, ("GET", "/body", {}, ""), (200, "Literal text to put in the body")),
    ("binary", {"request": {"method": "GET", "url": "/binary-body"}, "response": {"status": 200, "base64Body": "WUVTIElOREVFRCE="}}, ("GET", "/binary-body", {}, ""), (200, "YES INDEED!")),
    ("default", {"priority": 10, "request": {"method": "ANY", "urlPattern": ".*"}, "response": {"status": 404, "jsonBody": {"status": "Error", "message": "Endpoint not found"}, "headers": {"Content-Type": "application/json"}}}, ("PUT", "/any?x=1", {}, ""), (404, '{"status":"Error","message":"Endpoint not found"}')),
    ("everything", {"request": {"urlPath": "/everything", "method": "ANY", "headers": {"Accept": {"contains": "xml"}}, "queryParameters": {"search_term": {"equalTo": "WireMock"}}, "cookies": {"session": {"matches": ".*12345.*"}}, "bodyPatterns": [{"equalToXml": "<search-results />"}, {"matchesXPath": "//search-results"}], "basicAuthCredentials": {"username": "jeff@example.com", "password": "jeffteenjefftyjeff"}}, "response": {"status": 200}}, ("POST", "/everything?search_term=WireMock", {"Accept": "text/xml", "Cookie": "session=a12345", "Authorization": "Basic amVmZkBleGFtcGxlLmNvbTpqZWZmdGVlbmplZmZ0eWplZmY="}, "<search-results></search-results>"), (200, "")),
    ("form", {"request": {"urlPath": "/mock", "method": "POST", "formParameters": {"tool": {"equalTo": "WireMock"}}}, "response": {"status": 200}}, ("POST", "/mock", {"Content-Type": "application/x-www-form-urlencoded"}, "tool=WireMock"), (200, "")),
    ("path template", {"request": {"urlPathTemplate": "/v1/contacts/{contactId}/addresses/{addressId}", "method": "GET", "pathParameters": {"contactId": {"equalTo": "12345"}, "addressId": {"equalTo": "99876"}}}, "response": {"status": 200}}, ("GET", "/v1/contacts/12345/addresses/99876", {}, ""), (200, "")),
    ("json", {"request": {"urlPath": "/j", "bodyPatterns": [{"equalToJson": '{ "total_results": 4  }', "ignoreArrayOrder": True, "ignoreExtraElements": True}]}, "response": {"status": 200}}, ("POST", "/j", {}, '{"more":[1],"total_results":4}'), (200, "")),
    ("templated", {"request": {"urlPath": "/templated"}, "response": {"body": "{{request.path.[0]}}", "transformers": ["response-template"]}}, ("GET", "/templated", {}, ""), (200, "templated")),
    ("parameters", {"request": {"urlPath": "/templated"}, "response": {"body": "<h1>The MyCustomParameter value is {{parameters.MyCustomParameter}}</h1>", "transformers": ["response-template"], "transformerParameters": {"MyCustomParameter": "Parameter Value"}}}, ("GET", "/templated", {}, ""), (200, "<h1>The MyCustomParameter value is Parameter Value</h1>")),
    ("delayed", {"request": {"method": "GET", "url": "/delayed"}, "response": {"status": 200, "fixedDelayMilliseconds": 20}}, ("GET", "/delayed", {}, ""), (200, "")),
    ("random delay", {"request": {"method": "GET", "url": "/random/delayed"}, "response": {"status": 200, "delayDistribution": {"type": "lognormal", "median": 8, "sigma": 0.4}}}, ("GET", "/random/delayed", {}, ""), (200, "")),
    ("metadata", {"request": {"url": "/with-metadata"}, "response": {"status": 200}, "metadata": {"singleItem": 1234, "listItem": [1, 2, 3, 4], "nestedObject": {"innerItem": "Hello"}}}, ("GET", "/with-metadata", {}, ""), (200, "")),
]  # fmt: skip


@pytest.fixture
def mock(in_process: Callable[..., InProcess]) -> InProcess:
    return in_process("trackbot", headers={})


@pytest.mark.parametrize(
    ("mapping", "asked", "came"), [each[1:] for each in STUBBING], ids=[each[0] for each in STUBBING]
)
def test_stubbing(mock: InProcess, mapping: dict[str, Any], asked: Asked, came: tuple[int, str] | None):
    """A mapping from the documentation is taken, shown as it was sent, and answers what it says."""
    made = mock.post("/__admin/mappings", json=mapping)
    assert made.status == 201
    shown = made.json()
    assert shown["id"] == shown["uuid"]
    assert mapping.items() <= shown.items()
    assert mock.get(f"/__admin/mappings/{shown['id']}").json() == shown
    method, target, headers, body = asked
    answer = mock.request(method, target, headers=headers, body=body.encode())
    event = mock.get("/__admin/requests").json()["requests"][0]
    assert event["wasMatched"] is (came is not None)
    if came is None:
        assert answer.status == 404
    else:
        assert (answer.status, answer.text) == came
        assert event["stubMapping"] == shown
        assert event["responseDefinition"].items() >= mapping["response"].items()


LOGGED = {"url", "absoluteUrl", "method", "clientIp", "headers", "cookies", "browserProxyRequest", "loggedDate", "bodyAsBase64", "body", "loggedDateString"}  # fmt: skip


def test_verifying(mock: InProcess):
    """The journal's questions are answered in the printed shapes."""
    mock.post("/resource/to/count", body=b"<a/>", headers={"Content-Type": "text/xml"})
    mock.get("/nomatch")
    criteria = {
        "method": "POST",
        "url": "/resource/to/count",
        "headers": {"Content-Type": {"matches": ".*/xml"}},
    }
    assert mock.post("/__admin/requests/count", json=criteria).json()["count"] == 1
    (found,) = mock.post("/__admin/requests/find", json=criteria).json()["requests"]
    assert found.keys() >= LOGGED
    assert (found["method"], found["body"]) == ("POST", "<a/>")

    listed = mock.get("/__admin/requests?since=2016-06-06T12:00:00&limit=3").json()
    assert listed.keys() == {"requests", "meta", "requestJournalDisabled"}
    assert listed["requestJournalDisabled"] is False
    assert listed["requests"][0].keys() >= {"id", "request", "responseDefinition", "wasMatched"}
    assert mock.get("/__admin/requests?unmatched=true").json()["meta"]["total"] == 2

    unmatched = mock.get("/__admin/requests/unmatched").json()
    assert [one["url"] for one in unmatched["requests"]] == ["/resource/to/count", "/nomatch"]
    assert unmatched["requests"][0].keys() >= LOGGED
    assert mock.delete("/__admin/requests").status == 200
    assert mock.get("/__admin/requests").json()["meta"]["total"] == 0


def test_near_misses(mock: InProcess):
    """WireMock's own example, and the distance that it prints."""
    mock.post(
        "/__admin/mappings",
        json={"request": {"url": "/expected", "method": "GET"}, "response": {"status": 200}},
    )
    logged = {"url": "/actual", "absoluteUrl": "http://localhost:8080/actual", "method": "GET", "clientIp": "0:0:0:0:0:0:0:1", "headers": {"User-Agent": "curl/7.30.0", "Accept": "*/*", "Host": "localhost:8080"}, "cookies": {}, "browserProxyRequest": False, "loggedDate": 1467402464520, "bodyAsBase64": "", "body": "", "loggedDateString": "2016-07-01T19:47:44Z"}  # fmt: skip
    (miss,) = mock.post("/__admin/near-misses/request", json=logged).json()["nearMisses"]
    assert miss["request"] == logged
    assert miss["stubMapping"]["request"] == {"url": "/expected", "method": "GET"}
    assert 0 < miss["matchResult"]["distance"] < 0.3

    mock.get("/nomatch")
    pattern = {"url": "/almostmatch", "method": "GET"}
    (miss,) = mock.post("/__admin/near-misses/request-pattern", json=pattern).json()["nearMisses"]
    assert miss["request"]["url"] == "/nomatch"
    assert miss["requestPattern"] == pattern
    (miss,) = mock.get("/__admin/requests/unmatched/near-misses").json()["nearMisses"]
    assert miss["request"]["url"] == "/nomatch"
    assert "diff" in miss


def test_metadata_and_settings(mock: InProcess):
    """Stubs are found and taken away by what is attached to them; a global delay is a setting."""
    mapping = {"request": {"url": "/a"}, "metadata": {"singleItem": 1234}}
    mock.post("/__admin/mappings", json=mapping)
    wanted = {"matchesJsonPath": {"expression": "$.singleItem", "contains": "123"}}
    found = mock.post("/__admin/mappings/find-by-metadata", json=wanted).json()
    assert [one["metadata"] for one in found["mappings"]] == [{"singleItem": 1234}]
    assert mock.post("/__admin/mappings/remove-by-metadata", json=wanted).status == 200
    assert mock.get("/__admin/mappings").json()["meta"] == {"total": 0}
    settings = {"delayDistribution": {"type": "lognormal", "median": 90, "sigma": 0.1}}
    assert mock.post("/__admin/settings", json=settings).status == 200
    assert mock.get("/__admin/settings").json()["settings"] == settings
    assert mock.post("/__admin/settings", json={"fixedDelay": "much"}).status == 422


def test_scenarios(mock: InProcess):
    """The printed list of scenarios, and the two ways to set a state."""
    for state, following in (("Started", "state_2"), ("state_2", "state_3")):
        mapping = {
            "scenarioName": "my_scenario",
            "requiredScenarioState": state,
            "newScenarioState": following,
            "request": {"urlPath": "/s"},
        }
        mock.post("/__admin/mappings", json=mapping)
    (scenario,) = mock.get("/__admin/scenarios").json()["scenarios"]
    shown = {key: value for key, value in scenario.items() if key != "mappings"}
    assert shown == {
        "id": "my_scenario",
        "name": "my_scenario",
        "state": "Started",
        "possibleStates": ["Started", "state_2", "state_3"],
    }
    assert mock.put("/__admin/scenarios/my_scenario/state", json={"state": "state_2"}).status == 200
    assert mock.get("/__admin/scenarios").json()["scenarios"][0]["state"] == "state_2"
    assert mock.put("/__admin/scenarios/my_scenario/state").status == 200
    assert mock.get("/__admin/scenarios").json()["scenarios"][0]["state"] == "Started"
    assert json.dumps(mock.post("/__admin/scenarios/reset").json()) == "{}"
