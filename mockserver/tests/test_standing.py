"""
Documents with nothing that makes what most of their operations are about: what is there is looked at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, request

from mockserver.tests.in_process import judged, of_app
from mockserver.verify.report import Report

SPEC = """\
openapi: 3.1.0
info: {title: Shops, version: "1"}
paths:
  /shops:
    get:
      operationId: listShops
      parameters:
        - {name: city, in: query, schema: {type: string}}
        - {name: sort, in: query, schema: {type: string, enum: [staff, -staff]}}
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0}}
      responses:
        "200":
          description: Some.
          content:
            application/json:
              schema:
                type: object
                required: [shops, total]
                properties:
                  shops: {type: array, items: {$ref: "#/components/schemas/Shop"}}
                  total: {type: integer, minimum: 0}
  /shops/{shopId}:
    parameters: [{$ref: "#/components/parameters/ShopId"}]
    get:
      operationId: readShop
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Shop"}}}
        "404": {description: None.}
    patch:
      operationId: changeShop
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, minProperties: 1, properties: {city: {type: string, minLength: 1}}}
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Shop"}}}
        "404": {description: None.}
  /shops/{shopId}/offers:
    parameters: [{$ref: "#/components/parameters/ShopId"}]
    get:
      operationId: listOffers
      responses:
        "200":
          description: All.
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Offer"}}
        "404": {description: None.}
    post:
      operationId: makeOffer
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/NewOffer"}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Offer"}}}
        "404": {description: None.}
  /shops/{shopId}/offers/{offerId}:
    parameters:
      - {$ref: "#/components/parameters/ShopId"}
      - {name: offerId, in: path, required: true, schema: {type: integer}}
    get:
      operationId: readOffer
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Offer"}}}
        "404": {description: None.}
    delete:
      operationId: dropOffer
      responses: {"204": {description: Gone.}, "404": {description: None.}}
components:
  parameters:
    ShopId: {name: shopId, in: path, required: true, schema: {type: integer}}
  schemas:
    Shop:
      type: object
      required: [id, name, city, staff]
      properties:
        id: {type: integer}
        name: {type: string}
        city: {type: string}
        staff: {type: integer}
    NewOffer:
      type: object
      required: [title]
      properties: {title: {type: string, minLength: 1, maxLength: 80}}
    Offer:
      type: object
      required: [id, title]
      properties: {id: {type: integer}, title: {type: string}}
"""


def shops(bug: str = "") -> Flask:
    """Return an application that has shops, and takes offers; *bug* is what is wrong with it."""
    app = Flask(__name__)
    rows: dict[int, dict[str, Any]] = {
        number: {"id": number, "name": f"Shop {number}", "city": city, "staff": staff}
        for number, city, staff in ((7, "Graz", 4), (8, "Linz", 11), (9, "Graz", 2), (12, "Wels", 7))
    }
    offers: dict[int, dict[int, dict[str, Any]]] = {number: {} for number in rows}
    app.config.update(rows=rows, offers=offers, changed=[])

    @app.get("/shops")
    def listed() -> Any:
        found = list(rows.values())
        if (city := request.args.get("city")) and bug != "filter_ignored":
            found = [row for row in found if row["city"] == city]
            found = found[1:] if bug == "filter_loses_one" else found
        if sort := request.args.get("sort"):
            down = sort.startswith("-") and bug != "direction_ignored"
            found.sort(key=lambda row: row["staff"], reverse=down)
        total = len(found)
        at = request.args.get("offset", 0, int) - (bug == "pages_overlap" and "offset" in request.args)
        shown = found[at : at + request.args.get("limit", 50, int)]
        return jsonify(shops=shown, total=total + (bug == "total_off"))

    @app.route("/shops/<int:shop>", methods=["GET", "PATCH"])
    def one(shop: int) -> Any:
        if shop not in rows:
            return "", 404
        if request.method == "PATCH":
            app.config["changed"].append(shop)
            rows[shop] = {**rows[shop], **request.get_json()}
        row = rows[shop]
        return jsonify({**row, "staff": row["staff"] + 1} if bug == "read_otherwise" else row)

    @app.route("/shops/<int:shop>/offers", methods=["GET", "POST"])
    def below(shop: int) -> Any:
        if shop not in rows:
            return "", 404
        if request.method == "GET":
            shown = list(offers[shop].values())
            return jsonify([] if bug == "offers_unlisted" else shown)
        number = sum(map(len, offers.values())) + 100
        offers[shop][number] = {"id": number, "title": request.get_json()["title"]}
        return jsonify(offers[shop][number]), 201

    @app.route("/shops/<int:shop>/offers/<int:offer>", methods=["GET", "DELETE"])
    def single(shop: int, offer: int) -> Any:
        if offer not in offers.get(shop, {}):
            return "", 404
        if request.method == "GET":
            return jsonify(offers[shop][offer])
        if bug != "offer_stays":
            del offers[shop][offer]
        return "", 204

    return app


@pytest.fixture
def spec(tmp_path: Path) -> str:
    file = tmp_path / "shops.yaml"
    file.write_text(SPEC)
    return str(file)


def rules(report: Report) -> set[str]:
    """Return the rules that are broken."""
    return {one.rule for one in report.findings if one.verdict == "finding"}


class TestLaws:
    def test_what_is_right_is_acquitted_and_left_as_it_was(self, spec: str) -> None:
        """
        A shop is somebody else's: it is looked at, and what is offered in it is taken away again.
        """
        app = shops()
        report = judged(spec, of_app(app))
        assert not report.findings
        assert app.config["changed"] == []
        assert not any(app.config["offers"].values())
        passed = {one.check.partition("/")[2] for one in report.ran.values() if one.outcome == "passed"}
        assert {"filters-filter", "order-orders", "pages-are-whole", "listed-as-read"} <= passed
        assert {"created-is-listed", "deleted-is-gone"} <= passed

    @pytest.mark.parametrize(
        ("bug", "rule"),
        [
            ("filter_ignored", "filters-filter"),
            ("filter_loses_one", "filters-filter"),
            ("direction_ignored", "order-orders"),
            ("pages_overlap", "pages-are-whole"),
            ("total_off", "pages-are-whole"),
            ("read_otherwise", "listed-as-read"),
            ("offers_unlisted", "created-is-listed"),
            ("offer_stays", "deleted-is-gone"),
        ],
    )
    def test_what_is_wrong_is_convicted(self, spec: str, bug: str, rule: str) -> None:
        """
        That nothing makes a shop is no reason to look away from the list of shops.
        """
        assert f"lockstep/{rule}" in rules(judged(spec, of_app(shops(bug)), only=rule))
