"""The API in the words of OpenAPI 3, made of the collections, their columns and the questions."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from raadgraaf import catalogue
from raadgraaf.catalogue import Question
from raadgraaf.config import Settings
from raadgraaf.namespaces import PREFIXES
from raadgraaf.server.listings import COLLECTIONS, FILTERS, WORDS_LENGTH, Column

ROOT = "/api/v1"
API_VERSION = "1.0.0"
PAGE_SIZE = 50
PAGE_SIZES = 200
"""The largest page."""

Json = dict[str, object]

_STRING: Json = {"type": "string"}
_TEXT: Json = {"type": "string", "nullable": True}
_TYPES: Mapping[str, Json] = {
    "iri": {"type": "string", "format": "uri"},
    "xsd:boolean": {"type": "boolean"},
    "xsd:date": {"type": "string", "format": "date"},
    "xsd:decimal": {"type": "number"},
    "xsd:integer": {"type": "integer"},
    "xsd:string": {"type": "string"},
}
_VERSION: Json = {"API-Version": {"description": "Versie van de API", "schema": _STRING}}
_OTHERS = {
    "304": "NotModified",
    "400": "BadRequest",
    "404": "NotFound",
    "410": "Gone",
    "429": "TooManyRequests",
    "503": "ServiceUnavailable",
    "504": "GatewayTimeout",
}
"""What else an operation may answer, by status."""
_SAID = {
    "NotModified": "Niet gewijzigd sinds deze ETag",
    "BadRequest": "Een parameter is onbekend of onbruikbaar; de tekst noemt wat mag",
    "NotFound": "Bestaat niet",
    "Gone": "Is gewist",
    "TooManyRequests": "Te veel gevraagd; Retry-After zegt wanneer het weer kan",
    "ServiceUnavailable": "Nu niet te beantwoorden",
    "GatewayTimeout": "Duurde te lang",
}
_BY_LANGUAGE: Json = {"type": "object", "properties": {"nl": _STRING, "en": _STRING}}


def document(
    settings: Settings,
    server: str,
    known: Mapping[str, Sequence[Column]],
    examples: Mapping[str, str | None],
) -> Json:
    """Return the document; of each collection an example may be named by its `id`."""
    described = _operation("openapi", "Deze beschrijving", [], _object({}), "api")
    paths: Json = {"/openapi.json": {"get": described}}
    schemas = _schemas()
    for name, collection in COLLECTIONS.items():
        kind = collection.kind.value.removeprefix(PREFIXES["rg"])
        schemas[kind] = _thing(known[name])
        schemas[f"{kind}List"] = _list_of({"$ref": f"#/components/schemas/{kind}"})
        paths[f"/{name}"] = {
            "get": _operation(
                name,
                f"Lijst van {name}",
                [*_filters(known[name]), *_paging()],
                {"$ref": f"#/components/schemas/{kind}List"},
                name,
            )
        }
        identifier = _parameter("id", "Einde van de IRI, of een IRI van elders", _STRING, "path")
        if example := examples[name]:
            identifier["example"] = example
        paths[f"/{name}/{{id}}"] = {
            "get": _operation(
                f"{name}ById",
                f"Eén van de {name}",
                [identifier, _release()],
                {"$ref": f"#/components/schemas/{kind}"},
                name,
            )
        }
    paths["/zoekvragen"] = {
        "get": _operation(
            "zoekvragen",
            "Lijst van zoekvragen",
            _paging(),
            {"$ref": "#/components/schemas/QuestionInfoList"},
            "zoekvragen",
        )
    }
    for question in catalogue.questions().values():
        paths[f"/zoekvragen/{question.name}"] = {"get": _question(question)}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": settings.title,
            "description": "Toezeggingen en vragen van gemeenteraden, met de zinnen waarop zij "
            "rusten. Een lege waarde zegt dat de bronnen het niet vermelden.",
            "version": API_VERSION,
            "contact": _contact(settings),
            "license": {
                "name": "CC0 1.0",
                "url": "https://creativecommons.org/publicdomain/zero/1.0/",
            },
        },
        "servers": [{"url": server}],
        "tags": [{"name": name} for name in ("api", *COLLECTIONS, "zoekvragen")],
        "paths": paths,
        "components": {"schemas": schemas, "responses": _responses()},
    }


def _contact(settings: Settings) -> Json:
    name = settings.publisher_name or f"Beheerder van {urlsplit(settings.base).hostname}"
    address = settings.publisher_contact or settings.base
    if address.startswith("mailto:"):
        return {"name": name, "url": settings.base, "email": address.removeprefix("mailto:")}
    return {"name": name, "url": address}


def _operation(
    identifier: str, summary: str, parameters: Sequence[Json], schema: Json, tag: str
) -> Json:
    found: Json = {
        "description": "Gevonden",
        "headers": _VERSION,
        "content": {"application/json": {"schema": schema}},
    }
    others = {code: {"$ref": f"#/components/responses/{name}"} for code, name in _OTHERS.items()}
    return {
        "operationId": identifier,
        "summary": summary,
        "tags": [tag],
        "parameters": list(parameters),
        "responses": {"200": found, **others},
    }


def _responses() -> Json:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        name: {"description": text, "headers": _VERSION}
        | ({} if name == "NotModified" else {"content": content})
        for name, text in _SAID.items()
    }


def _parameter(name: str, description: str, schema: Json, place: str = "query") -> Json:
    return {
        "name": name,
        "in": place,
        "description": description,
        "required": place == "path",
        "schema": schema,
    }


def _paging() -> Sequence[Json]:
    page: Json = {"type": "integer", "minimum": 1, "default": 1}
    size: Json = {"type": "integer", "minimum": 1, "maximum": PAGE_SIZES, "default": PAGE_SIZE}
    return [
        _parameter("page", "Nummer van de pagina", page) | {"example": 1},
        _parameter("pageSize", "Aantal op een pagina", size) | {"example": 10},
        _release(),
    ]


def _release() -> Json:
    return _parameter("release", "Uitgave van de gegevens", {"type": "integer", "minimum": 1})


def _filters(columns: Sequence[Column]) -> Sequence[Json]:
    words: Json = {"type": "string", "maxLength": WORDS_LENGTH}
    return [
        _parameter("q", "Woorden in naam of tekst", words) | {"example": "de"},
        *(
            _parameter(
                column.name,
                f"Filter op {column.title}: einde van de IRI, IRI, of unknown voor onbekend; "
                f"hoogstens {FILTERS} filters samen",
                _STRING,
            )
            | {"example": "unknown"}
            for column in columns
            if column.facet
        ),
    ]


def _question(question: Question) -> Json:
    parameters = [
        _parameter(each.name, each.label["nl"], _TYPES[each.type])
        | ({"example": each.default.value} if each.default else {})
        for each in question.parameters
    ]
    return _operation(
        f"zoekvraag-{question.name}",
        question.summary["nl"],
        [*parameters, *_paging()],
        {"$ref": "#/components/schemas/AnswerList"},
        "zoekvragen",
    ) | {"description": question.description["nl"]}


def _object(properties: Json, required: Sequence[str] = ()) -> Json:
    found: Json = {"type": "object", "properties": properties}
    return found | ({"required": list(required)} if required else {})


def _array(items: Json) -> Json:
    return {"type": "array", "items": items}


def _list_of(items: Json, **more: Json) -> Json:
    number: Json = {"type": "integer"}
    properties: Json = {
        "items": _array(items),
        "count": number,
        "page": number,
        "pageSize": number,
        **more,
    }
    return _object(properties, ["items", "count", "page", "pageSize"])


def _thing(columns: Sequence[Column]) -> Json:
    properties: Json = {"id": _STRING, "iri": _TYPES["iri"], "label": _TEXT}
    for column in columns:
        value: Json = {"$ref": "#/components/schemas/Value"}
        if column.datatype:
            value = _TYPES.get(f"xsd:{column.datatype.removeprefix(PREFIXES['xsd'])}", _STRING)
        described: Json = {
            "description": ": ".join(filter(None, [column.title, column.description]))
        }
        shape = {"nullable": True, "allOf": [value]} if column.single else _array(value)
        properties[column.name] = shape | described
    properties["evidence"] = _array({"$ref": "#/components/schemas/Passage"})
    return _object(properties, ["id", "iri", "label", "evidence"])


def _schemas() -> Json:
    resource = _object({"iri": _TYPES["iri"], "label": _TEXT}, ["iri"])
    parameter = _object(
        {"name": _STRING, "type": _STRING, "label": _BY_LANGUAGE, "default": _TEXT},
        ["name", "type"],
    )
    info = _object(
        {
            "name": _STRING,
            "number": {"type": "integer", "nullable": True},
            "summary": _BY_LANGUAGE,
            "description": _BY_LANGUAGE,
            "parameters": _array(parameter),
        },
        ["name", "summary", "parameters"],
    )
    row = _object(
        {
            "values": {"type": "object", "additionalProperties": {"nullable": True}},
            "evidence": _array({"$ref": "#/components/schemas/Passage"}),
        },
        ["values", "evidence"],
    )
    verdict: Json = {
        "type": "string",
        "nullable": True,
        "enum": ["none", "unknown", "not-covered", None],
    }
    return {
        "Problem": _object(
            {
                "type": _TYPES["iri"],
                "title": _STRING,
                "status": {"type": "integer"},
                "detail": _STRING,
            },
            ["type", "title", "status", "detail"],
        ),
        "Resource": resource,
        "Value": {"oneOf": [{"$ref": "#/components/schemas/Resource"}, _STRING]},
        "Passage": _object(
            {
                "passage": _TYPES["iri"],
                "document": _TYPES["iri"] | {"nullable": True},
                "documentTitle": _TEXT,
                "place": _STRING,
                "quote": _STRING,
            },
            ["passage", "quote"],
        ),
        "QuestionInfoList": _list_of(info),
        "AnswerList": _list_of(row, verdict=verdict),
    }
