"""tendsocial over HTTP: what the document prints, what it says in prose, and how it refuses."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

API = "tendsocial"

CAMPAIGNS = "/api/campaigns"
Q1 = "3f6b1c52-8e0d-4b7a-9c41-5d2e7f8a1b01"
FOUNDER_NOTES = "a84d20e7-51c6-4f39-b2d8-6c0e9f13a702"
PAUSED = "d21c9b64-07fa-4e85-8b13-94a6e0c5f703"
FIVE_PUBLISHED = "7be05f18-c3a2-4d96-a0f7-28d1b49c6e04"
NOBODYS = "00000000-0000-4000-8000-000000000404"
OTHER = {"Authorization": "Bearer other-token"}

PRINTED = {
    "name": "Q1 Product Launch",
    "brief": "Campaign description...",
    "goal": "Increase awareness",
    "type": "ONE_TIME",
    "status": "ACTIVE",
    "startsAt": "2025-01-01T00:00:00Z",
    "endsAt": "2025-03-31T00:00:00Z",
    "pausedAt": None,
    "resumedAt": None,
    "completedAt": None,
    "lastStatusChangedAt": "2025-01-01T00:00:00Z",
    "isArchived": False,
    "context": {
        "keyMessages": ["Message 1", "Message 2"],
        "targetAudience": "Tech professionals",
        "tone": "Professional",
        "channels": ["linkedin", "twitter"],
    },
    "createdAt": "2025-01-01T00:00:00Z",
    "updatedAt": "2025-01-15T00:00:00Z",
}
SPRING = {
    "name": "Spring Sale 2025",
    "brief": "Promotional campaign for spring collection",
    "goal": "Drive 20% increase in sales",
    "type": "ONE_TIME",
    "startsAt": "2025-03-01T00:00:00Z",
    "endsAt": "2025-03-31T00:00:00Z",
    "context": {
        "keyMessages": ["Limited time offer", "Free shipping"],
        "channels": ["instagram", "facebook"],
    },
}
THREE_KINDS = [
    {
        "type": "social",
        "platform": "linkedin",
        "content": "Post content...",
        "status": "DRAFT",
        "scheduledAt": None,
        "publishedAt": None,
        "createdAt": "2025-01-15T00:00:00Z",
    },
    {
        "type": "blog",
        "title": "Blog Post Title",
        "status": "SCHEDULED",
        "scheduledAt": "2025-01-20T10:00:00Z",
        "publishedAt": None,
        "createdAt": "2025-01-15T00:00:00Z",
    },
    {
        "type": "script",
        "platform": "youtube",
        "title": "Video Title",
        "status": "draft",
        "scheduledAt": None,
        "publishedAt": None,
        "createdAt": "2025-01-15T00:00:00Z",
    },
]
TOTALS = {
    "totalViews": 12500,
    "totalImpressions": 15000,
    "totalLikes": 450,
    "totalComments": 120,
    "totalShares": 50,
    "totalClicks": 300,
    "totalEngagement": 620,
    "engagementRate": 4.13,
    "contentCount": 12,
    "publishedCount": 8,
}
BRAND = {
    "keyMessages": ["Plan on one page", "Made to be repaired"],
    "targetAudience": "Small and growing teams",
    "tone": "Friendly and clear",
    "channels": ["linkedin", "instagram"],
}
LIFECYCLE = ("pausedAt", "resumedAt", "completedAt", "lastStatusChangedAt")
KINDS = {"social": "social_post", "blog": "blog_post", "script": "video_script"}


def listed(api: Any, query: str = "") -> dict[str, Any]:
    """A page of the list."""
    answer = api.get(f"{CAMPAIGNS}{query}")
    assert answer.status == 200, answer
    return dict(answer.json())


def everything(api: Any, query: str = "") -> list[dict[str, Any]]:
    """All campaigns that fit *query* ("&status=ACTIVE"), on one page."""
    page = listed(api, f"?limit=100{query}")
    assert page["total"] == len(page["items"])
    return list(page["items"])


def read(api: Any, campaign: str, part: str = "") -> Any:
    """A campaign, or a part of it."""
    answer = api.get(f"{CAMPAIGNS}/{campaign}{part}")
    assert answer.status == 200, answer
    return answer.json()


def create(api: Any, **fields: Any) -> dict[str, Any]:
    """A new campaign."""
    answer = api.post(CAMPAIGNS, json={"name": "New", **fields})
    assert answer.status == 201, answer
    return dict(answer.json())


def update(api: Any, campaign: str, **fields: Any) -> dict[str, Any]:
    """The campaign after an update."""
    answer = api.put(f"{CAMPAIGNS}/{campaign}", json=fields)
    assert answer.status == 200, answer
    return dict(answer.json())


def act(api: Any, campaign: str, verb: str, **fields: Any) -> Any:
    """What an action answers."""
    answer = api.post(f"{CAMPAIGNS}/{campaign}/{verb}", json=fields)
    assert answer.status in (200, 201), answer
    return answer.json()


def time(text: str) -> datetime:
    """A time of an answer."""
    return datetime.fromisoformat(text)


def published(items: list[dict[str, Any]]) -> int:
    """How many items are published."""
    return sum(item["status"].upper() == "PUBLISHED" for item in items)


def scheduled(api: Any, campaign: str) -> dict[str, datetime]:
    """When the scheduled content of a campaign is due, by id."""
    items = read(api, campaign, "/content")
    return {item["id"]: time(item["scheduledAt"]) for item in items if item["status"].upper() == "SCHEDULED"}


class TestPrinted:
    def test_list(self, api: Any) -> None:
        """The printed campaign stands first; 45 are there in all, twenty of them on a page."""
        page = listed(api)
        assert page["total"] == 45
        assert len(page["items"]) == 20
        first = page["items"][0]
        assert str(uuid.UUID(first.pop("id"))) == Q1
        assert first == PRINTED

    def test_create(self, api: Any) -> None:
        """The printed call makes a draft with all that was sent, and with audience and tone of the brand."""
        answer = api.post(CAMPAIGNS, json=SPRING)
        assert answer.status == 201
        made = answer.json()
        context = {**BRAND, **SPRING["context"]}  # type: ignore[dict-item]
        assert {name: made[name] for name in SPRING} == {**SPRING, "context": context}
        assert (made["status"], made["isArchived"]) == ("DRAFT", False)
        assert [made[name] for name in LIFECYCLE] == [None] * 4
        assert made["createdAt"] == made["updatedAt"]
        assert read(api, made["id"]) == made
        assert listed(api)["total"] == 46

    def test_get(self, api: Any) -> None:
        """A single campaign has the structure of a list's item, and is the same."""
        assert read(api, Q1) == {"id": Q1, **PRINTED} == listed(api)["items"][0]

    def test_unknown(self, api: Any) -> None:
        """The printed 404, word for word."""
        answer = api.get(f"{CAMPAIGNS}/{NOBODYS}")
        assert (answer.status, answer.json()) == (404, {"message": "Campaign not found"})

    def test_update(self, api: Any) -> None:
        """The printed update changes what it names, and what stands beside it in the context stays."""
        context = {"targetAudience": "Custom audience for this campaign"}
        after = update(api, Q1, name="Updated Name", status="ACTIVE", context=context)
        assert after["updatedAt"] > PRINTED["updatedAt"]  # type: ignore[operator]
        expected = {**PRINTED, "id": Q1, "name": "Updated Name", "updatedAt": after["updatedAt"]}
        assert after == {**expected, "context": {**PRINTED["context"], **context}}  # type: ignore[dict-item]

    def test_delete_with_published_content(self, api: Any) -> None:
        """The printed 409, with the printed count, and nothing is deleted."""
        answer = api.delete(f"{CAMPAIGNS}/{FIVE_PUBLISHED}")
        assert answer.status == 409
        assert answer.json() == {
            "error": "PUBLISHED_CONTENT_EXISTS",
            "message": "Cannot delete campaign with published content",
            "publishedCount": 5,
        }
        assert published(read(api, FIVE_PUBLISHED, "/content")) == 5

    def test_duplicate(self, api: Any) -> None:
        """The printed call makes a campaign of the printed name."""
        answer = api.post(f"{CAMPAIGNS}/{Q1}/duplicate", json={"name": "Copy of Spring Sale 2025"})
        assert (answer.status, answer.json()["name"]) == (201, "Copy of Spring Sale 2025")

    def test_find_and_replace(self, api: Any) -> None:
        """The printed call finds fifteen."""
        change = {"find": "Old Product Name", "replace": "New Product Name", "dryRun": False}
        assert act(api, Q1, "find-replace", **change) == {"count": 15, "dryRun": False}

    def test_resume(self, api: Any) -> None:
        """The printed call makes the campaign active until the printed end."""
        change = {
            "strategy": "shift_weekday",
            "endDateAction": "extend",
            "newEndDate": "2025-04-30T00:00:00Z",
        }
        after = act(api, PAUSED, "resume", **change)
        assert (after["status"], after["endsAt"]) == ("ACTIVE", "2025-04-30T00:00:00Z")
        assert after["resumedAt"] == after["lastStatusChangedAt"] > after["pausedAt"]

    def test_archive(self, api: Any) -> None:
        """The printed call archives."""
        assert act(api, Q1, "archive", archive=True)["isArchived"] is True

    def test_content(self, api: Any) -> None:
        """The printed list, field for field; where it prints `uuid` there is one."""
        items = read(api, FOUNDER_NOTES, "/content")
        assert all(uuid.UUID(item.pop("id")) for item in items)
        assert items == THREE_KINDS
        begins = read(api, Q1, "/content")[:3]
        assert [{name: item[name] for name in item if name != "id"} for item in begins] == THREE_KINDS

    def test_analytics(self, api: Any) -> None:
        """The printed totals; the printed rows come first."""
        found = read(api, Q1, "/analytics")
        assert {name: found[name] for name in TOTALS} == TOTALS
        row = {
            "platform": "linkedin",
            "views": 5000,
            "impressions": 6000,
            "engagement": 250,
            "contentCount": 3,
        }
        assert found["byPlatform"][0] == row
        kind = {"contentType": "social_post", "count": 5, "views": 8000, "engagement": 400}
        assert found["byContentType"][0] == kind

    def test_chat(self, api: Any) -> None:
        """The printed message gets the printed reply."""
        asked = {
            "message": "I want to launch a product awareness campaign",
            "history": [
                {"role": "user", "text": "Previous message..."},
                {"role": "assistant", "text": "AI response..."},
            ],
            "context": {"additionalContext": "Optional context data"},
        }
        answer = api.post(f"{CAMPAIGNS}/chat", json=asked)
        assert answer.status == 200
        reply = {"response": "Great! Let's plan your product awareness campaign...", "role": "assistant"}
        assert answer.json() == reply

    def test_generate_plan(self, api: Any) -> None:
        """The printed chat says what for, and nothing about audience, tone, channels or dates."""
        chat = [
            {"role": "user", "text": "I want to increase brand awareness..."},
            {"role": "assistant", "text": "Let's define your target audience..."},
        ]
        after = act(api, Q1, "generate-plan", chatHistory=chat)
        assert after["goal"] == "Increase brand awareness"
        assert after["brief"] == chat[0]["text"]
        for name in ("context", "startsAt", "endsAt", "status", "name"):
            assert after[name] == PRINTED[name]

    def test_generate_content(self, api: Any) -> None:
        """The printed message and counts, with as many ideas as it counts."""
        answer = api.post(f"{CAMPAIGNS}/{Q1}/generate-content")
        assert answer.status == 200
        made = answer.json()
        assert made["message"] == "Content generated and saved successfully"
        assert made["counts"] == {"social": 5, "blog": 2, "video": 1}
        assert {name: len(ideas) for name, ideas in made["ideas"].items()} == {
            "socialPosts": 5,
            "blogIdeas": 2,
            "videoIdeas": 1,
        }

    def test_a_channel_without_a_name_is_none(self, api: Any) -> None:
        """The contract takes it, and no content can be posted there: the list of it was a failure."""
        named = create(api, context={"channels": ["", "threads"]})["id"]
        nameless = create(api, context={"channels": [""]})["id"]
        for campaign, platform in ((named, "threads"), (nameless, "linkedin")):
            act(api, campaign, "generate-content")
            shown = api.get(f"{CAMPAIGNS}/{campaign}/content")
            assert shown.status == 200
            assert {one["platform"] for one in shown.json() if one["type"] == "social"} == {platform}


class TestList:
    @pytest.mark.parametrize("status", ["DRAFT", "ACTIVE", "PAUSED", "COMPLETED"])
    def test_one_status(self, api: Any, status: str) -> None:
        """The world has campaigns in every status, and a filter shows them only."""
        found = everything(api, f"&status={status}")
        assert found
        assert {one["status"] for one in found} == {status}

    @pytest.mark.parametrize("field", ["status", "type"])
    def test_several_values(self, api: Any, field: str) -> None:
        """A parameter that is repeated means any of its values."""
        one, two = sorted({campaign[field] for campaign in everything(api)})[:2]
        both = everything(api, f"&{field}={one}&{field}={two}")
        assert {campaign[field] for campaign in both} == {one, two}
        assert len(both) == sum(len(everything(api, f"&{field}={value}")) for value in (one, two))

    def test_filters_narrow_together(self, api: Any) -> None:
        """Status, type and search all hold of what is listed."""
        expected = [
            one["id"]
            for one in everything(api)
            if one["status"] in ("ACTIVE", "PAUSED")
            and one["type"] == "RECURRING"
            and "r" in one["name"].lower()
        ]
        found = everything(api, "&status=ACTIVE&status=PAUSED&type=RECURRING&search=R")
        assert [one["id"] for one in found] == expected
        assert 0 < len(expected) < 45

    @pytest.mark.parametrize("text", ["q1 product", "Q1%20PRODUCT%20LAUNCH", "launch"])
    def test_search_takes_any_case(self, api: Any, text: str) -> None:
        """A part of the name is enough, in any case."""
        found = everything(api, f"&search={text.replace(' ', '%20')}")
        assert Q1 in [one["id"] for one in found]
        assert len(found) < 45

    def test_search_looks_at_names_only(self, api: Any) -> None:
        """A text that stands in briefs but in no name finds nothing, and that is an empty page."""
        assert listed(api, "?search=Campaign%20description") == {"items": [], "total": 0}

    def test_archived_are_left_out_unless_asked_for(self, api: Any) -> None:
        """45 are listed by default; the archived ones come on top, and still have their status."""
        default, all_of_them = everything(api), everything(api, "&includeArchived=true")
        assert len(default) == 45
        assert not any(one["isArchived"] for one in default)
        archived = [one for one in all_of_them if one["isArchived"]]
        assert len(all_of_them) == 45 + len(archived) > 45
        assert "COMPLETED" in {one["status"] for one in archived}
        assert everything(api, "&includeArchived=false") == default

    def test_pages_fit_together(self, api: Any) -> None:
        """Pages of seven, one after the other, are the whole list; `total` is the same on each."""
        whole = everything(api)
        pages = [listed(api, f"?limit=7&offset={offset}") for offset in range(0, 49, 7)]
        assert [one for page in pages for one in page["items"]] == whole
        assert {page["total"] for page in pages} == {45}
        assert listed(api, "?offset=45") == {"items": [], "total": 45}

    def test_total_is_of_the_filter(self, api: Any) -> None:
        """A page of one counts all that fit its filter."""
        page = listed(api, "?status=PAUSED&limit=1")
        assert len(page["items"]) == 1
        assert page["total"] == len(everything(api, "&status=PAUSED")) > 1

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=101",
            "limit=-1",
            "limit=ten",
            "offset=-1",
            "status=ARCHIVED",
            "type=WEEKLY",
            "includeArchived=maybe",
        ],
    )
    def test_out_of_bounds(self, api: Any, query: str) -> None:
        """A limit is 1 to 100, statuses and types are those of the tables."""
        answer = api.get(f"{CAMPAIGNS}?{query}")
        assert (answer.status, answer.json()["error"]) == (400, "VALIDATION_ERROR")
        assert query.split("=")[0] in answer.json()["errors"][0]["pointer"]

    @pytest.mark.parametrize("limit", [1, 100])
    def test_bounds_are_in(self, api: Any, limit: int) -> None:
        """1 and 100 are good limits."""
        assert len(listed(api, f"?limit={limit}")["items"]) == min(limit, 45)

    def test_a_company_sees_its_own(self, api: Any) -> None:
        """Another company's list and campaigns are apart."""
        theirs = api.get(CAMPAIGNS, headers=OTHER).json()
        assert theirs["total"] == 3
        their_id = theirs["items"][0]["id"]
        assert api.get(f"{CAMPAIGNS}/{their_id}").status == 404
        assert api.get(f"{CAMPAIGNS}/{Q1}", headers=OTHER).status == 404


class TestCreate:
    def test_a_name_is_enough(self, api: Any) -> None:
        """All else is empty or the brand's."""
        made = create(api)
        assert (made["status"], made["type"]) == ("DRAFT", "ONE_TIME")
        assert {made[name] for name in ("brief", "goal", "startsAt", "endsAt", *LIFECYCLE)} == {None}
        assert made["context"] == BRAND
        assert read(api, made["id"], "/content") == []
        assert listed(api)["items"][0] == made

    def test_context(self, api: Any) -> None:
        """Set is set, null is cleared, and what is left out is inherited."""
        made = create(api, context={"tone": "Loud", "channels": None})
        assert made["context"] == {**BRAND, "tone": "Loud", "channels": None}

    def test_brand_is_the_companys(self, api: Any) -> None:
        """Another company inherits from its own profile."""
        made = api.post(CAMPAIGNS, json={"name": "New"}, headers=OTHER).json()
        assert made["context"]["tone"] == "Hearty"

    def test_status_cannot_be_sent(self, api: Any) -> None:
        """What is no field of a new campaign is not taken over."""
        made = create(api, status="COMPLETED", isArchived=True, id=NOBODYS, createdAt="2001-01-01T00:00:00Z")
        assert (made["status"], made["isArchived"], made["completedAt"]) == ("DRAFT", False, None)
        assert made["id"] != NOBODYS
        assert made["createdAt"] > "2025"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": ""},
            {"name": None},
            {"name": "X", "type": "WEEKLY"},
            {"name": "X", "startsAt": "tomorrow"},
            {"name": "X", "context": {"channels": "linkedin"}},
            {"name": "X", "context": []},
        ],
        ids=repr,
    )
    def test_malformed(self, api: Any, body: Any) -> None:
        """A refusal names what is wrong and creates nothing."""
        answer = api.post(CAMPAIGNS, json=body)
        assert (answer.status, answer.json()["error"]) == (400, "VALIDATION_ERROR")
        assert answer.json()["message"]
        assert listed(api)["total"] == 45


class TestUpdate:
    def test_only_what_is_sent(self, api: Any) -> None:
        """One field changes; all others but `updatedAt` stay."""
        before = read(api, Q1)
        after = update(api, Q1, goal="Sell")
        assert after == {**before, "goal": "Sell", "updatedAt": after["updatedAt"]} == read(api, Q1)

    def test_nothing_sent(self, api: Any) -> None:
        """An empty update is a good one."""
        assert update(api, Q1)["name"] == "Q1 Product Launch"

    def test_null_clears(self, api: Any) -> None:
        """Dates and texts can be taken away, and so can a field of the context."""
        after = update(api, Q1, endsAt=None, brief=None, context={"tone": None})
        assert (after["endsAt"], after["brief"], after["context"]["tone"]) == (None, None, None)
        assert after["context"]["keyMessages"] == ["Message 1", "Message 2"]

    def test_each_status_sets_its_field(self, api: Any) -> None:
        """Paused, resumed, completed: each leaves its time, and the last change is always known."""
        campaign = create(api)["id"]
        active = update(api, campaign, status="ACTIVE")
        assert active["lastStatusChangedAt"] == active["updatedAt"]
        assert (active["pausedAt"], active["resumedAt"], active["completedAt"]) == (None, None, None)
        paused = update(api, campaign, status="PAUSED")
        assert paused["pausedAt"] == paused["lastStatusChangedAt"] > active["lastStatusChangedAt"]
        resumed = update(api, campaign, status="ACTIVE")
        assert resumed["resumedAt"] == resumed["lastStatusChangedAt"] > paused["pausedAt"]
        assert resumed["pausedAt"] == paused["pausedAt"]
        done = update(api, campaign, status="COMPLETED")
        assert done["completedAt"] == done["lastStatusChangedAt"] > resumed["resumedAt"]

    def test_same_status_is_no_change(self, api: Any) -> None:
        """Saying what holds already moves no lifecycle field."""
        assert update(api, PAUSED, status="PAUSED")["pausedAt"] == "2025-01-06T09:00:00Z"

    def test_world_obeys_too(self, api: Any) -> None:
        """What the world starts with could have come about by these rules."""
        for one in everything(api, "&includeArchived=true"):
            last = one["lastStatusChangedAt"]
            assert (last is None) == (one["status"] == "DRAFT"), one["name"]
            assert one["createdAt"] <= one["updatedAt"] <= "2025-01-16T09:00:00Z", one["name"]
            if one["status"] == "PAUSED":
                assert one["pausedAt"] == last
            if one["status"] == "COMPLETED":
                assert one["completedAt"] == last
            if one["resumedAt"]:
                assert one["resumedAt"] > one["pausedAt"]

    @pytest.mark.parametrize(
        "body",
        [{"name": ""}, {"status": "ARCHIVED"}, {"status": None}, {"endsAt": "soon"}, {"type": 1}],
        ids=repr,
    )
    def test_malformed(self, api: Any, body: Any) -> None:
        """A refused update changes nothing."""
        assert api.put(f"{CAMPAIGNS}/{Q1}", json=body).status == 400
        assert read(api, Q1) == {"id": Q1, **PRINTED}


class TestDelete:
    def test_without_published_content(self, api: Any) -> None:
        """A campaign of drafts goes, and its content with it."""
        campaign = create(api)["id"]
        act(api, campaign, "generate-content")
        gone = api.delete(f"{CAMPAIGNS}/{campaign}")
        assert (gone.status, gone.body) == (204, b"")
        for part in ("", "/content", "/analytics"):
            assert api.get(f"{CAMPAIGNS}/{campaign}{part}").status == 404
        assert listed(api)["total"] == 45

    def test_count_is_of_the_campaign(self, api: Any) -> None:
        """The refusal counts what is published there, scripts included."""
        answer = api.delete(f"{CAMPAIGNS}/{Q1}")
        assert (answer.status, answer.json()["publishedCount"]) == (409, 8)

    def test_delete_all(self, api: Any) -> None:
        """Published content is no obstacle to who says so."""
        assert api.delete(f"{CAMPAIGNS}/{FIVE_PUBLISHED}?action=delete_all").status == 204
        assert api.get(f"{CAMPAIGNS}/{FIVE_PUBLISHED}").status == 404
        assert listed(api)["total"] == 44

    def test_move_content(self, api: Any) -> None:
        """The content comes to the target, published or not, and counts there."""
        target = create(api)["id"]
        items = read(api, FIVE_PUBLISHED, "/content")
        before = read(api, FIVE_PUBLISHED, "/analytics")
        move = f"?action=move_content&moveToCampaignId={target}"
        assert api.delete(f"{CAMPAIGNS}/{FIVE_PUBLISHED}{move}").status == 204
        assert api.get(f"{CAMPAIGNS}/{FIVE_PUBLISHED}").status == 404
        assert read(api, target, "/content") == items
        assert read(api, target, "/analytics") == before

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ("action=move_content", 400),
            (f"action=move_content&moveToCampaignId={FIVE_PUBLISHED}", 404),
            ("action=move_content&moveToCampaignId=there", 400),
            (f"action=move_content&moveToCampaignId={NOBODYS}", 404),
            ("action=burn", 400),
        ],
    )
    def test_nowhere_to_move(self, api: Any, query: str, status: int) -> None:
        """Without a good target nothing is deleted."""
        before = read(api, FIVE_PUBLISHED, "/content")
        answer = api.delete(f"{CAMPAIGNS}/{FIVE_PUBLISHED}?{query}")
        assert answer.status == status
        assert answer.json()["message"]
        assert read(api, FIVE_PUBLISHED, "/content") == before


class TestDuplicate:
    def test_deep_copy(self, api: Any) -> None:
        """Plan and content are the same, everything is back to draft, and nothing is shared."""
        copy = act(api, Q1, "duplicate", name="Copy")
        for name in ("brief", "goal", "type", "startsAt", "endsAt", "context"):
            assert copy[name] == PRINTED[name]
        assert (copy["status"], copy["isArchived"]) == ("DRAFT", False)
        assert [copy[name] for name in LIFECYCLE] == [None] * 4
        originals, copies = read(api, Q1, "/content"), read(api, copy["id"], "/content")
        assert len(copies) == len(originals) == 12
        assert not {item["id"] for item in copies} & {item["id"] for item in originals}
        for item, original in zip(copies, originals, strict=True):
            assert item["status"] == ("draft" if item["type"] == "script" else "DRAFT")
            assert (item["scheduledAt"], item["publishedAt"]) == (None, None)
            for name in ("type", "platform", "title", "content"):
                assert item.get(name) == original.get(name)
        analytics = read(api, copy["id"], "/analytics")
        assert (analytics["contentCount"], analytics["publishedCount"], analytics["totalViews"]) == (12, 0, 0)

    def test_copy_goes_its_own_way(self, api: Any) -> None:
        """A change of the copy does not touch the original, nor the other way round."""
        copy = act(api, Q1, "duplicate", name="Copy")["id"]
        act(api, copy, "find-replace", find="Old Product Name", replace="X")
        update(api, Q1, context={"tone": "New"})
        assert "Old Product Name" in str(read(api, Q1, "/content"))
        assert read(api, copy)["context"]["tone"] == "Professional"

    def test_copy_of_an_archived_campaign(self, api: Any) -> None:
        """The copy is a fresh draft, so it is listed."""
        act(api, PAUSED, "archive", archive=True)
        assert act(api, PAUSED, "duplicate", name="Copy")["isArchived"] is False
        assert listed(api)["items"][0]["name"] == "Copy"

    @pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 1}], ids=repr)
    def test_needs_a_name(self, api: Any, body: Any) -> None:
        """The name is the one thing that cannot be copied."""
        assert api.post(f"{CAMPAIGNS}/{Q1}/duplicate", json=body).status == 400


class TestFindReplace:
    def test_dry_run_changes_nothing(self, api: Any) -> None:
        """A dry run counts what a real one then replaces; after that there is nothing to find."""
        before = read(api, Q1), read(api, Q1, "/content")
        change = {"find": "Old Product Name", "replace": "Zanzibar"}
        assert act(api, Q1, "find-replace", **change, dryRun=True) == {"count": 15, "dryRun": True}
        assert (read(api, Q1), read(api, Q1, "/content")) == before
        assert act(api, Q1, "find-replace", **change) == {"count": 15, "dryRun": False}
        assert act(api, Q1, "find-replace", **change)["count"] == 0
        assert str(read(api, Q1, "/content")).count("Zanzibar") == 15

    def test_any_case(self, api: Any) -> None:
        """What is looked for may stand there in any case; what replaces it is taken as it is."""
        campaign = create(api, brief="Tea, TEA and tEa", goal="Sell tea")["id"]
        assert act(api, campaign, "find-replace", find="tea", replace="Coffee")["count"] == 4
        after = read(api, campaign)
        assert (after["brief"], after["goal"]) == ("Coffee, Coffee and Coffee", "Sell Coffee")

    def test_literal(self, api: Any) -> None:
        """Signs that mean something to a regular expression mean themselves."""
        campaign = create(api, brief="a.b axb (a.b) $1", goal="100% (new)")["id"]
        assert act(api, campaign, "find-replace", find="a.b", replace=r"\1$0")["count"] == 2
        assert read(api, campaign)["brief"] == r"\1$0 axb (\1$0) $1"
        assert act(api, campaign, "find-replace", find="(new)", replace="")["count"] == 1
        assert read(api, campaign)["goal"] == "100% "

    def test_all_kinds_of_content(self, api: Any) -> None:
        """Posts, articles and scripts are searched, the campaign's name is not."""
        campaign = create(api, name="Zebra", brief="Zebra")["id"]
        act(api, campaign, "generate-content")
        texts = [item.get("content") or item["title"] for item in read(api, campaign, "/content")]
        expected = 1 + sum(text.count("Zebra") for text in texts)
        assert act(api, campaign, "find-replace", find="zebra", replace="Horse")["count"] == expected
        items = read(api, campaign, "/content")
        assert {item["type"] for item in items if "Horse" in (item.get("content") or item["title"])} == set(
            KINDS
        )
        assert read(api, campaign)["name"] == "Zebra"

    @pytest.mark.parametrize(
        "body", [{"find": "x"}, {"replace": "x"}, {"find": "", "replace": "x"}], ids=repr
    )
    def test_needs_both(self, api: Any, body: Any) -> None:
        """There must be something to find, and something to put there."""
        assert api.post(f"{CAMPAIGNS}/{Q1}/find-replace", json=body).status == 400


class TestResume:
    def test_weekday_pattern(self, api: Any) -> None:
        """Everything moves by the same whole weeks, as few as cover the pause of ten days."""
        before = scheduled(api, PAUSED)
        after_call = act(api, PAUSED, "resume", strategy="shift_weekday")
        after = scheduled(api, PAUSED)
        assert len(before) > 2
        assert {after[item] - before[item] for item in before} == {timedelta(weeks=2)}
        assert all(when > time(after_call["resumedAt"]) for when in after.values())

    def test_paused_time(self, api: Any) -> None:
        """Everything moves by exactly the time of the pause."""
        before = scheduled(api, PAUSED)
        call = act(api, PAUSED, "resume", strategy="shift_calendar")
        pause = time(call["resumedAt"]) - time(call["pausedAt"])
        after = scheduled(api, PAUSED)
        assert {after[item] - before[item] for item in before} == {pause} != {timedelta(0)}

    def test_original_dates(self, api: Any) -> None:
        """Nothing moves, and what is past is not published behind one's back."""
        before = read(api, PAUSED, "/content")
        act(api, PAUSED, "resume", strategy="keep_original")
        assert read(api, PAUSED, "/content") == before

    def test_cancel(self, api: Any) -> None:
        """What was scheduled is cancelled, the rest stays, and the campaign runs again."""
        before = {item["id"]: item for item in read(api, PAUSED, "/content")}
        waiting = set(scheduled(api, PAUSED))
        assert act(api, PAUSED, "resume", strategy="cancel")["status"] == "ACTIVE"
        for item in read(api, PAUSED, "/content"):
            if item["id"] in waiting:
                assert (item["status"].upper(), item["scheduledAt"]) == ("CANCELLED", None)
            else:
                assert item == before[item["id"]]

    def test_only_scheduled_content_moves(self, api: Any) -> None:
        """Published posts and drafts stay as they are."""
        rest = [item for item in read(api, PAUSED, "/content") if item["status"].upper() != "SCHEDULED"]
        act(api, PAUSED, "resume", strategy="shift_calendar")
        after = read(api, PAUSED, "/content")
        assert [item for item in after if item["status"].upper() != "SCHEDULED"] == rest

    @pytest.mark.parametrize(
        ("fields", "end"),
        [
            ({}, "2025-04-20T00:00:00Z"),
            ({"endDateAction": "keep", "newEndDate": "2025-06-01T00:00:00Z"}, "2025-04-20T00:00:00Z"),
            ({"endDateAction": "extend"}, "2025-04-30T00:00:00Z"),
            ({"endDateAction": "extend", "newEndDate": "2025-06-01T00:00:00Z"}, "2025-06-01T00:00:00Z"),
            ({"endDateAction": "set", "newEndDate": "2025-06-01T00:00:00Z"}, "2025-06-01T00:00:00Z"),
        ],
    )
    def test_end_date(self, api: Any, fields: dict[str, str], end: str) -> None:
        """Kept by default, moved by the ten days of the pause, or set to what was sent."""
        assert act(api, PAUSED, "resume", strategy="keep_original", **fields)["endsAt"] == end

    def test_end_of_a_campaign_without_one(self, api: Any) -> None:
        """There is nothing to extend where there is no end."""
        campaign = update(api, create(api)["id"], status="PAUSED")["id"]
        assert (
            act(api, campaign, "resume", strategy="shift_weekday", endDateAction="extend")["endsAt"] is None
        )

    def test_paused_by_an_update(self, api: Any) -> None:
        """A campaign that was paused a moment ago can be resumed; its content keeps its weekdays."""
        before = scheduled(api, FIVE_PUBLISHED)
        update(api, FIVE_PUBLISHED, status="PAUSED")
        act(api, FIVE_PUBLISHED, "resume", strategy="shift_weekday")
        after = scheduled(api, FIVE_PUBLISHED)
        assert before
        assert all(
            after[item].weekday() == when.weekday() and after[item] >= when for item, when in before.items()
        )

    @pytest.mark.parametrize("status", ["DRAFT", "ACTIVE", "COMPLETED"])
    def test_not_paused(self, api: Any, status: str) -> None:
        """Only a paused campaign can be resumed."""
        campaign = everything(api, f"&status={status}")[0]
        answer = api.post(f"{CAMPAIGNS}/{campaign['id']}/resume", json={"strategy": "cancel"})
        assert (answer.status, answer.json()["error"]) == (409, "CAMPAIGN_NOT_PAUSED")
        assert read(api, campaign["id"]) == campaign

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"strategy": "shift"},
            {"strategy": "cancel", "endDateAction": "drop"},
            {"strategy": "cancel", "endDateAction": "set"},
            {"strategy": "cancel", "endDateAction": "set", "newEndDate": "later"},
        ],
        ids=repr,
    )
    def test_malformed(self, api: Any, body: Any) -> None:
        """A strategy is needed, and an end date where one is to be set."""
        answer = api.post(f"{CAMPAIGNS}/{PAUSED}/resume", json=body)
        assert (answer.status, answer.json()["error"]) == (400, "VALIDATION_ERROR")
        assert read(api, PAUSED)["status"] == "PAUSED"


class TestArchive:
    def test_beside_the_status(self, api: Any) -> None:
        """A completed campaign stays completed, vanishes from the default list, and comes back."""
        done = everything(api, "&status=COMPLETED")[0]
        before = read(api, done["id"], "/content"), read(api, done["id"], "/analytics")
        after = act(api, done["id"], "archive", archive=True)
        assert after == {**done, "isArchived": True, "updatedAt": after["updatedAt"]}
        assert done["id"] not in [one["id"] for one in everything(api)]
        assert done["id"] in [one["id"] for one in everything(api, "&includeArchived=true&status=COMPLETED")]
        assert (read(api, done["id"], "/content"), read(api, done["id"], "/analytics")) == before
        assert act(api, done["id"], "archive", archive=False)["isArchived"] is False
        assert done["id"] in [one["id"] for one in everything(api)]

    @pytest.mark.parametrize("body", [{}, {"archive": "yes"}, {"archive": None}], ids=repr)
    def test_needs_a_word(self, api: Any, body: Any) -> None:
        """Archive or bring back: the call does not guess."""
        assert api.post(f"{CAMPAIGNS}/{Q1}/archive", json=body).status == 400


class TestContentAndAnalytics:
    def test_every_item_has_the_fields_of_its_kind(self, api: Any) -> None:
        """Posts have a text, articles a title, scripts a title and a platform; scripts write small."""
        times = {"status", "scheduledAt", "publishedAt", "createdAt"}
        fields = {"social": {"platform", "content"}, "blog": {"title"}, "script": {"platform", "title"}}
        seen = set()
        for campaign in everything(api):
            for item in read(api, campaign["id"], "/content"):
                assert item.keys() == {"id", "type"} | fields[item["type"]] | times
                assert item["status"] == (
                    item["status"].lower() if item["type"] == "script" else item["status"].upper()
                )
                assert (item["publishedAt"] is not None) == (item["status"].upper() == "PUBLISHED")
                seen.add((item["type"], item["status"]))
        assert len(seen) >= 9

    def test_analytics_add_up(self, api: Any) -> None:
        """In every campaign the parts are the totals, and the counts are those of the content."""
        for campaign in everything(api, "&includeArchived=true"):
            found, items = read(api, campaign["id"], "/analytics"), read(api, campaign["id"], "/content")
            assert found["contentCount"] == len(items)
            assert found["publishedCount"] == published(items)
            engagement = found["totalLikes"] + found["totalComments"] + found["totalShares"]
            assert found["totalEngagement"] == engagement
            rate = 100 * engagement / found["totalImpressions"] if found["totalImpressions"] else 0
            assert found["engagementRate"] == pytest.approx(rate, abs=0.0051)
            for parts, counted in ((found["byPlatform"], "contentCount"), (found["byContentType"], "count")):
                assert sum(part["views"] for part in parts) == found["totalViews"]
                assert sum(part["engagement"] for part in parts) == found["totalEngagement"]
                assert sum(part[counted] for part in parts) == len(items)
            for part in found["byPlatform"]:
                own = [item for item in items if item.get("platform") == part["platform"]]
                assert part["contentCount"] == len(own) > 0
            for part in found["byContentType"]:
                own = [item for item in items if KINDS[item["type"]] == part["contentType"]]
                assert part["count"] == len(own) > 0

    def test_without_content(self, api: Any) -> None:
        """A campaign without content has results, too: none."""
        found = read(api, create(api)["id"], "/analytics")
        assert found == {**dict.fromkeys(TOTALS, 0), "byPlatform": [], "byContentType": []}


class TestPlanning:
    def test_chat_goes_on(self, api: Any) -> None:
        """The further the conversation, the further the question; no turn is the same."""
        history: list[dict[str, str]] = []
        said = []
        for message in ("Hello", "More visitors", "Teachers", "Friendly, on Instagram"):
            answer = api.post(f"{CAMPAIGNS}/chat", json={"message": message, "history": history})
            assert (answer.status, answer.json()["role"]) == (200, "assistant")
            said.append(answer.json()["response"])
            history += [{"role": "user", "text": message}, {"role": "assistant", "text": said[-1]}]
        assert len(set(said)) == 4

    def test_chat_needs_a_message_only(self, api: Any) -> None:
        """History and context may be left out."""
        assert api.post(f"{CAMPAIGNS}/chat", json={"message": "Hi"}).status == 200

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"message": ""},
            {"message": "Hi", "history": [{"role": "system", "text": "x"}]},
            {"message": "Hi", "history": [{"role": "user"}]},
        ],
        ids=repr,
    )
    def test_malformed_chat(self, api: Any, body: Any) -> None:
        """Turns are of a user or an assistant and have a text."""
        assert api.post(f"{CAMPAIGNS}/chat", json=body).status == 400

    @pytest.mark.parametrize(
        ("timeline", "start", "end"),
        [
            ("It runs from 2025-03-01 to 2025-03-31.", "2025-03-01T00:00:00Z", "2025-03-31T00:00:00Z"),
            (
                "We start on March 3 and stop on April 15, 2025.",
                "2025-03-03T00:00:00Z",
                "2025-04-15T00:00:00Z",
            ),
            ("It begins on 2025-02-10.", "2025-02-10T00:00:00Z", PRINTED["endsAt"]),
            ("It goes on until 2025-05-30.", PRINTED["startsAt"], "2025-05-30T00:00:00Z"),
            ("No idea about the dates yet.", PRINTED["startsAt"], PRINTED["endsAt"]),
        ],
    )
    def test_plan_from_a_chat(self, api: Any, timeline: str, start: str, end: str) -> None:
        """What the user said becomes the plan; dates only if a timeline was talked about."""
        chat = [
            {"role": "user", "text": "We want to win 200 new teams. Our target audience is young parents."},
            {"role": "assistant", "text": "Would a formal tone on Facebook suit them?"},
            {
                "role": "user",
                "text": f"The tone should be warm and playful, on Instagram and TikTok. {timeline}",
            },
        ]
        after = act(api, Q1, "generate-plan", chatHistory=chat)
        assert after["goal"] == "Win 200 new teams"
        assert "200 new teams" in after["brief"]
        assert after["context"] == {
            "keyMessages": ["Message 1", "Message 2"],
            "targetAudience": "young parents",
            "tone": "warm and playful",
            "channels": ["instagram", "tiktok"],
        }
        assert (after["startsAt"], after["endsAt"]) == (start, end)
        assert read(api, Q1) == after

    def test_plan_from_a_list(self, api: Any) -> None:
        """What is told as a list ends where the next thing begins."""
        text = "Audience: students in Berlin, tone: playful, channels: TikTok, YouTube. It ends 30 June 2025"
        after = act(api, Q1, "generate-plan", chatHistory=[{"role": "user", "text": text}])
        assert after["context"]["targetAudience"] == "students in Berlin"
        assert (after["context"]["tone"], after["context"]["channels"]) == ("playful", ["tiktok", "youtube"])
        assert after["endsAt"] == "2025-06-30T00:00:00Z"

    def test_plan_that_the_assistant_summed_up(self, api: Any) -> None:
        """Where the user only agrees, the assistant's summary counts; its questions never do."""
        chat = [
            {"role": "user", "text": "I want to sell 500 tickets."},
            {"role": "assistant", "text": "Shall the tone be formal, on Facebook?"},
            {"role": "user", "text": "No."},
            {
                "role": "assistant",
                "text": "Then: audience: young families. Tone: warm, and a bit silly. "
                "We publish on Instagram from 2025-06-01 to 2025-06-30.",
            },
            {"role": "user", "text": "Yes, that is it."},
        ]
        after = act(api, Q1, "generate-plan", chatHistory=chat)
        assert after["goal"] == "Sell 500 tickets"
        assert after["context"]["targetAudience"] == "young families"
        assert after["context"]["tone"].startswith("warm")
        assert after["context"]["channels"] == ["instagram"]
        assert (after["startsAt"], after["endsAt"]) == ("2025-06-01T00:00:00Z", "2025-06-30T00:00:00Z")

    def test_plan_from_nothing(self, api: Any) -> None:
        """An empty chat changes nothing of the plan."""
        before = read(api, Q1)
        after = act(api, Q1, "generate-plan", chatHistory=[])
        assert after == {**before, "updatedAt": after["updatedAt"]}

    def test_generated_content_is_listed(self, api: Any) -> None:
        """Every idea is a saved draft of the campaign, and counts in its results."""
        before = read(api, Q1, "/content")
        ideas = act(api, Q1, "generate-content")["ideas"]
        after = read(api, Q1, "/content")
        drafts = {item["id"]: item for item in after if item not in before}
        assert len(after) == len(before) + 8 == len(before) + len(drafts)
        for kind, found in (("social", "socialPosts"), ("blog", "blogIdeas"), ("script", "videoIdeas")):
            for idea in ideas[found]:
                draft = drafts[idea["id"]]
                assert (draft["type"], draft["status"].upper()) == (kind, "DRAFT")
                assert draft == {**draft, **idea}
        assert {draft["platform"] for draft in drafts.values() if draft["type"] == "social"} == {
            "linkedin",
            "twitter",
        }
        assert read(api, Q1, "/analytics")["contentCount"] == 20

    def test_content_without_a_plan(self, api: Any) -> None:
        """A campaign with nothing but a name and an emptied context gets drafts as well."""
        nothing = dict.fromkeys(BRAND)
        made = act(api, create(api, context=nothing)["id"], "generate-content")
        assert made["counts"] == {"social": 5, "blog": 2, "video": 1}


class TestRefusals:
    @pytest.mark.parametrize("campaign", [NOBODYS, "uuid", "42"])
    @pytest.mark.parametrize(
        ("method", "part", "body"),
        [
            ("GET", "", None),
            ("PUT", "", {}),
            ("DELETE", "", None),
            ("POST", "/duplicate", {"name": "X"}),
            ("POST", "/find-replace", {"find": "a", "replace": "b"}),
            ("POST", "/resume", {"strategy": "cancel"}),
            ("POST", "/archive", {"archive": True}),
            ("GET", "/content", None),
            ("GET", "/analytics", None),
            ("POST", "/generate-plan", {"chatHistory": []}),
            ("POST", "/generate-content", None),
        ],
    )
    def test_unknown_campaign(self, api: Any, campaign: str, method: str, part: str, body: Any) -> None:
        """Every operation on a campaign says the same of one that is not there."""
        options = {} if body is None else {"json": body}
        answer = api.request(method, f"{CAMPAIGNS}/{campaign}{part}", **options)
        assert (answer.status, answer.json()) == (404, {"message": "Campaign not found"})

    @pytest.mark.parametrize(
        ("method", "target"),
        [
            ("GET", CAMPAIGNS),
            ("POST", CAMPAIGNS),
            ("GET", f"{CAMPAIGNS}/{Q1}"),
            ("POST", f"{CAMPAIGNS}/chat"),
        ],
    )
    def test_no_token(self, api: Any, method: str, target: str) -> None:
        """All operations ask for a bearer token."""
        answer = api.request(method, target, headers={"Authorization": None})
        assert (answer.status, answer.json()["error"]) == (401, "UNAUTHORIZED")


def test_reads_are_the_same_on_any_machine(serve: Any) -> None:
    """Two fresh servers answer alike, byte for byte; what is made up for a new campaign is the same, too."""
    one, two = serve(API), serve(API)
    for target in ("", "?status=PAUSED&limit=3", f"/{Q1}", f"/{Q1}/content", f"/{Q1}/analytics"):
        assert one.get(CAMPAIGNS + target).body == two.get(CAMPAIGNS + target).body
    for part in ("duplicate", "generate-content"):
        bodies = [
            server.post(f"{CAMPAIGNS}/{Q1}/{part}", json={"name": "Copy"}).body for server in (one, two)
        ]
        assert bodies[0] == bodies[1]
