"""What the format stage finds; whatever the text, it never fails."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowbench.quality.format_check import MAX_CHARACTERS, check_format, read_program
from workflowbench.shortcuts.transcription import MAX_LINES


def _rules(code: str) -> list[str]:
    return [finding.rule for finding in check_format(code)]


def test_a_program_with_its_comments_has_no_finding():
    assert _rules("# Gets the battery level.\nlevel = is_workflow_actions_battery()\n") == []


@pytest.mark.parametrize("code", ["", " \n\t\n", "# Only a remark.\n", "pass\n"])
def test_a_text_without_an_action_is_no_code(code):
    assert _rules(code) == ["no_code"]


def test_what_python_refuses_is_told_with_its_place():
    (finding,) = check_format("a = '''x'''\nb = (\n")
    assert (finding.rule, finding.line, finding.severity) == ("does_not_parse", 2, "error")


def test_a_statement_that_no_shortcut_has_is_not_of_the_style():
    (finding,) = check_format("a = '''x'''\nwhile a:\n    pass\n")
    assert (finding.rule, finding.line) == ("not_our_style", 2)
    assert "While" in finding.detail


def test_a_name_that_nothing_defines_is_told_by_itself():
    (finding,) = check_format("is_workflow_actions_speaktext( WFText=nothing_here)\n")
    assert (finding.rule, finding.line, finding.column) == ("undefined_name", 1, 39)


def test_statements_without_a_comment_are_counted_and_only_a_warning():
    (finding,) = check_format(
        "# One.\na = is_workflow_actions_battery()\nb = is_workflow_actions_battery()\n"
    )
    assert (finding.rule, finding.severity, finding.line) == ("missing_comment", "warning", 3)
    assert (finding.threshold, finding.observed) == (0, 1)


def test_a_declared_action_needs_no_catalogue():
    assert read_program("f = action('''a.b-c''')\nf()\n").facts.apis == ["a.b-c"]


def test_the_catalogue_tells_an_identifier_that_underscores_do_not_restore(catalogue):
    code = "com_example_app_fetch_page( Address='''https://example.com''')\n"
    assert read_program(code, catalogue.identifiers).facts.apis == ["com.example.app.fetch-page"]


def test_facts_count_what_flows_in_silence():
    explicit = "a = '''x'''\nis_workflow_actions_count( Input=a)\n"
    silent = "'''x'''\nis_workflow_actions_count()\n"
    assert read_program(explicit).facts == read_program(silent).facts


@pytest.mark.parametrize(
    "code",
    [
        "a = '''\0'''",
        "a = '''\ud800'''",
        "\ud800",
        "a = " + "(" * 5000 + ")" * 5000,
        "a = " + "[" * 150 + "]" * 150,
        "a = " + "-" * 50_000 + "1",
        "a = " + "x." * 20_000 + "x",
        "a = " + "1+" * 20_000 + "1",
        "f(" * 180 + ")" * 180,
        "a = 1" + "0" * 10_000,
        "if a:\n  " * 200,
        "\n".join("  " * depth + "if a:" for depth in range(120)),
        "a = f'''{" + "x" * 100_000,
        "named_variable()\nx = named_variable(1)\n",
        "# -*- coding: utf-7 -*-\na = 1\n",
        "\ufeffa = '''x'''\n\x0c",
    ],
    ids=range(16),
)
def test_hostile_text_is_a_finding(code):
    assert any(finding.severity == "error" for finding in check_format(code))


def test_a_hundred_thousand_lines_are_read():
    reading = read_program("a = '''x'''\n" * 100_000)
    assert reading.facts.n_actions == 100_000


@pytest.mark.parametrize(
    ("code", "limit"),
    [("\n" * MAX_LINES + "a = 1\n", MAX_LINES), ("#" * (MAX_CHARACTERS + 1), MAX_CHARACTERS)],
)
def test_what_no_person_wrote_is_not_even_parsed(code, limit):
    (finding,) = check_format(code)
    assert (finding.rule, finding.threshold) == ("too_long", limit)
    assert finding.observed == limit + 1


_WORDS = (
    "if |else:|a|=|'''|{|}|(|)|\n|    |# |f'''|match |case |for |None|[]|.append|action|**|,|:|1|\\|\r|\x0c"
)
_FRAGMENTS = st.sampled_from([*_WORDS.split("|"), "named_variable", "pending_output"])


@settings(max_examples=150, deadline=None)
@given(st.lists(_FRAGMENTS | st.text(max_size=3), max_size=30).map("".join))
def test_any_text_gives_findings_or_facts(code):
    reading = read_program(code)
    assert (reading.facts is None) == any(finding.severity == "error" for finding in reading.findings)
