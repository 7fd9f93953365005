"""Measurements against the targets of the design: ``python -m tests.benchmarks [NAME...] [--json]``."""
