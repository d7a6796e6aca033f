from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.behavior.store import Table, Transaction
from mockserver.contract.graph import dangling, named_in
from mockserver.contract.load import load
from mockserver.contract.locate import locate, wanted
from mockserver.server import watched as looking
from mockserver.server.admin_guard import Guard
from mockserver.server.api import Api
from mockserver.server.app import MockApp
from mockserver.server.door import Door, bind
from mockserver.server.health import Health
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.reload import Reloader
from mockserver.server.watched import Watched
from mockserver.tests.client import Client, Server
from mockserver.tests.conftest import ACCOUNT
from mockserver.tests.lending import lending, text
from mockserver.tests.things import THINGS, things

SECONDS = 30

PONG = THINGS.replace("/ping:", "/pong:")
NOT_YAML = THINGS + "  more: [\n"


def until(server: Server | Here, name: str, met: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Ask for the health until *met* holds of the contract called *name*."""
    end = time.monotonic() + SECONDS
    while True:
        found = server.get("/__admin/health").json()["contracts"][name]
        if met(found):
            return found
        assert time.monotonic() < end, f"{found}: {server.log()}"
        time.sleep(0.01)  # leave the server the processor


def reloaded(server: Server | Here, name: str = "things", times: int = 1) -> None:
    until(server, name, lambda found: found["reloads"] >= times and found["status"] == "ok")


def broken(server: Server | Here, name: str = "things", about: str = "") -> str:
    error = until(server, name, lambda one: one["status"] == "broken" and about in one["error"])["error"]
    end = time.monotonic() + SECONDS
    while error not in server.log():
        assert time.monotonic() < end, f"{error} is not in {server.log()}"
    return error


def in_place(file: Path, content: str) -> None:
    """As nano and most scripts write."""
    file.write_text(content)


def renamed_over(file: Path, content: str) -> None:
    """As vim, PyCharm and git write."""
    draft = file.with_name(f".{file.name}.swp")
    draft.write_text(content)
    draft.replace(file)


def away_and_anew(file: Path, content: str) -> None:
    """As vim writes with `backupcopy=no`."""
    file.rename(file.with_name(f"{file.name}~"))
    file.write_text(content)


def in_two_pieces(file: Path, content: str) -> None:
    """As a slow copy writes."""
    with file.open("w") as out:
        out.write(content[: len(content) // 2])
        out.flush()
        os.fsync(out.fileno())
        out.write(content[len(content) // 2 :])


class Here(Client):
    """A server in this process, put together as `serve` does it."""

    def __init__(self, *specs: str) -> None:
        self.said: list[str] = []
        self.host = build_host(wanted(specs), journal=Journal())
        bound = bind("127.0.0.1", 0)
        address = bound.getsockname()[:2]
        app = lambda: MockApp(self.host)  # noqa: E731 - Flask is made for who asks
        self.door = Door(self.host.handle, Health(self.host, Guard()), app, address)
        self.reloader = Reloader(
            self.host, self.door.between_requests, lambda line, good: self.said.append(line)
        )
        listens = threading.Event()
        self.thread = threading.Thread(target=self.door.run, args=([bound], listens.set))
        self.thread.start()
        assert listens.wait(SECONDS)
        self.reloader.start()
        super().__init__(f"http://127.0.0.1:{address[1]}", ACCOUNT)

    def log(self) -> str:
        """What a person was told."""
        return "\n".join(self.said)

    def close(self) -> None:
        """Stop all of it."""
        self.reloader.stop()
        self.door.stop()
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()


@pytest.fixture
def here() -> Iterator[Callable[..., Here]]:
    """Serve SPECs in this process: a start costs a tenth of a process's."""
    started: list[Here] = []

    def start(*specs: str) -> Here:
        started.append(Here(*specs))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(things(tmp_path))


class TestGoodEdit:
    @pytest.mark.parametrize("write", [in_place, renamed_over, away_and_anew, in_two_pieces])
    def test_it_is_served_whatever_the_editor_does(self, here, file: Path, write):
        """The next request after the reload meets the new contract, and no other."""
        server = here(str(file))
        assert server.get("/ping").status == 200
        write(file, PONG)
        reloaded(server)
        assert server.get("/pong").status == 200
        assert server.get("/ping").status == 404
        write(file, THINGS)
        reloaded(server, times=2)
        assert server.get("/ping").status == 200
        assert "things reloaded: " in server.log()

    def test_an_edit_right_after_the_start_is_not_missed(self, here, file: Path):
        """Nobody waits until the watch stands."""
        server = here(str(file))
        in_place(file, PONG)
        reloaded(server)
        assert server.get("/pong").status == 200

    def test_what_was_remembered_stays(self, here, file: Path):
        """Somebody has clicked through ten pages to get here."""
        server = here(str(file))
        made = server.post("/things", json={"name": "kept"}).json()
        assert server.delete("/things/5").status == 204
        in_place(file, THINGS.replace("note: {type: [string", "remark: {type: [string"))
        reloaded(server)
        assert server.get(f"/things/{made['id']}").json() == made
        assert server.get("/things/5").status == 404
        assert "remark" in server.get("/things/6").json()
        rows = server.get("/things").json()["things"]
        assert rows[0] == made
        assert server.post("/things", json={"name": "next"}).json()["id"] != made["id"]

    def test_a_collection_that_comes_back_brings_its_rows(self, here, file: Path):
        """A path may be away for the time of one save."""
        server = here(str(file))
        made = server.post("/things", json={"name": "kept"}).json()
        in_place(file, THINGS.replace("  /things", "  /stuff"))
        reloaded(server)
        assert server.get(f"/things/{made['id']}").status == 404
        in_place(file, THINGS)
        reloaded(server, times=2)
        assert server.get(f"/things/{made['id']}").json() == made

    def test_the_journal_stays(self, here, file: Path):
        """Also what it says of a request to an operation that is there no more."""
        server = here(str(file))
        server.get("/ping")
        server.get("/things?page=none")
        in_place(file, PONG)
        reloaded(server)
        said = server.get("/__admin/requests").json()["requests"]
        assert [event["mock"]["operation"] for event in said] == ["listThings", "ping"]
        assert said[0]["mock"]["violations"]

    def test_an_answer_given_before_is_not_given_again(self, here, file: Path):
        """The same request may have another answer now."""
        server = here(str(file))
        assert server.get("/things/1").json().keys() >= {"note"}
        assert server.get("/things/1").json().keys() >= {"note"}
        in_place(file, THINGS.replace('        note: {type: [string, "null"]}\n', ""))
        reloaded(server)
        assert "note" not in server.get("/things/1").json()

    def test_a_save_without_a_change_is_no_edit(self, here, file: Path):
        """The content counts: a checkout touches every file."""
        server = here(str(file))
        in_place(file, PONG)
        reloaded(server)
        in_place(file, PONG)
        file.touch()
        in_place(file, THINGS)
        reloaded(server, times=2)
        assert server.get("/__admin/health").json()["contracts"]["things"]["reloads"] == 2

    def test_faults_of_the_new_contract_are_said(self, here, file: Path):
        """As at the start, where the line would have been printed."""
        server = here(str(file))
        in_place(file, THINGS.replace("paths:\n", "paths:\n  nowhere: {get: {responses: {}}}\n"))
        reloaded(server)
        end = time.monotonic() + SECONDS
        while f"{file}:4: " not in server.log():
            assert time.monotonic() < end, server.log()
        assert server.get("/ping").status == 200

    def test_several_are_made_anew_one_by_one(self, here, tmp_path: Path):
        """Who edits one contract does not want to hear of the other."""
        one, two = (Path(things(tmp_path, name)) for name in ("one.yaml", "two.yaml"))
        server = here(str(one), str(two))
        in_place(two, PONG)
        reloaded(server, "two")
        assert server.get("/two/pong").status == 200
        assert server.get("/one/ping").status == 200
        assert server.get("/__admin/health").json()["contracts"]["one"] == {"status": "ok", "reloads": 0}


class TestEveryFile:
    def test_files_that_references_lead_to(self, here, tmp_path: Path):
        """Also one in another folder that only another one names, and that nobody has asked for."""
        (tmp_path / "parts" / "deep").mkdir(parents=True)
        status = tmp_path / "parts" / "deep" / "status.json"
        status.write_text('{"type": "string", "enum": ["first"]}')
        (tmp_path / "parts" / "thing.yaml").write_text("Status: {$ref: deep/status.json}\n")
        file = Path(things(tmp_path))
        file.write_text(THINGS.replace('"#/components/schemas/Status"', "parts/thing.yaml#/Status"))
        server = here(str(file))
        in_place(status, '{"type": "string", "enum": ["second"]}')
        reloaded(server)
        assert server.get("/things?status=second").status == 200
        assert server.get("/things?status=first").status == 422
        renamed_over(status, '{"type": "string", "enum": ["third"]}')
        reloaded(server, times=2)
        assert server.get("/things?status=third").status == 200

    def test_a_file_that_an_edit_has_added(self, here, tmp_path: Path):
        """The graph is found again after each edit."""
        file = Path(things(tmp_path))
        server = here(str(file))
        status = tmp_path / "new folder" / "status.yaml"
        status.parent.mkdir()
        status.write_text("{type: string, enum: [first]}")
        in_place(file, THINGS.replace('"#/components/schemas/Status"', '"new%20folder/status.yaml"'))
        reloaded(server)
        assert server.get("/things?status=first").status == 200
        in_place(status, "{type: string, enum: [second]}")
        reloaded(server, times=2)
        assert server.get("/things?status=second").status == 200

    def test_behavior_and_data(self, here, tmp_path: Path):
        """Rules are exchanged; rows that nobody touched are the file's, the others are as they were."""
        located = lending(tmp_path)
        server = here(str(located.file.parent))
        made = server.post("/books", json={"title": "Solaris", "isbn": "9", "genre": "sf"})
        assert made.status == 201, made.text
        changed = server.patch("/books/bk_emma", json={"title": "Emma, again"})
        assert changed.status == 200, changed.text
        data = located.file.parent / "data.yaml"
        rows = text("data").replace("title: Dune", "title: Dune II").replace("title: Emma", "title: E")
        in_place(data, rows)
        reloaded(server, "lending")
        assert server.get("/books/bk_dune").json()["title"] == "Dune II"
        assert server.get("/books/bk_emma").json()["title"] == "Emma, again"
        assert server.get(f"/books/{made.json()['id']}").json() == made.json()
        behavior = located.file.parent / "behavior.yaml"
        in_place(behavior, text("behavior", ("settings: {days: 14", "setings: {days: 14")))
        error = broken(server, "lending")
        assert error.startswith(f"{behavior}:2: ")
        assert "settings" in error
        in_place(behavior, text("behavior", ("{in: books, from: =body}", '{in: books, set: {title: ="x"}}')))
        reloaded(server, "lending", times=2)
        assert server.post("/books", json={"title": "y", "genre": "sf"}).json()["title"] == "x"

    def test_a_behavior_that_is_written_while_one_serves(self, here, tmp_path: Path):
        """The way from a bare document to rules needs no restart."""
        folder = tmp_path / "api"
        (folder).mkdir()
        (folder / "openapi.yaml").write_text(THINGS)
        server = here(str(folder))
        assert server.get("/things/1").status == 200
        (folder / "behavior.yaml").write_text(
            "collections: {things: {key: id}}\noperations: {readThing: {item: things}}\n"
        )
        reloaded(server, "api")
        assert server.get("/things/1").status == 404

    def test_a_link_that_leads_elsewhere(self, here, tmp_path: Path):
        """So Kubernetes replaces a ConfigMap: nothing is written but a link."""
        for version, content in (("v1", THINGS), ("v2", PONG)):
            (tmp_path / version).mkdir()
            (tmp_path / version / "things.yaml").write_text(content)
        (tmp_path / "now").symlink_to("v1")
        (tmp_path / "things.yaml").symlink_to("now/things.yaml")
        server = here(str(tmp_path / "things.yaml"))
        in_place(tmp_path / "v1" / "things.yaml", THINGS.replace("/ping:", "/peng:"))
        reloaded(server)  # now it is being watched
        (tmp_path / "next").symlink_to("v2")
        (tmp_path / "next").replace(tmp_path / "now")
        reloaded(server, times=2)
        assert server.get("/pong").status == 200


class TestBrokenEdit:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (NOT_YAML, "not YAML"),
            (THINGS.replace("openapi: 3.1.0", "openapy: 3.1.0"), "not an OpenAPI document"),
            (THINGS.replace("paths:", "path:"), "no operation to serve"),
            (THINGS.replace('schemas/Thing"', 'schemas/Thin"'), "Did you mean '#/components/schemas/Thing'?"),
            ("", "not an OpenAPI document"),
        ],
        ids=["syntax", "version", "paths", "reference", "empty"],
    )
    def test_the_old_contract_goes_on_and_says_why(self, here, file: Path, content: str, said: str):
        """With the file and the line; until the edit is mended, and not a moment longer."""
        server = here(str(file))
        made = server.post("/things", json={"name": "kept"}).json()
        in_place(file, content)
        error = broken(server, about=said)
        assert error.startswith(f"{file}:")
        assert server.get(f"/things/{made['id']}").json() == made
        assert server.get("/ping").status == 200
        in_place(file, PONG)
        reloaded(server)
        assert server.get(f"/things/{made['id']}").json() == made
        assert server.get("/pong").status == 200

    def test_the_journal_says_so_too(self, here, file: Path):
        """Who wonders why an edit does not show asks there first."""
        server = here(str(file))
        server.get("/ping")
        in_place(file, NOT_YAML)
        error = broken(server)
        server.get("/ping")
        in_place(file, THINGS)
        until(server, "things", lambda found: found["status"] == "ok")
        server.get("/ping")
        said = [event["mock"]["notes"] for event in server.get("/__admin/requests").json()["requests"]]
        assert [any(error in note for note in notes) for notes in said] == [False, True, False]

    def test_it_is_said_once(self, here, file: Path):
        """Saving again without mending it is no news; another fault is."""
        server = here(str(file))
        in_place(file, NOT_YAML)
        error = broken(server)
        in_place(file, NOT_YAML + "# still\n")
        in_place(file, "openapi: 3.1.0\n")
        broken(server, about="no operation")
        assert server.log().count(error) == 1
        assert "Traceback" not in server.log()

    def test_quiet_says_nothing(self, serve, file: Path):
        """The health is there for programs."""
        server = serve(str(file), "--quiet")
        in_place(file, NOT_YAML)
        until(server, "things", lambda found: found["status"] == "broken")
        in_place(file, PONG)
        reloaded(server)
        assert server.log() == ""

    def test_a_file_that_was_not_read_yet(self, here, tmp_path: Path):
        """The old contract is all of the old contract, also what nobody has asked of it."""
        status = tmp_path / "status.yaml"
        status.write_text("{type: string, enum: [first]}")
        file = Path(things(tmp_path))
        file.write_text(THINGS.replace('"#/components/schemas/Status"', "status.yaml"))
        server = here(str(file))
        in_place(file, PONG.replace('"#/components/schemas/Status"', "status.yaml"))
        reloaded(server)
        in_place(status, "{type: [")
        assert broken(server).startswith(f"{status}:1: ")
        assert server.get("/things?status=first").status == 200
        assert server.get("/things?status=second").status == 422
        status.unlink()
        broken(server, about="there is no file")
        assert server.get("/things?status=second").status == 422
        in_place(status, "{type: string, enum: [second]}")
        reloaded(server, times=2)
        assert server.get("/things?status=second").status == 200

    def test_the_document_is_taken_away(self, here, file: Path):
        """A branch without it is checked out, and then the other one again."""
        server = here(str(file))
        file.unlink()
        assert "there is no such file" in broken(server)
        assert server.get("/ping").status == 200
        file.write_text(PONG)
        reloaded(server)
        assert server.get("/pong").status == 200

    def test_what_was_broken_at_the_start_is_no_reason(self, here, file: Path):
        """A document that is served with a reference to nowhere can be edited elsewhere."""
        bad = 'x: {$ref: "#/components/schemas/Nowhere"}'
        wrong = THINGS.replace("        note:", f"        {bad}\n        note:")
        file.write_text(wrong)
        server = here(str(file))
        in_place(file, wrong.replace("/ping:", "/pong:"))
        reloaded(server)
        assert server.get("/pong").status == 200


class TestUnderLoad:
    def test_no_request_meets_two_contracts(self, here, file: Path):
        """Each answer is whole, of the one contract or the other; nobody is turned away."""
        server = here(str(file))
        seen: list[tuple[int, int]] = []
        done = threading.Event()

        def ask() -> None:
            while not done.is_set():
                seen.append((server.get("/ping").status, server.post("/things", json={"name": "x"}).status))

        asking = [threading.Thread(target=ask) for _ in range(2)]
        for thread in asking:
            thread.start()
        for times, content in enumerate((PONG, THINGS, NOT_YAML, PONG, THINGS), 1):
            in_place(file, content)
            if content is NOT_YAML:
                broken(server)
            else:
                reloaded(server, times=times - (times > 3))
        done.set()
        for thread in asking:
            thread.join(SECONDS)
        assert {ping for ping, _ in seen} == {200, 404}
        assert {made for _, made in seen} == {201}
        assert len(server.get("/__admin/state/things/things").json()) == len(seen)


class TestCommand:
    def test_it_is_said_on_the_terminal(self, serve, file: Path):
        """Good news and bad, with the file and the line, and no traceback."""
        server = serve(str(file))
        in_place(file, PONG)
        reloaded(server)
        in_place(file, NOT_YAML)
        error = broken(server)
        assert server.log().startswith(f"things reloaded: {file} · 5 operations\n{error}\nthings goes on as ")
        assert server.log().count("\n") == 3
        assert server.get("/pong").status == 200

    def test_no_reload(self, serve, file: Path):
        """Seen beside a server that does watch."""
        still, watching = serve(str(file), "--no-reload"), serve(str(file))
        in_place(file, PONG)
        reloaded(watching)
        assert still.get("/ping").status == 200
        assert still.get("/pong").status == 404


class TestNamedIn:
    @pytest.mark.parametrize(
        ("written", "found"),
        [
            ("$ref: a.yaml", ["dir/a.yaml"]),
            ("$ref: ./a.yaml#/x/y", ["dir/a.yaml"]),
            ("{$ref: a.yaml#/x}", ["dir/a.yaml"]),
            ("$ref: '../b/a b.json#/x'", ["b/a b.json"]),
            ('"$ref" : "sub%20dir\\/a.json#x"', ["dir/sub dir/a.json"]),
            ("externalValue: examples/a.xml", ["dir/examples/a.xml"]),
            ("$ref: '#/components/x'", []),
            ("$ref: things.yaml#/x", []),
            ("$ref: https://example.com/a.yaml", []),
            ("$ref: 'http://[broken'", []),
            ("$reference: a.yaml", []),
        ],
    )
    def test_references_as_people_write_them(self, written: str, found: list[str]):
        """Found without a parse, in YAML and JSON."""
        assert named_in(written.encode(), "dir/things.yaml") == found
        assert named_in(written.encode("utf-16"), "dir/things.yaml") == found


class TestDangling:
    def details(self, tmp_path: Path, content: str) -> list[str]:
        """What is said of the references in a document that lead nowhere."""
        file = tmp_path / "things.yaml"
        file.write_text(content)
        return [error.detail for error in dangling(load(file)).values()]

    def test_a_good_contract_has_none(self, tmp_path: Path):
        """Or every edit would be refused."""
        assert self.details(tmp_path, THINGS) == []

    def test_data_that_looks_like_a_reference(self, tmp_path: Path):
        """Examples, defaults, enumerations and extensions hold what they like."""
        said = "{$ref: '#/nowhere'}"
        more = f"example: {said}, default: {said}, enum: [{said}], x-more: {said}, const: {said}"
        content = THINGS.replace("    Status: {", f"    Status: {{{more}, ").replace(
            "enum: [new", "x-y: [new"
        )
        assert self.details(tmp_path, content) == []

    def test_properties_that_are_called_like_data(self, tmp_path: Path):
        """A property may be called "example" or "default", and is a schema all the same."""
        for name in ("example", "default", "enum", "value"):
            content = THINGS.replace("        note:", f"        {name}: {{$ref: '#/nowhere'}}\n        note:")
            assert len(self.details(tmp_path, content)) == 1

    def test_every_file_is_looked_into(self, tmp_path: Path):
        """As far as references lead, and no further."""
        (tmp_path / "a.yaml").write_text("A: {$ref: '#/B'}\nB: {$ref: b.yaml#/C}\nD: {$ref: '#/nobody'}\n")
        (tmp_path / "b.yaml").write_text("C: {items: {$ref: '#/E'}}\n")
        found = self.details(tmp_path, THINGS.replace('"#/components/schemas/Status"', "a.yaml#/A"))
        assert len(found) == 1
        assert "#/E" in found[0]


class TestWatched:
    @pytest.fixture
    def watched(self, tmp_path: Path) -> Watched:
        """A document, just read."""
        return Watched(Api(locate(things(tmp_path))))

    def test_content_counts(self, watched: Watched, tmp_path: Path):
        """A new stat alone is no edit."""
        file = tmp_path / "things.yaml"
        assert not watched.moved()
        file.touch()
        assert watched.moved()
        assert watched.edited() == []
        assert not watched.moved()
        file.write_text(PONG)
        assert watched.edited() == [str(file)]
        assert watched.edited() == []

    def test_a_pipe_is_not_read(self, watched: Watched, tmp_path: Path):
        """Reading it would wait for ever."""
        os.mkfifo(tmp_path / "pipe.yaml")
        (tmp_path / "things.yaml").write_text(THINGS + "x-more: {$ref: pipe.yaml}\n")
        assert watched.edited()
        watched.look_around()
        assert not watched.moved()

    def test_files_outside_are_none_of_ours(self, tmp_path: Path):
        """What a reference may not lead to is not even looked at."""
        (tmp_path / "outside.yaml").write_text("{}")
        file = tmp_path / "in" / "things.yaml"
        file.parent.mkdir()
        file.write_text(THINGS + "x-more: {$ref: ../outside.yaml}\n")
        assert Watched(Api(locate(str(file)))).folders == {str(file.parent)}

    def test_an_edit_in_the_moment_after_the_files_were_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """The clock of the files lags behind ours, more so on a busy machine: by its time, it came before."""
        file = Path(things(tmp_path))
        clock = time.time
        monkeypatch.setattr(time, "time", lambda: clock() + 1)
        api = Api(locate(str(file)))
        in_place(file, PONG)
        assert Watched(api).edited() == [str(file)]

    def test_an_edit_while_the_files_are_looked_at(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """It comes between a file's stat and its content, and was never seen again."""
        file = Path(things(tmp_path))
        api = Api(locate(str(file)))
        content, edits = looking._content, [PONG]

        def editing(name: str) -> bytes:
            if edits:
                in_place(file, edits.pop())
            return content(name)

        monkeypatch.setattr(looking, "_content", editing)
        seen = Watched(api)
        assert seen.moved()
        assert seen.edited() == [str(file)]


class TestOverlay:
    def test_what_was_touched_lies_over_what_was_not(self):
        """Changed, made and deleted stay so; the rest is as the file says now."""
        before, after = Table(), Table()
        for key in "abc":
            before.put(key, {"n": f"old {key}"})
        transaction = Transaction({"t": before})
        transaction.put("t", "a", {"n": "changed"})
        transaction.put("t", "new", {"n": "made"})
        transaction.delete("t", "b")
        transaction.commit()
        for key in "abcd":
            after.put(key, {"n": f"file {key}"})
        after.overlay(before)
        assert after.rows == {
            "a": {"n": "changed"},
            "c": {"n": "file c"},
            "d": {"n": "file d"},
            "new": {"n": "made"},
        }
        assert after.touched == {"a", "b", "new"}
