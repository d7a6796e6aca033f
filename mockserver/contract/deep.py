"""
Nested objects in flat names: "filter[status]=open&filter[range][from]=1".

OpenAPI's deepObject defines one level only and leaves nesting undefined
(3.1.1, Style Values). What is read beyond it is what clients send: "[a][b]"
nests, "[]" and "[0]" are array items, a repeated name is an array.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mockserver.contract.encoded import Fields, Misread, decoded_plus
from mockserver.contract.shapes import Judge, Shape, scalar
from mockserver.exchange import MISSING, Json

_STEPS = re.compile(r"(?:\[[^\[\]]*\])+")
_DEEPEST = 32

_Tree = dict[str, Any]


def deep(name: str, shape: Shape, judge: Judge | None = None) -> Callable[[Fields], Json]:
    """Return the reader of the deepObject *name*; `MISSING` when no field begins with "name["."""
    prefix = f"{name}["

    def read(sent: Fields) -> Json:
        tree: _Tree | None = None
        for key, raw in sent.items():
            if key.startswith(prefix):
                tree = {} if tree is None else tree
                _plant(tree, _steps(key, len(name)), [decoded_plus(value) for value in raw])
        if tree is not None:
            return _grown(tree, shape, judge)
        if name in sent:
            raise Misread(f"{name!r} is an object and is written as {name}[property]=value")
        return MISSING

    return read


def _steps(key: str, start: int) -> list[str]:
    if not _STEPS.fullmatch(key, start):
        raise Misread(f"{key!r:.80} is not written as name[property]")
    steps = key[start + 1 : -1].split("][")
    if len(steps) > _DEEPEST:
        raise Misread(f"{key!r:.80} nests {len(steps)} levels deep; {_DEEPEST} are read")
    return steps


def _plant(tree: _Tree, steps: list[str], texts: list[str]) -> None:
    for step in steps[:-1]:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            raise Misread(f"[{step}] is given both as a value and as an object")
        tree = below
    last = steps[-1]
    found = tree.setdefault(last, [])
    if not isinstance(found, list):
        raise Misread(f"[{last}] is given both as a value and as an object")
    found.extend(texts)


def _grown(tree: _Tree | list[str], shape: Shape, judge: Judge | None) -> Json:
    if isinstance(tree, list):
        if "array" in shape.kinds and shape.typed:
            return [scalar(shape.item(index), judge)(text) for index, text in enumerate(tree)]
        if len(tree) == 1:
            return scalar(shape, judge)(tree[0])
        return [scalar(shape, judge)(text) for text in tree]
    if "array" in shape.kinds and shape.typed and all(step == "" or step.isdigit() for step in tree):
        items: list[Any] = []
        for step in sorted(tree, key=lambda step: int(step or 0)):
            below = tree[step]
            items.extend([[text] for text in below] if isinstance(below, list) else [below])
        return [_grown(item, shape.item(index), judge) for index, item in enumerate(items)]
    return {step: _grown(below, shape.named(step), judge) for step, below in tree.items()}
