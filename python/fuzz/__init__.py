"""Runs that were damaged on purpose, and a watch on what the engine makes of them.

    python -m fuzz --cases 5000 --seed 1        (`make fuzz CASES=5000`)

Small valid runs are changed in their structure: nodes, attributes, shapes, data, settings. Each
must end in a report or in a DefibError, within a budget of time and of memory, and must never take
the process down. A seed and a number name a case, the same everywhere.
"""
