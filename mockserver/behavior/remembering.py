"""
What clients do to an inferred collection: create, replace, change and delete.

`inferred` says what deleting means, and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from urllib.parse import urlsplit

from mockserver.behavior import uniqueness
from mockserver.behavior.act import FINAL, GONE, MADE, OVER, SPOKEN, Act, bookkeeping, is_key
from mockserver.behavior.actions import dated
from mockserver.behavior.batches import tallied
from mockserver.behavior.copies import copied
from mockserver.behavior.engine import Outcome
from mockserver.behavior.fetching import fetched
from mockserver.behavior.knowledge import Knowledge
from mockserver.behavior.looks import visible
from mockserver.behavior.once import key_of, made_before, note
from mockserver.behavior.patching import Unpatchable, patched
from mockserver.behavior.population import PAGED
from mockserver.behavior.refusals import refuse
from mockserver.behavior.removing import Removing
from mockserver.behavior.single import astray, is_closed, is_final, put_changed, show, unknown
from mockserver.behavior.store import Row
from mockserver.exchange import MISSING, Json


class Remembering:
    """
    The operations that change a world.

    Args:
        known: What was concluded about the contract.
    """

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        self._removing = Removing(known)
        self.does: Mapping[str, Callable[[Act, Outcome], None]] = {
            "create": self._create,
            "create all": self._create_all,
            "replace": self._replace,
            "replace by body": self._replace_by_body,
            "patch": self._patch,
            "copy": self._copy,
            "delete": self._removing.delete,
            "clear": self._removing.clear,
        }

    # ------------------------------------------------------------------ create

    def _create(self, act: Act, outcome: Outcome) -> None:
        if act.several:
            self._create_all(act, outcome)
            return
        once = key_of(act)
        if not once:
            self._create_one(act, outcome)
        elif (row := made_before(act, outcome, once)) is not None:
            show(self._known, act, outcome, row, f"{act.key!r} was created under this key before")
            self._locate(act, outcome)
        elif not outcome.refused:
            self._create_one(act, outcome)
            if not outcome.refused:
                note(act, once)

    def _create_one(self, act: Act, outcome: Outcome) -> None:
        sent = act.sent()
        key = act.chosen(sent)
        old = act.row(key) if key is not MISSING else None
        live = old if old is not None and GONE not in old and SPOKEN not in sent else None
        status = uniqueness.taken(act.operation) if live is not None else None
        if status is not None:
            refuse(act.operation, outcome, status, f"{act.stand.home.path} has {key!r} already.")
            return
        if self._taken(act, sent, outcome) or self._as_documented(act, sent):
            return
        if live is not None:  # nothing says that it is refused: there is still one of that key, where it was
            act.key = key
            row = self._put_over(act, sent, live, live)
        else:
            row = self._placed(act, sent, key)
        show(self._known, act, outcome, row, f"created as {act.key!r}")
        self._locate(act, outcome)

    def _placed(self, act: Act, sent: Row, key: Json) -> Row:
        """
        Remember what was *sent* as a new thing under *key*, `MISSING` for one of ours.

        What is only named stays as it is, where it is there.
        """
        old = act.row(key) if key is not MISSING and SPOKEN in sent else None
        if key is MISSING and act.stand.home.key in sent:  # it is not for clients to say
            sent = {name: value for name, value in sent.items() if name != act.stand.home.key}
        act.key = key if key is not MISSING else self._new_key(act, sent)
        if old is not None and GONE not in old:
            return old
        if act.stand.source is not None:
            sent = {**self._known.within.elsewhere(act, act.key), **sent}
        return self._put_new(act, sent, final=True)

    def _taken(self, act: Act, sent: Row, outcome: Outcome) -> bool:
        """Refuse what a thing that a client made in the same place has, and is said to be unique."""
        transaction, table = act.transaction, act.table
        for group in act.resource.unique(act.operation) if "409" in act.operation.responses else ():
            values = {name: sent.get(name) for name in group}  # None: neither has it
            first = next((name for name, value in values.items() if value is not None), "")
            if not first or not all(isinstance(value, (str, int, NoneType)) for value in values.values()):
                continue
            for key in transaction.keys(table, first, values[first]) or ():
                row = transaction.get(table, key)
                own = str(key) == f"{act.scope}|{act.key}" and act.operation.method != "POST"
                if row is None or own or GONE in row or row.get(MADE) != act.scope:
                    continue
                if all(row.get(name) == value for name, value in values.items()):
                    said = ", ".join(
                        f"{name} {value!r}" for name, value in values.items() if value is not None
                    )
                    refuse(act.operation, outcome, 409, f"{act.stand.home.path} has {said} already.")
                    return True
        return False

    def _create_all(self, act: Act, outcome: Outcome) -> None:
        rows: list[tuple[Json, Row]] = []
        if act.operation.method == "PUT":  # there once, however often it is put
            self._removing.take(act)
        for sent in self._each(act):
            row = self._placed(act, sent, act.chosen(sent))
            rows.append((act.key, row))
        outcome.rule = f"{len(rows)} created"
        shown = act.resource.shown_many(act.operation)
        if shown is not None and rows:
            look = act.stand.entities.looks.of
            views = [look(shown, row, key, act.seed) for key, row in rows]
            around = self._known.around(act.resource, act.operation) if shown.path else None
            outcome.body = tallied(shown.wrapped(views, around), shown, len(rows))

    def _each(self, act: Act) -> list[Row]:
        """Return what is said of each of several things; of those that are only named, what is known."""
        pointed = act.pointed
        if pointed is None:
            return act.each()
        pointing, names = pointed
        return [fetched(self._known, act, pointing, name) for name in names]

    def _as_documented(self, act: Act, sent: Row) -> bool:
        """
        Remember what a documented call makes, where the request is that call for the first time.

        The documented answer is given as it stands; its key is the document's, not one of ours.
        """
        pair = self._known.pair(act)
        key = pair.get(act.stand.home.key) if pair is not None and act.stand.home.key else None
        if pair is None or not is_key(key) or act.row(key) is not None:
            return False
        act.key = key
        self._put_new(act, {**sent, **pair}, final=False)
        return True

    def _new_key(self, act: Act, sent: Row) -> Json:
        """Return a key that nothing has: made of the title or name where keys are slugs."""
        keys, examples = act.stand.entities.keys, self._known.population(act.stand).examples
        titles = (sent.get(name) for name in ("title", "name", "headline"))
        said = next((title for title in titles if isinstance(title, str)), "")
        key = keys.of_words(said) if said and "slug" in act.stand.home.key.lower() else ""
        if key and act.row(key) is None and key not in examples:
            return key
        while True:
            key = keys.at(act.seed, act.transaction.number(act.table) + PAGED)
            if act.row(key) is None and str(key) not in examples:
                return key

    def _put_new(self, act: Act, sent: Row, *, final: bool) -> Row:
        """Remember a new row under the key of *act*; return it."""
        belonging = act.belonging
        given = visible({**belonging, **sent}) if belonging or SPOKEN in sent else sent
        given = {**self._known.population(act.stand).addresses(act), **given}
        row = act.stand.entities.completed(act.seed, act.key, given, now=act.world.clock.now)
        row = self._known.within.begun(act, row, given)
        kept = {**row, **bookkeeping(belonging), MADE: act.scope}
        if final:
            kept[FINAL] = True
        old = act.row()
        if old is not None:
            if GONE in old:
                self._removing.below(act)
            act.forget()  # what is made again is new, and comes first
        act.put(kept)
        for mark in (MADE, OVER):  # the indexes grow with the rows, not all at once when a list is asked for
            act.transaction.count(act.table, mark, act.scope)
        return self._known.within.sink(act, kept, None)

    def _locate(self, act: Act, outcome: Outcome) -> None:
        """Say in the documented Location field where the new thing is."""
        if not act.resource.parameter:
            return
        operation = act.operation
        promise = operation.success if outcome.status is None else operation.promise(outcome.status)
        for name, header in promise.headers.items() if promise is not None else ():
            if name.lower() in ("location", "content-location"):
                said = act.location()
                fits = self._known.fits(header)
                outcome.headers = {**outcome.headers, name: next(filter(fits, _addresses(said)), said)}

    def _copy(self, act: Act, outcome: Outcome) -> None:
        """Make another of the thing that is named, with all that clients can say of one."""
        old = act.row()
        if old is not None and (is_final(old) or astray(act, old)):
            unknown(act, outcome)
            return
        original = visible(old if old is not None and GONE not in old else self._untouched(act))
        sent = copied(act.resource, act.operation, original, act.sent())
        if self._taken(act, sent, outcome):
            return
        source, act.key = act.key, self._new_key(act, sent)
        row = self._put_new(act, sent, final=True)
        show(self._known, act, outcome, row, f"created as {act.key!r}, a copy of {source!r}")
        self._locate(act, outcome)

    # ------------------------------------------------------------------ change

    def _replace(self, act: Act, outcome: Outcome) -> None:
        old = act.row()
        dead = old is not None and GONE in old
        if dead and old is not None and FINAL in old:
            if "201" not in act.operation.responses:
                unknown(act, outcome)
                return
            outcome.status = 201
        live = None if dead else old
        sent = act.sent()
        sent.pop(act.stand.home.key, None)
        if is_closed(act.operation, outcome, act.stand.home, live) or self._taken(act, sent, outcome):
            return
        pair = None if act.resource.single else self._known.pair(act)
        given = {**sent, **(pair or {})}
        if (
            live is None
            and not act.resource.single
            and not self._known.population(act.stand).has(act, act.key)
        ):
            if "201" in act.operation.responses and pair is None:
                outcome.status = 201
            row = self._put_new(act, given, final=dead and FINAL in (old or {}))
            self._locate(act, outcome)
        else:
            before = live or self._untouched(act)
            given = {**visible(before), **given} if act.resource.merges else given
            row = self._put_over(act, given, live, before)
        if pair is None:
            show(self._known, act, outcome, row, f"{act.key!r} was replaced")

    def _put_over(self, act: Act, sent: Row, live: Row | None, before: Row) -> Row:
        """Remember that a thing was replaced; return it."""
        belonging, now = act.belonging, act.world.clock.now
        given = {**visible(belonging), **sent}
        row = act.stand.entities.completed(act.seed, act.key, given, old=visible(before), now=now)
        row.update(self._dated(act, before, row))
        kept = {
            **row,
            **(bookkeeping(live) if live is not None else {**bookkeeping(belonging), OVER: act.scope}),
        }
        act.put(kept)
        return self._known.within.sink(act, kept, before)

    def _replace_by_body(self, act: Act, outcome: Outcome) -> None:
        if act.several and (act.stand.held or not act.resource.item_path):
            self._replace_all(act, outcome)
            return
        key = act.sent().get(act.stand.home.key, MISSING)
        if is_key(key):
            act.key = key
            self._replace(act, outcome)

    def _replace_all(self, act: Act, outcome: Outcome) -> None:
        """Let what was sent be the whole list, in its order; what is known of those that stay is kept."""
        old = self._known.within.rows(act) if act.stand.held else {}
        if act.stand.held:
            self._removing.remove(act, old)
        else:
            self._removing.empty(act)
        each = self._each(act)
        for sent in each if act.stand.held else reversed(each):  # what is new comes first there
            key = act.chosen(sent)
            before = visible(old.get(str(key), {})) if key is not MISSING else {}
            self._placed(act, {**before, **sent}, key)
        outcome.rule = f"the list of {act.resource.path} was replaced"

    def _patch(self, act: Act, outcome: Outcome) -> None:
        old = act.row()
        if old is not None and (is_final(old) or astray(act, old)):
            unknown(act, outcome)
            return
        live = old if old is not None and GONE not in old else None
        shown = act.resource.shown(act.operation)
        if (
            act.operation.method == "POST"
            and act.operation.id not in act.resource.carried
            and (shown is None or not act.stand.home.hints.overlap(shown.shape) or not self._says(act))
        ):
            return  # it does something, and does not say what to the thing
        before = live if live is not None else self._untouched(act)
        if is_closed(act.operation, outcome, act.stand.home, live):
            return
        if self._taken(act, self._said(act), outcome):
            return
        body = act.arguments.body
        change: Json = body if isinstance(body, list) else self._said(act)
        try:
            row = patched(visible(before), change, act.arguments.media_type)
        except Unpatchable as error:
            if not error.misplaced or (live is not None and MADE in live):
                refuse(act.operation, outcome, error.status(act.operation.responses), f"{error}.")
                return
            row = dict(visible(before))  # the API says yes to any id, and its rows were made up
        row.update(self._dated(act, before, row))
        row = self._known.within.sink(act, put_changed(act, row, before, live), before)
        show(self._known, act, outcome, row, f"{act.key!r} was changed")

    @staticmethod
    def _dated(act: Act, before: Row, after: Row) -> Row:
        """Return the times that follow from a change of state."""
        shape = act.stand.home.row
        return dated(before, after, shape, act.world.clock.now) if shape is not None else {}

    @staticmethod
    def _said(act: Act) -> Row:
        """Return the properties that a change speaks of: of its body, of a POST without body its query's."""
        if act.operation.body is not None or act.operation.method != "POST":
            return act.sent()
        names, query = act.stand.home.names, act.arguments.query
        return {name: value for name, value in query.items() if name in names and value is not None}

    def _says(self, act: Act) -> bool:
        """Return whether the request of *act* speaks of properties of the thing."""
        return bool(self._said(act).keys() & act.stand.home.names)

    def _untouched(self, act: Act) -> Row:
        return self._known.population(act.stand).before(act)


def _addresses(url: str) -> Iterator[str]:
    """Yield ways to say where *url* is: whole, its path, shorter and shorter ends of that, the last word."""
    path = urlsplit(url).path
    yield from (url, path)
    for start in range(1, len(path)):
        if path[start] == "/":
            yield path[start:]
    yield path.rpartition("/")[2]
