"""Features of texts, kept in memory and on disk."""

import sys
from array import array
from collections import OrderedDict
from hashlib import blake2b
from pathlib import Path

from workflowbench.evaluation.codebleu.features import Counts, Features, extract_features, scalar_values
from workflowbench.evaluation.codebleu.grammar import GRAMMAR, PARSER
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.ngrams import count_ngrams
from workflowbench.files import write_atomically

MAX_COUNTS = 2_000_000
"""Distinct things that the features in memory may count together: about 200 MB, or 800 long workflows."""
_FORMAT = "1"
_CHECKSUM_BYTES = 16
_WORD_BYTES = 8


class FeatureCache:
    """Features of texts in one mode, computed once.

    An entry on disk is named after the text, the mode, the grammar and everything else that it depends on, so
    that a change of any makes new entries. A damaged entry is computed again. N-grams are not kept: they are
    counted in less time than they are read.

    Args:
        mode: Which CodeBLEU is meant.
        folder: Where to keep features between processes; None keeps them in memory only.
        max_counts: Bound on the memory, in distinct things counted.

    """

    def __init__(self, mode: Mode, folder: Path | None = None, *, max_counts: int = MAX_COUNTS) -> None:
        self.mode = mode
        self._folder = folder
        self._max_counts = max_counts
        self._n_counts = 0
        self._memory: OrderedDict[bytes, Features] = OrderedDict()
        self._context = context(mode)

    def __call__(self, text: str) -> Features:
        """The features of a text.

        Raises:
            RefusedTextError: The text is beyond a bound.
            OSError: The folder cannot be read or written.

        """
        key = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32, key=self._context).digest()
        features = self._memory.get(key)
        if features is None:
            features = self._load(key, text)
            self._remember(key, features)
        else:
            self._memory.move_to_end(key)
        return features

    def _remember(self, key: bytes, features: Features) -> None:
        self._memory[key] = features
        self._n_counts += features.size
        while self._n_counts > self._max_counts and self._memory:
            _, forgotten = self._memory.popitem(last=False)
            self._n_counts -= forgotten.size

    def _load(self, key: bytes, text: str) -> Features:
        if self._folder is None:
            return extract_features(text, self.mode)
        path = self._folder / key.hex()[:2] / key.hex()[2:]
        counts = _decode(path.read_bytes()) if path.exists() else None
        if counts is not None:
            return Features(count_ngrams(scalar_values(text)), *counts)
        features = extract_features(text, self.mode)
        write_atomically(path, _encode(features.subtrees, features.flows))
        return features


def context(mode: Mode) -> bytes:
    """A digest of all that features depend on beside the text.

    In `compat` that includes the seed of Python's hash of text, by way of a sample.
    """
    parts = [_FORMAT, mode, GRAMMAR, PARSER, sys.version, sys.byteorder]
    if mode is Mode.COMPAT:
        parts.append(str(hash("the order of a set of names")))
    return blake2b("\n".join(parts).encode(), digest_size=32).digest()


def _encode(subtrees: Counts, flows: Counts) -> bytes:
    words = [len(subtrees), *subtrees.keys(), *subtrees.values(), *flows.keys(), *flows.values()]
    payload = array("q", words).tobytes()
    return blake2b(payload, digest_size=_CHECKSUM_BYTES).digest() + payload


def _decode(entry: bytes) -> tuple[Counts, Counts] | None:
    """The sub-trees and flows of an entry; None if it is damaged."""
    checksum, payload = entry[:_CHECKSUM_BYTES], entry[_CHECKSUM_BYTES:]
    if blake2b(payload, digest_size=_CHECKSUM_BYTES).digest() != checksum or len(payload) < _WORD_BYTES:
        return None
    words = array("q")
    words.frombytes(payload)
    n_subtrees, *rest = words
    n_flows = len(rest) // 2 - n_subtrees
    subtrees = dict(zip(rest[:n_subtrees], rest[n_subtrees : 2 * n_subtrees], strict=True))
    flows = (
        dict(zip(rest[2 * n_subtrees : 2 * n_subtrees + n_flows], rest[-n_flows:], strict=True))
        if n_flows
        else {}
    )
    return subtrees, flows
