"""The manifest of a folder source: what is known about each file beyond its bytes.

A manifest is a CSV file named `manifest.csv` at the top of the folder. Its column `file` holds paths relative
to the folder; the columns `title`, `description`, `categories` (separated by `;`), `url`, `licence` and
`nsfw` (`yes` or `no`) are optional, and any other column is ignored.
"""

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from workflowbench.collection.errors import ManifestError

MANIFEST_NAME = "manifest.csv"


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What the manifest says about one file; an empty cell is None, or no category."""

    title: str | None = None
    description: str | None = None
    categories: tuple[str, ...] = ()
    url: str | None = None
    licence: str | None = None
    is_nsfw: bool | None = None


def normal_path(path: str) -> str:
    """Spell a relative path in one way: file systems differ in how they compose accented letters."""
    return unicodedata.normalize("NFC", path)


def read_manifest(folder: Path) -> dict[str, ManifestEntry]:
    """Read the manifest of `folder`: normal path to entry, empty where there is no manifest.

    Raises:
        ManifestError: the manifest is not UTF-8, not CSV, has no column `file`, has a row with too many or
            too few cells, or names a file twice.

    """
    path = folder / MANIFEST_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(
            f"{path} cannot be read as UTF-8 text ({error}). Save it as a UTF-8 CSV file."
        ) from error
    return _parse(path, text)


def _parse(path: Path, text: str) -> dict[str, ManifestEntry]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    entries: dict[str, ManifestEntry] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        if "file" not in header:
            raise ManifestError(
                f"{path}, line 1: there is no column named `file`. Add one with the path of each file,"
                " and separate the columns by commas."
            )
        if len(set(header)) < len(header):
            raise ManifestError(f"{path}, line 1: two columns have the same name. Rename or delete one.")
        for cells in reader:
            if cells:
                name, entry = _entry(header, cells, f"{path}, line {reader.line_num}")
                if name in entries:
                    raise ManifestError(
                        f"{path}, line {reader.line_num}: {name} is listed twice. Keep one row."
                    )
                entries[name] = entry
    except csv.Error as error:
        raise ManifestError(
            f"{path}, line {reader.line_num}: not CSV ({error}). Check the quotes."
        ) from error
    return entries


def _entry(header: list[str], cells: list[str], where: str) -> tuple[str, ManifestEntry]:
    if len(cells) != len(header):
        raise ManifestError(
            f"{where}: {len(cells)} cells under {len(header)} columns. Quote cells that hold a comma."
        )
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    if not row["file"]:
        raise ManifestError(
            f"{where}: the cell `file` is empty. Give the path of the file, or delete the row."
        )
    return normal_path(row["file"].removeprefix("./")), ManifestEntry(
        title=row.get("title") or None,
        description=row.get("description") or None,
        categories=tuple(name.strip() for name in row.get("categories", "").split(";") if name.strip()),
        url=row.get("url") or None,
        licence=row.get("licence") or None,
        is_nsfw=_flag(row.get("nsfw", ""), where),
    )


def _flag(cell: str, where: str) -> bool | None:
    if cell.lower() not in ("", "yes", "no"):
        raise ManifestError(f"{where}: the cell `nsfw` is {cell[:40]!r}. Write yes or no, or leave it empty.")
    return cell.lower() == "yes" if cell else None
