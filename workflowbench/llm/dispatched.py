"""A model behind a program that answers a whole file of requests, such as one on a GPU machine."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from workflowbench.llm.ledger import Entry, Ledger
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.llm.replay import Pending, advance, replay
from workflowbench.llm.replies import BadReplyError, Reply
from workflowbench.llm.requests import Request, RequestSettings
from workflowbench.llm.results import Result
from workflowbench.llm.usage import Usage

Dispatch = Callable[[Mapping[str, Request]], Iterable[Result]]
"""Answers requests, which are given by key; a request may stay without a result."""

Outcome = Answer | NoAnswer


class DispatchedModel:
    """Asks a program, in one batch, everything that the ledger does not know.

    Starting such a program takes a minute or more, so all questions are one batch, and what has to be asked
    once more is a second one.

    Args:
        settings: What requests say beside the question.
        ledger: Where all responses are kept.
        dispatch: Gets a batch answered; what it raises ends the stage, and the next run goes on from there.

    """

    def __init__(self, settings: RequestSettings, ledger: Ledger, dispatch: Dispatch) -> None:
        self._settings = settings
        self._ledger = ledger
        self._dispatch = dispatch
        self.usage = Usage(settings.name)

    @property
    def name(self) -> str:
        """Model and revision, as rows that it wrote name it."""
        return self._settings.name

    def ask(self, questions: Iterable[Question]) -> Iterator[Outcome]:
        """Ask every question; answers come in the order of the questions, each exactly once."""
        steps: list[Outcome | Pending] = [
            replay(question, self._settings, self._ledger) for question in questions
        ]
        while requests := {step.request.key: step.request for step in steps if isinstance(step, Pending)}:
            refused = self._answer(requests)
            steps = [self._next(step, refused) if isinstance(step, Pending) else step for step in steps]
        for step in steps:
            assert not isinstance(step, Pending)
            self.usage.ended(step)
            yield step

    def _answer(self, requests: Mapping[str, Request]) -> dict[str, str]:
        """Get requests answered into the ledger; returns why the others were not, by key."""
        refused = dict.fromkeys(requests, "The program left it without an answer; run the stage again.")
        for result in self._dispatch(requests):
            if result.key not in refused:
                continue
            try:
                reply = Reply.of(result.body)
            except BadReplyError:
                refused[result.key] = str(result.body.get("message", result.body))
                continue
            self._ledger.store(result.key, self._entry(result, requests[result.key]))
            self.usage.answered(reply, None)
            del refused[result.key]
        return refused

    def _next(self, pending: Pending, refused: Mapping[str, str]) -> Outcome | Pending:
        key = pending.request.key
        if key in refused:
            return NoAnswer(pending.question.id, "rejected", refused[key])
        entry = self._ledger.find(key)
        assert entry is not None
        step = advance(pending.question, pending.dialogue, entry, is_replayed=False)
        return replace(pending, request=step) if isinstance(step, Request) else step

    def _entry(self, result: Result, request: Request) -> Entry:
        return Entry(
            status=200,
            response=result.body,
            model=self._settings.name,
            prompt=request.prompt,
            request_bytes=len(request.content),
            asked_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
