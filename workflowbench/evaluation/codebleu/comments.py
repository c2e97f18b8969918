"""Removes comments and docstrings from Python text, also where the text is no valid Python.

The scanner knows the tokens of CPython 3.11's `tokenize`, whatever interpreter runs it: later versions cut
f-strings into parts, which would change scores. A run of names, numbers and operators is one token here,
and so are brackets around it.
"""

import re
from enum import StrEnum

_PREFIX = r"(?:[uU]|[bB][rR]?|[rR][bBfF]?|[fF][rR]?)?+"
_SIGN = r"[\w.,:;=+\-*/%&|^~<>@]|!="
_WORD = rf"(?:{_SIGN}|[(\[{{](?:{_SIGN}|\ )*+[)\]}}])++"
_TOKEN = re.compile(
    rf"""([ \f\t]*+)(?:
      (?P<triple>{_PREFIX}(?:'''|\"\"\"))
    | (?P<string>{_PREFIX}(?:'(?:[^\n'\\]|\\.)*+'|"(?:[^\n"\\]|\\.)*+"))
    | (?P<cut_string>{_PREFIX}(?:'(?:[^\n'\\]|\\.)*?\\\r?\n|"(?:[^\n"\\]|\\.)*?\\\r?\n))
    | (?P<plain>{_WORD}(?:\ ++{_WORD})*+)
    | (?P<bracket>[()\[\]{{}}])
    | (?P<newline>\r?\n)
    | (?P<comment>\#[^\r\n]*)
    | (?P<joined>\\\r?\n)
    | (?P<end>\Z)
    | (?P<odd>(?s:.))
    )""",
    re.VERBOSE,
)
_TRIPLE_END = {
    "'''": re.compile(r"(?:[^'\\]|\\.|'(?!''))*+'''", re.DOTALL),
    '"""': re.compile(r'(?:[^"\\]|\\.|"(?!""))*+"""', re.DOTALL),
}
_LINE_END = {"'": re.compile(r"(?:[^\n'\\]|\\.)*+'"), '"': re.compile(r'(?:[^\n"\\]|\\.)*+"')}
_LINE = re.compile(r"[^\n]*\n?")
_BLANKS = re.compile(r"[ \t\f]*")
_TAB_SIZE = 8
_REWRITTEN = ("#", "\t", "\f", "\\\n", "\\\r\n")
_BLANK_LINE_OR_STRING = re.compile(r"\n\ *+(?:[^\S\n]*+\n|[bBfFrRuU]{0,2}['\"])")


class Comments(StrEnum):
    """What happens to comments before anything is counted.

    `strip` removes them by a scanner that knows strings; `keep` leaves them; `paper` cuts every line at its
    first `#`, also within a string, as the published evaluation does.
    """

    STRIP = "strip"
    KEEP = "keep"
    PAPER = "paper"


def prepare(text: str, comments: Comments) -> str:
    """The text that is scored, with its comments handled."""
    if comments is Comments.STRIP:
        return strip_comments(text)
    return cut_at_hash(text) if comments is Comments.PAPER else text


def strip_comments(text: str) -> str:
    """The text without comments and blank lines; what is no valid Python stays as it is."""
    return text if _is_bare(text) else _without_blank_lines(_Scanner(text, docstrings=False).scan())


def strip_comments_and_docstrings(text: str) -> str:
    """The text without comments, docstrings and blank lines; what is no valid Python stays as it is."""
    return text if _is_bare(text) else _without_blank_lines(_Scanner(text).scan())


def strip_like_the_package(text: str) -> str:
    """What the package `codebleu` 0.7.0 parses.

    It also drops any string that starts in column 0, and leaves a text that does not tokenise unchanged.
    """
    if _is_bare(text):
        return text
    try:
        return _without_blank_lines(_Scanner(text, column_zero=True, strict=True).scan())
    except _NotTokenisableError:
        return text


def cut_at_hash(text: str) -> str:
    """Every line up to its first `#`, blank lines dropped: the published evaluation's `remove_comments`."""
    cut = (line.partition("#")[0].rstrip() if "#" in line else line for line in text.split("\n"))
    return "\n".join(line for line in cut if line.strip())


def _is_bare(text: str) -> bool:
    """Whether a scan of the text would write it again as it is, seen without a scan; False where in doubt."""
    return not (any(sign in text for sign in _REWRITTEN) or _BLANK_LINE_OR_STRING.search(f"\n{text}\n"))


def _without_blank_lines(text: str) -> str:
    return "\n".join([line for line in text.split("\n") if line.strip()])


class _NotTokenisableError(Exception):
    """CPython's `tokenize` would raise here."""


class _Scanner:
    """Writes the tokens of a text again, with a blank for every tab between them.

    Args:
        text: The text.
        docstrings: Drop strings that start a statement.
        column_zero: Drop strings that start in column 0.
        strict: Raise where CPython's `tokenize` does; otherwise go on.

    """

    def __init__(
        self, text: str, *, docstrings: bool = True, column_zero: bool = False, strict: bool = False
    ) -> None:
        self._text = text
        self._docstrings = docstrings
        self._column_zero = column_zero
        self._strict = strict
        self._out: list[str] = []
        self._indents = [0]
        self._n_open = 0
        self._joined = False
        self._needs_backslash = False
        self._starts_statement = True

    def scan(self) -> str:
        """The text without what is dropped.

        Raises:
            _NotTokenisableError: In strict mode, where a string or bracket stays open or an indent fits none.

        """
        position = 0
        while position < len(self._text):
            indentation = ""
            if self._n_open == 0 and not self._joined:
                position = self._skip_empty_lines(position)
                indentation, position = self._indent(position)
            position = self._scan_line(position, indentation)
        if self._strict and (self._n_open or self._joined):
            raise _NotTokenisableError
        return "".join(self._out)

    def _skip_empty_lines(self, position: int) -> int:
        """The start of the next line that holds a token; what lies before loses its comments."""
        text = self._text
        while position < len(text):
            match = _BLANKS.match(text, position)
            assert match is not None
            first = text[match.end() : match.end() + 1]
            if first not in ("", "#", "\r", "\n"):
                return position
            position = self._end_of_line(position)
            if first == "#":
                self._out.append("\n")
            else:
                self._out += (" " * len(match[0]), text[match.end() : position])
            self._starts_statement = self._starts_statement and not first
        return position

    def _end_of_line(self, position: int) -> int:
        match = _LINE.match(self._text, position)
        assert match is not None
        return match.end()

    def _indent(self, position: int) -> tuple[str, int]:
        """Read the indentation of a statement: what its first token still has to write, and its position."""
        match = _BLANKS.match(self._text, position)
        assert match is not None
        blanks, width = match[0], _width(match[0])
        if width > self._indents[-1]:
            self._indents.append(width)
            self._starts_statement = True
            self._out.append(blanks)
            return "", match.end()
        if width < self._indents[-1]:
            self._dedent(width)
            self._out.append(" " * len(blanks))
            return "", match.end()
        return " " * len(blanks), match.end()

    def _dedent(self, width: int) -> None:
        if self._strict and width not in self._indents:
            raise _NotTokenisableError
        while width < self._indents[-1]:
            self._indents.pop()
        self._starts_statement = False

    def _scan_line(self, position: int, indentation: str) -> int:
        """Write the tokens up to the end of a line, which a string may put off; the position after it."""
        text, out = self._text, self._out
        self._joined = False
        while position < len(text):
            match = _TOKEN.match(text, position)
            assert match is not None
            kind, blanks = match.lastgroup, match[1]
            start, position = match.end(1), match.end()
            if kind == "joined":
                self._joined = True
                return position
            if indentation:
                out.append(indentation)
                indentation = ""
            if blanks:
                # `tokenize` reports blanks before what it does not know as they are.
                out.append(blanks if kind == "odd" else " " * len(blanks))
            if kind in ("triple", "string", "cut_string"):
                position = self._scan_string(kind, start, position)
                if self._text[position - 1] == "\n":
                    return position
                continue
            if kind == "bracket":
                self._n_open += 1 if text[start] in "([{" else -1
            if kind != "comment":
                out.append(text[start:position])
            self._starts_statement = kind == "newline" and self._n_open <= 0
            if kind == "newline":
                return position
        return position

    def _scan_string(self, kind: str, start: int, position: int) -> int:
        """Write or drop a string; the position after it, behind a line end if it was never closed."""
        closed = True
        if kind != "string":
            position, closed = self._find_end(kind, start, position)
        in_column_zero = start == 0 or self._text[start - 1] == "\n"
        dropped = (self._docstrings and self._starts_statement) or (self._column_zero and in_column_zero)
        if not (closed and dropped):
            self._out.append(self._text[start:position])
        self._starts_statement = False
        return position

    def _find_end(self, kind: str, start: int, position: int) -> tuple[int, bool]:
        """Where a string of several lines ends, and whether it was closed there.

        CPython's tokeniser takes every later string of several lines for one that needs backslashes once such
        a string was not closed, until one is.
        """
        opened = self._text[start:position].lstrip("bfruBFRU")
        end = _TRIPLE_END[opened] if kind == "triple" else _LINE_END[opened[0]]
        if kind == "triple":
            match = end.match(self._text, position)
            if match is not None and (not self._needs_backslash or "\n" not in match[0]):
                return match.end(), True
            if not self._needs_backslash:
                return self._end_of_text()
            position = self._end_of_line(position)
        while position < len(self._text):
            line_end = self._end_of_line(position)
            match = end.match(self._text, position, line_end)
            self._needs_backslash = match is None
            if match is not None:
                return match.end(), True
            position = line_end
            if not self._text.endswith(("\\\n", "\\\r\n"), 0, position):
                return position, False
        return self._end_of_text()

    def _end_of_text(self) -> tuple[int, bool]:
        if self._strict:
            raise _NotTokenisableError
        return len(self._text), False


def _width(blanks: str) -> int:
    """Columns that an indentation takes, with tabs to multiples of eight and form feeds back to 0."""
    width = 0
    for blank in blanks:
        if blank == " ":
            width += 1
        else:
            width = 0 if blank == "\f" else (width // _TAB_SIZE + 1) * _TAB_SIZE
    return width
