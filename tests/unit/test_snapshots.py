"""What the rules make of our own crash texts stays as it is written down, or the change is looked at."""

from tests.snapshots import record


def test_names_keys_and_groups_are_as_written_down() -> None:
    changed = record.difference(record.EXPECTED.read_text(encoding="utf-8"), record.now())
    assert not changed, f"look at it, then `uv run python -m tests.snapshots` takes it over:\n{changed}"


def test_a_changed_rule_shows_as_a_difference_with_its_crash() -> None:
    before = record.EXPECTED.read_text(encoding="utf-8")
    changed = record.difference(before, before.replace("signature:   Winch::pull", "signature:   Winch"))
    assert ["-  signature:   Winch::pull", "+  signature:   Winch"] == [
        line for line in changed.splitlines() if line.startswith(("-  ", "+  "))
    ]
    assert " gdb-other-place-same-callers" in changed.splitlines()
