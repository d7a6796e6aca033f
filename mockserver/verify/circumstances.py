"""
Statuses that say more of circumstances than of an implementation: who asks, what is there, what is between.
"""

from __future__ import annotations

GATEWAY = frozenset({502, 503, 504})
"""Said in front of an implementation, or by one that is not ready (RFC 9110, 15.6.3 to 15.6.5)."""

NOT_THE_SERVERS = GATEWAY | {429}
"""What a gateway, or a limit of calls (RFC 6585, 4), may answer in a server's place: whatever was asked."""

ABSENT = frozenset({404, 409, 410})
"""Said where the data is not what was expected: not there, there already, gone."""

OTHERWISE = ABSENT | NOT_THE_SERVERS
"""Answers to what was asked before that say that the world is another one now."""

CIRCUMSTANCES = ABSENT | {402, 403, 405, 406, 412, 421, 423, 424, 425, 428, 451}
"""Statuses that refuse a request for what is there, or for who asks, however valid it is."""
