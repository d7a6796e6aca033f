"""
Names of things and sentences about them, in English that means something.

Faker's sentences are words in a row. These are put together from parts that fit,
and speak of the thing they belong to: "Golden Campaign", "Planned for spring and ready to share."
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
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
    text = "".join([before + told(drawn) for before, told in _pieces(template)])
    return text[0].upper() + text[1:]


def _other(drawn: _Drawn) -> str:
    topic, other = _of(TOPICS, drawn[0]), _of(TOPICS, drawn[1])
    return other if topic != other else TOPICS[(TOPICS.index(topic) + 1) % len(TOPICS)]


def _of(among: tuple[str, ...], share: float) -> str:
    return among[int(share * len(among))]


_Drawn = tuple[float, ...]
_TOLD: dict[str | None, Callable[[_Drawn], str]] = {
    None: lambda _: "",
    "topic": lambda drawn: _of(TOPICS, drawn[0]),
    "Topic": lambda drawn: _of(TOPICS, drawn[0]).capitalize(),
    "other": _other,
    "season": lambda drawn: _of(SEASONS, drawn[2]),
    "plain": lambda drawn: _of(SEASONS, drawn[2]).rpartition(" ")[2],
    "audience": lambda drawn: _of(AUDIENCES, drawn[3]),
    "noun": lambda drawn: _of(NOUNS, drawn[4]),
    "Noun": lambda drawn: _of(NOUNS, drawn[5]).capitalize(),
    "adjective": lambda drawn: _of(ADJECTIVES, drawn[6]),
}
"""What stands for each name in a template, of seven numbers in [0, 1)."""


@cache
def _pieces(template: str) -> tuple[tuple[str, Callable[[_Drawn], str]], ...]:
    """Return what stands before each name of *template*, and what stands for it."""
    return tuple((before, _TOLD[name]) for before, name, _, _ in Formatter().parse(template))


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
    said = thing(owner)[-2:]
    noun = " ".join(word.capitalize() for word in said) if said else ctx.pick(NOUNS).capitalize()
    return f"{ADJECTIVES[int(ctx.random() * len(ADJECTIVES))]} {noun}"


def product(ctx: Draw) -> str:
    """Return the name of a product, e.g. "Canvas Backpack"."""
    return f"{ctx.pick(MATERIALS)} {ctx.pick(PRODUCTS)}"
