from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.locate import bundled
from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Operation
from mockserver.generation import Generator, choose
from mockserver.tests.client import InProcess
from mockserver.tests.conftest import ACCOUNT
from mockserver.tests.lending import lending
from mockserver.tests.test_cli import run
from mockserver.tests.things import THINGS, things
from mockserver.validation.values import Validator

URL = "http://127.0.0.1:4010"


def rows(*args: str) -> dict[str, dict[str, Any]]:
    """What `routes --json` says, by operation."""
    said = run("routes", "--json", *args)
    assert said.returncode == 0, said.stderr
    return {row["operation"]: row for row in json.loads(said.stdout)}


def body(operation: Operation) -> dict[str, Any]:
    """Arguments for a request of *operation* with a good body: its first example, else one that is made."""
    content = operation.body.content if operation.body is not None else {}
    media = next((media for name, media in content.items() if is_json(name)), None)
    if media is None or media.schema is None:
        return {"headers": {"Prefer": "validate=off"}} if content else {}
    for example in media.examples.values():
        return {"json": example.value}
    accepts = Validator(media.schema, "request").is_valid
    return {"json": Generator(media.schema.json("request"), accepts=accepts).value("x")}


def credentials(contract: Contract, operation: Operation) -> dict[str, str]:
    """The first account's, of the kind that *operation* asks for first."""
    schemes = [contract.security_schemes[name].scheme for one in operation.security[:1] for name in one]
    if "basic" in schemes:
        return {"Authorization": f"Basic {b64encode(b'client-id:client-secret').decode()}"}
    return ACCOUNT


class TestUrls:
    @pytest.mark.parametrize("name", bundled())
    def test_every_bundled_operation_answers_at_its_url(self, in_process, name: str):
        """With a good body and good credentials, each by itself in a new world."""
        client: InProcess = in_process(name)
        api = client.app.host.apis[0]
        for operation in api.contract.operations.values():
            client.reset()
            client.headers = credentials(api.contract, operation)
            answer = client.request(operation.method, client.app.host.sample(operation), **body(operation))
            content = operation.body.content if operation.body is not None else {}
            if content and not any(is_json(name) for name in content):
                assert answer.status < 500, (operation.id, answer.text)  # it may ask for a real picture
                assert answer.status not in (404, 405), (operation.id, answer.text)
                continue
            success = choose.success(operation)
            good = 200 <= answer.status < 400 or answer.status == success.status
            assert good, (operation.id, answer.text)

    def test_a_document_without_behaviours(self, in_process, tmp_path: Path):
        """Any id answers; the URL takes one that the parameter allows."""
        client: InProcess = in_process(things(tmp_path))
        for row in rows(things(tmp_path)).values():
            if row["method"] != "POST":
                answer = client.request(row["method"], row["url"].removeprefix(URL))
                assert answer.status in (200, 204), row

    def test_an_example_of_a_refusal_is_not_taken(self, in_process, tmp_path: Path):
        """Authors show the id of nothing beside the id of something."""
        file = tmp_path / "things.yaml"
        examples = "examples: {none: {value: 0}, some: {value: 5}}"
        missing = "examples: {none: {value: {error: none}}}"
        old = "required: true, schema: {type: integer}}"
        assert THINGS.count(old) == 1
        content = THINGS.replace(old, f"required: true, schema: {{type: integer}}, {examples}}}")
        content = content.replace("{error: {type: string}}}}", f"{{error: {{type: string}}}}}}, {missing}}}")
        file.write_text(content)
        assert rows(str(file))["readThing"]["url"] == f"{URL}/things/5"
        client = in_process(str(file))
        assert client.get("/things/0").status == 404  # the refusal that the document pairs with it
        assert client.get("/things/5").status == 200


class TestExplain:
    def test_what_a_list_is_taken_for(self, tmp_path: Path):
        """Collection, key, where its rows stand, what each parameter does, and why all that is thought."""
        said = rows(things(tmp_path), "--explain")["listThings"]["explained"]
        why = said.pop("why")
        assert said == {
            "does": "list",
            "collection": "/things",
            "single": False,
            "key": "id",
            "parameter": "thingId",
            "shown": "/things",
            "pages": {"limit": "per_page", "page": "page"},
            "filters": [{"parameter": "status", "property": "status", "by": "equals"}],
        }
        assert "GET /things is how to list" in why
        assert any("/things/{thingId} ends in a parameter" in sentence for sentence in why)
        assert not any("DELETE" in sentence for sentence in why)

    def test_every_operation_is_explained(self, tmp_path: Path):
        """Also why one remembers nothing."""
        said = {name: row["explained"] for name, row in rows(things(tmp_path), "--explain").items()}
        assert [said[name].get("does") for name in said] == ["list", "create", "read", "delete", None]
        assert "nothing is remembered" in said["ping"]["why"][0]
        assert all(explained["why"] for explained in said.values())

    def test_single_things_envelopes_and_shared_rows(self, tmp_path: Path):
        """The harder conclusions are told as well."""
        thing = (
            "{type: object, required: [id, name], properties: {id: {type: integer}, name: {type: string}}}"
        )
        answer = "{'200': {description: ok, content: {application/json: {schema: %s}}}}"
        wrapped = answer % f"{{type: object, properties: {{data: {thing}}}}}"
        listed = answer % f"{{type: array, items: {thing}}}"
        one = "{name: id, in: path, required: true, schema: {type: integer}}"
        user = "{name: user, in: path, required: true, schema: {type: string}}"
        file = tmp_path / "hard.yaml"
        file.write_text(f"""\
openapi: 3.1.0
info: {{title: T, version: '1'}}
paths:
  /posts: {{get: {{operationId: list, responses: {listed}}}}}
  /posts/{{id}}: {{get: {{operationId: read, parameters: [{one}], responses: {wrapped}}}}}
  /users/{{user}}/posts: {{get: {{operationId: theirs, parameters: [{user}], responses: {listed}}},
                           post: {{operationId: add, parameters: [{user}], responses: {answer % thing}}}}}
  /settings: {{get: {{operationId: settings, responses: {answer % thing}}},
               put: {{operationId: set, responses: {answer % thing}}}}}
""")
        said = {name: row["explained"] for name, row in rows(str(file), "--explain").items()}
        assert said["list"]["shown"] == ""
        assert said["read"]["shown"] == "/data"
        assert said["settings"]["single"] is True
        assert any("can be read and set" in sentence for sentence in said["set"]["why"])
        assert said["theirs"]["home"] == "/posts"
        assert any("they look alike" in sentence for sentence in said["theirs"]["why"])

    def test_rules_are_named_by_their_line(self, tmp_path: Path):
        """A terminal makes a link of it."""
        located = lending(tmp_path)
        folder = located.file.parent
        lines = (folder / "behavior.yaml").read_text().split("\n")
        said = rows(str(folder), "--explain")
        for name in ("addBook", "listLoans"):
            file, _, line = said[name]["explained"]["rule"].rpartition(":")
            assert file == str(folder / "behavior.yaml")
            assert lines[int(line) - 1].strip() == f"{name}:"

    @pytest.mark.parametrize("name", bundled())
    def test_all_that_is_bundled(self, name: str):
        """Every operation has a rule, or says that it has none."""
        for row in rows(name, "--explain").values():
            assert row["explained"].get("rule") or row["explained"]["why"]

    def test_for_people(self, tmp_path: Path):
        """The same in lines."""
        said = run("routes", things(tmp_path), "--explain").stdout
        for line in (
            f"GET     {URL}/things",
            "        does: list, the collection /things",
            "        key: id, in the path {thingId}",
            "        shown: at things in the answer",
            "        pages: per_page is the limit, page is the page",
            "        filter: status by status (equals)",
            "        why: GET /things is how to list",
        ):
            assert line in said.splitlines()


class TestVariants:
    def test_the_names_can_be_asked_for(self, in_process, tmp_path: Path):
        """All of them, for every operation, in any world."""
        client: InProcess = in_process(things(tmp_path), seed="9")
        for row in rows(things(tmp_path), "--variants").values():
            target = row["url"].removeprefix(URL)
            for number, name in enumerate(row["variants"], 1):
                for wish in (name, number):
                    headers = {"Prefer": f"variant={wish}, validate=off"}
                    answer = client.request(row["method"], target, headers=headers)
                    assert answer.status in (200, 201), (row["operation"], wish, answer.text)
                    assert f"variant={wish}" in answer.headers["Preference-Applied"]

    def test_an_answer_without_content_has_none(self, tmp_path: Path):
        """An empty list, so that loops over it need no exception."""
        assert rows(things(tmp_path), "--variants")["deleteThing"]["variants"] == []
        said = run("routes", things(tmp_path), "--variants").stdout
        assert "none: its answer has no content, or no schema" in said

    def test_a_document_of_webhooks_alone(self, tmp_path: Path):
        """Nothing can be asked of it: that is said, with what it sends, and is no success."""
        file = tmp_path / "hooks.yaml"
        operation = "{post: {responses: {'200': {description: ok}}}}"
        file.write_text(
            f"openapi: 3.1.0\ninfo: {{title: H, version: '1'}}\nwebhooks: {{newPet: {operation}}}\n"
        )
        ran = run("routes", str(file))
        assert ran.returncode == 2
        assert "there is no operation to ask for; what is sent to others is newPet" in ran.stderr

    def test_nothing_more_is_said_than_what_was_asked_for(self, tmp_path: Path):
        """Programs that read the list know its keys."""
        assert rows(things(tmp_path))["ping"].keys() == {"api", "operation", "method", "url", "summary"}
        both = rows(things(tmp_path), "--variants", "--explain")["ping"]
        assert {"variants", "explained"} < both.keys()
        assert "lines" not in both
