"""
A document that has a path for each verb draws collections, too: `/camp/add.json`, `/users.list`, `/getUser`.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.behavior.calling import verb
from mockserver.contract.locate import locate
from mockserver.tests.crud import NUMBER, ROW, TEXT, answer, asking, body, in_query, listed, thing
from mockserver.tests.in_process import judged, of_app
from mockserver.tests.judged.known import APPLICATIONS

NEW = thing({"name": TEXT, "price": {"type": "number"}}, "name")
EDIT = thing({"id": NUMBER, "name": TEXT, "price": {"type": "number"}}, "id")
ONE = thing({"id": NUMBER}, "id")
DONE = thing({"ok": {"type": "boolean"}}, "ok")
KEY = in_query("id", NUMBER, required=True)


def called(**paths: str) -> dict[str, Any]:
    """Return the paths of one collection: each verb at the path that is said."""
    operations = {
        "list": {"get": {"responses": {"200": answer(listed(ROW))}}},
        "read": {"get": {"parameters": [KEY], "responses": {"200": answer(ROW), "404": answer()}}},
        "create": {"post": {"requestBody": body(NEW), "responses": {"200": answer(ROW)}}},
        "patch": {"post": {"requestBody": body(EDIT), "responses": {"200": answer(DONE), "404": answer()}}},
        "delete": {"post": {"requestBody": body(ONE), "responses": {"200": answer(DONE), "404": answer()}}},
    }
    return {paths[kind]: operations[kind] for kind in paths}


DRAWN = {
    "files": called(
        list="/api/thing/list.json",
        read="/api/thing/get.json",
        create="/api/thing/add.json",
        patch="/api/thing/edit.json",
        delete="/api/thing/del.json",
    ),
    "dots": called(
        list="/things.list",
        read="/things.info",
        create="/things.create",
        patch="/things.update",
        delete="/things.delete",
    ),
    "verbs": called(
        list="/getThings",
        read="/getThing",
        create="/createThing",
        patch="/updateThing",
        delete="/deleteThing",
    ),
    "mixed": called(
        list="/things",
        read="/things/show",
        create="/things/new",
        patch="/things/modify",
        delete="/things/remove",
    ),
}


@pytest.mark.parametrize("drawn", DRAWN)
def test_what_is_called_is_remembered(drawn: str) -> None:
    """
    Who adds one and lists them expects it there, however the paths are called.
    """
    paths = DRAWN[drawn]
    everything, read, create, patch, delete = paths
    api = asking(paths)
    made = api.post(create, {"name": "Ann", "price": 2}).json()
    assert api.get(f"{read}?id={made['id']}").json()["name"] == "Ann"
    assert made["id"] in [row["id"] for row in api.get(everything).json()]
    assert api.post(patch, {"id": made["id"], "price": 3}).status == 200
    changed = api.get(f"{read}?id={made['id']}").json()
    assert (changed["name"], changed["price"]) == ("Ann", 3)
    assert api.post(delete, {"id": made["id"]}).status == 200
    assert api.get(f"{read}?id={made['id']}").status == 404
    assert made["id"] not in [row["id"] for row in api.get(everything).json()]


@pytest.mark.parametrize(
    ("template", "meant"),
    [
        ("/api/camp/add.json", ("/api/camp", "create")),
        ("/users.list", ("/users", "list")),
        ("/v1/getUsers", ("/v1/user", "list")),
        ("/v1/getUser", ("/v1/user", "read")),
        ("/users/get-all", ("/users", "list")),
        ("/user-delete", ("/user", "delete")),
        ("/users/{id}", ("", "")),
        ("/add", ("", "")),
        ("/orders/summary", ("", "")),
    ],
)
def test_verbs(template: str, meant: tuple[str, str]) -> None:
    """
    A word that is no verb says nothing of a collection.
    """
    assert verb(template) == meant


TRACKBOT = APPLICATIONS["trackbot"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A document of verbs without the rules that were written for it."""
    path = tmp_path_factory.mktemp("bare") / "trackbot.yaml"
    path.write_text(locate(TRACKBOT.spec).file.read_text())
    return str(path)


@pytest.mark.parametrize("dialect", TRACKBOT.dialects)
def test_dialects_are_acquitted(bare: str, dialect: str) -> None:
    """
    A judge that convicts a permitted choice is switched off after its second verdict.
    """
    report = judged(bare, of_app(TRACKBOT.make((), dialect)))
    assert not [(one.rule, one.detail) for one in report.findings]
    assert len(report.outcomes("passed")) > 10


@pytest.mark.parametrize(
    ("bug", "law"),
    [
        ("lost_edit", "patch-is-kept"),
        ("edit_resets", "patch-is-kept"),
        ("deleted_listed", "deleted-is-unlisted"),
        ("delete_takes_neighbour", "others-stay"),
        ("accepts_pause_of_two", "invalid-is-refused"),
        ("unknown_edit_ok", "nobody-is-another"),
        ("paused_at_birth", "born-as-told"),
        ("paused_not_listed", "acted-as-told"),
        ("click_ignored", "echoes-are-true"),
        ("click_lowered", "echoes-are-true"),
        ("code_of_another", "echoes-are-true"),
    ],
)
def test_bugs_are_convicted(bare: str, bug: str, law: str) -> None:
    """
    Laws hold where a thing is named in a query or a body as they do where a path names it.
    """
    report = judged(bare, of_app(TRACKBOT.make([bug], "plain")), only=law)
    assert f"lockstep/{law}" in {one.rule for one in report.broken}, report.findings
