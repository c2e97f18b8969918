import pytest

from workflowbench.inference.job import InferenceJob
from workflowbench.inference.lines import BadRequestError
from workflowbench.inference.prompts import sampling_of
from workflowbench.training.errors import JobError


def test_settings_are_read_from_the_body():
    sampling = sampling_of({"max_tokens": 9, "temperature": 0.5, "seed": 3, "stop": "END"}, 17)
    assert (sampling.max_tokens, sampling.temperature, sampling.seed, sampling.stop) == (9, 0.5, 3, ("END",))


def test_a_request_without_a_seed_gets_that_of_the_job():
    assert sampling_of({"max_tokens": 9}, 17).seed == 17


def test_a_schema_is_found():
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}}
    assert sampling_of({"max_tokens": 9, "response_format": wanted}, 1).schema == {"type": "object"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"max_tokens": 0},
        {"max_tokens": 9, "logit_bias": {}},
        {"max_tokens": 9, "response_format": "json"},
    ],
)
def test_a_setting_that_no_engine_knows_is_refused(body):
    with pytest.raises(BadRequestError):
        sampling_of(body, 17)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "magic"}, "it is one of vllm, transformers"),
        ({"in_flight": 0}, "in_flight is 0"),
        ({"engine": "transformers", "data_parallel": 2}, "Only the vllm engine"),
        ({"windw": 3}, "no setting windw"),
    ],
)
def test_a_wrong_job_is_refused(settings, message):
    with pytest.raises(JobError, match=message):
        InferenceJob.from_mapping({"model": "m", "requests": "in", "output": "out", **settings})


def test_a_missing_setting_is_named():
    with pytest.raises(JobError, match="lacks output, requests"):
        InferenceJob.from_mapping({"model": "m"})
