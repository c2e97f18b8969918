"""Trained models: where they lie, and what each of them was trained on."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from workflowbench.files import write_atomically
from workflowbench.training.checkpoints import FINAL, is_done
from workflowbench.training.errors import JobError
from workflowbench.training.recipe import file_digest

_RECORD = "model.json"


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A model that a training run made.

    Attributes:
        name: Name of the run: asset and setting, e.g. `annotator-id`.
        revision: Short hash of the weights.
        rows_of: Table that the training rows are rows of.
        run: Directory of the run; the model is its `final`.

    """

    name: str
    revision: str
    rows_of: str
    run: str

    @property
    def full_name(self) -> str:
        """Name and revision, as rows that it wrote name it."""
        return f"{self.name}@{self.revision}"

    @property
    def directory(self) -> Path:
        """Directory of the model."""
        return Path(self.run) / FINAL

    @property
    def report(self) -> dict[str, Any]:
        """What the run reported: figures, loss curves, data hashes."""
        document: dict[str, Any] = orjson.loads((self.directory / "report.json").read_bytes())
        return document

    @property
    def trained_on(self) -> list[str]:
        """Nodes of the lineage that the model saw in training."""
        ids = (self.directory / "trained_on.txt").read_text().split()
        return [f"{self.rows_of}:{name}" for name in ids]


def record_model(name: str, rows_of: str, run: Path) -> TrainedModel:
    """Write down what a finished run made, beside it.

    Raises:
        JobError: the run is not finished.

    """
    if not is_done(run):
        raise JobError(f"{run} holds no finished training run.")
    model = TrainedModel(name, _digest(run / FINAL), rows_of, str(run))
    write_atomically(run / _RECORD, orjson.dumps(asdict(model), option=orjson.OPT_INDENT_2))
    return model


def trained_models(workspace: Path) -> list[TrainedModel]:
    """Return every recorded model below a workspace, by name, the newest last."""
    records = sorted(workspace.glob(f"*/*/{_RECORD}"), key=lambda path: (path.stat().st_mtime_ns, path))
    return [TrainedModel(**orjson.loads(path.read_bytes())) for path in records]


def newest_model(workspace: Path, name: str) -> TrainedModel:
    """Return the model of a name that was recorded last.

    Raises:
        JobError: there is none.

    """
    found = [model for model in trained_models(workspace) if model.name == name]
    if not found:
        asset, _, setting = name.rpartition("-")
        raise JobError(f"There is no {name} yet. Materialize partition {setting} of {asset} first.")
    return found[-1]


def _digest(directory: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(directory.glob("*.safetensors")):
        digest.update(path.name.encode())
        digest.update(file_digest(path).encode())
    return digest.hexdigest()[:12]
