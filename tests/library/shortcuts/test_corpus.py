"""What must hold on every real shortcut at hand."""

import ast
import random
from pathlib import Path

import pytest
from programs import undefined_names

from workflowbench.shortcuts.batch import Refused, Transcribed, transcribe_payload, transcribe_payloads

Corpus = dict[str, Transcribed]


@pytest.fixture(scope="module")
def files(shared: Path) -> list[Path]:
    return sorted(file for kind in ("unsigned", "signed") for file in (shared / "corpus" / kind).iterdir())


@pytest.fixture(scope="module")
def corpus(files: list[Path]) -> Corpus:
    outcomes = {file.name: transcribe_payload(file) for file in files}
    refused = {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Refused)}
    assert refused == {}
    return {name: outcome for name, outcome in outcomes.items() if isinstance(outcome, Transcribed)}


def test_every_program_parses(corpus: Corpus) -> None:
    for done in corpus.values():
        ast.parse(done.transcription.code)


def test_every_program_round_trips(corpus: Corpus) -> None:
    assert [name for name, done in corpus.items() if not done.transcription.round_trip] == []


def test_no_object_replacement_character_is_left_over(corpus: Corpus) -> None:
    assert [name for name, done in corpus.items() if "\ufffc" in done.transcription.code] == []


def test_no_name_is_used_before_it_is_defined(corpus: Corpus) -> None:
    undefined = {name: undefined_names(done.transcription.code) for name, done in corpus.items()}
    assert {name: names for name, names in undefined.items() if names} == {}


def test_shuffled_and_repeated_runs_give_the_same_bytes(files: list[Path], corpus: Corpus) -> None:
    shuffled = random.Random(1).sample(files, len(files))
    for index, outcome in transcribe_payloads(shuffled, workers=2):
        assert isinstance(outcome, Transcribed)
        assert outcome.transcription == corpus[shuffled[index].name].transcription


def test_unreadable_files_are_refused_with_a_reason(shared: Path) -> None:
    outcomes = [transcribe_payload(file) for file in sorted((shared / "corpus" / "broken").iterdir())]
    assert all(isinstance(outcome, Transcribed) or outcome.reason for outcome in outcomes)
