"""
The template engine as stubs use it: all helpers, one seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random

from mockserver.server.stubs.templates.conditions import CONDITIONS
from mockserver.server.stubs.templates.documents import DOCUMENTS
from mockserver.server.stubs.templates.moments_and_chance import SURROUNDINGS
from mockserver.server.stubs.templates.render import Helper, Renderer, Surroundings
from mockserver.server.stubs.templates.texts import TEXTS

HELPERS: Mapping[str, Helper] = {**TEXTS, **DOCUMENTS, **SURROUNDINGS, **CONDITIONS}


def renderer(seed: str, now: Callable[[], datetime]) -> Renderer:
    """Return what fills the templates of one answer: what they draw by chance depends on *seed* alone."""
    return Renderer(HELPERS, Surroundings(now, Random(seed)))
