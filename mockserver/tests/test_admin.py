from __future__ import annotations

import uuid
from types import SimpleNamespace

import pytest

from mockserver.exchange import Place, Request, Response, Violation
from mockserver.server.admin_guard import Guard
from mockserver.server.app import MockApp
from mockserver.tests.client import InProcess
from mockserver.tests.stand_in import Echo


@pytest.fixture
def host() -> Echo:
    return Echo()


@pytest.fixture
def client(host: Echo) -> InProcess:
    return InProcess(MockApp(host))


class TestRequests:
    def test_wiremocks_shape(self, client: InProcess):
        """WireMock's clients read these names."""
        client.post("/x?a=1", body=b"hello", headers={"X-A": "1", "Host": "h:1"})
        said = client.get("/__admin/requests").json()
        assert said["meta"] == {"total": 1}
        assert said["requestJournalDisabled"] is False
        (event,) = said["requests"]
        assert uuid.UUID(event["id"])
        assert event["wasMatched"] is True
        request = event["request"]
        assert request["url"] == "/x?a=1"
        assert request["absoluteUrl"] == "http://h:1/x?a=1"
        assert request["method"] == "POST"
        assert request["body"] == "hello"
        assert request["bodyAsBase64"] == "aGVsbG8="
        assert request["headers"]["x-a"] == "1"
        assert event["response"]["status"] == 200
        assert event["response"]["body"].startswith("POST /x")
        assert client.get(f"/__admin/requests/{event['id']}").json() == event

    @pytest.mark.parametrize(
        ("field", "name", "port"),
        [("[::1]:4010", "[::1]", 4010), ("[::1]", "[::1]", 80), ("a.test", "a.test", 80)],
    )
    def test_host_and_port(self, client: InProcess, field: str, name: str, port: int):
        """The colons of an address are not the one before the port."""
        client.get("/x", headers={"Host": field})
        request = client.get("/__admin/requests").json()["requests"][0]["request"]
        assert (request["host"], request["port"]) == (name, port)

    def test_newest_first_and_filtered(self, client: InProcess):
        """`limit`, `since` and `unmatched` are WireMock's; the total is of what the filter left."""
        for path in ("/a", "/status/404", "/b"):
            client.get(path)
        said = client.get("/__admin/requests?limit=1").json()
        assert [event["request"]["url"] for event in said["requests"]] == ["/b"]
        assert said["meta"] == {"total": 3}
        unmatched = client.get("/__admin/requests?unmatched=true").json()["requests"]
        assert [event["request"]["url"] for event in unmatched] == ["/status/404"]
        assert client.get("/__admin/requests?since=2999-01-01T00:00:00Z").json()["meta"] == {"total": 0}
        assert client.get("/__admin/requests?since=0").json()["meta"] == {"total": 3}

    @pytest.mark.parametrize("query", ["limit=x", "since=yesterday", f"since={'9' * 400}"])
    def test_a_filter_that_means_nothing(self, client: InProcess, query: str):
        """Ignoring it would show what was not asked for."""
        assert client.get(f"/__admin/requests?{query}").status == 400

    def test_admin_requests_are_not_in_it(self, client: InProcess):
        """Looking must not change what is seen."""
        client.get("/__admin/requests")
        assert client.get("/__admin/requests").json()["meta"] == {"total": 0}

    def test_clear_and_remove(self, client: InProcess):
        """A test forgets one request or all of them."""
        client.get("/a")
        client.get("/b")
        ident = client.get("/__admin/requests").json()["requests"][0]["id"]
        assert client.delete(f"/__admin/requests/{ident}").status == 200
        assert client.delete(f"/__admin/requests/{ident}").status == 404
        assert client.get(f"/__admin/requests/{ident}").status == 404
        assert client.delete("/__admin/requests").status == 200
        assert client.get("/__admin/requests").json()["requests"] == []

    def test_secrets_are_not_shown(self, client: InProcess):
        """A journal is pasted into tickets; which kind of credential was sent may be seen."""
        headers = {
            "Authorization": "Bearer s3cret",
            "Cookie": "sid=s3cret; theme=s3cret",
            "X-Echo-Key": "s3cret",
        }
        client.get("/x?echo_key=s3cret&a=1", headers=headers)
        text = client.get("/__admin/requests").text
        assert "s3cret" not in text.replace("GET /x?echo_key=s3cret", "")  # the stand-in's answer repeats it
        request = client.get("/__admin/requests").json()["requests"][0]["request"]
        assert request["headers"]["authorization"] == "Bearer [redacted]"
        assert request["headers"]["cookie"] == "sid=[redacted]; theme=[redacted]"
        assert request["url"] == "/x?echo_key=%5Bredacted%5D&a=1"
        assert set(request["cookies"]) == {"sid", "theme"}

    def test_a_violation_names_its_line(self, client: InProcess, host: Echo):
        """The line is looked for when somebody reads, not when the request is served."""
        contract = host.apis[0].contract
        contract.located = lambda place: Place(place.file, place.pointer, 42)
        violation = Violation("body", "/a", "type", "no", "string", 1, Place("echo.json", "/x"))
        host.journal.add(
            Request("GET", "/"), Response(400), 0.0, "echo", "op", "rule", (violation,), ("because",)
        )
        mock = client.get("/__admin/requests").json()["requests"][0]["mock"]
        assert mock["violations"][0]["spec"] == {"file": "echo.json", "line": 42, "pointer": "/x"}
        assert mock["notes"] == ["because"]
        assert mock["operation"] == "op"

    def test_bytes_that_are_no_text(self, client: InProcess):
        """They are there in base64, and the rest of the journal can be read."""
        client.post("/", body=b"\xff\xfe")
        assert client.get("/__admin/requests").json()["requests"][0]["request"]["bodyAsBase64"] == "//4="


class TestNouns:
    def test_health_and_version(self, client: InProcess):
        """A probe looks at the status, WireMock's clients at the word."""
        health = client.get("/__admin/health")
        assert health.status == 200
        assert health.json()["status"] == "healthy"
        assert client.get("/__admin/version").json().keys() == {"version"}

    def test_reset(self, client: InProcess, host: Echo):
        """One POST puts everything back."""
        client.get("/a")
        assert client.post("/__admin/reset").status == 200
        assert host.resets == 1
        assert len(host.journal) == 0

    def test_specs(self, client: InProcess):
        """Who is served can be asked for, in the form that a tool wants."""
        said = client.get("/__admin/specs").json()
        (spec,) = said["specs"]
        assert said["auth"] == "any"  # a judge does not ask who takes anybody with a token of nobody's
        assert client.get(spec["json"]).json()["openapi"] == "3.1.0"
        answer = client.get(spec["yaml"])
        assert answer.headers["Content-Type"].startswith("application/yaml")
        assert answer.text.startswith("openapi: 3.1.0")

    def test_a_yaml_contract_is_given_as_written(self, client: InProcess, host: Echo, tmp_path):
        """Its comments are half of its worth."""
        file = tmp_path / "a.yaml"
        file.write_text("# why\nopenapi: 3.1.0\n")
        host.apis[0].contract.file, host.apis[0].contract.files = str(file), (str(file),)
        assert client.get("/__admin/specs/echo.yaml").text.startswith("# why")

    def test_state(self, client: InProcess):
        """All, an API's, a collection, a row."""
        assert client.get("/__admin/state").json() == {"echo": {"books": 1}}
        assert client.get("/__admin/state/echo").json() == {"books": 1}
        assert client.get("/__admin/state/echo/books").json() == [{"id": "bk_1"}]
        assert client.get("/__admin/state/echo/books/bk_1").json() == {"id": "bk_1"}

    @pytest.mark.parametrize(
        ("path", "near"),
        [
            ("/__admin/state/ecko", "echo"),
            ("/__admin/state/echo/boks", "books"),
            ("/__admin/state/echo/books/bk_2", "bk_1"),
            ("/__admin/specs/ecko.json", "echo"),
            ("/__admin/helth", "/__admin/health"),
        ],
    )
    def test_a_miss_names_its_neighbour(self, client: InProcess, path: str, near: str):
        """A typing error should cost a second, not a search."""
        answer = client.get(path)
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert near in answer.text

    def test_the_wrong_method(self, client: InProcess):
        """405 with Allow, as a problem."""
        answer = client.get("/__admin/reset")
        assert answer.status == 405
        assert "POST" in answer.headers["Allow"]
        assert answer.json()["status"] == 405
        assert answer.json()["detail"] == "/__admin/reset has no GET; it has OPTIONS, POST."

    def test_shutdown_is_for_serve(self, client: InProcess, host: Echo):
        """Under another server there is nothing to call."""
        assert client.post("/__admin/shutdown").status == 501
        asked = []
        InProcess(MockApp(host, shutdown=lambda: asked.append(1))).post("/__admin/shutdown")
        assert asked == [1]


class TestGuard:
    @pytest.mark.parametrize(
        "host", ["localhost:4010", "api.localhost", "127.0.0.1:1", "[::1]:4010", "192.0.2.1", "ours"]
    )
    def test_names_of_ours(self, host: str):
        """An address cannot be rebound; localhost and what --host says are ours."""
        assert Guard(names=frozenset({"ours"})).refusal("GET", "/__admin/requests", {"host": host}) is None

    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example", "[::1"]
    )
    def test_a_rebound_name_is_refused(self, host: str):
        """A page whose name was made to point here is same-origin to the browser; only Host tells."""
        assert Guard().refusal("POST", "/__admin/reset", {"host": host}) is not None

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "http://evil.example"},
            {"origin": "http://localhost:3000"},
            {"origin": "null"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"},
        ],
    )
    def test_pages_of_other_origins_are_refused(self, headers: dict[str, str]):
        """They cannot read an answer, but a reset needs none."""
        refusal = Guard().refusal("POST", "/__admin/reset", {"host": "localhost:4010", **headers})
        assert refusal is not None
        assert refusal[0] == 403

    def test_our_own_page_and_a_link_may_pass(self):
        """The dashboard uses the admin; a link to it may stand anywhere."""
        for headers in (
            {"origin": "http://localhost:4010"},
            {"sec-fetch-site": "same-origin"},
            {"sec-fetch-site": "none"},
            {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        ):
            assert Guard().refusal("GET", "/__admin/", {"host": "localhost:4010", **headers}) is None

    def test_a_token(self):
        """On an open network the admin is for who has it; a name of ours is then no longer asked for."""
        guard = Guard(token="t0ken")
        for given in ("", "Bearer wrong", "Basic t0ken", "Bearer t0kenä"):
            refusal = guard.refusal("GET", "/__admin/requests", {"host": "mock", "authorization": given})
            assert refusal is not None
            assert refusal[0] == 401
        assert guard.refusal("GET", "/__admin/x", {"host": "mock", "authorization": "bearer t0ken"}) is None
        assert guard.refusal("GET", "/__admin/health", {"host": "mock"}) is None

    def test_on_the_application(self, host: Echo):
        """Known paths and unknown ones are closed alike, and a challenge says what is missing."""
        client = InProcess(MockApp(host, guard=Guard(token="t0ken")))
        for path in ("/__admin/requests", "/__admin/nothing"):
            answer = client.get(path)
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert client.get("/contract").status == 200

    def test_no_cors(self, client: InProcess):
        """Nothing opens the admin to another origin."""
        answer = client.get("/__admin/health", headers={"Origin": "http://a"})
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_api_named_like_a_path(host: Echo):
    """A file may be called v1.2.yaml; the ending is what stands behind the last point."""
    host.apis = (SimpleNamespace(name="v1.2", contract=host.apis[0].contract),)
    assert InProcess(MockApp(host)).get("/__admin/specs/v1.2.json").status == 200
