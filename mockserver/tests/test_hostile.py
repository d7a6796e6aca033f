"""
What a hostile client sends over a raw socket: it is answered below 500, soon, and in bounded memory.

One server for the whole module, so that what an attack leaves behind meets the next one.
"""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.tests.client import Server

DOCUMENT = str(Path(__file__).parent / "worlds" / "hostile" / "openapi.yaml")
PATIENCE = 20.0
"""Seconds within which an attack is answered; far more than it takes, since the machine is shared."""
MEMORY = 400
"""Megabytes that the server has at the most, whatever came."""

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=X"
XML = "application/xml"
LINES = "application/x-ndjson"
PATCH = "application/json-patch+json"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The server; at the end it has not said a word about trouble of its own."""
    server = Server(DOCUMENT, "--quiet")
    yield server
    server.stop()
    assert "Traceback" not in server.log(), server.log()
    server.close()


def port(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def said(server: Server, *pieces: bytes) -> bytes:
    """Send *pieces* over a connection of their own; return all that comes back until it is closed."""
    with socket.create_connection(("127.0.0.1", port(server)), PATIENCE) as client:
        try:
            for piece in pieces:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused before it was read to the end: the answer is there all the same
        found = bytearray()
        try:
            while data := client.recv(65536):
                found += data
        except ConnectionResetError:
            pass
        return bytes(found)


def request(
    method: str, target: bytes, body: bytes = b"", kind: str = "application/json", fields: bytes = b""
) -> bytes:
    head = b"%s %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" % (method.encode(), target)
    if method != "GET":
        head += b"Content-Type: %s\r\nContent-Length: %d\r\n" % (kind.encode(), len(body))
    return head + fields + b"\r\n" + body


def memory(server: Server) -> int:
    """Megabytes that the server process has now (0 where nobody can say)."""
    if sys.platform != "linux":
        return 0
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def held(server: Server, attack: bytes) -> bytes:
    """Send *attack*; hold its answer and the server to what is promised, and return the status."""
    answer = said(server, attack)
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    status = answer[9:12]
    assert status[:1] in b"24", answer[:600]
    assert memory(server) < MEMORY
    return status


def part(name: bytes, value: bytes = b"x", more: bytes = b"") -> bytes:
    head = b'--X\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n' % (name, more)
    return head + value + b"\r\n"


def laughing() -> bytes:
    lines = [
        b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"lol")
        for level in range(10)
    ]
    return b'<?xml version="1.0"?><!DOCTYPE a [' + b"".join(lines) + b"]><Thing><name>&l9;</name></Thing>"


GOOD = b"201"
BAD = b"400"

BODIES = {
    "deep lists": (BAD, b"[" * 100_000, "application/json"),
    "deep lists, closed": (BAD, b'{"any":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json"),
    "deep objects": (BAD, b'{"a":' * 300_000 + b"1" + b"}" * 300_000, "application/json"),
    "just too deep": (BAD, b'{"any":' + b"[" * 201 + b"]" * 201 + b"}", "application/json"),
    "just not too deep": (GOOD, b'{"any":' + b"[" * 200 + b"]" * 200 + b"}", "application/json"),
    "nested by the schema": (BAD, b'{"children":[' * 250 + b"{}" + b"]}" * 250, "application/json"),
    "NaN": (BAD, b'{"n":NaN}', "application/json"),
    "Infinity": (BAD, b'{"n":-Infinity}', "application/json"),
    "beyond a double": (BAD, b'{"any":1e400}', "application/json"),
    "an exponent of eight digits": (BAD, b'{"i":1e99999999}', "application/json"),
    "an integer of a million digits": (BAD, b'{"any":' + b"9" * 1_000_000 + b"}", "application/json"),
    "an integer of 70 bits": (GOOD, b'{"i":1180591620717411303424}', "application/json"),
    "a lone surrogate, escaped": (BAD, b'{"name":"\\ud800"}', "application/json"),
    "a lone surrogate, raw": (BAD, b'{"name":"\xed\xa0\x80"}', "application/json"),
    "a lone surrogate as a name": (BAD, b'{"any":{"\\udfff":1}}', "application/json"),
    "bytes that are no UTF-8": (BAD, b'{"name":"\xff\xfe"}', "application/json"),
    "a null byte": (BAD, b'{"name":"\x00"}', "application/json"),
    "a null byte, escaped": (GOOD, b'{"name":"a\\u0000b","id":"a\\u0000b"}', "application/json"),
    "a name given twice": (GOOD, b'{"name":"a","name":"b"}', "application/json"),
    "names that mean something elsewhere": (GOOD, b'{"__proto__":{"a":1},"__class__":1}', "application/json"),
    "nothing at all": (BAD, b"", "application/json"),
    "a million values": (BAD, b'{"any":[' + b"0," * 1_000_000 + b"0]}", "application/json"),
    "half a million names": (
        BAD,
        b'{"any":{' + b",".join(b'"k%d":1' % number for number in range(500_000)) + b"}}",
        "application/json",
    ),
    "forty thousand wrong values": (BAD, b'{"tags":[' + b"1," * 40_000 + b"1]}", "application/json"),
    "forty thousand different ones": (
        GOOD,
        b'{"tags":[' + b",".join(b'"%d"' % number for number in range(40_000)) + b"]}",
        "application/json",
    ),
    "what a pattern backtracks on": (BAD, b'{"note":"' + b"a" * 50_000 + b'!"}', "application/json"),
    "text in a charset that takes the square": (
        b"415",
        b"9" * 1_000_000,
        "text/plain; charset=punycode",
    ),
    "a form in a charset that is Python's own": (b"415", b"name=a", FORM + "; charset=unicode_escape"),
    "JSON in a charset that is no text": (b"415", b"{}", "application/json; charset=rot13"),
    "JSON in a charset that people have": (
        GOOD,
        '{"name":"é"}'.encode("cp1252"),
        "application/json; charset=cp1252",
    ),
    "a form of a million fields": (BAD, b"name=1&" * 1_000_000, FORM),
    "a form of &": (BAD, b"&" * 5_000_000, FORM),
    "a form with broken escapes": (GOOD, b"name=%zz%", FORM),
    "a form that is no UTF-8": (BAD, b"name=%ff%fe", FORM),
    "a form with deep brackets": (GOOD, b"any" + b"[a]" * 100_000 + b"=1", FORM),
    "a form with an integer of a hundred thousand digits": (BAD, b"i=" + b"9" * 100_000, FORM),
    "a form with a number that is none": (BAD, b"n=nan", FORM),
    "ten thousand parts": (
        BAD,
        b"".join(part(b"p%d" % number) for number in range(10_000)) + b"--X--\r\n",
        MULTIPART,
    ),
    "parts without an end": (BAD, part(b"name"), MULTIPART),
    "parts without a boundary": (BAD, part(b"name"), "multipart/form-data"),
    "a part's header of a megabyte": (
        BAD,
        part(b"name", more=b'; x="' + b"y" * 1_000_000 + b'"') + b"--X--\r\n",
        MULTIPART,
    ),
    "a file's name that climbs": (
        GOOD,
        part(b"name", more=b'; filename="../../etc/passwd"') + b"--X--\r\n",
        MULTIPART,
    ),
    "a boundary of five thousand letters": (BAD, b"x", "multipart/form-data; boundary=" + "b" * 5_000),
    "a billion laughs": (BAD, laughing(), XML),
    "an entity that reads a file": (
        BAD,
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Thing><name>&x;</name></Thing>',
        XML,
    ),
    "deep XML": (BAD, b"<a>" * 100_000 + b"</a>" * 100_000, XML),
    "two hundred thousand elements": (BAD, b"<Thing>" + b"<children/>" * 200_000 + b"</Thing>", XML),
    "two hundred thousand attributes": (
        BAD,
        b"<Thing " + b" ".join(b'a%d="1"' % number for number in range(200_000)) + b"/>",
        XML,
    ),
    "XML in UTF-7": (BAD, b'<?xml version="1.0" encoding="utf-7"?><Thing/>', XML),
    "a million lines": (BAD, b"{}\n" * 1_000_000, LINES),
    "forty thousand broken lines": (BAD, b"x\n" * 40_000, LINES),
}

TARGETS = {
    "what a pattern backtracks on": b"/things?q=" + b"a" * 15_000 + b"b",
    "what a lookahead backtracks on": b"/things?fancy=" + b"a" * 15_000 + b"c",
    "two thousand parameters": b"/things?" + b"&".join(b"a%d=1" % number for number in range(2_000)),
    "a parameter that nests": b"/things?filter" + b"[a]" * 5_000 + b"=1",
    "a parameter of many members": b"/things?"
    + b"&".join(b"filter[%d]=1" % number for number in range(1_200)),
    "a null byte in a parameter": b"/things?q=%00",
    "a parameter that is no UTF-8": b"/things?q=%ff",
    "a limit of ten thousand digits": b"/things?limit=" + b"9" * 10_000,
    "a billion items": b"/things?__items=1000000000",
    "a delay that is no number": b"/things?__delay=nan",
    "a status of twelve digits": b"/things?__code=999999999999",
    "a variant of twenty digits": b"/things?__variant=99999999999999999999",
    "a long seed": b"/things?__dynamic=true&__seed=" + b"9" * 10_000,
    "a null byte in the path": b"/things/%00",
    "an escape that is none": b"/things/%zz",
    "a path that is no UTF-8": b"/things/%ff",
    "a path of slashes": b"/" * 16_000,
    "a path that climbs": b"/things/" + b"../" * 5_000,
    "a long path that is nowhere": b"/thing" + b"s" * 16_000,
    "eight thousand segments": b"/a" * 8_000,
    "a contract beside the contracts": b"/__admin/specs/..%2f..%2f..%2fetc%2fpasswd.yaml",
    "state beside the state": b"/__admin/state/..%2f..%2fetc",
    "an entry with a long name": b"/__admin/requests/" + b"x" * 10_000,
    "a time after time": b"/__admin/requests?since=9999999999999999999999999999",
    "a limit in other digits": b"/__admin/requests?limit=%C2%B2",
    "a time of four hundred digits": b"/__admin/requests?since=" + b"9" * 400,
    **{
        f"a number of five thousand digits to {path}": f"{path}={'9' * 5_000}".encode()
        for path in (
            *("/__admin/requests?limit", "/__admin/mappings?limit", "/__admin/mappings?offset"),
            *("/__admin/webhooks/deliveries?limit", "/__admin/bundle?entries", "/things?__variant"),
        )
    },
    "an admin path that is no UTF-8": b"/__admin/%ff%fe",
}

FIELDS = {
    "preferences that are none": b"Prefer: " + b'",;=' * 10_000,
    "fifteen thousand preferences": b"Prefer: " + b"a=b," * 15_000,
    "six thousand media types": b"Accept: " + b"a/b;q=0.1," * 6_000,
    "a quality that is no number": b"Accept: */*;q=nan",
    "fifteen thousand cookies": b"Cookie: " + b"a=b;" * 15_000,
    "credentials that are no text": b"Authorization: \xff\xfe",
    "Basic that is no base64": b"Authorization: Basic !!!!",
    "an origin that is none": b"Origin: http://[::1",
    "an origin that is no text": b"Origin: \xff",
    "a session's name of sixty thousand letters": b"Mock-Session: " + b"s" * 60_000,
    "a session's name that is no text": b"Mock-Session: \xff\x01",
}


class TestBodies:
    @pytest.mark.parametrize("name", BODIES)
    def test_is_answered(self, server: Server, name: str):
        """A body is taken or refused as documented, whatever it is made of; nothing hangs, nothing grows."""
        wanted, body, kind = BODIES[name]
        assert held(server, request("POST", b"/things", body, kind)) == wanted

    def test_patches_do_not_explode(self, server: Server):
        """Thirty copies of a thing into itself would be a gigabyte of text."""
        start = b'[{"op":"add","path":"/any","value":{"a":"' + b"x" * 1_000 + b'"}}'
        copies = b"".join(b',{"op":"copy","from":"/any","path":"/any/x%d"}' % number for number in range(30))
        assert held(server, request("PATCH", b"/things/1", start + copies + b"]", PATCH))[:1] == b"4"

    def test_patches_do_not_nest(self, server: Server):
        """What is too deep to be sent at once must not be put together either: it could not be answered."""
        deep = b'{"a":' * 150 + b"1" + b"}" * 150
        first = b'[{"op":"add","path":"/any","value":' + deep + b"},"
        second = b'{"op":"add","path":"/any' + b"/a" * 149 + b'","value":' + deep + b"}]"
        assert held(server, request("PATCH", b"/things/1", first + second, PATCH))[:1] == b"4"


ONE = b'{"name":"coded"}'
_STREAM = zlib.compressobj(wbits=-15)
CODED = {
    "gzip": (GOOD, b"gzip", gzip.compress(ONE)),
    "gzip under its old name, in capitals": (GOOD, b"X-GZip", gzip.compress(ONE)),
    "gzip in two files": (GOOD, b"gzip", gzip.compress(ONE[:5]) + gzip.compress(ONE[5:])),
    "deflate": (GOOD, b"deflate", zlib.compress(ONE)),
    "deflate without its frame": (GOOD, b"deflate", _STREAM.compress(ONE) + _STREAM.flush()),
    "identity": (GOOD, b"identity", ONE),
    "nothing": (GOOD, b" , ,", ONE),
    "one upon the other": (GOOD, b"gzip, identity, deflate", zlib.compress(gzip.compress(ONE))),
    "in the wrong order": (BAD, b"deflate, gzip", zlib.compress(gzip.compress(ONE))),
    "in two fields": (GOOD, b"gzip\r\nContent-Encoding: deflate", zlib.compress(gzip.compress(ONE))),
    "one that we do not know": (b"415", b"br", b"\x0b\x02\x80"),
    "one that nobody knows, behind one that we know": (b"415", b"gzip, x\xffy", gzip.compress(ONE)),
    "too many of them": (b"415", b"gzip," * 5_000, gzip.compress(ONE)),
    "plain text called gzip": (BAD, b"gzip", ONE),
    "gzip called deflate": (BAD, b"deflate", gzip.compress(ONE)),
    "gzip that breaks off": (BAD, b"gzip", gzip.compress(ONE)[:-3]),
    "gzip with something behind it": (BAD, b"gzip", gzip.compress(ONE) + b"x"),
    "gzip with a wrong sum": (BAD, b"gzip", gzip.compress(ONE)[:-8] + b"\0" * 8),
    "half a million empty files": (BAD, b"gzip", gzip.compress(b"") * 500_000),
    "a gigabyte": (b"413", b"gzip", gzip.compress(b"0" * 100_000_000) * 10),
    "a bomb in a bomb": (b"413", b"gzip, gzip", gzip.compress(gzip.compress(b"0" * 100_000_000))),
}


class TestCodings:
    @pytest.mark.parametrize("name", CODED)
    def test_is_undone_or_refused(self, server: Server, name: str):
        """A body is read as what it was before it was coded, within the same bounds; else it is refused."""
        wanted, coding, body = CODED[name]
        fields = b"Content-Encoding: %s\r\n" % coding
        assert held(server, request("POST", b"/things", body, fields=fields)) == wanted

    def test_says_what_it_knows(self, server: Server):
        """RFC 9110, 15.5.16: who is refused learns which codings he may use."""
        answer = said(server, request("POST", b"/things", b"x", fields=b"Content-Encoding: zstd\r\n"))
        assert b"\r\naccept-encoding: gzip, deflate\r\n" in answer.lower()

    def test_of_the_admin(self, server: Server):
        """The admin reads a stub as well, and a stub looks at what was meant, not at how it was sent."""
        coded = b"Content-Encoding: %s\r\n"
        pattern = b'{"urlPath":"/coded","bodyPatterns":[{"contains":"coded"}]}'
        stub = gzip.compress(b'{"request":%s,"response":{"status":204}}' % pattern)
        for coding, body, wanted in ((b"gzip", stub, b"201"), (b"gzip", b"x", b"400"), (b"br", stub, b"415")):
            attack = request("POST", b"/__admin/mappings", body, fields=coded % coding)
            assert held(server, attack.replace(b"Host: a", b"Host: localhost")) == wanted
        meant = request("POST", b"/coded", gzip.compress(ONE), fields=coded % b"gzip")
        assert held(server, meant) == b"204"


class TestTargetsAndFields:
    @pytest.mark.parametrize("name", TARGETS)
    def test_a_target_is_answered(self, server: Server, name: str):
        """No path and no query is too strange for an answer."""
        held(server, request("GET", TARGETS[name]))

    @pytest.mark.parametrize("path", [b"/things", b"/__admin/requests?limit=1"])
    @pytest.mark.parametrize("name", FIELDS)
    def test_a_field_is_answered(self, server: Server, name: str, path: bytes):
        """Nor any header field, at a contract's address or the admin's."""
        held(server, request("GET", path, fields=FIELDS[name] + b"\r\n"))

    @pytest.mark.parametrize(
        "target",
        [
            b"/things/a%0d%0aSet-Cookie:%20x=1",
            b"/things?__example=a%0d%0aSet-Cookie:%20x=1",
            b"/things?__dynamic=true&__seed=1%0d%0aSet-Cookie:%20x=1",
            b"/nowhere%0d%0aSet-Cookie:%20x=1",
        ],
    )
    def test_no_header_field_is_made_of_what_was_sent(self, server: Server, target: bytes):
        """A line break that an answer gives back would set cookies for whoever follows a link."""
        head = said(server, request("GET", target)).partition(b"\r\n\r\n")[0]
        assert b"\r\nset-cookie" not in head.lower()

    def test_nor_of_what_is_remembered(self, server: Server):
        """A key that a client chooses comes back in Location."""
        answer = said(server, request("POST", b"/things", b'{"id":"a\\r\\nSet-Cookie: x=1","name":"n"}'))
        head = answer.partition(b"\r\n\r\n")[0]
        assert answer.startswith(b"HTTP/1.1 201")
        assert b"\r\nset-cookie" not in head.lower()


class TestFloods:
    def test_the_journal_forgets(self, server: Server):
        """Two thousand requests in one connection are answered, and the last thousand remembered."""
        one = b"GET /things/%s HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n" % (b"x" * 100, b"y" * 10_000)
        last = request("GET", b"/things/last")
        answer = said(server, *[one * 100] * 20, last)
        assert answer.count(b"HTTP/1.1 200 ") == 2_001
        assert len(server.get("/__admin/requests").json()["requests"]) == 1_000
        assert memory(server) < MEMORY


# -------------------------------------------------------------------------------------------- fuzzing

_TOKEN = st.sampled_from(
    [
        *(b"GET", b"POST", b"PATCH", b"/things", b"/things/1", b"?q=a", b" HTTP/1.1\r\n", b"Host: a\r\n"),
        *(b"Content-Length: 5\r\n", b"Content-Length: 2\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n"),
        *(
            b"5\r\nhello\r\n",
            b"0\r\n\r\n",
            b"ffffffffffffffff\r\n",
            b"-1\r\n",
            b"\r\n ",
            b"\t",
            b"\n",
            b"\x00",
        ),
        *(b"Connection: close\r\n", b"Connection: upgrade\r\nUpgrade: h2c\r\n", b"Expect: 100-continue\r\n"),
        *(
            b"Content-Type: application/json\r\n",
            b"Content-Type: multipart/form-data; boundary=\r\n",
            b'{"n":1}',
        ),
        *(
            b"Mock-Session: s\r\n",
            b"Prefer: code=404\r\n",
            b"Cookie: \xff\r\n",
            b"/__admin/reset",
            b"http://[",
        ),
    ]
)
_GARBLED = st.lists(st.one_of(_TOKEN, _TOKEN, _TOKEN, st.binary(max_size=8)), max_size=14).map(b"".join)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_GARBLED)
def test_no_bytes_on_the_wire_break_it(server: Server, attack: bytes):
    """Whatever comes over a socket, what goes back are whole answers below 500, and the next is served."""
    answer = said(server, attack)
    for status in answer.split(b"HTTP/1.1 ")[1:]:
        assert status[:1] in b"124", (attack, answer)
    assert server.process.poll() is None


_TEXT = st.one_of(
    st.text(max_size=6), st.sampled_from(["\x00", "%", "..", "\r\n", "a" * 3_000, "null", "1e9", "𝒜"])
)
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), _TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from(["id", "name", "n", "i", "tags", "children", "any"]), _TEXT),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["POST /things", "PUT /things/1", "PATCH /things/1"]), _JSON, st.booleans())
def test_no_json_breaks_it(server: Server, operation: str, value: object, patch: bool):
    """Any JSON is taken or refused by any operation that takes some."""
    method, target = operation.split()
    kind = "application/merge-patch+json" if method == "PATCH" and patch else "application/json"
    answer = server.request(
        method,
        target,
        json=value,
        headers={"Content-Type": PATCH if method == "PATCH" and not patch else kind},
    )
    assert answer.status < 500, (answer.status, answer.text)


def test_schemathesis_finds_no_server_error(serve, tmp_path: Path):
    """Who tries us with the judge that everybody has must find no 5xx and no undocumented answer."""
    document = str(Path(DOCUMENT).parent.parent / "lending" / "openapi.yaml")
    lending = serve(document, "--quiet", "--no-reload")
    command = [sys.executable, "-m", "schemathesis.cli", "run", document, "--url", lending.url]
    command += ["--checks", "not_a_server_error,response_schema_conformance", "--max-examples", "5"]
    command += ["--phases", "examples,fuzzing", "--seed", "1", "--no-color"]
    command += ["-H", "Authorization: Bearer test-token"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stdout[-4_000:]
    assert "Traceback" not in lending.log()
