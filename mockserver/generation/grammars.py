"""
Formats as regular expressions, for where a format meets a pattern or an unusual length.

Each is a part of its format, not all of it: enough to find a member, nothing that
is not one. Names and addresses are reserved ones (RFC 2606, 5737, 3849).
"""

from __future__ import annotations

_DAY = (
    r"(?:19|20|21)\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?"
_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)"
_HOST = r"[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*\.[a-z]+"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_PATH = r"(?:/[A-Za-z0-9._~-]*)*"
_QUERY = r"(?:\?[A-Za-z0-9._~-]+=[A-Za-z0-9._~-]*)?"
_URI = rf"[a-z][a-z0-9+.-]*://{_HOST}(?::[1-9]\d\d\d)?{_PATH}{_QUERY}(?:#[a-z0-9-]+)?"
_EMAIL = rf"[a-zA-Z0-9]+(?:[._+-][a-zA-Z0-9]+)*@{_HOST}"
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_GROUP = r"[0-9a-f]{1,4}"
_TIME = r"T\d+H(?:\d+M(?:\d+S)?)?|T\d+M(?:\d+S)?|T\d+S"

GRAMMARS: dict[str, str] = {
    "date-time": rf"^{_DAY}T{_CLOCK}{_ZONE}$",
    "date": rf"^{_DAY}$",
    "time": rf"^{_CLOCK}{_ZONE}$",
    "date-time-local": rf"^{_DAY}T{_CLOCK}$",
    "time-local": rf"^{_CLOCK}$",
    "duration": rf"^P(?:\d+W|\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D(?:{_TIME})?|{_TIME})$",
    "email": rf"^{_EMAIL}$",
    "idn-email": rf"^{_EMAIL}$",
    "hostname": rf"^(?:{_HOST}|[a-z]+)$",
    "idn-hostname": rf"^(?:{_HOST}|[a-z]+)$",
    "ipv4": rf"^(?:{_BYTE}\.){{3}}{_BYTE}$",
    "ipv6": rf"^(?:(?:{_GROUP}:){{7}}{_GROUP}|(?:{_GROUP}:){{1,6}}:{_GROUP}|"
    rf"(?:{_GROUP}:){{1,7}}:|::(?:{_GROUP})?)$",
    "uri": rf"^{_URI}$",
    "iri": rf"^{_URI}$",
    "uri-reference": rf"^(?:{_URI}|{_PATH}{_QUERY})$",
    "iri-reference": rf"^(?:{_URI}|{_PATH}{_QUERY})$",
    "url": rf"^{_URI}$",
    "uuid": r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$|"
    r"^[0-9A-F]{8}-[0-9A-F]{4}-[1-8][0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$",
    "uri-template": rf"^(?:{_URI}|{_PATH})(?:/\{{[a-z]{{1,20}}\}})?$",
    "json-pointer": r"^(?:/[A-Za-z0-9_-]*)*$",
    "relative-json-pointer": r"^(?:0|[1-9]\d{0,3})(?:#|(?:/[A-Za-z0-9_-]*)*)$",
    "regex": r"^[A-Za-z0-9_ -]*$",
    "byte": rf"^{_BASE64}$",
    "base64": rf"^{_BASE64}$",
    "base64url": r"^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?$",
    "char": r"^[\s\S]$",
    "decimal": r"^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,12})?$",
    "http-date": r"^(?:Mon, 05|Tue, 06|Wed, 07) Jan 2026 (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d GMT$",
    "sf-boolean": r"^\?[01]$",
    "sf-integer": r"^-?\d{1,15}$",
    "sf-token": r"^[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*$",
}
