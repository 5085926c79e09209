"""The lines of the user's code that call a layer."""

from __future__ import annotations

import os
import re
import sys

import torch
from torch import fx

#: The mark of a node with the line that made it, as `models/net.py:12`.
SOURCE = "defib_source"

_TORCH = os.path.dirname(torch.__file__) + os.sep
_DEFIB = os.path.dirname(os.path.dirname(os.path.dirname(__file__))) + os.sep
_FRAME = re.compile(r'^\s*File "(.+)", line (\d+)', re.MULTILINE)


def here() -> str | None:
    """Return the innermost line of the call that is neither PyTorch's nor Defib's own.

    None: Defib called the module itself, as it does the layers of a bare `nn.Sequential`.
    """
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        # The functions of fx that a graph was made of before have no file.
        if not file.startswith((_TORCH, "<")):
            if not file.startswith(_DEFIB):
                return _told(file, frame.f_lineno)
            if frame.f_code.co_name == "trace":
                return None
        frame = frame.f_back  # type: ignore[assignment]
    return None


def of(node: fx.Node) -> str | None:
    """Return the line that made a node, by its mark or by what torch.export keeps."""
    if SOURCE in node.meta:
        marked: str | None = node.meta[SOURCE]
        return marked
    for file, line in reversed(_FRAME.findall(node.meta.get("stack_trace") or "")):
        if not file.startswith((_TORCH, _DEFIB, "<")):
            return _told(file, int(line))
    return None


def _told(file: str, line: int) -> str | None:
    """Name a file from the folder that the script runs in, or from that of its package.

    None: it is in neither, and its path is nobody's business.
    """
    file = os.path.abspath(file)
    for folder in (os.getcwd(), *sorted(map(os.path.abspath, sys.path), key=len, reverse=True)):
        inside = folder if folder.endswith(os.sep) else folder + os.sep
        if file.startswith(inside):
            return f"{file[len(inside) :].replace(os.sep, '/')}:{line}"
    return None
