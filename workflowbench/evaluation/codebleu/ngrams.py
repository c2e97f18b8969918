"""Tokens and n-grams as BLEU counts them: a token is what stands between blanks.

They are counted by Python's own hash of their bytes, which differs between processes: no other may read them.
The hash of a `str` would not do: it is that of its buffer, in which `},` and U+2C7D are the same.
"""

from collections import Counter
from keyword import kwlist

ORDERS = 4
"""N-grams of one to four tokens count."""
KEYWORDS = frozenset({*kwlist, "case", "match", "type"})
"""Tokens that weigh 1 in the weighted n-gram match, the others weigh `OTHER_WEIGHT`."""
OTHER_WEIGHT = 0.2
_KEYWORD_HASHES = frozenset(hash(keyword.encode()) for keyword in KEYWORDS)


def count_ngrams(text: str) -> tuple[Counter[int], ...]:
    """How often each n-gram occurs, by hash, for n from one to four, in order of first appearance."""
    words = [hash(token.encode()) for token in text.split()]
    longer = [
        Counter(map(hash, zip(*(words[start:] for start in range(order)), strict=False)))
        for order in range(2, ORDERS + 1)
    ]
    return (Counter(words), *longer)


def weight(token: int) -> float:
    """The weight of a token, by hash, in the weighted n-gram match."""
    return 1 if token in _KEYWORD_HASHES else OTHER_WEIGHT
