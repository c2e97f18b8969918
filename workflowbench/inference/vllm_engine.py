"""vLLM's asynchronous engine. Its blocking calls hang when the engine process dies; this one fails."""

import itertools
import os
import time
from typing import Any

from transformers import AutoTokenizer

from workflowbench.inference.answering import EngineDiedError
from workflowbench.inference.job import InferenceJob
from workflowbench.inference.lines import BadRequestError, Completion, RequestLine
from workflowbench.inference.prompts import Sampling, prompt_ids, sampling_of

_CPU_SETTINGS = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}


class VllmEngine:
    """A model in vLLM; use `close` at the end."""

    def __init__(self, job: InferenceJob, *, on_cpu: bool) -> None:
        os.environ["VLLM_NO_USAGE_STATS"] = "1"
        if on_cpu:
            for name, value in _CPU_SETTINGS.items():
                os.environ.setdefault(name, value)
        from vllm import AsyncEngineArgs
        from vllm.v1.engine.async_llm import AsyncLLM

        settings = AsyncEngineArgs(
            model=job.model,
            dtype="bfloat16",
            max_model_len=job.window,
            max_num_seqs=job.in_flight,
            tensor_parallel_size=job.tensor_parallel,
            data_parallel_size=job.data_parallel,
            gpu_memory_utilization=job.memory_share,
            enable_prefix_caching=job.prefix_caching,
            enforce_eager=job.eager,
            seed=job.seed,
        )
        self.last_token_at = time.monotonic()
        self._job = job
        self._tokenizer = AutoTokenizer.from_pretrained(job.model, local_files_only=True)
        self._engine = AsyncLLM.from_engine_args(settings)
        self._numbers = itertools.count()

    async def answer(self, request: RequestLine) -> Completion:
        """Answer a request; see `Engine.answer`."""
        sampling = sampling_of(request.body, self._job.seed)
        ids = prompt_ids(self._tokenizer, request.body, sampling, self._job.window)
        from vllm.v1.engine.exceptions import EngineDeadError

        try:
            output = await self._generate(ids, sampling)
        except EngineDeadError as error:
            raise EngineDiedError(f"The vLLM engine died: {error}") from error
        except ValueError as error:
            raise BadRequestError(f"vLLM refuses the request: {error}") from error
        written = output.outputs[0]
        return Completion(
            written.text,
            written.finish_reason or "stop",
            len(ids),
            len(written.token_ids),
            output.num_cached_tokens or 0,
        )

    async def _generate(self, ids: list[int], sampling: Sampling) -> Any:
        output = None
        name = str(next(self._numbers))
        async for output in self._engine.generate({"prompt_token_ids": ids}, _parameters(sampling), name):  # noqa: B007
            self.last_token_at = time.monotonic()
        return output

    def close(self) -> None:
        """End the engine's processes."""
        self._engine.shutdown()


def _parameters(sampling: Sampling) -> Any:
    from vllm import SamplingParams
    from vllm.sampling_params import StructuredOutputsParams

    structured = None
    if sampling.schema is not None:
        structured = StructuredOutputsParams(json=sampling.schema, disable_any_whitespace=True)
    elif sampling.is_json:
        structured = StructuredOutputsParams(json_object=True, disable_any_whitespace=True)
    return SamplingParams(
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        max_tokens=sampling.max_tokens,
        seed=sampling.seed,
        stop=list(sampling.stop),
        structured_outputs=structured,
    )
