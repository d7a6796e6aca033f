from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.cli import main
from mockserver.tests.client import Client

SPEC = """\
openapi: 3.1.0
info: {title: Books, version: "1.2"}
paths:
  /books:
    get:
      operationId: listBooks
      security: [{key: []}]
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {type: array}, example: [1]}}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
"""


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockserver", *args],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **env},
    )


@pytest.fixture
def spec(tmp_path: Path) -> str:
    file = tmp_path / "books.yaml"
    file.write_text(SPEC)
    return str(file)


class TestFrame:
    def test_help_shows_every_command_and_an_example(self):
        """The first thing that is typed."""
        said = run("--help")
        assert said.returncode == 0
        for word in ("serve", "check", "routes", "Example"):
            assert word in said.stdout

    @pytest.mark.parametrize("command", ["serve", "check", "routes"])
    def test_help_of_a_command(self, command: str):
        """Every option says what it does."""
        said = run(command, "--help")
        assert said.returncode == 0
        assert "SPEC" in said.stdout

    def test_version(self):
        """Asked for in every bug report."""
        assert run("--version").stdout.startswith("mockserver")

    @pytest.mark.parametrize(
        ("args", "near"),
        [
            (["serv"], "'serve'"),
            (["serve", "--prot", "1"], "--port"),
            (["serve", "no/such.yaml"], "no/such.yaml"),
            (["serve", "--validate", "maybe"], "enforce"),
            (["routes", "https://example.com/a.yaml"], "not fetched"),
        ],
    )
    def test_wrong_usage_is_2_and_names_the_nearest(self, args: list[str], near: str):
        """One clear line; never a traceback."""
        said = run(*args)
        assert said.returncode == 2
        assert near in said.stderr
        assert "Traceback" not in said.stderr

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            ("verify SPEC --base-url http://[1", "--base-url http://[1: expected a URL such as http://"),
            ("verify SPEC --base-url http://127.0.0.1:99999", "Port out of range"),
            (
                "verify SPEC --base-url http://h --reset-url x",
                "--reset-url x: expected a URL such as http://",
            ),
            ("proxy SPEC --upstream http://[1", "--upstream http://[1: expected a URL such as http://"),
            ("proxy SPEC --upstream http://127.0.0.1:0", "--upstream http://127.0.0.1:0: expected a URL"),
            ("proxy SPEC --upstream http://h --record SPEC", "a folder is expected"),
            ("replay x --url ftp://h", "--url ftp://h: expected a URL such as http://127.0.0.1:4010"),
            ("bundle --url http://h:x", "--url http://h:x: expected a URL such as http://127.0.0.1:4010"),
            ("serve SPEC --host nowhere.invalid", "--host nowhere.invalid: expected a name or an address"),
            ("serve SPEC --admin-token=", "--admin-token: a text is expected, found an empty one"),
            ("diff SPEC SPEC --against-journal nowhere", "--against-journal nowhere: No such file"),
            ("diff SPEC SPEC --against-journal NUMBERS", "/0: a request is expected, an object; found 1"),
        ],
    )
    def test_what_an_option_cannot_be(
        self, spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, said: str
    ):
        """It is named with what was expected of it and what was found, before anything is done."""
        (tmp_path / "numbers.json").write_text("[1]")
        given = line.replace("SPEC", spec).replace("NUMBERS", str(tmp_path / "numbers.json"))
        with pytest.raises(SystemExit) as ended:
            main(given.split())
        assert ended.value.code == 2
        assert said in capsys.readouterr().err

    def test_a_broken_contract_is_2(self, tmp_path: Path):
        """With its file, and the line where there is one."""
        file = tmp_path / "broken.yaml"
        file.write_text("openapi: 3.1.0\npaths: [")
        said = run("serve", str(file), "--port", "0")
        assert said.returncode == 2
        assert "broken.yaml:" in said.stderr
        assert "Traceback" not in said.stderr


class TestServe:
    def test_says_what_is_served_and_answers(self, serve, spec: str):
        """One line an API, a command to copy that works, and one ready line, last."""
        server = serve(spec)
        said = [line.rstrip("\n") for line in server.lines]
        assert said[0].startswith(f"books 1.2 on {server.url} · 1 operation")
        assert said[-1] == f"mockserver ready on {server.url}"
        curl = next(line.strip() for line in said if "curl" in line)
        assert "test-token" in curl
        assert subprocess.run(curl, shell=True, capture_output=True, check=True).stdout == b"[1]"

    def test_quiet(self, serve, spec: str):
        """A script wants the address and nothing else."""
        server = serve(spec, "--quiet")
        assert server.lines == [f"mockserver ready on {server.url}\n"]
        server.get("/books")
        assert server.log() == ""

    def test_no_colours_and_no_request_log_into_a_pipe(self, serve, spec: str):
        """Control sequences in a log file are noise, and nobody reads a line a request there."""
        server = serve(spec)
        server.get("/books")
        assert "\x1b" not in "".join(server.lines) + server.log()
        assert "/books" not in server.log()

    def test_requests_are_logged_on_a_terminal(self, serve, spec: str):
        """Somebody looks; a client must not be able to write control sequences there."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "mockserver", "serve", spec, "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
        )
        try:
            assert process.stdout is not None
            url = next(line for line in process.stdout if "ready" in line).split()[-1]
            Client(url).get("/books?%1b[31m")
            log = os.read(ours, 1000).decode()
            assert "GET" in log
            assert "401" in log
            assert "\x1b[33m401" in log  # the status has a colour: this is a terminal
        finally:
            process.terminate()
            process.wait(10)
            process.stdout.close()
            os.close(ours)
            os.close(theirs)

    def test_a_port_in_use(self, serve, spec: str):
        """One clear line, exit code 2."""
        port = serve(spec).url.rpartition(":")[2]
        said = run("serve", spec, "--port", port)
        assert said.returncode == 2
        assert said.stderr.count("\n") == 1
        assert f"127.0.0.1:{port}" in said.stderr

    def test_max_body(self, serve, spec: str):
        """The limit is an option, and the refusal names it."""
        answer = serve(spec, "--max-body", "10").post("/books", body=b"x" * 11)
        assert answer.status == 413
        assert "--max-body" in answer.text

    def test_no_cors(self, serve, spec: str):
        """Who puts a proxy before it may want to set these fields there."""
        headers = {"Origin": "http://a", "Access-Control-Request-Method": "GET"}
        assert serve(spec).request("OPTIONS", "/books", headers=headers).status == 204
        server = serve(spec, "--no-cors")
        answer = server.get("/books", headers={"Origin": "http://a"})
        assert answer.status == 200
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        refused = server.request("OPTIONS", "/books", headers=headers)
        assert "Access-Control-Allow-Origin" not in refused.headers

    def test_the_journal_is_as_long_as_one_says(self, serve, spec: str):
        """And no longer."""
        server = serve(spec, "--journal", "2")
        for _ in range(4):
            server.get("/books")
        assert len(server.get("/__admin/requests").json()["requests"]) == 2

    def test_an_open_network_needs_a_token(self, serve, spec: str):
        """Bound elsewhere than to loopback, the admin is closed; the token is printed at the start."""
        server = serve(spec, "--host", "0.0.0.0")
        assert server.get("/__admin/requests").status == 401
        assert server.get("/__admin/health").status == 200
        token = next(line for line in server.lines if "admin" in line).split("Bearer ")[1].split("'")[0]
        assert server.get("/__admin/requests", headers={"Authorization": f"Bearer {token}"}).status == 200

    def test_two_apis_stand_below_their_names(self, serve, spec: str, tmp_path: Path):
        """And each line says where."""
        other = tmp_path / "papers.yaml"
        other.write_text(SPEC.replace("/books", "/papers"))
        server = serve(spec, str(other))
        assert f"on {server.url}/books " in server.lines[0]
        assert f"on {server.url}/papers " in server.lines[1]
        assert server.get("/papers/papers").json() == [1]


class TestRoutes:
    def test_lines_and_json(self, spec: str):
        """A line for a person, a list for a program, the same URLs."""
        assert run("routes", spec).stdout == "GET     http://127.0.0.1:4010/books\n"
        said = run("routes", spec, "--json")
        assert '"operation": "listBooks"' in said.stdout

    def test_a_reader_that_stops_reading(self, spec: str):
        """`mockserver routes | head` is no error worth a traceback."""
        command = f"{sys.executable} -m mockserver routes {spec} | true"
        said = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
        assert "Traceback" not in said.stderr
