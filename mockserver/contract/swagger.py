"""
Build the operations of a Swagger 2.0 document in OpenAPI 3's terms.

The document is not rewritten: what 2.0 says in another way is read where it
stands, so that every finding names the original line, and a document of 5 MB
costs what is used of it. The differences: a parameter is its own schema, bodies
and forms are parameters, media types stand apart from what they describe, and
`collectionFormat` is a style. (Swagger 2.0, Parameter Object, Response Object.)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.media import chosen, parsed
from mockserver.contract.model import (
    Encoding,
    Example,
    MediaType,
    Parameter,
    Promise,
    RequestBody,
    Route,
    Schema,
    SecurityScheme,
)
from mockserver.contract.openapi import Builder, Holders
from mockserver.contract.reading import below, mapping, text
from mockserver.errors import nearest
from mockserver.exchange import MISSING, Json, Place

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

_STYLES = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
"""collectionFormat -> style and explode of a query or form parameter."""

_KINDS = ("basic", "apiKey", "oauth2")
_PLACES = ("path", "query", "header", "body", "formData")


class SwaggerBuilder(Builder):
    """Builds the parts of one Swagger 2.0 contract."""

    # --------------------------------------------------------------- security

    def _all_schemes(self) -> Iterator[tuple[str, SecurityScheme]]:
        for name in self.reading.object(self.root, self.top, "securityDefinitions"):
            place = below(self.top, "securityDefinitions", name)
            node, place = self.reading.followed(place, "a security definition")
            if node is not None:
                yield name, self._scheme(name, node, place)

    def _scheme(self, name: str, node: dict[str, Any], place: Place) -> SecurityScheme:
        kind = text(node.get("type"))
        if kind not in _KINDS:
            self.faults.add(
                place, f"there is no type {kind!r} of security definitions.{nearest(kind, _KINDS)}"
            )
        basic = kind == "basic"
        return SecurityScheme(
            name=name,
            kind="http" if basic else kind,
            scheme="basic" if basic else "",
            location=text(node.get("in")),
            parameter=text(node.get("name")),
            place=place,
        )

    # ------------------------------------------------------------- parameters

    def _described(self, holders: Holders) -> dict[tuple[str, str], tuple[dict[str, Any], Place]]:
        """Return all parameters by (in, name), the operation's in the place of the path item's."""
        found: dict[tuple[str, str], tuple[dict[str, Any], Place]] = {}
        for holder, where in holders:
            for index in range(len(self.reading.list(holder, where, "parameters"))):
                node, place = self.reading.followed(below(where, "parameters", index), "a parameter")
                if node is None:
                    continue
                name, location = text(node.get("name")), text(node.get("in"))
                if location not in _PLACES or (not name and location != "body"):
                    said = f"is in {location!r}" if name else "has no name"
                    near = nearest(location, _PLACES) if name else ""
                    self.faults.add(place, f"the parameter {name!r} {said}; it is left out.{near}")
                    continue
                if location == "body":
                    name = ""  # there can be only one
                found[location, name.lower() if location == "header" else name] = node, place
        return found

    def _parameters(self, holders: Holders, route: Route) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for (location, name), (_, place) in self._described(holders).items():
            if location not in ("body", "formData"):
                parameter = self._parameter(place)
                if parameter is not None:
                    found[location, name] = parameter
        self._hold_to_template(found, route)
        return tuple(found.values())

    def _parameter_schema(self, node: dict[str, Any], place: Place) -> Schema | None:
        return super()._parameter_schema(node, place) if "schema" in node else self._own_schema(node, place)

    def _style(self, node: dict[str, Any], place: Place, location: str) -> tuple[str, bool]:
        style, explode = self._collection(node, place)
        if location == "query":
            return style, explode
        return "simple" if style == "form" else style, False

    def _collection(self, node: dict[str, Any], place: Place) -> tuple[str, bool]:
        said = node.get("collectionFormat", "csv")
        if not isinstance(said, str) or said not in _STYLES:
            near = nearest(str(said), _STYLES)
            detail = f"there is no collectionFormat {said!r:.40}; csv is taken.{near}"
            self.faults.add(below(place, "collectionFormat"), detail)
            said = "csv"
        return _STYLES[said]

    # ----------------------------------------------------------------- bodies

    def _types(self, key: str, node: dict[str, Any], place: Place) -> list[str]:
        """Return the media types of `consumes` or `produces`: the operation's, else the document's."""
        holder, where = (node, place) if node.get(key) is not None else (self.root, self.top)
        return [name.lower() for name in self.reading.list(holder, where, key) if isinstance(name, str)]

    def _body(self, holders: Holders) -> RequestBody | None:
        node, place = holders[-1]
        described = self._described(holders)
        consumed = self._types("consumes", node, place)
        form = [found for (location, _), found in described.items() if location == "formData"]
        if form:
            return self._form(form, place, consumed)
        if ("body", "") not in described:
            return None
        body, where = described["body", ""]
        schema = self._schema(below(where, "schema"))
        content = {
            name: MediaType(name, schema, self._body_examples(body, where), {}, where)
            for name in consumed or ["application/json"]
        }
        return RequestBody(body.get("required") is True, content, where)

    def _body_examples(self, body: dict[str, Any], place: Place) -> dict[str, Example]:
        for word in ("x-example", "example"):
            if word in body:
                return {"": Example("", body[word], below(place, word))}
        return {}

    def _form(
        self, form: list[tuple[dict[str, Any], Place]], place: Place, consumed: list[str]
    ) -> RequestBody:
        """Return the body that the formData parameters *form* of the operation at *place* make up."""
        names = [str(node["name"]) for node, _ in form]
        needed = [name for name, (node, _) in zip(names, form, strict=True) if node.get("required") is True]
        fields: dict[str, Json] = {}
        encoding: dict[str, Encoding] = {}
        for name, (node, where) in zip(names, form, strict=True):
            self._own_schema(node, where)
            fields[name] = (
                {"anyOf": [where, {"maxLength": 0, "type": "string"}]} if _may_be_empty(node) else where
            )
            if node.get("type") == "array":
                style, explode = self._collection(node, where)
                encoding[name] = Encoding(style=style, explode=explode)
        schema = self.schemas.standing_in(
            below(place, "parameters", "formData"),
            {"type": "object", "properties": fields, **({"required": needed} if needed else {})},
        )
        files = any(node.get("type") == "file" for node, _ in form)
        said = [name for name in consumed if (known := parsed(name)) and known.essence in _FORMS]
        content = {
            name: MediaType(name, schema, {}, encoding, form[0][1])
            for name in said or (_FORMS[1:] if files else _FORMS)
        }
        return RequestBody(bool(needed), content, form[0][1])

    # -------------------------------------------------------------- responses

    def _responses(self, node: dict[str, Any], place: Place) -> dict[str, Promise]:
        self._produced = self._types("produces", node, place)
        return super()._responses(node, place)

    def _answer(self, node: dict[str, Any], place: Place) -> dict[str, MediaType]:
        """Return the content of the response *node*: one schema for all media types, examples by type."""
        examples = self.reading.object(node, place, "examples")
        schema = self._schema(below(place, "schema"))
        if schema is None and not examples:
            return {}
        shown = {name.lower(): name for name in examples if "/" in name}
        concrete = [name for name in shown if "*" not in name or not self._produced]
        file = mapping(node.get("schema")).get("type") == "file"
        usual = "application/octet-stream" if file else "application/json"
        content: dict[str, MediaType] = {}
        for name in dict.fromkeys([*self._produced, *concrete] or [usual]):
            found: dict[str, Example] = {}
            essence = parsed(name)
            key = shown.get(name) or (chosen(shown, essence) if essence is not None else None)
            if key is not None:
                one = {"": Example("", examples[key], below(place, "examples", key))}
                found = self._examples.meant(one, name, schema)
            content[name] = MediaType(name, schema, found, {}, place)
        return content

    def _schema(self, place: Place) -> Schema | None:
        node = self.documents.at(place)
        return None if node is MISSING or node is None else Schema(place, self.schemas)


def _may_be_empty(node: dict[str, Any]) -> bool:
    """Return whether "flag=" is taken where no text is (OpenAPI 2.0, Parameter Object, allowEmptyValue)."""
    return node.get("allowEmptyValue") is True and node.get("type") in ("boolean", "integer", "number")
