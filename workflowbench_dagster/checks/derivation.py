"""A blocking check of the splits: nothing that is tested leaks into training."""

import dagster as dg

from workflowbench.bench.derivation import Derivation
from workflowbench.bench.split_faults import RULES, split_faults
from workflowbench.tables import API_POOLS, EXPANDED_QUERIES, LINEAGE, SEED_WORKFLOWS, SPLITS, WORKFLOWBENCH
from workflowbench_dagster.resources.tables import ParquetTables
from workflowbench_dagster.table_reading import scan_all


@dg.asset_check(
    asset=SPLITS.name,
    name="closed_under_derivation",
    description="No training or dev sample is derived from a test sample, its family or a held-out API.",
    blocking=True,
)
def closed_under_derivation(tables: ParquetTables) -> dg.AssetCheckResult:
    """List the samples that break a rule of the splits, with what is wrong with them."""
    samples, seeds, lineage = map(tables.read, (WORKFLOWBENCH, SEED_WORKFLOWS, LINEAGE))
    queries = scan_all(tables, EXPANDED_QUERIES, ()).collect()
    derivation = Derivation(samples, seeds, queries, lineage)
    faults = list(split_faults(derivation, tables.read(SPLITS), tables.read(API_POOLS)))
    counts = {f"n_{fault.setting}_{fault.rule}": fault.count for fault in faults}
    examples = {f"{fault.setting}_{fault.rule}": list(fault.examples) for fault in faults}
    return dg.AssetCheckResult(
        passed=not faults,
        metadata={
            **counts,
            **examples,
            "rules": dg.MetadataValue.md("\n".join(f"- `{rule}`: {text}" for rule, text in RULES.items())),
            "samples_checked": samples.height,
        },
    )
