"""Facts about the lines of a text that is read in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.parsers import text_lines

LIMIT = 64


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(b"", [], id="an empty text has none"),
        pytest.param(b"a\nb\n", ["a", "b"], id="the last line feed begins no line"),
        pytest.param(b"a\n\nb", ["a", "", "b"], id="an empty line is one"),
        pytest.param(b"a\r\nb\r\r\nc\rd\r", ["a", "b", "c\rd"], id="carriage returns go where they end a line"),
        pytest.param("ü\n".encode() + b"\xfc\n", ["ü", "ü"], id="each line has its own encoding"),
        pytest.param(b"x" * 65 + b"\ny", ["x" * 64, "y"], id="a line is cut behind the limit"),
        pytest.param(b"x" * 100_000 + b"\ny\n", ["x" * 64, "y"], id="a line may be longer than a piece"),
    ],
)
def test_lines_come_without_their_ends(content: bytes, lines: list[str]) -> None:
    assert lines == list(text_lines.split(content, LIMIT))


@given(st.lists(st.integers(0, 3 * LIMIT), max_size=40), st.integers(0, 2))
def test_where_a_long_line_stands_changes_no_other(lengths: list[int], scale: int) -> None:
    lines = ["x" * (length * 50**scale) for length in lengths]
    content = "".join(line + "\n" for line in lines).encode()
    assert [line[:LIMIT] for line in lines] == list(text_lines.split(content, LIMIT))


@given(st.lists(st.text("aé\r ", max_size=90), max_size=30))
def test_pieces_are_whole_lines(lines: list[str]) -> None:
    content = "".join(line + "\n" for line in lines).encode()
    pieces = list(text_lines.pieces(content, LIMIT))
    assert list(text_lines.split(content, LIMIT)) == [line for piece in pieces for line in piece.split("\n")]
    assert len(lines) == len(list(text_lines.split(content, LIMIT)))
