"""The calls of actions in shortcut files, as Apple stores them: for the catalogue's observed parameters."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflowbench.shortcuts.reading import read_shortcut
from workflowbench.shortcuts.rejection import RejectedShortcut
from workflowbench.shortcuts.tree import BLOCK_KINDS


def calls_of(payloads: Iterable[bytes | None]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each call of the shortcuts: action identifier and parameters by key, block markers left out.

    Args:
        payloads: Files; one that is missing or no shortcut has no calls, the transcription says why.
    """
    for payload in payloads:
        if payload is None:
            continue
        try:
            workflow: dict[str, Any] = read_shortcut(payload).workflow
        except RejectedShortcut:
            continue
        for action in workflow["WFWorkflowActions"]:
            identifier = action["WFWorkflowActionIdentifier"]
            if identifier not in BLOCK_KINDS:
                yield identifier, action.get("WFWorkflowActionParameters") or {}
