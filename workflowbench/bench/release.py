"""The release: a directory in the layout of the published dataset, with card, lineage and checksums.

    README.md                  dataset card
    data_samples.json          sample id to {query, apis, task_plan, annotated_code}
    dataset_split_keys.json    split to sample ids, in the setting `id` (unseen instructions)
    dataset_split_keys_ood.json  the same in the setting `ood` (unseen APIs)
    api_pools.json             the common APIs, the held-out apps and their APIs
    identifier2json.json       function name to API document
    identifier2python.json     function name to Python stub
    statistics.json            rows of `statistics`
    data/<setting>/<split>.parquet  rows of `workflowbench`
    splits.parquet             rows of `splits`, with the reason of each exclusion
    lineage.parquet            rows of `lineage`
    distributions.png          Figure 4 with our figures
    release.json               what wrote the directory, and how many rows it holds
    SHA256SUMS                 digest of every other file, for `sha256sum --check`

The published dataset has no test split and stores its documents as pickles; a release has the first and not
the second. A sample that is in no split of either setting is in `data_samples.json` alone.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from workflowbench.bench.card import dataset_card
from workflowbench.bench.plots import plot_distributions
from workflowbench.bench.seed_splits import SETTINGS, SPLIT_NAMES
from workflowbench.tables import API_CATALOGUE, API_POOLS, LINEAGE, SPLITS, STATISTICS, WORKFLOWBENCH, Table

FORMAT = "workflowbench-release"
FORMAT_VERSION = 2

_MANIFEST = "release.json"
_CHECKSUMS = "SHA256SUMS"
File = tuple[str, Iterable[bytes]]
"""Path of a file in the release, and its content in pieces."""

_SPLIT_KEYS = {"id": "dataset_split_keys.json", "ood": "dataset_split_keys_ood.json"}
Parts = dict[str, pl.DataFrame]
"""Samples by split."""

_JSON_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


def write_release(
    directory: Path,
    samples: pl.DataFrame,
    splits: pl.DataFrame,
    pools: pl.DataFrame,
    statistics: pl.DataFrame,
    catalogue: pl.DataFrame,
    lineage: pl.DataFrame,
    dropped: Mapping[str, pl.DataFrame],
) -> dict[str, Any]:
    """Write a release; the same tables give the same bytes.

    The files are written to a hidden sibling of `directory`, which then takes its place. A release that lies
    there already is replaced as a whole, and is put back if the new one cannot take its place.

    Args:
        directory: Target: absent, empty, or a release.
        samples: Rows of `workflowbench`.
        splits: Rows of `splits`.
        pools: Rows of `api_pools`.
        statistics: Rows of `statistics`.
        catalogue: Rows of `api_catalogue`.
        lineage: Rows of `lineage`.
        dropped: Dropped rows by the name of the table that they did not reach, in the order of the stages.

    Returns:
        The manifest of `release.json` with the digest of `SHA256SUMS` as `checksums_sha256`.

    Raises:
        ValueError: The target is something else than a release, or a sample has no split.
    """
    _refuse_foreign(directory)
    samples, splits = _as_table(samples, WORKFLOWBENCH), _as_table(splits, SPLITS)
    by_split = {setting: _by_split(samples, splits.filter(setting=setting)) for setting in SETTINGS}
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "samples": samples.height,
        "splits": {
            setting: {name: rows.height for name, rows in parts.items()}
            for setting, parts in by_split.items()
        },
        "apis": catalogue.height,
        "lineage_edges": lineage.height,
    }
    statistics = _as_table(statistics, STATISTICS)
    files = chain(
        _published_documents(samples, by_split, _as_table(catalogue, API_CATALOGUE)),
        (
            (f"data/{setting}/{name}.parquet", [_parquet(rows)])
            for setting, parts in by_split.items()
            for name, rows in parts.items()
        ),
        [
            ("splits.parquet", [_parquet(splits)]),
            ("api_pools.json", [_json(_pools_document(_as_table(pools, API_POOLS)))]),
            ("lineage.parquet", [_parquet(_as_table(lineage, LINEAGE))]),
            ("statistics.json", [_json(statistics.to_dicts())]),
            ("distributions.png", [plot_distributions(statistics)]),
            ("README.md", [dataset_card(samples, splits, pools, statistics, dropped).encode()]),
            (_MANIFEST, [_json(manifest)]),
        ],
    )
    return {**manifest, "checksums_sha256": _replace(directory, files)}


def _as_table(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    return rows.select(table.schema.names()).sort(table.key)


def _by_split(samples: pl.DataFrame, splits: pl.DataFrame) -> Parts:
    """Return the samples of each split of one setting."""
    unsplit = samples.join(splits, on="sample_id", how="anti")
    if unsplit.height:
        raise ValueError(
            f"{unsplit.height} samples have no split, e.g. {unsplit['sample_id'][0]}: rebuild the splits"
        )
    return {
        name: samples.join(
            splits.filter(pl.col("split") == name), on="sample_id", how="semi", maintain_order="left"
        )
        for name in SPLIT_NAMES
    }


def _published_documents(
    samples: pl.DataFrame, by_split: Mapping[str, Parts], catalogue: pl.DataFrame
) -> Iterator[File]:
    """Yield the JSON files that readers of the published dataset know."""
    columns = samples.select("sample_id", "query", "apis", "task_plan", annotated_code="code")
    yield (
        "data_samples.json",
        _keyed_json((row.pop("sample_id"), row) for row in columns.iter_rows(named=True)),
    )
    for setting, parts in by_split.items():
        keys = {name: rows["sample_id"].to_list() for name, rows in parts.items()}
        yield _SPLIT_KEYS[setting], [_json(keys)]
    documents = map(orjson.loads, catalogue["json_document"])
    yield "identifier2json.json", _keyed_json(zip(catalogue["function"], documents, strict=True))
    yield (
        "identifier2python.json",
        _keyed_json(zip(catalogue["function"], catalogue["python_stub"], strict=True)),
    )


def _pools_document(pools: pl.DataFrame) -> dict[str, list[str]]:
    held_out = pools.filter(pool="held_out")
    return {
        "common": pools.filter(pool="common")["identifier"].to_list(),
        "held_out_apps": held_out["app"].unique().sort().to_list(),
        "held_out": held_out["identifier"].to_list(),
    }


def _keyed_json(pairs: Iterable[tuple[str, object]]) -> Iterator[bytes]:
    """Write a JSON object entry by entry, one per line, without holding it as a whole."""
    separator = b"{\n"
    for key, value in pairs:
        yield separator + orjson.dumps(key) + b": " + orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        separator = b",\n"
    yield b"\n}\n" if separator == b",\n" else b"{}\n"


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=_JSON_OPTIONS)


def _parquet(rows: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=3)
    return buffer.getvalue()


def _refuse_foreign(directory: Path) -> None:
    if not directory.exists() or (directory.is_dir() and not any(directory.iterdir())):
        return
    manifest = directory / _MANIFEST
    if directory.is_symlink() or not manifest.is_file() or _format_of(manifest) != FORMAT:
        raise ValueError(f"{directory} is not a release of this project: name an absent or empty directory")


def _format_of(manifest: Path) -> object:
    try:
        content = orjson.loads(manifest.read_bytes())
    except orjson.JSONDecodeError:
        return None
    return content.get("format") if isinstance(content, dict) else None


def _replace(directory: Path, files: Iterable[File]) -> str:
    """Write the files beside the directory, put them in its place, and return the digest of the checksums."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(4)
    fresh = directory.with_name(f".{directory.name}.{token}.new")
    former = directory.with_name(f".{directory.name}.{token}.old")
    try:
        digests = {name: _write(fresh / name, chunks) for name, chunks in files}
        checksums = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
        digest = _write(fresh / _CHECKSUMS, [checksums.encode()])
        _swap(fresh, directory, former)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(former, ignore_errors=True)
    return digest


def _swap(fresh: Path, directory: Path, former: Path) -> None:
    """Move what lies at `directory` to `former` and `fresh` to `directory`, or leave all as it was."""
    if directory.exists():
        directory.rename(former)
    try:
        fresh.rename(directory)
    except OSError:
        if former.exists():
            former.rename(directory)
        raise


def _write(path: Path, chunks: Iterable[bytes]) -> str:
    """Write a file through to the disk and return its SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
