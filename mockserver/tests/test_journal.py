from __future__ import annotations

import threading
import time

from mockserver.exchange import Request, Response
from mockserver.server.hoard import STEP, Hoard, WholeBodies
from mockserver.server.journal import BODY, Journal


def add(journal: Journal, path: str = "/", body: bytes = b"", said: bytes = b"") -> int:
    return journal.add(Request("GET", path, body=body), Response(200, [], said), time.perf_counter())


class TestBounds:
    def test_the_oldest_goes_first(self):
        """A journal that grows with the traffic ends the server."""
        journal = Journal(entries=3)
        for number in range(5):
            add(journal, f"/{number}")
        assert [entry.request.path for entry in journal] == ["/2", "/3", "/4"]

    def test_large_bodies_are_cut(self):
        """Ten megabytes of upload are not worth remembering; how much is missing is."""
        journal = Journal()
        add(journal, body=b"x" * (BODY + 10), said=b"ok")
        entry = next(iter(journal))
        assert len(entry.request.body) == BODY
        assert entry.response.body == b"ok"
        assert entry.cut == 10

    def test_bytes_are_bounded_in_all(self):
        """A thousand entries of a quarter megabyte each would be a quarter gigabyte."""
        journal = Journal(size=1_000_000)
        for _ in range(100):
            add(journal, said=b"x" * 100_000)
        assert len(journal) == 10
        journal.clear()
        add(journal, said=b"x" * 100_000)
        assert len(journal) == 1

    def test_heads_count(self):
        """A thousand requests of 60 KB of header fields are 60 MB, though none has a body."""
        journal = Journal(size=1_000_000)
        for _ in range(100):
            journal.add(Request("GET", "/", head=60_000), Response(200), time.perf_counter())
        assert len(journal) == 16

    def test_all_journals_together(self):
        """Sessions are many: those that hold the most forget, and the small ones keep what they have."""
        hoard = Hoard(size=4_000_000)
        small, *large = [Journal(session=f"{number}", hoard=hoard) for number in range(11)]
        add(small, said=b"x")
        for _ in range(100):
            for journal in large:
                add(journal, said=b"x" * 100_000)
        assert sum(journal.held for journal in (small, *large)) <= hoard.size + STEP
        assert len(small) == 1
        assert all(len(journal) for journal in large)

    def test_whole_bodies_are_a_ring(self):
        """Each is what it was or is gone, whatever its size; the file never grows beyond its own."""
        bodies = WholeBodies(1_000)
        sent = {
            str(number): bytes([number]) * size for number, size in enumerate((400, 500, 300, 1_001, 250))
        }
        for ident, body in sent.items():
            bodies.put(ident, body)
        found = {ident: bodies.get(ident) for ident in sent}
        assert found == {"0": None, "1": None, "2": sent["2"], "3": None, "4": sent["4"]}

    def test_none_at_all(self):
        """--journal 0 remembers nothing, and still counts."""
        journal = Journal(entries=0)
        assert [add(journal), add(journal)] == [1, 2]
        assert len(journal) == 0


class TestEntries:
    def test_by_id_and_removed(self):
        """WireMock's clients fetch and remove a request by its id."""
        journal = Journal()
        add(journal, "/a")
        add(journal, "/b")
        entry = list(journal)[1]
        assert journal.get(entry.id.upper()) is entry
        assert journal.remove(entry.id) is entry
        assert journal.get(entry.id) is journal.remove(entry.id) is None
        assert [entry.request.path for entry in journal] == ["/a"]

    def test_ids_are_the_same_each_time(self):
        """A ticket that names a request of a seeded run can be read by who repeats it."""
        journal = Journal()
        foretold = journal.next_id
        add(journal)
        first = next(iter(journal)).id
        assert foretold == first
        journal.clear()
        add(journal)
        assert next(iter(journal)).id == first

    def test_the_bytes_are_counted_right_from_many_threads(self):
        """A sum that drifts would empty the journal, or never."""
        journal = Journal(entries=50)
        threads = [
            threading.Thread(target=lambda: [add(journal, said=b"x" * 100) for _ in range(500)])
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(journal) == 50
        assert journal.held == 50 * 100
        assert list(journal)[-1].number == 2000
