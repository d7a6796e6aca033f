"""
What can be wrong with the campaigns of creators, and what can be different without being wrong.

The document is `001_*.txt`, as specs/tokfluence has it with six operations, or
`creators.yaml` with eight. What both leave open, the dialects decide each in its way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mockserver.tests.judged import times

BUGS = {
    "shape": {
        "no_archived": "a campaign that is read does not say whether it is archived",
        "count_as_text": "tracked_posts_count is text",
        "created_is_200": "a create is 200, which is not documented",
        "error_without_code": "refusals have no code",
        "not_found_as_html": "what is not found is told in HTML",
        "null_picture": "a creator's picture is null",
        "account_shown": "a campaign shows the account that it belongs to",
        "time_without_zone": "created_at is 2026-01-02 03:04:05",
        "creator_id_short": "a creator's id has 15 digits",
        "roi_as_text": "roi is text",
        "no_mentions": "the figures have no top_mentions",
        "posts_bare": "the posts come as a bare array",
        "status_in_capitals": "a post's status is in capitals",
        "post_id_as_number": "the postId of a new post is a number",
        "no_rejected": "meta has no rejected where nothing was",
        "deleted_is_200": "a delete is 200 with a body",
        "missing_is_403": "a campaign that is not there is 403",
        "creators_by_id": "creators come as an object by their ids",
    },
    "input": {
        "accepts_no_name": "a campaign without name is called Untitled",
        "accepts_empty_name": "an empty name is taken",
        "accepts_name_as_number": "a name that is a number is taken as text",
        "accepts_any_currency": "a currency that there is not is taken as USD",
        "accepts_negative_fee": "a fee of -1 is taken as 0",
        "accepts_fee_as_fraction": "a fee of 10.5 is cut to 10",
        "accepts_no_handle": "a post without creator_handle is rejected, not refused",
        "accepts_no_url": "a post without url is rejected, not refused",
        "accepts_posts_as_object": "posts that are no array are left out",
        "crash_on_post_as_text": "a post that is text is a 500",
        "crash_on_null_posts": "posts: null is a 500",
        "crash_on_bad_json": "broken JSON is a 500",
        "crash_on_array": "a body that is an array is a 500",
        "crash_on_bad_id": "an id that is no number is a 500",
    },
    "auth": {
        "accepts_none": "nobody is asked for a token",
        "accepts_any_token": "any token is the first account's",
        "accepts_basic": "the scheme is not looked at",
        "metrics_open": "the figures need no token",
        "delete_open": "a delete needs no token",
        "other_reads": "anybody's campaign can be read",
        "other_posts": "anybody's posts can be read",
        "other_deletes": "anybody's campaign can be deleted",
    },
    "state": {
        "lost_create": "a create is answered, and not kept",
        "lost_delete": "a delete is answered, and does nothing",
        "deleted_readable": "a deleted campaign can still be read",
        "posts_survive": "the posts of a deleted campaign can still be read",
        "metrics_survive": "the figures of a deleted campaign can still be read",
        "second_delete_500": "deleting again is a 500",
        "same_name_twice": "names need not be unique",
        "conflict_makes_it": "a taken name is refused, but its posts go to the campaign that has it",
        "name_stays_taken": "a deleted campaign's name cannot be used again",
        "delete_takes_neighbour": "a delete takes the campaign made before along",
        "reads_newest": "every read shows the newest campaign",
        "posts_go_elsewhere": "posts are attached to the campaign before",
        "posts_lost": "posts are answered, and not kept",
        "rejected_fails_all": "where one post is rejected, none is made",
    },
    "value": {
        "currency_ignored": "every campaign is in USD",
        "name_trimmed": "a name is cut after 20 characters",
        "name_lowered": "a name is stored in lower case",
        "creators_counted_twice": "tracked_influencers_count counts posts",
        "rejected_counted": "tracked_posts_count counts the rejected posts too",
        "created_count_off": "tracked_posts_created counts the rejected posts too",
        "fee_lost": "fees are not kept",
        "default_fee": "a fee that is left out is 100",
        "spend_off": "the spend leaves the creators' fees out",
        "fees_of_last": "creator_fee_cents is the last post's alone",
        "roi_off": "roi is gmv by spend",
        "metrics_in_usd": "the figures are in USD, whatever the campaign is",
        "creator_fee_of_first": "a creator's fee is the first post's alone",
        "creator_posts_off": "a creator's post count is always 1",
        "archived_at_birth": "a new campaign is archived",
        "results_reversed": "api_results come the wrong way round",
        "read_moves_time": "reading moves updated_at",
        "created_differs": "a create answers another created_at than a read",
    },
}

OF_EIGHT = {
    "shape": {
        "null_cursor_missing": "the last page has no next_cursor",
        "total_as_text": "the total is text",
        "date_with_time": "starts_on is a time",
        "listed_without_currency": "a listed campaign has no currency",
    },
    "input": {
        "accepts_long_name": "a name of any length is taken",
        "accepts_big_budget": "a budget above the maximum is taken as the maximum",
        "accepts_bad_date": "a date that is none is left out",
        "accepts_limit_zero": "limit=0 is taken as 20",
        "accepts_many": "limit=101 is taken as 100",
        "accepts_bad_archived": "archived=maybe is taken as false",
        "accepts_bad_patch": "a change is not checked",
        "accepts_empty_name_by_patch": "a change to an empty name is taken",
        "refuses_longest_name": "a name of 80 characters is refused",
    },
    "auth": {
        "other_changes": "anybody's campaign can be changed",
        "other_lists": "everybody's campaigns are listed",
        "list_open": "the list needs no token",
    },
    "state": {
        "lost_patch": "a change is answered, and not kept",
        "patch_resets": "a change resets what it does not name",
        "patch_null_ignored": "a change to null is not made",
        "patch_of_falsy_ignored": "a change to 0 or false is not made",
        "patch_changes_all": "a change of the budget changes every campaign",
        "same_name_by_patch": "a change can take another's name",
        "own_name_is_taken": "a change to the name that it has is refused",
        "deleted_listed": "a deleted campaign is still listed",
        "newest_missing": "the newest campaign is not listed",
        "patch_answers_before": "a change answers what was before",
    },
    "value": {
        "no_default": "a budget that is left out is 100",
        "budget_in_units": "a budget loses its cents",
        "description_lost": "a description is not kept",
        "pages_overlap": "a page begins with the last of the one before",
        "last_page_lost": "the last page is empty",
        "cursor_ignored": "every page is the first",
        "limit_ignored": "a page has 20, whatever is asked",
        "limit_off": "a page has one more than asked",
        "default_limit_off": "a page has 10 where nothing is said",
        "total_of_page": "the total counts one page only",
        "total_off": "the total is one too many",
        "total_of_all": "the total forgets the filter",
        "filter_ignored": "archived is not filtered by",
        "filter_inverted": "archived=true shows those that are not",
        "currency_filter_ignored": "currency is not filtered by",
        "sort_ignored": "sort is ignored",
        "sort_reversed": "sort is the wrong way round",
        "oldest_first": "the list has the oldest first",
        "created_moves": "created_at changes with a change",
        "updated_stands": "updated_at stays with a change",
        "list_differs": "a list shows the name that a campaign was made with",
    },
}


@dataclass(frozen=True)
class Dialect:
    """
    How an implementation answers where the document leaves a choice.

    Attributes:
        invalid: Status of what breaks the contract, where it has a choice; `media_type` of what is no JSON.
        bad_id: Status of an id that is no number.
        first: The first campaign's number; `step` to the next.
        takes: Seconds that an analysis takes.
        none: What a quotient without divisor is; `places` that quotients are rounded to.
        pending: What a pending post's figures are: "null", "zero" or "absent".
        post: How a post looks where the contract leaves it open: "flat", "nested" or "bare".
        strict_urls: Whether only the printed form of a URL is taken; `closed`: only creators from a list.
        again: Status of deleting what was deleted.
        twice: Whether the same video may be tracked twice in a campaign.
        wide: Whether unknown fields are ignored; else they are refused.
        before: Whether a body is looked at before its campaign is looked for.
    """

    invalid: int = 400
    media_type: int = 400
    bad_id: int = 404
    first: int = 1
    step: int = 1
    currency: str = "USD"
    time: Callable[[datetime], str] = times.seconds
    takes: float = 0.0
    none: float | None = 0
    places: int = 4
    pending: str = "null"
    post: str = "flat"
    strict_urls: bool = False
    closed: bool = False
    again: int = 404
    twice: bool = True
    wide: bool = True
    before: bool = False
    nulls: bool = True
    folded: bool = False
    media: str = "application/json"
    location: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    published: str = "all"
    reasons: tuple[str, str] = ("malformed_url", "unresolved_creator")


DIALECTS = {
    "flask": Dialect(),
    "django": Dialect(
        bad_id=400,
        first=4711,
        currency="EUR",
        time=times.micros,
        takes=0.5,
        none=None,
        pending="absent",
        places=6,
        headers={"Vary": "Authorization", "Allow": "GET, POST, HEAD, OPTIONS"},
        said={"type": "validation_error"},
    ),
    "express": Dialect(
        invalid=422,
        media_type=415,
        first=100001,
        step=7,
        time=times.millis,
        takes=3600,
        none=None,
        post="nested",
        strict_urls=True,
        twice=False,
        nulls=False,
        media="application/json; charset=utf-8",
        headers={"X-Powered-By": "Express", "ETag": 'W/"2f-abc"'},
        reasons=("The URL is no TikTok video.", "We could not find this creator."),
    ),
    "rails": Dialect(
        invalid=422,
        bad_id=404,
        first=90_000_000_000,
        time=times.millis,
        post="bare",
        closed=True,
        folded=True,
        places=5,
        media="application/json; charset=utf-8",
        location="http://localhost/v1/campaigns/{id}",
        headers={"X-Request-Id": "0b1f", "Cache-Control": "max-age=0, private, must-revalidate"},
        published="analyzed",
    ),
    "go": Dialect(
        media_type=415,
        bad_id=400,
        first=12,
        step=3,
        time=times.offset,
        takes=0.2,
        pending="zero",
        again=204,
        before=True,
        places=12,
        location="/v1/campaigns/{id}",
        said={"request_id": "req_1"},
        published="analyzed",
    ),
    "fastapi": Dialect(
        invalid=422,
        bad_id=400,
        time=times.micros,
        none=None,
        takes=3600,
        pending="zero",
        before=True,
        wide=False,
        location="{id}",
        headers={"Server": "uvicorn"},
    ),
}
