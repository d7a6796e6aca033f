"""
Names of things and sentences about them, in English that means something.

Faker's sentences are words in a row. These are put together from parts that fit,
and speak of the thing they belong to: "Golden Campaign", "Planned for spring and ready to share."
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from string import Formatter

from mockserver.generation.draw import Draw
from mockserver.generation.names import thing
from mockserver.generation.wordlists import sequence

ADJECTIVES = sequence(
    """
    Spring Summer Autumn Winter Northern Coastal Golden Bright Central Modern Classic Urban Global
    Premium Everyday Signature Pioneer Harbor Summit Evergreen Riverside Sunrise Silver Blue Green Open
    Fresh Early Weekend Holiday
    """
)
NOUNS = sequence(
    """
    launch review update plan report guide workshop survey release checklist overview briefing roadmap
    summary proposal schedule budget draft handbook newsletter
    """
)
AUDIENCES: tuple[str, ...] = (
    "new customers",
    "returning visitors",
    "small teams",
    "local partners",
    "early adopters",
    "families",
)
AUDIENCES += ("long-time members", "regional stores", "students", "professionals")
TOPICS: tuple[str, ...] = (
    "clear pricing",
    "quick delivery",
    "friendly support",
    "better onboarding",
    "seasonal offers",
    "simple setup",
)
TOPICS += (
    "reliable results",
    "shared planning",
    "fresh ideas",
    "product quality",
    "open feedback",
    "local events",
)
SEASONS: tuple[str, ...] = ("spring", "summer", "autumn", "winter", "the holidays", "the new year")
SENTENCES: tuple[str, ...] = (
    "Made for {audience}, with a focus on {topic}.",
    "Planned for {season} and ready to share.",
    "Covers {topic} and {other}.",
    "Brings {topic} to {audience}.",
    "Prepared for {season}, with {topic} in mind.",
    "A short introduction to {topic} for {audience}.",
    "Everything {audience} need to know about {topic}.",
    "Combines {topic} with {other}.",
    "Reviewed twice and approved for {season}.",
    "Helps {audience} get started with {topic}.",
    "Please check {topic} before {season}.",
    "Updated after feedback from {audience}.",
)
PRODUCTS: tuple[str, ...] = (
    "Backpack",
    "Desk Lamp",
    "Water Bottle",
    "Notebook",
    "Headphones",
    "Coffee Mug",
    "Office Chair",
    "Raincoat",
)
PRODUCTS += (
    "Wall Clock",
    "Phone Case",
    "Running Shoes",
    "Travel Pillow",
    "Keyboard",
    "Picnic Blanket",
    "Wool Scarf",
)
PRODUCTS += ("Tea Kettle", "Garden Set", "Bike Helmet", "Sunglasses", "Yoga Mat")
MATERIALS: tuple[str, ...] = (
    "Canvas",
    "Oak",
    "Steel",
    "Cotton",
    "Compact",
    "Ceramic",
    "Leather",
    "Recycled",
    "Classic",
    "Foldable",
)
MATERIALS += ("Wireless", "Bamboo", "Lightweight", "Merino", "Glass")
TAGLINES: tuple[str, ...] = (
    "Less noise, more {topic}",
    "{Topic} for {audience}",
    "Where {audience} find {topic}",
    "{Topic}, every day",
    "Ready for {season}",
)
SUBJECTS: tuple[str, ...] = (
    "Your {noun} is ready",
    "Reminder: {noun} due this week",
    "News about the {noun}",
    "Welcome to {season}",
)
SUBJECTS += ("Questions about the {noun}", "Changes to your {noun}")
QUESTIONS: tuple[str, ...] = (
    "How does {topic} work?",
    "Who is the {noun} for?",
    "When is the next {noun}?",
    "What about {topic}?",
)
REASONS: tuple[str, ...] = (
    "No longer needed",
    "Duplicate entry",
    "Requested by the customer",
    "Missing information",
    "Budget exceeded",
)
REASONS += ("Did not meet the guidelines", "Replaced by a newer version", "Outside the service area")
ERRORS: tuple[str, ...] = (
    "The request could not be processed.",
    "A required value is missing.",
    "The resource was not found.",
)
ERRORS += ("The operation timed out.", "Access was denied.", "The value is not valid.")
MESSAGES: tuple[str, ...] = (
    "The request was successful.",
    "Saved.",
    "Your changes have been saved.",
    "Done.",
    "Accepted for processing.",
)
GOALS: tuple[str, ...] = (
    "Increase awareness among {audience}",
    "Reach {audience} before {season}",
    "Improve {topic}",
)
GOALS += (
    "Grow sign-ups from {audience}",
    "Present {topic} to {audience}",
    "Win back {audience} this {plain}",
)
BIOS: tuple[str, ...] = (
    "Writes about {topic} and {other}.",
    "Works with {audience}; cares about {topic}.",
    "Enjoys {season} and {topic}.",
)
BOOKS: tuple[str, ...] = (
    "The {adjective} {Noun}",
    "A {adjective} {plain}",
    "Letters from the {adjective} Coast",
    "{adjective} Days",
)


def _filled(ctx: Draw, template: str) -> str:
    """Return *template* filled in; each draws the same number of times, whatever it has room for."""
    random = ctx.random
    drawn = (random(), random(), random(), random(), random(), random(), random())
    frame, slots = _opened(template)
    return frame % tuple([among[int(drawn[at] * count)] for among, count, at in slots(drawn)])


_Slot = tuple[tuple[str, ...], int, int]
"""Words, how many they are, and which of the seven numbers that are drawn takes one of them."""


def _slot(among: tuple[str, ...], at: int) -> _Slot:
    return among, len(among), at


_SLOTS: dict[str, _Slot] = {
    "topic": _slot(TOPICS, 0),
    "Topic": _slot(tuple(topic.capitalize() for topic in TOPICS), 0),
    "other": _slot(TOPICS, 1),
    "season": _slot(SEASONS, 2),
    "plain": _slot(tuple(season.rpartition(" ")[2] for season in SEASONS), 2),
    "audience": _slot(AUDIENCES, 3),
    "noun": _slot(NOUNS, 4),
    "Noun": _slot(tuple(noun.capitalize() for noun in NOUNS), 5),
    "adjective": _slot(ADJECTIVES, 6),
}
"""What may stand for each name in a template."""

_NEXT = _slot((*TOPICS[1:], TOPICS[0]), 1)
"""What stands for `other` where that would be the topic again."""


@cache
def _opened(template: str) -> tuple[str, Callable[[Sequence[float]], list[_Slot]]]:
    """Return *template* with a "%s" for each name, and what gives the slots for seven numbers."""
    pieces = [(before, name) for before, name, _, _ in Formatter().parse(template)]
    frame = "".join(before.replace("%", "%%") + ("%s" if name else "") for before, name in pieces)
    names = [name for _, name in pieces if name]
    slots = [_SLOTS[name] for name in names]
    if frame.startswith("%s"):  # a sentence begins with a capital
        among, count, at = slots[0]
        slots[0] = (tuple(word[0].upper() + word[1:] for word in among), count, at)
    frame = frame[0].upper() + frame[1:]
    if "other" not in names:
        return frame, lambda _drawn: slots
    apart = [_NEXT if name == "other" else slot for name, slot in zip(names, slots, strict=True)]
    count = len(TOPICS)
    return frame, lambda drawn: apart if int(drawn[0] * count) == int(drawn[1] * count) else slots


def one_of(ctx: Draw, templates: tuple[str, ...]) -> str:
    """Return one of *templates*, filled in."""
    template = templates[int(ctx.random() * len(templates))]
    return _filled(ctx, template) if "{" in template else template


def sentences(ctx: Draw, least: int = 1, most: int = 2) -> str:
    """Return *least* to *most* sentences that differ."""
    count = least + int(ctx.random() * (most - least + 1))
    start = int(ctx.random() * len(SENTENCES))
    return " ".join(_filled(ctx, SENTENCES[(start + 5 * at) % len(SENTENCES)]) for at in range(count))


def title(ctx: Draw, owner: str) -> str:
    """
    Return a name for an *owner*, e.g. "Golden Campaign" for "campaign"; "Golden Launch" where it has no name.
    """
    noun = _called(owner) or ctx.pick(NOUNS).capitalize()
    return f"{ADJECTIVES[int(ctx.random() * len(ADJECTIVES))]} {noun}"


@lru_cache(maxsize=4096)
def _called(owner: str) -> str:
    return " ".join(word.capitalize() for word in thing(owner)[-2:])


def product(ctx: Draw) -> str:
    """Return the name of a product, e.g. "Canvas Backpack"."""
    return f"{ctx.pick(MATERIALS)} {ctx.pick(PRODUCTS)}"
