"""
What can be wrong with the tracked chats, and what can be different without being wrong.

The document is `002_*.txt` (specs/trackbot): forms, refusals by a code, a soft delete,
five postback templates that are one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

BUGS = {
    "shape": {
        "no_status_word": 'a detail does not say "status": "ok"',
        "id_as_text": "the id of a new campaign is text",
        "no_code": "a new campaign has no code",
        "created_as_iso": "created is 2026-05-10T09:00:00Z",
        "null_media": "media that there is none of is null",
        "window_as_text": "unsub_window is text",
        "added_is_201": "a create is 201, which is not documented",
        "listed_without_title": "a listed campaign has no chat_title",
        "owner_shown": "a detail shows the owner's email address",
        "error_without_word": "a refusal has no error",
        "list_as_object": "the list is an object by ids",
        "link_without_scheme": "a link begins with t.me",
        "media_without_kind": "a reference of media has no img_ before it",
        "paused_says_state": "pausing answers the state, too",
    },
    "input": {
        "accepts_no_chat": "a campaign without chat is made",
        "accepts_bot_as_word": "a bot that is a word is 7",
        "accepts_negative_window": "an unsub_window below 0 is 0",
        "accepts_high_level": "a notify_level of 4 is 3",
        "accepts_bad_media": "media that is no reference is left out",
        "accepts_pause_of_two": "pause=2 pauses",
        "accepts_no_pause": "pausing without pause pauses",
        "accepts_no_file": "an upload without a file gives a reference",
        "crash_on_word_id": "an id that is a word is a 500",
        "crash_on_no_id": "an edit without id is a 500",
    },
    "state": {
        "lost_add": "a create is answered, and not kept",
        "lost_edit": "an edit is answered, and not kept",
        "lost_pause": "pausing is answered, and does nothing",
        "resume_ignored": "resuming is answered, and does nothing",
        "lost_delete": "a delete is answered, and does nothing",
        "deleted_listed": "a deleted campaign is still listed",
        "paused_not_listed": "a paused campaign is not listed",
        "same_chat_twice": "a chat can be tracked twice",
        "edit_resets": "an edit resets what it does not name",
        "templates_merge": "an edit of one template keeps the other four",
        "edit_changes_all": "an edit of the button changes every campaign",
        "edit_changes_chat": "an edit changes the chat",
        "media_stays": "an edit to no media keeps the media",
        "delete_takes_neighbour": "a delete takes the campaign made before along",
        "unknown_edit_ok": "editing a campaign that is not there is ok",
        "unknown_delete_ok": "deleting a campaign that was never there is ok",
    },
    "value": {
        "window_default_zero": "an unsub_window that is left out is 0",
        "window_in_minutes": "unsub_window is cut to whole minutes",
        "welcome_trimmed": "a welcome is cut after 20 characters",
        "button_swapped": "button_text and button_url change places",
        "template_lost": "pb_trash is not kept",
        "code_of_another": "a link has the code of the newest campaign",
        "code_changes": "a code is another each time that a campaign is read",
        "click_ignored": "a link keeps its placeholder, whatever is clicked",
        "click_lowered": "a click is put into a link in lower case",
        "counts_at_birth": "a new campaign has been started once",
        "paused_at_birth": "a new campaign is paused",
        "chat_off": "a listed chat loses its sign",
    },
}


@dataclass(frozen=True)
class Dialect:
    """
    How an implementation answers where the document leaves a choice.

    Attributes:
        conflict: Status of `exists` and `nochat`; the others of what else is refused.
        deleted: What a deleted campaign is: "readable", or "gone" for everything.
        again: Whether deleting again is ok.
        level: Whether a detail shows notify_level.
        newest_first: The order of the list.
        code: A running number -> a code.
        first: The first campaign's number.
    """

    conflict: int = 409
    invalid: int = 400
    missing: int = 404
    deleted: str = "readable"
    again: bool = True
    level: bool = True
    newest_first: bool = False
    code: Callable[[int], str] = lambda number: f"c{number:06d}"
    first: int = 1
    step: int = 1
    words: bool = False
    media: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


DIALECTS = {
    "plain": Dialect(),
    "php": Dialect(
        deleted="gone",
        again=False,
        level=False,
        newest_first=True,
        first=1001,
        media="application/json; charset=utf-8",
        headers={"X-Powered-By": "PHP/8.3", "Cache-Control": "no-store, no-cache, must-revalidate"},
    ),
    "node": Dialect(
        code=lambda number: hex(number * 7919 + 10**6)[2:],
        first=50_000_000_000,
        step=13,
        words=True,
        headers={"ETag": 'W/"1"', "Vary": "Accept-Encoding"},
    ),
    "go": Dialect(
        code=lambda number: f"{number * 31337:x}Z", level=True, newest_first=True, again=True, first=77
    ),
}
