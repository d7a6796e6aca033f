"""
What a server says of itself: logs, metrics, traces.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mockserver.tests.client import Server
from mockserver.tests.lending import lending

DOCUMENT = Path(__file__).parent / "worlds" / "hostile" / "openapi.yaml"


class TestLog:
    def test_json_has_the_id_and_no_secret(self, serve):
        """A line leads to the journal's entry; what is pasted into a ticket must not hold a token."""
        server = serve(str(DOCUMENT), "--log-format", "json", "--quiet")
        answer = server.get("/things?token=hush&q=a", headers={"Authorization": "Bearer hush"})
        server.stop()
        lines = [json.loads(line) for line in server.log().splitlines()]
        found = next(line for line in lines if line.get("target", "").startswith("/things"))
        assert found["requestId"] == answer.headers["Mock-Id"]
        assert (found["status"], found["method"], found["operation"]) == (200, "GET", "listThings")
        assert "hush" not in server.log()

    def test_text_where_it_is_asked_for(self, serve):
        """Into a file there are no lines unless somebody wants them."""
        server = serve(str(DOCUMENT), "--log-format", "text")
        ident = server.get("/things").headers["Mock-Id"]
        server.stop()
        assert re.search(rf"GET  /things  200 .*{ident}", server.log())

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_a_held_request_is_not_answered_yet(self, serve, form: str):
        """A log that says 200 of a request that waits at a gate sends its reader in the wrong direction."""
        server = serve(str(DOCUMENT), "--log-format", form)
        server.put("/__admin/gates/g", json={"operationId": "listThings"})
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(server.get, "/things")
            assert server.get("/__admin/gates/g?waiting=1").status == 200
            assert "200" not in server.log()
            server.post("/__admin/reset")
            assert late.result(20).status == 503
        server.stop()
        assert "200" not in server.log()
        assert len(re.findall(r"GET  /things  503 |\"status\":503", server.log())) == 1


class TestMetrics:
    def test_prometheus_reads_them(self, serve):
        """Counts by operation and status, and how long it took; the path of a client is no label."""
        server = serve(str(DOCUMENT))
        for target in ("/things", "/things", "/things?limit=x", "/nowhere/at/all"):
            server.get(target)
        answer = server.get("/__admin/metrics")
        assert answer.headers["Content-Type"].startswith("text/plain")
        counts = re.findall(r"mockserver_requests_total\{(.*?)\} ([0-9.]+)", answer.text)
        by_status = {re.search(r'status="(\d+)"', labels)[1]: float(count) for labels, count in counts}
        assert by_status == {"200": 2.0, "422": 1.0, "404": 1.0}
        assert 'mockserver_request_seconds_count{api="openapi",operation="listThings"' in answer.text.replace(
            'process="0",', ""
        ).replace('api="hostile"', 'api="openapi"')
        assert "process_resident_memory_bytes" in answer.text
        assert "nowhere" not in answer.text


class TestTraces:
    def test_a_span_below_the_callers(self, tmp_path: Path):
        """The mock's part of a trace stands where the real API's would."""
        pytest.importorskip("opentelemetry.sdk", reason="opentelemetry-sdk is not installed")
        script = (
            "from opentelemetry.sdk.trace.export import ConsoleSpanExporter\n"
            "from mockserver.server import tracing\n"
            "from mockserver.exchange import Request, Response\n"
            "handle = tracing.traced(lambda request: Response(200, [('Mock-Operation', 'getThing')]))\n"
            "parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'\n"
            "handle(Request('GET', '/things/1', '', (('traceparent', parent),)))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "OTEL_TRACES_EXPORTER": "console"},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert '"name": "GET getThing"' in done.stdout
        assert "0af7651916cd43dd8448eb211c80319c" in done.stdout

    def test_nothing_where_nobody_asks(self):
        """Tracing costs nothing, and imports nothing, unless OpenTelemetry's own variables want it."""
        from mockserver.server.tracing import traced

        assert traced(_handle) is _handle


def _handle(request):
    raise NotImplementedError(request)


def test_an_end_says_nothing(tmp_path: Path):
    """SIGINT is how most servers are ended: no traceback, 130."""
    server = Server(str(lending(tmp_path).file.parent), "--log-format", "json")
    assert server.stop(signal.SIGINT) == 130
    assert "Traceback" not in server.log()
    server.close()
