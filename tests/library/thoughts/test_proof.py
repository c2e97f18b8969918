import pytest

from workflowbench.thoughts.proof import same_tree_but_for_names


def test_comments_and_layout_do_not_count():
    assert same_tree_but_for_names("x = f( a=1)\n", "# Calls f\nx = f(a=1)\n", {})


def test_a_renaming_is_followed():
    assert same_tree_but_for_names("x = 1\ng(x)\n", "y = 1\ng(y)\n", {"x": "y"})


@pytest.mark.parametrize(
    ("a", "b", "names"),
    [
        ("f(1)", "f(True)", {}),
        ("f(1)", "f(1.0)", {}),
        ("f(0.0)", "f(-0.0)", {}),
        ("f('a')", "f(b'a')", {}),
        ("f('a')", "f('b')", {}),
        ("f(a=1)", "f(b=1)", {"a": "b"}),
        ("x.a", "x.b", {"a": "b"}),
        ("x < 1", "x > 1", {}),
        ("f(1)", "f(1, 2)", {}),
        ("f(x)", "f(y)", {}),
        ("f(x)", "f(x)", {"x": "y"}),
        ("if x:\n    f()\ng()", "if x:\n    f()\n    g()", {}),
    ],
)
def test_any_other_change_is_seen(a: str, b: str, names: dict[str, str]):
    assert not same_tree_but_for_names(a, b, names)


def test_two_names_may_not_fall_together():
    assert not same_tree_but_for_names("x = 1\ny = 2\nf(x)", "y = 1\ny = 2\nf(y)", {"x": "y"})


def test_names_may_change_places():
    assert same_tree_but_for_names("x = y", "y = x", {"x": "y", "y": "x"})


def test_a_name_bound_by_a_pattern_may_not_be_renamed():
    code = "match f():\n    case x if x == 1:\n        pass\n"
    assert not same_tree_but_for_names(code, code.replace("if x", "if y"), {"x": "y"})


def test_a_program_that_does_not_parse_matches_nothing():
    assert not same_tree_but_for_names("x = (", "x = (", {})
