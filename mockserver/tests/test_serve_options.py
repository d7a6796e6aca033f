from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.contract.locate import bundled
from mockserver.tests.test_cli import run
from mockserver.tests.things import THINGS, things


class TestErrors:
    def test_prisms_word_enforces(self, serve, tmp_path: Path):
        """Who comes from Prism starts us with the flags of their scripts; the later of two wishes counts."""
        server = serve(things(tmp_path), "--validate", "off", "--errors")
        refused = server.get("/things?page=none")
        assert refused.status == 422
        assert refused.json()["errors"][0]["in"] == "query"

    def test_off_is_off(self, serve, tmp_path: Path):
        """The same request, as a server without --errors but with --validate off takes it."""
        assert serve(things(tmp_path), "--validate", "off").get("/things?page=none").status == 200


class TestChoices:
    def test_another_option_is_taken(self, serve):
        """A client is tried on the server that the document permits and the mock is not: errors as 200s."""
        server = serve("trackbot", "--choice", "trackbot-12=200", "--choice", "trackbot-19=422")
        unknown = server.get("/api/camp/get.json?id=999")
        assert (unknown.status, unknown.json()["status"], unknown.json()["error"]) == (
            200,
            "error",
            "notfound",
        )
        assert server.get("/api/camp/get.json?id=none").status == 422
        assert server.get("/api/camp/list.json").json()["status"] == "ok"

    def test_a_status_that_the_contract_does_not_spell_out_is_answered(self, serve):
        """What a choice permits is documented by it: the answer promises what the first option does."""
        server = serve("telegram-campaigns", "--choice", "telegram-campaigns-4=422")
        refused = server.post("/api/v1/campaigns/camp789/pause")
        assert refused.status == 422
        assert refused.json()["success"] is False
        assert refused.headers["Mock-Source"] == "rule"

    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ("trackbot-999=1", "--choice trackbot-999: there is no such choice. Did you mean 'trackbot-"),
            ("trackbot-12=401", "there is no option '401'; there are 404, 400, 200. Did you mean '40"),
            ("trackbot-6=never", "has a rule for 'mayhap' only; 'never' is for `verify` to accept"),
            ("trackbot-12", "expected NAME=VALUE"),
        ],
    )
    def test_what_cannot_be_taken_is_refused(self, said: str, why: str):
        """An option that is parsed and ignored would be believed."""
        refused = run("serve", "trackbot", "--port", "0", "--choice", said)
        assert refused.returncode == 2
        assert why in refused.stderr


class TestStateless:
    def test_nothing_is_remembered(self, serve, tmp_path: Path):
        """Each answer is made from the contract and the request alone, as by a server just started."""
        server = serve(things(tmp_path), "--stateless")
        before = server.get("/things/7").body
        made = server.post("/things", json={"name": "forget me"})
        assert made.status == 201
        assert server.delete("/things/7").status == 204
        assert server.get("/things/7").body == before
        assert all(row["name"] != "forget me" for row in server.get("/things").json()["things"])
        assert server.get("/__admin/state").json() == {"things": {}}

    def test_without_it_the_same_document_remembers(self, serve, tmp_path: Path):
        """So that the test above shows something."""
        server = serve(things(tmp_path))
        made = server.post("/things", json={"name": "keep me"}).json()
        assert server.get(f"/things/{made['id']}").json()["name"] == "keep me"

    def test_rules_that_somebody_wrote_stay(self, serve):
        """It is inference that is turned off; a behavior.yaml is part of what is served."""
        name = bundled()[0]
        server = serve(name, "--stateless")
        assert any(server.get(f"/__admin/state/{name}").json().values())


class TestOutsideReferences:
    def test_they_are_followed_only_when_that_is_allowed(self, serve, tmp_path: Path):
        """A document that came by mail must not be able to show files of the machine."""
        (tmp_path / "shared.yaml").write_text("Status: {type: string, enum: [outside]}\n")
        file = tmp_path / "api" / "things.yaml"
        file.parent.mkdir()
        file.write_text(THINGS.replace('"#/components/schemas/Status"', '"../shared.yaml#/Status"'))
        assert serve(str(file)).get("/things?status=anything").status == 200  # nobody knows what it may be
        server = serve(str(file), "--allow-outside-refs")
        assert server.get("/things?status=outside").status == 200
        assert server.get("/things?status=new").status == 422
        assert run("routes", str(file), "--allow-outside-refs").returncode == 0
