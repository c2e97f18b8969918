"""From the body of a request to prompt tokens and sampling settings, the same for every engine."""

from dataclasses import dataclass
from typing import Any

from workflowbench.inference.lines import BadRequestError

_KNOWN = frozenset(
    {"model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "seed", "stop"}
    | {"response_format"}
)


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn; `schema` is a JSON schema that it must satisfy."""

    max_tokens: int
    temperature: float
    top_p: float
    seed: int
    stop: tuple[str, ...]
    schema: dict[str, Any] | None
    is_json: bool


def sampling_of(body: dict[str, Any], default_seed: int) -> Sampling:
    """Read the sampling settings of a request.

    Raises:
        BadRequestError: a setting is wrong or unknown.

    """
    if unknown := sorted(body.keys() - _KNOWN):
        raise BadRequestError(f"The engine does not know the setting {', '.join(unknown)}.")
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    if not isinstance(limit, int) or limit < 1:
        raise BadRequestError("max_tokens must say how long the answer may be.")
    schema, is_json = _format(body.get("response_format"))
    stop = body.get("stop") or ()
    return Sampling(
        limit,
        float(body.get("temperature") or 0.0),
        float(body.get("top_p") or 1.0),
        default_seed if body.get("seed") is None else int(body["seed"]),
        (stop,) if isinstance(stop, str) else tuple(stop),
        schema,
        is_json,
    )


def _format(wanted: Any) -> tuple[dict[str, Any] | None, bool]:
    match wanted:
        case None | {"type": "text"}:
            return None, False
        case {"type": "json_object"}:
            return None, True
        case {"type": "json_schema", "json_schema": {"schema": dict(schema)}}:
            return schema, True
        case _:
            raise BadRequestError("response_format is none that the engine knows.")


def prompt_ids(tokenizer: Any, body: dict[str, Any], sampling: Sampling, window: int) -> list[int]:
    """Turn the messages of a request into tokens, ready for the answer.

    Raises:
        BadRequestError: the messages do not fit the chat template, or leave no room for the answer.

    """
    try:
        encoded = tokenizer.apply_chat_template(
            body["messages"], add_generation_prompt=True, tokenize=True, return_dict=True
        )
    except Exception as error:
        raise BadRequestError(f"The chat template refuses the messages: {error}") from error
    ids: list[int] = encoded["input_ids"]
    if len(ids) + sampling.max_tokens > window:
        raise BadRequestError(
            f"The prompt has {len(ids)} tokens and the answer may have {sampling.max_tokens}; "
            f"the window is {window}."
        )
    return ids
