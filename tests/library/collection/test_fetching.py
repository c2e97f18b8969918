import gzip
import logging
import socket
import ssl
import time
from dataclasses import replace

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from signed_archives import certificate

from workflowbench.collection.fetch_errors import (
    BlockedError,
    DisallowedError,
    FetchError,
    RateLimitedError,
    RefusedAddressError,
    TooLargeError,
    UnavailableError,
)
from workflowbench.collection.fetching import Fetcher
from workflowbench.collection.origins import Origin
from workflowbench.collection.replay.server import Reply
from workflowbench.collection.stages import Clock, Patience, Validators
from workflowbench.collection.stages import Stage as FetchStage

CLOUDFLARE = {"Server": "cloudflare", "CF-RAY": "8f0", "Content-Type": "text/html; charset=UTF-8"}


def loopback(host, port):
    return ["127.0.0.1"]


class Site:
    """The server under the name `site.test`, and a fetcher for it."""

    def __init__(self, server, clock, resolve=loopback, allow_loopback=True, **patience):
        self.server = server
        self.root = f"http://site.test:{server.port}"
        self.stage = FetchStage((Origin("http", "site.test", server.port),), obeys_robots=False)
        self.fetcher = Fetcher(
            "https://collector.test/about",
            patience=Patience(**patience),
            clock=clock,
            resolve=resolve,
            allow_loopback=allow_loopback,
        )

    def fetch(self, path="/", validators=None, **stage):
        return self.fetcher.fetch(self.root + path, replace(self.stage, **stage), validators)


@pytest.fixture
def tls(tmp_path):
    """A server's TLS settings with a certificate for site.test that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    body = certificate("site.test", key, "site.test", key).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "site.pem").write_bytes(body + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "site.pem")
    return context


@pytest.fixture
def site(server, clock):
    server.routes["/"] = Reply(b"hello", headers={"ETag": '"1"', "Set-Cookie": "id=secret"})
    return Site(server, clock)


def test_an_answer_holds_body_status_and_the_kept_headers_only(site):
    answer = site.fetch()
    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers == {"content-type": "text/html; charset=utf-8", "etag": '"1"'}


def test_every_request_says_who_asks(site):
    site.fetch()
    assert site.server.headers[0]["user-agent"] == "workflowbench (+https://collector.test/about)"


def test_the_checked_address_keeps_the_name_in_the_host_header(site):
    site.fetch()
    assert site.server.headers[0]["host"] == f"site.test:{site.server.port}"


@pytest.mark.parametrize("contact", ["", "  ", "a\nb", "é@example.test"])
def test_a_fetcher_needs_a_contact(contact):
    with pytest.raises(ValueError, match="contact"):
        Fetcher(contact)


@pytest.mark.parametrize(
    "url",
    [
        "http://other.test/",
        "http://site.test/",
        "https://site.test:{port}/",
        "http://user:pw@site.test:{port}/",
        "http://site.test.evil.test:{port}/",
        "file:///etc/passwd",
        "http://[::1",
        "",
    ],
)
def test_only_listed_origins_are_asked(site, url):
    with pytest.raises(RefusedAddressError):
        site.fetcher.fetch(url.format(port=site.server.port), site.stage)
    assert site.server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fd00::1",
        "fe80::1%eth0",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_a_name_that_leads_inside_is_refused(server, clock, address):
    site = Site(server, clock, resolve=lambda host, port: ["93.184.216.34", address], allow_loopback=False)
    with pytest.raises(RefusedAddressError, match="no public address"):
        site.fetch()


def test_the_loopback_override_admits_no_private_network(server, clock):
    with pytest.raises(RefusedAddressError):
        Site(server, clock, resolve=lambda host, port: ["10.0.0.1"]).fetch()


def test_a_name_that_changes_after_the_check_changes_nothing(server, clock):
    server.routes["/"] = Reply(b"first address")
    answers = [["127.0.0.1"], ["10.0.0.1"]]
    asked = []

    def rebind(host, port):
        asked.append(host)
        return answers[len(asked) - 1]

    site = Site(server, clock, resolve=rebind)
    assert site.fetch().body == b"first address"
    assert asked == ["site.test"]
    with pytest.raises(RefusedAddressError):
        site.fetch()


def test_a_name_without_address_is_unavailable(server, clock):
    def fail(host, port):
        raise socket.gaierror("unknown")

    with pytest.raises(UnavailableError):
        Site(server, clock, resolve=fail).fetch()


def test_redirects_inside_the_stage_are_followed(site):
    site.server.routes["/old"] = Reply(status=301, headers={"Location": "/"})
    assert site.fetch("/old").body == b"hello"


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest", "http://foreign.test/", "file:///etc/passwd"]
)
def test_a_redirect_out_of_the_stage_is_refused(site, target):
    site.server.routes["/out"] = Reply(status=302, headers={"Location": target})
    with pytest.raises(RefusedAddressError):
        site.fetch("/out")


def test_follow_reports_where_a_redirect_leads_and_does_not_go_there(site):
    site.server.routes["/out"] = Reply(
        status=302, headers={"Location": "https://www.icloud.com/shortcuts/ab"}
    )
    answer = site.fetcher.follow(f"{site.root}/out", site.stage)
    assert answer.leads_to == "https://www.icloud.com/shortcuts/ab"


def test_a_circle_of_redirects_ends(site):
    site.server.routes["/round"] = Reply(status=302, headers={"Location": "/round"})
    with pytest.raises(FetchError, match="more than 5 times"):
        site.fetch("/round")
    assert len(site.server.asked) == 6


def test_no_error_shows_a_token(site):
    site.server.routes["/download/1/?t=SECRET"] = Reply(status=500)
    with pytest.raises(UnavailableError) as caught:
        site.fetch("/download/1/?t=SECRET")
    assert "SECRET" not in str(caught.value)
    assert "/download/1/" in str(caught.value)


def test_no_log_shows_a_token(site, caplog):
    caplog.set_level(logging.DEBUG)
    site.server.routes["/download/1/?t=SECRET"] = Reply(status=302, headers={"Location": "/?t=SECRET"})
    site.fetch("/download/1/?t=SECRET")
    assert "SECRET" not in caplog.text


def test_an_answer_outside_the_stage_shows_no_token(site):
    site.server.routes["/out"] = Reply(status=302, headers={"Location": "https://u:pw@x.test/a?t=SECRET"})
    answer = site.fetcher.follow(f"{site.root}/out", site.stage)
    assert answer.leads_to == "https://x.test/a"


def test_no_cookie_is_sent_back(site):
    site.fetch()
    site.fetch()
    assert "cookie" not in site.server.headers[1]


def test_a_certificate_that_nobody_vouches_for_is_refused(server, clock, tls):
    server.encrypt(tls)
    site = Site(server, clock)
    stage = replace(site.stage, origins=(Origin("https", "site.test", server.port),))
    with pytest.raises(UnavailableError, match="certificate"):
        site.fetcher.fetch(f"https://site.test:{server.port}/", stage)
    assert server.asked == []


def test_a_large_body_is_refused(site):
    site.server.routes["/large"] = Reply(b"x" * 2000)
    with pytest.raises(TooLargeError):
        site.fetch("/large", body_bytes=1999)
    assert len(site.fetch("/large", body_bytes=2000).body) == 2000


def test_a_gzip_bomb_is_refused_by_its_decoded_size(site):
    site.server.routes["/bomb"] = Reply(gzip.compress(bytes(50 << 20)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(TooLargeError):
        site.fetch("/bomb", body_bytes=1 << 20)


def test_a_gzip_body_is_decoded(site):
    site.server.routes["/zip"] = Reply(gzip.compress(b"tea" * 999), headers={"Content-Encoding": "gzip"})
    assert site.fetch("/zip").body == b"tea" * 999


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"short", declared=500),
        Reply(gzip.compress(b"tea" * 999)[:-9], headers={"Content-Encoding": "gzip"}),
        Reply(b"not gzip", headers={"Content-Encoding": "gzip"}),
        Reply(b"?", headers={"Content-Encoding": "br"}),
    ],
    ids=["wrong length", "cut gzip", "no gzip", "brotli"],
)
def test_a_broken_body_is_asked_for_again(site, reply):
    site.server.routes["/broken"] = [reply, Reply(b"whole")]
    assert site.fetch("/broken").body == b"whole"


def test_a_504_is_retried_and_then_given_up(site, clock):
    site.server.routes["/down"] = Reply(status=504)
    with pytest.raises(UnavailableError, match="504"):
        site.fetch("/down")
    assert len(site.server.asked) == 3


def test_retries_wait_longer_each_time(site, clock):
    site.server.routes["/down"] = [Reply(status=504), Reply(status=504), Reply(b"up")]
    assert site.fetch("/down", delay_seconds=0, jitter_seconds=0).body == b"up"
    assert clock.slept == [3, 6]


def test_retry_after_is_honoured(site, clock):
    site.server.routes["/busy"] = [Reply(status=429, headers={"Retry-After": "40"}), Reply(b"ok")]
    assert site.fetch("/busy").body == b"ok"
    assert max(clock.slept) == 40


def test_retry_after_may_be_a_date(site, clock):
    date = "Sun, 01 Nov 2026 00:17:30 GMT"
    site.server.routes["/busy"] = [Reply(status=503, headers={"Retry-After": date}), Reply(b"ok")]
    site.fetch("/busy", delay_seconds=0, jitter_seconds=0)
    assert clock.slept == [50]


def test_a_long_retry_after_stops_the_scrape(site, clock):
    site.server.routes["/busy"] = Reply(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(RateLimitedError, match="3600"):
        site.fetch("/busy")
    assert len(site.server.asked) == 1


def test_429_to_every_attempt_stops_the_scrape(site):
    site.server.routes["/busy"] = Reply(status=429)
    with pytest.raises(RateLimitedError):
        site.fetch("/busy")


def test_requests_to_one_host_keep_their_distance(site, clock):
    site.fetch(delay_seconds=2, jitter_seconds=1)
    site.fetch(delay_seconds=2, jitter_seconds=1)
    assert clock.slept == [3]


def test_a_conditional_request_sends_what_the_server_gave(site):
    site.server.routes["/same"] = Reply(status=304)
    answer = site.fetch("/same", Validators(etag='"1"', last_modified="Sun, 01 Nov 2026 00:00:00 GMT"))
    assert answer.status == 304
    assert site.server.headers[-1]["if-none-match"] == '"1"'
    assert site.server.headers[-1]["if-modified-since"] == "Sun, 01 Nov 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>Attention</html>", 403, CLOUDFLARE),
        Reply(b"<html>Wait</html>", 503, CLOUDFLARE),
        Reply(b"<html>Slow</html>", 429, {**CLOUDFLARE, "Retry-After": "1"}),
        Reply(b"error code: 1020", 403),
        Reply(b"<p>Error 1005: The owner has banned the autonomous system number", 403),
        Reply(b"", 403, {"cf-mitigated": "challenge"}),
    ],
    ids=["403", "503", "429", "1020", "1005", "challenge"],
)
def test_a_block_is_not_asked_twice(site, reply):
    site.server.routes["/blocked"] = reply
    with pytest.raises(BlockedError):
        site.fetch("/blocked")
    assert len(site.server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html>unpublished</html>", 403),
        Reply(b"<title>Site \xe2\x80\xa2 Error</title>", 403, CLOUDFLARE),
        Reply(b"<html>gone</html>", 404, CLOUDFLARE),
        Reply(b"what error 1020 means", 200, CLOUDFLARE),
    ],
    ids=["no cloudflare", "own page", "404", "200"],
)
def test_an_answer_of_the_site_itself_is_no_block(site, reply):
    site.server.routes["/own"] = reply
    assert site.fetch("/own", own_title="Site").status == reply.status


@pytest.mark.parametrize("drip", ["header", "body"])
def test_a_slow_answer_ends_at_its_deadline(server, drip):
    def slow(handler):
        handler.wfile.write(
            b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 99\r\n\r\n" if drip == "body" else b"X: ")
        )
        for _ in range(100):
            time.sleep(0.05)
            handler.wfile.write(b"x")

    server.routes["/slow"] = slow
    site = Site(server, Clock(), request_seconds=0.3, attempts=1)
    started = time.monotonic()
    with pytest.raises(UnavailableError, match=r"deadline|timed out"):
        site.fetch("/slow")
    assert time.monotonic() - started < 3


def test_the_total_deadline_ends_the_retries(server, clock):
    server.routes["/down"] = Reply(status=504)
    with pytest.raises(UnavailableError, match="longer than 2"):
        Site(server, clock, total_seconds=2).fetch("/down")
    assert len(server.asked) == 1


ROBOTS = b"User-Agent: *\nDisallow: /static/\nDisallow: /api/"


def test_robots_txt_is_obeyed_for_each_address(site):
    site.server.routes["/robots.txt"] = Reply(ROBOTS)
    assert site.fetch("/", obeys_robots=True).status == 200
    with pytest.raises(DisallowedError):
        site.fetch("/api/v1/x", obeys_robots=True)
    assert site.server.asked == ["/robots.txt", "/"]


def test_robots_txt_is_obeyed_after_a_redirect(site):
    site.server.routes["/robots.txt"] = Reply(ROBOTS)
    site.server.routes["/old"] = Reply(status=302, headers={"Location": "/api/v1/x"})
    with pytest.raises(DisallowedError):
        site.fetch("/old", obeys_robots=True)
    assert site.server.pages_asked() == ["/old"]


def test_a_crawl_delay_lengthens_the_pause(site, clock):
    site.server.routes["/robots.txt"] = Reply(b"User-agent: workflowbench\nCrawl-delay: 30")
    site.fetch("/", obeys_robots=True)
    site.fetch("/", obeys_robots=True)
    assert clock.slept[-1] == 30.5


def test_no_robots_txt_allows_everything(site):
    assert site.fetch("/", obeys_robots=True).status == 200


def test_an_unreachable_robots_txt_allows_nothing(site):
    site.server.routes["/robots.txt"] = Reply(status=500)
    with pytest.raises(UnavailableError):
        site.fetch("/", obeys_robots=True)
    assert site.server.pages_asked() == []


@pytest.mark.parametrize(
    "text", ["", "example.org", "ftp://a", "https://", "https://a/b", "https://u@a", "https://a:x"]
)
def test_a_malformed_origin_is_refused(text):
    with pytest.raises(ValueError, match="origin"):
        Origin.parse(text)


def test_an_origin_with_a_star_admits_names_below_it_only():
    origin = Origin.parse("https://*.icloud-content.com")
    assert origin.admits(httpx2.URL("https://cvws.icloud-content.com/B/x"))
    assert not origin.admits(httpx2.URL("https://icloud-content.com/"))
    assert not origin.admits(httpx2.URL("https://evilicloud-content.com/"))


@pytest.mark.parametrize("value", ["9" * 400, "99999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_retry_after_of_years_is_heeded_for_a_month(site, value):
    site.server.routes["/"] = Reply(status=503, headers={"Retry-After": value})
    with pytest.raises(RateLimitedError) as caught:
        site.fetch()
    assert caught.value.pause_seconds == 30 * 86_400


def test_a_tag_that_fits_no_header_is_not_sent_back(site):
    site.fetch(validators=Validators('"\xff"', "Sat, 21 Nov 2026 00:00:00 GMT"))
    assert "if-none-match" not in site.server.headers[-1]
    assert site.server.headers[-1]["if-modified-since"] == "Sat, 21 Nov 2026 00:00:00 GMT"


def test_bytes_behind_a_compressed_body_are_refused(site):
    site.server.routes["/"] = Reply(gzip.compress(b"a") + b"\0" * 1000, headers={"Content-Encoding": "gzip"})
    with pytest.raises(UnavailableError, match="more bytes follow"):
        site.fetch()


def test_a_challenge_is_a_block_whatever_its_status(site):
    site.server.routes["/"] = Reply(b"<html>", headers={"cf-mitigated": "challenge"})
    with pytest.raises(BlockedError):
        site.fetch()
