"""Transcribes a shortcut to Python, and proves that nothing was lost."""

from dataclasses import dataclass
from typing import Any

from workflowbench.shortcuts.canonical import workflow_id
from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.facts import code_facts
from workflowbench.shortcuts.implicit_inputs import fill_implicit_inputs
from workflowbench.shortcuts.program_errors import ProgramError
from workflowbench.shortcuts.program_writing import write_program
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.tree import Tree, build_tree

MAX_LINES = 200_000
"""Lines of a program; the longest real ones have about ten thousand."""


@dataclass(frozen=True, slots=True)
class Transcription:
    """A shortcut as a Python program, with its proof.

    Attributes:
        workflow_id: Hash of the canonical action tree.
        code: The program.
        variables: Python name to output UUID, variable name or action identifier.
        apis: Distinct identifiers of the actions, in order of first use.
        n_actions: Actions and block markers.
        n_conditionals: `if` and `match` blocks.
        n_loops: Loops.
        nesting_depth: Greatest depth of nested blocks; 0 is a flat workflow.
        tokens: The tree in pre-order, one token per action and block marker.
        repairs: Faults of the file that were mended.
        round_trip_id: Hash of the canonical tree that the program compiles to.
    """

    workflow_id: str
    code: str
    variables: dict[str, str]
    apis: list[str]
    n_actions: int
    n_conditionals: int
    n_loops: int
    nesting_depth: int
    tokens: list[str]
    repairs: list[str]
    round_trip_id: str

    @property
    def round_trip(self) -> bool:
        """True if the program compiles back to the same canonical tree."""
        return self.round_trip_id == self.workflow_id


def read_tree(workflow: dict[str, Any]) -> Tree:
    """The action tree of a property list's root, implicit inputs written out."""
    tree = build_tree(workflow["WFWorkflowActions"])
    fill_implicit_inputs(tree)
    return tree


def transcribe(workflow: dict[str, Any]) -> Transcription:
    """Transcribe the root of a shortcut's property list (`ShortcutFile.workflow`).

    Raises:
        RejectedShortcut: The workflow is nested deeper than Python can express, or far too long.
    """
    tree = read_tree(workflow)
    facts = code_facts(tree)
    code, variables = write_program(tree)
    if (lines := code.count("\n")) > MAX_LINES:
        raise RejectedShortcut(
            "too_many_lines",
            "the program would be longer than any that a person wrote; split the shortcut",
            threshold=MAX_LINES,
            observed=lines,
        )
    return Transcription(
        workflow_id=facts.workflow_id,
        code=code,
        variables=variables,
        apis=facts.apis,
        n_actions=facts.n_actions,
        n_conditionals=facts.n_conditionals,
        n_loops=facts.n_loops,
        nesting_depth=facts.nesting_depth,
        tokens=facts.tokens,
        repairs=tree.repairs,
        round_trip_id=workflow_id(_compile(code)),
    )


def _compile(code: str) -> Tree:
    try:
        return compile_program(code)
    except ProgramError as error:
        raise RejectedShortcut(
            "not_expressible", f"the workflow cannot be written as a Python program: {error.reason}"
        ) from error
