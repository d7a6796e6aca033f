"""
Plain text of a wanted length.
"""

from __future__ import annotations

from mockserver.generation.draw import Draw
from mockserver.generation.wordlists import sequence

WORDS = sequence(
    """
    able about above action after again align along among answer apart apply around arrive aspect autumn
    balance basic before begin below between beyond bright broad build calm carry center chance change
    choice circle clear close common corner course cover create current detail direct early effort
    enough event every example fair field final first focus follow forward frame fresh future garden
    gather general gentle given glance global goal ground group grow guide handle harbor height honest
    image impact index island keep kind known large later layer learn level light limit local longer
    main major market matter measure middle mind modern moment morning motion nature near north notice
    number often open order other outline paper partner path pattern people perfect place plain point
    present quiet range reach ready reason record region result return river round sample scale season
    second shape share short signal simple single small smooth solid source space spring stable stage
    start steady still stone story street strong subject summer support surface table theme together
    touch toward trade travel under unit value view voice water weather whole window winter within world
    yellow
    """
)
"""Common English words with nothing to object to."""


def sentence(ctx: Draw, least: int = 5, most: int = 11) -> str:
    """Return a sentence of *least* to *most* words."""
    count = least + int(ctx.random() * (most - least + 1))
    return " ".join(ctx.pick(WORDS) for _ in range(count)).capitalize() + "."


def phrase(ctx: Draw, count: int = 2) -> str:
    """Return *count* words."""
    return " ".join(ctx.pick(WORDS) for _ in range(count))


def fitted(ctx: Draw, text: str, shortest: int, longest: int | None) -> str:
    """Return *text* (or words, when it is "") with *shortest* to *longest* code points."""
    if longest is not None and longest < 3:
        return (text or ctx.pick(WORDS))[: max(longest, 0)]
    if not text:
        text = phrase(ctx) if longest is None or longest > 14 else ctx.pick(WORDS)
    if len(text) < shortest:
        pieces = [text]
        length = len(text)
        while length < shortest:
            word = ctx.pick(WORDS)
            pieces.append(word)
            length += 1 + len(word)
        text = " ".join(pieces)
        if longest is None:
            longest = max(shortest, 1)
    if longest is not None and len(text) > longest:
        text = text[:longest]
        space = text.rfind(" ")
        if space >= max(shortest, longest // 2, 1):
            text = text[:space]
        if text.endswith(" "):
            text = text[:-1] + "s"
    return text
