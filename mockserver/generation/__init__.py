"""
Make what was promised: values for schemas, realistic, coherent, and always the same for the same seed.

What makes values is imported when it is first asked for: choosing a documented
answer, which every start needs, does not need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.generation.patterns import string_matching
    from mockserver.generation.values import Generator

__all__ = ["Generator", "string_matching"]


def __getattr__(name: str) -> Any:
    if name == "Generator":
        from mockserver.generation.values import Generator

        return Generator
    if name == "string_matching":
        from mockserver.generation.patterns import string_matching

        return string_matching
    raise AttributeError(name)
