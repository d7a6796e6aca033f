"""
What can be wrong with the influencers' campaigns, and what can be different without being wrong.

The document is `000_716acac8f7c121c6.txt` (specs/taglife): every call is a POST, reads included, says in its
body what it is about, and nothing makes what most of them are about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BUGS = {
    "shape": {
        "done_without_message": "a change is answered without a message",
        "done_says_ok": 'a change is answered with the status "ok"',
        "rank_as_text": "the ranks of a leaderboard are texts",
        "board_without_score": "the rows of a leaderboard have no score",
        "campaigns_in_no_envelope": "the app's list of campaigns is a plain array",
        "detail_without_publisher": "a campaign that is read does not say who may publish",
        "end_as_text": "the end of a campaign is a text",
        "pay_as_text": "what a task pays is a text",
        "owner_shown": "a task of the backend shows its owner's address",
        "status_without_name": "a task of the backend has no name of its status",
        "joined_as_time": "the day of joining has a time",
        "counts_as_text": "campaigns by status are counted in texts",
        "custom_is_202": "a custom task is answered 202, which is not documented",
        "problem_without_title": "a refusal has no title",
        "invoice_date_as_number": "the day of an invoice is a number",
    },
    "input": {
        "accepts_no_campaign": "joining no campaign is joining the first one",
        "accepts_any_status": "a campaign takes any word for a status",
        "accepts_any_action": "an action that there is not approves",
        "accepts_no_title": "a custom task needs no title",
        "accepts_empty_title": "a custom task may have an empty title",
        "accepts_no_post": "a task is handed in without a post",
        "accepts_relative_post": "a task is handed in with a post that is no address",
        "accepts_banned_as_word": "whoever is banned: perhaps, is banned",
        "accepts_no_settings": "settings may be left out",
        "accepts_negative_rate": "a post may pay less than nothing",
        "accepts_negative_amount": "an amount below nothing is exchanged",
        "accepts_long_currency": "a currency may have four letters",
        "accepts_bad_day": "a day that there is not is left out of account",
        "accepts_bad_task_status": "tasks of a status that there is not are none",
        "accepts_no_message": "a user is notified of nothing",
        "crash_on_no_task": "a task that is not named is a 500",
        "crash_on_word_id": "a user whose number is a word is a 500",
    },
    "auth": {
        "board_for_anybody": "the leaderboard needs no credentials",
        "backend_for_anybody": "the backend's lists need no token",
        "ban_with_any_token": "a user is banned with whatever token",
        "public_needs_token": "the public list asks for a token",
    },
    "state": {
        "lost_custom": "a custom task is answered, and not kept",
        "custom_twice": "a custom task is kept twice",
        "custom_hidden_in_app": "the app does not list custom tasks",
        "custom_hidden_in_backend": "the backend does not list custom tasks",
        "custom_below_another": "a custom task goes to another campaign",
        "lost_complete": "a task that is handed in stays pending",
        "complete_twice": "a task that was handed in is handed in again",
        "link_lost": "where the post is to be seen is not kept",
        "lost_leave": "a task that was left is still there",
        "left_still_listed": "a task that was left is still listed",
        "leave_takes_another": "leaving a task takes the one made before along",
        "lost_action": "an action on a task is answered, and does nothing",
        "action_hits_all": "an action on a task is done to every task of the campaign",
        "unknown_task_acted_on": "an action on a task that is not there succeeds",
        "unknown_campaign_extended": "a custom task is added to a campaign that is not there",
        "unknown_user_told": "a user who is not there is notified",
        "lost_settings": "settings are answered, and not kept",
        "settings_reset": "settings that are not sent are reset",
        "lost_status": "a campaign's status is answered, and not kept",
        "lost_ban": "a ban is answered, and not kept",
        "ban_hits_all": "a ban bans everybody",
        "lift_ignored": "lifting a ban does nothing",
        "lost_join": "joining is answered, and does nothing",
    },
    "value": {
        "reject_accepts": "rejecting a task accepts it",
        "payment_off": "a payment is not the sum of its parts",
        "total_off": "the total of campaigns counts one stage twice",
        "title_trimmed": "the title of a custom task is cut after ten characters",
        "requirements_lost": "the requirements of a custom task are not kept",
        "named_by_word": "the name of a status is its code",
        "filter_ignored": "the app's list does not look at filter",
        "network_ignored": "the app's list does not look at network",
        "drafts_shown": "drafts are shown to the public",
        "first_status_only": "of several statuses of tasks, the first one counts",
        "task_filter_off": "tasks of one status are those of the others",
        "exchange_inverted": "money is exchanged the wrong way round",
        "base_is_exchanged": "base is what comes out of an exchange",
        "board_upside_down": "a leaderboard begins with the lowest score",
        "ranks_from_zero": "the best of a leaderboard has rank 0",
        "detail_of_another": "a campaign that is read has the name of another one",
        "listed_for_all": "a list of tasks of one campaign has those of the others, too",
        "potential_off": "nobody can be won, and yet a share of the estimate",
        "unknown_user_exists": "a user who is not there is said to exist",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """
    How an implementation answers where the document leaves a choice.

    Attributes:
        first: What is added to every number of its data.
        estimated: How many publishers there are by its estimate.
        invalid: Status of a malformed request.
        completed: The status of a task that was handed in.
        unfiltered: Which campaigns a list without filter shows: "all" or "active".
        absent: Whether a filter by a number that is not there is a 404.
        lenient: Whether closed campaigns are joined, decided tasks left, and paid ones acted on.
        twice: Whether joining, and handing in a network account, twice is a 409.
        newest_first: The order of lists that name none.
        floats: Whether amounts always have a point.
        zone: How UTC is written.
    """

    first: int = 0
    estimated: int = 500
    invalid: int = 400
    completed: str = "under_review"
    unfiltered: str = "all"
    absent: bool = False
    lenient: bool = False
    twice: bool = False
    newest_first: bool = False
    floats: bool = False
    zone: str = "Z"
    headers: Mapping[str, str] = field(default_factory=dict)


DIALECTS = {
    "plain": Dialect(),
    "django": Dialect(
        invalid=422,
        completed="accepted",
        unfiltered="active",
        absent=True,
        lenient=True,
        twice=True,
        newest_first=True,
        floats=True,
        zone="+00:00",
        headers={"Vary": "Accept, Cookie", "X-Frame-Options": "DENY"},
    ),
    "elsewhere": Dialect(
        first=70_000, estimated=880, newest_first=True, zone=".000Z", headers={"ETag": 'W/"7"'}
    ),
}
