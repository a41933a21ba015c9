"""Counts along the tokens of a query or update what an engine would have to parse and plan."""

from dataclasses import dataclass
from enum import Enum, auto

from raadgraaf.errors import QuerySyntaxError
from raadgraaf.tokens import Token, Tokenizer, decode, syntax_error

_FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES = frozenset(
    {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "ADD", "MOVE", "COPY", "WITH"}
)
_CONSTANTS = frozenset({"A", "TRUE", "FALSE"})
_OPERATORS = frozenset({"UNION", "OPTIONAL", "MINUS", "FILTER", "EXISTS", "IN", "LATERAL"})
_HEADERS = frozenset({"SELECT", "GROUP", "HAVING", "ORDER"})
_TEMPLATES = frozenset({"CONSTRUCT", "INSERT", "DELETE", "DATA"})
_PARSED_TWICE = frozenset({"REGEX", "SUBSTR", "REPLACE", "GROUP_CONCAT"})
_VOLATILE = frozenset({"NOW", "RAND", "UUID", "STRUUID", "BNODE"})
_CLOSES = {")": "(", "]": "[", "}": "{", "|}": "{|", ">>": "<<"}
_OPENS = frozenset(_CLOSES.values())
_NO_OPERATORS = frozenset({".", ";", ",", "^^"})
_TERMS = frozenset({"iri", "name", "variable", "blank", "string", "number"})
_BEGIN = Token("", "", 0)
_HEAVIEST = 1 << 40


class _Kind(Enum):
    """What stands between two brackets."""

    OUTSIDE = auto()
    GROUP = auto()  # { } of patterns
    PROPERTIES = auto()  # [ ], {| |} and << >>
    LIST = auto()  # ( ) of a collection or a path
    EXPRESSION = auto()
    DATA = auto()  # VALUES, templates, INSERT DATA: none of it is matched


_STATEMENTS = frozenset({_Kind.GROUP, _Kind.PROPERTIES})


@dataclass(slots=True)
class _Frame:
    """An open bracket."""

    bracket: str
    kind: _Kind
    weight: int = 1
    """How often a parser may read what stands here."""
    patterns_before: int = 0
    header: bool = False
    """Between SELECT, GROUP, HAVING or ORDER and the next { of the same level."""
    in_statement: bool = False
    members: int = 0
    is_path: bool = False
    negations: int = 0
    """Each `!` that waits for its operand."""


class Scan:
    """Counts along the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.form: str | None = None
        self.is_update = self.has_dataset_clause = self.is_encoded = self.is_volatile = False
        self.tokens = self.nesting = self.patterns = self.operators = self.steps = 0
        self.services: list[str] = []
        self.loads: list[str] = []
        self.outermost: list[Token] = []
        self._text = text
        self._frames = [_Frame("", _Kind.OUTSIDE, header=True)]
        self._last = self._last_but_one = _BEGIN
        self._asked: list[str] | None = None  # where the endpoint goes that must follow
        self._values = False  # between VALUES and its {
        self._prefix: str | None = None
        self._prefixes: dict[str, str] = {}

    @property
    def _frame(self) -> _Frame:
        return self._frames[-1]

    def run(self, most_tokens: float) -> QuerySyntaxError | None:
        """Read up to the end, one token too many, or the first error, which is returned."""
        tokenizer = Tokenizer(self._text)
        try:
            while self.tokens <= most_tokens:
                token = tokenizer.next(after_operand=self._after_operand())
                if token is None:
                    break
                self.tokens += 1
                self.steps += self._frame.weight
                depth = len(self._frames)
                self._take(token)
                if min(depth, len(self._frames)) == 1:
                    self.outermost.append(token)
                self._last_but_one, self._last = self._last, token
        except QuerySyntaxError as error:
            return error
        return None

    def _after_operand(self) -> bool:
        last = self._last
        return self._frame.kind is _Kind.EXPRESSION and (
            last.kind in _TERMS
            or last.kind == "language"
            or last.text in _CLOSES
            or last.word in _CONSTANTS
        )

    def _take(self, token: Token) -> None:
        if token.kind == "escape":
            self.is_encoded = True
            raise self._error(token, "an escape outside of IRIs and strings")
        if self._asked is not None and token.word != "SILENT":
            if token.kind not in {"iri", "name", "variable"}:
                raise self._error(token, "SERVICE and LOAD need an endpoint")
            self._asked.append(self._resolve(token))
            self._asked = None
        if token.text in _OPENS:
            self._open(token)
        elif token.text in _CLOSES:
            self._close(token)
        elif token.kind == "sign":
            self._sign(token.text)
        elif token.kind == "word":
            self._word(token)
        elif token.kind in _TERMS:
            self._term(token)

    def _error(self, token: Token, what: str) -> QuerySyntaxError:
        return syntax_error(self._text, token.position, what)

    def _resolve(self, token: Token) -> str:
        if token.kind == "variable":
            return "?" + token.text[1:]
        if token.kind == "iri":
            return decode(token.text[1:-1])
        prefix, _, local = token.text.partition(":")
        return self._prefixes.get(prefix, prefix + ":") + local.replace("\\", "")

    def _open(self, token: Token) -> None:
        frame, kind = self._frame, self._kind_of(token.text)
        if token.text == "{":
            self._check_before_group(token)
            self._values = False
            frame.header = frame.kind is _Kind.OUTSIDE
        elif kind is _Kind.EXPRESSION:
            self.operators += frame.header
        else:
            self._begin_member(frame)
        if token.text == "{|":
            self.patterns += 1
        doublings = min(frame.negations + (self._last.word in _PARSED_TWICE), 40)
        frame.negations = 0
        weight = min(frame.weight << doublings, _HEAVIEST)
        opened = _Frame(token.text, kind, weight, self.patterns)
        opened.is_path = self._last.text == "<<"  # a triple term, at least no collection
        self._frames.append(opened)
        self.nesting = max(self.nesting, len(self._frames) - 1)

    def _kind_of(self, bracket: str) -> _Kind:
        frame, last = self._frame, self._last
        if frame.kind is _Kind.DATA or (self._values and bracket in "{("):
            return _Kind.DATA
        if bracket == "{":
            return _Kind.DATA if last.word in _TEMPLATES else _Kind.GROUP
        if bracket != "(":
            return _Kind.PROPERTIES
        is_call = (last.word and last.word not in _CONSTANTS) or (
            last.kind in {"iri", "name"} and self._last_but_one.word == "FILTER"
        )
        if last.text != "<<" and (frame.kind is _Kind.EXPRESSION or frame.header or is_call):
            return _Kind.EXPRESSION
        return _Kind.LIST

    def _check_before_group(self, token: Token) -> None:
        """Refuse `SERVICEex:a {`: one name in SPARQL, but a SERVICE to parsers without tokens."""
        if (
            self._last.kind == "name"
            and self._frame.kind is not _Kind.OUTSIDE
            and self._last_but_one.word not in {"GRAPH", "SERVICE", "SILENT"}
        ):
            raise self._error(token, "a group after a prefixed name")

    def _begin_member(self, frame: _Frame) -> None:
        if frame.kind is _Kind.LIST:
            frame.members += 1
        elif frame.kind in _STATEMENTS and not frame.in_statement:
            frame.in_statement = True
            self.patterns += 1

    def _close(self, token: Token) -> None:
        frame = self._frame
        if frame.bracket != _CLOSES[token.text]:
            raise self._error(token, f"{token.text} closes nothing")
        self._frames.pop()
        if frame.kind is _Kind.GROUP and self.patterns == frame.patterns_before:
            self.patterns += 1
        if frame.kind is _Kind.LIST and not frame.is_path:
            self.patterns += 2 * frame.members
        if token.text == "}":
            self._frame.in_statement = False
        self._frame.negations = 0

    def _sign(self, sign: str) -> None:
        frame = self._frame
        if sign == ".":
            frame.in_statement = False
        if frame.kind is _Kind.DATA:
            return
        if frame.kind is _Kind.LIST and sign in "/|^*?!":
            frame.is_path = True
        frame.negations += sign == "!"
        is_step = sign == "/" and frame.kind not in {_Kind.EXPRESSION, _Kind.OUTSIDE}
        if sign == "~" or is_step or (sign in {";", ","} and frame.kind in _STATEMENTS):
            self.patterns += 1
        elif sign not in _NO_OPERATORS:
            self.operators += 1

    def _word(self, token: Token) -> None:
        frame, word = self._frame, token.word
        if word in _CONSTANTS:
            self._term(token)
            return
        frame.in_statement = False
        if self.form is None and not self.is_update:
            self.form = word if word in _FORMS else None
            self.is_update = word in _UPDATES
        frame.header |= word in _HEADERS
        self._values |= word == "VALUES"
        self.operators += word in _OPERATORS
        self.patterns += word == "BIND"
        self.has_dataset_clause |= word in {"FROM", "USING"}
        self.is_volatile |= word in _VOLATILE
        self._asked = {"SERVICE": self.services, "LOAD": self.loads}.get(word, self._asked)

    def _term(self, token: Token) -> None:
        frame, last = self._frame, self._last
        frame.negations = 0
        if last.text == "^^":
            return
        if token.kind == "name":
            self._prefix = token.text[:-1] if last.word == "PREFIX" else None
            if frame.kind is _Kind.OUTSIDE and self.form is None and not last.word:
                raise self._error(token, "a prefixed name where an operation begins")
        elif token.kind == "iri" and self._prefix is not None:
            self._prefixes[self._prefix] = decode(token.text[1:-1])
            self._prefix = None
        is_described = self.form == "DESCRIBE" and frame.kind is _Kind.OUTSIDE
        self.operators += is_described and token.kind in {"iri", "name"}
        self._begin_member(frame)
