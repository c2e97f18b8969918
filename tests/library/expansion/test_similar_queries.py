from workflowbench.expansion.similar_queries import QueryIndex, QueryText

FIRST = "Could you show me the weather of the next seven days in my home town every single morning"


def test_case_and_punctuation_do_not_tell_queries_apart() -> None:
    index = QueryIndex([("a", QueryText(FIRST))])
    twin = index.twin_of(QueryText(FIRST.upper().replace(" ", ", ") + "?"))
    assert twin is not None
    assert (twin.id, twin.similarity) == ("a", 1.0)


def test_the_similarity_is_the_exact_share_of_common_runs() -> None:
    index = QueryIndex([("a", QueryText(FIRST))], at_least=0.5)
    twin = index.twin_of(QueryText(FIRST + " please"))
    assert twin is not None
    assert twin.similarity == 16 / 17


def test_other_words_are_no_near_duplicate() -> None:
    index = QueryIndex([("a", QueryText(FIRST))])
    assert (
        index.twin_of(QueryText("Could you show me a list of all the books that I have read this year"))
        is None
    )


def test_the_nearest_of_several_is_the_twin() -> None:
    index = QueryIndex([("a", QueryText(FIRST + " please and thanks")), ("b", QueryText(FIRST))])
    twin = index.twin_of(QueryText(FIRST))
    assert twin is not None
    assert twin.id == "b"


def test_queries_of_few_words_are_compared_whole() -> None:
    index = QueryIndex([("a", QueryText("Go home"))])
    assert index.twin_of(QueryText("go home!")) is not None
    assert index.twin_of(QueryText("Go away")) is None
