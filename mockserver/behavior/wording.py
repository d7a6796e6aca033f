"""
Names as people write them: what is the same thing under several spellings.

`user_id`, `userId` and `user-id` are one name; `/categories` holds a category. No
dictionary is asked: a plural that is not seen through costs a hint, no answer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """Return *name* without case and separators."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def words(text: str) -> frozenset[str]:
    """Return the words of *text*."""
    return frozenset(text.split())


_IRREGULAR = {"people": "person", "children": "child"}


def singular(word: str) -> str:
    """Return *word* in the singular, as far as its ending tells."""
    for many, one in _IRREGULAR.items():
        if word.endswith(many):
            return word.removesuffix(many) + one
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def last_word(path: str) -> str:
    """Return the last segment of a path template that is no parameter: "pets" of "/pets.json"."""
    words = [word for word in path.split("/") if word and "{" not in word]
    return words[-1].partition(".")[0].partition(":")[0] if words else ""


def noun(path: str) -> str:
    """Return what one thing of the collection at *path* is called, plain: "user" of "/v1/users"."""
    return singular(plain(last_word(path)))


def words_of(name: str) -> list[str]:
    """Return the words of a property's name: "tracked_postsCount" is tracked, posts, count."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)]


@lru_cache(maxsize=8192)
def wild(template: str) -> str:
    """Return a path template without the names of its parameters: "/users/{}/posts"."""
    return re.sub(r"\{[^{}]+\}", "{}", template)


@lru_cache(maxsize=8192)
def parameters(template: str) -> tuple[str, ...]:
    """Return the names of the parameters of a path template, in order."""
    return tuple(re.findall(r"\{([^{}]+)\}", template))


def nearness(path: str, other: str) -> int:
    """Return how many words two path templates have in common from the first on, without their parameters."""
    words = ([word for word in one.split("/") if word and "{" not in word] for one in (path, other))
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(*words, strict=False)))
