"""
A request as a line for a shell: what is pasted is what was asked.
"""

from __future__ import annotations

import shutil
import subprocess

import pytest

from mockserver.exchange import Request, Response
from mockserver.server.curl import line
from mockserver.verify.findings import Exchanged
from mockserver.verify.webhooks.catcher import catching

JSON = ("content-type", "application/json")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl to paste the line for")
class TestLine:
    @pytest.mark.parametrize(
        ("method", "target", "fields", "body"),
        [
            ("GET", "/things", (), b""),
            ("HEAD", "/things", (), b""),
            ("POST", "/things", (), b""),
            ("GET", "/things", (JSON,), b"{}"),
            ("DELETE", "/things/7?why=it's%20old", (("x-note", 'say "it\'s"'), ("x-empty", "")), b""),
            ("GET", "/things?filter[name]={a,b}&x=[1-3]", (), b""),
            ("GET", "/things/../%2e%2e/a/./b", (), b""),
            ("POST", "/things", (JSON,), '{"name": "it\'s $HOME `x` \\n \u00e4"}'.encode()),
            ("POST", "/things", (JSON,), b"@/etc/hostname"),
            ("PUT", "/things/7", (("content-type", "image/png"),), bytes(range(256)) + b"100%\r\n"),
            ("PATCH", "/things/7", (), b"no media type"),
        ],
    )
    def test_what_is_pasted_is_what_was_asked(
        self, method: str, target: str, fields: tuple[tuple[str, str], ...], body: bytes
    ) -> None:
        """
        Who gets the line in a ticket sees what the judge saw, byte for byte.
        """
        with catching() as catcher:
            done = subprocess.run(
                ["sh", "-c", line(method, catcher.url + target, fields, body)],
                capture_output=True,
                timeout=20,
                check=True,
            )
            assert b"204" in done.stdout
            assert catcher.wait(lambda caught: len(caught) == 1, 5)
            (came,) = catcher.caught
        asked = came.request
        assert (asked.method, asked.target, asked.body) == (method, target, body)
        assert [(name, asked.header(name)) for name, _ in fields] == list(fields)
        assert bool(asked.header("content-type")) is any(name == "content-type" for name, _ in fields)

    def test_a_secret_is_put_in_by_the_shell(self) -> None:
        """
        Who pastes the line has a token, and the ticket has none.
        """
        fields = (("authorization", "Bearer $TOKEN"), ("x-price", "$5"))
        with catching() as catcher:
            said = line("GET", catcher.url + "/", fields, b"")
            subprocess.run(
                ["sh", "-c", said], env={"TOKEN": "abc"}, capture_output=True, timeout=20, check=True
            )
            assert catcher.wait(lambda caught: len(caught) == 1, 5)
            (came,) = catcher.caught
        assert came.request.header("authorization") == "Bearer abc"
        assert came.request.header("x-price") == "$5"


def test_what_was_nobodys_secret_is_shown() -> None:
    """
    That nobody's token is taken cannot be seen with somebody's.
    """
    secrets = {"Bearer mine": "$TOKEN", "Bearer theirs": "$OTHER_TOKEN"}

    def shown(value: str) -> str:
        request = Request("GET", "/things", headers=(("authorization", value),))
        return Exchanged(request, Response(200, [], b"")).curl("http://here", secrets)

    assert shown("Bearer mine") == 'curl -i -H "authorization: Bearer $TOKEN" http://here/things'
    assert "Bearer $OTHER_TOKEN" in shown("Bearer theirs")
    assert "Bearer nobody" in shown("Bearer nobody")
