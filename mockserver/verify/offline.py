"""
Hold the files of an API against each other, without a network.

`mockserver check`: does the contract resolve, is every example what its schema
asks for, do the behaviours name what exists, does every row of the world fit,
can an answer be generated for every documented response, and does every
documented call come out as documented? Each finding names file and line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mockserver.behavior.expressions import Literal
from mockserver.behavior.invariants import nothing
from mockserver.behavior.model import Behavior, Refusal, Rule
from mockserver.contract.definitions import beside
from mockserver.contract.lines import line_of
from mockserver.contract.locate import Located
from mockserver.contract.model import Direction, Example, MediaType, Operation, Schema
from mockserver.contract.sources import join_pointer
from mockserver.errors import Located as LocatedError
from mockserver.errors import MockserverError, SpecError, Ungeneratable, nearest, said_of
from mockserver.exchange import Json, Place, Request, Violation
from mockserver.server.api import Api
from mockserver.server.filler import Filler
from mockserver.server.holding import Holding
from mockserver.server.impossible import Impossible, place_of
from mockserver.validation.values import RawValidator, UnknownPattern, Validator, matcher


@dataclass(frozen=True)
class Finding:
    """Something that does not fit, and where."""

    file: str
    line: int
    pointer: str
    detail: str

    def __str__(self) -> str:
        return said_of(self.file, self.line, self.pointer, self.detail)


def check(apis: Iterable[Located]) -> list[Finding]:
    """Return all that does not fit in the files of *apis*, each thing once."""
    return [finding for located in apis for finding in dict.fromkeys(_api(located))]


def _api(located: Located) -> Iterator[Finding]:
    try:
        api = Api(located)
    except LocatedError as error:
        yield Finding(error.file, error.line, error.pointer, error.detail)
        if not isinstance(error, SpecError):  # the contract may have its own findings
            yield from _contract(Api(Located(located.name, located.file)))
        return
    api.invariants.prepare()
    yield from _contract(api)
    yield from _rules(api)
    yield from _exemplified(api)
    yield from _world(api)
    yield from _documented_calls(api)
    yield from _cases(api)


# ------------------------------------------------------------------------------------------------ contract


def _contract(api: Api) -> Iterator[Finding]:
    contract = api.contract
    Impossible(contract).look()
    for group in (contract.operations, contract.webhooks):
        for identifier in group:
            try:
                yield from _operation(api, group[identifier])
            except SpecError as error:
                yield Finding(error.file, error.line, error.pointer, error.detail)
    for name in contract.schemas.components():
        schema = contract.schemas.named(name)
        if schema is not None:
            yield from _compiles(schema)
    contract.schemas.settle()
    yield from (Finding(fault.file, fault.line, fault.pointer, fault.detail) for fault in contract.faults)


def _operation(api: Api, operation: Operation) -> Iterator[Finding]:
    for parameter in operation.parameters:
        yield from _described(api, parameter.schema, "request", parameter.examples.values())
    for media in operation.body.content.values() if operation.body else ():
        yield from _described(api, media.schema, "request", media.examples.values())
    for status, promise in operation.responses.items():
        for header in promise.headers.values():
            yield from _described(api, header.schema, "response", header.examples.values())
        for media in promise.content.values():
            yield from _described(api, media.schema, "response", media.examples.values())
            yield from _generated(api, operation, status, media)


def _described(
    api: Api, schema: Schema | None, direction: Direction, examples: Iterable[Example]
) -> Iterator[Finding]:
    if schema is not None:
        yield from _compiles(schema)
        yield from _examples(api, schema, direction, examples)


def _compiles(schema: Schema) -> Iterator[Finding]:
    try:
        documents = [schema.json(direction) for direction in ("request", "response")]
    except SpecError as error:
        yield Finding(error.file, error.line, error.pointer, error.detail)
        return
    yield from _defaults(schema, documents[1], documents[1], ())
    for pattern in _patterns(documents[1]):
        try:
            matcher(pattern)
        except UnknownPattern as error:
            place = schema.place
            yield Finding(place.file, line_of(Path(place.file), place.pointer), place.pointer, str(error))


def _defaults(schema: Schema, whole: Json, node: Json, path: tuple[object, ...]) -> Iterator[Finding]:
    """Find the defaults in *schema* that break their own schemas; what is referred to has its turn."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _defaults(schema, whole, child, (*path, index))
        return
    if not isinstance(node, dict):
        return
    if node.get("default") is not None and path[-1:] not in _NAMING:  # null: there is none
        found = RawValidator({**node, "$defs": beside(whole, node)}).check(node["default"])
        if found:
            place = schema.schemas.origin(schema, (*path, "default"))
            line = schema.schemas.documents.line(place)
            detail = f"the default breaks its own schema: {found[0].detail}"
            yield Finding(place.file, line, place.pointer, detail)
    for key, child in node.items():
        if path[-1:] in _NAMING or key not in ("$defs", "default", "example", "examples", "enum", "const"):
            yield from _defaults(schema, whole, child, (*path, key))


_NAMING = [(word,) for word in ("properties", "patternProperties", "dependentSchemas")]
"""Where the keys of an object are names, not keywords."""


def _patterns(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "pattern" and isinstance(value, str):
                yield value
            elif key != "$defs":
                yield from _patterns(value)
    elif isinstance(node, list):
        for value in node:
            yield from _patterns(value)


def _examples(
    api: Api, schema: Schema, direction: Direction, examples: Iterable[Example]
) -> Iterator[Finding]:
    for example in examples:
        if isinstance(example.value, bytes):
            continue
        name = f"the example {example.name!r}" if example.name else "the example"
        alike: dict[tuple[Place | None, str], list[Violation]] = {}
        for violation in Validator(schema, direction).violations(example.value, "body", ""):
            alike.setdefault((violation.place, violation.keyword), []).append(violation)
        for first, *others in alike.values():
            pointer = example.place.pointer + first.pointer
            here = api.contract.located(Place(example.place.file, pointer))
            detail = f"{name} breaks its schema: {_said(api, first, here)}"
            more = f"; so do {len(others)} more values in it" if others else ""
            yield Finding(here.file, here.line, pointer, f"{detail}{more}")


def _said(api: Api, violation: Violation, where: Place) -> str:
    """Return what *violation* says, and where its rule is: in a file that is one line, by its pointer."""
    if violation.place is None:
        return violation.detail
    rule = api.contract.located(violation.place)
    alone = (rule.file, rule.line) == (where.file, where.line)
    return f"{violation.detail} (rule at {rule.pointer if alone else f'{rule.file}:{rule.line}'})"


def _generated(api: Api, operation: Operation, status: str, media: MediaType) -> Iterator[Finding]:
    if media.schema is None:
        return
    try:
        Filler(media.schema).generate("check", now=api.fixture.now)
    except Ungeneratable as error:
        if error.proved and operation.id in api.contract.operations:
            return  # one of the contract's faults
        place = place_of(media.schema, error)
        yield _finding(place, f"{operation.id} {status} ({media.name}): {error}")


def _exemplified(api: Api) -> Iterator[Finding]:
    """Hold documented answers to the invariants, as far as they can be told from an answer alone."""
    for operation in api.contract.operations.values():
        for promise in operation.responses.values():
            status = int(promise.status) if promise.status.isdecimal() else 200
            for media in promise.content.values():
                for example in media.examples.values():
                    breaches = api.invariants.breaches(operation, nothing, status, media.name, example.value)
                    try:
                        for one in breaches:
                            said = f"the example {example.name!r} does not hold what is said of it: {one}"
                            yield _finding(one.invariant.place, said)
                    except MockserverError as error:
                        yield _finding(example.place, str(error))


# ------------------------------------------------------------------------------------------------- rules


def _rules(api: Api) -> Iterator[Finding]:
    """Hold that every operation documents the refusals that it shares with others."""
    for rule in api.behavior.rules.values():
        operation = api.contract.operations[rule.operation]
        for refusal, why in _shared_refusals(api.behavior, rule):
            status = refusal.status.value if isinstance(refusal.status, Literal) else None
            if isinstance(status, int) and operation.promise(status) is None:
                known = ", ".join(operation.responses)
                detail = (
                    f"{operation.id} documents no status {status}, which is answered {why}; it has {known}"
                )
                yield _finding(rule.place, detail)


def _shared_refusals(behavior: Behavior, rule: Rule) -> Iterator[tuple[Refusal, str]]:
    item = rule.item
    unknown = behavior.refusals.get("unknown")
    if item is not None and item.unknown is None and not item.optional and unknown is not None:
        yield unknown, f"where its item is not in {item.collection}"
    for name, excepted in rule.enters:
        for unique in behavior.collections[name].unique:
            if not excepted.issuperset(unique.fields):
                yield (
                    unique.refusal,
                    f"where two rows of {name} would have the same {', '.join(unique.fields)}",
                )


def _finding(place: Place, detail: str) -> Finding:
    return Finding(place.file, line_of(Path(place.file), place.pointer), place.pointer, detail)


# ------------------------------------------------------------------------------------------------- world


def _world(api: Api) -> Iterator[Finding]:
    """Hold every row of the default world against its parents, and, as it would be shown, its schema."""
    file = api.fixture.file
    world = api.world()
    for name, collection in api.behavior.collections.items():
        for index, row in enumerate(world.tables[name].rows.values()):
            for field, parent in collection.parents.items():
                key = row.get(field)
                if isinstance(key, (str, int)) and key not in world.tables[parent].rows:
                    near = nearest(str(key), map(str, world.tables[parent].rows))
                    place = Place(file, join_pointer("", name, index, field))
                    yield _finding(place, f"{key!r} is no row of {parent}.{near}")
        holding = Holding(api, collection)
        scope = api.engine.looking(world)
        for index, (key, row) in enumerate(world.tables[name].rows.items()):
            pointer = join_pointer("", name, index)
            try:
                found = holding.violations(scope, key, row)
            except MockserverError as error:
                yield Finding(file, 0, pointer, str(error))
                continue
            for violation in found:
                yield _finding(Place(file, pointer + violation.pointer), f"{key!r}: {violation.detail}")


def _documented_calls(api: Api) -> Iterator[Finding]:
    """
    Make every call that the contract exemplifies on a fresh world; hold the answer against its example.

    Not without a data.yaml: what is printed is true of a world, and of a folder that was copied without
    its fixtures, or of somebody's plain document, nobody has said what that is.
    """
    if api.located.fixtures_dir is None:
        return
    from mockserver.server.journal import Journal
    from mockserver.server.pipeline import Host
    from mockserver.verify.calls import documented_calls
    from mockserver.verify.findings import Exchanged
    from mockserver.verify.invariants import Holding
    from mockserver.verify.requests import written
    from mockserver.verify.verdicts import as_documented

    holding = Holding(api, most=1_000)
    # Without rules nothing says that an answer must be the printed one.
    determined = api.located.behavior_file is not None
    for call in documented_calls(api.contract):
        request = written(api.contract, call.operation, call.said, headers={"host": "127.0.0.1"})
        host = Host([api], Journal())

        def ask(request: Request, operation: str, host: Host = host) -> Exchanged:
            return Exchanged(request, host.handle(request), operation)

        exchanged = ask(request, call.operation.id)
        found = as_documented(api.contract, call, exchanged, printed=determined)
        for one in (*found, *holding.followed(call.operation, exchanged, ask)):
            yield Finding(one.place.file, one.place.line, one.place.pointer, f"{one.operation}: {one.detail}")


def _cases(api: Api) -> Iterator[Finding]:
    """Bring each case about on a fresh world: it is what it says, and breaks what it names, no more."""
    from mockserver.server.cases.acting import answered, findings, request_of
    from mockserver.server.cases.load import case_files, load_case
    from mockserver.server.journal import Journal
    from mockserver.server.pipeline import Host

    host: Host | None = None
    for path in case_files(api.located.fixtures_dir):
        try:
            case = load_case(path, api.contract)
            host = host or Host([api], Journal(0))
            answer = answered(host, host.sessions.default, api, case, request_of(api, case))
        except LocatedError as error:
            yield Finding(error.file, error.line, error.pointer, error.detail)
            continue
        for detail in findings(case, answer):
            yield Finding(str(path), 1, "", f"{case.name}: {detail}")
