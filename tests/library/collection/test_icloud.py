from dataclasses import replace

import icloud_site as site
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.collection.icloud import (
    ICloudError,
    asset_url,
    canonical_link,
    icloud_id,
    parse_record,
    stored_record,
)

ID = "0123456789abcdef0123456789abcdef"
FILES = "https://cvws.icloud-content.com"


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.icloud.com/shortcuts/{ID}",
        f"https://www.icloud.com/shortcuts/{ID}/",
        f"  https://www.icloud.com/shortcuts/{ID} \n",
        f"https://www.icloud.com/shortcuts/{ID.upper()}",
        f"https://www.icloud.com/shortcuts/{ID}?fbclid=abc&utm_source=x",
        f"https://www.icloud.com/shortcuts/{ID}#top",
        f"https://icloud.com/shortcuts/{ID}",
        f"http://icloud.com/shortcuts/{ID}",
        f"rhttps://www.icloud.com/shortcuts/{ID}",
        f"www.icloud.com/shortcuts/{ID}",
        f"https://www.icloud.com/shortcuts/api/records/{ID}",
        "https://www.icloud.com/shortcuts/01234567-89ab-cdef-0123-456789abcdef",
    ],
)
def test_every_form_of_a_link_gives_its_id(link):
    assert icloud_id(link) == ID


@pytest.mark.parametrize(
    ("link", "rule"),
    [
        (None, "no_link"),
        ("  ", "no_link"),
        ("https://apps.apple.com/us/app/x/id915249334", "app_store_link"),
        ("https://itunes.apple.com/us/app/x/id915249334", "app_store_link"),
        (f"https://workflow.is/workflows/{ID}", "workflow_is_link"),
        (f"https://www.icloud.com/shortcuts/{ID[:29]}", "malformed_id"),
        ("https://www.icloud.com/shortcuts/writesomethinghere", "malformed_id"),
        (f"https://www.icloud.com.evil.test/shortcuts/{ID}", "foreign_link"),
        (f"https://evil.test/?x=https://www.icloud.com/shortcuts/{ID}", "foreign_link"),
        (f"https://user@www.icloud.com/shortcuts/{ID}", "foreign_link"),
        ("http://169.254.169.254/latest", "foreign_link"),
    ],
)
def test_any_other_link_gives_a_reason(link, rule):
    with pytest.raises(ICloudError) as caught:
        icloud_id(link)
    assert caught.value.rule == rule


@given(st.text() | st.from_regex(r"https://www\.icloud\.com/shortcuts/.{0,40}", fullmatch=True))
def test_any_text_gives_an_id_or_a_reason(text):
    try:
        identifier = icloud_id(text)
    except ICloudError:
        return
    assert icloud_id(canonical_link(identifier)) == identifier


def test_a_record_gives_name_tag_and_files():
    record = parse_record(site.record(5, FILES, unsigned=b"12345", signed=b"1234567"), site.identifier(5))
    assert (record.name, record.change_tag) == ("Boil Tea", "tag1")
    assert (record.shortcut.size, record.signed.size) == (5, 7)


def test_an_old_record_has_no_signed_file():
    assert parse_record(site.record(5, FILES, unsigned=b"1"), site.identifier(5)).signed is None


def test_the_address_of_a_file_is_completed():
    record = parse_record(site.record(5, FILES, unsigned=b"1"), site.identifier(5))
    assert asset_url(record.shortcut) == f"{FILES}/B/5/shortcut?o=TOKEN&e=1"


def test_a_stored_record_reads_the_same_and_holds_no_sharer_and_no_token():
    body = site.record(5, FILES, unsigned=b"1", signed=b"22")
    record = parse_record(body, site.identifier(5))
    stored = stored_record(record)
    again = parse_record(stored, site.identifier(5))
    assert replace(again, shortcut=record.shortcut, signed=record.signed) == record
    for secret in (site.SHARER, site.DEVICE, "TOKEN"):
        assert secret in body.decode()
        assert secret not in stored.decode()
        assert secret not in repr(record)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "not_a_record"),
        (b"<html>", "not_a_record"),
        (b"[]", "not_a_record"),
        (b'{"error":true,"reason":"Not Found"}', "not_a_record"),
        (site.record(6, FILES, unsigned=b"1"), "wrong_record"),
        (site.record(5, FILES, unsigned=b"1", deleted=True), "withdrawn"),
        (site.record(5, FILES), "no_file"),
        (site.record(5, FILES, unsigned=b"1", size=0), "no_file"),
        (site.record(5, FILES, unsigned=b"1", size="1"), "no_file"),
    ],
)
def test_any_other_answer_gives_a_reason(body, rule):
    with pytest.raises(ICloudError) as caught:
        parse_record(body, site.identifier(5))
    assert caught.value.rule == rule


def test_an_error_shows_nothing_of_the_answer():
    with pytest.raises(ICloudError) as caught:
        parse_record(b'{"userRecordName": "' + site.SHARER.encode() + b'"', site.identifier(5))
    assert caught.value.__cause__ is None
    assert site.SHARER not in str(caught.value)
