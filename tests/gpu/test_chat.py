import pytest
from conftest import conversation
from transformers import AutoTokenizer

from workflowbench.training.chat import IGNORED, encode, encode_one, prepare_tokenizer
from workflowbench.training.conversations import Conversation
from workflowbench.training.errors import JobError


@pytest.fixture
def tokenizer(tiny_model):
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    prepare_tokenizer(tokenizer)
    return tokenizer


def sample(number=1):
    row = conversation(number)
    return Conversation(row["id"], tuple(row["messages"]))


def test_the_loss_is_taken_on_the_answer_and_its_end_only(tokenizer):
    encoded = encode_one(sample(), tokenizer)
    learnt = tokenizer.decode([label for label in encoded.labels if label != IGNORED])
    assert learnt == sample().messages[-1]["content"] + "<|eot_id|>"


def test_what_comes_before_the_answer_is_the_prompt_of_generation(tokenizer):
    encoded = encode_one(sample(), tokenizer)
    prompt = tokenizer.apply_chat_template(
        list(sample().messages[:-1]), add_generation_prompt=True, tokenize=True, return_dict=True
    )["input_ids"]
    n_ignored = sum(label == IGNORED for label in encoded.labels)
    assert list(encoded.input_ids[:n_ignored]) == prompt


def test_a_text_begins_once(tokenizer):
    assert encode_one(sample(), tokenizer).input_ids.count(tokenizer.bos_token_id) == 1


def test_a_template_that_begins_twice_is_refused(tokenizer):
    tokenizer.chat_template = "{{ bos_token }}" + tokenizer.chat_template
    with pytest.raises(JobError, match="two beginning-of-text tokens"):
        encode_one(sample(), tokenizer)


def test_a_template_that_marks_the_question_is_refused(tokenizer):
    tokenizer.chat_template = tokenizer.chat_template.replace("== 'assistant'", "== 'user'")
    with pytest.raises(JobError, match="marks other text"):
        encode_one(sample(), tokenizer)


def test_samples_that_are_too_long_are_left_out_whole(tokenizer):
    short, long = sample(1), sample(2)
    long = Conversation("long", (*long.messages[:-1], {"role": "assistant", "content": "word " * 900}))
    encoded = encode([short, long], tokenizer, window=512)
    assert [kept.id for kept in encoded.samples] == [short.id]
    assert [name for name, _ in encoded.over_long] == ["long"]


def test_too_long_samples_can_stop_the_run(tokenizer):
    with pytest.raises(JobError, match=r"1 samples are longer than the window of 8 tokens, e\.g\. train-1"):
        encode([sample()], tokenizer, window=8, over_long="refuse")


def test_a_window_that_nothing_fits_is_an_error(tokenizer):
    with pytest.raises(JobError, match="No sample fits the window of 8 tokens"):
        encode([sample()], tokenizer, window=8)


def test_a_tokenizer_without_the_special_tokens_is_refused(tokenizer):
    tokenizer.chat_template = None
    tokenizer.encode = lambda text, **_: [1, 2]
    with pytest.raises(JobError, match=r"lacks <\|begin_of_text\|>"):
        prepare_tokenizer(tokenizer)
