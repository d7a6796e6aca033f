"""
Take other options of what a document leaves open than the first: `serve --choice NAME=VALUE`.

So a client can be tried on any server that the document permits, and the judge on any
dialect of our own mock. An option that no rule asks for cannot be taken: it only tells
the judge what to leave alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mockserver.behavior.model import Behavior, written
from mockserver.errors import UsageError, nearest
from mockserver.exchange import MISSING, Json


def read_choices(texts: Iterable[str]) -> dict[str, str]:
    """
    Return name and option of each "NAME=VALUE"; said twice, the later counts.

    Raises:
        UsageError: One of them is not written so.
    """
    found = {}
    for text in texts:
        name, equals, option = text.partition("=")
        if not equals or not name:
            raise UsageError(f"--choice {text!r}: expected NAME=VALUE, as in --choice lending-4=400")
        found[name] = option
    return found


def taken(behavior: Behavior, said: Mapping[str, str]) -> dict[str, Json]:
    """
    Return the options that *said* takes of the choices of *behavior*; what it has not is another API's.

    Raises:
        UsageError: A choice has no such option, or no rule asks which one is taken.
    """
    found: dict[str, Json] = {}
    for name, text in said.items():
        choice = behavior.choices.get(name)
        if choice is None:
            continue
        options = [written(option) for option in choice.options]
        option = choice.option(text)
        if option is MISSING:
            detail = f"there is no option {text!r}; there are {', '.join(options)}.{nearest(text, options)}"
            raise UsageError(f"--choice {name}: {detail}")
        if name not in behavior.consulted and option != choice.options[0]:
            detail = f"{behavior.file} has a rule for {options[0]!r} only; {text!r} is for `verify` to accept"
            raise UsageError(f"--choice {name}: {detail}")
        found[name] = option
    return found


def hold_known(behaviors: Iterable[Behavior], said: Iterable[str]) -> None:
    """
    Hold that each name is a choice of one of *behaviors*.

    Raises:
        UsageError: It names the nearest.
    """
    known = [name for behavior in behaviors for name in behavior.choices]
    for name in said:
        if name not in known:
            near = nearest(name, known) or ("" if known else " What is served leaves nothing open.")
            raise UsageError(f"--choice {name}: there is no such choice.{near}")
