"""A reviewer's questions about one item (查询): asking, and being content or taking the question back."""

from flask import request
from werkzeug.wrappers import Response

from handlers.context import services
from handlers.reviewing.page import Page, door, number_typed, stepped
from workflows import asking


@door.post("/r/<token>/ask")
def ask(token: str) -> Page | Response:
    """Ask about the item chosen in the table."""
    item, words = request.form.get("item", "")[:100], request.form.get("question", "")
    return stepped(token, lambda link: asking.ask(services(), link, item, words), "asked")


@door.post("/r/<token>/close-query")
def close_query(token: str) -> Page | Response:
    """End a query of one's own seat."""
    return stepped(token, lambda link: asking.close_query(services(), link, number_typed("query")), "closed")
