"""
Tell whether a request is the one that a named example describes.

Examples of one name belong together: the parameters' and the body's say what is
asked, the response's what is answered. That pairing by name is what Specmatic
and Microcks users know; OpenAPI leaves it open.
"""

from __future__ import annotations

from mockserver.contract.media import is_json
from mockserver.contract.model import Operation
from mockserver.exchange import MISSING, Arguments, Json, Upload


def is_example(operation: Operation, name: str, arguments: Arguments) -> bool:
    """
    Return whether *arguments* are those of the example *name*: all that it gives has its value, and
    nothing else was sent. An example that says nothing about the request fits none.
    """
    given = operation.example_requests.get(name)
    if not given:
        return False
    if arguments.body is not MISSING and arguments.body != {} and ("body", "") not in given:
        return False
    for (location, parameter), value in given.items():
        if location == "body":
            if not _same(arguments.body, value):
                return False
        elif not _same(
            getattr(arguments, location).get(
                parameter.lower() if location == "header" else parameter, MISSING
            ),
            value,
        ):
            return False
    return all(
        (location, parameter) in given
        for sent in arguments.explicit
        for location, _, parameter in [sent.partition(".")]
        if location in ("path", "query")
    )


def paired(operation: Operation, arguments: Arguments) -> str:
    """Return the name of the example whose request *arguments* are, "" when they are none's."""
    for name in operation.example_names:
        if is_example(operation, name, arguments):
            return name
    return ""


def documented_answers(operation: Operation) -> dict[str, Json]:
    """Return the JSON that the examples of a success of *operation* show, by their names."""
    content = operation.success.content if operation.success is not None else {}
    media = [one for name, one in content.items() if is_json(name)]
    return {name: example.value for one in reversed(media) for name, example in one.examples.items()}


def file_bytes(text: str) -> bytes:
    """
    Return the bytes of a file that an example gives as *text*.

    One character a byte where all are below U+0100 (an example in YAML can hold a picture then), else UTF-8.
    """
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _same(a: Json, b: Json) -> bool:
    """JSON equality: true is not 1, but 1.0 is 1 (JSON Schema 2020-12, 4.2.2). A file equals its bytes."""
    if isinstance(a, Upload):
        return isinstance(b, str) and a.content == file_bytes(b)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(value, b[key]) for key, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b) and isinstance(a, (int, float)) == isinstance(b, (int, float))
