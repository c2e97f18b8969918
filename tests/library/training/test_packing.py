from hypothesis import given
from hypothesis import strategies as st

from workflowbench.training.chat import IGNORED, Sample
from workflowbench.training.packing import WindowDataset, one_per_window, pack

WINDOW = 64
LENGTHS = st.lists(st.integers(1, WINDOW), max_size=40)


def samples_of(lengths):
    return [
        Sample(f"s{number}", tuple(range(length)), tuple(range(length)))
        for number, length in enumerate(lengths)
    ]


@given(LENGTHS)
def test_every_sample_is_in_exactly_one_window(lengths):
    samples = samples_of(lengths)
    packed = [sample for window in pack(samples, WINDOW) for sample in window]
    assert sorted(packed, key=lambda sample: sample.id) == sorted(samples, key=lambda sample: sample.id)


@given(LENGTHS)
def test_no_window_is_overfull(lengths):
    for window in pack(samples_of(lengths), WINDOW):
        assert 0 < sum(len(sample.input_ids) for sample in window) <= WINDOW


@given(LENGTHS)
def test_no_two_windows_fit_into_one(lengths):
    filled = sorted(
        sum(len(sample.input_ids) for sample in window) for window in pack(samples_of(lengths), WINDOW)
    )
    assert len(filled) < 2 or filled[0] + filled[1] > WINDOW


@given(LENGTHS, st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(lengths, random):
    samples = samples_of(lengths)
    shuffled = samples.copy()
    random.shuffle(shuffled)
    assert pack(shuffled, WINDOW) == pack(samples, WINDOW)


def test_positions_restart_and_first_labels_are_ignored():
    window = WindowDataset(pack(samples_of([3, 2]), WINDOW))[0]
    assert window["position_ids"] == [0, 1, 2, 0, 1]
    assert window["labels"] == [IGNORED, 1, 2, IGNORED, 1]


def test_without_packing_each_window_holds_one_sample():
    assert [len(window) for window in one_per_window(samples_of([3, 2]))] == [1, 1]
