"""Tokens and n-grams as BLEU counts them: a token is what stands between blanks."""

from collections import Counter

from workflowbench.evaluation.codebleu.digests import digest

ORDERS = 4
"""N-grams of one to four tokens count."""
KEYWORDS = frozenset(
    """False None True and as assert async await break class continue def del elif else except finally for from
    global if import in is lambda nonlocal not or pass raise return try while with yield match case type""".split()
)
"""Tokens that weigh 1 in the weighted n-gram match, the others weigh `OTHER_WEIGHT`."""
OTHER_WEIGHT = 0.2
_KEYWORD_DIGESTS = frozenset(map(digest, KEYWORDS))


def count_ngrams(tokens: list[str]) -> tuple[Counter[int], ...]:
    """How often each n-gram occurs, by hash, for n from one to four, in order of first appearance."""
    known = {token: digest(token) for token in dict.fromkeys(tokens)}
    words = [known[token] for token in tokens]
    longer = [
        Counter(map(hash, zip(*(words[start:] for start in range(order)), strict=False)))
        for order in range(2, ORDERS + 1)
    ]
    return (Counter(words), *longer)


def weight(token: int) -> float:
    """The weight of a token, by hash, in the weighted n-gram match."""
    return 1 if token in _KEYWORD_DIGESTS else OTHER_WEIGHT
