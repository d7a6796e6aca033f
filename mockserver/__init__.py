"""
A mock server and a contract judge, both driven by the same OpenAPI contracts.

Nothing is imported here: `mockserver --help` and every test that needs one
module pay for what they use. `from mockserver import MockServer` (or `Bench`) imports
it then.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.testing.bench import Bench as Bench
    from mockserver.testing.server import MockServer as MockServer

__version__ = "0.1.0"

_WHERE = {"MockServer": "mockserver.testing.server", "Bench": "mockserver.testing.bench"}


def __getattr__(name: str) -> Any:
    """Import what a test needs when it asks for it (PEP 562)."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
