"""What a hostile or broken site may answer, through the whole platform: no crash, no lost batch."""

import gzip

import dagster as dg
import pytest
from network_platform import shortcut

from workflowbench.collection.replay.icloud_records import identifier, record
from workflowbench.collection.replay.routinehub_pages import NSFW, page_2026
from workflowbench.collection.replay.server import Reply
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED, TRANSCRIBED_WORKFLOWS

MARKUP = "<img src=x onerror=alert(1)>[x](javascript:alert(1)) ![y](http://tracker.test/p.png)"
BOMB = gzip.compress(b"a" * (64 << 20))
PAGE = "/shortcut/2/"
RECORD = f"/shortcuts/api/records/{identifier(2)}"
DOWNLOAD = "/download/2/?t=TOKEN2"
FILE = "/B/2/shortcut?o=TOKEN&e=1"

ANSWERS = {
    "gzip bomb": (PAGE, Reply(BOMB, headers={"Content-Encoding": "gzip"})),
    "not UTF-8": (PAGE, Reply(page_2026("Tea").replace(b"Tea", b"T\xe9\xff"))),
    "wrong length": (PAGE, Reply(b"<html>", declared=999)),
    "nsfw": (PAGE, Reply(NSFW)),
    "unpublished": (PAGE, Reply(NSFW, 403)),
    "deep page": (PAGE, Reply(b"<div>" * 200_000)),
    "no page": (PAGE, Reply(status=404)),
    "redirect to a private network": (
        PAGE,
        Reply(status=302, headers={"Location": "http://169.254.169.254/"}),
    ),
    "download leads elsewhere": (DOWNLOAD, Reply(status=302, headers={"Location": "http://10.0.0.1/x"})),
    "download is a placeholder": (
        DOWNLOAD,
        Reply(status=302, headers={"Location": "https://www.icloud.com/shortcuts/insertshortcuthere"}),
    ),
    "file on a private network": (RECORD, Reply(record(2, "http://10.0.0.1", unsigned=b"x"))),
    "record of another": (RECORD, Reply(record(3, "http://127.0.0.1", unsigned=b"x"))),
    "no record": (RECORD, Reply(b"[" * 100_000)),
    "file of another size": (FILE, Reply(b"bplist00")),
    "file has expired": (FILE, Reply(status=410)),
}


@pytest.mark.parametrize(("path", "reply"), ANSWERS.values(), ids=ANSWERS)
def test_one_bad_answer_costs_its_own_row_at_most(place, path, reply, monkeypatch):
    monkeypatch.setattr("workflowbench.collection.stages.Clock.sleep", lambda *_: None)
    place.site.server.routes[path] = reply
    key = place.scrape()
    kept = place.tables.read(RAW_SHORTCUTS, key)["source_path"].to_list()
    dropped = place.tables.read(RAW_SHORTCUTS_DROPPED, key)["title"].to_list()
    assert sorted([*kept, *dropped]) == ["1", "2", "3"]
    assert {"1", "3"} <= set(kept)


@pytest.mark.parametrize(
    "title", [MARKUP, "=cmd|' /C calc'!A0", "\u202egnp.exe", "名前🙂\uf8ff/../x", "a\x00b"]
)
def test_a_title_reaches_the_tables_and_no_markup_reaches_dagster(place, title):
    place.site.offer(2, title, shortcut(title.replace("\x00", "")))
    place.site.server.routes["/shortcut/3/"] = Reply(page_2026(title, href="/x"))
    key = place.add_scrape()
    names = (
        "raw_shortcuts",
        "raw_shortcuts_dropped",
        "opt_outs",
        "transcribed_workflows",
        "transcribed_workflows_dropped",
    )
    result = place.run(key, *names)
    assert result.success
    assert place.tables.read(TRANSCRIBED_WORKFLOWS, key).height == 2
    rendered = (dg.MarkdownMetadataValue, dg.UrlMetadataValue)
    metadata = [
        *(event.materialization.metadata for event in result.get_asset_materialization_events()),
        *(check.metadata for check in result.get_asset_check_evaluations()),
    ]
    values = [value for entries in metadata for value in entries.values()]
    assert values
    assert not [value for value in values if isinstance(value, rendered)]
    assert not [value for value in values if "onerror" in str(value.value)]
