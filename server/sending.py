"""Replies as responses of Flask, for the pages that also come as data."""

from flask import Response, request

from raadgraaf.server.replies import Reply, Wish, chunks, close, representation
from raadgraaf.workers import QueryAnswer


def response_of(reply: Reply) -> Response:
    """Return a reply as a response; its body is closed also if sending never begins."""
    response = Response(status=reply.status, headers=dict(reply.headers))
    if request.method == "HEAD":
        close(reply.body)
    elif isinstance(reply.body, bytes):
        response.set_data(reply.body)
    else:
        response.response = chunks(reply.body)
        response.call_on_close(reply.body.close)
    return response


def stream(answer: QueryAnswer, media_type: str) -> Response:
    """Return an answer in a media type, compressed or unchanged as the client wishes."""
    headers = request.headers
    wish = Wish(headers.get("Accept-Encoding", ""), headers.get("If-None-Match", ""))
    return response_of(representation(answer.body, media_type, wish))
