"""telegram-campaigns over HTTP: what the document prints, and what it says in prose or by its figures."""

from __future__ import annotations

from typing import Any

import pytest

API = "telegram-campaigns"
BASE = "/api/v1/campaigns"
NOW = "2024-06-20T16:20:13Z"

SUMMARY: dict[str, Any] = {
    "id": "camp123",
    "name": "Summer Sale Campaign",
    "description": "Promotional campaign for summer products",
    "type": "message",
    "status": "active",
    "goals": {"targetAudience": 10000, "conversionRate": 5, "revenue": 50000},
    "targetAudience": {"segments": ["seg123", "seg456"], "totalCount": 8500},
    "strategy": {
        "messaging": "Focus on discount offers",
        "timing": "Send during peak hours",
        "channels": ["telegram"],
    },
    "budget": 5000,
    "startDate": "2024-06-01T00:00:00Z",
    "endDate": "2024-08-31T23:59:59Z",
    "statistics": {
        "totalTasks": 100,
        "completedTasks": 45,
        "failedTasks": 2,
        "messagesSent": 4500,
        "conversionsAchieved": 225,
        "totalCost": 2250,
    },
    "createdBy": "user123",
    "createdAt": "2024-05-15T10:00:00Z",
    "updatedAt": "2024-06-15T14:30:00Z",
}
DETAIL: dict[str, Any] = {
    "id": "camp123",
    "name": "Summer Sale Campaign",
    "description": "Promotional campaign for summer products",
    "type": "message",
    "status": "active",
    "goals": {"targetAudience": 10000, "conversionRate": 5, "revenue": 50000},
    "targetAudience": {
        "segments": ["seg123", "seg456"],
        "filters": {"location": ["US", "CA"], "ageRange": [18, 45], "interests": ["shopping", "fashion"]},
        "totalCount": 8500,
    },
    "messages": [
        {
            "id": "msg123",
            "templateId": "tmpl123",
            "content": "🌞 Summer Sale! Get 30% off on all items!",
            "variations": [{"id": "var1", "content": "☀️ Hot Summer Deals! Save 30% today!", "weight": 50}],
        }
    ],
    "workflow": {"id": "wf123", "name": "Summer Sale Workflow", "triggers": ["manual", "scheduled"]},
    "abTests": [{"id": "ab123", "name": "Message Variation Test", "status": "running"}],
    "createdAt": "2024-05-15T10:00:00Z",
    "updatedAt": "2024-06-15T14:30:00Z",
}
NEW: dict[str, Any] = {
    "name": "Black Friday Campaign",
    "description": "Massive discounts for Black Friday",
    "type": "message",
    "goals": {"targetAudience": 20000, "conversionRate": 10, "revenue": 100000},
    "targetAudience": {"segments": ["seg789"], "filters": {"location": ["US"], "purchaseHistory": True}},
    "messages": [
        {
            "templateId": "tmpl456",
            "personalization": {"enabled": True, "fields": ["firstName", "lastPurchase"]},
        }
    ],
    "budget": 10000,
    "startDate": "2024-11-24T00:00:00Z",
    "endDate": "2024-11-30T23:59:59Z",
}
UPDATE = {
    "name": "Updated Campaign Name",
    "description": "Updated description",
    "goals": {"targetAudience": 25000, "conversionRate": 12},
    "status": "active",
}
EXECUTION = {
    "testMode": False,
    "targetPercentage": 100,
    "priority": "high",
    "scheduledAt": "2024-11-24T10:00:00Z",
}
OVERVIEW = {
    "messagesSent": 8500,
    "delivered": 8200,
    "read": 6500,
    "clicked": 1200,
    "converted": 425,
    "revenue": 42500,
}
RATES = {"deliveryRate": 96.5, "readRate": 76.5, "clickRate": 14.1, "conversionRate": 5.0}
FIRST_DAY = {"date": "2024-06-01", "sent": 1000, "delivered": 960, "conversions": 48}
RATE_OF = {
    "deliveryRate": "delivered",
    "readRate": "read",
    "clickRate": "clicked",
    "conversionRate": "converted",
}
STATUSES = ("draft", "active", "paused", "completed", "cancelled")
TYPES = ("message", "invitation", "data_collection", "engagement", "custom")
SORTABLE = (
    "id",
    "name",
    "description",
    "type",
    "status",
    "budget",
    "startDate",
    "endDate",
    "createdBy",
    "createdAt",
    "updatedAt",
    "goals.targetAudience",
    "goals.conversionRate",
    "goals.revenue",
    "targetAudience.totalCount",
    "strategy.messaging",
    "strategy.timing",
    "statistics.totalTasks",
    "statistics.completedTasks",
    "statistics.failedTasks",
    "statistics.messagesSent",
    "statistics.conversionsAchieved",
    "statistics.totalCost",
)


def data(answer: Any, status: int = 200) -> Any:
    """The `data` of a good answer."""
    assert answer.status == status, answer
    said = answer.json()
    assert said["success"] is True
    assert set(said) == {"success", "data"}
    return said["data"]


def refusal(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    said = answer.json()
    assert said["success"] is False
    assert said["error"]["message"]
    return answer.status, said["error"]["code"]


def everything(api: Any, query: str = "") -> list[dict[str, Any]]:
    """All campaigns, on one page."""
    return list(data(api.get(f"{BASE}?limit=100{query}"))["campaigns"])


def read(api: Any, campaign: str) -> dict[str, Any]:
    """The detail."""
    return dict(data(api.get(f"{BASE}/{campaign}")))


def create(api: Any, **fields: Any) -> str:
    """A new draft; its id."""
    return str(data(api.post(BASE, json={"name": "Test", "type": "message", **fields}), 201)["id"])


def progress(api: Any, campaign: str) -> dict[str, Any]:
    """The progress, whose parts always add up."""
    found = dict(data(api.get(f"{BASE}/{campaign}/progress")))
    parts = found["progress"]
    assert parts["processed"] == parts["successful"] + parts["failed"] <= parts["total"]
    assert sum(error["count"] for error in found["errors"]) <= parts["failed"]
    return found


def statistics(api: Any, campaign: str, query: str = "") -> dict[str, Any]:
    """The statistics, whose rates are always the quotients of the figures beside them."""
    found = dict(data(api.get(f"{BASE}/{campaign}/statistics{query}")))
    figures, rates = found.get("overview", {}), found.get("performance", {})
    for rate, figure in RATE_OF.items():
        if rate in rates and figure in figures and "messagesSent" in figures:
            sent = figures["messagesSent"]
            assert rates[rate] == pytest.approx(figures[figure] / sent * 100 if sent else 0, abs=0.0501)
    return found


@pytest.fixture
def mock(in_process: Any) -> Any:
    """The application in this process, whose clock a test can move."""
    return in_process(API)


def let_pass(mock: Any, seconds: float) -> None:
    """Move the clock of the world."""
    mock.app.host.worlds[API].clock.advance(seconds)


class TestPrinted:
    def test_list(self, api: Any) -> None:
        """The printed campaign comes first, field for field, of 45 on 3 pages."""
        found = data(api.get(BASE))
        assert found["campaigns"][0] == SUMMARY
        assert found["pagination"] == {"page": 1, "limit": 20, "total": 45, "pages": 3}

    def test_curl(self, api: Any) -> None:
        """The printed curl call: ten active campaigns."""
        found = data(api.get(f"{BASE}?status=active&limit=10"))
        assert len(found["campaigns"]) == 10
        assert {campaign["status"] for campaign in found["campaigns"]} == {"active"}
        assert found["campaigns"][0] == SUMMARY

    def test_get(self, api: Any) -> None:
        """The printed detail comes back field for field, and nothing besides."""
        assert read(api, "camp123") == DETAIL

    def test_create(self, api: Any) -> None:
        """The printed request is answered as printed, and what was sent can be read back."""
        answer = api.post(BASE, json=NEW)
        assert data(answer, 201) == {
            "id": "camp456",
            "name": "Black Friday Campaign",
            "status": "draft",
            "message": "Campaign created successfully",
        }
        detail = read(api, "camp456")
        for field in ("name", "description", "type", "goals"):
            assert detail[field] == NEW[field]
        assert detail["targetAudience"]["filters"] == NEW["targetAudience"]["filters"]
        assert [{**message, "id": ""} for message in detail["messages"]] == [{**NEW["messages"][0], "id": ""}]
        listed = next(one for one in everything(api) if one["id"] == "camp456")
        assert {field: listed[field] for field in ("budget", "startDate", "endDate")} == {
            field: NEW[field] for field in ("budget", "startDate", "endDate")
        }

    def test_create_twice(self, api: Any) -> None:
        """The printed id is given once; the second campaign of that name has its own."""
        first, second = (data(api.post(BASE, json=NEW), 201)["id"] for _ in range(2))
        assert first == "camp456" != second

    def test_update(self, api: Any) -> None:
        """The printed request works, and keeps what it does not name, inside `goals` too."""
        changed = data(api.put(f"{BASE}/camp123", json=UPDATE))
        assert changed["message"]
        detail = read(api, "camp123")
        assert (detail["name"], detail["description"], detail["status"]) == (
            "Updated Campaign Name",
            "Updated description",
            "active",
        )
        assert detail["goals"] == {"targetAudience": 25000, "conversionRate": 12, "revenue": 50000}
        for field in ("type", "targetAudience", "messages", "workflow", "abTests", "createdAt"):
            assert detail[field] == DETAIL[field]
        assert detail["updatedAt"] > str(DETAIL["updatedAt"])

    def test_delete(self, api: Any) -> None:
        """A draft goes, with the printed words, and is then unknown."""
        assert data(api.delete(f"{BASE}/camp456")) == {"message": "Campaign deleted successfully"}
        assert refusal(api.get(f"{BASE}/camp456")) == (404, "CAMPAIGN_NOT_FOUND")
        assert len(everything(api)) == 44

    @pytest.mark.parametrize("campaign", ["camp456", "camp123"])
    def test_execute(self, api: Any, campaign: str) -> None:
        """The printed request is answered as printed, for a draft and for the printed campaign."""
        assert data(api.post(f"{BASE}/{campaign}/execute", json=EXECUTION)) == {
            "executionId": "exec123",
            "status": "started",
            "estimatedCompletion": "2024-11-24T12:00:00Z",
            "message": "Campaign execution started",
        }
        assert read(api, campaign)["status"] == "active"

    def test_pause_and_resume(self, api: Any) -> None:
        """The printed campaign is paused and resumed, with the printed words and times."""
        assert data(api.post(f"{BASE}/camp123/pause")) == {
            "status": "paused",
            "message": "Campaign paused successfully",
            "pausedAt": "2024-06-20T15:30:00Z",
        }
        assert read(api, "camp123")["status"] == "paused"
        assert data(api.post(f"{BASE}/camp123/resume")) == {
            "status": "active",
            "message": "Campaign resumed successfully",
            "resumedAt": "2024-06-21T09:00:00Z",
        }
        assert read(api, "camp123")["status"] == "active"

    def test_clone(self, api: Any) -> None:
        """Without a body the printed answer: a draft called like the original, and "(Copy)"."""
        assert data(api.post(f"{BASE}/camp123/clone"), 201) == {
            "id": "camp789",
            "name": "Summer Sale Campaign (Copy)",
            "status": "draft",
            "message": "Campaign cloned successfully",
        }

    def test_clone_named(self, api: Any) -> None:
        """The printed request names the copy; that name is given (telegram-campaigns-17)."""
        body = {"name": "Cloned Campaign Name", "resetStatistics": True}
        assert data(api.post(f"{BASE}/camp123/clone", json=body), 201) == {
            "id": "camp789",
            "name": "Cloned Campaign Name",
            "status": "draft",
            "message": "Campaign cloned successfully",
        }

    def test_statistics(self, api: Any) -> None:
        """The printed statistics, as they are."""
        assert statistics(api, "camp123") == {
            "overview": OVERVIEW,
            "performance": RATES,
            "timeline": [FIRST_DAY],
            "segments": [
                {
                    "segmentId": "seg123",
                    "name": "Premium Users",
                    "performance": {"sent": 2000, "conversionRate": 8.5},
                }
            ],
        }

    def test_progress(self, api: Any) -> None:
        """The printed progress, as it is in the first minute of the world."""
        assert progress(api, "camp123") == {
            "status": "running",
            "progress": {
                "percentage": 65,
                "processed": 5525,
                "total": 8500,
                "successful": 5300,
                "failed": 225,
            },
            "currentRate": 120,
            "estimatedCompletion": "2024-06-20T16:45:00Z",
            "errors": [{"code": "USER_BLOCKED", "count": 150, "message": "User has blocked the bot"}],
        }


class TestSecurity:
    @pytest.mark.parametrize("authorization", [None, "Bearer ", "Basic dXNlcjpwYXNz"])
    def test_bearer_is_needed(self, api: Any, authorization: str | None) -> None:
        """Without a bearer token every operation answers 401, also for campaigns that do not exist."""
        headers = {"Authorization": authorization}
        for answer in (
            api.get(BASE, headers=headers),
            api.delete(f"{BASE}/camp123", headers=headers),
            api.post(f"{BASE}/nobody/pause", headers=headers),
        ):
            assert refusal(answer) == (401, "UNAUTHORIZED")
            assert "Bearer" in answer.headers["WWW-Authenticate"]


class TestUnknown:
    def test_every_operation(self, api: Any) -> None:
        """A campaign that does not exist is unknown to every operation."""
        at = f"{BASE}/nobody"
        answers = [
            api.get(at),
            api.put(at, json=UPDATE),
            api.delete(at),
            api.post(f"{at}/execute"),
            api.post(f"{at}/pause"),
            api.post(f"{at}/resume"),
            api.post(f"{at}/clone"),
            api.get(f"{at}/statistics"),
            api.get(f"{at}/progress"),
        ]
        assert {refusal(answer) for answer in answers} == {(404, "CAMPAIGN_NOT_FOUND")}


class TestList:
    def test_pages_cover_and_do_not_overlap(self, api: Any) -> None:
        """All pages together are all campaigns, each once; the page behind the last is empty."""
        seen: list[str] = []
        for page in range(1, 8):
            found = data(api.get(f"{BASE}?limit=7&page={page}"))
            assert found["pagination"] == {"page": page, "limit": 7, "total": 45, "pages": 7}
            seen += [campaign["id"] for campaign in found["campaigns"]]
        assert len(seen) == len(set(seen)) == 45
        assert seen == [campaign["id"] for campaign in everything(api)]
        assert data(api.get(f"{BASE}?limit=7&page=8"))["campaigns"] == []

    @pytest.mark.parametrize("status", STATUSES)
    def test_status(self, api: Any, status: str) -> None:
        """Each status is in the world, and filtering by it gives those that have it."""
        wanted = [one["id"] for one in everything(api) if one["status"] == status]
        assert wanted
        assert [one["id"] for one in everything(api, f"&status={status}")] == wanted

    @pytest.mark.parametrize("kind", TYPES)
    def test_type(self, api: Any, kind: str) -> None:
        """Each type is in the world, and filtering by it gives those that have it."""
        wanted = [one["id"] for one in everything(api) if one["type"] == kind]
        assert wanted
        assert [one["id"] for one in everything(api, f"&type={kind}")] == wanted

    def test_filters_narrow_together(self, api: Any) -> None:
        """Status, type and search hold at once, and `pagination` counts what was found."""
        found = data(api.get(f"{BASE}?status=draft&type=message&search=summer"))
        assert [one["id"] for one in found["campaigns"]] == ["camp789"]
        assert found["pagination"] == {"page": 1, "limit": 20, "total": 1, "pages": 1}

    def test_nothing_found(self, api: Any) -> None:
        """Nothing found is an empty list on no page."""
        found = data(api.get(f"{BASE}?search=no-such-words"))
        assert found == {"campaigns": [], "pagination": {"page": 1, "limit": 20, "total": 0, "pages": 0}}

    @pytest.mark.parametrize("words", ["summer sale", "SUMMER%20SALE", "promotional"])
    def test_search(self, api: Any, words: str) -> None:
        """Search looks into name and description, in any case."""
        found = [one["id"] for one in everything(api, f"&search={words.replace(' ', '%20')}")]
        assert "camp123" in found
        assert len(found) < 45

    @pytest.mark.parametrize("field", SORTABLE)
    def test_sort(self, api: Any, field: str) -> None:
        """Every field sorts upwards, and downwards with a minus; what has no value comes first upwards."""

        def value(campaign: dict[str, Any]) -> Any:
            found: Any = campaign
            for name in field.split("."):
                found = found[name]
            return found

        up = [value(one) for one in everything(api, f"&sort={field}")]
        down = [value(one) for one in everything(api, f"&sort=-{field}")]
        given = [one for one in up if one is not None]
        assert given == sorted(given)
        assert up[: len(up) - len(given)] == [None] * (len(up) - len(given))
        assert down == up[::-1]

    def test_newest_first(self, api: Any) -> None:
        """Without `sort` the newest come first."""
        made = create(api)
        times = [one["createdAt"] for one in everything(api)]
        assert times == sorted(times, reverse=True)
        assert everything(api)[0]["id"] == made

    @pytest.mark.parametrize(
        "query",
        [
            "limit=101",
            "limit=0",
            "page=0",
            "page=x",
            "status=running",
            "type=spam",
            "sort=nonsense",
            "sort=--name",
        ],
    )
    def test_malformed(self, api: Any, query: str) -> None:
        """What the table of parameters does not allow is refused, and says which parameter it was."""
        answer = api.get(f"{BASE}?{query}")
        assert refusal(answer) == (400, "VALIDATION_ERROR")
        assert answer.json()["error"]["details"][0]["pointer"] == query.split("=")[0]

    def test_items_equal_their_details(self, api: Any) -> None:
        """What list and detail both show of a campaign is the same."""
        for summary in everything(api):
            detail = read(api, summary["id"])
            for field in set(summary) & set(detail) - {"targetAudience"}:
                assert detail[field] == summary[field]
            assert detail["targetAudience"]["totalCount"] == summary["targetAudience"]["totalCount"]

    def test_the_world_makes_sense(self, api: Any) -> None:
        """Nothing ends before it starts or is changed before it is made; drafts have sent nothing."""
        for one in everything(api):
            assert one["createdAt"] <= one["updatedAt"] <= NOW
            assert one["startDate"] is None or one["endDate"] is None or one["startDate"] < one["endDate"]
            done = one["statistics"]
            assert done["completedTasks"] + done["failedTasks"] <= done["totalTasks"]
            assert done["conversionsAchieved"] <= done["messagesSent"]
            assert done["totalCost"] == done["messagesSent"] * 0.5
            if one["status"] == "draft":
                assert done["messagesSent"] == done["totalTasks"] == 0


class TestCreate:
    def test_name_and_type_are_enough(self, api: Any) -> None:
        """What was left out is empty, and a campaign without segments speaks to everybody."""
        detail = read(api, create(api, type="custom"))
        assert (detail["status"], detail["type"], detail["description"]) == ("draft", "custom", "")
        assert detail["goals"] == {"targetAudience": 0, "conversionRate": 0, "revenue": 0}
        assert detail["targetAudience"] == {"segments": [], "filters": {}, "totalCount": 48000}
        assert (detail["messages"], detail["workflow"], detail["abTests"]) == ([], None, [])

    def test_goals_may_be_given_in_part(self, api: Any) -> None:
        """A goal that was not set is 0."""
        assert read(api, create(api, goals={"revenue": 10}))["goals"] == {
            "targetAudience": 0,
            "conversionRate": 0,
            "revenue": 10,
        }

    def test_audience_is_counted(self, api: Any) -> None:
        """The segments of the printed campaign have its printed size together."""
        campaign = create(api, targetAudience={"segments": ["seg123", "seg456"]})
        assert read(api, campaign)["targetAudience"]["totalCount"] == 8500

    def test_client_cannot_choose_what_is_the_servers(self, api: Any) -> None:
        """A status, an id or statistics that are sent along are not taken over."""
        campaign = create(api, id="mine", status="completed", statistics={"messagesSent": 5}, createdBy="me")
        assert campaign != "mine"
        listed = next(one for one in everything(api) if one["id"] == campaign)
        assert (listed["status"], listed["createdBy"]) == ("draft", "user123")
        assert listed["statistics"]["messagesSent"] == 0

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": "x"},
            {"type": "message"},
            {"name": "", "type": "message"},
            {"name": "x", "type": "spam"},
            {"name": 5, "type": "message"},
            {"name": "x", "type": "message", "budget": -1},
            {"name": "x", "type": "message", "startDate": "tomorrow"},
            {"name": "x", "type": "message", "goals": {"conversionRate": 101}},
        ],
    )
    def test_malformed(self, api: Any, body: dict[str, Any]) -> None:
        """What is missing or of the wrong kind is refused, and nothing is created."""
        assert refusal(api.post(BASE, json=body)) == (400, "VALIDATION_ERROR")
        assert len(everything(api)) == 45


class TestUpdate:
    def test_other_campaigns_stay(self, api: Any) -> None:
        """An update changes the campaign that it names."""
        before = {one["id"]: one for one in everything(api)}
        data(api.put(f"{BASE}/camp456", json={"name": "New"}))
        after = {one["id"]: one for one in everything(api)}
        assert [name for name in before if before[name] != after[name]] == ["camp456"]

    def test_budget_and_dates_show_in_the_list(self, api: Any) -> None:
        """What the detail does not show is changed as well."""
        wanted = {"budget": 1, "startDate": "2024-12-01T00:00:00Z", "endDate": None}
        data(api.put(f"{BASE}/camp456", json=wanted))
        listed = next(one for one in everything(api) if one["id"] == "camp456")
        assert {field: listed[field] for field in wanted} == wanted

    def test_messages_and_audience(self, api: Any) -> None:
        """Lists are replaced, the audience is merged and counted again."""
        audience = {"segments": ["seg123"]}
        body = {"messages": [{"content": "Hi"}, {"content": "Ho"}], "targetAudience": audience}
        changed = data(api.put(f"{BASE}/camp123", json=body))
        assert [message["content"] for message in changed["messages"]] == ["Hi", "Ho"]
        assert changed["targetAudience"] == {**DETAIL["targetAudience"], **audience, "totalCount": 5000}

    @pytest.mark.parametrize("body", [{"status": "running"}, {"name": ""}, {"budget": "much"}])
    def test_malformed(self, api: Any, body: dict[str, Any]) -> None:
        """A status that does not exist, or a value of the wrong kind, is refused and changes nothing."""
        assert refusal(api.put(f"{BASE}/camp123", json=body)) == (400, "VALIDATION_ERROR")
        assert read(api, "camp123") == DETAIL


class TestDelete:
    @pytest.mark.parametrize("status", STATUSES)
    def test_only_draft_or_cancelled(self, api: Any, status: str) -> None:
        """Drafts and cancelled campaigns go; all others stay as they are."""
        for campaign in everything(api, f"&status={status}"):
            answer = api.delete(f"{BASE}/{campaign['id']}")
            if status in ("draft", "cancelled"):
                assert data(answer)["message"] == "Campaign deleted successfully"
                assert api.get(f"{BASE}/{campaign['id']}").status == 404
            else:
                assert refusal(answer) == (409, "CAMPAIGN_NOT_DELETABLE")
                assert read(api, campaign["id"])["status"] == status

    def test_cancelled_by_an_update(self, api: Any) -> None:
        """An active campaign can be deleted once it was cancelled."""
        data(api.put(f"{BASE}/camp123", json={"status": "cancelled"}))
        data(api.delete(f"{BASE}/camp123"))
        assert refusal(api.get(f"{BASE}/camp123/progress")) == (404, "CAMPAIGN_NOT_FOUND")


class TestPauseAndResume:
    @pytest.mark.parametrize("status", STATUSES)
    def test_only_where_it_fits(self, api: Any, status: str) -> None:
        """Only active campaigns can be paused, only paused ones resumed."""
        campaign = everything(api, f"&status={status}")[-1]["id"]
        pause = api.post(f"{BASE}/{campaign}/pause")
        if status == "active":
            data(pause)
            data(api.post(f"{BASE}/{campaign}/resume"))
            assert read(api, campaign)["status"] == "active"
            return
        assert refusal(pause) == (409, "CAMPAIGN_NOT_ACTIVE")
        resume = api.post(f"{BASE}/{campaign}/resume")
        if status == "paused":
            assert data(resume)["status"] == "active"
        else:
            assert refusal(resume) == (409, "CAMPAIGN_NOT_PAUSED")
            assert read(api, campaign)["status"] == status

    def test_twice(self, api: Any) -> None:
        """A paused campaign is not paused again."""
        data(api.post(f"{BASE}/camp123/pause"))
        assert refusal(api.post(f"{BASE}/camp123/pause")) == (409, "CAMPAIGN_NOT_ACTIVE")

    def test_progress_halts(self, mock: Any) -> None:
        """In a pause no time counts; afterwards the run goes on from where it was."""
        let_pass(mock, 600)
        before = progress(mock, "camp123")["progress"]
        assert before["processed"] == 5525 + 1200
        data(mock.post(f"{BASE}/camp123/pause"))
        let_pass(mock, 7200)
        halted = progress(mock, "camp123")
        assert halted["progress"] == before
        assert (halted["status"], halted["currentRate"], halted["estimatedCompletion"]) == ("paused", 0, None)
        data(mock.post(f"{BASE}/camp123/resume"))
        let_pass(mock, 60)
        again = progress(mock, "camp123")
        assert again["status"] == "running"
        assert again["progress"]["processed"] == pytest.approx(before["processed"] + 120, abs=4)


class TestExecute:
    @pytest.mark.parametrize("status", STATUSES)
    def test_only_where_it_fits(self, api: Any, status: str) -> None:
        """Drafts and active campaigns can be executed; a paused one is resumed, and the rest is over."""
        campaign = next(one["id"] for one in everything(api, f"&status={status}") if one["id"] != "camp123")
        answer = api.post(f"{BASE}/{campaign}/execute")
        if status in ("draft", "active"):
            assert data(answer)["status"] == "started"
            assert read(api, campaign)["status"] == "active"
        else:
            assert refusal(answer) == (409, "CAMPAIGN_NOT_EXECUTABLE")
            assert read(api, campaign)["status"] == status

    def test_runs_to_its_end(self, mock: Any) -> None:
        """Nothing at first, half after half the time, all at the end, and then the campaign is completed."""
        begun = data(mock.post(f"{BASE}/camp456/execute", json={"priority": "high"}))
        assert begun["estimatedCompletion"] == "2024-06-20T18:20:13Z"
        first = progress(mock, "camp456")
        assert (first["status"], first["progress"]["total"], first["currentRate"]) == ("running", 14400, 120)
        assert first["progress"]["processed"] < 100
        let_pass(mock, 3600)
        half = progress(mock, "camp456")["progress"]
        assert half["percentage"] == 50
        assert half["processed"] == pytest.approx(7200, abs=10)
        let_pass(mock, 3600)
        last = progress(mock, "camp456")
        assert (last["status"], last["currentRate"]) == ("completed", 0)
        assert (last["progress"]["percentage"], last["progress"]["processed"]) == (100, 14400)
        assert read(mock, "camp456")["status"] == "completed"

    def test_progress_advances_by_itself(self, mock: Any) -> None:
        """What was processed never goes down while time passes."""
        data(mock.post(f"{BASE}/camp456/execute", json={"priority": "urgent"}))
        seen = []
        for _ in range(20):
            seen.append(progress(mock, "camp456")["progress"]["processed"])
            let_pass(mock, 240)
        assert seen == sorted(seen)
        assert len(set(seen)) > 10

    def test_statistics_follow_the_run(self, mock: Any) -> None:
        """A run that is through is in the statistics, by day and by segment, and in the list."""
        campaign = create(mock, targetAudience={"segments": ["seg205", "seg206"]})
        assert statistics(mock, campaign)["overview"]["messagesSent"] == 0
        data(mock.post(f"{BASE}/{campaign}/execute"))
        let_pass(mock, 5 * 3600)
        run = progress(mock, campaign)["progress"]
        found = statistics(mock, campaign)
        assert found["overview"]["messagesSent"] == run["processed"] == 1400
        assert found["overview"]["delivered"] == run["successful"]
        assert sum(day["sent"] for day in found["timeline"]) == 1400
        assert sum(day["conversions"] for day in found["timeline"]) == found["overview"]["converted"]
        assert [one["segmentId"] for one in found["segments"]] == ["seg205", "seg206"]
        assert sum(one["performance"]["sent"] for one in found["segments"]) == 1400
        listed = next(one for one in everything(mock) if one["id"] == campaign)["statistics"]
        assert listed["messagesSent"] == 1400
        assert listed["conversionsAchieved"] == found["overview"]["converted"]
        assert listed["totalTasks"] == listed["completedTasks"] == 14

    def test_a_strategy_can_be_sent(self, api: Any) -> None:
        """The list shows one, so a client sends one back: what is sent is kept, the rest stays."""
        campaign = create(api, strategy={"messaging": "Be brief"})
        listed = next(one for one in everything(api) if one["id"] == campaign)
        assert listed["strategy"] == {"messaging": "Be brief", "timing": "", "channels": ["telegram"]}
        data(api.put(f"{BASE}/{campaign}", json={"strategy": {"timing": "At noon"}}))
        listed = next(one for one in everything(api) if one["id"] == campaign)
        assert listed["strategy"] == {"messaging": "Be brief", "timing": "At noon", "channels": ["telegram"]}

    @pytest.mark.parametrize("bad", ["brief", None, {"messaging": 5}, {"channels": "telegram"}])
    def test_a_malformed_strategy_spoils_nothing(self, api: Any, bad: Any) -> None:
        """It was kept unseen, and the list was a 500 from then on."""
        new = {"name": "x", "type": "message", "strategy": bad}
        assert refusal(api.post(BASE, json=new)) == (400, "VALIDATION_ERROR")
        assert refusal(api.put(f"{BASE}/camp123", json={"strategy": bad})) == (400, "VALIDATION_ERROR")
        assert len(everything(api)) == 45

    def test_tasks_add_up(self, mock: Any) -> None:
        """A task that failed is made up for by another; once through, all are completed or failed."""
        data(mock.post(f"{BASE}/camp456/execute", json={"priority": "high"}))
        let_pass(mock, 2 * 3600 + 10)
        done = next(one for one in everything(mock) if one["id"] == "camp456")["statistics"]
        assert done["completedTasks"] == 144
        assert done["failedTasks"] > 0
        assert done["totalTasks"] == done["completedTasks"] + done["failedTasks"]

    def test_a_segment_of_ones_own(self, mock: Any) -> None:
        """A segment that the world has never heard of has people, too; in two seconds more are reached."""
        campaign = create(mock, targetAudience={"segments": ["my-segment"]})
        data(mock.post(f"{BASE}/{campaign}/execute"))
        before = progress(mock, campaign)["progress"]
        let_pass(mock, 2)
        assert progress(mock, campaign)["progress"]["processed"] > before["processed"]

    def test_part_of_the_audience(self, api: Any) -> None:
        """A quarter of the people in a quarter of the time."""
        begun = data(api.post(f"{BASE}/camp456/execute", json={"targetPercentage": 25, "priority": "high"}))
        assert begun["estimatedCompletion"] == "2024-06-20T16:50:13Z"
        assert progress(api, "camp456")["progress"]["total"] == 3600

    def test_priority(self, api: Any) -> None:
        """A higher priority ends sooner."""
        ends = []
        for priority in ("low", "normal", "high", "urgent"):
            campaign = create(api)
            begun = data(api.post(f"{BASE}/{campaign}/execute", json={"priority": priority}))
            ends.append(begun["estimatedCompletion"])
        assert ends == sorted(ends, reverse=True)
        assert len(set(ends)) == 4

    def test_schedule(self, mock: Any) -> None:
        """A run for later waits, and starts when its time has come."""
        body = {"scheduledAt": "2024-06-20T18:00:00Z", "priority": "high"}
        data(mock.post(f"{BASE}/camp456/execute", json=body))
        waiting = progress(mock, "camp456")
        assert (waiting["status"], waiting["progress"]["processed"]) == ("scheduled", 0)
        assert (waiting["currentRate"], waiting["estimatedCompletion"]) == (0, "2024-06-20T20:00:00Z")
        let_pass(mock, 2 * 3600)
        assert progress(mock, "camp456")["status"] == "running"
        let_pass(mock, 2 * 3600)
        assert progress(mock, "camp456")["status"] == "completed"

    def test_test_mode(self, mock: Any) -> None:
        """A test run reaches ten people and leaves the campaign and its statistics alone."""
        before = read(mock, "camp456")
        data(mock.post(f"{BASE}/camp456/execute", json={"testMode": True}))
        first = progress(mock, "camp456")
        assert (first["status"], first["progress"]["total"]) == ("running", 10)
        let_pass(mock, 3)
        assert progress(mock, "camp456")["status"] == "completed"
        assert read(mock, "camp456")["status"] == before["status"] == "draft"
        assert statistics(mock, "camp456")["overview"]["messagesSent"] == 0

    def test_nobody_to_speak_to(self, mock: Any) -> None:
        """A run without recipients fails, and the campaign is cancelled."""
        campaign = create(mock, targetAudience={"segments": ["seg210"]})
        data(mock.post(f"{BASE}/{campaign}/execute"))
        assert progress(mock, campaign)["status"] == "failed"
        assert read(mock, campaign)["status"] == "cancelled"

    def test_again(self, mock: Any) -> None:
        """A second run of an active campaign takes the place of the first."""
        data(mock.post(f"{BASE}/camp123/execute", json={"targetPercentage": 10}))
        assert progress(mock, "camp123")["progress"]["total"] == 850
        let_pass(mock, 5 * 3600)
        assert read(mock, "camp123")["status"] == "completed"

    @pytest.mark.parametrize(
        "body",
        [
            {"targetPercentage": 101},
            {"targetPercentage": -1},
            {"priority": "whenever"},
            {"scheduledAt": "soon"},
            {"testMode": "yes"},
        ],
    )
    def test_malformed(self, api: Any, body: dict[str, Any]) -> None:
        """What is out of bounds is refused, and nothing is started."""
        assert refusal(api.post(f"{BASE}/camp456/execute", json=body)) == (400, "VALIDATION_ERROR")
        assert read(api, "camp456")["status"] == "draft"

    def test_an_update_halts_the_run(self, mock: Any) -> None:
        """A campaign that is paused by an update halts like one that is paused by its operation."""
        data(mock.put(f"{BASE}/camp123", json={"status": "paused"}))
        assert progress(mock, "camp123")["status"] == "paused"
        data(mock.post(f"{BASE}/camp123/resume"))
        assert progress(mock, "camp123")["status"] == "running"

    def test_the_printed_progress_stands_a_while(self, mock: Any) -> None:
        """Who asks minutes after the start still reads what is printed; later the run has moved on."""
        printed = progress(mock, "camp123")
        let_pass(mock, 240)
        assert progress(mock, "camp123") == printed
        let_pass(mock, 120)
        assert progress(mock, "camp123")["progress"]["processed"] == 5525 + 600

    def test_the_printed_run_ends(self, mock: Any) -> None:
        """The printed run is through when it says, and completes its campaign."""
        let_pass(mock, 1500)
        assert progress(mock, "camp123")["progress"]["percentage"] == 100
        assert read(mock, "camp123")["status"] == "completed"


class TestClone:
    def test_copies_everything_but_its_life(self, api: Any) -> None:
        """The copy is a draft with the messages, goals, audience and workflow of the original."""
        made = data(api.post(f"{BASE}/camp103/clone"), 201)
        original, copy = read(api, "camp103"), read(api, made["id"])
        assert copy["name"] == f"{original['name']} (Copy)"
        assert (copy["status"], original["status"]) == ("draft", "active")
        for field in ("description", "type", "goals", "targetAudience", "workflow"):
            assert copy[field] == original[field]
        assert [message["content"] for message in copy["messages"]] == [
            message["content"] for message in original["messages"]
        ]
        assert not {message["id"] for message in copy["messages"]} & {m["id"] for m in original["messages"]}
        assert progress(api, made["id"])["status"] == "pending"

    def test_copy_is_deep(self, api: Any) -> None:
        """What happens to the copy does not happen to the original."""
        copy = data(api.post(f"{BASE}/camp123/clone"), 201)["id"]
        data(api.put(f"{BASE}/{copy}", json={"goals": {"revenue": 1}, "messages": [{"content": "x"}]}))
        assert read(api, "camp123") == DETAIL
        data(api.delete(f"{BASE}/{copy}"))
        assert read(api, "camp123") == DETAIL

    @pytest.mark.parametrize(
        ("body", "kept"),
        [(None, False), ({"resetStatistics": True}, False), ({"resetStatistics": False}, True)],
    )
    def test_statistics(self, api: Any, body: dict[str, Any] | None, kept: bool) -> None:
        """The copy starts from nothing, unless the statistics are to be kept."""
        options = {} if body is None else {"json": body}
        copy = data(api.post(f"{BASE}/camp103/clone", **options), 201)["id"]
        rows = {one["id"]: one["statistics"] for one in everything(api)}
        assert (rows[copy] == rows["camp103"]) is kept
        assert (rows[copy]["messagesSent"] == 0) is not kept
        assert (statistics(api, copy) == statistics(api, "camp103")) is kept
        assert statistics(api, copy)["overview"]["messagesSent"] == rows[copy]["messagesSent"]

    @pytest.mark.parametrize("body", [{"name": ""}, {"resetStatistics": "no"}])
    def test_malformed(self, api: Any, body: dict[str, Any]) -> None:
        """A nameless copy is refused."""
        assert refusal(api.post(f"{BASE}/camp123/clone", json=body)) == (400, "VALIDATION_ERROR")


class TestStatistics:
    def test_agree_everywhere(self, api: Any) -> None:
        """Of every campaign but the printed one, days, segments, overview and list say the same."""
        for one in everything(api):
            if one["id"] == "camp123":
                continue
            found = statistics(api, one["id"])
            figures = found["overview"]
            assert figures["messagesSent"] == one["statistics"]["messagesSent"]
            assert figures["converted"] == one["statistics"]["conversionsAchieved"]
            assert figures["messagesSent"] >= figures["delivered"] >= figures["read"] >= figures["clicked"]
            days, segments = found["timeline"], found["segments"]
            assert sum(day["sent"] for day in days) == figures["messagesSent"]
            assert sum(day["delivered"] for day in days) == figures["delivered"]
            assert sum(day["conversions"] for day in days) == figures["converted"]
            assert sum(segment["performance"]["sent"] for segment in segments) == figures["messagesSent"]

    def test_periods_nest(self, api: Any) -> None:
        """A longer period has at least what a shorter one has, and its days lie inside it."""
        sent = []
        begins = {"1h": "2024-06-20", "24h": "2024-06-19", "7d": "2024-06-13", "30d": "2024-05-21"}
        for period, first in begins.items():
            found = statistics(api, "camp123", f"?period={period}")
            sent.append(found["overview"]["messagesSent"])
            assert all(first <= day["date"] <= "2024-06-20" for day in found["timeline"])
            assert sum(day["sent"] for day in found["timeline"]) == sent[-1]
        assert sent == sorted(sent)
        assert 0 < sent[0] < sent[1] < sent[2] < sent[3] == OVERVIEW["messagesSent"]

    def test_all_is_the_default(self, api: Any) -> None:
        """Period and metrics are `all` when they are left out."""
        assert statistics(api, "camp103", "?period=all&metrics=all") == statistics(api, "camp103")

    @pytest.mark.parametrize(
        ("metrics", "shown"),
        [
            ("messagesSent", {"overview": {"messagesSent": 8500}}),
            ("delivered,clickRate", {"overview": {"delivered": 8200}, "performance": {"clickRate": 14.1}}),
            ("overview", {"overview": OVERVIEW}),
            ("overview,performance", {"overview": OVERVIEW, "performance": RATES}),
            ("timeline", {"timeline": [FIRST_DAY]}),
        ],
    )
    def test_metrics(self, api: Any, metrics: str, shown: dict[str, Any]) -> None:
        """Only what was chosen is shown: whole sections, or single figures of them."""
        assert statistics(api, "camp123", f"?metrics={metrics}") == shown

    @pytest.mark.parametrize("query", ["period=1y", "metrics=luck", "metrics=", "metrics=overview,luck"])
    def test_malformed(self, api: Any, query: str) -> None:
        """A period or a metric that does not exist is refused."""
        assert refusal(api.get(f"{BASE}/camp123/statistics?{query}")) == (400, "VALIDATION_ERROR")


class TestProgress:
    def test_of_every_campaign(self, api: Any) -> None:
        """Parts add up everywhere, and the word fits the campaign's status."""
        words = {
            "draft": {"pending"},
            "active": {"running", "scheduled"},
            "paused": {"paused"},
            "completed": {"completed"},
            "cancelled": {"pending"},
        }
        for one in everything(api):
            assert progress(api, one["id"])["status"] in words[one["status"]]

    def test_before_the_first_run(self, api: Any) -> None:
        """Without a run everything is 0."""
        assert progress(api, "camp456") == {
            "status": "pending",
            "progress": {"percentage": 0, "processed": 0, "total": 0, "successful": 0, "failed": 0},
            "currentRate": 0,
            "estimatedCompletion": None,
            "errors": [],
        }


class TestDeterminism:
    def test_fresh_servers_agree(self, serve: Any) -> None:
        """The same calls on two fresh servers give the same bytes."""

        def play(server: Any) -> list[bytes]:
            return [
                server.get(f"{BASE}?limit=100").body,
                server.get(f"{BASE}/camp123/statistics?period=7d").body,
                server.get(f"{BASE}/camp123/progress").body,
                server.post(BASE, json={"name": "x", "type": "custom", "messages": [{"content": "y"}]}).body,
                server.post(f"{BASE}/camp456/execute").body,
                server.get(f"{BASE}?search=x&sort=-updatedAt").body,
            ]

        assert play(serve(API)) == play(serve(API))
