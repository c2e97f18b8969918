"""Where shortcuts and API documentation come from."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import dagster as dg
import polars as pl
from pydantic import Field

from workflowbench.catalogue import Catalogue, builtin_catalogue
from workflowbench.catalogue.actionsdata import import_actionsdata
from workflowbench.catalogue.intentdefinition import import_intentdefinition
from workflowbench.catalogue.wfactions import import_wfactions
from workflowbench.collection.errors import SourceError
from workflowbench.collection.folder import scan_folder
from workflowbench.shortcuts.batch import encodable
from workflowbench.tables import RAW_SHORTCUTS
from workflowbench_dagster.partition_keys import scrape_prefix, scrapes_of
from workflowbench_dagster.resources.tables import ParquetTables


class ShortcutFolder(dg.ConfigurableResource):  # type: ignore[type-arg]
    """A folder of shortcut files, scraped again whenever it changed."""

    path: str = Field(
        description="Folder with .shortcut, .plist or .wflow files and an optional manifest.csv."
    )

    name: str = Field(default="", description="Name of the source; empty takes the name of the folder.")

    @property
    def source(self) -> str:
        """The source adapter and its place, e.g. `folder:examples`."""
        return f"folder:{self.name or encodable(self._folder.name)}"

    @property
    def scrape_prefix(self) -> str:
        """What the partition keys of this source begin with, e.g. `folder-examples`."""
        return scrape_prefix("folder", self.name or self._folder.name)

    def scan(
        self, tables: ParquetTables, scrapes: Sequence[str], scrape: str
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Scrape the folder: what is new since the scrapes of it before `scrape`, and what was dropped.

        Raises:
            SourceError: the scrape is one of another source, or `scan_folder` raised it.

        """
        own = scrapes_of(self.scrape_prefix, [*scrapes, scrape])
        if scrape not in own:
            raise SourceError(
                f"{scrape} is no scrape of {self.path}. Its scrapes begin with {self.scrape_prefix}-."
            )
        earlier = [key for key in own if key < scrape and tables.exists(RAW_SHORTCUTS, key)]
        known = tables.scan(RAW_SHORTCUTS, earlier).drop("payload").collect()
        return scan_folder(self._folder, scrape=scrape, source=self.source, known=known)

    @property
    def _folder(self) -> Path:
        return Path(self.path).expanduser().absolute()


_IMPORTERS = {".actionsdata": import_actionsdata, ".intentdefinition": import_intentdefinition}


class CatalogueSources(dg.ConfigurableResource):  # type: ignore[type-arg]
    """What the API catalogue is built from: our own facts, and those of Apple and of apps where given."""

    wfactions: str = Field(
        default="", description="Path of a `WFActions.plist` copied from a Mac; may be empty."
    )
    apps: str = Field(
        default="",
        description="Folder of apps, searched for .actionsdata and .intentdefinition files; may be empty.",
    )

    @property
    def version(self) -> str:
        """Short hash of the files that lie outside the code; empty without any.

        Raises:
            SourceError: a file or the folder cannot be read.

        """
        digest, files = hashlib.sha256(), [Path(self.wfactions)] if self.wfactions else []
        files += self._app_files()
        try:
            for path in files:
                digest.update(path.read_bytes())
        except OSError as error:
            remedy = "Set WORKFLOWBENCH_WFACTIONS and WORKFLOWBENCH_APPS to what you have, or unset them."
            raise SourceError(f"{error}. {remedy}") from error
        return digest.hexdigest()[:16] if files else ""

    def catalogue(self) -> Catalogue:
        """Build the catalogue; facts of the `WFActions.plist` come first, those of apps next, ours last."""
        catalogue = import_wfactions(Path(self.wfactions)) if self.wfactions else Catalogue()
        for path in self._app_files():
            catalogue = catalogue.merged(_IMPORTERS[path.suffix](path))
        return catalogue.merged(builtin_catalogue())

    def _app_files(self) -> list[Path]:
        if not self.apps:
            return []
        folder = Path(self.apps).expanduser()
        if not folder.is_dir():
            raise SourceError(f"There is no folder {folder}. Set WORKFLOWBENCH_APPS to one, or unset it.")
        return sorted(path for path in folder.rglob("*") if path.suffix in _IMPORTERS and path.is_file())
