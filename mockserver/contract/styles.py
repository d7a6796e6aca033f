"""
Parameter values and their text on the wire: every OpenAPI style, both ways.

It stands below both the validator, which reads, and the judge, which writes:
two copies of these rules would drift apart. They are RFC 6570's as OpenAPI
uses them (3.1.1 and 3.2.0, Parameter Object, "Style Values").

A reader is compiled once per parameter, by its schema. Text of the wrong type
is no trouble of the reader's: it stays text, and the schema says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence

from mockserver.contract.deep import deep
from mockserver.contract.encoded import Fields, Misread, cookies, decoded, decoded_plus, fields
from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import Direction, Parameter
from mockserver.contract.packed import BETWEEN, Packed, Reader, first_accepted
from mockserver.contract.shapes import Judge, Shape, plain, structured
from mockserver.exchange import MISSING, Json

QueryReader = Callable[[Fields], Json]
"""Reads one parameter from a split query; `MISSING` when it was not sent."""

_DELIMITERS = {
    "spaceDelimited": ("%20", "+", " "),
    "pipeDelimited": ("|", "%7C", "%7c"),
    "tabDelimited": ("%09", "\t"),
}
"""Style -> what may stand between items in a URL; tabs, and these styles in a path, are Swagger 2.0's."""


def shape_of(parameter: Parameter, direction: Direction = "request") -> Shape:
    """Return what the schema of *parameter* allows; anything where it has none."""
    return Shape(parameter.schema.json(direction) if parameter.schema is not None else {})


# ------------------------------------------------------------------------------------------------ reading


def path_reader(parameter: Parameter, judge: Judge | None = None) -> Reader:
    """
    Return the function that reads the raw (percent-encoded) text captured for a path *parameter*.

    It raises `Misread` where the text is not written in the parameter's style.
    """
    if parameter.content:
        return _content(parameter.content, decoded)
    shape, name, explode = shape_of(parameter), parameter.name, parameter.explode
    if parameter.style == "label":
        read = Packed(shape, ".," if explode else ",", "." if explode else "", decoded, judge).reader()
        return lambda raw: read(_without(raw, "."))
    if parameter.style == "matrix":
        return _matrix(name, Packed(shape, ",", ";" if explode else "", decoded, judge), explode)
    return Packed(
        shape, _DELIMITERS.get(parameter.style, ","), "," if explode else "", decoded, judge
    ).reader()


def header_reader(
    parameter: Parameter, judge: Judge | None = None, direction: Direction = "request"
) -> Reader:
    """Return the function that reads a header's value; nothing in it is percent-decoded (OpenAPI 3.2.0)."""
    if parameter.content:
        return _content(parameter.content, str.strip)
    between = BETWEEN.get(parameter.style, ",")
    pairs = "," if parameter.explode else ""
    return Packed(shape_of(parameter, direction), between, pairs, str.strip, judge).reader()


def query_reader(
    parameter: Parameter, judge: Judge | None = None, others: Collection[str] = ()
) -> QueryReader:
    """
    Return the function that reads a query *parameter*.

    *others* are the names of the operation's other query parameters: an exploded object takes what is left.
    Where `allowEmptyValue` is set, "name=" and "name" alone are read as "".
    """
    if parameter.content:
        return _single(parameter.name, _content(parameter.content, decoded_plus))
    read = styled(parameter.name, parameter.style, parameter.explode, shape_of(parameter), judge, others)
    if not parameter.allow_empty_value:
        return read
    name = parameter.name
    return lambda sent: "" if list(sent.get(name, ())) == [""] else read(sent)


def cookie_reader(parameter: Parameter, judge: Judge | None = None) -> Reader:
    """
    Return the function that reads a parameter from a Cookie header field; `MISSING` when it is not in it.

    Style `form` is percent-encoded and, where exploded, joins with "&"; OpenAPI 3.2's style `cookie`
    does neither.
    """
    decode = plain if parameter.style == "cookie" else decoded
    if parameter.content:
        one = _single(parameter.name, _content(parameter.content, decode))
        return lambda header: one(cookies(header))
    shape = shape_of(parameter)
    read = _form(parameter.name, parameter.explode, shape, judge, (), decode)
    separators = ";&" if parameter.explode and not shape.scalar and shape.typed else ";"
    return lambda header: read(cookies(header, separators))


def querystring_reader(parameter: Parameter, judge: Judge | None = None) -> Reader:
    """Return the reader of the query as one value (OpenAPI 3.2.0, `in: querystring`); "" is `MISSING`."""
    name = parsed(parameter.content)
    if name is not None and name.essence == "application/x-www-form-urlencoded":
        return _whole_form(form_reader(shape_of(parameter), judge))
    whole = _content(parameter.content, decoded)
    return lambda raw: whole(raw) if raw else MISSING


def _whole_form(read: FormReader) -> Reader:
    def whole(raw: str) -> Json:
        troubles: list[Misread] = []
        value = read(fields(raw), troubles)
        if troubles:
            raise troubles[0]
        return value or MISSING

    return whole


def styled(
    name: str,
    style: str,
    explode: bool,
    shape: Shape,
    judge: Judge | None = None,
    others: Collection[str] = (),
) -> QueryReader:
    """Return the reader of one value in a query style, as parameters and `encoding` have them."""
    if style == "deepObject":
        return deep(name, shape, judge)
    if style in _DELIMITERS and not explode:
        packed = Packed(shape, _DELIMITERS[style], "", decoded, judge)
        return _packed_fields(name, packed)
    return _form(name, explode, shape, judge, others, decoded_plus)


FormReader = Callable[[Fields, list[Misread]], dict[str, Json]]
"""Reads a whole form as an object; what cannot be read is left out and added to the list."""


def form_reader(
    shape: Shape, judge: Judge | None = None, styles: Mapping[str, tuple[str, bool]] | None = None
) -> FormReader:
    """
    Return the reader of a whole urlencoded form as one object.

    *styles* gives (style, explode) by property, from `encoding`. Without it repeated keys are an array,
    "name[key]=" is an object's property (as deepObject), and text that begins an object or an array is read
    as JSON where the schema asks for one (OpenAPI 3.1.1, Encoding Object: the default of complex types is
    application/json). Fields that the schema does not name stay text, for it to refuse or to take.
    """
    given = styles or {}
    named: dict[str, QueryReader] = {}
    for name in shape.names:
        inner, style = shape.named(name), given.get(name)
        if style is None:
            named[name] = _property(name, inner, judge)
        else:
            named[name] = styled(
                name, *style, inner, judge, [other for other in shape.names if other != name]
            )
    scattered = {
        key
        for name, (style, explode) in given.items()
        if style == "form" and explode and "object" in shape.named(name).kinds
        for key in shape.named(name).names
    }

    def read(sent: Fields, troubles: list[Misread]) -> dict[str, Json]:
        values: dict[str, Json] = {}
        for name, one in named.items():
            try:
                value = one(sent)
            except Misread as error:
                troubles.append(Misread(str(error), error.keyword, f"/{name}"))
                continue
            if value is not MISSING:
                values[name] = value
        for name, raw in sent.items():
            if name in named or name in scattered or name.partition("[")[0] in named:
                continue
            inner = shape.named(name)
            try:
                value = _property(name, inner, judge)(sent) if inner.typed else _loose(raw)
            except Misread as error:
                troubles.append(Misread(str(error), error.keyword, f"/{name}"))
                continue
            values[name] = value
        return values

    return read


def _loose(raw: Sequence[str]) -> Json:
    texts = [decoded_plus(value) for value in raw]
    return texts[0] if len(texts) == 1 else texts


def _property(name: str, shape: Shape, judge: Judge | None) -> QueryReader:
    flat = _form(name, True, shape, judge, (), decoded_plus, bare=True)
    if shape.scalar or not shape.typed:
        return flat
    nested = deep(name, shape, judge)

    def read(sent: Fields) -> Json:
        raw = sent.get(name)
        if raw is None:
            return nested(sent)
        if len(raw) == 1 and raw[0][:1] in ("{", "[", "%"):
            whole = structured(decoded_plus(raw[0]))
            if not isinstance(whole, str):
                return whole
        return flat(sent)

    return read


def _without(raw: str, mark: str) -> str:
    if not raw.startswith(mark):
        raise Misread(f"{raw!r:.80} does not begin with {mark!r}, as its style asks")
    return raw[len(mark) :]


def _matrix(name: str, packed: Packed, explode: bool) -> Reader:
    def one(raw: str) -> str:
        found, mark, value = _without(raw, ";").partition("=")
        if decoded(found) != name:
            raise Misread(f"{raw!r:.80} does not begin with ';{name}=', as its style asks")
        return value if mark else ""

    scalar = packed.scalar()
    ways: list[Reader] = []
    kinds = packed.shape.kinds
    if kinds - {"array", "object"}:
        ways.append(lambda raw: scalar(one(raw)))
    if packed.shape.typed and "array" in kinds:
        ways.append(
            (lambda raw: packed.items([one(f";{part}") for part in _without(raw, ";").split(";")]))
            if explode
            else (lambda raw: packed.array(one(raw)))
        )
    if packed.shape.typed and "object" in kinds:
        ways.append(
            (lambda raw: packed.object(_without(raw, ";")))
            if explode
            else (lambda raw: packed.object(one(raw)))
        )
    return ways[0] if len(ways) == 1 else first_accepted(ways, packed.shape, packed.judge)


def _single(name: str, read: Reader) -> QueryReader:
    def one(sent: Fields) -> Json:
        raw = sent.get(name)
        if raw is None:
            return MISSING
        if len(raw) > 1:
            raise Misread(f"{name!r} is given {len(raw)} times and takes one value", "maxItems")
        return read(raw[0])

    return one


def _packed_fields(name: str, packed: Packed) -> QueryReader:
    """One name whose text holds the whole value; given again, an array goes on. "name=" is one empty item."""
    one = _single(name, packed.reader())
    if "array" not in packed.shape.kinds or not packed.shape.typed:
        return one
    only = packed.shape.kinds <= {"array", "null"}

    def read(sent: Fields) -> Json:
        raw = sent.get(name)
        if raw is None or (len(raw) == 1 and (raw[0] or not only)):
            return one(sent)
        return packed.items([part for text in raw for part in packed.split(text) or [""]])

    return read


def _form(
    name: str,
    explode: bool,
    shape: Shape,
    judge: Judge | None,
    others: Collection[str],
    decode: Callable[[str], str],
    *,
    bare: bool = False,
) -> QueryReader:
    """Style `form`. Not *bare*: the properties of an exploded object stand among the other parameters."""
    packed = Packed(shape, ",", "", decode, judge)
    if not shape.typed:
        return _untyped(name, decode)
    if shape.scalar:
        return _single(name, packed.scalar())
    if not explode:
        return _packed_fields(name, packed)
    ways: list[QueryReader] = []
    if shape.kinds - {"array", "object"}:
        ways.append(_single(name, packed.scalar()))
    if "array" in shape.kinds:
        ways.append(_repeated(name, packed))
    if "object" in shape.kinds and not bare:
        ways.append(_scattered(name, shape, judge, others, decode))
    if not ways:
        return _untyped(name, decode)
    return ways[0] if len(ways) == 1 else first_accepted(ways, shape, _unless_missing(judge))


def _unless_missing(judge: Judge | None) -> Judge | None:
    if judge is None:
        return None
    ask = judge

    def lenient(document: Json) -> Callable[[Json], bool]:
        accepts = ask(document)
        return lambda value: value is not MISSING and accepts(value)

    return lenient


def _untyped(name: str, decode: Callable[[str], str]) -> QueryReader:
    def read(sent: Fields) -> Json:
        raw = sent.get(name)
        if raw is None:
            return MISSING
        return decode(raw[0]) if len(raw) == 1 else [decode(text) for text in raw]

    return read


def _repeated(name: str, packed: Packed) -> QueryReader:
    def read(sent: Fields) -> Json:
        raw = sent.get(name)
        if raw is None:
            return MISSING
        return packed.items(raw)

    return read


def _scattered(
    name: str, shape: Shape, judge: Judge | None, others: Collection[str], decode: Callable[[str], str]
) -> QueryReader:
    taken = frozenset(others) - {name}
    named = {key: _form(key, True, shape.named(key), judge, (), decode, bare=True) for key in shape.names}

    def read(sent: Fields) -> Json:
        found: dict[str, Json] = {}
        for key in sent:
            if key in named:
                found[key] = named[key](sent)
            elif key == name and not shape.open:
                raise Misread(
                    f"{name!r} is an object, and is written as its properties: property=value", "type"
                )
            elif shape.open and key not in taken:
                found[key] = _form(key, True, shape.named(key), judge, (), decode, bare=True)(sent)
        return found or MISSING

    return read


def _content(media_type: str, decode: Callable[[str], str]) -> Reader:
    """A value written in a media type (`content`): JSON is parsed, anything else stays text."""
    name = parsed(media_type)
    if name is None or not is_json(name.essence):
        return decode

    def read(raw: str) -> Json:
        text = decode(raw)
        try:
            return json.loads(text, parse_constant=_no_constant)
        except RecursionError:
            raise Misread("the JSON is nested too deeply to be read") from None
        except ValueError as error:
            raise Misread(f"it is not JSON: {error}") from None

    return read


def _no_constant(word: str) -> Json:
    raise ValueError(f"{word} is not a JSON value")
