"""
What the backend counts and lists of the influencers' campaigns, and what it reckons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask import Response

from mockserver.tests.judged.influencing_backend import Back
from mockserver.tests.judged.influencing_desk import CAMPAIGN
from mockserver.tests.judged.influencing_world import (
    CATEGORIES,
    COUNTRIES,
    ELSEWHERE,
    RATES,
    Row,
)
from mockserver.tests.judged.switches import Refusal


class Figures(Back):
    """The backend's figures and lists."""

    def _began(self) -> list[Row]:
        within = self.period(self.said(optional=True))
        return [row for row in self.campaigns.values() if within(row["date_start"])]

    def _waits(self, row: Row) -> bool:
        return row["status"] == "pending" and not row["registered"]["pre"]

    def advertiser_finances(self) -> Response:
        """POST /api/advertiser/stats/financial/."""
        self.backend()
        sent = self.said()
        within = self.period(sent)
        advertiser = self.advertiser(sent)
        rows = [
            row
            for row in self.campaigns.values()
            if row["advertiser_id"] == advertiser["id"] and within(row["date_start"])
        ]
        return self.answer({**self._costs(rows), "total_campaigns": len(rows)})

    def _costs(self, rows: list[Row]) -> Row:
        spent = sum(row["spent"] for row in rows) + self.spent(rows)
        seen = sum(row["impressions"] for row in rows)
        cpm = spent * 1000 / seen if seen else 0
        return {"total_spent": self.money(spent), "average_cpm": self.money(cpm), "currency": "USD"}

    def costs(self) -> Response:
        """POST /api/campaign/stats/costs/."""
        self.backend()
        return self.answer(self._costs([self.campaign(self.said())]))

    def networks_of_one(self) -> Response:
        """POST /api/campaign/stats/networks/."""
        self.backend()
        return self.answer(self.campaign(self.said())["activity"])

    def general_statistics(self) -> Response:
        """POST /api/campaigns/stats/general/."""
        self.backend()
        rows = self._began()
        active, completed = (sum(row["status"] == one for row in rows) for one in ("active", "completed"))
        waiting = sum(map(self._waits, rows))
        total = active + completed + waiting + (active if self.bug("total_off") else 0)
        return self.answer(
            {
                "total_campaigns": total,
                "active_campaigns": active,
                "completed_campaigns": completed,
                "pending_campaigns": waiting,
            }
        )

    def by_status(self) -> Response:
        """POST /api/campaigns/stats/status/."""
        self.backend()
        found = Counter(row["status"] for row in self.campaigns.values())
        text = self.bug("counts_as_text")
        return self.answer({name: str(found[name]) if text else found[name] for name in CAMPAIGN})

    def by_network(self) -> Response:
        """POST /api/campaigns/stats/networks/."""
        self.backend()
        found = Counter(network for row in self.campaigns.values() for network in row["networks"])
        return self.answer({name: found[name] for name in ("instagram", "facebook", "twitter", "tiktok")})

    def publishers(self) -> Response:
        """POST /api/publishers/stats/status/."""
        self.backend()
        found = Counter(self.standing(user)["status"] for user in self.users.values())
        return self.answer({name: found[name] for name in ("active", "inactive", "suspended")})

    def activity(self) -> Response:
        """POST /api/publishers/stats/activity/."""
        self.backend()
        figures = [one for row in self._began() for one in row["activity"].values()]
        names = ("posts", "reach", "engagement")
        return self.answer({f"total_{name}": sum(one[name] for one in figures) for name in names})

    def _shares(self, names: Iterable[str], kinds: Iterable[Any]) -> Response:
        self.backend()
        found = Counter(kinds)
        return self.answer({name: round(100 * found[name] / len(self.users)) for name in names})

    def by_sex(self) -> Response:
        """POST /api/users/stats/sex/."""
        return self._shares(("male", "female"), (user["sex"] for user in self.users.values()))

    def by_age(self) -> Response:
        """POST /api/users/stats/age/."""
        names = ("18-24", "25-34", "35-44", "45+")
        return self._shares(names, (names[min(3, (user["age"] - 15) // 10)] for user in self.users.values()))

    def by_preference(self) -> Response:
        """POST /api/users/stats/preferences/."""
        names = ("fashion", "beauty", "technology", "food", "travel", "other")
        return self._shares(names, (user["preference"] for user in self.users.values()))

    def pending(self) -> Response:
        """POST /api/general/stats/pending/."""
        self.backend()
        found = Counter(row["status"] for row in self.tasks.values())
        return self.answer(
            {
                "pending_campaigns": sum(map(self._waits, self.campaigns.values())),
                "pending_tasks": found["pending"],
                "pending_approvals": len(self.accounts) + found["under_review"],
            }
        )

    def finances(self) -> Response:
        """POST /api/general/stats/financial/."""
        self.backend()
        rows = self._began()
        revenue = sum(row["spent"] for row in rows) + self.spent(rows)
        paid = sum(row["paid_out"] for row in rows) + self.spent(rows, ("paid",))
        return self.answer(
            {"total_revenue": self.money(revenue), "total_payouts": self.money(paid), "currency": "USD"}
        )

    def _active(self) -> int:
        return ELSEWHERE + sum(self.standing(user)["status"] == "active" for user in self.users.values())

    def estimated(self) -> Response:
        """POST /api/general/stats/estimated-publishers/."""
        self.backend()
        return self.answer({"estimated_publishers": self.way.estimated, "active_publishers": self._active()})

    def potential(self) -> Response:
        """POST /api/general/stats/potential-publishers/."""
        self.backend()
        left = 0 if self.bug("potential_off") else self.way.estimated - self._active()
        rate = round((self.way.estimated - self._active()) / self.way.estimated, 4)
        return self.answer({"potential_publishers": left, "conversion_rate": rate})

    # --------------------------------------------------------------------- lists

    def locations(self) -> Response:
        """POST /api/general/lists/locations/."""
        self.backend()
        return self.answer(
            {
                "countries": [
                    {"id": key, "name": name, "cities": [{"id": one, "name": city} for one, city in cities]}
                    for key, name, _, _, cities in COUNTRIES
                ]
            }
        )

    def list_advertisers(self) -> Response:
        """POST /api/general/lists/advertisers/."""
        self.backend()
        rows = self.listed([row for row in self.advertisers.values() if row["contact"]])
        return self.answer(
            {"advertisers": [{"id": row["id"], "name": row["name"], "email": row["contact"]} for row in rows]}
        )

    def allowed_countries(self) -> Response:
        """POST /api/general/lists/allowed-countries/."""
        self.backend()
        rows = [
            {"id": key, "name": name, "currency_code": code} for key, name, code, ok, _ in COUNTRIES if ok
        ]
        return self.answer({"countries": rows})

    def allowed_cities(self) -> Response:
        """POST /api/general/lists/allowed-cities/."""
        self.backend()
        rows = [{"id": key, "name": name} for *_, ok, cities in COUNTRIES if ok for key, name in cities]
        return self.answer({"cities": rows})

    def allowed_categories(self) -> Response:
        """POST /api/general/lists/allowed-categories/."""
        self.backend()
        return self.answer({"categories": [{"id": key, "name": name} for key, name, ok in CATEGORIES if ok]})

    def allowed_campaigns(self) -> Response:
        """POST /api/general/lists/allowed-campaigns/."""
        self.backend()
        good = {name.lower() for _, name, ok in CATEGORIES if ok}
        rows = [
            row for row in self.campaigns.values() if row["status"] == "active" and row["category"] in good
        ]
        return self.answer(
            {"campaigns": [{"id": row["id"], "name": row["name"]} for row in self.listed(rows)]}
        )

    def exchange(self) -> Response:
        """POST /api/general/tools/exchange/."""
        bug = self.bug
        self.backend()
        sent = self.said()
        names = [self.text(sent, name, 3).upper() for name in ("from", "to")]
        if any(
            len(name) > (4 if bug("accepts_long_currency") else 3) or not _letters(name) for name in names
        ):
            self.wrong("A currency has three letters.")
        amount = (
            self.number(sent, "amount") if bug("accepts_negative_amount") else self.amount(sent, "amount")
        )
        source, target = (RATES.get(name[:3]) for name in names)
        if source is None or target is None:
            raise Refusal(404, "currency", "There is no rate for this currency.")
        if bug("exchange_inverted"):
            source, target = target, source
        worth = round(abs(amount) * target / source, 2)
        return self.answer({"base": worth if bug("base_is_exchanged") else amount, "exchange": worth})


def _letters(text: str) -> bool:
    return text.isascii() and text.isalpha()
