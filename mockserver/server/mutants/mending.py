"""
Make good what is wrong with a request, by what is printed or by a value that is made up.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.sources import split_pointer
from mockserver.contract.written import write
from mockserver.errors import Ungeneratable
from mockserver.exchange import MISSING, Json, Request, Violation
from mockserver.generation import Generator
from mockserver.server.mutants.anatomy import json_media
from mockserver.server.mutants.call import Call
from mockserver.validation.values import Validator


def mended(call: Call, wrong: list[Violation]) -> Request | None:
    """Return the request with what is wrong made good; None where that cannot be done."""
    if wrong[0].where == "query":
        operation = call.contracted
        names = {one.pointer.partition("/")[0] for one in wrong}
        pairs = [pair for pair in call.query if pair[0] not in names]
        for name in sorted(names):
            parameter = next((one for one in operation.parameters if one.name == name), None)
            if parameter is not None and parameter.required and parameter.schema is not None:
                shown = next(iter(parameter.examples.values()), None)
                value = shown.value if shown is not None else value_of(parameter.schema, name, call)
                written = write(parameter, value)
                pairs += parse_qsl(written, keep_blank_values=True)
        return call.with_pairs(pairs)
    operation = call.contracted
    offered = operation.body.content if operation.body is not None else {}
    media = json_media(offered) or next(iter(offered.values()), None)
    schema = media.schema if media is not None else None
    body = call.body
    if media is None or schema is None or not isinstance(body, dict):
        return None
    examples = media.examples
    printed = next((one.value for one in examples.values()), None)
    example = printed if isinstance(printed, dict) else value_of(schema, "body", call)
    for one in wrong:
        _set(body, split_pointer(one.pointer), example)
    return call.with_body(body)


def value_of(schema: Any, name: str, call: Call) -> Json:
    """Return a value of *schema*, `MISSING` where none can be made."""
    made = Generator(schema.json("request"), accepts=Validator(schema, "request").is_valid, name=name)
    try:
        return made.value(f"{name} {call.world.writes}", now=call.world.clock.now)
    except Ungeneratable:
        return MISSING


def _set(body: Json, steps: list[str], example: Json) -> None:
    """Set what *steps* lead to, in *body*, as *example* has it; take it out where that has nothing there."""
    holder: Any = body
    for step in steps[:-1]:
        holder = _child(holder, step)
        example = _child(example, step)
    if not steps or not isinstance(holder, dict):
        if isinstance(holder, list) and steps and steps[-1].isdigit() and int(steps[-1]) < len(holder):
            del holder[int(steps[-1])]
        return
    value = _child(example, steps[-1])
    if value is MISSING:
        holder.pop(steps[-1], None)
    else:
        holder[steps[-1]] = value


def _child(value: Json, step: str) -> Json:
    if isinstance(value, dict):
        return value.get(step, MISSING)
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return value[int(step)]
    return MISSING
