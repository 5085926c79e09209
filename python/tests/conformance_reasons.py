"""Why a test case of the onnx package is not met: case, or pattern of cases -> reason."""

REASONS: dict[str, str] = {}
