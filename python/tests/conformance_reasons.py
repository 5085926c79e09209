"""Why a test case of the onnx package is not met: case, or pattern of cases -> reason."""

_SMALL = "values are float32 inside; types of 8 bits and less are not rounded to"
_MASK = "the replayed Dropout drops nothing and has no mask"
_TEXTS = "tensors of texts"
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
    "test_reduce_max_empty_set_bool": "booleans are numbers inside: the largest of none is minus infinity",
}
