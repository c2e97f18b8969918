"""What CodeBLEU needs to know of one text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from workflowbench.evaluation.codebleu.comments import strip_comments_and_docstrings, strip_like_the_package
from workflowbench.evaluation.codebleu.dataflow import count_flows
from workflowbench.evaluation.codebleu.flow_program import NoFlowError, compile_flow
from workflowbench.evaluation.codebleu.leaves import find_leaves
from workflowbench.evaluation.codebleu.modes import Mode
from workflowbench.evaluation.codebleu.ngrams import ORDERS, count_ngrams, weight
from workflowbench.evaluation.codebleu.refusals import MAX_BYTES, RefusedTextError
from workflowbench.evaluation.codebleu.subtrees import count_subtrees
from workflowbench.evaluation.codebleu.syntax import SyntaxTree, read_tree

Counts = Mapping[int, int]
"""How often something occurs, by its hash, in order of first appearance."""


@dataclass(frozen=True)
class Features:
    """What CodeBLEU counts in one text, in one mode.

    Attributes:
        ngrams: N-grams of tokens for n from one to four.
        subtrees: Sub-trees of the syntax tree.
        flows: Edges of the data flow.

    They cannot be sent to another process, whose hashes of tokens would be others.
    """

    ngrams: tuple[Counts, ...]
    subtrees: Counts
    flows: Counts

    def __reduce__(self) -> NoReturn:
        raise TypeError("features hold hashes of this process; send the text")

    @cached_property
    def n_ngrams(self) -> tuple[int, ...]:
        """Number of n-grams for n from one to four; the first is the number of tokens."""
        n_tokens = sum(self.ngrams[0].values())
        return tuple(max(n_tokens - order, 0) for order in range(ORDERS))

    @cached_property
    def weighted_tokens(self) -> tuple[tuple[int, int, float], ...]:
        """Each distinct token with its count and weight, in order of first appearance."""
        return tuple((token, count, weight(token)) for token, count in self.ngrams[0].items())

    @cached_property
    def n_subtrees(self) -> int:
        """Number of sub-trees."""
        return sum(self.subtrees.values())

    @cached_property
    def n_flows(self) -> int:
        """Number of edges of data flow."""
        return sum(self.flows.values())

    @cached_property
    def size(self) -> int:
        """Number of distinct things counted, to which the memory is proportional."""
        return sum(map(len, (*self.ngrams, self.subtrees, self.flows)))


def extract_features(text: str, mode: Mode) -> Features:
    """Count what CodeBLEU counts in a text.

    Args:
        text: Any text; lone surrogates are read as U+FFFD.
        mode: Which CodeBLEU is meant.

    Raises:
        RefusedTextError: The text is beyond a bound.

    """
    text = scalar_values(text).strip()
    is_fixed = mode is Mode.FIXED
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        raise RefusedTextError("too_large", f"the text is longer than {MAX_BYTES} bytes")
    code = strip_comments_and_docstrings(text) if is_fixed else strip_like_the_package(text)
    tree = read_tree(code.encode(), leak_aliases=not is_fixed)
    return Features(
        ngrams=count_ngrams(text),
        subtrees=count_subtrees(tree),
        flows=_count_flows(tree, code, mode),
    )


def scalar_values(text: str) -> str:
    """The text with each lone surrogate, which no file can hold, replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _count_flows(tree: SyntaxTree, code: str, mode: Mode) -> Counts:
    is_fixed = mode is Mode.FIXED
    leaves = find_leaves(tree, code, exact_text=is_fixed)
    try:
        operations = compile_flow(tree, leaves, tolerant=is_fixed)
    except NoFlowError:
        return {}
    return count_flows(operations, leaves, hash_order=mode is Mode.COMPAT)
