"""Hugging Face transformers: small configurations of the models that people fine-tune."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import torch
from torch import nn

from . import without_kernels
from .images import classified
from .subject import Subject, Trial

TOKENS, LENGTH, ROWS, LABELS = 30, 8, 3, 4

#: What most configurations call these sizes.
WIDTHS = {
    "vocab_size": TOKENS, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "max_position_embeddings": 32, "pad_token_id": 0,
}  # fmt: skip
DECODER = {**WIDTHS, "num_key_value_heads": 1, "head_dim": 8}
GPT = {"vocab_size": TOKENS, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 32}
ENCODER_DECODER = {
    "vocab_size": TOKENS, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1,
    "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32, "max_position_embeddings": 32, "pad_token_id": 0, "bos_token_id": 1,
    "eos_token_id": 2, "decoder_start_token_id": 1,
}  # fmt: skip
T5 = {"vocab_size": TOKENS, "d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2,
      "decoder_start_token_id": 0}  # fmt: skip

#: name of the configuration's class without "Config": its options
CAUSAL: dict[str, dict[str, Any]] = {
    "GPT2": GPT,
    "GPTNeo": {**WIDTHS, "num_layers": 2, "num_heads": 2, "attention_types": [[["global"], 2]]},
    "GPTNeoX": WIDTHS,
    "GPTJ": {**GPT, "rotary_dim": 4},
    "Llama": DECODER,
    "Mistral": DECODER,
    "Qwen2": DECODER,
    "Qwen3": DECODER,
    "Gemma": DECODER,
    "Gemma2": DECODER,
    "Phi": DECODER,
    "Phi3": DECODER,
    "OPT": {**WIDTHS, "ffn_dim": 32, "word_embed_proj_dim": 16},
    "Bloom": {"vocab_size": TOKENS, "hidden_size": 16, "n_layer": 2, "n_head": 2},
    "Falcon": {**WIDTHS, "num_kv_heads": 1},
    "StableLm": DECODER,
    "Olmo2": DECODER,
    "Cohere": DECODER,
    "SmolLM3": DECODER,
}
CLASSIFIERS: dict[str, dict[str, Any]] = {
    "Bert": WIDTHS,
    "Roberta": {**WIDTHS, "max_position_embeddings": 40},
    "DistilBert": {"vocab_size": TOKENS, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32,
                   "max_position_embeddings": 32},
    "Albert": {**WIDTHS, "embedding_size": 8},
    "Electra": {**WIDTHS, "embedding_size": 8},
    "DebertaV2": {**WIDTHS, "relative_attention": True, "pos_att_type": ["p2c", "c2p"]},
    "MPNet": WIDTHS,
    "ModernBert": WIDTHS,
    "FNet": WIDTHS,
    "XLMRoberta": {**WIDTHS, "max_position_embeddings": 40},
    "Funnel": {"vocab_size": TOKENS, "d_model": 16, "n_head": 2, "d_head": 8, "d_inner": 32,
               "block_sizes": [1, 1], "num_decoder_layers": 1},
    "ConvBert": {**WIDTHS, "embedding_size": 16},
    "SqueezeBert": {**WIDTHS, "embedding_size": 16},
}  # fmt: skip
TRANSLATORS: dict[str, dict[str, Any]] = {
    "T5": T5, "MT5": T5, "Bart": ENCODER_DECODER, "Pegasus": ENCODER_DECODER,
    "Marian": ENCODER_DECODER,
}  # fmt: skip
VISION: dict[str, dict[str, Any]] = {
    "ViT": {**WIDTHS, "image_size": 32, "patch_size": 8},
    "Dinov2WithRegisters": {**WIDTHS, "image_size": 32, "patch_size": 8},
    "Beit": {**WIDTHS, "image_size": 32, "patch_size": 8},
    "Dinov2": {**WIDTHS, "image_size": 32, "patch_size": 8},
    "Swin": {"image_size": 32, "patch_size": 4, "embed_dim": 8, "depths": [1, 1],
             "num_heads": [1, 2], "window_size": 4},
    "ConvNext": {"hidden_sizes": [8, 16], "depths": [1, 1], "num_stages": 2},
    "ResNet": {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]},
    "MobileNetV2": {"depth_multiplier": 0.35, "image_size": 32},
    "PoolFormer": {"hidden_sizes": [8, 8, 16, 16], "depths": [1, 1, 1, 1]},
    "Segformer": {"depths": [1, 1], "num_encoder_blocks": 2, "hidden_sizes": [8, 16],
                  "sr_ratios": [2, 1], "patch_sizes": [3, 3], "strides": [2, 2],
                  "num_attention_heads": [1, 2], "mlp_ratios": [2, 2], "decoder_hidden_size": 8},
}  # fmt: skip


def subjects() -> Iterator[Subject]:
    """Return the models of transformers."""
    for name in CAUSAL:
        yield Subject("transformers", f"{name} for language", partial(_causal, name))
    for name in CLASSIFIERS:
        yield Subject("transformers", f"{name} for sequences", partial(_sequences, name))
    yield Subject("transformers", "Bert for tokens", _tokens)
    yield Subject("transformers", "Bert for masked words", _masked)
    for name in TRANSLATORS:
        yield Subject("transformers", f"{name} for translation", partial(_translator, name))
    for name in VISION:
        yield Subject("transformers", f"{name} for pictures", partial(_vision, name))
    yield Subject("transformers", "Whisper for speech", _whisper)
    yield Subject("transformers", "Wav2Vec2 for sounds", _wav2vec)


def _made(name: str, options: dict[str, Any], *auto: str, **more: Any) -> nn.Module:
    without_kernels.torchvision()  # transformers imports it where it is installed
    library = importlib.import_module("transformers")
    config = getattr(library, f"{name}Config")(**options, **more)
    made: nn.Module = getattr(library, auto[0]).from_config(config)
    return made


def _ids() -> torch.Tensor:
    return torch.randint(3, TOKENS, (ROWS, LENGTH))


def _padded() -> dict[str, torch.Tensor]:
    """What a tokenizer gives for sentences of several lengths."""
    mask = torch.ones(ROWS, LENGTH, dtype=torch.int64)
    mask[1, 5:] = 0
    mask[2, 3:] = 0
    return {"input_ids": _ids() * mask, "attention_mask": mask}


def _causal(name: str) -> Trial:
    ids = _ids()
    model = _made(name, CAUSAL[name], "AutoModelForCausalLM", use_cache=False)
    return Trial(model, ids, ids.roll(-1, 1), nn.CrossEntropyLoss())


def _sequences(name: str) -> Trial:
    model = _made(name, CLASSIFIERS[name], "AutoModelForSequenceClassification", num_labels=LABELS)
    y = torch.randint(0, LABELS, (ROWS,))
    x = _padded()
    if name == "FNet":  # it takes no mask
        del x["attention_mask"]
    return Trial(model, x, y, nn.CrossEntropyLoss())


def _tokens() -> Trial:
    model = _made("Bert", WIDTHS, "AutoModelForTokenClassification", num_labels=LABELS)
    y = torch.randint(0, LABELS, (ROWS, LENGTH))
    return Trial(model, _padded(), y, nn.CrossEntropyLoss())


def _masked() -> Trial:
    model = _made("Bert", WIDTHS, "AutoModelForMaskedLM")
    x = _padded()
    y = torch.where(torch.rand(ROWS, LENGTH) < 0.4, x["input_ids"], -100)
    y[:, 0] = 5
    return Trial(model, x, y, nn.CrossEntropyLoss())


def _translator(name: str) -> Trial:
    model = _made(name, TRANSLATORS[name], "AutoModelForSeq2SeqLM", use_cache=False)
    ids = _ids()
    x = {**_padded(), "decoder_input_ids": ids}
    return Trial(model, x, ids.roll(-1, 1), nn.CrossEntropyLoss())


def _vision(name: str) -> Trial:
    model = _made(name, VISION[name], "AutoModelForImageClassification", num_labels=LABELS)
    trial = classified(model, 32, ROWS)
    return Trial(model, trial.x, torch.randint(0, LABELS, (ROWS,)), nn.CrossEntropyLoss())


def _whisper() -> Trial:
    model = _made(
        "Whisper", ENCODER_DECODER, "AutoModelForSpeechSeq2Seq", use_cache=False,
        num_mel_bins=8, max_source_positions=20, max_target_positions=16,
    )  # fmt: skip
    ids = _ids()
    x = {"input_features": torch.randn(ROWS, 8, 40), "decoder_input_ids": ids}
    return Trial(model, x, ids.roll(-1, 1), nn.CrossEntropyLoss())


def _wav2vec() -> Trial:
    model = _made(
        "Wav2Vec2", WIDTHS, "AutoModelForAudioClassification", num_labels=LABELS,
        conv_dim=(8, 8), conv_stride=(5, 2), conv_kernel=(10, 3), num_feat_extract_layers=2,
        num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2, classifier_proj_size=8,
        mask_time_prob=0.0, apply_spec_augment=False,
    )  # fmt: skip
    y = torch.randint(0, LABELS, (ROWS,))
    return Trial(model, torch.randn(ROWS, 400), y, nn.CrossEntropyLoss())
