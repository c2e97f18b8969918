"""The orchestration prompt and the form of its answer: for generation, training text and evaluation alike.

A model is given a query and the Python stubs of the APIs, and answers with a plan and one block of Python
(paper, appendix B.1). Whatever comes from elsewhere stands on one line or in a fenced block whose fence is
longer than any in it, so that no text can end its own part of the prompt.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workflowbench.llm.templates import load_template
from workflowbench.thoughts.wording import one_line

_TEMPLATE = load_template("workflowbench.generation", "orchestration")
PROMPT = _TEMPLATE.name
"""Name and version of the prompt template."""

_BACKTICKS = re.compile(r"`{3,}")
_SHORTEST_FENCE = 3
_REQUEST_LIMIT = 8000

Message = dict[str, str]
"""A chat message: `role` and `content`."""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """An in-context example: a workflow with its id, query, task plan and annotated program."""

    workflow_id: str
    query: str
    task_plan: str
    code: str


def chat_messages(query: str, stubs: Sequence[str], examples: Sequence[Demonstration] = ()) -> list[Message]:
    """Build the system and the user message that ask for a workflow.

    Args:
        query: What a person asks for.
        stubs: Python stubs of the APIs that the workflow must use.
        examples: Workflows to learn from, in the order in which they are shown.

    """
    shown = [
        {"request": _request(example.query), "answer": answer_text(example.task_plan, example.code)}
        for example in examples
    ]
    documents = "\n\n".join(stub.strip() for stub in stubs)
    system, user = _TEMPLATE.messages(
        {"request": _request(query), "stubs": fenced(documents), "examples": shown}
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def answer_text(task_plan: str, code: str) -> str:
    """Write an answer in the form of the published training text: the plan, then one block of Python.

    The plan is stripped of blank space at both ends. `answers.parse` reads both back.
    """
    plan = task_plan.strip()
    return f"Thought: {plan}\n\nCode:\n{fenced(code, longer_than=plan)}"


def fenced(code: str, *, longer_than: str = "") -> str:
    """Put code into a block whose fence is longer than any run of backticks in it, or in another text."""
    runs = (len(run) for text in (code, longer_than) for run in _BACKTICKS.findall(text))
    fence = "`" * max(_SHORTEST_FENCE, 1 + max(runs, default=0))
    return f"{fence}python\n{code}\n{fence}"


def _request(query: str) -> str:
    return one_line(query, _REQUEST_LIMIT)
