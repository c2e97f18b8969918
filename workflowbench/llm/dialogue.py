"""The exchange about one question: a request, its reply, and at most one more of each.

It knows no network and no clock: whoever drives it fetches the replies, from the ledger or from a server.
"""

from collections.abc import Generator
from dataclasses import dataclass

from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replies import Reply, judge
from workflowbench.llm.requests import Request, RequestSettings


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply as a dialogue hears it.

    Attributes:
        reply: The reply.
        is_replayed: Whether it came from the ledger.

    """

    reply: Reply
    is_replayed: bool


Dialogue = Generator[Request, Heard, Answer | NoAnswer]
"""Yields requests, is sent what was heard to each, and returns how it ended."""


def dialogue(question: Question, settings: RequestSettings) -> Dialogue:
    """Ask a question; where the answer has a fault that can be mended, show it and ask once more."""
    request = Request.of(question, settings)
    first = yield request
    value, complaint = judge(question, first.reply)
    heard = [first]
    if complaint is not None and complaint.may_be_mended:
        second = yield request.again(first.reply.text, complaint.detail)
        value, complaint = judge(question, second.reply)
        heard.append(second)
    if complaint is not None:
        return NoAnswer(question.id, complaint.rule, complaint.detail)
    return Answer(
        id=question.id,
        text=heard[-1].reply.text,
        value=value,
        model=heard[-1].reply.model or settings.name,
        prompt_tokens=sum(each.reply.prompt_tokens for each in heard),
        completion_tokens=sum(each.reply.completion_tokens for each in heard),
        is_replayed=all(each.is_replayed for each in heard),
    )
