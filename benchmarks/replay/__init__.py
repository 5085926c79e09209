"""What a replay with all vitals costs, beside what one would do in PyTorch instead.

    python -m benchmarks.replay     print the tables (`make bench`)

The same weights and the same batches go through Defib, through PyTorch's plain forward and backward
pass, and through PyTorch with hooks that collect the same statistics; docs/performance.md says how
and shows the figures. Nothing of Defib reads this package.
"""
