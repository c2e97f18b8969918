"""Chance level: what plans score that say nothing about the query."""

import random

from workflowbench.evaluation.teval.plans import Plan, PlanQuery, Step, scored_steps

CONSTANT: Plan = (Step(0, "no api at all", "{}"),)
"""One step that calls nothing: what the protocol gives for a plan without any right step."""


def random_plan(query: PlanQuery) -> Plan:
    """As many steps as the annotated plan has, each a random API of the query, without arguments."""
    generator = random.Random(f"t-eval/{query.query_id}")  # noqa: S311 - a baseline, no secret
    n_steps = len(scored_steps(query.gold))
    return tuple(Step(place, generator.choice(query.apis), "{}") for place in range(n_steps))
