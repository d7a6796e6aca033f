"""
A small document that nobody wrote behaviours for, to be changed, split and served by tests.
"""

from __future__ import annotations

from pathlib import Path

THINGS = """\
openapi: 3.1.0
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - {name: per_page, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: status, in: query, schema: {$ref: "#/components/schemas/Status"}}
      responses:
        "200":
          description: A page of things.
          content:
            application/json:
              schema:
                type: object
                required: [things, total]
                properties:
                  things: {type: array, items: {$ref: "#/components/schemas/Thing"}}
                  total: {type: integer, minimum: 0}
    post:
      operationId: createThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
      responses:
        "201":
          description: Made.
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
  /things/{thingId}:
    parameters:
      - {name: thingId, in: path, required: true, schema: {type: integer}}
    get:
      operationId: readThing
      responses:
        "200":
          description: One.
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
        "404":
          description: None.
          content:
            application/json: {schema: {type: object, required: [error], properties: {error: {type: string}}}}
    delete:
      operationId: deleteThing
      responses: {"204": {description: Gone.}}
  /ping:
    get:
      operationId: ping
      responses:
        "200": {description: Pong., content: {text/plain: {schema: {type: string, minLength: 1}}}}
components:
  schemas:
    Status: {type: string, enum: [new, used, broken]}
    Thing:
      type: object
      required: [id, name]
      additionalProperties: false
      properties:
        id: {type: integer, minimum: 1, readOnly: true}
        name: {type: string, minLength: 1, maxLength: 60}
        status: {$ref: "#/components/schemas/Status"}
        note: {type: [string, "null"]}
        price: {type: number, minimum: 0, maximum: 1000, multipleOf: 0.01}
        tags: {type: array, maxItems: 30, items: {type: string}}
        madeAt: {type: string, format: date-time}
"""


def things(folder: Path, name: str = "things.yaml") -> str:
    """Write the document into *folder* and return its path."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(THINGS)
    return str(file)
