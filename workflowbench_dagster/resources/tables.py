"""The table store: every table of the dataset as Parquet, on a local disk or on S3."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import dagster as dg
import polars as pl
from pydantic import Field

from workflowbench.tables import Table
from workflowbench_dagster.partition_keys import valid_partition
from workflowbench_dagster.resources.storage import Storage, StorageError, storage_at

NO_NOTES: Mapping[str, str] = MappingProxyType({})
"""A table about which there is nothing to note."""

_ARROW_SCHEMA = "ARROW:schema"
"""Metadata that Polars writes itself."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table file that was written: its address, the SHA-256 of its bytes, rows, and size in bytes."""

    uri: str
    sha256: str
    n_rows: int
    n_bytes: int


class ParquetTables(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Tables as `<root>/<table>.parquet`, or `<root>/<table>/<partition>.parquet` for a partitioned one."""

    root: str = Field(description="Local folder, or `s3://bucket/prefix`.")
    storage_options: dict[str, str] = Field(
        default={},
        description="Polars' options for S3, e.g. `aws_endpoint_url`; empty reads the AWS environment.",
    )

    @property
    def storage(self) -> Storage:
        """The place that holds the files."""
        return storage_at(self.root, self.storage_options)

    def uri(self, table: Table, partition: str | None = None) -> str:
        """Return the address of the file of a table or of one partition."""
        return self.storage.uri(_key(table, partition))

    def exists(self, table: Table, partition: str | None = None) -> bool:
        """Tell whether a table or a partition has been written."""
        return self.storage.exists(_key(table, partition))

    def write(
        self,
        table: Table,
        frame: pl.DataFrame,
        partition: str | None = None,
        notes: Mapping[str, str] = NO_NOTES,
    ) -> StoredTable:
        """Write a table or one partition whole, in place of what was there.

        `notes` lie in the file itself, as metadata of Parquet, so they are stored together with the rows.

        Raises:
            StorageError: the place is full or cannot be written; the earlier file is left as it was.

        """
        with self.storage.writing(_key(table, partition)) as path:
            try:
                frame.write_parquet(path, compression="zstd", compression_level=3, metadata=dict(notes))
            except pl.exceptions.PolarsError as error:
                raise OSError(None, str(error)) from error
            with path.open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            n_bytes = path.stat().st_size
        return StoredTable(self.uri(table, partition), sha256, frame.height, n_bytes)

    def notes(self, table: Table, partition: str | None = None) -> dict[str, str]:
        """Read the notes of a stored table or partition.

        Raises:
            StorageError: the file is missing.

        """
        self._require(table, partition)
        stored = pl.read_parquet_metadata(self.uri(table, partition), storage_options=self._options)
        return {name: value for name, value in stored.items() if name != _ARROW_SCHEMA}

    def write_partitions(
        self, table: Table, frame: pl.DataFrame, *, column: str, partitions: Sequence[str]
    ) -> dict[str, StoredTable]:
        """Write one run's frame as one file per partition, by the partition key in `column`.

        Raises:
            ValueError: the frame has a key that is none of `partitions`.

        """
        foreign = set(frame[column]) - set(partitions)
        if foreign:
            raise ValueError(
                f"{table.name} has rows of other partitions: {', '.join(sorted(map(str, foreign)))}"
            )
        return {key: self.write(table, frame.filter(pl.col(column) == key), key) for key in partitions}

    def scan(self, table: Table, partitions: Sequence[str] | None = None) -> pl.LazyFrame:
        """Scan a table, or the given partitions of it one after the other.

        Raises:
            StorageError: a file is missing or does not have the columns of the table.

        """
        if partitions is None:
            return self._verified(table, None)
        if not partitions:
            return table.frame().lazy()
        return pl.concat([self._verified(table, partition) for partition in partitions])

    def read(self, table: Table, partition: str | None = None) -> pl.DataFrame:
        """Read a table or one partition; raises as `scan` does."""
        return self.scan(table, None if partition is None else [partition]).collect()

    def scan_file(self, table: Table, partition: str | None = None) -> pl.LazyFrame:
        """Scan one file with the columns that it has, whatever the table says.

        Raises:
            StorageError: the file is missing.

        """
        self._require(table, partition)
        return pl.scan_parquet(
            self.uri(table, partition), storage_options=self._options, hive_partitioning=False, glob=False
        )

    def replacing(self, directory: str) -> AbstractContextManager[Path]:
        """Give an empty local folder to fill; it replaces `<root>/<directory>` when the block ends well."""
        return self.storage.replacing(directory)

    def reading(self, directory: str) -> AbstractContextManager[Path]:
        """Give `<root>/<directory>` as a local folder to read."""
        return self.storage.reading(directory)

    @property
    def _options(self) -> dict[str, str] | None:
        return self.storage_options if self.root.startswith("s3://") else None

    def _require(self, table: Table, partition: str | None) -> None:
        if not self.exists(table, partition):
            name = table.name if partition is None else f"partition {partition} of {table.name}"
            raise StorageError(f"{self.uri(table, partition)} does not exist. Materialize {name} first.")

    def _verified(self, table: Table, partition: str | None) -> pl.LazyFrame:
        frame = self.scan_file(table, partition)
        if frame.collect_schema() != table.schema:
            differing = sorted(
                {name for name, _ in set(frame.collect_schema().items()) ^ set(table.schema.items())}
            )
            raise StorageError(
                f"{self.uri(table, partition)} does not fit the table {table.name}"
                f" (columns: {', '.join(differing) or 'order'}). Materialize {table.name} again."
            )
        return frame


def _key(table: Table, partition: str | None) -> str:
    return (
        f"{table.name}.parquet" if partition is None else f"{table.name}/{valid_partition(partition)}.parquet"
    )
