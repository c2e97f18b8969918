import os
import time
from hashlib import sha256

import polars as pl
import pytest

from workflowbench.collection import listing
from workflowbench.collection.errors import SourceError
from workflowbench.collection.folder import scan_folder
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED

NOTHING = RAW_SHORTCUTS.frame()


def scan(folder, known=NOTHING, scrape="folder-x-0001"):
    return scan_folder(folder, scrape=scrape, source="folder:x", known=known)


def rules(dropped):
    return dict(dropped.select("title", "rule").iter_rows())


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "0012_Make_Tea.shortcut").write_bytes(b"tea")
    (tmp_path / "sub" / "Coffee.plist").write_bytes(b"coffee")
    (tmp_path / "notes.txt").write_bytes(b"not collected")
    return tmp_path


def test_every_shortcut_file_becomes_a_row_in_path_order(folder):
    raw, dropped = scan(folder)
    assert raw["source_path"].to_list() == ["0012_Make_Tea.shortcut", "sub/Coffee.plist"]
    assert raw["title"].to_list() == ["Make Tea", "Coffee"]
    assert raw["payload"].to_list() == [b"tea", b"coffee"]
    assert raw["raw_id"].to_list() == [sha256(b"tea").hexdigest(), sha256(b"coffee").hexdigest()]
    assert raw.schema == RAW_SHORTCUTS.schema
    assert dropped.schema == RAW_SHORTCUTS_DROPPED.schema
    assert dropped.is_empty()


def test_the_manifest_describes_its_files(folder):
    (folder / "manifest.csv").write_text(
        "file,title,categories,licence\nsub/Coffee.plist,Espresso,Food;Home,MIT\n"
    )
    raw, _ = scan(folder)
    row = raw.row(by_predicate=pl.col("source_path") == "sub/Coffee.plist", named=True)
    assert (row["title"], row["categories"], row["licence"]) == ("Espresso", ["Food", "Home"], "MIT")


def test_a_second_scan_of_an_unchanged_folder_finds_nothing(folder):
    raw, _ = scan(folder)
    assert scan(folder, raw, "folder-x-0002")[0].is_empty()


def test_only_new_and_changed_files_are_scraped_again(folder):
    known, _ = scan(folder)
    (folder / "sub" / "Coffee.plist").write_bytes(b"espresso")
    (folder / "New.WFLOW").write_bytes(b"new")
    raw, _ = scan(folder, known, "folder-x-0002")
    assert raw["source_path"].to_list() == ["New.WFLOW", "sub/Coffee.plist"]
    assert raw["scrape"].unique().to_list() == ["folder-x-0002"]


def test_a_changed_manifest_entry_changes_its_file(folder):
    known, _ = scan(folder)
    (folder / "manifest.csv").write_text("file,licence\nsub/Coffee.plist,MIT\n")
    raw, _ = scan(folder, known, "folder-x-0002")
    assert raw.select("source_path", "licence", "payload").rows() == [("sub/Coffee.plist", "MIT", b"coffee")]


def test_a_file_that_has_gone_is_withdrawn_once(folder):
    first, _ = scan(folder)
    (folder / "sub" / "Coffee.plist").unlink()
    second, _ = scan(folder, first, "folder-x-0002")
    assert second.select("source_path", "is_withdrawn", "payload").rows() == [
        ("sub/Coffee.plist", True, None)
    ]
    third, _ = scan(folder, pl.concat([first, second]), "folder-x-0003")
    assert third.is_empty()


def test_a_file_that_returns_is_scraped_again(folder):
    first, _ = scan(folder)
    coffee = folder / "sub" / "Coffee.plist"
    coffee.unlink()
    second, _ = scan(folder, first)
    coffee.write_bytes(b"coffee")
    third, _ = scan(folder, pl.concat([first, second]))
    assert third.select("source_path", "is_withdrawn").rows() == [("sub/Coffee.plist", False)]


def test_each_version_is_younger_than_the_one_it_follows(folder):
    first, _ = scan(folder)
    coffee = folder / "sub" / "Coffee.plist"
    modified = coffee.stat().st_mtime
    coffee.unlink()
    second, _ = scan(folder, first)
    coffee.write_bytes(b"coffee")
    os.utime(coffee, (modified - 9, modified - 9))
    third, _ = scan(folder, pl.concat([first, second]))
    first = first.filter(source_path="sub/Coffee.plist")
    assert first["fetched_at"].item() < second["fetched_at"].item() < third["fetched_at"].item()


def test_a_title_has_composed_letters_whatever_the_file_system(tmp_path):
    (tmp_path / "Fu\u0308r_dich.shortcut").write_bytes(b"x")
    assert scan(tmp_path)[0]["title"].to_list() == ["F\u00fcr dich"]


def test_a_renamed_file_is_a_new_row_and_a_withdrawal(folder):
    known, _ = scan(folder)
    (folder / "sub" / "Coffee.plist").rename(folder / "Brew.plist")
    raw, dropped = scan(folder, known)
    assert dict(raw.select("source_path", "is_withdrawn").iter_rows()) == {
        "Brew.plist": False,
        "sub/Coffee.plist": True,
    }
    assert dropped.is_empty()


def test_the_second_file_with_the_same_bytes_is_a_duplicate(folder):
    (folder / "Again.shortcut").write_bytes(b"tea")
    raw, dropped = scan(folder)
    assert raw["source_path"].to_list() == ["0012_Make_Tea.shortcut", "sub/Coffee.plist"]
    assert dropped.select("title", "rule", "twin_id").rows() == [
        ("Again.shortcut", "duplicate_file", sha256(b"tea").hexdigest())
    ]


def test_a_file_known_before_survives_its_new_twin(folder):
    known, _ = scan(folder)
    (folder / "0000_Copy.shortcut").write_bytes(b"tea")
    raw, dropped = scan(folder, known)
    assert raw.is_empty()
    assert rules(dropped) == {"0000_Copy.shortcut": "duplicate_file"}


def test_a_known_file_that_becomes_a_twin_is_withdrawn(folder):
    known, _ = scan(folder)
    (folder / "sub" / "Coffee.plist").write_bytes(b"tea")
    raw, dropped = scan(folder, known)
    assert raw.select("source_path", "is_withdrawn").rows() == [("sub/Coffee.plist", True)]
    assert rules(dropped) == {"sub/Coffee.plist": "duplicate_file"}


def test_two_files_may_have_the_same_title(folder):
    (folder / "Coffee.shortcut").write_bytes(b"other coffee")
    raw, dropped = scan(folder)
    assert raw["title"].to_list().count("Coffee") == 2
    assert dropped.is_empty()


@pytest.mark.parametrize("name", [b"caf\xe9.shortcut", b"two\nlines.shortcut", b"bell\x07.plist"])
def test_a_name_that_no_table_can_hold_is_dropped(folder, name):
    (folder / os.fsdecode(name)).write_bytes(b"x")
    raw, dropped = scan(folder)
    assert len(raw) == 2
    assert dropped["rule"].to_list() == ["file_name"]


@pytest.mark.parametrize(
    "name", ["Ein\u00a0Tee \U0001f375.shortcut", "\u3000茶.shortcut", "a'b\"c\\d.shortcut"]
)
def test_an_unusual_name_is_kept(folder, name):
    (folder / name).write_bytes(b"x")
    raw, _ = scan(folder)
    assert name in raw["source_path"].to_list()


def test_an_empty_file_is_dropped(folder):
    (folder / "empty.shortcut").touch()
    assert rules(scan(folder)[1]) == {"empty.shortcut": "empty_file"}


def test_a_file_over_the_limit_is_not_read(folder):
    with (folder / "huge.shortcut").open("wb") as file:
        file.truncate(listing.MAX_BYTES + 1)
    _, dropped = scan(folder)
    assert dropped.select("rule", "threshold", "observed").row(0) == (
        "too_large",
        listing.MAX_BYTES,
        listing.MAX_BYTES + 1,
    )


def test_links_pipes_and_loops_are_dropped(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.plist"
    outside.write_bytes(b"secret")
    (folder / "outside.plist").symlink_to(outside)
    (folder / "loop.shortcut").symlink_to("loop.shortcut")
    (folder / "dangling.shortcut").symlink_to("nowhere")
    (folder / "again").symlink_to(".")
    os.mkfifo(folder / "pipe.shortcut")
    raw, dropped = scan(folder)
    assert len(raw) == 2
    assert rules(dropped) == {
        "again": "link_to_folder",
        "dangling.shortcut": "unreadable",
        "loop.shortcut": "unreadable",
        "outside.plist": "link_outside_folder",
        "pipe.shortcut": "not_a_file",
    }
    assert not dropped["detail"].str.contains(str(folder), literal=True).any()


def test_a_file_that_vanishes_while_it_is_read_is_dropped(folder, monkeypatch):
    listed = listing.list_files(folder)
    (folder / "sub" / "Coffee.plist").unlink()
    monkeypatch.setattr("workflowbench.collection.folder.list_files", lambda _: listed)
    raw, dropped = scan(folder)
    assert len(raw) == 1
    assert rules(dropped) == {"sub/Coffee.plist": "unreadable"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_files_without_permission_are_dropped_and_not_withdrawn(folder):
    known, _ = scan(folder)
    (folder / "sub").chmod(0)
    try:
        raw, dropped = scan(folder, known)
    finally:
        (folder / "sub").chmod(0o755)
    assert raw.is_empty()
    assert rules(dropped) == {"sub": "unreadable"}


def test_an_io_error_drops_the_file_and_does_not_withdraw_it(folder, monkeypatch):
    known, _ = scan(folder)

    def failing(root, path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(listing, "_read", failing)
    raw, dropped = scan(folder, known)
    assert raw.is_empty()
    assert set(dropped["rule"]) == {"unreadable"}


def test_a_folder_that_cannot_be_entered_withdraws_nothing(folder, monkeypatch):
    known, _ = scan(folder)
    fault = listing.Fault("sub", "unreadable", "no")
    monkeypatch.setattr(
        "workflowbench.collection.folder.list_files", lambda _: (["0012_Make_Tea.shortcut"], [fault])
    )
    assert scan(folder, known)[0].is_empty()


def test_a_manifest_row_without_its_file_is_reported(folder):
    (folder / "manifest.csv").write_text("file,title\nTypo.shortcut,Tea\n")
    assert rules(scan(folder)[1]) == {"Typo.shortcut": "missing_file"}


def test_a_file_in_place_of_the_folder_is_called_a_file(tmp_path):
    (tmp_path / "Tea.shortcut").touch()
    with pytest.raises(SourceError, match="is a file, not a folder"):
        scan(tmp_path / "Tea.shortcut")


@pytest.mark.parametrize("make", [False, True])
def test_a_missing_or_empty_folder_is_an_error_with_a_remedy(tmp_path, make):
    folder = tmp_path / "shortcuts"
    if make:
        folder.mkdir()
    with pytest.raises(SourceError, match=r"[Gg]ive"):
        scan(folder)


def test_ten_thousand_files_take_seconds(tmp_path):
    for number in range(10_000):
        (tmp_path / f"{number}.shortcut").write_bytes(b"%d" % number)
    start = time.perf_counter()
    raw, _ = scan(tmp_path)
    again, _ = scan(tmp_path, raw)
    assert (len(raw), len(again)) == (10_000, 0)
    assert time.perf_counter() - start < 20


def test_a_real_corpus_is_collected_without_loss(shared):
    raw, dropped = scan(shared / "corpus" / "unsigned")
    assert len(raw) + len(dropped) == len(list((shared / "corpus" / "unsigned").iterdir()))
    assert set(dropped["rule"]) <= {"duplicate_file"}
