"""
Response templates: the examples of WireMock's documentation, and what bounds them.
"""

# ruff: noqa: E501 -- a row of a table is a line

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mockserver.exchange import Request
from mockserver.server.stubs.asked import Asked
from mockserver.server.stubs.templates.engine import renderer
from mockserver.server.stubs.templates.render import Failed
from mockserver.server.stubs.templates.syntax import BadTemplate
from mockserver.server.stubs.templates.values import request_model

BODY = b'{"outer":{"inner":"Stuff"},"names":["Ann","Bob"],"n":3}'
HEADERS = (
    ("host", "my.example.com:8080"),
    ("x-request-id", "r1"),
    ("x-many", "one"),
    ("x-many", "two"),
    ("cookie", "JSESSIONID=s1; JSESSIONID=s2"),
)


def now() -> datetime:
    return datetime(2026, 1, 1, 12, tzinfo=UTC)


def filled(template: str, seed: str = "1", body: bytes = BODY) -> str:
    query = "things=1&things=2&things=3&ids[]=111&ids[]=222&search=hi%20you"
    request = Request("POST", "/contacts/a%2Fb/x", query, HEADERS, body, "127.0.0.1:5")
    model = request_model(Asked(request, now), {"contactId": "a/b"}, "id-1")
    return renderer(seed, now).render(template, {"request": model, "parameters": {"Mine": "P"}})


DOCUMENTED = [
    # The request model
    ("{{request.id}} {{request.method}} {{request.scheme}} {{request.clientIp}}", "id-1 POST http 127.0.0.1"),
    ("{{request.path}}", "/contacts/a%2Fb/x"),
    ("{{request.path.[0]}} {{request.pathSegments.[1]}} {{request.path.contactId}}", "contacts a/b a/b"),
    ("{{request.query.search}} {{request.query.nothing}}", "hi you "),
    ("{{request.query.things}} {{request.query.things.0}} {{request.query.things.first}}", "1 1 1"),
    ("{{request.query.things.1}} {{request.query.things.[-1]}} {{request.query.things.last}}", "2 2 3"),
    ("{{lookup request.query 'ids[].1'}}", "222"),
    (
        "{{request.host}} {{request.port}} {{request.baseUrl}}",
        "my.example.com 8080 http://my.example.com:8080",
    ),
    ("{{request.headers.X-Request-Id}} {{request.headers.[x-many].[1]}}", "r1 two"),
    ("{{request.cookies.JSESSIONID}} {{request.cookies.JSESSIONID.1}}", "s1 s2"),
    ("{{parameters.Mine}} {{{parameters.Mine}}} {{& parameters.Mine}}", "P P P"),
    # Handlebars
    ("{{#if request.query.nothing}}a{{else if request.query.search}}b{{else}}c{{/if}}", "b"),
    ("{{#unless false}}yes{{/unless}}{{! a comment }}{{!-- {{too}} --}}", "yes"),
    (
        "{{#each request.query.things as |it i|}}{{i}}={{it}}{{#unless @last}},{{/unless}}{{/each}}",
        "0=1,1=2,2=3",
    ),
    ('{{#each (parseJson \'{"a":1,"b":2}\')}}{{@key}}{{this}}{{/each}}', "a1b2"),
    ("{{#each (array)}}x{{else}}none{{/each}}", "none"),
    ("{{#with (parseJson request.body)}}{{outer.inner}} {{../request.method}}{{/with}}", "Stuff POST"),
    ("a {{~#if true~}} b {{~/if~}} c", "abc"),
    ("{{^request.query.nothing}}absent{{/request.query.nothing}}", "absent"),
    (r"\{{as.it.stands}}", "{{as.it.stands}}"),
    ("<{{'<b>'}}>", "<<b>>"),
    # Strings, numbers, variables
    ("{{capitalize request.query.search}} {{upper 'x'}} {{lower 'Y'}}", "Hi You X y"),
    ("{{#assign 'v'}}{{upper 'x'}}{{/assign}}{{v}}{{v}}", "XX"),
    (
        "{{isOdd 3}} {{isOdd 3 'rightBox'}} {{isEven 4 'leftBox'}}{{stripes 3 ' even' ' odd'}}",
        "odd rightBox leftBox odd",
    ),
    ("{{val request.query.nothing or='default'}}", "default"),
    ("{{val 10 assign='v'}}{{#lt v 20}}Less Than{{else}}More Than{{/lt}}", "Less Than"),
    ("{{val (array 1 2 3) default='123'}}", "[1, 2, 3]"),
    ("{{#eq request.query.search 'hi you'}}same{{/eq}} {{#if (and true (not false))}}y{{/if}}", "same y"),
    ("{{math 1 '+' 2}} {{math 4 '-' 2}} {{math 2 '*' 3}} {{math 8 '/' 2}} {{math 10 '%' 3}}", "3 2 6 4 1"),
    ("{{numberFormat 123.4567 'currency' 'en_GB'}}", "£123.46"),
    ("{{{numberFormat 123.4567 'percent' 'en_GB'}}}", "12,346%"),
    ("{{{numberFormat 123.4567 '###.000000' 'en_GB'}}}", "123.456700"),
    ("{{{numberFormat 1234.567 maximumIntegerDigits=3 minimumFractionDigits=6}}}", "234.567000"),
    ("{{{numberFormat 12345.678 groupingUsed=false}}}", "12345.678"),
    ("{{{numberFormat 1.239 roundingMode='down' maximumFractionDigits=2}}}", "1.23"),
    ("{{#if (contains 'abcde' 'abc')}}YES{{/if}}{{#contains (array 'a' 'b') 'a'}}YES{{/contains}}", "YESYES"),
    ("{{#if (matches '123' '[0-9]+')}}YES{{/if}}{{#matches '123x' '[0-9]+'}}NO{{/matches}}", "YES"),
    ("{{#trim}}\n\n  Some stuff \n{{/trim}}", "Some stuff"),
    (
        "{{base64 'Content'}} {{base64 'a' padding=false}} {{#base64 decode=true}}Q29udGVudA=={{/base64}}",
        "Q29udGVudA== YQ Content",
    ),
    ("{{urlEncode 'a b&c'}} {{urlEncode 'Content%20to' decode=true}}", "a+b%26c Content to"),
    ("{{formData 'a=1&b=x%20y&b=2' 'form' urlDecode=true}}{{form.a}} {{form.b}} {{form.b.last}}", "1 x y 2"),
    ("{{regexExtract 'abc-DEF-123' '[A-Z]+'}}", "DEF"),
    ("{{regexExtract 'abc-DEF-123' '([a-z]+)-([A-Z]+)-([0-9]+)' 'parts'}}{{parts.0}},{{parts.2}}", "abc,123"),
    ("{{regexExtract 'abc' '[0-9]+' default='my default value'}}", "my default value"),
    ("{{size 'abcde'}} {{size request.query.things}}", "5 3"),
    ("{{systemValue key='PATH'}}", "[ERROR: Access to PATH is denied]"),
    # JSON and XML
    (
        "{{jsonPath request.body '$.outer.inner'}} {{jsonPath request.body '$.outer'}}",
        'Stuff {"inner":"Stuff"}',
    ),
    ("{{jsonPath request.body '$.size' default='M'}}", "M"),
    ('{{#parseJson \'o\'}}{"name": "transformed"}{{/parseJson}}{{o.name}}', "transformed"),
    ("{{parseJson request.body 'b'}}{{b.n}} {{lookup (parseJson request.body) 'n'}}", "3 3"),
    ("{{toJson (array 1 2 3)}}", "[ 1, 2, 3 ]"),
    (
        '{{#formatJson}}{"foo":true,"bar":{"baz":false}}{{/formatJson}}',
        '{\n  "foo" : true,\n  "bar" : {\n    "baz" : false\n  }\n}',
    ),
    ("{{#formatJson format='compact'}}{ \"a\" : [ 1 ] }{{/formatJson}}", '{"a":[1]}'),
    ("{{jsonArrayAdd '[{\"id\":1}]' '{\"id\":2}'}}", '[{"id":1},{"id":2}]'),
    ("{{#jsonArrayAdd (val nothing or='[]')}}{\"id\":2}{{/jsonArrayAdd}}", '[{"id":2}]'),
    (
        '{{jsonMerge \'{"a":1,"n":{"x":1},"l":[1]}\' \'{"n":{"y":2},"l":[2]}\'}}',
        '{"a":1,"n":{"x":1,"y":2},"l":[2]}',
    ),
    ("{{jsonRemove '[{\"id\":456},{\"id\":123}]' '$.[?(@.id == 123)]'}}", '[{"id":456}]'),
    ('{{jsonRemove \'{"id":456,"name":"bob"}\' \'$.name\'}}', '{"id":456}'),
    ("{{xPath '<outer><inner>Stuff</inner></outer>' '/outer/inner/text()'}}", "Stuff"),
    ("{{xPath '<outer><inner>Stuff</inner></outer>' '/outer/inner'}}", "<inner>Stuff</inner>"),
    (
        "{{#each (xPath '<t><i id=\"1\">a</i><i id=\"2\">b</i></t>' '/t/i') as |n|}}{{n.name}}{{n.text}}{{n.attributes.id}}{{/each}}",
        "ia1ib2",
    ),
    ("{{#formatXml format='compact'}}<foo><bar\n>wh</bar></foo\n>{{/formatXml}}", "<foo><bar>wh</bar></foo>"),
    # Lists
    ("{{range 3 8}} {{range -2 2}}", "[3, 4, 5, 6, 7, 8] [-2, -1, 0, 1, 2]"),
    ("{{array 1 'two' true}} {{array}}", "[1, two, true] []"),
    (
        "{{arrayAdd (array 1 'three') 2 position=1}} {{arrayAdd (array 1 'three') 2 position='start'}}",
        "[1, 2, three] [2, 1, three]",
    ),
    (
        "{{arrayRemove (array 1 2 'three') position='start'}} {{arrayRemove (array 1 2 'three')}}",
        "[2, three] [1, 2]",
    ),
    (
        "{{arrayJoin ',' (array 'One' 'Two') prefix='[' suffix=']'}} {{arrayJoin ' - ' 'a' 'b' 'c'}}",
        "[One,Two] a - b - c",
    ),
    ("{{arrayJoin ', ' (range 1 5)}}", "1, 2, 3, 4, 5"),
    ("{{#arrayJoin ',' (parseJson '[{\"id\":1},{\"id\":2}]') as |item|}}#{{item.id}}{{/arrayJoin}}", "#1,#2"),
    # Time
    (
        "{{now}} {{now offset='3 days'}} {{now offset='-24 seconds'}}",
        "2026-01-01T12:00:00Z 2026-01-04T12:00:00Z 2026-01-01T11:59:36Z",
    ),
    (
        "{{now offset='10 years' format='yyyy-MM-dd'}} {{now offset='2 months' format='d MMM yy'}}",
        "2036-01-01 1 Mar 26",
    ),
    ("{{now timezone='Australia/Sydney' format='yyyy-MM-dd HH:mm:ssZ'}}", "2026-01-01 23:00:00+1100"),
    ("{{now format='epoch'}} {{now format='unix'}}", "1767268800000 1767268800"),
    (
        "{{date (truncateDate (parseDate 'Tue, 15 Jun 2021 15:16:17 GMT') 'first day of month')}}",
        "2021-06-01T00:00:00Z",
    ),
    ("{{date (parseDate '15/06/2021' format='dd/MM/yyyy') format='EEEE'}}", "Tuesday"),
]


@pytest.mark.parametrize(("template", "expected"), DOCUMENTED, ids=[each[0][:50] for each in DOCUMENTED])
def test_documented(template: str, expected: str):
    """A template that works with WireMock gives the same here."""
    assert filled(template) == expected


CHANCE = (
    "{{randomValue length=33 type='ALPHANUMERIC'}} {{randomValue type='UUID'}} {{pickRandom '1' '2' '3'}} "
    "{{randomInt lower=5 upper=9}} {{randomDecimal lower=-10.1 upper=-0.9}} {{pickRandom 1 2 3 4 5 count=3}}"
)


def test_chance_repeats():
    """The same request of the same session has the same "random" answer, in a ticket as on the day."""
    assert filled(CHANCE) == filled(CHANCE)
    assert filled(CHANCE, seed="2") != filled(CHANCE)
    text, uuid, picked, number, decimal, *three = filled(CHANCE).split(" ")
    assert len(text) == 33
    assert len(uuid) == 36
    assert picked in "123"
    assert 5 <= int(number) <= 9
    assert -10.1 <= float(decimal) <= -0.9
    assert len(three) == 3


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{trimm 'x'}}", "there is no helper 'trimm'. Did you mean 'trim'?"),
        ("\n{{jsonPath request.body '$.['}}", "is no JSONPath"),
        ("{{math 1 '/' 0}}", "math: 1 / 0"),
        ("{{regexExtract 'abc' '[0-9]+'}}", "nothing matches"),
        ("{{now format='Q'}}", "the letter 'Q'"),
        ("{{now timezone='Mars/Base'}}", "there is no time zone 'Mars/Base'"),
        ("{{range 0 99999999}}", "more than 10000 numbers"),
        ("{{stringFormat '%1000000000s' 'a'}}", "more than 10000 characters wide"),
        ("{{stringFormat '%.1000000000f' 1}}", "more than 10000 characters wide"),
        ("{{stringFormat '%*d' 1000000000 1}}", "is not Java's"),
        ("{{#each (range 0 9999)}}{{#each (range 0 9999)}}x{{/each}}{{/each}}", "more than"),
    ],
)
def test_what_cannot_be_filled(template: str, said: str):
    """A template that goes wrong says where; one that does too much is stopped."""
    with pytest.raises(Failed, match=said.replace("(", r"\(").replace("?", r"\?")):
        filled(template)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{", "line 1: .* is not closed"),
        ("a\n{{#if x}}", "line 2: {{#if x}} is never closed"),
        ("{{#if x}}{{/each}}", "{{/each}} closes {{#if}}"),
        ("{{/if}}", "closes or parts nothing"),
        ("{{> partial}}", "partials and decorators are not known"),
        ("{{a b=}}", "a value is missing"),
        ("{{a (b}}", "parenthesis"),
    ],
)
def test_what_cannot_be_read(template: str, said: str):
    """A mistake is told when the stub is made, with its line."""
    with pytest.raises(BadTemplate, match=said.replace("{{/each}}", r"\{\{/each\}\}").replace("(", r"\(")):
        filled(template)


@pytest.mark.parametrize(
    "template",
    ["{{this.__class__}}", "{{request.__class__.__mro__}}", "{{request.body.format}}", "{{@root.x}}"],
)
def test_nothing_of_python_is_reached(template: str):
    """A stub comes over HTTP: a template must not get at what it was not handed."""
    assert filled(template) == ""
