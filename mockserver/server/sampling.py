"""
A URL for every operation that answers in the default world, and the forms that its answer may take.
"""

from __future__ import annotations

from urllib.parse import quote

from mockserver.contract.model import Operation, Parameter
from mockserver.contract.routes import parted
from mockserver.contract.written import write
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.generation import choose
from mockserver.server.api import Api
from mockserver.server.filler import Filler


def sample(api: Api, operation: Operation, name: str = "") -> str:
    """
    Return a target below the API's root that *operation* answers: path and required query parameters.

    A value is the parameter's first example that is not one of a refusal, else the key of a row that the
    operation would find, else made.
    With *name*, the examples of that name are meant, and optional parameters that have one are given too.
    """
    template, asked = parted(operation.route.template)
    named = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
    query = [f"{key}={value}" for key, values in asked.items() for value in values if key not in named]
    for parameter in operation.parameters:
        if parameter.location == "path":
            text = write(parameter, _value(api, operation, parameter, name))
            template = template.replace("{" + parameter.name + "}", text)
        elif parameter.location == "query" and (parameter.required or (name in parameter.examples and name)):
            query.append(write(parameter, _value(api, operation, parameter, name)))
    return template + ("?" + "&".join(filter(None, query)) if query else "")


def variants(api: Api, operation: Operation) -> tuple[str, ...]:
    """Return the names for `Prefer: variant=NAME` of the success of *operation*; none without content."""
    chosen = choose.success(operation)
    media = choose.default_media(chosen.promise.content) if chosen is not None else None
    filler = api.prepared(operation.route).filler(media) if media is not None else None
    try:
        return tuple(filler.variants) if filler is not None else ()
    except Ungeneratable:
        return ()


def refused(operation: Operation, name: str) -> bool:
    """Return whether the request that the examples called *name* describe is refused by the contract."""
    found = choose.exemplified(operation, name, choose.success(operation)) if name else None
    return found is not None and found[0].status >= 400


def _value(api: Api, operation: Operation, parameter: Parameter, name: str = "") -> Json:
    if name in parameter.examples:
        return parameter.examples[name].value
    for label, example in parameter.examples.items():
        if not refused(operation, label):
            return example.value
    rule = api.behavior.rules.get(operation.id)
    if rule is not None and rule.item is not None and parameter.location == "path":
        rows = api.fixture.rows.get(rule.item.collection, ())
        if rows:
            return rows[0][api.behavior.collections[rule.item.collection].key]
    if parameter.schema is None:
        return quote(parameter.name)
    try:
        value = Filler(parameter.schema, parameter.name).generate(
            f"{api.seed}|{parameter.name}", now=api.fixture.now
        )
    except Ungeneratable:
        value = MISSING
    return parameter.name if value is MISSING else value
