"""A long run of made-up calls against the three contracts: `python -m tests.soak`, or `make soak`."""
