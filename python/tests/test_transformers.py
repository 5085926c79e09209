"""Models of the package transformers, in tiny configurations, against their own loss."""

import os

import pytest

torch = pytest.importorskip("torch")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
transformers = pytest.importorskip("transformers")

from torch.nn import functional as F  # noqa: E402

import defib  # noqa: E402

pytestmark = pytest.mark.engine

ROWS, LENGTH, WORDS = 12, 8, 40
SMALL = {
    "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
}  # fmt: skip
TEXT = {"vocab_size": WORDS, "max_position_embeddings": 32, **SMALL}

#: class of the model -> its configuration, what it is given, and whether it writes text
MODELS = {
    "GPT2LMHeadModel": (
        {"vocab_size": WORDS, "n_positions": 16, "n_embd": 16, "n_layer": 2, "n_head": 2},
        ("input_ids",), True,
    ),
    "LlamaForCausalLM": ({**TEXT, "num_key_value_heads": 1}, ("input_ids",), True),
    "MistralForCausalLM": (
        {**TEXT, "num_key_value_heads": 1, "sliding_window": 4}, ("input_ids",), True,
    ),
    "Qwen2ForCausalLM": ({**TEXT, "num_key_value_heads": 1}, ("input_ids",), True),
    "Gemma2ForCausalLM": ({**TEXT, "num_key_value_heads": 1, "head_dim": 8}, ("input_ids",), True),
    "GPTNeoXForCausalLM": (TEXT, ("input_ids",), True),
    "T5ForConditionalGeneration": (
        {"vocab_size": WORDS, "d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2,
         "num_heads": 2},
        ("input_ids", "decoder_input_ids"), True,
    ),
    "BertForSequenceClassification": (TEXT, ("input_ids", "attention_mask"), False),
    "RobertaForSequenceClassification": (TEXT, ("input_ids", "attention_mask"), False),
    "ViTForImageClassification": (
        {"image_size": 16, "patch_size": 8, "num_labels": 2, **SMALL}, ("pixel_values",), False,
    ),
}  # fmt: skip


def next_word(output, ids):
    logits = output.logits
    return F.cross_entropy(logits[:, :-1].reshape(-1, logits.size(-1)), ids[:, 1:].reshape(-1))


def classes(output, labels):
    return F.cross_entropy(output.logits, labels)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_replayed_as_it_stands(name):
    settings, inputs, writes = MODELS[name]
    torch.manual_seed(0)
    kind = getattr(transformers, name)
    model = kind(kind.config_class(**settings)).eval()
    ids = torch.randint(0, WORDS, (ROWS, LENGTH))
    mask = torch.ones(ROWS, LENGTH, dtype=torch.long)
    mask[::2, 6:] = 0
    held = {"input_ids": ids, "decoder_input_ids": ids, "attention_mask": mask,
            "pixel_values": torch.randn(ROWS, 3, 16, 16)}  # fmt: skip
    x = {each: held[each] for each in inputs}
    y = ids if writes else torch.randint(0, 2, (ROWS,))
    loss = next_word if writes else classes
    # Its proof compares outputs and gradients.
    replay = defib.replay(model, x, y, loss=loss, mode="eval")
    assert replay.loss == pytest.approx(loss(model(**x), y).item(), rel=1e-5)
