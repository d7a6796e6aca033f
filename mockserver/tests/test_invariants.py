"""
Invariants: in a document at each level, in behavior.yaml; held by the judge, by check and by the mock.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, Response, jsonify, request

from mockserver.behavior.holding import broken
from mockserver.behavior.invariants import compiled
from mockserver.behavior.parts import Parts
from mockserver.contract.locate import locate
from mockserver.exchange import MISSING
from mockserver.server.api import Api
from mockserver.tests.in_process import of_app
from mockserver.tests.lending import FILES
from mockserver.verify.context import Context
from mockserver.verify.examples import Examples
from mockserver.verify.invariants import RULE
from mockserver.verify.offline import check
from mockserver.verify.report import Report
from mockserver.verify.runner import run

ORDERS = """\
openapi: 3.1.0
info: { title: Orders, version: "1" }
x-invariants:
  - about: getOrder
    why: the counter counts the posts
    read: { posts: { operation: listPosts, with: { id: =answer.id } } }
    holds: answer.posts_count == posts.rows | length
paths:
  /orders:
    x-invariants: answer.total >= answer.rows | length
    get:
      operationId: listOrders
      x-invariants:
        - { when: sent("query.limit"), holds: answer.rows | length <= query.limit }
      parameters:
        - { name: limit, in: query, schema: { type: integer, minimum: 1, default: 10 }, example: 1 }
      responses:
        "200":
          description: All of them.
          content:
            application/json:
              schema:
                type: object
                required: [rows, total]
                properties:
                  total: { type: integer }
                  rows: { type: array, items: { $ref: "#/components/schemas/Order" } }
  /orders/{id}:
    get:
      operationId: getOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: string }, example: a }]
      responses:
        "200":
          description: One.
          content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }
  /orders/{id}/posts:
    get:
      operationId: listPosts
      parameters: [{ name: id, in: path, required: true, schema: { type: string }, example: a }]
      responses:
        "200":
          description: Its posts.
          content:
            application/json:
              schema:
                type: object
                required: [rows]
                properties: { rows: { type: array, items: { type: string } } }
components:
  schemas:
    Order:
      type: object
      required: [id, posts_count, money]
      properties:
        id: { type: string }
        posts_count: { type: integer }
        money:
          oneOf:
            - $ref: "#/components/schemas/Money"
            - { type: "null" }
    Money:
      type: object
      x-invariants:
        - why: spend is what is paid
          holds: this.spend == this.creator_fee + this.agency_fee
      properties:
        spend: { type: number }
        creator_fee: { type: number }
        agency_fee: { type: number }
"""

BUGS = ("spend", "count", "total", "limit")


def orders(bug: str = "") -> Flask:
    """Return an implementation that shares nothing with the mock; its sums are binary fractions."""
    app = Flask("orders")

    def order(key: str) -> dict[str, object]:
        count = 3 if bug == "count" else 2
        spend = 0.4 if bug == "spend" else 0.3
        fees = {"spend": spend, "creator_fee": 0.1, "agency_fee": 0.2} if key == "a" else None
        return {"id": key, "posts_count": count, "money": fees}

    @app.get("/orders")
    def list_orders() -> object:
        limit = int(request.args.get("limit", 10))
        rows = [order("a"), order("b")][: None if bug == "limit" else limit]
        return jsonify(rows=rows, total=0 if bug == "total" else 2)

    @app.get("/orders/<key>")
    def get_order(key: str) -> object:
        return jsonify(order(key))

    @app.get("/orders/<key>/posts")
    def list_posts(key: str) -> object:
        return jsonify(rows=["x", "y"])

    return app


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """The document, in a file of its own."""
    file = tmp_path / "orders.yaml"
    file.write_text(ORDERS)
    return file


def judged(document: Path, bug: str = "") -> Report:
    """Ask the documented calls of the implementation."""
    context = Context(locate(str(document)), of_app(orders(bug)))  # type: ignore[arg-type]
    return run(context, [Examples()])


class TestJudge:
    def test_what_holds_is_acquitted(self, document: Path) -> None:
        """
        0.1 + 0.2 is 0.3 to whoever wrote the document, and null is not a wrong sum.
        """
        report = judged(document)
        assert not [(one.rule, one.detail) for one in report.findings]
        assert sum(call.operation == "listPosts" for call in report.calls) > 1

    @pytest.mark.parametrize(
        ("bug", "operation", "pointer", "line"),
        [
            ("spend", "getOrder", "/money/spend", "- why: spend is what is paid"),
            ("spend", "listOrders", "/rows/*/money/spend", "- why: spend is what is paid"),
            ("count", "getOrder", "/posts_count", "- about: getOrder"),
            ("total", "listOrders", "/total", "x-invariants: answer.total >= answer.rows"),
            ("limit", "listOrders", "/rows", "- { when: sent"),
        ],
    )
    def test_what_does_not_is_convicted(
        self, document: Path, bug: str, operation: str, pointer: str, line: str
    ) -> None:
        """
        At each level, and across resources; named by the line that says so, with what stands there.
        """
        found = [one for one in judged(document, bug).broken if one.rule == RULE]
        one = next(one for one in found if one.operation == operation)
        assert ORDERS.splitlines()[one.place.line - 1].strip().startswith(line)
        assert one.pointer == pointer
        assert one.calls[-1].response is not None
        assert one.found

    def test_a_second_look_saves_the_innocent(self, document: Path) -> None:
        """
        Between two readings others may have changed something: what then agrees was never wrong.
        """
        app, counts = orders(), iter([7])

        @app.after_request
        def others_are_at_work(response: Response) -> Response:
            if request.path == "/orders/a" and (count := next(counts, None)) is not None:
                response.set_data(
                    response.get_data().replace(b'"posts_count":2', b'"posts_count":%d' % count)
                )
            return response

        context = Context(locate(str(document)), of_app(app))  # type: ignore[arg-type]
        assert not run(context, [Examples()]).broken
        assert next(counts, None) is None


class TestCheck:
    @pytest.mark.parametrize(
        ("old", "new", "detail", "line"),
        [
            (
                "answer.total >=",
                "anwser.total >=",
                "there is no 'anwser' here. Did you mean 'answer'?",
                "anwser",
            ),
            ("this.spend ==", "that.spend ==", "there is no 'that' here", "that.spend"),
            (
                "about: getOrder",
                "about: getOrdr",
                "no operation 'getOrdr'. Did you mean 'getOrder'?",
                "getOrdr",
            ),
            ("operation: listPosts,", "operation: listPost,", "Did you mean 'listPosts'?", "listPost"),
            ("with: { id: =answer.id }", "with: { ID: =answer.id }", "has no parameter 'ID'", "ID: ="),
            ("holds: answer.posts_count", "hold: answer.posts_count", "has one under `holds`", "about:"),
        ],
    )
    def test_a_wrong_one_is_named(self, document: Path, old: str, new: str, detail: str, line: str) -> None:
        """
        A rule that is never held because of a typing error is worse than none.
        """
        assert old in ORDERS
        document.write_text(ORDERS.replace(old, new, 1))
        (found,) = check([locate(str(document))])
        assert detail in found.detail
        assert found.file == str(document)
        assert line in document.read_text().splitlines()[found.line - 1]

    def test_an_example_that_does_not_hold(self, document: Path) -> None:
        """
        What the document prints has to be what it says.
        """
        text = ORDERS.replace(
            'content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } }',
            'content: { application/json: { schema: { $ref: "#/components/schemas/Order" }, example: '
            "{ id: a, posts_count: 0, money: { spend: 5, creator_fee: 1, agency_fee: 1 } } } }",
        )
        document.write_text(text)
        (found,) = check([locate(str(document))])
        assert "does not hold what is said of it" in found.detail
        assert "(spend is what is paid): this.spend is 5" in found.detail


class TestMock:
    def test_an_answer_that_does_not_hold_stays_at_home(self, serve, tmp_path: Path) -> None:
        """
        The mock is held to what it holds others to: such an answer is a problem of its own.
        """
        folder = tmp_path / "lending"
        folder.mkdir()
        for file in FILES.iterdir():
            text = file.read_text()
            if file.name == "openapi.yaml":
                said = "x-invariants: [{ about: listBooks, holds: answer.total == 0 }]"
                text = text.replace("\npaths:", f"\n{said}\npaths:", 1)
            (folder / file.name).write_text(text)
        answer = serve(str(folder)).get("/books")
        assert answer.status == 500
        assert "answer.total == 0: answer.total is" in answer.json()["detail"]


class TestHolds:
    @pytest.mark.parametrize(
        ("text", "answer", "holds"),
        [
            ("answer.a == answer.b", {"a": 1, "b": 1}, True),
            ("answer.a == answer.b", {"a": 1, "b": 2}, False),
            ("answer.a == answer.b", {"a": 1}, True),
            ("answer.a == answer.b", {"a": 1, "b": None}, True),
            ("answer.a is none", {"a": None}, True),
            ("answer.a is not none", {"a": None}, False),
            ("answer.a == answer.b * 3", {"a": 0.3, "b": 0.1}, True),
            ("answer.a == answer.b * 3", {"a": 0.31, "b": 0.1}, False),
            ("answer.a <= answer.b + answer.b + answer.b", {"a": 0.30000000000000004, "b": 0.1}, True),
            (
                "answer.a == (answer.rows | sum(attribute='n'))",
                {"a": 0.3, "rows": [{"n": 0.1}, {"n": 0.2}]},
                True,
            ),
            ("answer.a.startswith('x')", {"a": "yes"}, False),
            ("query.limit >= answer.a", {"a": 3}, True),
        ],
    )
    def test_of_an_answer(self, text: str, answer: dict[str, object], holds: bool) -> None:
        """
        What is not there or not known is not wrong, nor is the noise of fractions.
        """
        parts = Parts("x.yaml", Api(locate(str(FILES))).contract, {}, {})
        one = compiled(parts, text, "", ("answer", "query"))
        assert (broken(one, lambda name: answer if name == "answer" else MISSING) is None) is holds
