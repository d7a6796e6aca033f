"""
The *or* in a schema, as a list of alternatives to try in turn.

`anyOf`, `oneOf`, `if`/`then`/`else`, `dependentSchemas`, `not` and `discriminator` all
come down to the same: some schemas, one of which is to hold as well, and sometimes
a check afterwards. `oneOf` first takes a branch hopefully and checks that no other
holds; where that keeps failing, later alternatives add the negation of the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.exchange import Json
from mockserver.generation.disjoint import disjoint
from mockserver.generation.negate import negations
from mockserver.generation.sources import Schema, Source


@dataclass(frozen=True, slots=True)
class Alternative:
    """
    A branch that may be taken.

    Attributes:
        sources: What is to hold in addition.
        label: What the branch is called: a schema's name, or its position.
        stage: Alternatives of a lower stage are tried first.
        sure: Whether what is made needs none of the choice's checks.
        null: Whether it is nothing but null.
    """

    sources: tuple[Source, ...]
    label: str
    stage: int = 0
    null: bool = False
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A choice that is to be made.

    Attributes:
        key: Tells it from the other choices at the same place.
        keyword: The JSON Schema keyword it comes from.
        alternatives: What may be taken.
        checks: What the finished value must hold to, because no alternative makes sure of it.
        free: Whether the alternatives of one stage are equally good.
    """

    key: object
    keyword: str
    alternatives: tuple[Alternative, ...]
    checks: tuple[Source, ...] = ()
    free: bool = True


def find_choices(flat: list[Source], settled: frozenset[object]) -> list[Choice]:
    """
    Return the choices among the schemas *flat* that are not *settled*.

    Args:
        flat: All schemas that apply, flattened.
        settled: Keys of choices made before.
    """
    found: dict[object, Choice] = {}
    for source in flat:
        schema = source.schema
        assert isinstance(schema, dict)
        for keyword, find in FINDERS.items():
            if keyword in schema:
                choice = find(source, schema[keyword], flat, settled)
                if choice is not None:
                    found.setdefault(choice.key, choice)
    return list(found.values())


def _key(source: Source, keyword: str) -> tuple[int, int, str]:
    return (id(source.schema), id(source.scope), keyword)


def _only(source: Source, *keywords: str) -> Source:
    """Return *source* with nothing but *keywords*, to check with."""
    assert isinstance(source.schema, dict)
    part = {keyword: source.schema[keyword] for keyword in keywords if keyword in source.schema}
    return Source(part, source.scope, source.pointer)


def _is_null(schema: Schema) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") == "null" or schema.get("enum") == [None] or schema.get("const", 0) is None
    )


def _label(schema: Schema, at: int) -> str:
    """Return what a branch is called: its title, the name it refers to, or its position."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            return str(schema["$ref"]).rpartition("/")[2]
        if isinstance(schema.get("title"), str):
            return str(schema["title"])
        if _is_null(schema):
            return "null"
    return str(at)


def _union(source: Source, members: Any, keyword: str, settled: frozenset[object]) -> Choice | None:
    """`anyOf` and `oneOf` (Core, 10.2.1.2 and 10.2.1.3), with the names that a `discriminator` gives."""
    key = _key(source, keyword)
    if key in settled or not isinstance(members, list) or not members:
        return None
    branches = [source.beside(member, f"{keyword}/{at}") for at, member in enumerate(members)]
    alternatives: list[Alternative] = []
    for at, branch in enumerate(branches):
        null, label = _is_null(branch.schema), _label(branch.schema, at)
        named = _named(source, branch.schema)
        if named is not None:
            alternatives.append(Alternative((branch, named), label, 0))
        alternatives.append(Alternative((branch,), label, 1 if named or null else 0, null))
    apart, negated = _compared(source, branches) if keyword == "oneOf" else (True, ())
    if apart:
        return Choice(key, keyword, tuple(alternatives))
    for at, branch in enumerate(branches):
        others = (*negated[:at], *negated[at + 1 :])
        alternatives.append(
            Alternative((branch, *others), _label(branch.schema, at), 2, _is_null(branch.schema))
        )
    return Choice(key, keyword, tuple(alternatives), (_only(source, keyword),))


def _compared(source: Source, branches: list[Source]) -> tuple[bool, tuple[Source, ...]]:
    """
    Return whether *branches*, of the `oneOf` of *source*, are disjoint, and the negation of each.

    Large unions are met in many places: they are compared, two by two, once.
    """
    known = source.scope.unions.get(id(source.schema))
    if known is None:
        negated = tuple(Source({"not": each.schema}, each.scope, each.pointer) for each in branches)
        known = source.scope.unions[id(source.schema)] = source, disjoint(branches), negated
    return known[1:]


def _named(source: Source, branch: Schema) -> Source | None:
    """
    Return what gives the discriminating property the name of *branch* (OpenAPI 3.1.1, Discriminator Object).
    """
    assert isinstance(source.schema, dict)
    discriminator = source.schema.get("discriminator")
    reference = branch.get("$ref") if isinstance(branch, dict) else None
    if not isinstance(discriminator, dict) or not isinstance(reference, str):
        return None
    names = discriminated(discriminator, reference)
    return _tagged(source, str(discriminator.get("propertyName", "")), names)


def discriminated(discriminator: dict[str, Json], reference: str) -> list[str]:
    """Return the names that *discriminator* has for the schema at *reference*: mapped ones, else its own."""
    mapping = discriminator.get("mapping") or {}
    last = reference.rpartition("/")[2]
    mapped = [name for name, target in mapping.items() if target in (reference, last)]
    return mapped or [last]


def _tagged(source: Source, name: str, names: list[str]) -> Source:
    tag: dict[str, Json] = {"required": [name], "properties": {name: {"enum": names}}}
    return Source(tag, source.scope, f"{source.pointer}/discriminator")


def _any_of(source: Source, members: Any, _flat: list[Source], settled: frozenset[object]) -> Choice | None:
    return _union(source, members, "anyOf", settled)


def _one_of(source: Source, members: Any, _flat: list[Source], settled: frozenset[object]) -> Choice | None:
    return _union(source, members, "oneOf", settled)


def _if(source: Source, schema: Any, _flat: list[Source], settled: frozenset[object]) -> Choice | None:
    """`if`: it holds and so does `then`, or it does not and `else` does (Core, 10.2.2)."""
    key = _key(source, "if")
    if key in settled:
        return None
    whole = source.schema
    assert isinstance(whole, dict)
    yes, no = source.beside(schema, "if"), Source({"not": schema}, source.scope, f"{source.pointer}/if")
    then = (source.beside(whole["then"], "then"),) if "then" in whole else ()
    other = (source.beside(whole["else"], "else"),) if "else" in whole else ()
    alternatives = (Alternative((yes, *then), "then"), Alternative((no, *other), "else"))
    return Choice(key, "if", alternatives)


def _not(source: Source, schema: Any, _flat: list[Source], settled: frozenset[object]) -> Choice | None:
    key = _key(source, "not")
    if key in settled:
        return None
    alternatives, exact = negations(source, schema)
    found = tuple(Alternative((each,), str(at)) for at, each in enumerate(alternatives))
    return Choice(key, "not", found, () if exact else (_only(source, "not"),), free=False)


def _dependent(source: Source, schemas: Any, flat: list[Source], settled: frozenset[object]) -> Choice | None:
    """`dependentSchemas`: the property is there and the schema holds, or it is not there (Core, 10.2.2.4)."""
    for name, schema in schemas.items():
        key = _key(source, f"dependentSchemas/{name}")
        if key in settled:
            continue
        with_it = Source({"required": [name]}, source.scope, source.pointer)
        without = Source({"properties": {name: False}}, source.scope, source.pointer)
        declared = any(name in (each.schema.get("properties") or {}) for each in flat)  # type: ignore[union-attr]
        there = Alternative(
            (with_it, source.beside(schema, f"dependentSchemas/{name}")), f"with {name}", 0 if declared else 1
        )
        absent = Alternative((without,), f"without {name}", 1 if declared else 0)
        return Choice(key, "dependentSchemas", (there, absent), free=False)
    return None


def _discriminator(
    source: Source, discriminator: Any, flat: list[Source], settled: frozenset[object]
) -> Choice | None:
    """
    A `discriminator` on a base schema: one of its heirs is made, and the property has the heir's name.

    Heirs join the base by `allOf` (OpenAPI 3.1.1, Discriminator Object), so the base does not list them:
    only a `mapping` does. Where an heir is being made already, its name is the only alternative.
    """
    key = _key(source, "discriminator")
    schema = source.schema
    assert isinstance(schema, dict)
    if key in settled or not isinstance(discriminator, dict) or "oneOf" in schema or "anyOf" in schema:
        return None
    name = discriminator.get("propertyName")
    if not isinstance(name, str):
        return None
    mapping: dict[str, Json] = discriminator.get("mapping") or {}
    heirs = [each for each in flat if id(schema) in _below(each, flat)]
    bare = Alternative((), "bare", 1)
    for heir in reversed(heirs):
        reference = "#" + heir.pointer if not heir.pointer.startswith("#") else heir.pointer
        if heir.name and (not mapping or reference in mapping.values() or heir.name in mapping.values()):
            tag = _tagged(source, name, discriminated(discriminator, reference))
            return Choice(key, "discriminator", (Alternative((tag,), heir.name), bare), free=False)
    alternatives = []
    told = _told(flat, name)
    for mapped, reference in mapping.items():
        if isinstance(reference, str) and (told is None or mapped in told):
            target = Source({"$ref": reference}, source.scope, f"{source.pointer}/discriminator")
            alternatives.append(Alternative((target, _tagged(source, name, [mapped])), mapped))
    return Choice(key, "discriminator", (*alternatives, bare))


def _told(flat: list[Source], name: str) -> set[str] | None:
    """
    Return the values to which *flat* binds property *name*; None where it binds to none.

    An heir of an heir has its name already: the hundreds that the base of both lists are no choice any more.
    """
    told: set[str] | None = None
    for each in flat:
        assert isinstance(each.schema, dict)
        said = (each.schema.get("properties") or {}).get(name)
        values = (
            said.get("enum", [said["const"]] if "const" in said else None) if isinstance(said, dict) else None
        )
        if isinstance(values, list):
            named = {value for value in values if isinstance(value, str)}
            told = named if told is None else told & named
    return told


def _below(source: Source, flat: list[Source]) -> set[int]:
    """Return the identities of the schemas that *source* applies in place."""
    own = id(source.schema)
    return {id(each.schema) for each in flat if own in each.within}


FINDERS: dict[str, Any] = {
    "discriminator": _discriminator,
    "oneOf": _one_of,
    "anyOf": _any_of,
    "if": _if,
    "dependentSchemas": _dependent,
    "not": _not,
}
