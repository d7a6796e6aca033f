"""
What can be wrong with the messaging campaigns, and what can be different without being wrong.

The document is `004_*.txt` (specs/telegram-campaigns): what it leaves open stands
in the table of that folder's README, and the dialects take other columns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from mockserver.tests.judged import times

BUGS = {
    "shape": {
        "no_success": "answers do not say success",
        "budget_as_text": "budgets are text",
        "status_in_capitals": "the status of a detail is in capitals",
        "no_pagination": "the list has no pagination",
        "execute_is_202": "executing is answered 202",
        "detail_as_list": "a detail comes in a list of one",
        "null_goals": "a detail without goals has null",
        "time_as_number": "createdAt is a number of seconds",
        "progress_above_100": "percentage is a thousandfold",
        "pages_as_float": "pages is not rounded up",
        "text_media": "a detail is text/plain",
        "error_without_code": "refusals have no code",
        "password_hash": "the list shows the creator's password hash",
        "created_without_id": "a create does not say the id",
    },
    "input": {
        "accepts_no_name": "a campaign without name is called Untitled",
        "accepts_no_type": "a campaign without type is a message",
        "accepts_empty_name": "an empty name is taken",
        "accepts_any_type": "a type that there is not is custom",
        "accepts_negative_budget": "a negative budget is taken as 0",
        "accepts_text_budget": 'a budget of "12" is taken',
        "accepts_rate_above_100": "a conversion rate above 100 is cut",
        "accepts_bad_date": "a date that is none is left out",
        "accepts_limit_above": "a limit of 101 is 100",
        "accepts_page_zero": "page 0 is the first",
        "accepts_any_status_filter": "a status that there is not is not filtered by",
        "accepts_percentage_above": "150 % of the audience are all",
        "accepts_any_priority": "a priority that there is not is normal",
        "accepts_bad_status": "an update to a status that there is not is ignored",
        "accepts_any_period": "a period that there is not is all",
        "crash_on_list": "segments that are no list are a 500",
        "crash_on_bad_json": "broken JSON is a 500",
    },
    "auth": {
        "accepts_none": "nobody is asked for a token",
        "accepts_any_token": "any token will do",
        "statistics_open": "statistics need no token",
    },
    "state": {
        "lost_create": "a create is not kept",
        "lost_update": "an update is not kept",
        "deleted_readable": "a deleted campaign can be read",
        "deleted_listed": "a deleted campaign is listed",
        "deletes_active": "an active campaign can be deleted",
        "pause_draft": "a draft can be paused",
        "resume_active": "an active campaign can be resumed",
        "execute_completed": "a cancelled campaign can be executed",
        "pause_stays_active": "a pause is answered, and the campaign stays active",
        "resume_stays_paused": "a resume is answered, and the campaign stays paused",
        "execute_stays_draft": "executing leaves a draft a draft",
        "update_resets": "an update empties the description that it does not name",
        "update_makes_another": "an update makes a second campaign",
        "clone_is_same": "a clone is the campaign itself",
        "clone_without_messages": "a clone has no messages",
        "clone_active": "a clone has the status of its original",
        "clone_shares": "a clone's goals are those of its original, for ever",
        "list_misses_newest": "the newest campaign is not listed",
        "test_run_activates": "a test run makes a draft active",
        "delete_by_prefix": "deleting takes the campaign before along",
    },
    "value": {
        "not_a_draft": "a new campaign is active",
        "description_trimmed": "descriptions lose what is behind 40 characters",
        "name_trimmed": "names lose their last word",
        "budget_rounded": "budgets lose their cents",
        "goals_lost": "goals are not kept",
        "segments_lost": "only the first segment is kept",
        "messages_lost": "messages are not kept",
        "dates_swapped": "startDate and endDate change places",
        "total_of_page": "the total counts the page",
        "pages_wrong": "pages is one too many",
        "pages_overlap": "a page begins with the last of the one before",
        "limit_ignored": "a page has 20",
        "status_filter_ignored": "the status is not filtered by",
        "type_filter_ignored": "the type is not filtered by",
        "filters_ored": "of two filters one will do",
        "search_name_only": "the description is not searched",
        "search_case": "a search minds the case",
        "sort_reversed": "a sort is the wrong way round",
        "sort_ignored": "campaigns are always sorted by createdAt",
        "default_oldest_first": "the default order is the oldest first",
        "copy_name": "a clone without a name is called like the original",
        "clone_name_ignored": "a clone cannot be given a name",
        "created_moves": "createdAt moves with an update",
        "processed_off": "processed is not successful + failed",
        "wrong_id": "the create says another id than the one it made",
        "list_differs": "the list shows the name that a campaign was made with",
        "paused_at_created": "pausedAt is when the campaign was made",
    },
}


@dataclass(frozen=True)
class Dialect:
    """
    What an implementation answers where the document leaves a choice (numbers: the rows of the README).

    Attributes:
        created: 3. `forbidden`: 4. `invalid`: 23.
        merges: 11. Whether a part of the goals leaves the others.
        again: 16. Whether an active campaign can be executed.
        updated: 12. Whether an update answers the whole campaign, or a word.
        whole_dates: Whether times come back as they were sent, not as the server writes them.
        segment: How many people a segment has that nobody knows (9).
        quick: Seconds that a run takes (14).
        moving: Whether statistics move while a run is under way (24).
        unsorted: Whether a name that cannot be sorted by is ignored (5); `cuts`: a limit is cut to 100 (6).
    """

    created: int = 201
    forbidden: int = 409
    invalid: int = 400
    merges: bool = True
    again: bool = True
    updated: bool = True
    time: Callable[[datetime], str] = times.seconds
    whole_dates: bool = False
    number: Callable[[str, int], str] = lambda kind, number: f"{kind}{number}"
    segment: int = 2500
    quick: int = 14400
    moving: bool = False
    unsorted: bool = False
    cuts: bool = False
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


DIALECTS = {
    "printed": Dialect(),
    "express": Dialect(
        created=200,
        forbidden=400,
        merges=False,
        updated=False,
        time=times.millis,
        number=lambda kind, number: uuid5(NAMESPACE_OID, f"{kind}{number}").hex[:24],
        moving=True,
        media="application/json; charset=utf-8",
        headers={"X-Powered-By": "Express", "X-RateLimit-Remaining": "99"},
        words="OK: ",
    ),
    "fastapi": Dialect(
        forbidden=422,
        invalid=422,
        again=False,
        time=times.micros,
        number=lambda kind, number: str(uuid5(NAMESPACE_OID, f"{kind}{number}")),
        segment=120,
        quick=7200,
        headers={"Server-Timing": "app;dur=3"},
    ),
    "go": Dialect(
        created=200,
        forbidden=403,
        updated=False,
        whole_dates=True,
        number=lambda kind, number: f"{kind}_{number:08x}",
        segment=99_999,
        quick=86_400,
        words="done, ",
    ),
}
