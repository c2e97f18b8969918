"""The `folder` source: shortcut files below a folder, scraped incrementally.

A scrape holds what is new or changed since the earlier scrapes of the same source, and a notice for each file
that has gone. Whether the bytes are a shortcut at all is decided by the transcription.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path, PurePosixPath

import polars as pl

from workflowbench.collection.errors import SourceError
from workflowbench.collection.listing import Fault, FoundFile, list_files, read_files
from workflowbench.collection.manifest import MANIFEST_NAME, ManifestEntry, normal_path, read_manifest
from workflowbench.collection.row_frames import Row, dropped_frame, path_id, raw_frame

_GIVEN = ("title", "description", "categories", "url", "licence", "is_nsfw")
"""Columns that the manifest gives: a change of one of them is a change of the shortcut."""


def scan_folder(
    folder: Path, *, scrape: str, source: str, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Scrape `folder`: the rows that are new since `known`, and what was dropped with its reason.

    Args:
        folder: The folder to walk; files end in `.shortcut`, `.plist` or `.wflow`, in any case.
        scrape: Partition key of this scrape.
        source: Source adapter and its place, e.g. `folder:examples`.
        known: RAW_SHORTCUTS rows of the earlier scrapes of this source, in the order of the scrapes; the
            column `payload` may be missing.

    Raises:
        SourceError: the folder is missing or holds no shortcut file, or its manifest is broken.

    """
    if not folder.is_dir():
        found = f"{folder} is a file, not a folder" if folder.exists() else f"There is no folder {folder}"
        raise SourceError(f"{found}. Give the folder that holds your shortcut files.")
    paths, faults = list_files(folder)
    if not paths:
        suffixes = "No .shortcut, .plist or .wflow file"
        raise SourceError(
            f"{suffixes} lies below {folder}. Put your exported shortcuts there, or give another folder."
        )
    manifest = read_manifest(folder)
    latest = _latest(known)
    offered = {path: row for path, row in latest.items() if not row["is_withdrawn"]}
    settled, candidates, file_faults = _sort_out(read_files(folder, paths), manifest, offered)
    new, replaced, duplicates = _separate_duplicates(settled, candidates, offered)
    gone = [path for path in offered.keys() - set(paths) if not _lies_below(path, faults)]
    rows = new + [_withdrawal(offered[path], source) for path in sorted(gone + replaced)]
    dropped = [*faults, *file_faults, *_missing(manifest, paths), *duplicates]
    return raw_frame([_after(row, latest) for row in rows], scrape, source), dropped_frame(dropped, source)


def _latest(known: pl.DataFrame) -> dict[str, Row]:
    rows = known.drop("payload", strict=False).unique("source_path", keep="last", maintain_order=True)
    return {row["source_path"]: row for row in rows.to_dicts()}


def _sort_out(
    files: Iterable[FoundFile | Fault], manifest: Mapping[str, ManifestEntry], offered: Mapping[str, Row]
) -> tuple[list[Row], list[Row], list[Fault]]:
    """Divide the files by what is known of them: same bytes as before, new or changed bytes, not readable.

    The payload of a file that did not change at all is let go at once, so that memory holds only what is new.
    """
    settled: list[Row] = []
    candidates: list[Row] = []
    faults: list[Fault] = []
    for found in files:
        if isinstance(found, Fault):
            faults.append(found)
            continue
        row = _raw_row(found, manifest.get(normal_path(found.source_path), ManifestEntry()))
        before = offered.get(found.source_path)
        if before is None or row["raw_id"] != before["raw_id"]:
            candidates.append(row)
        else:
            settled.append(before if all(row[name] == before[name] for name in _GIVEN) else row)
    return settled, candidates, faults


def _separate_duplicates(
    settled: list[Row], candidates: list[Row], offered: Mapping[str, Row]
) -> tuple[list[Row], list[str], list[Fault]]:
    """Keep one file per payload, known files first: new rows, known paths that became twins, duplicates."""
    survivors = {row["raw_id"]: row["source_path"] for row in reversed(settled)}
    new = [row for row in settled if "payload" in row]
    replaced: list[str] = []
    duplicates: list[Fault] = []
    for row in candidates:
        path, twin = str(row["source_path"]), survivors.setdefault(row["raw_id"], row["source_path"])
        if twin == path:
            new.append(row)
            continue
        detail = f"The same bytes as {twin}."
        duplicates.append(Fault(path, "duplicate_file", detail, twin_id=str(row["raw_id"])))
        if path in offered:
            replaced.append(path)
    return new, replaced, duplicates


def _missing(manifest: Mapping[str, ManifestEntry], paths: list[str]) -> list[Fault]:
    present = {normal_path(path) for path in paths}
    detail = f"{MANIFEST_NAME} names this file, but it is not in the folder. Add the file or delete the row."
    return [Fault(path, "missing_file", detail) for path in manifest if path not in present]


def _lies_below(path: str, faults: list[Fault]) -> bool:
    return any(path.startswith(f"{fault.source_path}/") for fault in faults)


def _raw_row(found: FoundFile, entry: ManifestEntry) -> Row:
    return {
        "raw_id": hashlib.sha256(found.payload).hexdigest(),
        "source_path": found.source_path,
        "title": entry.title or _title(found.source_path),
        "description": entry.description,
        "categories": list(entry.categories),
        "url": entry.url,
        "licence": entry.licence,
        "is_nsfw": entry.is_nsfw,
        "fetched_at": found.modified_at,
        "is_withdrawn": False,
        "size_bytes": len(found.payload),
        "payload": found.payload,
    }


def _withdrawal(before: Row, source: str) -> Row:
    return {
        **{name: before[name] for name in ("source_path", *_GIVEN, "fetched_at")},
        "raw_id": path_id(source, str(before["source_path"])),
        "is_withdrawn": True,
        "size_bytes": 0,
    }


def _after(row: Row, latest: Mapping[str, Row]) -> Row:
    """Make a row younger than the one it follows: a file may come back with its old modification time."""
    before = latest.get(row["source_path"])
    if before is None or row["fetched_at"] > before["fetched_at"]:
        return row
    return {**row, "fetched_at": before["fetched_at"] + timedelta(microseconds=1)}


def _title(path: str) -> str:
    stem = PurePosixPath(normal_path(path)).stem
    return re.sub(r"^\d{4}_", "", stem).replace("_", " ").strip() or stem
