"""
What is under way over all connections together: bodies that come in, answers that nobody takes.

What one client may send is bounded, and so are connections; but thousands of them,
each with a body that is almost whole, are more than any machine has. A body that would
be too much is refused with 429, and its sender may come again. An answer that is not
read is worse, since it has been promised: the connection that has kept one waiting for
the longest is closed.
"""

from __future__ import annotations

from typing import Protocol


class Slow(Protocol):
    """A connection that does not take what it was sent."""

    def give_up(self) -> None:
        """Close it at once."""


class Flow:
    """
    Bytes under way.

    Args:
        most: How many there may be, of each kind.

    Attributes:
        coming: Of bodies that are being read, or whose answer is not sent yet.
    """

    __slots__ = ("_unread", "_waiting", "coming", "most")

    def __init__(self, most: int) -> None:
        self.most = most
        self.coming = 0
        self._waiting: dict[Slow, int] = {}
        self._unread = 0

    def unread(self, connection: Slow, size: int) -> None:
        """Note that so many bytes wait for *connection*; the slowest are closed where that is too much."""
        self.read(connection)
        self._waiting[connection] = size
        self._unread += size
        while self._unread > self.most:
            slowest = next(iter(self._waiting))
            self.read(slowest)
            slowest.give_up()

    def read(self, connection: Slow) -> None:
        """Note that nothing waits for *connection* any more."""
        self._unread -= self._waiting.pop(connection, 0)
