"""For who runs the service: whether it answers, and what it counted."""

import json
from typing import cast

from flask import Blueprint, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST

from raadgraaf.server.media import JSON
from raadgraaf.server.site import current_site
from raadgraaf.server.watching import Counts, release_of
from raadgraaf.workers import QueryRequest

COUNTS = "raadgraaf.counts"
"""The extension of the application that counts its requests."""

# What differs each time is not kept: a worker answers.
ALIVE = "ASK { FILTER (RAND() < 2) }"

blueprint = Blueprint("operations", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that a query is answered, and from which release; otherwise what is in the way."""
    site = current_site()
    answer = site.answer(QueryRequest(ALIVE, JSON, None))
    answer.body.close()
    content = json.dumps({"status": "ok", "release": answer.release}) + "\n"
    response = Response(content, content_type="application/json")
    response.cache_control.no_store = True
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return what was counted since the start."""
    counts = cast("Counts", current_app.extensions[COUNTS])
    release = release_of(current_site().service) or 0
    response = Response(counts.text(release), content_type=CONTENT_TYPE_LATEST)
    response.cache_control.no_store = True
    return response
