from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from workflow_strategies import workflows

from workflowbench.catalogue import Api, Catalogue, builtin_catalogue
from workflowbench.catalogue.constructs import CONSTRUCTS
from workflowbench.generation.retrieval import RetrievalAnnotator, Workflow
from workflowbench.quality.program_check import check_program
from workflowbench.quality.statement_comments import uncommented_lines
from workflowbench.shortcuts.batch import encodable
from workflowbench.shortcuts.compilation import compile_program, parse
from workflowbench.shortcuts.transcription import transcribe
from workflowbench.shortcuts.tree import Action, walk
from workflowbench.tables import SEED_WORKFLOWS

CATALOGUE = builtin_catalogue()
APIS = tuple(CATALOGUE.values())
FUNCTIONS = {api.function: api.identifier for api in APIS}


@pytest.fixture(scope="module")
def annotator(seeds: pl.DataFrame, catalogue: Catalogue) -> RetrievalAnnotator:
    return RetrievalAnnotator(seeds, catalogue)


def called(code: str) -> set[str]:
    tree = compile_program(code, FUNCTIONS)
    return {node.identifier for node, _ in walk(tree.body) if type(node) is Action} - CONSTRUCTS


def assert_keeps_its_promises(written: Workflow, apis: list[Api]) -> None:
    given_apis = {api.identifier for api in apis}
    assert called(written.code) == given_apis - CONSTRUCTS
    verdict = check_program(written.code, given_apis, CATALOGUE)
    assert verdict.first_error is None
    assert uncommented_lines(written.code, parse(written.code)) == []
    assert written.task_plan.startswith("1. **Start**")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sets(st.integers(0, len(APIS) - 1), min_size=1, max_size=20), st.text(max_size=40))
def test_any_given_apis_are_all_called_and_no_other(
    annotator: RetrievalAnnotator, numbers: set[int], query: str
) -> None:
    apis = [APIS[number] for number in sorted(numbers)]
    assume(any(api.identifier not in CONSTRUCTS for api in apis))
    assert_keeps_its_promises(annotator.write(query, apis), apis)


def test_the_apis_of_every_example_are_all_called_and_no_other(
    annotator: RetrievalAnnotator, seeds: pl.DataFrame, catalogue: Catalogue
) -> None:
    for query, identifiers in seeds.select("query", "apis").iter_rows():
        apis = [catalogue[identifier] for identifier in identifiers if identifier in catalogue]
        assert_keeps_its_promises(annotator.write(query, apis), apis)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(workflows, st.randoms(use_true_random=False))
def test_any_workflow_can_be_adapted(workflow: dict[str, Any], draw: Any) -> None:
    done = transcribe(workflow)
    own = [CATALOGUE[identifier] for identifier in done.apis if identifier in CATALOGUE]
    apis = [*draw.sample(own, len(own) // 2), *draw.sample(APIS, 3)]
    apis = list({api.identifier: api for api in apis}.values())
    seed = dict.fromkeys(SEED_WORKFLOWS.schema, "") | {
        "workflow_id": "w",
        "code": encodable(done.code),
        "apis": [encodable(api) for api in done.apis],
        "tokens": [],
        **dict.fromkeys(("n_actions", "n_conditionals", "n_loops", "nesting_depth"), 0),
    }
    written = RetrievalAnnotator(SEED_WORKFLOWS.frame([seed]), CATALOGUE).write("", apis)
    assert called(written.code) == {api.identifier for api in apis} - CONSTRUCTS


def test_a_seed_is_adapted_to_its_own_apis_and_named(
    annotator: RetrievalAnnotator, seeds: pl.DataFrame, catalogue: Catalogue
) -> None:
    seed = seeds.sort("n_actions").row(-1, named=True)
    apis = [catalogue[identifier] for identifier in seed["apis"] if identifier in catalogue]
    written = annotator.write(seed["query"], apis)
    assert written.examples == (seed["workflow_id"],)
    assert "if " in written.code or "match " in written.code


def test_a_seed_of_which_nothing_is_kept_is_not_named(
    annotator: RetrievalAnnotator, catalogue: Catalogue
) -> None:
    written = annotator.write("Greet", [catalogue["com.microsoft.Word.CreateDocumentIntent"]])
    assert written.examples == ()
    assert called(written.code) == {"com.microsoft.Word.CreateDocumentIntent"}


def test_without_seeds_a_program_is_made_from_the_apis_alone(
    seeds: pl.DataFrame, catalogue: Catalogue
) -> None:
    apis = [catalogue[f"is.workflow.actions.{name}"] for name in ("date", "alert")]
    written = RetrievalAnnotator(seeds.clear(), catalogue).write("Show the date", apis)
    assert called(written.code) == {api.identifier for api in apis}


def test_the_same_query_is_always_answered_alike(seeds: pl.DataFrame, catalogue: Catalogue) -> None:
    apis = [catalogue[f"is.workflow.actions.{name}"] for name in ("date", "alert", "list")]
    shuffled = seeds.sample(fraction=1, shuffle=True, seed=1)
    one, two = (RetrievalAnnotator(frame, catalogue).write("Show", apis) for frame in (seeds, shuffled))
    assert one == two


def test_real_workflows_are_adapted(
    shared: Path, catalogue: Catalogue, tmp_path: Path, seeds_of: Callable[[Path], pl.DataFrame]
) -> None:
    for number, file in enumerate(sorted((shared / "corpus" / "unsigned").iterdir())[:60]):
        (tmp_path / f"{number}{file.suffix}").symlink_to(file)
    seeds = seeds_of(tmp_path)
    annotator = RetrievalAnnotator(seeds, catalogue)
    for query, identifiers in seeds.select("query", "apis").iter_rows():
        apis = [catalogue[identifier] for identifier in identifiers if identifier in catalogue][::2]
        assert_keeps_its_promises(annotator.write(query, apis), apis)
