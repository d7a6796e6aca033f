"""
Read a data.yaml: the world that an API starts with.

What it may hold is said in docs/behavior.md. Rows keep their order; a row is
held against its collection's component schema by `mockserver check`, not here,
so that a start costs no validation.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockserver.behavior.functions import epoch
from mockserver.behavior.model import Behavior
from mockserver.behavior.store import Row
from mockserver.behavior.world import Fixture, Rehearsal
from mockserver.contract.lines import line_of
from mockserver.contract.model import Contract
from mockserver.contract.sources import join_pointer, read
from mockserver.errors import FixtureError, nearest
from mockserver.exchange import Json

OTHER_WORDS = ("about", "api", "now", "seed", "accounts", "rehearsals")
"""What a data.yaml says beside its collections."""

_REHEARSAL_WORDS = ("about", "now", "keys", "fields", "instead")


def load_fixture(file: Path, contract: Contract, behavior: Behavior) -> Fixture:
    """
    Return the world in *file*.

    Raises:
        FixtureError: A key, collection, operation or example does not exist, or two rows have one key; with
            the line.
        Unreadable: It is no YAML.
    """
    reader = _Reader(str(file), contract, behavior)
    document = read(file)
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise reader.error("", "a world is a mapping of collections")
    return reader.fixture(document)


class _Reader:
    def __init__(self, file: str, contract: Contract, behavior: Behavior) -> None:
        self.file = file
        self.contract = contract
        self.behavior = behavior

    def error(self, pointer: str, detail: str) -> FixtureError:
        return FixtureError(self.file, line_of(Path(self.file), pointer), pointer, detail)

    def fixture(self, document: dict[str, Any]) -> Fixture:
        for name in document:
            if name not in OTHER_WORDS and name not in self.behavior.collections:
                near = nearest(name, [*OTHER_WORDS, *self.behavior.collections])
                raise self.error(
                    join_pointer("", name), f"there is no collection {name!r} in behavior.yaml.{near}"
                )
        accounts = self.mapping(document.get("accounts"), "/accounts") or {"first": {}, "other": {}}
        return Fixture(
            file=self.file,
            about=document.get("about", ""),
            now=self.time(document.get("now", Fixture.now), "/now"),
            seed=str(document.get("seed", Fixture.seed)),
            accounts={
                name: self.mapping(said, join_pointer("/accounts", name)) for name, said in accounts.items()
            },
            rehearsals={
                operation: self.rehearsals(operation, said, join_pointer("/rehearsals", operation))
                for operation, said in self.mapping(document.get("rehearsals"), "/rehearsals").items()
            },
            rows={
                name: self.rows(name, document.get(name), join_pointer("", name), accounts)
                for name in self.behavior.collections
            },
        )

    def time(self, node: Json, pointer: str) -> str:
        try:
            epoch(node)
        except ValueError:
            raise self.error(pointer, f"{node!r:.40} is no time") from None
        return str(node)

    def mapping(self, node: Json, pointer: str) -> Mapping[str, Any]:
        """Return *node*, which must be a mapping; what is left out is an empty one."""
        if node is None:
            return {}
        if not isinstance(node, dict):
            raise self.error(pointer, f"expected a mapping, found {node!r:.40}")
        return node

    def rows(self, name: str, nodes: Json, pointer: str, accounts: Mapping[str, Any]) -> tuple[Row, ...]:
        if nodes is None:
            return ()
        if not isinstance(nodes, list):
            raise self.error(pointer, f"{name} must be a list of rows")
        collection = self.behavior.collections[name]
        first = next(iter(accounts))
        rows: list[Row] = []
        seen: set[Any] = set()
        for index, node in enumerate(nodes):
            at = join_pointer(pointer, index)
            row = dict(self.mapping(node, at))
            if collection.key not in row:
                raise self.error(at, f"a row of {name} needs its key {collection.key!r}")
            key = row[collection.key]
            if isinstance(key, (dict, list)) or key in seen:
                raise self.error(at, f"two rows of {name} have the key {key!r}")
            seen.add(key)
            if collection.per_account:
                owner = row.setdefault("_account", first)
                if owner not in accounts:
                    raise self.error(
                        join_pointer(at, "_account"),
                        f"there is no account {owner!r}.{nearest(owner, accounts)}",
                    )
            rows.append(row)
        return tuple(rows)

    def rehearsals(self, operation: str, node: Json, pointer: str) -> tuple[Rehearsal, ...]:
        if operation not in self.contract.operations:
            raise self.error(
                pointer,
                f"the contract has no operation {operation!r}.{nearest(operation, self.contract.operations)}",
            )
        promised = self.contract.operations[operation]
        names = {
            name
            for media in [
                *(promised.body.content.values() if promised.body else ()),
                *(media for promise in promised.responses.values() for media in promise.content.values()),
            ]
            for name in media.examples
        } | {name for parameter in promised.parameters for name in parameter.examples}
        found: list[Rehearsal] = []
        for example, said in self.mapping(node, pointer).items():
            at = join_pointer(pointer, example)
            if example not in names:
                raise self.error(at, f"{operation} has no example {example!r}.{nearest(example, names)}")
            found.append(self.rehearsal(example, self.mapping(said, at), at))
        return tuple(found)

    def rehearsal(self, example: str, node: Mapping[str, Any], pointer: str) -> Rehearsal:
        for word in node:
            if word not in _REHEARSAL_WORDS:
                near = nearest(word, _REHEARSAL_WORDS)
                detail = f"a rehearsal knows {', '.join(_REHEARSAL_WORDS)}, not {word!r}.{near}"
                raise self.error(join_pointer(pointer, word), detail)
        fields = self.by_collection(node.get("fields"), join_pointer(pointer, "fields"))
        return Rehearsal(
            example=example,
            now=self.time(node["now"], join_pointer(pointer, "now")) if "now" in node else "",
            keys=self.keys(node.get("keys"), join_pointer(pointer, "keys")),
            fields={
                name: self.mapping(said, join_pointer(pointer, "fields", name))
                for name, said in fields.items()
            },
            instead=self.keys(node.get("instead"), join_pointer(pointer, "instead")),
        )

    def by_collection(self, node: Json, pointer: str) -> Mapping[str, Any]:
        for name in self.mapping(node, pointer):
            if name not in self.behavior.collections:
                near = nearest(name, self.behavior.collections)
                raise self.error(join_pointer(pointer, name), f"there is no collection {name!r}.{near}")
        return self.mapping(node, pointer)

    def keys(self, node: Json, pointer: str) -> Mapping[str, tuple[Any, ...]]:
        found = self.by_collection(node, pointer)
        for name, keys in found.items():
            if not isinstance(keys, list):
                raise self.error(join_pointer(pointer, name), "expected a list of keys")
        return {name: tuple(keys) for name, keys in found.items()}
