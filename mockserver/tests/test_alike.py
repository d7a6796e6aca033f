"""
Whether two values say the same.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.shapes import Shape
from mockserver.exchange import MISSING
from mockserver.verify.laws.alike import alike, lost


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (90_000_000_007, 90_000_000_008, False),
        ("90000000007", 90_000_000_008, False),
        (7_234_567_890_123_456_789, 7_234_567_890_123_456_788, False),
        (12.5, "12.50", True),
        (4, 4.0, True),
        (0.1 + 0.2, 0.3, True),
    ],
)
def test_numbers(one: Any, other: Any, same: bool) -> None:
    """
    Fractions are written in many ways, but keys that differ in the last of many digits are two things.
    """
    assert alike(one, other) is same


SIGNER = Shape(
    {
        "type": "object",
        "properties": {
            "login": {"type": "string", "format": "email"},
            "kind": {"type": "string", "enum": ["non_modifiable"]},
            "password": {"type": "string"},
            "name": {"type": "string"},
        },
    }
)


@pytest.mark.parametrize(
    ("sent", "shown", "where"),
    [
        ({"name": "Ada"}, {"name": "Bob"}, "/name"),
        ({"name": "Ada"}, {}, "/name"),
        ({"login": "no address"}, {}, None),
        ({"kind": "non-modifiable"}, {"kind": "non_modifiable"}, None),
        ({"password": "x", "name": "Ada"}, {"name": "Ada"}, None),
        ({"login": "no address"}, MISSING, None),
    ],
)
def test_what_an_answer_cannot_show_is_not_lost(sent: Any, shown: Any, where: str | None) -> None:
    """
    A value that the answer's own schema excludes, or a secret inside of one, is not there for a reason.
    """
    assert lost(sent, shown, SIGNER) == where


@pytest.mark.parametrize(
    ("form", "sent", "shown", "same"),
    [
        ("uri", "http://a.example:80/%7ex", "http://a.example/%7Ex", True),
        ("uri", "http://a.example/A", "http://a.example/a", False),
        ("uri", "http://a.example/?q=1", "http://a.example/", False),
        ("email", "Ada@Example.com", "ada@example.com", True),
        ("email", "ada@example.com", "bob@example.com", False),
        ("duration", "P1W", "P7D", True),
        ("duration", "P1M", "P30D", False),
        ("duration", "PT90S", "PT1M", False),
        ("time", "10:00:00.250Z", "10:00:00+00:00", True),
        ("time", "01:00:00+02:00", "23:00:00Z", True),
        ("time", "10:00:00Z", "11:00:00Z", False),
        ("ipv6", "2001:DB8:0:0::1", "2001:db8::1", True),
        ("byte", "QUJD", "qujd", False),
        (None, "Ada@Example.com", "ada@example.com", False),
        (None, "Caf\u00e9", "Cafe\u0301", True),
        (None, "12.5", "12.50", True),
        (None, "007", "7", False),
    ],
)
def test_a_format_says_what_is_the_same(form: str | None, sent: str, shown: str, same: bool) -> None:
    """
    One address, one moment, one length are written in several ways; a title is not.
    """
    shape = Shape({"type": "string", **({"format": form} if form else {})})
    assert (lost(sent, shown, shape) is None) is same
