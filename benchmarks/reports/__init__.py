"""28 public reports of trainings that went wrong, and a control, each written anew as a script.

`python -m benchmarks.reports` trains and checks them, and prints how an accepted cause ranked. A
script trains the faulty and the repaired form as its author did, and checks three times: with all
that the author had (`full`), with little more than the model (`lazy`), and repaired (`fixed`).
`truth.json` says where a report comes from, what is wrong, which rules name it and what cures it.
These reports are seen: rules have been mended on them.
"""
