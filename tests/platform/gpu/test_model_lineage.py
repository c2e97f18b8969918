from workflowbench.tables import GENERATED_WORKFLOWS
from workflowbench.training.trained_models import record_model
from workflowbench_dagster.assets.lineage import model_lineage


def generated(**annotator_of):
    rows = [
        dict.fromkeys(GENERATED_WORKFLOWS.schema, "")
        | {"query_id": query, "annotator": annotator, "given_apis": [], "examples": []}
        for query, annotator in annotator_of.items()
    ]
    return GENERATED_WORKFLOWS.frame(rows)


def test_rows_lead_to_the_model_that_wrote_them_and_it_to_what_it_saw(tmp_path):
    run = tmp_path / "annotator-ood" / "1"
    (run / "final").mkdir(parents=True)
    (run / "final" / "model.safetensors").write_bytes(b"weights")
    (run / "final" / "trained_on.txt").write_text("w\n")
    (run / "DONE").touch()
    model = record_model("annotator-ood", "seed_workflows", run)
    (edges,) = model_lineage([model], generated(q1=model.full_name, q2="retrieval"))
    name = f"model:{model.full_name}"
    assert set(edges.select("child_id", "parent_id", "kind").iter_rows()) == {
        ("generated_workflows:q1", name, "weights"),
        (name, "seed_workflows:w", "weights"),
    }
