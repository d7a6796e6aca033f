"""
Handlebars: from text to a tree.

Our own, after looking at what there is: pybars compiles templates to Python that
reads attributes, so a template could walk to `__class__`; pydantic-handlebars
turns the context into plain JSON first, which loses WireMock's values that are a
list and a text at once ("request.query.tag"). Handlebars.java, which WireMock
uses, also differs from Handlebars.js: lines with nothing but a tag keep their line
break, "{{a}}" is not escaped for HTML (WireMock's default), and helpers return
objects.

    {{path}} {{{path}}} {{& path}}  a value, or a helper's        {{! }} {{!-- --}}  a comment
    {{helper param 'text' (helper x) key=value}}                  {{~ ~}}            without white space
    {{#helper ...}} ... {{else helper ...}} ... {{else}} ... {{/helper}}, also as |item index|
    {{^path}} ... {{/path}}                                       \\{{               as it stands
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mockserver.exchange import Json


class BadTemplate(ValueError):
    """A template cannot be read. Its text says where and why."""


@dataclass(frozen=True)
class Literal:
    """A text, a number, true, false or null."""

    value: Json


@dataclass(frozen=True)
class Path:
    """
    A name to look up.

    Attributes:
        text: As written.
        up: How many contexts up ("../").
        data: Whether it is a data variable ("@index").
        here: Whether it begins at the context ("this", "."), so that no helper is meant.
        segments: Names and indexes.
    """

    text: str
    up: int
    data: bool
    here: bool
    segments: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    """A path, which may be a helper's name, with what is handed to it."""

    name: Path | Literal
    params: tuple[Literal | Path | Call, ...] = ()
    hash: tuple[tuple[str, Literal | Path | Call], ...] = ()


@dataclass(frozen=True)
class Text:
    """What stands between tags."""

    text: str


@dataclass(frozen=True)
class Value:
    """{{...}}"""

    call: Call
    line: int


@dataclass(frozen=True)
class Block:
    """{{#...}} body {{else}} inverse {{/...}}"""

    call: Call
    names: tuple[str, ...]
    body: tuple[Node, ...]
    inverse: tuple[Node, ...]
    line: int


Node = Text | Value | Block
Argument = Literal | Path | Call

_TAG = re.compile(
    r"\{\{(?P<open>~?)(?:"
    r"!--(?P<long>.*?)--"
    r"|!(?P<short>.*?)"
    r"|\{(?P<raw>.*?)\}"
    r"|(?P<kind>[#^/>&*]?)(?P<inner>(?:'[^']*'|\"[^\"]*\"|\[[^\]]*\]|[^'\"\[}]|\}(?!\}))*?)"
    r")(?P<close>~?)\}\}",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<bars>\|[^|]*\|)
    | (?P<paren>[()])
    | (?P<key>[^\s=()|"'\[\]]+)=(?!=)
    | (?P<word>(?:\[[^\]]*\]|[^\s()|"'=\[\]])+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_DEEPEST = 60


@dataclass
class _Piece:
    """A text or a tag, while white space is still being trimmed."""

    text: str = ""
    kind: str = ""
    inner: str = ""
    line: int = 0
    trims: tuple[bool, bool] = field(default=(False, False))


def parse(source: str) -> tuple[Node, ...]:
    """Return the tree of a template. Raises BadTemplate."""
    pieces = _trimmed(list(_pieces(source)))
    nodes, at, end = _nodes(pieces, 0, 0)
    if end is not None:
        raise BadTemplate(f"line {end.line}: {{{{{end.kind}{end.inner.strip()}}}}} closes or parts nothing")
    assert at == len(pieces)
    return nodes


def _pieces(source: str) -> Iterator[_Piece]:
    at = 0
    line = 1
    while True:
        start = source.find("{{", at)
        if start < 0:
            yield _Piece(source[at:])
            return
        if start > at and source[start - 1] == "\\":  # \{{ is no tag
            end = source.find("}}", start)
            end = len(source) if end < 0 else end + 2
            yield _Piece(source[at : start - 1] + source[start:end])
            line += source.count("\n", at, end)
            at = end
            continue
        yield _Piece(source[at:start])
        line += source.count("\n", at, start)
        tag = _TAG.match(source, start)
        if tag is None:
            raise BadTemplate(f"line {line}: {source[start : start + 30]!r} is not closed with }}}}")
        trims = (bool(tag["open"]), bool(tag["close"]))
        if tag["long"] is not None or tag["short"] is not None:
            yield _Piece(kind="!", line=line, trims=trims)
        elif tag["raw"] is not None:
            yield _Piece(kind="&", inner=tag["raw"], line=line, trims=trims)
        else:
            kind = tag["kind"] or "="
            if kind in (">", "*"):
                raise BadTemplate(f"line {line}: partials and decorators are not known: {tag[0]}")
            yield _Piece(kind=kind, inner=tag["inner"], line=line, trims=trims)
        line += source.count("\n", start, tag.end())
        at = tag.end()


def _trimmed(pieces: list[_Piece]) -> list[_Piece]:
    for index, piece in enumerate(pieces):
        if piece.trims[0] and index and not pieces[index - 1].kind:
            pieces[index - 1].text = pieces[index - 1].text.rstrip()
        if piece.trims[1] and index + 1 < len(pieces) and not pieces[index + 1].kind:
            pieces[index + 1].text = pieces[index + 1].text.lstrip()
    return [piece for piece in pieces if piece.kind not in ("!", "") or (not piece.kind and piece.text)]


def _nodes(pieces: list[_Piece], at: int, depth: int) -> tuple[tuple[Node, ...], int, _Piece | None]:
    """Return the nodes up to a tag that closes or parts the block, where it goes on, and that tag."""
    if depth > _DEEPEST:
        raise BadTemplate(f"line {pieces[at].line}: blocks stand more than {_DEEPEST} deep in each other")
    nodes: list[Node] = []
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        inner = piece.inner.strip()
        if not piece.kind:
            nodes.append(Text(piece.text))
        elif piece.kind == "/" or _parts(piece):
            return tuple(nodes), at, piece
        elif piece.kind == "#" or (piece.kind == "^" and inner):
            block, at = _block(pieces, at, piece, inner, depth, inverted=piece.kind == "^")
            nodes.append(block)
        else:
            nodes.append(Value(_expression(inner, piece.line)[0], piece.line))
    return tuple(nodes), at, None


def _parts(piece: _Piece) -> bool:
    """Whether a tag begins the other part of a block: {{else}}, {{else if x}}, {{^}}."""
    inner = piece.inner.strip()
    return (piece.kind == "=" and (inner == "else" or inner.startswith("else "))) or (
        piece.kind == "^" and not inner
    )


def _block(
    pieces: list[_Piece], at: int, piece: _Piece, inner: str, depth: int, inverted: bool = False
) -> tuple[Block, int]:
    call, names = _expression(inner, piece.line)
    body, at, end = _nodes(pieces, at, depth + 1)
    inverse: tuple[Node, ...] = ()
    if end is not None and _parts(end):
        chained = end.inner.strip().removeprefix("else").strip()
        if chained:
            rest, at = _block(pieces, at, end, chained, depth + 1)
            return Block(call, names, body, (rest,), piece.line), at
        inverse, at, end = _nodes(pieces, at, depth + 1)
    if end is None or end.kind != "/":
        raise BadTemplate(f"line {piece.line}: {{{{#{inner}}}}} is never closed")
    closing = end.inner.strip()
    opened = call.name.text if isinstance(call.name, Path) else str(call.name.value)
    if closing != opened and piece.kind != "=":
        raise BadTemplate(
            f"line {end.line}: {{{{/{closing}}}}} closes {{{{#{opened}}}}} of line {piece.line}"
        )
    return Block(call, names, *((inverse, body) if inverted else (body, inverse)), piece.line), at


# ------------------------------------------------------------------ within a tag


def _expression(inner: str, line: int) -> tuple[Call, tuple[str, ...]]:
    """Return the call in a tag, and its block's parameters (as |a b|)."""
    tokens = _tokens(inner, line)
    names: tuple[str, ...] = ()
    if len(tokens) >= 2 and tokens[-1][0] == "bars" and tokens[-2] == ("word", "as"):
        names = tuple(tokens[-1][1].strip("|").split())
        tokens = tokens[:-2]
    if not tokens:
        raise BadTemplate(f"line {line}: an empty tag")
    call, at = _call(tokens, 0, line, closed=False, depth=0)
    assert at == len(tokens)
    return call, names


def _tokens(inner: str, line: int) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at = 0
    text = inner.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadTemplate(f"line {line}: {text[at : at + 20]!r} cannot be read in {{{{{inner}}}}}")
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind]))
        at = found.end()
    return tokens


def _call(tokens: list[tuple[str, str]], at: int, line: int, *, closed: bool, depth: int) -> tuple[Call, int]:
    """Read a call from *tokens*, up to their end or, with *closed*, to a ")"."""
    if depth > _DEEPEST:
        raise BadTemplate(f"line {line}: more than {_DEEPEST} parentheses in each other")
    name, at = _argument(tokens, at, line, depth)
    params: list[Argument] = []
    named: list[tuple[str, Argument]] = []
    while at < len(tokens) and tokens[at] != ("paren", ")"):
        kind, text = tokens[at]
        if kind == "key":
            value, at = _argument(tokens, at + 1, line, depth)
            named.append((text, value))
        else:
            value, at = _argument(tokens, at, line, depth)
            params.append(value)
    if closed != (at < len(tokens)):
        raise BadTemplate(f"line {line}: a parenthesis is not closed, or not opened")
    if isinstance(name, Call):
        if params or named:
            raise BadTemplate(f"line {line}: a helper's name cannot be worked out")
        return name, at
    return Call(name, tuple(params), tuple(named)), at


def _argument(tokens: list[tuple[str, str]], at: int, line: int, depth: int) -> tuple[Argument, int]:
    if at >= len(tokens):
        raise BadTemplate(f"line {line}: a value is missing")
    kind, text = tokens[at]
    if kind == "text":
        return Literal(re.sub(r"\\(['\"\\])", r"\1", text[1:-1])), at + 1
    if kind == "paren" and text == "(":
        inner, at = _call(tokens, at + 1, line, closed=True, depth=depth + 1)
        return inner, at + 1
    if kind != "word":
        raise BadTemplate(f"line {line}: {text!r} is no value")
    if text in _CONSTANTS:
        return Literal(_CONSTANTS[text]), at + 1
    if _NUMBER.fullmatch(text):
        return Literal(float(text) if set(text) & set(".eE") else int(text)), at + 1
    return _path(text), at + 1


_SEGMENT = re.compile(r"\[([^\]]*)\]|([^./\[\]]+)")


def _path(text: str) -> Path:
    rest = text
    up = 0
    data = rest.startswith("@")
    rest = rest.removeprefix("@")
    while rest == ".." or rest.startswith("../"):
        up += 1
        rest = rest[3:]
    here = up > 0
    if rest in ("this", ".") or rest.startswith(("this.", "this/", "./")):
        here = True
        rest = rest.removeprefix("this").lstrip("./") if rest.startswith("this") else rest[2:]
    segments = tuple(found[1] if found[1] is not None else found[2] for found in _SEGMENT.finditer(rest))
    return Path(text, up, data, here, segments)
