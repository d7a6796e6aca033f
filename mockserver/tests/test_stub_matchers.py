"""
Request patterns: what they accept and what they do not, by tables in WireMock's JSON.
"""

# ruff: noqa: E501 -- a row of a table is a line

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mockserver.exchange import Request
from mockserver.server.stubs import registry
from mockserver.server.stubs.asked import Asked
from mockserver.server.stubs.reading import Doc, Unfit
from mockserver.server.stubs.request_patterns import read

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
THINGS = '{"things":[{"name":"RequiredThing","tags":[1,2]},{"name":"Wiremock","tags":[]}],"n":null,"e":[]}'
XML = '<o:order xmlns:o="urn:o" id="7"><item>a</item><item>b</item><total>3</total></o:order>'

MATCHERS: list[tuple[dict[str, Any], list[str | None], list[str | None]]] = [
    # matcher, what fits, what does not (None: not there)
    ({"equalTo": "abc"}, ["abc"], ["ABC", "abcd", "", None]),
    ({"equalTo": "abc", "caseInsensitive": True}, ["abc", "ABC"], ["abcd", None]),
    ({"contains": "b"}, ["abc"], ["", "B", None]),
    ({"doesNotContain": "b"}, ["ac", None], ["abc"]),
    ({"matches": "[a-z]+"}, ["abc"], ["abc1", " abc", "", None]),
    ({"matches": "^(.*)wiremock([A-Za-z]+)$"}, ["xwiremocky"], ["wiremock", None]),
    ({"matches": r"\p{Alpha}++[\d&&[^5]]\Q.*\E"}, ["ab1.*"], ["ab5.*", "ab1xx"]),
    ({"matches": "a.b"}, ["a\nb"], ["ab"]),
    ({"doesNotMatch": "[a-z]+"}, ["1", None], ["abc"]),
    ({"absent": True}, [None], ["", "x"]),
    ({"absent": False}, ["", "x"], [None]),
    ({"anything": "(always)"}, ["x", None], []),
    ({"binaryEqualTo": base64.b64encode(b"abc").decode()}, ["abc"], ["abd", None]),
    ({"not": {"contains": "b"}}, ["ac", None], ["abc"]),
    ({"and": [{"contains": "a"}, {"contains": "b"}]}, ["ab"], ["a", None]),
    ({"or": [{"equalTo": "a"}, {"absent": True}]}, ["a", None], ["b"]),
    ({"equalToNumber": 5}, ["5", "5.0"], ["6", "x", None]),
    ({"greaterThanEqualNumber": 5}, ["5", "6"], ["4.9", None]),
    ({"lessThanNumber": 5}, ["4"], ["5"]),
    ({"matchesPathTemplate": "/a/{x}/b"}, ["/a/1/b"], ["/a/b", None]),
    # JSON
    (
        {"equalToJson": {"total_results": 4}},
        ['{"total_results":4}', '{"total_results":4.0}'],
        ['{"total_results":"4"}', "[]", "x", None],
    ),
    ({"equalToJson": '{"a": 1}'}, ['{"a":1}'], ['{"a":1,"b":2}', '{"a":true}']),
    ({"equalToJson": {"a": 1}, "ignoreExtraElements": True}, ['{"a":1,"b":2}'], ['{"b":2}']),
    ({"equalToJson": [1, 2]}, ["[1,2]"], ["[2,1]", "[1,2,3]"]),
    ({"equalToJson": [1, 2], "ignoreArrayOrder": True}, ["[2,1]"], ["[2,2]", "[1,2,3]"]),
    (
        {"equalToJson": [{"a": 1}, 2], "ignoreArrayOrder": True, "ignoreExtraElements": True},
        ['[2,9,{"a":1,"b":1}]'],
        ["[2,9]"],
    ),
    ({"equalToJson": {"id": "${json-unit.any-string}"}}, ['{"id":"x"}'], ['{"id":1}', "{}"]),
    (
        {"equalToJson": {"id": "${json-unit.ignore}", "n": "${json-unit.any-number}"}},
        ['{"id":null,"n":1}'],
        ['{"id":1,"n":true}'],
    ),
    ({"equalToJson": {"id": "${json-unit.regex}[A-Z]+"}}, ['{"id":"ABC"}'], ['{"id":"abc"}']),
    (
        {"equalToJson": {"id": "${json-unit.ignore-element}", "a": 1}},
        ['{"a":1}', '{"id":2,"a":1}'],
        ['{"id":2}'],
    ),
    ({"matchesJsonPath": "$.things"}, [THINGS], ['{"price":15}', "x", "<a/>", None]),
    ({"matchesJsonPath": "$.n"}, [], [THINGS]),
    ({"matchesJsonPath": "$.e"}, [THINGS], []),
    (
        {"matchesJsonPath": "$.things[?(@.name == 'RequiredThing')]"},
        [THINGS, '{"things":{"name":"RequiredThing"}}'],
        ['{"things":{"name":"x"}}', '{"price":15}'],
    ),
    (
        {"matchesJsonPath": "$.things[?(@.name =~ /required.*/i)]"},
        [THINGS],
        ['{"things":[{"name":"Thing"}]}'],
    ),
    ({"matchesJsonPath": "$[?(@.things.size() == 2)]"}, [THINGS], ['{"things":[1]}']),
    ({"matchesJsonPath": {"expression": "$..name", "contains": "iremo"}}, [THINGS], ['{"name":"x"}', "{}"]),
    ({"matchesJsonPath": {"expression": "$.things.length()", "equalTo": "2"}}, [THINGS], ["{}"]),
    (
        {
            "matchesJsonPath": {
                "expression": "$.things[0]",
                "equalToJson": {"name": "RequiredThing"},
                "ignoreExtraElements": True,
            }
        },
        [THINGS],
        ["{}"],
    ),
    ({"matchesJsonPath": {"expression": "$.zip", "absent": True}}, [THINGS], ['{"zip":1}']),
    ({"matchesJsonSchema": {"type": "object", "required": ["a"]}}, ['{"a":1}'], ["{}", "x", None]),
    (
        {
            "matchesJsonSchema": '{"type":"integer","exclusiveMinimum":true,"minimum":1}',
            "schemaVersion": "V4",
        },
        ["2"],
        ["1"],
    ),
    # XML
    (
        {"equalToXml": '<x a="1" b="2"><i/><j> t </j></x>'},
        ["<x b='2' a='1'><!--c--><j>t</j><i></i></x>"],
        ["<x a='1'/>", "x", None],
    ),
    ({"equalToXml": "<x>${xmlunit.ignore}</x>", "enablePlaceholders": True}, ["<x>7</x>"], ["<y>7</y>"]),
    (
        {
            "equalToXml": "<x>[[xmlunit.isNumber]]</x>",
            "enablePlaceholders": True,
            "placeholderOpeningDelimiterRegex": r"\[\[",
            "placeholderClosingDelimiterRegex": r"\]\]",
        },
        ["<x>7</x>"],
        ["<x>a</x>"],
    ),
    ({"equalToXml": "<x a='1'/>", "exemptedComparisons": ["ATTR_VALUE"]}, ["<x a='2'/>"], ["<x/>"]),
    ({"equalToXml": "<x xmlns='urn:a'/>", "namespaceAwareness": "NONE"}, ["<x xmlns='urn:b'/>"], ["<y/>"]),
    ({"matchesXPath": "//item"}, [XML], ["<a/>", "x", None]),
    ({"matchesXPath": "/o:order[total=3]", "xPathNamespaces": {"o": "urn:o"}}, [XML], ["<order/>"]),
    ({"matchesXPath": "/order/@id"}, [XML], ["<order/>"]),
    ({"matchesXPath": {"expression": "//item/text()", "equalTo": "b"}}, [XML], ["<item>c</item>"]),
    ({"matchesXPath": "count(//item) = 2"}, [XML], ["<item/>"]),
    # Time
    (
        {"before": "2026-02-01T00:00:00Z"},
        ["2026-01-31T23:59:59Z", "2026-01-01"],
        ["2026-02-01T00:00:00Z", "x", None],
    ),
    ({"after": "now +1 hours"}, ["2026-01-01T13:00:01Z"], ["2026-01-01T13:00:00Z"]),
    ({"after": "now", "expectedOffset": -15, "expectedOffsetUnit": "days"}, ["2025-12-18"], ["2025-12-17"]),
    (
        {"equalToDateTime": "2026-01-01T00:00:00Z", "truncateActual": "first day of month"},
        ["2026-01-31T10:00:00Z"],
        ["2026-02-01T10:00:00Z"],
    ),
    ({"before": "now", "actualFormat": "dd/MM/yyyy"}, ["31/12/2025"], ["02/01/2026", "2025-12-31"]),
    (
        {"after": "now", "truncateExpected": "first day of month"},
        ["2026-01-01T00:00:01Z"],
        ["2025-12-31T23:00:00Z"],
    ),
]


@pytest.mark.parametrize(
    ("matcher", "fits", "does_not"), MATCHERS, ids=[json.dumps(each[0])[:60] for each in MATCHERS]
)
def test_matchers(matcher: dict[str, Any], fits: list[str | None], does_not: list[str | None]):
    """What fits with WireMock fits here; a distance is 0 for what fits, and only for that."""
    made = registry.matcher(matcher, "")
    for value in fits:
        assert made.fits(value, lambda: NOW), value
        assert made.distance(value, lambda: NOW) == 0
    for value in does_not:
        assert not made.fits(value, lambda: NOW), value
        assert 0 < made.distance(value, lambda: NOW) <= 1


def asked(
    method: str = "GET", target: str = "/x", headers: dict[str, str] | None = None, body: bytes = b""
) -> Asked:
    path, _, query = target.partition("?")
    fields = tuple((name.lower(), value) for name, value in (headers or {}).items())
    return Asked(Request(method, path, query, fields, body, "10.1.2.3:99"), lambda: NOW)


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=b"}
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="info"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n\x89PNG\r\n--b--\r\n'
)

PATTERNS: list[tuple[dict[str, Any], Asked, bool]] = [
    ({"url": "/your/url?and=query"}, asked(target="/your/url?and=query"), True),
    ({"url": "/your/url"}, asked(target="/your/url?and=query"), False),
    ({"urlPattern": r"/your/([a-z]*)\?and=query"}, asked(target="/your/url?and=query"), True),
    ({"urlPattern": "/your"}, asked(target="/your/url"), False),
    ({"urlPath": "/your/url"}, asked(target="/your/url?and=query"), True),
    ({"urlPathPattern": "/your/([a-z]*)"}, asked(target="/your/url?and=query"), True),
    ({"urlPathTemplate": "/c/{c}/a/{a}"}, asked(target="/c/1/a/2"), True),
    ({"urlPathTemplate": "/c/{c}"}, asked(target="/c/1/a/2"), False),
    ({"urlPathTemplate": "/c/{c}", "pathParameters": {"c": {"equalTo": "a/b"}}}, asked(target="/c/a%2Fb"), True),
    ({"urlPathTemplate": "/c/{c}", "pathParameters": {"c": {"equalTo": "1"}}}, asked(target="/c/2"), False),
    ({"method": "ANY"}, asked("PURGE"), True),
    ({"method": "POST"}, asked("GET"), False),
    ({"method": "GET_OR_HEAD"}, asked("HEAD"), True),
    ({"method": {"oneOf": ["PUT", "PATCH"]}}, asked("PATCH"), True),
    ({"headers": {"Accept": {"contains": "xml"}}}, asked(headers={"accept": "text/xml"}), True),
    ({"headers": {"X-A": {"absent": True}}}, asked(), True),
    ({"headers": {"X-A": {"absent": True}}}, asked(headers={"X-A": ""}), False),
    ({"queryParameters": {"q": {"equalTo": "a b"}}}, asked(target="/x?q=a+b"), True),
    ({"queryParameters": {"q": {"equalTo": "2"}}}, asked(target="/x?q=1&q=2"), True),
    ({"queryParameters": {"q": {"hasExactly": [{"equalTo": "1"}, {"contains": "2"}]}}}, asked(target="/x?q=2&q=1"), True),
    ({"queryParameters": {"q": {"hasExactly": [{"equalTo": "1"}]}}}, asked(target="/x?q=2&q=1"), False),
    ({"queryParameters": {"q": {"includes": [{"equalTo": "1"}]}}}, asked(target="/x?q=2&q=1"), True),
    ({"queryParameters": {"q": {"includes": [{"equalTo": "3"}]}}}, asked(target="/x?q=2&q=1"), False),
    ({"formParameters": {"tool": {"equalTo": "Wire Mock"}}}, asked("POST", headers=FORM, body=b"tool=Wire+Mock"), True),
    ({"formParameters": {"tool": {"equalTo": "x"}}}, asked("POST", body=b"tool=x"), False),
    ({"cookies": {"session": {"matches": ".*12345.*"}}}, asked(headers={"Cookie": "a=1; session=x12345"}), True),
    ({"cookies": {"session": {"absent": True}}}, asked(headers={"Cookie": "a=1"}), True),
    ({"basicAuthCredentials": {"username": "jeff", "password": "p:w"}}, asked(headers={"Authorization": "Basic " + base64.b64encode(b"jeff:p:w").decode()}), True),
    ({"basicAuth": {"username": "jeff", "password": "x"}}, asked(), False),
    ({"bodyPatterns": [{"contains": "a"}, {"contains": "b"}]}, asked("POST", body=b"ab"), True),
    ({"bodyPatterns": [{"absent": True}]}, asked(), True),
    ({"bodyPatterns": [{"binaryEqualTo": "/w=="}]}, asked("POST", body=b"\xff"), True),
    ({"host": {"equalTo": "h.example"}, "port": 81, "scheme": "http"}, asked(headers={"Host": "h.example:81"}), True),
    ({"port": 82}, asked(headers={"Host": "h.example:81"}), False),
    ({"scheme": "https"}, asked(), False),
    ({"clientIp": {"equalTo": "10.1.2.3"}}, asked(), True),
    ({"multipartPatterns": [{"name": "info", "headers": {"Content-Type": {"contains": "charset"}}, "bodyPatterns": [{"equalToJson": "{}"}]}]}, asked("POST", headers=PARTS, body=MULTIPART), True),
    ({"multipartPatterns": [{"fileName": "a.png", "bodyPatterns": [{"binaryEqualTo": "iVBORw=="}]}]}, asked("POST", headers=PARTS, body=MULTIPART), True),
    ({"multipartPatterns": [{"matchingType": "ALL", "bodyPatterns": [{"equalToJson": "{}"}]}]}, asked("POST", headers=PARTS, body=MULTIPART), False),
    ({"multipartPatterns": [{"name": "info"}]}, asked("POST", body=b"x"), False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "request_", "fits"), PATTERNS, ids=[json.dumps(each[0])[:70] for each in PATTERNS]
)
def test_patterns(pattern: dict[str, Any], request_: Asked, fits: bool):
    """Each part of a request can be asked about, as WireMock has it; the distance says the same."""
    made = read(Doc(pattern))
    assert made.fits(request_) is fits
    assert (made.distance(request_) == 0) is fits


@pytest.mark.parametrize(
    ("pattern", "pointer", "said"),
    [
        ({"urlPatern": "/x"}, "/urlPatern", "Did you mean 'urlPattern'?"),
        ({"url": "/x", "urlPath": "/x"}, "/urlPath", "Only one of"),
        ({"url": "x"}, "/url", "begins with /"),
        ({"urlPathPattern": "(["}, "/urlPathPattern", "no regular expression"),
        ({"urlPath": "/x", "pathParameters": {"a": {"equalTo": "1"}}}, "/pathParameters", "urlPathTemplate"),
        ({"urlPathTemplate": "/x/{id}", "pathParameters": {"i": {"equalTo": "1"}}}, "/pathParameters", "it has id"),
        ({"headers": {"A": {"equalsTo": "x"}}}, "/headers/A", "Did you mean 'equalTo'?"),
        ({"headers": {"A": {"equalTo": 1}}}, "/headers/A/equalTo", "must be a non-null string"),
        ({"headers": {"A": {"contains": "a", "matches": "b"}}}, "/headers/A", '"and"'),
        ({"headers": {"A": {"contains": "a", "caseInsensitive": True}}}, "/headers/A/caseInsensitive", "Unrecognized"),
        ({"bodyPatterns": [{"matchesJsonPath": "$.["}]}, "/bodyPatterns/0/matchesJsonPath", "no JSONPath"),
        ({"bodyPatterns": [{"matchesXPath": "//["}]}, "/bodyPatterns/0/matchesXPath", "no XPath"),
        ({"bodyPatterns": [{"matchesJsonPath": {"contains": "x"}}]}, "/bodyPatterns/0/matchesJsonPath", "expression is required"),
        ({"bodyPatterns": [{"matchesJsonSchema": {"type": "objekt"}}]}, "/bodyPatterns/0/matchesJsonSchema", "no JSON Schema"),
        ({"bodyPatterns": [{"matchesJsonSchema": {}, "schemaVersion": "V9"}]}, "/bodyPatterns/0/schemaVersion", "must be one of"),
        ({"bodyPatterns": [{"equalToJson": "{"}]}, "/bodyPatterns/0/equalToJson", "not JSON"),
        ({"bodyPatterns": [{"equalToXml": "<"}]}, "/bodyPatterns/0/equalToXml", "not XML"),
        ({"bodyPatterns": [{"before": "soon"}]}, "/bodyPatterns/0/before", "ISO 8601"),
        ({"bodyPatterns": {"contains": "x"}}, "/bodyPatterns", "expected an array"),
        ({"method": 7}, "/method", "expected a string"),
        ({"customMatcher": {"name": "x"}}, "/customMatcher", "Java"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(pattern: dict[str, Any], pointer: str, said: str):
    """A stub that could never match is refused where it is made, at the place that is wrong."""
    with pytest.raises(Unfit) as caught:
        read(Doc(pattern))
    assert caught.value.pointer == pointer
    assert said in caught.value.detail


def test_an_expression_that_never_ends_is_ended():
    """One stub must not stop the server: a match has a time limit, and counts as none after it."""
    matcher = registry.matcher({"matches": r"(\w+\s?)*\!"}, "")
    assert not matcher.fits("word " * 30 + "?", lambda: NOW)


def test_the_nearest_is_what_a_person_would_say():
    """A request that differs in one header is nearer than one to another place."""
    pattern = read(Doc({"method": "GET", "urlPath": "/loans", "headers": {"A": {"equalTo": "1"}}}))
    header = pattern.distance(asked(target="/loans", headers={"A": "2"}))
    method = pattern.distance(asked("POST", "/loans", {"A": "1"}))
    place = pattern.distance(asked(target="/quite/something/else", headers={"A": "1"}))
    assert 0 < header < method < place < 1


def test_a_host_that_is_none():
    """'[1:2]' is no address, and no reason to fail: it is held against what is asked for as it stands."""
    assert Asked(Request("GET", "/", "", (("host", "[1:2]"),)), lambda: NOW).host == "[1:2]"
