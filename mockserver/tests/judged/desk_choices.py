"""
What can be wrong with the desk, and what can be different without being wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOVES: Mapping[str, tuple[str, ...]] = {
    "open": ("inProgress", "closed"),
    "inProgress": ("open", "resolved"),
    "resolved": ("inProgress", "closed"),
    "closed": (),
}
PRIORITIES = ("low", "normal", "high", "urgent")
INPUT: Mapping[str, Any] = {"description": "", "priority": "normal", "labels": [], "hours": 0, "rate": 50}

BUGS: Mapping[str, Mapping[str, str]] = {
    "shape": {"list_row_null": "the status of a listed ticket is null"},
    "input": {
        "six_labels": "a sixth label is taken",
        "customer_any": "a ticket of a customer that there is not is made",
    },
    "auth": {
        "any_key": "whatever key is shown is the first account's",
        "other_replaces": "another account replaces a ticket",
    },
    "state": {
        "status_lost": "a status is answered, and not kept",
        "closed_comment": "a closed ticket is commented on",
        "bill_open": "an open ticket is billed",
        "version_ignored": "If-Match is not looked at",
        "version_refused": "If-Match is always another version",
        "tag_stays": "the ETag does not change",
        "full_again": "If-None-Match is not looked at",
        "comment_anywhere": "a comment is read below any ticket",
        "deleted_customer": "a deleted customer is still read",
        "page_forgets": "the second page does not know the filters",
        "first_of_several": "only the first of several priorities is looked for",
        "label_ignored": "the label is not looked for",
        "customer_ignored": "customerId is not looked for",
        "status_ignored": "the status is not looked for",
        "oldest_first": "the oldest tickets come first",
        "search_subject": "a search looks at the subject only",
    },
    "value": {
        "count_listed": "ticketsCount is 0 in the list",
        "count_stays": "ticketsCount does not shrink",
        "cost_stale": "the cost is that of the creation",
        "total_of_page": "totalCount is that of the page",
        "escaped": "a description is escaped as HTML",
        "cut": "a description is cut at 255 characters",
    },
}


@dataclass(frozen=True)
class Way:
    """
    One dialect.

    Attributes:
        weak: Whether ETags are weak.
        digits: Of the fractions of a second in times.
        extra: What else an answer has.
        fold: Whether a search looks at any case.
        coarse: Whether an ETag is of the second of the change.
    """

    weak: bool = False
    digits: int = 0
    extra: bool = False
    fold: bool = True
    coarse: bool = False


DIALECTS: Mapping[str, Way] = {
    "express": Way(digits=3),
    "dotnet": Way(weak=True, digits=6, extra=True),
    "php": Way(fold=False, coarse=True),
}
