"""
What can be wrong with the depot, and what can be different without being wrong.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from mockserver.tests.judged import times

BUGS = {
    "shape": {
        "total_as_text": "total is text",
        "no_gift": "an order is answered without its required gift",
        "extra_secret": "an order shows its account, which the contract excludes",
        "list_as_html": "the list calls itself text/html",
        "create_is_200": "a create is 200, which is not documented",
        "cancel_is_202": "a cancel is 202, which is not documented",
        "priority_null": "an order's priority is null when it is the default",
        "time_no_zone": "created_at has no zone",
        "status_closed": "a cancelled order's status is canceled",
        "no_location": "a create has no Location",
        "bare_order": "a read has no envelope",
        "refusal_bare": "refusals are {message} without error",
        "count_negative": "meta.count is -1 where there are no lines",
        "delete_body": "a 404 is an HTML page",
        "tags_joined": "tags come as one text, joined by commas",
        "list_null": "data is null where there is nothing",
    },
    "input": {
        "takes_no_reference": "an order without reference is made",
        "takes_short_reference": "a reference of two characters is taken",
        "takes_long_notes": "notes of 201 characters are cut",
        "takes_odd_reference": "a reference with other characters is taken",
        "takes_priority_6": "a priority of 6 is taken as 5",
        "takes_priority_0": "a priority of 0 is taken as 1",
        "takes_currency": "a currency that there is not is EUR",
        "takes_email": "an email that is none is forgotten",
        "takes_customer_empty": "a customer without a name is taken",
        "takes_quantity_0": "a quantity of 0 is 1",
        "takes_sku": "an sku of any form is taken",
        "takes_line_extra": "a line with other properties is taken",
        "takes_tags_twice": "tags that repeat are taken once",
        "takes_six_tags": "a sixth tag is dropped",
        "takes_date": "a deliver_at that is no time is forgotten",
        "takes_limit_0": "limit=0 is 1",
        "takes_status": "an unknown status of the query is ignored",
        "takes_gift_text": 'gift: "true" is taken',
        "refuses_priority_5": "a priority of 5 is refused",
        "refuses_20": "a reference of 20 characters is refused",
        "takes_bad_patch": "a PATCH is not checked: what is wrong is left out",
        "crash_on_null": "a null customer is a 500",
        "takes_text": "JSON is read whatever its media type",
    },
    "auth": {
        "takes_nobody": "nobody is asked for a token",
        "takes_anybody": "any token is the first account's",
        "other_reads": "anybody's order can be read",
        "other_lists": "everybody's orders are listed",
        "other_patches": "anybody's order can be changed",
        "other_deletes": "anybody's order can be deleted",
        "other_cancels": "anybody's order can be cancelled",
        "other_lines": "anybody's lines can be listed",
    },
    "state": {
        "lost_create": "a create is answered, and not kept",
        "lost_patch": "a PATCH is answered, and not kept",
        "lost_put": "a PUT is answered, and not kept",
        "lost_cancel": "a cancel is answered, and not kept",
        "cancel_twice": "an order can be cancelled again",
        "cancelled_changes": "a cancelled order can be changed",
        "deleted_listed": "a deleted order is still listed",
        "deleted_reads": "a deleted order can still be read",
        "lines_survive": "the lines of a deleted order can still be listed",
        "patch_spills": "a change of the priority changes all of the account",
        "patch_clears": "a PATCH resets what it does not name",
        "patch_customer": "a PATCH of the customer's name changes no email",
        "put_keeps": "a PUT keeps what it leaves out",
        "put_drops_lines": "a PUT removes the lines",
        "put_makes_two": "a PUT makes a second order",
        "reference_twice": "references need not be unique",
        "reference_by_patch": "a PATCH may take another's reference",
        "taken_forever": "the reference of a deleted order stays taken",
        "stale_list": "a list shows what an order was made with",
        "line_lost": "the last of several first lines is lost",
        "line_elsewhere": "a line is added to the account's oldest order",
        "line_twice": "a line is added twice",
        "cancel_all": "a cancel cancels all",
        "create_twice": "two orders are made at once",
        "delete_two": "a delete takes the next order along",
    },
    "value": {
        "count_stands": "line_count does not count what is added later",
        "total_rounds": "total is rounded to whole units",
        "total_no_discount": "total forgets the discount",
        "amount_of_one": "amount is the unit price",
        "default_priority": "a priority that is left out is 1",
        "default_currency": "a currency that is left out is USD",
        "cursor_repeats": "a page begins with the last of the one before",
        "cursor_skips": "one is lost between two pages",
        "last_lost": "the oldest order is not listed",
        "limit_ignored": "a page has ten, whatever is asked",
        "meta_total_page": "meta.total counts one page",
        "meta_total_all": "meta.total forgets the filter",
        "oldest_first": "orders come the oldest first",
        "lines_reversed": "lines come the last first",
        "position_zero": "positions count from 0, all of them",
        "status_ignored": "the status is not filtered by",
        "currency_ignored": "the currency is not filtered by",
        "search_reference": "the search finds no notes",
        "search_ignored": "the search is ignored",
        "zone_shifted": "deliver_at is shifted by its offset",
        "reference_upper": "a reference is stored in capitals",
        "notes_trimmed": "spaces around notes are lost",
        "notes_ascii": "notes lose what is not ASCII",
        "price_floor": "a unit price loses its cents",
        "updated_stands": "updated_at stays",
        "created_moves": "created_at moves with a change",
        "email_lost": "the customer's email is not kept",
        "false_lost": "gift is true as soon as it is named",
        "cancelled_at_stays": "cancelled_at stays null",
    },
}


@dataclass(frozen=True)
class Dialect:
    """
    How an implementation answers where the document leaves a choice.
    """

    invalid: int = 422
    unreadable: int = 400
    number: Callable[[int], str] = str
    time: Callable[[datetime], str] = times.seconds
    nulls: bool = True
    limit: int = 20
    folded: bool = False
    deleted: int = 204
    again: int = 404
    first: bool = False
    merges: bool = False
    cursor: Callable[[str], str] = str
    whole: bool = False
    media: str = "application/json"
    location: str = "/orders/{id}"
    headers: Mapping[str, str] = field(default_factory=dict)
    foreign: int = 404
    strict: bool = False
    lines_of_cancelled: bool = False
    bad_cursor: int = 0


def _uuid(number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"order/{number}"))


def _base64(text: str) -> str:
    return base64.urlsafe_b64encode(f'{{"after":"{text}"}}'.encode()).decode()


DIALECTS = {
    "node": Dialect(
        number=_uuid, time=times.millis, media="application/json; charset=utf-8", headers={"ETag": 'W/"1"'}
    ),
    "laravel": Dialect(
        unreadable=422,
        time=times.micros,
        limit=15,
        cursor=_base64,
        deleted=200,
        headers={"Cache-Control": "no-cache, private"},
    ),
    "java": Dialect(
        invalid=400,
        number=lambda n: f"ORD{n:08d}",
        time=times.offset,
        nulls=False,
        first=True,
        again=204,
        limit=50,
        location="https://depot.example/orders/{id}",
        merges=True,
    ),
    "ruby": Dialect(
        number=lambda n: f"ord_{n * 7919 % 1000003:x}",
        time=times.millis,
        folded=True,
        whole=True,
        limit=25,
        cursor=_base64,
        headers={"X-Runtime": "0.01", "X-Request-Id": "a1"},
        location="{id}",
        bad_cursor=400,
    ),
    "elixir": Dialect(
        invalid=400,
        time=times.elsewhere,
        nulls=False,
        limit=10,
        merges=True,
        foreign=404,
        strict=True,
        bad_cursor=422,
        deleted=200,
    ),
    "rust": Dialect(
        number=_uuid, time=times.micros, unreadable=400, first=True, strict=False, limit=100, whole=True
    ),
}
