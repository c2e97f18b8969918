"""The blocking check that no secret is released."""

from collections import Counter
from dataclasses import asdict

import dagster as dg

from workflowbench.bench.release_secrets import held_secrets
from workflowbench_dagster.checks.release_frames import RELEASE
from workflowbench_dagster.resources.tables import ParquetTables

_MAX_SHOWN = 100


@dg.asset_check(
    asset=RELEASE,
    description="No file of the release holds a secret whose form alone gives it away.",
    blocking=True,
)
def no_secrets(tables: ParquetTables) -> dg.AssetCheckResult:
    """Fail with file, row and kind of each secret; no value is shown."""
    with tables.reading(RELEASE) as folder:
        held = held_secrets(folder)
    kinds = dict(sorted(Counter(secret.kind for secret in held).items()))
    shown = [asdict(secret) for secret in held[:_MAX_SHOWN]]
    return dg.AssetCheckResult(
        passed=not held, metadata={"n_secrets": len(held), "by_kind": kinds, "secrets": shown}
    )
