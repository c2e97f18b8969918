from datetime import UTC, datetime, timedelta

import pytest

from workflowbench.collection.cursor import Cursor, Miss, Tombstones
from workflowbench.collection.errors import SourceError
from workflowbench.collection.stages import Validators

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_cursor_comes_back_from_json():
    cursor = Cursor(
        {"5": "77"},
        ("5", "4"),
        {"u": Validators('"e"')},
        {"4": Miss(2, NOW)},
        ("9",),
        backlog_page=3,
        swept="5",
    )
    assert Cursor.from_json(cursor.to_json()) == cursor


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format":2,"cursor":{}}', '{"format":1,"cursor":{}}'])
def test_what_is_no_cursor_is_an_error(text):
    with pytest.raises(SourceError, match="no cursor"):
        Cursor.from_json(text)


@pytest.mark.parametrize(("count", "days", "gone"), [(3, 7, True), (2, 30, False), (9, 6.9, False)])
def test_a_tombstone_needs_misses_and_days(count, days, gone):
    assert Tombstones().apply(Miss(count, NOW - timedelta(days=days)), NOW) is gone
