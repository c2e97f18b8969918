"""Chat format: which tokens a conversation becomes, and which of them the loss is taken on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workflowbench.training.conversations import Conversation
from workflowbench.training.errors import JobError

IGNORED = -100
"""Label of a token that the loss leaves out, as torch defines it."""

LLAMA3_TOKENS = ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
"""Special tokens of the Llama-3 chat format."""

LLAMA3_TEMPLATE = (
    "{{- bos_token }}"
    "{%- for message in messages %}"
    "{{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}"
    "{%- if message['role'] == 'assistant' %}"
    "{%- generation %}{{- message['content'] + '<|eot_id|>' }}{%- endgeneration %}"
    "{%- else %}{{- message['content'] + '<|eot_id|>' }}{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}"
    "{%- endif %}"
)
"""Llama-3's chat format; the text between the `generation` marks is what the loss is taken on."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A conversation as tokens.

    Attributes:
        id: Id of the conversation.
        input_ids: Token ids.
        labels: The same ids where the loss is taken, `IGNORED` elsewhere.

    """

    id: str
    input_ids: tuple[int, ...]
    labels: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Encoded:
    """The samples of a split, and what did not fit.

    Attributes:
        samples: Samples that fit the window.
        over_long: Id and length in tokens of each sample that did not.

    """

    samples: tuple[Sample, ...]
    over_long: tuple[tuple[str, int], ...]

    @property
    def n_tokens(self) -> int:
        """Tokens of all samples."""
        return sum(len(sample.input_ids) for sample in self.samples)

    @property
    def n_loss_tokens(self) -> int:
        """Tokens that the loss is taken on."""
        return sum(label != IGNORED for sample in self.samples for label in sample.labels)


def prepare_tokenizer(tokenizer: Any) -> None:
    """Make sure that a tokenizer can mark the assistant's text.

    A chat template with `generation` marks is kept; a Llama-3 tokenizer without them gets ours.

    Raises:
        JobError: the tokenizer has neither.

    """
    if "{% generation" not in (tokenizer.chat_template or "").replace("{%-", "{%"):
        missing = [token for token in LLAMA3_TOKENS if not _is_one_token(tokenizer, token)]
        if missing:
            raise JobError(
                f"The tokenizer lacks {', '.join(missing)} and has no chat template with generation marks. "
                "Use an instruction-tuned model of the Llama-3 family, or give the tokenizer such a template."
            )
        tokenizer.chat_template = LLAMA3_TEMPLATE
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token


def _is_one_token(tokenizer: Any, token: str) -> bool:
    return len(tokenizer.encode(token, add_special_tokens=False)) == 1


def encode(
    conversations: Iterable[Conversation],
    tokenizer: Any,
    *,
    window: int,
    over_long: Literal["drop", "refuse"] = "drop",
) -> Encoded:
    """Turn conversations into samples; none is ever cut.

    Args:
        conversations: What to encode.
        tokenizer: A tokenizer that `prepare_tokenizer` accepted.
        window: Most tokens of a sample.
        over_long: Leave longer samples out, or refuse to go on.

    Raises:
        JobError: a sample is too long and `over_long` is `refuse`, or none is left, or the template marks
            anything but the assistant's text.

    """
    samples, left_out = [], []
    for conversation in conversations:
        sample = encode_one(conversation, tokenizer)
        if len(sample.input_ids) <= window:
            samples.append(sample)
        else:
            left_out.append((sample.id, len(sample.input_ids)))
    if left_out and over_long == "refuse":
        name, length = left_out[0]
        raise JobError(
            f"{len(left_out)} samples are longer than the window of {window} tokens, e.g. {name} with "
            f"{length}. Widen the window, or set over_long to drop."
        )
    if not samples:
        raise JobError(
            f"No sample fits the window of {window} tokens; the shortest has {_shortest(left_out)}."
        )
    return Encoded(tuple(samples), tuple(left_out))


def encode_one(conversation: Conversation, tokenizer: Any) -> Sample:
    """Turn a conversation into tokens and labels, and check both.

    Raises:
        JobError: the beginning-of-text token occurs twice, or the labels are not just the answer.

    """
    encoded = tokenizer.apply_chat_template(
        list(conversation.messages), tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    ids, mask = encoded["input_ids"], encoded["assistant_masks"]
    labels = [token if marked else IGNORED for token, marked in zip(ids, mask, strict=True)]
    _check(conversation, tokenizer, ids, labels)
    return Sample(conversation.id, tuple(ids), tuple(labels))


def _check(conversation: Conversation, tokenizer: Any, ids: Sequence[int], labels: Sequence[int]) -> None:
    bos = tokenizer.bos_token_id
    if bos is not None and list(ids[:2]) == [bos, bos]:
        raise JobError(f"{conversation.id} begins with two beginning-of-text tokens; mend the chat template.")
    learnt = [label for label in labels if label != IGNORED]
    if not learnt:
        raise JobError(f"No token of {conversation.id} is learnt; the chat template marks no generation.")
    text = tokenizer.decode(learnt, clean_up_tokenization_spaces=False)
    if not text.startswith(conversation.messages[-1]["content"]):
        raise JobError(
            f"The chat template marks other text of {conversation.id} than the assistant's answer."
        )


def _shortest(lengths: Sequence[tuple[str, int]]) -> int:
    return min((length for _, length in lengths), default=0)
