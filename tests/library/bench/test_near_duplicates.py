import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from workflowbench.bench.near_duplicates import (
    SimilarityIndex,
    Sketch,
    find_families,
    find_twins,
    jaccard,
    shingles,
)

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


def _mutants() -> list[Sketch]:
    generator = random.Random(7)
    bases = [[generator.choice("abcdefgh") for _ in range(60)] for _ in range(8)]
    return [Sketch.of(_mutated(generator, base)) for base in bases for _ in range(12)]


def test_every_similar_pair_is_found_and_no_other():
    sketches = _mutants()
    index = SimilarityIndex()
    expected, found = {}, {}
    for number, sketch in enumerate(sketches):
        pairs = [(other, jaccard(sketch.shingles, sketches[other].shingles)) for other in range(number)]
        expected |= {(number, other): similarity for other, similarity in pairs if similarity >= 0.7}
        found |= {(number, other): similarity for other, similarity in index.similar(sketch, 0.7)}
        index.add(number, sketch)
    assert len(expected) > 50
    assert found == expected


def test_a_twin_is_kept_and_verified_directly():
    # Neighbours share six of eight shingles; the ends share four of ten.
    chain = [Sketch.of(tokens) for tokens in ("abcdefghi", "bcdefghij", "cdefghijk")]
    assert find_twins(chain, at_least=0.7, comparable=[True] * 3) == [None, (0, 0.75), None]


def test_the_most_similar_kept_sequence_is_the_twin():
    sketches = [Sketch.of(tokens) for tokens in ("abcdefghi", "cdefghijk", "bcdefghijk")]
    twins = find_twins(sketches, at_least=0.6, comparable=[True] * 3)
    assert twins == [None, None, (1, 0.875)]


def test_what_is_not_comparable_is_kept_and_is_no_twin():
    twins = find_twins([Sketch.of("abcd")] * 3, at_least=0.7, comparable=[False, True, True])
    assert twins == [None, None, (1, 1.0)]


def test_families_follow_chains():
    chain = ["abcdefghi", "bcdefghij", "cdefghijk"]
    families = find_families([Sketch.of(tokens) for tokens in [*chain, "zyxwvutsr"]], at_least=0.7)
    assert families == [0, 0, 0, 3]


def _connected(sketches: list[Sketch], at_least: float) -> list[int]:
    """Components by comparing every pair."""
    component = list(range(len(sketches)))
    for a, b in combinations(range(len(sketches)), 2):
        if jaccard(sketches[a].shingles, sketches[b].shingles) >= at_least:
            low, high = sorted((component[a], component[b]))
            component = [low if number == high else number for number in component]
    return component


def test_families_are_the_components_of_all_pairs():
    sketches = _mutants()
    families = find_families(sketches, at_least=0.7)
    assert families == _connected(sketches, 0.7)
    assert 8 < len(set(families)) < len(sketches)


def test_a_cluster_of_variants_is_one_family():
    base = [str(number) for number in range(60)]
    variants = [Sketch.of([*base[:place], "x", *base[place + 1 :]]) for place in range(60)]
    assert set(find_families(variants, at_least=0.7)) == {0}


def test_what_is_near_a_follower_alone_joins_its_family():
    leader, follower = [str(number) for number in range(100)], [str(number) for number in range(8, 108)]
    beyond = [str(number) for number in range(24, 124)]
    sketches = [Sketch.of(tokens) for tokens in (leader, follower, beyond)]
    assert jaccard(sketches[0].shingles, sketches[2].shingles) < 0.7
    assert find_families(sketches, at_least=0.7) == [0, 0, 0]
