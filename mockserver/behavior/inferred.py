"""
Remember without being told how: the engine for a contract that has no behavior.yaml.

What was created, changed or deleted is remembered, in the collections that
`resources` finds. What was never touched answers all the same: an entity made
from its identity, so that /users/42 is the same on every machine, and the same
as the item 42 of /users. Documented examples come first as long as nothing was
changed: then the answer is the document's own.

Deleting has three meanings, for an API answers for any id:
- what a client made under a key of the server's is gone for good, and so is all
  below it: nothing but a 404 is left, until it is made again under that key;
- what a list shows (made by nobody), and what a client made under a key of its own
  choice, is gone from list and reading until something is done to it or below it
  again; the paths below go on answering, deleting it again succeeds, and so does
  reading it where the contract knows of no 404. That is no stricter because a
  client that runs through a document, in any order and more than once, deletes ids
  that it has never made and goes on using them;
- what no list shows and nobody made was never there to be taken away: the API
  says yes, and goes on answering for it.

Where only errors are documented nothing happens: to have done what the answer denies
would be worse.

Nothing here may turn a good answer into a bad one: an outcome is only a
proposal (`Outcome.proposed`), and where it does not fit the contract, the answer
is made from the contract alone.
"""

from __future__ import annotations

from mockserver.behavior.act import FINAL, GONE, MADE, SPOKEN, Act, told_as
from mockserver.behavior.counted import Counted
from mockserver.behavior.deeds import do
from mockserver.behavior.engine import Engine, Outcome
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.listing import Listing
from mockserver.behavior.looks import Makers
from mockserver.behavior.mirroring import Mirroring
from mockserver.behavior.model import Behavior, Collection
from mockserver.behavior.refusals import refuse
from mockserver.behavior.remembering import Remembering
from mockserver.behavior.single import astray, is_closed, put_changed, show, unknown
from mockserver.behavior.tags import Tags
from mockserver.behavior.telling import fields
from mockserver.behavior.world import World
from mockserver.contract.model import Contract, Operation
from mockserver.exchange import Arguments, Place


class Inferred(Engine):
    """
    The engine of inferred collections.

    Args:
        contract: Whose paths and schemas are read.
        makers: Makes what makes values.
        dynamic: Whether documented examples are left aside.

    Attributes:
        known: All that was concluded.
    """

    def __init__(self, contract: Contract, makers: Makers, *, dynamic: bool = False) -> None:
        self.known = Knowledge(contract, makers, dynamic=dynamic)
        self.resources = self.known.resources
        paths = Place(contract.file, "/paths")
        collections = {
            path: Collection(path, paths, "_key") for path in (*self.resources, *self.known.adding)
        }
        super().__init__(contract, Behavior("", collections=collections))
        self._does = Remembering(self.known).does
        self._counted = Counted(self.known)
        self._mirroring = Mirroring(self.known.within)
        self._tags = Tags(self.known, self._counted)

    proposes = True

    def lists(self, operation: Operation) -> bool:
        """Return whether *operation* lists a collection."""
        return self.kind(operation) == "list"

    def covers(self, operation: Operation) -> bool:
        """Return whether state has a say in *operation*."""
        known = self.known
        return operation.id in known.kinds or operation.id in known.actions or bool(known.above(operation))

    def kind(self, operation: Operation) -> str:
        """Return what *operation* does to its collection: "list", "create", "act" ...; "" when to none."""
        found = self.known.does(operation)
        return found[1] if found is not None else ""

    def plan(
        self,
        world: World,
        operation: Operation,
        arguments: Arguments,
        account: str,  # noqa: ARG002 - the same question as Engine.plan
        items: int | None = None,
        seed: str = "",
    ) -> Outcome:
        """
        Propose what *operation* answers, and change the world in a transaction.

        *items* asks for a list of that length, *seed* for other things in place of those that nobody made.
        """
        outcome = Outcome(world.begin(), proposed=True)
        parent_is_new = self._climb(operation, arguments, outcome)
        found = self.known.does(operation)
        if found is not None and not outcome.refused:
            resource, kind = found
            action = self.known.actions.get(operation.id) if kind in ("act", "copy") else None
            carried = resource.carried.get(operation.id) if action is None else action.carrier
            if carried is not None:
                arguments = carried.told(arguments, resource.parameter)
            else:
                arguments = told_as(arguments, operation.route.template, resource.item_path or resource.path)
            stand = self.known.stand(resource)
            act = Act(world, outcome.transaction, stand, operation, arguments, seed)
            if stand.held and kind not in ("list", "read") and operation.success is not None:
                self.known.within.settle(act)
            if self._tags.refuses(act, outcome, kind):
                pass
            elif kind == "list":
                self._list(act, outcome, items, empty=parent_is_new)
            elif kind == "read":
                self._read(act, outcome)
            elif kind == "act":
                do(self.known, act, outcome)
            elif operation.success is not None and (
                resource.item_path or self.known.is_list(resource) or stand.held
            ):
                self._does[kind](act, outcome)
                if resource.single:
                    self._mirroring.reflect(act)
                if kind in ("clear", "replace by body") and not (resource.item_path or stand.held):
                    self._tell_list(act, outcome)
            if stand.held and kind not in ("list", "read") and not outcome.refused:
                self._rise(act, outcome)
            self._counted.tell(act, outcome)
            self._tags.tell(act, outcome, kind)
        world.version += outcome.transaction.changes
        return outcome

    def _rise(self, act: Act, outcome: Outcome) -> None:
        """Show in the thing above what has become of a list; answer with either, where that is documented."""
        known, within, operation = self.known, self.known.within, act.operation
        row = within.rise(act, put_changed)
        if act.resource.shows_above(operation):
            whole = within.whole(act)
            show(known, whole, outcome, row, outcome.rule or f"its {act.resource.path} changed")
            self._counted.tell(whole, outcome)
            return
        shown, many = act.resource.shown(operation), act.resource.shown_many(operation)
        if many is None or (shown is not None and not shown.many) or _whole_things(act):
            return
        looks = act.stand.entities.looks
        views = [looks.of(many, row, key, act.seed) for key, row in within.rows(act).items()]
        around = known.around(act.resource, operation) if many.path else None
        outcome.body = many.wrapped(views, around)

    def _tell_list(self, act: Act, outcome: Outcome) -> None:
        """Answer what was done to a whole list with the list, where that is documented."""
        known, listing = self.known, act.resource.operation("list")
        many, shown = act.resource.shown_many(act.operation), None
        if listing is not None and not outcome.refused and outcome.rule:
            shown = act.resource.shown(listing)
        if listing is None or shown is None or many is None or many.names != shown.names:
            return
        query = known.query(listing, act.stand.home, shown)
        rows, _ = Listing(act, known.population(act.stand), shown, query).page()
        outcome.body = many.wrapped(rows, known.around(act.resource, act.operation) if many.path else None)

    def _climb(self, operation: Operation, arguments: Arguments, outcome: Outcome) -> bool:
        """
        Look at what the path names on its way down; return whether the last of it was made by a client.

        What is gone for good refuses; what is only hidden comes back where something is done below it.
        """
        new = False
        transaction = outcome.transaction
        for parent in self.known.above(operation):
            told = told_as(arguments, operation.route.template, parent.item_path)
            place = self.known.place(parent, told)
            row = transaction.get(*place) if transaction.any(place[0]) else None
            if row is not None and GONE in row:
                if FINAL in row:
                    refuse(operation, outcome, 404, f"It was deleted from {parent.path}.")
                    break
                if operation.method not in ("GET", "HEAD"):
                    transaction.delete(*place)
            elif operation.method not in ("GET", "HEAD") and is_closed(
                operation, outcome, self.known.stand(parent).home, row
            ):
                break
            new = row is not None and MADE in row
        return new

    def listed_in(self, operation: Operation) -> Operation | None:
        """Return the list that shows what *operation* changes; None where there is none."""
        found = self.known.does(operation)
        if found is None or found[1] in ("list", "read"):
            return None
        return self.contract.operations.get(found[0].operations.get("list", ""))

    @property
    def lists_at_all(self) -> list[str]:
        """The ids of the operations that list."""
        return [name for name, (_, kind) in self.known.kinds.items() if kind == "list"]

    def lists_of(self, operation: Operation) -> str:
        """Return the table whose rows *operation* lists, "" where it lists none."""
        found = self.known.does(operation)
        return self.known.stand(found[0]).home.path if found is not None and found[1] == "list" else ""

    def get_ready(self, world: World, operation: Operation, arguments: Arguments) -> None:
        """Look through the rows of a list from which filters and searches begin, if it has any."""
        found = self.known.does(operation)
        if found is None or (shown := found[0].shown(operation)) is None:
            return
        stand = self.known.stand(found[0])
        query = self.known.query(operation, stand.home, shown)
        if query.narrows and not stand.held:
            act = Act(world, world.begin(), stand, operation, arguments)
            Listing(act, self.known.population(stand), shown, query).get_ready()

    def _read(self, act: Act, outcome: Outcome) -> None:
        row = act.row()
        if act.resource.single and (seen := self._mirroring.seen(act)):
            row = {**(self.known.population(act.stand).before(act) if row is None else row), **seen}
        hidden = row is not None and GONE in row and FINAL not in row
        if row is not None and not (hidden and act.operation.responses.keys().isdisjoint(("404", "4XX"))):
            if GONE in row or astray(act, row):
                unknown(act, outcome)
            else:
                show(self.known, act, outcome, row, "remembered")
            return
        population = self.known.population(act.stand)
        documented = str(act.key) in population.examples
        if (
            not population.knows(act)
            and not self.known.dynamic
            and act.resource.exemplified(act.operation)
            and not act.touched()
        ):
            if not population.contradicted(act):
                return
            rule = f"the documented example, as of {act.key!r} of {act.resource.path}"
            outcome.source = "generated"
            show(self.known, act, outcome, population.before(act), rule)
            return
        outcome.source = "example" if documented else "generated"
        rule = f"the entity {act.key!r} of {act.resource.path}"
        show(self.known, act, outcome, population.base(act, act.key), rule)

    def _list(self, act: Act, outcome: Outcome, items: int | None, *, empty: bool) -> None:
        known, shown = self.known, act.resource.shown(act.operation)
        home = act.stand.home
        if shown is None or (not home.item_path and not known.is_list(home)):
            return
        query = known.query(act.operation, home, shown)
        touched = act.touched()
        said = act.arguments.explicit
        asked = query.paging.asked(act.arguments) or any(
            f"query.{one.way[0]}" in said for one in query.filters
        )
        documented = act.resource.exemplified(act.operation) and not known.dynamic
        told = touched or asked or empty or items is not None
        if documented and not told and not known.population(act.stand).misplaced(act):
            return
        listing = Listing(act, known.population(act.stand), shown, query, empty=empty, items=items)
        rows, page = listing.page()
        outcome.source = "state" if touched else "generated"
        outcome.body = rows
        if shown.path:
            around = known.around(act.resource, act.operation)
            outcome.body = query.telling.told(shown.wrapped(rows, around), page)
        outcome.rule = f"the list of {act.resource.path}: {page.total} in all"
        outcome.headers = fields(known.fields(act.operation), page)


def _whole_things(act: Act) -> bool:
    """Return whether the request makes several things and describes them, so that these are the answer."""
    told = act.resource.embedded
    named = {SPOKEN, told.called if told is not None else SPOKEN}
    return act.operation.method == "POST" and act.several and any(one.keys() - named for one in act.each())
