"""
What a property is for, as far as its name tells: whether a client or the server keeps it.

A law that looks at a property must know that nobody but the client has a reason to
change it; where a name leaves that open the property is left alone.
"""

from __future__ import annotations

import re

from mockserver.behavior.wording import plain
from mockserver.contract.shapes import Shape

_CREATED = re.compile(
    r"(created|creation|inserted|added|registered|joined)(at|on|date|time|datetime|timestamp)?|datecreated|dateadded|ctime"
)
_UPDATED = re.compile(
    r"(last)?(updated|modified|changed|edited|touched|lastupdate|lastmodification|lastchange)(at|on|date|time|datetime|timestamp)?"
    r"|date(updated|modified)|mtime"
)
_MANAGED = re.compile(
    r"(etag|version|revision|rev|checksum|hash|href|self|link|links|_links|meta|metadata|owner.*|user|userid|account.*|tenant.*|author.*"
    r"|createdby.*|updatedby.*|creator|object|kind|deleted.*|archived.*|url|uri|permalink|slug|token|secret|password|apikey.*|pin|cvv"
    r"|state|status|stage|phase|statistics|stats|metrics|position|rank|order|number|seq.*)"
)
_COUNT = re.compile(r".*(count|counts|total|totals|sum|number|num)|(count|total|sum|num|numberof|nb|n).+")
_STATUS = re.compile(r".*(status|state|stage|phase|archived|deleted|active|enabled|published|visibility)")
_SECRET = re.compile(r".*(password|passwd|secret|token|apikey|pin|cvv|cvc|signature)")
_WORDLIKE = re.compile(
    r".*(slug|username|login|handle|code|sku|key|identifier|ref|reference|barcode|alias|number|isbn|ean|serial.*|hostname|domain|subdomain)"
)
_PROPER = re.compile(
    r".*(currency|country|language|lang|locale|timezone|tz|phone|mobile|fax|zip|zipcode|postcode|postalcode|iban|bic|vat.*|colou?r"
    r"|gender|path|mimetype|contenttype|type|kind|unit|cron|schedule|expression|regex|pattern|version|date|time|day|month|year|hash|image"
    r"|avatar|url|uri|link|href|email|ip|ipaddress|platform|category|channel|role|level|size|format|mode|method|state|status|priority)"
)


def is_created(name: str) -> bool:
    """Return whether a property tells when a thing was made."""
    return _CREATED.fullmatch(plain(name)) is not None


def is_updated(name: str) -> bool:
    """Return whether a property tells when a thing was last changed."""
    return _UPDATED.fullmatch(plain(name)) is not None


def is_address(name: str) -> bool:
    """Return whether a property tells where something is: it may name the request that was just answered."""
    return plain(name) in ("links", "link", "self", "selflink", "href", "url", "uri")


def is_count(name: str) -> bool:
    """Return whether a property may count or sum what it does not hold."""
    return _COUNT.fullmatch(plain(name)) is not None


def is_status(name: str) -> bool:
    """Return whether a change of a property may well change others."""
    return _STATUS.fullmatch(plain(name)) is not None


def is_id(name: str) -> bool:
    """Return whether others name a thing by such a property: by an id, and not by a slug."""
    return plain(name).endswith("id")


def is_secret(name: str) -> bool:
    """Return whether a server does well not to show a property as it was sent."""
    return _SECRET.fullmatch(plain(name)) is not None


def is_wordlike(name: str) -> bool:
    """Return whether a text has no spaces by its name."""
    return _WORDLIKE.fullmatch(plain(name)) is not None


def is_proper(name: str) -> bool:
    """Return whether a text says something that not any word can say: a currency, a phone number."""
    return _PROPER.fullmatch(plain(name)) is not None


def read_only(shape: Shape) -> bool:
    """Return whether the contract says that clients do not write it."""
    return any(face.get("readOnly") is True for face in shape.faces)


def managed(name: str, *, shared: bool) -> bool:
    """
    Return whether the server may decide on a property itself, whatever is sent.

    *shared*: requests and answers are drawn by one schema, so that naming it in requests says little.
    """
    if is_created(name) or is_updated(name) or is_secret(name):
        return True
    word = plain(name)
    return shared and (word in ("id", "uuid") or _MANAGED.fullmatch(word) is not None or is_count(name))
