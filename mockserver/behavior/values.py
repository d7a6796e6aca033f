"""
Values that a property may have, where only a filter of its list names them.

`state` is a text, and `?state=` is open or closed: so are the things of the list.
"""

from __future__ import annotations

from mockserver.behavior.wording import plain
from mockserver.contract.model import Operation
from mockserver.contract.shapes import Shape

ANYTHING = frozenset({"all", "any", "*", ""})
"""Values of a filter that leave everything."""


def named_values(listing: Operation, row: Shape) -> dict[str, list[str]]:
    """
    Return property -> values, of the texts in *row* that a filter of *listing* names the values of.

    What filters by nothing ("all") is none of them.
    """
    found: dict[str, list[str]] = {}
    names = {plain(name): name for name in row.names}
    for parameter in listing.parameters:
        name = names.get(plain(parameter.name), "") if parameter.location == "query" else ""
        if not name or parameter.schema is None:
            continue
        own, asked = row.named(name), Shape(parameter.schema.json("request"))
        asked = asked.item(0) if "array" in asked.kinds and "string" not in asked.kinds else asked
        bound = any(face.keys() & {"enum", "const", "pattern", "format"} for face in own.faces)
        if own.typed and own.kinds <= {"string", "null"} and not bound:
            texts = [one for one in asked.enum or [] if isinstance(one, str) and one.lower() not in ANYTHING]
            found.update({name: texts} if texts else {})
    return found
