from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.errors import UsageError
from mockserver.server.app import create_app
from mockserver.tests.client import Server
from mockserver.tests.test_cli import run
from mockserver.tests.things import things


def document(folder: Path, name: str, paths: dict[str, str], servers: str = "") -> str:
    """Write a document whose GETs answer with the text that *paths* gives them; return its path."""
    lines = ["openapi: 3.1.0", "info: {title: T, version: '1'}", *([servers] if servers else []), "paths:"]
    for path, said in paths.items():
        lines.append(
            f"  '{path}': {{get: {{responses: {{'200': {{description: ok, content: "
            f"{{application/json: {{example: '{said}'}}}}}}}}}}}}"
        )
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n")
    return str(file)


@pytest.fixture
def two(serve, tmp_path: Path) -> Server:
    """Two APIs that have a path in common."""
    ours = document(tmp_path, "ours.yaml", {"/x": "our x", "/only": "only ours"})
    theirs = document(tmp_path, "Their API 2.yaml", {"/x": "their x"}, "servers: [{url: /v2}]")
    return serve(ours, theirs)


class TestAddresses:
    def test_equal_paths_are_told_apart_by_name(self, two: Server):
        """A name may hold what a URL must escape."""
        assert two.get("/ours/x").json() == "our x"
        assert two.get("/Their%20API%202/x").json() == "their x"
        assert two.get("/Their%20API%202/v2/x").json() == "their x"

    def test_equal_paths_are_told_apart_by_host(self, two: Server):
        """Browsers resolve *.localhost to loopback, and write host names small (RFC 6761, RFC 4343)."""
        assert two.get("/x", headers={"Host": "ours.localhost:4010"}).json() == "our x"
        assert two.get("/x", headers={"Host": "Ours.LOCALHOST"}).json() == "our x"
        assert two.get("/v2/x", headers={"Host": "their%20api%202.localhost"}).json() == "their x"

    def test_no_api_is_preferred(self, two: Server):
        """With several, none stands at the root; the answer names the place that was meant."""
        answer = two.get("/x")
        assert answer.status == 404
        assert answer.json()["nearest"] == ["/ours/x", "/Their%20API%202/x"]
        assert two.get("/only").json()["nearest"] == ["/ours/only"]

    def test_what_is_near_can_be_asked_for(self, two: Server):
        """It stands where the rest of that API does: below its name, or at the root of its host."""
        assert two.get("/ours/onyl").json()["nearest"][0] == "/ours/only"
        assert two.get("/Their%20API%202/xx").json()["nearest"] == ["/Their%20API%202/x"]
        assert two.get("/onyl", headers={"Host": "ours.localhost"}).json()["nearest"][0] == "/only"

    def test_one_does_not_answer_for_the_other(self, two: Server):
        """A path of ours is none of theirs."""
        assert two.get("/Their%20API%202/only").status == 404
        assert two.get("/only", headers={"Host": "their%20api%202.localhost"}).status == 404

    def test_a_path_of_the_contract_wins_over_a_prefix(self, serve, tmp_path: Path):
        """An API called books may well have a path /books."""
        file = document(tmp_path, "books.yaml", {"/books/x": "its own", "/x": "at the root", "/y": "y"})
        server = serve(file)
        assert server.get("/books/x").json() == "its own"
        assert server.get("/books/books/x").json() == "its own"
        assert server.get("/books/y").json() == "y"
        assert server.get("/y").json() == "y"

    def test_the_printed_urls_answer(self, serve, tmp_path: Path):
        """The lines of the start and of `routes` say where to look."""
        two = [document(tmp_path, name, {"/x": "x"}) for name in ("a.yaml", "b c.yaml")]
        server = serve(*two)
        assert f"on {server.url}/b%20c " in server.lines[1]
        lines = run("routes", *two).stdout.splitlines()
        targets = [line.split()[1].removeprefix("http://127.0.0.1:4010") for line in lines]
        assert targets == ["/a/x", "/b%20c/x"]
        assert [server.get(target).status for target in targets] == [200, 200]

    def test_state_is_each_apis_own(self, in_process, tmp_path: Path):
        """Two copies of one document are two worlds."""
        client = in_process(things(tmp_path, "one.yaml"), things(tmp_path, "two.yaml"))
        made = client.post("/one/things", json={"name": "only here"}).json()
        assert client.get(f"/one/things/{made['id']}").json()["name"] == "only here"
        assert client.get(f"/two/things/{made['id']}").json()["name"] != "only here"


class TestConflicts:
    @pytest.mark.parametrize("names", [("a/books.yaml", "b/books.json"), ("a/Books.yaml", "b/books.yaml")])
    def test_two_of_one_name_are_an_error_that_names_both_files(self, tmp_path: Path, names):
        """One of them could never be reached by name or host; which one is not ours to choose."""
        files = [document(tmp_path, name, {"/x": "x"}) for name in names]
        with pytest.raises(UsageError) as caught:
            create_app(*files)
        assert all(file in str(caught.value) for file in files)

    def test_on_the_command_line_it_is_one_line_and_exit_code_2(self, tmp_path: Path):
        """Before a port is taken for long or anything is said to be ready."""
        files = [document(tmp_path, f"{folder}/openapi.yaml", {"/x": "x"}) for folder in "ab"]
        said = run("serve", *files, "--port", "0")
        assert said.returncode == 2
        assert said.stdout == ""
        assert said.stderr.count("\n") == 1
        assert all(file in said.stderr for file in files)

    def test_folders_are_called_by_their_own_name(self, in_process, tmp_path: Path):
        """Which is the way out of the conflict above."""
        for folder in "ab":
            document(tmp_path, f"{folder}/openapi.yaml", {"/x": folder})
        client = in_process(str(tmp_path / "a"), str(tmp_path / "b"))
        assert client.get("/a/x").json() == "a"
        assert client.get("/b/x").json() == "b"
