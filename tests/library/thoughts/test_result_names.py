import ast
import builtins
import keyword
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.catalogue.api import Api
from workflowbench.thoughts.names import choose_names
from workflowbench.thoughts.vocabulary import read_vocabulary


def names_for(code: str, catalogue: Mapping[str, Api]) -> dict[str, str]:
    tree = ast.parse(code)
    by_function = {api.function: api for api in catalogue.values()}
    return choose_names(tree, read_vocabulary(tree, catalogue, by_function))


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (
            "URL = is_workflow_actions_url( WFURLActionURL='''https://api.weather.org/v1''')",
            {"URL": "weather_url"},
        ),
        ("Text = '''Good morning everyone'''", {"Text": "good_morning_everyone_text"}),
        ("Text = f'''Good morning {person}'''", {"Text": "good_morning_text"}),
        ("Dictionary_Value = settings['''unit name''']", {"Dictionary_Value": "unit_name_value"}),
        ("Ask_for_Input = input('''How many people?''')", {"Ask_for_Input": "people_answer"}),
        ("Number = is_workflow_actions_number( WFNumberActionNumber=5)", {"Number": "number_value"}),
        ("variable7 = com_example_app_run( x=1)", {"variable7": "run_result"}),
    ],
)
def test_a_generic_result_gets_a_telling_name(code: str, names: dict[str, str], catalogue: Mapping[str, Api]):
    assert names_for(code, catalogue) == names


def test_a_topic_is_handed_on_to_what_is_made_from_it(catalogue: Mapping[str, Api]):
    code = """\
URL = is_workflow_actions_url( WFURLActionURL='''https://weather.org''')
Contents_of_URL = is_workflow_actions_downloadurl( WFURL=URL)
Dictionary = is_workflow_actions_detect_dictionary( WFInput=Contents_of_URL)
"""
    assert list(names_for(code, catalogue).values()) == [
        "weather_url",
        "weather_contents",
        "weather_dictionary",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "Total = person",
        "Total = person.Name",
        "Text = named_variable('''Text''')",
        "Text = pending_output('''Text''')",
        "com_example_app_do_it = action('''com.example.app.do-it''')",
        "breakfast = '''egg'''",
        "Text = None\nif x:\n    Text = y",
        "Text = []\nfor Repeat_Index, Repeat_Item in enumerate(x, start=1):\n    Text.append(y)",
        "Text = '''a'''\nText = '''b'''",
        "Text = '''a'''\nText.append(x)",
        "f( Text)",
    ],
)
def test_what_is_no_generic_result_keeps_its_name(code: str, catalogue: Mapping[str, Api]):
    assert names_for(code, catalogue) == {}


def test_a_name_numbered_after_another_is_renamed_but_an_own_number_stays(catalogue: Mapping[str, Api]):
    code = "egg = '''a'''\negg_2 = '''soft boiled'''\nroute_66 = '''long road'''"
    assert names_for(code, catalogue) == {"egg_2": "soft_boiled_text"}


def test_new_names_are_unique(catalogue: Mapping[str, Api]):
    code = "egg_text = x\nText = '''egg'''\nText_2 = '''egg'''\n"
    assert names_for(code, catalogue) == {"Text": "egg_text_2", "Text_2": "egg_text_3"}


def test_a_declared_action_is_looked_up_by_its_identifier():
    api = Api("com.ex.do-it", "Do It", description="Does it.", output_name="Odd Thing")
    code = "com_ex_do_it = action('''com.ex.do-it''')\nOdd_Thing = com_ex_do_it( )\n"
    assert names_for(code, {api.identifier: api}) == {"Odd_Thing": "odd_thing"}


WORD = st.one_of(
    st.sampled_from([*keyword.kwlist, *dir(builtins), "datetime", "action", "Total", "1"]), st.text()
)


@given(texts=st.lists(WORD, max_size=6), keys=st.lists(WORD, max_size=6))
def test_new_names_are_legal_and_never_reserved(texts: list[str], keys: list[str]):
    lines = [f"Text_{number} = {text!r}" for number, text in enumerate(texts)]
    lines += [f"Value_{number} = Total[{key!r}]" for number, key in enumerate(keys)]
    new = list(names_for("\n".join(lines), {}).values())
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in new)
    assert not set(new) & {*dir(builtins), "datetime", "action", "Total"}
    assert len(set(new)) == len(new) == len(texts) + len(keys)
