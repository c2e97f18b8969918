from contextvars import copy_context
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from network_platform import START, Platform, network_on, shortcut

from workflowbench.collection.replay.server import Reply
from workflowbench.tables import RAW_SHORTCUTS
from workflowbench_dagster.jobs import network_automation
from workflowbench_dagster.jobs.network_automation import (
    icloud_links_news,
    icloud_links_updates,
    routinehub_news,
    routinehub_updates,
)
from workflowbench_dagster.partitions import SCRAPE
from workflowbench_dagster.scrape_keys import ScrapeKey

FEED = "/shortcuts/latest/feed/"
BLOCK = Reply(b"<html>no</html>", 403, {"Server": "cloudflare", "CF-RAY": "1"})


class Clock:
    """The time that the sensors see."""

    def __init__(self):
        self.time = START + timedelta(days=30)

    def now(self, zone):
        return self.time.astimezone(zone)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(network_automation, "datetime", clock)
    clock.fromisoformat = datetime.fromisoformat
    return clock


def tick(place, sensor=routinehub_news, cursor=None):
    with dg.build_sensor_context(instance=place.instance, cursor=cursor) as context:
        return sensor(context, tables=place.tables, network=place.network)


def reason(place, sensor=routinehub_news, cursor=None):
    result = tick(place, sensor, cursor)
    skip = result.skip_reason if isinstance(result, dg.SensorResult) else result
    return skip.skip_message


def launched(place, sensor=routinehub_news):
    """The partition that a tick adds and launches; it is registered as the daemon would."""
    result = tick(place, sensor)
    (request,) = result.run_requests
    (addition,) = result.dynamic_partitions_requests
    assert list(addition.partition_keys) == [request.partition_key]
    place.instance.add_dynamic_partitions(SCRAPE, [request.partition_key])
    return request.partition_key


@pytest.fixture
def lasting(site, tmp_path):
    """The platform on an instance on the disk, which a schedule's context needs."""
    (tmp_path / "lasting").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "lasting")) as instance:
        yield Platform(site, tmp_path, instance)


def scheduled(place, schedule):
    # A schedule context opens a second instance and never closes it: in a context of its own, it stays there.
    context = dg.build_schedule_context(instance=place.instance)
    return copy_context().run(schedule, context, tables=place.tables, network=place.network)


def test_without_a_contact_the_sensor_says_what_to_set(place):
    place.network = network_on(place.site, place.place, contact="")
    assert "set WORKFLOWBENCH_ROUTINEHUB_CONTACT" in reason(place)
    assert place.site.server.asked == []


def test_news_get_a_partition_and_a_run_in_one_tick(place, clock):
    key = launched(place)
    assert ScrapeKey.parse(key) == ScrapeKey("routinehub", clock.time, "feed")
    assert place.run(key).success
    assert place.metadata(key)["dagster/partition_row_count"] == 3
    assert place.site.server.asked.count(FEED) == 1


def test_a_feed_that_has_not_changed_is_asked_for_conditionally_and_skipped(place, clock):
    place.run(launched(place))
    assert "names nothing new since 2026-12-21 00:00 UTC; 3 shortcuts are known" in reason(place)
    assert place.site.server.headers[-1]["if-none-match"]


def test_a_feed_that_lost_an_entry_has_no_news(place, clock):
    place.run(launched(place))
    place.site.withdraw(1)
    assert "nothing new" in reason(place)


def test_a_shortcut_that_could_not_be_read_is_no_news(place, clock):
    place.site.server.routes["/shortcut/2/"] = Reply(status=404)
    place.run(launched(place))
    place.site.offer(4, "New", shortcut("new"))
    assert launched(place)


def test_while_a_scrape_runs_nothing_is_launched(place, clock):
    key = launched(place)
    job = place.defs.resolve_job_def("scrape")
    place.instance.create_run_for_job(
        job, tags={"dagster/partition": key}, status=dg.DagsterRunStatus.STARTED
    )
    asked = len(place.site.server.asked)
    assert reason(place) == f"The scrape {key} is still running."
    assert len(place.site.server.asked) == asked


def test_a_scrape_in_another_process_is_waited_for(place, clock):
    with place.network.alone("routinehub"):
        assert "still running" in reason(place)


def test_a_scrape_that_did_not_end_is_launched_again_three_times_at_most(place, clock):
    key = launched(place)
    job, keys = place.defs.resolve_job_def("scrape"), []
    for _ in range(3):
        result = tick(place)
        keys += [request.run_key for request in result.run_requests]
        place.instance.create_run_for_job(
            job, tags={"dagster/partition": key}, status=dg.DagsterRunStatus.FAILURE
        )
    assert keys == [f"{key}/1", f"{key}/2", f"{key}/3"]
    assert "did not end in 3 runs" in reason(place)


def test_after_a_block_the_site_is_left_alone_for_a_day(place, clock):
    place.site.server.routes["/shortcut/2/"] = BLOCK
    place.run(launched(place))
    place.site.offer(4, "New", shortcut("new"))
    asked = len(place.site.server.asked)
    skipped = reason(place)
    assert "Cloudflare" in skipped
    assert skipped.endswith("Nothing is asked there before 2026-12-22 00:00 UTC.")
    assert len(place.site.server.asked) == asked
    clock.time += timedelta(days=1)
    assert launched(place)


def test_a_block_of_the_sensor_itself_is_remembered(place, clock):
    place.site.server.routes[FEED] = BLOCK
    result = tick(place)
    assert "Cloudflare" in result.skip_reason.skip_message
    asked = len(place.site.server.asked)
    assert "before 2026-12-22 00:00 UTC" in reason(place, cursor=result.cursor)
    assert len(place.site.server.asked) == asked


def test_the_pause_that_a_site_asks_for_is_kept(place, clock):
    place.site.server.routes[FEED] = Reply(status=429, headers={"Retry-After": "180000"})
    assert "before 2026-12-23 02:00 UTC" in reason(place)


def test_an_outage_is_a_reason_and_no_partition(place, clock, monkeypatch):
    monkeypatch.setattr(network_automation, "A_LOOK", network_automation.Patience(attempts=1))
    place.site.server.routes[FEED] = Reply(status=504)
    assert "cannot be fetched: http://127.0.0.1" in reason(place)
    assert place.instance.get_dynamic_partitions(SCRAPE) == []


def test_a_robots_txt_that_closes_the_feed_is_obeyed(place, clock):
    place.site.server.routes["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /")
    assert "robots.txt asks not to fetch" in reason(place)
    assert FEED not in place.site.server.asked


def test_a_feed_of_an_unknown_form_is_recorded_by_a_scrape(place, clock):
    place.site.server.routes[FEED] = Reply(b"<html>moved</html>")
    key = launched(place)
    assert place.run(key).success
    assert place.metadata(key)["stop_kind"] == "unknown_list"
    assert "Nothing is asked there before" in reason(place)


def test_news_may_be_read_with_updates_in_one_scrape(place, clock):
    place.network = network_on(place.site, place.place, news_adapter="pages")
    place.run(launched(place))
    place.site.offer(1, "Updated", shortcut("changed"))
    place.site.offer(4, "New", shortcut("new"))
    key = launched(place)
    assert key.endswith("-pages")
    assert place.run(key).success
    assert place.tables.read(RAW_SHORTCUTS, key)["title"].to_list() == ["Updated", "New"]


def test_the_schedule_walks_the_list_pages(lasting, clock):
    request = scheduled(lasting, routinehub_updates)
    assert request.partition_key.endswith("-pages")
    assert lasting.instance.get_dynamic_partitions(SCRAPE) == [request.partition_key]


def test_the_schedule_takes_up_a_scrape_that_did_not_end(lasting, clock):
    key = launched(lasting)
    assert scheduled(lasting, routinehub_updates).partition_key == key


def test_the_schedule_keeps_the_pause_after_a_block(lasting, clock):
    lasting.site.server.routes["/shortcut/1/"] = BLOCK
    lasting.run(launched(lasting))
    assert "Cloudflare" in scheduled(lasting, routinehub_updates).skip_message


def test_new_links_are_scraped_once(place, clock):
    links = place.place / "links.txt"
    assert "No file of iCloud links is set" in reason(place, icloud_links_news)
    place.network = network_on(place.site, place.place, links=str(links))
    assert "cannot be read" in reason(place, icloud_links_news)
    links.write_text(
        f"https://www.icloud.com/shortcuts/{1:032x}\nhttps://www.icloud.com/shortcuts/{99:032x}\n"
    )
    key = launched(place, icloud_links_news)
    assert key.startswith("icloud-links-")
    assert place.run(key).success
    assert "Every link" in reason(place, icloud_links_news)


def test_the_schedule_of_links_needs_a_file(lasting, clock):
    assert "No file" in scheduled(lasting, icloud_links_updates).skip_message


def test_a_folder_of_snapshots_that_cannot_be_written_is_a_reason(place):
    Path(place.network.snapshots).write_text("a file in the place of the folder")
    assert "WORKFLOWBENCH_SCRAPE_SNAPSHOTS" in reason(place)


def test_a_wait_of_centuries_that_the_feed_asks_for_pauses_the_sensor(place):
    place.site.server.routes[FEED] = Reply(status=429, headers={"Retry-After": "9" * 50})
    result = tick(place)
    n_asked = len(place.site.server.asked)
    assert "Nothing is asked there before" in reason(place, cursor=result.cursor)
    assert len(place.site.server.asked) == n_asked
