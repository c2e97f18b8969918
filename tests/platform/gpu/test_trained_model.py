import sys

import dagster as dg
import pytest
from stand_ins import failure

from workflowbench.llm.ledger import Ledger
from workflowbench.llm.questions import Answer, NoAnswer, Question
from workflowbench.training.trained_models import record_model
from workflowbench_dagster.resources.gpu import GpuJobs
from workflowbench_dagster.resources.models import StageModel
from workflowbench_dagster.resources.trained_model import dispatch_to

GENERATION = """#!{python}
import json, sys
from pathlib import Path
from workflowbench_dagster.external.reporting import reporter

job = json.loads(Path(sys.argv[-1]).read_text())
starts = Path(job["model"]).parents[2] / "starts"
starts.write_text(starts.read_text() + "x" if starts.exists() else "x")
with reporter() as tell, open(job["output"], "w") as output:
    for line in Path(job["requests"]).read_text().splitlines():
        request = json.loads(line)
        said = request["body"]["messages"][-1]["content"]
        choice = {{"message": {{"role": "assistant", "content": said.upper()}}, "finish_reason": "stop"}}
        body = {{"choices": [choice], "model": "m", "usage": {{}}, "asked": request["body"]}}
        answer = {{"custom_id": request["custom_id"], "response": {{"status_code": 200, "body": body}}}}
        if "too long" in said:
            error = {{"code": "bad_request", "message": "does not fit"}}
            answer = {{"custom_id": request["custom_id"], "response": None, "error": error}}
        output.write(json.dumps(answer) + "\\n")
    tell({{"event": "done"}})
"""


@pytest.fixture
def gpu(tmp_path):
    """A workspace with a trained annotator, and an interpreter that acts as the generation program."""
    run = tmp_path / "gpu" / "annotator-ood" / "1"
    (run / "final").mkdir(parents=True)
    (run / "final" / "model.safetensors").write_bytes(b"weights")
    (run / "DONE").touch()
    record_model("annotator-ood", "seed_workflows", run)
    program = tmp_path / "python"
    program.write_text(GENERATION.format(python=sys.executable))
    program.chmod(0o755)
    return GpuJobs(workspace=str(tmp_path / "gpu"), python=str(program), inference={"window": 4096})


def ask(gpu, instance, tmp_path, *texts, name="annotator-ood"):
    heard = []

    @dg.asset
    def answers(context: dg.AssetExecutionContext, gpu: GpuJobs) -> None:
        settings = {"workspace": gpu.workspace, "ledger": str(tmp_path / "ledger.sqlite")}
        model = StageModel(stage="generation", backend="trained", model=name, **settings)
        dispatch = dispatch_to(model.trained, context, gpu, "answers")
        questions = [Question(text, "test@1", "You write.", text, max_tokens=8192) for text in texts]
        with model.asked(lambda usage: None, dispatch) as asked:
            heard.extend(asked.ask(questions))

    result = dg.materialize([answers], instance=instance, resources={"gpu": gpu}, raise_on_error=False)
    return result, heard


def test_questions_are_answered_by_one_job(gpu, instance, tmp_path):
    _, heard = ask(gpu, instance, tmp_path, "a", "b")
    assert [answer.text for answer in heard] == ["A", "B"]
    assert (tmp_path / "gpu" / "starts").read_text() == "x"


def test_a_rebuild_starts_no_job(gpu, instance, tmp_path):
    for _ in range(2):
        _, heard = ask(gpu, instance, tmp_path, "a", "b")
    assert all(answer.is_replayed for answer in heard)
    assert (tmp_path / "gpu" / "starts").read_text() == "x"


def test_an_answer_has_a_limit_that_leaves_room_for_the_prompt(gpu, instance, tmp_path):
    ask(gpu, instance, tmp_path, "a")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        (entry,) = ledger.newest(2)
    assert (entry.response["asked"]["max_tokens"], entry.model.partition("@")[0]) == (4096, "annotator-ood")


def test_a_request_that_the_engine_refuses_costs_its_own_row(gpu, instance, tmp_path):
    _, (first, second) = ask(gpu, instance, tmp_path, "a", "too long")
    assert (type(first), type(second), second.detail) == (Answer, NoAnswer, "does not fit")


def test_a_model_that_was_never_trained_fails_with_what_to_do(gpu, instance, tmp_path):
    result, _ = ask(gpu, instance, tmp_path, "a", name="annotator-id")
    assert "Materialize partition id of annotator first" in failure(result)


def test_a_wrong_inference_setting_is_named(gpu, instance, tmp_path):
    wrong = GpuJobs(workspace=gpu.workspace, python=gpu.python, inference={"windows": 1})
    result, _ = ask(wrong, instance, tmp_path, "a")
    assert "no setting windows" in failure(result)
