"""Quality tables on real crash texts: ``python -m tests.conformance [parse|group|patterns] [--json]``."""
