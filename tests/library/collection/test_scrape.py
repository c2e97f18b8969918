import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import icloud_site
import polars as pl
import pytest
from scraped_sites import FEED, LATEST, NOTHING, TERMS, World, json_reply

from workflowbench.collection.cursor import Cursor
from workflowbench.collection.errors import SourceError
from workflowbench.collection.icloud_source import ICloudLinks
from workflowbench.collection.replay import icloud_records
from workflowbench.collection.replay import routinehub_pages as pages
from workflowbench.collection.replay.server import Reply
from workflowbench.collection.scrape import run_scrape
from workflowbench.collection.sources import RoutineHubAPI, RoutineHubFeed, RoutineHubPages
from workflowbench.collection.stages import Validators
from workflowbench.tables import RAW_SHORTCUTS, RAW_SHORTCUTS_DROPPED

BLOCK = Reply(b"<html>no</html>", 403, {"Server": "cloudflare", "CF-RAY": "1"})


def paths(scraped):
    return scraped.raw["source_path"].to_list()


def rules(scraped):
    return dict(scraped.dropped.select("title", "rule").iter_rows())


def test_a_shortcut_of_the_feed_becomes_a_row(world):
    world.offer(5)
    world.feed(5)
    scraped = world.scrape()
    (row,) = scraped.raw.to_dicts()
    assert (row["source"], row["source_path"], row["version_id"]) == ("routinehub:routinehub.test", "5", "50")
    assert (row["title"], row["categories"]) == ("Shortcut 5", ["Food and Drink", "Utilities"])
    assert row["description"].startswith("For cold days\n\nThe author's heading")
    assert row["url"] == f"{world.root}/shortcut/5/"
    assert row["payload"] == icloud_site.plist("tea 5")
    assert scraped.raw.schema == RAW_SHORTCUTS.schema
    assert scraped.dropped.schema == RAW_SHORTCUTS_DROPPED.schema
    assert scraped.stopped is None


@pytest.mark.parametrize("page", [pages.page_2020, pages.page_2022, pages.page_2026])
def test_every_template_gives_the_row(world, page):
    world.offer(5, page=page)
    world.feed(5)
    assert paths(world.scrape()) == ["5"]


def test_no_author_sharer_or_token_leaves_the_pages(world):
    world.offer(5)
    world.feed(5)
    scraped = world.scrape()
    stored = b"".join(
        path.read_bytes()
        for path in world.folder.rglob("*")
        if path.is_file() and b"<html" not in path.read_bytes()
    )
    shown = f"{scraped.raw.drop('payload').to_dicts()}{scraped.cursor.to_json()}".encode()
    for secret in (b"TOKEN", icloud_site.SHARER.encode(), icloud_site.DEVICE.encode()):
        assert secret not in stored + shown
    assert b"somebody" not in shown


def test_requests_to_routinehub_are_two_seconds_apart_and_more(world):
    world.offer(5)
    world.feed(5)
    world.scrape()
    to_routinehub = ("robots.txt", "feed", "page", "download")
    assert world.clock.slept.count(2 + 1) == len(to_routinehub) - 1


def test_a_second_scrape_asks_for_the_feed_only(world):
    world.offer(5)
    world.feed(5)
    first = world.scrape()
    world.server.asked.clear()
    second = world.scrape(scrape="routinehub-2", cursor=first.cursor, known=first.raw)
    assert second.raw.is_empty()
    assert world.server.pages_asked() == [FEED]


def test_an_unchanged_feed_is_not_sent_again(world):
    world.offer(5)
    world.feed(5, ETag='"e1"')
    first = world.scrape()
    assert first.cursor.validators == {f"{world.root}{FEED}": Validators('"e1"')}
    world.server.routes[FEED] = Reply(status=304)
    second = world.scrape(scrape="routinehub-2", cursor=first.cursor)
    assert world.server.headers[-1]["if-none-match"] == '"e1"'
    assert second.cursor == first.cursor


def test_a_gap_in_the_feed_is_filled_from_the_lists(world):
    for number in range(1, 8):
        world.offer(number)
    world.feed(1)
    first = world.scrape()
    world.feed(7, 6)
    world.lists("newest", (7, 6), (5, 4), (3, 1), (2,))
    second = world.scrape(scrape="routinehub-2", cursor=first.cursor, known=first.raw)
    assert paths(second) == ["3", "4", "5", "6", "7"]
    assert "/shortcuts/?page=4&sort=newest" not in world.server.asked


def test_a_feed_that_overlaps_the_last_one_has_no_gap(world):
    for number in (1, 2):
        world.offer(number)
    world.feed(1)
    first = world.scrape()
    world.feed(2, 1)
    assert paths(world.scrape(scrape="routinehub-2", cursor=first.cursor)) == ["2"]


def test_a_killed_scrape_goes_on_without_asking_twice(world):
    for number in (1, 2, 3):
        world.offer(number)
    world.feed(3, 2, 1)
    world.server.routes["/robots.txt"] = Reply(status=404)
    whole_sleep, kills = world.clock.sleep, 0

    def sleep_and_die(seconds):
        whole_sleep(seconds)
        if len(world.clock.slept) % 4 == 0:
            raise KeyboardInterrupt

    world.clock.sleep = sleep_and_die
    while True:
        try:
            scraped = world.scrape()
            break
        except KeyboardInterrupt:
            kills += 1
    assert kills > 1
    assert paths(scraped) == ["1", "2", "3"]
    asked = world.server.pages_asked()
    asked_twice = {path for path in asked if asked.count(path) > 1}
    assert asked_twice <= {world.record_path(number) for number in (1, 2, 3)}


def test_a_stored_scrape_is_parsed_again_without_a_network(world):
    world.offer(5)
    world.feed(5)
    first = world.scrape()
    world.server.asked.clear()
    assert world.scrape(online=False).raw.equals(first.raw)
    assert world.server.asked == []


def test_a_block_stops_the_scrape_and_keeps_what_it_has(world):
    for number in (1, 2, 3):
        world.offer(number)
    world.feed(3, 2, 1)
    world.server.routes["/shortcut/2/"] = BLOCK
    scraped = world.scrape()
    assert paths(scraped) == ["1"]
    assert "Cloudflare" in scraped.stopped.reason
    assert "/shortcut/3/" not in world.server.asked
    assert scraped.cursor.window == ()


def test_after_a_stop_the_next_scrape_finishes(world):
    for number in (1, 2):
        world.offer(number)
    world.feed(2, 1)
    page = world.server.routes["/shortcut/2/"]
    world.server.routes["/shortcut/2/"] = BLOCK
    first = world.scrape()
    world.server.routes["/shortcut/2/"] = page
    second = world.scrape(scrape="routinehub-2", cursor=first.cursor, known=first.raw)
    assert paths(second) == ["2"]
    assert world.server.asked.count("/shortcut/1/") == 1


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        (Reply(pages.NSFW), "nsfw"),
        (Reply(pages.error_page("Forbidden"), 403), "unpublished"),
        (Reply(pages.NOT_FOUND), "not_there"),
        (Reply(b"", 404), "not_there"),
        (Reply(pages.page_2026(version="", href="/x")), "no_version"),
        (Reply(pages.frame("<p>new</p>")), "unknown_template"),
        (Reply(b"", 504), "unavailable"),
        (Reply(b"", 302, {"Location": "http://10.0.0.1/"}), "refused_address"),
        (Reply(b"", 302, {"Location": "/api/x"}), "disallowed_by_robots"),
        (Reply(b"x" * (5 << 20)), "too_large"),
    ],
)
def test_a_page_without_shortcut_is_dropped_with_its_rule(world, reply, rule):
    world.offer(1)
    world.feed(2, 1)
    world.server.routes["/shortcut/2/"] = reply
    scraped = world.scrape()
    assert rules(scraped) == {"2": rule}
    assert paths(scraped) == ["1"]


@pytest.mark.parametrize(
    ("reply", "rule"),
    [
        (Reply(status=403), "unpublished"),
        (Reply(b"what?"), "no_redirect"),
        (
            Reply(status=302, headers={"Location": "https://www.icloud.com/shortcuts/insertyours"}),
            "malformed_id",
        ),
        (Reply(status=302, headers={"Location": "http://169.254.169.254/latest"}), "foreign_link"),
        (Reply(status=302, headers={"Location": "file:///etc/passwd"}), "foreign_link"),
        (Reply(status=302, headers={"Location": "https://apps.apple.com/app/id1"}), "app_store_link"),
    ],
)
def test_a_download_without_shortcut_is_dropped_and_its_version_remembered(world, reply, rule):
    world.offer(2)
    world.feed(2)
    world.server.routes["/download/20/?t=TOKEN"] = reply
    scraped = world.scrape()
    assert rules(scraped) == {"2": rule}
    assert scraped.cursor.versions == {"2": "20"}


def test_a_download_may_take_a_hop_on_the_site(world):
    world.offer(2)
    world.feed(2)
    target = world.server.routes["/download/20/?t=TOKEN"]
    world.server.routes["/download/20/?t=TOKEN"] = Reply(status=301, headers={"Location": "/download/x/"})
    world.server.routes["/download/x/"] = target
    assert paths(world.scrape()) == ["2"]


def test_what_could_not_be_read_is_asked_for_again(world):
    world.offer(2)
    world.feed(2, ETag='"1"')
    page = world.server.routes["/shortcut/2/"]
    world.server.routes["/shortcut/2/"] = Reply(status=504)
    first = world.scrape()
    assert first.cursor.pending == ("2",)
    world.server.routes |= {FEED: Reply(status=304), "/shortcut/2/": page}
    second = world.scrape(scrape="routinehub-2", cursor=first.cursor)
    assert paths(second) == ["2"]
    assert second.cursor.pending == ()


@pytest.mark.parametrize("reply", [Reply(status=504), Reply(pages.frame("<p>A new design</p>"))])
def test_three_unreadable_pages_in_a_row_end_the_scrape(world, reply):
    world.feed(4, 3, 2, 1)
    for number in (1, 2, 3, 4):
        world.server.routes[f"/shortcut/{number}/"] = reply
    scraped = world.scrape()
    assert "3 shortcuts in a row" in scraped.stopped.reason
    assert "/shortcut/4/" not in world.server.asked


def test_what_fails_again_does_not_hold_up_the_next_scrape(world):
    world.offer(9)
    world.feed(9)
    cursor = Cursor(pending=("1", "2", "3", "4"))
    for number in (1, 2, 3, 4):
        world.server.routes[f"/shortcut/{number}/"] = Reply(status=504)
    scraped = world.scrape(cursor=cursor)
    assert paths(scraped) == ["9"]
    assert scraped.stopped is None
    assert set(scraped.cursor.pending) == {"1", "2", "3", "4"}
    assert scraped.cursor.window == ("9",)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(Reply(b"<html>moved</html>"), "site has changed"), (Reply(status=404), "answered 404")],
    ids=["unknown form", "gone"],
)
def test_a_feed_that_is_none_ends_the_scrape(world, reply, reason):
    world.server.routes[FEED] = reply
    stopped = world.scrape().stopped
    assert stopped.kind == "unknown_list"
    assert reason in stopped.reason


def test_a_list_page_of_an_unknown_form_keeps_what_came_before_it(world):
    world.offer(1)
    world.lists("updated", (1,), (2,))
    world.server.routes["/shortcuts/?page=2&sort=updated"] = Reply(b"<html>moved</html>")
    scraped = world.scrape(RoutineHubPages)
    assert paths(scraped) == ["1"]
    assert scraped.stopped.kind == "unknown_list"


def test_a_stop_says_its_kind_and_the_pause_that_the_site_asks_for(world):
    world.server.routes[FEED] = Reply(status=429, headers={"Retry-After": "7200"})
    stopped = world.scrape().stopped
    assert (stopped.kind, stopped.pause_seconds) == ("rate_limited", 7200)


def test_pages_are_counted_by_their_form(world):
    world.offer(1)
    world.server.routes["/shortcut/2/"] = Reply(pages.page_2026(href="/elsewhere", version=""))
    world.server.routes["/shortcut/3/"] = Reply(pages.page_2026(href="/elsewhere"))
    world.feed(3, 2, 1)
    source = RoutineHubFeed(world.visitor(), world.sites)
    world.run(source)
    assert source.forms == {"whole": 1, "without_version": 1, "unknown": 1}


def test_the_changelog_gives_the_newest_version_where_the_page_offers_none(world):
    world.offer(4, version=110)
    world.server.routes["/shortcut/4/"] = Reply(pages.page_2026("Tea", href="/elsewhere", version=""))
    world.server.routes["/shortcut/4/changelog"] = Reply(pages.changelog((9, "2.0"), (110, "1.9")))
    world.server.routes["/download/110"] = world.server.routes["/download/110/?t=TOKEN"]
    world.lists("updated", (4,))
    scraped = world.scrape(RoutineHubPages)
    assert scraped.raw["version_id"].to_list() == ["110"]
    assert scraped.raw["title"].to_list() == ["Tea"]


@pytest.mark.parametrize("reply", [Reply(pages.changelog()), Reply(status=404)], ids=["empty", "none"])
def test_a_shortcut_without_version_and_changelog_is_dropped(world, reply):
    world.server.routes["/shortcut/4/"] = Reply(pages.page_2026(href="/elsewhere", version=""))
    world.server.routes["/shortcut/4/changelog"] = reply
    world.lists("updated", (4,))
    assert rules(world.scrape(RoutineHubPages)) == {"4": "no_version"}


def test_a_running_scrape_tells_how_far_it_is(world):
    world.offer(1)
    world.feed(2, 1)
    told = []
    world.scrape(observe=lambda tally: told.append((tally.n_done, tally.n_rows, dict(tally.rules))))
    assert told == [
        (1, 1, {}),
        (2, 1, {"not_there": 1}),
    ]


def test_the_same_bytes_are_kept_once(world):
    for number in (1, 2):
        world.offer(number, text="the same")
    world.feed(2, 1)
    scraped = world.scrape()
    assert paths(scraped) == ["1"]
    assert scraped.dropped["twin_id"].to_list() == scraped.raw["raw_id"].to_list()


def test_an_updated_shortcut_comes_from_the_list_pages(world):
    for number in (1, 2, 3, 4):
        world.offer(number)
    world.lists("updated", (4, 3), (2, 1))
    first = world.scrape(RoutineHubPages)
    world.offer(1, version=99, text="newer")
    world.lists("updated", (1, 4), (3, 2))
    world.server.asked.clear()
    sites = replace(world.sites, sweep=0)
    second = world.scrape(RoutineHubPages, "routinehub-2", first.cursor, first.raw, sites=sites)
    assert second.raw.select("source_path", "version_id").rows() == [("1", "99")]
    assert first.raw.height == 4


def test_the_list_walk_ends_at_a_page_without_news(world):
    for number in range(1, 7):
        world.offer(number)
    world.lists("updated", (6, 5), (4, 3), (2, 1))
    first = world.scrape(RoutineHubPages)
    world.server.asked.clear()
    world.scrape(RoutineHubPages, "routinehub-2", first.cursor, first.raw)
    assert [path for path in world.server.asked if "sort=" in path] == ["/shortcuts/?page=1&sort=updated"]


def test_list_pages_beyond_the_budget_wait_for_the_next_scrape(world):
    for number in range(1, 7):
        world.offer(number)
    world.lists("updated", (6, 5), (4, 3), (2, 1))
    sites = replace(world.sites, list_pages=2)
    first = world.scrape(RoutineHubPages, sites=sites)
    assert paths(first) == ["3", "4", "5", "6"]
    assert first.cursor.backlog_page == 3
    second = world.scrape(RoutineHubPages, "routinehub-2", first.cursor, first.raw, sites=sites)
    assert paths(second) == ["1", "2"]
    assert second.cursor.backlog_page == 0


@pytest.mark.parametrize("kind", [RoutineHubFeed, RoutineHubPages])
def test_a_full_scrape_leaves_the_rest_to_the_next_ones(world, kind):
    for number in range(1, 7):
        world.offer(number)
    world.feed(*range(6, 0, -1))
    world.lists("updated", (6, 5), (4, 3), (2, 1))
    cursor, known, found = None, RAW_SHORTCUTS.frame(), []
    for turn in range(1, 8):
        scraped = world.scrape(kind, f"routinehub-{turn}", cursor, known, most_bytes=1)
        cursor, known = scraped.cursor, pl.concat([known, scraped.raw])
        found.append(scraped.raw.height)
        if scraped.stopped is None:
            break
        assert scraped.stopped.kind == "full"
    assert (max(found), sorted(known["source_path"])) == (1, ["1", "2", "3", "4", "5", "6"])


def test_a_stopped_list_walk_goes_on_where_it_was(world):
    for number in range(1, 7):
        world.offer(number)
    world.lists("updated", (6, 5), (4, 3), (2, 1))
    page = world.server.routes["/shortcut/3/"]
    world.server.routes["/shortcut/3/"] = BLOCK
    first = world.scrape(RoutineHubPages)
    assert paths(first) == ["4", "5", "6"]
    world.server.routes["/shortcut/3/"] = page
    second = world.scrape(RoutineHubPages, "routinehub-2", first.cursor, first.raw)
    assert paths(second) == ["1", "2", "3"]


def test_the_sweep_turns_over_the_known_shortcuts(world):
    for number in (1, 2, 10):
        world.offer(number)
    world.lists("updated", (10, 2, 1))
    sites = replace(world.sites, sweep=2)
    first = world.scrape(RoutineHubPages, sites=sites)
    assert first.cursor.swept == "2"
    second = world.scrape(RoutineHubPages, "routinehub-2", first.cursor, first.raw, sites=sites)
    assert second.cursor.swept == "1"


def test_a_shortcut_is_withdrawn_after_misses_over_days(world):
    world.offer(1)
    world.lists("updated", (1,))
    first = world.scrape(RoutineHubPages)
    world.server.routes["/shortcut/1/"] = Reply(pages.NOT_FOUND)
    second = world.scrape(RoutineHubPages, "routinehub-2", first.cursor, first.raw)
    assert rules(second) == {"1": "not_there"}
    known, scraped = first.raw, second
    for number, days in ((3, 1), (4, 8)):
        now = world.clock.now() + timedelta(days=days)
        scraped = world.scrape(RoutineHubPages, f"routinehub-{number}", scraped.cursor, known, now=now)
    (row,) = scraped.raw.to_dicts()
    assert (row["source_path"], row["is_withdrawn"], row["payload"]) == ("1", True, None)
    assert row["title"] == "Shortcut 1"
    assert row["fetched_at"] > first.raw["fetched_at"][0]
    assert scraped.cursor.misses == {}


def test_a_shortcut_that_comes_back_is_no_longer_missed(world):
    world.offer(1)
    page = world.server.routes["/shortcut/1/"]
    world.server.routes["/shortcut/1/"] = Reply(status=404)
    world.feed(1)
    first = world.scrape()
    assert list(first.cursor.misses) == ["1"]
    world.server.routes["/shortcut/1/"] = page
    world.server.routes[FEED] = Reply(status=304)
    second = world.scrape(scrape="routinehub-2", cursor=first.cursor)
    assert paths(second) == ["1"]
    assert second.cursor.misses == {}


def test_a_source_that_robots_keep_out_of_needs_an_opt_in(world):
    with pytest.raises(SourceError, match="routinehub-api is off"):
        world.scrape(RoutineHubAPI)
    assert world.server.asked == []


def test_the_api_gives_version_and_link_after_an_opt_in(world):
    world.offer(5)
    world.feed(5)
    link = f"https://www.icloud.com/shortcuts/{icloud_site.identifier(5)}"
    answer = f'{{"result":"success","id":50,"Version":"1.0","URL":"{link}"}}'
    world.server.routes[LATEST.format(5)] = json_reply(answer.encode())
    scraped = world.scrape(RoutineHubAPI, opted_in={"routinehub-api"})
    assert scraped.raw.select("source_path", "version_id", "title").rows() == [("5", "50", "Boil Tea")]
    assert "/shortcut/5/" not in world.server.asked


@pytest.fixture
def links(world, tmp_path):
    def scrape(text, scrape="links-1", cursor=None, known=NOTHING, **options):
        path = tmp_path / "gallery.txt"
        path.write_text(text)
        source = ICloudLinks(world.visitor(scrape), path, options.pop("sites", world.sites))
        return run_scrape(
            source, scrape=scrape, cursor=cursor or Cursor(), known=known, now=world.clock.now(), **options
        )

    return scrape


LINK = f"https://www.icloud.com/shortcuts/{icloud_site.identifier(7)}"


def test_a_file_of_links_is_collected(world, links):
    world.share(7)
    scraped = links(f"# a list\n\n{LINK}?utm_source=x\n{LINK}\nhttps://apps.apple.com/app/id1\n")
    (row,) = scraped.raw.to_dicts()
    assert (row["source"], row["source_path"]) == ("icloud-links:gallery", icloud_site.identifier(7))
    assert (row["title"], row["version_id"], row["url"]) == ("Boil Tea", "tag1", LINK)
    assert rules(scraped) == {"line 5": "app_store_link"}


def test_a_record_with_the_known_tag_brings_no_file(world, links):
    world.share(7)
    first = links(LINK)
    world.server.asked.clear()
    second = links(LINK, "links-2", first.cursor, first.raw)
    assert second.raw.is_empty()
    assert world.server.pages_asked() == [world.record_path(7)]


def test_a_changed_record_is_a_new_version(world, links):
    world.share(7)
    first = links(LINK)
    world.share(7, text="coffee", tag="tag2")
    second = links(LINK, "links-2", first.cursor, first.raw)
    assert second.raw["version_id"].to_list() == ["tag2"]


def test_a_missing_record_is_missed_and_not_withdrawn_at_once(world, links):
    scraped = links(LINK)
    assert list(scraped.dropped["rule"]) == ["not_there"]
    assert list(scraped.cursor.misses) == [icloud_site.identifier(7)]


def test_a_file_of_links_that_is_missing_is_an_error(world, tmp_path):
    source = ICloudLinks(world.visitor(), tmp_path / "none.txt", world.sites)
    with pytest.raises(SourceError, match="cannot be read"):
        world.run(source)


def test_rows_say_what_the_site_allowed(world):
    for number in (5, 6):
        world.offer(number)
    world.feed(6, 5)
    scraped = world.scrape()
    terms = hashlib.sha256(TERMS).hexdigest()
    columns = ("terms_sha256", "robots", "is_nsfw", "icloud_id")
    assert scraped.raw.select(columns).rows() == [
        (terms, "allowed", False, icloud_records.identifier(number)) for number in (5, 6)
    ]
    assert world.server.asked.count("/terms/") == 1


def test_a_missing_terms_page_is_noted_and_no_failure(world):
    for number in (5, 6):
        world.offer(number)
    world.feed(6, 5)
    world.server.routes["/terms/"] = Reply(b"", 404)
    scraped = world.scrape()
    assert scraped.raw["terms_sha256"].to_list() == [None, None]
    assert rules(scraped) == {"terms": "no_terms"}


def test_an_opt_in_is_noted(world):
    world.share(5)
    world.feed(5)
    link = f"https://www.icloud.com/shortcuts/{icloud_records.identifier(5)}"
    body = {"result": "success", "id": 50, "Version": "1", "URL": link, "Notes": "", "Release": "May 8, 2019"}
    world.server.routes[LATEST.format(5)] = json_reply(json.dumps(body).encode())
    scraped = world.scrape(RoutineHubAPI, opted_in={"routinehub-api"})
    assert scraped.raw["robots"].to_list() == ["opted in"]


@pytest.mark.parametrize("path", [FEED, "/shortcut/2/", World.record_path(2)])
def test_a_403_that_is_no_page_of_the_sites_own_stops_the_scrape(world, path):
    world.offer(1)
    world.offer(2)
    world.feed(1, 2)
    world.server.routes[path] = Reply(b"<h1>403 Forbidden</h1>", 403)
    scraped = world.scrape()
    assert scraped.stopped is not None
    assert scraped.stopped.kind == "blocked"
    assert paths(scraped) == []
    assert "/shortcut/1/" not in world.server.asked


def test_a_403_of_the_list_pages_stops_the_scrape(world):
    world.server.routes["/shortcuts/?page=1&sort=updated"] = Reply(b"Forbidden", 403)
    assert world.scrape(RoutineHubPages).stopped.kind == "blocked"
