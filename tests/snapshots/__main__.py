"""``uv run python -m tests.snapshots``: write down what the rules say now, and print what changed."""

from deployments import console
from tests.snapshots import record


def main() -> None:
    """Print the difference and replace the expected text."""
    before = record.EXPECTED.read_text(encoding="utf-8") if record.EXPECTED.exists() else ""
    after = record.now()
    console.raw(record.difference(before, after) or "nothing changed")
    record.EXPECTED.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
