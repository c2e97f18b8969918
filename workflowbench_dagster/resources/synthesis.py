"""How much is synthesised, and by which rules: what the stages of synthetic workflows are set to."""

import json

import dagster as dg
from pydantic import Field

from workflowbench.categories import CATEGORIES
from workflowbench.expansion.api_pools import OOD_SHARE
from workflowbench.expansion.expanding import ATTEMPTS, EXAMPLES
from workflowbench.quality.symbol_check import Uses


class Synthesis(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Settings of query expansion, generation and quality confirmation."""

    queries_per_category: int = Field(
        default=4, ge=0, description="Queries for each of the 28 categories; the paper has about 3,300."
    )
    seed: int = Field(default=0, description="Seed of the sampling; another seed is another set of queries.")
    ood_share: float = Field(
        default=OOD_SHARE, ge=0, le=1, description="Share of queries that ask for held-out APIs."
    )
    query_examples: int = Field(default=EXAMPLES, ge=0, description="Examples that a writer of queries sees.")
    attempts: int = Field(default=ATTEMPTS, ge=1, description="Most attempts to write a query.")
    workflow_examples: int = Field(default=1, ge=0, description="Examples that a writer of workflows sees.")
    uses: str = Field(default="all", description="Given APIs that a workflow must call: `all` or `any`.")
    votes: int = Field(default=3, ge=1, description="Votes of the judge on a workflow.")
    votes_needed: int = Field(default=2, ge=1, description="Votes that must be for it.")

    @property
    def n_queries(self) -> int:
        """Queries of all categories together."""
        return self.queries_per_category * len(CATEGORIES)

    @property
    def uses_rule(self) -> Uses:
        """The given APIs that a workflow must call.

        Raises:
            ValueError: it is neither `all` nor `any`.

        """
        if self.uses == "all":
            return "all"
        if self.uses == "any":
            return "any"
        raise ValueError(f"WORKFLOWBENCH_USES is {self.uses!r}; give `all` or `any`")

    @property
    def expansion_version(self) -> str:
        """What makes the queries stale when it changes."""
        return json.dumps(
            [self.queries_per_category, self.seed, self.ood_share, self.query_examples, self.attempts]
        )

    @property
    def generation_version(self) -> str:
        """What makes the workflows stale when it changes."""
        return json.dumps([self.workflow_examples])

    @property
    def confirmation_version(self) -> str:
        """What makes the confirmed workflows stale when it changes."""
        return json.dumps([self.uses, self.votes, self.votes_needed])
