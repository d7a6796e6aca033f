"""
All matchers by their names in JSON, and how values that come several at a time are matched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from mockserver.exchange import Json
from mockserver.server.stubs import json_matchers, matchers, xml_matchers
from mockserver.server.stubs.matchers import Absent, Every, Make, Matcher, Now, Simple, Some, operand, said
from mockserver.server.stubs.path_templates import PathTemplate
from mockserver.server.stubs.reading import Doc


def matcher(value: Json, pointer: str) -> Matcher:
    """Return the matcher that *value* describes. Raises Unfit."""
    return matchers.read(value, pointer, MATCHERS)


def matcher_list(doc: Doc, name: str) -> list[Matcher]:
    """Return the matchers of an array. Raises Unfit."""
    return [matcher(item, pointer) for item, pointer in doc.list(name)]


def _operands(doc: Doc, name: str) -> list[Matcher]:
    found = matcher_list(doc, name)
    if not found:
        raise doc.unfit(name, f"{name} needs at least one matcher")
    return found


def _and(doc: Doc, name: str) -> Matcher:
    return Every(_operands(doc, name))


def _or(doc: Doc, name: str) -> Matcher:
    return Some(_operands(doc, name))


class Not(Matcher):
    """What another matcher does not accept."""

    def __init__(self, inner: Matcher) -> None:
        super().__init__("not", said(inner))
        self._inner = inner

    def fits(self, value: str | None, now: Now, /) -> bool:
        """See Matcher."""
        return not self._inner.fits(value, now)


def _not(doc: Doc, name: str) -> Matcher:
    return Not(matcher(doc.value[name], doc.at(name)))


def _path_template(doc: Doc, name: str) -> Matcher:
    template = PathTemplate(operand(doc, name))
    return Simple(name, template.text, lambda value: template.values(value) is not None)


_XML_OPTIONS = (
    *("enablePlaceholders", "placeholderOpeningDelimiterRegex", "placeholderClosingDelimiterRegex"),
    *("exemptedComparisons", "ignoreOrderOfSameNode", "namespaceAwareness"),
)

MATCHERS: Mapping[str, tuple[Make, Collection[str]]] = {
    **matchers.TEXTS,
    "equalToJson": (json_matchers.equal_to_json, ("ignoreArrayOrder", "ignoreExtraElements")),
    "matchesJsonSchema": (json_matchers.matches_json_schema, ("schemaVersion",)),
    "matchesJsonPath": (
        lambda doc, name: json_matchers.matches_json_path(doc, name, matcher),
        (),
    ),
    "equalToXml": (xml_matchers.equal_to_xml, _XML_OPTIONS),
    "matchesXPath": (
        lambda doc, name: xml_matchers.matches_xpath(doc, name, matcher),
        ("xPathNamespaces",),
    ),
    "matchesPathTemplate": (_path_template, ()),
    "and": (_and, ()),
    "or": (_or, ()),
    "not": (_not, ()),
}


# ------------------------------------------------------------------ several values


class OneOf:
    """A header, query or form field of which one value fits (SingleMatchMultiValuePattern)."""

    def __init__(self, inner: Matcher) -> None:
        self.inner = inner
        self.expected = said(inner)

    def distance(self, values: list[str], now: Now) -> float:
        """The least of its values'."""
        if not values or isinstance(self.inner, Absent):
            return self.inner.distance(values[0] if values else None, now)
        return min(
            0.0 if self.inner.fits(value, now) else self.inner.distance(value, now) for value in values
        )


class Several:
    """A field of whose values each matcher finds its own; with *exactly*, there are no others."""

    def __init__(self, parts: list[Matcher], exactly: bool) -> None:
        self._parts = parts
        self._exactly = exactly
        word = "exactly" if exactly else "including"
        self.expected = f"{word} {', '.join(said(part) for part in parts)}"

    def distance(self, values: list[str], now: Now) -> float:
        """The share of matchers that find no value, and of values that find no matcher."""
        left = list(values)
        lacking = 0
        for part in self._parts:
            fit = next((value for value in left if part.fits(value, now)), None)
            if fit is None:
                lacking += 1
            elif self._exactly:
                left.remove(fit)
        over = len(left) if self._exactly else 0
        return (lacking + over) / max(len(self._parts) + over, 1)


Field = OneOf | Several


def field(value: Json, pointer: str) -> Field:
    """Return the matcher of a header, query or form field. Raises Unfit."""
    if isinstance(value, dict):
        for name, exactly in (("hasExactly", True), ("includes", False)):
            if name in value:
                doc = Doc(value, pointer)
                doc.only((name,))
                return Several(matcher_list(doc, name), exactly)
    return OneOf(matcher(value, pointer))
