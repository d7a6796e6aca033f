"""
The mock with one planted bug.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import cli
from mockserver.contract.locate import wanted
from mockserver.errors import UsageError
from mockserver.exchange import Request, Response
from mockserver.server.journal import Journal
from mockserver.server.mounting import build_host
from mockserver.server.mutants.host import MutatedHost
from mockserver.server.mutants.kinds import GROUPS
from mockserver.server.mutants.registry import bugs, chosen, registry
from mockserver.server.mutants.sight import sight

PLAYLISTS = str(Path(__file__).parent / "judged" / "playlists.yaml")
MESSAGING = "telegram-campaigns"


@cache
def _host(spec: str) -> MutatedHost:
    host = build_host(wanted((spec,)), journal=Journal(0), auth="listed", make=MutatedHost)
    assert isinstance(host, MutatedHost)
    return host


def _mutant(spec: str, name: str = "") -> MutatedHost:
    host = _host(spec)
    host.reset()
    host.infect(chosen(host.apis[0], name) if name else None)
    return host


def _ask(
    host: MutatedHost, method: str, target: str, sent: Any = None, token: str = "test-token"
) -> Response:
    path, _, query = target.partition("?")
    fields = [("authorization", f"Bearer {token}")] if token else []
    if sent is not None:
        fields.append(("content-type", "application/json"))
    body = b"" if sent is None else json.dumps(sent).encode()
    return host.handle(Request(method, path, query, tuple(fields), body))


def _walk(host: MutatedHost) -> Iterator[Response]:
    """Make a playlist with a track, and do with it what can be done, well and badly."""
    base = "/v2/playlists"
    new = {"title": "Ä long One for the road", "mood": "calm", "description": "Two Words", "tags": ["a", "b"]}
    made = _ask(host, "POST", base, {**new, "rating": 4, "public": True})
    yield made
    key = found[1].decode() if (found := re.search(rb'"id":"([^"]+)', made.body)) else "1"
    yield _ask(host, "POST", base, {"title": "another", "mood": "loud"})
    yield _ask(host, "POST", f"{base}/{key}/tracks", {"title": "One Track", "seconds": 61})
    for method, target, sent in (
        ("GET", f"{base}/{key}", None),
        ("PATCH", f"{base}/{key}", {"rating": 5}),
        ("GET", f"{base}/{key}", None),
        ("GET", f"{base}/{key}/tracks", None),
        ("PUT", f"{base}/{key}", {"title": "Put", "mood": "sad"}),
        ("GET", f"{base}/{key}", None),
        ("GET", f"{base}?per_page=2&page=2&sort=-title", None),
        ("GET", f"{base}?q=ANOTHER&mood=loud", None),
        ("GET", f"{base}?per_page=500&mood=nobody", None),
        ("POST", base, {"title": 7, "mood": "odd", "rating": 99, "tags": ["a", "a"], "contact": "x"}),
        ("DELETE", f"{base}/{key}", None),
        ("GET", f"{base}/{key}", None),
        ("GET", f"{base}/{key}/tracks", None),
        ("GET", base, None),
        ("DELETE", f"{base}/{key}", None),
        ("PURGE", base, None),
    ):
        yield _ask(host, method, target, sent)
    yield _ask(host, "GET", base, token="")
    yield _ask(host, "GET", base, token="nobody")


def _seen(host: MutatedHost) -> list[tuple[int, list[tuple[str, str]], bytes, object]]:
    return [
        (one.status, [pair for pair in one.headers if pair[0] != "Mock-Id"], one.body, one.wire)
        for one in _walk(host)
    ]


class TestKinds:
    def test_there_are_many_in_every_group(self) -> None:
        """
        Fewer kinds than teams make mistakes would flatter the judge.
        """
        kinds = registry()
        assert len(kinds) >= 60
        assert {kind.group for kind in kinds.values()} == set(GROUPS)

    @pytest.mark.parametrize("spec", [PLAYLISTS, MESSAGING, "tokfluence", "trackbot"], ids=Path)
    def test_every_bug_lets_every_call_be_answered(self, spec: str) -> None:
        """
        A mutant that fails of itself is convicted of the wrong thing.
        """
        host = _host(spec)
        api = host.apis[0]
        targets = [
            (route.method, host.sample(api.contract.operations[route.id])) for route in api.contract.routes
        ]
        for kind in registry().values():
            for bug in bugs(api, kind)[:1]:
                host.reset()
                host.infect(bug)
                for method, target in targets:
                    answer = _ask(host, method, target, {} if method in ("POST", "PUT", "PATCH") else None)
                    assert answer.status != 500 or "crash" in kind.name or "500" in kind.name, (
                        str(bug),
                        answer,
                    )
        host.infect(None)

    def test_most_of_them_show_in_a_walk(self) -> None:
        """
        A bug that changes no answer at all is none, and a judge would be blamed for acquitting it.
        """
        clean = _seen(_mutant(PLAYLISTS))
        assert clean == _seen(_mutant(PLAYLISTS)), "the clean walk is not repeatable"
        api = _host(PLAYLISTS).apis[0]
        hidden = []
        for kind in registry().values():
            host = _host(PLAYLISTS)
            shows = False
            for bug in bugs(api, kind):
                host.reset()
                host.infect(bug)
                shows = shows or _seen(host) != clean
            if bugs(api, kind) and not shows:
                hidden.append(kind.name)
        _host(PLAYLISTS).infect(None)
        assert len(hidden) < 25, hidden


class TestState:
    def test_what_a_bug_remembers_ends_with_a_reset(self) -> None:
        """
        Verdicts about one run must not depend on what the run before it has deleted.
        """
        host = _mutant(PLAYLISTS, "deleted-readable@getPlaylist")
        key = json.loads(_ask(host, "POST", "/v2/playlists", {"title": "t", "mood": "calm"}).body)["id"]
        _ask(host, "DELETE", f"/v2/playlists/{key}")
        assert _ask(host, "GET", f"/v2/playlists/{key}").status == 200
        host.reset()
        host.infect(host.bug)
        assert json.loads(_ask(host, "GET", "/v2/playlists?q=no+such").body)["total"] == 0

    def test_an_uncommitted_create_is_not_there(self) -> None:
        """
        The answer to a lost create is good; only the next call shows that nothing was kept.
        """
        host = _mutant(MESSAGING, "lost-create@createCampaign")
        made = _ask(host, "POST", "/api/v1/campaigns", {"name": "n", "type": "message"})
        assert made.status == 201
        key = json.loads(made.body)["data"]["id"]
        assert _ask(host, "GET", f"/api/v1/campaigns/{key}").status == 404

    def test_a_guard_is_ignored_where_it_is_planted(self) -> None:
        """
        One rule less is a bug; all rules less would be another server.
        """
        host = _mutant(MESSAGING, "guard-ignored@pauseCampaign")
        key = json.loads(_ask(host, "POST", "/api/v1/campaigns", {"name": "n", "type": "message"}).body)[
            "data"
        ]["id"]
        assert _ask(host, "POST", f"/api/v1/campaigns/{key}/pause").status == 200
        assert _ask(host, "DELETE", f"/api/v1/campaigns/{key}").status == 409, "it is paused now"

    def test_what_is_refused_is_not_answered_from_memory(self) -> None:
        """
        The mock keeps answers that changed nothing; one made by all rules is not that of one rule less.
        """
        host = _mutant(MESSAGING, "refused-and-done@deleteCampaign")
        key = json.loads(_ask(host, "POST", "/api/v1/campaigns", {"name": "n", "type": "message"}).body)[
            "data"
        ]["id"]
        _ask(host, "PUT", f"/api/v1/campaigns/{key}", {"status": "active"})
        assert _ask(host, "DELETE", f"/api/v1/campaigns/{key}").status == 409
        assert _ask(host, "GET", f"/api/v1/campaigns/{key}").status == 404


class TestPlaces:
    @pytest.mark.parametrize(
        ("kind", "at"),
        [
            ("guard-ignored", "resumeCampaign (refuse/1)"),  # only another option refuses so
            ("update-loses-field", "findReplace"),  # nothing that it is told is kept
            ("lost-update", "generatePlan"),  # the document leaves open whatever it does
            ("text-cut", "createCampaign (/context/tone)"),  # and what a campaign inherits
            ("missing-crashes", "planningChat"),  # it looks for nothing
            ("created-moves", "deleteCampaign"),  # nothing is left to be seen
        ],
    )
    def test_what_nobody_can_see_is_not_planted(self, kind: str, at: str) -> None:
        """
        A survivor is to be a blind spot of the judge, not a bug that no document knows.
        """
        api = _host("tendsocial").apis[0]
        spots = {str(bug.spot) for bug in bugs(api, registry()[kind])}
        assert spots
        assert at not in spots

    @pytest.mark.parametrize(
        ("kind", "at", "there"),
        [
            ("text-halved", "sendUserNotification (/message)", "createCustomTask (/description)"),
            ("lost-update", "forceUserLogout", "preRegisterCampaign"),  # noted, and counted nowhere
            ("lifecycle-stands", "banUser", "actOnTask"),  # why somebody is banned is told to nobody
            ("latin-1", "updateUserBanStatus", "listTasks"),  # it says the same to everybody
            ("latin-1", "getCampaign", "listCampaignTasks"),  # nobody writes a campaign's texts
            ("newest-not-listed", "getAdvertiserFinancialStatistics", "listTasks"),  # nothing makes campaigns
            ("last-row-lost", "listAllowedCountries", "listAllowedCampaigns"),  # one, for ever; one so far
            ("rate-rounded", "getAdvertiserMaximumLimit (/maximum_limit)", "exchangeCurrency (/exchange)"),
            ("stale-read", "findUser", "getUserStatus"),  # nothing moves an address
            (
                "guard-ignored",
                "actOnTask (refuse/1)",
                "completeTask (refuse/0)",
            ),  # whether it refuses is free
        ],
    )
    def test_what_no_answer_shows_is_not_planted(self, kind: str, at: str, there: str) -> None:
        """
        What is kept and never told, and a list or figure that never comes to be another one, cannot be wrong.
        """
        spots = {str(spot) for spot in registry()[kind].spots(_host("taglife").apis[0])}
        assert there in spots
        assert at not in spots

    def test_it_is_said_what_is_never_shown(self) -> None:
        """
        Who reads a score wants to know what is left out of it, and that it is not too much.
        """
        told = dict(sight(_host("taglife").apis[0]).hidden())
        assert told["sendUserNotification"] == ()
        assert told["banUser"] == ("reason",)
        assert told.keys().isdisjoint({"createCustomTask", "completeTask", "updateCampaignSettings"})
        assert not dict(sight(_host(MESSAGING).apis[0]).hidden())

    def test_without_rules_anything_may_show(self) -> None:
        """
        What inference remembers is shown wherever a schema has it: nobody said that it is hidden.
        """
        api = _host(str(Path(__file__).parent / "judged" / "depot.yaml")).apis[0]
        assert not [*sight(api).hidden()]
        assert not any(sight(api).is_still(one) for one in api.contract.operations)

    def test_what_deletes_by_a_step_deletes(self) -> None:
        """
        A rule may take content along before it takes the campaign.
        """
        api = _host("tendsocial").apis[0]
        assert [bug.spot.operation for bug in bugs(api, registry()["lost-delete"])] == ["deleteCampaign"]


class TestChosen:
    def test_the_same_seed_chooses_the_same(self) -> None:
        """
        "Mutant 7 survives" must mean the same to who reads it.
        """
        api = _host(PLAYLISTS).apis[0]
        assert str(chosen(api, seed="7")) == str(chosen(api, seed="7"))
        assert len({str(chosen(api, seed=str(seed))) for seed in range(9)}) > 3

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("sort-revers", "no such kind of bug.*Did you mean 'sort-reversed'"),
            ("lost-create@getPlaylist", "it can be planted at addTrack, createPlaylist"),
            ("takes-unknown-property", "nothing in playlists can be so wrong"),
        ],
    )
    def test_what_cannot_be_planted_is_refused(self, name: str, said: str) -> None:
        """
        A bug that is not there would be a clean server, taken for a mutant that survived.
        """
        with pytest.raises(UsageError, match=said):
            chosen(_host(PLAYLISTS).apis[0], name)


class TestCommand:
    def test_the_list_says_where(self) -> None:
        """
        Who picks a bug needs to know what it is and where it would show.
        """
        result = CliRunner().invoke(cli, ["mutate", PLAYLISTS, "--list", "--json"])
        listed = {one["name"]: one for one in json.loads(result.output)["bugs"]}
        assert listed["second-delete-crashes"]["operations"].keys() == {"deletePlaylist", "removeTrack"}
        assert not listed["takes-unknown-property"]["applies"]

    def test_json_alone_is_refused(self) -> None:
        """
        An option that does nothing would let somebody wait for output.
        """
        result = CliRunner().invoke(cli, ["mutate", PLAYLISTS, "--json"])
        assert isinstance(result.exception, UsageError)
