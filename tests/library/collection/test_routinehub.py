import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowbench.collection.replay import routinehub_pages as site
from workflowbench.collection.routinehub import (
    FeedItem,
    LatestVersion,
    ListPage,
    PageError,
    parse_changelog,
    parse_feed,
    parse_latest,
    parse_list,
    parse_shortcut,
)

SHAPES = {"2020": site.page_2020, "2022": site.page_2022, "2026": site.page_2026}


def rule(parse, body):
    with pytest.raises(PageError) as caught:
        parse(body)
    return caught.value.rule


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shortcut_page_of_each_shape_gives_its_facts(shape):
    page = parse_shortcut(SHAPES[shape]())
    assert (page.name, page.tagline, page.version, page.ios) == ("Boil Tea", "For cold days", "1.4", "12")
    assert page.updated == "05/08/19"
    assert page.categories == ("Food and Drink", "Utilities")
    assert page.version_id == "77"


def test_the_download_address_is_kept_exactly_as_found():
    assert parse_shortcut(site.page_2020()).download == "/download/77"
    assert parse_shortcut(site.page_2026()).download == "/download/77/?t=eyJ2Ijo3N30:1uAbCd:sig-x_y"


def test_the_description_is_the_authors_and_not_the_modals():
    page = parse_shortcut(site.page_2026())
    assert page.description == "The author's heading\nBody & soul"


def test_the_description_is_text():
    html = '<p>One <b>bold</b> <a href="x">link</a></p><ul><li>a</li><li>b</li></ul><script>alert(1)</script>'
    assert parse_shortcut(site.page_2020(description=html)).description == "One bold link\na\nb"


def test_a_hidden_mail_address_is_not_decoded():
    html = '<p>Mail <a class="__cf_email__" data-cfemail="5b3a1b39">[email&#160;protected]</a></p>'
    assert parse_shortcut(site.page_2020(description=html)).description == "Mail [email protected]"


def test_neither_author_nor_visitor_reaches_the_page_value():
    assert "somebody" not in repr(parse_shortcut(site.page_2020()))
    assert "visitor" not in repr(parse_shortcut(site.page_2020()))


@pytest.mark.parametrize("version", ["1,1", "Beta 3", "None", "v1.2: final"])
def test_a_version_is_free_text(version):
    assert parse_shortcut(site.page_2020(version=version)).version == version


def test_a_shortcut_without_version_has_no_download():
    page = parse_shortcut(site.page_2020(version="", href="/shortcut/5/changelog"))
    assert (page.version, page.version_id, page.download) == ("", None, None)


def test_a_shortcut_without_category_has_none():
    assert parse_shortcut(site.page_2020(categories=())).categories == ()


def test_a_shortcut_may_be_called_an_error():
    assert (
        parse_shortcut(site.page_2020(name="Error: Shortcut not found")).name == "Error: Shortcut not found"
    )


def test_control_characters_are_dropped_from_names():
    assert parse_shortcut(site.page_2020(name="Tea\u202e\x07\n time")).name == "Tea time"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (site.NOT_FOUND, "not_found"),
        (site.NSFW, "nsfw"),
        (site.error_page("Something broke"), "site_error"),
        (site.frame("<main>A new design</main>"), "unknown_template"),
        (b"", "unknown_template"),
        (site.page_2020().replace(b"/download/", b"/get/"), "unknown_template"),
        (site.page_2020().replace(b"Categories:", b"Topics:"), "unknown_template"),
    ],
)
def test_a_page_without_shortcut_says_why(page, expected):
    assert rule(parse_shortcut, page) == expected


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 600,
        "<div>" * 600 + "</div>" * 600,
        "<p>" + "".join(f"<font a={number}>" for number in range(300)) + "<p>x" * 5000,
    ],
    ids=["open", "closed", "multiplying"],
)
def test_a_page_that_would_grow_is_not_parsed(html):
    assert rule(parse_shortcut, site.page_2020(description=html)) == "too_deep"


def test_a_long_flat_description_is_parsed():
    page = parse_shortcut(site.page_2020(description="<p>Line <b>x</b><br></p>" * 9000))
    assert page.description.startswith("Line x")


def test_bytes_that_are_no_utf8_do_not_stop_the_reading():
    page = parse_shortcut(site.page_2020(name="Caf!").replace(b"Caf!", b"Caf\xe9"))
    assert page.name == "Caf\ufffd"


@pytest.mark.parametrize("shape", [2020, 2026])
def test_a_list_page_gives_ids_and_the_last_page(shape):
    assert parse_list(site.list_page(9, 7, 8, page=2, last=277, shape=shape)) == ListPage(
        ("9", "7", "8"), 277
    )


def test_a_page_past_the_end_is_empty():
    assert parse_list(site.list_page(page=4, last=3)).shortcut_ids == ()


def test_a_list_of_another_template_is_an_error():
    assert rule(parse_list, site.frame("<ul><li>Tea</li></ul>")) == "unknown_template"


def test_versions_are_ordered_by_their_number_and_not_by_their_text():
    versions = parse_changelog(site.changelog((9, "2.0"), (110, "1.9"), (20, "None")))
    assert [version.version_id for version in versions] == ["110", "20", "9"]
    assert versions[0].version == "1.9"
    assert versions[0].released == "1 year, 6 months ago"


def test_a_missing_changelog_says_so():
    assert rule(parse_changelog, site.NOT_FOUND) == "not_found"


def test_the_feed_gives_its_items_in_order():
    items = parse_feed(site.feed(12, 11))
    assert items[0] == FeedItem("12", "Shortcut 12 & more", "Line 12")
    assert [item.shortcut_id for item in items] == ["12", "11"]


@pytest.mark.parametrize("tail", ["", "<item><title>cut", "&nbsp;</channel></rss>", "\x00\x01"])
def test_a_damaged_feed_gives_its_whole_items(tail):
    assert [item.shortcut_id for item in parse_feed(site.feed(12, 11, tail=tail))] == ["12", "11"]


def test_a_feed_with_entities_is_refused():
    bomb = b'<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><channel><item><title>&a;</title></item></channel></rss>'
    assert rule(parse_feed, bomb) == "unknown_template"


@pytest.mark.parametrize("body", [b"", b"<html>hello</html>", site.feed()])
def test_what_is_no_feed_is_an_error(body):
    assert rule(parse_feed, body) == "unknown_template"


def test_the_api_answer_gives_version_and_link():
    body = b'{"result":"success","id":24443,"Version":"2.2","URL":"https://x.test/1","Notes":"","Release":""}'
    assert parse_latest(body) == LatestVersion("24443", "2.2", "https://x.test/1")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"result":"error","message":"Nothing"}', "not_found"),
        (b"<html>", "unknown_template"),
        (b'{"result":"success","id":1}', "unknown_template"),
        (b"[]", "unknown_template"),
    ],
)
def test_another_api_answer_is_an_error(body, expected):
    assert rule(parse_latest, body) == expected


@given(st.binary(max_size=300), st.integers(0, 3000))
def test_any_damage_gives_a_page_or_a_reason(noise, place):
    body = site.page_2026()
    for parse in (parse_shortcut, parse_list, parse_changelog, parse_feed, parse_latest):
        try:
            parse(body[:place] + noise + body[place:])
        except PageError as error:
            assert error.rule in {"not_found", "nsfw", "site_error", "too_deep", "unknown_template"}  # noqa: PT017


@pytest.mark.parametrize("text", ["http://[::1/shortcut/5", "http://[", "//[/x?page=2"])
def test_a_link_that_is_no_address_leads_nowhere(text):
    card = f'<a href="{text}"><div class="shortcut-card">x</div></a>'
    pager = f'<nav class="pagination"><a class="pagination-link" href="{text}">2</a></nav>'
    assert parse_list(site.frame(site.card(7) + card + pager)) == ListPage(("7",), 1)
    assert rule(parse_shortcut, site.page_2026(href=text)) == "unknown_template"


def test_a_page_number_of_thousands_of_digits_is_none():
    body = site.list_page(7).replace(b"?page=1&", b"?page=" + b"9" * 5000 + b"&")
    assert parse_list(body) == ListPage(("7",), 1)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_download_may_be_written_with_its_host(shape):
    page = parse_shortcut(SHAPES[shape](href="https://routinehub.co/download/77?t=eyJ2:1u:s"))
    assert (page.version_id, page.download) == ("77", "https://routinehub.co/download/77?t=eyJ2:1u:s")


def test_a_feed_of_an_encoding_that_nobody_knows_gives_its_items():
    body = site.feed(2, 1).replace(b'encoding="utf-8"', b'encoding="latin-99"')
    assert [item.shortcut_id for item in parse_feed(body)] == ["2", "1"]


def test_a_feed_of_items_that_never_end_is_refused_at_once():
    started = time.process_time()
    assert rule(parse_feed, b"<item " * 500_000) == "unknown_template"
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "body",
    [
        b"".join(b"<p><font a%d></b>" % number for number in range(2000)),
        b"<div " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b">",
        b"<div/" + b"/".join(b"a%d" % number for number in range(100_000)) + b">",
    ],
    ids=["end tags that close nothing", "attributes", "attributes behind slashes"],
)
def test_a_page_that_multiplies_while_it_is_parsed_is_refused_at_once(body):
    started = time.process_time()
    assert rule(parse_shortcut, body) == "too_deep"
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "description",
    ["word " * 100_000, '<img src="data:image/png;base64,' + "abcdefgh0123456789/" * 25_000 + '">'],
    ids=["words", "picture"],
)
def test_a_long_description_is_read(description):
    assert parse_shortcut(site.page_2026(description=description)).name == "Boil Tea"
