"""
The calls that a contract documents by examples, and what is printed of their answers.

Examples of one name belong together (`contract/pairs.py`). Where one body is
exemplified in several media types, each is a call of its own: the contract
promises them all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mockserver.contract.media import is_json
from mockserver.contract.model import Contract, Example, MediaType, Operation, Promise, Schema
from mockserver.exchange import MISSING, Json, Place
from mockserver.generation import choose
from mockserver.validation.values import Validator
from mockserver.verify.requests import Key, Said, Unsayable, saying


@dataclass(frozen=True, eq=False)
class Call:
    """
    One documented call.

    Attributes:
        operation: What is asked.
        name: Of its examples; "" where none are named.
        said: What the request says.
        statuses: The keys of the responses that may answer, e.g. ("200",) or ("2XX",); a name that stands
            under several refusals is any one's. () where any documented one will do.
        expected: The printed answer; `MISSING` where none is.
        place: The example, or the operation where there is none.
        skip: Why the call cannot be made, "" where it can.
    """

    operation: Operation
    name: str
    said: Said
    statuses: tuple[str, ...]
    expected: Json
    place: Place
    skip: str = ""

    @property
    def succeeds(self) -> bool:
        """Whether the documented answer is a success."""
        return any(key.startswith("2") for key in self.statuses)

    def fits(self, status: int) -> bool:
        """Return whether *status* is a documented one."""
        known = {"default", str(status), f"{status // 100}XX"}
        return not self.statuses or not known.isdisjoint(self.statuses)

    def __str__(self) -> str:
        """The operation, the name, and the media type where the operation takes several."""
        parts = [self.operation.id, self.name]
        media, body = self.said.media, self.operation.body
        if media is not None and body is not None and len(body.content) > 1:
            parts.append(media.name.rpartition("/")[2].removeprefix("x-www-").removesuffix("-urlencoded"))
        return "-".join(filter(None, parts))


def documented_calls(contract: Contract) -> Iterator[Call]:
    """
    Yield every call that *contract* exemplifies by name, in its order.

    A success that is printed without a request is the answer to the plain call, where that needs nothing to
    be said.
    """
    for operation in contract.operations.values():
        yield from (call for call in exemplified(operation) if not call.skip)


def every_call(contract: Contract) -> Iterator[Call]:
    """Yield the documented calls of every operation; the plain one of an operation that has none."""
    for operation in contract.operations.values():
        calls = list(exemplified(operation))
        if not calls:
            try:
                calls = [_plain(operation)]
            except Unsayable as error:
                calls = [Call(operation, "", Said(), (), MISSING, operation.place, str(error))]
        for call in calls:
            wrong = "" if call.skip else _breach(call)
            yield replace(call, skip=wrong) if wrong else call


def successful_call(operation: Operation) -> Call:
    """
    Return the first documented call of *operation* that succeeds; the plain one where none is exemplified.

    Raises:
        Unsayable: Something required has no example and cannot be made up.
    """
    calls = (call for call in exemplified(operation) if call.succeeds and not call.skip)
    return next(calls, None) or _plain(operation)


def _plain(operation: Operation) -> Call:
    """Return the call that says no more than it must; any documented answer will do."""
    return Call(operation, "", saying(operation), (), MISSING, operation.place)


def _breach(call: Call) -> str:
    """Return what is wrong with the request itself, "" for nothing: a server may refuse it then."""
    schemas: dict[Key, Schema | None] = {
        (one.location, one.name): one.schema for one in call.operation.parameters
    }
    said = [(key[1], schemas.get(key), value) for key, value in call.said.parameters.items()]
    if call.said.media is not None:
        said.append(("body", call.said.media.schema, call.said.body))
    for name, schema, value in said:
        if schema is not None and (found := Validator(schema, "request").check(value, name)):
            return f"the example itself breaks the contract: {name}: {found[0].detail}"
    return ""


def exemplified(operation: Operation) -> Iterator[Call]:
    """Yield the calls of *operation* that examples document, those that cannot be said among them."""
    yield from _named(operation)
    yield from _unasked(operation)


def _named(operation: Operation) -> Iterator[Call]:
    success = choose.success(operation)
    content = list(operation.body.content.values()) if operation.body is not None else []
    for name in operation.example_names:
        answer = choose.exemplified(operation, name, success)
        statuses = _statuses(operation, name)
        if answer is None and success is not None:
            statuses = _alike(operation, success.promise)
        example = answer[2] if answer is not None else None
        medias: list[MediaType | None] = [one for one in content if name in one.examples]
        for media in medias or [None]:
            try:
                yield _call(operation, name, saying(operation, name, media=media), statuses, example)
            except Unsayable as error:
                yield replace(_call(operation, name, Said(), statuses, example), skip=str(error))


def _statuses(operation: Operation, name: str) -> tuple[str, ...]:
    """Return the keys of the responses with an example *name*: the first success and its like, or all."""
    found = tuple(
        key
        for key, promise in operation.responses.items()
        if any(name in media.examples for media in promise.content.values())
    )
    success = [key for key in sorted(found) if key.startswith("2")]
    if success:
        return _alike(operation, operation.responses[success[0]])
    refusals = [operation.responses[key].place for key in found]
    open_to = (
        key
        for key, promise in operation.responses.items()
        if key not in found and any(one.place in refusals for one in promise.refusals)
    )
    return (*found, *(key for key in open_to if not key.startswith("2")))


def _alike(operation: Operation, promise: Promise) -> tuple[str, ...]:
    """Return the keys of the responses that promise the same: more than one where a choice is left open."""
    return tuple(key for key, one in operation.responses.items() if one.place == promise.place)


def _unasked(operation: Operation) -> Iterator[Call]:
    success = choose.success(operation)
    if success is None or any(parameter.required for parameter in operation.parameters):
        return
    if operation.body is not None and operation.body.required:
        return
    asked = operation.example_names
    for name, example in _printed(success.promise).items():
        if name and name not in asked:
            yield _call(operation, name, Said(), _alike(operation, success.promise), example)
            return


def _printed(promise: Promise) -> dict[str, Example]:
    """Return the examples of *promise* that can be compared: those in JSON."""
    medias: Iterator[MediaType] = (media for media in promise.content.values() if is_json(media.name))
    return {name: example for media in medias for name, example in media.examples.items()}


def _call(
    operation: Operation, name: str, said: Said, statuses: tuple[str, ...], example: Example | None
) -> Call:
    expected = example.value if example is not None else MISSING
    place = example.place if example is not None else operation.place
    return Call(operation, name, said, statuses, expected, place)
