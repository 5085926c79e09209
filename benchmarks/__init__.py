"""What measures Defib. No part of the package reads anything here.

    kernels         single kernels in nanoseconds, a Swift package of its own    make microbench
    replay          a replay with all vitals beside PyTorch                      make bench
    diagnosis       what the diagnosis says of real faults and sound models      make scoreboard
    fuzz            inputs that coverage leads, a Swift package of its own       make fuzz SECONDS=9
    instructions    instruction counts of small workloads, held by the tests     make counts

The Python ones run from the root of the repository: `python -m benchmarks.replay --help`.
"""
