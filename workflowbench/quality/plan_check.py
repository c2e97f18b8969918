"""The task plan of a sample, held against its program."""

import re
from collections.abc import Collection, Iterator

from workflowbench.catalogue.api import function_name
from workflowbench.catalogue.collection import Catalogue
from workflowbench.quality.findings import Finding
from workflowbench.quality.program_calls import CONSTRUCTS

_WORD = re.compile(r"\w+")


def check_plan(task_plan: str, apis: Collection[str], catalogue: Catalogue) -> Iterator[Finding]:
    """Find what is wrong with a plan: it is empty, or it names APIs that the program does not call.

    Args:
        task_plan: The plan.
        apis: Identifiers of the APIs that the program calls.
        catalogue: The documentation of the APIs.

    """
    if not task_plan.strip():
        yield Finding("no_plan", 1, 1, "The sample has no task plan; write one.")
    called = {*map(function_name, apis), *map(function_name, CONSTRUCTS)}
    words = dict.fromkeys(_WORD.findall(task_plan))
    absent = [word for word in words if word in catalogue.by_function and word not in called]
    if absent:
        detail = f"The plan names {', '.join(absent)}, which the program never calls; make them agree."
        yield Finding("plan_names_absent_api", 1, 1, detail, 0.0, float(len(absent)))
