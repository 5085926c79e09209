"""Why a test case of the onnx package is not met: case, or pattern of cases -> reason."""

_SMALL = "values are float32 inside; types of 8 bits and less are not rounded to"
_MASK = "the replayed Dropout drops nothing and has no mask"
_TEXTS = "tensors of texts"
_CACHE = "a cache of past keys and values belongs to generation, and has no place in a replay"
_WINDOW = "windows of attention came after opset 23"
_SCORES = "the scores of an Attention are no output of the replay"
_BFLOAT = "values are float32 inside; the case rounds every step to its 16 bits"
_SEQUENCES = "sequences and optional values are no arrays"

REASONS: dict[str, str] = {
    "test_cast_*_to_FLOAT4E2M1": _SMALL,
    "test_cast_*_to_FLOAT8*": _SMALL,
    "test_cast_*_to_INT[24]": _SMALL,
    "test_cast_*_to_UINT[24]": _SMALL,
    "test_castlike_*_to_FLOAT4E2M1_expanded": _SMALL,
    "test_castlike_*_to_FLOAT8*_expanded": _SMALL,
    "test_castlike_*_to_INT[24]_expanded": _SMALL,
    "test_castlike_*_to_UINT[24]_expanded": _SMALL,
    "test_dropout_default_mask*": _MASK,
    "test_training_dropout*_mask": _MASK,
    "test_training_dropout": "a dropout in training draws a random mask; the replay drops nothing",
    "test_training_dropout_default": "a dropout in training draws a random mask; the replay drops "
    "nothing",
    "test_equal_string*": _TEXTS,
    "test_identity_opt": _SEQUENCES,
    "test_identity_sequence": _SEQUENCES,
    "test_reduce_max_empty_set_bool": "booleans are numbers inside: of none, the largest is -inf",
    **dict.fromkeys(
        (
            "test_attention_3d_causal_bf16",
            "test_attention_4d_attn_mask_causal_bf16",
            "test_attention_4d_causal_bf16",
        ),
        _BFLOAT,
    ),
    **dict.fromkeys(
        (
            "test_attention_3d_diff_heads_with_past_and_present",
            "test_attention_3d_gqa_with_past_and_present",
            "test_attention_3d_with_past_and_present",
            "test_attention_3d_with_past_and_present_qk_matmul",
            "test_attention_3d_with_past_and_present_qk_matmul_bias",
            "test_attention_3d_with_past_and_present_qk_matmul_softcap",
            "test_attention_3d_with_past_and_present_qk_matmul_softmax",
            "test_attention_4d_causal_nonpad_attn_mask_composition",
            "test_attention_4d_causal_nonpad_batch_prefill",
            "test_attention_4d_causal_nonpad_continued_prefill",
            "test_attention_4d_causal_nonpad_negative_offset_structural_empty",
            "test_attention_4d_causal_padded_kv_bf16",
            "test_attention_4d_causal_with_past_and_present",
            "test_attention_4d_diff_heads_mask4d_padded_kv",
            "test_attention_4d_diff_heads_with_past_and_present",
            "test_attention_4d_diff_heads_with_past_and_present_mask3d",
            "test_attention_4d_diff_heads_with_past_and_present_mask4d",
            "test_attention_4d_gqa_causal_nonpad_decode",
            "test_attention_4d_gqa_causal_nonpad_decode_fp16",
            "test_attention_4d_gqa_with_past_and_present",
            "test_attention_4d_gqa_with_past_and_present_fp16",
            "test_attention_4d_padded_kv_bf16",
            "test_attention_4d_with_past_and_present",
            "test_attention_4d_with_past_and_present_qk_matmul",
            "test_attention_4d_with_past_and_present_qk_matmul_bias",
            "test_attention_4d_with_past_and_present_qk_matmul_bias_3d_mask",
            "test_attention_4d_with_past_and_present_qk_matmul_bias_3d_mask_causal",
            "test_attention_4d_with_past_and_present_qk_matmul_bias_4d_mask",
            "test_attention_4d_with_past_and_present_qk_matmul_bias_4d_mask_causal",
            "test_attention_local_window_with_past",
        ),
        _CACHE,
    ),
    **dict.fromkeys(
        (
            "test_attention_23_fullymasked_qk_matmul_output_mode3_zero",
            "test_attention_24_fullymasked_qk_matmul_output_mode3_zero",
            "test_attention_24_qk_matmul_output_mode3_softmax_precision",
            "test_attention_4d_with_qk_matmul",
            "test_attention_4d_with_qk_matmul_bias",
            "test_attention_4d_with_qk_matmul_softcap",
            "test_attention_4d_with_qk_matmul_softmax",
        ),
        _SCORES,
    ),
    **dict.fromkeys(
        (
            "test_attention_3d_local_window",
            "test_attention_bidirectional_window",
            "test_attention_local_window",
            "test_attention_local_window_ext_cache_float16_mask",
            "test_attention_local_window_ext_cache_rank2_mask",
            "test_attention_local_window_ext_cache_rank3_head_mask",
            "test_attention_local_window_ext_cache_rank4_batch_mask",
            "test_attention_local_window_gqa_rank4_mask",
            "test_attention_local_window_rank1_boolean_mask",
        ),
        _WINDOW,
    ),
    "test_attention_*_bf16_expanded": _BFLOAT,
    "test_attention_4d_causal_fp16_expanded": _BFLOAT,
}
