import hashlib
import resource
import secrets
from pathlib import Path

import polars as pl
import pytest
from moto.server import ThreadedMotoServer

from workflowbench.tables import SPLITS, TRANSCRIBED_WORKFLOWS_DROPPED
from workflowbench_dagster.resources.storage import StorageError
from workflowbench_dagster.resources.tables import ParquetTables

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "aws_region": "eu-west-1"}


@pytest.fixture(scope="module")
def s3():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    options = {
        **KEYS,
        "aws_endpoint_url": "http://{}:{}".format(*server.get_host_and_port()),
        "aws_allow_http": "true",
    }
    tables = ParquetTables(root="s3://bench-bucket/some/prefix", storage_options=options)
    tables.storage._files().mkdir("bench-bucket")
    yield tables
    server.stop()


@pytest.fixture(params=["local", "s3"])
def tables(request, tmp_path):
    return ParquetTables(root=str(tmp_path)) if request.param == "local" else request.getfixturevalue("s3")


def rows(*ids, split="train"):
    return SPLITS.frame({"sample_id": i, "family": i, "split": split} for i in ids)


def test_a_table_is_read_as_it_was_written(tables):
    tables.write(SPLITS, rows("a", "b"))
    assert tables.read(SPLITS).equals(rows("a", "b"))


def test_the_name_of_a_store_is_no_pattern(tmp_path):
    tables = ParquetTables(root=str(tmp_path / "[a]*"))
    tables.write(SPLITS, SPLITS.frame())
    assert tables.read(SPLITS).equals(SPLITS.frame())


def test_writing_reports_rows_address_and_the_hash_of_the_bytes(tmp_path):
    stored = ParquetTables(root=str(tmp_path)).write(SPLITS, rows("a", "b"))
    content = Path(stored.uri).read_bytes()
    assert (stored.n_rows, stored.n_bytes) == (2, len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()


def test_the_same_rows_give_the_same_bytes(tables):
    assert tables.write(SPLITS, rows("a")).sha256 == tables.write(SPLITS, rows("a")).sha256


def test_partitions_are_files_of_their_own_and_are_scanned_in_the_given_order(tables):
    tables.write(SPLITS, rows("a"), "x-1")
    tables.write(SPLITS, rows("b"), "x-2")
    assert tables.read(SPLITS, "x-2")["sample_id"].to_list() == ["b"]
    assert tables.scan(SPLITS, ["x-2", "x-1"]).collect()["sample_id"].to_list() == ["b", "a"]
    assert tables.exists(SPLITS, "x-1")
    assert not tables.exists(SPLITS, "x-3")


def test_no_partitions_are_an_empty_table(tables):
    assert tables.scan(SPLITS, []).collect().equals(SPLITS.frame())


def test_one_run_over_several_partitions_is_split_by_its_column(tables):
    frame = pl.concat([rows("a", split="train"), rows("b", "c", split="dev")])
    stored = tables.write_partitions(SPLITS, frame, column="split", partitions=["dev", "test", "train"])
    assert {key: table.n_rows for key, table in stored.items()} == {"dev": 2, "test": 0, "train": 1}
    assert tables.read(SPLITS, "dev")["sample_id"].to_list() == ["b", "c"]


def test_a_row_of_a_foreign_partition_is_refused(tables):
    with pytest.raises(ValueError, match="rows of other partitions: train"):
        tables.write_partitions(SPLITS, rows("a"), column="split", partitions=["dev"])


@pytest.mark.parametrize("partition", ["../up", "a/b", "Upper", "a b", "", "a--b", "é"])
def test_a_partition_key_that_is_no_file_name_is_refused(tables, partition):
    with pytest.raises(ValueError, match="no partition key"):
        tables.write(SPLITS, rows("a"), partition)


def test_a_missing_table_names_the_asset_to_materialize(tables):
    with pytest.raises(StorageError, match=r"Materialize transcribed_workflows_dropped first"):
        tables.read(TRANSCRIBED_WORKFLOWS_DROPPED)
    with pytest.raises(StorageError, match=r"Materialize partition x-9 of splits first"):
        tables.read(SPLITS, "x-9")


def test_a_file_with_other_columns_is_refused_with_their_names(tables):
    tables.write(SPLITS, rows("a").rename({"family": "clan"}), "y-1")
    with pytest.raises(StorageError, match=r"does not fit the table splits \(columns: clan, family\)"):
        tables.read(SPLITS, "y-1")


def test_a_directory_replaces_the_earlier_one(tables):
    with tables.replacing("release") as folder:
        (folder / "old.txt").write_text("old")
    with tables.replacing("release") as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "new.txt").write_text("new")
    with tables.reading("release") as folder:
        files = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.txt")}
    assert files == {"sub/new.txt": "new"}


def test_an_s3_store_that_does_not_answer_is_explained(s3):
    wrong = ParquetTables(root="s3://no-such-bucket/x", storage_options=s3.storage_options)
    with pytest.raises(StorageError, match=r"s3://no-such-bucket/x/splits.parquet cannot be reached.*bucket"):
        wrong.write(SPLITS, rows("a"))


def test_a_disk_that_takes_no_more_is_explained_and_keeps_the_earlier_table(tmp_path):
    tables = ParquetTables(root=str(tmp_path))
    tables.write(SPLITS, rows("a"))
    limit, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(StorageError, match=r"cannot be written.*Free some space"):
            tables.write(SPLITS, rows(*(secrets.token_hex(16) for _ in range(1000))))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    assert tables.read(SPLITS).equals(rows("a"))
    assert [path.name for path in tmp_path.iterdir()] == ["splits.parquet"]
