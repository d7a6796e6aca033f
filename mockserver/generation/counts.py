"""
Counts beside lists, and what a page says of itself: of a list that is all there.
"""

from __future__ import annotations

import math

from mockserver.exchange import Json
from mockserver.generation.names import singular, snake
from mockserver.generation.related import Rule, Set, is_number, total_of
from mockserver.generation.wordlists import listed

COUNTS = listed(
    """
    total count total_count total_items total_results total_records total_elements total_entries
    result_count results_count item_count items_count number_of_elements num_results num_items
    record_count records_total records_filtered total_hits hits_count row_count total_rows length
    entries_count returned total_number found
    """
)
PAGES = listed(
    """
    pages total_pages page_count last_page num_pages number_of_pages pages_total pages_count
    """
)
FIRSTS = listed("page current_page page_number current page_index")
LIMITS = listed(
    """
    limit per_page page_size page_limit max_results size page_count_limit results_per_page
    """
)
OFFSETS = listed("offset start skip from_index start_index")
NEIGHBOURS = listed(
    """
    next previous prev next_page previous_page prev_page next_url previous_url prev_url next_link
    previous_link next_cursor prev_cursor previous_cursor next_page_token next_token next_href
    next_page_url prev_page_url
    """
)
"""What leads to another page: nothing does where all is on one."""
LISTS = listed(
    """
    items data results records entries list rows content objects values elements hits
    """
)


def counted(
    lists: list[str], names: list[str], objects: list[str], neighbours: list[str], *, page: bool
) -> Rule:
    """
    Return a rule for counts and paging beside *lists*; what is no *page* may have a total that costs.

    *neighbours* lead to other pages.
    """
    main = lists[0] if len(lists) == 1 else next((name for name in lists if snake(name) in LISTS), None)
    own = {}
    for each in lists:
        said = snake(each)
        for name in (
            f"{singular(said)}_count",
            f"{said}_count",
            f"total_{said}",
            f"num_{said}",
            f"number_of_{said}",
            f"{said}_total",
        ):
            own[name] = each
    direct = [(name, own[snake(name)]) for name in names if snake(name) in own]

    def rule(out: dict[str, Json], put: Set) -> None:
        for name, each in direct:
            if is_number(out.get(name)) and isinstance(out.get(each), list):
                put(name, len(out[each]))
        if main is None or not isinstance(out.get(main), list):
            return
        count = len(out[main])
        costs = not page and total_of(out[main]) is not None
        for name in names:
            if name in out and not (costs and snake(name) in ("total", "subtotal")):
                put(name, paged(name, out[name], count))
        for name in neighbours if page else ():
            put(name, None)
        for name in objects:
            if isinstance(out.get(name), dict):
                put(name, {each: paged(each, value, count) for each, value in out[name].items()})

    return rule


def paged(name: str, value: Json, count: int) -> Json:
    """Return what stands for *value* under *name* beside a list of *count* items that is all on one page."""
    if not is_number(value):
        return value
    said = snake(name)
    if said in COUNTS:
        return count
    if said in PAGES:
        return 1 if count else value
    if said in FIRSTS:
        return 1
    if said in LIMITS:
        return max(20, 10 * math.ceil(count / 10))
    return 0 if said in OFFSETS else value
