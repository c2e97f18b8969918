"""Features kept in memory and on disk."""

import pickle
from pathlib import Path

import pytest

from workflowbench.evaluation.codebleu import cache as cache_module
from workflowbench.evaluation.codebleu.cache import FeatureCache, context
from workflowbench.evaluation.codebleu.features import extract_features
from workflowbench.evaluation.codebleu.modes import Mode

PROGRAM = "x = load()\nfor y in x:\n    x = x + y\n"


def entry(folder: Path) -> Path:
    """The only entry of a cache."""
    (found,) = (path for path in folder.rglob("*") if path.is_file())
    return found


@pytest.mark.parametrize("program", [PROGRAM, "pass", "", "\ud800"])
def test_an_entry_gives_back_what_was_extracted(tmp_path: Path, program: str) -> None:
    FeatureCache(Mode.STABLE, tmp_path)(program)
    assert FeatureCache(Mode.STABLE, tmp_path)(program) == extract_features(program, Mode.STABLE)


def test_an_entry_is_read_and_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FeatureCache(Mode.STABLE, tmp_path)(PROGRAM)
    monkeypatch.setattr(cache_module, "extract_features", None)
    assert FeatureCache(Mode.STABLE, tmp_path)(PROGRAM).subtrees


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-8], lambda data: b"", lambda data: data[:20] + b"\1" + data[21:]]
)
def test_a_damaged_entry_is_computed_and_written_again(tmp_path: Path, damage: object) -> None:
    FeatureCache(Mode.STABLE, tmp_path)(PROGRAM)
    whole = entry(tmp_path).read_bytes()
    assert callable(damage)
    entry(tmp_path).write_bytes(damage(whole))
    assert FeatureCache(Mode.STABLE, tmp_path)(PROGRAM) == extract_features(PROGRAM, Mode.STABLE)
    assert entry(tmp_path).read_bytes() == whole


def test_modes_do_not_share_entries() -> None:
    assert len({context(mode) for mode in Mode}) == 3


def test_memory_is_bounded_and_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = FeatureCache(Mode.STABLE, max_counts=3 * extract_features(PROGRAM, Mode.STABLE).size)
    texts = [f"{PROGRAM}z{number} = 1" for number in range(5)]
    for text in texts:
        cache(text)
    asked: list[str] = []
    monkeypatch.setattr(cache_module, "extract_features", lambda text, mode: asked.append(text) or features)
    features = cache(texts[-1])
    assert asked == []
    cache(texts[0])
    assert asked == [texts[0]]


def test_features_stay_in_their_process() -> None:
    with pytest.raises(TypeError, match="send the text"):
        pickle.dumps(extract_features(PROGRAM, Mode.STABLE))
