"""What a stage depends on beside its tables and its code, as one version."""

from collections.abc import Mapping
from typing import Any, Protocol


class Versioned(Protocol):
    """A resource whose settings or files change what a stage makes."""

    @property
    def version(self) -> str:
        """What makes a table stale when it changes."""


def outside_version(*parts: Versioned | str) -> str:
    """Return the versions of all parts as one, empty where all of them are."""
    versions = [part if isinstance(part, str) else part.version for part in parts]
    return "\n".join(versions) if any(versions) else ""


def outside_versions(resources: Mapping[str, Any]) -> dict[str, str]:
    """Return what assets depend on beside their tables and code, by the name of the asset.

    Args:
        resources: The resources of the platform by name.

    """
    catalogue, synthesis = resources["catalogue"], resources["synthesis"]
    quality = (resources["refinement_model"], resources["judge_model"], synthesis.confirmation_version)
    asking = {
        "annotated_workflows": (resources["thoughts_model"],),
        "expanded_queries": (resources["expansion_model"], synthesis.expansion_version),
        "generated_workflows": (resources["generation_model"], synthesis.generation_version),
        "confirmed_workflows": quality,
    }
    versions = {name: outside_version(catalogue, *parts) for name, parts in asking.items()}
    dropped = {f"{name}_dropped": version for name, version in versions.items()}
    read = {
        "api_catalogue": outside_version(catalogue),
        "opt_outs": outside_version(resources["opt_out_list"]),
    }
    return {**read, **versions, **dropped}
