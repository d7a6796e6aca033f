"""
Closed by default: who may use the admin, and what is not told even to them: with real servers.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mockserver.tests.client import Client, Server
from mockserver.tests.test_hostile import said
from mockserver.tests.things import things

Serve = Callable[..., Server]

KEYS = """\
openapi: 3.1.0
info: {title: Keys, version: "1"}
components:
  securitySchemes:
    header: {type: apiKey, in: header, name: X-Own-Key}
    query: {type: apiKey, in: query, name: own_key}
    cookie: {type: apiKey, in: cookie, name: own}
    bearer: {type: http, scheme: bearer}
paths:
  /a:
    get:
      operationId: readA
      security: [{header: []}, {query: []}, {cookie: []}, {bearer: []}]
      parameters:
        - {name: token, in: query, schema: {type: string, maxLength: 3}}
        - {name: X-Secret, in: header, schema: {type: string, maxLength: 3}}
        - {name: session_token, in: cookie, schema: {type: string, maxLength: 3}}
      responses: {"200": {description: Good., content: {application/json: {schema: {type: object}}}}}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On a loopback address, as by default."""
    server = Server(things(tmp_path_factory.mktemp("closed")))
    yield server
    server.close()


def doors(client: Client) -> list[str]:
    """All paths of the admin, their variables filled in."""
    listed = client.get("/__admin/", headers={"Accept": "application/json"}).json()["paths"]
    return [re.sub(r"<[^>]*>", "things", path) for path in listed]


METHODS = ("GET", "POST", "PUT", "DELETE")


class TestStrangers:
    def test_a_rebound_name_opens_no_door(self, server: Server) -> None:
        """A page whose name was made to point here is refused at every path, by every method."""
        paths = doors(server)
        assert len(paths) > 80
        for path in paths:
            for method in METHODS:
                answer = server.request(method, path, headers={"Host": "evil.example"})
                assert answer.status == 403, f"{method} {path}"
                assert b"evil.example" in answer.body

    @pytest.mark.parametrize(
        "fields",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://localhost:1"},
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
            {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        ],
        ids=lambda fields: " ".join(fields.values()),
    )
    def test_another_page_changes_nothing(self, server: Server, fields: dict[str, str]) -> None:
        """A form or a script of another site can send requests: none of them is carried out."""
        server.post("/things", json={"name": "mine"})
        before = server.get("/__admin/state").json()
        for path in doors(server):
            for method in METHODS[1:]:
                assert server.request(method, path, headers=fields).status == 403, f"{method} {path}"
        assert server.get("/__admin/state").json() == before
        assert server.get("/__admin/health").status == 200

    @pytest.mark.parametrize(
        "line",
        [
            b"GET http://evil.example/__admin/requests HTTP/1.1\r\nHost: localhost",
            b"GET /__admin/requests HTTP/1.1\r\nHost: localhost.evil.example",
            b"GET /__admin/requests HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost",
            b"GET /__admin/requests HTTP/1.1\r\nHost:",
            b"GET /__admin/requests HTTP/1.1\r\nHost: 127.0.0.1.evil.example",
        ],
    )
    def test_no_name_passes_for_ours(self, server: Server, line: bytes) -> None:
        """Neither by another form of the target nor by what a proxy would say."""
        assert said(server, line + b"\r\nConnection: close\r\n\r\n")[9:12] in (b"403", b"400")

    @pytest.mark.parametrize(
        "target",
        [
            "/__admin/static/../../cli.py", "/__admin/static/..%2f..%2fcli.py",
            "/__admin/static/%2e%2e/%2e%2e/cli.py",
            "/__admin/static/etc/passwd", "/__admin/static/..%5c..%5ccli.py",
            "/__admin/static/vendor/../../views.py",
            "/__admin/static/x%00.css", "/__admin/specs/..%2f..%2fetc%2fpasswd.yaml",
            "/__admin/docs/..%2f..%2fetc",
            "/__admin/ui/requests/..%2f..%2fetc", "/__admin/state/..%2f..%2fetc",
            "/__admin/mappings/..%2f..%2fetc",
        ],
    )  # fmt: skip
    def test_paths_do_not_climb(self, server: Server, target: str) -> None:
        """What is drawn with the dashboard is all that is there."""
        line = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        answer = said(server, line.encode())
        assert answer[9:12] in (b"404", b"400"), answer[:200]
        assert b"import" not in answer
        assert b"root:" not in answer


class TestElsewhere:
    def test_a_token_is_asked_for_at_every_door(self, serve: Serve, tmp_path: Path) -> None:
        """Bound to more than this machine, the admin is for who has what was printed; the mock is for all."""
        server = serve(things(tmp_path), "--host", "0.0.0.0")
        found = re.search(r"Bearer (\S+?)'", server.printed)
        assert found is not None, server.printed
        assert server.get("/things").status == 200
        opened = {"/__admin/health", "/__admin/version", "/__admin/login"}
        token = {"Authorization": f"Bearer {found[1]}"}
        admin = Client(server.url, token)
        for path in doors(admin):
            if path in opened or path.startswith("/__admin/static/"):
                continue
            for method in METHODS:
                answer = server.request(method, path, headers={"Authorization": "Bearer wrong"})
                assert answer.status == 401, f"{method} {path}"
        assert admin.get("/__admin/requests").status == 200
        for wrong in (f"Basic {found[1]}", f"Bearer {found[1]}x", "Bearer ", f"Bearer {found[1][:-1]}"):
            assert server.get("/__admin/requests", headers={"Authorization": wrong}).status == 401
        assert server.get(f"/__admin/requests?token={found[1]}").status == 401
        page = server.get("/__admin/", headers={"Accept": "text/html"})
        assert found[1] not in page.text
        assert found[1] not in server.log()

    def test_and_a_page_with_the_token_of_a_browser(self, serve: Serve, tmp_path: Path) -> None:
        """The cookie of who has logged in is not sent by another site; if it were, nothing would open."""
        server = serve(things(tmp_path), "--admin-token", "t0ken")
        entered = server.post("/__admin/login", form={"token": "t0ken"})
        cookie = entered.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert "t0ken" not in cookie
        own = {"Cookie": cookie.partition(";")[0]}
        assert server.get("/__admin/requests", headers=own).status == 200
        foreign = {**own, "Origin": "https://evil.example"}
        assert server.post("/__admin/reset", headers=foreign).status == 403


class TestSecrets:
    SENT: tuple[tuple[str, dict[str, str]], ...] = (
        ("/a", {"Authorization": "Bearer s3cret-1"}),
        ("/a", {"Authorization": "Basic s3cret-2"}),
        ("/a", {"X-Own-Key": "s3cret-3"}),
        ("/a?own_key=s3cret-4", {}),
        ("/a", {"Cookie": "own=s3cret-5; other=s3cret-6"}),
        ("/a?token=s3cret-7&own_key=k", {}),
        ("/a", {"X-Secret": "s3cret-8", "X-Own-Key": "k"}),
        ("/a", {"Cookie": "session_token=s3cret-9; own=k"}),
        ("/nowhere?access_token=s3cret-10", {"Proxy-Authorization": "Basic s3cret-11"}),
        ("/a?%6fwn_key=s3cret-12", {}),
        ("/a?OWN_KEY=s3cret-13", {}),
    )

    def test_are_shown_to_nobody(self, serve: Serve, tmp_path: Path) -> None:
        """Neither journal nor events, near misses, gates, metrics, bundle, pages, logs tell credentials."""
        file = tmp_path / "keys.yaml"
        file.write_text(KEYS)
        server = serve(str(file), "--log-format", "json", headers={})
        ids = []
        for target, fields in self.SENT:
            answer = server.get(target, headers=fields)
            ids.append(answer.headers["Mock-Id"])
        server.put("/__admin/gates/g", json={"operationId": "readA"})
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(server.get, "/a?own_key=s3cret-14")
            told: dict[str, Any] = {"gate": server.get("/__admin/gates/g?waiting=1").text}
            told["gates"] = server.get("/__admin/gates").text
            told["bench"] = server.get("/__admin/ui/bench").text
            server.delete("/__admin/gates")
            late.result(20)
        listed = ("/requests", "/requests/unmatched", "/requests/unmatched/near-misses", "/metrics")
        for path in (*listed, "/ui/requests"):
            told[path] = server.get(f"/__admin{path}").text
        for ident in ids:
            told[ident] = server.get(f"/__admin/requests/{ident}").text
            told[f"page {ident}"] = server.get(f"/__admin/ui/requests/{ident}").text
        told["events"] = self.events(server)
        told["bundle"] = server.get("/__admin/bundle").body.decode("latin-1")
        server.stop()
        told["log"] = server.log()
        assert len(re.findall(r'"target"', told["log"])) > len(self.SENT)
        leaks = {where: sorted(set(re.findall(r"s3cret-\d+", text))) for where, text in told.items()}
        assert {where: found for where, found in leaks.items() if found} == {}

    @staticmethod
    def events(server: Server) -> str:
        """What `events` tells of two requests."""
        host, _, port = server.url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), 20) as client:
            client.sendall(b"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            read = client.recv(65536)
            while read.count(b"\r\n\r\n") < 1:
                read += client.recv(65536)
            for key in ("s3cret-15", "s3cret-16"):
                server.get(f"/a?own_key={key}", headers={"X-Own-Key": key})
            while read.count(b"readA") < 2:
                read += client.recv(65536)
        return read.decode("latin-1")
