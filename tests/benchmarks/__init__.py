"""Benchmarks: ratios to a limit and to peers, measured in the same interleaved run. `python -m tests.benchmarks -h`."""
