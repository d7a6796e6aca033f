from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mockserver.server.reader import Limits, Reader, Turn

TOKEN = st.text(st.sampled_from("abcdefghijXYZ-"), min_size=1, max_size=8)
VALUE = st.text(st.characters(codec="latin-1", exclude_characters="\x7f", min_codepoint=0x20), max_size=12)
BODY = st.binary(max_size=40)


@st.composite
def requests(draw: st.DrawFn) -> tuple[bytes, str, str, bytes]:
    """A good request: its bytes, method, target and body."""
    method = draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "QUERY", "PATCH", "OPTIONS"]))
    target = "/" + draw(st.text(st.sampled_from("ab/%2F?&=.~"), max_size=10)).replace("?", "", 3)
    body = draw(BODY)
    lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: a"]
    for name, value in draw(st.lists(st.tuples(TOKEN, VALUE), max_size=4)):
        lines.append(f"X-{name}: {value.strip()}".encode("latin-1"))
    if draw(st.booleans()):
        lines.append(b"Connection: Upgrade\r\nUpgrade: h2c")
    if draw(st.booleans()):
        lines.append(b"Transfer-Encoding: chunked")
        end = b"%x;e=f\r\n%s\r\n0\r\nTrailer: x\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    else:
        lines.append(b"Content-Length: %d" % len(body))
        end = body
    return b"\r\n".join(lines) + b"\r\n\r\n" + end, method, target, body


def read(pieces: list[bytes], limits: Limits | None = None) -> tuple[Reader, list[Turn]]:
    reader = Reader(limits or Limits(), "")
    for piece in pieces:
        reader.feed(piece)
    return reader, list(reader.turns)


class TestGoodRequests:
    @given(st.lists(requests(), min_size=1, max_size=4), st.lists(st.integers(0, 400), max_size=8))
    def test_where_the_network_cuts_means_nothing(self, sent: list, cuts: list[int]):
        """Any number of requests in any pieces are the same requests, upgrades and trailers or not."""
        whole = b"".join(one[0] for one in sent)
        edges = sorted({0, len(whole), *(min(cut, len(whole)) for cut in cuts)})
        _, turns = read([whole[start:end] for start, end in pairwise(edges)])
        assert [(turn.request.method, turn.request.target, turn.request.body) for turn in turns] == [
            (method, target.removesuffix("?"), body) for _, method, target, body in sent
        ]
        assert all(turn.refusal is None and turn.keep for turn in turns)


class TestAnythingElse:
    @given(st.lists(st.binary(max_size=100), max_size=5))
    def test_no_bytes_make_it_fail(self, pieces: list[bytes]):
        """Garbage is refused with a 4xx, once and at the end, and nothing is read behind it."""
        reader, turns = read(pieces)
        refusals = [turn for turn in turns if turn.refusal is not None]
        assert len(refusals) <= 1
        if refusals:
            assert turns[-1] is refusals[0]
            assert reader.ended
            assert 400 <= refusals[0].refusal.status < 500

    @given(requests(), st.integers(0, 300), st.binary(min_size=1, max_size=3))
    def test_a_good_request_with_something_in_it(self, sent: tuple, at: int, something: bytes):
        """However it is read, a request never holds more than was sent, and trouble is a 4xx."""
        whole = sent[0][:at] + something + sent[0][at:]
        _, turns = read([whole])
        assert sum(len(turn.request.body) for turn in turns) <= len(whole)
        assert all(turn.refusal is None or 400 <= turn.refusal.status < 500 for turn in turns)

    @given(st.integers(0, 200), st.integers(1, 50))
    def test_nothing_unfinished_grows_for_ever(self, start: int, step: int):
        """A field that never ends is refused soon after the limit, whatever the pieces."""
        limits = Limits(head=300)
        reader = Reader(limits, "")
        reader.feed(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * start)
        fed = start
        while not reader.ended:
            reader.feed(b"x" * step)
            fed += step
            assert fed <= limits.head * 2 + step
        assert reader.turns[-1].refusal.status == 431
