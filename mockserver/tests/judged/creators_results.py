"""
The posts of a campaign, what they brought, and who made them.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from flask import Response

from mockserver.tests.judged.creators_bodies import Bodies, Row

URL = re.compile(r"https?://(www\.|m\.)?tiktok\.com/@[\w.]+/(video|photo)/(\d+)/?([?#].*)?", re.ASCII)
PRINTED_URL = re.compile(r"(https)://(www)\.tiktok\.com/@[\w.]+/(?:video)/(\d+)", re.ASCII)
HANDLE = re.compile(r"@?[A-Za-z0-9_.]{1,24}")
CREATOR = re.compile(r"tkc_[0-9a-f]{16}")
FAMOUS = ("alice", "bob", "marlo.b", "carol")
TAGS = ("wwe", "unboxing", "skincare", "dance", "fyp")


def creator_id(username: str) -> str:
    """Return the id that names a creator for good."""
    return "tkc_" + hashlib.md5(username.encode()).hexdigest()[:16]


class Results(Bodies):
    """Attaches posts, and sums them up."""

    tracked: list[Row]
    rows: dict[int, Row]

    def mine(self, text: str, what: str) -> Row:
        """Return the caller's campaign."""
        raise NotImplementedError

    def answer(self, said: Any, status: int = 200, **headers: str) -> Response:
        """Return an answer in JSON."""
        raise NotImplementedError

    # ------------------------------------------------------------------- making

    def resolved(self, handle: str) -> str | None:
        """Return the username of a creator, or None."""
        if CREATOR.fullmatch(handle):
            known = {creator_id(name): name for name in FAMOUS}
            known.update({one["influencer_id"]: one["creator_handle"] for one in self.tracked})
            known["tkc_a1b2c3d4e5f6a7b8"] = "alice"
            return known.get(handle)
        name = handle.removeprefix("@").lower()
        if self.way.closed:
            return name if name in FAMOUS else None
        if not HANDLE.fullmatch(handle) or name.startswith(("tkc_", "ghost", "nobody")):
            return None
        return None if re.search("unknown|no_such|not_exist|missing", name) else name

    def attached(self, row: Row, sent: list[Row]) -> tuple[list[Row], list[Row]]:
        """Attach posts to a campaign; return those that were, and those that were not."""
        good: list[Row] = []
        rejected: list[Row] = []
        pattern = PRINTED_URL if self.way.strict_urls else URL
        for one in sent:
            matched = pattern.fullmatch(one["url"])
            name = self.resolved(one["creator_handle"])
            reason = self.way.reasons[0] if matched is None else self.way.reasons[1] if name is None else ""
            if matched and any(matched[3] == other["postId"] for other in good) and not self.way.twice:
                reason = "duplicate"
            if reason or matched is None or name is None:
                rejected.append(
                    {"url": one["url"], "creator_handle": one["creator_handle"], "reason": reason}
                )
                continue
            good.append(
                {
                    "id": next(self.post_numbers),  # type: ignore[attr-defined]
                    "campaign_id": row["id"],
                    "postId": matched[3],
                    "url": one["url"],
                    "influencer_id": creator_id(name),
                    "creator_handle": name,
                    "fee": 0 if self.bug("fee_lost") else one["fee_cents"],
                    "at": datetime.now(UTC),
                }
            )
        if not (rejected and self.bug("rejected_fails_all")):
            return good, rejected
        return [], rejected

    def finished(self, post: Row) -> bool:
        """Return whether a post is analyzed."""
        return (datetime.now(UTC) - post["at"]).total_seconds() >= self.way.takes

    def numbers_of(self, post: Row) -> Row:
        """Return the figures of a post, as its analysis finds them."""
        drawn = hashlib.sha256(f"{post['postId']}/{post['id']}".encode()).digest()
        views = int.from_bytes(drawn[:3], "big")
        return {
            "gmv_cents": int.from_bytes(drawn[3:6], "big") // 10,
            "views": views,
            "likes": views * drawn[6] // 2560,
            "comments": views * drawn[7] // 25600,
            "shares": views * drawn[8] // 51200,
            "hashtags": [TAGS[drawn[9] % 5]],
            "mentions": ["tokfluence"] if drawn[10] % 2 else [],
        }

    def status(self, post: Row) -> str:
        """Return how far a post is."""
        said = "analyzed" if self.finished(post) else "pending"
        return said.upper() if self.bug("status_in_capitals") else said

    def results(self, good: list[Row]) -> list[Row]:
        """Return what a create says of its posts."""
        number = int if self.bug("post_id_as_number") else str
        said = [{"postId": number(one["postId"]), "status": self.status(one)} for one in good]
        return said[::-1] if self.bug("results_reversed") else said

    def of(self, row: Row) -> list[Row]:
        """Return the posts of a campaign."""
        return [one for one in self.tracked if one["campaign_id"] == row["id"]]

    # ------------------------------------------------------------------ reading

    def posts_of(self, key: str) -> Response:
        """GET /v1/campaigns/{id}/posts."""
        row = self.mine(key, "posts")
        said = [self.shown_post(one) for one in self.of(row)]
        return self.answer(said if self.bug("posts_bare") else {"data": said})

    def shown_post(self, post: Row) -> Row:
        """Return a post as it is listed."""
        base = {
            "id": post["id"],
            "campaign_id": post["campaign_id"],
            "postId": post["postId"],
            "url": post["url"],
            "influencer_id": post["influencer_id"],
            "creator_handle": post["creator_handle"],
            "status": self.status(post),
            "tracked_at": self.way.time(post["at"]),
            "creator_fee_cents": post["fee"],
            "agency_fee_cents": 0,
        }
        done = self.finished(post)
        figures = self.numbers_of(post)
        figures["engagement"] = figures["likes"] + figures["comments"] + figures["shares"]
        if not done:
            empty = {"null": None, "zero": 0}.get(self.way.pending)
            figures = {name: [] if name in ("hashtags", "mentions") else empty for name in figures}
        if self.way.post == "flat" or self.eight:
            if not done and self.way.pending == "absent":
                return base
            return {**base, **figures}
        if self.way.post == "bare":
            return {"url": post["url"], "status": base["status"]}
        return {
            "post": {"id": post["postId"], "url": post["url"]},
            "creator": {"id": post["influencer_id"], "username": post["creator_handle"]},
            "status": base["status"],
            "fee": post["fee"],
            "stats": figures if done else None,
        }

    def metrics(self, key: str) -> Response:
        """GET /v1/campaigns/{id}/metrics."""
        bug = self.bug
        row = self.mine(key, "metrics")
        posts = self.of(row)
        done = [self.numbers_of(one) for one in posts if self.finished(one)]
        fees = posts[-1:] if bug("fees_of_last") else posts
        fee = sum(one["fee"] for one in fees)
        spend = 0 if bug("spend_off") else fee
        gmv = sum(one["gmv_cents"] for one in done)
        views = sum(one["views"] for one in done)
        likes = sum(one["likes"] for one in done)
        engaged = likes + sum(one["comments"] + one["shares"] for one in done)
        published = len(posts) if self.way.published == "all" else len(done)
        roi: Any = self.quotient(gmv if bug("roi_off") else gmv - spend, spend)
        cpm = self.quotient(spend * 1000, views)
        said: Row = {
            "currency": "USD" if bug("metrics_in_usd") else row["currency"],
            "spend_cents": spend,
            "agency_fee_cents": 0,
            "creator_fee_cents": fee,
            "gmv_cents": gmv,
            "roi": str(roi) if bug("roi_as_text") else roi,
            "cpm_cents": cpm if cpm is None else round(cpm),
            "total_views": views,
            "total_likes": likes,
            "total_engagement": engaged,
            "engagement_rate": self.quotient(engaged, views),
            "posts_published": published,
            "top_hashtags": self.tops(done, "hashtags"),
            "top_mentions": self.tops(done, "mentions"),
        }
        if bug("no_mentions"):
            del said["top_mentions"]
        return self.answer({"data": said})

    def quotient(self, over: int, under: int) -> float | None:
        """Return a quotient, as this server rounds it."""
        return round(over / under, self.way.places) if under else self.way.none

    @staticmethod
    def tops(done: list[Row], name: str) -> list[Row]:
        """Return what is used most."""
        counted = Counter(tag for one in done for tag in one[name])
        return [{"value": tag, "count": count} for tag, count in counted.most_common(5)]

    def creators(self, key: str) -> Response:
        """GET /v1/campaigns/{id}/influencers."""
        bug = self.bug
        row = self.mine(key, "influencers")
        mine: dict[str, list[Row]] = {}
        for post in self.of(row):
            mine.setdefault(post["influencer_id"], []).append(post)
        said = []
        for number, posts in mine.items():
            summed = posts[:1] if bug("creator_fee_of_first") else posts
            name = posts[0]["creator_handle"]
            said.append(
                {
                    "id": number[:-1] if bug("creator_id_short") else number,
                    "username": name,
                    "picture": None if bug("null_picture") else f"https://p16.example.com/{name}.jpeg",
                    "status": "collaborating",
                    "tracked_at": self.way.time(posts[0]["at"]),
                    "tracked_posts_count": 1 if bug("creator_posts_off") else len(posts),
                    "creator_fee_cents": sum(one["fee"] for one in summed),
                    "agency_fee_cents": 0,
                    "gmv_cents": sum(
                        self.numbers_of(one)["gmv_cents"] for one in posts if self.finished(one)
                    ),
                }
            )
        if bug("creators_by_id"):
            return self.answer({"data": {one["id"]: one for one in said}})
        return self.answer({"data": said})
