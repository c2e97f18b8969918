from hypothesis import given
from hypothesis import strategies as st

from workflowbench.expansion.api_pools import ApiPool
from workflowbench.expansion.filling import Attempt, Duplicate, fill
from workflowbench.expansion.query_rules import Fault
from workflowbench.expansion.sampling import Slot
from workflowbench.expansion.similar_queries import QueryText
from workflowbench.expansion.writing import Draft, Sample

POOL = ApiPool("id", {}, {}, 1.0)
TOO_SHORT = Fault("too_short", "")


def attempts_of(slot: str, *queries: str) -> list[Attempt]:
    """Attempts to fill a slot; an empty query is one that broke a rule."""
    return [
        Attempt(
            f"{slot}{number}",
            Sample(Slot(slot, 0, POOL), number, (), ()),
            Draft(query, None if query else TOO_SHORT),
            QueryText(query),
            None,
        )
        for number, query in enumerate(queries)
    ]


def test_a_slot_takes_its_first_attempt_that_breaks_no_rule() -> None:
    filled = fill(["a"], {"a": attempts_of("a", "", "one", "two")}, similarity=0.7)
    assert filled.kept["a"].id == "a1"
    assert [(attempt.id, fault) for attempt, fault in filled.dropped] == [("a0", TOO_SHORT), ("a2", None)]


def test_a_slot_takes_no_query_of_a_slot_before() -> None:
    filled = fill(
        ["a", "b"], {"a": attempts_of("a", "one"), "b": attempts_of("b", "one", "two")}, similarity=0.7
    )
    assert {slot: attempt.id for slot, attempt in filled.kept.items()} == {"a": "a0", "b": "b1"}
    assert [fault for _, fault in filled.dropped] == [Duplicate("near_duplicate", "a0", 0.7, 1.0)]


def test_a_slot_of_which_every_attempt_fails_is_not_kept() -> None:
    assert fill(["a"], {"a": attempts_of("a", "", "")}, similarity=0.7).kept == {}


@given(st.lists(st.lists(st.sampled_from(["", "one", "two", "three", "four"]), max_size=3), max_size=6))
def test_later_slots_change_nothing_and_no_attempt_is_lost(queries: list[list[str]]) -> None:
    tried = {str(number): attempts_of(str(number), *texts) for number, texts in enumerate(queries)}
    filled = fill(tried, tried, similarity=0.7)
    for end in range(len(tried)):
        first = list(tried)[:end]
        kept = fill(first, tried, similarity=0.7).kept
        assert kept == {slot: attempt for slot, attempt in filled.kept.items() if slot in first}
    accounted = [*filled.kept.values(), *(attempt for attempt, _ in filled.dropped)]
    assert {attempt.id for attempt in accounted} == {a.id for attempts in tried.values() for a in attempts}
