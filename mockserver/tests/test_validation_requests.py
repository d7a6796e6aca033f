from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.exchange import MISSING, Arguments, Request, Upload, Violation
from mockserver.tests.loaded import operation
from mockserver.validation.requests import RequestReader

FORM_TYPE = "application/x-www-form-urlencoded"
Read = tuple[Arguments, list[Violation]]


def read(
    about: Any,
    *,
    method: str = "post",
    path: str = "/things",
    captured: dict[str, str] | None = None,
    query: str = "",
    body: bytes = b"",
    strict: bool = False,
    **headers: str,
) -> Read:
    reader = RequestReader(operation(about, method, path), strict=strict)
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return reader.read(captured or {}, Request(method.upper(), path, query, pairs, body))


def wrong(outcome: Read) -> list[tuple[str, str, str]]:
    return [(one.where, one.pointer, one.keyword) for one in outcome[1]]


LIST = """
parameters:
  - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
  - {name: status, in: query, schema: {type: array, items: {enum: [open, closed]}, default: [open]}}
  - {name: q, in: query, required: true, schema: {type: string}}
  - {name: X-Trace, in: header, schema: {type: integer}}
  - {name: session, in: cookie, schema: {type: string}}
"""


class TestParameters:
    def test_typed_and_filled_in(self) -> None:
        """What was sent is typed, what was not is its default, and which is which can be told."""
        arguments, violations = read(
            LIST, method="get", query="q=a+b&limit=5", x_trace="7", cookie="session=abc; other=1"
        )
        assert violations == []
        assert arguments.query == {"q": "a b", "limit": 5, "status": ["open"]}
        assert arguments.header == {"X-Trace": 7, "x-trace": 7}
        assert arguments.cookie == {"session": "abc"}
        assert arguments.explicit == {"query.q", "query.limit", "header.X-Trace", "cookie.session"}

    def test_defaults_are_not_shared(self) -> None:
        """Whoever changes a default list must not change the next request's."""
        reader = RequestReader(operation(LIST, "get"))
        request = Request("GET", "/things", "q=1")
        reader.read({}, request)[0].query["status"].append("spoiled")
        assert reader.read({}, request)[0].query["status"] == ["open"]

    def test_every_violation(self) -> None:
        """Who sent four wrong things hears of four."""
        outcome = read(LIST, method="get", query="limit=500&status=open&status=lost", x_trace="seven")
        assert wrong(outcome) == [
            ("query", "limit", "maximum"),
            ("query", "status/1", "enum"),
            ("query", "q", "required"),
            ("header", "X-Trace", "type"),
        ]

    def test_place(self) -> None:
        """A violation names the rule in the contract."""
        (one,) = read(LIST, method="get", query="q=1&limit=0")[1]
        assert one.place is not None
        assert one.place.pointer == "/paths/~1things/get/parameters/0/schema/minimum"
        assert (one.expected, one.found) == (1, 0)

    def test_repeated(self) -> None:
        """Two values for one parameter: we do not choose."""
        assert wrong(read(LIST, method="get", query="q=1&q=2")) == [("query", "q", "maxItems")]

    def test_unknown(self) -> None:
        """Strangers in the query are passed over, unless strictness is asked for."""
        assert wrong(read(LIST, method="get", query="q=1&utm_source=x")) == []
        assert wrong(read(LIST, method="get", query="q=1&utm_source=x", strict=True)) == [
            ("query", "utm_source", "additionalProperties")
        ]

    def test_path(self) -> None:
        """Path segments come still encoded, so that a slash may be part of an id."""
        about = "parameters: [{name: id, in: path, required: true, schema: {type: string}}]"
        arguments, violations = read(about, method="get", path="/things/{id}", captured={"id": "a%2Fb"})
        assert (arguments.path, violations) == ({"id": "a/b"}, [])

    def test_exploded_object_of_nothing(self) -> None:
        """A required object that may be empty is there, although nothing of it can be seen on the wire."""
        about = """
        parameters:
          - name: filter
            in: query
            required: true
            schema: {type: object, properties: {a: {type: integer}}}
        """
        arguments, violations = read(about, method="get")
        assert (arguments.query, violations) == ({"filter": {}}, [])
        assert read(about, method="get", query="a=5")[0].query == {"filter": {"a": 5}}
        needed = about.replace("type: object,", "type: object, required: [a],")
        assert wrong(read(needed, method="get")) == [("query", "filter", "required")]

    def test_headers_that_are_none(self) -> None:
        """Accept, Content-Type and Authorization are no parameters, whatever a contract says."""
        about = "parameters: [{name: Authorization, in: header, required: true, schema: {type: string}}]"
        assert wrong(read(about, method="get")) == []

    def test_no_utf_8(self) -> None:
        """Bytes that are no text are a violation, not an exception."""
        assert wrong(read(LIST, method="get", query="q=%FF")) == [("query", "q", "parse")]


JSON = """
requestBody:
  required: true
  content:
    application/json:
      schema:
        type: object
        properties:
          id: {type: string, readOnly: true}
          name: {type: string}
          count: {type: integer, default: 3}
          child: {$ref: "#/components/schemas/Child"}
        required: [id, name]
        additionalProperties: false
"""
CHILD = {"schemas": {"Child": {"type": "object", "properties": {"at": {"type": "string", "readOnly": True}}}}}


def read_json(body: bytes, content_type: str = "application/json", about: str = JSON) -> Read:
    one = operation(about, components=CHILD)
    headers = (("content-type", content_type),) if content_type else ()
    return RequestReader(one).read({}, Request("POST", "/things", "", headers, body))


class TestJsonBody:
    def test_good(self) -> None:
        """Defaults of properties are not filled in: a PATCH must not reset what it does not name."""
        arguments, violations = read_json(b'{"name": "a"}')
        assert (arguments.body, violations) == ({"name": "a"}, [])
        assert arguments.media_type == "application/json"
        assert "body" in arguments.explicit

    def test_read_only(self) -> None:
        """Who reads, changes and sends back is the rule: what is read-only is taken out, not refused."""
        arguments, violations = read_json(b'{"id": 5, "name": "a", "child": {"at": "x", "b": 1}}')
        assert violations == []
        assert arguments.body == {"name": "a", "child": {"b": 1}}

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            (b'{"name": ', "line 1 column 10"),
            (b'{"name": "a",\n "b" 5}', "line 2 column 6"),
            (b'{"name": NaN}', "line 1 column 10"),
            (b'{"name": "\\ud800"}', "surrogate"),
            (b'{"name": "\xff"}', "UTF-8"),
            (b"[" * 100_000, "depth"),
        ],
    )
    def test_no_json(self, body: bytes, told: str) -> None:
        """What is no JSON is told with line and column."""
        arguments, violations = read_json(body)
        assert [one.keyword for one in violations] == ["parse"]
        assert told in violations[0].detail
        assert arguments.body is MISSING

    def test_depth(self) -> None:
        """What could be read but not written again is refused; two hundred levels are enough for anybody."""
        about = "requestBody: {content: {application/json: {schema: {}}}}"
        assert wrong(read_json(b"[" * 200 + b"]" * 200, about=about)) == []
        assert wrong(read_json(b"[" * 900 + b"]" * 900, about=about)) == [("body", "", "depth")]
        assert wrong(read_json(b"[" + b",".join([b"[[{}]]"] * 1000) + b"]", about=about)) == []

    def test_tolerated(self) -> None:
        """A byte order mark and a name given twice are no reason to refuse (RFC 8259, 8.1 and 4)."""
        assert read_json(b'\xef\xbb\xbf{"name": "a", "name": "b"}')[0].body == {"name": "b"}

    def test_big_numbers(self) -> None:
        """An id of 20 digits comes back as it was."""
        about = JSON.replace("name: {type: string}", "name: {type: integer}")
        assert read_json(b'{"name": 12345678901234567890}', about=about)[0].body == {
            "name": 12345678901234567890
        }

    def test_charset(self) -> None:
        """A charset that is named is honoured; one that nobody knows is said."""
        body = '{"name": "é"}'.encode("latin-1")
        assert read_json(body, "application/json; charset=ISO-8859-1")[0].body == {"name": "é"}
        assert wrong(read_json(body, "application/json; charset=klingon")) == [("body", "", "mediaType")]

    def test_missing(self) -> None:
        """A required body that is not there is missing; an optional one is not."""
        assert wrong(read_json(b"", "")) == [("body", "", "required")]
        assert wrong(read_json(b"", "application/json")) == [("body", "", "required")]
        assert wrong(read_json(b"", "", JSON.replace("required: true", "required: false"))) == []


class TestMediaTypes:
    @pytest.mark.parametrize(
        ("content_type", "keywords"),
        [
            ("application/json", []),
            ("application/json; charset=utf-8", []),
            ("Application/JSON", []),
            ("", []),
            ("text/plain", ["mediaType"]),
            ("application/vnd.api+json", ["mediaType"]),
            ("nonsense", ["mediaType"]),
            (";", ["mediaType"]),
        ],
    )
    def test_matching(self, content_type: str, keywords: list[str]) -> None:
        """One violation for a media type that is not taken, whether it is another one or none at all."""
        assert [one.keyword for one in read_json(b'{"name": "a"}', content_type)[1]] == keywords

    def test_undocumented_body(self) -> None:
        """Where no body is documented one is refused, except where it has no meaning or says nothing."""
        assert wrong(read("{}", body=b"text", content_type="text/plain")) == [("body", "", "mediaType")]
        assert wrong(read("{}", body=b"{}", content_type="application/json")) == []
        assert wrong(read("{}", method="get", body=b"text", content_type="text/plain")) == []

    def test_range(self) -> None:
        """ "*/*" takes anything, and reads JSON where JSON is sent."""
        about = 'requestBody: {content: {"*/*": {schema: {type: object, required: [a]}}}}'
        assert read(about, body=b'{"a": 1}', content_type="application/json")[0].body == {"a": 1}
        assert wrong(read(about, body=b"{}", content_type="application/json")) == [("body", "/a", "required")]
        assert read(about, body=b"\x00", content_type="image/png")[0].body == Upload("", "image/png", b"\x00")

    def test_text(self) -> None:
        """Text is decoded by its charset and typed by its schema."""
        about = "requestBody: {content: {text/plain: {schema: {type: integer, maximum: 9}}}}"
        assert read(about, body=b"5", content_type="text/plain")[0].body == 5
        assert wrong(read(about, body=b"10", content_type="text/plain")) == [("body", "", "maximum")]
        assert wrong(read(about, body=b"\xff", content_type="text/plain")) == [("body", "", "parse")]

    def test_xml(self) -> None:
        """XML is read by the `xml` keywords, in whatever charset its Content-Type names."""
        about = """
        requestBody:
          content:
            application/xml:
              schema:
                type: object
                properties: {id: {type: integer, xml: {attribute: true}}, name: {type: string}}
                required: [id]
        """
        body = '<thing id="5"><name>é</name></thing>'
        found = read(about, body=body.encode("latin-1"), content_type="application/xml; charset=latin-1")
        assert found[0].body == {"id": 5, "name": "é"}
        assert wrong(read(about, body=b"<thing/>", content_type="application/xml")) == [
            ("body", "/id", "required")
        ]
        assert wrong(read(about, body=b"<thing>", content_type="application/xml")) == [("body", "", "parse")]


class TestSequences:
    @pytest.mark.parametrize(
        ("media_type", "body"),
        [
            ("application/jsonl", b'{"a": 1}\n{"a": "x"}\n\n{a}\n'),
            ("application/x-ndjson", b'{"a": 1}\r\n{"a": "x"}\r\n{a}'),
            ("application/json-seq", b'\x1e{"a": 1}\n\x1e{"a": "x"}\n\x1e{a}\n'),
        ],
    )
    def test_items(self, media_type: str, body: bytes) -> None:
        """OpenAPI 3.2: each item is held against `itemSchema`, and one that is no JSON is one violation."""
        about = f"""
        requestBody:
          content:
            {media_type}:
              itemSchema: {{type: object, properties: {{a: {{type: integer}}}}}}
        """
        outcome = read(about, body=body, content_type=media_type)
        assert wrong(outcome) == [("body", "/2", "parse"), ("body", "/1/a", "type")]

    def test_events(self) -> None:
        """Server-sent events are objects of their fields."""
        about = "requestBody: {content: {text/event-stream: {itemSchema: {required: [data]}}}}"
        found = read(
            about, body=b": note\nevent: x\ndata: a\ndata: b\n\nid: 5\n", content_type="text/event-stream"
        )
        assert found[0].body == [{"event": "x", "data": "a\nb"}, {"id": "5"}]
        assert wrong(found) == [("body", "/1/data", "required")]


class TestAnything:
    @given(
        st.sampled_from(
            [
                "application/json",
                "text/plain",
                "application/xml",
                "multipart/form-data; boundary=X",
                "a/b",
                FORM_TYPE,
            ]
        ),
        st.sampled_from(["", "; charset=utf-16", "; charset=hex", "; charset=latin-1", ";;", "; charset"]),
        st.binary(max_size=60) | st.text(max_size=60).map(str.encode),
        st.text(max_size=40),
    )
    def test_never_raises(self, media_type: str, parameters: str, body: bytes, query: str) -> None:
        """Whatever comes over the wire, values and violations come out that can be written as JSON."""
        outcome = read_anything(media_type + parameters, body, query)
        json.dumps([one.json() for one in outcome[1]]).encode()


ANYTHING = """
parameters:
  - {name: a, in: query, schema: {type: integer}}
  - {name: o, in: query, style: deepObject, schema: {type: object}}
  - {name: l, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: number}}}
requestBody:
  content:
    "*/*": {schema: {type: object, properties: {a: {type: integer}, l: {type: array, items: {type: string}}}}}
"""


@cache
def reads_anything() -> RequestReader:
    return RequestReader(operation(ANYTHING))


def read_anything(content_type: str, body: bytes, query: str) -> Read:
    pairs = (("content-type", content_type),)
    return reads_anything().read(
        {}, Request("POST", "/things", f"a={query}&o[{query}]=1&l={query}&{query}", pairs, body)
    )


FORM = """
requestBody:
  required: true
  content:
    application/x-www-form-urlencoded:
      schema:
        type: object
        required: [name]
        properties:
          name: {type: string}
          rate: {type: integer}
          active: {type: boolean}
          tags: {type: array, items: {type: string}}
          "ids[]": {type: array, items: {type: integer}}
          settings: {type: object, properties: {post_rate: {type: integer}, deep: {type: object}}}
          rows: {type: array, items: {type: object, properties: {a: {type: integer}}}}
"""


def read_form(text: str, about: str = FORM, content_type: str = "application/x-www-form-urlencoded") -> Read:
    return read(about, body=text.encode(), content_type=content_type)


class TestForm:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("name=a+b%21", {"name": "a b!"}),
            ("name=a&rate=5&active=true", {"name": "a", "rate": 5, "active": True}),
            ("name=a&tags=x&tags=y", {"name": "a", "tags": ["x", "y"]}),
            ("name=a&tags=x", {"name": "a", "tags": ["x"]}),
            ("name=a&ids[]=1&ids%5B%5D=2", {"name": "a", "ids[]": [1, 2]}),
            ("name=a&settings[post_rate]=30", {"name": "a", "settings": {"post_rate": 30}}),
            ("name=a&settings%5Bdeep%5D%5Bx%5D=1", {"name": "a", "settings": {"deep": {"x": "1"}}}),
            ('name=a&settings={"post_rate": 30}', {"name": "a", "settings": {"post_rate": 30}}),
            ('name=a&rows=[{"a": 1}]', {"name": "a", "rows": [{"a": 1}]}),
            ("name=a&rows[0][a]=1&rows[1][a]=2", {"name": "a", "rows": [{"a": 1}, {"a": 2}]}),
            ("name=a&stranger=1", {"name": "a", "stranger": "1"}),
            ("name=a\r\n", {"name": "a"}),
            ("name=", {"name": ""}),
        ],
    )
    def test_good(self, text: str, value: Any) -> None:
        """A form is an object, its values typed by the schema."""
        arguments, violations = read_form(text)
        assert (arguments.body, violations) == (value, [])

    @pytest.mark.parametrize(
        ("text", "violations"),
        [
            ("", [("body", "/name", "required")]),
            ("rate=5", [("body", "/name", "required")]),
            ("name=a&rate=fast", [("body", "/rate", "type")]),
            ("name=a&name=b", [("body", "/name", "maxItems")]),
            ("name=a&name=b&rate=fast", [("body", "/name", "maxItems"), ("body", "/rate", "type")]),
            ("name=a&settings=5", [("body", "/settings", "type")]),
            ("name=a&ids[]=x", [("body", "/ids[]/0", "type")]),
            ("name=%FF", [("body", "/name", "parse")]),
        ],
    )
    def test_bad(self, text: str, violations: list[tuple[str, str, str]]) -> None:
        """Every field that is wrong is named, and a field that could not be read is not missing besides."""
        assert wrong(read_form(text)) == violations

    def test_encoding(self) -> None:
        """`encoding` gives a property another style."""
        about = (
            FORM
            + """
      encoding:
        tags: {style: pipeDelimited, explode: false}
        settings: {style: deepObject, explode: true}
        """
        )
        assert read_form("name=a&tags=x|y&settings[post_rate]=1", about)[0].body == {
            "name": "a",
            "tags": ["x", "y"],
            "settings": {"post_rate": 1},
        }

    def test_nothing_in_an_array(self) -> None:
        """What is empty cannot be seen in style deepObject; in the others a required array is missing."""
        about = (
            "requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, "
            "required: [a, b, c], properties: {a: {type: array}, b: {type: array}, c: {type: object}}}, "
            "encoding: {a: {style: deepObject}, c: {style: deepObject}}}}}"
        )
        assert read_form("b=1", about)[0].body == {"a": [], "b": ["1"], "c": {}}
        assert wrong(read_form("c[x]=1", about)) == [("body", "/b", "required")]

    def test_charset(self) -> None:
        """An old client's charset is honoured."""
        found = read_form("name=%E9", content_type="application/x-www-form-urlencoded; charset=iso-8859-1")
        assert found[0].body == {"name": "é"}

    def test_too_many_fields(self) -> None:
        """A million fields are an attack, not a form."""
        assert wrong(read_form("a=1&" * 100_000)) == [("body", "", "maxProperties")]


MULTIPART = """
requestBody:
  required: true
  content:
    multipart/form-data:
      schema:
        type: object
        required: [file]
        properties:
          file: {type: string, format: binary, maxLength: 10}
          files: {type: array, items: {type: string, format: binary}}
          rate: {type: integer}
          tags: {type: array, items: {type: string}}
          meta: {type: object, properties: {a: {type: integer}}}
          settings: {type: object, properties: {post_rate: {type: integer}}}
      encoding:
        files: {contentType: "image/png, image/jpeg"}
"""


def part(name: str, content: bytes, filename: str | None = None, media_type: str = "") -> bytes:
    head = f'Content-Disposition: form-data; name="{name}"'
    head += f'; filename="{filename}"' if filename is not None else ""
    head += f"\r\nContent-Type: {media_type}" if media_type else ""
    return b"--XX\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def read_multipart(*parts: bytes, about: str = MULTIPART) -> Read:
    return read(about, body=b"".join(parts) + b"--XX--\r\n", content_type="multipart/form-data; boundary=XX")


FILE = part("file", b"\x00\xff\r\n\xfe", "a.bin", "application/octet-stream")


class TestMultipart:
    def test_bytes_are_never_decoded(self) -> None:
        """A file is its name, its media type, and its bytes as they were."""
        arguments, violations = read_multipart(FILE)
        assert violations == []
        assert arguments.body == {"file": Upload("a.bin", "application/octet-stream", b"\x00\xff\r\n\xfe")}

    def test_fields_beside_files(self) -> None:
        """Text is typed by the schema, repeated names are an array, brackets are an object."""
        found = read_multipart(
            FILE,
            part("rate", b"5"),
            part("tags", b"x"),
            part("tags", "é".encode()),
            part("settings[post_rate]", b"30"),
        )
        assert found[1] == []
        assert {name: value for name, value in found[0].body.items() if name != "file"} == {
            "rate": 5,
            "tags": ["x", "é"],
            "settings": {"post_rate": 30},
        }

    @pytest.mark.parametrize(
        "meta",
        [
            part("meta", b'{"a": 1}'),
            part("meta", b'{"a": 1}', media_type="application/json"),
            part("meta", b'{"a": 1}', "blob", "application/json"),
        ],
    )
    def test_json_part(self, meta: bytes) -> None:
        """An object is JSON, whether the part says so or not, and browsers call every Blob a file."""
        assert read_multipart(FILE, meta)[0].body["meta"] == {"a": 1}

    def test_violations(self) -> None:
        """What is wrong with a part is told at its name, beside everything else."""
        found = read_multipart(
            part("file", b"x" * 11, "a.bin"),
            part("files", b"x", "a.txt", "text/plain"),
            part("rate", b"fast"),
            part("meta", b"{a}"),
        )
        assert sorted(wrong(found)) == [
            ("body", "/file", "maxLength"),
            ("body", "/files/0", "contentMediaType"),
            ("body", "/meta", "parse"),
            ("body", "/rate", "type"),
        ]

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"", "multipart/form-data; boundary=XX"),
            (b"--XX\r\n", "multipart/form-data; boundary=XX"),
            (b"nonsense", "multipart/form-data; boundary=XX"),
            (FILE, "multipart/form-data; boundary=XX"),
            (b"--XX\r\nContent-Type: text/plain\r\n\r\nx\r\n--XX--\r\n", "multipart/form-data; boundary=XX"),
            (FILE + b"--XX--\r\n", "multipart/form-data"),
            (
                b"".join(part(f"f{index}", b"") for index in range(2000)) + b"--XX--",
                "multipart/form-data; boundary=XX",
            ),
        ],
    )
    def test_malformed(self, body: bytes, content_type: str) -> None:
        """A body that cannot be split is one violation, and no exception."""
        outcome = read(MULTIPART, body=body, content_type=content_type)
        assert len(outcome[1]) == 1

    def test_no_content_type_no_name(self) -> None:
        """A file part may lack both; it is a file because the contract says so."""
        assert read_multipart(part("file", b"x"))[0].body == {"file": Upload("", "", b"x")}
