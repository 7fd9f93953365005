"""Source edits: what is refused, what is replaced, and that git takes the patch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core.edits import SourceEdit, apply, check_path, unified_diff
from tasks.core.errors import EditError

CONTENT = b"int a;\r\nint b; // \xe4\r\nint a;\r\n"


def edit(old: bytes, new: bytes, offset: int | None = None, path: str = "src/a.cpp") -> SourceEdit:
    return SourceEdit(path=path, old=old, new=new, offset=offset)


@pytest.mark.parametrize(
    ("edits", "words"),
    [
        pytest.param([edit(b"int c;", b"")], "does not occur", id="old text that is not there"),
        pytest.param([edit(b"int a;", b"")], "more than once", id="old text that is there twice, without an offset"),
        pytest.param([edit(b"", b"x")], "no old text", id="no old text"),
        pytest.param([edit(b"int b;", b"int b;")], "changes nothing", id="old equals new"),
        pytest.param([edit(b"int a;", b"x", 1)], "not at byte 1", id="an offset where the old text is not"),
        pytest.param([edit(b"int a;", b"x", -8)], "not at byte -8", id="a negative offset"),
        pytest.param([edit(b"int a;", b"x", 10**9)], "not at byte", id="an offset beyond the end"),
        pytest.param([edit(b"int b;", b"x"), edit(b"b; //", b"y")], "overlap", id="two edits that share bytes"),
        pytest.param([edit(b"int b;", b"x"), edit(b"int b;", b"x")], "overlap", id="the same edit twice"),
        pytest.param([edit(b"b", b"x"), edit(b"//", b"y", path="b.cpp")], "several files", id="edits of two files"),
    ],
)
def test_refuses(edits: list[SourceEdit], words: str) -> None:
    with pytest.raises(EditError, match=words):
        apply(CONTENT, edits)


def test_old_text_that_overlaps_itself_occurs_more_than_once() -> None:
    with pytest.raises(EditError, match="more than once"):
        apply(b"aaa", [edit(b"aa", b"b")])


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param([], CONTENT, id="no edits change nothing"),
        pytest.param([edit(b"b; // \xe4", b"c; // \xf6")], CONTENT.replace(b"b; // \xe4", b"c; // \xf6"), id="latin1"),
        pytest.param([edit(b"int a;", b"long a;", 21)], CONTENT[:21] + b"long a;\r\n", id="the place at the offset"),
        pytest.param(
            [edit(b"int a;", b"X", 21), edit(b"int a;", b"", 0), edit(b"b", b"YYY")],
            b"\r\nint YYY; // \xe4\r\nX\r\n",
            id="offsets of several edits count in the unedited file, in any order",
        ),
        pytest.param(
            [edit(b"int b", b"X"), edit(b"; //", b"Y")], CONTENT.replace(b"int b; //", b"XY"), id="neighbours"
        ),
    ],
)
def test_replaces(edits: list[SourceEdit], expected: bytes) -> None:
    assert expected == apply(CONTENT, edits)


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/passwd", "~/x", "../x", "a/../../x", "a/./b", "a//b", "a/", "a\\b", "C:/x", "c:x", "a\0b", "a\nb"),
        *(
            ".git/config",
            "a/.GIT/x",
            ".git ",
            ".git.",
            "GIT~1/x",
            "a/.g\u200cit/x",
            "con",
            "NUL.txt",
            "a/com1.cpp",
            "Aux .h",
        ),
        *("-rf", "a/-x", "a.", "a ", "a:stream", "a*", 'a"b', "a|b", "a<b", "\ud800", "x" * 256, "lpt¹"),
    ],
)
def test_refuses_the_path(path: str) -> None:
    with pytest.raises(EditError):
        check_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "a.cpp",
        "src/server/game/Server/WorldSession.cpp",
        "a b/c.h",
        ".gitignore",
        "console.h",
        "com.h",
        "größe.h",
        "..a",
    ],
)
def test_takes_the_path(path: str) -> None:
    check_path(path)


def test_a_refused_path_is_shown_without_its_control_characters() -> None:
    with pytest.raises(EditError) as caught:
        check_path("a\x1b[31m\u202eb")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(b"a\n", b"a\n", b"", id="no change gives no patch"),
        pytest.param(b"a\xe4\r\n", b"b\r\n", b"@@ -1,1 +1,1 @@\n-a\xe4\r\n+b\r\n", id="bytes and line ends are kept"),
        pytest.param(
            b"a\nb",
            b"a\nc",
            b"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n",
            id="a missing final newline stays missing",
        ),
        pytest.param(b"", b"a\n", b"@@ -0,0 +1,1 @@\n+a\n", id="an empty file is filled"),
        pytest.param(b"a\x0bb\x0c\n", b"c\n", b"@@ -1,1 +1,1 @@\n-a\x0bb\x0c\n+c\n", id="only a line feed ends a line"),
    ],
)
def test_the_patch(before: bytes, after: bytes, expected: bytes) -> None:
    assert expected == unified_diff("x.h", before, after).removeprefix(
        b"diff --git a/x.h b/x.h\n--- a/x.h\n+++ b/x.h\n"
    )


def test_two_distant_changes_are_two_hunks_with_three_lines_of_context() -> None:
    before = b"".join(b"%d\n" % number for number in range(1000))
    after = before.replace(b"\n100\n", b"\nX\n").replace(b"\n900\n", b"\n900\nY\n")
    heads = [line for line in unified_diff("x.h", before, after).split(b"\n") if line.startswith(b"@@")]
    expected = [b"@@ -98,7 +98,7 @@", b"@@ -899,6 +899,7 @@"]
    assert expected == heads


def test_a_name_with_spaces_ends_with_a_tab_as_git_writes_it() -> None:
    assert b"--- a/a b.h\t\n+++ b/a b.h\t\n" in unified_diff("a b.h", b"a", b"b")


def patched(before: bytes, patch: bytes) -> bytes:
    """What a program that applies the patch line by line makes of ``before``, checking every context line."""
    old = before.split(b"\n")
    new: list[bytes] = []
    position = 0
    for line in patch.split(b"\n")[3:-1]:
        mark, text = line[:1], line[1:]
        if mark == b"@":
            start, count = (int(number) for number in line.split(b" ")[1][1:].split(b","))
            kept = old[position : start - (count > 0)]
            new, position = new + kept, position + len(kept)
        else:
            if mark in b" -":
                assert old[position] == text
                position += 1
            if mark in b" +":
                new.append(text)
    return b"\n".join(new + old[position:])


LINES = st.lists(st.sampled_from([b"a", b"b", b"\r", b"\xe4", b""]), max_size=30)


@given(before=LINES, after=LINES)
def test_a_patch_applied_to_the_old_text_gives_the_new_one(before: list[bytes], after: list[bytes]) -> None:
    old, new = (b"".join(line + b"\n" for line in lines) for lines in (before, after))
    patch = unified_diff("x.h", old, new)
    assert new == (patched(old, patch) if patch else old)
