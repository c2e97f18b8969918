"""Parts for tests of language models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workflowbench.llm.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        yield ledger
