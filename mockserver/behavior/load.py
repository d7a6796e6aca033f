"""
Compile a behavior.yaml against its contract.

The vocabulary's own shape is behavior.schema.json, held by the caller's
validator. What a schema cannot say is held here: operations, collections,
components, statuses, examples and names that exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from mockserver.behavior.fixtures import OTHER_WORDS
from mockserver.behavior.functions import FUNCTIONS
from mockserver.behavior.invariants import of_behavior
from mockserver.behavior.model import Behavior, Choice, Collection, Due, Unique
from mockserver.behavior.parts import REQUEST_NAMES, RESULT_NAMES, Parts, introduced
from mockserver.behavior.rules import compile_rule, compile_trigger
from mockserver.behavior.syntax import remembered
from mockserver.contract.lines import line_of
from mockserver.contract.model import Contract
from mockserver.contract.sources import join_pointer, parse, text_of
from mockserver.errors import BehaviorError, nearest
from mockserver.exchange import Json, Violation

Check = Callable[[Json], list[Violation]]
"""Holds a value against a JSON Schema."""


def vocabulary() -> dict[str, Json]:
    """Return the JSON Schema of behavior.yaml."""
    schema: dict[str, Json] = orjson.loads((Path(__file__).parent / "behavior.schema.json").read_bytes())
    return schema


def load(file: Path, contract: Contract, check: Check) -> Behavior:
    """
    Return the behaviours in *file*.

    Args:
        file: A behavior.yaml.
        contract: What it is about.
        check: Holds a document against the `vocabulary`.

    Raises:
        BehaviorError: It says what the vocabulary or the contract does not have; with the line.
        Unreadable: It is no YAML.
    """
    text = text_of(file)
    document = parse(text, str(file))
    if document is None:
        return Behavior(str(file))
    for violation in check(document):
        line = line_of(file, violation.pointer)
        raise BehaviorError(str(file), line, violation.pointer, violation.detail)
    named = (document.get("collections") or {}, document.get("choices") or {})
    with remembered(text):
        return _behavior(Parts(str(file), contract, *named), document)


def _behavior(parts: Parts, document: Mapping[str, Any]) -> Behavior:
    for name in parts.collections:
        at = join_pointer("/collections", name)
        if name in (*REQUEST_NAMES, *RESULT_NAMES, *FUNCTIONS, "row", "old"):
            raise parts.error(at, f"{name!r} is a name that expressions have already")
        if name in OTHER_WORDS:
            raise parts.error(at, f"{name!r} means something else in data.yaml")
    made = Behavior(
        file=parts.file,
        settings=document.get("settings") or {},
        choices={key: _choice(parts, key, said) for key, said in (document.get("choices") or {}).items()},
        refusals={
            key: parts.refusal(said, join_pointer("/refusals", key), None, (*parts.known, "problem"))
            for key, said in (document.get("refusals") or {}).items()
        },
        collections={
            name: _collection(parts, name, said or {}, join_pointer("/collections", name))
            for name, said in parts.collections.items()
        },
        rules={
            key: compile_rule(parts, key, said or {}, join_pointer("/operations", key))
            for key, said in (document.get("operations") or {}).items()
        },
        invariants=of_behavior(parts, document.get("invariants") or []),
        triggers={
            key: compile_trigger(parts, key, said, join_pointer("/triggers", key))
            for key, said in (document.get("triggers") or {}).items()
        },
    )
    return replace(made, consulted=frozenset(parts.consulted))


def _choice(parts: Parts, key: str, said: Mapping[str, Any]) -> Choice:
    """Compile one choice; what it leaves free has to be of an operation that there is."""
    free: dict[str, tuple[str, ...]] = {}
    for operation, pointers in (said.get("free") or {}).items():
        if operation not in parts.contract.operations:
            at = join_pointer(join_pointer("/choices", key), "free")
            near = nearest(operation, parts.contract.operations)
            raise parts.error(at, f"there is no operation {operation!r}.{near}")
        free[operation] = tuple(pointers)
    return Choice(key, said["about"], tuple(said["options"]), free)


def _collection(parts: Parts, name: str, node: Mapping[str, Any], pointer: str) -> Collection:
    known = (*parts.known, "row", "old")
    schema = node.get("schema", "")
    fields = dict(node.get("fields") or {})
    components = parts.contract.schemas.components()
    for path, named in ((("schema",), schema), *((("fields", key), named) for key, named in fields.items())):
        if named and named not in components:
            near = nearest(named, components)
            raise parts.error(join_pointer(pointer, *path), f"there is no component schema {named!r}.{near}")
    new_key = node.get("new-key", "{n}")
    if not new_key.startswith("=") and new_key != "uuid" and "{n}" not in new_key:
        detail = f"a key is made by '{{n}}', 'uuid' or an expression; {new_key!r} would be every row's"
        raise parts.error(join_pointer(pointer, "new-key"), detail)
    derived = {
        key: parts.value(tree, join_pointer(pointer, "derived", key), known)
        for key, tree in (node.get("derived") or {}).items()
    }
    used = {name for value in derived.values() for name in value.names}
    return Collection(
        name=name,
        place=parts.place(pointer),
        key=node["key"],
        schema=schema,
        fields=fields,
        new_key=parts.value(new_key, join_pointer(pointer, "new-key"), known)
        if new_key.startswith("=")
        else new_key,
        first=node.get("first", 1),
        per_account=node.get("per-account", False),
        parents={
            key: parts.collection_name(parent, join_pointer(pointer, "parent", key))
            for key, parent in (node.get("parent") or {}).items()
        },
        unique=tuple(_unique(parts, node.get("unique") or (), join_pointer(pointer, "unique"), known)),
        new=parts.maybe(node, "new", pointer, known),
        touch=parts.maybe(node, "touch", pointer, known),
        derived=derived,
        pure=used <= {"row", "settings", "choice"},
        lasting=used <= {"row", "settings", "choice", "start", *parts.collections},
        moves={
            moved: {
                str(value): parts.value(fields, join_pointer(pointer, "moves", moved, value), known)
                for value, fields in said.items()
            }
            for moved, said in (node.get("moves") or {}).items()
        },
        due=tuple(
            _due(parts, said, join_pointer(pointer, "due", index))
            for index, said in enumerate(node.get("due") or ())
        ),
    )


def _unique(
    parts: Parts, nodes: Iterable[Mapping[str, Any]], pointer: str, known: Iterable[str]
) -> Iterable[Unique]:
    for index, said in enumerate(nodes):
        at = join_pointer(pointer, index)
        refusal = parts.refusal(said["refuse"], join_pointer(at, "refuse"), None, known)
        yield Unique(tuple(said["fields"]), refusal, parts.when(said, at, known))


def _due(parts: Parts, node: Mapping[str, Any], pointer: str) -> Due:
    known = (*parts.known, "row", "item", "index", *introduced(node))
    at = parts.value(node["at"], join_pointer(pointer, "at"), known)
    when = parts.when(node, pointer, known)
    return Due(
        at=at,
        when=when,
        pure={*at.names, *(when.names if when is not None else ())} <= {"row", "settings"},
        fields=parts.maybe(node, "set", pointer, known),
        steps=parts.steps(node.get("do") or (), join_pointer(pointer, "do"), None, known),
        events=parts.events(node.get("emit"), join_pointer(pointer, "emit"), known),
    )
