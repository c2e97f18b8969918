"""A tiny random Llama with a byte-level tokenizer of its own: the same programs, in seconds, on a CPU.

It is for tests and demonstrations; it knows nothing before it is trained:
`python -m workflowbench.training.tiny_model TEXTS.jsonl DIRECTORY` makes one from lines of JSON texts.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import orjson
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from workflowbench.training.chat import LLAMA3_TEMPLATE, LLAMA3_TOKENS

PADDING = "<|finetune_right_pad_id|>"

_LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def make_tiny_model(
    texts: Iterable[str],
    directory: Path,
    *,
    vocabulary: int = 2048,
    hidden: int = 128,
    layers: int = 2,
    window: int = 4096,
    seed: int = 17,
) -> None:
    """Train a tokenizer on texts, draw random weights, and save both as a model directory.

    Args:
        texts: What the tokenizer learns its merges from.
        directory: Where the model is saved.
        vocabulary: Most tokens of the tokenizer.
        hidden: Width of the model; a multiple of 32.
        layers: Its layers.
        window: Most tokens that it reads.
        seed: Seed of the weights.

    """
    tokenizer = _tokenizer(texts, vocabulary, window)
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=hidden * 3,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 32,
        num_key_value_heads=max(1, hidden // 64),
        max_position_embeddings=window,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=False,
    )
    LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(directory)
    tokenizer.save_pretrained(directory)


def _tokenizer(texts: Iterable[str], vocabulary: int, window: int) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_LLAMA3_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[*LLAMA3_TOKENS, "<|end_of_text|>", PADDING],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=LLAMA3_TOKENS[0],
        eos_token=LLAMA3_TOKENS[-1],
        pad_token=PADDING,
        additional_special_tokens=[*LLAMA3_TOKENS[1:3], "<|end_of_text|>"],
        model_max_length=window,
        clean_up_tokenization_spaces=False,
    )
    fast.chat_template = LLAMA3_TEMPLATE
    return fast


if __name__ == "__main__":
    make_tiny_model(map(orjson.loads, Path(sys.argv[1]).read_bytes().splitlines()), Path(sys.argv[2]))
