"""
Find the collections that a contract's paths speak of, where nobody wrote behaviours.

`POST /things` with `GET /things` and `/things/{id}` is a collection: nearly every
HTTP API is drawn so. Only paths and methods are looked at, once, when an API is
loaded; whether the schemas agree is seen when a collection is first used. Documents that name
what is done in their paths are read by `calling`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mockserver.behavior.calling import carrier, complete, of_one, verb
from mockserver.behavior.merging import leaves_the_rest
from mockserver.behavior.paging import PAGING
from mockserver.behavior.resources import Resource
from mockserver.behavior.wording import last_word, parameters, plain, wild
from mockserver.contract.model import Contract, Route
from mockserver.contract.reading import mapping, text
from mockserver.contract.shapes import Shape

_LAST_PARAMETER = re.compile(r"(.*)/\{([^{}/]+)\}(\.\w+)?/?\Z")
_ANOTHER_LIST = re.compile(r"(find|search|list|query|filter|lookup|all\Z)", re.IGNORECASE)
_ANOTHER_CREATE = re.compile(r"(create|bulk|batch)", re.IGNORECASE)

Kinds = dict[str, tuple[Resource, str]]


def find(contract: Contract) -> tuple[dict[str, Resource], Kinds]:
    """
    Return the resources of *contract* by path, and for each operation that one explains (resource, kind).

    Only paths and methods are looked at here; schemas when a resource is first used.
    """
    paths = by_path(contract)
    resources: dict[str, Resource] = {}
    kinds: Kinds = {}
    for template, methods in paths.items():
        _collection(contract, template, methods, paths, resources, kinds)
    _called(contract, paths, resources, kinds)
    for template, methods in paths.items():
        _beside(template, methods, resources, kinds)
    for template, methods in paths.items():
        if template not in resources and not any(route.id in kinds for route in methods.values()):
            _alone(contract, template, methods, resources, kinds)
    items = {wild(one.item_path): one for one in resources.values() if one.parameter and not one.carried}
    for path, resource in resources.items():
        resource.above = items.get(wild(path).rpartition("/")[0])
    return resources, kinds


def _called_otherwise(wanted: Iterable[str], paths: Iterable[str]) -> str:
    """Return the first of *paths* that is one of *wanted* but for the names of its parameters, else ""."""
    if not any("{" in one for one in wanted):
        return ""
    shapes = {wild(one) for one in wanted}
    return next((path for path in paths if wild(path) in shapes), "")


def by_path(contract: Contract) -> dict[str, dict[str, Route]]:
    """Return the routes of *contract* by path template, without a slash at its end, and method."""
    found: dict[str, dict[str, Route]] = {}
    for route in contract.routes:
        found.setdefault(route.template.rstrip("/") or "/", {})[route.method] = route
    return found


def _collection(
    contract: Contract,
    template: str,
    methods: Mapping[str, Route],
    paths: Mapping[str, Mapping[str, Route]],
    resources: dict[str, Resource],
    kinds: Kinds,
) -> None:
    """Take `/things/{id}`, with `/things` where there is one, for a collection."""
    found = _LAST_PARAMETER.match(template)
    if found is None or not found[1]:
        return
    writes = methods.keys() & {"PUT", "PATCH", "DELETE"}
    if found[1].endswith("}") and not writes:
        return
    wanted = (found[1] + (found[3] or ""), found[1])
    path = next((path for path in wanted if path in paths), found[1])
    listing = path if path in paths else _called_otherwise(wanted, paths)
    above = paths.get(listing, {})
    if path in resources or not (above.keys() & {"GET", "POST"} or writes or "GET" in methods):
        return
    resource = resources[path] = Resource(
        path, contract, item_path=template, parents=parameters(path), parameter=found[2]
    )
    resource.why.append(f"{template} ends in a parameter, which names one of {path}")
    changing = _changing(contract, methods)
    if "POST" in methods and not methods.keys() & {"PUT", "PATCH"}:
        changing["POST"] = "patch"
    _take(resource, kinds, methods, changing)
    _take(resource, kinds, above, {"GET": "list", "POST": "create"})
    if "PUT" in above:
        alone = "POST" not in above and "POST" not in methods
        _take(resource, kinds, above, {"PUT": "create" if alone else "replace by body"})
    _take(resource, kinds, above, {"DELETE": "clear"})


def _changing(contract: Contract, methods: Mapping[str, Route]) -> dict[str, str]:
    """Return what each method of one thing's path does with it."""
    alone = "PUT" in methods and "PATCH" not in methods
    put = "patch" if alone and leaves_the_rest(contract, methods["PUT"]) else "replace"
    return {"GET": "read", "PUT": put, "PATCH": "patch", "DELETE": "delete"}


def _called(
    contract: Contract,
    paths: Mapping[str, Mapping[str, Route]],
    resources: dict[str, Resource],
    kinds: Kinds,
) -> None:
    """Take `/things/list`, `/things/add` and `/things/edit` for a collection."""
    groups: dict[str, dict[str, Route]] = {}
    for template, methods in paths.items():
        path, kind = verb(template)
        route = next(iter(methods.values()))
        if kind and len(methods) == 1 and route.id not in kinds:
            groups.setdefault(path, {}).setdefault(kind, route)
    for path, found in groups.items():
        above = paths.get(path, {})
        found = {**({"list": above["GET"]} if "GET" in above else {}), **found}
        if path in resources or "{" in path or not complete(found):
            continue
        operations = {kind: contract.operations[route.id] for kind, route in found.items()}
        carried = {
            operation.id: one
            for kind, operation in operations.items()
            if of_one(kind) and (one := carrier(operation, path)) is not None
        }
        resource = resources[path] = Resource(path, contract, parents=parameters(path), carried=carried)
        if carried:
            resource.parameter = next(iter(carried.values())).name
            resource.item_path = f"{path}?{resource.parameter}={{{resource.parameter}}}"
        for kind, route in found.items():
            if not of_one(kind) or route.id in carried:
                _take(resource, kinds, {route.method: route}, {route.method: kind})


def _beside(
    template: str, methods: Mapping[str, Route], resources: dict[str, Resource], kinds: Kinds
) -> None:
    """Take `/things/search` for another list of `/things`, and `/things/bulk` for another way to create."""
    path, _, word = template.rpartition("/")
    resource = resources.get(path)
    if resource is None or "{" in word or resource.single:
        return
    get, post = methods.get("GET"), methods.get("POST")
    if get is not None and get.id not in kinds and _ANOTHER_LIST.match(word):
        kinds[get.id] = (resource, "list")
        resource.lists.add(get.id)
        resource.why.append(f"GET {template} is another way to list, if it shows the same")
    if post is not None and post.id not in kinds and _ANOTHER_CREATE.match(word):
        _take(resource, kinds, methods, {"POST": "create all"})


def _alone(
    contract: Contract,
    template: str,
    methods: Mapping[str, Route],
    resources: dict[str, Resource],
    kinds: Kinds,
) -> None:
    """Take what can be read and set for a single thing, and what can be listed and added to for a list."""
    if "GET" not in methods:
        return
    resource = Resource(template, contract, parents=parameters(template))
    if _whole_list(contract, template, methods):
        resources[template] = resource
        resource.why.append(f"{template} is shown as a list, whose items have no paths of their own")
        _take(resource, kinds, methods, {"GET": "list", "POST": "create", "DELETE": "clear"})
        _take(resource, kinds, methods, {"PUT": "replace by body" if "POST" in methods else "create"})
    elif methods.keys() & {"PUT", "PATCH"}:
        resource.item_path, resource.single = template, True
        resource.why.append(f"{template} can be read and set, and has no items below it")
        resources[template] = resource
        _take(resource, kinds, methods, _changing(contract, methods))
    elif "POST" in methods and not _one_question(contract, methods["GET"], methods["POST"]):
        resources[template] = resource
        resource.why.append(f"{template} can be read and added to; its items have no paths of their own")
        _take(resource, kinds, methods, {"GET": "list", "POST": "create"})
    elif _has_pages(contract, methods["GET"]):
        resources[template] = resource
        resource.why.append(f"{template} is read in pages, and clients change nothing there")
        _take(resource, kinds, methods, {"GET": "list"})


def _whole_list(contract: Contract, template: str, methods: Mapping[str, Route]) -> bool:
    """
    Tell whether what is shown and set at *template* is a list, not a single thing: added to, or with pages.

    What is sent as it is shown is a thing that has a list: `{"names": [...]}`.
    """
    if "PUT" not in methods or "PATCH" in methods:
        return False
    get, put = (contract.operations[methods[method].id] for method in ("GET", "PUT"))
    if "POST" not in methods and not _has_pages(contract, methods["GET"]):
        return False
    probe = Resource(template, contract, operations={"list": get.id, "replace": put.id}, lists={get.id})
    shown = probe.shown(get)
    return shown is not None and (not shown.path or shown.path[0] not in probe.sent_by("replace"))


def _has_pages(contract: Contract, get: Route) -> bool:
    asked = contract.operations[get.id].parameters
    return any(one.location == "query" and plain(one.name) in PAGING for one in asked)


def _one_question(contract: Contract, get: Route, post: Route) -> bool:
    """
    Tell whether POST asks what GET asks, only with what is too long for a query in its body.

    Then both answer alike, and most of what the body may hold is a parameter of GET: nothing is added.
    """
    answers = [_answer(contract, route) for route in (get, post)]
    if not answers[0] or answers[0] != answers[1]:
        return False
    asked = {one.name for one in contract.operations[get.id].parameters if one.location == "query"}
    body = contract.operations[post.id].body
    media = next(iter(body.content.values()), None) if body is not None else None
    names = Shape(media.schema.json("request")).names if media is not None and media.schema else ()
    return bool(names) and 2 * len(asked.intersection(names)) > len(names)


def _answer(contract: Contract, route: Route) -> str:
    """Return what the success of *route* refers to for its schema, "" for nothing. It builds nothing."""
    documents = contract.schemas.documents
    responses = mapping(mapping(documents.at(route.place)).get("responses"))
    status = next((status for status in map(str, responses) if status.startswith("2")), "")
    node = mapping(responses.get(status))
    content = next(iter(mapping(node.get("content")).values()), node)
    return text(mapping(mapping(content).get("schema")).get("$ref")) or text(node.get("$ref"))


def _take(resource: Resource, kinds: Kinds, methods: Mapping[str, Route], wanted: Mapping[str, str]) -> None:
    for method, kind in wanted.items():
        route = methods.get(method)
        if route is not None and kind not in resource.operations:
            resource.operations[kind] = route.id
            kinds[route.id] = (resource, kind)
            if kind == "list":
                resource.lists.add(route.id)
            resource.why.append(f"{method} {route.template} is how to {kind}")


def homes(resource: Resource, resources: Iterable[Resource]) -> Iterator[Resource]:
    """
    Yield the collections that the rows of *resource* may live in, by their paths: `/posts` for those of
    `/users/{userId}/posts`, and of `/me/posts` where these can only be read. Whether they are really the same
    is for `Resource.like` to say.
    """
    word = last_word(resource.path)
    room = len(resource.parents) + resource.only_listed
    for other in resources:
        if (
            other is not resource
            and other.item_path
            and not other.single
            and not resource.single
            and last_word(other.path) == word
            and len(other.parents) < room
            and set(other.parents) <= set(resource.parents)
        ):
            yield other
