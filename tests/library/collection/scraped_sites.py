"""RoutineHub and iCloud on one loopback server, under names of their own."""

import icloud_site

from workflowbench.collection.cursor import Cursor
from workflowbench.collection.fetching import Fetcher
from workflowbench.collection.replay import routinehub_pages
from workflowbench.collection.replay.server import Reply
from workflowbench.collection.scrape import run_scrape
from workflowbench.collection.sites import Sites
from workflowbench.collection.snapshots import Snapshots
from workflowbench.collection.sources import RoutineHubFeed
from workflowbench.collection.stages import Patience
from workflowbench.collection.visiting import Visitor
from workflowbench.tables import RAW_SHORTCUTS

ROBOTS = b"User-Agent: *\nDisallow: /static/\nDisallow: /admin/\nDisallow: /analytics/\nDisallow: /api/"
TERMS = b"<html><head><title>RoutineHub</title></head><body>Be kind.</body></html>"
FEED = "/shortcuts/latest/feed/"
LATEST = "/api/v1/shortcuts/{}/versions/latest"
NOTHING = RAW_SHORTCUTS.frame()


def json_reply(body, status=200):
    return Reply(body, status, {"Content-Type": "application/json"})


class World:
    """The sites, what they offer, and scrapes of them."""

    def __init__(self, server, clock, folder):
        self.server, self.clock, self.folder = server, clock, folder
        self.root = f"http://routinehub.test:{server.port}"
        self.icloud = f"http://icloud.test:{server.port}"
        self.files = f"http://cvws.files.test:{server.port}"
        self.sites = Sites(self.root, self.icloud, f"http://*.files.test:{server.port}")
        server.routes["/robots.txt"] = Reply(ROBOTS)
        server.routes["/terms/"] = Reply(TERMS)

    def offer(self, number, version=None, page=routinehub_pages.page_2026, link=None, **record):
        """Offer a shortcut: its page, its download and its record, all with this number."""
        version = version or number * 10
        link = link or f"https://www.icloud.com/shortcuts/{icloud_site.identifier(number)}"
        token = f"/download/{version}/?t=TOKEN"
        body = page(f"Shortcut {number}", href=token, version=f"v{version}")
        self.server.routes[f"/shortcut/{number}/"] = Reply(body)
        self.server.routes[token] = Reply(status=302, headers={"Location": link})
        self.share(number, **record)

    def share(self, number, text=None, signed=None, **record):
        """Share a shortcut on iCloud."""
        payload = record.pop("unsigned", icloud_site.plist(text or f"tea {number}"))
        body = icloud_site.record(number, self.files, unsigned=payload, signed=signed, **record)
        self.server.routes[self.record_path(number)] = json_reply(body)
        self.server.routes[f"/B/{number}/shortcut?o=TOKEN&e=1"] = Reply(payload or b"")
        self.server.routes[f"/S/{number}/shortcut?o=TOKEN&e=1"] = Reply(signed or b"")

    @staticmethod
    def record_path(number):
        return f"/shortcuts/api/records/{icloud_site.identifier(number)}"

    def feed(self, *ids, **headers):
        self.server.routes[FEED] = Reply(routinehub_pages.feed(*ids), headers=headers)

    def lists(self, sort, *pages):
        for number, ids in enumerate(pages, 1):
            body = routinehub_pages.list_page(*ids, page=number, last=len(pages))
            self.server.routes[f"/shortcuts/?page={number}&sort={sort}"] = Reply(body)

    def fetcher(self):
        return Fetcher(
            "https://collector.test",
            patience=Patience(attempts=2),
            clock=self.clock,
            resolve=lambda host, port: ["127.0.0.1"],
            allow_loopback=True,
        )

    def visitor(self, scrape="routinehub-1", *, online=True):
        return Visitor(self.fetcher() if online else None, Snapshots(self.folder, scrape))

    def scrape(self, kind=RoutineHubFeed, scrape="routinehub-1", cursor=None, known=NOTHING, **options):
        online = options.pop("online", True)
        source = kind(self.visitor(scrape, online=online), options.pop("sites", self.sites))
        return self.run(source, scrape, cursor, known, **options)

    def run(self, source, scrape="routinehub-1", cursor=None, known=NOTHING, **options):
        options = {"now": self.clock.now(), **options}
        return run_scrape(source, scrape=scrape, cursor=cursor or Cursor(), known=known, **options)
