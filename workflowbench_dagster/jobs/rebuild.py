"""The incremental rebuild: find what is stale, run just that, and stop when nothing is.

An asset, or one partition of it, is stale if it was never made, if its code changed, if the data that it was
made from changed, or if its checks did not run or did not pass. A scrape is a record of the past: once it is
stored, a change of code does not make it stale. A table by categories is stale as a whole.
Where a model left questions open that are asked again, a rebuild asks them once. What needs a GPU is left to
people; what costs money is made, since it is people who start a rebuild.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from types import MappingProxyType
from typing import Any, NamedTuple

import dagster as dg
from dagster._core.event_api import PartitionKeyFilter

from workflowbench.tables import TABLES
from workflowbench_dagster.costs import needs_gpu
from workflowbench_dagster.partitions import CATEGORY_NAMES, all_scrapes, is_scraped, is_synthetic
from workflowbench_dagster.provenance import (
    INPUTS_TAG,
    UNANSWERED_TAG,
    event_tags,
    input_version,
    latest_by_category,
    latest_materialization,
)
from workflowbench_dagster.resources.outside import outside_versions
from workflowbench_dagster.resources.tables import ParquetTables

REBUILD_TAG = "workflowbench/rebuild"
"""Run tag of every run that a rebuild started."""

ALL_CATEGORIES = {
    "dagster/asset_partition_range_start": next(iter(CATEGORY_NAMES)),
    "dagster/asset_partition_range_end": next(reversed(CATEGORY_NAMES)),
}
"""Run tags by which one run makes every category."""

NO_SOURCES: Mapping[str, str] = MappingProxyType({})
"""What the resources say holds for every asset."""


class Node(NamedTuple):
    """One scrape of an asset, or an asset that is made as a whole."""

    key: dg.AssetKey
    partition: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one run makes, and why: nodes of one scrape or of all categories, and nodes without partitions."""

    partition: str | None
    reasons: Mapping[Node, str]


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What a rebuild did: the batches that ran, and whether every one of them succeeded."""

    batches: tuple[Batch, ...]
    success: bool


class Planner:
    """Compares what an instance recorded with what the definitions would make now."""

    def __init__(
        self,
        instance: dg.DagsterInstance,
        defs: dg.Definitions,
        tables: ParquetTables,
        sources: Mapping[str, str] = NO_SOURCES,
    ) -> None:
        """`sources` takes the place of what the resources say of an asset's world outside, by its name."""
        self.instance = instance
        self.sources = {**outside_versions(defs.resources or {}), **sources}
        self.graph = defs.resolve_asset_graph()
        self.tables = tables
        self.scrapes = all_scrapes(instance)
        self.started = time.time()

    def plan(self) -> list[Batch]:
        """Return the runs that would bring everything up to date, as far as it is known now, in order."""
        nodes = list(self._nodes())
        stale = {node: reason for node in nodes if (reason := self._reason(*node))}
        batches = []
        while stale:
            batch = self._first_batch(nodes, stale)
            batches.append(batch)
            stale = {node: reason for node, reason in stale.items() if node not in batch.reasons}
        return batches

    def _first_batch(self, nodes: Sequence[Node], stale: Mapping[Node, str]) -> Batch:
        """Take the stale nodes of the first stale scrape, and of none.

        A node waits for a later batch if one of its parents does, or is fresh now but may be stale by then.
        """
        partition = next((node.partition for node in stale if node.partition), None)
        chosen: dict[Node, str] = {}
        waiting: set[Node] = set()
        for node in nodes:
            parents = set(self._parents(node))
            fits = node.partition in (partition, None) and not (partition and _is_by_category(node))
            if node in stale and fits and not parents & waiting:
                chosen[node] = stale[node]
            elif node in stale or parents & (waiting | chosen.keys()):
                waiting.add(node)
        return Batch(partition, chosen)

    def _nodes(self) -> Iterator[Node]:
        """Yield everything that can be made, parents before children."""
        for key in self.graph.toposorted_asset_keys:
            if key in self.graph.materializable_asset_keys and not needs_gpu(self.graph.get(key)):
                yield from (Node(key, partition) for partition in self._partitions(key))

    def _parents(self, node: Node) -> Iterator[Node]:
        for key in self.graph.get(node.key).parent_keys:
            partitions = self._partitions(key)
            same = node.partition in partitions and node.partition is not None
            yield from (Node(key, partition) for partition in ([node.partition] if same else partitions))

    def _partitions(self, key: dg.AssetKey) -> Sequence[str | None]:
        return self.scrapes if is_scraped(key.to_user_string()) else [None]

    def _reason(self, key: dg.AssetKey, partition: str | None) -> str | None:
        records = self._records(key, partition)
        if not records or not self._is_stored(key, partition):
            return "missing"
        node, tags = self.graph.get(key), [event_tags(record) for record in records]
        is_record_of_the_past = partition is not None and not node.parent_keys
        code_versions = {each.get("dagster/code_version") for each in tags}
        if code_versions != {node.code_version} and not is_record_of_the_past:
            return "code changed"
        source = self.sources.get(key.to_user_string(), "")
        inputs = input_version(self.instance, node.parent_keys, partition, source)
        if {each.get(INPUTS_TAG) for each in tags} != {inputs}:
            return "inputs changed"
        newest = max(records, key=lambda record: record.storage_id)
        if newest.timestamp < self.started and any(UNANSWERED_TAG in each for each in tags):
            return "questions without an answer"
        return self._check_reason(key, partition, newest)

    def _records(self, key: dg.AssetKey, partition: str | None) -> Sequence[dg.EventLogRecord]:
        """Return the newest materialization, or that of every category; none if one is missing."""
        if is_synthetic(key.to_user_string()):
            records = list(latest_by_category(self.instance, key).values())
            return records if len(records) == len(CATEGORY_NAMES) else []
        record = latest_materialization(self.instance, key, partition)
        return [record] if record else []

    def _is_stored(self, key: dg.AssetKey, partition: str | None) -> bool:
        name = key.to_user_string()
        if is_synthetic(name):
            return all(self.tables.exists(TABLES[name], category) for category in CATEGORY_NAMES)
        if name in TABLES:
            return self.tables.exists(TABLES[name], partition)
        return self.tables.storage.exists(name)

    def _check_reason(self, key: dg.AssetKey, partition: str | None, made: dg.EventLogRecord) -> str | None:
        checks = self.graph.get_check_keys_for_assets({key})
        records = self.instance.event_log_storage.get_latest_asset_check_execution_by_key(
            list(checks), partition_filter=PartitionKeyFilter(key=partition) if partition else None
        )
        for check in checks:
            evaluation = _evaluation(records.get(check), made)
            if evaluation is None:
                return "not checked"
            if not evaluation.passed and self.graph.get(check).blocking:
                return "check failed"
        return None


def plan_rebuild(
    instance: dg.DagsterInstance,
    defs: dg.Definitions,
    tables: ParquetTables,
    sources: Mapping[str, str] = NO_SOURCES,
) -> list[Batch]:
    """Return the runs that a rebuild would start now, empty if everything is up to date.

    What a run finds may make more stale: a table is made again only if the data of a parent really changed.
    """
    return Planner(instance, defs, tables, sources).plan()


def run_rebuild(
    instance: dg.DagsterInstance,
    defs: dg.Definitions,
    tables: ParquetTables,
    sources: Mapping[str, str] = NO_SOURCES,
) -> Rebuild:
    """Run what is stale, batch by batch, until nothing is or a run fails.

    Raises:
        RuntimeError: an asset is stale again as soon as it is made.

    """
    job = defs.resolve_implicit_global_asset_job_def()
    planner, done = Planner(instance, defs, tables, sources), list[Batch]()
    while batches := planner.plan():
        for batch in _settled(batches):
            if batch in done:
                raise RuntimeError(
                    f"Stale as soon as it was made: {_names(batch)}. Its inputs keep changing."
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


def _settled(batches: Sequence[Batch]) -> list[Batch]:
    """Return the batches that no outcome of the first one can change: it, and scrapes on their own."""
    return [batches[0], *takewhile(lambda batch: all(node.partition for node in batch.reasons), batches[1:])]


def _run(job: dg.JobDefinition, instance: dg.DagsterInstance, graph: Any, batch: Batch) -> bool:
    keys = {key for node in batch.reasons for key in graph.get(node.key).execution_set_asset_keys}
    categories = ALL_CATEGORIES if any(map(_is_by_category, batch.reasons)) else {}
    result = job.execute_in_process(
        instance=instance,
        partition_key=batch.partition,
        asset_selection=sorted(keys),
        raise_on_error=False,
        run_config={"loggers": {"progress": {}}},
        tags={REBUILD_TAG: "true", **categories},
    )
    return result.success


def _is_by_category(node: Node) -> bool:
    return is_synthetic(node.key.to_user_string())


def _evaluation(record: Any, made: dg.EventLogRecord) -> dg.AssetCheckEvaluation | None:
    """Return the outcome of a check if it is one of this materialization.

    In a run with a partition, Dagster does not name the materialization that a check without partitions
    looked at; it is the one of the same run.
    """
    event = record.event.dagster_event if record and record.event else None
    data = event.event_specific_data if event else None
    if not isinstance(data, dg.AssetCheckEvaluation):
        return None
    target = data.target_materialization_data
    is_of_it = record.run_id == made.run_id or (target and target.storage_id == made.storage_id)
    return data if is_of_it else None


def _names(batch: Batch) -> str:
    return ", ".join(node.key.to_user_string() for node in batch.reasons)
