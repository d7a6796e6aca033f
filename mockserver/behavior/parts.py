"""
Compile what collections and operations are both made of: values, conditions, refusals, steps, events.

Each part is compiled with the names that may be used where it stands, so that a
name that does not exist is found at load, with its line, and not by a request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mockserver.behavior.expressions import Expression, Literal, Value, compile_value, expressions
from mockserver.behavior.functions import FUNCTIONS
from mockserver.behavior.model import Condition, Event, Refusal, Step, Where
from mockserver.behavior.permitted import is_status
from mockserver.contract.lines import line_of
from mockserver.contract.model import Contract, Operation
from mockserver.contract.sources import join_pointer
from mockserver.errors import BehaviorError, nearest
from mockserver.exchange import Json, Place

REQUEST_NAMES = (
    *("path", "query", "header", "cookie", "body", "sent"),
    *("me", "settings", "choice", "now", "instant", "draw", "start"),
)
"""Names that every expression knows."""

RESULT_NAMES = ("item", "new", "rows", "total", "page", "pages", "limit", "offset")
"""Names that an operation's own words bind."""

_CHOSEN = re.compile(r"""=\s*choice\(\s*["']([^"']+)["']\s*\)\s*""")
"""A status that is a choice, and nothing else."""

STEPS = ("create", "update", "delete", "copy", "let", "refuse", "emit")


def introduced(node: Json) -> set[str]:
    """Return the names that `let`, `for` and `as` introduce, anywhere in a rule."""
    found: set[str] = set()
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "let" and isinstance(value, dict):
                found.update(value)
            elif key in ("for", "as") and isinstance(value, str):
                found.add(value)
            found |= introduced(value)
    elif isinstance(node, list):
        for value in node:
            found |= introduced(value)
    return found


class Parts:
    """
    Compiles parts of one behavior.yaml.

    Args:
        file: The file, for errors.
        contract: Whose operations, examples and webhooks may be named.
        collections: As in the file: name -> what it says.
        choices: As in the file: id -> what it says.
    """

    def __init__(
        self,
        file: str,
        contract: Contract,
        collections: Mapping[str, Any],
        choices: Mapping[str, Any],
    ) -> None:
        self.file = file
        self.contract = contract
        self.collections = collections
        self.choices = choices
        self.known = (*REQUEST_NAMES, *collections)
        self.consulted: set[str] = set()
        """The choices that what was compiled so far asks for."""

    def new_name(self, name: str, pointer: str) -> str:
        """Return *name*, which `let`, `for` or `as` introduces; it must not mean something already."""
        if name in self.known or name in RESULT_NAMES or name in FUNCTIONS:
            raise self.error(pointer, f"{name!r} is a name that expressions have already")
        return name

    def _called(self, node: Mapping[str, Any], pointer: str) -> str:
        name: str = node.get("as", "")
        return name if name in ("", "new") else self.new_name(name, join_pointer(pointer, "as"))

    def error(self, pointer: str, detail: str) -> BehaviorError:
        """Return an error that knows its line."""
        return BehaviorError(self.file, line_of(Path(self.file), pointer), pointer, detail)

    def place(self, pointer: str) -> Place:
        """Return the place of *pointer*; its line is found when somebody asks."""
        return Place(self.file, pointer)

    def collection_name(self, name: str, pointer: str) -> str:
        """Return *name*, which must be a collection's."""
        if name not in self.collections:
            raise self.error(pointer, f"there is no collection {name!r}.{nearest(name, self.collections)}")
        return name

    # ------------------------------------------------------- values, conditions

    def value(self, tree: Json, pointer: str, known: Iterable[str]) -> Value:
        """Compile a value position, in which the names *known* may be used."""
        try:
            made = compile_value(tree, self.place(pointer), tuple(known))
        except BehaviorError as error:
            raise self.error(error.pointer, error.detail) from None
        for expression in expressions(made):
            self._hold_asked(expression)
        return made

    def maybe(self, node: Mapping[str, Any], key: str, pointer: str, known: Iterable[str]) -> Value | None:
        """Compile the value at *key* of *node*, which stands at *pointer*; None where there is none."""
        return self.value(node[key], join_pointer(pointer, key), known) if key in node else None

    def condition(self, text: Json, pointer: str, known: Iterable[str]) -> Condition:
        """Compile a condition: an expression without "=", or true or false."""
        if isinstance(text, bool):
            return Condition(Literal(text))
        return Condition(self.expression(text, pointer, known))

    def expression(self, text: str, pointer: str, known: Iterable[str]) -> Expression:
        """Compile an expression, in which the names *known* may be used."""
        try:
            made = Expression(text, self.place(pointer), tuple(known))
        except BehaviorError as error:
            raise self.error(error.pointer, error.detail) from None
        self._hold_asked(made)
        return made

    def _hold_asked(self, expression: Expression) -> None:
        """Hold that the choices and components that *expression* names in quotes are there."""
        components = self.contract.schemas.components()
        for function, name in expression.asked:
            if function == "choice" and name not in self.choices:
                detail = f"there is no choice {name!r}.{nearest(name, self.choices)}"
            elif function == "choice":
                self.consulted.add(name)
                continue
            elif function == "draw.value" and name not in components:
                detail = f"there is no component schema {name!r}.{nearest(name, components)}"
            else:
                continue
            raise self.error(expression.place.pointer, detail)

    def when(self, node: Mapping[str, Any], pointer: str, known: Iterable[str]) -> Condition | None:
        """Compile the `when` of *node*, which stands at *pointer*; None where there is none."""
        return self.condition(node["when"], join_pointer(pointer, "when"), known) if "when" in node else None

    def where(self, node: Json, pointer: str, known: Iterable[str]) -> Where | None:
        """Compile which rows: a mapping of fields, or a condition; None where nothing is said."""
        if node is None:
            return None
        if isinstance(node, dict):
            return Where(
                fields={
                    key: self.value(tree, join_pointer(pointer, key), known) for key, tree in node.items()
                }
            )
        return Where(condition=self.condition(node, pointer, known))

    def lets(
        self, node: Mapping[str, Any], pointer: str, known: Iterable[str]
    ) -> tuple[tuple[str, Value], ...]:
        """Compile names for what follows, in order."""
        for name in node:
            self.new_name(name, join_pointer(pointer, name))
        return tuple(
            (name, self.value(tree, join_pointer(pointer, name), known)) for name, tree in node.items()
        )

    # ------------------------------------------------------------------ refusals

    def refusal(
        self, node: Mapping[str, Any], pointer: str, operation: Operation | None, known: Iterable[str]
    ) -> Refusal:
        """Compile a refusal; *operation* must document it (None: one of no operation in particular)."""
        example = node.get("example", "")
        status = node.get("status", "")
        if operation is not None:
            self.documented(operation, status, example, pointer)
        if status == "":
            raise self.error(pointer, "a refusal needs its status")
        return Refusal(
            place=self.place(pointer),
            status=self.value(status, join_pointer(pointer, "status"), known),
            example=example,
            body=self.maybe(node, "body", pointer, known),
            headers=self.maybe(node, "headers", pointer, known),
        )

    def documented(self, operation: Operation, status: Json, example: str, pointer: str) -> None:
        """
        Hold that *operation* documents that status, and that example under it.

        Of a status that is left open (`=choice("…")`) the first option has to be documented: the mock takes
        it, and the others promise what it does.
        """
        if isinstance(status, str) and (chosen := _CHOSEN.fullmatch(status)) and chosen[1] in self.choices:
            options = self.choices[chosen[1]]["options"]
            wrong = next((one for one in options if not is_status(str(one))), None)
            if wrong is not None:
                raise self.error(pointer, f"{wrong!r}, an option of {chosen[1]}, is no status")
            if operation.promise(int(options[0])) is None:
                known = ", ".join(operation.responses)
                detail = f"{operation.id} documents no status {options[0]}, the first option of {chosen[1]}"
                raise self.error(pointer, f"{detail}; it has {known}")
        if isinstance(status, int):
            promise = operation.promise(status)
            if promise is None:
                known = ", ".join(operation.responses)
                raise self.error(pointer, f"{operation.id} documents no status {status}; it has {known}")
            promises = [promise]
        else:
            promises = list(operation.responses.values())
        names = [
            name for promise in promises for media in promise.content.values() for name in media.examples
        ]
        if example and example not in names:
            where = f"{operation.id} {status}" if isinstance(status, int) else operation.id
            raise self.error(pointer, f"{where} has no example {example!r}.{nearest(example, names)}")

    # ------------------------------------------------------------- steps, events

    def steps(
        self,
        nodes: Iterable[Mapping[str, Any]],
        pointer: str,
        operation: Operation | None,
        known: Iterable[str],
    ) -> tuple[Step, ...]:
        """Compile the steps of a `do`."""
        return tuple(
            self.step(node, join_pointer(pointer, index), operation, known)
            for index, node in enumerate(nodes)
        )

    def step(
        self, node: Mapping[str, Any], pointer: str, operation: Operation | None, known: Iterable[str]
    ) -> Step:
        """Compile one step, of the kind that its key says."""
        kinds = [kind for kind in STEPS if kind in node]
        if len(kinds) != 1:
            said = " and ".join(kinds) or "none"
            raise self.error(pointer, f"a step is one of {', '.join(STEPS)}; this has {said}")
        kind = kinds[0]
        if ("for" in node) != (node.get("in") is not None):
            raise self.error(pointer, "`for: name` and `in: =list` go together")
        if kind in ("update", "delete", "copy") and "where" not in node and "key" not in node:
            raise self.error(pointer, f"which rows? {kind} needs `where` or `key`")
        return Step(
            kind=kind,
            collection=self.collection_name(node[kind], pointer)
            if kind in ("create", "update", "delete", "copy")
            else "",
            place=self.place(pointer),
            when=self.when(node, pointer, known),
            each=self.new_name(node["for"], join_pointer(pointer, "for")) if "for" in node else "",
            over=self.value(node["in"], join_pointer(pointer, "in"), known)
            if node.get("in") is not None
            else None,
            source=self.maybe(node, "from", pointer, known),
            fields=self.maybe(node, "set", pointer, known),
            name=self._called(node, pointer),
            where=self.where(node.get("where"), join_pointer(pointer, "where"), known),
            key=self.maybe(node, "key", pointer, known),
            lets=self.lets(node["let"], join_pointer(pointer, "let"), known) if kind == "let" else (),
            refusal=self.refusal(node["refuse"], join_pointer(pointer, "refuse"), operation, known)
            if kind == "refuse"
            else None,
            event=self.event({**node, "event": node["emit"]}, pointer, known) if kind == "emit" else None,
        )

    def events(self, node: Json, pointer: str, known: Iterable[str]) -> tuple[Event, ...]:
        """Compile an `emit`: a name, a mapping with `event`, a list of either, or None."""
        if node is None:
            return ()
        if not isinstance(node, list):
            return (self.event({"event": node} if isinstance(node, str) else node, pointer, known),)
        return tuple(
            self.event({"event": one} if isinstance(one, str) else one, join_pointer(pointer, index), known)
            for index, one in enumerate(node)
        )

    def event(self, node: Mapping[str, Any], pointer: str, known: Iterable[str]) -> Event:
        """Compile one event, which the contract must have as a webhook or callback."""
        self.told_by(node["event"], pointer)
        return Event(
            node["event"],
            self.maybe(node, "with", pointer, known),
            self.when(node, pointer, known),
            self.maybe(node, "to", pointer, known),
        )

    def told_by(self, event: str, pointer: str) -> Operation:
        """Return the webhook or callback that is called *event*."""
        found = self.contract.told_by(event)
        if found is None:
            near = nearest(event, self.contract.events)
            raise self.error(pointer, f"the contract has no webhook or callback {event!r}.{near}")
        return found
