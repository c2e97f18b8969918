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
from workflowbench_dagster.partitions import all_scrapes, partitions_of

INPUTS_TAG = "workflowbench/inputs"
"""Event tag: short hash of the data versions of everything that the asset was made from."""

LIBRARY = "workflowbench"

_ROOT = Path(workflowbench.__file__).parents[1]


def latest_materialization(
    instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None
) -> dg.EventLogRecord | None:
    """Return the newest materialization of an asset, or of one of its partitions."""
    only = dg.AssetRecordsFilter(asset_key=key, asset_partitions=None if partition is None else [partition])
    records = instance.fetch_materializations(only, limit=1).records
    return records[0] if records else None


def event_tags(record: dg.EventLogRecord) -> dict[str, str]:
    """Return the tags of a materialization: code version, data version, inputs."""
    materialization = record.asset_materialization
    return dict(materialization.tags or {}) if materialization else {}


def input_version(
    instance: dg.DagsterInstance, parents: Iterable[dg.AssetKey], partition: str | None, source: str = ""
) -> str:
    """Return a short hash of the present data versions of `parents`, as one partition of a child reads them.

    A child without partitions reads every scrape of a partitioned parent. `source` is the version of what a
    child reads beside its parents, if anything.
    """
    lines = [
        f"{parent.to_user_string()} {key} {_data_version(instance, parent, key)}"
        for parent in sorted(parents)
        for key in _partitions_read(instance, parent, partition)
    ]
    return hashlib.sha256("\n".join([source, *lines]).encode()).hexdigest()[:16]


def _partitions_read(
    instance: dg.DagsterInstance, parent: dg.AssetKey, partition: str | None
) -> list[str] | list[None]:
    if partitions_of(parent.to_user_string()) is None:
        return [None]
    return all_scrapes(instance) if partition is None else [partition]


def _data_version(instance: dg.DagsterInstance, key: dg.AssetKey, partition: str | None) -> str | None:
    record = latest_materialization(instance, key, partition)
    return event_tags(record).get("dagster/data_version") if record else None


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
