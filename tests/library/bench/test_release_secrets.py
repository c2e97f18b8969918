import json

import polars as pl
import pytest

from workflowbench.bench.release_secrets import HeldSecret, held_secrets

TOKEN = "ghp_" + "a1B2c3D4e5F6" * 3


@pytest.fixture
def release(tmp_path):
    (tmp_path / "data").mkdir()
    rows = {"sample_id": ["a", "b"], "code": ["x = 1", f"x = '''{TOKEN}'''"], "apis": [["url"], []]}
    pl.DataFrame(rows).write_parquet(tmp_path / "data" / "train.parquet")
    return tmp_path


def test_a_secret_is_named_by_file_row_and_kind(release):
    assert held_secrets(release) == [HeldSecret("data/train.parquet", "b", "github")]


def test_secrets_in_lists_documents_and_cards_are_found(release):
    pl.DataFrame({"sample_id": ["a"], "apis": [[TOKEN]]}).write_parquet(release / "data" / "train.parquet")
    (release / "documents.json").write_text(json.dumps({"f": {"parameters": [{TOKEN: 1}]}}))
    (release / "README.md").write_text(f"See {TOKEN}.")
    assert [(held.table, held.row_id) for held in held_secrets(release)] == [
        ("README.md", "README.md"),
        ("data/train.parquet", "a"),
        ("documents.json", "f"),
    ]


def test_a_key_that_is_the_secret_is_shown_as_a_hash(release):
    (release / "data" / "train.parquet").unlink()
    (release / "documents.json").write_text(json.dumps({TOKEN: {}}))
    [held] = held_secrets(release)
    assert held.row_id.startswith("sha256:")
    assert TOKEN not in repr(held)


def test_a_release_without_secrets_passes(release):
    pl.DataFrame({"sample_id": ["a"], "code": ["x = '''<KEY_1>'''"]}).write_parquet(
        release / "data" / "train.parquet"
    )
    assert held_secrets(release) == []
