"""The figures of the paper, as data."""

from workflowbench.evaluation.published import T_EVAL_F1, TABLE_2, TABLE_4


def test_only_three_printed_cells_do_not_add_up() -> None:
    odd = {(row.model, row.setting) for row in (*TABLE_2, *TABLE_4) if not row.adds_up}
    assert odd == {("GPT-4o + ICL", "ood"), ("Llama-3.1-8B + ICL", "id"), ("Llama-3.1-8B + ICL", "ood")}


def test_every_model_is_in_both_settings() -> None:
    assert len(TABLE_2) == 22
    assert len({(row.model, row.setting) for row in TABLE_2}) == 22


def test_the_full_model_of_the_ablation_is_that_of_table_2() -> None:
    full = next(row for row in TABLE_2 if (row.model, row.setting) == ("WorkflowLlama", "id"))
    assert (TABLE_4[0].syntax, TABLE_4[0].codebleu) == (full.syntax, full.codebleu)


def test_the_trained_model_gains_9_3_points_over_its_base() -> None:
    assert round(T_EVAL_F1["WorkflowLlama"] - T_EVAL_F1["Llama-3.1-8B"], 1) == 9.3
