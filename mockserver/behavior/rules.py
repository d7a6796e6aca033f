"""
Compile what one operation of behavior.yaml does: find its row, refuse, list, change, answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.behavior.model import Answer, Filter, Item, Listing, Refusal, Rule, Step, Trigger
from mockserver.behavior.parts import RESULT_NAMES, Parts, introduced
from mockserver.contract.model import Operation
from mockserver.contract.sources import join_pointer
from mockserver.errors import nearest
from mockserver.exchange import Json


def compile_rule(parts: Parts, key: str, node: Mapping[str, Any], pointer: str) -> Rule:
    """
    Return the rule of the operation *key*, which *node* at *pointer* says.

    Raises:
        BehaviorError: It names what the contract or the file does not have.
    """
    operations = parts.contract.operations
    if key not in operations:
        near = nearest(key, operations)
        raise parts.error(pointer, f"the contract has no operation {key!r}.{near}")
    return _Compiler(parts, operations[key], node, pointer).rule()


def compile_trigger(parts: Parts, event: str, node: Mapping[str, Any], pointer: str) -> Trigger:
    """
    Return what comes about when somebody pulls the trigger *event*, which *node* at *pointer* says.

    Raises:
        BehaviorError: It names what the contract or the file does not have.
    """
    operation = parts.told_by(event, pointer)
    rule = _Compiler(parts, operation, node, pointer).rule()
    return Trigger(event, node["about"], node.get("takes") or {}, rule)


class _Compiler:
    """Compiles one rule; every part of it knows the names that its words introduce."""

    def __init__(self, parts: Parts, operation: Operation, node: Mapping[str, Any], pointer: str) -> None:
        self.parts = parts
        self.operation = operation
        self.node = node
        self.pointer = pointer
        self.known = (*parts.known, *RESULT_NAMES, "row", "old", "index", *introduced(node))

    def at(self, *tokens: object) -> str:
        return join_pointer(self.pointer, *tokens)

    def rule(self) -> Rule:
        node, parts, known = self.node, self.parts, self.known
        merge = node.get("merge") or {}
        return Rule(
            operation=self.operation.id,
            place=parts.place(self.pointer),
            item=self.item(node["item"], self.at("item")) if "item" in node else None,
            lets=parts.lets(node.get("let") or {}, self.at("let"), known),
            refusals=tuple(
                (
                    parts.condition(said["when"], self.at("refuse", index, "when"), known),
                    self.refusal(said["with"], self.at("refuse", index, "with")),
                )
                for index, said in enumerate(node.get("refuse") or ())
            ),
            listing=self.listing(node["list"] or {}, self.at("list")) if "list" in node else None,
            create=self.create(node["create"], self.at("create")) if node.get("create") else None,
            merge=parts.maybe(merge, "from", self.at("merge"), known),
            merge_deep=parts.maybe(merge, "deep", self.at("merge"), known),
            merge_except=frozenset(merge.get("except") or ()),
            fields=parts.maybe(node, "set", self.pointer, known),
            delete="delete" in node,
            steps=parts.steps(node.get("do") or (), self.at("do"), self.operation, known),
            events=parts.events(node.get("emit"), self.at("emit"), known),
            answers=tuple(self.answers(node.get("answer"), self.at("answer"))),
        )

    def refusal(self, node: Mapping[str, Any], pointer: str) -> Refusal:
        return self.parts.refusal(node, pointer, self.operation, self.known)

    def item(self, node: Json, pointer: str) -> Item:
        said: Mapping[str, Any] = {"in": node} if isinstance(node, str) else node
        parts = self.parts
        name = parts.collection_name(said["in"], pointer)
        if "key" in said:
            key = parts.value(said["key"], join_pointer(pointer, "key"), self.known)
        else:
            parameter = self.key_parameter(name)
            if not parameter:
                raise parts.error(pointer, f"{self.operation.id} has no path parameter: say `key: =…`")
            key = parts.value(f'=path["{parameter}"]', pointer, self.known)
        unknown = said.get("unknown")
        return Item(
            collection=name,
            key=key,
            when=parts.when(said, pointer, self.known),
            unknown=self.refusal(unknown, join_pointer(pointer, "unknown")) if unknown else None,
            optional=said.get("optional", False),
        )

    def key_parameter(self, collection: str) -> str:
        """Return the path parameter called like the collection's key, else the last; "" without any."""
        names = [one.name for one in self.operation.parameters if one.location == "path"]
        field: str = self.parts.collections[collection]["key"]
        return field if field in names else names[-1] if names else ""

    def create(self, node: Mapping[str, Any], pointer: str) -> Step:
        said = {**node, "create": node["in"], "in": None, "as": "new"}
        return self.parts.step(said, pointer, self.operation, self.known)

    def listing(self, node: Mapping[str, Any], pointer: str) -> Listing:
        if "in" not in node and "of" not in node:
            raise self.parts.error(pointer, "a list needs `in` (a collection) or `of` (rows)")
        parts, known = self.parts, self.known
        search, order, page = (node.get(word) or {} for word in ("search", "sort", "page"))
        return Listing(
            collection=parts.collection_name(node["in"], pointer) if "in" in node else "",
            of=parts.maybe(node, "of", pointer, known),
            where=parts.where(node.get("where"), join_pointer(pointer, "where"), known),
            filters=tuple(self.filters(node.get("filters") or {}, join_pointer(pointer, "filters"))),
            search=parts.maybe(search, "by", join_pointer(pointer, "search"), known),
            search_in=tuple(search.get("in") or ()),
            sort=parts.maybe(order, "by", join_pointer(pointer, "sort"), known),
            sort_default=order.get("default", ""),
            limit=parts.maybe(page, "limit", join_pointer(pointer, "page"), known),
            offset=parts.maybe(page, "offset", join_pointer(pointer, "page"), known),
            page=parts.maybe(page, "page", join_pointer(pointer, "page"), known),
        )

    def filters(self, node: Mapping[str, Any], pointer: str) -> Iterable[Filter]:
        names = [one.name for one in self.operation.parameters if one.location == "query"]
        for parameter, said in node.items():
            if self.operation.body is None and parameter not in names:
                raise self.parts.error(
                    join_pointer(pointer, parameter),
                    f"there is no query parameter {parameter!r}.{nearest(parameter, names)}",
                )
            if isinstance(said, str):
                yield Filter(parameter, said, "equals")
            else:
                yield Filter(parameter, said["field"], said.get("by", "equals"))

    def answers(self, node: Json, pointer: str) -> Iterable[Answer]:
        if isinstance(node, list):
            for index, said in enumerate(node):
                yield self.answer(said, join_pointer(pointer, index))
        elif node:
            yield self.answer(node, pointer)

    def answer(self, node: Mapping[str, Any], pointer: str) -> Answer:
        parts, known = self.parts, self.known
        parts.documented(self.operation, node.get("status", ""), node.get("example", ""), pointer)
        return Answer(
            place=parts.place(pointer),
            status=parts.maybe(node, "status", pointer, known),
            example=node.get("example", ""),
            body=parts.maybe(node, "body", pointer, known),
            headers=parts.maybe(node, "headers", pointer, known),
            when=parts.when(node, pointer, known),
        )
