"""Asking an address once per scrape: from the scrape's snapshots, else from the site."""

from workflowbench.collection.fetch_errors import RefusedAddressError, UnavailableError
from workflowbench.collection.fetching import Fetcher
from workflowbench.collection.origins import without_query
from workflowbench.collection.snapshots import Snapshots, address_key
from workflowbench.collection.stages import Answer, Stage, Validators


class Visitor:
    """Gives the answer of an address: the stored one, or a fresh one that is then stored.

    Args:
        fetcher: Asks the sites; None reads snapshots only, e.g. to parse an old scrape again.
        snapshots: The answers of this scrape.

    """

    def __init__(self, fetcher: Fetcher | None, snapshots: Snapshots) -> None:
        self._fetcher = fetcher
        self.snapshots = snapshots

    def visit(self, url: str, stage: Stage, validators: Validators | None = None) -> Answer:
        """The answer of an address inside the stage.

        Raises:
            FetchError: as `Fetcher.fetch`; without a fetcher, `UnavailableError` if the answer is not stored.

        """
        answer = self.follow(url, stage, validators)
        if answer.leads_to is not None:
            raise RefusedAddressError(f"{without_query(url)} redirects to {answer.leads_to}.")
        return answer

    def follow(self, url: str, stage: Stage, validators: Validators | None = None) -> Answer:
        """Like `visit`, but a redirect out of the stage is an answer: see `Answer.leads_to`."""
        key = address_key(url)
        answer = self.snapshots.find(key)
        if answer is None:
            answer = self.fetch(url, stage, validators)
            self.snapshots.store(key, answer)
        return answer

    def fetch(self, url: str, stage: Stage, validators: Validators | None = None) -> Answer:
        """A fresh answer that is not stored, for bodies that hold what must not be kept."""
        if self._fetcher is None:
            raise UnavailableError(f"The snapshots of this scrape do not hold {without_query(url)}.")
        return self._fetcher.follow(url, stage, validators)
