"""
`mockserver verify`, tried: it acquits what is right, convicts what is wrong, harms nothing, and says so.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest
import yaml

from mockserver.cli import main
from mockserver.contract.load import load
from mockserver.contract.locate import bundled, locate
from mockserver.tests.test_contract_tests import SPEC, Books, answering, dropping, serving
from mockserver.verify.resources import shards

ALL = "examples,properties,lockstep"
QUICK = ("--phases", "examples,lockstep")
SECRET = "very-secret"
LINKED = """\
openapi: 3.1.0
info: { title: Linked, version: "1" }
paths:
  /orders:
    get:
      responses:
        "200":
          description: The last order.
          content: { application/json: { schema: { type: object } } }
          links: { bill: { operationId: bill, parameters: { id: $response.body#/invoice } } }
  /invoices/{id}:
    get:
      operationId: bill
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        "200":
          description: It.
          content: { application/json: { schema: { type: object } } }
"""
TOKEN = ("--header", f"Authorization: Bearer {SECRET}")


@pytest.fixture
def spec(tmp_path: Path) -> str:
    file = tmp_path / "books.yaml"
    file.write_text(SPEC)
    return str(file)


@pytest.fixture
def verify(spec: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Run the command on a URL in this process; return the exit code and all that was said."""

    def run(url: str, *args: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main(["verify", spec, "--base-url", url, *args])
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out + captured.err

    return run


class CarelessBooks(Books):
    """The same, which takes any title there is."""

    def answer(self, method: str, path: str, raw: bytes, credentials: str) -> tuple[int, Any]:
        """Return status and body."""
        with suppress(ValueError, TypeError, AttributeError):
            said = json.loads(raw)
            if "title" in said:
                raw = json.dumps({**said, "title": str(said["title"])}).encode()
        return super().answer(method, path, raw, credentials)


class TestVerdict:
    def test_what_is_right_is_acquitted_and_left_as_it_was(self, verify: Any):
        """All phases, on a server that nothing puts back: no finding, and nothing of ours stays in it."""
        books = Books()
        books.books["bk_old"] = {"id": "bk_old", "title": "Emma", "tags": []}
        with serving(books) as url:
            code, said = verify(f"{url}/v1", *TOKEN, "--profile", "smoke", "--phases", ALL)
        assert code == 0, said
        assert "no findings" in said
        assert list(books.books) == ["bk_old"]

    @pytest.mark.parametrize(
        ("change", "rule"),
        [
            (lambda: dropping("tags"), "contract/required"),
            (lambda: answering(("GET", 200), 200, {"id": "other", "title": "?", "tags": []}), "lockstep/"),
            (lambda: answering(("POST", 401), 201, {"id": "1", "title": "Dune", "tags": []}), "refusals/401"),
            (lambda: answering(("DELETE", 204), 500, {"error": "KeyError"}), "contract/status"),
        ],
        ids=["a field is missing", "another is read", "nobody is asked for a token", "deleting fails"],
    )
    def test_what_is_wrong_is_convicted(self, verify: Any, change: Callable[[], Any], rule: str):
        """With the rule, the line, and calls to paste that hold no secret."""
        with serving(Books(change())) as url:
            code, said = verify(f"{url}/v1", *TOKEN, *QUICK)
        assert code == 1
        assert rule in said
        assert ('# 500 {"error": "KeyError"}' in said) is (rule == "contract/status")  # what a failure says
        assert "books.yaml:" in said
        assert "$TOKEN" in said or rule == "refusals/401"  # which shows what is asked without any
        assert "very-secret" not in said

    def test_what_is_wrong_everywhere_is_told_once(self, verify: Any, tmp_path: Path):
        """A server that calls every refusal 418 has one habit, not as many faults as operations."""

        def teapot(method: str, path: str, status: int, body: Any) -> tuple[int, Any]:
            return (418, body) if status >= 400 else (status, body)

        page, data = tmp_path / "page.html", tmp_path / "data.json"
        files = ("--html", str(page), "--json", str(data), "--github")
        with serving(Books(teapot)) as url:
            code, said = verify(f"{url}/v1", *TOKEN, "--phases", "examples", *files)
        assert code == 1
        text, _, annotated = said.partition("::error")
        assert text.count("The status 418 is not documented") == 1, said
        assert "  also: " in text
        assert f"::error{annotated}".count("title=contract/status") == 1
        assert page.read_text().count(">contract/status</b>") == 1
        found = [one for one in json.loads(data.read_text())["findings"] if one["rule"] == "contract/status"]
        assert len(found) > 1
        assert len({one["cause"] for one in found}) == 1
        assert "baseline" not in said  # what two checks have found is no less found

    def test_properties_convict_what_only_drawn_data_shows(self, verify: Any):
        """A title of another type is taken: no example says that it must not be."""
        with serving(CarelessBooks()) as url:
            code, said = verify(f"{url}/v1", *TOKEN, "--profile", "smoke", "--phases", "properties")
        assert code == 1, said
        assert "properties/accepts-type" in said

    def test_links_to_elsewhere_are_no_doubt(self, serve: Any, tmp_path: Path, capsys: Any):
        """Resources are asked one by one: links that lead to another say nothing of the server."""
        file = tmp_path / "linked.yaml"
        file.write_text(LINKED)
        url = serve(str(file)).url
        with pytest.raises(SystemExit) as left:
            main(["verify", str(file), "--base-url", url, "--phases", "properties"])
        said = capsys.readouterr().out
        assert left.value.code in (0, None)
        assert "inconclusive" not in said
        assert "no findings" in said

    def test_what_is_not_seen_again_is_unstable(self, verify: Any):
        """One hiccup of a server is no verdict on it."""
        once = count()

        def hiccup(method: str, path: str, status: int, body: Any) -> tuple[int, Any]:
            if (method, path) == ("GET", "/v1/books/bk_none") and next(once) == 0:
                return 500, {"error": "hiccup"}
            return status, body

        with serving(Books(hiccup)) as url:
            code, said = verify(f"{url}/v1", *TOKEN, "--phases", "examples")
            assert (code, "(unstable)" in said) == (0, True), said

    def test_a_gateway_is_no_finding(self, verify: Any):
        """503 may be said by what stands before the server."""
        with serving(Books(answering(("GET", 404), 503, {"error": "busy"}))) as url:
            code, said = verify(f"{url}/v1", *TOKEN, "--phases", "examples")
        assert code == 0, said

    @pytest.mark.parametrize(
        ("below", "token", "hint"),
        [
            ("/nowhere", TOKEN, ": do the contract's paths begin at"),
            ("/v1", ("--header", "Authorization: Bearer x"), "are answered 401: --header gives credentials"),
            ("/v1", TOKEN, ""),
        ],
    )
    def test_a_command_that_misses_the_server_is_told_so(
        self, verify: Any, below: str, token: tuple[str, ...], hint: str
    ):
        """A wrong URL or token gives as many findings as there are operations, and none is the server's."""
        with serving(Books()) as url:
            _, said = verify(f"{url}{below}", *token, "--phases", "examples")
        assert ("nothing succeeded" in said) is bool(hint), said
        assert hint in said


class TestHarm:
    def test_nothing_is_deleted_that_was_not_made_here(self, verify: Any):
        """The document's own id may be somebody's thing."""
        seen: list[tuple[str, str]] = []

        def watching(method: str, path: str, status: int, body: Any) -> tuple[int, Any]:
            seen.append((method, path))
            return status, body

        with serving(Books(watching)) as url:
            verify(f"{url}/v1", *TOKEN, "--profile", "smoke", "--phases", ALL)
            careful = {path for method, path in seen if method == "DELETE"}
            verify(f"{url}/v1", *TOKEN, "--phases", "examples", "--allow-destructive")
        assert not any("bk_none" in path for path in careful)
        assert ("DELETE", "/v1/books/bk_none") in seen

    def test_the_same_seed_asks_the_same(self, verify: Any):
        """A finding can be shown again."""

        def asked(seed: str) -> list[tuple[str, str]]:
            seen: list[tuple[str, str]] = []

            def watching(method: str, path: str, status: int, body: Any) -> tuple[int, Any]:
                seen.append((method, path))
                return status, body

            with serving(Books(watching)) as url:
                verify(f"{url}/v1", *TOKEN, *QUICK, "--seed", seed)
            return seen

        assert asked("3") == asked("3")


class TestFiles:
    @pytest.fixture
    def files(self, verify: Any, tmp_path: Path) -> tuple[Path, str]:
        """Write all of them for a server with two faults."""
        names = ("junit", "html", "json", "sarif", "har")
        options = [part for name in names for part in (f"--{name}", str(tmp_path / name))]
        with serving(Books(dropping("tags"))) as url:
            code, said = verify(f"{url}/v1", *TOKEN, *QUICK, *options, "--github")
        assert code == 1
        return tmp_path, said

    def test_each_is_what_its_readers_expect(self, files: tuple[Path, str]):
        """A CI server that cannot read a file shows nothing at all."""
        folder, said = files
        report = json.loads((folder / "json").read_text())
        schema = json.loads(
            (Path(sys.modules["mockserver.verify.reports"].__path__[0]) / "report.schema.json").read_text()
        )
        jsonschema_rs.validator_for(schema).validate(report)
        finding = next(one for one in report["findings"] if one["verdict"] == "finding")
        line = finding["place"]["line"]
        assert "required: [id, title, tags]" in finding["source"]

        cases = ElementTree.parse(folder / "junit").getroot().iter("testcase")
        failed = [case for case in cases if case.find("failure") is not None]
        assert any(
            case.get("line") == str(line) and case.get("file", "").endswith("books.yaml") for case in failed
        )

        sarif = json.loads((folder / "sarif").read_text())
        where = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert where["uri"].startswith("file:///")
        region = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
        assert (sarif["version"], region["startLine"]) == ("2.1.0", line)

        entries = json.loads((folder / "har").read_text())["log"]["entries"]
        assert len(entries) == report["calls"]
        assert f"line={line},title=contract/required" in said

        page = (folder / "html").read_text()
        assert "src=" not in page
        assert "<link" not in page
        assert finding["detail"].split("'")[1] in page

    def test_none_holds_a_secret(self, files: tuple[Path, str]):
        """Reports are uploaded, and read by others."""
        folder, _ = files
        for name in ("junit", "html", "json", "sarif", "har"):
            assert "very-secret" not in (folder / name).read_text(), name


class TestBaseline:
    def test_what_is_known_is_listed_and_does_not_count(self, verify: Any, tmp_path: Path):
        """A team can begin today, and is told what it has fixed; an entry whose day is past counts again."""
        file = tmp_path / "known.yaml"
        with serving(Books(dropping("tags"))) as url:
            options = (*TOKEN, *QUICK, "--baseline", str(file))
            assert verify(f"{url}/v1", *options, "--baseline-update")[0] == 0
            code, said = verify(f"{url}/v1", *options, "--junit", str(tmp_path / "junit"))
            assert (code, "(known)" in said) == (0, True)
            suite = ElementTree.parse(tmp_path / "junit").getroot()
            assert suite.get("failures") == "0"
            assert float(suite.get("time", "0")) > 0
            known = yaml.safe_load(file.read_text())
            for entry in known["known"]:
                entry["expires"] = "2001-01-01"
            file.write_text(yaml.safe_dump(known))
            assert verify(f"{url}/v1", *options)[0] == 1
            for entry in known["known"]:
                entry.pop("expires")
            file.write_text(yaml.safe_dump(known))
        with serving(Books()) as url:
            code, said = verify(f"{url}/v1", *options)
        assert (code, "fixed: " in said) == (0, True)

    def test_what_is_no_baseline_is_refused(self, verify: Any, tmp_path: Path):
        """A misspelt key would let everything through, or nothing."""
        file = tmp_path / "known.yaml"
        file.write_text("version: 1\nknown: [{operation: a, rule: b, expire: 2027-01-01}]")
        code, said = verify("http://127.0.0.1:9", "--baseline", str(file))
        assert (code, "known[0]" in said) == (2, True)


class TestUsage:
    @pytest.mark.parametrize(
        ("args", "code", "why"),
        [
            ((), 3, "cannot be reached"),
            (("--phases", "exampels"), 2, "Did you mean 'examples'?"),
            (("--shard", "3/2"), 2, "I from 1 to N"),
            (("--header", "nonsense"), 2, "Name: value"),
            (("--baseline-update",), 2, "--baseline F"),
        ],
    )
    def test_wrong_usage_is_one_clear_line(self, verify: Any, args: tuple[str, ...], code: int, why: str):
        """Exit code 1 is for the implementation's faults, and for nothing else."""
        said = verify("http://127.0.0.1:9", *args)
        assert (said[0], why in said[1]) == (code, True), said
        assert "Traceback" not in said[1]

    def test_time_that_is_over_says_what_was_not_run(self, verify: Any):
        """A budget is a bound, not a reason to pass for more than was done."""
        with serving(Books()) as url:
            code, said = verify(f"{url}/v1", *TOKEN, "--max-time", "0.000001")
        assert (code, "not run: examples" in said) == (2, True), said

    def test_a_part_of_nothing_is_no_failure(self, verify: Any):
        """A build that is cut into more parts than there are resources is as good as its other parts."""
        with serving(Books()) as url:
            code, said = verify(f"{url}/v1", *TOKEN, *QUICK, "--shard", "9/9")
        assert (code, "shard 9/9 has no operations" in said) == (0, True), said

    def test_a_gate_on_coverage(self, verify: Any):
        """A run that asked little must not pass for one that found little."""
        with serving(Books()) as url:
            code, said = verify(f"{url}/v1", *TOKEN, "--phases", "lockstep", "--min-coverage", "100")
        assert (code, "--min-coverage 100" in said) == (1, True)

    def test_help_costs_no_second(self):
        """schemathesis and pytest take longer to be imported than the answer is worth."""
        script = (
            "import sys\nfrom mockserver.cli import main\n"
            "try:\n    main(['verify', '--help'])\nexcept SystemExit: pass\n"
            "assert not {'schemathesis', 'pytest', 'hypothesis'} & set(sys.modules)"
        )
        subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, timeout=60)


@contextmanager
def raw(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server on the bare socket: whatever *answer* does with a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def accept() -> None:
            listening.settimeout(0.05)
            while not stop.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    answer(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


class TestTroubledServers:
    @pytest.mark.parametrize(
        "answer",
        [
            lambda connection: None,
            lambda connection: connection.sendall(b"\x00\xff\x07 what?\r\n\r\n"),
            lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx"),
            lambda connection: connection.sendall(b"HTTP/1.1 999999999999 ?\r\n\r\n"),
        ],
        ids=["closes", "garbage", "breaks off", "no status"],
    )
    def test_each_is_given_up_in_one_line(self, verify: Any, answer: Callable[[socket.socket], None]):
        """The judge survives what it judges."""
        with raw(answer) as url:
            code, said = verify(url, *TOKEN, "--phases", "examples", "--timeout", "2")
        assert code in (1, 3)
        assert "stopped answering" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("api", bundled())
def test_every_operation_is_in_exactly_one_shard(api: str):
    """What two shards leave out nobody asks."""
    contract = load(locate(api).file)
    for number in (2, 3, 5):
        dealt = [one for shard in shards(contract, number) for one in shard]
        assert sorted(dealt) == sorted(contract.operations)
