"""
What planned campaigns publish: drafts, copies, finds and results.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from mockserver.tests.judged.planning_bodies import Bodies, Row

FIGURES = ("views", "impressions", "likes", "comments", "shares", "clicks")
KINDS = {"social": "social_post", "blog": "blog_post", "script": "video_script"}
TEXTS = {"social": "content", "blog": "title", "script": "title"}


class Content(Bodies):
    """Makes content, copies it, counts it."""

    numbers: itertools.count[int]

    def item(self, kind: str, text: str, platform: str | None, status: str = "DRAFT") -> Row:
        """Return a new piece of content."""
        now = datetime.now(UTC)
        made: Row = {"id": self.way.number(next(self.numbers)), "type": kind}
        if platform is not None:
            made["platform"] = platform
        made[TEXTS[kind]] = text
        return {**made, "status": status, "scheduledAt": None, "publishedAt": None, "createdAt": now}

    def drafted(self, row: Row) -> dict[str, list[Row]]:
        """Return what the assistant drafts for a campaign."""
        posts, articles, videos = self.way.drafts
        channels = row["context"]["channels"] or ["linkedin"]
        name = row["name"]
        return {
            "socialPosts": [
                self.item("social", f"{name}, part {n + 1}", channels[n % len(channels)] or "linkedin")
                for n in range(posts)
            ],
            "blogIdeas": [self.item("blog", f"{n + 1} things about {name}", None) for n in range(articles)],
            "videoIdeas": [
                self.item("script", f"{name} in {n + 1} minutes", "youtube") for n in range(videos)
            ],
        }

    def shown_item(self, item: Row) -> Row:
        """Return a piece of content as it is listed."""
        shown = {**item, "createdAt": self.way.time(item["createdAt"])}
        for name in ("scheduledAt", "publishedAt"):
            shown[name] = self.way.time(item[name]) if item[name] else None
        shown.pop("_figures", None)
        if item["type"] == "script":
            shown["status"] = item["status"].lower()
        if item["type"] == "blog" and self.bug("blog_without_title"):
            del shown["title"]
        return shown

    def copied(self, items: Iterable[Row]) -> list[Row]:
        """Return drafts like *items*."""
        if self.bug("duplicate_without_content"):
            return []
        return [self.item(one["type"], one[TEXTS[one["type"]]], one.get("platform")) for one in items]

    def replaced(self, row: Row, find: str, put: str, dry: bool) -> int:
        """Return how often a text stands in a campaign, and replace it unless this is *dry*."""
        bug = self.bug
        pattern = re.compile(re.escape(find), 0 if bug("replace_by_case") else re.IGNORECASE)
        most = 1 if bug("replace_first_only") else 0
        places = [(row, "brief"), (row, "goal"), *((one, TEXTS[one["type"]]) for one in row["_content"])]
        count = 0
        for holder, name in places:
            if holder[name] is None:
                continue
            text, times = pattern.subn(lambda _: put, holder[name], most)
            count += min(times, 1) if self.way.fields else times
            if (not dry or bug("dry_run_writes")) and not bug("replace_lost"):
                holder[name] = text
        return count

    def results(self, items: list[Row]) -> Row:
        """Return the analytics of some content."""
        bug = self.bug
        sums = {name: sum(figure(one, name) for one in items) for name in FIGURES}
        engaged = sums["likes"] + sums["comments"] + sums["shares"]
        rate: Any = round(engaged * 100 / sums["impressions"], 2) if sums["impressions"] else 0
        platforms: dict[str | None, list[Row]] = {}
        for one in items:
            if one["type"] != "blog" or self.way.articles:
                platforms.setdefault(one.get("platform"), []).append(one)
        twice = 2 if bug("platforms_do_not_add_up") else 1
        return {
            **{f"total{name.title()}": value for name, value in sums.items()},
            "totalEngagement": engaged,
            "engagementRate": f"{rate}%" if bug("rate_as_text") else rate,
            "contentCount": len(items) + bug("content_count_off"),
            "publishedCount": sum(one["status"] == "PUBLISHED" for one in items),
            "byPlatform": by_views(
                {
                    "platform": platform,
                    "views": total(held, "views") * twice,
                    "impressions": total(held, "impressions") * twice,
                    "engagement": total(held, "likes", "comments", "shares") * twice,
                    "contentCount": len(held) * twice,
                }
                for platform, held in platforms.items()
            ),
            "byContentType": by_views(
                {
                    "contentType": said,
                    "count": len(held),
                    "views": total(held, "views"),
                    "engagement": total(held, "likes", "comments", "shares"),
                }
                for kind, said in KINDS.items()
                if (held := [one for one in items if one["type"] == kind]) or self.way.rows
            ),
        }


def figure(item: Row, name: str) -> int:
    """Return one result of a piece of content."""
    value: int = item.get("_figures", {}).get(name, 0)
    return value


def total(items: Iterable[Row], *names: str) -> int:
    """Return the sum of some results."""
    return sum(figure(one, name) for one in items for name in names)


def by_views(rows: Iterable[Row]) -> list[Row]:
    """Return rows, the one with the most views first."""
    return sorted(rows, key=lambda row: -row["views"])
