from datetime import UTC, datetime

import dagster as dg
import pytest
from network_platform import network_on, shortcut

from workflowbench.collection.replay.routinehub_pages import page_2026
from workflowbench.collection.replay.server import Reply
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED
from workflowbench_dagster.resources.scraping import read_record

FEED = "/shortcuts/latest/feed/"
BLOCK = Reply(b"<html>no</html>", 403, {"Server": "cloudflare", "CF-RAY": "1"})


def titles(place, key):
    return place.tables.read(RAW_SHORTCUTS, key)["title"].to_list()


def rules(place, key):
    return dict(place.tables.read(RAW_SHORTCUTS_DROPPED, key).select("title", "rule").iter_rows())


def checks(result):
    return {
        check.check_name: (check.passed, check.severity)
        for check in result.get_asset_check_evaluations()
        if check.check_name in ("known_templates", "ended_by_itself")
    }


def test_a_scrape_is_stored_with_its_figures(place):
    key = place.scrape()
    assert titles(place, key) == ["Shortcut 1", "Shortcut 2", "Shortcut 3"]
    found = place.metadata(key)
    assert found["n_requests"] == len(place.site.server.asked)
    assert found["answers_by_status"] == {"200": 12, "302": 3}
    assert found["pages_by_form"] == {"whole": 3}
    assert found["received_bytes"] > 1000
    assert (found["n_known"], found["n_missing"], found["n_pending"]) == (3, 0, 0)
    assert "stopped" not in found


def test_the_next_scrape_goes_on_where_the_last_one_ended(place):
    place.scrape()
    place.site.offer(4, "New", shortcut("new"))
    place.site.server.asked.clear()
    assert titles(place, place.scrape()) == ["New"]
    assert place.site.server.asked.count("/shortcut/1/") == 0


def test_the_adapter_of_a_scrape_is_in_its_key(place):
    place.scrape()
    place.site.offer(2, "Update", shortcut("changed"))
    key = place.scrape("pages")
    assert key.endswith("-pages")
    assert titles(place, key) == ["Update"]
    assert "/shortcuts/?page=1&sort=updated" in place.site.server.asked


def test_a_vanished_shortcut_is_withdrawn_after_misses_over_days(place):
    place.network = network_on(place.site, place.place, tombstone_misses=2, tombstone_days=1)
    place.scrape()
    place.site.withdraw(2)
    assert rules(place, place.scrape("pages")) == {"2": "not_there"}
    last = place.tables.read(RAW_SHORTCUTS, place.scrape("pages"))
    assert last.select("source_path", "is_withdrawn").rows() == [("2", True)]


def test_a_source_that_robots_keep_out_of_needs_an_opt_in(place):
    result = place.run(place.add_scrape("api"))
    assert not result.success
    assert FEED not in place.site.server.asked


def test_without_a_contact_nothing_is_asked(place):
    place.network = network_on(place.site, place.place, contact="")
    assert not place.run(place.add_scrape()).success
    assert place.site.server.asked == []


def test_two_scrapes_of_a_place_never_run_at_once(place):
    key = place.add_scrape()
    with place.network.alone("routinehub"):
        result = place.run(key)
    assert "still running" in str(result.failure_data_for_node("raw_shortcuts").error)
    assert place.site.server.asked == []


def test_a_scrape_that_a_later_one_overtook_asks_for_nothing(place):
    overtaken = place.add_scrape()
    place.scrape()
    asked = len(place.site.server.asked)
    assert place.run(overtaken).success
    assert len(place.site.server.asked) == asked
    assert place.tables.read(RAW_SHORTCUTS, overtaken).is_empty()
    assert place.metadata(overtaken)["stop_kind"] == "superseded"


def test_another_site_has_a_cursor_of_its_own(place):
    place.scrape()
    elsewhere = place.site.address.replace("127.0.0.1", "localhost")
    place.network = network_on(place.site, place.place, routinehub=elsewhere)
    assert titles(place, place.scrape()) == ["Shortcut 1", "Shortcut 2", "Shortcut 3"]


def test_a_stored_scrape_is_kept_with_its_cursor(place):
    key = place.scrape()
    before = read_record(place.tables, key)
    place.site.offer(1, "Changed", shortcut("changed"))
    assert place.run(key).success
    assert read_record(place.tables, key) == before
    assert titles(place, key) == ["Shortcut 1", "Shortcut 2", "Shortcut 3"]


def again(place, key):
    config = {"ops": {"raw_shortcuts": {"config": {"parse_again": True}}}}
    return place.run(key, run_config=config)


def test_a_stored_scrape_is_parsed_again_from_its_snapshots_alone(place):
    place.scrape()
    place.site.offer(4, "New", shortcut("new"))
    key = place.scrape()
    before = place.tables.read(RAW_SHORTCUTS, key)
    place.network = network_on(place.site, place.place, contact="")
    asked = len(place.site.server.asked)
    assert again(place, key).success
    assert place.tables.read(RAW_SHORTCUTS, key).equals(before)
    assert len(place.site.server.asked) == asked


def test_a_scrape_whose_snapshots_are_gone_is_not_parsed_again(place):
    key = place.scrape()
    place.network = network_on(place.site, place.place, snapshots=str(place.place / "elsewhere"))
    assert "cannot be parsed again" in str(again(place, key).failure_data_for_node("raw_shortcuts").error)
    assert len(titles(place, key)) == 3


def test_a_block_is_recorded_with_its_reason_and_warned_of(place):
    place.site.server.routes["/shortcut/2/"] = BLOCK
    key = place.add_scrape()
    result = place.run(key)
    assert result.success
    assert titles(place, key) == ["Shortcut 1"]
    assert checks(result)["ended_by_itself"] == (False, dg.AssetCheckSeverity.WARN)
    assert "Cloudflare" in place.metadata(key)["stopped"]


@pytest.mark.parametrize("form", ["unknown", "without version", "list"])
def test_a_template_that_nobody_knows_fails_a_check_and_makes_no_row(place, form):
    page = page_2026(version="", href="/x") if form == "without version" else b"<html>new</html>"
    paths = [FEED] if form == "list" else [f"/shortcut/{number}/" for number in (1, 2, 3)]
    place.site.server.routes.update({path: Reply(page) for path in paths})
    key = place.add_scrape()
    result = place.run(key)
    assert checks(result)["known_templates"] == (False, dg.AssetCheckSeverity.ERROR)
    assert titles(place, key) == []


def test_one_odd_page_fails_no_check(place):
    place.site.server.routes["/shortcut/2/"] = Reply(b"<html>new</html>")
    result = place.run(place.add_scrape())
    assert checks(result)["known_templates"][0]


def test_the_links_of_a_file_are_scraped(place):
    links = place.place / "My Links.txt"
    links.write_text("# chosen by hand\nhttps://www.icloud.com/shortcuts/" + f"{1:032x}\nnonsense\n")
    place.network = network_on(place.site, place.place, links=str(links))
    key = place.add_scrape("links", place.network.links_place)
    assert place.run(key).success
    assert key.startswith("icloud-my-links-")
    assert place.tables.read(RAW_SHORTCUTS, key)["source"].to_list() == ["icloud-links:My Links"]
    assert rules(place, key) == {"line 3": "foreign_link"}


def test_the_rows_of_a_scrape_bear_its_time(place):
    place.network = network_on(place.site, place.place, tombstone_misses=1, tombstone_days=0)
    place.scrape()
    place.site.withdraw(1)
    last = place.tables.read(RAW_SHORTCUTS, place.scrape("pages"))
    assert last["fetched_at"].to_list() == [datetime(2026, 11, 22, tzinfo=UTC)]
