def verdicts(*a): return []
