"""
The files of one contract, and what a `$ref` in them means.

A reference is resolved to a `Place`, never to a copied value: a schema that
contains itself stays small, and every finding can name its line. Files are
read when something in them is asked for. Nothing is fetched, and nothing
outside the folder of the document is read, unless it is allowed by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

from mockserver.contract.identifiers import Identifiers
from mockserver.contract.lines import line_in, line_of
from mockserver.contract.sources import (
    Mark,
    fetch,
    index_of,
    join_pointer,
    mark_of,
    parse,
    split_pointer,
    text_of,
)
from mockserver.contract.yaml12 import Repeated
from mockserver.errors import ForbiddenReference, SpecError, UnresolvedReference, closest, nearest
from mockserver.exchange import MISSING, Json, Place

Anchors = tuple[tuple[str, Place], ...]
"""Dynamic anchors that were met on the way to a schema, the outermost of each name."""


class Documents:
    """
    All files of one contract.

    Args:
        file: The document that everything starts from.
        outside: Whether references may leave its folder, or ask the network (`--allow-outside-refs`).
    """

    def __init__(self, file: Path, *, outside: bool = False) -> None:
        self.root = str(file)
        self._folder = file.resolve().parent
        self._outside = outside
        self._trees: dict[str, Json] = {}
        self._fetched: dict[str, str] = {}
        self._identifiers: dict[str, Identifiers] = {}
        self._lines: dict[tuple[str, str], int] = {}
        self.read_files: list[str] = [self.root]
        self.marks: dict[str, Mark] = {}
        """How each file stood just before it was read: no time, since the clock of files lags behind."""
        self.notice: Callable[[SpecError], None] = lambda _: None
        """Takes what is wrong with a file and does not keep it from being read."""
        self.held: dict[str, bytes] = {}
        """What stood in files that were not read yet, where somebody kept it: it is read in their place."""

    def may_read(self, file: str) -> bool:
        """Return whether a reference may lead to *file*."""
        return self._outside or Path(file).resolve().is_relative_to(self._folder)

    def tree(self, file: str) -> Json:
        """Return the whole content of *file*. Raises Unreadable."""
        tree = self._trees.get(file, MISSING)
        if tree is MISSING:
            text = self._text(file)
            repeated: Repeated = []
            tree = self._trees[file] = parse(text, file, repeated)
            for line, key in repeated:
                self.notice(
                    SpecError(file, line, "", f"{key!r} stands twice in one mapping; the later one counts")
                )
            self._identifiers[file] = Identifiers.of(tree, _uri(file), text)
            if file not in self.read_files and file not in self._fetched:
                self.read_files.append(file)
        return tree

    def _text(self, file: str) -> str:
        if not _is_remote(file):
            if file not in self.held:
                self.marks[file] = mark_of(file)
            return text_of(Path(file), self.held.pop(file, None))
        text = self._fetched[file] = fetch(file)
        return text

    def at(self, place: Place) -> Json:
        """Return what stands at *place*, or `MISSING`. Raises Unreadable."""
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
            fetched = self._fetched.get(place.file)
            self._lines[key] = (
                line_of(Path(place.file), place.pointer)
                if fetched is None
                else line_in(fetched, place.file, place.pointer)
            )
        return self._lines[key]

    def dialect(self, file: str) -> str:
        """Return the URI of the JSON Schema dialect that *file* names for its schemas, "" for none."""
        tree = self.tree(file)
        for keyword in ("jsonSchemaDialect", "$schema"):
            if isinstance(tree, dict) and isinstance(tree.get(keyword), str):
                return str(tree[keyword])
        return ""

    def entered(self, place: Place, anchors: Anchors) -> Anchors:
        """Return *anchors* with those of the schema resource that *place* stands in (Core, 7.1)."""
        names = self._names(place.file)
        own = names.dynamic.get(names.resource(place.pointer)) if names.dynamic else None
        if not own:
            return anchors
        met = {name for name, _ in anchors}
        return anchors + tuple(
            (name, Place(place.file, pointer)) for name, pointer in own.items() if name not in met
        )

    def target(self, ref: str, place: Place) -> Place:
        """
        Return the place that the reference *ref*, standing in *place*, names.

        A fragment is a JSON Pointer, or an `$anchor` (JSON Schema 2020-12, 8.2). A base URI set by `$id`
        counts, so a reference to an `$id` of this contract never looks for a file or the network.

        Raises:
            UnresolvedReference: It points nowhere.
            ForbiddenReference: It asks for the network, or for a file outside the document's folder.
            Unreadable: It leads to a file that cannot be read.
        """
        if "\\" in ref.partition("#")[0]:
            self.notice(
                self._error(place, f"$ref {ref!r} is read with '/' for each '\\', as URLs are written")
            )
            ref = ref.replace("\\", "/")
        names = self._names(place.file)
        if ref.startswith("#/"):
            start, fragment = Place(place.file, names.resource(place.pointer)), ref[1:]
        else:
            uri, fragment = urldefrag(_joined(names.base(place.pointer), ref))
            start = self._start(uri, ref, place)
        if "%" in fragment:
            fragment = unquote(fragment)
        if not fragment or fragment.startswith("/"):
            found = Place(start.file, start.pointer + fragment)
        else:
            anchors = self._names(start.file)
            anchored = anchors.anchors.get((start.pointer, fragment))
            if anchored is None:
                near = nearest(fragment, anchors.anchor_names(start.pointer))
                raise self._error(place, f"$ref {ref!r} points nowhere.{near}")
            found = Place(start.file, anchored)
        if self.at(found) is MISSING:
            whole = Place(start.file, fragment)  # "#/components/..." below an `$id`, by authors who forgot it
            if not start.pointer or not fragment or self.at(whole) is MISSING:
                raise self._nowhere(ref, place, found)
            found = whole
        return found

    def _start(self, uri: str, ref: str, place: Place) -> Place:
        """Return what *uri*, without a fragment, names: a resource, or a file."""
        for file in (place.file, *self._trees):
            pointer = self._names(file).uris.get(uri)
            if pointer is not None:
                return Place(file, pointer)
        if uri == _uri(place.file) or not uri:
            return Place(place.file, "")
        return self._file(self._by_place(ref, place) or self._near(uri), ref, place)

    def _by_place(self, ref: str, place: Place) -> str:
        """
        Return the file that *ref* means to its author who forgot the `$id` above it, "" where none is there.

        A file without its `$id` would be found so; with it, the reference leads to the network.
        """
        path = urldefrag(ref)[0]
        if not path or urlsplit(path).scheme or _is_remote(place.file) or path.startswith("//"):
            return ""
        if not _is_remote(self._names(place.file).base(place.pointer)):
            return ""
        found = _joined(_uri(place.file), path)
        return found if Path(unquote(found)).is_file() else ""

    def _near(self, uri: str) -> str:
        """Return *uri* as a file beside the document where `$self` says that the document is from there."""
        own = self._names(self.root).base("")
        folder = own.rpartition("/")[0] + "/"
        if not _is_remote(own) or not uri.startswith(folder):
            return uri
        return quote(Path(self.root).parent.joinpath(unquote(uri.removeprefix(folder))).as_posix())

    def _names(self, file: str) -> Identifiers:
        self.tree(file)
        return self._identifiers[file]

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
        if _is_remote(uri) and self._outside:
            self.tree(uri)
            return Place(uri, "")
        if urlsplit(uri).scheme:
            detail = f"$ref {ref!r} asks the network, which is asked only with --allow-outside-refs"
            raise ForbiddenReference(place.file, self.line(place), place.pointer, detail)
        path = Path(unquote(uri))
        resolved = path.resolve()
        if not self.may_read(str(path)):
            detail = f"$ref {ref!r} leaves the folder {self._folder} (--allow-outside-refs allows it)"
            raise ForbiddenReference(place.file, self.line(place), place.pointer, detail)
        known = str(path) in self._trees or str(path) in self.held  # which may be deleted by now
        if not known and not resolved.is_file():
            near = nearest(path.name, _beside(resolved))
            raise self._error(place, f"$ref {ref!r} points nowhere: there is no file {path}.{near}")
        return Place(str(path), "")

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
    return file if _is_remote(file) else quote(Path(file).as_posix())


def _is_remote(file: str) -> bool:
    return file.startswith(("http://", "https://"))


def _joined(base: str, ref: str) -> str:
    """Return *ref* resolved against *base*; as it is where no URI can be made of it."""
    try:
        return urljoin(base, ref)
    except ValueError:
        return ref


def _beside(path: Path) -> Iterator[str]:
    return (other.name for other in path.parent.glob("*") if other.is_file())
