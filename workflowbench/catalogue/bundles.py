"""The bundle identifier of the app that a metadata file belongs to."""

import plistlib
from pathlib import Path

from workflowbench.catalogue.file_shape import refusing_other_shapes


def bundle_identifier_of(path: Path) -> str:
    """Find the bundle identifier in the nearest `Info.plist` above a file inside an app.

    The metadata of App Intents and SiriKit intents does not name its app; in a shortcut, the identifier of an
    action starts with it.

    Raises:
        ValueError: No folder above the file has an `Info.plist`, or it has no bundle identifier.

    """
    for folder in path.absolute().parents:
        info = folder / "Info.plist"
        if info.is_file():
            with refusing_other_shapes(info, "Info.plist of an app", "Give the bundle identifier instead."):
                return str(plistlib.loads(info.read_bytes())["CFBundleIdentifier"])
    raise ValueError(
        f"{path} lies in no app with an Info.plist: give its bundle identifier, e.g. `com.example.app`"
    )
