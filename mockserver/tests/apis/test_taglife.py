"""
taglife over HTTP: every call as the document prints it, and what its prose and its figures say.

The document's calls are read from the contract's named examples (which are the document's, word for word),
and some forms once more as text, because a form's nested and repeated keys are part of what is printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.tests.client import Answer, Client

API = "taglife"

APP = {"Authorization": "Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQ="}  # client-id:client-secret
NOBODY = {"Authorization": None}
YEAR = {"date_from": "2024-01-01", "date_to": "2024-12-31"}

CONTRACT = yaml.safe_load((Path(__file__).parents[3] / "specs/taglife/openapi.yaml").read_text())
FORM = "application/x-www-form-urlencoded"


def found(node: Any) -> Any:
    """Follow a local $ref."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = CONTRACT
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def credentials(path: str) -> dict[str, str | None]:
    """What the operation at *path* asks for."""
    asked = CONTRACT["paths"][path]["post"]["security"]
    if not asked:
        return dict(NOBODY)
    return dict(APP) if "appCredentials" in asked[0] else {}


def pairs(value: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Write *value* as a form: nested keys in brackets, lists as repeated keys."""
    for name, one in value.items():
        key = f"{prefix}[{name}]" if prefix else name
        if isinstance(one, dict):
            yield from pairs(one, key)
        else:
            for single in one if isinstance(one, list) else [one]:
                yield key, str(single).lower() if isinstance(single, bool) else str(single)


def calls() -> Iterator[Any]:
    """Every named request of the contract, in each media type, with the answer of the same name."""
    for path, item in CONTRACT["paths"].items():
        operation = item["post"]
        answers = operation["responses"]["200"]["content"]["application/json"]["examples"]
        content = operation.get("requestBody", {}).get("content")
        if content is None:
            for name, answer in answers.items():
                yield pytest.param(
                    path, "", None, found(answer)["value"], id=f"{operation['operationId']}-{name}"
                )
            continue
        for media_type, media in content.items():
            for name, example in media["examples"].items():
                kind = "form" if media_type == FORM else "json"
                yield pytest.param(
                    path,
                    kind,
                    found(example)["value"],
                    found(answers[name])["value"],
                    id=f"{operation['operationId']}-{name}-{kind}",
                )


def holds(printed: Any, answer: Any) -> bool:
    """Whether all that is *printed* is in *answer*; a list may have further rows."""
    if isinstance(printed, dict):
        return isinstance(answer, dict) and all(
            k in answer and holds(v, answer[k]) for k, v in printed.items()
        )
    if isinstance(printed, list):
        return isinstance(answer, list) and all(any(holds(one, other) for other in answer) for one in printed)
    return bool(printed == answer)


def app(api: Client, path: str, **form: Any) -> Answer:
    """Send a form as the application."""
    return api.post(path, form=form, headers=APP)


def backend(api: Client, path: str, **form: Any) -> Answer:
    """Send a form as the backend."""
    return api.post(path, form=form)


def stats(api: Client, name: str, **form: Any) -> Any:
    """The answer of a read of the backend."""
    answer = backend(api, f"/api/{name}/", **form)
    assert answer.status == 200, answer
    return answer.json()


def task(api: Client, task_id: int) -> Any:
    """A task in the backend's list."""
    return next(one for one in stats(api, "tasks") if one["id"] == task_id)


def board(api: Client, campaign_id: int = 123) -> Any:
    """Completed tasks, score and rank by user."""
    rows = app(api, "/api/get/leaderboard/", campaign_id=campaign_id).json()["leaderboard"]
    return {row["user_id"]: (row["completed_tasks"], row["score"], row["rank"]) for row in rows}


def act(api: Client, action: str, task_id: int = 456) -> Answer:
    """Review a task."""
    return api.post("/api/task/actions/", json={"task_id": task_id, "action": action})


# The two lists that the document cuts short; all other answers are exactly what is printed.
LONGER = ("/api/campaigns/", "/api/tasks/")


class TestPrinted:
    @pytest.mark.parametrize(("path", "kind", "body", "printed"), list(calls()))
    def test_every_printed_call_is_answered_as_printed(
        self, api: Client, path: str, kind: str, body: Any, printed: Any
    ):
        """
        On a fresh server, each printed request works in both media types and gets the printed answer.
        """
        sent: dict[str, Any] = {}
        if kind == "json":
            sent["json"] = body
        elif kind == "form":
            sent["form"] = list(pairs(body))
        answer = api.post(path, headers=credentials(path), **sent)
        assert answer.status == 200, answer
        if path in LONGER:
            assert holds(printed, answer.json())
        else:
            assert answer.json() == printed

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            (
                "/api/campaign/settings/",
                "campaign_id=123&settings[post_rate]=30&settings[has_bonus]=true&settings[promo_reach_bonus]=50",
            ),
            ("/api/campaign/status/", "campaign_id=123&status=active"),
            ("/api/tasks/", "status=rejected&status=accepted&status=pending&status=under_review&status=paid"),
            ("/api/user/status/ban/", "user_id=456&banned=true&reason=Violation of terms"),
            ("/api/advertiser/check/", "email=advertiser_dev@taglife.dev"),
            (
                "/api/advertiser/invoices/",
                "advertiser_id=123&invoice_status=paid&date_from=2024-01-01&date_to=2024-12-31",
            ),
        ],
    )
    def test_printed_forms_work_as_text(self, api: Client, path: str, text: str):
        """
        Brackets, "@" and repeated keys arrive unescaped, as somebody pastes them from the document into curl.
        """
        answer = api.post(path, body=text.encode(), headers={"Content-Type": FORM})
        assert answer.status == 200, answer

    def test_lists_that_are_printed_short_lead_to_the_printed_row(self, api: Client):
        """
        Advertiser 1 has campaign 1 and task 13 as they are printed; user 149 may take campaign 1 alone.
        """
        assert [one["id"] for one in stats(api, "campaigns", advertiser_id=1)] == [1, 30]
        assert [one["id"] for one in stats(api, "campaigns", user_id=149)] == [1]
        assert [one["id"] for one in stats(api, "tasks", advertiser_id=1)] == [13]
        assert stats(api, "tasks", advertiser_id=1)[0]["campaign"]["date_end"]["minute"] == -1


class TestCredentials:
    def test_public_campaigns_need_none(self, api: Client):
        """
        "No authentication required".
        """
        assert api.post("/api/get/public/campaigns/", headers=NOBODY).status == 200

    def test_app_needs_client_id_and_secret(self, api: Client):
        """
        The backend's token opens no App endpoint.
        """
        for headers in (NOBODY, {"Authorization": "Bearer test-token"}):
            answer = api.post("/api/get/leaderboard/", form={"campaign_id": 123}, headers=headers)
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic")
            assert answer.json()["title"] == "Unauthorized"

    def test_backend_needs_a_token(self, api: Client):
        """
        Client id and secret open no Backend endpoint.
        """
        for headers in (NOBODY, APP):
            answer = api.post("/api/tasks/", headers=headers)
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


class TestOptions:
    def test_advertiser_takes_precedence_over_user(self, api: Client):
        """
        "If multiple parameters are provided, the behavior is advertiser takes precedence."
        """
        both = stats(api, "campaigns", advertiser_id=123, user_id=149)
        assert both == stats(api, "campaigns", advertiser_id=123)
        assert len(both) == 10

    def test_advertiser_takes_precedence_over_campaign_and_status(self, api: Client):
        """
        The same sentence stands under the tasks: neither campaign nor status narrow what the advertiser has.
        """
        both = api.post(
            "/api/tasks/", form=[("advertiser_id", "1"), ("campaign_id", "123"), ("status", "pending")]
        ).json()
        assert both == stats(api, "tasks", advertiser_id=1)

    def test_campaign_comes_before_status(self, api: Client):
        """
        Without an advertiser, the document's order of options decides.
        """
        assert [one["id"] for one in stats(api, "tasks", campaign_id=123, status="paid")] == [456]

    def test_without_parameters_everything_is_listed(self, api: Client):
        """
        "Returns all campaigns in the system": as many as the status statistics count.
        """
        assert len(stats(api, "campaigns")) == sum(stats(api, "campaigns/stats/status").values()) == 65
        assert stats(api, "tasks") == api.post("/api/tasks/").json()

    def test_available_campaigns_fit_the_user(self, api: Client):
        """
        They are a part of all, and more for an influencer with every network than for anybody else.
        """
        everything = {one["id"] for one in stats(api, "campaigns")}
        influencer = {one["id"] for one in stats(api, "campaigns", user_id=123)}
        assert {1, 123} < influencer < everything
        assert {one["id"] for one in stats(api, "campaigns", user_id=149)} < influencer

    def test_one_status_and_several(self, api: Client):
        """
        A single value works as well as the repeated key, and the parts add up to the whole.
        """
        wanted = ["rejected", "accepted", "pending", "under_review", "paid"]
        each = {status: stats(api, "tasks", status=status) for status in wanted}
        for status, rows in each.items():
            assert rows, status
            assert {row["status"] for row in rows} == {status}
        assert sum(map(len, each.values())) == len(stats(api, "tasks"))
        two = stats(api, "tasks", status=["rejected", "paid"])
        assert len(two) == len(each["rejected"]) + len(each["paid"])
        assert api.post("/api/tasks/", json={"status": "paid"}).json() == each["paid"]
        assert api.post("/api/tasks/", json={"status": ["rejected", "paid"]}).json() == two

    def test_tasks_of_a_campaign_are_of_that_campaign(self, api: Client):
        """
        Task 456, printed in the app view, is in the backend's list of campaign 123 too.
        """
        rows = stats(api, "tasks", campaign_id=123)
        assert [(row["id"], row["campaign"]["id"], row["type"]) for row in rows] == [
            (456, 123, "Profile: Emma Clarke")
        ]
        assert rows[0]["bonus"] == {"reach": True, "engagement_rate": True, "best_post": True}

    def test_a_filter_without_a_match_is_empty(self, api: Client):
        """
        A filter's unknown id is no error: taglife-5.
        """
        assert stats(api, "campaigns", advertiser_id=9999) == stats(api, "tasks", campaign_id=9999) == []
        assert stats(api, "campaigns", user_id=9999) == []

    def test_every_campaign_is_listed_once_and_networks_can_be_recounted(self, api: Client):
        """
        The network statistics are what one counts in the list.
        """
        rows = stats(api, "campaigns")
        assert len({row["id"] for row in rows}) == len(rows)
        for network, count in stats(api, "campaigns/stats/networks").items():
            assert sum(network in row["networks"] for row in rows) == count


class TestAppLists:
    def test_filter_category_and_network_narrow(self, api: Client):
        """
        Each parameter alone narrows, in any case of the category, and together they leave what fits all.
        """

        def ids(**form: str) -> set[int]:
            return {one["id"] for one in app(api, "/api/get/campaigns/", **form).json()["campaigns"]}

        everything, active, fashion, instagram = (
            ids(),
            ids(filter="active"),
            ids(category="Fashion"),
            ids(network="instagram"),
        )
        assert len(active) == 15
        assert ids(filter="", category="", network="") == everything
        assert active < everything
        assert fashion < everything
        assert instagram < everything
        assert (
            ids(filter="active", category="fashion", network="instagram")
            == active & fashion & instagram
            == {123}
        )
        assert ids(filter="completed")
        assert not ids(filter="completed") & active
        assert ids(filter="draft") == ids(filter="nonsense") == ids(category="nonsense") == set()

    def test_public_list_is_the_short_form_of_the_same_campaigns(self, api: Client):
        """
        Anybody sees the same campaigns as an influencer, with seven fields.
        """
        public = api.post("/api/get/public/campaigns/", form={"filter": "active"}, headers=NOBODY).json()[
            "campaigns"
        ]
        seen = app(api, "/api/get/campaigns/", filter="active").json()["campaigns"]
        assert [one["id"] for one in public] == [one["id"] for one in seen]
        for short, full in zip(public, seen, strict=True):
            assert short.pop("minimum_reward") == full["tasks"]["minimum_reward"]
            assert short == {name: full[name] for name in short}

    def test_list_and_detail_agree(self, api: Client):
        """
        A campaign's detail has everything that the list says of it.
        """
        for one in app(api, "/api/get/campaigns/", filter="active").json()["campaigns"]:
            assert holds(one, app(api, "/api/get/campaign/", id=one["id"]).json())

    def test_featured_and_leaderboard_are_flags_here_and_lists_there(self, api: Client):
        """
        Both printed forms are of the same campaign: the list is empty where the flag is false.
        """
        flags = {one["id"]: one for one in app(api, "/api/get/campaigns/").json()["campaigns"]}
        for row in stats(api, "campaigns"):
            if row["id"] in flags:
                for name in ("tasks_featured", "tasks_leaderboard"):
                    assert isinstance(row[name], list)
                    assert flags[row["id"]][name] or not row[name]
        summer = next(row for row in stats(api, "campaigns") if row["id"] == 123)
        assert (summer["tasks_featured"], summer["tasks_leaderboard"]) == ([456], [456])


class TestParticipation:
    def test_joining_shows_on_the_leaderboard_and_in_the_tasks(self, api: Client):
        """
        Who joins has no points yet, and a task that waits: in both views, in statistics and in counts.
        """
        before = stats(api, "general/stats/pending")["pending_tasks"]
        campaigns = stats(api, "user/status", user_id=123)["total_campaigns"]
        assert api.post("/api/action/campaign/join/", json={"campaign_id": 123}, headers=APP).status == 200
        assert board(api) == {456: (15, 1500, 1), 123: (0, 0, 2)}
        tasks = app(api, "/api/get/tasks/", campaign_id=123).json()["tasks"]
        assert [(one["status"], one["payments"]["total"]) for one in tasks] == [
            ("pending", 30),
            ("pending", 30),
        ]
        assert tasks[1]["deadline"] == "2024-08-18T12:00:00Z"  # 72 hours
        assert stats(api, "general/stats/pending")["pending_tasks"] == before + 1
        assert stats(api, "user/status", user_id=123)["total_campaigns"] == campaigns + 1
        assert task(api, tasks[1]["id"])["type"] == "Profile: Dana Reyes"

    def test_joining_twice_changes_nothing(self, api: Client):
        """
        Who has joined has joined.
        """
        for _ in range(2):
            assert app(api, "/api/action/campaign/join/", campaign_id=123).status == 200
        assert len(app(api, "/api/get/tasks/", campaign_id=123).json()["tasks"]) == 2

    def test_only_active_campaigns_can_be_joined(self, api: Client):
        """
        Joining follows the campaign's status.
        """
        backend(api, "/api/campaign/status/", campaign_id=123, status="paused")
        answer = app(api, "/api/action/campaign/join/", campaign_id=123)
        assert (answer.status, answer.json()["title"]) == (409, "Campaign not active")
        backend(api, "/api/campaign/status/", campaign_id=123, status="active")
        assert app(api, "/api/action/campaign/join/", campaign_id=123).status == 200

    def test_leaving_takes_the_task_away(self, api: Client):
        """
        A task that was left is in no list, and the counts know.
        """
        before = stats(api, "general/stats/pending")["pending_tasks"]
        assert app(api, "/api/action/task/leave/", task_id=456).status == 200
        assert app(api, "/api/get/tasks/", campaign_id=123).json() == {"tasks": []}
        assert stats(api, "tasks", campaign_id=123) == []
        assert backend(api, "/api/task/status/", task_id=456).status == 404
        assert app(api, "/api/action/task/leave/", task_id=456).status == 404
        assert stats(api, "general/stats/pending")["pending_tasks"] == before - 1
        assert board(api) == {456: (15, 1500, 1)}

    def test_who_leaves_the_only_task_is_off_the_leaderboard(self, api: Client):
        """
        Leaving is "cancel participation"; one can join again.
        """
        app(api, "/api/action/campaign/join/", campaign_id=123)
        joined = app(api, "/api/get/tasks/", campaign_id=123).json()["tasks"][1]["id"]
        app(api, "/api/action/task/leave/", task_id=joined)
        assert list(board(api)) == [456]
        app(api, "/api/action/campaign/join/", campaign_id=123)
        assert sorted(board(api)) == [123, 456]
        assert len(app(api, "/api/get/tasks/", campaign_id=123).json()["tasks"]) == 2

    def test_what_was_decided_on_cannot_be_left(self, api: Client):
        """
        The accepted task of the document has `allow_leave: false`.
        """
        answer = app(api, "/api/action/task/leave/", task_id=13)
        assert (answer.status, answer.json()["title"]) == (409, "Task cannot be left")


class TestCompletion:
    def complete(self, api: Client, task_id: int = 456) -> Answer:
        """Hand in a task with two screenshots."""
        return app(
            api,
            "/api/action/task/complete/",
            task_id=task_id,
            post_url="https://instagram.com/p/example",
            screenshots=["https://example.com/one.jpg", "https://example.com/two.jpg"],
        )

    def test_completing_shows_everywhere(self, api: Client):
        """
        Status, media, leaderboard, posts and counts follow.
        """
        counts = stats(api, "general/stats/pending")
        posts = stats(api, "publishers/stats/activity", **YEAR)["total_posts"]
        assert self.complete(api).json()["payment"] == 30
        assert stats(api, "task/status", task_id=456)["status"] == "under_review"
        row = task(api, 456)
        assert row["media"] == {
            "url": "https://example.com/one.jpg",
            "link": "https://instagram.com/p/example",
        }
        assert (row["status_name"], row["allow_complete"], row["allow_leave"]) == (
            "Under Review",
            False,
            True,
        )
        assert app(api, "/api/get/tasks/", campaign_id=123).json()["tasks"][0]["status"] == "under_review"
        assert board(api) == {456: (16, 1600, 1)}
        assert stats(api, "campaign/stats/networks", campaign_id=123)["instagram"]["posts"] == 51
        assert stats(api, "publishers/stats/activity", **YEAR)["total_posts"] == posts + 1
        after = stats(api, "general/stats/pending")
        assert after["pending_tasks"] == counts["pending_tasks"] - 1
        assert after["pending_approvals"] == counts["pending_approvals"] + 1

    def test_a_task_is_completed_once(self, api: Client):
        """
        The second time is a conflict, and counts nothing.
        """
        self.complete(api)
        answer = self.complete(api)
        assert (answer.status, answer.json()["title"]) == (409, "Task not pending")
        assert board(api) == {456: (16, 1600, 1)}

    def test_a_custom_task_becomes_whose_completes_it(self, api: Client):
        """
        It is nobody's before; then the application's influencer is on the leaderboard with it.
        """
        made = api.post(
            "/api/task/custom/", json={"campaign_id": 123, "title": "Pose with the parasol"}
        ).json()
        assert task(api, made["task_id"])["type"] == "Custom: Pose with the parasol"
        assert self.complete(api, made["task_id"]).status == 200
        assert board(api) == {456: (15, 1500, 1), 123: (1, 100, 2)}
        assert task(api, made["task_id"])["type"] == "Profile: Dana Reyes"

    def test_a_screenshot_need_not_be_a_list_in_json(self, api: Client):
        """
        The document prints one screenshot; a list of one is for forms.
        """
        answer = api.post(
            "/api/action/task/complete/",
            json={
                "task_id": 456,
                "post_url": "https://instagram.com/p/example",
                "screenshots": "https://example.com/one.jpg",
            },
            headers=APP,
        )
        assert answer.status == 200
        assert task(api, 456)["media"]["url"] == "https://example.com/one.jpg"


class TestReview:
    @pytest.mark.parametrize(
        ("actions", "status"),
        [
            (["approve"], "accepted"),
            (["reject"], "rejected"),
            (["review"], "under_review"),
            (["approve", "pay"], "paid"),
            (["approve", "reject"], "rejected"),
            (["reject", "approve", "approve"], "accepted"),
        ],
    )
    def test_actions_change_the_status(self, api: Client, actions: list[str], status: str):
        """
        The task's status is what the last action says, in all three places that show it.
        """
        for action in actions:
            assert act(api, action).status == 200
        assert stats(api, "task/status", task_id=456)["status"] == status
        assert task(api, 456)["status"] == status
        assert app(api, "/api/get/tasks/", campaign_id=123).json()["tasks"][0]["status"] == status

    def test_messages_name_the_action(self, api: Client):
        """
        "Task approved" is printed; the others follow it.
        """
        said = [act(api, action).json()["message"] for action in ("review", "reject", "approve", "pay")]
        assert said == ["Task under review", "Task rejected", "Task approved", "Task paid"]

    def test_only_what_was_accepted_is_paid_and_then_closed(self, api: Client):
        """
        No payment without an approval, no review after a payment.
        """
        early = act(api, "pay")
        assert (early.status, early.json()["title"]) == (409, "Task not accepted")
        act(api, "approve")
        act(api, "pay")
        late = act(api, "reject")
        assert (late.status, late.json()["title"]) == (409, "Task is paid")
        assert act(api, "pay").status == 200

    def test_an_unknown_action_is_refused(self, api: Client):
        """
        Nothing would say which status it leads to.
        """
        assert act(api, "applaud").status == 400

    def test_approval_is_spent_and_payment_is_paid_out(self, api: Client):
        """
        30 more for the campaign, its advertiser and the whole; paid out only when it is paid.
        """

        def money() -> tuple[float, ...]:
            whole = stats(api, "general/stats/financial", **YEAR)
            return (
                stats(api, "campaign/stats/costs", campaign_id=123)["total_spent"],
                stats(api, "advertiser/stats/financial", advertiser_id=123, **YEAR)["total_spent"],
                whole["total_revenue"],
                whole["total_payouts"],
            )

        assert money() == (2500, 5000, 10000, 8000)
        act(api, "approve")
        assert money() == (2530, 5030, 10030, 8000)
        act(api, "pay")
        assert money() == (2530, 5030, 10030, 8030)

    def test_approving_takes_it_from_what_waits(self, api: Client):
        """
        Pending tasks go down with an approval.
        """
        before = stats(api, "general/stats/pending")
        act(api, "approve")
        after = stats(api, "general/stats/pending")
        assert after == {**before, "pending_tasks": before["pending_tasks"] - 1}


class TestCustomTasks:
    def test_it_is_there_afterwards(self, api: Client):
        """
        Both lists, its status and its payment know the new task by the id of the answer.
        """
        body = {
            "campaign_id": 30,
            "title": "Friday in slippers",
            "description": "At home",
            "requirements": "Slippers",
        }
        made = api.post("/api/task/custom/", json=body).json()["task_id"]
        seen = next(
            one for one in app(api, "/api/get/tasks/", campaign_id=30).json()["tasks"] if one["id"] == made
        )
        assert holds(
            {
                "type": "custom",
                "title": "Friday in slippers",
                "requirements": "Slippers",
                "status": "pending",
            },
            seen,
        )
        assert task(api, made)["campaign"]["id"] == 30
        assert stats(api, "task/status", task_id=made) == {
            "status": "pending",
            "assigned_date": "2024-08-15",
            "deadline": "2024-08-16",
        }
        assert stats(api, "task/payments", task_id=made)["payment"] == 2.82
        assert stats(api, "general/stats/pending")["pending_tasks"] == 51

    def test_two_have_two_ids(self, api: Client):
        """
        The printed id is the printed call's, once.
        """
        body = {
            "campaign_id": 123,
            "title": "Custom Task",
            "description": "Custom task description",
            "requirements": "Custom requirements",
        }
        first, second = (api.post("/api/task/custom/", json=body).json()["task_id"] for _ in range(2))
        assert first == 789
        assert second != 789
        assert len(stats(api, "tasks", campaign_id=123)) == 3


class TestMoney:
    def test_payments_add_up_for_every_task(self, api: Client):
        """
        The two parts are the payment, and the lists show the same.
        """
        for row in stats(api, "tasks"):
            paid = stats(api, "task/payments", task_id=row["id"])
            assert (
                round(paid["payment_post"] + paid["payment_bonus_reach"], 2)
                == paid["payment"]
                == row["payments"]["total"]
            )

    @pytest.mark.parametrize(
        ("settings", "parts"),
        [
            ({"post_rate": 40}, (40, 25, 15)),
            ({"post_rate": 20}, (20, 20, 0)),
            ({"has_bonus": False}, (30, 30, 0)),
            ({"promo_reach_bonus": 75}, (30, 25, 5)),
        ],
    )
    def test_settings_change_what_an_open_task_pays(
        self, api: Client, settings: dict[str, Any], parts: tuple[float, ...]
    ):
        """
        Only what is sent changes; the parts go on adding up.
        """
        answer = api.post(
            "/api/campaign/settings/", form=list(pairs({"campaign_id": 123, "settings": settings}))
        )
        assert answer.status == 200
        paid = stats(api, "task/payments", task_id=456)
        assert (paid["payment"], paid["payment_post"], paid["payment_bonus_reach"]) == parts
        seen = app(api, "/api/get/campaign/", id=123).json()["tasks"]["bonus"]
        assert seen["promo_reach"] == settings.get("promo_reach_bonus", 50)
        assert seen["active"] == settings.get("has_bonus", True)
        assert (seen["promo_engagement_rate"], seen["promo_best_post"]) == (25, 100)
        assert (
            app(api, "/api/get/tasks/", campaign_id=123).json()["tasks"][0]["payments"]["total"] == parts[0]
        )

    def test_settings_leave_decided_tasks_alone(self, api: Client):
        """
        What was accepted is owed as it was accepted.
        """
        act(api, "approve")
        api.post("/api/campaign/settings/", json={"campaign_id": 123, "settings": {"post_rate": 90}})
        assert stats(api, "task/payments", task_id=456)["payment"] == 30

    def test_cost_per_mille_follows_what_was_spent(self, api: Client):
        """
        25 is 2500 for a hundred thousand impressions; 2530 make it 25.3.
        """
        act(api, "approve")
        assert stats(api, "campaign/stats/costs", campaign_id=123)["average_cpm"] == 25.3

    def test_a_period_narrows(self, api: Client):
        """
        The parts of a year add up to it, in every figure that can be added.
        """
        seasons = [
            {"date_from": "2024-01-01", "date_to": "2024-04-30"},
            {"date_from": "2024-05-01", "date_to": "2024-12-31"},
        ]
        for name, who in (
            ("campaigns/stats/general", {}),
            ("publishers/stats/activity", {}),
            ("general/stats/financial", {}),
            ("advertiser/stats/financial", {"advertiser_id": 123}),
        ):
            year = stats(api, name, **YEAR, **who)
            parts = [stats(api, name, **season, **who) for season in seasons]
            for field in year:
                if field not in ("currency", "average_cpm"):
                    assert year[field] == sum(part[field] for part in parts), (name, field)
            assert all(part != year for part in parts), name

    def test_an_empty_period_is_zero(self, api: Client):
        """
        Nothing began in 1999, and nothing is divided by nothing.
        """
        none = {"date_from": "1999-01-01", "date_to": "1999-12-31"}
        assert set(stats(api, "campaigns/stats/general", **none).values()) == {0}
        assert stats(api, "advertiser/stats/financial", advertiser_id=123, **none) == {
            "total_spent": 0,
            "total_campaigns": 0,
            "average_cpm": 0,
            "currency": "USD",
        }

    def test_invoices_by_status_and_date(self, api: Client):
        """
        Status and period narrow together and alone.
        """
        every = stats(api, "advertiser/invoices", advertiser_id=123)["invoices"]
        paid = stats(api, "advertiser/invoices", advertiser_id=123, invoice_status="paid")["invoices"]
        year = stats(api, "advertiser/invoices", advertiser_id=123, **YEAR)["invoices"]
        assert len(every) > len(paid) > 1
        assert {one["status"] for one in paid} == {"paid"}
        assert all(one["date"].startswith("2024") for one in year)
        assert len(every) > len(year) > 1

    @pytest.mark.parametrize(
        ("body", "exchange"),
        [
            ({"from": "USD", "to": "EUR", "amount": 200}, 171),
            ({"from": "EUR", "to": "USD", "amount": 85.5}, 100),
            ({"from": "EUR", "to": "EUR", "amount": 12.34}, 12.34),
            ({"from": "usd", "to": "eur", "amount": 0}, 0),
            ({"from": "USD", "to": "EUR", "amount": 1}, 0.86),  # 0.855: half a cent is rounded up
        ],
    )
    def test_exchange_scales_and_goes_both_ways(self, api: Client, body: dict[str, Any], exchange: float):
        """
        Twice the amount is twice the worth, and what went to euros comes back.
        """
        answer = api.post("/api/general/tools/exchange/", json=body)
        assert answer.json() == {"base": body["amount"], "exchange": exchange}

    def test_exchange_without_a_rate_is_refused(self, api: Client):
        """
        There is no rate for a currency that nobody knows.
        """
        answer = api.post("/api/general/tools/exchange/", json={"from": "USD", "to": "XTS", "amount": 1})
        assert (answer.status, answer.json()["title"]) == (404, "Unknown currency")


class TestCampaigns:
    def test_status_moves_every_count(self, api: Client):
        """
        Lists and both statistics follow a campaign's status.
        """
        before = stats(api, "campaigns/stats/status")
        assert backend(api, "/api/campaign/status/", campaign_id=123, status="completed").status == 200
        after = stats(api, "campaigns/stats/status")
        assert after == {**before, "active": before["active"] - 1, "completed": before["completed"] + 1}
        general = stats(api, "campaigns/stats/general", **YEAR)
        assert (general["active_campaigns"], general["completed_campaigns"], general["total_campaigns"]) == (
            14,
            31,
            50,
        )
        assert app(api, "/api/get/campaigns/", filter="active", category="fashion").json() == {
            "campaigns": []
        }
        assert stats(api, "general/lists/allowed-campaigns") == {"campaigns": []}

    def test_pending_campaigns_wait_until_they_are_registered(self, api: Client):
        """
        A campaign that becomes pending waits; one that was pre-registered no longer does.
        """
        backend(api, "/api/campaign/status/", campaign_id=1, status="pending")
        assert stats(api, "general/stats/pending")["pending_campaigns"] == 6
        assert stats(api, "campaigns/stats/general", **YEAR)["pending_campaigns"] == 6
        assert backend(api, "/api/campaign/pre-register/", campaign_id=1).status == 200
        assert stats(api, "general/stats/pending")["pending_campaigns"] == 5
        assert stats(api, "campaigns/stats/status")["pending"] == 11

    def test_an_unknown_status_is_refused(self, api: Client):
        """
        The status statistics name six, and what is refused changes nothing.
        """
        assert backend(api, "/api/campaign/status/", campaign_id=123, status="asleep").status == 400
        assert stats(api, "campaigns/stats/status")["active"] == 15


class TestUsers:
    @pytest.mark.parametrize("path", ["/api/user/status/ban/", "/api/general/tools/user-ban/"])
    def test_ban_and_status_agree(self, api: Client, path: str):
        """
        Both ways to ban show in both ways to ask, in the publishers' counts and in the estimates.
        """
        publishers = stats(api, "publishers/stats/status")
        for banned, status, change in ((True, "suspended", 1), (False, "active", 0)):
            assert (
                api.post(path, json={"user_id": 456, "banned": banned, "reason": "Violation of terms"}).status
                == 200
            )
            assert stats(api, "user/status", user_id=456)["status"] == status
            assert stats(api, "general/tools/check-user", user_id=456)["status"] == status
            assert stats(api, "publishers/stats/status") == {
                "active": publishers["active"] - change,
                "inactive": publishers["inactive"],
                "suspended": publishers["suspended"] + change,
            }
            estimate = stats(api, "general/stats/estimated-publishers")
            potential = stats(api, "general/stats/potential-publishers")
            assert estimate["active_publishers"] == 300 - change
            assert potential["potential_publishers"] == 500 - estimate["active_publishers"]
            assert potential["conversion_rate"] == potential["potential_publishers"] / 500

    def test_an_inactive_user_is_inactive_again_after_a_ban(self, api: Client):
        """
        Lifting a ban gives back what was before it.
        """
        inactive = next(
            user
            for user in range(101, 200)
            if stats(api, "general/tools/check-user", user_id=user)["status"] == "inactive"
        )
        for banned in ("true", "false"):
            backend(api, "/api/user/status/ban/", user_id=inactive, banned=banned)
        assert stats(api, "user/status", user_id=inactive)["status"] == "inactive"

    def test_checking_nobody(self, api: Client):
        """
        `exists` is false; the user's own page is 404.
        """
        assert stats(api, "general/tools/check-user", user_id=9999) == {
            "exists": False,
            "status": None,
            "joined_date": None,
        }
        assert backend(api, "/api/user/status/", user_id=9999).status == 404

    def test_found_by_either_address(self, api: Client):
        """
        Advertiser 1 signs in with one address and is listed with another; both are the same advertiser.
        """
        for email in ("advertiser_dev@taglife.dev", "contact@fashionbrand.com", "Contact@FashionBrand.com"):
            assert stats(api, "advertiser/check", email=email)["id"] == 1
        assert backend(api, "/api/advertiser/check/", email="nobody@example.com").status == 404
        assert backend(api, "/api/user/check/", email="nobody@example.com").status == 404

    def test_shares_add_up_to_a_hundred(self, api: Client):
        """
        Sex, age and preference are each a whole.
        """
        for name in ("sex", "age", "preferences"):
            assert sum(stats(api, f"users/stats/{name}").values()) == 100

    def test_a_submitted_network_waits_for_approval_once(self, api: Client):
        """
        One more approval to give, however often the same account is handed in.
        """
        before = stats(api, "general/stats/pending")["pending_approvals"]
        for _ in range(2):
            answer = app(
                api,
                "/api/action/network/approval/",
                network_type="tiktok",
                network_id="dana",
                network_url="https://tiktok.example.com/dana",
            )
            assert answer.status == 200
        assert stats(api, "general/stats/pending")["pending_approvals"] == before + 1


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "form", "title"),
        [
            ("/api/get/leaderboard/", {"campaign_id": 9999}, "Campaign not found"),
            ("/api/get/campaign/", {"id": 9999}, "Campaign not found"),
            ("/api/get/tasks/", {"campaign_id": 9999}, "Campaign not found"),
            ("/api/action/campaign/join/", {"campaign_id": 9999}, "Campaign not found"),
            (
                "/api/action/task/complete/",
                {"task_id": 9999, "post_url": "https://example.com/p"},
                "Task not found",
            ),
            ("/api/action/task/leave/", {"task_id": 9999}, "Task not found"),
            ("/api/advertiser/stats/financial/", {"advertiser_id": 9999}, "Advertiser not found"),
            ("/api/advertiser/maximum-limit/", {"advertiser_id": 9999}, "Advertiser not found"),
            ("/api/advertiser/invoices/", {"advertiser_id": 9999}, "Advertiser not found"),
            ("/api/campaign/stats/networks/", {"campaign_id": 9999}, "Campaign not found"),
            ("/api/campaign/stats/costs/", {"campaign_id": 9999}, "Campaign not found"),
            (
                "/api/campaign/settings/",
                {"campaign_id": 9999, "settings[post_rate]": 1},
                "Campaign not found",
            ),
            ("/api/campaign/status/", {"campaign_id": 9999, "status": "active"}, "Campaign not found"),
            ("/api/campaign/pre-register/", {"campaign_id": 9999}, "Campaign not found"),
            ("/api/campaign/post-register/", {"campaign_id": 9999}, "Campaign not found"),
            ("/api/user/status/ban/", {"user_id": 9999, "banned": "true"}, "User not found"),
            ("/api/user/notification/", {"user_id": 9999, "message": "Hello"}, "User not found"),
            ("/api/user/force-logout/", {"user_id": 9999}, "User not found"),
            ("/api/general/tools/user-ban/", {"user_id": 9999, "banned": "true"}, "User not found"),
            ("/api/task/status/", {"task_id": 9999}, "Task not found"),
            ("/api/task/payments/", {"task_id": 9999}, "Task not found"),
            ("/api/task/actions/", {"task_id": 9999, "action": "approve"}, "Task not found"),
            ("/api/task/custom/", {"campaign_id": 9999, "title": "None"}, "Campaign not found"),
        ],
    )
    def test_unknown_ids(self, api: Client, path: str, form: dict[str, Any], title: str):
        """
        A call about one thing is 404 when there is no such thing, and says what was missing.
        """
        answer = api.post(path, form=form, headers=credentials(path))
        assert (answer.status, answer.json()["title"]) == (404, title)

    @pytest.mark.parametrize(
        ("path", "form", "pointer"),
        [
            ("/api/get/leaderboard/", {}, "/campaign_id"),
            ("/api/get/leaderboard/", {"campaign_id": "summer"}, "/campaign_id"),
            ("/api/tasks/", {"status": "asleep"}, "/status/0"),
            ("/api/publishers/stats/activity/", {"date_from": "2024-13-01"}, "/date_from"),
            ("/api/user/check/", {"email": "nobody"}, "/email"),
            ("/api/user/status/ban/", {"user_id": 456}, "/banned"),
            ("/api/general/tools/exchange/", {"from": "USD", "to": "EUR", "amount": -1}, "/amount"),
        ],
    )
    def test_malformed_input_is_named(self, api: Client, path: str, form: dict[str, Any], pointer: str):
        """
        400, with the place of what is wrong.
        """
        answer = api.post(path, form=form, headers=credentials(path))
        assert answer.status == 400, answer
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert pointer in [one["pointer"] for one in answer.json()["errors"]]

    def test_every_violation_names_its_rule(self, api: Client):
        """
        No refusal is printed, so it is a problem+json: all that is wrong, expected, found, and who says so.
        """
        answer = api.post("/api/task/custom/", json={"campaign_id": "summer", "description": 5})
        assert answer.status == 400
        errors = {one["pointer"]: one for one in answer.json()["errors"]}
        assert set(errors) == {"/campaign_id", "/title", "/description"}
        assert (errors["/campaign_id"]["expected"], errors["/campaign_id"]["found"]) == ("integer", "summer")
        contract = Path(errors["/title"]["spec"]["file"])
        assert (contract.parent.name, contract.name) == ("taglife", "openapi.yaml")
        for error in errors.values():
            line = contract.read_text("utf-8").splitlines()[error["spec"]["line"] - 1]
            assert error["spec"]["pointer"].rpartition("/")[2] in line

    def test_bodies_are_optional_where_nothing_is_needed(self, api: Client):
        """
        Statistics and lists are asked for without a body, with an empty form or with an empty object.
        """
        for path in ("/api/campaigns/", "/api/campaigns/stats/status/", "/api/general/lists/locations/"):
            answers = [api.post(path), api.post(path, json={}), api.post(path, form={})]
            assert [answer.status for answer in answers] == [200, 200, 200]
            assert len({answer.body for answer in answers}) == 1


def test_reads_repeat_byte_for_byte(api: Client):
    """
    A read changes nothing: the same bytes twice, and again after a reset.
    """
    for path, headers in (("/api/tasks/", {}), ("/api/campaigns/", {}), ("/api/get/campaigns/", APP)):
        one, two = (api.post(path, headers=dict(headers)).body for _ in range(2))
        api.reset()
        assert one == two == api.post(path, headers=dict(headers)).body
