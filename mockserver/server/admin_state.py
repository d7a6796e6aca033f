"""
What is remembered, as the admin shows and changes it: `/state[/API[/COLLECTION[/ID]]]`.

A row that is put is held against the contract before it stands: a state that no
answer could show would only be found when somebody asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from flask import Response as Answer

from mockserver.behavior.act import scope_of
from mockserver.behavior.editing import Editor, Unfit, editor, shown_rows
from mockserver.behavior.inferred import Inferred
from mockserver.behavior.looks import visible
from mockserver.behavior.store import Row, Transaction
from mockserver.contract.shapes import Shape
from mockserver.errors import MockserverError, nearest
from mockserver.exchange import Arguments, Json, Violation
from mockserver.server.admin_answers import as_json
from mockserver.server.admin_views import Refusal, Rule, Views, sent, shortened
from mockserver.server.host import Api
from mockserver.server.session import Session
from mockserver.validation.values import RawValidator


class StateViews(Views):
    """Shows, puts and takes away rows of the session that the request names."""

    @property
    def rules(self) -> Iterable[Rule]:
        """What there is."""
        paths = ("/state", "/state/<api>", "/state/<api>/<path:within>")
        views = (("GET", self.get), ("PUT", self.put), ("DELETE", self.delete))
        return [(path, method, view) for path in paths for method, view in views]

    def get(self, api: str = "", within: str = "") -> Answer:
        """Show how many rows there are, a collection's rows, or one row."""
        session = self.session
        if not api:
            return as_json({each.name: _counts(session, each.name) for each in self.host.apis})
        self.api(api)
        if not within:
            return as_json(_counts(session, api))
        place = _Place(session, self.api(api), within)
        if not place.text and not place.single:
            return as_json(list(place.rows.values()))
        row = next(iter(place.rows.values()), None) if place.single else place.rows.get(place.text)
        if row is None:
            if place.single:
                raise Refusal(404, f"{place.shown} was never put or changed.")
            near = nearest(place.text, place.rows)
            raise Refusal(404, f"{place.shown} has no {place.text!r} that was ever put or changed.{near}")
        return as_json(row)

    def put(self, api: str = "", within: str = "") -> Answer:
        """Put a row; or all rows of a collection, of an API, of all."""
        session, body = self.session, sent()
        if not api:
            said = {name: _object(rows, name) for name, rows in _object(body, "the body").items()}
            changes = [
                (self.api(name), each, rows) for name, all_ in said.items() for each, rows in all_.items()
            ]
        elif not within:
            changes = [(self.api(api), each, rows) for each, rows in _object(body, "the body").items()]
        else:
            place = _Place(session, self.api(api), within)
            if place.text or place.single:
                with session.changing(api) as transaction:
                    made, new = place.put(transaction, body)
                return as_json(made, 201 if new else 200)
            changes = [(self.api(api), within, body)]
        for found, name, rows in changes:  # each is looked at before the first is changed
            if not _Place(session, found, name, whole=True).single:
                _rows(rows, name)
        with session.lock:
            for found in {found.name: found for found, _, _ in changes}.values():
                with session.changing(found.name) as transaction:
                    for other, name, rows in changes:
                        if other is found:
                            _Place(session, found, name, whole=True).put_all(transaction, rows)
        return self.get(api, within)

    def delete(self, api: str = "", within: str = "") -> Answer:
        """Take away a row; or all rows of a collection, of an API, of all."""
        session = self.session
        if within:
            place = _Place(session, self.api(api), within)
            with session.changing(api) as transaction:
                if not place.remove(transaction):
                    near = nearest(place.text, place.rows)
                    raise Refusal(404, f"{place.shown} has no {place.text!r}.{near}")
            return as_json({})
        for found in [self.api(api)] if api else self.host.apis:
            with session.changing(found.name) as transaction:
                for name in found.behavior.collections:
                    if "{" not in name:
                        _Place(session, found, name).remove(transaction)
                        continue
                    for key, _ in list(transaction.scan(name)):  # of all parents
                        transaction.delete(name, key)
        return as_json({})


class _Place:
    """
    A collection, or one row of it, that *within* means.

    A collection that was inferred is called as its path, with slashes in it: the longest that fits is meant,
    and `users/5/posts/9` is the row 9 of `/users/{userId}/posts`.
    """

    def __init__(self, session: Session, api: Api, within: str, *, whole: bool = False) -> None:
        self._session = session
        self._api = api
        self._inferred = api.engine if isinstance(api.engine, Inferred) else None
        tables = session.worlds[api.name].tables
        for name in sorted(tables, key=len, reverse=True):
            found = _fitted(name, within)
            if found is not None:
                self.name, self.values, self.text = name, found[0], found[1]
                break
        else:
            collection = within.strip("/").partition("/")[0]
            raise Refusal(404, f"{api.name} has no collection {collection!r}.{nearest(collection, tables)}")
        if whole and self.text:
            raise Refusal(400, f"{within!r} is a row; a collection is expected.")
        self.shown = self.name
        resource = self._inferred.resources[self.name] if self._inferred else None
        self.single = resource is not None and resource.single
        self._schema = resource.row.document if resource is not None and resource.row is not None else True

    @property
    def rows(self) -> dict[str, Row]:
        """The rows that are there, by the text of their keys; those of the parent that the path names."""
        rows = self._session.state(self._api.name)[self._table]
        if self._inferred is None:
            return rows
        rows = shown_rows(rows)
        prefix = f"{self._scope}|" if self._scope else ""
        if "{" in self.name and not self.values:
            return rows
        return {key.removeprefix(prefix): row for key, row in rows.items() if key.startswith(prefix)}

    @property
    def _table(self) -> str:
        if self._inferred is None:
            return self.name
        return self._inferred.known.stand(self._inferred.resources[self.name]).home.path

    @property
    def _scope(self) -> str:
        if self._inferred is None:
            return ""
        home = self._inferred.known.stand(self._inferred.resources[self.name]).home
        return scope_of(home, Arguments(path=self.values))

    def put(self, transaction: Transaction, body: Json) -> tuple[Json, bool]:
        """Put *body* in the place of the row, and return it, and whether it is new. Raises Refusal."""
        row = _object(body, "a row")
        new = self.text not in self.rows
        edit = self._editor(transaction)
        key = edit.typed(self.text)
        said = row.get(edit.key, key) if edit.key else key
        if str(said) != self.text and not self.single:
            raise Refusal(422, f"{edit.key}: {shortened(said)} is not what the path says, {self.text!r}.")
        return self._put(transaction, edit, said, row), new

    def put_all(self, transaction: Transaction, body: Json) -> None:
        """Put *body*, a list of rows or the only one, in the place of all rows. Raises Refusal."""
        if "{" in self.name and not self.values and (isinstance(body, dict) or body == []):
            self._put_below(transaction, body or {})
            return
        edit = self._editor(transaction)
        if self.single:
            edit.remove(edit.typed(""))
            alone = isinstance(body, dict) and body and body.keys() != {""}
            for row in [body] if alone else _rows(body, self.name)[:1]:
                self._put(transaction, edit, edit.typed(""), row)
            return
        for key in edit.present():
            edit.remove(key)
        named = list(body) if isinstance(body, dict) else []
        for index, row in enumerate(_rows(body, self.name)):
            if edit.key in row:
                key = row[edit.key]
            elif named:
                key = edit.typed(named[index])
            else:
                raise Refusal(
                    422, f"{self.name}/{index}: the row has no {edit.key or 'key'!r}, which names it."
                )
            self._put(transaction, edit, key, row)

    def _put_below(self, transaction: Transaction, body: Mapping[str, Json]) -> None:
        """Put the rows of all parents, by the keys of these and their own, as a snapshot shows them: 5|9."""
        assert self._inferred is not None, "no collection of rules has a variable in its name"
        for key, _ in list(transaction.scan(self._table)):
            transaction.delete(self._table, key)
        parents = self._inferred.known.stand(self._inferred.resources[self.name]).home.parents
        for text, row in zip(body, _rows(body, self.name), strict=True):
            *scope, own = text.split("|")
            if len(scope) != len(parents):
                keys = "|".join([*(name.upper() for name in parents), "KEY"])
                raise Refusal(422, f"{self.name}: {text!r} names no row; {keys} is expected.")
            place = copy(self)
            place.values, place.text = dict(zip(parents, map(unquote, scope), strict=True)), own
            edit = place._editor(transaction)
            place._put(transaction, edit, edit.typed(own), row)

    def remove(self, transaction: Transaction) -> bool:
        """Take away the row, or all rows; say whether there was such a row."""
        edit = self._editor(transaction)
        if self.text or self.single:
            return edit.remove(edit.typed(self.text))
        for key in edit.present():
            edit.remove(key)
        return True

    def _editor(self, transaction: Transaction) -> Editor:
        if "{" in self.name and not self.values:
            raise Refusal(
                400, f"{self.name}: whose rows? Write the parent's key in the place of the variable."
            )
        world = self._session.worlds[self._api.name]
        return editor(self._api.engine, world, transaction, self.name, self.values)

    def _put(self, transaction: Transaction, edit: Editor, key: Json, row: Mapping[str, Any]) -> Row:
        if not isinstance(key, (str, int, float)) or isinstance(key, bool):
            raise Refusal(422, f"{edit.key}: {shortened(key)} is no key; a text or a number is expected.")
        self._hold_known(edit, row)
        try:
            made = edit.put(key, dict(row))
            found = list(self._violations(transaction, key, made))
        except (Unfit, MockserverError) as error:
            raise Refusal(422, str(error)) from None
        if found:
            errors = [self._located(one) for one in found]
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            where = f"{self.name.strip('/')}/{key}{found[0].pointer}"
            detail = f"{where}: {found[0].detail}{more}"
            raise Refusal(422, detail, errors=errors)
        return made

    def _hold_known(self, edit: Editor, row: Mapping[str, Any]) -> None:
        """Refuse a field that nobody would ever read: it is a slip of the pen."""
        known = self._fields
        if known is None:
            return
        for name in row:
            if name not in known and not name.startswith("_") and name != edit.key:
                detail = f"{self.name.strip('/')}: there is no field {name!r}.{nearest(name, self._offered)}"
                raise Refusal(422, detail, known=sorted(self._offered))

    @cached_property
    def _fields(self) -> frozenset[str] | None:
        """The names of fields that a row may have, None where it may have any."""
        if self._inferred is None:
            from mockserver.server.holding import known_fields

            rows = self._session.worlds[self._api.name].tables[self.name].rows.values()
            return known_fields(self._api, self._api.behavior.collections[self.name], rows)
        resource = self._inferred.resources[self.name]
        home = self._inferred.known.stand(resource).home
        if resource.row is None or resource.row.open:
            return None
        return frozenset({*resource.row.names, *resource.names, *home.names})

    @property
    def _offered(self) -> frozenset[str]:
        """Those of the names that the contract has."""
        if self._inferred is not None:
            return self._fields or frozenset()
        collection = self._api.behavior.collections[self.name]
        schema = self._api.contract.schemas.named(collection.schema)
        return frozenset(Shape(schema.json("response")).names if schema is not None else ())

    def _violations(self, transaction: Transaction, key: Json, row: Row) -> Iterator[Violation]:
        """What is wrong with the row, as answers would show it."""
        if self._inferred is not None:
            yield from RawValidator(self._schema).violations(visible(row), "body", "")
            return
        from mockserver.server.holding import Holding

        world = self._session.worlds[self._api.name]
        collection = self._api.behavior.collections[self.name]
        scope = self._api.engine.scope(world, transaction, row.get("_account"))
        yield from Holding(self._api, collection).violations(scope, key, row)

    def _located(self, violation: Violation) -> Json:
        entry = violation.json()
        if violation.place is not None:
            place = self._api.contract.located(violation.place)
            entry["spec"] = {"file": place.file, "line": place.line, "pointer": place.pointer}
        return entry


def _fitted(name: str, within: str) -> tuple[dict[str, str], str] | None:
    """Return (values of the variables in *name*, the rest: a key or "") where *within* begins with it."""
    bare = name.strip("/")
    parts = [
        f"(?P<_{index}>[^/]+)" if part[:1] == "{" else re.escape(part)
        for index, part in enumerate(re.split(r"(\{[^{}]*\})", bare))
    ]
    for pattern, named in (("".join(parts), True), (re.escape(bare), False)):
        found = re.match(rf"{pattern}(?:/(?P<rest>.*))?$", within.strip("/"))
        if found is not None:
            names = [part[1:-1] for part in re.split(r"(\{[^{}]*\})", bare) if part[:1] == "{"]
            values = [text for group, text in found.groupdict().items() if group != "rest"]
            if named and any(text[:1] == "{" for text in values):
                continue
            return dict(zip(names, values, strict=False)), found["rest"] or ""
    return None


def _counts(session: Session, api: str) -> dict[str, int]:
    return {name: len(shown_rows(rows)) for name, rows in session.state(api).items()}


def _object(value: Json, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refusal(400, f"{what}: an object is expected, found {shortened(value)}.")
    return value


def _rows(value: Json, name: str) -> list[Row]:
    """Return the rows in *value*: a list, or an object of rows by their keys."""
    rows = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refusal(400, f"{name}: a list of rows, each an object, is expected, found {shortened(value)}.")
    return rows
