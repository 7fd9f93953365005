"""Many expressions at once answer as each of them alone would."""

import re2
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.expression_index import ExpressionIndex
from tasks.core.patterns import compile_expression

PIECES = st.sampled_from(
    [
        "a",
        "b",
        "::",
        "^",
        "$",
        "\\b",
        ".",
        ".*",
        "\\w+",
        "(a|b)",
        "[^a]",
        "(?i)B",
        "\\.cpp:",
        "\\d+",
        "x?",
        "~",
        "ü",
        "\\s",
    ]
)
EXPRESSIONS = st.lists(st.lists(PIECES, max_size=5).map("".join), max_size=12)
TEXTS = st.lists(st.text(alphabet="abBx:~.cp12 \nü", max_size=12), max_size=4)


def is_valid(expression: str) -> bool:
    try:
        compile_expression(expression)
    except re2.error:
        return False
    return True


@given(expressions=EXPRESSIONS, texts=TEXTS)
def test_the_index_finds_what_a_search_of_each_finds(expressions: list[str], texts: list[str]) -> None:
    valid = [each for each in expressions if is_valid(each)]
    alone = [
        number
        for number, each in enumerate(valid)
        if any(compile_expression(each).search(text) is not None for text in texts)
    ]
    assert alone == ExpressionIndex(valid).search(texts)


def test_an_empty_index_finds_nothing() -> None:
    assert [] == ExpressionIndex([]).search(["a"])


def test_expressions_that_are_too_large_together_are_searched_one_by_one() -> None:
    """A set that does not fit into its memory says so by finding nothing at all."""
    expressions = [f"(a|b|c|d|e){{1,900}}x{number}[a-z]{{900}}" for number in range(40)] + ["needle"]
    assert [40] == ExpressionIndex(expressions).search(["hay needle hay" * 20])
