"""The incremental rebuild: find what is stale, run just that, and stop when nothing is.

An asset, or one partition of it, is stale if it was never made, if its code changed, if the data that it was
made from changed, or if its checks did not run or did not pass. A scrape is a record of the past: once it is
stored, a change of code does not make it stale.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter

from workflowbench.tables import TABLES
from workflowbench_dagster.partitions import all_scrapes, partitions_of
from workflowbench_dagster.provenance import INPUTS_TAG, event_tags, input_version, latest_materialization
from workflowbench_dagster.resources.tables import ParquetTables

REBUILD_TAG = "workflowbench/rebuild"
"""Run tag of every run that a rebuild started."""


@dataclass(frozen=True, slots=True)
class Stale:
    """An asset, or one partition of it, that is to be made, and why."""

    key: dg.AssetKey
    partition: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What one run makes: assets of one scrape, and assets without partitions."""

    partition: str | None
    stale: tuple[Stale, ...]


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What a rebuild did: the batches that ran, and whether every one of them succeeded."""

    batches: tuple[Batch, ...]
    success: bool


class Planner:
    """Compares what an instance recorded with what the definitions would make now."""

    def __init__(self, instance: dg.DagsterInstance, defs: dg.Definitions, tables: ParquetTables) -> None:
        self.instance = instance
        self.graph = defs.resolve_asset_graph()
        self.tables = tables

    def plan(self) -> list[Batch]:
        """Return the runs that would bring everything up to date, as far as it is known now, in order."""
        remaining = list(self._stale())
        batches = []
        while remaining:
            batch = self._first_batch(remaining)
            batches.append(batch)
            remaining = [item for item in remaining if item not in batch.stale]
        return batches

    def _first_batch(self, stale: Sequence[Stale]) -> Batch:
        partition = next((item.partition for item in stale if item.partition), None)
        waiting: set[dg.AssetKey] = set()
        batch: list[Stale] = []
        for item in stale:
            if item.partition in (partition, None) and not self.graph.get(item.key).parent_keys & waiting:
                batch.append(item)
            else:
                waiting.add(item.key)
        return Batch(partition, tuple(batch))

    def _stale(self) -> Iterator[Stale]:
        scrapes = all_scrapes(self.instance)
        materializable = self.graph.materializable_asset_keys
        for key in filter(materializable.__contains__, self.graph.toposorted_asset_keys):
            for partition in scrapes if partitions_of(key.to_user_string()) else [None]:
                reason = self._reason(key, partition)
                if reason:
                    yield Stale(key, partition, reason)

    def _reason(self, key: dg.AssetKey, partition: str | None) -> str | None:
        record = latest_materialization(self.instance, key, partition)
        if record is None or not self._is_stored(key, partition):
            return "missing"
        node, tags = self.graph.get(key), event_tags(record)
        is_record_of_the_past = partition is not None and not node.parent_keys
        if tags.get("dagster/code_version") != node.code_version and not is_record_of_the_past:
            return "code changed"
        if tags.get(INPUTS_TAG) != input_version(self.instance, node.parent_keys, partition):
            return "inputs changed"
        return self._check_reason(key, partition, record.storage_id)

    def _is_stored(self, key: dg.AssetKey, partition: str | None) -> bool:
        name = key.to_user_string()
        if name in TABLES:
            return self.tables.exists(TABLES[name], partition)
        return self.tables.storage.exists(name)

    def _check_reason(self, key: dg.AssetKey, partition: str | None, storage_id: int) -> str | None:
        checks = self.graph.get_check_keys_for_assets({key})
        records = self.instance.event_log_storage.get_latest_asset_check_execution_by_key(
            list(checks), partition_filter=PartitionKeyFilter(key=partition) if partition else None
        )
        for check in checks:
            evaluation = _evaluation(records.get(check))
            target = evaluation.target_materialization_data if evaluation else None
            if evaluation is None or target is None or target.storage_id != storage_id:
                return "not checked"
            if not evaluation.passed and self.graph.get(check).blocking:
                return "check failed"
        return None


def plan_rebuild(instance: dg.DagsterInstance, defs: dg.Definitions, tables: ParquetTables) -> list[Batch]:
    """Return the runs that a rebuild would start now, empty if everything is up to date.

    What a run finds may make more stale: a table is made again only if the data of a parent really changed.
    """
    return Planner(instance, defs, tables).plan()


def run_rebuild(instance: dg.DagsterInstance, defs: dg.Definitions, tables: ParquetTables) -> Rebuild:
    """Run what is stale, batch by batch, until nothing is or a run fails.

    Raises:
        RuntimeError: an asset is stale again as soon as it is made.

    """
    job = defs.resolve_implicit_global_asset_job_def()
    planner, done = Planner(instance, defs, tables), list[Batch]()
    while batches := planner.plan():
        batch = batches[0]
        if batch in done:
            raise RuntimeError(
                f"Stale again as soon as it was made: {_names(batch)}. Its inputs keep changing."
            )
        done.append(batch)
        if not _run(job, instance, planner.graph, batch):
            return Rebuild(tuple(done), success=False)
    return Rebuild(tuple(done), success=True)


def abandon_killed_runs(instance: dg.DagsterInstance) -> int:
    """Mark the runs of earlier rebuilds that never ended as failed, and return their number.

    Call it only while no other rebuild is running on this instance.
    """
    unfinished = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.NOT_STARTED]
    runs = instance.get_runs(dg.RunsFilter(tags={REBUILD_TAG: "true"}, statuses=unfinished))
    for run in runs:
        instance.report_run_failed(run, "The process of this run ended before the run did.")
    return len(runs)


def _run(job: dg.JobDefinition, instance: dg.DagsterInstance, graph: Any, batch: Batch) -> bool:
    keys = {key for item in batch.stale for key in graph.get(item.key).execution_set_asset_keys}
    result = job.execute_in_process(
        instance=instance,
        partition_key=batch.partition,
        asset_selection=sorted(keys),
        raise_on_error=False,
        run_config={"loggers": {"progress": {}}},
        tags={REBUILD_TAG: "true"},
    )
    return result.success


def _evaluation(record: Any) -> dg.AssetCheckEvaluation | None:
    event = record.event.dagster_event if record and record.event else None
    data = event.event_specific_data if event else None
    return data if isinstance(data, dg.AssetCheckEvaluation) else None


def _names(batch: Batch) -> str:
    return ", ".join(item.key.to_user_string() for item in batch.stale)
