"""
Compile a behavior.yaml against its contract.

The vocabulary's own shape is behavior.schema.json, held by the caller's
validator. What a schema cannot say is held here: operations, collections,
components, statuses, examples and names that exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from mockserver.behavior.expressions import Expression, Value, compile_value, truth
from mockserver.behavior.model import (
    Answer,
    Behavior,
    Choice,
    Collection,
    Condition,
    Due,
    Event,
    Filter,
    Invariant,
    Item,
    Listing,
    Refusal,
    Rule,
    Step,
    Unique,
    Where,
)
from mockserver.contract.model import Contract, Operation
from mockserver.contract.sources import join_pointer, line_of, read
from mockserver.errors import BehaviorError, nearest
from mockserver.exchange import Json, Place, Violation

Check = Callable[[Json], list[Violation]]
"""Holds a value against a JSON Schema."""

REQUEST_NAMES = (
    "path",
    "query",
    "header",
    "cookie",
    "body",
    "me",
    "settings",
    "sent",
    "choice",
    "now",
    "instant",
    "draw",
    "start",
)
_RESULT_NAMES = ("item", "new", "rows", "total", "page", "pages", "limit", "offset")


def vocabulary() -> dict[str, Json]:
    """Return the JSON Schema of behavior.yaml."""
    return orjson.loads((Path(__file__).parent / "behavior.schema.json").read_bytes())  # type: ignore[no-any-return]


def load(file: Path, contract: Contract, check: Check) -> Behavior:
    """
    Return the behaviours in *file*.

    Raises:
        BehaviorError: It says what the vocabulary or the contract does not have; with the line.
        Unreadable: It is no YAML.
    """
    document = read(file)
    if document is None:
        return Behavior(str(file))
    compiler = _Compiler(str(file), contract)
    for violation in check(document):
        raise compiler.error(violation.pointer, violation.detail)
    return compiler.behavior(document)


def _names_in(node: Json, words: Iterable[str]) -> set[str]:
    """Names that `let`, `for` and `as` introduce, anywhere in a rule."""
    found: set[str] = set()
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "let" and isinstance(value, dict):
                found.update(value)
            elif key in words and isinstance(value, str):
                found.add(value)
            found |= _names_in(value, words)
    elif isinstance(node, list):
        for value in node:
            found |= _names_in(value, words)
    return found


class _Compiler:
    """Compiles the parts of one file; every place it hands out knows its pointer, and its line when asked."""

    def __init__(self, file: str, contract: Contract) -> None:
        self.file = file
        self.contract = contract
        self.collections: Mapping[str, Any] = {}
        self.known: tuple[str, ...] = ()
        self.choices: Mapping[str, Any] = {}

    def error(self, pointer: str, detail: str) -> BehaviorError:
        return BehaviorError(self.file, line_of(Path(self.file), pointer), pointer, detail)

    def behavior(self, document: dict[str, Any]) -> Behavior:
        self.collections = document.get("collections") or {}
        self.choices = document.get("choices") or {}
        self.known = (*REQUEST_NAMES, *self.collections)
        for name in self.collections:
            if name in (*REQUEST_NAMES, *_RESULT_NAMES, "row", "old"):
                raise self.error(
                    join_pointer("/collections", name), f"{name!r} is a name that expressions have already"
                )
        return Behavior(
            file=self.file,
            settings=document.get("settings") or {},
            choices={
                key: Choice(key, said["about"], tuple(said["options"])) for key, said in self.choices.items()
            },
            refusals={
                key: self.refusal(said, join_pointer("/refusals", key), None, (*self.known, "problem"))
                for key, said in (document.get("refusals") or {}).items()
            },
            collections={
                name: self.collection(name, said or {}, join_pointer("/collections", name))
                for name, said in self.collections.items()
            },
            rules={
                key: self.rule(key, said or {}, join_pointer("/operations", key))
                for key, said in (document.get("operations") or {}).items()
            },
            invariants=self.invariants(document.get("invariants") or []),
        )

    # ------------------------------------------------------------------ pieces

    def place(self, pointer: str) -> Place:
        return Place(self.file, pointer)

    def value(self, tree: Json, pointer: str, known: Iterable[str]) -> Value:
        try:
            return compile_value(tree, self.place(pointer), tuple(known))
        except BehaviorError as error:
            raise self.error(error.pointer, error.detail) from None

    def condition(self, text: Json, pointer: str, known: Iterable[str]) -> Condition:
        if isinstance(text, bool):
            return lambda _: text
        try:
            expression = Expression(text, self.place(pointer), tuple(known))
        except BehaviorError as error:
            raise self.error(error.pointer, error.detail) from None
        return lambda scope: truth(expression(scope))

    def maybe(self, node: Mapping[str, Any], key: str, pointer: str, known: Iterable[str]) -> Value | None:
        return self.value(node[key], join_pointer(pointer, key), known) if key in node else None

    def when(self, node: Mapping[str, Any], pointer: str, known: Iterable[str]) -> Condition | None:
        return self.condition(node["when"], join_pointer(pointer, "when"), known) if "when" in node else None

    def refusal(
        self, node: Mapping[str, Any], pointer: str, operation: Operation | None, known: Iterable[str]
    ) -> Refusal:
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
        """Hold that *operation* documents that status, and that example under it."""
        if isinstance(status, int):
            promise = operation.responses.get(str(status)) or operation.responses.get(f"{status // 100}XX")
            promise = promise or operation.responses.get("default")
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

    def collection_name(self, name: str, pointer: str) -> str:
        if name not in self.collections:
            raise self.error(pointer, f"there is no collection {name!r}.{nearest(name, self.collections)}")
        return name

    # ------------------------------------------------------------- collections

    def collection(self, name: str, node: Mapping[str, Any], pointer: str) -> Collection:
        known = (*self.known, "row", "old")
        if (schema := node.get("schema", "")) and schema not in self.contract.schemas.components():
            near = nearest(schema, self.contract.schemas.components())
            raise self.error(
                join_pointer(pointer, "schema"), f"there is no component schema {schema!r}.{near}"
            )
        new_key = node.get("new-key", "{n}")
        derived = {
            key: self.value(tree, join_pointer(pointer, "derived", key), known)
            for key, tree in (node.get("derived") or {}).items()
        }
        used = {name for value in derived.values() for name in value.names}
        return Collection(
            name=name,
            place=self.place(pointer),
            key=node["key"],
            schema=schema,
            new_key=self.value(new_key, join_pointer(pointer, "new-key"), known)
            if new_key.startswith("=")
            else new_key,
            first=node.get("first", 1),
            per_account=node.get("per-account", False),
            parents={
                key: self.collection_name(parent, join_pointer(pointer, "parent", key))
                for key, parent in (node.get("parent") or {}).items()
            },
            unique=tuple(
                Unique(
                    tuple(said["fields"]),
                    self.refusal(
                        said["refuse"], join_pointer(pointer, "unique", index, "refuse"), None, known
                    ),
                    self.when(said, join_pointer(pointer, "unique", index), known),
                )
                for index, said in enumerate(node.get("unique") or ())
            ),
            new=self.maybe(node, "new", pointer, known),
            touch=self.maybe(node, "touch", pointer, known),
            derived=derived,
            pure=used <= {"row", "settings", "choice"},
            lasting=used <= {"row", "settings", "choice", "start", *self.collections},
            moves={
                moved: {
                    str(value): self.value(fields, join_pointer(pointer, "moves", moved, value), known)
                    for value, fields in said.items()
                }
                for moved, said in (node.get("moves") or {}).items()
            },
            due=tuple(
                self.due(said, join_pointer(pointer, "due", index))
                for index, said in enumerate(node.get("due") or ())
            ),
        )

    def due(self, node: Mapping[str, Any], pointer: str) -> Due:
        known = (*self.known, "row", "item", "index", *_names_in(node, ("for", "as")))
        return Due(
            at=self.value(node["at"], join_pointer(pointer, "at"), known),
            when=self.when(node, pointer, known),
            fields=self.maybe(node, "set", pointer, known),
            steps=self.steps(node.get("do") or (), join_pointer(pointer, "do"), None, known),
            events=self.events(node.get("emit"), join_pointer(pointer, "emit"), known),
        )

    # -------------------------------------------------------------- operations

    def rule(self, key: str, node: Mapping[str, Any], pointer: str) -> Rule:
        if key not in self.contract.operations:
            near = nearest(key, self.contract.operations)
            raise self.error(pointer, f"the contract has no operation {key!r}.{near}")
        operation = self.contract.operations[key]
        known = (*self.known, *_RESULT_NAMES, "row", "old", "index", *_names_in(node, ("for", "as")))
        create = node.get("create")
        create_at = join_pointer(pointer, "create")
        merge = node.get("merge") or {}
        answers = node.get("answer")
        return Rule(
            operation=key,
            place=self.place(pointer),
            item=self.item(node["item"], join_pointer(pointer, "item"), operation, known)
            if "item" in node
            else None,
            lets=self.lets(node.get("let") or {}, join_pointer(pointer, "let"), known),
            refusals=tuple(
                (
                    self.condition(said["when"], join_pointer(pointer, "refuse", index, "when"), known),
                    self.refusal(
                        said["with"], join_pointer(pointer, "refuse", index, "with"), operation, known
                    ),
                )
                for index, said in enumerate(node.get("refuse") or ())
            ),
            listing=self.listing(node["list"] or {}, join_pointer(pointer, "list"), operation, known)
            if "list" in node
            else None,
            create=self.step(
                {**create, "create": create["in"], "in": None, "as": "new"}, create_at, operation, known
            )
            if create
            else None,
            merge=self.maybe(merge, "from", join_pointer(pointer, "merge"), known),
            merge_deep=self.maybe(merge, "deep", join_pointer(pointer, "merge"), known),
            merge_except=frozenset(merge.get("except") or ()),
            fields=self.maybe(node, "set", pointer, known),
            delete="delete" in node,
            steps=self.steps(node.get("do") or (), join_pointer(pointer, "do"), operation, known),
            events=self.events(node.get("emit"), join_pointer(pointer, "emit"), known),
            answers=tuple(
                self.answer(
                    said,
                    join_pointer(pointer, "answer", index)
                    if isinstance(answers, list)
                    else join_pointer(pointer, "answer"),
                    operation,
                    known,
                )
                for index, said in enumerate(
                    answers if isinstance(answers, list) else [answers] if answers else []
                )
            ),
        )

    def item(self, node: Json, pointer: str, operation: Operation, known: Iterable[str]) -> Item:
        said = {"in": node} if isinstance(node, str) else node
        name = self.collection_name(said["in"], pointer)
        if "key" in said:
            key = self.value(said["key"], join_pointer(pointer, "key"), known)
        else:
            names = [parameter.name for parameter in operation.parameters if parameter.location == "path"]
            field = self.collections[name]["key"]
            parameter = field if field in names else names[-1] if names else ""
            if not parameter:
                raise self.error(pointer, f"{operation.id} has no path parameter: say `key: =…`")
            key = self.value(f'=path["{parameter}"]', pointer, known)
        unknown = said.get("unknown")
        return Item(
            collection=name,
            key=key,
            when=self.when(said, pointer, known),
            unknown=self.refusal(unknown, join_pointer(pointer, "unknown"), operation, known)
            if unknown
            else None,
            optional=said.get("optional", False),
        )

    def lets(
        self, node: Mapping[str, Any], pointer: str, known: Iterable[str]
    ) -> tuple[tuple[str, Value], ...]:
        for name in node:
            if name in self.known or name in _RESULT_NAMES:
                raise self.error(
                    join_pointer(pointer, name), f"{name!r} is a name that expressions have already"
                )
        return tuple(
            (name, self.value(tree, join_pointer(pointer, name), known)) for name, tree in node.items()
        )

    def listing(
        self, node: Mapping[str, Any], pointer: str, operation: Operation, known: Iterable[str]
    ) -> Listing:
        if "in" not in node and "of" not in node:
            raise self.error(pointer, "a list needs `in` (a collection) or `of` (rows)")
        search, order, page = (node.get(word) or {} for word in ("search", "sort", "page"))
        filters: list[Filter] = []
        for parameter, said in (node.get("filters") or {}).items():
            names = [known_one.name for known_one in operation.parameters if known_one.location == "query"]
            if operation.body is None and parameter not in names:
                near = nearest(parameter, names)
                raise self.error(
                    join_pointer(pointer, "filters", parameter),
                    f"there is no query parameter {parameter!r}.{near}",
                )
            field, by = (
                (said, "equals") if isinstance(said, str) else (said["field"], said.get("by", "equals"))
            )
            filters.append(Filter(parameter, field, by))
        return Listing(
            collection=self.collection_name(node["in"], pointer) if "in" in node else "",
            of=self.maybe(node, "of", pointer, known),
            where=self.where(node.get("where"), join_pointer(pointer, "where"), known),
            filters=tuple(filters),
            search=self.maybe(search, "by", join_pointer(pointer, "search"), known),
            search_in=tuple(search.get("in") or ()),
            sort=self.maybe(order, "by", join_pointer(pointer, "sort"), known),
            sort_default=order.get("default", ""),
            limit=self.maybe(page, "limit", join_pointer(pointer, "page"), known),
            offset=self.maybe(page, "offset", join_pointer(pointer, "page"), known),
            page=self.maybe(page, "page", join_pointer(pointer, "page"), known),
        )

    def where(self, node: Json, pointer: str, known: Iterable[str]) -> Where | None:
        if node is None:
            return None
        if isinstance(node, dict):
            return Where(
                fields={
                    key: self.value(tree, join_pointer(pointer, key), known) for key, tree in node.items()
                }
            )
        return Where(condition=self.condition(node, pointer, known))

    def steps(
        self,
        nodes: Iterable[Mapping[str, Any]],
        pointer: str,
        operation: Operation | None,
        known: Iterable[str],
    ) -> tuple[Step, ...]:
        return tuple(
            self.step(node, join_pointer(pointer, index), operation, known)
            for index, node in enumerate(nodes)
        )

    def step(
        self, node: Mapping[str, Any], pointer: str, operation: Operation | None, known: Iterable[str]
    ) -> Step:
        kinds = [
            kind for kind in ("create", "update", "delete", "copy", "let", "refuse", "emit") if kind in node
        ]
        if len(kinds) != 1:
            said = " and ".join(kinds) or "none"
            raise self.error(
                pointer, f"a step is one of create, update, delete, copy, let, refuse, emit; this has {said}"
            )
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
            each=node.get("for", ""),
            over=self.value(node["in"], join_pointer(pointer, "in"), known)
            if node.get("in") is not None
            else None,
            source=self.maybe(node, "from", pointer, known),
            fields=self.maybe(node, "set", pointer, known),
            name=node.get("as", ""),
            where=self.where(node.get("where"), join_pointer(pointer, "where"), known),
            key=self.maybe(node, "key", pointer, known),
            lets=self.lets(node["let"], join_pointer(pointer, "let"), known) if kind == "let" else (),
            refusal=self.refusal(node["refuse"], join_pointer(pointer, "refuse"), operation, known)
            if kind == "refuse"
            else None,
            event=self.event({**node, "event": node["emit"]}, pointer, known) if kind == "emit" else None,
        )

    def events(self, node: Json, pointer: str, known: Iterable[str]) -> tuple[Event, ...]:
        if node is None:
            return ()
        entries = node if isinstance(node, list) else [node]
        return tuple(
            self.event({"event": entry} if isinstance(entry, str) else entry, pointer, known)
            for entry in entries
        )

    def event(self, node: Mapping[str, Any], pointer: str, known: Iterable[str]) -> Event:
        callbacks = {name for operation in self.contract.operations.values() for name in operation.callbacks}
        names = {*self.contract.webhooks, *callbacks}
        if node["event"] not in names:
            raise self.error(
                pointer,
                f"the contract has no webhook or callback {node['event']!r}.{nearest(node['event'], names)}",
            )
        return Event(
            node["event"],
            self.maybe(node, "with", pointer, known),
            self.when(node, pointer, known),
            self.maybe(node, "to", pointer, known),
        )

    def answer(
        self, node: Mapping[str, Any], pointer: str, operation: Operation, known: Iterable[str]
    ) -> Answer:
        self.documented(operation, node.get("status", ""), node.get("example", ""), pointer)
        return Answer(
            place=self.place(pointer),
            status=self.maybe(node, "status", pointer, known),
            example=node.get("example", ""),
            body=self.maybe(node, "body", pointer, known),
            headers=self.maybe(node, "headers", pointer, known),
            when=self.when(node, pointer, known),
        )

    def invariants(self, nodes: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Invariant, ...]]:
        found: dict[str, tuple[Invariant, ...]] = {}
        for index, node in enumerate(nodes):
            pointer = join_pointer("/invariants", index)
            about = node["about"]
            if about not in self.contract.operations:
                near = nearest(about, self.contract.operations)
                raise self.error(pointer, f"the contract has no operation {about!r}.{near}")
            try:
                holds = Expression(str(node["holds"]), self.place(pointer), ("answer", *REQUEST_NAMES))
            except BehaviorError as error:
                raise self.error(pointer, error.detail) from None
            found[about] = (*found.get(about, ()), Invariant(about, holds, self.place(pointer)))
        return found
