import pytest

from workflowbench.training.errors import JobError
from workflowbench.training.trained_models import newest_model, record_model, trained_models


def finished_run(folder, weights=b"weights"):
    (folder / "final").mkdir(parents=True)
    (folder / "final" / "model.safetensors").write_bytes(weights)
    (folder / "final" / "trained_on.txt").write_text("w\nx\n")
    (folder / "DONE").touch()
    return folder


def test_a_model_is_named_after_its_run_and_its_weights(tmp_path):
    models = [
        record_model(
            "annotator-id", "seed_workflows", finished_run(tmp_path / "annotator-id" / name, weights)
        )
        for name, weights in (("1", b"a"), ("2", b"a"), ("3", b"b"))
    ]
    assert models[0].full_name == models[1].full_name != models[2].full_name
    assert models[0].full_name.startswith("annotator-id@")


def test_a_model_knows_the_rows_that_it_saw(tmp_path):
    model = record_model("annotator-id", "seed_workflows", finished_run(tmp_path / "annotator-id" / "1"))
    assert model.trained_on == ["seed_workflows:w", "seed_workflows:x"]


def test_the_newest_model_of_a_name_is_found_again(tmp_path):
    for name, weights in (("1", b"a"), ("2", b"b")):
        run = finished_run(tmp_path / "annotator-id" / name, weights)
        last = record_model("annotator-id", "seed_workflows", run)
    record_model("workflowllama-id", "workflowbench", finished_run(tmp_path / "workflowllama-id" / "1"))
    assert newest_model(tmp_path, "annotator-id") == last
    assert len(trained_models(tmp_path)) == 3


def test_an_unfinished_run_is_no_model(tmp_path):
    run = finished_run(tmp_path / "annotator-id" / "1")
    (run / "DONE").unlink()
    with pytest.raises(JobError, match="no finished training run"):
        record_model("annotator-id", "seed_workflows", run)


def test_a_model_that_was_never_trained_is_an_error_that_names_the_asset(tmp_path):
    with pytest.raises(JobError, match="Materialize partition ood of annotator"):
        newest_model(tmp_path, "annotator-ood")
