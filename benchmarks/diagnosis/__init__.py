"""Real faults and sound models, built in PyTorch and scikit-learn, and what Defib says of them.

    python -m benchmarks.diagnosis  print the board (`make scoreboard`)

Cases are data (cases/*.json): generator, layers, loss, optimizer, the accepted cause and the
repair. Loops (loops/) are small functions, because their faults are in what the scripts do. Nothing
of Defib reads any of them but this package.
"""
