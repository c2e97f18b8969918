"""docs/quality.md tells of every rule as the code has it."""

import re
from pathlib import Path

from workflowbench.quality.findings import RULES

PAGE = Path(__file__).parents[3] / "docs" / "quality.md"


def test_the_page_lists_every_rule_in_order_with_stage_and_severity():
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (error|warning) \|", PAGE.read_text(), re.MULTILINE)
    assert listed == [(name, rule.stage, rule.severity) for name, rule in RULES.items()]
