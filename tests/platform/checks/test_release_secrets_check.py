"""The gate of the release, on a release that holds a secret."""

import shutil

import dagster as dg
import polars as pl

from workflowbench_dagster.checks.release_secrets import no_secrets
from workflowbench_dagster.resources.tables import ParquetTables

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


def checked(tables):
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_asset_check_context(instance=instance, resources={"tables": tables})
        return no_secrets(context)


def test_a_release_that_holds_a_secret_fails_and_the_value_is_not_shown(built_once, tmp_path):
    shutil.copytree(built_once / "tables", tmp_path / "tables")
    paths = sorted((tmp_path / "tables" / "release" / "data").rglob("*.parquet"))
    path = next(path for path in paths if pl.read_parquet(path).height)
    rows = pl.read_parquet(path).with_columns(query=pl.lit(f"Send {TOKEN}"))
    rows.write_parquet(path)
    result = checked(ParquetTables(root=str(tmp_path / "tables")))
    assert not result.passed
    assert result.metadata["by_kind"].value == {"github": rows.height}
    held = {(secret["row_id"], secret["kind"]) for secret in result.metadata["secrets"].value}
    assert held == {(row_id, "github") for row_id in rows["sample_id"]}
    assert TOKEN not in str(result.metadata)


def test_a_release_without_secrets_passes(built_once):
    assert checked(ParquetTables(root=str(built_once / "tables"))).passed
