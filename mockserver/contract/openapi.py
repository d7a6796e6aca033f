"""
Build the operations of an OpenAPI 3 document: parameters, bodies, responses, examples.

An operation is built when it is first asked for. What is wrong in it is left out
and noted (see `reading`): a response whose `$ref` leads nowhere is a response
without content, a parameter that cannot be understood is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from mockserver.contract.examples import Examples
from mockserver.contract.keywords import SHARED
from mockserver.contract.media import REGISTRIES, USUAL, meant
from mockserver.contract.model import (
    NO_PARAMETERS,
    OF_THE_MESSAGE,
    Callback,
    Encoding,
    MediaType,
    Operation,
    Parameter,
    Promise,
    RequestBody,
    Requirement,
    Route,
    Schema,
    SecurityScheme,
)
from mockserver.contract.outline import Outline
from mockserver.contract.reading import Reading, below, mapping, text
from mockserver.contract.routes import parted
from mockserver.contract.schema import Schemas
from mockserver.contract.schemes import scheme
from mockserver.errors import nearest
from mockserver.exchange import MISSING, Place

Location = Literal["path", "query", "header", "cookie", "querystring"]

Holders = Sequence[tuple[dict[str, Any], Place]]
"""A path item and an operation in it, with their places; the operation is the last."""

STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
    "querystring": ("form",),
}
"""Where a parameter stands -> its styles, the default first (Parameter Object, Style Values)."""

_STATUS = re.compile(r"[1-5](?:[0-9]{2}|XX)|DEFAULT")


class Builder:
    """
    Builds the parts of one contract.

    Args:
        root: The document.
        outline: Of the same document: says in which path item a route stands.
    """

    def __init__(self, reading: Reading, root: dict[str, Any], outline: Outline, schemas: Schemas) -> None:
        self.reading = reading
        self.documents = reading.documents
        self.faults = reading.faults
        self.root = root
        self.outline = outline
        self.schemas = schemas
        self.top = Place(self.documents.root, "")
        self._examples = Examples(reading)
        self._schemes: dict[str, SecurityScheme] | None = None

    def operation(self, route: Route) -> Operation:
        """Return the operation at *route*. Never raises `SpecError`."""
        place = route.place
        node = mapping(self.documents.at(place))
        item_place = self.outline.item_of(route)
        item = mapping(self.documents.at(item_place))
        holders = ((item, item_place), (node, place))
        security = self._security(node, place)
        self.reading.hold(node, place, "an operation")
        return Operation(
            route=route,
            summary=text(node.get("summary")) or text(item.get("summary")),
            description=text(node.get("description")) or text(item.get("description")),
            tags=tuple(tag for tag in self.reading.list(node, place, "tags") if isinstance(tag, str)),
            deprecated=node.get("deprecated") is True,
            parameters=self._marked(self._parameters(holders, route), security),
            body=self._body(holders),
            responses=self._responses(node, place),
            security=security,
            callbacks=self._callbacks(node, place),
            extensions={key: value for key, value in node.items() if key.startswith("x-")},
        )

    def _callbacks(self, node: dict[str, Any], place: Place) -> dict[str, tuple[Callback, ...]]:
        found: dict[str, tuple[Callback, ...]] = {}
        for name in self.reading.object(node, place, "callbacks"):
            said, where = self.reading.followed(below(place, "callbacks", name), "a callback")
            found[name] = tuple(
                Callback(name, address, route, self.operation)
                for address, item in (said or {}).items()
                if not address.startswith("x-")
                for route in self.outline.of_callback(address, item, below(where, address))
            )
        return found

    # --------------------------------------------------------------- security

    @property
    def schemes(self) -> dict[str, SecurityScheme]:
        """All security schemes of the document by name."""
        if self._schemes is None:
            self._schemes = dict(self._all_schemes())
        return self._schemes

    def _all_schemes(self) -> Iterator[tuple[str, SecurityScheme]]:
        components = self.reading.object(self.root, self.top, "components")
        top = below(self.top, "components")
        for name in self.reading.object(components, top, "securitySchemes"):
            node, place = self.reading.followed(below(top, "securitySchemes", name), "a security scheme")
            if node is not None:
                yield name, scheme(name, node, place, self.faults)

    def _security(self, node: dict[str, Any], place: Place) -> tuple[Requirement, ...]:
        if "security" not in node:
            node, place = self.root, self.top
        found: list[Requirement] = []
        for index, requirement in enumerate(self.reading.list(node, place, "security")):
            where = below(place, "security", index)
            if not isinstance(requirement, dict):
                self.faults.add(where, f"a security requirement must be an object, found {requirement!r:.40}")
                continue
            known: dict[str, tuple[str, ...]] = {}
            for name, scopes in requirement.items():
                if name not in self.schemes:
                    near = nearest(name, self.schemes)
                    self.faults.add(
                        where, f"there is no security scheme {name!r}; nobody is asked for it.{near}"
                    )
                    continue
                listed = scopes if isinstance(scopes, list) else ()
                known[name] = tuple(scope for scope in listed if isinstance(scope, str))
            found.append(known)
        return tuple(found)

    # ------------------------------------------------------------- parameters

    def _parameters(self, holders: Holders, route: Route) -> tuple[Parameter, ...]:
        """Return the parameters of path item and operation; the operation's override (Operation Object)."""
        found: dict[tuple[str, str], Parameter] = {}
        for holder, where in holders:
            here: set[tuple[str, str]] = set()
            for index in range(len(self.reading.list(holder, where, "parameters"))):
                parameter = self._parameter(below(where, "parameters", index))
                if parameter is not None:
                    name = parameter.name.lower() if parameter.location == "header" else parameter.name
                    key = (parameter.location, name)
                    if key in here:
                        detail = f"the {key[0]} parameter {name!r} stands twice; the later one counts"
                        self.faults.add(below(where, "parameters", index), detail)
                    here.add(key)
                    found[key] = parameter
        self._hold_to_template(found, route)
        return tuple(found.values())

    def _marked(
        self, parameters: tuple[Parameter, ...], security: Sequence[Requirement]
    ) -> tuple[Parameter, ...]:
        """Mark the parameters that are described a second time: as the credential that is asked for."""
        schemes = [self.schemes[name] for asked in security for name in asked if name in self.schemes]
        keys = {(one.location, one.parameter) for one in schemes if one.kind == "apiKey"}
        if not keys:
            return parameters
        return tuple(
            replace(one, credential=True) if (one.location, one.name) in keys else one for one in parameters
        )

    def _hold_to_template(self, found: dict[tuple[str, str], Parameter], route: Route) -> None:
        """Make the path parameters those of the template: one that is not in it could never be sent."""
        path, asked = parted(route.template)
        names = variables(path)
        if twice := [name for name in names if path.count("{" + name + "}") > 1]:
            self.faults.add(route.place, f"{{{twice[0]}}} stands twice in {path}")
        for field, values in asked.items():  # "/search?q={text}": a variable of the query
            for name in [name for value in values for name in variables(value) if ("path", name) in found]:
                moved = found.pop(("path", name))
                found["query", field] = replace(
                    moved, name=field, location="query", style="form", explode=True
                )
        for name in names:
            if ("path", name) not in found:
                self.faults.add(
                    route.place, f"the path parameter {name!r} is not described; any text is taken"
                )
                found["path", name] = Parameter(name, "path", True, "simple", False, None, route.place)
        for key in [key for key in found if key[0] == "path" and key[1] not in names]:
            near = nearest(key[1], names)
            detail = f"there is no {{{key[1]}}} in {route.template}; the parameter is left out.{near}"
            self.faults.add(found.pop(key).place, detail)

    def _parameter(self, place: Place, header: str = "") -> Parameter | None:
        node, place = self.reading.followed(place, "a parameter")
        if node is None:
            return None
        name = header or text(node.get("name"))
        location = "header" if header else text(node.get("in"))
        if not name:
            self.faults.add(place, "a parameter needs a name; it is left out")
            return None
        if location not in STYLES:
            near = nearest(location, STYLES)
            said = f"is in {location!r}, where no parameter is" if location else "does not say what it is in"
            self.faults.add(place, f"the parameter {name!r} {said}; it is left out.{near}")
            return None
        if location == "header" and name.lower() in (OF_THE_MESSAGE if header else NO_PARAMETERS):
            return None
        content, media = self._parameter_content(node, place)
        style, explode = self._style(node, place, location)
        return Parameter(
            name=name,
            location=cast(Location, location),
            required=self.reading.flag(node, place, "required") or location == "path",
            style=style,
            explode=explode,
            schema=media.schema if media is not None else self._parameter_schema(node, place),
            place=place,
            content=content,
            allow_reserved=node.get("allowReserved") is True,
            allow_empty_value=node.get("allowEmptyValue") is True,
            deprecated=node.get("deprecated") is True,
            examples={
                **(media.examples if media is not None else {}),
                **self._examples.of(node, place),
            },
            description=text(node.get("description")),
        )

    def _parameter_content(self, node: dict[str, Any], place: Place) -> tuple[str, MediaType | None]:
        content = self.reading.object(node, place, "content")
        name = next(iter(content), "")
        return name, self._media(name, below(place, "content", name)) if name else None

    def _parameter_schema(self, node: dict[str, Any], place: Place) -> Schema | None:
        if "schema" not in node and ("type" in node or "enum" in node):
            self.faults.add(place, "the parameter is typed as in Swagger 2.0; a schema belongs around that")
            return self._own_schema(node, place)
        return self._schema(below(place, "schema"))

    def _own_schema(self, node: dict[str, Any], place: Place) -> Schema:
        """Return the schema that a parameter is itself (Swagger 2.0, Parameter Object and Items Object)."""
        own = {key: value for key, value in node.items() if key in SHARED}
        return self.schemas.standing_in(place, own)

    def _style(self, node: dict[str, Any], place: Place, location: str) -> tuple[str, bool]:
        known = STYLES[location]
        style = node.get("style", known[0])
        if style not in known:
            near = nearest(str(style), known)
            detail = f"there is no style {style!r:.40} in {location}; {known[0]!r} is taken.{near}"
            self.faults.add(below(place, "style"), detail)
            style = known[0]
        explode = node.get("explode")
        return style, explode if isinstance(explode, bool) else style in ("form", "cookie")

    # ----------------------------------------------------------------- bodies

    def _body(self, holders: Holders) -> RequestBody | None:
        node, place = holders[-1]
        if node.get("requestBody") is None:
            return None
        found, place = self.reading.followed(below(place, "requestBody"), "a request body")
        if found is None:  # something may be sent, nobody knows what
            return RequestBody(False, {}, place)
        return RequestBody(self.reading.flag(found, place, "required"), self._content(found, place), place)

    def _responses(self, node: dict[str, Any], place: Place) -> dict[str, Promise]:
        found: dict[str, Promise] = {}
        where = below(place, "responses")
        for status in self.reading.object(node, place, "responses"):
            if status.startswith("x-"):
                continue
            key = status.upper()
            if not _STATUS.fullmatch(key):
                near = nearest(status, ("default", "200", "2XX", "4XX", "5XX"))
                self.faults.add(below(where, status), f"{status!r} is no status code; it is left out.{near}")
                continue
            key = "default" if key == "DEFAULT" else key
            found[key] = self._promise(key, below(where, status))
        if not found:
            said = node.get("responses")
            if said == {} or (said is None and self.schemas.version.startswith(("2", "3.0"))):
                self.faults.add(place, "no response is documented; it is answered without content")
            found["default"] = Promise("default", "", {}, {}, {}, place)
        return found

    def _promise(self, status: str, place: Place) -> Promise:
        node, place = self.reading.followed(place, "a response")
        if node is None:
            return Promise(status, "", {}, {}, {}, place)
        links = {}
        for name in self.reading.object(node, place, "links"):
            link, _ = self.reading.followed(below(place, "links", name), "a link")
            if link is not None:
                links[name] = link
        description = text(node.get("description"))
        headers = self._headers(node, place)
        return Promise(status, description, headers, self._answer(node, place), links, place)

    def _headers(self, node: dict[str, Any], place: Place) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        for name in self.reading.object(node, place, "headers"):
            header = self._parameter(below(place, "headers", name), header=name)
            if header is not None:
                found[name] = header
        return found

    def _answer(self, node: dict[str, Any], place: Place) -> Mapping[str, MediaType]:
        if "schema" in node and "content" not in node:
            self.faults.add(place, "the schema stands as in Swagger 2.0; it belongs under content")
            return {"application/json": self._media("application/json", place)}
        return self._content(node, place)

    def _content(self, node: dict[str, Any], place: Place) -> Mapping[str, MediaType]:
        found: dict[str, MediaType] = {}
        for name in self.reading.object(node, place, "content"):
            if name.startswith("x-"):
                continue
            here, known = below(place, "content", name), name.lower()
            if "/" not in name:
                known = meant(name)
                self.faults.add(here, f"{name!r} is no media type; it is read as {known!r}")
            elif name.partition("/")[0].lower() not in REGISTRIES:
                near = nearest(name, USUAL)
                self.faults.add(here, f"no media type begins as {name!r} does.{near}")
            found.setdefault(known, self._media(known, here))
        return found

    def _media(self, name: str, place: Place) -> MediaType:
        found, place = self.reading.followed(place, "a media type")
        node = found or {}
        schema = self._whole(node, place)
        encoding = self.reading.object(node, place, "encoding")
        first = node.get("prefixEncoding")
        return MediaType(
            name=name,
            schema=schema,
            examples=self._examples.of(node, place, name, schema),
            encoding={
                key: self._encoding(mapping(value), below(place, "encoding", key))
                for key, value in encoding.items()
            },
            place=place,
            prefix_encoding=tuple(
                self._encoding(mapping(one), below(place, "prefixEncoding", str(at)))
                for at, one in enumerate(first if isinstance(first, list) else ())
            ),
            item_encoding=self._encoding(mapping(node.get("itemEncoding")), below(place, "itemEncoding")),
        )

    def _whole(self, node: dict[str, Any], place: Place) -> Schema | None:
        """Return the schema of all content; `itemSchema` is for each of its items (OpenAPI 3.2.0)."""
        schema = self._schema(below(place, "schema"))
        if "itemSchema" not in node:
            return schema
        items = {"type": "array", "items": below(place, "itemSchema")}
        if schema is not None:
            items["allOf"] = [below(place, "schema")]
        return self.schemas.standing_in(below(place, "items"), items)

    def _encoding(self, node: dict[str, Any], place: Place) -> Encoding:
        return Encoding(
            content_type=text(node.get("contentType")),
            style=text(node.get("style")),
            explode=node["explode"] if isinstance(node.get("explode"), bool) else None,
            allow_reserved=node.get("allowReserved") is True,
            headers=self._headers(node, place),
        )

    def _schema(self, place: Place) -> Schema | None:
        return Schema(place, self.schemas) if self.documents.at(place) is not MISSING else None


def variables(template: str) -> tuple[str, ...]:
    """Return the names of a path template's variables, each once, in order; runtime expressions are none."""
    return tuple(dict.fromkeys(re.findall(r"\{([^{}$][^{}]*)\}", template)))
