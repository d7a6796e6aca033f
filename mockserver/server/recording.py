"""
Turn what passed into named examples: a copy of the contract that can be served and verified.

Only exchanges without a violation are kept, each (operation, status, request)
once. Secrets are taken out: header fields that carry credentials, and properties
whose name says that they do.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import yaml

from mockserver.contract.media import is_json, parsed
from mockserver.contract.model import Contract
from mockserver.contract.sources import split_pointer
from mockserver.errors import UsageError
from mockserver.exchange import MISSING, Json
from mockserver.server.forwarding import Passed
from mockserver.server.secret_names import REDACTED, SECRET

MOST = 20
"""Examples of one operation and status; a recording is read by people."""


class Recorder:
    """
    Collects examples for one contract, and writes them.

    Args:
        contract: What is recorded for.
        folder: Where the copy goes; made when it is not there.

    Raises:
        UsageError: The folder cannot be made.
    """

    def __init__(self, contract: Contract, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--record {folder}: a folder is expected ({error.strerror or error})") from None
        self._contract = contract
        self._folder = folder
        self._lock = Lock()
        self._document: dict[str, Any] = copy.deepcopy(contract.document)
        self._known: set[str] = set()
        self._counts: dict[tuple[str, int], int] = {}

    @property
    def count(self) -> int:
        """How many exchanges were kept."""
        return len(self._known)

    def keep(self, passed: Passed) -> None:
        """Keep one exchange, if it is whole, valid and new."""
        prepared, response = passed.prepared, passed.response
        if prepared is None or passed.violations:
            return
        operation = prepared.operation
        arguments = passed.arguments
        parameters: dict[tuple[str, str], Json] = {
            (one.location, one.name): getattr(arguments, one.location).get(one.name)
            for one in operation.parameters
            if one.location in ("path", "query", "header")
            and (one.location == "path" or f"{one.location}.{one.name}" in arguments.explicit)
        }
        request_body = arguments.body if _plain_json(arguments.body) else MISSING
        answer = _answer(passed)
        identity = json.dumps(
            [operation.id, response.status, sorted((*key, value) for key, value in parameters.items())],
            sort_keys=True,
            default=str,
        ) + json.dumps(None if request_body is MISSING else request_body, sort_keys=True)
        with self._lock:
            slot = (operation.id, response.status)
            if identity in self._known or self._counts.get(slot, 0) >= MOST:
                return
            self._known.add(identity)
            number = self._counts[slot] = self._counts.get(slot, 0) + 1
            self._add(
                operation.place.pointer,
                f"recorded-{response.status}-{number}",
                parameters,
                request_body,
                passed,
                answer,
            )

    def _add(
        self,
        pointer: str,
        name: str,
        parameters: Mapping[tuple[str, str], Json],
        body: Json,
        passed: Passed,
        answer: Json,
    ) -> None:
        operation = self._own(split_pointer(pointer))
        if operation is None or passed.prepared is None:
            return
        for listed in (operation.get("parameters"), self._above(pointer).get("parameters")):
            for index in range(len(listed) if isinstance(listed, list) else 0):
                parameter = self._inline(listed, index)
                place = (str(parameter.get("in")), str(parameter.get("name")))
                if parameters.get(place) is not None and "content" not in parameter:
                    _examples(parameter)[name] = {"value": _redacted(parameters[place], place[1])}
        sent = parsed(passed.request.header("content-type"))
        if body is not MISSING and sent is not None and "requestBody" in operation:
            content = self._inline(operation, "requestBody").get("content") or {}
            for media, said in content.items():
                if media.partition(";")[0].strip().lower() == sent.essence:
                    _examples(said)[name] = {"value": _redacted(body)}
        responses = operation.get("responses") or {}
        promise = passed.prepared.operation.promise(passed.response.status)
        key = next(
            (one for one in responses if promise is not None and str(one).upper() == promise.status.upper()),
            None,
        )
        got = parsed(passed.response.header("content-type"))
        if key is None or got is None or answer is MISSING:
            return
        content = self._inline(responses, key).get("content") or {}
        for media, said in content.items():
            if media.partition(";")[0].strip().lower() == got.essence:
                _examples(said)[name] = {"value": _redacted(answer)}

    def _own(self, path: list[str]) -> dict[str, Any] | None:
        node: Any = self._document
        for step in path:
            if not isinstance(node, dict) or step not in node:
                return None
            node = node[step]
        return node if isinstance(node, dict) else None

    def _above(self, pointer: str) -> dict[str, Any]:
        return self._own(split_pointer(pointer.rpartition("/")[0])) or {}

    def _inline(self, holder: Any, key: Any) -> dict[str, Any]:
        """Return what stands at *key*, a local reference replaced by a copy: examples are one operation's."""
        node = holder[key]
        for _ in range(20):
            ref = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(ref, str) or not ref.startswith("#/"):
                break
            node = copy.deepcopy(self._own(split_pointer(ref[1:])) or {})
            holder[key] = node
        return node if isinstance(node, dict) else {}

    def write(self) -> Path:
        """Write the contract with its examples, and the files it refers to; return the document's path."""
        source = Path(self._contract.file)
        for file in map(Path, self._contract.files[1:]):
            if file.resolve().is_relative_to(source.resolve().parent):
                target = self._folder / file.resolve().relative_to(source.resolve().parent)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, target)
        target = self._folder / "openapi.yaml"
        text = yaml.safe_dump(self._document, sort_keys=False, allow_unicode=True, width=120)
        target.write_text(text, encoding="utf-8")
        return target


def _answer(passed: Passed) -> Json:
    named = parsed(passed.response.header("content-type"))
    if named is None or not passed.body:
        return MISSING
    try:
        return (
            json.loads(passed.body)
            if is_json(named.essence)
            else passed.body.decode()
            if named.type == "text"
            else MISSING
        )
    except ValueError:
        return MISSING


def _plain_json(value: Json) -> bool:
    if isinstance(value, dict):
        return all(map(_plain_json, value.values()))
    if isinstance(value, list):
        return all(map(_plain_json, value))
    return value is not MISSING and isinstance(value, (str, int, float, bool, type(None)))


def _examples(holder: dict[str, Any]) -> dict[str, Any]:
    """Return the `examples` of *holder*, a single `example` moved into them (they exclude each other)."""
    if "example" in holder:
        holder.setdefault("examples", {})["documented"] = {"value": holder.pop("example")}
    found: dict[str, Any] = holder.setdefault("examples", {})
    return found


def _redacted(value: Json, name: str = "") -> Json:
    if name and SECRET.search(name) and isinstance(value, str):
        return REDACTED
    if isinstance(value, dict):
        return {key: _redacted(child, key) for key, child in value.items()}
    if isinstance(value, list):
        return [_redacted(child, name) for child in value]
    return value
