"""
One API, ready to be asked: its contract compiled operation by operation, its world beside it.

What an operation needs to be read, filled and checked is made when it is first
asked for and kept: a document of a thousand operations costs what is used of it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.behavior.engine import Engine
from mockserver.behavior.fixtures import load_fixture
from mockserver.behavior.invariants import Invariants
from mockserver.behavior.load import load as load_behavior
from mockserver.behavior.load import vocabulary
from mockserver.behavior.model import Behavior
from mockserver.behavior.permitted import widened
from mockserver.behavior.taking import hold_known, taken
from mockserver.behavior.world import Fixture, World
from mockserver.contract.load import load as load_contract
from mockserver.contract.locate import Located
from mockserver.contract.model import Contract, MediaType, Operation, Parameter, Promise, Route, Schema
from mockserver.contract.routes import Routes
from mockserver.contract.shapes import Shape
from mockserver.contract.sources import mark_of
from mockserver.exchange import Arguments, Json, Request, Violation
from mockserver.generation import choose
from mockserver.server.filler import LOCALE, Filler
from mockserver.server.impossible import Unaskable
from mockserver.server.making import Maker
from mockserver.server.self_links import SelfLinks
from mockserver.validation.values import RawValidator

if TYPE_CHECKING:  # imported when first used: a start needs none of them
    from mockserver.server.cases.model import Case
    from mockserver.validation.requests import ParameterReader, RequestReader
    from mockserver.validation.responses import ResponseChecker


MOST_PREPARED = 400
"""Operations that are kept ready, those asked for last: each takes 0.2 MB, some documents have thousands."""


MOST_ACCEPTED, LONGEST_ACCEPTED = 64, 500
"""Values of Accept that are remembered of each operation, and characters of each of them."""


class Prepared:
    """One operation with its reader, checker and fillers, each made at first use."""

    def __init__(self, operation: Operation, locale: str = LOCALE) -> None:
        self.operation = operation
        self._locale = locale
        self._fillers: dict[tuple[str, str], Filler] = {}
        self._media: dict[tuple[Promise, str], tuple[bool, MediaType | None]] = {}

    @cached_property
    def reader(self) -> RequestReader:
        """Reads and validates a request."""
        from mockserver.validation.requests import RequestReader

        return RequestReader(self.operation)

    def read(self, captured: Mapping[str, str], request: Request) -> tuple[Arguments, list[Violation]]:
        """Return the arguments of *request* and what is wrong with it; see `RequestReader.read`."""
        arguments, violations = self.reader.read(captured, request)
        return arguments, self._unaskable.spared(violations, arguments.media_type) if violations else []

    @cached_property
    def _unaskable(self) -> Unaskable:
        return Unaskable(self.operation)

    @cached_property
    def success(self) -> choose.Chosen | None:
        """The documented success."""
        return choose.success(self.operation)

    @cached_property
    def checker(self) -> ResponseChecker:
        """Holds a response against the contract."""
        from mockserver.validation.responses import ResponseChecker

        return ResponseChecker(self.operation)

    def media(self, promise: Promise, accept: str) -> tuple[bool, MediaType | None]:
        """Return whether *accept* can be met, and the media type to answer in; see `choose.media_for`."""
        found = self._media.get((promise, accept))
        if found is None:
            found = choose.media_for(promise, accept)
            if len(self._media) < MOST_ACCEPTED and len(accept) <= LONGEST_ACCEPTED:
                self._media[promise, accept] = found
        return found

    def filler(self, media: MediaType) -> Filler | None:
        """Return what fills a body in *media*; None where the contract has no schema for it."""
        if media.schema is None:
            return None
        key = (media.place.file, media.place.pointer)
        found = self._fillers.get(key)
        if found is None:
            found = self._fillers[key] = Filler(media.schema, _noun(self.operation), self._locale)
        return found

    def header(self, name: str, schema: Schema) -> Filler:
        """Return what fills the response header *name*."""
        key = (schema.place.file, schema.place.pointer)
        found = self._fillers.get(key)
        if found is None:
            found = self._fillers[key] = Filler(schema, name, self._locale)
        return found


def _noun(operation: Operation) -> str:
    """What an operation is about: the last word of its path that is no parameter, e.g. "campaigns"."""
    words = [word for word in operation.route.template.split("/") if word and "{" not in word]
    return words[-1].removesuffix(".json") if words else ""


class Api:
    """
    One API that is served.

    Args:
        located: Its files.
        seed: For all that is made up; the fixture's own when "".
        outside: Whether references may leave the document's folder.
        stateless: Whether nothing is remembered of an API that has no behavior.yaml.
        dynamic: Whether made values are preferred to examples.
        locale: Of names, places and texts that are made up: a locale of Faker; en_US when "".
        choices: What is taken of `choices` of behavior.yaml, as written: {"lending-4": "400"}. Names that it
            has not are another API's.

    Raises:
        MockserverError: A file cannot be read, or says what does not exist.
    """

    def __init__(
        self,
        located: Located,
        *,
        seed: str = "",
        outside: bool = False,
        stateless: bool = False,
        dynamic: bool = False,
        locale: str = "",
        choices: Mapping[str, str] | None = None,
    ) -> None:
        self.located = located
        self.loaded = time.time()
        self.marks = {str(file): mark_of(str(file)) for file in located.companions}
        """How its companions stood when its files began to be read; `loaded` is when (seconds since 1970)."""
        self._options: dict[str, Any] = {
            "seed": seed,
            "outside": outside,
            "stateless": stateless,
            "dynamic": dynamic,
            "locale": locale,
            "choices": dict(choices or {}),
        }
        self.locale = locale or LOCALE
        self.contract: Contract = load_contract(located.file, name=located.name, outside=outside)
        self.behavior, self.fixture = self._behaviors()
        self.taken = taken(self.behavior, choices or {})
        if self.taken:
            self.contract = widened(self.contract, self.behavior)
        self.engine = self._engine(stateless, dynamic)
        self.behavior = self.engine.behavior
        self.seed = seed or self.fixture.seed
        self.routes = Routes(self.contract.routes, self._fit)
        self._telling: dict[tuple[str, str], ParameterReader] = {}
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._values: dict[str, Filler] = {}
        self._self_links: dict[tuple[str, str], SelfLinks | None] = {}
        self._cases: tuple[tuple[tuple[Path, int], ...], dict[str, Case]] | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What it was made with."""
        return dict(self._options)

    def again(self) -> Api:
        """Return the same API, made of its files as they are now. Raises MockserverError."""
        made = Api(self.located.again(), **self._options)
        hold_known([made.behavior], self.taken)
        return made

    @cached_property
    def name(self) -> str:
        """What it is called on the command line and in URLs."""
        return self.contract.name

    def _behaviors(self) -> tuple[Behavior, Fixture]:
        file = self.located.behavior_file
        if file is None:
            return Behavior(""), Fixture()
        behavior = load_behavior(file, self.contract, RawValidator(vocabulary()).check)
        data = self.located.fixtures_dir / "data.yaml" if self.located.fixtures_dir is not None else None
        if data is None or not data.is_file():
            return behavior, Fixture()
        return behavior, load_fixture(data, self.contract, behavior)

    @cached_property
    def invariants(self) -> Invariants:
        """What holds of its answers beyond their schemas."""
        from mockserver.validation.bodies import judge

        return Invariants(self.contract, self.behavior, judge)

    def _engine(self, stateless: bool, dynamic: bool) -> Engine:
        if self.located.behavior_file is not None or stateless:
            return Engine(self.contract, self.behavior, self.taken)
        from mockserver.behavior.inferred import Inferred

        return Inferred(self.contract, self._maker, dynamic=dynamic)

    def _maker(self, document: Json, name: str) -> Maker:
        """Return what makes values of a schema *document*, which are called *name*."""
        return Maker(document, name, self.fixture.now, self.locale)

    @property
    def cases(self) -> Mapping[str, Case]:
        """Its cases by name, as their files are now. Raises FixtureError, Unreadable."""
        from mockserver.server.cases.load import case_files, load_cases

        folder = self.located.fixtures_dir
        files = tuple((path, path.stat().st_mtime_ns) for path in case_files(folder))
        if self._cases is None or self._cases[0] != files:
            self._cases = files, load_cases(folder, self.contract)
        return self._cases[1]

    def self_links(self, operation: Operation, media: MediaType, shape: Shape) -> SelfLinks | None:
        """Return what tells the things of *operation*'s answers where they stand; None where none says it."""
        key = (operation.id, media.place.pointer)
        if key not in self._self_links:
            found = SelfLinks(self.contract, operation)
            self._self_links[key] = found if found.needed(shape) else None
        return self._self_links[key]

    def prepared(self, route: Route) -> Prepared:
        """Return the operation of *route*, ready."""
        found = self._prepared.get(route.id)
        if found is None:
            found = self._prepared[route.id] = Prepared(self.contract.operations[route.id], self.locale)
            if len(self._prepared) > MOST_PREPARED:
                self._prepared.popitem(last=False)
        elif len(self._prepared) > MOST_PREPARED // 2:
            with suppress(KeyError):  # another thread has just let go of it
                self._prepared.move_to_end(route.id)
        return found

    def world(self) -> World:
        """Return a new world, as the fixture has it."""
        return World(self.behavior, self.fixture, seed=self.seed, text=_text, value=self._component)

    def _component(self, name: str, seed: str) -> Json:
        filler = self._values.get(name)
        if filler is None:
            schema = self.contract.schemas.named(name)
            if schema is None:
                raise ValueError(f"there is no component schema {name!r}")
            filler = self._values[name] = Filler(schema, name, self.locale)
        return filler.generate(seed, now=self.fixture.now)

    def _fit(self, route: Route, name: str, raw: str) -> int:
        """How well *raw* fits the path parameter *name*: decides between templates alike but for it."""
        reader = self._telling.get((route.id, name))
        if reader is None:
            reader = self._telling[route.id, name] = _reader(self.contract.operations[route.id], name)

        def takes(text: str) -> bool:
            violations: list[Violation] = []
            reader.take(text, violations)
            return not violations

        return 0 if not takes(raw) else 1 if takes(_ANY_TEXT) else 2

    def source(self) -> bytes:
        """The contract's own file, as it stands."""
        return Path(self.contract.file).read_bytes()


_ANY_TEXT = "any%20text%20at%20all%00"
"""Stands for a text that only a parameter takes that takes any, still percent-encoded."""


def _reader(operation: Operation, name: str) -> ParameterReader:
    from mockserver.contract.styles import path_reader
    from mockserver.validation.bodies import judge
    from mockserver.validation.requests import ParameterReader

    found = (one for one in operation.parameters if one.location == "path" and one.name == name)
    parameter = next(found, None) or Parameter(name, "path", True, "simple", False, None, operation.place)
    return ParameterReader(parameter, path_reader(parameter, judge))


def _text(pattern: str, seed: str) -> str:
    from mockserver.generation import string_matching

    return string_matching(pattern, seed)
