"""Instruction counts of small workloads, compared with what is stored.

    python -m benchmarks.instructions           fails when a workload takes over 10 % more
    python -m benchmarks.instructions --store   stores what was counted, in counts.json

A count does not depend on how busy the machine is, so it can be held where a time cannot. Only the
instructions in Defib's own executable are counted, the Swift runtime in it included: oneDNN and
glibc choose their code by the processor. valgrind knows no AVX-512, so an executable for haswell is
counted: the ordinary build where DEFIB_CPU=haswell asks for that, as .ci/run does, and a separate
one in .build-counts elsewhere. callgrind's output stays there:

    callgrind_annotate .build-counts/check.out
"""
