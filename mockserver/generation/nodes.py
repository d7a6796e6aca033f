"""
A place of the document for which values are made: compiled when it is first reached.

A `Node` is the conjunction of some schemas. What is an *or* in it (`anyOf`,
`oneOf`, `if`, `not`, `dependentSchemas`; see choices.py) is settled one choice at
a time: taking a branch gives another node, the conjunction with that branch
added, and a node with nothing left to settle is bounds of one type, for which a
closure is made. Nodes are kept, so a branch is merged and compiled once.

A dead end (`Ungeneratable`) while drawing sends us back to the last choice, as in
any backtracking search; `Draw.step` bounds it.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from itertools import compress

from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation import arrays, numbers, objects, strings
from mockserver.generation.choices import Alternative, Choice, find_choices
from mockserver.generation.draw import Draw, Fill, Make
from mockserver.generation.drawing import avoiding, choosing, kept, listing, several
from mockserver.generation.fitting import Test, passes, questions_of
from mockserver.generation.heights import Heights
from mockserver.generation.holds import identity, is_type
from mockserver.generation.lookout import UNKNOWN, Lookout, Outlook, Reader
from mockserver.generation.names import Hint
from mockserver.generation.plausible import plausible
from mockserver.generation.shape import Shape, merge
from mockserver.generation.sources import Key, Schema, Scope, Source, flatten
from mockserver.generation.wordlists import listed

NodeKey = tuple[tuple[Key, ...], Hint, frozenset[object]]


class Document:
    """
    One schema document with all that was made for it so far.

    Attributes:
        scope: Where its references start.
        locale: Of names and texts, e.g. "de_DE".
        hidden: The annotation of properties that do not travel this way: "writeOnly" or "readOnly".
        heights: Tells how deep the smallest value of a schema is.
        reader: Tells what its schemas speak of.
        source: The document as a whole.
    """

    def __init__(
        self, schema: Schema, locale: str = "en_US", name: str = "", hidden: str = "writeOnly"
    ) -> None:
        self.scope = Scope(schema)
        self.locale = locale
        self.hidden = hidden
        self.heights = Heights()
        self.reader = Reader()
        self._nodes: dict[NodeKey, Node] = {}
        self.source = Source(schema, self.scope, "", name=name)
        self._name = name

    @property
    def root(self) -> Node:
        """The node of the whole document."""
        return self.node((self.source,), Hint(self._name, self._name))

    def node(self, sources: tuple[Source, ...], hint: Hint, settled: frozenset[object] = frozenset()) -> Node:
        """Return the node for the conjunction of *sources*, the same one each time."""
        key = (tuple(source.key for source in sources), hint, settled)
        node = self._nodes.get(key)
        if node is None:
            node = self._nodes[key] = Node(self, sources, hint, settled)
        return node


class Node:
    """
    Values for the conjunction of some schemas.

    Attributes:
        sources: The schemas, as handed in.
        hint: What the value is called.
        settled: Choices that were made on the way here.
        draw: Makes a value. Raises `Ungeneratable`.
        fill: Makes a value around one that is given. Raises `Ungeneratable`.
        nullable: How often the value is null, and what makes it else, where `draw` is just that.
        flat, shape, choice: See `open`.
        array, object: What makes its arrays and objects, once that is needed; see `prepare`.
    """

    __slots__ = (
        "_before",
        "_hopeful",
        "_hopeless",
        "_opened",
        "_tests",
        "array",
        "choice",
        "document",
        "draw",
        "fill",
        "flat",
        "hint",
        "nullable",
        "object",
        "settled",
        "shape",
        "sources",
    )

    def __init__(
        self, document: Document, sources: tuple[Source, ...], hint: Hint, settled: frozenset[object]
    ) -> None:
        self.document = document
        self.sources = sources
        self.hint = hint
        self.settled = settled
        self.flat: list[Source] = []
        self.shape = Shape()
        self.choice: Choice | None = None
        self.array: arrays.Arrays | None = None
        self.object: objects.Objects | None = None
        self.draw: Make = self._first_draw
        self.fill: Fill = self._first_fill
        self.nullable: tuple[float, Make] | None = None
        self._before = UNKNOWN
        self._hopeful: dict[object, tuple[bool, ...]] = {}
        self._opened: Ungeneratable | bool = False
        self._hopeless: bool | None = None
        self._tests: list[Test] | None = None

    @property
    def pointer(self) -> str:
        """Where the last of its schemas stands, for messages."""
        return self.sources[-1].pointer if self.sources else ""

    def open(self) -> Node:
        """
        Flatten and merge, once; return this node.

        Afterwards `flat` lists the schemas, `shape` has their bounds, and `choice` is what is to be settled
        next
        (None when nothing is, or when the values are enumerated).

        Raises:
            Ungeneratable: Nothing fits, and it can be seen without drawing.
        """
        if self._opened is True:
            return self
        if isinstance(self._opened, Ungeneratable):
            raise Ungeneratable(self._opened.pointer, self._opened.detail)
        try:
            self.flat = flatten(self.sources)
            self.shape = merge(self.flat)
            if self.shape.values is not None:
                self.shape.values = self._enumerated(self.shape.values)
            else:
                self.choice = self._next(find_choices(self.flat, self.settled))
        except Ungeneratable as dead:
            self._opened = dead
            raise
        self._opened = True
        return self

    def _next(self, choices: list[Choice]) -> Choice | None:
        """
        Return the choice to settle first: the one with the fewest alternatives that are plausible beside the
            rest.

        A choice without any is a dead end found early, and one with a single alternative is none. Where there
        is
        only one choice, trying its alternatives in turn finds out just as well.
        """
        if len(choices) < 2:
            return self._some(choices[0], choices[0].alternatives) if choices else None
        if not self._before.hopeful and not plausible(self.sources):
            raise Ungeneratable(self.pointer, "the keywords beside each other leave nothing")
        lookout = Lookout(self.document.reader, self.sources, self.flat, self.shape, self._before)
        best: Choice | None = None
        for choice in choices:
            hopeful = self._hopeful[choice.key] = lookout.hopeful(choice)
            found = self._some(choice, tuple(compress(choice.alternatives, hopeful)))
            if best is None or len(found.alternatives) < len(best.alternatives):
                best = found
        return best

    def _some(self, choice: Choice, alternatives: tuple[Alternative, ...]) -> Choice:
        """Return *choice* among *alternatives*, which must be there."""
        if not alternatives:
            raise Ungeneratable(self.pointer, f"{choice.keyword!r} leaves nothing beside the other keywords")
        return replace(choice, alternatives=alternatives)

    @property
    def dead(self) -> bool:
        """Whether nothing fits, as far as can be seen without drawing."""
        try:
            self.open()
        except Ungeneratable:
            return True
        return False

    @property
    def hopeless(self) -> bool:
        """
        Whether nothing fits, looking further than `dead`: into the branches, and at what numbers and strings
        need.
        """
        if self._hopeless is None:
            self._hopeless = False  # while we are on it
            self._hopeless = (
                self.dead or not plausible(self.sources) or self._no_branch() or self._no_scalar()
            )
        return self._hopeless

    def _no_branch(self) -> bool:
        choice = self.choice
        return choice is not None and all(self.branch(each).hopeless for each in choice.alternatives)

    def _no_scalar(self) -> bool:
        if self.choice is not None or not set(self.shape.types) <= {"number", "string", "null", "boolean"}:
            return False
        try:
            self.prepare()
        except Ungeneratable:
            return True
        return False

    def finite(self) -> list[Json] | None:
        """Return all values when they are few and known, else None."""
        shape = self.open().shape
        if shape.values is not None:
            return shape.values
        if self.choice is not None:
            return None
        known: list[Json] = []
        for name in shape.types:
            if name == "null":
                known.append(None)
            elif name == "boolean":
                known += [True, False]
            elif name == "number" and (span := numbers.span(shape)) is not None:
                known += span
            else:
                return None
        return [value for value in known if identity(value) not in shape.excluded]

    def branch(self, alternative: Alternative) -> Node:
        """Return the node that remains when *alternative* is taken for the choice of this node."""
        assert self.choice is not None
        sources = (*self.sources, *alternative.sources)
        node = self.document.node(sources, self.hint, self.settled | {self.choice.key})
        if self._hopeful and not node._opened and not node._before.hopeful:
            node._before = Outlook(self._hopeful, self.shape, self.document.reader.all(alternative.sources))
        return node

    def fits(self, value: Json) -> bool:
        """Whether *value* holds to all schemas of this node."""
        if self._tests is None:
            self._tests = questions_of(self.sources)
        return passes(self._tests, value)

    # ------------------------------------------------------------------ compiling

    def _first_draw(self, ctx: Draw) -> Json:
        self.prepare()
        return self.draw(ctx)

    def _first_fill(self, ctx: Draw, given: Json) -> Json:
        self.prepare()
        return self.fill(ctx, given)

    def prepare(self) -> None:
        """
        Compile `draw` and `fill`, once.

        Raises:
            Ungeneratable: Nothing fits, and it can be seen without drawing.
        """
        if self.draw != self._first_draw:
            return
        self.open()
        if self.shape.values is not None:
            self.draw, self.fill = listing(self.shape.values, self), kept
        elif self.choice is not None:
            self.draw, self.fill = choosing(self, self.choice)
        else:
            self.draw, self.fill = self._typed()
        self._show()

    def _show(self) -> None:
        """
        Draw what the schema itself shows, where that is asked for and fits; of a list, only in its first
        item.
        """
        shape = self.shape
        candidates = [*shape.samples, *([None] if shape.notes.get("default", MISSING) is None else [])]
        sample = next((value for value in candidates if self.fits(value)), MISSING)
        if sample is MISSING:
            return
        made = self.draw

        def draw(ctx: Draw) -> Json:
            return deepcopy(sample) if ctx.shown and not ctx.index else made(ctx)

        self.draw, self.nullable = draw, None

    def _enumerated(self, values: list[Json]) -> list[Json]:
        """Return those of *values* that all schemas allow."""
        if len(self.flat) > 1 or not self.flat[0].schema.keys() <= PLAIN:  # type: ignore[union-attr]
            fitting = [value for value in values if self.fits(value)]
        else:
            names = self.flat[0].schema.get("type", [])  # type: ignore[union-attr]
            names = [names] if isinstance(names, str) else names
            fitting = [value for value in values if not names or any(is_type(value, name) for name in names)]
        if not fitting:
            raise Ungeneratable(
                self.pointer, f"no value of enum or const {values!r:.200} fits the other keywords"
            )
        return fitting

    def _typed(self) -> tuple[Make, Fill]:
        """
        Return closures for bounds without choices; types after the first are for when it fails (null: now and
        then).
        """
        makes: dict[str, tuple[Make, Fill]] = {}
        last: Ungeneratable | None = None
        for name in self.shape.types:
            try:
                makes[name] = MAKERS[name](self)
            except Ungeneratable as dead:
                last = dead
        if not makes:
            raise last or Ungeneratable(self.pointer, "no type is left")
        if len(makes) == 1:
            return next(iter(makes.values()))
        return several(makes, self)


def _boolean(node: Node) -> tuple[Make, Fill]:
    left = [value for value in (True, False) if identity(value) not in node.shape.excluded]
    if not left:
        raise Ungeneratable(node.pointer, "neither true nor false is allowed")
    return strings.boolean(node, left), kept


def _null(node: Node) -> tuple[Make, Fill]:
    if identity(None) in node.shape.excluded:
        raise Ungeneratable(node.pointer, "null is not allowed")
    return (lambda _ctx: None), kept


def _number(node: Node) -> tuple[Make, Fill]:
    return numbers.maker(node), kept


def _string(node: Node) -> tuple[Make, Fill]:
    return strings.maker(node), kept


def _array(node: Node) -> tuple[Make, Fill]:
    node.array = arrays.Arrays(node)
    return avoiding(node, node.array.draw, "minItems"), node.array.fill


def _object(node: Node) -> tuple[Make, Fill]:
    node.object = objects.Objects(node)
    return avoiding(node, node.object.draw, "minProperties"), node.object.fill


MAKERS: dict[str, Callable[[Node], tuple[Make, Fill]]] = {
    "null": _null,
    "boolean": _boolean,
    "number": _number,
    "string": _string,
    "array": _array,
    "object": _object,
}

PLAIN = listed(
    """
    type enum const title description default example examples deprecated readOnly writeOnly xml x-faker
    externalDocs $comment nullable
    """
)
"""Keywords beside which only `type` can take values away from an `enum`."""
