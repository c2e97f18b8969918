"""Samples of WorkflowBench whose programs pass every rule, and a judge that answers by a script."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pytest

from workflowbench.catalogue import Catalogue, builtin_catalogue
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replies import Reply, judge
from workflowbench.shortcuts.compilation import compile_program
from workflowbench.shortcuts.facts import code_facts
from workflowbench.tables import PREDICTIONS, WORKFLOWBENCH

PROGRAMS = {
    "battery": (
        "How full is the battery, and can you say it aloud?",
        (
            "# Gets the level.\nlevel = is_workflow_actions_getbatterylevel()\n"
            "# Speaks it.\nis_workflow_actions_speaktext( WFText=f'''{level} percent''')\n"
        ),
    ),
    "warning": (
        "Could you warn me with a message, but only if the battery is low?",
        (
            "# Gets the level.\nlevel = is_workflow_actions_getbatterylevel()\n"
            "# Compares it.\nif level < 20:\n"
            "    # Warns.\n    is_workflow_actions_alert( WFAlertActionMessage='''Charge me''')\n"
        ),
    ),
    "page": (
        "How can I show the contents of a web page?",
        (
            "# Names the page.\naddress = is_workflow_actions_url( WFURLActionURL='''https://example.com''')\n"
            "# Fetches it.\npage = is_workflow_actions_downloadurl( WFURL=address)\n"
            "# Shows it.\nis_workflow_actions_showresult( Text=f'''{page}''')\n"
        ),
    ),
}


def _sample(sample_id: str, query: str, code: str) -> dict[str, Any]:
    facts = code_facts(compile_program(code, builtin_catalogue().identifiers))
    return {
        "sample_id": sample_id,
        "workflow_id": f"w-{sample_id}",
        "origin": "collected",
        "category": "Utilities",
        "query": query,
        "task_plan": f"1. **Start**\n2. {query}",
        "code": code,
        "apis": facts.apis,
        "given_apis": facts.apis,
        "n_actions": facts.n_actions,
        "n_conditionals": facts.n_conditionals,
        "n_loops": facts.n_loops,
        "nesting_depth": facts.nesting_depth,
        "annotator": "offline",
        "family": f"w-{sample_id}",
    }


@dataclass
class ScriptedModel:
    """Answers by a script; answers are checked, and asked for once more, as the contract of models says."""

    script: Callable[[Question], str | NoAnswer]
    name: str = "scripted@1"
    asked: list[Question] = field(default_factory=list)

    def ask(self, questions: Iterable[Question]) -> Iterator[Answer | NoAnswer]:
        for question in questions:
            self.asked.append(question)
            yield self._answer(question)

    def _answer(self, question: Question) -> Answer | NoAnswer:
        for _ in range(2):
            text = self.script(question)
            if isinstance(text, NoAnswer):
                return text
            value, fault = judge(question, Reply(text, None, "stop", self.name, 7, 3))
            if fault is None:
                return Answer(question.id, text, value, self.name, 7, 3)
        return NoAnswer(question.id, fault.rule, fault.detail)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return builtin_catalogue()


@pytest.fixture(scope="session")
def samples() -> pl.DataFrame:
    """Three rows of `workflowbench`: `battery`, `page` and `warning`."""
    return WORKFLOWBENCH.frame(_sample(name, *texts) for name, texts in sorted(PROGRAMS.items()))


@pytest.fixture(scope="session")
def scripted() -> type[ScriptedModel]:
    return ScriptedModel


@pytest.fixture(scope="session")
def predicted() -> Callable[..., pl.DataFrame]:
    """Builds rows of `predictions` of one model from programs by sample id."""

    def build(model: str = "m", setting: str = "id", /, **programs: str) -> pl.DataFrame:
        return PREDICTIONS.frame(
            {
                "model": model,
                "setting": setting,
                "sample_id": sample_id,
                "prompt": "orchestration@1",
                "examples": [],
                "code": code,
                "finish_reason": "stop",
                "prompt_tokens": 1000,
                "completion_tokens": 100,
            }
            for sample_id, code in programs.items()
        )

    return build
