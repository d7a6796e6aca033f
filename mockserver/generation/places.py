"""
Real places, so that a city lies in its country and is paid in its currency.

Faker draws city, country, currency and coordinates each for itself; here one row
gives all of them. Phone numbers are not in it: only numbers reserved for fiction are used.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from mockserver.generation.wordlists import listed


class Place(NamedTuple):
    """
    A city with what belongs to it.

    Attributes:
        city, region, code: "Austin", "Texas", "TX".
        postal: A postal code of the city.
        country, alpha2, alpha3: "United States", "US", "USA".
        currency: ISO 4217, e.g. "USD".
        zone: IANA time zone.
        latitude, longitude: Degrees, of the centre.
        language: BCP 47 primary language, e.g. "en".
        street: A street of the city.
    """

    city: str
    region: str
    code: str
    postal: str
    country: str
    alpha2: str
    alpha3: str
    currency: str
    zone: str
    latitude: float
    longitude: float
    language: str
    street: str


_COUNTRIES = """
US|USA|United States|USD|en
GB|GBR|United Kingdom|GBP|en
CA|CAN|Canada|CAD|en
AU|AUS|Australia|AUD|en
NZ|NZL|New Zealand|NZD|en
IE|IRL|Ireland|EUR|en
DE|DEU|Germany|EUR|de
AT|AUT|Austria|EUR|de
CH|CHE|Switzerland|CHF|de
FR|FRA|France|EUR|fr
BE|BEL|Belgium|EUR|fr
NL|NLD|Netherlands|EUR|nl
IT|ITA|Italy|EUR|it
ES|ESP|Spain|EUR|es
PT|PRT|Portugal|EUR|pt
SE|SWE|Sweden|SEK|sv
NO|NOR|Norway|NOK|nb
DK|DNK|Denmark|DKK|da
FI|FIN|Finland|EUR|fi
PL|POL|Poland|PLN|pl
CZ|CZE|Czechia|CZK|cs
UA|UKR|Ukraine|UAH|uk
RU|RUS|Russia|RUB|ru
TR|TUR|Turkey|TRY|tr
GR|GRC|Greece|EUR|el
JP|JPN|Japan|JPY|ja
KR|KOR|South Korea|KRW|ko
CN|CHN|China|CNY|zh
TW|TWN|Taiwan|TWD|zh
IN|IND|India|INR|hi
SG|SGP|Singapore|SGD|en
BR|BRA|Brazil|BRL|pt
MX|MEX|Mexico|MXN|es
AR|ARG|Argentina|ARS|es
CL|CHL|Chile|CLP|es
ZA|ZAF|South Africa|ZAR|en
IL|ISR|Israel|ILS|he
"""

_CITIES = """
US|Austin|Texas|TX|78701|America/Chicago|30.2672|-97.7431|Congress Avenue
US|Seattle|Washington|WA|98101|America/Los_Angeles|47.6062|-122.3321|Pike Street
US|Boston|Massachusetts|MA|02108|America/New_York|42.3601|-71.0589|Beacon Street
US|Denver|Colorado|CO|80202|America/Denver|39.7392|-104.9903|Larimer Street
US|Chicago|Illinois|IL|60601|America/Chicago|41.8781|-87.6298|Wacker Drive
US|Portland|Oregon|OR|97205|America/Los_Angeles|45.5152|-122.6784|Burnside Street
US|Atlanta|Georgia|GA|30303|America/New_York|33.749|-84.388|Peachtree Street
US|San Francisco|California|CA|94103|America/Los_Angeles|37.7749|-122.4194|Market Street
US|New York|New York|NY|10001|America/New_York|40.7128|-74.006|Madison Avenue
US|Nashville|Tennessee|TN|37203|America/Chicago|36.1627|-86.7816|Music Row
US|Minneapolis|Minnesota|MN|55401|America/Chicago|44.9778|-93.265|Nicollet Mall
US|Phoenix|Arizona|AZ|85004|America/Phoenix|33.4484|-112.074|Roosevelt Street
GB|London|Greater London|LND|SW1A 1AA|Europe/London|51.5074|-0.1278|King Street
GB|Manchester|Greater Manchester|MAN|M1 1AE|Europe/London|53.4808|-2.2426|Deansgate
GB|Edinburgh|Scotland|SCT|EH1 1YZ|Europe/London|55.9533|-3.1883|Princes Street
CA|Toronto|Ontario|ON|M5H 2N2|America/Toronto|43.6532|-79.3832|Queen Street West
CA|Vancouver|British Columbia|BC|V6B 1A1|America/Vancouver|49.2827|-123.1207|Granville Street
AU|Sydney|New South Wales|NSW|2000|Australia/Sydney|-33.8688|151.2093|George Street
AU|Melbourne|Victoria|VIC|3000|Australia/Melbourne|-37.8136|144.9631|Collins Street
NZ|Auckland|Auckland|AUK|1010|Pacific/Auckland|-36.8485|174.7633|Queen Street
IE|Dublin|Leinster|L|D02 AF30|Europe/Dublin|53.3498|-6.2603|Grafton Street
DE|Berlin|Berlin|BE|10115|Europe/Berlin|52.52|13.405|Invalidenstraße
DE|Hamburg|Hamburg|HH|20095|Europe/Berlin|53.5511|9.9937|Mönckebergstraße
DE|München|Bayern|BY|80331|Europe/Berlin|48.1351|11.582|Sendlinger Straße
DE|Köln|Nordrhein-Westfalen|NW|50667|Europe/Berlin|50.9375|6.9603|Hohe Straße
AT|Wien|Wien|9|1010|Europe/Vienna|48.2082|16.3738|Kärntner Straße
CH|Zürich|Zürich|ZH|8001|Europe/Zurich|47.3769|8.5417|Bahnhofstrasse
FR|Paris|Île-de-France|IDF|75001|Europe/Paris|48.8566|2.3522|Rue de Rivoli
FR|Lyon|Auvergne-Rhône-Alpes|ARA|69001|Europe/Paris|45.764|4.8357|Rue de la République
FR|Nantes|Pays de la Loire|PDL|44000|Europe/Paris|47.2184|-1.5536|Rue Crébillon
BE|Bruxelles|Bruxelles-Capitale|BRU|1000|Europe/Brussels|50.8503|4.3517|Rue Neuve
NL|Amsterdam|Noord-Holland|NH|1012 AB|Europe/Amsterdam|52.3676|4.9041|Damrak
NL|Utrecht|Utrecht|UT|3511 AA|Europe/Amsterdam|52.0907|5.1214|Oudegracht
IT|Milano|Lombardia|25|20121|Europe/Rome|45.4642|9.19|Via Dante
IT|Roma|Lazio|62|00184|Europe/Rome|41.9028|12.4964|Via del Corso
ES|Madrid|Comunidad de Madrid|MD|28013|Europe/Madrid|40.4168|-3.7038|Gran Vía
ES|Barcelona|Cataluña|CT|08002|Europe/Madrid|41.3851|2.1734|Carrer de Ferran
PT|Lisboa|Lisboa|11|1100-148|Europe/Lisbon|38.7223|-9.1393|Rua Augusta
SE|Stockholm|Stockholms län|AB|111 20|Europe/Stockholm|59.3293|18.0686|Drottninggatan
SE|Göteborg|Västra Götalands län|O|411 06|Europe/Stockholm|57.7089|11.9746|Avenyn
NO|Oslo|Oslo|03|0154|Europe/Oslo|59.9139|10.7522|Karl Johans gate
DK|København|Hovedstaden|84|1050|Europe/Copenhagen|55.6761|12.5683|Strøget
FI|Helsinki|Uusimaa|18|00100|Europe/Helsinki|60.1699|24.9384|Mannerheimintie
PL|Warszawa|Mazowieckie|14|00-001|Europe/Warsaw|52.2297|21.0122|Nowy Świat
PL|Kraków|Małopolskie|12|31-001|Europe/Warsaw|50.0647|19.945|Floriańska
CZ|Praha|Praha|10|110 00|Europe/Prague|50.0755|14.4378|Na Příkopě
UA|Київ|Київ|30|01001|Europe/Kyiv|50.4501|30.5234|Хрещатик
RU|Москва|Москва|MOW|101000|Europe/Moscow|55.7558|37.6173|Мясницкая улица
TR|İstanbul|İstanbul|34|34433|Europe/Istanbul|41.0082|28.9784|İstiklal Caddesi
GR|Αθήνα|Αττική|I|105 57|Europe/Athens|37.9838|23.7275|Ερμού
JP|東京|東京都|13|100-0001|Asia/Tokyo|35.6762|139.6503|銀座
JP|大阪|大阪府|27|530-0001|Asia/Tokyo|34.6937|135.5023|梅田
KR|서울|서울특별시|11|04524|Asia/Seoul|37.5665|126.978|세종대로
CN|上海|上海市|SH|200000|Asia/Shanghai|31.2304|121.4737|南京东路
CN|北京|北京市|BJ|100000|Asia/Shanghai|39.9042|116.4074|王府井大街
TW|台北|台北市|TPE|100|Asia/Taipei|25.033|121.5654|忠孝東路
IN|Mumbai|Maharashtra|MH|400001|Asia/Kolkata|19.076|72.8777|Marine Drive
IN|Bengaluru|Karnataka|KA|560001|Asia/Kolkata|12.9716|77.5946|Brigade Road
SG|Singapore|Singapore|SG|018956|Asia/Singapore|1.3521|103.8198|Orchard Road
BR|São Paulo|São Paulo|SP|01310-100|America/Sao_Paulo|-23.5505|-46.6333|Avenida Paulista
BR|Rio de Janeiro|Rio de Janeiro|RJ|20040-002|America/Sao_Paulo|-22.9068|-43.1729|Rua do Ouvidor
MX|Ciudad de México|Ciudad de México|CMX|06000|America/Mexico_City|19.4326|-99.1332|Avenida Juárez
AR|Buenos Aires|Buenos Aires|B|C1002|America/Argentina/Buenos_Aires|-34.6037|-58.3816|Avenida Corrientes
CL|Santiago|Región Metropolitana|RM|8320000|America/Santiago|-33.4489|-70.6693|Alameda
ZA|Cape Town|Western Cape|WC|8001|Africa/Johannesburg|-33.9249|18.4241|Long Street
IL|תל אביב|תל אביב|TA|6100000|Asia/Jerusalem|32.0853|34.7818|אלנבי
"""

EVERYWHERE = listed("US GB CA AU NZ IE DE AT CH FR NL IT ES PT SE NO DK FI SG")
"""Countries whose names are written in Latin letters, for a reader of English."""


@lru_cache(maxsize=32)
def places(locale: str) -> tuple[Place, ...]:
    """Return the places that fit *locale* (Faker's name, "de_DE"): of its country, or for en_US of many."""
    countries = {row[0]: row for row in _rows(_COUNTRIES)}
    found = []
    for alpha2, city, region, code, postal, zone, latitude, longitude, street in _rows(_CITIES):
        _, alpha3, country, currency, language = countries[alpha2]
        where = (zone, float(latitude), float(longitude), language, street)
        found.append(Place(city, region, code, postal, country, alpha2, alpha3, currency, *where))
    language, _, wanted = locale.partition("_")
    if locale != "en_US":
        near = [place for place in found if place.alpha2 == wanted] or [
            place for place in found if place.language == language
        ]
        if near:
            return tuple(near)
    return tuple(place for place in found if place.alpha2 in EVERYWHERE)


def _rows(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]
