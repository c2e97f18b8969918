import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench_dagster.partition_keys import next_scrape, scrape_prefix, scrapes_of, slug, valid_partition


@given(st.text())
def test_a_slug_is_always_a_valid_key(text):
    assert valid_partition(slug(text)) == slug(text)


@given(st.text())
def test_a_valid_key_is_a_plain_file_name(text):
    try:
        valid_partition(text)
    except ValueError:
        return
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_scrapes_of_a_source_are_numbered_on():
    prefix = scrape_prefix("folder", "My Shortcuts!")
    assert next_scrape(prefix, []) == "folder-my-shortcuts-0001"
    assert (
        next_scrape(prefix, ["folder-my-shortcuts-0009", "folder-other-0011"]) == "folder-my-shortcuts-0010"
    )


def test_a_source_whose_name_begins_like_another_is_kept_apart():
    keys = ["folder-a-0001", "folder-a-b-0001", "folder-a-0002"]
    assert scrapes_of("folder-a", keys) == ["folder-a-0001", "folder-a-0002"]


@pytest.mark.parametrize("key", ["-a", "a-", "a_b", "A", "a.b"])
def test_other_characters_are_refused_with_a_proposal(key):
    with pytest.raises(ValueError, match=r"e\.g\. "):
        valid_partition(key)
