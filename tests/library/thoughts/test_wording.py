import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.thoughts.wording import key_words, lower_first, one_line, quote, snake


@given(text=st.text(), limit=st.integers(2, 80))
def test_one_line_is_short_and_has_no_control_characters(text: str, limit: int):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs") for char in line)


def test_a_cut_text_ends_with_an_ellipsis():
    assert one_line("word " * 40, 10) == "word word…"


def test_lines_become_one():
    assert one_line("a\n  b\t\u2028c\x00", 20) == "a b c"


def test_the_mark_of_an_attachment_is_no_word():
    assert one_line("a\ufffcb", 20) == "a b"


@pytest.mark.parametrize("text", ["-*- coding: latin-9 -*-", "encoding=latin-9"])
def test_a_text_never_reads_as_the_encoding_of_a_file(text: str):
    assert "coding:" not in one_line(text, 60)
    assert "coding=" not in one_line(text, 60)


def test_a_quote_of_nothing_says_so():
    assert quote("\n\u200b") == "empty text"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("WFHTTPMethod", "HTTP method"),
        ("WFURL", "URL"),
        ("WFInput", "input"),
        ("Show-text", "show text"),
        ("WFDateFormatStyle", "date format style"),
        ("text", "text"),
    ],
)
def test_a_parameter_key_in_words(key: str, words: str):
    assert key_words(key) == words


def test_snake_case_keeps_letters_and_digits():
    assert snake("Contents of URL (don't) 2") == "contents_of_url_dont_2"


@pytest.mark.parametrize(
    ("text", "lowered"), [("Shows it", "shows it"), ("URL of it", "URL of it"), ("iCloud is", "iCloud is")]
)
def test_acronyms_keep_their_capitals(text: str, lowered: str):
    assert lower_first(text) == lowered
