"""
A world in one file: contracts, rows, clock, seed and a slice of the journal, to be opened elsewhere.

    manifest.json              what is in it, and the options it was served with
    apis/<name>/...            the contract's files, behavior.yaml, data.yaml, cases
    world.json                 rows and clocks of the session, and its system tables
    journal.json               the last requests, as the admin shows them
    bodies/<id>                answers that are larger than what the admin shows, whole

A zip, so that a person can look into it; with the same world the same bytes. Secrets
are taken out: credentials of the journal, and, where their names say that they are,
fields of bodies (JSON, forms, and what is like these) and of rows that clients have
made. The manifest names which. An answer that has lost a secret is replayed without it.
"""

from __future__ import annotations

import base64
import io
import os
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import orjson

from mockserver import __version__
from mockserver.behavior.clock import Clock
from mockserver.behavior.store import Table
from mockserver.contract.locate import Located
from mockserver.contract.sources import join_pointer
from mockserver.errors import UsageError
from mockserver.exchange import Json, Response
from mockserver.server.bundle_parts import FORMAT, PARTS
from mockserver.server.journal import BODY
from mockserver.server.secret_names import REDACTED, SECRET, without_secrets
from mockserver.server.session import OWN, Session
from mockserver.validation.values import RawValidator

if TYPE_CHECKING:
    from mockserver.server.host import Api, Host
    from mockserver.server.pipeline import Host as Served

ENTRIES = 100
"""Requests of the journal that are packed, the last ones."""
_WHEN = (1980, 1, 1, 0, 0, 0)
MOST_UNPACKED = 1024 * 1024 * 1024
"""Bytes of all files of a bundle: a zip of one megabyte may make a thousand."""
BODIES = "bodies/"
_UNZIPPABLE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, RuntimeError)
"""What zipfile raises of a file that is none, was cut, lacks a part, or is encrypted or packed otherwise."""
MAGIC = b"PK\x03\x04"


# ------------------------------------------------------------------------------------------------- pack


def pack(host: Host, session: Session, entries: int = ENTRIES) -> bytes:
    """Return the bundle of *session*, with so many of its last requests."""
    from mockserver.server.admin_requests import rendered, secrets_of

    resting = session if session.name in host.sessions.snapshots else session.put_away("bundle")
    taken: list[str] = []
    secrets = secrets_of(api.contract for api in host.apis)
    last = list(session.journal)[::-1][:entries]
    files: dict[str, bytes] = {}
    apis = [_api(api, files) for api in host.apis]
    world = {
        "apis": {name: _world(world, f"/{name}", taken) for name, world in resting.worlds.items()},
        "tables": {name: resting.rows(name) for name in resting.counts if name not in OWN},
    }
    journal = [_entry(rendered(entry, host, secrets), taken) for entry in last]
    for entry in last:
        whole = session.journal.whole(entry) if entry.cut else None
        if whole is not None and len(whole) > len(entry.response.body):
            files[f"{BODIES}{entry.id}"] = _cleared(whole, f"/bodies/{entry.id}", taken)
    manifest = {
        "bundle": FORMAT,
        "mockserver": __version__,
        "session": session.name,
        "apis": apis,
        "options": {**host.options, **dict(*[api.options for api in host.apis[:1]])},
        "requests": len(journal),
        "redacted": taken,
    }
    files = {
        "manifest.json": _dumped(manifest),
        "world.json": _dumped(world),
        "journal.json": _dumped(journal),
        **files,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _dumped(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)


def _api(api: Api, files: dict[str, bytes]) -> Json:
    """Add the files of *api* to *files*; return where they are."""
    located = api.located
    sources = [Path(file).resolve() for file in api.contract.files]
    top = Path(os.path.commonpath([source.parent for source in sources]))
    folder = f"apis/{api.name}"
    for source in sources:
        files[f"{folder}/{source.relative_to(top).as_posix()}"] = source.read_bytes()
    said = {
        "name": api.name,
        "document": f"{folder}/{located.file.resolve().relative_to(top).as_posix()}",
    }
    if located.behavior_file is not None:
        said["behavior"] = f"{folder}/behavior.yaml"
        files[said["behavior"]] = located.behavior_file.read_bytes()
    if located.fixtures_dir is not None:
        said["fixtures"] = f"{folder}/fixtures"
        for file in sorted(located.fixtures_dir.glob("**/*.yaml")):
            within = file.relative_to(located.fixtures_dir)
            if file.name == "data.yaml" or within.parts[0] == "cases":
                files[f"{said['fixtures']}/{within.as_posix()}"] = file.read_bytes()
    return said


def _world(world: Any, pointer: str, taken: list[str]) -> Json:
    tables = {}
    for name, table in world.tables.items():
        at = join_pointer(pointer, name)
        rows = [
            [key, _redacted(row, join_pointer(at, key), taken) if key in table.touched else row]
            for key, row in table.rows.items()
        ]
        tables[name] = {"rows": rows, "touched": sorted(table.touched, key=str)}
    return {"counters": world.counters, "tables": tables}


def _entry(entry: dict[str, Any], taken: list[str]) -> Json:
    """Return an entry of the journal with the secrets of its bodies taken out."""
    entry["mock"] = _redacted(entry["mock"], f"/journal/{entry['id']}/mock", taken)
    for side in ("request", "response"):
        message = entry[side]
        before = len(taken)
        content = _cleared(base64.b64decode(message["bodyAsBase64"]), f"/journal/{entry['id']}/{side}", taken)
        if len(taken) > before:
            message["body"] = content.decode("utf-8", "replace")
            message["bodyAsBase64"] = base64.b64encode(content).decode()
    return entry


def _cleared(content: bytes, pointer: str, taken: list[str]) -> bytes:
    """Return a body without the secrets in it; bytes that hold none are not touched."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError:
        cleared, names = without_secrets(content)
        taken += [join_pointer(pointer, name) for name in names]
        return cleared
    before = len(taken)
    shown = _redacted(body, pointer, taken)
    return orjson.dumps(shown) if len(taken) > before else content


def _redacted(value: Json, pointer: str, taken: list[str], name: str = "") -> Json:
    if isinstance(value, dict) and "found" in value and SECRET.search(str(value.get("pointer", ""))):
        taken.append(join_pointer(pointer, "found"))  # what broke a rule is told with the rule
        value = {**value, "found": REDACTED}
    if isinstance(value, dict):
        return {key: _redacted(child, join_pointer(pointer, key), taken, key) for key, child in value.items()}
    if isinstance(value, list):
        return [
            _redacted(child, join_pointer(pointer, index), taken, name) for index, child in enumerate(value)
        ]
    if isinstance(value, str) and value and name and SECRET.search(name):
        taken.append(pointer)
        return REDACTED
    return value


# ------------------------------------------------------------------------------------------------- open


@dataclass
class Bundle:
    """
    A bundle that was opened.

    Attributes:
        folder: Where its files are; gone with `close`.
        located: The APIs in it.
        options: What it was served with.
        bodies: Answers that are larger than what the journal shows, by their ids.
    """

    folder: TemporaryDirectory[str]
    located: list[Located]
    options: dict[str, Any]
    world: Json
    journal: Sequence[Mapping[str, Any]]
    bodies: Mapping[str, bytes]

    def fill(self, host: Served) -> None:
        """Give *host* the world of the bundle, for its start, and the answers of its journal to replay."""
        fill(host.sessions.default, self.world)
        host.origin = host.sessions.default.put_away("origin")
        host.archive.update(self.answers)
        host.sessions.default.journal.begin_after(host.archive)

    @property
    def answers(self) -> dict[str, Response]:
        """The answers that can be given again, by their ids."""
        found = answers(self.journal, self.bodies)
        return {ident: response for ident, response in found.items() if response is not None}

    def close(self) -> None:
        """Remove the files."""
        self.folder.cleanup()


def unpack(content: bytes, name: str) -> Bundle:
    """
    Return the bundle that *content* is; *name* is what it is called.

    Raises:
        UsageError: It is none, or one of another format.
    """
    parts, files = _parts(content, name)
    folder = TemporaryDirectory(prefix="mockserver-")
    root = Path(folder.name).resolve()
    bodies = {one.removeprefix(BODIES): files.pop(one) for one in list(files) if one.startswith(BODIES)}

    def place(inside: str) -> Path:
        target = (root / inside).resolve()
        if not target.is_relative_to(root):  # "zip slip"
            raise UsageError(f"{name}: {inside!r} would leave the folder that it is unpacked in.")
        return target

    try:
        for inside, data in files.items():
            target = place(inside)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        located = [
            Located(
                said["name"],
                place(said["document"]),
                place(said["behavior"]) if "behavior" in said else None,
                place(said["fixtures"]) if "fixtures" in said else None,
            )
            for said in parts["manifest.json"]["apis"]
        ]
    except (UsageError, OSError, ValueError) as error:  # a name that leads out, is a folder too, or none
        folder.cleanup()
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{name}: its files cannot be unpacked: {error}") from None
    return Bundle(
        folder, located, parts["manifest.json"]["options"], parts["world.json"], parts["journal.json"], bodies
    )


def _parts(content: bytes, name: str) -> tuple[dict[str, Json], dict[str, bytes]]:
    """Return the JSON parts of a bundle, and its other files. Raises UsageError."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(one.file_size for one in archive.infolist())
            if size > MOST_UNPACKED:
                raise UsageError(f"{name}: its files make {size} bytes, more than {MOST_UNPACKED}.")
            files = {one: archive.read(one) for one in archive.namelist() if not one.endswith("/")}
        if missing := [part for part in PARTS if part not in files]:
            raise UsageError(f"{name}: this is no bundle of mockserver: it has no {missing[0]}.")
        parts = {one: orjson.loads(files.pop(one)) for one in PARTS}
    except _UNZIPPABLE as error:
        raise UsageError(f"{name}: this is no bundle of mockserver: {error}") from None
    for part, schema in PARTS.items():
        for found in RawValidator(schema).violations(parts[part]):
            raise UsageError(
                f"{name}: this is no bundle of mockserver: {part}{found.pointer}: {found.detail}"
            )
    return parts, files


def world_of(content: bytes, name: str) -> Json:
    """Return the world in a bundle. Raises UsageError."""
    return _parts(content, name)[0]["world.json"]


def fill(session: Session, said: Json) -> None:
    """Make *session* hold the world *said*, as far as its APIs have such tables; its clocks go on."""
    worlds, _ = session.copied()
    for name, world in worlds.items():
        kept = said["apis"].get(name)
        if kept is None:
            continue
        for table, rows in kept["tables"].items():
            if table in world.tables:
                world.tables[table] = _table(rows)
        world.counters = kept["counters"]
    tables = {}
    for name, rows in said["tables"].items():
        tables[name] = Table()
        for key, row in rows:
            tables[name].put(key, row)
    session.take(worlds, tables)
    session.move(Clock.resume)


def _table(said: Mapping[str, Any]) -> Table:
    table = Table()
    for key, row in said["rows"]:
        table.put(key, row)
    for key in said["touched"]:
        table.touch(key)
    return table


def answers(
    journal: Sequence[Mapping[str, Any]], bodies: Mapping[str, bytes] | None = None
) -> dict[str, Response | None]:
    """
    Return id and answer of each entry of a journal as the admin shows it.

    Args:
        journal: What `/__admin/requests` says, or a bundle has.
        bodies: Those that are larger than what is shown there; an answer whose body is not here is None.
    """
    found: dict[str, Response | None] = {}
    for entry in journal:
        ident, said = entry["id"], entry["response"]
        headers = [
            (name, one)
            for name, value in said["headers"].items()
            for one in (value if isinstance(value, list) else [value])
        ]
        body = (bodies or {}).get(ident, base64.b64decode(said["bodyAsBase64"]))
        cut = ident not in (bodies or {}) and entry["mock"]["bytesNotKept"] and len(body) >= BODY
        found[ident] = None if cut else Response(said["status"], headers, body)
    return found
