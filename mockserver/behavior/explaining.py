"""
Say what an operation remembers, and why that is thought: for people who wonder, and for programs.

Inference that nobody can look into is magic, and magic is switched off at the
first surprise. So everything that was concluded can be shown, with what it was
concluded from; and where somebody wrote a rule, its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mockserver.behavior.engine import Engine
from mockserver.behavior.inferred import Inferred
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.resources import Resource
from mockserver.behavior.wording import plain
from mockserver.contract.lines import line_of
from mockserver.contract.model import Operation
from mockserver.exchange import Json, dumps


@dataclass
class Explanation:
    """
    What is remembered by an operation.

    Attributes:
        does: "list", "create", "read", "replace", "patch", "delete", "act" ...; "" where none is.
        collection: Path of the collection, or of the single thing.
        single: Whether it is a single thing that can be set.
        home: Path of the collection that the rows live in, where it is another one.
        key: The property that tells rows apart, "" where none does.
        parameter: The path parameter that names a row, "" where there is none.
        shown: Names that lead from the body of the answer to the row or the list; None where it shows none.
        pages: role -> query parameter.
        filters: (query parameter, property, how).
        why: What was concluded from what, one sentence each.
        rule: "file:line" of the rule in behavior.yaml, "" where nobody wrote one.
    """

    does: str = ""
    collection: str = ""
    single: bool = False
    home: str = ""
    key: str = ""
    parameter: str = ""
    shown: tuple[str, ...] | None = None
    pages: dict[str, str] = field(default_factory=dict)
    filters: list[tuple[str, str, str]] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    rule: str = ""

    def json(self) -> Json:
        """Return it for programs; what there is nothing to say of is left out."""
        if self.rule:
            return {"rule": self.rule}
        said: dict[str, Json] = {}
        if self.does:
            said = {"does": self.does, "collection": self.collection, "single": self.single}
            said |= {name: text for name in ("home", "key", "parameter") if (text := getattr(self, name))}
            if self.shown is not None:
                said["shown"] = "/" + "/".join(self.shown) if self.shown else ""
            said["pages"] = self.pages
            said["filters"] = [
                {"parameter": parameter, "property": path, "by": by} for parameter, path, by in self.filters
            ]
        return {**said, "why": self.why}

    def lines(self) -> Iterator[str]:
        """Yield it for people."""
        if self.rule:
            yield f"rule: {self.rule}"
            return
        if self.does:
            what = "the single thing at" if self.single else "the collection"
            yield f"does: {self.does}, {what} {self.collection}"
            if self.home:
                yield f"rows: live in {self.home}"
            if self.key:
                named = f", in the path {{{self.parameter}}}" if self.parameter else ""
                yield f"key: {self.key}{named}"
            if self.shown:
                yield f"shown: at {'.'.join(self.shown)} in the answer"
            if self.pages:
                yield "pages: " + ", ".join(f"{name} is the {role}" for role, name in self.pages.items())
            for name, path, by in self.filters:
                yield f"filter: {name} by {path} ({by})"
        for sentence in self.why:
            yield f"why: {sentence}"


def explain(engine: Engine, operation: Operation) -> Explanation:
    """Return what *engine* does at *operation*, and why."""
    if isinstance(engine, Inferred):
        return _inferred(engine.known, operation)
    rule = engine.behavior.rules.get(operation.id)
    if rule is None:
        return Explanation(why=["nothing is remembered: no rule is about it, and rules are all there is"])
    return Explanation(rule=f"{rule.place.file}:{line_of(Path(rule.place.file), rule.place.pointer)}")


def _inferred(known: Knowledge, operation: Operation) -> Explanation:
    found = known.does(operation)
    if found is None:
        return Explanation(why=list(_nothing(known, operation)))
    resource, kind = found
    if kind == "act":
        return _action(known, operation)
    stand = known.stand(resource)
    known.within.parts(resource)
    shown = resource.shown(operation)
    said = Explanation(
        kind,
        resource.path,
        resource.single,
        home=stand.home.path if stand.home is not resource else "",
        key=resource.key,
        parameter=resource.parameter,
        shown=shown.path if shown is not None else None,
        why=list(_reasons(resource, operation)),
    )
    if kind != "list":
        return said
    if shown is None:
        said.why.append("its answer shows no list of such rows, so it is made from the contract each time")
        return said
    query = known.query(operation, resource, shown)
    said.pages = {role: ".".join(way) for role, way in query.paging.roles.items()}
    said.filters = [(".".join(one.way), one.path, one.by) for one in query.filters]
    return said


def _action(known: Knowledge, operation: Operation) -> Explanation:
    action, deed = known.actions[operation.id], known.deed(operation)
    resource = action.resource
    said = Explanation("act", resource.path, key=resource.key, parameter=resource.parameter)
    said.why.append(
        f"{operation.method} {operation.route.template} says what is done to one of {resource.path}"
    )
    said.why += [f"so {name} becomes {dumps(value).decode()}" for name, value in deed.sets.items()]
    said.why += [f"so {name} becomes the time" for name in deed.times]
    if not deed:
        said.why.append(
            f"no property of {resource.path} says that something is {action.word!r}, so none changes"
        )
    return said


def _nothing(known: Knowledge, operation: Operation) -> Iterator[str]:
    yield "nothing is remembered: its path and method are those of no collection"
    above = [resource.path for resource in known.above(operation)]
    if above:
        yield f"what is gone from {' or '.join(above)} is gone here too"


def _reasons(resource: Resource, operation: Operation) -> Iterator[str]:
    """Yield what was concluded of *resource*, but of its operations only what is about this one."""
    mine = f"{operation.method} {operation.route.template.rstrip('/')}"
    for sentence in resource.why:
        subject = sentence.partition(" is ")[0]
        if not subject.partition(" ")[2].startswith("/") or subject.rstrip("/") == mine:
            yield sentence
    if resource.key and resource.parameter:
        called = plain(resource.key) == plain(resource.parameter)
        how = "is called as the path parameter" if called else "is what keys are called"
        yield f"{resource.key} {how}, so it names a row"
    elif not resource.key and not resource.single:
        yield "no property of its rows names one, so they are known by the path alone"
    for group in resource.unique(operation):
        said = " and ".join(group)
        yield f"its 409 says that there are conflicts, so no two that clients make have the same {said}"
