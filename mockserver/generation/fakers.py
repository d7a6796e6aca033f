"""
`x-faker`: what a document's author asks for by the name of a faker's method.

The extension comes from json-schema-faker, whose names are those of faker-js
("internet.email"; or an object with arguments, {"finance.amount": [10, 99]}). Prism
knows them as well. Names of Python's Faker ("email", "first_name") are taken too.
Names and addresses that faker-js would invent freely stay reserved ones here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mockserver.exchange import Json
from mockserver.generation.draw import Draw
from mockserver.generation.names import snake
from mockserver.generation.pools import pool

KINDS: dict[str, str] = {
    "internet.email": "email",
    "internet.exampleemail": "email",
    "internet.username": "username",
    "internet.displayname": "username",
    "internet.url": "url",
    "internet.domainname": "domain",
    "internet.ip": "ip",
    "internet.ipv4": "ip",
    "internet.ipv6": "ipv6",
    "internet.avatar": "avatar",
    "internet.password": "password",
    "internet.color": "color",
    "internet.emoji": "emoji",
    "internet.mac": "mac",
    "internet.useragent": "user agent",
    "image.avatar": "avatar",
    "image.url": "image",
    "image.imageurl": "image",
    "person.firstname": "first name",
    "person.lastname": "last name",
    "person.fullname": "person",
    "person.jobtitle": "job",
    "name.firstname": "first name",
    "name.lastname": "last name",
    "name.fullname": "person",
    "name.findname": "person",
    "name.jobtitle": "job",
    "phone.number": "phone",
    "phone.phonenumber": "phone",
    "company.name": "company",
    "company.companyname": "company",
    "company.catchphrase": "phrase",
    "commerce.productname": "product",
    "commerce.product": "product",
    "commerce.department": "category",
    "commerce.productdescription": "prose",
    "commerce.price": "price",
    "location.city": "city",
    "location.country": "country",
    "location.countrycode": "country code",
    "location.state": "region",
    "location.zipcode": "postal code",
    "location.street": "street",
    "location.streetaddress": "street address",
    "location.timezone": "time zone",
    "location.latitude": "latitude",
    "location.longitude": "longitude",
    "address.city": "city",
    "address.country": "country",
    "address.countrycode": "country code",
    "address.state": "region",
    "address.zipcode": "postal code",
    "address.streetname": "street",
    "address.streetaddress": "street address",
    "address.timezone": "time zone",
    "address.latitude": "latitude",
    "address.longitude": "longitude",
    "finance.currencycode": "currency",
    "finance.amount": "price",
    "finance.iban": "iban",
    "finance.bic": "bic",
    "finance.accountname": "title",
    "date.past": "past",
    "date.recent": "past",
    "date.future": "future",
    "date.soon": "future",
    "date.birthdate": "birth date",
    "string.uuid": "uuid",
    "datatype.uuid": "uuid",
    "random.uuid": "uuid",
    "lorem.word": "word",
    "lorem.words": "words",
    "lorem.slug": "slug",
    "lorem.sentence": "prose",
    "lorem.sentences": "prose",
    "lorem.paragraph": "long prose",
    "lorem.paragraphs": "long prose",
    "lorem.text": "long prose",
    "system.filename": "file name",
    "system.mimetype": "media type",
    "system.semver": "version",
    "color.human": "color name",
    "color.rgb": "color",
    "email": "email",
    "name": "person",
    "first_name": "first name",
    "last_name": "last name",
    "phone_number": "phone",
    "company": "company",
    "city": "city",
    "country": "country",
    "country_code": "country code",
    "currency_code": "currency",
    "url": "url",
    "user_name": "username",
    "address": "street address",
    "street_address": "street address",
    "postcode": "postal code",
    "job": "job",
    "uuid4": "uuid",
}
"""
Methods, by lower-case name, that are drawn here so that they agree with their siblings and stay reserved.
"""

METHODS: dict[str, str] = {
    "person.gender": "passport_gender",
    "person.prefix": "prefix",
    "person.suffix": "suffix",
    "person.middlename": "first_name",
    "name.prefix": "prefix",
    "name.suffix": "suffix",
    "company.bs": "bs",
    "company.buzzphrase": "bs",
    "finance.accountnumber": "aba",
    "finance.account": "aba",
    "finance.creditcardnumber": "credit_card_number",
    "finance.currencyname": "currency_name",
    "finance.currencysymbol": "currency_symbol",
    "location.buildingnumber": "building_number",
    "address.buildingnumber": "building_number",
    "address.secondaryaddress": "secondary_address",
    "datatype.boolean": "boolean",
    "datatype.number": "random_number",
    "number.int": "random_number",
    "date.weekday": "day_of_week",
    "date.month": "month_name",
    "system.fileext": "file_extension",
    "system.filepath": "file_path",
    "database.mongodbobjectid": "md5",
    "git.commitsha": "sha1",
    "git.branch": "slug",
    "vehicle.vin": "vin",
    "vehicle.vrm": "license_plate",
    "commerce.isbn": "isbn13",
    "music.genre": "word",
}
"""What other names of faker-js are called in Python's Faker."""


def asked(note: Json) -> tuple[str, list[Json]] | None:
    """Return the lower-case method and the arguments of an `x-faker` note; None when it is none."""
    if isinstance(note, str) and note:
        return note.strip("{} ").lower(), []
    if isinstance(note, dict) and len(note) == 1:
        name, arguments = next(iter(note.items()))
        return name.lower(), arguments if isinstance(arguments, list) else [arguments]
    return None


def drawn(note: Json, locale: str) -> Callable[[Draw], Json] | None:
    """
    Return a closure for a method of Faker that has no kind of our own; None when Faker does not know it.
    """
    found = asked(note)
    if found is None:
        return None
    name, arguments = found
    raw = note if isinstance(note, str) else next(iter(note))
    last = snake(str(raw).rpartition(".")[2])
    for method in (METHODS.get(name, ""), last, str(raw)):
        values = _values(locale, method, arguments)
        if values:
            return lambda ctx, values=values: ctx.pick(values)  # type: ignore[misc]
    return None


def _values(locale: str, method: str, arguments: list[Json]) -> Sequence[Any]:
    if (
        not method
        or method.startswith("_")
        or method in ("seed", "seed_instance", "add_provider", "format", "parse")
    ):
        return ()
    plain = [each for each in arguments if not isinstance(each, (dict, list))]
    for given in (plain, []):
        try:
            return pool(locale, method, *given)
        except (AttributeError, TypeError, ValueError, KeyError, IndexError):
            continue
    return ()
