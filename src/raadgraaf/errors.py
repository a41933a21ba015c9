"""Every error that raadgraaf raises on purpose: one exit status and one HTTP status each."""

from typing import ClassVar


class RaadgraafError(Exception):
    """Something that was refused, said in a full sentence that tells what to do next."""

    retry_after: int | None = None
    """The seconds after which the same may succeed, where that is known."""

    exit_status: ClassVar[int] = 2
    http_status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "The request could not be carried out"


class InputError(RaadgraafError):
    """A source cannot be read or contradicts itself: what, where, and how to mend it."""

    http_status = 400
    slug = "bad-input"
    title = "The input cannot be read"


class ValidationRefused(RaadgraafError):
    """The shapes found Violations, so nothing was changed; `report` is the SHACL report."""

    http_status = 422
    slug = "shacl-violation"
    title = "The data violates the shapes"

    def __init__(self, message: str, report: object) -> None:
        super().__init__(message)
        self.report = report
        """The `raadgraaf.validation.Report`."""


class OwnGraph(RaadgraafError):
    """The graph is one that raadgraaf makes itself, so nobody else writes it."""

    http_status = 403
    slug = "own-graph"
    title = "This graph is not to be written"


class WriterEnded(RaadgraafError):
    """The process that carried out a write ended before it said how it went."""

    http_status = 503
    slug = "write-ended"
    title = "The write was broken off"


class ReaderEnded(RaadgraafError):
    """A process that read sources ended before it said what they hold."""

    http_status = 503
    slug = "reading-ended"
    title = "The reading was broken off"


class ClusterUnavailable(RaadgraafError):
    """A cluster that sources were to be read on does not work."""

    http_status = 503
    slug = "cluster-unavailable"
    title = "The cluster does not work"


class Inconsistent(RaadgraafError):
    """The data contradicts the ontology, so nothing was changed."""

    http_status = 422
    slug = "owl-inconsistent"
    title = "The data contradicts the ontology"


class Busy(RaadgraafError):
    """Another process holds the writer lock."""

    http_status = 503
    slug = "writer-busy"
    title = "Another load is running"


class NoRelease(RaadgraafError):
    """Nothing has been published in this home folder."""

    http_status = 503
    slug = "no-release"
    title = "Nothing has been published yet"


class DiskFull(RaadgraafError):
    """There is too little free disk for another release."""

    http_status = 507
    slug = "insufficient-storage"
    title = "Too little free disk space"


class Damaged(RaadgraafError):
    """A file of the home is not what its digest says, so nothing was built from it."""

    http_status = 500
    slug = "damaged-file"
    title = "A file of the data is damaged"


class NotFound(RaadgraafError):
    """A question, release or resource of that name does not exist."""

    http_status = 404
    slug = "not-found"
    title = "Not found"


class ParameterError(RaadgraafError):
    """A parameter of a question is unknown or not of its type."""

    http_status = 400
    slug = "bad-parameter"
    title = "The parameter is not usable"


class BadRequest(RaadgraafError):
    """A request over HTTP contradicts itself or lacks what it needs."""

    http_status = 400
    slug = "bad-request"
    title = "The request cannot be understood"


class LengthRequired(RaadgraafError):
    """A write does not say how long it is, so that a part may be missing unnoticed."""

    http_status = 411
    slug = "length-required"
    title = "The length is not stated"


class UnsupportedMediaType(RaadgraafError):
    """The body of a request is of a type or charset that is not read here."""

    http_status = 415
    slug = "unsupported-media-type"
    title = "The body is of another type"


class TooLarge(RaadgraafError):
    """The body of a request has more bytes than the `limit`."""

    http_status = 413
    slug = "content-too-large"
    title = "The body is too large"

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


class AddressTooLong(RaadgraafError):
    """The address of a request has more bytes than the `limit`."""

    http_status = 414
    slug = "uri-too-long"
    title = "The address is too long"

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


class WritingOff(RaadgraafError):
    """A write was sent to a service for which no token has been given out."""

    http_status = 403
    slug = "writing-off"
    title = "Nobody may write here"


class Unauthorized(RaadgraafError):
    """A write was sent without a token, or with one that does not allow it."""

    http_status = 401
    slug = "unauthorized"
    title = "Writing needs a token"

    def __init__(self, message: str, challenge: str) -> None:
        super().__init__(message)
        self.challenge = challenge
        """The value of WWW-Authenticate (RFC 6750, 3)."""


class QuerySyntaxError(RaadgraafError):
    """The query is not SPARQL 1.1; the message holds the parser's line and column."""

    http_status = 400
    slug = "query-syntax"
    title = "The query cannot be parsed"


class FetchFailed(RaadgraafError):
    """Another service did not give what it was asked for."""

    http_status = 502
    slug = "fetch-failed"
    title = "Another service did not answer"


class NotAcceptable(RaadgraafError):
    """No media type that the client accepts can carry this result."""

    http_status = 406
    slug = "not-acceptable"
    title = "No acceptable media type"


class QueryTimeout(RaadgraafError):
    """The query passed its deadline and its worker was killed."""

    http_status = 504
    slug = "query-timeout"
    title = "The query took too long"


class WorkerDied(RaadgraafError):
    """The worker ended during the query, mostly because it passed its memory cap."""

    http_status = 503
    slug = "query-resources"
    title = "The query needed too much memory"


class ResultTooLarge(RaadgraafError):
    """The result passed the size limit, so none of it was sent."""

    http_status = 422
    slug = "result-too-large"
    title = "The result is too large"


class StoreUnavailable(RaadgraafError):
    """A remote store cannot be reached, does not hold the release, or answers what is no answer."""

    http_status = 503
    slug = "store-unavailable"
    title = "The store behind this service does not answer"


class NoWorkerFree(RaadgraafError):
    """All workers are busy and the queue is full or the wait too long."""

    http_status = 503
    slug = "busy"
    title = "The service is busy"


class SpoolsFull(RaadgraafError):
    """Answers that are still being sent fill the room for them."""

    http_status = 503
    slug = "answers-waiting"
    title = "Too many answers are waiting to be sent"


class QueryTimeUsed(RaadgraafError):
    """One client has taken the query time of a minute; `retry_after` says when it has more."""

    http_status = 429
    slug = "query-time-used"
    title = "Your query time is used up"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TextTooLong(RaadgraafError):
    """The text of a query has more bytes than the `limit`."""

    http_status = 413
    slug = "query-too-long"
    title = "The query is too long"

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


class TooComplex(RaadgraafError):
    """The query is past a `limit` of what is parsed and planned."""

    http_status = 400
    slug = "query-too-complex"
    title = "The query is too complex"

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


class Forbidden(RaadgraafError):
    """The query would have this service ask an endpoint that is not on its list."""

    http_status = 403
    slug = "service-not-allowed"
    title = "The endpoint of SERVICE is not allowed"
