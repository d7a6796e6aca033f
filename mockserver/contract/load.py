"""
Make a `Contract` from an OpenAPI document.

Only the document's outline is walked here: paths, methods, names. An operation
is built when it is first asked for, and a schema translated when it is first
used, so starting costs the outline and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.documents import Documents
from mockserver.contract.model import (
    Contract,
    Encoding,
    Example,
    MediaType,
    Operation,
    Operations,
    Parameter,
    Promise,
    RequestBody,
    Requirement,
    Route,
    Schema,
    SecurityScheme,
)
from mockserver.contract.schema import Schemas
from mockserver.contract.sources import join_pointer, parse, text_of
from mockserver.errors import SpecError, Unreadable, nearest
from mockserver.exchange import MISSING, Json, Place

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")

_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form", "querystring": "form"}


def load(path: str | Path, *, name: str = "", outside: bool = False) -> Contract:
    """
    Return the contract in the OpenAPI document at *path*.

    Args:
        path: YAML or JSON file.
        name: What to call it; the file's name without its ending when empty.
        outside: Whether its references may leave its folder.

    Raises:
        Unreadable: It is no OpenAPI document of a version that is served (3.0, 3.1, 3.2).
        SpecError: Nothing in it can be served.
    """
    file = Path(path)
    documents = Documents(file, outside=outside)
    root = documents.tree(str(file))
    version = _version(root, str(file))
    return _Builder(documents, root, version).contract(name or file.name.partition(".")[0])


def _version(root: Json, file: str) -> str:
    if not isinstance(root, dict):
        raise Unreadable(file, 1, "", "not an OpenAPI document: it holds no object")
    if "swagger" in root:
        raise Unreadable(
            file, 1, "/swagger", f"Swagger {root['swagger']} is not served; convert it to OpenAPI 3"
        )
    version = root.get("openapi")
    if not isinstance(version, str):
        near = nearest("openapi", root)
        raise Unreadable(file, 1, "", f"not an OpenAPI document: there is no 'openapi' at its top.{near}")
    if not re.match(r"3\.[012](\.|$)", version):
        raise Unreadable(file, 1, "/openapi", f"OpenAPI {version!r} is not served; 3.0, 3.1 and 3.2 are")
    return version


def _mapping(node: Json) -> dict[str, Any]:
    return node if isinstance(node, dict) else {}


def _text(node: Json) -> str:
    return node if isinstance(node, str) else ""


class _Builder:
    """Builds the parts of one contract, following references."""

    def __init__(self, documents: Documents, root: dict[str, Any], version: str) -> None:
        self.documents = documents
        self.root = root
        self.version = version
        self.file = documents.root
        self.schemas = Schemas(documents, version=version)
        self.faults: list[str] = []

    def contract(self, name: str) -> Contract:
        info = _mapping(self.root.get("info"))
        routes = tuple(self._routes("paths"))
        hooks = tuple(self._routes("webhooks"))
        if not routes and not hooks:
            raise SpecError(self.file, 1, "/paths", "there is no operation to serve")
        top = Place(self.file, "/components/securitySchemes")
        schemes = {key: self._scheme(key, self._below(top, key)) for key in _mapping(self.documents.at(top))}
        return Contract(
            name=name,
            title=_text(info.get("title")),
            version=str(info.get("version", "")),
            openapi=self.version,
            file=self.file,
            bases=self._bases(),
            routes=routes,
            operations=Operations(routes, self._operation),
            webhooks=Operations(hooks, self._operation),
            security_schemes=schemes,
            schemas=self.schemas,
            line=self.documents.line,
            files=tuple(self.documents.read_files),
            document=self.root,
            faults=tuple(self.faults),
        )

    # ---------------------------------------------------------------- outline

    def _routes(self, section: str) -> Iterator[Route]:
        seen: set[str] = set()
        top = Place(self.file, "/" + section)
        for template, item in _mapping(self.root.get(section)).items():
            if template.startswith("x-"):
                continue
            if section == "paths" and not template.startswith("/"):
                self._fault(
                    self._below(top, template),
                    f"the path {template!r} does not start with '/' and is not served",
                )
                continue
            place = self._below(top, template)
            try:
                node, place = self.documents.follow(place) if "$ref" in _mapping(item) else (item, place)
            except SpecError as error:
                self.faults.append(str(error))
                continue
            for method, where, operation in self._methods(_mapping(node), place):
                if not isinstance(operation, dict):
                    self._fault(where, "an operation must be an object; it is not served")
                    continue
                identifier = operation.get("operationId")
                if section == "webhooks":
                    identifier = template
                if not isinstance(identifier, str) or not identifier or identifier in seen:
                    if isinstance(identifier, str) and identifier in seen and section == "paths":
                        self._fault(
                            where,
                            f"the operationId {identifier!r} is taken already; known by method and path",
                        )
                    identifier = f"{method} {template}"
                seen.add(identifier)
                yield Route(method, template, identifier, where)

    def _methods(self, item: dict[str, Any], place: Place) -> Iterator[tuple[str, Place, Json]]:
        for method in METHODS:
            if method in item:
                yield method.upper(), self._below(place, method), item[method]
        for method, operation in _mapping(item.get("additionalOperations")).items():  # OpenAPI 3.2
            yield method.upper(), self._below(place, "additionalOperations", method), operation

    def _bases(self) -> tuple[str, ...]:
        servers = list(self._servers(self.root))
        for item in _mapping(self.root.get("paths")).values():
            servers.extend(self._servers(_mapping(item)))
        return tuple(dict.fromkeys(base for base in servers if base))

    @staticmethod
    def _servers(holder: dict[str, Any]) -> Iterator[str]:
        """Base paths of a `servers` list, every enumerated value of a variable in turn (Server Variable)."""
        servers = holder.get("servers")
        for server in servers if isinstance(servers, list) else ():
            url = _text(_mapping(server).get("url"))
            urls = [url]
            for variable, said in _mapping(_mapping(server).get("variables")).items():
                values = [said.get("default"), *(said.get("enum") or ())] if isinstance(said, dict) else []
                texts = list(dict.fromkeys(str(value) for value in values if value is not None))[:20] or [""]
                urls = [known.replace("{" + variable + "}", text) for known in urls for text in texts][:100]
            for known in urls:
                path = urlsplit(known).path if "//" in known or known.startswith("/") else "/" + known
                yield path.rstrip("/")

    # ------------------------------------------------------------- operations

    def _operation(self, route: Route) -> Operation:
        place = route.place
        node = _mapping(self.documents.at(place))
        item_place = Place(place.file, place.pointer.rpartition("/")[0].removesuffix("/additionalOperations"))
        item = _mapping(self.documents.at(item_place))
        security = node.get("security", self.root.get("security"))
        body_place = self._below(place, "requestBody")
        return Operation(
            route=route,
            summary=_text(node.get("summary")) or _text(item.get("summary")),
            description=_text(node.get("description")) or _text(item.get("description")),
            tags=tuple(tag for tag in node.get("tags") or () if isinstance(tag, str)),
            deprecated=node.get("deprecated") is True,
            parameters=self._parameters(item, item_place, node, place, route.template),
            body=self._body(body_place) if "requestBody" in node else None,
            responses={
                str(status): self._promise(str(status), self._below(place, "responses", status))
                for status in _mapping(node.get("responses"))
                if not str(status).startswith("x-")
            },
            security=tuple(
                {name: tuple(scopes or ()) for name, scopes in _mapping(requirement).items()}
                for requirement in (security if isinstance(security, list) else ())
            ),
            callbacks=_mapping(node.get("callbacks")),
            extensions={key: value for key, value in node.items() if key.startswith("x-")},
        )

    def _parameters(
        self, item: dict[str, Any], item_place: Place, node: dict[str, Any], place: Place, template: str
    ) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for holder, where in ((item, item_place), (node, place)):
            listed = holder.get("parameters")
            for index in range(len(listed) if isinstance(listed, list) else 0):
                parameter = self._parameter(self._below(where, "parameters", index))
                if parameter is not None:
                    found[
                        parameter.location,
                        parameter.name.lower() if parameter.location == "header" else parameter.name,
                    ] = parameter
        for name in re.findall(r"\{([^{}]+)\}", template):
            if ("path", name) not in found:
                found["path", name] = Parameter(name, "path", True, "simple", False, None, place)
        return tuple(found.values())

    def _parameter(self, place: Place, header: str = "") -> Parameter | None:
        node, place = self.documents.follow(place)
        node = _mapping(node)
        name = header or _text(node.get("name"))
        location: Any = "header" if header else node.get("in")
        if location not in _STYLES or not name:
            return None
        if (
            not header
            and location == "header"
            and name.lower() in ("accept", "content-type", "authorization")
        ):
            return None  # OpenAPI 3.1.1, Parameter Object: such definitions are ignored
        style = _text(node.get("style")) or _STYLES[location]
        content = _mapping(node.get("content"))
        media = next(iter(content), "")
        schema = self._below(place, "content", media, "schema") if media else self._below(place, "schema")
        examples = self._examples(node, place)
        if media:
            examples = {
                **self._examples(_mapping(content[media]), self._below(place, "content", media)),
                **examples,
            }
        return Parameter(
            name=name,
            location=location,
            required=node.get("required") is True or location == "path",
            style=style,
            explode=node["explode"] if isinstance(node.get("explode"), bool) else style in ("form", "cookie"),
            schema=self._schema(schema),
            place=place,
            content=media,
            allow_reserved=node.get("allowReserved") is True,
            allow_empty_value=node.get("allowEmptyValue") is True,
            deprecated=node.get("deprecated") is True,
            examples=examples,
            description=_text(node.get("description")),
        )

    def _body(self, place: Place) -> RequestBody:
        node, place = self.documents.follow(place)
        node = _mapping(node)
        return RequestBody(node.get("required") is True, self._content(node, place), place)

    def _promise(self, status: str, place: Place) -> Promise:
        node, place = self.documents.follow(place)
        node = _mapping(node)
        headers: dict[str, Parameter] = {}
        for name in _mapping(node.get("headers")):
            header = self._parameter(self._below(place, "headers", name), header=name)
            if header is not None and name.lower() != "content-type":
                headers[name] = header
        links = {
            name: self.documents.follow(self._below(place, "links", name))[0]
            for name in _mapping(node.get("links"))
        }
        return Promise(
            status.upper() if status != "default" else status,
            _text(node.get("description")),
            headers,
            self._content(node, place),
            links,
            place,
        )

    def _content(self, node: dict[str, Any], place: Place) -> Mapping[str, MediaType]:
        return {
            name.lower(): self._media(name.lower(), self._below(place, "content", name))
            for name in _mapping(node.get("content"))
        }

    def _media(self, name: str, place: Place) -> MediaType:
        node, place = self.documents.follow(place)
        node = _mapping(node)
        return MediaType(
            name=name,
            schema=self._schema(self._below(place, "schema")),
            examples=self._examples(node, place),
            encoding={
                key: self._encoding(_mapping(value), self._below(place, "encoding", key))
                for key, value in _mapping(node.get("encoding")).items()
            },
            place=place,
            item_schema=self._schema(self._below(place, "itemSchema")),
        )

    def _encoding(self, node: dict[str, Any], place: Place) -> Encoding:
        headers = {
            name: header
            for name in _mapping(node.get("headers"))
            if (header := self._parameter(self._below(place, "headers", name), header=name)) is not None
        }
        return Encoding(
            content_type=_text(node.get("contentType")),
            style=_text(node.get("style")),
            explode=node["explode"] if isinstance(node.get("explode"), bool) else None,
            allow_reserved=node.get("allowReserved") is True,
            headers=headers,
        )

    def _examples(self, node: dict[str, Any], place: Place) -> Mapping[str, Example]:
        found: dict[str, Example] = {}
        if "example" in node:
            found[""] = Example("", node["example"], self._below(place, "example"))
        for name in _mapping(node.get("examples")):
            try:
                said, where = self.documents.follow(self._below(place, "examples", name))
            except SpecError as error:
                self.faults.append(str(error))
                continue
            said = _mapping(said)
            for word in ("value", "dataValue", "serializedValue"):
                if word in said:
                    found[name] = Example(
                        name, said[word], self._below(where, word), _text(said.get("summary"))
                    )
                    break
            else:
                value = self._external(said, where)
                if value is not MISSING:
                    found[name] = Example(
                        name, value, self._below(where, "externalValue"), _text(said.get("summary"))
                    )
        return found

    def _external(self, said: dict[str, Any], place: Place) -> Json:
        if not isinstance(said.get("externalValue"), str):
            return MISSING
        try:
            target = self.documents.target(said["externalValue"], place)
            text = text_of(Path(target.file))
            return parse(text, target.file) if target.file.endswith((".json", ".yaml", ".yml")) else text
        except SpecError as error:
            self.faults.append(str(error))
            return MISSING

    def _scheme(self, name: str, place: Place) -> SecurityScheme:
        node, place = self.documents.follow(place)
        node = _mapping(node)
        return SecurityScheme(
            name=name,
            kind=_text(node.get("type")),
            scheme=_text(node.get("scheme")).lower(),
            location=_text(node.get("in")),
            parameter=_text(node.get("name")),
            place=place,
        )

    def _schema(self, place: Place) -> Schema | None:
        return Schema(place, self.schemas) if self.documents.at(place) is not MISSING else None

    @staticmethod
    def _below(place: Place, *tokens: object) -> Place:
        return Place(place.file, join_pointer(place.pointer, *tokens))

    def _fault(self, place: Place, detail: str) -> None:
        self.faults.append(str(SpecError(place.file, self.documents.line(place), place.pointer, detail)))


__all__ = ["METHODS", "Requirement", "load"]
