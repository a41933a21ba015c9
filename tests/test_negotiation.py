"""Content negotiation, as a table of what clients send and what they must get."""

import pytest

from raadgraaf import results
from raadgraaf.server.media import DESCRIPTIONS, GRAPHS, RESULTS, content_type, split_suffix
from raadgraaf.server.negotiation import HTML, negotiate, parse_accept, prefers_html, ranking

JSON, XML, CSV, TSV = list(RESULTS)[:4]
TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG, N_QUADS = list(GRAPHS)[:6]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
COMUNICA = (
    "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,"
    "text/n3;q=0.35,application/xml;q=0.3,image/svg+xml;q=0.3,text/html;q=0.2,"
    "application/xhtml+xml;q=0.18,application/json;q=0.135"
)
JENA = "text/turtle,application/n-triples;q=0.9,application/ld+json;q=0.8,*/*;q=0.3"
RFC_9110 = "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4"


@pytest.mark.parametrize(
    ("accept", "offered", "expected"),
    [
        # Nothing asked: the first that is offered
        (None, (JSON, XML), JSON),
        ("", (JSON, XML), JSON),
        ("*/*", (JSON, XML), JSON),
        ("*", (JSON, XML), JSON),
        ("no media range", (JSON, XML), JSON),
        # What is malformed is passed over
        (";", (JSON, XML), JSON),
        (";;;,,,", (JSON, XML), JSON),
        (" , ;q=1", (JSON, XML), JSON),
        ("text/html;q=abc", (JSON, HTML), JSON),
        ("/;q=", (JSON, XML), JSON),
        ('"', (JSON, XML), JSON),
        (f";, {XML}", (JSON, XML), XML),
        (f"{XML}; ;q=0.5;", (JSON, XML), XML),
        # Exactly one
        (XML, (JSON, XML), XML),
        ("TEXT/Turtle", (JSON_LD, TURTLE), TURTLE),
        ("image/png", (JSON, XML), None),
        # Qualities
        (f"{JSON};q=0.5, {XML};q=0.9", (JSON, XML), XML),
        (f"{JSON};q=.2, {XML};q=.1", (JSON, XML), JSON),
        (f"{JSON};q=0.001", (JSON, XML), JSON),
        (f"{JSON};q=0", (JSON,), None),
        (f"{JSON};q=0.000", (JSON,), None),
        (f"{JSON};q=0, */*", (JSON, XML), XML),
        (f"*/*;q=0.1, {JSON};q=0", (JSON, XML), XML),
        (f"{JSON};Q=0.1, {XML}", (JSON, XML), XML),
        (f"{JSON};q=nonsense, {XML};q=0.1", (JSON, XML), XML),
        # Wildcards, and what is more specific
        ("text/*", (JSON, CSV, TSV), CSV),
        ("text/*;q=0.5, */*", (CSV, JSON), JSON),
        ("*/*, text/csv", (JSON, CSV), CSV),
        ("text/*, text/csv;q=0", (CSV, TSV), TSV),
        ("*/csv", (CSV,), CSV),  # no media range, so as if nothing was asked
        # Parameters
        ("text/turtle;charset=utf-8", (TURTLE,), TURTLE),
        (
            'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
            (JSON_LD,),
            JSON_LD,
        ),
        ('text/plain;a="b,c;q=0";q=0.1, text/csv;q=0.2', (CSV, "text/plain"), CSV),
        (RFC_9110, ("text/plain", "text/csv"), "text/plain"),
        (RFC_9110, ("text/plain;format=fixed", "text/plain"), "text/plain"),
        (RFC_9110, ("text/plain", "text/plain;format=flowed"), "text/plain;format=flowed"),
        # What clients send
        (BROWSER, (*RESULTS, HTML), HTML),
        (BROWSER, DESCRIPTIONS, HTML),
        (COMUNICA, (TURTLE, N_QUADS, TRIG, JSON_LD, N_TRIPLES, RDF_XML, HTML), N_QUADS),
        (COMUNICA, (TURTLE, HTML), TURTLE),
        (COMUNICA, (HTML, "application/json"), HTML),
        (JENA, DESCRIPTIONS, TURTLE),
        ("application/rdf+xml, */*;q=0.1", DESCRIPTIONS, RDF_XML),
        ("application/rdf+xml, */*", DESCRIPTIONS, RDF_XML),
        ("application/json", tuple(RESULTS), "application/json"),
        ("application/sparql-results+json, application/json", tuple(RESULTS), JSON),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", (JSON, HTML), HTML),
    ],
)
def test_a_client_gets_what_it_likes_best(
    accept: str | None, offered: tuple[str, ...], expected: str | None
) -> None:
    assert negotiate(accept, offered) == expected


def test_the_rest_comes_in_the_order_of_the_clients_liking() -> None:
    assert ranking("text/csv, */*;q=0.5, text/html;q=0", (JSON, CSV, HTML, XML)) == (CSV, JSON, XML)


def test_only_who_likes_html_best_gets_pages() -> None:
    assert prefers_html(BROWSER, TURTLE)
    assert prefers_html("text/html", TURTLE)
    assert not prefers_html("*/*", TURTLE)
    assert not prefers_html(None, TURTLE)
    assert not prefers_html("text/html;q=0.9, text/turtle", TURTLE)


def test_a_long_accept_header_is_read_at_once() -> None:
    assert parse_accept('"' * 50_000) == ()
    assert len(parse_accept("text/a," * 10_000)) == 10_000


def test_every_serialization_of_the_workers_is_offered() -> None:
    assert set(RESULTS.values()) == set(results.RESULT_TYPES)
    assert set(GRAPHS.values()) == set(results.GRAPH_TYPES)


def test_text_says_that_it_is_utf_8() -> None:
    assert content_type("text/turtle") == "text/turtle; charset=utf-8"
    assert content_type(JSON) == JSON


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("toezegging/x.ttl", ("toezegging/x", TURTLE)),
        ("toezegging/x.jsonld", ("toezegging/x", JSON_LD)),
        ("toezegging/x.y", ("toezegging/x.y", None)),
        ("toezegging/x", ("toezegging/x", None)),
    ],
)
def test_an_ending_asks_for_a_format(path: str, expected: tuple[str, str | None]) -> None:
    assert split_suffix(path) == expected
