"""
How much each kind of change weighs: tables, no code.

A value is *taken* (the consumer sends it, the provider accepts it) or *given* (the provider sends it, the
consumer must cope). To let fewer values through breaks those who send, to let more through breaks those who
receive. So each aspect has two severities; webhooks travel the other way, and their bodies are given. Where
oasdiff's severities say something that the values do not, they are followed: a new value in an answer's enum
is a warning, an added property in an answer is harmless.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Severity = Literal["breaking", "warning", "info"]
Role = Literal["taken", "given"]

SEVERITIES: tuple[Severity, ...] = ("breaking", "warning", "info")
"""The gravest first."""

B: Severity = "breaking"
W: Severity = "warning"
I: Severity = "info"  # noqa: E741 - the three stand in columns

_NARROWER = (B, I)
_WIDER = (I, B)

LIMITS = tuple(f"{end}{of}" for of in ("", "-length", "-items", "-properties") for end in ("min", "max"))

ASPECTS: Mapping[str, tuple[Severity, Severity]] = {
    # what a value may be
    "type-narrowed": _NARROWER,
    "type-widened": _WIDER,
    "type-changed": (B, B),
    "became-nullable": _WIDER,
    "became-not-nullable": _NARROWER,
    "became-enum": _NARROWER,
    "became-not-enum": (I, W),
    "enum-value-removed": _NARROWER,
    "enum-value-added": (I, W),
    **{f"{name}-set": _NARROWER for name in LIMITS},
    **{f"{name}-removed": _WIDER for name in LIMITS},
    **{f"{name}-increased": _NARROWER if name.startswith("min") else _WIDER for name in LIMITS},
    **{f"{name}-decreased": _WIDER if name.startswith("min") else _NARROWER for name in LIMITS},
    "multiple-of-narrowed": _NARROWER,
    "multiple-of-widened": _WIDER,
    "multiple-of-changed": (B, B),
    "unique-items-set": _NARROWER,
    "unique-items-removed": _WIDER,
    "pattern-added": _NARROWER,
    "pattern-removed": _WIDER,
    "pattern-narrowed": _NARROWER,
    "pattern-widened": _WIDER,
    "pattern-changed": (B, B),
    "pattern-rewritten": (W, W),
    "format-added": _NARROWER,
    "format-removed": _WIDER,
    "format-narrowed": _NARROWER,
    "format-widened": _WIDER,
    "format-changed": (B, B),
    "format-hint-changed": (I, I),
    "format-unknown-changed": (W, W),
    "condition-added": _NARROWER,
    "condition-removed": (I, W),
    "condition-changed": (W, W),
    "alternative-removed": _NARROWER,
    "alternative-added": _WIDER,
    "variant-removed": _NARROWER,
    "variant-added": (I, W),
    "alternatives-changed": (W, W),
    "discriminator-added": (I, I),
    "discriminator-removed": (W, W),
    "discriminator-property-changed": (B, B),
    "discriminator-mapping-removed": _NARROWER,
    "discriminator-mapping-added": (I, W),
    "discriminator-mapping-changed": (B, B),
    # properties
    "added-required": (B, I),
    "added-required-with-default": (W, I),
    "added-optional": (I, I),
    "removed-required": (W, B),
    "removed-optional": (W, W),
    "refused": (B, B),
    "became-required": _NARROWER,
    "became-optional": _WIDER,
    "became-read-only": (W, I),
    "became-not-read-only": (I, I),
    "became-write-only": (I, W),
    "became-write-only-required": (I, B),
    "became-not-write-only": (I, I),
    "additional-properties-opened": (I, W),
    "additional-properties-closed": (W, I),
    "additional-properties-removed": _NARROWER,
    "additional-properties-typed": (W, I),
    "additional-properties-untyped": (I, W),
    "pattern-properties-added": (W, I),
    "pattern-properties-removed": (W, W),
    # what is said about a value
    "default-added": (I, I),
    "default-removed": (W, I),
    "default-changed": (W, I),
    "became-deprecated": (I, I),
    "became-not-deprecated": (I, I),
    # messages
    "removed": (W, B),
    "location-changed": (B, B),
    "style-changed": (B, B),
    "allow-reserved-removed": (W, W),
    "allow-reserved-added": (I, I),
    "allow-empty-value-removed": (W, I),
    "allow-empty-value-added": (I, W),
    "media-type-removed": (B, B),
    "media-type-added": (I, I),
    "encoding-changed": (B, B),
}
"""Aspect -> how grave it is where the value is taken, and where it is given."""

OPERATIONS: Mapping[str, Severity] = {
    "path-removed": B,
    "operation-removed": B,
    "operation-removed-after-sunset": I,
    "operation-added": I,
    "operation-id-changed": W,
    "operation-deprecated": I,
    "operation-reactivated": I,
    "sunset-moved-forward": W,
    "sunset-removed": I,
    "sunset-moved-back": I,
    "webhook-removed": B,
    "webhook-added": I,
    "server-base-path-removed": B,
    "server-base-path-added": I,
    "response-success-status-removed": B,
    "response-non-success-status-removed": W,
    "response-success-status-added": W,
    "response-non-success-status-added": I,
    "webhook-response-status-removed": B,
    "webhook-response-status-added": I,
    "security-added": B,
    "security-removed": I,
    "security-alternative-removed": B,
    "security-alternative-added": I,
    "security-scope-added": B,
    "security-scope-removed": I,
    "oauth-flow-removed": B,
    "oauth-flow-added": I,
    "oauth-url-changed": W,
    "oauth-scope-removed": W,
    "oauth-scope-added": I,
}
"""Rules that are about no value."""


def severity(aspect: str, role: Role) -> Severity:
    """Return how grave *aspect* is for a value in *role*."""
    return ASPECTS[aspect][0 if role == "taken" else 1]
