"""Continuous batching of transformers: for machines where vLLM cannot be installed."""

import asyncio
import itertools
import time
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, ContinuousBatchingConfig, GenerationConfig

from workflowbench.inference.answering import EngineDiedError
from workflowbench.inference.job import InferenceJob
from workflowbench.inference.lines import BadRequestError, Completion, RequestLine
from workflowbench.inference.prompts import prompt_ids, sampling_of

_PAGE_TOKENS = 256


class TransformersEngine:
    """A model in transformers, greedy; use `close` at the end."""

    def __init__(self, job: InferenceJob, *, on_cpu: bool) -> None:
        device = "cpu" if on_cpu else "cuda"
        model: Any = AutoModelForCausalLM.from_pretrained(
            job.model, dtype=torch.bfloat16, local_files_only=True
        )
        self._tokenizer = AutoTokenizer.from_pretrained(job.model, local_files_only=True)
        self._job = job
        self._numbers = itertools.count()
        self.last_token_at = time.monotonic()
        batching = ContinuousBatchingConfig(
            page_size=_PAGE_TOKENS,
            num_blocks=job.in_flight * -(-job.window // _PAGE_TOKENS) if on_cpu else None,
            max_batch_tokens=max(job.window, 1024) if on_cpu else None,
            use_async_batching=False,
            seed=job.seed,
        )
        greedy = GenerationConfig(
            do_sample=False,
            eos_token_id=self._tokenizer.eos_token_id,
            pad_token_id=self._tokenizer.pad_token_id,
        )
        self._manager = model.to(device).eval().init_continuous_batching(greedy, batching)
        self._manager.start()

    async def answer(self, request: RequestLine) -> Completion:
        """Answer a request; see `Engine.answer`."""
        sampling = sampling_of(request.body, self._job.seed)
        if sampling.temperature or sampling.is_json or sampling.stop:
            raise BadRequestError(
                "The transformers engine is greedy and free-form only; use the vllm engine."
            )
        ids = prompt_ids(self._tokenizer, request.body, sampling, self._job.window)
        written = await self._generate(ids, sampling.max_tokens)
        has_ended = bool(written) and written[-1] == self._tokenizer.eos_token_id
        text = self._tokenizer.decode(written, skip_special_tokens=True)
        return Completion(text, "stop" if has_ended else "length", len(ids), len(written))

    async def _generate(self, ids: list[int], max_tokens: int) -> list[int]:
        ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        name = f"answer-{next(self._numbers)}"
        self._manager.register_result_handler(name, lambda output: self._note(output, ended))
        if self._manager.add_request(ids, request_id=name, max_new_tokens=max_tokens, streaming=True) is None:
            raise EngineDiedError("The engine takes no more requests.")
        output = await ended
        if output.error:
            raise EngineDiedError(f"The engine failed: {output.error}")
        return list(output.generated_tokens)

    def _note(self, output: Any, ended: "asyncio.Future[Any]") -> None:
        self.last_token_at = time.monotonic()
        if output.is_finished() and not ended.done():
            ended.set_result(output)

    def close(self) -> None:
        """End the engine's thread."""
        self._manager.stop(block=True, timeout=30, hard_stop=True)
