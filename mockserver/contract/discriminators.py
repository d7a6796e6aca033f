"""
Find the heirs of a schema: those that join it by `allOf`.

A `discriminator` on a base schema names them without a list (OpenAPI 3.1.1,
Discriminator Object; Swagger 2.0, "Composition and Inheritance"). The document is
gone through once, when the first such base is met, and only as deep as `allOf`.
"""

from __future__ import annotations

from functools import cached_property

from mockserver.contract.documents import Documents
from mockserver.contract.reading import below, mapping
from mockserver.errors import SpecError
from mockserver.exchange import Place


class Heirs:
    """The heirs of every component of one document."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def of(self, base: Place) -> dict[str, Place]:
        """Return the components that inherit from *base*, directly or through others, by name."""
        found: dict[str, Place] = {}
        todo = [base]
        while todo:
            for name, place in self._children.get(todo.pop(), ()):
                if name not in found:
                    found[name] = place
                    todo.append(place)
        return found

    @cached_property
    def _children(self) -> dict[Place, list[tuple[str, Place]]]:
        found: dict[Place, list[tuple[str, Place]]] = {}
        for pointer in ("/components/schemas", "/definitions"):
            top = Place(self._documents.root, pointer)
            for name, schema in mapping(self._documents.at(top)).items():
                place = below(top, name)
                joined = mapping(schema).get("allOf")
                for index, member in enumerate(joined if isinstance(joined, list) else ()):
                    ref = mapping(member).get("$ref")
                    if isinstance(ref, str):
                        try:
                            target = self._documents.target(ref, below(place, "allOf", index))
                        except SpecError:
                            continue  # said where the schema is used
                        found.setdefault(target, []).append((name, place))
        return found
