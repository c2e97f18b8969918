"""Where files are kept: a local folder or an S3 bucket, behind one small interface.

A file or directory appears under its key whole or not at all.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

_LEFTOVER_SECONDS = 24 * 3600
"""Age at which a temporary name is taken for the leftover of a killed process."""


class StorageError(RuntimeError):
    """A file that cannot be written or read; the message names the place and what to do."""


class Storage(Protocol):
    """A place for files; keys are relative paths with `/`."""

    def uri(self, key: str) -> str:
        """Return the address of `key` for Polars and for people."""

    def exists(self, key: str) -> bool:
        """Tell whether a file or a directory is kept under `key`."""

    def writing(self, key: str) -> AbstractContextManager[Path]:
        """Give a local path to write; what it holds becomes `key` when the block ends without an error."""

    def replacing(self, key: str) -> AbstractContextManager[Path]:
        """Give an empty local folder to fill; it replaces the directory `key` when the block ends well."""

    def reading(self, key: str) -> AbstractContextManager[Path]:
        """Give the directory `key` as a local folder to read."""


class LocalStorage:
    """Files below a local folder: written beside their place, synced to the disk, and renamed."""

    def __init__(self, root: str) -> None:
        self.root = Path(root).expanduser().absolute()

    def uri(self, key: str) -> str:
        """Return the absolute path of `key`."""
        return str(self.root / key)

    def exists(self, key: str) -> bool:
        """Tell whether a file or a directory lies at `key`."""
        return (self.root / key).exists()

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Give a temporary path beside `key`, then sync and rename it; see `Storage.writing`."""
        with self._beside(key) as (target, temporary):
            yield temporary
            _sync(temporary)
            temporary.replace(target)
            _sync(target.parent)

    @contextmanager
    def replacing(self, key: str) -> Iterator[Path]:
        """Give a temporary folder beside `key`, then swap the two; see `Storage.replacing`."""
        with self._beside(key) as (target, temporary):
            temporary.mkdir()
            yield temporary
            for path in sorted(temporary.rglob("*")):
                _sync(path)
            if target.exists():
                outdated = temporary.with_suffix(".outdated")
                target.rename(outdated)
                temporary.rename(target)
                shutil.rmtree(outdated)
            else:
                temporary.rename(target)
            _sync(target.parent)

    @contextmanager
    def reading(self, key: str) -> Iterator[Path]:
        """Give the directory itself; see `Storage.reading`."""
        yield self.root / key

    @contextmanager
    def _beside(self, key: str) -> Iterator[tuple[Path, Path]]:
        target = self.root / key
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _sweep(target)
            _remove(temporary)
            yield target, temporary
        except OSError as error:
            raise StorageError(_advice(target, error)) from error
        finally:
            _remove(temporary)


class S3Storage:
    """Objects below an `s3://` address; an object appears when its upload is complete.

    `options` are in Polars' spelling, e.g. `aws_endpoint_url`; without them the AWS environment is in force.
    """

    def __init__(self, root: str, options: Mapping[str, str]) -> None:
        self.root = root.rstrip("/")
        self.options = dict(options)

    def uri(self, key: str) -> str:
        """Return the `s3://` address of `key`."""
        return f"{self.root}/{key}"

    def exists(self, key: str) -> bool:
        """Tell whether an object, or any object below a directory, has this key."""
        with _answering(self.uri(key)):
            return bool(self._files().exists(self.uri(key)))

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Give a local temporary path, then upload it in one put; see `Storage.writing`."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            yield path
            self._upload(path, self.uri(key))

    @contextmanager
    def replacing(self, key: str) -> Iterator[Path]:
        """Give a local temporary folder, then upload it and delete what it no longer holds."""
        with tempfile.TemporaryDirectory() as folder:
            filled = Path(folder) / "filled"
            filled.mkdir()
            yield filled
            paths = [path for path in sorted(filled.rglob("*")) if path.is_file()]
            kept = {f"{self.uri(key)}/{path.relative_to(filled).as_posix()}": path for path in paths}
            for address, path in kept.items():
                self._upload(path, address)
            with _answering(self.uri(key)):
                outdated = {f"s3://{name}" for name in self._files().find(self.uri(key))} - kept.keys()
                if outdated:
                    self._files().rm(sorted(outdated))

    @contextmanager
    def reading(self, key: str) -> Iterator[Path]:
        """Give a local copy of the directory; see `Storage.reading`."""
        with tempfile.TemporaryDirectory() as folder:
            with _answering(self.uri(key)):
                self._files().get(f"{self.uri(key)}/", f"{folder}/", recursive=True)
            yield Path(folder)

    def _upload(self, path: Path, address: str) -> None:
        with _answering(address):
            self._files().put_file(str(path), address)

    def _files(self) -> Any:
        import s3fs  # type: ignore[import-untyped]

        names = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "aws_session_token": "token"}
        names |= {"aws_endpoint_url": "endpoint_url"}
        arguments: dict[str, Any] = {names[k]: value for k, value in self.options.items() if k in names}
        if "aws_region" in self.options:
            arguments["client_kwargs"] = {"region_name": self.options["aws_region"]}
        return s3fs.S3FileSystem(**arguments, use_listings_cache=False)


def storage_at(root: str, options: Mapping[str, str]) -> Storage:
    """Return the storage for a local path or an `s3://` address.

    Raises:
        StorageError: the packages that S3 needs are not installed.

    """
    if not root.startswith("s3://"):
        return LocalStorage(root)
    if find_spec("s3fs") is None:
        raise StorageError("An s3:// store needs s3fs: install workflowbench-dagster[aws].")
    return S3Storage(root, options)


@contextmanager
def _answering(address: str) -> Iterator[None]:
    """Explain a bucket that does not answer, or refuses."""
    from botocore.exceptions import BotoCoreError  # type: ignore[import-untyped]

    try:
        yield
    except (OSError, BotoCoreError) as error:
        remedy = "Check the bucket, AWS_ENDPOINT_URL and the AWS credentials."
        raise StorageError(f"{address} cannot be reached: {error}. {remedy}") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


def _sweep(target: Path) -> None:
    for path in target.parent.glob(f".{target.name}.*"):
        if time.time() - path.stat().st_mtime > _LEFTOVER_SECONDS:
            _remove(path)


def _advice(target: Path, error: OSError) -> str:
    remedy = "Free some space, check the permissions, or set WORKFLOWBENCH_STORE to another place."
    return f"{target} cannot be written: {error.strerror or error}. {remedy}"
