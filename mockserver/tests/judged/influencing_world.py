"""
A summer of campaigns, by hand: what an influencers' application has on file before anybody calls.

Nothing in the document makes a campaign, a user or an advertiser, so an implementation has its own. Those
that the document prints have the printed numbers here; a dialect may count from elsewhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

Row = dict[str, Any]

FILE = Path(__file__).with_suffix(".yaml")
RATES = {"USD": 1.0, "EUR": 0.855, "GBP": 0.75, "CHF": 0.8, "JPY": 150.0}
"""What a dollar is worth."""

COUNTRIES = (
    (1, "United States", "USD", True, ((1, "New York"), (2, "Boise"))),
    (2, "Norway", "NOK", False, ()),
)
CATEGORIES = ((1, "Fashion", True), (2, "Beauty", False), (3, "Travel", True), (4, "Food", False))
ELSEWHERE = 40
"""Active publishers who are no users."""


def rows(kind: str) -> list[Row]:
    """Return the rows of a kind, whole."""
    said: list[Row] = yaml.safe_load(FILE.read_text())[kind]
    whole = {"campaigns": _campaign, "tasks": _task, "users": _user}.get(kind, dict)
    return [whole(row) for row in said]


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _campaign(said: Row) -> Row:
    number, name, networks = said["id"], said["name"], said["networks"]
    shows, spent = said.get("shows", True), said.get("spent", 0)
    bonus = ("active", "promo_reach", "promo_engagement_rate", "promo_best_post")
    return {
        "type": "influencer",
        "tagline": f"All about {name.lower()}",
        "description": f"Show how you do it: {name.lower()}.",
        "image_logo": f"https://cdn.example.org/{number}/logo.jpg",
        "image_post": f"https://cdn.example.org/{number}/post.jpg",
        "hashtags": [f"#{name.split()[0].lower()}", f"#{said['category']}"],
        "currency": "USD",
        "time": 72,
        "minimum_reward": 25,
        "post_rate": 30,
        "attachment": f"https://cdn.example.org/{number}/briefing.pdf" if shows else None,
        **said,
        "bonus": dict(zip(bonus, said.get("bonus", (True, 50, 25, 100)), strict=True)),
        "date_start": date.fromisoformat(said["start"]),
        "ends_at": _at(said["end"]),
        "featured": shows,
        "board": shows,
        "publisher": {
            f"social_{what}_available": dict.fromkeys(networks, what != "channels")
            for what in ("users", "pages", "walls", "channels", "extras")
        },
        "activity": {one: {"posts": 4, "reach": 900 + len(one), "engagement": 31} for one in networks},
        "spent": spent,
        "paid_out": spent * 0.8,
        "impressions": spent * 40,
        "registered": {"pre": False, "post": False},
    }


def _user(said: Row) -> Row:
    return {**said, "banned": False}


def _task(said: Row) -> Row:
    number, network, done = said["id"], said["network"], said["status"] != "pending"
    return {
        **said,
        "type": "post",
        "description": "Post about it",
        "requirements": "Include the hashtags",
        "info": "Before the deadline.",
        "networks": [network],
        "assigned": _at(said["assigned"]),
        "deadline": _at(said["deadline"]),
        "url": f"https://cdn.example.org/tasks/{number}.jpg" if done else None,
        "link": f"https://{network}.example.org/p/{number}" if done else None,
        "featured": not done,
    }
