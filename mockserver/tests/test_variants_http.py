from __future__ import annotations

import http.client
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema_rs
import pytest

from mockserver.contract.locate import bundled, wanted
from mockserver.generation import choose
from mockserver.server.faults import FAULTS
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.tests.client import Client, InProcess
from mockserver.tests.stand_in import is_cut, read_all
from mockserver.tests.things import THINGS, things


def prefer(**wishes: object) -> dict[str, str]:
    return {"Prefer": ", ".join(f"{name}={value}" for name, value in wishes.items())}


@pytest.fixture
def client(in_process, tmp_path: Path) -> InProcess:
    return in_process(things(tmp_path))


def names_of(client: Client, target: str) -> list[str]:
    """The names of all variants, as the refusal of an unknown one lists them."""
    answer = client.get(target, headers=prefer(variant="no-such-variant"))
    assert answer.status == 404
    return answer.json()["variants"]


class TestVariants:
    def test_each_is_valid_and_told(self, client: InProcess):
        """A variant is nasty, never wrong: held against the schema by another judge than the server's."""
        thing = client.app.host.apis[0].contract.schemas.named("Thing").json("response")
        whole = {**thing, "$defs": dict(thing["$defs"])}
        judge = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        names = names_of(client, "/things/1")
        assert len(names) == len(set(names)) > 15
        for name in names:
            answer = client.get("/things/1", headers=prefer(variant=name))
            assert answer.status == 200
            assert answer.headers["Preference-Applied"] == f"variant={name}"
            assert judge.is_valid(answer.json()), (name, answer.text)

    def test_they_are_what_their_names_say(self, client: InProcess):
        """So that a person can pick one."""
        get = lambda name: client.get("/things/1", headers=prefer(variant=name)).json()  # noqa: E731
        assert get("required-only").keys() == {"id", "name"}
        assert get("everything").keys() == {"id", "name", "status", "note", "price", "tags", "madeAt"}
        assert get("null.note")["note"] is None
        assert get("enum.status.broken")["status"] == "broken"
        assert get("empty.tags")["tags"] == []
        assert len(get("max.tags")["tags"]) == 30
        assert get("minimum.price")["price"] == 0
        assert get("maximum.price")["price"] == 1000
        assert len(get("longest-text")["name"]) == 60
        assert get("far-future")["madeAt"].startswith("9999")
        assert "😀" in get("emoji")["name"]

    def test_a_number_is_the_place_in_the_list(self, client: InProcess):
        """Counted from 1, for loops that try all of them until there is none."""
        names = names_of(client, "/things")
        for number, name in enumerate(names, 1):
            by_name = client.get("/things", headers=prefer(variant=name))
            assert client.get("/things", headers=prefer(variant=number)).body == by_name.body
        assert client.get("/things", headers=prefer(variant=len(names) + 1)).status == 404
        assert client.get("/things?__variant=1").body == client.get("/things", headers=prefer(variant=1)).body

    def test_the_names_are_stable(self, in_process, tmp_path: Path):
        """Another seed, another id, another world: the same list, and the same bytes behind a name."""
        one = in_process(things(tmp_path))
        two = in_process(things(tmp_path), seed="77", stateless=True)
        assert names_of(one, "/things/1") == names_of(two, "/things/2")
        wish = prefer(variant="emoji")
        assert one.get("/things/1", headers=wish).body == two.get("/things/2", headers=wish).body

    def test_a_seed_draws_it_anew(self, client: InProcess):
        """Two right-to-left things in one screen need not be the same."""
        drawn = {client.get("/things/1", headers=prefer(variant="emoji", seed=n)).body for n in range(3)}
        assert len(drawn) == 3

    def test_what_was_remembered_does_not_matter_and_stays(self, client: InProcess):
        """A variant is an answer of the contract; asking for one changes nothing."""
        made = client.post("/things", json={"name": "kept"}).json()
        before = client.get("/things").body
        assert client.delete(f"/things/{made['id']}", headers=prefer(variant=1)).status == 204
        client.post("/things", json={"name": "x"}, headers=prefer(variant="everything"))
        assert client.get("/things").body == before

    def test_an_unknown_one_names_the_nearest(self, client: InProcess):
        """And says who is speaking."""
        answer = client.get("/things", headers=prefer(variant="emojy"))
        assert answer.status == 404
        assert "Did you mean 'emoji'?" in answer.json()["detail"]
        assert answer.headers["Mock-Source"] == "mock"

    def test_an_answer_without_content_has_none(self, client: InProcess):
        """A loop over all operations gets what there is, and is told that the wish did not count."""
        answer = client.delete("/things/1", headers=prefer(variant="1"))
        assert answer.status == 204
        assert "Preference-Applied" not in answer.headers

    def test_of_errors_and_of_text(self, client: InProcess):
        """Every documented answer has variants, whatever its status and media type."""
        wrong = client.get("/things/1", headers=prefer(code=404, variant="longest-text"))
        assert wrong.status == 404
        assert len(wrong.json()["error"]) >= 100
        text = client.get("/ping", headers=prefer(variant="emoji"))
        assert text.headers["Content-Type"].startswith("text/plain")
        assert "😀" in text.text

    @pytest.mark.parametrize("name", bundled())
    def test_operations_with_rules_have_them_too(self, in_process, name: str):
        """From the contract's schema, whatever the rules would do."""
        client = in_process(name)
        api = client.app.host.apis[0]
        for operation in api.contract.operations.values():
            chosen = choose.success(operation)
            media = choose.default_media(chosen.promise.content)
            filler = api.prepared(operation.route).filler(media) if media is not None else None
            for variant in filler.variants if filler is not None else ():
                answer = client.request(
                    operation.method,
                    client.app.host.sample(operation),
                    headers=prefer(variant=variant, validate="off"),
                )
                assert answer.status == chosen.status, (operation.id, variant, answer.text)


class TestItems:
    def test_a_list_has_as_many_as_one_asks_for(self, client: InProcess):
        """A long list, a short one, none: what a layout is tried with."""
        for items in (0, 1, 50, 300):
            answer = client.get("/things", headers=prefer(items=items))
            said = answer.json()
            assert len(said["things"]) == items
            assert said["total"] >= items
            assert answer.headers["Preference-Applied"] == f"items={items}"

    def test_each_item_is_the_one_that_its_key_reads(self, client: InProcess):
        """Identity decides what a thing is, not the way on which one comes to it."""
        for row in client.get("/things", headers=prefer(items=50)).json()["things"]:
            assert client.get(f"/things/{row['id']}").json() == row

    def test_what_was_made_comes_first_and_what_was_deleted_is_left_out(self, client: InProcess):
        """Fifty are asked for, fifty come."""
        made = client.post("/things", json={"name": "first"}).json()
        assert client.delete("/things/3").status == 204
        rows = client.get("/things", headers=prefer(items=50)).json()["things"]
        assert len(rows) == 50
        assert rows[0] == made
        assert 3 not in [row["id"] for row in rows]

    def test_within_what_the_schema_allows(self, in_process, tmp_path: Path):
        """A list of at most 7 has 7 at most, remembered or not."""
        file = tmp_path / "few.yaml"
        old = "things: {type: array, items:"
        assert old in THINGS
        file.write_text(THINGS.replace(old, "things: {type: array, minItems: 2, maxItems: 7, items:"))
        client = in_process(str(file))
        made = client.post("/things", json={"name": "first"}).json()
        for items, found in ((50, 7), (5, 5), (0, 2)):
            rows = client.get("/things", headers=prefer(items=items)).json()["things"]
            assert len(rows) == found
            assert rows[0] == made
        assert len(client.get("/things?per_page=30").json()["things"]) == 7

    def test_the_first_list_of_another_answer(self, client: InProcess):
        """A thing is no list, but has one."""
        assert len(client.get("/things/1", headers=prefer(items=12)).json()["tags"]) == 12
        assert len(client.get("/things/1", headers=prefer(items=50)).json()["tags"]) == 30

    def test_nobody_can_ask_for_too_many(self, client: InProcess):
        """A mistyped number must not eat the machine."""
        assert client.get("/things", headers=prefer(items=10_001)).status == 400


class TestValidate:
    def test_warn_answers_and_tells(self, client: InProcess):
        """The violations are counted in the answer and kept in the journal."""
        answer = client.get("/things?page=none", headers=prefer(validate="warn"))
        assert answer.status == 200
        assert answer.headers["Mock-Violations"] == "1"
        assert answer.headers["Preference-Applied"] == "validate=warn"
        entry = client.get("/__admin/requests?limit=1").json()["requests"][0]
        assert entry["mock"]["violations"][0]["in"] == "query"

    def test_off_answers_and_says_nothing(self, client: InProcess):
        """A body that is no JSON at all, an unknown media type, a wrong parameter."""
        off = prefer(validate="off")
        for answer in (
            client.get("/things?page=none", headers=off),
            client.post("/things", body=b"{", headers={**off, "Content-Type": "application/json"}),
            client.post("/things", body=b"x", headers={**off, "Content-Type": "text/css"}),
            client.post("/things", headers=off),
            client.get("/things/none", headers=off),
        ):
            assert answer.status in (200, 201)
            assert "Mock-Violations" not in answer.headers
            assert answer.headers["Preference-Applied"] == "validate=off"

    def test_enforce_where_the_server_does_not(self, in_process, tmp_path: Path):
        """The request decides for itself."""
        client = in_process(things(tmp_path), validate="off")
        assert client.get("/things?page=none").status == 200
        assert client.get("/things?page=none", headers=prefer(validate="enforce")).status == 422

    @pytest.mark.parametrize("name", bundled())
    @pytest.mark.parametrize("word", ["off", "warn"])
    def test_rules_that_somebody_wrote_bear_it(self, in_process, name: str, word: str):
        """They see a request that nobody checked, and may refuse it; they never fail over it."""
        client = in_process(name, headers={})
        for operation in client.app.host.apis[0].contract.operations.values():
            answer = client.request(
                operation.method,
                client.app.host.sample(operation),
                body=b"[{]",
                headers={**prefer(validate=word), "Content-Type": "application/json"},
            )
            assert answer.status not in (401, 500), (operation.id, answer.text)

    def test_a_word_that_means_nothing(self, client: InProcess):
        """A typing error should not pass for an answer."""
        assert client.get("/things", headers=prefer(validate="maybe")).status == 400


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, _running) -> Client:
    """One real server, for what needs a socket."""
    file = tmp_path_factory.mktemp("door") / "things.yaml"
    file.write_text(THINGS)
    return _running((str(file),))


def raw(door: Client, wish: str, timeout: float = 10) -> socket.socket:
    """Return a connection on which /things was asked for with *wish*."""
    address = urlsplit(door.url)
    connection = socket.create_connection((address.hostname, address.port), timeout)
    connection.sendall(f"GET /things HTTP/1.1\r\nHost: a\r\nPrefer: {wish}\r\n\r\n".encode())
    return connection


class TestWire:
    def test_delay(self, door: Client):
        """It is waited before the first byte, and told."""
        started = time.monotonic()
        answer = door.get("/things", headers=prefer(delay=300))
        assert time.monotonic() - started >= 0.3
        assert answer.status == 200
        assert answer.headers["Preference-Applied"] == "delay=300"

    def test_a_refusal_waits_too(self, door: Client):
        """A slow network is slow for everything."""
        started = time.monotonic()
        assert door.get("/things?page=none", headers=prefer(delay=200)).status == 422
        assert time.monotonic() - started >= 0.2

    def test_every_fault_of_the_table_can_be_asked_for(self, client: InProcess):
        """What the wire can do, a request can wish; without a socket it is said that this server cannot."""
        for fault in FAULTS:
            answer = client.get("/things", headers=prefer(fault=fault))
            assert answer.status == (200 if fault == "drip" else 501)
        refused = client.get("/things", headers=prefer(fault="earthquake"))
        assert refused.status == 400
        assert all(fault in refused.json()["detail"] for fault in FAULTS)

    def test_reset(self, door: Client):
        """RST, not an orderly end."""
        with raw(door, "fault=reset") as connection, pytest.raises(ConnectionResetError):
            read_all(connection)

    def test_empty(self, door: Client):
        """An orderly end without a byte."""
        with raw(door, "fault=empty") as connection:
            assert read_all(connection) == b""

    def test_garbage(self, door: Client):
        """Bytes that are no HTTP."""
        with raw(door, "fault=garbage") as connection:
            assert not read_all(connection).startswith(b"HTTP")

    @pytest.mark.parametrize("fault", ["truncated", "malformed"])
    def test_a_good_head_and_a_bad_body(self, door: Client, fault: str):
        """A client that looks at the status alone is deceived."""
        address = urlsplit(door.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        connection.request("GET", "/things", headers=prefer(fault=fault))
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["Preference-Applied"] == f"fault={fault}"
        with pytest.raises((http.client.IncompleteRead, ValueError)):
            answer.read()
        connection.close()

    def test_length(self, door: Client):
        """More comes than was announced."""
        with raw(door, "fault=length") as connection:
            found = b""
            while b"total" not in found:
                found += connection.recv(65536)
        head, _, body = found.partition(b"\r\n\r\n")
        announced = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
        assert int(announced.split(b":")[1]) < len(body)

    def test_no_answer(self, door: Client):
        """The client has to give up."""
        with raw(door, "fault=timeout", timeout=0.4) as connection, pytest.raises(TimeoutError):
            connection.recv(65536)

    def test_no_end(self, door: Client):
        """All of it has come, and white space goes on coming: the last chunk never does (RFC 9112, 7.1)."""
        with raw(door, "fault=endless") as connection:
            found = b""
            while found.count(b"\r\n1\r\n \r\n1\r\n") < 2:
                piece = connection.recv(65536)
                assert piece, found
                found += piece
        assert b"total" in found
        assert b"\r\n0\r\n" not in found

    def test_drip(self, door: Client):
        """All of it, in pieces."""
        with raw(door, "fault=drip") as connection:
            first = connection.recv(65536)
            assert first.startswith(b"HTTP/1.1 200")
            assert b"total" not in first

    def test_a_fault_after_a_delay(self, door: Client):
        """Both at once: a server that thinks for a while and then dies."""
        started = time.monotonic()
        with raw(door, "fault=empty, delay=200") as connection:
            assert is_cut(connection)
        assert time.monotonic() - started >= 0.2


def test_preferences_of_a_host_without_a_door(tmp_path: Path):
    """Whoever embeds the host gets the same list of variants as over HTTP."""
    host = build_host(wanted([things(tmp_path)]), journal=Journal(0))
    api = host.apis[0]
    operation = api.contract.operations["ping"]
    media = choose.default_media(choose.success(operation).promise.content)
    assert "emoji" in api.prepared(operation.route).filler(media).variants
