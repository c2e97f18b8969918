"""The score of a pair, or why it has none."""

import ast
import warnings
from dataclasses import dataclass

from workflowbench.evaluation.codebleu.cache import FeatureCache
from workflowbench.evaluation.codebleu.comments import Comments, prepare
from workflowbench.evaluation.codebleu.features import Features
from workflowbench.evaluation.codebleu.matches import Matches, match
from workflowbench.evaluation.codebleu.pairs import Pair
from workflowbench.evaluation.codebleu.refusals import MAX_BYTES, RefusedTextError
from workflowbench.evaluation.codebleu.scoring import PAPER_WEIGHTS, Score, Weights, score


@dataclass(frozen=True, slots=True)
class ScoredPair:
    """A pair's row of scores.

    Attributes:
        pair_id: Id of the pair.
        parses: Whether Python's own parser accepts the prediction.
        reference_parses: The same of the reference.
        score: The score; None if a text is beyond a bound.
        matches: What a score of the corpus is summed from; None without a score.
        note: Why there is no score, or None.

    """

    pair_id: str
    parses: bool
    reference_parses: bool
    score: Score | None = None
    matches: Matches | None = None
    note: str | None = None


@dataclass
class PairScorer:
    """Scores pairs, one after the other.

    Attributes:
        features: Features of texts, in the mode that is meant.
        comments: What happens to comments first.
        weights: Weights of the four parts.

    """

    features: FeatureCache
    comments: Comments = Comments.STRIP
    weights: Weights = PAPER_WEIGHTS

    def __call__(self, pair: Pair) -> ScoredPair:
        """The row of a pair; a text beyond a bound costs its own row."""
        parses, reference_parses = is_python(pair.prediction), is_python(pair.reference)
        try:
            reference = self._extract("reference", pair.reference)
            prediction = self._extract("prediction", pair.prediction)
        except _RefusedPartError as refusal:
            return ScoredPair(pair.pair_id, parses, reference_parses, note=str(refusal))
        matches = match(reference, prediction, self.features.mode)
        result = score(matches, self.features.mode, self.weights)
        return ScoredPair(pair.pair_id, parses, reference_parses, result, matches)

    def _extract(self, part: str, text: str) -> Features:
        try:
            if len(text) > MAX_BYTES:
                raise RefusedTextError("too_large", f"the text is longer than {MAX_BYTES} bytes")
            return self.features(prepare(text, self.comments))
        except RefusedTextError as refusal:
            raise _RefusedPartError(f"{part} {refusal}") from None
        except (MemoryError, RecursionError) as error:
            raise _RefusedPartError(f"{part} too_complex: {type(error).__name__}") from None


class _RefusedPartError(Exception):
    """A pair's text that is beyond a bound."""


def is_python(text: str) -> bool:
    """Whether Python's own parser accepts a text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
