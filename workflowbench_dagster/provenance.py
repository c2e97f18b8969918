"""What a table was made from: the code and the data of a materialization.

Dagster records the data version of each parent, but not of more than 100 parent partitions. The tag written
here covers them all, so that a rebuild can tell whether anything that a table was made from has changed.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import dagster as dg

import workflowbench
from workflowbench_dagster.partitions import CATEGORY_NAMES, all_scrapes, is_scraped, is_synthetic

INPUTS_TAG = "workflowbench/inputs"
"""Event tag: short hash of the data versions of everything that the asset was made from."""

UNANSWERED_TAG = "workflowbench/unanswered"
"""Event tag: number of questions to a model without an answer, which the next run asks again."""

CONTENT_HASH = "sha256"
"""Metadata of a category's materialization: its own content hash, since one run makes many categories."""

LIBRARY = "workflowbench"

_ROOT = Path(workflowbench.__file__).parents[1]


def latest_materialization(
    instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None
) -> dg.EventLogRecord | None:
    """Return the newest materialization of an asset, or of one of its partitions."""
    only = dg.AssetRecordsFilter(asset_key=key, asset_partitions=None if partition is None else [partition])
    records = instance.fetch_materializations(only, limit=1).records
    return records[0] if records else None


def latest_by_category(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, dg.EventLogRecord]:
    """Return the newest materialization of each category of an asset, of those that were ever made."""
    made = instance.event_log_storage.get_latest_storage_id_by_partition(
        key, dg.DagsterEventType.ASSET_MATERIALIZATION
    )
    ids = [number for partition, number in made.items() if partition in CATEGORY_NAMES]
    if not ids:
        return {}
    only = dg.AssetRecordsFilter(asset_key=key, storage_ids=ids)
    records = instance.fetch_materializations(only, limit=len(ids)).records
    return {record.partition_key: record for record in records if record.partition_key}


def event_tags(record: dg.EventLogRecord) -> dict[str, str]:
    """Return the tags of a materialization: code version, data version, inputs."""
    materialization = record.asset_materialization
    return dict(materialization.tags or {}) if materialization else {}


def input_version(
    instance: dg.DagsterInstance, parents: Iterable[dg.AssetKey], partition: str | None, source: str = ""
) -> str:
    """Return a short hash of the present data versions of `parents`, as one partition of a child reads them.

    A child that is not partitioned by scrapes reads every partition of a parent. `source` is the version of
    what a child reads beside its parents, if anything.
    """
    lines = [
        f"{parent.to_user_string()} {key} {version}"
        for parent in sorted(parents)
        for key, version in _versions_read(instance, parent, partition)
    ]
    return hashlib.sha256("\n".join([source, *lines]).encode()).hexdigest()[:16]


def _versions_read(
    instance: dg.DagsterInstance, parent: dg.AssetKey, partition: str | None
) -> Iterator[tuple[str | None, str | None]]:
    """Yield each partition of a parent that a child reads, and its data version."""
    name = parent.to_user_string()
    if is_synthetic(name):
        records = latest_by_category(instance, parent)
        yield from ((key, _content_hash(records[key])) for key in sorted(records))
    elif is_scraped(name):
        scrapes = all_scrapes(instance) if partition is None else [partition]
        yield from ((scrape, _data_version(instance, parent, scrape)) for scrape in scrapes)
    else:
        yield None, _data_version(instance, parent, None)


def _data_version(instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None) -> str | None:
    record = latest_materialization(instance, key, partition)
    return event_tags(record).get("dagster/data_version") if record else None


def _content_hash(record: dg.EventLogRecord) -> str | None:
    materialization = record.asset_materialization
    value = materialization.metadata.get(CONTENT_HASH) if materialization else None
    return str(value.value) if value else None


def code_version(module: str) -> str:
    """Return a short hash of a module and of every library module and data file that it builds on."""
    digest = hashlib.sha256()
    for path in sorted(_files(module)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _files(module: str) -> set[Path]:
    pending, seen = [module], set[str]()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += _library_imports(name)
    packages = {name for name in (n.rpartition(".")[0] for n in seen) if name.startswith(f"{LIBRARY}.")}
    data = {path for package in packages for path in _data_files(package)}
    return data | {path for name in seen if (path := _source(name))}


@cache
def _library_imports(module: str) -> frozenset[str]:
    source = _source(module)
    tree = ast.parse(source.read_bytes() if source else b"")
    names = {name for node in ast.walk(tree) for name in _imported(node)}
    names |= {name.rpartition(".")[0] for name in names}
    return frozenset(name for name in names if name.split(".")[0] == LIBRARY and _source(name))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _source(module: str) -> Path | None:
    base = _ROOT.joinpath(*module.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def _data_files(package: str) -> tuple[Path, ...]:
    paths = _ROOT.joinpath(*package.split(".")).rglob("*")
    return tuple(path for path in paths if path.is_file() and path.suffix not in (".py", ".pyc"))
