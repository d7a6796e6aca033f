"""
A URL for every operation that answers in the default world.
"""

from __future__ import annotations

from urllib.parse import quote

from mockserver.contract.model import Operation, Parameter
from mockserver.contract.routes import parted
from mockserver.contract.written import write
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json
from mockserver.server.api import Api, Filler


def sample(api: Api, operation: Operation, name: str = "") -> str:
    """
    Return a target below the API's root that *operation* answers: path and required query parameters.

    A value is the parameter's example, else the key of a row that the operation would find, else made.
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


def _value(api: Api, operation: Operation, parameter: Parameter, name: str = "") -> Json:
    if name in parameter.examples:
        return parameter.examples[name].value
    for example in parameter.examples.values():
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
