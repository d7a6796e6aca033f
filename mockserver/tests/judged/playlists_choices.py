"""
What can be wrong with the playlists, and what can be different without being wrong.

The bugs are of the kind that teams write: a forgotten check, a stale cache, a
query without its owner. The dialects answer as people know it from frameworks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from mockserver.tests.judged import times

BUGS = {
    "shape": {
        "no_rating": "a playlist is answered without its required rating",
        "count_as_text": "track_count is text",
        "mood_of_nowhere": "a new playlist's mood comes in capitals",
        "created_is_202": "a create is 202, which is not documented",
        "page_as_html": "the list calls itself text/html",
        "track_with_extra": "a track shows its database's row id",
        "null_title": "a listed track has no title",
        "time_without_zone": "created_at is 2026-01-02 03:04:05",
        "tracks_as_object": "tracks come as an object by id",
        "rating_zero": "a list shows ratings from 0",
        "empty_detail": "the body of a read is empty",
        "total_as_text": "the total is text",
        "bare_list": "the page is a bare array",
        "error_as_text": "refusals are plain text",
        "no_location": "a create has no Location",
    },
    "input": {
        "accepts_no_title": "a playlist without title is made",
        "accepts_empty_title": "a playlist with an empty title is made",
        "accepts_long_title": "a title of any length is taken",
        "accepts_any_mood": "a mood that there is not is stored as calm",
        "accepts_rating_above": "a rating of 6 is taken as 5",
        "accepts_rating_below": "a rating of 0 is taken as 1",
        "accepts_rating_as_text": 'a rating of "4" is taken',
        "accepts_bad_contact": "what is no email is taken as contact, and forgotten",
        "accepts_bad_slug": "a slug is made to fit",
        "accepts_no_seconds": "a track without seconds lasts one",
        "accepts_seconds_below": "a track of 0 seconds lasts one",
        "accepts_many_per_page": "per_page=51 is 50",
        "accepts_page_zero": "page=0 is the first page",
        "accepts_unknown_sort": "a sort that there is not is ignored",
        "accepts_text": "JSON is read whatever the media type",
        "accepts_empty_patch": "a change of nothing is taken",
        "accepts_long_tag": "a tag of any length is cut",
        "accepts_form": "a form is read as if it were JSON",
        "crash_on_wrong_type": "a title that is no text is a 500",
        "crash_on_bad_json": "broken JSON is a 500",
        "accepts_bad_patch": "a change is not checked",
    },
    "auth": {
        "accepts_none": "nobody is asked for a token",
        "accepts_any_token": "any token is the first account's",
        "reads_open": "reads need no token",
        "other_reads": "anybody's playlist can be read",
        "other_lists": "everybody's playlists are listed",
        "other_changes": "anybody's playlist can be changed",
        "other_deletes": "anybody's playlist can be deleted",
    },
    "state": {
        "lost_create": "a create is answered, and not kept",
        "lost_patch": "a change is answered, and not kept",
        "location_of_another": "the Location of what was made leads elsewhere",
        "reads_any": "who asks for a playlist that there is not is shown some other",
        "delete_takes_all_tracks": "deleting a playlist deletes the tracks of all",
        "patch_loses_tracks": "a change of a playlist takes its tracks away",
        "always_public": "a playlist that is sent as not public is public",
        "lost_put": "a replacement is answered, and not kept",
        "stale_read": "a read after a change shows what was before",
        "deleted_readable": "a deleted playlist can still be read",
        "deleted_listed": "a deleted playlist is still listed",
        "tracks_survive": "the tracks of a deleted playlist are still there",
        "second_delete_500": "deleting again is a 500",
        "patch_resets": "a change resets what it does not name",
        "put_keeps": "a replacement keeps what it does not name",
        "put_makes_another": "a replacement makes a second playlist",
        "same_title_twice": "titles need not be unique",
        "same_title_by_patch": "a change can take another's title",
        "conflict_makes_it": "a title that is taken is refused, and made all the same",
        "newest_missing": "the newest playlist is not listed",
        "track_elsewhere": "a track is added to the account's first playlist",
        "patch_changes_all": "a change of the mood changes every playlist",
        "track_stays": "a removed track is still listed",
        "delete_takes_neighbour": "a delete takes the playlist made before along",
    },
    "value": {
        "no_default": "a rating that is left out is 1",
        "public_by_default": "a playlist is public when nothing is said",
        "title_trimmed": "the last character of a title that is longer than 20 is lost",
        "title_lowered": "titles are stored in lower case",
        "description_lost": "a description is not kept",
        "tags_lost": "only the first tag is kept",
        "total_of_page": "the total counts one page only",
        "total_off": "the total is one too many",
        "pages_overlap": "a page begins with the last of the one before",
        "page_ignored": "every page is the first",
        "per_page_ignored": "a page has ten, whatever is asked",
        "filter_ignored": "the mood is not filtered by",
        "filter_inverted": "public=true shows the private ones",
        "filter_total": "the total forgets the filter",
        "search_ignored": "q is ignored",
        "search_by_case": "q finds only what has its case",
        "sort_ignored": "sort is ignored",
        "sort_reversed": "sort is the wrong way round",
        "count_stands": "track_count counts one too few",
        "count_keeps": "track_count does not go down",
        "sum_wrong": "total_seconds is rounded down to minutes",
        "positions_swapped": "the first two tracks change places",
        "created_moves": "created_at changes with a change",
        "updated_stands": "updated_at stays with a change",
        "list_differs": "a list shows the rating that a playlist was made with",
        "track_of_another": "a track names another playlist",
        "account_total": "the total counts the other account's playlists too",
    },
}


@dataclass(frozen=True)
class Dialect:
    """
    How an implementation answers where the document leaves a choice.

    Attributes:
        invalid: Status of a request that breaks the contract; `unreadable` of one that is no JSON.
        number: A running number -> the id that is shown.
        nulls: Whether what has no value is null; else it is left out.
        newest_first: The order of a list that is not sorted.
        folded: Whether titles are compared in any case.
        slugs: Whether a playlist without a slug gets one.
        open: Whether what is not known is kept and shown.
        again: Status of deleting what was deleted.
        before: Whether a body is looked at before its playlist is looked for.
    """

    invalid: int = 422
    unreadable: int = 400
    number: Callable[[int], str] = str
    time: Callable[[datetime], str] = times.seconds
    nulls: bool = True
    newest_first: bool = False
    per_page: int = 10
    folded: bool = False
    slugs: bool = False
    open: bool = False
    again: int = 404
    before: bool = False
    media: str = "application/json"
    location: str = "/v2/playlists/{id}"
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: bool = False


def _uuid(number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"playlist/{number}"))


def _opaque(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:24]


DIALECTS = {
    "flask": Dialect(),
    "django": Dialect(
        invalid=400, time=times.micros, newest_first=True, per_page=20, headers={"Vary": "Accept, Cookie"}
    ),
    "express": Dialect(
        invalid=400,
        number=_opaque,
        time=times.millis,
        nulls=False,
        per_page=25,
        open=True,
        media="application/json; charset=utf-8",
        headers={"X-Powered-By": "Express", "ETag": 'W/"5a-1"'},
    ),
    "rails": Dialect(
        number=_uuid,
        time=times.millis,
        newest_first=True,
        folded=True,
        slugs=True,
        media="application/json; charset=utf-8",
        location="http://localhost:8080/v2/playlists/{id}",
        headers={"X-Request-Id": "0b1f", "X-Runtime": "0.004", "Cache-Control": "max-age=0, private"},
        extra=True,
    ),
    "go": Dialect(
        invalid=400,
        number=lambda number: f"pl_{number:06d}",
        time=times.nanos,
        nulls=False,
        again=204,
        before=True,
    ),
    "spring": Dialect(
        invalid=400,
        time=times.offset,
        per_page=50,
        before=True,
        location="{id}",
        headers={"X-Frame-Options": "DENY"},
    ),
}
