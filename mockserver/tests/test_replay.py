from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mockserver.errors import UsageError
from mockserver.server.app import create_app
from mockserver.server.bundles import unpack
from mockserver.server.shared.bodies import ONE, Bodies
from mockserver.server.shared.database import Database
from mockserver.tests.client import Client, InProcess
from mockserver.tests.lending import lending
from mockserver.tests.states import state_url
from mockserver.tests.test_admin_worlds import ACCOUNT, A, detail
from mockserver.tests.test_cli import run
from mockserver.tests.things import things


@pytest.fixture
def client(tmp_path: Path) -> InProcess:
    """The lending API, which has rules, and things, of which everything is inferred."""
    lending(tmp_path)
    return InProcess(create_app(str(tmp_path / "lending"), things(tmp_path)), ACCOUNT)


def unzipped(content: bytes) -> dict[str, bytes | None]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Mapping[str, bytes | None]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    return made.getvalue()


def again(client: InProcess, ident: str, path: str = "/", **options: Any) -> Any:
    return client.get(path, headers={"Prefer": f"replay={ident}"}, **options)


class TestReplay:
    def test_the_same_bytes_whatever_has_happened(self, client: InProcess) -> None:
        """ "I saw it once" is a line in a ticket: status, fields and body are what they were."""
        first = client.post("/lending/loans", json={"bookId": "bk_ubik"})
        ident = first.headers["Mock-Id"]
        client.delete("/__admin/state/lending/loans")
        client.post("/__admin/clock", json={"advance": "1d"})
        for path in ("/", "/nowhere", "/lending/books/bk_dune"):
            same = again(client, ident, path)
            assert (same.status, same.body) == (201, first.body)
            assert list(same.headers.items()) == list(first.headers.items())
        assert client.get("/__admin/state/lending").json()["loans"] == 0

    def test_from_any_session(self, client: InProcess) -> None:
        """An id says whose it is; refusals can be seen again as well."""
        mine = client.get("/things/things/7", **A)
        wrong = client.get("/things/things?page=none", **A)
        assert again(client, mine.headers["Mock-Id"]).body == mine.body
        assert again(client, wrong.headers["Mock-Id"].upper()).body == wrong.body

    def test_its_own_entry(self, client: InProcess) -> None:
        """The journal says what was asked for; the answer is the other one's."""
        ident = client.get("/things/things/7").headers["Mock-Id"]
        again(client, ident)
        entry = client.get("/__admin/requests").json()["requests"][0]
        assert entry["id"] != ident
        assert entry["mock"]["notes"] == [f"the answer {ident} again"]

    def test_what_nobody_remembers(self, client: InProcess) -> None:
        """It is said, and no other answer given."""
        assert "No journal has an answer 'x'" in detail(again(client, "x"), 404)
        journal = client.get("/__admin/requests").json()["requests"]
        client.delete("/__admin/requests")
        assert "No journal has an answer" in detail(again(client, journal[0]["id"]), 404)


def large(client: Client, mark: str, **options: Any) -> Any:
    """An answer of 3 MB, which no journal shows whole."""
    made = client.post("/things", json={"name": "x", "note": mark * 3_000_000}, **options)
    assert made.status == 201
    return made


class TestLargeAnswers:
    def test_the_same_bytes(self, serve: Any, state: str, tmp_path: Path) -> None:
        """Any answer that is kept can be given again, whatever its size and where state is kept."""
        server = serve(things(tmp_path), "--state", state)
        seen = [large(server, mark) for mark in "ab"] + [large(server, "c", **A)]
        for one in seen:
            same = again(server, one.headers["Mock-Id"])
            assert (same.status, same.body, same.headers["Mock-Id"]) == (
                201,
                one.body,
                one.headers["Mock-Id"],
            )

    def test_a_small_answer_to_a_large_request(self, client: InProcess) -> None:
        """What was sent is not missing in what was answered."""
        refused = client.post("/things/things", json={"name": "x" * 300_000})
        assert refused.status == 422
        assert again(client, refused.headers["Mock-Id"]).body == refused.body

    @pytest.mark.parametrize("kind", ["memory", "sqlite"])
    def test_the_oldest_make_room(self, serve: Any, tmp_path: Path, kind: str) -> None:
        """What they take is bounded, and who comes too late is told by what."""
        with state_url(kind, tmp_path) as state:
            server = serve(things(tmp_path), "--replay-bytes", "7000000", "--state", state)
            first, *others = [large(server, mark) for mark in "abc"]
            said = detail(again(server, first.headers["Mock-Id"]), 410)
            assert "7000000 bytes" in said
            assert "--replay-bytes" in said
            for one in others:
                assert again(server, one.headers["Mock-Id"]).body == one.body

    def test_the_oldest_make_room_before_any_is_written(self, tmp_path: Path) -> None:
        """A server that is too busy to write meanwhile keeps the same ones: the last."""
        database = Database(f"sqlite:///{tmp_path / 'kept.db'}")
        database.create()
        bodies = Bodies()
        for number, mark in enumerate([b"a", b"b", b"c"]):
            bodies.add("", number, mark * 3, 7)
        bodies.flush(database)
        kept = [database.run(ONE, {"session": "", "number": number}) for number in range(3)]
        database.close()
        assert [[row[0] for row in rows] for rows in kept] == [[], [b"bbb"], [b"ccc"]]

    def test_after_a_restart(self, serve: Any, tmp_path: Path) -> None:
        """A state that lasts has its journal, and the journal its answers."""
        state = f"sqlite:///{tmp_path / 'kept.db'}"
        server = serve(things(tmp_path), "--state", state)
        seen = large(server, "a")
        server.get("/__admin/requests")  # what was acknowledged of the journal
        server.stop()
        assert again(serve(things(tmp_path), "--state", state), seen.headers["Mock-Id"]).body == seen.body

    def test_in_a_bundle(self, serve: Any, tmp_path: Path) -> None:
        """It opens elsewhere, and needs no server at all; the list of requests has not enough of it."""
        server = serve(things(tmp_path))
        ident = (seen := large(server, "a")).headers["Mock-Id"]
        file, listed = tmp_path / "ticket.zip", tmp_path / "requests.json"
        file.write_bytes(server.get("/__admin/bundle").body)
        listed.write_bytes(server.get("/__admin/requests").body)
        assert again(serve(str(file)), ident).body == seen.body
        assert run("replay", ident, "--from", str(file), "--body").stdout.encode() == seen.body
        refused = run("replay", ident, "--from", str(listed))
        assert refused.returncode == 2
        assert "larger than what stands in there" in refused.stderr


class TestBundle:
    def open(self, content: bytes, folder: Path) -> tuple[dict[str, Any], Path]:
        """Its manifest, and a file."""
        file = folder / "bundle.zip"
        file.write_bytes(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        return manifest, file

    def test_opened_elsewhere(self, client: InProcess, serve: Any, tmp_path: Path) -> None:
        """The world goes on where it was, with its clock; a reset goes back to it; its answers replay."""
        client.post("/lending/loans", json={"bookId": "bk_ubik"})
        client.post("/__admin/clock", json={"set": "2030-01-01T00:00:00Z", "freeze": True})
        client.delete("/things/things/7")
        client.put("/__admin/state/things/things/9", json={"id": 9, "name": "nine"})
        client.post("/__admin/faults", json={"fault": "503"})
        seen = client.get("/things/things/9", headers={"Prefer": "code=200"})
        client.delete("/__admin/faults")
        shown = {path: client.get(path).body for path in ("/things/things", "/lending/loans?page=2")}
        manifest, file = self.open(client.get("/__admin/bundle").body, tmp_path)
        assert [api["name"] for api in manifest["apis"]] == ["lending", "things"]
        there = serve(str(file), headers=ACCOUNT)
        for path, body in shown.items():
            assert there.get(path).body == body
        assert there.get("/__admin/clock").json()["instant"] == client.get("/__admin/clock").json()["instant"]
        assert again(there, seen.headers["Mock-Id"]).body == seen.body
        there.post("/lending/loans/ln_100/return")
        made = there.post("/lending/loans", json={"bookId": "bk_ubik"}).json()
        assert made["id"] == "ln_101"
        there.reset()
        assert there.get("/things/things").body == shown["/things/things"]
        assert there.get("/things/things/7").status == 404
        body = client.get("/things/things/9").body
        assert there.get("/things/things/9").body == body
        said = run("replay", seen.headers["Mock-Id"], "--url", there.url, "--body")
        assert (said.returncode, said.stdout.encode()) == (0, seen.body)
        said = run("replay", seen.headers["Mock-Id"], "--from", str(file))
        assert said.stdout.startswith("HTTP/1.1 ")
        assert said.stdout.endswith(seen.text)
        out = tmp_path / "again.zip"
        assert run("bundle", "--url", there.url, "--out", str(out)).returncode == 0
        assert zipfile.is_zipfile(out)

    def test_secrets_are_taken_out(self, client: InProcess, tmp_path: Path) -> None:
        """A bundle is pasted into tickets; the manifest names what is not in it."""
        headers = {"Authorization": "Bearer s3cret", "Cookie": "sid=s3cret"}
        client.post("/things/things", json={"name": "x", "password": "s3cret"}, headers=headers)
        client.put("/__admin/state/things/things/9", json={"id": 9, "name": "n", "apiKey": "s3cret"})
        content = client.get("/__admin/bundle").body
        manifest, _ = self.open(content, tmp_path)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert not [name for name in archive.namelist() if b"s3cret" in archive.read(name)]
        assert any(pointer.endswith("/password") for pointer in manifest["redacted"])

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", b'{"password": "s3cret", "note": "' + b"x" * 300_000 + b'"}'),
            ("application/json", b'{"password": "s3cret", '),
            ("application/x-www-form-urlencoded", b"a=b&client%5Fsecret=s3cret&c=d"),
            (
                "multipart/form-data; boundary=b",
                b'--b\r\nContent-Disposition: form-data; name="apiKey"\r\n\r\ns3cret\r\n--b--\r\n',
            ),
            ("application/xml", b"<a><password>s3cret</password></a>"),
        ],
        ids=["cut", "broken", "form", "parts", "xml"],
    )
    def test_whatever_form_they_have(self, client: InProcess, tmp_path: Path, kind: str, body: bytes) -> None:
        """A body that no parser takes may hold a secret all the same; what stands beside it is kept."""
        client.post("/things/things", body=body, headers={"Content-Type": kind})
        content = client.get("/__admin/bundle").body
        manifest, _ = self.open(content, tmp_path)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            journal = json.loads(archive.read("journal.json"))
            held = base64.b64decode(journal[0]["request"]["bodyAsBase64"])
        assert b"s3cret" not in held
        assert held.replace(b"[REDACTED]", b"s3cret") == body[: len(held) - 4]
        assert len(manifest["redacted"]) >= 1

    def test_a_snapshot_in_a_file(self, client: InProcess) -> None:
        """Saved on one server, put back on another that serves the same."""
        client.post("/lending/loans", json={"bookId": "bk_ubik"})
        client.put("/__admin/snapshots/one")
        content = client.get("/__admin/snapshots/one/export").body
        client.post("/__admin/reset")
        client.delete("/__admin/snapshots/one")
        assert client.put("/__admin/snapshots/two", body=content).status == 201
        assert client.get("/lending/loans/ln_100").status == 404
        client.post("/__admin/snapshots/two")
        assert client.get("/lending/loans/ln_100").status == 200
        assert "no bundle" in detail(client.put("/__admin/snapshots/three", body=b"PK nothing"), 400)

    @pytest.mark.parametrize(
        ("part", "content", "said"),
        [
            ("world.json", b"{}", "world.json/apis: 'apis' is required"),
            (
                "world.json",
                b'{"apis": {"lending": {"counters": {}}}, "tables": {}}',
                "world.json/apis/lending",
            ),
            ("journal.json", b'[{"id": 1}]', "journal.json/0"),
            ("manifest.json", b'{"bundle": 2, "apis": [], "options": {}}', "manifest.json/bundle"),
            ("manifest.json", b"[", "no bundle"),
            ("world.json", None, "it has no world.json"),
        ],
    )
    def test_a_file_that_somebody_has_edited(
        self, client: InProcess, part: str, content: bytes | None, said: str
    ) -> None:
        """It says what is wrong with it, and leaves no snapshot."""
        parts = unzipped(client.get("/__admin/bundle").body)
        parts[part] = content
        assert said in detail(client.put("/__admin/snapshots/edited", body=zipped(parts)), 400)
        assert client.get("/__admin/snapshots/edited").status == 404

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"apis/../../../out.yaml": b""}, "would leave"),
            ({"apis": b"", "apis/x": b""}, "cannot be unpacked"),
        ],
    )
    def test_files_that_cannot_be_unpacked(
        self, client: InProcess, change: dict[str, bytes], said: str
    ) -> None:
        """Nothing is written beside the folder, and the folder does not stay."""
        content = zipped({**unzipped(client.get("/__admin/bundle").body), **change})
        with pytest.raises(UsageError, match=said):
            unpack(content, "a.zip")

    def test_the_same_world_the_same_bytes(self, client: InProcess) -> None:
        """Two bundles that differ differ for a reason."""
        client.post("/__admin/clock/freeze")
        assert client.get("/__admin/bundle").body == client.get("/__admin/bundle").body


class TestMistakes:
    def test_of_the_commands(self, tmp_path: Path) -> None:
        """Each in one line, with its exit code."""
        nobody = ("--url", "http://127.0.0.1:9")
        assert run("replay", "x", *nobody).returncode == 3
        assert run("bundle", *nobody).returncode == 3
        assert run("replay", "x", "--url", "ftp://a").returncode == 2
        file = tmp_path / "a.zip"
        file.write_bytes(b"PK\x03\x04")
        said = run("serve", str(file), "--port", "0")
        assert said.returncode == 2
        assert "no bundle of mockserver" in said.stderr
