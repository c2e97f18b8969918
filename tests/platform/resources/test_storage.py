import errno
import os
import time

import pytest

from workflowbench_dagster.resources import storage
from workflowbench_dagster.resources.storage import LocalStorage, StorageError


@pytest.fixture
def local(tmp_path):
    return LocalStorage(str(tmp_path / "store"))


def put(place, key, text):
    with place.writing(key) as path:
        path.write_text(text)


def put_half(block):
    with block as path:
        (path / "half" if path.is_dir() else path).write_text("half")
        raise KeyError


def names(place):
    return sorted(path.relative_to(place.root).as_posix() for path in place.root.rglob("*") if path.is_file())


def test_a_file_appears_under_its_key(local):
    put(local, "t/a.parquet", "one")
    assert local.exists("t/a.parquet")
    assert (local.root / "t" / "a.parquet").read_text() == "one"
    assert names(local) == ["t/a.parquet"]


def test_a_failed_write_leaves_the_earlier_file_and_nothing_else(local):
    put(local, "a", "one")
    with pytest.raises(KeyError):
        put_half(local.writing("a"))
    assert (local.root / "a").read_text() == "one"
    assert names(local) == ["a"]


def test_a_full_disk_is_explained_and_leaves_the_earlier_file(local, monkeypatch):
    put(local, "a", "one")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"a cannot be written: No space left on device\. Free some space"):
        put(local, "a", "two")
    assert (local.root / "a").read_text() == "one"
    assert names(local) == ["a"]


def test_a_place_that_cannot_be_written_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match=r"cannot be written: File exists.*WORKFLOWBENCH_STORE"):
        put(LocalStorage(str(tmp_path / "file")), "a", "one")


def test_a_directory_is_replaced_whole(local):
    with local.replacing("release") as path:
        (path / "old").touch()
    with local.replacing("release") as path:
        (path / "sub").mkdir()
        (path / "sub" / "new").touch()
    assert names(local) == ["release/sub/new"]


def test_a_directory_that_could_not_be_filled_leaves_the_earlier_one(local):
    with local.replacing("release") as path:
        (path / "old").touch()
    with pytest.raises(KeyError):
        put_half(local.replacing("release"))
    assert names(local) == ["release/old"]


def test_leftovers_of_a_killed_process_are_removed_after_a_day(local):
    put(local, "a", "one")
    leftover, fresh = local.root / ".a.1.tmp", local.root / ".a.2.tmp"
    for path in (leftover, fresh):
        path.touch()
    old = time.time() - storage._LEFTOVER_SECONDS - 1
    os.utime(leftover, (old, old))
    put(local, "a", "two")
    assert names(local) == [".a.2.tmp", "a"]
