"""
What is secret by its name: fields of bodies and rows that neither a recording nor a bundle may hold.
"""

from __future__ import annotations

import re

SECRET = re.compile(
    r"pass(word|wd|phrase)|secret|token|api[-_]?key|authorization|credential|private[-_]?key", re.IGNORECASE
)
REDACTED = "[REDACTED]"
