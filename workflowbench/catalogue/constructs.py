"""Actions that a program writes as Python itself rather than as a call, and actions that end a run."""

_PREFIX = "is.workflow.actions."

CONSTRUCTS = frozenset(
    _PREFIX + name
    for name in (
        "appendvariable",
        "ask",
        "choosefrommenu",
        "comment",
        "conditional",
        "dictionary",
        "getvalueforkey",
        "gettext",
        "getvariable",
        "nothing",
        "repeat.count",
        "repeat.each",
        "setvariable",
    )
)
"""Identifiers of actions that stand for literals, variables, `input`, comments and blocks.

They belong to the language of a workflow: any program may use them, none is asked to.
"""

ENDINGS = frozenset({_PREFIX + "exit", _PREFIX + "output"})
"""Identifiers of actions after which nothing runs."""

BUILTIN_APP = "is_workflow_actions"
"""App of Apple's own actions, as the paper counts apps (section 3.3)."""
