"""Answers from the ledger alone: how far each question gets without a network."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflowbench.llm.dialogue import Dialogue, Heard, dialogue
from workflowbench.llm.failures import UnanswerableError
from workflowbench.llm.ledger import Entry, Ledger
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replies import Reply
from workflowbench.llm.requests import Request, RequestSettings
from workflowbench.llm.usage import Usage


@dataclass(frozen=True, slots=True)
class Pending:
    """A dialogue that waits for the reply to a request which the ledger does not hold."""

    question: Question
    dialogue: Dialogue
    request: Request


def heard(entry: Entry, *, is_replayed: bool) -> Heard:
    """Read an entry as a dialogue hears it.

    Raises:
        UnanswerableError: the entry says that the prompt was too long.

    """
    if entry.status != 200:
        raise UnanswerableError("too_long", str(entry.response["error"]))
    return Heard(Reply.of(entry.response), is_replayed)


def replay(question: Question, settings: RequestSettings, ledger: Ledger) -> Answer | NoAnswer | Pending:
    """Drive the dialogue about a question as far as the ledger knows its replies."""
    exchange = dialogue(question, settings)
    request = next(exchange)
    while (entry := ledger.find(request.key)) is not None:
        step = advance(question, exchange, entry, is_replayed=True)
        if not isinstance(step, Request):
            return step
        request = step
    return Pending(question, exchange, request)


def advance(
    question: Question, exchange: Dialogue, entry: Entry, *, is_replayed: bool
) -> Request | Answer | NoAnswer:
    """Let a dialogue hear an entry: its next request, or how it ended."""
    try:
        return exchange.send(heard(entry, is_replayed=is_replayed))
    except StopIteration as end:
        outcome: Answer | NoAnswer = end.value
        return outcome
    except UnanswerableError as error:
        return NoAnswer(question.id, error.rule, error.detail)


class LedgerModel:
    """A model that never asks: it answers what the ledger holds, and `not_in_ledger` otherwise.

    Args:
        settings: What requests say; the same as of the model that was asked.
        ledger: The ledger.

    """

    def __init__(self, settings: RequestSettings, ledger: Ledger) -> None:
        self._settings = settings
        self._ledger = ledger
        self.usage = Usage(settings.name)

    @property
    def name(self) -> str:
        """Model and revision that were asked."""
        return self._settings.name

    def ask(self, questions: Iterable[Question]) -> Iterator[Answer | NoAnswer]:
        """Replay every question, in order."""
        for question in questions:
            outcome = replay(question, self._settings, self._ledger)
            if isinstance(outcome, Pending):
                detail = f"The ledger holds no answer of {self.name}; ask a server for it."
                outcome = NoAnswer(question.id, "not_in_ledger", detail)
            self.usage.ended(outcome)
            yield outcome
