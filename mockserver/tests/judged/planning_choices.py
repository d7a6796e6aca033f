"""
What can be wrong with the planned campaigns, and what can be different without being wrong.

The document is `003_*.txt` (specs/tendsocial): what it leaves open stands in the
table of that folder's README, and the dialects take other columns of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

from mockserver.tests.judged import times

BUGS = {
    "shape": {
        "no_total": "the list has no total",
        "total_as_text": "the total is text",
        "bare_list": "the list is an array",
        "status_in_small_letters": "the status of a detail is in small letters",
        "context_null": "the context is null in a detail",
        "created_without_updated": "a create does not say updatedAt",
        "archived_as_number": "isArchived is 0 or 1",
        "time_without_t": "createdAt is written with a blank and no zone",
        "create_is_200": "a create is answered 200",
        "delete_answers": "a delete is answered 200 with a word",
        "password_hash": "a detail shows who made it, with the hash of the password",
        "html_media": "a detail is text/html",
        "blog_without_title": "an article in the content has no title",
        "rate_as_text": "the engagement rate is a text with a percent sign",
        "robot_role": "the assistant's role is bot",
        "unknown_is_403": "a campaign that there is not is a 403",
        "unknown_is_empty": "a campaign that there is not is an empty object",
        "refusal_without_message": "a 404 has no message",
        "empty_times": "the dates of a campaign without any are empty texts",
    },
    "input": {
        "accepts_no_name": "a campaign without name is called Untitled",
        "accepts_empty_name": "an empty name is taken",
        "accepts_number_name": "a name that is a number is taken",
        "accepts_any_type": "a type that there is not is ONE_TIME",
        "accepts_bad_status": "an update to a status that there is not is left out",
        "accepts_bad_date": "a date that is none is left out",
        "accepts_limit_above": "a limit of 101 is 100",
        "accepts_limit_zero": "a limit of 0 is 1",
        "accepts_negative_offset": "a negative offset is 0",
        "accepts_any_status_filter": "a status that there is not is not filtered by",
        "accepts_any_strategy": "a strategy that there is not keeps the dates",
        "accepts_set_without_end": "an end can be set without a date",
        "accepts_no_archive": "archiving needs no archive",
        "accepts_no_find": "what is to be found may be left out",
        "accepts_no_message": "the assistant answers to nothing",
        "accepts_any_role": "a turn of the chat can be anybody's",
        "accepts_any_action": "an action on delete that there is not is none",
        "crash_on_bad_json": "broken JSON is a 500",
        "crash_on_null_context": "a null in the context is a 500",
        "crash_on_offset_time": "a time with another zone than Z is a 500",
        "crash_on_search": "a search for a bracket is a 500",
        "crash_on_far_offset": "an offset behind the last is a 500",
    },
    "auth": {
        "accepts_none": "nobody is asked for a token",
        "accepts_any_token": "any token will do",
        "analytics_open": "analytics need no token",
        "others_read": "another company's campaign can be read",
        "others_listed": "other companies' campaigns are listed",
        "others_change": "another company's campaign can be changed",
    },
    "state": {
        "lost_create": "a create is not kept",
        "lost_update": "an update is not kept",
        "update_resets": "an update empties the brief that it does not name",
        "update_spills": "an update sets the goal of the campaign made before, too",
        "context_lost": "an update of the context is not kept",
        "deleted_readable": "a deleted campaign can be read",
        "deleted_listed": "a deleted campaign is listed",
        "deleted_content": "a deleted campaign's content can be read",
        "second_delete_ok": "what is gone can be deleted again",
        "deletes_one_more": "deleting takes the campaign made before along",
        "archive_sets_status": "archiving completes the campaign",
        "archived_listed": "archived campaigns are always listed",
        "archived_never_listed": "archived campaigns are never listed",
        "archived_unreadable": "an archived campaign cannot be read",
        "unarchive_ignored": "an archived campaign stays archived",
        "duplicate_is_same": "a copy is the campaign itself",
        "duplicate_without_content": "a copy has no content",
        "duplicate_moves_content": "a copy takes the content away",
        "duplicate_keeps_status": "a copy has the status of its original",
        "resume_stays_paused": "a resume is answered, and the campaign stays paused",
        "resume_any": "a draft can be resumed",
        "dry_run_writes": "a dry run replaces",
        "replace_lost": "a replacement is counted and not kept",
        "generated_lost": "generated content is not saved",
        "move_loses_content": "content that should be moved goes along",
        "plan_lost": "a plan is answered and not kept",
    },
    "value": {
        "not_a_draft": "a new campaign is active",
        "other_default_type": "a campaign without type is EVERGREEN",
        "brief_trimmed": "briefs lose what is behind 20 characters",
        "goal_lost": "the goal of a new campaign is not kept",
        "messages_lost": "only the first key message is kept",
        "dates_swapped": "startsAt and endsAt change places",
        "created_differs": "a create says the name in capitals, and keeps it as it was",
        "list_differs": "the list shows the name that a campaign was made with",
        "wrong_id": "a create says another id than the one it made",
        "total_of_page": "the total counts the page",
        "total_forgets_filter": "the total forgets the filters",
        "pages_overlap": "a page begins with the last of the one before",
        "offset_ignored": "every page is the first",
        "limit_ignored": "a page has 20",
        "default_limit": "a page has 10 if nothing is said",
        "status_filter_ignored": "the status is not filtered by",
        "type_filter_ignored": "the type is not filtered by",
        "filter_takes_first": "of several statuses only the first counts",
        "search_case": "a search minds the case",
        "search_ignored": "a search is ignored",
        "oldest_first": "the list is the oldest first",
        "created_moves": "createdAt moves with an update",
        "updated_stays": "updatedAt stays with an update",
        "paused_at_missing": "pausedAt is never set",
        "resumed_at_missing": "resumedAt is never set",
        "completed_at_missing": "completedAt is never set",
        "changed_at_stays": "lastStatusChangedAt is never set",
        "extend_ignored": "an end cannot be set when resuming",
        "end_always_moves": "an end moves, even where it should be kept",
        "counts_off": "generated content is counted one too few",
        "content_count_off": "analytics count one too many",
        "platforms_do_not_add_up": "the rows by platform count everything twice",
        "replace_by_case": "find and replace minds the case",
        "replace_first_only": "find and replace takes the first place of each text",
        "dry_run_said_wrong": "dryRun is always answered false",
        "duplicate_name_ignored": "a copy is called like the original",
        "duplicate_loses_brief": "a copy has no brief",
    },
}


def _random(number: int) -> str:
    return str(uuid4())


def _hashed(number: int) -> str:
    return str(uuid5(NAMESPACE_OID, f"campaign/{number}"))


def _sortable(number: int) -> str:
    return str(UUID(int=(0x0190_0000_0000 + number) << 80 | 0x7 << 76 | 0x2 << 62 | number))


BRAND = {
    "keyMessages": ["Made with care"],
    "targetAudience": "Everybody",
    "tone": "Plain",
    "channels": ["linkedin", "x"],
}
NO_BRAND = {"keyMessages": [], "targetAudience": "", "tone": "", "channels": []}


@dataclass(frozen=True)
class Dialect:
    """
    What an implementation answers where the document leaves a choice (numbers: the rows of the README).

    Attributes:
        invalid: 2. `media_refused`: status of a body that is not called JSON; None: it is read all the same.
        changed: 5. Whether a new campaign's lastStatusChangedAt is when it was made.
        brand: 6. What a campaign inherits. `nulls`: whether null stays, or inherits again.
        merges: 7. Whether a part of the context leaves the others.
        compares: 8. Whether dates that contradict each other are refused; `moves`: and odd moves of status.
        stubborn: 9. Whether published content stands above `delete_all`.
        nobody: 10. Status of moving content to nobody; `itself`: to itself.
        fields: 12. Whether fields are counted, not finds.
        unpaused: 13. Status of resuming what is not paused.
        with_end: 15. Whether `extend` takes a newEndDate. `cancelled`: 16. What cancelling leaves.
        articles: 18. Whether articles have a row among the platforms. `rows`: each kind always has one.
        drafts: 22. How many posts, articles and videos are drafted.
        tied: Whether campaigns of the same second stand as they were made, not the newest first.
        before: Whether a request is looked at before its campaign is looked for.
        whole_dates: Whether times come back as they were sent, not as the server writes them.
        newest_content: Whether content is listed the newest first.
        rows_before: How many campaigns of earlier days there are.
    """

    invalid: int = 400
    media_refused: int | None = 415
    changed: bool = False
    brand: Mapping[str, object] = field(default_factory=lambda: BRAND)
    nulls: bool = True
    merges: bool = True
    compares: bool = False
    moves: bool = False
    stubborn: bool = False
    nobody: int = 404
    itself: int = 404
    fields: bool = False
    unpaused: int = 409
    with_end: bool = True
    cancelled: str = "ACTIVE"
    articles: bool = True
    rows: bool = False
    drafts: tuple[int, int, int] = (5, 2, 1)
    tied: bool = False
    before: bool = True
    whole_dates: bool = False
    newest_content: bool = False
    rows_before: int = 0
    time: Callable[[datetime], str] = times.seconds
    number: Callable[[int], str] = _random
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    clever: bool = True


DIALECTS = {
    "flask": Dialect(rows_before=4),
    "nest": Dialect(
        changed=True,
        nobody=400,
        itself=400,
        unpaused=400,
        rows=True,
        articles=False,
        drafts=(3, 1, 1),
        time=times.millis,
        media="application/json; charset=utf-8",
        headers={"X-Powered-By": "Express", "ETag": 'W/"1f-2"', "X-RateLimit-Remaining": "58"},
    ),
    "fastapi": Dialect(
        invalid=422,
        media_refused=None,
        brand=NO_BRAND,
        merges=False,
        stubborn=True,
        with_end=False,
        cancelled="COMPLETED",
        drafts=(1, 0, 0),
        before=True,
        newest_content=True,
        time=times.micros,
        number=_hashed,
        headers={"Server-Timing": "app;dur=3"},
        clever=False,
    ),
    "django": Dialect(
        media_refused=400,
        nulls=False,
        compares=True,
        fields=True,
        tied=True,
        before=False,
        rows_before=33,
        time=times.offset,
        number=_sortable,
        headers={"Vary": "Accept, Cookie", "X-Frame-Options": "DENY"},
    ),
    "go": Dialect(
        brand=NO_BRAND,
        moves=True,
        before=False,
        whole_dates=True,
        articles=False,
        drafts=(2, 2, 2),
        number=_sortable,
        headers={"Cache-Control": "no-store"},
        rows_before=2,
        clever=False,
    ),
}
