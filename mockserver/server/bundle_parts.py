"""
What the parts of a bundle look like (bundles.py): one that was edited by hand is held to it before it opens.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.exchange import Json

FORMAT = 1
"""The way of writing bundles that is read and written."""

_KEY: Json = {"type": ["string", "number"]}
_ROWS: Json = {
    "type": "array",
    "items": {
        "type": "array",
        "prefixItems": [_KEY, {"type": "object"}],
        "minItems": 2,
        "maxItems": 2,
    },
}
PARTS: Mapping[str, Json] = {
    "manifest.json": {
        "type": "object",
        "required": ["bundle", "apis", "options"],
        "properties": {
            "bundle": {"const": FORMAT},
            "apis": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "document"],
                    "additionalProperties": {"type": "string"},
                },
            },
            "options": {"type": "object"},
        },
    },
    "world.json": {
        "type": "object",
        "required": ["apis", "tables"],
        "properties": {
            "apis": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["counters", "tables"],
                    "properties": {
                        "counters": {"type": "object"},
                        "tables": {
                            "type": "object",
                            "additionalProperties": {
                                "type": "object",
                                "required": ["rows", "touched"],
                                "properties": {"rows": _ROWS, "touched": {"type": "array", "items": _KEY}},
                            },
                        },
                    },
                },
            },
            "tables": {"type": "object", "additionalProperties": _ROWS},
        },
    },
    "journal.json": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["id", "request", "response", "mock"],
            "properties": {
                "id": {"type": "string"},
                "response": {
                    "type": "object",
                    "required": ["status", "headers", "bodyAsBase64"],
                    "properties": {
                        "status": {"type": "integer"},
                        "headers": {"type": "object"},
                        "bodyAsBase64": {"type": "string"},
                    },
                },
                "mock": {"type": "object", "required": ["bytesNotKept"]},
            },
        },
    },
}
"""JSON Schemas of the parts that are read."""
