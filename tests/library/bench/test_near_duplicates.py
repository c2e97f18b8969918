import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from workflowbench.bench.near_duplicates import components, find_similar, jaccard, shingles

TOKENS = st.lists(st.sampled_from("abcd"), max_size=12)


def test_similarity_is_shared_over_all_shingles():
    # abc bcd cde | abc bcd cdx: two of four
    assert jaccard(shingles("abcde"), shingles("abcdx")) == 0.5


def test_repetitions_count():
    assert jaccard(shingles("a" * 12), shingles("a" * 22)) == 0.5


def test_the_order_of_tokens_counts():
    assert jaccard(shingles("abcd"), shingles("dcba")) == 0.0


def test_very_short_sequences_are_compared_token_by_token():
    assert jaccard(shingles("ab"), shingles("ba")) == 1.0
    assert jaccard(shingles("a"), shingles("aaaa")) == 0.0


@given(a=TOKENS, b=TOKENS)
def test_jaccard_is_symmetric_and_one_for_equals(a: list[str], b: list[str]):
    assert jaccard(shingles(a), shingles(b)) == jaccard(shingles(b), shingles(a))
    assert jaccard(shingles(a), shingles(a)) == 1.0


def _mutated(generator: random.Random, base: list[str]) -> list[str]:
    changed = list(base)
    for _ in range(generator.randrange(8)):
        changed[generator.randrange(len(changed))] = generator.choice("abcdefgh")
    return changed


def test_every_similar_pair_is_found_and_no_other():
    generator = random.Random(7)
    bases = [[generator.choice("abcdefgh") for _ in range(60)] for _ in range(8)]
    sequences = [_mutated(generator, base) for base in bases for _ in range(12)]
    similar = find_similar(sequences, at_least=0.7)
    expected = {
        (a, b): similarity
        for a, b in combinations(range(len(sequences)), 2)
        if (similarity := jaccard(shingles(sequences[a]), shingles(sequences[b]))) >= 0.7
    }
    found = {
        (a, b): similarity
        for a, b in combinations(range(len(sequences)), 2)
        if (similarity := similar.similarity(a, b)) > 0
    }
    assert len(expected) > 50
    assert found == expected


def test_components_follow_chains():
    # Neighbours share six of eight shingles; the ends share four of ten.
    chain = ["abcdefghi", "bcdefghij", "cdefghijk"]
    similar = find_similar([*chain, "zyxwvutsr"], at_least=0.7)
    assert similar.similarity(0, 2) == 0.0
    assert components(similar) == [0, 0, 0, 3]
