"""Splits the text of a query or update into the tokens of SPARQL, once and from left to right."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from raadgraaf.errors import QuerySyntaxError

_START = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_IN_VARIABLE = _START + "_0-9\u00b7\u0300-\u036f\u203f\u2040"
_IN_NAME = _IN_VARIABLE + r"\-"
_CODEPOINT = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"

# Every repetition is possessive and ends at what may begin another token: the time is linear.
_TOKEN = re.compile(
    rf"""(?P<space>(?:[ \t\r\n]|\#[^\r\n]*+)++)
    |(?P<iri><(?:[^\x00-\x20<>"{{}}|^`\\]|{_CODEPOINT})*+>)
    |(?P<string>\"\"\"(?:"{{0,2}}+(?:[^"\\]|\\[\s\S]))*+\"\"\"
        |'''(?:'{{0,2}}+(?:[^'\\]|\\[\s\S]))*+'''
        |"(?!"")(?:[^"\\\r\n]|\\[^\r\n])*+"
        |'(?!'')(?:[^'\\\r\n]|\\[^\r\n])*+')
    |(?P<variable>[?$][{_START}_0-9][{_IN_VARIABLE}]*+)
    |(?P<blank>_:[{_START}_0-9][{_IN_NAME}]*+(?:\.++[{_IN_NAME}]++)*+)
    |(?P<word>[{_START}][{_IN_VARIABLE}]*+)
    |(?P<number>[0-9]++(?:\.[0-9]*+(?=[eE][+-]?[0-9])|\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+
        |\.[0-9]++(?:[eE][+-]?[0-9]++)?+)
    |(?P<language>@[A-Za-z]++(?:--?[A-Za-z0-9]++)*+)
    |(?P<name>:)
    |(?P<escape>{_CODEPOINT})
    |(?P<sign>\^\^|&&|\|\||!=|<=|>=|<<|>>|\{{\||\|\}}|[(){{}}\[\].,;=<>!+\-*/|^?~])""",
    re.VERBOSE,
)
_REST_OF_PREFIX = re.compile(f"[{_IN_NAME}.]*+")
_LOCAL_NAME = re.compile(
    rf"""(?!-)(?:(?:[{_IN_NAME}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])++
    (?:\.++(?=[{_IN_NAME}:%\\]))?+)*+""",
    re.VERBOSE,
)
_UNICODE_END = 0x110000
_WORDS = frozenset(
    """BASE PREFIX VERSION DISTINCT REDUCED AS FROM NAMED WHERE BY ASC DESC LIMIT OFFSET VALUES
    UNDEF SILENT INTO ALL DEFAULT TO USING GRAPH SERVICE BIND NOT SEPARATOR
    COUNT SUM MIN MAX AVG SAMPLE STR LANG LANGMATCHES LANGDIR DATATYPE BOUND IRI URI BNODE RAND
    ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS STRSTARTS STRENDS
    STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1
    SHA256 SHA384 SHA512 COALESCE IF STRLANG STRLANGDIR STRDT SAMETERM ISIRI ISURI ISBLANK
    ISLITERAL ISNUMERIC HASLANG HASLANGDIR TRIPLE SUBJECT PREDICATE OBJECT ISTRIPLE
    ADJUST SELECT ASK CONSTRUCT DESCRIBE INSERT DELETE DATA LOAD CLEAR CREATE DROP ADD MOVE COPY
    WITH UNION OPTIONAL MINUS FILTER EXISTS IN LATERAL GROUP HAVING ORDER REGEX SUBSTR REPLACE
    GROUP_CONCAT A TRUE FALSE""".split()  # noqa: SIM905 # a list of them would be 130 lines
)
"""Those of SPARQL 1.1, of 1.2 where it differs, and of the engine."""


class Token(NamedTuple):
    """The smallest part of a text that means something."""

    kind: str
    """iri, string, variable, blank, word, number, language, name (prefixed), sign; or escape: a
    codepoint escape outside of IRIs and strings."""
    text: str
    position: int

    @property
    def word(self) -> str:
        """The keyword in capitals; empty for any other token."""
        return self.text.upper() if self.kind == "word" else ""


@dataclass(slots=True)
class Tokenizer:
    """A text and how far it has been read."""

    text: str
    position: int = 0
    not_a_prefix_until: int = 0

    def next(self, *, after_operand: bool) -> Token | None:
        """Return the next token, None at the end, or raise QuerySyntaxError.

        After an operand of an expression `<` is an operator: `?x<?y&&?z>3` holds no IRI.
        """
        match = _TOKEN.match(self.text, self.position)
        if match and match.lastgroup == "space":
            self.position = match.end()
            match = _TOKEN.match(self.text, self.position)
        start = self.position
        if not match:
            if start == len(self.text):
                return None
            raise syntax_error(self.text, start, "no token of SPARQL begins or ends like this")
        kind, end = match.lastgroup or "", match.end()
        if kind == "iri" and after_operand:
            kind, end = "sign", start + (2 if self.text.startswith("<=", start) else 1)
        elif match[0] == "<<" and after_operand:
            end = start + 1
        elif kind == "word":
            kind, end = self._word_or_name(start, end)
        elif kind == "name":
            end = self._end_of_name(end)
        token = Token(kind, self.text[start:end], start)
        is_whole = not self.text.startswith("\\", end)  # else an escape follows
        if kind == "word" and is_whole and token.word not in _WORDS:
            # Parsers without tokens would take SERVICEex:a and LIMIT1 for two.
            raise syntax_error(self.text, start, f"{token.text[:40]} is no word of SPARQL")
        self.position = end
        return token

    def _word_or_name(self, start: int, end: int) -> tuple[str, int]:
        colon = end
        if self.text.startswith((".", "-"), end) and start >= self.not_a_prefix_until:
            rest = _REST_OF_PREFIX.match(self.text, end)
            colon = rest.end() if rest else end
            self.not_a_prefix_until = colon
        if self.text.startswith(":", colon) and self.text[colon - 1] != ".":
            return "name", self._end_of_name(colon + 1)
        return "word", end

    def _end_of_name(self, start: int) -> int:
        local = _LOCAL_NAME.match(self.text, start)
        return local.end() if local else start


def decode(text: str) -> str:
    r"""Return a text with every `\u0041` and `\U00000041` replaced by the character it names."""

    def character(match: re.Match[str]) -> str:
        number = int(match[0][2:], 16)
        return chr(number) if number < _UNICODE_END else match[0]

    return re.sub(_CODEPOINT, character, text)


def syntax_error(text: str, position: int, what: str) -> QuerySyntaxError:
    """Return the error that names a place in a text."""
    line = text.count("\n", 0, position) + 1
    column = position - text.rfind("\n", 0, position)
    return QuerySyntaxError(f"The query cannot be parsed: error at {line}:{column}: {what}")
