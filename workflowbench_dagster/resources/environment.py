"""The one place that reads the environment of the platform.

`WORKFLOWBENCH_HOME` is the folder for everything the platform keeps (default `.workflowbench`),
`WORKFLOWBENCH_STORE` the root of the tables (default `tables` below the home; may be `s3://`; one per home),
`WORKFLOWBENCH_SHORTCUTS` the folder of shortcuts (default `examples`),
`WORKFLOWBENCH_WFACTIONS` a `WFActions.plist` copied from a Mac (default none),
`WORKFLOWBENCH_APPS` a folder of apps with `.actionsdata` and `.intentdefinition` files (default none).
"""

from pathlib import Path

import dagster as dg

from workflowbench_dagster.resources.sources import CatalogueSources, ShortcutFolder
from workflowbench_dagster.resources.tables import ParquetTables

HOME = "WORKFLOWBENCH_HOME"
STORE = "WORKFLOWBENCH_STORE"
SHORTCUTS = "WORKFLOWBENCH_SHORTCUTS"
WFACTIONS = "WORKFLOWBENCH_WFACTIONS"
APPS = "WORKFLOWBENCH_APPS"


def _value(name: str, default: str) -> str:
    return dg.EnvVar(name).get_value(default) or default


def home() -> Path:
    """Return the folder that holds the Dagster instance and, unless a store is set, the tables."""
    return Path(_value(HOME, ".workflowbench")).expanduser().absolute()


def table_resource() -> ParquetTables:
    """Return the table store."""
    return ParquetTables(root=_value(STORE, str(home() / "tables")))


def folder_resource() -> ShortcutFolder:
    """Return the folder of shortcuts."""
    return ShortcutFolder(path=_value(SHORTCUTS, "examples"))


def catalogue_resource() -> CatalogueSources:
    """Return what the API catalogue is built from."""
    return CatalogueSources(wfactions=_value(WFACTIONS, ""), apps=_value(APPS, ""))


def resources() -> dict[str, dg.ConfigurableResource]:  # type: ignore[type-arg]
    """Return the resources by the names under which assets ask for them."""
    return {"tables": table_resource(), "folder": folder_resource(), "catalogue": catalogue_resource()}
