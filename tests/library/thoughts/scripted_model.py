"""A model that answers by a script, and checks and re-asks as the contract of `Model` says."""

import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replies import Complaint, Reply, judge

Script = Callable[[Question, str | None], Any]
"""Answers a question; the second argument says what was wrong with the first answer."""

_NUMBERED = re.compile(r"^ *(\d+) \| *(.*)$", re.MULTILINE)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_CODE = {"python", "def", "elif", "enumerate"}


@dataclass
class ScriptedModel:
    script: Script
    name: str = "scripted-1"
    asked: list[Question] = field(default_factory=list)

    def ask(self, questions: Iterable[Question]) -> Iterator[Answer | NoAnswer]:
        for question in questions:
            self.asked.append(question)
            yield self._answer(question)

    def _answer(self, question: Question) -> Answer | NoAnswer:
        fault: Complaint | None = None
        for _ in range(2):
            text = json.dumps(self.script(question, fault.detail if fault else None))
            value, fault = judge(question, Reply(text, None, "stop", self.name, 0, 0))
            if fault is None:
                return Answer(question.id, text, value, self.name)
        return NoAnswer(question.id, fault.rule, fault.detail)


def level_of(question: Question) -> str:
    return question.prompt.split("@")[0].removeprefix("thought-")


def section(question: Question, name: str) -> str:
    """The data between the tags of a name; empty if there are none."""
    found = re.search(rf'(?s)<(data-\w+) name="{name}">\n(.*?)\n</\1>', question.user)
    return found[2] if found else ""


def sensible(question: Question, fault: str | None = None) -> Any:
    """An answer that is made from the words of the prompt, and that nothing is wrong with."""
    match level_of(question):
        case "names":
            return {number: _name(question.id, number) for number in question.schema["properties"]}
        case "comments":
            statements = _NUMBERED.findall(section(question, "statements"))
            return {number: f"{_say(code)} at {number}" for number, code in statements}
        case "parts":
            groups = _groups(section(question, "comments"))
            return {"parts": [{"text": text, "last": last} for text, last in groups]}
        case "plan":
            groups = _groups(section(question, "parts") or section(question, "comments"))
            return {"steps": [{"title": text[:90], "details": [text], "last": last} for text, last in groups]}
        case "query":
            main = section(question, "main").split("\n")
            return {
                "query": f"Could you please build this for me: {'; '.join(_say(line, 9) for line in main)}?"
            }


def _name(question_id: str, number: str) -> str:
    digits = str(zlib.crc32(question_id.encode())) + number
    return "thing_" + digits.translate(str.maketrans("0123456789", "abcdefghij"))


def _say(text: str, most: int = 20) -> str:
    words = [word.removeprefix("WF") for word in _LETTERS.findall(text)]
    words = [word for word in words if word.lower() not in _CODE and word.isprintable()]
    return " ".join(["Works on", *words[:most]])[:200]


def _groups(lines: str) -> list[tuple[str, int]]:
    """Runs of lines, at most twenty, each as the words of its last line and the number of that line."""
    numbered = _NUMBERED.findall(lines)
    length = -(-len(numbered) // 20)
    return [
        (_say(run[-1][1]), int(run[-1][0]))
        for start in range(0, len(numbered), length)
        if (run := numbered[start : start + length])
    ]
