"""
What was concluded about one contract: which collections there are, where they live, who lives there.

All of it is worked out when it is first asked for, and kept: it depends on the
contract alone, never on what clients do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from mockserver.behavior.act import Act, Stand, named, scope_of
from mockserver.behavior.actions import Action, Deed, actions, adding, deed, switched
from mockserver.behavior.entities import Entities
from mockserver.behavior.envelopes import Shown
from mockserver.behavior.finding import find, homes
from mockserver.behavior.listing import Query
from mockserver.behavior.looks import Makers
from mockserver.behavior.population import Population
from mockserver.behavior.resources import Resource
from mockserver.behavior.store import Row
from mockserver.behavior.within import Held, Within
from mockserver.behavior.wording import nearness, wild
from mockserver.contract.model import Contract, Operation, Parameter
from mockserver.contract.pairs import paired
from mockserver.contract.shapes import Shape
from mockserver.exchange import Arguments, Json, Place


class Knowledge:
    """
    The conclusions about one contract.

    Args:
        contract: Whose paths and schemas are read.
        makers: Makes what makes values.
        dynamic: Whether documented examples are left aside.

    Attributes:
        resources: The collections by their paths.
        kinds: Operation id -> (resource, what it does to it).
        actions: Operation id -> what it does to one thing, of those that `kinds` does not know.
        adding: Paths where things may be added to a list that is shown above them alone, `Resource`s by path.
        within: The lists that things show and that stand below them.
    """

    def __init__(self, contract: Contract, makers: Makers, *, dynamic: bool) -> None:
        self.resources, self.kinds = find(contract)
        self.actions: dict[str, Action] = actions(contract, self.resources, self.kinds)
        self.adding: dict[str, Resource] = adding(contract, self.actions)
        self.dynamic = dynamic
        self.within = Within(self)
        self._makers = makers
        self._items = {wild(one.item_path): one for one in self.resources.values() if one.parameter}
        self._stands: dict[str, Stand] = {}
        self._populations: dict[str, Population] = {}
        self._above: dict[str, tuple[Resource, ...]] = {}
        self._below: dict[str, tuple[Resource, ...]] = {}
        self._queries: dict[str, Query] = {}
        self._around: dict[str, Json] = {}
        self._fields: dict[str, dict[str, Shape]] = {}
        self._deeds: dict[tuple[str, str], Deed] = {}
        self._fits: dict[Place, Callable[[Json], bool]] = {}

    def does(self, operation: Operation) -> tuple[Resource, str] | None:
        """Return the collection that *operation* is about and what it does to it; None where it is none."""
        found = self.kinds.get(operation.id)
        if found is not None:
            return found
        added = self.adding.get(operation.route.template.rstrip("/"))
        if added is not None and self.stand(added).held:
            return added, next(kind for kind, one in added.operations.items() if one == operation.id)
        action = self.actions.get(operation.id)
        if action is None:
            return None
        return action.resource, "copy" if action.copies and operation.method == "POST" else "act"

    def stand(self, resource: Resource) -> Stand:
        """Return where the rows of *resource* live."""
        found = self._stands.get(resource.path)
        if found is None:
            alike = [one for one in homes(resource, self.resources.values()) if resource.like(one)]
            home, source = (
                max(alike, key=lambda one: nearness(resource.path, one.path), default=resource),
                None,
            )
            if home is not resource and resource.embedded is not None and not self._linked(resource, home):
                resource.why.append(f"things of {home.path} can stand in several of these lists")
                home, source = resource, home
            if home is not resource:
                home = self.stand(home).home
                entities = self.stand(home).entities
                resource.why.append(f"its rows are those of {home.path}: they look alike")
            else:
                entities = Entities(resource, self._makers, dynamic=self.dynamic)
            found = self._stands[resource.path] = Stand(resource, home, entities, source)
        return found

    def _linked(self, resource: Resource, home: Resource) -> bool:
        """Return whether the rows of *home* have a property that says in which *resource* they stand."""
        return Stand(resource, home, self.stand(home).entities).linked

    def population(self, stand: Stand) -> Population:
        """Return those that live at *stand* and that nobody made."""
        home = stand.home
        found = self._populations.get(home.path)
        if found is None:
            nested = [
                self.stand(one)
                for one in self.resources.values()
                if home in homes(one, [home]) and self.stand(one).home is home
            ]
            if stand.held:
                found = Held(self.stand(home), self.within, self._of_item, dynamic=self.dynamic)
            else:
                inside = partial(self.within.documented, home)
                found = Population(self.stand(home), nested, self._of_item, inside, dynamic=self.dynamic)
            self._populations[home.path] = found
        return found

    def _of_item(self, template: str) -> Stand | None:
        resource = self._items.get(wild(template))
        return self.stand(resource) if resource is not None else None

    def above(self, operation: Operation) -> tuple[Resource, ...]:
        """Return the collections that the path of *operation* stands below, the outermost first."""
        found = self._above.get(operation.id)
        if found is None:
            steps = wild(operation.route.template).rstrip("/").split("/")
            paths = ["/".join(steps[:count]) for count in range(2, len(steps))]
            found = self._above[operation.id] = tuple(self._items[one] for one in paths if one in self._items)
        return found

    def below(self, resource: Resource) -> tuple[Resource, ...]:
        """Return the collections whose paths stand below the items of *resource*."""
        found = self._below.get(resource.path)
        if found is None:
            prefix = wild(resource.item_path) + "/"
            inside = (one for one in self.resources.values() if wild(one.path).startswith(prefix))
            found = self._below[resource.path] = tuple(inside) if resource.parameter else ()
        return found

    def place(self, resource: Resource, arguments: Arguments) -> tuple[str, str]:
        """Return (table, key) of the thing of *resource* that the path names."""
        home = self.stand(resource).home
        return home.path, f"{scope_of(home, arguments)}|{named(arguments, resource.parameter)}"

    def is_list(self, resource: Resource) -> bool:
        """Return whether the rows of *resource* are really listed where its path says so."""
        operation = resource.operation("list")
        return operation is not None and resource.shown(operation) is not None

    def query(self, operation: Operation, resource: Resource, shown: Shown) -> Query:
        """Return what the query parameters of *operation*, which lists *resource* as *shown*, do."""
        found = self._queries.get(operation.id)
        if found is None:
            found = self._queries[operation.id] = Query.of(operation, resource, shown, self._taking)
        return found

    def _taking(self, document: Json, name: str) -> Callable[[Json], bool]:
        return self._makers(document, name).accepts

    def pair(self, act: Act) -> Row | None:
        """Return the entity of the documented answer, where the request is that of a documented call."""
        name = paired(act.operation, act.arguments)
        return act.pair(name) if name else None

    def deed(self, operation: Operation, sent: Json = None) -> Deed:
        """Return what *operation*, an action that was told what was *sent*, makes of a thing."""
        action = switched(self.actions[operation.id], sent)
        if action is None:
            return Deed()
        found = self._deeds.get((operation.id, action.word))
        if found is None:
            found = self._deeds[operation.id, action.word] = deed(operation, action)
        return found

    def around(self, resource: Resource, operation: Operation) -> Json:
        """Return a documented answer of *operation*, for what stands around its rows; None without one."""
        if operation.id not in self._around:
            found = resource.examples(operation)
            self._around[operation.id] = found[0] if found and not self.dynamic else None
        return self._around[operation.id]

    def fits(self, header: Parameter) -> Callable[[Json], bool]:
        """Return what tells whether a value is one of the response header *header*."""
        found = self._fits.get(header.place)
        if found is None:
            schema = header.schema
            found = self._makers(schema.json("response"), header.name).accepts if schema else _anything
            self._fits[header.place] = found
        return found

    def fields(self, operation: Operation) -> dict[str, Shape]:
        """Return the header fields of the success of *operation*."""
        found = self._fields.get(operation.id)
        if found is None:
            found = self._fields[operation.id] = {}
            promise = operation.success
            for name, header in promise.headers.items() if promise is not None else ():
                found[name] = Shape(header.schema.json("response") if header.schema is not None else {})
        return found


def _anything(_value: Json) -> bool:
    return True
