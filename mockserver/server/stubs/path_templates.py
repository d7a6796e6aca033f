"""
Templates of paths, "/contacts/{contactId}/addresses/{addressId}" (RFC 6570, level 1), as stubs use them.

Not the contract's routes (contract/routes.py): these weigh operations against each
other and read values by schema, where a stub only asks whether one path fits.
"""

from __future__ import annotations

import re

from mockserver.server.stubs.asked import decoded

_VARIABLE = re.compile(r"\{([^/{}]+)\}")


class PathTemplate:
    """
    Args:
        text: The template; a last segment "**" takes any number of segments.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        pattern = ""
        at = 0
        for found in _VARIABLE.finditer(text):
            pattern += re.escape(text[at : found.start()]) + "([^/]+)"
            self.names.append(found[1])
            at = found.end()
        rest = text[at:]
        if rest.endswith("/**"):
            self.names.append("**")
            pattern += re.escape(rest[:-3]) + "(?:/(.*))?"
        else:
            pattern += re.escape(rest)
        self._pattern = re.compile(pattern, re.DOTALL)

    def values(self, path: str) -> dict[str, str] | None:
        """Return the variables' values in *path* (percent-decoded), or None where it does not fit."""
        found = self._pattern.fullmatch(path)
        if found is None:
            return None
        return {name: decoded(value or "") for name, value in zip(self.names, found.groups(), strict=True)}
