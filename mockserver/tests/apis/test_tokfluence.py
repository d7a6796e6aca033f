"""tokfluence over HTTP: what the document prints, what it says in prose, and how it refuses."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

API = "tokfluence"

PRINTED = {
    "name": "Spring 2026 launch",
    "currency": "USD",
    "posts": [
        {
            "url": "https://www.tiktok.com/@alice/video/7234567890123456789",
            "creator_handle": "alice",
            "fee_cents": 50000,
        }
    ],
}
CAMPAIGN = {
    "id": 4711,
    "name": "Spring 2026 launch",
    "currency": "USD",
    "tracked_influencers_count": 1,
    "tracked_posts_count": 1,
    "archived": False,
    "created_at": "2026-05-15T10:00:00Z",
    "updated_at": "2026-05-15T10:00:00Z",
}
METRICS = {
    "currency": "USD",
    "spend_cents": 50000,
    "agency_fee_cents": 0,
    "creator_fee_cents": 50000,
    "gmv_cents": 120000,
    "roi": 1.4,
    "cpm_cents": 40,
    "total_views": 1240000,
    "total_likes": 84000,
    "total_engagement": 91300,
    "engagement_rate": 0.0736,
    "posts_published": 1,
    "top_hashtags": [{"value": "wwe", "count": 1}],
    "top_mentions": [],
}
ALICE = {
    "id": "tkc_a1b2c3d4e5f6a7b8",
    "username": "alice",
    "status": "collaborating",
    "tracked_at": "2026-05-15T10:00:00Z",
    "tracked_posts_count": 1,
    "creator_fee_cents": 50000,
    "agency_fee_cents": 0,
    "gmv_cents": 120000,
}
WORLD = [4688, 4690, 4693, 4697, 4699, 4702, 4704, 4706, 4709, 4711, 4713, 4715]
NOBODYS = 4040404
OTHER = {"Authorization": "Bearer other-token"}


def post(creator: str, number: int, **more: Any) -> dict[str, Any]:
    """An entry of `posts` with a good URL."""
    url = f"https://www.tiktok.com/@{creator}/video/73000000000000000{number:02}"
    return {"url": url, "creator_handle": creator, **more}


def create(api: Any, name: str, **fields: Any) -> dict[str, Any]:
    """A new campaign: the whole answer."""
    answer = api.post("/v1/campaigns", json={"name": name, **fields})
    assert answer.status == 201, answer
    return dict(answer.json())


def read(api: Any, campaign: int, part: str = "") -> Any:
    """The `data` of a campaign, or of a part of it."""
    answer = api.get(f"/v1/campaigns/{campaign}{part}")
    assert answer.status == 200, answer
    return answer.json()["data"]


def analyzed(api: Any, campaign: int) -> list[dict[str, Any]]:
    """The posts, as soon as none is pending any more."""
    for _ in range(100):
        posts = read(api, campaign, "/posts")
        if all(one["status"] == "analyzed" for one in posts):
            return list(posts)
        time.sleep(0.1)
    raise AssertionError(f"still pending: {posts}")


def total(rows: list[dict[str, Any]], field: str) -> int:
    """The sum of one field."""
    return sum(row[field] for row in rows)


class TestPrinted:
    def test_create(self, api: Any) -> None:
        """The printed call is answered as printed; of the post id, cut short there, the whole."""
        answer = api.post("/v1/campaigns", json=PRINTED)
        assert answer.status == 201
        assert answer.json() == {
            "data": CAMPAIGN,
            "meta": {
                "tracked_posts_created": 1,
                "api_results": [{"postId": "7234567890123456789", "status": "analyzed"}],
                "rejected": [],
            },
        }

    @pytest.mark.parametrize("created", [False, True], ids=["fresh", "after the printed create"])
    def test_reads(self, api: Any, created: bool) -> None:
        """The printed reads are answered as printed before the printed create and after it."""
        if created:
            api.post("/v1/campaigns", json=PRINTED)
        assert read(api, 4711) == CAMPAIGN
        assert read(api, 4711, "/metrics") == METRICS
        (alice,) = read(api, 4711, "/influencers")
        assert alice.pop("picture").startswith("https://")
        assert alice == ALICE

    def test_posts(self, api: Any) -> None:
        """The posts are not printed, but what is printed beside them must be theirs."""
        (one,) = read(api, 4711, "/posts")
        assert one["status"] == "analyzed"
        assert one["url"] == PRINTED["posts"][0]["url"]  # type: ignore[index]
        assert (one["views"], one["likes"], one["engagement"]) == (1240000, 84000, 91300)

    def test_delete(self, api: Any) -> None:
        """The printed delete has no content, and afterwards there is nothing left below the campaign."""
        gone = api.delete("/v1/campaigns/4711")
        assert (gone.status, gone.body) == (204, b"")
        for part in ("", "/metrics", "/posts", "/influencers"):
            assert api.get(f"/v1/campaigns/4711{part}").status == 404
        assert api.delete("/v1/campaigns/4711").status == 404

    def test_printed_create_is_no_special_case(self, api: Any) -> None:
        """Sent again, the printed call meets the rule that names are unique."""
        assert api.post("/v1/campaigns", json=PRINTED).status == 201
        again = api.post("/v1/campaigns", json=PRINTED)
        assert (again.status, again.json()["error"]["code"]) == (409, "campaign_name_taken")


class TestCreate:
    def test_counts_follow_posts_and_distinct_creators(self, api: Any) -> None:
        """Two posts of one creator and one of another are three posts and two influencers."""
        made = create(api, "Counted", posts=[post("bea", 1), post("bea", 2), post("cem", 3)])
        assert made["meta"]["tracked_posts_created"] == 3
        assert (made["data"]["tracked_posts_count"], made["data"]["tracked_influencers_count"]) == (3, 2)
        assert read(api, made["data"]["id"]) == made["data"]

    @pytest.mark.parametrize("fields", [{}, {"posts": []}], ids=["left out", "empty"])
    def test_posts_may_be_missing(self, api: Any, fields: dict[str, Any]) -> None:
        """A campaign can be started empty, and all its parts are empty then."""
        made = create(api, "Empty", **fields)
        assert made["meta"] == {"tracked_posts_created": 0, "api_results": [], "rejected": []}
        assert made["data"]["tracked_posts_count"] == made["data"]["tracked_influencers_count"] == 0
        campaign = made["data"]["id"]
        assert read(api, campaign, "/posts") == read(api, campaign, "/influencers") == []
        metrics = read(api, campaign, "/metrics")
        assert {metrics[name] for name in ("spend_cents", "roi", "cpm_cents", "engagement_rate")} == {0}

    @pytest.mark.parametrize(
        ("entry", "reason"),
        [
            ({"url": "not a url", "creator_handle": "alice"}, "malformed_url"),
            ({"url": "", "creator_handle": "alice"}, "malformed_url"),
            ({"url": "https://www.youtube.com/watch?v=1", "creator_handle": "alice"}, "malformed_url"),
            ({"url": "https://www.tiktok.com/@alice", "creator_handle": "alice"}, "malformed_url"),
            ({"url": "https://x.example/www.tiktok.com/@a/video/1", "creator_handle": "a"}, "malformed_url"),
            (post("alice", 9, creator_handle=""), "unresolved_creator"),
            (post("alice", 9, creator_handle="not a handle"), "unresolved_creator"),
            (post("alice", 9, creator_handle="no_such_creator"), "unresolved_creator"),
            (post("alice", 9, creator_handle="this_does_not_exist"), "unresolved_creator"),
            (post("alice", 9, creator_handle="an_unknown_creator"), "unresolved_creator"),
            (post("alice", 9, creator_handle="@NonExistentUser"), "unresolved_creator"),
            (post("alice", 9, creator_handle="tkc_0000000000000000"), "unresolved_creator"),
            ({"url": "nowhere", "creator_handle": "!"}, "malformed_url"),
        ],
    )
    def test_bad_post_does_not_fail_the_rest(self, api: Any, entry: dict[str, str], reason: str) -> None:
        """What is wrong with one post stands in `meta.rejected` with a reason; the others are tracked."""
        made = create(api, "Partly", posts=[post("bea", 1), entry, post("cem", 2)])
        assert made["meta"]["rejected"] == [{**entry, "reason": reason}]
        assert made["meta"]["tracked_posts_created"] == made["data"]["tracked_posts_count"] == 2
        assert [one["creator_handle"] for one in read(api, made["data"]["id"], "/posts")] == ["bea", "cem"]

    def test_rejections_keep_their_order(self, api: Any) -> None:
        """A client finds what was skipped by walking along what it sent."""
        bad = [post("bea", 1, url="x"), post("cem", 2, creator_handle="?"), post("dan", 3, url="y")]
        made = create(api, "Nothing good", posts=bad)
        assert [one["creator_handle"] for one in made["meta"]["rejected"]] == ["bea", "?", "dan"]
        assert made["data"]["tracked_posts_count"] == 0

    def test_fees_default_to_nothing(self, api: Any) -> None:
        """A post without a fee costs 0, and the sums know it."""
        posts = [post("bea", 1), post("bea", 2, fee_cents=700), post("cem", 3, fee_cents=50)]
        campaign = create(api, "Fees", posts=posts)["data"]["id"]
        assert [one["creator_fee_cents"] for one in read(api, campaign, "/posts")] == [0, 700, 50]
        creators = read(api, campaign, "/influencers")
        assert [(one["username"], one["creator_fee_cents"]) for one in creators] == [
            ("bea", 700),
            ("cem", 50),
        ]
        assert read(api, campaign, "/metrics")["spend_cents"] == 750

    def test_currency_is_the_accounts_when_left_out(self, api: Any) -> None:
        """Two accounts, two currencies; one that is sent is kept."""
        assert create(api, "Default")["data"]["currency"] == "USD"
        assert create(api, "Chosen", currency="JPY")["data"]["currency"] == "JPY"
        other = api.post("/v1/campaigns", json={"name": "Default"}, headers=OTHER)
        assert other.json()["data"]["currency"] == "EUR"

    def test_names_are_unique_in_the_account_only(self, api: Any) -> None:
        """The same name is refused to one account and free for another; a refusal creates nothing."""
        create(api, "Once")
        again = api.post("/v1/campaigns", json={"name": "Once", "posts": [post("bea", 1)]})
        assert (again.status, again.json()["error"]["code"]) == (409, "campaign_name_taken")
        assert api.post("/v1/campaigns", json={"name": "Once"}, headers=OTHER).status == 201

    def test_name_is_free_again_after_a_delete(self, api: Any) -> None:
        """A deleted campaign is gone for good, with its name."""
        api.delete(f"/v1/campaigns/{create(api, 'Again')['data']['id']}")
        create(api, "Again")

    def test_numbers_go_on(self, api: Any) -> None:
        """API and app number campaigns alike, so a new one comes after all that there are."""
        first, second = (create(api, name)["data"]["id"] for name in ("One", "Two"))
        assert second == first + 1 > 4711

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": ""},
            {"name": 7},
            {"name": "X", "currency": "usd"},
            {"name": "X", "currency": "DOLLARS"},
            {"name": "X", "currency": "ZZZ"},
            {"name": "X", "posts": {}},
            {"name": "X", "posts": [{"url": "https://www.tiktok.com/@a/video/1"}]},
            {"name": "X", "posts": [{"creator_handle": "alice"}]},
            {"name": "X", "posts": [post("alice", 1, fee_cents="free")]},
            {"name": "X", "posts": [post("alice", 1, fee_cents=-1)]},
            [],
        ],
        ids=repr,
    )
    def test_malformed_is_refused_whole(self, api: Any, body: Any) -> None:
        """What is not a campaign at all is a 400 that says what is wrong."""
        answer = api.post("/v1/campaigns", json=body)
        assert answer.status == 400
        error = answer.json()["error"]
        assert error["code"] == "invalid_request"
        assert error["message"]
        assert error["details"]

    def test_unknown_properties_are_left_alone(self, api: Any) -> None:
        """A newer client may say more than we know; nothing of it shows."""
        made = create(api, "More", color="red", archived=True, id=1)
        assert made["data"]["archived"] is False
        assert made["data"]["id"] > 4711
        assert "color" not in made["data"]


class TestCreators:
    def test_one_creator_one_id(self, api: Any) -> None:
        """A name has the same `tkc_` id in every campaign, in any case, with and without @."""
        ids = set()
        for name, handle in [("A", "newcomer"), ("B", "@NewComer")]:
            made = create(api, name, posts=[post("newcomer", 1, creator_handle=handle)])
            (one,) = read(api, made["data"]["id"], "/influencers")
            assert one["username"] == "newcomer"
            ids.add(one["id"])
        (found,) = ids
        assert re.fullmatch(r"tkc_[0-9a-f]{16}", found)

    def test_an_id_is_a_handle(self, api: Any) -> None:
        """A creator can be named by the id that an answer gave; both spellings are one creator."""
        posts = [post("alice", 1, creator_handle=ALICE["id"]), post("alice", 2)]
        made = create(api, "By id", posts=posts)
        (one,) = read(api, made["data"]["id"], "/influencers")
        assert (one["id"], one["username"], one["tracked_posts_count"]) == (ALICE["id"], "alice", 2)

    def test_creators_outlive_a_campaign(self, api: Any) -> None:
        """Deleting removes the posts, but the creator stays known under the same id."""
        campaign = create(api, "Short", posts=[post("newcomer", 1)])["data"]["id"]
        (before,) = read(api, campaign, "/influencers")
        api.delete(f"/v1/campaigns/{campaign}")
        posts = [post("newcomer", 1, creator_handle=before["id"])]
        campaign = create(api, "Long", posts=posts)["data"]["id"]
        (after,) = read(api, campaign, "/influencers")
        assert (after["id"], after["username"]) == (before["id"], "newcomer")


class TestResults:
    def test_posts_are_pending_first(self, api: Any) -> None:
        """A new post has no figures yet; a little later it is analyzed and has them."""
        made = create(api, "Waiting", posts=[post("bea", 1, fee_cents=40000)])
        campaign = made["data"]["id"]
        assert [one["status"] for one in made["meta"]["api_results"]] == ["pending"]
        (one,) = read(api, campaign, "/posts")
        assert (one["status"], one["views"], one["gmv_cents"]) == ("pending", None, None)
        assert read(api, campaign, "/metrics")["total_views"] == 0
        (one,) = analyzed(api, campaign)
        assert one["views"] > one["engagement"] > one["likes"] > 0
        assert read(api, campaign, "/metrics")["total_views"] == one["views"]

    @pytest.mark.parametrize("campaign", WORLD)
    def test_metrics_can_be_worked_out_again(self, api: Any, campaign: int) -> None:
        """Every figure of every campaign of the world follows from its posts and the figures beside it."""
        about, metrics = read(api, campaign), read(api, campaign, "/metrics")
        posts, creators = read(api, campaign, "/posts"), read(api, campaign, "/influencers")
        done = [one for one in posts if one["status"] == "analyzed"]
        spend, gmv, views = metrics["spend_cents"], metrics["gmv_cents"], metrics["total_views"]
        assert spend == metrics["creator_fee_cents"] + metrics["agency_fee_cents"]
        assert metrics["creator_fee_cents"] == total(posts, "creator_fee_cents")
        assert gmv == total(done, "gmv_cents") == total(creators, "gmv_cents")
        assert views == total(done, "views")
        assert metrics["total_likes"] == total(done, "likes")
        assert metrics["total_engagement"] == sum(
            total(done, name) for name in ("likes", "comments", "shares")
        )
        assert metrics["roi"] == pytest.approx((gmv - spend) / spend if spend else 0, abs=5.1e-5)
        assert metrics["cpm_cents"] == pytest.approx(1000 * spend / views if views else 0, abs=0.51)
        rate = metrics["total_engagement"] / views if views else 0
        assert metrics["engagement_rate"] == pytest.approx(rate, abs=5.1e-5)
        assert metrics["posts_published"] == about["tracked_posts_count"] == len(posts)
        handles = {one["creator_handle"] for one in posts}
        assert about["tracked_influencers_count"] == len(creators) == len(handles)
        assert metrics["currency"] == about["currency"]
        tags = [tag for one in done for tag in one["hashtags"]]
        assert {top["value"]: top["count"] for top in metrics["top_hashtags"]} == {
            tag: tags.count(tag) for tag in tags
        }
        counts = [top["count"] for top in metrics["top_hashtags"]]
        assert counts == sorted(counts, reverse=True)

    def test_influencers_add_up(self, api: Any) -> None:
        """Each creator has the sums of their own posts, agency's share included."""
        posts = read(api, 4688, "/posts")
        for one in read(api, 4688, "/influencers"):
            own = [other for other in posts if other["influencer_id"] == one["id"]]
            assert one["tracked_posts_count"] == len(own) > 0
            for field in ("creator_fee_cents", "agency_fee_cents", "gmv_cents"):
                assert one[field] == total(own, field)
        assert read(api, 4688, "/metrics")["agency_fee_cents"] > 0


class TestRefusals:
    @pytest.mark.parametrize("part", ["", "/metrics", "/posts", "/influencers"])
    def test_unknown_campaign(self, api: Any, part: str) -> None:
        """Every read of a campaign that is not there names the documented code."""
        answer = api.get(f"/v1/campaigns/{NOBODYS}{part}")
        assert (answer.status, answer.json()["error"]["code"]) == (404, "campaign_not_found")

    @pytest.mark.parametrize("part", ["", "/metrics", "/posts", "/influencers"])
    def test_not_yours(self, api: Any, part: str) -> None:
        """Another account's campaign is answered like one that does not exist."""
        answer = api.get(f"/v1/campaigns/4711{part}", headers=OTHER)
        assert (answer.status, answer.json()["error"]["code"]) == (404, "campaign_not_found")
        assert api.get(f"/v1/campaigns/4719{part}", headers=OTHER).status == 200

    def test_not_yours_to_delete(self, api: Any) -> None:
        """Another account cannot delete it either."""
        assert api.delete("/v1/campaigns/4711", headers=OTHER).status == 404
        assert read(api, 4711) == CAMPAIGN

    @pytest.mark.parametrize(("method", "target"), [("GET", "/v1/campaigns/4711"), ("POST", "/v1/campaigns")])
    def test_no_token(self, api: Any, method: str, target: str) -> None:
        """Without a bearer token nothing is told, whatever else is wrong with the request."""
        answer = api.request(method, target, headers={"Authorization": None})
        assert (answer.status, answer.json()["error"]["code"]) == (401, "unauthorized")

    def test_no_number(self, api: Any) -> None:
        """An id that is no number is malformed."""
        answer = api.get("/v1/campaigns/first")
        assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_request")


def test_reads_are_the_same_on_any_machine(serve: Any) -> None:
    """Two fresh servers answer alike, byte for byte, and what is made up for a new post is the same, too."""
    one, two = serve(API), serve(API)
    for part in ("", "/metrics", "/posts", "/influencers"):
        assert one.get(f"/v1/campaigns/4704{part}").body == two.get(f"/v1/campaigns/4704{part}").body
    made = [create(server, "Same", posts=[post("bea", 1), post("cem", 2)]) for server in (one, two)]
    assert made[0] == made[1]
    campaign = made[0]["data"]["id"]
    assert analyzed(one, campaign) == analyzed(two, campaign)
