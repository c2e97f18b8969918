"""Renaming variables in the text of a program, at exact source positions and nowhere else."""

import ast
import re
from collections.abc import Iterator, Mapping

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LITERAL = re.compile(rb"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
_PLAIN_NAME = re.compile(rb"\s*([^\W\d]\w*)\s*")
_MARK = re.compile(rb"[\\'\"{]")
_OPENING, _CLOSING = b"([{", b")]}"

Span = tuple[int, int, str]
"""Start and end of a name in bytes of UTF-8 source, and the name."""


def rename(code: str, tree: ast.Module, renamed: Mapping[str, str]) -> str:
    """Return the text of `code` with each name of `renamed` replaced; all other bytes stay as they are.

    Args:
        code: Source of the program.
        tree: The syntax tree of `code`.
        renamed: Old name to new name.

    Raises:
        SyntaxError: An f-string holds a field that is no plain expression (a conversion or a format
            specification), which the Python style of a workflow does not use.

    """
    if not renamed:
        return code
    source = code.encode()
    pieces, position = [], 0
    for start, end, name in sorted(name_spans(source, tree)):
        if name in renamed:
            pieces += [source[position:start], renamed[name].encode()]
            position = end
    pieces.append(source[position:])
    return b"".join(pieces).decode()


def name_spans(source: bytes, tree: ast.AST) -> Iterator[Span]:
    """Where each name stands in the source, those inside f-strings included.

    Positions inside an f-string are read from its text, since Python 3.11 misplaces its nodes.
    """
    starts = [0, *(match.end() for match in _LINE_END.finditer(source))]
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name | ast.JoinedStr):
            start = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
            if isinstance(node, ast.Name):
                yield start, end, node.id
            else:
                yield from _format_spans(source, start, end)
        else:
            pending.extend(ast.iter_child_nodes(node))


def _format_spans(source: bytes, start: int, end: int) -> Iterator[Span]:
    """Names in the literals between two positions: one f-string, or several side by side."""
    fields: list[tuple[int, int]] = []
    while literal := _LITERAL.search(source, start, end):
        is_format = b"f" in literal[1].lower()
        start = _end_of_literal(source, literal.end(), literal[2], fields if is_format else None)
    for field_start, field_end in fields:
        expression = source[field_start:field_end]
        if plain := _PLAIN_NAME.fullmatch(expression):
            yield field_start + plain.start(1), field_start + plain.end(1), plain[1].decode()
        else:
            tree = ast.parse(b"(" + expression + b")", mode="eval")
            for name_start, name_end, name in name_spans(b"(" + expression + b")", tree):
                yield field_start - 1 + name_start, field_start - 1 + name_end, name


def _end_of_literal(source: bytes, position: int, quote: bytes, fields: list[tuple[int, int]] | None) -> int:
    """Position after the closing quote; the fields of an f-string are added to `fields`."""
    while not source.startswith(quote, position):
        if position >= len(source):
            raise SyntaxError("a string is not closed")
        if source.startswith(b"\\", position):
            position = _end_of_escape(source, position, is_format=fields is not None)
        elif fields is not None and source.startswith(b"{{", position):
            position += 2
        elif fields is not None and source.startswith(b"{", position):
            end = _end_of_field(source, position + 1)
            fields.append((position + 1, end))
            position = end + 1
        else:
            position = _next_mark(source, position + 1)
    return position + len(quote)


def _next_mark(source: bytes, position: int) -> int:
    """Position of the next byte that may end a literal, escape a byte or open a field."""
    mark = _MARK.search(source, position)
    return mark.start() if mark else len(source)


def _end_of_escape(source: bytes, position: int, *, is_format: bool) -> int:
    if is_format and source.startswith(b"\\N{", position):
        return source.index(b"}", position) + 1
    return position + (1 if is_format and source.startswith(b"{", position + 1) else 2)


def _end_of_field(source: bytes, position: int) -> int:
    """Position of the brace that closes a field of an f-string."""
    depth = 0
    while depth or source[position : position + 1] != b"}":
        character = source[position : position + 1]
        if not character:
            raise SyntaxError("a field of an f-string is not closed")
        if literal := _LITERAL.match(source, position):
            nested: list[tuple[int, int]] | None = [] if b"f" in literal[1].lower() else None
            position = _end_of_literal(source, literal.end(), literal[2], nested)
            continue
        depth += (character in _OPENING) - (character in _CLOSING)
        position += 1
    return position
