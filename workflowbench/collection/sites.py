"""Addresses of the sites that are scraped, and the manners kept there."""

from dataclasses import dataclass

from workflowbench.collection.icloud_files import ICloud
from workflowbench.collection.origins import Origin
from workflowbench.collection.routinehub import TITLE_PREFIX
from workflowbench.collection.stages import Stage
from workflowbench.collection.visiting import Visitor


@dataclass(frozen=True, slots=True)
class Sites:
    """Addresses and manners of the sites; the defaults are the real ones.

    Attributes:
        routinehub: Address of RoutineHub, without final slash.
        icloud: Address of iCloud's public site, without final slash.
        icloud_files: Origin of the files that records name.
        routinehub_delay_seconds: Least time between two requests to RoutineHub.
        icloud_delay_seconds: Least time between two requests to a host of iCloud.
        icloud_obeys_robots: Whether iCloud's robots.txt is obeyed.
        list_pages: Most list pages that one scrape walks.
        sweep: Known shortcuts that `routinehub-pages` looks at again in each scrape.
        cross_check: Also fetch signed files and compare them.
        terms: Path or address of RoutineHub's terms page.

    """

    routinehub: str = "https://routinehub.co"
    icloud: str = "https://www.icloud.com"
    icloud_files: str = "https://*.icloud-content.com"
    routinehub_delay_seconds: float = 2.0
    icloud_delay_seconds: float = 1.5
    icloud_obeys_robots: bool = True
    list_pages: int = 40
    sweep: int = 100
    cross_check: bool = False
    terms: str = "/terms/"

    def routinehub_stage(self, *, obeys_robots: bool = True) -> Stage:
        """Pages of RoutineHub."""
        origins, delay = (Origin.parse(self.routinehub),), self.routinehub_delay_seconds
        return Stage(origins, delay, delay / 2, obeys_robots=obeys_robots, own_title=TITLE_PREFIX)

    def icloud_reader(self, visitor: Visitor) -> ICloud:
        """A reader of shared shortcuts."""
        records, files = (
            Stage((Origin.parse(root),), delay, delay / 2, size, self.icloud_obeys_robots)
            for root, delay, size in (
                (self.icloud, self.icloud_delay_seconds, 2 << 20),
                (self.icloud_files, self.icloud_delay_seconds, 20 << 20),
            )
        )
        return ICloud(visitor, records, files, self.icloud, cross_check=self.cross_check)
