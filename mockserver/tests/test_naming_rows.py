"""
Walks make what a body has to name before they say it: a booking needs a guest that there is.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from flask import Flask, Response, request

from mockserver.tests.in_process import judged, of_app

DOCUMENT = """\
openapi: 3.1.0
info: {title: Stay, version: "1"}
paths:
  /guests:
    post:
      operationId: addGuest
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewGuest"}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Guest"}}}
        "422": {description: Invalid.}
  /bookings:
    post:
      operationId: addBooking
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewBooking"}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Booking"}}}
        "422": {description: Invalid.}
  /bookings/{id}:
    get:
      operationId: readBooking
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: It.
          content: {application/json: {schema: {$ref: "#/components/schemas/Booking"}}}
        "404": {description: Not there.}
components:
  schemas:
    NewGuest: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
    Guest: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}
    NewBooking:
      type: object
      required: [guest_id, nights]
      properties: {guest_id: {type: string}, nights: {type: integer, minimum: 1, maximum: 30}}
    Booking:
      type: object
      required: [id, guest_id, nights, due]
      properties:
        {id: {type: string}, guest_id: {type: string}, nights: {type: integer}, due: {type: integer}}
"""
RULES = """\
collections:
  guests: {schema: Guest, key: id, new-key: "g{n}"}
  bookings: {schema: Booking, key: id, new-key: "b{n}", derived: {due: =row.nights * 70}}
operations:
  addGuest: {create: {in: guests, from: =body}}
  addBooking:
    refuse:
      - when: not guests.has(id=body.guest_id)
        with: {status: 422}
    create: {in: bookings, from: =body}
  readBooking: {item: bookings}
"""


def stay(rate: int) -> Flask:
    """Return the application, which asks for *rate* a night."""
    app, numbers = Flask("stay"), itertools.count(1)
    guests, bookings = dict[str, object](), dict[str, object]()

    def said(value: object, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/json")

    @app.post("/guests")
    def add_guest() -> Response:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("name"), str) or not body["name"]:
            return Response("", 422)
        key = f"guest-{next(numbers)}"
        guests[key] = {"id": key, "name": body["name"]}
        return said(guests[key], 201)

    @app.post("/bookings")
    def add_booking() -> Response:
        body = request.get_json(silent=True)
        said_of = body if isinstance(body, dict) else {}
        nights, guest = said_of.get("nights"), said_of.get("guest_id")
        if type(nights) is not int or not 1 <= nights <= 30 or guest not in list(guests):
            return Response("", 422)
        key = f"booking-{next(numbers)}"
        bookings[key] = {"id": key, "guest_id": guest, "nights": nights, "due": nights * rate}
        return said(bookings[key], 201)

    @app.get("/bookings/<key>")
    def read_booking(key: str) -> Response:
        return said(bookings[key]) if key in bookings else Response("", 404)

    return app


@pytest.mark.parametrize(("rate", "broken"), [(70, False), (75, True)], ids=["as the rules say", "too dear"])
def test_what_has_to_be_named_is_made_before(tmp_path: Path, rate: int, broken: bool) -> None:
    """
    Without a guest every booking is refused, and nothing that rules say of bookings is ever seen.
    """
    (tmp_path / "openapi.yaml").write_text(DOCUMENT)
    (tmp_path / "behavior.yaml").write_text(RULES)
    report = judged(str(tmp_path), of_app(stay(rate)), only="lockstep/rules")
    assert {one.pointer for one in report.broken} == ({"/due"} if broken else set()), report.findings
    assert not [one for one in report.findings if one not in report.broken]
