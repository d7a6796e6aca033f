"""
Prove that no value fits a schema, without looking for one.

Only what must be there can make a schema impossible, so nothing else is looked at:
types and bounds, the properties that are required, the items that there must be,
every branch of a choice. A schema that needs another value of its own kind for
each value has none either, since values are finite.

A proof is one: None says that none was found, not that there is a value. Where
the rest of this room is content with what is likely (a search that is given up, a
format of which only a part is known), this module passes over it.
"""

from __future__ import annotations

import math

from mockserver.errors import TooLarge, Ungeneratable
from mockserver.generation.arrays import Arrays
from mockserver.generation.languages import no_string
from mockserver.generation.names import Hint
from mockserver.generation.nodes import MAKERS, PLAIN, Document, Node
from mockserver.generation.properties import Properties, cannot_be
from mockserver.generation.sources import Schema, Source

STEPS = 400
"""Places of one schema that are looked at before nothing is said of it."""

DEEPEST = 60
"""Places inside each other that are looked at."""

PLACES = 20
"""Items of one array that are looked at one by one."""

ENDLESS = "every value would hold another of its kind without end"

ANYTHING = Hint("", "")
"""What a value is called is no matter here."""

Verdict = tuple[Ungeneratable | None, float]
"""
Why nothing fits, None where something may; and the depth of the outermost place whose own impossibility this
rests on, infinite where on none.
"""

OPEN: Verdict = (None, math.inf)


class Prover:
    """Proves for many schemas; what was found of those that they share is kept, by the schema itself."""

    def __init__(self) -> None:
        self._shared: dict[int, tuple[Schema, Ungeneratable | None]] = {}

    def reason(self, schema: Schema) -> Ungeneratable | None:
        """
        Return why no value fits *schema*, a JSON Schema 2020-12 document; None where that is not shown.

        `TooLarge` where those that fit are larger than is made.
        """
        proof = _Proof(schema, self._shared)
        try:
            dead = proof.of((Source(schema, proof.document.scope, ""),))[0]
        except RecursionError:  # nested deeper than the stack
            return None
        if dead is None or isinstance(dead, TooLarge):
            return dead
        return Ungeneratable(dead.pointer, dead.detail, proved=True)


class _Proof:
    def __init__(self, schema: Schema, shared: dict[int, tuple[Schema, Ungeneratable | None]]) -> None:
        self.document = Document(schema)
        self._shared = shared
        self._known: dict[Node, Ungeneratable | None] = {}
        self._around: dict[Node, int] = {}
        self._steps = 0

    def of(self, sources: tuple[Source, ...]) -> Verdict:
        """Return the verdict on the conjunction of *sources*."""
        try:
            plain = tuple(_followed(source) for source in sources)
        except Ungeneratable as dead:
            return dead, math.inf
        if len(plain) == 1:
            own = id(plain[0].schema)
            if own in self._shared:
                return self._shared[own][1], math.inf
            verdict = self._node(self.document.node(plain, ANYTHING))
            if (
                _is_named(plain[0].pointer)
                and verdict[1] == math.inf
                and plain[0].scope is self.document.scope
            ):
                self._shared[own] = plain[0].schema, verdict[0]
            return verdict
        return self._node(self.document.node(plain, ANYTHING))

    def _node(self, node: Node) -> Verdict:
        if node in self._known:
            return self._known[node], math.inf
        if node in self._around:
            return Ungeneratable(node.pointer, ENDLESS), self._around[node]
        depth = len(self._around)
        self._steps += 1
        if depth > DEEPEST or self._steps > STEPS:
            return OPEN
        self._around[node] = depth
        dead, rests_on = self._look(node)
        del self._around[node]
        if dead is None or rests_on >= depth:
            self._known[node] = dead
            return dead, math.inf
        return dead, rests_on

    def _look(self, node: Node) -> Verdict:
        try:
            node.open()
        except Ungeneratable as dead:
            return dead, math.inf
        if node.shape.values is not None:
            return OPEN
        if node.choice is not None:
            return self._branches(node)
        first: Ungeneratable | None = None
        outermost = math.inf
        for name in node.shape.types:
            found, rests_on = self._kind(name, node)
            if found is None:
                return OPEN
            first, outermost = first or found, min(outermost, rests_on)
        return first, outermost

    def _branches(self, node: Node) -> Verdict:
        choice = node.choice
        assert choice is not None
        # Of a `oneOf` whose branches may meet, those alternatives that keep the others out leave nothing out.
        exact = max(each.stage for each in choice.alternatives) if choice.checks else 0
        alternatives = [each for each in choice.alternatives if each.stage >= exact]
        found: list[Ungeneratable] = []
        outermost = math.inf
        for alternative in alternatives:
            dead, rests_on = self._node(node.branch(alternative))
            if dead is None:
                return OPEN
            found.append(dead)
            outermost = min(outermost, rests_on)
        if len(found) == 1:
            return found[0], outermost
        detail = f"no alternative of {choice.keyword!r} is left; of the first, {found[0].detail}"
        return Ungeneratable(node.pointer, detail), outermost

    def _kind(self, name: str, node: Node) -> Verdict:
        look = {"string": _string, "array": self._array, "object": self._object}.get(name)
        try:
            if look is not None:
                return look(node)
            MAKERS[name](node)
        except Ungeneratable as dead:
            return dead, math.inf
        return OPEN

    # ------------------------------------------------------------------ parts

    def _object(self, node: Node) -> Verdict:
        known = Properties(node, late=not _loose(node))
        for name in known.must:
            dead, rests_on = self.of(known.bounds(name))
            if dead is not None:
                return cannot_be(node, name, dead), rests_on
        return self._enough(known)

    def _enough(self, known: Properties) -> Verdict:
        """Whether there are as many names as `minProperties` asks for, where no others may be made up."""
        if known.least <= len(known.must):
            return OPEN
        others = [self.of((part,)) for _, _, part in known.patterns]
        closed = [self.of((rest.source,)) for rest in known.rests]
        outermost = min((rests_on for _, rests_on in (*others, *closed)), default=math.inf)
        if any(dead is None for dead, _ in others) or all(dead is None for dead, _ in closed):
            return OPEN
        possible = 0
        for name in known.declared:
            if known.impossible(name) is None:
                dead, rests_on = self.of(known.bounds(name))
                possible += dead is None
                outermost = min(outermost, rests_on)
        if possible >= known.least:
            return OPEN
        detail = f"minProperties {known.least}: only {possible} properties can be"
        return Ungeneratable(known.node.pointer, detail), outermost

    def _array(self, node: Node) -> Verdict:
        known = Arrays(node, late=not _loose(node))
        outermost = math.inf
        most = known.most
        for at in range(min(known.needed, known.prefix + 1)):
            dead, rests_on = self.of(known.place(at).sources)
            if dead is not None:
                detail = (
                    f"at least {known.needed} items are asked for, and item {at} cannot be: {dead.detail}"
                )
                return Ungeneratable(dead.pointer, detail), rests_on
        for each in known.contains:
            room, verdict = 0.0, OPEN
            for at in range(known.prefix + 1):
                if at >= most or room >= each.least:
                    break
                dead, rests_on = self.of((*known.place(at).sources, each.source))
                if dead is None:
                    room += 1 if at < known.prefix else most - known.prefix
                else:
                    verdict = verdict if verdict[0] is not None else (dead, rests_on)
                    outermost = min(outermost, rests_on)
            if room < each.least:
                why = f": {verdict[0].detail}" if verdict[0] is not None else ""
                detail = f"contains: no {each.least} items can be what it asks for{why}"
                return Ungeneratable(each.source.pointer, detail), outermost
            if each.most is not None and known.needed <= PLACES:
                others = [self.of((*known.place(at).sources, each.other)) for at in range(known.needed)]
                forced = [rests_on for dead, rests_on in others if dead is not None]
                if len(forced) > each.most:
                    detail = f"contains: more than {each.most} items cannot but be what it counts"
                    return Ungeneratable(each.source.pointer, detail), min(forced)
        return OPEN


def _is_named(pointer: str) -> bool:
    """Whether a schema stands under "$defs", where other documents have it too."""
    return pointer.startswith("/$defs/") and pointer.count("/") == 2


def _string(node: Node) -> Verdict:
    detail = no_string(node.shape)
    return OPEN if detail is None else (Ungeneratable(node.pointer, detail), math.inf)


def _loose(node: Node) -> bool:
    """
    Whether more may be evaluated than *node* says: it has one branch of an `anyOf`, and all that hold count.
    """
    return any("anyOf" in source.schema for source in node.flat if isinstance(source.schema, dict))


def _followed(source: Source) -> Source:
    """Return what *source* refers to, where it does nothing else; so the same schema is looked at once."""
    for _ in range(DEEPEST):
        schema = source.schema
        if not isinstance(schema, dict) or "$ref" not in schema or not schema.keys() - {"$ref"} <= NOTES:
            return source
        target = source.references()[0]
        source = Source(target.schema, target.scope, target.pointer, name=target.name)
    return source


NOTES = PLAIN - {"type", "enum", "const"}
"""Keywords beside a `$ref` that ask for nothing."""
