"""
Write the requests that a contract describes.

What is said (values) is apart from how it stands on the wire: the parameter
styles of `contract/written.py` and the bodies of `contract/written_bodies.py`
decide that. Whatever sends requests to an implementation says what it wants
here, and never writes a URL of its own.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mockserver.contract.model import Contract, MediaType, Operation, Parameter, Schema
from mockserver.contract.written import write
from mockserver.contract.written_bodies import FORM, write_body, write_form
from mockserver.errors import MockserverError
from mockserver.exchange import MISSING, Json, Request
from mockserver.validation.values import Validator

TOKEN = "test-token"
BASIC = "client-id:client-secret"
"""The first account's credentials, which every fixture lists."""

OTHER_TOKEN = "other-token"
"""Another account's."""

Key = tuple[str, str]
"""(location, name) of a parameter."""


@dataclass(frozen=True)
class Said:
    """
    What a request says.

    Attributes:
        parameters: Values by (location, name), in the contract's order.
        body: The value of the body; `MISSING` where there is none.
        media: The documented media type that the body is written in; None where there is none.
    """

    parameters: Mapping[Key, Json] = field(default_factory=dict)
    body: Json = MISSING
    media: MediaType | None = None

    def without(self, key: Key) -> Said:
        """Return this without one parameter; ("body", name) is a property of the body."""
        if key[0] == "body":
            return replace(self, body={name: value for name, value in self.body.items() if name != key[1]})
        return replace(self, parameters={one: value for one, value in self.parameters.items() if one != key})


class Unsayable(Exception):
    """A request cannot be made up: a required part has no example and no value that fits its schema."""


def saying(
    operation: Operation,
    name: str = "",
    *,
    media: MediaType | None = None,
    parameters: Mapping[Key, Json] | None = None,
    body: Json = MISSING,
) -> Said:
    """
    Return what a request of *operation* says.

    Args:
        operation: What is asked.
        name: The examples of this name are said; "" for none in particular.
        media: The media type to say the body in; the first that has the example when None.
        parameters: Values that go before the examples.
        body: The body, where it is given.

    What is required and has no example of that name is said by another example, else made up. What is
    optional is said only where it is given or has an example of that name.

    Raises:
        Unsayable: Something required cannot be made up, or the path cannot be sent.
    """
    if "#" in operation.route.template:
        raise Unsayable(f"{operation.route.template}: what follows '#' in a URL is never sent")
    named = {(location, key): example.value for location, key, example in operation.request_examples(name)}
    named.update(parameters or {})
    said: dict[Key, Json] = {}
    for parameter in operation.parameters:
        key = (parameter.location, parameter.name)
        if key in named:
            said[key] = named[key]
        elif parameter.required:
            said[key] = _example(parameter.examples, parameter.schema, parameter.name)
    media, body = _body(operation, name, media, body)
    return Said(said, body, media)


def _body(
    operation: Operation, name: str, media: MediaType | None, given: Json
) -> tuple[MediaType | None, Json]:
    documented = operation.body
    if documented is None or not documented.content:
        return None, MISSING
    offered = list(documented.content.values()) if media is None else [media]
    if given is not MISSING:
        return offered[0], given
    for one in offered:
        if name in one.examples:
            return one, one.examples[name].value
    if not documented.required:
        return None, MISSING
    for one in offered:
        for example in one.examples.values():
            return one, example.value
    return offered[0], _example({}, offered[0].schema, "body")


def _example(examples: Mapping[str, object], schema: Schema | None, name: str) -> Json:
    for example in examples.values():
        return example.value  # type: ignore[attr-defined]
    if schema is None:
        return name
    try:
        from mockserver.generation import Generator  # a contract whose examples say all does without

        accepts = Validator(schema, "request").is_valid
        return Generator(schema.json("request"), accepts=accepts, name=name).value(name)
    except MockserverError as error:
        raise Unsayable(f"{name}: {error}") from error


def written(
    contract: Contract,
    operation: Operation,
    said: Said,
    *,
    headers: Mapping[str, str] | None = None,
    method: str = "",
    credentials: bool = True,
    token: str = TOKEN,
) -> Request:
    """
    Return the request that says *said*, its target below the API's root.

    Args:
        contract: Has the security schemes.
        operation: What is asked.
        said: See `saying`.
        headers: Fields (lower case) that go along, and take the place of what is written here.
        method: Another method than the operation's.
        credentials: Whether the first account's are shown, where the operation asks for some. Without, those
            among *headers* are left out too.
        token: Whose, where they are a token.
    """
    path = operation.route.template
    query: list[str] = []
    cookies: list[str] = []
    fields: dict[str, str] = {}
    shown = _credentials(contract, operation, token) if credentials else {}
    for key, value in {**said.parameters, **shown}.items():
        parameter = _parameter(operation, key)
        if parameter is None:
            if key[0] == "header":
                fields[key[1].lower()] = value
            else:
                (query if key[0] == "query" else cookies).append(f"{key[1]}={value}")
        elif parameter.location == "path":
            path = path.replace("{" + parameter.name + "}", write(parameter, value))
        elif parameter.location == "header":
            fields[parameter.name.lower()] = write(parameter, value)
        elif parameter.location == "cookie":
            cookies.append(write(parameter, value))
        elif parameter.location == "querystring" and parameter.content == FORM and isinstance(value, dict):
            query.append(write_form(value, {}))
        else:
            query.append(write(parameter, value))
    content = b""
    if said.media is not None and said.body is not MISSING:
        content, fields["content-type"] = write_body(said.media, said.body)
    if cookies:
        fields["cookie"] = "; ".join(cookies)
    private = frozenset() if credentials else credential_fields(contract)
    fields.update({name: value for name, value in (headers or {}).items() if name not in private})
    return Request(
        method or operation.method, path, "&".join(filter(None, query)), tuple(fields.items()), content
    )


def _parameter(operation: Operation, key: Key) -> Parameter | None:
    return next((one for one in operation.parameters if (one.location, one.name) == key), None)


def credential_fields(contract: Contract) -> frozenset[str]:
    """Return the header fields (lower case) that carry credentials."""
    keys = (one for one in contract.security_schemes.values() if one.kind == "apiKey")
    return frozenset({"authorization", "cookie", *(key.parameter.lower() for key in keys)})


def other_scheme(contract: Contract, operation: Operation, headers: Mapping[str, str]) -> str:
    """
    Return why the Authorization among *headers* (lower case) is none of *operation*, "" where it may be.

    An account's token says nothing where a document asks for Basic: what is refused then is what was given.
    """
    shown = _scheme_of(headers.get("authorization", ""))
    asked = asked_schemes(contract, operation)
    if not shown or not asked or shown in asked:
        return ""
    wanted = " or ".join(sorted(asked))
    return f"{operation.id} asks for {wanted}, and the Authorization that was given is {shown}"


def asked_schemes(contract: Contract, operation: Operation) -> set[str]:
    """Return the schemes (lower case) of the Authorization that *operation* asks for, e.g. {"bearer"}."""
    schemes = [
        contract.security_schemes.get(name) for requirement in operation.security for name in requirement
    ]
    return {
        (one.scheme if one.kind == "http" else "bearer").lower()
        for one in schemes
        if one is not None and one.kind in ("http", "oauth2", "openIdConnect")
    }


def _scheme_of(authorization: str) -> str:
    return authorization.partition(" ")[0].lower()


def authorized(
    contract: Contract, operation: Operation, headers: Mapping[str, str], further: Sequence[str]
) -> Mapping[str, str]:
    """Return *headers* with the Authorization, theirs or a *further* one, that *operation* asks for."""
    if not further:
        return headers
    asked = asked_schemes(contract, operation)
    fitting = (one for one in (headers["authorization"], *further) if _scheme_of(one) in asked)
    return {**headers, "authorization": next(fitting, headers["authorization"])}


def _credentials(contract: Contract, operation: Operation, token: str) -> dict[Key, str]:
    """Return what shows an account's credentials, for the first requirement that has some."""
    for requirement in operation.security:
        shown: dict[Key, str] = {}
        for name in requirement:
            scheme = contract.security_schemes.get(name)
            if scheme is None:
                continue
            if scheme.kind == "apiKey":
                shown[scheme.location, scheme.parameter] = token
            elif scheme.kind != "mutualTLS":
                basic = scheme.kind == "http" and scheme.scheme == "basic"
                text = f"Basic {base64.b64encode(BASIC.encode()).decode()}" if basic else f"Bearer {token}"
                shown["header", "authorization"] = text
        if shown:
            return shown
    return {}
