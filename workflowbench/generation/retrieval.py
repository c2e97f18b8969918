"""The `retrieval` annotator: the nearest collected workflow, adapted to the given APIs, without a model."""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from workflowbench.catalogue.api import Api
from workflowbench.generation.adaptation import adapted
from workflowbench.generation.pruning import pruned
from workflowbench.generation.seed_index import SeedIndex
from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.program_writing import write_program
from workflowbench.shortcuts.tree import Tree
from workflowbench.thoughts.comments import with_comments
from workflowbench.thoughts.names import choose_names
from workflowbench.thoughts.plan import task_plan
from workflowbench.thoughts.renaming import rename
from workflowbench.thoughts.vocabulary import read_vocabulary

ANNOTATOR = "retrieval"
"""Annotator of the rows that it writes."""
PROMPT = "retrieval@1"
"""Name and version of its rules, in place of a prompt template."""

_COMPILED_SEEDS = 4096
_INPUT = "Shortcut_Input"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A task plan and an annotated program, and the workflows that they were made from."""

    task_plan: str
    code: str
    examples: tuple[str, ...]


class RetrievalAnnotator:
    """Writes a workflow for a query by adapting the nearest seed.

    Args:
        seeds: Rows of `seed_workflows` that may be adapted; the caller keeps test workflows out.
        catalogue: API by identifier.

    """

    def __init__(self, seeds: pl.DataFrame, catalogue: Mapping[str, Api]) -> None:
        self._index = SeedIndex(seeds)
        self._catalogue = catalogue
        self._by_function = {api.function: api for api in reversed(tuple(catalogue.values()))}
        self._functions = {function: api.identifier for function, api in self._by_function.items()}
        self._codes = dict(seeds.select("workflow_id", "code").iter_rows())
        self._compiled = lru_cache(_COMPILED_SEEDS)(self._compile)

    def write(self, query: str, apis: Sequence[Api]) -> Workflow:
        """Write a workflow that calls each of the given APIs and no other.

        The seed is named as its example only if something of it was kept. The program is empty if all given
        APIs are parts of the language, which nothing asks to be used.
        """
        nearest = self._index.nearest(query, (api.identifier for api in apis), 1)
        body = self._compiled(nearest[0]).body if nearest else []
        kept = pruned(body, {api.identifier for api in apis})
        tree = adapted(kept, apis, self._catalogue)
        plan, code = self._annotated(write_program(tree)[0])
        return Workflow(plan, code, tuple(nearest) if kept else ())

    def _compile(self, workflow_id: str) -> Tree:
        return compile_program(self._codes[workflow_id], self._functions)

    def _annotated(self, program: str) -> tuple[str, str]:
        """Give a program readable names, a comment before each statement and a plan, by the offline rules."""
        tree = ast.parse(program)
        vocabulary = read_vocabulary(tree, self._catalogue, self._by_function)
        code = rename(program, tree, choose_names(tree, vocabulary))
        named = ast.parse(code)
        vocabulary = read_vocabulary(named, self._catalogue, self._by_function)
        plan = task_plan(named, vocabulary, "", takes_input=f"{_INPUT} = " in code)
        return plan, with_comments(code, named, vocabulary)
