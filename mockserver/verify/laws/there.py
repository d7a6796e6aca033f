"""
Find an item that is there already: what cannot be made can still be stood below.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from mockserver.exchange import Json
from mockserver.verify.calls import successful_call
from mockserver.verify.laws.asking import Asker, Inconclusive, Reply, Unsupported
from mockserver.verify.laws.items import Item
from mockserver.verify.laws.things import Thing
from mockserver.verify.requests import Key, Unsayable


def there(asker: Asker, thing: Thing, above: Item | None) -> Item:
    """Return an item of *thing*, which stands below *above*."""
    place, before = (above.path, above.replies) if above is not None else ({}, ())
    for key, reply in _standing(asker, thing, place):
        path: dict[Key, Json] = {**place, ("path", thing.resource.parameter): key}
        return Item(thing, key, path, {}, {}, (*before, reply))
    raise Inconclusive(f"there is none of {thing.resource.path}, and nothing makes one")


def _standing(asker: Asker, thing: Thing, place: dict[Key, Json]) -> Iterator[tuple[Json, Reply]]:
    """
    Yield the keys that the list shows, and that an example of reading names, with the call that shows it.

    Raises:
        Unsupported: The contract does not say how to find one.
    """
    parameter = thing.resource.parameter
    listed = thing.lister if thing.key else None
    if not parameter or (listed is None and thing.read is None):
        raise Unsupported(f"nothing makes, lists or reads one of {thing.resource.path}")
    if listed is not None:
        reply = asker.ask(listed, place)
        for row in thing.rows_of(listed, reply.body) or []:
            if thing.key in row:
                yield row[thing.key], reply
    if thing.read is not None:
        with suppress(Unsayable):
            key = successful_call(thing.read).said.parameters.get(("path", parameter))
            reply = asker.ask(thing.read, {**place, ("path", parameter): key})
            if reply.good:
                yield key, reply
