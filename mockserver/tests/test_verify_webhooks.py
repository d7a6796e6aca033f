"""
The webhooks phase, tried on an application that shares no code with the mock, and on the mock itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import urllib.request
from contextlib import suppress
from pathlib import Path
from socket import socket

import pytest
from flask import Flask, Response, jsonify, request

from mockserver.contract.locate import locate
from mockserver.tests.in_process import of_app
from mockserver.tests.test_cli import run as command
from mockserver.verify.context import Context
from mockserver.verify.report import Report
from mockserver.verify.runner import run
from mockserver.verify.webhooks.phase import Webhooks

PARCELS = Path(__file__).parent / "worlds" / "parcels"


def parcels(bug: str = "", *, subscribers: tuple[tuple[str, str], ...] = ()) -> Flask:
    """Return an implementation of worlds/parcels; *subscribers* (URL, secret) are told from the start."""
    app = Flask("parcels")
    rows: dict[str, dict[str, object]] = {}
    hooks = list(subscribers)

    def post(url: str, said: object, secret: str = "", method: str = "POST") -> None:
        body = json.dumps(said).encode()
        signed = hmac.new(secret.encode(), body if bug != "signature" else body + b" ", hashlib.sha256)
        fields = {"content-type": "application/json", "x-signature": f"sha256={signed.hexdigest()}"}
        if bug == "unsigned":
            del fields["x-signature"]
        sent = urllib.request.Request(url, body, fields, method=method)
        with suppress(OSError), urllib.request.urlopen(sent, timeout=5):  # a subscriber may be gone
            pass

    def tell(event: str, row: dict[str, object]) -> None:
        parcel = dict(row)
        if event == "parcel.sent":
            if bug == "missing":
                return
            if bug == "body":
                parcel["state"] = "under way"
            if bug == "value":
                parcel["state"] = "new"
        for url, secret in hooks:
            for _ in range(2 if bug == "duplicate" and event == "parcel.sent" else 1):
                post(url, {"event": event, "parcel": parcel}, secret, "PUT" if bug == "method" else "POST")

    @app.post("/webhooks")
    def subscribe() -> object:
        said = request.get_json()
        if bug == "closed":
            return Response(status=503)
        hooks.append((said["url"], said["secret"]))
        return jsonify(id=str(len(hooks))), 201

    @app.post("/parcels")
    def create() -> object:
        row = {"id": f"x{len(rows)}", "name": request.get_json()["name"], "state": "new"}
        rows[str(row["id"])] = row
        tell("parcel.created", row)
        return jsonify(row), 201

    @app.get("/parcels/<key>")
    def read(key: str) -> object:
        return jsonify(rows[key]) if key in rows else Response(status=404)

    @app.post("/parcels/<key>/send")
    def send(key: str) -> object:
        if key not in rows:
            return Response(status=404)
        rows[key]["state"] = "sent"
        tell("parcel.sent", rows[key])
        return jsonify(rows[key])

    @app.post("/labels")
    def label() -> object:
        said = request.get_json()
        if bug != "silent":
            pages = "one" if bug == "callback" else 1
            post(said["callbackUrl"], {"text": said["text"], "pages": pages}, "-")
        return Response(status=202)

    return app


def judged(app: Flask, spec: Path = PARCELS, catcher: str = "", secret: str = "") -> Report:
    """Listen to it."""
    context = Context(locate(str(spec)), of_app(app), level="smoke", catcher=catcher, webhook_secret=secret)  # type: ignore[arg-type]
    return run(context, [Webhooks()])


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """The same contract, without rules."""
    shutil.copy(PARCELS / "openapi.yaml", tmp_path / "plain.yaml")
    return tmp_path / "plain.yaml"


class TestRules:
    def test_what_is_right_is_acquitted(self) -> None:
        """
        Both events came, as often, as signed and with the values that the rules say; the callback, too.
        """
        report = judged(parcels())
        assert not [(one.rule, one.detail) for one in report.findings]
        passed = {(one.operation, one.check): one.count for one in report.outcomes("passed")}
        assert passed["sendParcel", "webhooks/event"] >= 1
        assert passed["printLabel", "webhooks/callback"] == 1

    @pytest.mark.parametrize(
        ("bug", "rule", "pointer"),
        [
            ("body", "webhooks/enum", "parcel.sent#/parcel/state"),
            ("value", "webhooks/value", "parcel.sent#/parcel/state"),
            ("missing", "webhooks/missing", "parcel.sent"),
            ("method", "webhooks/method", "parcel.created"),
            ("duplicate", "webhooks/duplicate", "parcel.sent"),
            ("signature", "webhooks/signature", "parcel.created#X-Signature"),
            ("unsigned", "webhooks/required", "parcel.created#X-Signature"),
            ("callback", "webhooks/type", "printed#/pages"),
        ],
    )
    def test_bugs_are_convicted(self, bug: str, rule: str, pointer: str) -> None:
        """
        Each by the rule that it breaks, with the line of the contract and the calls that lead to it.
        """
        found = {(one.rule, one.pointer): one for one in judged(parcels(bug)).broken}
        assert (rule, pointer) in found
        one = found[rule, pointer]
        assert one.place.file.endswith("openapi.yaml")
        assert one.place.line
        assert one.calls

    def test_nobody_can_be_told(self) -> None:
        """
        Where the implementation takes no subscriber nothing is known of what it sends, and that is said.
        """
        report = judged(parcels("closed"))
        assert not report.findings
        said = [one.why for one in report.outcomes("inconclusive")]
        assert any("subscribe does not take a subscriber" in why and "503" in why for why in said)

    def test_where_it_was_told_to_send(self) -> None:
        """
        An implementation whose address stands in its configuration is listened to there.
        """
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        for bug, rules in (("", set()), ("signature", {"webhooks/signature"})):
            app = parcels(bug, subscribers=((f"http://{address}/", "known"),))
            report = judged(app, catcher=address, secret="known")
            assert {one.rule for one in report.broken} - {"webhooks/callback"} >= rules
            assert bool(report.broken) is bool(rules)


class TestWithoutRules:
    def test_what_comes_is_held(self, plain: Path) -> None:
        """
        Nobody said what is told when: a wrong delivery is a finding, a missing one is not.
        """
        assert not judged(parcels(), plain).findings
        assert not judged(parcels("missing"), plain).findings
        assert {one.pointer for one in judged(parcels("method"), plain).broken} >= {"parcel.created"}

    def test_silence_is_no_finding(self, plain: Path) -> None:
        """
        OpenAPI does not say that a callback is always sent.
        """
        report = judged(parcels("silent"), plain)
        assert not report.findings
        assert ("printLabel", "inconclusive") in {(one.operation, one.outcome) for one in report.ran.values()}


class TestOurs:
    @pytest.mark.parametrize("spec", ["telegram-campaigns", "trackbot"])
    def test_our_own_mock_is_acquitted(self, serve, spec: str) -> None:
        """
        Events of campaigns by the admin's subscription, postbacks by their templates.
        """
        server = serve(spec, "--auth", "listed")
        done = command("verify", spec, "--base-url", server.url, "--phases", "webhooks")
        assert done.returncode == 0, done.stdout

    def test_a_catcher_is_on_this_machine(self) -> None:
        """
        What an implementation sends is not to be caught for somebody else.
        """
        done = command("verify", "trackbot", "--base-url", "http://127.0.0.1:9", "--catcher", "0.0.0.0:80")
        assert done.returncode == 2
        assert "expected HOST:PORT on this machine" in done.stderr
