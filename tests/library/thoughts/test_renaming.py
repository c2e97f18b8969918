import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.thoughts.proof import same_tree_but_for_names
from workflowbench.thoughts.renaming import rename


def renamed(code: str, **names: str) -> str:
    return rename(code, ast.parse(code), names)


def test_renames_every_use_of_a_name():
    assert renamed("a = f( x=1)\ng( y=a)\n", a="total") == "total = f( x=1)\ng( y=total)\n"


def test_leaves_keywords_attributes_texts_and_comments_alone():
    code = "# a is a\ny = f( a=x.a, b='''a {a}''')\n"
    assert renamed(code, a="total") == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("f'''{a}'''", "f'''{b}'''"),
        ("f'''{a} and {a}, not a'''", "f'''{b} and {b}, not a'''"),
        ("f'''{{a}} {a}'''", "f'''{{a}} {b}'''"),
        ("f'''{{{a}}}'''", "f'''{{{b}}}'''"),
        ("f'''{g(a, \"a}\")}'''", "f'''{g(b, \"a}\")}'''"),
        ("f'''{a[\"a\"][\"k{\"]} {a.a}'''", "f'''{b[\"a\"][\"k{\"]} {b.a}'''"),
        ("f'''line\n{a}\n{g(a)}'''", "f'''line\n{b}\n{g(b)}'''"),
        ("f'''\\'{a}\\''''", "f'''\\'{b}\\''''"),
        ("f'''\\\\{a}'''", "f'''\\\\{b}'''"),
        ("f'''\\N{BULLET}{a}'''", "f'''\\N{BULLET}{b}'''"),
        ("f'''é 😀 {a}''' + a", "f'''é 😀 {b}''' + b"),
        ("f'''{h(x=a, a=1)}'''", "f'''{h(x=b, a=1)}'''"),
        ("f'''{ {'k': a}['k'] }'''", "f'''{ {'k': b}['k'] }'''"),
        ("'a {a}' f'{a}'", "'a {a}' f'{b}'"),
        ("f'''{g(f\"{a}\")}'''", "f'''{g(f\"{b}\")}'''"),
    ],
)
def test_renames_inside_f_strings_at_the_right_place(code: str, expected: str):
    assert renamed(code, a="b") == expected


def test_a_shorter_name_inside_a_longer_one_is_another_name():
    assert renamed("f'''{URL} {URL_2}''' + URL_2", URL="page") == "f'''{page} {URL_2}''' + URL_2"


def test_names_may_change_places():
    assert renamed("f'''{a} {b}'''", a="b", b="a") == "f'''{b} {a}'''"


def test_carriage_returns_end_lines():
    assert renamed("x = 1\r\ny = a\r\n", a="b") == "x = 1\r\ny = b\r\n"


def test_a_format_specification_is_refused():
    with pytest.raises(SyntaxError):
        renamed("f'''{a:>3}'''", a="b")


LITERAL = st.text(st.sampled_from("ab{}é😀 \n#\"'"), max_size=6).map(
    lambda text: text.replace("{", "{{").replace("}", "}}").replace("'", "\\'")
)
FIELD = st.sampled_from(["a", "b", "a.b", 'a["b"]', 'g(a, b="a{")', '{"a": b}["a"]'])


@given(parts=st.lists(st.tuples(LITERAL, FIELD), max_size=5), tail=LITERAL)
def test_any_f_string_keeps_its_tree_but_for_names(parts: list[tuple[str, str]], tail: str):
    fields = "".join(f"{literal}{{ {field} }}" for literal, field in parts)
    code = f"x = f'''{fields}{tail}'''\ny = f( a=a)\n"
    names = {"a": "long_name", "b": "ü"}
    assert same_tree_but_for_names(code, renamed(code, **names), names)
