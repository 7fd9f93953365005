"""The conversation with an analyst as a person reads it."""

from decimal import Decimal

from tasks.core import trajectory
from tasks.core.trajectory import Message

MESSAGES = (
    Message(kind="question", content=[{"type": "text", "text": "Why? token=abcdef0123456789 ```"}]),
    Message(
        kind="reply",
        content=[{"type": "text", "text": "I look."}, {"type": "tool_use", "name": "grep", "input": {"pattern": "x"}}],
        tokens=120,
        cost_usd=Decimal("0.0125"),
        seconds=2.5,
    ),
    Message(kind="results", content=[{"type": "tool_result", "content": [{"type": "text", "text": "a.cpp:1: x"}]}]),
    Message(kind="reply", content="{}", tokens=30, cost_usd=Decimal("0.0025"), seconds=1),
)


def test_a_conversation_is_told_with_its_calls_and_its_cost() -> None:
    text = trajectory.render("Fix 7", MESSAGES)
    assert "2 replies, 150 tokens, 4 s, $0.0150." in text
    assert 'grep {"pattern": "x"}' in text
    assert "a.cpp:1: x" in text
    assert "## 2. the analyst (120 tokens, 2.5 s)" in text
    assert "abcdef0123456789" not in text
    assert "````\nWhy?" in text


def test_without_prices_no_sum_is_invented() -> None:
    assert "prices that are not configured" in str(trajectory.cost_of([Message(kind="reply", content="", tokens=3)]))


def test_a_long_conversation_is_cut_with_a_word() -> None:
    assert "And 5 more" in trajectory.render("x", [Message(kind="question", content="y")] * 65)
