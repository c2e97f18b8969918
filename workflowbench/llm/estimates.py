"""How many tokens a request will take: a rule of thumb, better where the ledger knows the model."""

from dataclasses import dataclass

from workflowbench.llm.ledger import Ledger
from workflowbench.llm.replies import Reply
from workflowbench.llm.requests import Request

BYTES_PER_TOKEN = 3.5
"""Bytes of a request body per token: English takes about 4, code and JSON about 3."""

CALIBRATION_ENTRIES = 1000
"""Newest entries of the ledger that a calibration looks at."""


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """Estimates tokens from bytes.

    Attributes:
        bytes_per_token: Bytes of a request body per token.
        sample: Responses that the figure comes from; 0 is the rule of thumb.

    """

    bytes_per_token: float = BYTES_PER_TOKEN
    sample: int = 0

    @classmethod
    def calibrated(cls, ledger: Ledger, model: str) -> "TokenEstimate":
        """Take the figure from the newest responses of a model, where there are any that name their usage."""
        size = tokens = sample = 0
        for entry in ledger.newest(CALIBRATION_ENTRIES):
            if entry.model != model or entry.status != 200:
                continue
            prompt_tokens = Reply.of(entry.response).prompt_tokens
            if prompt_tokens:
                size, tokens, sample = size + entry.request_bytes, tokens + prompt_tokens, sample + 1
        return cls(size / tokens, sample) if sample else cls()

    def prompt_tokens(self, request: Request) -> int:
        """Tokens of a request."""
        return round(len(request.content) / self.bytes_per_token)
