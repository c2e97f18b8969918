"""The example workflows pass both stages, and each kind of damage done to them is found."""

import ast
import random
from pathlib import Path

import pytest

from workflowbench.catalogue.observed import observed_apis
from workflowbench.catalogue.shipped import builtin_catalogue
from workflowbench.quality.program_calls import api_calls
from workflowbench.quality.program_check import check_program
from workflowbench.shortcuts.batch import Transcribed, transcribe_payload
from workflowbench.shortcuts.calls import calls_of

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.shortcut"))


@pytest.fixture(scope="module")
def programs():
    """Code and APIs of each example that is a shortcut."""
    done = [outcome for outcome in map(transcribe_payload, EXAMPLES) if isinstance(outcome, Transcribed)]
    return [(outcome.transcription.code, outcome.transcription.apis) for outcome in done]


def _pick(options):
    return random.Random(len(options)).choice(options) if options else None


def _calls(module):
    return [call for call in api_calls(module, builtin_catalogue()) if call.api]


def _literals(module, types):
    """Literal arguments of parameters of these types, but for inputs, which take any content."""
    return [
        word
        for call in _calls(module)
        for word in call.node.keywords
        for parameter in call.api.parameters
        if parameter.key == word.arg and parameter.type in types and word.arg != call.api.input_key
        if isinstance(word.value, ast.Constant)
    ]


def rename_api(module):
    if call := _pick(_calls(module)):
        call.node.func.id += "_x"
    return call


def add_argument(module):
    if call := _pick(_calls(module)):
        call.node.keywords.append(ast.keyword("WFInvented", ast.Constant("x")))
    return call


def leave_out_argument(module):
    required = [
        (call, word)
        for call in _calls(module)
        for word in call.node.keywords
        if word.arg in call.api.required_keys and word.arg not in ("text", "matches", call.api.input_key)
    ]
    if found := _pick(required):
        found[0].node.keywords.remove(found[1])
    return found


def change_choice(module):
    if word := _pick(_literals(module, {"enum"})):
        word.value = ast.Constant("Invented")
    return word


def change_type(module):
    if word := _pick(_literals(module, {"integer", "number", "boolean"})):
        word.value = ast.Constant("no number")
    return word


def lose_name(module):
    functions = {id(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)}
    names = [node for node in ast.walk(module) if isinstance(node, ast.Name) and id(node) not in functions]
    used = [
        node
        for node in names
        if isinstance(node.ctx, ast.Load) and node.id not in ("datetime", "Menu_Choice")
    ]
    if name := _pick(used):
        name.id = "lost"
    return name


def empty_loop(module):
    if loop := _pick([node for node in ast.walk(module) if isinstance(node, ast.For)]):
        loop.body[:] = [ast.Pass()]
    return loop


def stop_at_once(module):
    module.body[:0] = ast.parse("is_workflow_actions_exit()").body
    return module


def import_something(module):
    module.body[:0] = ast.parse("import time").body
    return module


def test_every_example_passes_but_the_one_that_refers_to_a_deleted_action(programs):
    observed = observed_apis(calls_of(code for code, _ in programs))
    catalogue = builtin_catalogue().merged(observed)
    verdicts = [check_program(code, apis, catalogue) for code, apis in programs]
    assert len(verdicts) > 30
    errors = [error for verdict in verdicts if (error := verdict.first_error)]
    assert [error.rule for error in errors] == ["missing_result"]
    assert "`Release_Notes`" in errors[0].detail


@pytest.mark.parametrize(
    ("damage", "rules"),
    [
        (rename_api, {"undocumented_api"}),
        (add_argument, {"unknown_argument"}),
        (leave_out_argument, {"missing_argument"}),
        (change_choice, {"illegal_value"}),
        (change_type, {"wrong_type"}),
        (lose_name, {"undefined_name"}),
        (empty_loop, {"empty_block", "unused_api", "maybe_undefined"}),
        (stop_at_once, {"unreachable"}),
        (import_something, {"not_our_style"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_damage_is_found(programs, damage, rules):
    n_damaged = 0
    for code, apis in programs:
        module = ast.parse(code)
        if damage(module) is None:
            continue
        n_damaged += 1
        damaged = ast.unparse(ast.fix_missing_locations(module))
        verdict = check_program(damaged, [*apis, "is.workflow.actions.exit"], builtin_catalogue(), uses="any")
        found = {finding.rule for finding in verdict.findings}
        assert found & rules, damaged
        assert not verdict.passed
    assert n_damaged >= 3
