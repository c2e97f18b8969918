"""Removal of comments and docstrings."""

import sys
import tokenize
from io import StringIO

import pytest
from codebleu_programs import programs, texts
from hypothesis import given, settings

from workflowbench.evaluation.codebleu import comments
from workflowbench.evaluation.codebleu.comments import (
    cut_at_hash,
    strip_comments,
    strip_comments_and_docstrings,
    strip_like_the_package,
)


def strip_by_tokenize(text: str) -> str:
    """What `strip_like_the_package` says, with CPython's own tokeniser."""
    out, previous, last_row, last_column = [], tokenize.INDENT, -1, 0
    try:
        for kind, token, (row, column), (end_row, end_column), _ in tokenize.generate_tokens(
            StringIO(text).readline
        ):
            if row > last_row:
                last_column = 0
            out.append(" " * (column - last_column))
            is_docstring = previous in (tokenize.INDENT, tokenize.NEWLINE) or column == 0
            if kind != tokenize.COMMENT and not (kind == tokenize.STRING and is_docstring):
                out.append(token)
            previous, last_row, last_column = kind, end_row, end_column
    except (tokenize.TokenError, IndentationError):
        return text
    return "\n".join(line for line in "".join(out).split("\n") if line.strip())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="later tokenisers cut f-strings into parts")
@settings(max_examples=400)
@given(texts.map(str.strip))
def test_stripping_like_the_package_is_what_the_tokeniser_gives(text: str) -> None:
    assert strip_like_the_package(text) == strip_by_tokenize(text)


@settings(max_examples=400)
@given(texts)
def test_a_text_with_nothing_to_strip_needs_no_scan(text: str) -> None:
    strips = (strip_comments, strip_comments_and_docstrings, strip_like_the_package)
    without_scan = [strip(text) for strip in strips]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comments, "_is_bare", lambda _: False)
        assert [strip(text) for strip in strips] == without_scan


@given(programs)
def test_comments_leave_no_trace(program: str) -> None:
    commented = "\n".join(f"{line}  # '''" for line in program.split("\n"))
    assert [line.rstrip() for line in strip_comments(commented).split("\n")] == program.split("\n")


@pytest.mark.parametrize("text", ["x = '#'  # y", "f(\n  x  # (\n)", "x = '''\n# no comment\n'''  # y"])
def test_a_hash_in_a_string_is_no_comment(text: str) -> None:
    assert strip_comments(text).count("#") == text.count("#") - 1


def test_comments_of_broken_code_are_removed_too() -> None:
    assert strip_comments("f(x  # one\ny = (  # two") == "f(x  \ny = (  "


def test_the_published_evaluation_cuts_strings_at_a_hash() -> None:
    assert cut_at_hash("x = 'a # b'\n\ny = 1") == "x = 'a\ny = 1"


def test_the_package_drops_a_string_argument_in_column_zero_and_we_do_not() -> None:
    text = "f(\n'text',\n1)"
    assert strip_like_the_package(text) == "f(\n,\n1)"
    assert strip_comments_and_docstrings(text) == text


def test_a_docstring_is_dropped() -> None:
    assert strip_comments_and_docstrings('def f():\n    """Doc."""\n    return 1') == "def f():\n    return 1"
