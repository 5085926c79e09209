"""Recorders that watch a training and export it at its end, one module per framework."""
