import pytest
import torch
from conftest import conversation
from transformers import AutoModelForCausalLM, AutoTokenizer

from workflowbench.training.chat import encode_one
from workflowbench.training.conversations import Conversation
from workflowbench.training.packing import WindowDataset, collate, pack


@pytest.fixture
def samples(tiny_model):
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    rows = [conversation(number) for number in range(3)]
    return [encode_one(Conversation(row["id"], tuple(row["messages"])), tokenizer) for row in rows]


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_no_sample_of_a_window_sees_another(tiny_model, samples, attention):
    model = AutoModelForCausalLM.from_pretrained(
        tiny_model, dtype=torch.float32, attn_implementation=attention
    ).eval()
    model.config.use_cache = False
    (window,) = pack(samples, 4096)
    batch = collate([WindowDataset([window])[0]])
    with torch.no_grad():
        packed = model(**batch).logits[0]
        alone = torch.cat([model(torch.tensor([sample.input_ids])).logits[0] for sample in window])
        linked = model(batch["input_ids"]).logits[0]
    assert torch.allclose(packed, alone, atol=1e-4)
    assert not torch.allclose(linked, alone, atol=1e-2)


def test_the_loss_of_a_window_is_the_mean_over_its_answers(tiny_model, samples):
    model = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    model.config.use_cache = False
    (window,) = pack(samples, 4096)
    with torch.no_grad():
        together = float(model(**collate([WindowDataset([window])[0]])).loss)
        losses = []
        for sample in samples:
            logits = model(torch.tensor([sample.input_ids])).logits[0, :-1]
            labels = torch.tensor(sample.labels[1:])
            losses.append(torch.nn.functional.cross_entropy(logits, labels, reduction="none")[labels != -100])
    assert together == pytest.approx(float(torch.cat(losses).mean()), rel=1e-4)
