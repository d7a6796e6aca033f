"""
The files of one contract, and what a `$ref` in them means.

A reference is resolved to a `Place`, never to a copied value: a schema that
contains itself stays small, and every finding can name its line. Files are
read when something in them is asked for. Nothing is fetched, and nothing
outside the folder of the document is read, unless it is allowed by name.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from mockserver.contract.sources import index_of, join_pointer, line_of, parse, split_pointer, text_of
from mockserver.errors import ForbiddenReference, UnresolvedReference, closest, nearest
from mockserver.exchange import MISSING, Json, Place


class Documents:
    """
    All files of one contract.

    Args:
        file: The document that everything starts from.
        outside: Whether references may leave its folder (`--allow-outside-refs`).
    """

    def __init__(self, file: Path, *, outside: bool = False) -> None:
        self.root = str(file)
        self._folder = file.resolve().parent
        self._outside = outside
        self._trees: dict[str, Json] = {}
        self._identified: dict[str, dict[str, str]] = {}
        self._lines: dict[tuple[str, str], int] = {}
        self.read_files: list[str] = [self.root]

    def tree(self, file: str) -> Json:
        """Return the whole content of *file*. Raises Unreadable."""
        if file not in self._trees:
            text = text_of(Path(file))
            self._trees[file] = parse(text, file)
            if not any(word in text for word in ("$id", "$anchor", "$dynamicAnchor")):
                self._identified[file] = {}
            if file not in self.read_files:
                self.read_files.append(file)
        return self._trees[file]

    def at(self, place: Place) -> Json:
        """Return what stands at *place*, or `MISSING`."""
        node = self.tree(place.file)
        for token in split_pointer(place.pointer):
            if isinstance(node, dict):
                node = node.get(token, MISSING)
            elif isinstance(node, list) and (index := index_of(token, len(node))) is not None:
                node = node[index]
            else:
                return MISSING
            if node is MISSING:
                return MISSING
        return node

    def line(self, place: Place) -> int:
        """Return the line of *place*, from 1; 0 when the file cannot say."""
        key = (place.file, place.pointer)
        if key not in self._lines:
            self._lines[key] = line_of(Path(place.file), place.pointer)
        return self._lines[key]

    def target(self, ref: str, place: Place) -> Place:
        """
        Return the place that the reference *ref*, standing in *place*, names.

        A fragment is a JSON Pointer, or an `$anchor` (JSON Schema 2020-12, 8.2). A base URI set by `$id`
        counts, so a reference to an `$id` of this contract never looks for a file or the network.

        Raises:
            UnresolvedReference: It points nowhere.
            ForbiddenReference: It asks for the network, or for a file outside the document's folder.
        """
        if ref.startswith("#/") and not self._ids(place.file):
            found = Place(place.file, unquote(ref[1:]) if "%" in ref else ref[1:])
            if self.at(found) is MISSING:
                raise self._nowhere(ref, place, found)
            return found
        uri, fragment = urldefrag(urljoin(self._base(place), ref))
        fragment = unquote(fragment)
        start = self._identified_as(uri, place)
        if start is None:
            start = Place(place.file, "") if uri == _uri(place.file) else self._file(uri, ref, place)
        if not fragment or fragment.startswith("/"):
            found = Place(start.file, start.pointer + fragment)
        else:
            anchored = self._ids(start.file).get(f"{start.pointer}#{fragment}")
            if anchored is None:
                known = [key.rpartition("#")[2] for key in self._ids(start.file) if "#" in key]
                raise self._error(place, f"$ref {ref!r} points nowhere.{nearest(fragment, known)}")
            found = Place(start.file, anchored)
        if self.at(found) is MISSING:
            raise self._nowhere(ref, place, found)
        return found

    def follow(self, place: Place) -> tuple[Json, Place]:
        """
        Return what stands at *place* and where, references followed (for all objects but schemas, whose
        siblings of `$ref` count). Raises UnresolvedReference, also for a circle of references.
        """
        node = self.at(place)
        seen = {(place.file, place.pointer)}
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            siblings = {key: node[key] for key in ("summary", "description") if key in node}
            place = self.target(node["$ref"], place)
            if (place.file, place.pointer) in seen:
                raise self._error(place, f"$ref {node['$ref']!r} leads back to itself")
            seen.add((place.file, place.pointer))
            node = self.at(place)
            if siblings and isinstance(node, dict) and "$ref" not in node:
                node = {**node, **siblings}  # OpenAPI 3.1.1, Reference Object: these override the target's
        return node, place

    def _file(self, uri: str, ref: str, place: Place) -> Place:
        if urlsplit(uri).scheme:
            raise ForbiddenReference(
                place.file,
                self.line(place),
                place.pointer,
                f"$ref {ref!r} asks the network, which is never asked",
            )
        path = Path(unquote(uri))
        resolved = path.resolve()
        if not self._outside and not resolved.is_relative_to(self._folder):
            raise ForbiddenReference(
                place.file,
                self.line(place),
                place.pointer,
                f"$ref {ref!r} leaves the folder {self._folder} (--allow-outside-refs allows it)",
            )
        if not resolved.is_file():
            near = nearest(path.name, (other.name for other in resolved.parent.glob("*") if other.is_file()))
            raise self._error(place, f"$ref {ref!r} points nowhere: there is no file {path}.{near}")
        return Place(str(path), "")

    def _base(self, place: Place) -> str:
        ids = self._ids(place.file)
        if not ids:
            return _uri(place.file)
        by_pointer = {pointer: uri for uri, pointer in ids.items() if "#" not in uri}
        pointer = place.pointer
        while True:
            if pointer in by_pointer:
                return by_pointer[pointer]
            if not pointer:
                return _uri(place.file)
            pointer = pointer.rpartition("/")[0]

    def _ids(self, file: str) -> dict[str, str]:
        """`$id`s and anchors of *file*: URI -> pointer, and "<pointer of the resource>#anchor" -> pointer."""
        known = self._identified.get(file)
        if known is None:
            known = self._identified[file] = {}
            _identify(self.tree(file), "", "", _uri(file), known, 0)
        return known

    def _identified_as(self, uri: str, place: Place) -> Place | None:
        """Return the schema whose `$id` is *uri*: in the file of *place*, then in all that were read."""
        for file in (place.file, *self._trees):
            pointer = self._ids(file).get(uri)
            if pointer is not None:
                return Place(file, pointer)
        return None

    def _nowhere(self, ref: str, place: Place, found: Place) -> UnresolvedReference:
        tokens = split_pointer(found.pointer)
        there: Json = self.tree(found.file)
        for depth, token in enumerate(tokens):
            step = self.at(Place(found.file, join_pointer("", *tokens[: depth + 1])))
            if step is MISSING:
                name = closest(token, there if isinstance(there, dict) else ())
                if name is None:
                    break
                prefix = "" if found.file == place.file else found.file
                near = prefix + "#" + join_pointer("", *tokens[:depth], name)
                return self._error(place, f"$ref {ref!r} points nowhere. Did you mean {near!r}?")
            there = step
        return self._error(place, f"$ref {ref!r} points nowhere.")

    def _error(self, place: Place, detail: str) -> UnresolvedReference:
        return UnresolvedReference(place.file, self.line(place), place.pointer, detail)


def _uri(file: str) -> str:
    """Return *file* as a URI reference: a folder may be called "v1#2"."""
    return quote(Path(file).as_posix())


def _identify(node: Json, pointer: str, resource: str, base: str, known: dict[str, str], depth: int) -> None:
    if depth > 200:
        return
    if isinstance(node, dict):
        identifier = node.get("$id")
        if isinstance(identifier, str) and identifier and not identifier.startswith("#"):
            base = urldefrag(urljoin(base, identifier))[0]
            known[base] = resource = pointer
        for keyword in ("$anchor", "$dynamicAnchor"):
            anchor = node.get(keyword)
            if isinstance(anchor, str):
                known[f"{resource}#{anchor}"] = pointer
        for key, child in node.items():
            if type(child) in (dict, list) and key not in ("enum", "const", "example", "examples", "default"):
                _identify(child, join_pointer(pointer, key), resource, base, known, depth + 1)
    elif isinstance(node, list):
        for index, child in enumerate(node):
            if type(child) in (dict, list):
                _identify(child, f"{pointer}/{index}", resource, base, known, depth + 1)
