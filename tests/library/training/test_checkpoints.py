from workflowbench.training.checkpoints import DONE, is_done, last_complete


def checkpoint(output, number, *files):
    (output / f"checkpoint-{number}").mkdir(parents=True)
    for name in files:
        (output / f"checkpoint-{number}" / name).touch()


def test_the_newest_whole_checkpoint_is_taken(tmp_path):
    checkpoint(tmp_path, 9, "trainer_state.json")
    checkpoint(tmp_path, 10, "trainer_state.json")
    assert last_complete(tmp_path).name == "checkpoint-10"


def test_a_checkpoint_that_was_cut_off_is_passed_over(tmp_path):
    checkpoint(tmp_path, 2, "trainer_state.json")
    checkpoint(tmp_path, 4, "model.safetensors")
    checkpoint(tmp_path, 6, "trainer_state.json", "checkpoint-is-incomplete.txt")
    assert last_complete(tmp_path).name == "checkpoint-2"


def test_a_new_run_has_none(tmp_path):
    assert last_complete(tmp_path / "run") is None


def test_a_run_is_done_only_with_its_marker(tmp_path):
    assert not is_done(tmp_path)
    (tmp_path / DONE).touch()
    assert is_done(tmp_path)
