"""The calls of actions in programs, as Apple stores them: for the catalogue's observed parameters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.property_list import write_workflow
from workflowbench.shortcuts.tree import BLOCK_KINDS


def calls_of(programs: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each call of the programs: action identifier and parameters by key, block markers left out.

    Args:
        programs: Programs that are proven to compile, e.g. those of `transcribed_workflows`.
    """
    for program in programs:
        for action in write_workflow(compile_program(program))["WFWorkflowActions"]:
            identifier = action["WFWorkflowActionIdentifier"]
            if identifier not in BLOCK_KINDS:
                yield identifier, action["WFWorkflowActionParameters"]
