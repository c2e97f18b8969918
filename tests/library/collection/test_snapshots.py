from datetime import UTC, datetime

import pytest

from workflowbench.collection.errors import SourceError
from workflowbench.collection.snapshots import Snapshots, address_key
from workflowbench.collection.stages import Answer

ANSWER = Answer("https://a.test/x", 200, {"etag": "1"}, b"body", datetime(2026, 11, 1, tzinfo=UTC))


def test_a_stored_answer_comes_back_whole(tmp_path):
    Snapshots(tmp_path, "s1").store("key", ANSWER)
    assert Snapshots(tmp_path, "s1").find("key") == ANSWER


def test_scrapes_do_not_see_each_others_answers(tmp_path):
    Snapshots(tmp_path, "s1").store("key", ANSWER)
    assert Snapshots(tmp_path, "s2").find("key") is None


def test_equal_bodies_are_stored_once(tmp_path):
    for scrape in ("s1", "s2"):
        Snapshots(tmp_path, scrape).store("key", ANSWER)
    assert len([path for path in (tmp_path / "bodies").rglob("*") if path.is_file()]) == 1


def test_a_line_that_was_cut_off_is_forgotten(tmp_path):
    Snapshots(tmp_path, "s1").store("key", ANSWER)
    Snapshots(tmp_path, "s1").store("other", ANSWER)
    journal = tmp_path / "s1.jsonl"
    journal.write_bytes(journal.read_bytes()[:-9])
    again = Snapshots(tmp_path, "s1")
    assert again.find("key") == ANSWER
    assert again.find("other") is None
    again.store("other", ANSWER)
    assert Snapshots(tmp_path, "s1").find("other") == ANSWER


def test_a_damaged_body_is_not_taken(tmp_path):
    Snapshots(tmp_path, "s1").store("key", ANSWER)
    (body,) = (path for path in (tmp_path / "bodies").rglob("*") if path.is_file())
    body.write_bytes(b"other")
    assert Snapshots(tmp_path, "s1").find("key") is None


@pytest.mark.parametrize("scrape", ["", "../s1", "A", "a.b"])
def test_a_scrape_key_is_no_path(tmp_path, scrape):
    with pytest.raises(ValueError, match="key of a scrape"):
        Snapshots(tmp_path, scrape)


def test_a_damaged_journal_says_what_to_do(tmp_path):
    (tmp_path / "s1.jsonl").write_bytes(b"{}\n")
    with pytest.raises(SourceError, match="Delete it"):
        Snapshots(tmp_path, "s1")


def test_a_key_keeps_the_page_and_drops_the_token():
    assert address_key("https://a.test/x?t=SECRET&sort=new&page=2") == "https://a.test/x?page=2&sort=new"
    assert address_key("https://a.test/x?t=SECRET") == "https://a.test/x"
