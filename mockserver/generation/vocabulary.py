"""
Which names of properties mean what.

Names are looked up as words, the longest end first: "billingStreetAddress" is tried
whole, then as "street address", then as "address". A word alone must mean the same
nearly everywhere to stand here; what depends on the thing that has it ("name",
"title", "id") is decided in semantics.py.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.generation.wordlists import each, listed, table

STRINGS = table("""
email: email, e mail, mail, email address, mail address, emails, reply to, cc, bcc
first name: first name, firstname, given name, given names, forename, fname, vorname, prenom
last name: last name, lastname, surname, family name, lname, nachname
middle name: middle name
person: owner, full name, fullname, person name, contact name, customer name, user name full, author name,
  owner name, recipient name, employee name, cardholder name, account holder name, card holder, holder name,
  real name, legal name, sender name, signatory, signer name, attendee name, guest name, patient name,
  doctor name, driver name, author, artist, director, photographer, editor, reviewer, assignee,
  recipient, instructor, host name full, created by name, updated by name, contact person, customer,
  employee
username: username, user name, login, login name, user login, nick, nickname, screen name, handle,
  creator handle, user handle, account name, twitter, instagram, github username, telegram, bot username
initials: initials
job: job, job title, occupation, profession, position title, role title, designation
company: company, company name, organization name, organisation name, organization, organisation,
  business name, employer, vendor, vendor name, supplier, supplier name, merchant, merchant name,
  manufacturer, brand name, brand, publisher, publisher name, advertiser name, agency name, client name,
  sponsor, carrier, operator name, bank name, issuer, tenant name, workspace name, partner name,
  institution
team: team, team name, department, department name, division, unit name, group name
phone: phone, phone number, telephone, tel, mobile, mobile number, mobile phone, cell, cell phone, fax,
  fax number, contact number, phone no, msisdn, whatsapp, sms
street: street, street name, road
street address: address, street address, address line 1, address line1, line1, line 1, address1, address
  1, street 1, street1, addr, shipping address, billing address, postal address, home address, mailing
  address
address line 2: address line 2, address line2, line2, line 2, address2, address 2, apartment, suite,
  street 2, street2
full address: formatted address, full address, display address
house number: house number, street number, building number, housenumber
city: city, town, locality, city name, municipality, place of birth, birthplace, hometown
region: state, province, region, county, state name, region name, administrative area, state province,
  prefecture
region code: state code, region code, province code, subdivision code
postal code: zip, zip code, zipcode, postal code, postalcode, postcode, post code, plz
country: country, country name, nationality, country of origin, origin country
country code: country code, country iso, iso2, alpha2, alpha 2, country alpha2, iso country code, cca2
country code 3: country code 3, iso3, alpha3, alpha 3, cca3
currency: currency, currency code, currency iso, iso currency, currency iso code, base currency, quote
  currency, default currency, account currency
currency symbol: currency symbol
language: language, lang, language code, languages, original language, spoken language
locale: locale, locale code, culture
time zone: timezone, time zone, tz, zone, time zone name, iana timezone
latitude: lat, latitude
longitude: lng, lon, long, longitude
coordinates: coordinates, lat lng, latlng, geo point
location: location, place, venue, where, origin, departure city, address city
elsewhere: destination, arrival city
url: url, uri, link, href, website, web site, homepage, home page, site, web, permalink, html url,
  canonical url, source url, target url, page url, link url, external url, share url, public url, short
  url, landing page, lander, site url, web url, website url, button url, post url, referrer, referer,
  network url
api url: self, next url, previous url, prev url, first url, last url, api url, endpoint, next page url,
  resource url, request url, server url, base url, issues url, events url
webhook url: webhook, webhook url, callback, callback url, notify url, notification url, redirect uri,
  redirect url, return url, success url, cancel url, postback, postback url, hook url
image: image, image url, picture, picture url, photo, photo url, thumbnail, thumbnail url, thumb, cover,
  cover url, cover image, banner, banner url, poster, icon, icon url, logo, logo url, image logo, image
  post, img, img url, background image, background url, preview url, hero image, screenshot, screenshots,
  artwork, images, photo urls, photos, pictures
avatar: avatar, avatar url, profile picture, profile image, profile image url, profile photo, avatar uri
video: video url, video, stream url, trailer, trailer url, video link
document url: file url, download url, attachment url, document url, pdf url, invoice url, receipt url,
  download link, pdf, attachment
domain: domain, domain name, host domain, tld domain, email domain
host: host, hostname, host name, server, server name, fqdn
ip: ip, ip address, ipv4, ip v4, client ip, remote addr, remote address, remote ip, source ip, ipaddress,
  last login ip
ipv6: ipv6, ip v6
mac: mac, mac address
user agent: user agent, useragent, browser
password: password, passwd, pass, new password, old password, current password, passphrase, pwd
token: token, access token, refresh token, api key, apikey, secret, client secret, api token, auth token,
  bearer token, session token, csrf token, api secret, private key, signing secret, webhook secret,
  session id, secret key, auth key, bot token
token type: token type
price level: price range, price level
cursor: cursor, next cursor, prev cursor, previous cursor, next page token, page token, continuation
  token, starting after, ending before, after, before, next page, offset token, pagination token, stream
  position, next marker, prev marker
hash: hash, sha, sha1, sha 1, md 5, sha 512, commit, commit sha, commit id, checksum, digest, md5,
  fingerprint, signature
sha256: sha256, sha 256, content hash
etag: etag, e tag
uuid: uuid, guid, request id uuid, correlation id, trace id, request id, idempotency key, external uuid,
  transaction uuid
code: code, coupon, coupon code, promo code, voucher, voucher code, referral code, invite code, discount
  code, confirmation code, booking reference, pnr, short code, product code, gift card code
otp: otp, pin, pin code, verification code, one time password, security code
number: number, account, bank account, invoice number, order number, reference, reference number,
  tracking number, receipt number,
  ticket number, document number, case number, contract number, order no, serial number, serial, account
  number, account no, customer number, confirmation number, po number, transaction number, transaction
  id, tracking id, ref, registration number, license number, policy number, membership number, external
  reference, booking number
sku: sku, product sku, item sku, part number, mpn, article number
barcode: barcode, ean, gtin, upc, ean13
isbn: isbn, isbn13, isbn 13
iban: iban
bic: bic, swift, swift code, bic code
card number: card number, credit card number, cc number, pan, masked card number
last four: last4, last 4, last four, card last4, last digits
card brand: card brand, card type, card network
expiry: card expiry, expiry month year
card check: cvc, cvv, cvv2, card cvc, card cvv, card verification value
money: amount, price, subtotal, total amount, total price, unit price, balance, cost, fee, net amount
vat: vat, vat number, vat id, tax id, tax number, ein, tin, company number
slug: slug, key, url slug, permalink slug, url key, identifier, alias, short name, shortname, machine
  name, unique name, handle slug, path key, namespace, project key, lookup key, codename
color: color, colour, hex color, background color, text color, primary color, color code, hex, accent
  color, border color, theme color
color name: color name, colour name
emoji: emoji, emoji icon, reaction
hashtag: hashtag, hashtags, hash tag
tag: tag, tags, label name, keyword, keywords, topic, topics, interest, interests, tag name, labels,
  skill, skills, segment, segments
category: category, category name, genre, genres, subcategory, product category, categories, industry,
  sector, niche, vertical, department category
product: product, product name, item name, article name, product title, item, goods, menu item,
  merchandise
pet: pet name, dog name, cat name, animal name
breed: breed
species: species, animal
book: book title, book name
movie: movie title, film title, movie name
file name: file name, filename, file, original filename, attachment name, document name, original name,
  image name, file original name
path: path, file path, filepath, directory, folder, dir, folder path, full path, pathname, uri path,
  route
extension: extension, file extension, ext, file ext
media type: mime type, mimetype, content type, media type, mime, contenttype
file size text: file size text, human size
version: version, app version, api version, version number, release, semver, sdk version, software
  version, firmware version, version name
license: license, licence, license name, spdx id
status: status, state status, order status, payment status, delivery status, processing status, task
  status, job status, campaign status, sync status, build status, account status, user status, current
  status
priority: priority, severity, urgency, importance
role: role, roles, user role, member role, account role
permission: permission, permissions, scope, scopes, access level, privilege, privileges, rights
plan: plan, plan name, tier, subscription plan, package, membership, tariff
channel: channel, channels, medium, utm medium
network: network, networks, social network, platform, platforms, provider, social platform, utm source,
  traffic source
gender: gender, sex
salutation: salutation, honorific, name prefix, title prefix
marital: marital status
blood: blood type, blood group
method: http method, request method, verb
payment method: payment method, payment type, payment method type, pay method, method of payment
shipping method: shipping method, delivery method, shipping service, carrier service
device: device, device name, device type, device model, phone model
os: os, operating system, platform name, os name
engine: browser name, client name short
unit: unit, uom, unit of measure, measurement unit, units, weight unit, time unit
size: size, clothing size, shirt size, size name
material: material, fabric
weekday: weekday, day of week, dayofweek, day name
month name: month name
time of day: time of day, hours open, start hour, local time, preferred time, delivery time slot
opening: open, opening time, open time, opens, time open, time opens, opening hour, opens at
closing: close, closing time, close time, closes, time close, time closes, closing hour, closes at
period: period, interval, frequency, recurrence, billing period, billing cycle, time type, cadence,
  granularity, repeat, timeframe, billing interval
duration text: duration text, runtime text, length text
order: sort, sort by, order by, sort order, sort direction, direction
error code: error code, err code, errorcode, reason code, failure code, error type, decline code
error: error, error message, error description, last error, failure reason, failure message, errors,
  warning, warnings
reason: reason, cancellation reason, cancel reason, rejection reason, ban reason, close reason, status
  reason, refund reason
success message: message, status message, status text, response message, msg, info message, result
  message
prose: description, desc, summary, note, notes, comment, comments, remark, remarks, details, detail,
  text, body text, about, overview, abstract, excerpt, short description, instructions, requirements,
  purpose, explanation, feedback, review, caption, annotation, memo, brief, special instructions,
  additional info, additional information, internal note, statement, statement descriptor, alt text, alt,
  tooltip, help text, hint, snippet, synopsis, plot, narrative, story, observation, observations
long prose: content, body, long description, full description, article, html, markdown, full text,
  article body, biography long, transcript, post content, email body, message body, template, welcome,
  html body, text body, terms, policy, prompt, response text
bio: bio, biography, about me, profile description, author bio
tagline: tagline, slogan, motto, catch phrase, catchphrase, subtitle, headline, subheading, punchline,
  pitch, value proposition
goal: goal, goals, objective, objectives, target audience, audience, strategy, key message, key messages,
  tone of voice
tone: tone, mood
subject: subject, email subject, mail subject, subject line
question: question, query text
answer: answer, response answer
button: button text, button label, cta, call to action, cta text, button
query: query, q, search, search term, search query, keyword query, filter, search text
weather: weather, conditions, weather description, weather condition
wind: wind direction, wind dir
sunrise: sunrise
sunset: sunset
isolanguage: iso language
sql: sql
regex: regex, pattern, regexp
json: json, raw json, payload json, raw body
cron: cron, cron expression, schedule expression
branch: branch, branch name, git branch, default branch, base branch
ref: git ref, head ref
repo: repository, repo, repo name, repository name, repo full name
command: command, cmd
environment: environment, env, stage name, deployment environment
currency pair: currency pair, trading pair, ticker symbol pair
ticker: ticker, stock symbol, symbol ticker
symbol: symbol
airport: airport, airport code, iata, iata code, origin airport, destination airport
airline: airline, airline name
flight: flight number, flight no
seat: seat, seat number
gate: gate, gate number, departure gate, arrival gate, boarding gate
aircraft: aircraft, aircraft type, plane, plane type
cabin: cabin, cabin class, travel class, fare class
imei: imei
plate: license plate, plate number, number plate, licence plate, registration plate
vin: vin
make: car make, vehicle make
model: model, car model, vehicle model, model name
ordinal: grade, rating text
""")
"""Kinds of strings by name."""

PEOPLE = listed(
    """
    user customer client person people author owner employee member contact creator recipient sender
    assignee reviewer manager admin administrator patient doctor student teacher driver passenger guest
    host buyer seller subscriber influencer artist actor player candidate applicant lead attendee
    participant instructor visitor parent child spouse friend follower beneficiary cardholder signer
    speaker voter citizen worker staff colleague resident renter landlord borrower lender payer payee
    donor volunteer pilot nurse athlete coach musician singer reader writer editor contributor committer
    requester approver operator technician profile individual requestor persona being human sibling
    mother father clinician collaborator presenter interviewer interviewee adult kid consultant
    recruiter freelancer blogger streamer pupil professor user_compact shopper traveler traveller
    barista chef cook cleaner billing
    """
)
"""Things whose name is a person's."""

COMPANIES = listed(
    """
    company organization organisation org business vendor supplier merchant brand advertiser agency
    employer firm publisher manufacturer partner carrier provider insurer bank institution store shop
    enterprise corporation retailer distributor wholesaler dealer tenant sponsor reseller contractor ngo
    charity airline label studio
    """
)
"""Things whose name is a company's."""

NAMED: dict[str, str] = {
    **each("pet animal dog cat horse puppy kitten", "pet"),
    **each("product item article goods good variant merchandise stock lineitem sku", "product"),
    **each("city town municipality", "city"),
    **each("country nation", "country"),
    **each("state province region county", "region"),
    **each("file document attachment upload blob asset image photo picture media", "file name"),
    **each("folder directory", "folder"),
    **each("tag label keyword topic", "tag"),
    **each("category genre subcategory", "category"),
    **each("book novel", "book"),
    **each("movie film show series episode", "movie"),
    **each("team department squad group", "team"),
    **each("role", "role"),
    **each("permission scope", "permission"),
    **each("plan subscription package", "plan"),
    **each("currency", "currency name"),
    **each("language", "language name"),
    **each("color colour", "color name"),
    **each("branch", "branch"),
    **each("repository repo", "repo"),
    **each("server host machine node instance", "host"),
    **each("device phone", "device"),
    **each("airport", "airport"),
    **each("field column attribute property parameter param header variable metric", "identifier"),
    **each("restaurant cafe hotel museum venue", "venue"),
    **each("location place address", "location"),
    **each("network platform", "network"),
    **each("channel", "channel"),
}
"""Kinds of the names of things that are neither people nor companies."""


def longest(words: Iterable[str], table: dict[str, str]) -> str:
    """Return what *table* has for the longest end of *words* that it knows; "" when it knows none."""
    rest = list(words)
    while rest:
        found = table.get(" ".join(rest))
        if found is not None:
            return found
        del rest[0]
    return ""
